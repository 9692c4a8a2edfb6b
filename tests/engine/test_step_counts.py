"""What became of people at each step: against plain Python (`tests/oracle/walks.py`), and by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
import walks as oracle
from walks import Happening, Visit

from dsl.values import SECOND, Duration, Instant
from engine.analytics.engines import DuckDB, Engine
from engine.analytics.standings import TRIES, WEEKS, standings
from engine.analytics.step_counts import Pace, StepCounts, step_counts
from engine.friction import friction
from tests.engine.walking import DESIGN, RANDOM, STEPS, each_alone, history_of, people, random_history, walk_at

EXPECTED = {"two": 60}
"""`expect within` of the steps that have one, in seconds."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDB()
    yield engine
    engine.close()


def found(engine: Engine, events: Sequence[Happening], now: int) -> dict[str, StepCounts]:
    with standings(history_of(engine, events), walk_at(now)) as told:
        return {each.step: each for each in step_counts(told)}


@pytest.mark.parametrize(("seed", "now"), RANDOM)
def test_counts_are_those_of_the_oracle(engine: Engine, seed: int, now: int) -> None:
    events = random_history(seed)
    everybody = list(oracle.walk(events, DESIGN, now).values())
    counted = found(engine, events, now)
    for number, name in enumerate(STEPS):
        visits = [visits[number] for visits in everybody]
        counts = counted[name]
        assert summed(counts) == expected(visits, now, EXPECTED.get(name)), name
        signs = sum((visit.signals for visit in entrants(visits)), Counter())
        assert {each.name: each.count for each in counts.friction.signals if each.count} == {
            name.removeprefix("$"): count for name, count in signs.items()
        }


def summed(counts: StepCounts) -> dict[str, object]:
    assert counts.entered == counts.done + counts.tried_and_failed + counts.never_tried + counts.waiting
    return {
        "entered": counts.entered,
        "completed": counts.completed,
        "skipped": counts.skipped,
        "done": counts.done,
        "tried and failed": counts.tried_and_failed,
        "never tried": counts.never_tried,
        "waiting": counts.waiting,
        "pace": (counts.pace.done, counts.pace.due, counts.pace.within),
        "friction": None if counts.friction.score is None else round(counts.friction.score, 9),
        "rage": next((one.met, one.met_dropped) for one in counts.risks if one.name == "rage_click"),
    }


def expected(visits: Sequence[Visit], now: int, within: int | None) -> dict[str, object]:
    came = entrants(visits)
    failed = [visit for visit in came if visit.reached is None and visit.left != "waiting"]
    due = [
        visit for visit in came if within is not None and visit.entered is not None and visit.entered + within <= now
    ]
    scores = [friction({name.removeprefix("$"): n for name, n in visit.signals.items()}) for visit in came]
    settled = [visit for visit in came if visit.reached is not None or visit.left != "waiting"]
    met = [visit for visit in settled if visit.signals["$rage_click"]]
    return {
        "entered": len(came),
        "completed": sum(visit.reached is not None for visit in visits),
        "skipped": sum(visit.passed is not None and visit.reached is None for visit in visits),
        "done": sum(visit.reached is not None for visit in came),
        "tried and failed": sum(visit.tried for visit in failed),
        "never tried": sum(not visit.tried for visit in failed),
        "waiting": len(came) - len(settled),
        "pace": (
            sum(visit.reached is not None for visit in came),
            len(due),
            sum(took(visit) <= (within or 0) for visit in due if visit.reached is not None),
        ),
        "friction": round(sum(scores) / len(scores), 9) if scores else None,
        "rage": (len(met), sum(visit.left == "gone" for visit in met)),
    }


def entrants(visits: Sequence[Visit]) -> list[Visit]:
    return [visit for visit in visits if visit.entered is not None]


def took(visit: Visit) -> int:
    assert visit.entered is not None
    assert visit.reached is not None
    return visit.reached - visit.entered


TRIED = [
    # what one person did after coming to `two`, what that was
    ("0:A 10:B", "done"),
    ("0:A 5:T", "tried and failed"),
    ("0:A 5:$retry", "tried and failed"),
    ("0:A 5:$rage_click", "tried and failed"),
    ("0:A 5:$loop", "never tried"),
    ("0:A 5:$hesitation", "never tried"),
    ("0:T 1:A", "never tried"),
    ("0:A 5:/two", "never tried"),
    ("0:A 5:T 6:C", "tried and failed"),
    ("0:A 4995:T", "waiting"),
]


def test_what_trying_is(engine: Engine) -> None:
    history, seen = history_of(engine, people(*(story for story, _ in TRIED))), []
    with standings(history, walk_at(5000, grouping=each_alone(len(TRIED)))) as stood:
        counted = [each for each in step_counts(stood) if each.step == "two"]
    for (story, _), counts in zip(TRIED, counted, strict=True):
        told = summed(counts)
        seen.append(
            (story, next(name for name in ("done", "tried and failed", "never tried", "waiting") if told[name]))
        )
    assert seen == TRIED


def test_what_tries_are_signs_of_friction_that_only_doing_leaves() -> None:
    assert set(TRIES) == {sign.removeprefix("$") for sign in oracle.TRYING}


def test_a_sign_after_which_more_drop_is_told_as_a_ratio_with_an_interval(engine: Engine) -> None:
    # Of ten with a rage click eight drop, of twenty without two.
    angry = ["0:A 5:$rage_click"] * 8 + ["0:A 5:$rage_click 6:B"] * 2
    calm = ["0:A"] * 2 + ["0:A 6:B"] * 18
    two = found(engine, people(*angry, *calm), 5000)["two"]
    rage = next(each for each in two.risks if each.name == "rage_click")
    assert (rage.met, rage.met_dropped, rage.without, rage.without_dropped) == (10, 8, 20, 2)
    assert rage.ratio == pytest.approx(8.0)
    assert rage.interval is not None
    # By hand: ln 8 ± 1.96 · √(1/8 − 1/10 + 1/2 − 1/20).
    assert (rage.interval.low, rage.interval.high) == pytest.approx((2.074, 30.86), rel=1e-3)
    assert rage.is_telling
    assert next(each for each in two.risks if each.name == "retry").note == "not enough people"


@pytest.mark.parametrize(
    ("due", "within", "is_slow"), [(20, 3, True), (3, 0, False), (20, 10, False), (20, 20, False), (0, 0, False)]
)
def test_a_step_is_slow_where_surely_fewer_than_half_make_it_in_time(due: int, within: int, is_slow: bool) -> None:
    assert Pace(None, within, Duration(60 * SECOND), due, within).is_slow is is_slow


def test_weeks_begin_on_mondays() -> None:
    assert WEEKS.first_day(WEEKS.number_of(Instant(1_793_232_000 * SECOND))) == "2026-10-26"
