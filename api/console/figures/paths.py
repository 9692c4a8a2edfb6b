"""The figures of what came before leaving at a step, as Trace shows them."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any, Final

from api.console.desk import Desk
from api.console.figures.named import Named, NoFigure, of_persona, read
from api.console.linking import url_if
from api.schemas.paths import JourneyPathUsersAsked, read_behind
from dsl.nodes import Journey
from engine import paths as backward
from engine.analyst import UsersBehind
from engine.analytics.contrast import Contrast
from engine.analytics.conversion import Who
from engine.analytics.funnels import Order
from engine.analytics.paths import EVENT
from engine.analytics.paths_asked import PathsAsked
from engine.stages import step_labels

_ASKED: Final = ("event", "kind", "order", "others")


class Traced(StrEnum):
    """What `traced` of an address says: all of a group, who met something, who went a chain, who has ever gone one."""

    ALL = "all"
    MET = "met"
    CHAIN = "chain"
    EVER = "ever"


class PathLinks:
    """The addresses of the users behind each figure of Trace; None for who may not see users. at: the step."""

    def __init__(self, desk: Desk, journey: str, at: str) -> None:
        self._desk = desk
        self._place = {"journey": journey, "step": at, "condition": None}

    def all(self, *, others: bool = False) -> str | None:
        """Who left before the step, or went on to it."""
        return self._to(Traced.ALL, others=others)

    def met(self, found: Contrast, *, others: bool = False) -> str | None:
        """Who met an event, a page or a sign of friction in the last steps."""
        return self._to(Traced.MET, others=others, event=found.name, kind=found.kind)

    def chain(self, first: str, then: str, *, order: str | None = None, others: bool = False) -> str | None:
        """Who did one event after another in the last steps."""
        return self._to(Traced.CHAIN, others=others, order=order, **_chain(first, then))

    def ever(self, first: str, then: str, *, order: str | None = None) -> str | None:
        """Who has ever done one event after another."""
        return self._to(Traced.EVER, order=order, **_chain(first, then))

    def _to(self, traced: Traced, *, others: bool = False, **asked: Any) -> str | None:
        return url_if(self._desk, "users", **self._place, traced=traced, others="true" if others else None, **asked)


def paths_asked(desk: Desk, journey: Journey) -> PathsAsked:
    """What Trace asks of a journey."""
    return PathsAsked(
        journey=journey.name.text,
        at=desk.step,
        where=desk.persona_where,
        everyone=desk.everyone,
        with_simulated=desk.with_simulated,
    )


def named(desk: Desk, journey: Journey) -> Named | None:
    """Whom the address names by a figure of Trace; None where it names none of these. Raises NoFigure, BadChain."""
    traced = desk.said.get("traced")
    if not traced:
        return None
    chain = [desk.said[name] for name in ("from", "to") if desk.said.get(name)]
    said = {name: desk.said[name] for name in _ASKED if desk.said.get(name)}
    query = read(JourneyPathUsersAsked, {**said, "chain": chain})
    who = read_behind(query)
    labels = step_labels(journey)
    at = desk.said.get("step", "")
    if at not in labels:
        raise NoFigure(f"“{at}” is no step of the journey")
    asked, group = paths_asked(desk, journey), _group(labels[at], others=who.others)
    gone = who.gone
    if traced == Traced.EVER and gone is not None:
        return _ever(desk, asked, gone)
    if traced == Traced.ALL:
        who, told = backward.Behind(others=who.others), group
    elif traced == Traced.MET and who.event is not None:
        told = f"{group}, and met {met_in_words(who.event, who.kind)} in the last steps before"
        who = replace(who, gone=None)
    elif traced == Traced.CHAIN and gone is not None:
        who = backward.Behind(gone=gone, others=who.others)
        told = f"{group}, and did {_in_order(gone)} in the last steps before"
    else:
        raise NoFigure("the address does not say of what")

    def ask(after: str, limit: int) -> UsersBehind:
        return backward.users_on_paths(desk.analyst, desk.project.id, asked, who, desk.rules, after=after, limit=limit)

    return Named(told + of_persona(desk), "trace", ask)


def met_in_words(name: str, kind: str | None) -> str:
    """What was met: an event by its name, a sign of friction or a page with what it is."""
    return f"“{name}”" if kind in (EVENT, None) else f"{kind} {name.replace('_', ' ')}"


def _ever(desk: Desk, asked: PathsAsked, gone: backward.ChainAsked) -> Named:
    funnel, last = backward.ever_asked(asked, gone), Who(len(gone.names) - 1)

    def ask(after: str, limit: int) -> UsersBehind:
        return desk.analyst.users_behind(desk.project.id, funnel, last, desk.rules, after=after, limit=limit)

    return Named(f"Have ever done {_in_order(gone)}{of_persona(desk)}", "trace", ask)


def _chain(first: str, then: str) -> dict[str, Any]:
    """As the address of Trace says it."""
    return {"from": first, "to": then}


def _group(step: str, *, others: bool) -> str:
    return f"Went on to “{step}”" if others else f"Left before “{step}”"


def _in_order(gone: backward.ChainAsked) -> str:
    between = " and right after it " if gone.order is Order.DIRECTLY else " and later "
    return between.join(f"“{name}”" for name in gone.names)
