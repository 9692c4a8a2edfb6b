"""Which values an attribute has, where these are few and many users share each: for writing rules, never of one user.

Read from some of the users (`engine.storage.shares`), so that it costs the same whatever the number of users.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy.engine import Connection

from dsl.values import JsonValue
from engine.state import UserState
from engine.storage import accounts, shares, states

MOST_VALUES: Final = 12
"""An attribute with more values is a name, an address or a measure: none of them is shown."""
LONGEST: Final = 60
FEWEST: Final = 3
"""Users, or accounts, with a value, below which it might give one away."""

Values = Mapping[str, tuple[tuple[str, int], ...]]
"""By attribute its values, each with how many of those looked at have it, the most frequent first."""


def values_of(connection: Connection, project_id: int) -> tuple[Values, Values]:
    """The values of the attributes of users and of accounts."""
    people = shares.some_people(connection, project_id)
    known = [state for state in states.load(connection, people).values() if state.revision != states.STALE]
    folded = [UserState.from_json(each.state) for each in known]
    names = {state.account_id for state in folded if state.account_id is not None}
    told = accounts.load(connection, project_id, names)
    return few(each.traits for each in folded), few(each.traits for each in told.values())


def few(traits: Iterable[Mapping[str, JsonValue]]) -> Values:
    """The values of the attributes that have few."""
    counted: dict[str, Counter[str]] = {}
    for each in traits:
        for name, value in each.items():
            text = said(value)
            if text is not None:
                counted.setdefault(name, Counter())[text] += 1
    return {
        name: tuple(found.most_common())
        for name, found in counted.items()
        if len(found) <= MOST_VALUES and min(found.values()) >= FEWEST and all(len(each) <= LONGEST for each in found)
    }


def said(value: JsonValue) -> str | None:
    """A value as a rule writes it; None for those that are no single value."""
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"{value:g}"
        case str() if value.strip():
            return value
        case _:
            return None
