"""Reading the clauses of a guide by their type."""

from __future__ import annotations

from typing import Final, TypeVar

from dsl.nodes import Guide, OnEvent, OnPage, OnSessionStart, PlaceRef
from dsl.nodes.guides import At, Clause

Wanted = TypeVar("Wanted", bound=Clause)

PAGE_EVENT: Final = "$page"
SESSION_START_EVENT: Final = "$session_start"

DEFAULT_PRIORITY: Final = 50
MOST_PRIORITY: Final = 100
DEFAULT_HOLDOUT: Final = 10
"""Percent held out of a guide with `at` or `goal` that says nothing of it; of others, and of surveys, nobody is."""


def one(guide: Guide, kind: type[Wanted]) -> Wanted | None:
    """The clause of that type, or None; of several, the first."""
    for clause in guide.clauses:
        if isinstance(clause, kind):
            return clause
    return None


def every(guide: Guide, kind: type[Wanted]) -> tuple[Wanted, ...]:
    """All clauses of that type, in the order of the text."""
    return tuple(clause for clause in guide.clauses if isinstance(clause, kind))


def triggers(guide: Guide) -> tuple[OnEvent | OnPage | OnSessionStart, ...]:
    """The `on` clauses. Without one the guide is a state rule, decided at every request."""
    return tuple(clause for clause in guide.clauses if isinstance(clause, OnEvent | OnPage | OnSessionStart))


def trigger_events(guide: Guide) -> tuple[str, ...]:
    """The names of the events that wake the guide, each once: what `event.PROP` in its conditions speaks of."""
    names = [
        clause.event.name.value
        if isinstance(clause, OnEvent)
        else PAGE_EVENT
        if isinstance(clause, OnPage)
        else SESSION_START_EVENT
        for clause in triggers(guide)
    ]
    return tuple(dict.fromkeys(names))


def places(guide: Guide) -> tuple[PlaceRef, ...]:
    """The steps and stages of the `at` clause; () without one."""
    at = one(guide, At)
    return at.places if at is not None else ()
