"""Which map the address of the page asks for, and what it may be compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.console.desk import Desk
from api.console.drawing import sentence
from api.planning import cartographer
from dsl.values import Instant, format_instant
from engine.errors import WaypostError
from engine.mapping.cartographer import MapAsked
from engine.mapping.comparing import ALL_OF_THEM, MapComparison, read_against
from engine.mapping.model import JourneyMap
from engine.mapping.snapshots import Snapshot
from engine.roadmap.evidence import EVERYONE, Period
from engine.roadmap.timeboxes import BadTimebox, month_of, quarter_of, read_timebox

MONTHS: Final = 6
QUARTERS: Final = 4
"""How many of those that are over are offered."""
MOST_SNAPSHOTS: Final = 24


@dataclass(frozen=True, slots=True)
class Shown:
    """The map that is looked at. beside: with what it is compared. trouble: why something that was asked for is not."""

    map: JourneyMap
    beside: MapComparison | None
    snapshots: list[Snapshot]
    period: str
    trouble: str | None = None


def shown(desk: Desk, journey: str) -> Shown:
    """The map of the address. What the address asks for and does not exist is told, and left out."""
    maps, project = cartographer(), desk.project.id
    listed = maps.snapshots(project, desk.rules, journey, limit=MOST_SNAPSHOTS)
    usual = MapAsked(journey, desk.persona or EVERYONE, None, desk.whose)
    trouble, text = None, desk.said.get("period", "")
    try:
        asked = map_asked(desk, journey)
    except BadTimebox as error:
        asked, text, trouble = usual, "", sentence(error)
    number = desk.number("snapshot")
    try:
        if number is not None:
            return Shown(maps.snapshot(project, journey, number), None, listed, text, trouble)
        if desk.said.get("compare"):
            found = maps.compared(project, desk.rules, asked, read_against(desk.said["compare"]))
            return Shown(found.map, found, listed, text, trouble)
        return Shown(maps.map(project, desk.rules, asked), None, listed, text, trouble)
    except WaypostError as error:
        trouble = sentence(error)
    return Shown(maps.map(project, desk.rules, usual), None, listed, "", trouble)


def map_asked(desk: Desk, journey: str) -> MapAsked:
    """The map as it is now that the address asks for. Raises BadTimebox."""
    text = desk.said.get("period")
    box = read_timebox(text) if text else None
    period = None if box is None else Period(box.begin, box.end)
    return MapAsked(journey, desk.persona or EVERYONE, period, desk.whose)


def periods(now: Instant) -> dict[str, str]:
    """The periods that are offered, the usual one first."""
    found = {"": "the last weeks"}
    for box, many in ((month_of(now), MONTHS), (quarter_of(now), QUARTERS)):
        each = box
        for _ in range(many):
            found[str(each)] = str(each)
            each = each.previous
    return found


def comparisons(desk: Desk, snapshots: list[Snapshot]) -> dict[str, dict[str, str]]:
    """With what a map may be compared, by kind."""
    own = periods(desk.rules.now)
    people = {f"persona:{name}": label for name, label in desk.personas.items() if name != desk.persona}
    if desk.persona:
        people[f"persona:{ALL_OF_THEM}"] = "everyone"
    kept = {f"snapshot:{each.id}": snapshot_name(each, desk.personas.get(each.draft.persona, "")) for each in snapshots}
    told = {name: label for name, label in own.items() if name and name != desk.said.get("period")}
    return {kind: found for kind, found in (("Period", told), ("Persona", people), ("Snapshot", kept)) if found}


def snapshot_name(snapshot: Snapshot, persona: str) -> str:
    """A snapshot in a few words."""
    day = format_instant(snapshot.taken)[:10]
    name = snapshot.draft.quarter or snapshot.draft.note[:40] or f"{snapshot.id}, taken {day}"
    return f"{name} ({persona})" if persona else name
