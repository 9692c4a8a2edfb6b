"""Histories of a few people as an analysis reads them, and as the rules of the language do."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import backward as oracle

from dsl.compiler import compile_condition
from dsl.parser import parse_condition
from dsl.values import SECOND, Instant
from engine.analytics.engines import Engine
from engine.analytics.history import History
from engine.events import Event, EventKind
from engine.facts import facts_of
from engine.state import plan_for, replay
from tests.engine.histories import project

FAR = 10_000_000
"""Seconds: later than everything."""


def history_of(engine: Engine, events: Sequence[oracle.Happening]) -> History:
    """What an analysis reads."""
    import ibis
    import pyarrow as pa

    from engine.storage.lake_rows import event_schema

    columns: dict[str, list[object]] = {name: [None] * len(events) for name in event_schema().names}
    columns |= {
        "seq": list(range(len(events))),
        "person_id": [each.person for each in events],
        "kind": ["page" if each.is_page else "track" for each in events],
        "name": ["$page" if each.is_page else each.name for each in events],
        "path": [each.name if each.is_page else None for each in events],
        "time": [each.time * SECOND for each in events],
        "from_browser": [each.is_browser for each in events],
        "session_id": [each.session for each in events],
        "simulated": [False] * len(events),
        "bot": [False] * len(events),
    }
    table = ibis.memtable(pa.table(columns, schema=event_schema())).rename(person="person_id")
    people = ibis.memtable({"person": [1], "user": ["u1"]})
    return History(table, people, engine, 1, ())


def whom(text: str, events: Sequence[oracle.Happening]) -> set[int]:
    """The people of whom a condition of the language is true in the end."""
    parsed = parse_condition(text)
    assert parsed.condition is not None, (text, parsed.diagnostics)
    rules = project()
    compiled = compile_condition(parsed.condition, rules)
    plan = plan_for(rules, compiled.needs)
    found = set()
    for person in {each.person for each in events}:
        own = [as_event(seq, each) for seq, each in enumerate(events) if each.person == person]
        if compiled.holds(facts_of(plan, replay(plan, own), now=Instant(FAR * SECOND))):
            found.add(person)
    return found


def as_event(seq: int, each: oracle.Happening) -> Event:
    kind = EventKind.PAGE if each.is_page else EventKind.TRACK
    name = "$page" if each.is_page else each.name
    time = Instant(each.time * SECOND)
    return Event(seq, f"m{seq}", kind, name, time, time, user_id=f"u{each.person}", from_browser=each.is_browser)


FUNNEL = ("view", "add", "pay", "buy")
NOISE = ("search", "help", "promo", "wish", "account", "compare", "review", "error")


def planted(seed: int) -> tuple[list[oracle.Happening], str]:
    """A log of 400 people of whom fewer go on where something happens, one of eight, at one of three steps."""
    draw = Random(seed)  # noqa: S311  (a history, not a secret)
    cause, where = draw.choice(NOISE), draw.randrange(3)
    common = [draw.uniform(0.05, 0.4) for _ in NOISE]
    events: list[oracle.Happening] = []
    for person in range(400):
        time, goes_on = draw.randrange(10_000) * 60, True
        for step, name in enumerate(FUNNEL):
            events.append(oracle.Happening(person, name, time := time + draw.randrange(5, 200)))
            met = [one for one, often in zip(NOISE, common, strict=True) if one != cause and draw.random() < often]
            harmed = step == where and draw.random() < 0.25
            met += [cause] if harmed or draw.random() < 0.03 else []
            draw.shuffle(met)
            events += [oracle.Happening(person, one, time := time + draw.randrange(5, 200)) for one in met]
            goes_on = draw.random() < (0.25 if harmed else 0.75)
            if not goes_on:
                break
    return events, cause
