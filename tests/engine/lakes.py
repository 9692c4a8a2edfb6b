"""Lakes of random histories, without a database: many people, some of whom turn out to be others, and many ties."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pyarrow as pa

from engine.storage.lake import Lake
from engine.storage.lake_rows import event_schema, people_schema

START = 1_767_225_600_000_000
"""2026-01-01, in microseconds."""
SECOND = 1_000_000
NAMES = ("visit", "add", "cart", "pay", "buy", "error", "help")
WEIGHTS = (40, 22, 14, 9, 6, 5, 4)
SPAN = 20 * 86_400
"""Seconds over which a history is spread; times are whole seconds, so that many are equal."""


def random_lake(folder: Path, *, events: int, people: int, seed: int, span: int = SPAN, parts: int = 4) -> Lake:
    """A lake of so many events; each tenth person turns out to be the one before, and tells of a plan."""
    random = Random(seed)  # noqa: S311  (a history, not a secret)
    lake = Lake(folder)
    number = 0
    for part in range(parts):
        rows = [_event(random, people, span) for _ in range(events // parts)]
        columns = {name: [row.get(name) for row in rows] for name in event_schema().names}
        columns["seq"] = list(range(number + 1, number + len(rows) + 1))
        number += len(rows)
        told = _people(people) if part == 0 else people_schema().empty_table()
        lake.append(pa.table(columns, schema=event_schema()), told)
    return lake


def _event(random: Random, people: int, span: int) -> dict[str, object]:
    person = random.randint(1, people)
    row: dict[str, object] = {
        "person_id": person,
        "kind": "track",
        "name": random.choices(NAMES, WEIGHTS)[0],
        "time": START + random.randrange(span) * SECOND,
        "user_id": f"u{person}",
        "from_browser": True,
        "simulated": random.random() < 0.01,
        "bot": random.random() < 0.01,
    }
    match random.random():
        case draw if draw < 0.02:
            plan = random.choice(["free", "trial", "pro"])
            row |= {"kind": "identify", "name": "$identify", "traits": f'{{"plan":"{plan}"}}'}
        case draw if draw < 0.04:
            row |= {"kind": "group", "name": "$group", "group_id": f"g{person % 500}"}
        case draw if draw < 0.05:
            row |= {"name": random.choice(["$shown", "$held_out"]), "properties": '{"guide":"help"}'}
        case _:
            row["properties"] = random.choice(PROPERTIES)
    return row


PROPERTIES = (
    None,
    '{"amount":5}',
    '{"amount":20.5,"currency":"EUR"}',
    '{"amount":"7","currency":"USD"}',
    '{"currency":"EUR","note":"a \\"quoted\\" word"}',
    '{"amount":null}',
    '{"amount":[1]}',
    '{"currency":true,"amount":1e3}',
)


def _people(people: int) -> pa.Table:
    numbers = list(range(1, people + 1))
    owners = [number - 1 if number % 10 == 0 else number for number in numbers]
    columns = {
        "id": numbers,
        "person": owners,
        "user": [f"u{owner}" for owner in owners],
        "is_known": [True] * people,
        "simulated": [owner % 97 == 0 for owner in owners],
        "created": [START] * people,
    }
    return pa.table(columns, schema=people_schema())
