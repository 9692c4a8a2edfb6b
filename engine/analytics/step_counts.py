"""The record of each step over everybody: who came, what became of them, how long and how hard it was.

Two expressions over where people stood (`engine.analytics.standings`): how many had which history, and how long they
took. Everything else is made of these in plain Python. What the words mean is in `docs/reference/records.md`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dsl.feelings import FEELINGS
from dsl.values import Duration
from engine.analytics.comparing import Share
from engine.analytics.contrast import ratio_of
from engine.analytics.intervals import FEWEST_ANSWERS, Interval, mean_interval, share_interval
from engine.analytics.records import EmotionRecord, FrictionRecord, Outcome, SignalRecord
from engine.analytics.standings import TRIES, Standings, Walk, any_of, at_the_time, group_of
from engine.analytics.transitions import QUANTILES, Spent, spent_of
from engine.friction import FRICTION_VERSION, WEIGHTS, friction

if TYPE_CHECKING:
    import ibis

    Table: TypeAlias = ibis.Table

_SIGNALS: Final = tuple(WEIGHTS)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long people spent at a step, from entering it to reaching it, and whether as long as was expected.

    spent: None below FEWEST_ANSWERS. expected: `expect within` of the step. due: entrants since whose entry so long has
    passed; within: those of them who reached it in that time.
    """

    spent: Spent | None
    done: int
    expected: Duration | None
    due: int
    within: int

    @property
    def share(self) -> float | None:
        """Of those who had the time."""
        return self.within / self.due if self.due else None

    @property
    def interval(self) -> Interval | None:
        """Of `share`."""
        return share_interval(self.within, self.due)

    @property
    def is_slow(self) -> bool:
        """True where fewer than half make it in the time expected, and that is no chance."""
        return self.interval is not None and self.interval.high < 0.5


@dataclass(frozen=True, slots=True)
class SignalRisk:
    """How much more often those drop who had a sign of friction, among the entrants of whom it is known what became.

    met, without: entrants who had it, and who had not. ratio: the share that dropped of the first divided by that of
    the others, with its interval; both None below FEWEST_ANSWERS in either. An association, no cause.
    """

    name: str
    met: int
    met_dropped: int
    without: int
    without_dropped: int
    ratio: float | None
    interval: Interval | None

    @property
    def note(self) -> str | None:
        """What to say instead of a ratio."""
        return None if self.ratio is not None else "not enough people"

    @property
    def is_telling(self) -> bool:
        """True where the whole interval lies above 1."""
        return self.interval is not None and self.interval.low > 1


@dataclass(frozen=True, slots=True)
class StepCounts:
    """The record of a step, of everybody or of a group: a persona, or those who came on a day or in a week.

    entered, completed, skipped, dropped, in_progress: as in `engine.analytics.records`. Of those who entered: done
    (reached it), tried_and_failed, never_tried, and waiting, who may still do it.
    """

    journey: str
    step: str
    group: str | None
    entered: int
    completed: int
    skipped: int
    dropped: int
    in_progress: int
    done: int
    tried_and_failed: int
    never_tried: int
    waiting: int
    pace: Pace
    friction: FrictionRecord
    risks: tuple[SignalRisk, ...]

    @property
    def settled(self) -> int:
        """Entrants of whom it is known what became."""
        return self.entered - self.waiting

    def share(self, count: int) -> Share:
        """Some of the settled, as a share with its interval."""
        return Share(count, self.settled)


@dataclass(frozen=True, slots=True)
class FeelingShare:
    """How many of the answers that name a feeling name this one."""

    feeling: str
    count: int
    share: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class _History:
    """So many people came to a step with this history."""

    outcome: Outcome
    has_entered: bool
    has_tried: bool
    signals: Mapping[str, int]
    people: int


def step_counts(found: Standings) -> tuple[StepCounts, ...]:
    """The records of a journey's steps, of each group, in the order of the journey."""
    engine, walk = found.engine, found.walk
    histories: dict[tuple[str, int], list[_History]] = {}
    for row in engine.rows(_histories(found)):
        histories.setdefault((row["group"], row["step"]), []).append(_read(row))
    times = {(row["group"], row["step"]): row for row in engine.rows(_times(found))}
    made = []
    for group, step in sorted(histories, key=lambda key: (group_of(key[0], walk.span) or "", key[1])):
        pace, name = _pace(times[group, step], walk.asked.expected[step]), group_of(group, walk.span)
        made.append(_counts(walk.asked.name, walk.asked.steps[step], name, histories[group, step], pace))
    return tuple(made)


def no_counts(found: Walk, step: int, group: str | None) -> StepCounts:
    """The record of a step that nobody of a group came to."""
    pace = Pace(None, 0, found.asked.expected[step], 0, 0)
    return _counts(found.asked.name, found.asked.steps[step], group, [], pace)


def mix(emotion: EmotionRecord) -> tuple[FeelingShare, ...]:
    """The six feelings, from the best to the worst, as shares of the answers that name one."""
    named = sum(emotion.feelings.values())
    return tuple(
        FeelingShare(
            feeling=feeling,
            count=emotion.feelings[feeling],
            share=emotion.feelings[feeling] / named if named >= FEWEST_ANSWERS else None,
            interval=share_interval(emotion.feelings[feeling], named) if named >= FEWEST_ANSWERS else None,
        )
        for feeling in FEELINGS
    )


def signals_at(found: Standings) -> Table:
    """The signs of friction of each person at each step: `who`, `at`, and how many of each, by its name.

    A sign belongs to the step whose page it happened on, else to the one where the person stood.
    """
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    numbers = found.walk.numbers
    rows = at_the_time(found, found.rows.filter(found.rows.is_signal))
    on_page = any_of([rows[f"own_{k}"] for k in numbers])
    stands_there = any_of([rows[f"own_{k}"] & (rows.stands == k).fill_null(False) for k in numbers])
    latest: Any = ibis.null("int64")
    for k in numbers:
        latest = ibis.ifelse(rows[f"own_{k}"] & rows[f"came_{k}"], ibis.literal(k, type="int64"), latest)
    rows = rows.mutate(at=ibis.ifelse(on_page & ~stands_there, latest, rows.stands))
    rows = rows.filter(rows["at"].notnull())
    counts = {name: rows.person.count(where=rows.name == f"${name}") for name in _SIGNALS}
    return rows.group_by("person", "at").agg(**counts).rename(who="person")


def _histories(found: Standings) -> Table:
    """How many people of each group came to each step with the same history."""
    signals = signals_at(found)
    steps = found.steps
    joined = steps.left_join(signals, (steps.person == signals.who) & (steps.step == signals["at"]))
    joined = joined.mutate(**{name: joined[name].fill_null(0) for name in _SIGNALS})
    has_tried = joined.tried | any_of([joined[name] > 0 for name in TRIES])
    joined = joined.mutate(has_entered=joined.entered.notnull(), has_tried=has_tried)
    alike = ["group", "step", "outcome", "has_entered", "has_tried", *_SIGNALS]
    return joined.group_by(alike).agg(people=joined.person.count())


def _times(found: Standings) -> Table:
    import ibis  # noqa: PLC0415

    steps, walk = found.steps, found.walk
    took = ibis.ifelse(steps.entered.notnull(), steps.reached - steps.entered, ibis.null("int64"))
    expected: Any = ibis.null("int64")
    for number, length in enumerate(walk.asked.expected):
        if length is not None:
            expected = ibis.ifelse(steps.step == number, ibis.literal(length, type="int64"), expected)
    steps = steps.mutate(took=took, expected=expected)
    is_due = (steps.entered + steps.expected <= walk.now).fill_null(False)
    is_within = is_due & (steps.took <= steps.expected).fill_null(False)
    return steps.group_by("group", "step").agg(
        done=steps.took.count(),
        due=ibis.ifelse(is_due, 1, 0).sum(),
        within=ibis.ifelse(is_within, 1, 0).sum(),
        quantiles=steps.took.quantile(list(QUANTILES)),
    )


def _read(row: Mapping[str, Any]) -> _History:
    return _History(
        outcome=Outcome(row["outcome"]),
        has_entered=row["has_entered"],
        has_tried=row["has_tried"],
        signals={name: row[name] for name in _SIGNALS if row[name]},
        people=row["people"],
    )


def _pace(row: Mapping[str, Any], expected: Duration | None) -> Pace:
    return Pace(spent_of(row["quantiles"], row["done"]), row["done"], expected, row["due"], row["within"])


def _counts(journey: str, step: str, group: str | None, histories: Sequence[_History], pace: Pace) -> StepCounts:
    entrants = [each for each in histories if each.has_entered]
    became = {outcome: _people(each for each in histories if each.outcome is outcome) for outcome in Outcome}
    failed = [each for each in entrants if each.outcome in {Outcome.DROPPED, Outcome.SKIPPED}]
    return StepCounts(
        journey=journey,
        step=step,
        group=group,
        entered=_people(entrants),
        completed=became[Outcome.COMPLETED],
        skipped=became[Outcome.SKIPPED],
        dropped=became[Outcome.DROPPED],
        in_progress=became[Outcome.IN_PROGRESS],
        done=_people(each for each in entrants if each.outcome is Outcome.COMPLETED),
        tried_and_failed=_people(each for each in failed if each.has_tried),
        never_tried=_people(each for each in failed if not each.has_tried),
        waiting=_people(each for each in entrants if each.outcome is Outcome.IN_PROGRESS),
        pace=pace,
        friction=_friction(entrants),
        risks=tuple(_risk(name, entrants) for name in _SIGNALS),
    )


def _people(histories: Iterable[_History]) -> int:
    return sum(each.people for each in histories)


def _friction(entrants: Sequence[_History]) -> FrictionRecord:
    n = _people(entrants)
    scores = [score for each in entrants for score in [friction(each.signals)] * each.people]
    signals = []
    for name, weight in WEIGHTS.items():
        count = sum(each.signals.get(name, 0) * each.people for each in entrants)
        people = _people(each for each in entrants if name in each.signals)
        signals.append(SignalRecord(name, weight, count, people, count / n if n else None))
    return FrictionRecord(
        score=math.fsum(scores) / n if n else None,
        n=n,
        interval=mean_interval(scores),
        version=FRICTION_VERSION,
        signals=tuple(signals),
    )


def _risk(name: str, entrants: Sequence[_History]) -> SignalRisk:
    counts = {True: [0, 0], False: [0, 0]}
    for each in entrants:
        if each.outcome is Outcome.IN_PROGRESS:
            continue
        counted = counts[name in each.signals]
        counted[0] += each.people
        counted[1] += each.people if each.outcome is Outcome.DROPPED else 0
    (met, met_dropped), (without, without_dropped) = counts[True], counts[False]
    ratio = interval = None
    if min(met, without) >= FEWEST_ANSWERS:
        ratio, interval, _ = ratio_of(met_dropped, met, without_dropped, without)
    return SignalRisk(name, met, met_dropped, without, without_dropped, ratio, interval)
