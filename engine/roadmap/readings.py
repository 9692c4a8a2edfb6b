"""Reads what opportunities and outcomes are made of, and keeps the answers as long as the data are the same.

Who counts is decided as in every analysis (`engine.analytics.population`): simulated people and your own are left out,
unless one asks for everybody.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Final, Protocol, TypeVar

from dsl.clauses import every
from dsl.nodes import Journey, Question
from dsl.project import RuleProject
from dsl.values import MINUTE, Duration
from engine.analytics.population import INTERNAL_SEGMENT, Kind, Population
from engine.errors import UnknownJourney, UnknownStep
from engine.membership import RulesNow, members
from engine.roadmap.causes import Cause, ChoiceLabel, Precedents, preceding_causes
from engine.roadmap.evidence import PERIOD, Period, StepEvidence, journey_evidence
from engine.roadmap.metrics import Arrivals, Metric, Stretch
from engine.roadmap.opportunities import Decision, Opportunity, Ranking, Status, opportunities_of, with_precedents
from engine.roadmap.outcomes import Comparison, Lifts, compare
from engine.stages import stage_marks
from engine.storage import roadmap_evidence
from engine.storage.store import Database

KEPT: Final = 64
"""How many answers are kept for when they are asked for again."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Whose:
    """Who counts; see `engine.analytics.population`."""

    everyone: bool = False
    with_simulated: bool = False

    @property
    def left_out(self) -> tuple[Kind, ...]:
        """Who does not count, as every answer shows it. Of bots single events are known, not how far they came."""
        found = Population(everyone=self.everyone, with_simulated=self.with_simulated).left_out
        return tuple(kind for kind in found if kind is not Kind.BOT)

    @property
    def counts_simulated(self) -> bool:
        """True where simulated people count."""
        return self.everyone or self.with_simulated


@dataclass(frozen=True, slots=True)
class Asked:
    """Which opportunities are asked for. journey, persona, step, status: None for all. period: how much of the past.

    with_paths: also what came before leaving, for the first of them.
    """

    journey: str | None = None
    step: str | None = None
    persona: str | None = None
    status: Status | None = None
    period: Duration = PERIOD
    ranking: Ranking = Ranking.REACHABLE
    whose: Whose = Whose()
    with_paths: bool = False


class Contrasts(Protocol):
    """Where the contrast of backward paths comes from, of one project; see `engine.roadmap.causes.Precedents`."""

    def of(self, project_id: int, rules: RulesNow, asked: Asked) -> Precedents:
        """The contrast for the people and the period that are asked for."""
        ...


class Effects(Protocol):
    """Where the effect of guides comes from; see `engine.roadmap.outcomes.Lifts`."""

    def of(self, project_id: int, rules: RulesNow, whose: Whose) -> Lifts:
        """The effects of the guides of a project."""
        ...


class Readings:
    """Answers from what is kept of people, for all projects of a database. Safe to use from several threads."""

    def __init__(
        self, database: Database, *, contrasts: Contrasts | None = None, effects: Effects | None = None
    ) -> None:
        self._database = database
        self._contrasts = contrasts
        self._effects = effects
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._one_at_a_time = Lock()

    def opportunities(
        self, project_id: int, rules: RulesNow, asked: Asked, decisions: Mapping[str, Decision]
    ) -> tuple[Opportunity, ...]:
        """What is proposed, as it is asked for. Raises UnknownJourney, UnknownStep."""
        _refuse_unknown(rules.project, asked)
        found = opportunities_of(
            self.evidence(project_id, rules, asked.period, asked.whose),
            decisions=decisions,
            label_of=choice_labels(rules.project),
            ranking=asked.ranking,
        )
        marks = stage_marks(rules.project)
        wanted = tuple(
            replace(one, mark=marks.get(one.stage))
            for one in found
            if asked.journey in {None, one.journey}
            and asked.step in {None, one.step}
            and asked.persona in {None, one.persona}
            and asked.status in {None, one.status}
        )
        if self._contrasts is None or not asked.with_paths:
            return wanted
        return with_precedents(wanted, self._contrasts.of(project_id, rules, asked))

    def before_leaving(
        self, project_id: int, rules: RulesNow, asked: Asked, place: tuple[str, str, str]
    ) -> tuple[Cause, ...]:
        """What came before leaving more often than before going on. place: a journey, a step of it, a persona.

        Nothing where no contrast is known of. The same question as that of opportunities about the same time.
        """
        if self._contrasts is None:
            return ()
        return preceding_causes(self._contrasts.of(project_id, rules, asked).before_leaving(*place))

    def evidence(self, project_id: int, rules: RulesNow, period: Duration, whose: Whose) -> tuple[StepEvidence, ...]:
        """The evidence of every step of every journey of the rules in force."""

        def read() -> tuple[StepEvidence, ...]:
            project = rules.project
            personas = {name: each.where for name, each in project.segments.items() if each.is_persona}
            labels = {
                name: each.label.value if each.label is not None else name
                for name, each in project.segments.items()
                if each.is_persona
            }
            own = self.members_of(project_id, rules, whose, personas)
            internal = own.pop(INTERNAL_SEGMENT, frozenset())
            found: list[StepEvidence] = []
            for journey in project.journeys.values():
                with self._database.reading(as_of_one_moment=True) as connection:
                    name, simulated = journey.name.text, whose.counts_simulated
                    people = roadmap_evidence.people_of(
                        connection, project_id, name, with_simulated=simulated, without=internal
                    )
                    answers = roadmap_evidence.answers_of(
                        connection, project_id, name, with_simulated=simulated, without=internal
                    )
                    elsewhere = roadmap_evidence.told_elsewhere(
                        connection, project_id, name, with_simulated=simulated, without=internal
                    )
                    found += journey_evidence(
                        journey, people, answers, elsewhere, personas=own, labels=labels, period=period, now=rules.now
                    )
            return tuple(found)

        return self.kept(project_id, rules, ("evidence", period, whose), read)

    def compared(
        self,
        project_id: int,
        rules: RulesNow,
        questions: Sequence[tuple[Metric, Stretch, tuple[Period, Period]]],
        whose: Whose,
    ) -> tuple[Comparison, ...]:
        """Metrics of places of the journeys, each in two periods; a journey is read once, however much is asked."""

        def read() -> tuple[Comparison, ...]:
            internal = self.members_of(project_id, rules, whose, {}).get(INTERNAL_SEGMENT, frozenset())
            arrivals: dict[str, Arrivals] = {}
            for name in dict.fromkeys(stretch.journey for _, stretch, _ in questions):
                with self._database.reading(as_of_one_moment=True) as connection:
                    simulated = whose.counts_simulated
                    people = roadmap_evidence.people_of(
                        connection, project_id, name, with_simulated=simulated, without=internal
                    )
                    arrivals[name] = Arrivals(
                        [each.progress for each in people],
                        roadmap_evidence.answers_of(
                            connection, project_id, name, with_simulated=simulated, without=internal
                        ),
                    )
            return tuple(
                compare(metric, stretch, arrivals[stretch.journey], periods, now=rules.now)
                for metric, stretch, periods in questions
            )

        return self.kept(project_id, rules, ("compared", tuple(questions), whose), read)

    def lifts(self, project_id: int, rules: RulesNow, whose: Whose) -> Lifts | None:
        """The effects of guides, where they are known."""
        return None if self._effects is None else self._effects.of(project_id, rules, whose)

    def forget(self) -> None:
        """Drop what is kept of people: for when somebody was erased. Waits for nobody."""
        self._answers = OrderedDict()

    def members_of(
        self, project_id: int, rules: RulesNow, whose: Whose, conditions: Mapping[str, Any]
    ) -> dict[str, frozenset[int]]:
        """The people of personas, and your own under INTERNAL_SEGMENT."""
        wanted = dict(conditions)
        internal = rules.project.segments.get(INTERNAL_SEGMENT)
        if internal is not None and not whose.everyone:
            wanted.setdefault(INTERNAL_SEGMENT, internal.where)
        if not wanted:
            return {}
        with self._database.reading() as connection:
            return members(connection, project_id, rules, wanted)

    def kept(self, project_id: int, rules: RulesNow, question: Hashable, read: Callable[[], Found]) -> Found:
        """An answer that was given before about the same data, else a new one. Time alone changes it by the minute."""
        with self._database.reading() as connection:
            version = roadmap_evidence.version(connection, project_id)
        sources = frozenset(rules.project.sources.items())
        whole = (project_id, question, version, rules.ruleset.plan.revision, sources, rules.now // MINUTE)
        with self._one_at_a_time:
            if whole in self._answers:
                self._answers.move_to_end(whole)
                known: Found = self._answers[whole]
                return known
            found = read()
            self._answers[whole] = found
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
            return found


def journey_named(rules: RuleProject, name: str) -> Journey:
    """A journey of rules. Raises UnknownJourney."""
    found = rules.journeys.get(name)
    if found is None:
        raise UnknownJourney(name, list(rules.journeys))
    return found


def choice_labels(rules: RuleProject) -> ChoiceLabel:
    """The texts of the choices of all questions, as the rules have them today."""
    known = {
        (guide.name.text, question.id.text, choice.key): choice.text.value
        for guide in rules.guides.values()
        for question in every(guide, Question)
        for choice in question.choices
        if choice.text is not None
    }
    return lambda guide, question, key: known.get((guide, question, key))


def _refuse_unknown(rules: RuleProject, asked: Asked) -> None:
    if asked.journey is None:
        return
    journey = journey_named(rules, asked.journey)
    steps = [step.name.text for step in journey.steps]
    if asked.step is not None and asked.step not in steps:
        raise UnknownStep(asked.journey, asked.step, steps)
