"""Lakes to measure on: as many events as asked for, of people who shop in sessions over thirty days.

Drawn by number alone, so that the same lake comes of the same size on every machine. Few people are busy and many are
not, times are whole seconds (many are equal), every fiftieth person turns out to be the one before, and some events are
pages, signs of friction or those of a simulated visitor or a program.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dsl.values import DAY, SECOND, Instant

if TYPE_CHECKING:
    import pyarrow as pa

BEGIN: Final = Instant(1_767_225_600_000_000)
"""2026-01-01."""
DAYS: Final = 30
NOW: Final = Instant(BEGIN + 60 * DAY)
"""Later than all: nobody may still go on."""
STEPS: Final = ("add_to_cart", "cart", "shipping", "payment", "purchase")
NAMES: Final = {
    "view": 0.28,
    "search": 0.13,
    "add_to_cart": 0.12,
    "cart": 0.1,
    "shipping": 0.06,
    "payment": 0.045,
    "purchase": 0.03,
    "login": 0.06,
    "help": 0.04,
    "logout": 0.03,
    "$page": 0.1,
    "$rage_click": 0.005,
}
"""The events, with the share of each."""
PATHS: Final = ("/", "/products", "/cart", "/checkout", "/help", "/account/orders/history")
EVENTS_OF_A_PERSON: Final = 20
EVENTS_OF_A_SESSION: Final = 6
SECONDS_BETWEEN: Final = 45


def build(folder: Path, events: int) -> None:
    """Write the lake; as many events as asked for, rounded down to whole days."""
    import numpy as np

    from engine.storage.lake import Lake
    from engine.storage.lake_rows import people_schema

    draw, lake, people = np.random.default_rng(1), Lake(folder), max(100, events // EVENTS_OF_A_PERSON)
    told = _people(people)
    for day in range(DAYS):
        lake.append(_day(draw, day, events // DAYS, people), told if day == 0 else people_schema().empty_table())


def _people(people: int) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    from engine.storage.lake_rows import people_schema

    numbers = np.arange(1, people + 1)
    owners = np.where(numbers % 50 == 0, numbers - 1, numbers)
    columns = {
        "id": numbers,
        "person": owners,
        "user": np.char.add("user-", owners.astype("U10")),
        "is_known": np.ones(people, bool),
        "simulated": np.zeros(people, bool),
        "created": np.full(people, BEGIN),
    }
    return pa.table(columns, schema=people_schema())


def _day(draw: Any, day: int, size: int, people: int) -> pa.Table:
    """The events of a day, in the order of receipt, which is nearly that of time."""
    import numpy as np
    import pyarrow as pa

    from engine.storage.lake_rows import event_schema

    sessions = -(-size // EVENTS_OF_A_SESSION)
    # The square makes some people busy.
    persons = np.repeat((people * draw.random(sessions) ** 2).astype("int64") + 1, EVENTS_OF_A_SESSION)[:size]
    begins = np.repeat(draw.integers(0, 80_000, sessions), EVENTS_OF_A_SESSION)[:size]
    gaps = draw.exponential(SECONDS_BETWEEN, (sessions, EVENTS_OF_A_SESSION)).astype("int64")
    times = begins + np.minimum(gaps.cumsum(axis=1).reshape(-1)[:size], 6_000)
    order = np.argsort(times, kind="stable")
    names = draw.choice(len(NAMES), size, p=list(NAMES.values()))
    spelled, is_page = np.array(list(NAMES)), names == list(NAMES).index("$page")
    columns: dict[str, Any] = {
        "seq": pa.array(np.arange(day * size + 1, (day + 1) * size + 1)),
        "person_id": pa.array(persons[order]),
        "kind": pa.array(np.where(is_page, "page", "track")),
        "name": pa.array(spelled[names]),
        "time": pa.array(times[order] * SECOND + BEGIN + day * DAY),
        "path": pa.array(np.array(PATHS)[draw.integers(0, len(PATHS), size)], mask=~is_page),
        "from_browser": pa.array(np.ones(size, bool)),
        "simulated": pa.array(draw.random(size) < 0.01),
        "bot": pa.array(draw.random(size) < 0.01),
    }
    schema = event_schema()
    return pa.table(
        [columns[each.name].cast(each.type) if each.name in columns else pa.nulls(size, each.type) for each in schema],
        schema=schema,
    )
