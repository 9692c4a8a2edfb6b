"""How many of the users have each attribute: measured on some of them, spread over the whole project.

What it costs does not grow with the number of users: the states of a thousand are read, found by their numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.catalog import Seen
from dsl.values import JsonValue
from engine.state import UserState
from engine.storage import accounts, states, tables

SAMPLE: Final = 1_000
"""How many users are looked at."""
FEWEST: Final = 20
"""With fewer users than this a share says nothing."""

_PLACES: Final = 40
"""At how many places among the numbers of a project's people users are taken."""
_READ_AT_ONCE: Final = 500
"""People read at one place: enough to find users among many visitors."""
_PERSON = tables.table(tables.Person)


def with_shares(connection: Connection, project_id: int, seen: Seen) -> Seen:
    """What live data has shown, with how many users have each attribute; as it was where there are too few users.

    Users are people with a user id; where a project has only visitors, these. Simulated people count where there are
    no others.
    """
    people = some_people(connection, project_id)
    known = [state for state in states.load(connection, people).values() if state.revision != states.STALE]
    folded = [UserState.from_json(each.state) for each in known]
    if len(folded) < FEWEST:
        return seen
    told = accounts.load(connection, project_id, {each.account_id for each in folded if each.account_id is not None})
    of_accounts = {name: _set_names(account.traits) for name, account in told.items()}
    own = Counter(name for each in folded for name in _set_names(each.traits))
    shared = Counter(name for each in folded for name in of_accounts.get(each.account_id or "", ()))
    return replace(
        seen,
        shares={name: number / len(folded) for name, number in sorted(own.items())},
        account_shares={name: number / len(folded) for name, number in sorted(shared.items())},
        users=len(folded),
    )


def _set_names(traits: Mapping[str, JsonValue]) -> list[str]:
    """The names of the traits that are set; a blank text is not."""
    return [name for name, value in traits.items() if not (isinstance(value, str) and not value.strip())]


def some_people(connection: Connection, project_id: int) -> Sequence[int]:
    """The numbers of some users, evenly spread."""
    own = _PERSON.c.project_id == project_id
    first, last = connection.execute(sa.select(sa.func.min(_PERSON.c.id), sa.func.max(_PERSON.c.id)).where(own)).one()
    if first is None:
        return []
    columns = sa.select(_PERSON.c.id, _PERSON.c.user_id, _PERSON.c.simulated, _PERSON.c.merged_into)
    found: dict[int, tuple[bool, bool]] = {}
    for place in range(_PLACES):
        start = first + (last - first + 1) * place // _PLACES
        statement = columns.where(own, _PERSON.c.id >= start).order_by(_PERSON.c.id).limit(_READ_AT_ONCE)
        for row in connection.execute(statement):
            if row.merged_into is None:
                found[row.id] = (row.user_id is not None, bool(row.simulated))
    users = [number for number, (is_user, _) in found.items() if is_user] or list(found)
    real = [number for number in users if not found[number][1]] or users
    step = max(1, -(-len(real) // SAMPLE))
    return sorted(real)[::step]
