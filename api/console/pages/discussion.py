"""Comments: what is open across the project, each with the way to where it was said; the thread of one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response, render_template

from api.console.desk import Desk
from api.console.drawing import send
from api.console.linking import url_if
from api.console.registry import Group, Page
from api.talking import comments_desk, kinds_for
from engine.comments import BadComment, PlaceKind, Wanted, read_place
from engine.mapping.rows import ROWS, Row
from engine.permissions import Scope

AT_ONCE: Final = 50
LEVELS: Final = {"2": 2, "3": 3, "4": 4}
"""Of the heading of a thread, as the page says it that a thread is drawn into."""


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Comments shows; with `part`, the thread of one place for a page that has it already."""
    place = desk.said.get("place")
    if place is not None and "part" in desk.said:
        read_place(place)
        level = LEVELS.get(desk.said["part"], 2)
        return send(render_template("comments_thread.html", desk=desk, place=place, level=level))
    is_settled = desk.said.get("settled") == "1"
    wanted = Wanted(
        kinds_for(desk.caller),
        place=place if place is not None and _is_place(place) else None,
        resolved=is_settled,
        before=desk.number("before"),
        limit=AT_ONCE + 1,
    )
    found = comments_desk().listed(desk.project.id, wanted)
    listed = found[:AT_ONCE]
    return {
        "listed": [(each, where(desk, each.place), way(desk, each.place)) for each in listed],
        "is_settled": is_settled,
        "place": wanted.place,
        "older": desk.here(before=listed[-1].id) if len(found) > AT_ONCE else None,
    }


def where(desk: Desk, place: str) -> str:
    """A place in words."""
    kind, _, rest = place.partition(":")
    match read_place(place):
        case PlaceKind.DRAFT:
            return "The draft of the rules" + (f", {rest}" if rest else "")
        case PlaceKind.MAP:
            journey, persona, row, step = rest.split(":")
            label = ROWS[Row(row)].label if row in set(Row) else row
            parts = [f"“{label}”", f"at {step}" if step else "of the whole journey", f"on the map {journey}"]
            return " ".join(parts) + (f" of {desk.personas.get(persona, persona)}" if persona else "")
        case PlaceKind.RESPONSE:
            return f"An answer to {rest.partition('.')[0]}"
        case _:
            return f"{kind.capitalize()} {rest}"


def way(desk: Desk, place: str) -> str | None:
    """The address of the page where a place is; None where no page shows it that the reader may open."""
    _, _, rest = place.partition(":")
    kind = read_place(place)
    page, member = _PAGES.get(kind, ("", None))
    selection: dict[str, str] = {} if member is None else {member: rest}
    if kind is PlaceKind.MAP:
        journey, persona, row, step = rest.split(":")
        page, selection = "map", {"journey": journey, "persona": persona, "step": step, "row": row}
    elif kind is PlaceKind.PAGE:
        page = rest.partition(":")[0]
    return url_if(desk, page, **selection)


_PAGES: Final[Mapping[PlaceKind, tuple[str, str | None]]] = {
    PlaceKind.DRAFT: ("rules", None),
    PlaceKind.GUIDE: ("rules", "guide"),
    PlaceKind.ITEM: ("roadmap", "item"),
    PlaceKind.THEME: ("roadmap", "theme"),
    PlaceKind.OPPORTUNITY: ("opportunities", "opportunity"),
    PlaceKind.RESPONSE: ("responses", "answer"),
    PlaceKind.EVIDENCE: ("evidence", "evidence"),
    PlaceKind.ACCOUNT: ("health", "account"),
    PlaceKind.REVIEW: ("review", "quarter"),
    PlaceKind.KPI: ("kpis", "kpi"),
    PlaceKind.EXPERIMENT: ("experiments", "guide"),
}
"""The page of each kind of place, and the member of its address that names what was commented on."""


def _is_place(text: str) -> bool:
    try:
        read_place(text)
    except BadComment:
        return False
    return True


PAGE = Page("discussion", "comments", "Comments", "What is still open.", Group.PLAN, Scope.RECORDS_READ, view)
