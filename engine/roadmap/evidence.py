"""What is known of a step before anything is proposed: who was lost and who went on, persona by persona.

Pure folds over what is kept of people and their answers (`engine.analytics.records`). Only people whose fate is settled
count: they came to the step within the period, which ends as long ago as the journey waits before it gives somebody up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from dsl.labels import label_of
from dsl.nodes import Journey
from dsl.values import DAY, WEEK, Duration, Instant
from engine.analytics.records import GIVES_UP_AFTER, AnswerGiven, Outcome, outcome_of
from engine.evidence import Source
from engine.journeys import JourneyProgress, StepProgress

EVERYONE: Final = ""
"""The only group where the rules declare no persona."""
NO_PERSONA: Final = "-"
"""The group of those whom no persona describes."""
NOT_KNOWN: Final = "~"
"""The group of visitors who never said who they are: no persona can describe them, and none is compared with them."""
PERIOD: Final = Duration(28 * DAY)
"""How much of the past is looked at, unless said otherwise."""


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when people came to a step who are counted; `end` does not belong to it."""

    begin: Instant
    end: Instant

    def __contains__(self, moment: Instant) -> bool:
        return self.begin <= moment < self.end


@dataclass(frozen=True, slots=True)
class Split:
    """How many of those lost, and of those who went on, had something happen to them."""

    lost: int = 0
    went_on: int = 0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something said of a step outside of the product. person: whose words, None where they are not known here."""

    source: Source
    person: int | None
    feelings: tuple[str, ...]
    inferred: bool
    time: Instant


@dataclass(frozen=True, slots=True)
class GroupEvidence:
    """The people of one persona at a step. persona: its name, NO_PERSONA, NOT_KNOWN or EVERYONE.

    signals: by friction signal, whom it happened to. answers: of these people, given at the step since the period
    began. elsewhere: said outside of the product since then, by these people or by nobody who is known.
    """

    persona: str
    label: str
    went_on: int
    lost: int
    signals: Mapping[str, Split] = field(default_factory=dict)
    answers: tuple[AnswerGiven, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()

    @property
    def settled(self) -> int:
        """Those whose fate is known."""
        return self.went_on + self.lost

    @property
    def rate(self) -> float | None:
        """The share of the settled that went on."""
        return self.went_on / self.settled if self.settled else None


@dataclass(frozen=True, slots=True)
class StepEvidence:
    """A step with its groups. weeks: how many the counts are of, as far as there was anything to count."""

    journey: str
    stage: str
    step: str
    label: str
    weeks: float
    groups: tuple[GroupEvidence, ...]


Personas = Mapping[str, Collection[int]]
"""The people of each persona, by their numbers."""


@dataclass(frozen=True, slots=True)
class Traveller:
    """Somebody in a journey. is_known: they said who they are, so that personas may describe them."""

    person: int
    is_known: bool
    progress: JourneyProgress


def journey_evidence(
    journey: Journey,
    people: Iterable[Traveller],
    answers: Mapping[str, Sequence[AnswerGiven]],
    elsewhere: Mapping[str, Sequence[Elsewhere]] = MappingProxyType({}),
    *,
    personas: Personas,
    labels: Mapping[str, str],
    period: Duration,
    now: Instant,
) -> tuple[StepEvidence, ...]:
    """The evidence of every step of a journey. answers, elsewhere: by step. labels: of personas."""
    gives_up = journey.gives_up_after.length if journey.gives_up_after is not None else GIVES_UP_AFTER
    end = Instant(now - gives_up)
    asked = Period(Instant(end - period), end)
    tallies = {step.name.text: _Tally() for step in journey.steps}
    first_seen: Instant | None = None
    strangers: set[int] = set()
    for one in people:
        if not one.is_known:
            strangers.add(one.person)
        groups = groups_of(one.person, personas, is_known=one.is_known)
        for name, tally in tallies.items():
            here = one.progress.steps.get(name)
            if here is None or here.entered_at is None or here.entered_at not in asked:
                continue
            if first_seen is None or here.entered_at < first_seen:
                first_seen = here.entered_at
            tally.take(groups, here, outcome_of(here, one.progress, now=now, gives_up_after=gives_up))
    weeks = (end - max(asked.begin, first_seen)) / WEEK if first_seen is not None else 0.0
    # Less than a day says nothing of a week: what was counted is not blown up beyond that.
    weeks = max(weeks, DAY / WEEK)
    names = [*personas, NO_PERSONA, NOT_KNOWN] if personas else [EVERYONE]
    given = {step: _by_group(said, personas, strangers, since=asked.begin) for step, said in answers.items() if said}
    return tuple(
        StepEvidence(
            journey=journey.name.text,
            stage=stage.name.text,
            step=(name := step.name.text),
            label=label_of(step),
            weeks=weeks,
            groups=tuple(
                replace(group, elsewhere=_of_group(elsewhere.get(name, ()), group.persona, personas, asked.begin))
                for group in tallies[name].groups(names, labels, given.get(name, {}))
            ),
        )
        for stage in journey.stages
        for step in stage.steps
    )


def groups_of(person: int, personas: Personas, *, is_known: bool) -> tuple[str, ...]:
    """The groups that a person counts in: each of their personas."""
    if not personas:
        return (EVERYONE,)
    own = tuple(name for name, numbers in personas.items() if person in numbers)
    return own or (NO_PERSONA if is_known else NOT_KNOWN,)


def _by_group(
    answers: Sequence[AnswerGiven], personas: Personas, strangers: Collection[int], *, since: Instant
) -> Mapping[str, tuple[AnswerGiven, ...]]:
    found: dict[str, list[AnswerGiven]] = {}
    for answer in answers:
        if answer.time >= since:
            for group in groups_of(answer.person, personas, is_known=answer.person not in strangers):
                found.setdefault(group, []).append(answer)
    return {name: tuple(given) for name, given in found.items()}


def _of_group(told: Sequence[Elsewhere], group: str, personas: Personas, since: Instant) -> tuple[Elsewhere, ...]:
    return tuple(
        each
        for each in told
        if each.time >= since and (each.person is None or group in groups_of(each.person, personas, is_known=True))
    )


class _Tally:
    """The counts of one step while people are read."""

    def __init__(self) -> None:
        self._lost: Counter[str] = Counter()
        self._went_on: Counter[str] = Counter()
        self._lost_with: dict[str, Counter[str]] = {}
        self._went_on_with: dict[str, Counter[str]] = {}

    def take(self, groups: Sequence[str], here: StepProgress, outcome: Outcome | None) -> None:
        """Count somebody who was lost here or went on; nobody else is settled."""
        match outcome:
            case Outcome.DROPPED:
                count, signals = self._lost, self._lost_with
            case Outcome.COMPLETED:
                count, signals = self._went_on, self._went_on_with
            case _:
                return
        for group in groups:
            count[group] += 1
            signals.setdefault(group, Counter()).update(here.signals.keys())

    def groups(
        self,
        names: Sequence[str],
        labels: Mapping[str, str],
        answers: Mapping[str, tuple[AnswerGiven, ...]],
    ) -> tuple[GroupEvidence, ...]:
        """The groups as facts, in the order of their names."""
        return tuple(
            GroupEvidence(
                persona=name,
                label=_label(name, labels),
                went_on=self._went_on[name],
                lost=self._lost[name],
                signals=self._signals(name),
                answers=answers.get(name, ()),
            )
            for name in names
        )

    def _signals(self, group: str) -> Mapping[str, Split]:
        lost, went_on = self._lost_with.get(group, Counter()), self._went_on_with.get(group, Counter())
        return {name: Split(lost[name], went_on[name]) for name in sorted({*lost, *went_on})}


def _label(name: str, labels: Mapping[str, str]) -> str:
    told = {EVERYONE: "everyone", NO_PERSONA: "in no persona", NOT_KNOWN: "not known yet"}
    return told.get(name) or labels.get(name, name)
