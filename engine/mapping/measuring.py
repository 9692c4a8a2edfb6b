"""What is measured for a map: of every step its people, metrics, feelings, causes, opportunities and words.

Pure: made of what the roadmap reads too (`engine.roadmap.readings`), so that the two never differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from dsl.nodes import Journey, Step
from dsl.values import SECOND, Duration, Instant
from engine.analytics.funnel_answer import Design, design_of
from engine.analytics.intervals import FEWEST_ANSWERS, share_interval
from engine.analytics.records import (
    GIVES_UP_AFTER,
    AnswerGiven,
    EmotionRecord,
    FrictionRecord,
    emotion_record,
    friction_record,
)
from engine.mapping.model import Within
from engine.roadmap.causes import FEWEST_MET, Cause, ChoiceLabel, causes_of
from engine.roadmap.evidence import (
    EVERYONE,
    PERIOD,
    Elsewhere,
    GroupEvidence,
    Period,
    StepEvidence,
    Traveller,
    journey_evidence,
)
from engine.roadmap.metrics import METRICS, Arrivals, Measured, measure, stretch_of
from engine.roadmap.opportunities import Decision, Opportunity, opportunities_of

MOST_WORDS: Final = 5
"""How many of the latest answers in free text a step shows."""


@dataclass(frozen=True, slots=True)
class Travels:
    """The people of a journey, their answers by step, and who is of which persona."""

    people: Sequence[Traveller] = ()
    answers: Mapping[str, Sequence[AnswerGiven]] = field(default_factory=dict)
    elsewhere: Mapping[str, Sequence[Elsewhere]] = field(default_factory=dict)
    personas: Mapping[str, Collection[int]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    def of(self, persona: str, period: Period) -> Travels:
        """Those of a persona (EVERYONE: all), with what was said in a period; elsewhere also by nobody who is known."""
        wanted = None if persona == EVERYONE else self.personas.get(persona, frozenset())
        return Travels(
            people=[each for each in self.people if wanted is None or each.person in wanted],
            answers={
                step: [each for each in given if each.time in period and (wanted is None or each.person in wanted)]
                for step, given in self.answers.items()
            },
            elsewhere={
                step: [
                    each
                    for each in told
                    if each.time in period and (wanted is None or each.person is None or each.person in wanted)
                ]
                for step, told in self.elsewhere.items()
            },
        )


@dataclass(frozen=True, slots=True)
class StepMeasured:
    """What is measured of a step, for a persona and a period. said: the latest words, the newest first.

    preceding: what came before leaving more often than before going on, where that was looked for.
    """

    step: str
    entered: int
    evidence: GroupEvidence
    figures: tuple[Measured, ...]
    within: Within | None
    friction: FrictionRecord
    emotion: EmotionRecord
    causes: tuple[Cause, ...]
    opportunities: tuple[Opportunity, ...]
    said: tuple[AnswerGiven, ...]
    words: int
    preceding: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class JourneyMeasured:
    """All that is measured for a map. design: the intended path beside the real ones; None where nobody went any."""

    steps: tuple[StepMeasured, ...]
    design: Design | None

    def worst(self) -> StepMeasured | None:
        """The step where most were lost; None where too few were to ask why."""
        most = max(self.steps, key=lambda each: each.evidence.lost, default=None)
        return None if most is None or most.evidence.lost < FEWEST_MET else most

    def with_preceding(self, step: str, causes: tuple[Cause, ...]) -> JourneyMeasured:
        """The same with what came before leaving a step."""
        return replace(
            self, steps=tuple(replace(each, preceding=causes) if each.step == step else each for each in self.steps)
        )


def usual_period(journey: Journey, *, now: Instant) -> Period:
    """Four weeks of people whose fate is known, and what came since."""
    return Period(Instant(now - gives_up_of(journey) - PERIOD), now)


def gives_up_of(journey: Journey) -> Duration:
    """How long nothing of the journey may happen before somebody is lost."""
    return GIVES_UP_AFTER if journey.gives_up_after is None else journey.gives_up_after.length


def measured_journey(
    journey: Journey,
    travels: Travels,
    persona: str,
    period: Period,
    *,
    now: Instant,
    decisions: Mapping[str, Decision],
    label_of: ChoiceLabel,
) -> JourneyMeasured:
    """The journey and its steps, for the people of a persona (EVERYONE: of all) and who came in a period."""
    own = travels.of(persona, period)
    alone = _evidence(journey, own, period, now)
    everybody = replace(travels.of(EVERYONE, period), personas=travels.personas, labels=travels.labels)
    grouped = _evidence(journey, everybody, period, now)
    found = [
        one
        for one in opportunities_of(grouped, decisions=decisions, label_of=label_of)
        if persona in {EVERYONE, one.persona}
    ]
    arrivals = Arrivals([each.progress for each in own.people], own.answers)
    counting = _Counting(journey, own.people, arrivals, period, now)
    steps = tuple(
        counting.step(step, evidence.groups[0], found, causes_of(evidence.groups[0], label_of=label_of))
        for step, evidence in zip(journey.steps, alone, strict=True)
    )
    return JourneyMeasured(steps, real_paths(journey, own.people, period))


def real_paths(journey: Journey, people: Iterable[Traveller], period: Period) -> Design | None:
    """In which orders the steps were first done, of those who did the first of theirs in the period."""
    paths = Counter(ranks for _, ranks in walks(journey, people, period))
    return design_of([step.name.text for step in journey.steps], paths) if paths else None


def walks(journey: Journey, people: Iterable[Traveller], period: Period) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Of each of them the number, and of each step its place from 1 in the order in which they did them, 0 for none."""
    names = [step.name.text for step in journey.steps]
    for each in people:
        reached = {
            number: here.reached_at
            for number, name in enumerate(names)
            if (here := each.progress.steps.get(name)) is not None and here.reached_at is not None
        }
        if not reached or min(reached.values()) not in period:
            continue
        # Of steps that one event reached, the earlier one of the design comes first.
        order = sorted(reached, key=lambda number: (reached[number], number))
        yield each.person, tuple(order.index(number) + 1 if number in reached else 0 for number in range(len(names)))


@dataclass(frozen=True, slots=True)
class _Counting:
    """The people of the map, and what counts of them."""

    journey: Journey
    people: Sequence[Traveller]
    arrivals: Arrivals
    period: Period
    now: Instant

    def step(
        self, step: Step, evidence: GroupEvidence, opportunities: Iterable[Opportunity], causes: tuple[Cause, ...]
    ) -> StepMeasured:
        """One column."""
        name, period, now = step.name.text, self.period, self.now
        stretch = stretch_of(self.journey, step=name)
        came = [
            here
            for each in self.people
            if (here := each.progress.steps.get(name)) is not None
            and here.entered_at is not None
            and here.entered_at in period
        ]
        given = self.arrivals.answers.get(name, ())
        said = sorted((each for each in given if each.text and each.text.strip()), key=lambda each: -each.time)
        settled = Instant(min(period.end, now - stretch.gives_up_after))
        took = [
            max(0, here.reached_at - here.entered_at)
            for here in came
            if here.entered_at is not None and here.reached_at is not None and here.entered_at < settled
        ]
        return StepMeasured(
            step=name,
            entered=len(came),
            evidence=evidence,
            figures=tuple(measure(metric, stretch, self.arrivals, period, now=now) for metric in METRICS),
            within=None if step.expect_within is None else _within(step.expect_within.length, took),
            friction=friction_record([here.signals for here in came]),
            emotion=emotion_record(given),
            causes=causes,
            opportunities=tuple(one for one in opportunities if one.step == name),
            said=tuple(said[:MOST_WORDS]),
            words=len(said),
        )


def _within(expected: Duration, took: Sequence[int]) -> Within:
    n, quick = len(took), sum(each <= expected for each in took)
    if n < FEWEST_ANSWERS:
        return Within(expected, n, None, None)
    return Within(expected, n, quick / n, share_interval(quick, n))


def _evidence(journey: Journey, travels: Travels, period: Period, now: Instant) -> tuple[StepEvidence, ...]:
    """Who was settled of those who came in the period: it ends for them when the journey gives nobody up any more."""
    gives_up = gives_up_of(journey)
    end = Instant(min(period.end, now - gives_up))
    return journey_evidence(
        journey,
        travels.people,
        travels.answers,
        travels.elsewhere,
        personas=travels.personas,
        labels=travels.labels,
        period=Duration(max(0, end - period.begin)),
        now=Instant(end + gives_up),
    )


def seconds_of(duration: Duration) -> float:
    """A duration in seconds, the unit of METRICS."""
    return duration / SECOND
