"""The figures of a journey's funnel, as Find shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.console.desk import Desk
from api.console.figures.named import Named, read
from api.console.linking import url_if
from api.schemas.funnels import ANY_MANNER, BehindSchema, read_who
from dsl.nodes import Journey
from engine.analyst import UsersBehind
from engine.analytics.asked import FunnelAsked
from engine.analytics.conversion import Who
from engine.analytics.designs import Walked
from engine.analytics.funnel_answer import Manner, RealPath
from engine.analytics.groups import UNSET_GROUP
from engine.stages import step_labels

NO_PERSONA: Final = "In no persona"
MANNERS: Final[Mapping[Manner, str]] = {
    Manner.DESIGNED: "As designed",
    Manner.SKIPPED: "Skipped a step",
    Manner.OUT_OF_ORDER: "Out of order",
}
"""What the manners of a design are called."""
_ASKED: Final = ("at", "dropped", "group", "manner", "path", "completed")


class FunnelLinks:
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


def named(desk: Desk, journey: Journey) -> Named | None:
    """Whom the address names by a figure of Find; None where it names none of these. Raises NoFigure."""
    said = {name: desk.said[name] for name in _ASKED if desk.said.get(name)}
    if not said.keys() & {"at", "manner", "path"}:
        return None
    query = read(BehindSchema, {**said, **({"path": said["path"].split(",")} if "path" in said else {})})
    who = read_who(query)
    asked = FunnelAsked(
        journey=journey.name.text,
        breakdown="persona" if query["group"] is not None else None,
        everyone=desk.everyone,
        with_simulated=desk.with_simulated,
    )

    def ask(after: str, limit: int) -> UsersBehind:
        return desk.analyst.users_behind(desk.project.id, asked, who, desk.rules, after=after, limit=limit)

    return Named(_told(desk, journey, who), "find", ask)


def walked_in_words(walked: Walked, labels: list[str]) -> str:
    """Who went through the steps in a way. labels: of the steps."""
    if walked.path is not None:
        steps = (labels[number] if number < len(labels) else str(number + 1) for number in walked.path)
        return "Each step when it was first done: " + " → ".join(f"“{label}”" for label in steps)
    manner = "Did any of the steps" if walked.manner is None else MANNERS[walked.manner]
    return f"{manner}, and came to “{labels[-1]}”" if walked.completed else manner


def _told(desk: Desk, journey: Journey, who: Who | Walked) -> str:
    labels = list(step_labels(journey).values())
    if isinstance(who, Walked):
        return walked_in_words(who, labels)
    step = labels[who.step] if who.step < len(labels) else str(who.step + 1)
    return f"Came to “{step}”{' and no further' if who.dropped else ''}{_group(desk, who.group)}"


def _group(desk: Desk, group: str | None) -> str:
    if group is None:
        return ""
    return ", in no persona" if group == UNSET_GROUP else f", of “{desk.personas.get(group, group)}”"
