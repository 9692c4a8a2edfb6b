"""From step to step: against plain Python (`tests/oracle/walks.py`), against the fold that decides, and by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
import walks as oracle
from walks import Happening

from dsl.values import MINUTE, SECOND, Duration, Instant
from engine.analytics.engines import DuckDB, Engine
from engine.analytics.records import outcome_of
from engine.analytics.standings import standings
from engine.analytics.transitions import Transition, transitions
from engine.events import Event, EventKind
from engine.plan import plan_for
from engine.state import replay
from tests.engine.walking import DESIGN, RANDOM, STEPS, each_alone, history_of, people, random_history, rules, walk_at


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDB()
    yield engine
    engine.close()


def found(engine: Engine, events: Sequence[Happening], now: int) -> list[Transition]:
    with standings(history_of(engine, events), walk_at(now), with_others=True) as told:
        return list(transitions(told))


@pytest.mark.parametrize(("seed", "now"), RANDOM)
def test_where_people_stood_is_what_the_fold_that_decides_says(engine: Engine, seed: int, now: int) -> None:
    events = random_history(seed)
    with standings(history_of(engine, events), walk_at(now)) as told:
        rows = engine.rows(told.steps)
    seen = {(row["person"], STEPS[row["step"]]): (row["entered"], row["reached"], row["outcome"]) for row in rows}
    assert seen == folded(events, now)


def folded(events: Sequence[Happening], now: int) -> dict[tuple[int, str], tuple[int | None, int | None, str]]:
    plan = plan_for(rules(), ())
    expected = {}
    for person in {each.person for each in events}:
        own = [as_event(seq, each) for seq, each in enumerate(events) if each.person == person]
        progress = replay(plan, own).journeys["way"]
        for name, step in progress.steps.items():
            became = outcome_of(step, progress, now=Instant(now * SECOND), gives_up_after=Duration(10 * MINUTE))
            if became is not None:
                expected[person, name] = (step.entered_at, step.reached_at, became.value)
    return expected


def as_event(seq: int, each: Happening) -> Event:
    kind = EventKind.PAGE if each.name == "$page" else EventKind.TRACK
    properties = {} if each.page is None else {"path": each.page}
    time = Instant(each.time * SECOND)
    return Event(seq, f"m{seq}", kind, each.name, time, time, user_id=f"u{each.person}", properties=properties)


@pytest.mark.parametrize(("seed", "now"), RANDOM)
def test_transitions_are_those_of_the_oracle(engine: Engine, seed: int, now: int) -> None:
    events = random_history(seed)
    everybody = oracle.walk(events, DESIGN, now).values()
    expected = {}
    for number in range(1, len(STEPS)):
        visits = [visits[number] for visits in everybody if visits[number].entered is not None]
        if not visits:
            continue
        left = Counter(visit.left for visit in visits)
        direct = sum(visit.left == "on" and not visit.unplanned and not visit.loops for visit in visits)
        expected[STEPS[number]] = (
            len(visits),
            (left["on"], left["over"], left["gone"], left["waiting"]),
            direct,
            (sum(visit.loops > 0 for visit in visits), sum(visit.loops for visit in visits)),
            dict(sum((visit.unplanned for visit in visits), Counter())),
        )
    assert {
        each.to: (
            each.started,
            (each.went_on, each.skipped, each.lost, each.open),
            each.direct,
            (each.looped, each.loops),
            {one.name: one.count for one in each.unplanned},
        )
        for each in found(engine, events, now)
    } == expected


STORIES = [
    # what one person did, what became of them between `one` and `two`, direct, ways back, unplanned events
    ("0:A 10:B", "went on", 1, 0, {}),
    ("0:A 5:T 10:B", "went on", 1, 0, {}),
    ("0:A 5:Z 6:Z 10:B", "went on", 0, 0, {"Z": 2}),
    ("0:A 5:T 6:A 10:B", "went on", 0, 1, {}),
    ("0:A 5:A 10:B", "went on", 1, 0, {}),
    ("0:A 5:/else 10:B", "went on", 1, 0, {}),
    ("0:A 10:C", "skipped", 0, 0, {}),
    ("0:A 10:C 20:B", "skipped", 0, 0, {}),
    ("0:A", "lost", 0, 0, {}),
    ("0:A 5:Z", "lost", 0, 0, {"Z": 1}),
    ("0:A 4995:T", "open", 0, 0, {}),
]


def test_what_becomes_of_a_person_between_two_steps(engine: Engine) -> None:
    history = history_of(engine, people(*(story for story, *_ in STORIES)))
    with standings(history, walk_at(5000, grouping=each_alone(len(STORIES))), with_others=True) as told:
        firsts = [each for each in transitions(told) if each.to == "two"]
    seen = []
    for (story, *_), first in zip(STORIES, firsts, strict=True):
        counts = {"went on": first.went_on, "skipped": first.skipped, "lost": first.lost, "open": first.open}
        (became,) = (name for name, count in counts.items() if count)
        unplanned = {one.name: one.count for one in first.unplanned}
        seen.append((story, became, first.direct, first.loops, unplanned))
    assert seen == STORIES


def test_times_and_shares_are_those_of_who_went_on(engine: Engine) -> None:
    times = [10, 20, 30, 40, 50]
    first = found(engine, people(*(f"0:A {time}:B" for time in times), "0:A 5:Z", "0:A 4995:T"), 5000)[0]
    assert first.took is not None
    quantiles = (first.took.lower, first.took.median, first.took.upper, first.took.ninth)
    assert [each / SECOND for each in quantiles] == [20, 30, 40, 46]
    assert (first.direct_share, first.lost_share, first.settled) == (1.0, 1 / 6, 6)
    (stray,) = first.unplanned
    assert (stray.name, stray.people, stray.went_on, stray.lost) == ("Z", 1, 0, 1)


@pytest.mark.thorough
def test_below_five_people_no_time_is_told(engine: Engine) -> None:
    first = found(engine, people("0:A 10:B", "0:A 20:B"), 5000)[0]
    assert (first.took, first.note) == (None, "not enough people")
