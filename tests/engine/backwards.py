"""Histories of a few people as an analysis reads them, and as the rules of the language do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

import backward as oracle

from dsl.compiler import compile_condition
from dsl.parser import parse_condition
from dsl.values import SECOND, Duration, Instant
from engine.analytics.engines import Engine
from engine.analytics.funnels import Unit
from engine.analytics.history import History
from engine.analytics.paths import PathQuestion, ends, stretches
from engine.analytics.wheres import StepEvent
from engine.events import Event, EventKind
from engine.facts import facts_of
from engine.state import plan_for, replay
from tests.engine.crowds import differences
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


MINUTES = (0, 0, 0, 1, 5, 29, 30, 31, 61)


def crowd(seed: int, people: int, *, told: bool = False) -> list[oracle.Happening]:
    """Many people, few instants (so that ties are everywhere) around the half hour that ends a session. told: some of
    the events bring a session of their own.
    """
    draw = Random(seed)  # noqa: S311  (histories, not secrets)
    ids = (None, "s", "t") if told else (None,)
    found = []
    for person in range(1, people + 1):
        for _ in range(draw.randint(0, 10)):
            is_page = draw.random() < 0.2
            name = draw.choice(["/a", "/b"] if is_page else [*"ABCCABCCxyy", "$rage_click", "$shown"])
            is_browser = is_page or draw.random() < 0.75
            time = 60 * draw.choice(MINUTES)
            found.append(oracle.Happening(person, name, time, is_browser, is_page, draw.choice(ids)))
    return found


def by_engine(
    engine: Engine, events: Sequence[oracle.Happening], asked: oracle.Asked
) -> tuple[list[dict[str, Any]], set[oracle.Unit]]:
    """The rows of the last steps, and who may still go on, as the engine has them."""
    question = PathQuestion(
        tuple((StepEvent(name),) for name in asked.steps),
        (StepEvent(asked.goal),),
        now=Instant(asked.now * SECOND),
        window=None if asked.window is None else Duration(asked.window * SECOND),
        unit=Unit.SESSION if asked.by_session else Unit.USER,
        back=asked.back,
        gives_up=Duration(asked.gives_up * SECOND),
    )
    history = history_of(engine, events)
    with engine.kept(ends(history, question)) as ended:
        rows = engine.rows(stretches(history, question, ended))
        return rows, {row["unit"] for row in engine.rows(ended) if row["is_open"]}


def disagreements(
    rows: Iterable[Mapping[str, Any]], waits: set[oracle.Unit], events: Sequence[oracle.Happening], asked: oracle.Asked
) -> list[Any]:
    """Of whom an engine and the oracle do not say the same."""
    shown = [(row["unit"], row["came"], row["place"], row["kind"], row["name"]) for row in rows]
    own = ((unit, each) for unit, events_of in oracle.units(events, asked) for each in events_of)
    return differences(_by_unit(shown, waits), _by_unit(*oracle.stretch(events, asked)), own)


def _by_unit(rows: Iterable[oracle.Row], waits: set[oracle.Unit]) -> dict[Any, set[Any]]:
    """Of each unit its rows, or that it may still go on."""
    found: dict[Any, set[Any]] = {unit: {"may still go on"} for unit in waits}
    for unit, *row in rows:
        found.setdefault(unit, set()).add(tuple(row))
    return found


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
