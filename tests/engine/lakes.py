"""Lakes of random histories, without a database: many people, some of whom turn out to be others, and many ties."""

from __future__ import annotations

from collections.abc import Iterable
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
        columns = _events(random, events // parts, people, span)
        columns["seq"] = list(range(number + 1, number + events // parts + 1))
        number += events // parts
        told = _people(people) if part == 0 else people_schema().empty_table()
        whole = {name: columns.get(name, [None] * (events // parts)) for name in event_schema().names}
        lake.append(pa.table(whole, schema=event_schema()), told)
    return lake


def _events(random: Random, size: int, people: int, span: int) -> dict[str, list[object]]:
    """Columns of random events, each a draw of its own; a million take seconds."""
    who = random.choices(range(1, people + 1), k=size)
    columns: dict[str, list[object]] = {
        "person_id": list(who),
        "kind": ["track"] * size,
        "name": list(random.choices(NAMES, WEIGHTS, k=size)),
        "time": [START + second * SECOND for second in random.choices(range(span), k=size)],
        "properties": list(random.choices(PROPERTIES, k=size)),
        "user_id": [f"u{number}" for number in who],
        "traits": [None] * size,
        "group_id": [None] * size,
        "from_browser": [True] * size,
        "simulated": [draw < 0.01 for draw in (random.random() for _ in range(size))],
        "bot": [draw < 0.01 for draw in (random.random() for _ in range(size))],
    }
    for row in random.sample(range(size), size // 20):
        match row % 5:
            case 0 | 1:
                plan = random.choice(["free", "trial", "pro"])
                told = {"kind": "identify", "name": "$identify", "traits": f'{{"plan":"{plan}"}}'}
            case 2 | 3:
                told = {"kind": "group", "name": "$group", "group_id": f"g{who[row] % 500}"}
            case _:
                told = {"name": random.choice(["$shown", "$held_out"]), "properties": '{"guide":"help"}'}
        for name, value in told.items():
            columns[name][row] = value
    return columns


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


def owner_of(number: int) -> int:
    """Who a number turned out to be: each tenth is the one before."""
    return number - 1 if number % 10 == 0 else number


def known_as(numbers: Iterable[int]) -> pa.Table:
    """What a lake knows of people filed under these numbers, none of them simulated."""
    ids = sorted(set(numbers))
    owners = list(map(owner_of, ids))
    columns = {
        "id": ids,
        "person": owners,
        "user": [f"u{owner}" for owner in owners],
        "is_known": [True] * len(ids),
        "simulated": [False] * len(ids),
        "created": [0] * len(ids),
    }
    return pa.table(columns, schema=people_schema())


def _people(people: int) -> pa.Table:
    numbers = list(range(1, people + 1))
    owners = list(map(owner_of, numbers))
    columns = {
        "id": numbers,
        "person": owners,
        "user": [f"u{owner}" for owner in owners],
        "is_known": [True] * people,
        "simulated": [owner % 97 == 0 for owner in owners],
        "created": [START] * people,
    }
    return pa.table(columns, schema=people_schema())
