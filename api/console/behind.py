"""Who is behind a figure of a journey's funnel, as Users lists them: every number on Find leads there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import marshmallow as ma
from flask import Response

from api import tables
from api.analyses import as_file
from api.console.desk import Desk
from api.console.linking import url_if
from api.schemas.funnels import ANY_MANNER, BehindSchema, read_who
from engine.analytics.asked import FunnelAsked
from engine.analytics.conversion import Who
from engine.analytics.designs import Walked
from engine.analytics.funnel_answer import Manner, RealPath
from engine.analytics.groups import UNSET_GROUP
from engine.analytics.tables import USER_COLUMNS, user_rows
from engine.errors import WaypostError
from engine.stages import step_labels

PER_PAGE: Final = 100
NO_PERSONA: Final = "In no persona"
MANNERS: Final[Mapping[Manner, str]] = {
    Manner.DESIGNED: "As designed",
    Manner.SKIPPED: "Skipped a step",
    Manner.OUT_OF_ORDER: "Out of order",
}
"""What the manners of a design are called."""
_ASKED: Final = ("at", "dropped", "group", "manner", "path", "completed", "after")
_SCHEMA: Final = BehindSchema()


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of the users behind a figure. told: of what. fault: why there is no such figure."""

    told: str
    users: tuple[str, ...] = ()
    next: str | None = None
    file: str | None = None
    first: str | None = None
    fault: str | None = None


class Links:
    """The addresses of the users behind each figure of a journey's funnel; None for who may not see users."""

    def __init__(self, desk: Desk, journey: str) -> None:
        self._desk = desk
        self._journey = journey

    def step(self, number: int, *, dropped: bool = False, group: str | None = None) -> str | None:
        """Who came to a step, by its number from 1, or came to it and no further. group: a persona."""
        return self._to(at=number, dropped="true" if dropped else None, group=group)

    def manner(self, manner: Manner | None, *, completed: bool = False) -> str | None:
        """Who went through the steps in a manner, or in any."""
        return self._to(manner=manner or ANY_MANNER, completed="true" if completed else None)

    def path(self, path: RealPath) -> str | None:
        """Who went exactly so."""
        return self._to(path=",".join(str(number + 1) for number in path.numbers))

    def _to(self, **asked: Any) -> str | None:
        return url_if(self._desk, "users", journey=self._journey, persona=None, step=None, **asked)


def behind(desk: Desk) -> Behind | Response | None:
    """The users behind the figure that the address names, or all of them as a file; None where it names none."""
    said = {name: desk.said[name] for name in _ASKED if desk.said.get(name)}
    if desk.journey is None or not said.keys() & {"at", "manner", "path"}:
        return None
    try:
        query = _SCHEMA.load({**said, **({"path": said["path"].split(",")} if "path" in said else {})})
    except ma.ValidationError as error:
        return Behind("", fault=f"There is no such figure: {_first(error.messages)}.")
    who = read_who(query)
    asked = FunnelAsked(
        journey=desk.journey.name.text,
        breakdown="persona" if query["group"] is not None else None,
        everyone=desk.everyone,
        with_simulated=desk.with_simulated,
    )
    wants_file = desk.said.get("format") == "csv"
    try:
        found = desk.analyst.users_behind(
            desk.project.id,
            asked,
            who,
            desk.rules,
            after="" if wants_file else query["after"],
            limit=tables.ALL if wants_file else PER_PAGE,
        )
    except WaypostError as error:
        return Behind("", fault=f"There is no such figure: {error}.")
    if wants_file:
        return as_file(user_rows(found.users), list(USER_COLUMNS), "csv", name="users")
    return Behind(
        told=_told(desk, who),
        users=found.users,
        next=None if found.next is None else desk.here(after=found.next),
        file=desk.here(format="csv", after=None),
        first=desk.here(after=None) if query["after"] else None,
    )


def _told(desk: Desk, who: Who | Walked) -> str:
    """Who they are, in words."""
    assert desk.journey is not None  # noqa: S101  (asked before)
    labels = list(step_labels(desk.journey).values())
    if isinstance(who, Who):
        further = " and no further" if who.dropped else ""
        return f"Came to “{labels[who.step]}”{further}{_group(desk, who.group)}"
    if who.path is not None:
        return "Each step when it was first done: " + " → ".join(f"“{labels[number]}”" for number in who.path)
    manner = "Did any of the steps" if who.manner is None else MANNERS[who.manner]
    return f"{manner}, and came to “{labels[-1]}”" if who.completed else manner


def _group(desk: Desk, group: str | None) -> str:
    if group is None:
        return ""
    return ", in no persona" if group == UNSET_GROUP else f", of “{desk.personas.get(group, group)}”"


def _first(messages: Any) -> str:
    """The first sentence of a refusal."""
    while not isinstance(messages, str):
        messages = next(iter(messages.values() if isinstance(messages, dict) else messages))
    return messages.rstrip(".")
