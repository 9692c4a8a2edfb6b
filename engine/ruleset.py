"""A project's rules, compiled once and ready to decide with.

Decides which guides an event can wake, and holds for each guide everything that the gates ask of it; whether a guide
is shown to a user is decided in `engine.decisions`. Immutable, and the same for the same texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from threading import Lock
from types import MappingProxyType
from typing import Final, assert_never

from dsl.clauses import (
    DEFAULT_HOLDOUT,
    DEFAULT_PRIORITY,
    PAGE_EVENT,
    SESSION_START_EVENT,
    every,
    one,
    places,
    trigger_events,
    triggers,
)
from dsl.compiler import CompiledCondition, Compiler, Term
from dsl.compiler.names import RuleScope
from dsl.garbage import nothing_collected
from dsl.needs import Attribute, Need, Source
from dsl.nodes import (
    AtLeastBetween,
    AtMost,
    AtPlace,
    ChecklistItem,
    Draft,
    EventRef,
    For,
    Goal,
    Guide,
    GuideKind,
    Holdout,
    InSegment,
    NotWith,
    OnEvent,
    OnPage,
    OnSessionStart,
    Or,
    Path,
    Paused,
    PlaceRef,
    Priority,
    Question,
    Rollout,
    Sample,
    Show,
    StopAfter,
    Testers,
    Unless,
    Variant,
    Wait,
    When,
)
from dsl.nodes.conditions import Condition
from dsl.patterns import glob
from dsl.project import RuleProject
from dsl.values import DAY, TEXT, Duration, JsonValue, Kind
from engine.arbitration import Sort, limits_of, rank_of
from engine.content import placeholders_of
from engine.errors import WaypostError
from engine.events import page_path
from engine.frequency import FrequencyCap, cap_of
from engine.guide_sets import Guides
from engine.index import Index, index_of
from engine.kept_guides import OnDemand
from engine.occurrences import fits
from engine.outline import Wakes, outline_of
from engine.plan import StatePlan, first_need, plan_for
from engine.replay.rules import CompiledRecord, compiled_records
from engine.residual import residual_of
from engine.rollout import variant_of
from engine.schedule import Schedule, schedule_of
from engine.state import Woken
from engine.survey_versions import Versions
from widgets.registry import SURVEY_FRAME

DEFAULT_GOAL_WITHIN: Final = Duration(7 * DAY)

LANGUAGE: Final = Attribute(Source.USER, "language", TEXT)
LOCALE: Final = Attribute(Source.USER, "locale", TEXT)
TIMEZONE: Final = Attribute(Source.USER, "timezone", TEXT)
ALWAYS_NEEDED: Final = (LANGUAGE, LOCALE, TIMEZONE)
"""What every decision asks of a user: for words and for `only between`."""


class RulesWithErrors(WaypostError):
    """Rules with errors were to be compiled; they are refused whole."""

    code = "rules_with_errors"

    def __init__(self) -> None:
        super().__init__("these rules have errors; `waypost check` lists them")


@dataclass(frozen=True, slots=True)
class Reached:
    """The default goal: reaching the step where the user stood when the guide was shown, out of these."""

    places: tuple[tuple[str, str], ...]
    """Journey and step."""
    within: Duration


@dataclass(frozen=True, slots=True)
class Happened:
    """The goal of a `goal` clause: an event in (shown, shown + within]."""

    event: EventRef
    within: Duration


GoalDefinition = Reached | Happened


@dataclass(frozen=True, slots=True, eq=False)
class CompiledGuide:
    """One guide, survey or launcher with everything that the gates ask.

    wakes: tests of a woken event by its name; empty for a state rule. standing: (journey, step) of its `at`.
    audience: None for everybody. terms: all that `when` and `unless` ask, which rules share.
    percent, sample: shares; 100 for everybody.
    wait: what only the browser can see, as it travels. goal: what the effect is measured on, None for nothing.
    placeholders: the attributes by the path that words name them with. needs: what all of it asks of the state.
    """

    node: Guide
    name: str
    kind: GuideKind
    priority: int
    schedule: Schedule
    cap: FrequencyCap
    wakes: Mapping[str, tuple[Wakes, ...]]
    standing: tuple[tuple[str, str], ...]
    at: CompiledCondition | None
    audience: CompiledCondition | None
    testers: CompiledCondition | None
    when: tuple[CompiledCondition, ...]
    unless: tuple[CompiledCondition, ...]
    terms: tuple[Term, ...]
    percent: int | float
    sample: int | float
    holdout: int | float
    not_with: tuple[str, ...]
    stop_after: int | None
    is_draft: bool
    is_paused: bool
    wait: Mapping[str, JsonValue] | None
    show: Show | None
    variants: tuple[Variant, ...]
    goal: GoalDefinition | None
    placeholders: Mapping[tuple[str, ...], Attribute]
    done: Mapping[ChecklistItem, CompiledCondition]
    needs: frozenset[Need]

    @property
    def is_edge(self) -> bool:
        """True for a rule with `on`."""
        return bool(self.wakes)

    @property
    def is_launcher(self) -> bool:
        """True for `feedback`, which is always there and takes no place."""
        return self.kind is GuideKind.FEEDBACK

    def is_woken_by(self, woken: Woken, only: str | None = None) -> bool:
        """True if the event wakes the guide; only: by this one name."""
        names = [name for name in names_of(woken) if only is None or name == only]
        return any(test(woken) for name in names for test in self.wakes.get(name, ()))

    def variant_for(self, person: str) -> Variant | None:
        """The variant that the person sees; None where there is one `show` only."""
        if not self.variants:
            return None
        name = variant_of(self.name, person, [(each.name.text, each.percent) for each in self.variants])
        return next((each for each in self.variants if each.name.text == name), None)

    def show_for(self, person: str) -> Show | None:
        """What the person is shown; None for a survey in its usual frame."""
        variant = self.variant_for(person)
        return variant.show if variant is not None else self.show

    def sort_for(self, person: str) -> Sort:
        """What `limits` tell it by."""
        show = self.show_for(person)
        return Sort(self.kind, show.widget if show is not None else SURVEY_FRAME)

    def kind_for(self, person: str) -> str:
        """What the browser is told that it is: the widget's name, or `survey`, or `feedback`."""
        return self.sort_for(person).widget if self.kind is GuideKind.GUIDE else self.kind.value


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """All guides of a project, compiled, with an index over them. Made by `RuleSet.build`.

    guides: by rank, the one that wins first; names: of these; ranks: the place of each, by name.
    revision: a hash of the rules: comments and layout do not change it; prints: one of each file.
    is_stopped: nothing is shown at all.
    """

    project: RuleProject
    plan: StatePlan
    revision: str
    guides: Sequence[CompiledGuide]
    names: tuple[str, ...]
    by_name: Mapping[str, CompiledGuide]
    ranks: Mapping[str, int]
    index: Index
    limits: tuple[AtMost | AtLeastBetween, ...]
    records: tuple[CompiledRecord, ...]
    workshop: Workshop = field(repr=False)
    prints: Mapping[str, str] = field(repr=False)
    is_stopped: bool = False

    @classmethod
    def build(cls, project: RuleProject, *, is_stopped: bool = False, previous: RuleSet | None = None) -> RuleSet:
        """Compile a checked project. Raises RulesWithErrors if it has errors.

        previous: an earlier version of the rules, of which the guides that are the same are not compiled again, as
        long as everything is the same that a guide may speak of.
        """
        if not project.ok:
            raise RulesWithErrors
        if previous is None or not _means_the_same(previous.project, project):
            workshop = Workshop(project)
            kept: Mapping[str, CompiledGuide] = {}
        else:
            workshop, kept = previous.workshop, previous.by_name
            kept = kept.made if isinstance(kept, OnDemand) else kept
            workshop.adopt(project)
        with nothing_collected():
            made = [_again(kept.get(name), node) or workshop.guide(node) for name, node in project.guides.items()]
            records = workshop.records()
        guides = tuple(sorted(made, key=lambda each: rank_of(each.priority, each.name)))
        # Guides share what they need; it is hashed once.
        needs = {id(need): need for each in made for need in each.needs}
        needs |= {id(need): need for each in records for need in each.needs}
        prints = _prints(project, previous)
        return cls(
            project=project,
            plan=plan_for(project, {*ALWAYS_NEEDED, *needs.values()}),
            revision=_revision(project.zone, prints),
            prints=prints,
            guides=guides,
            names=tuple(each.name for each in guides),
            by_name=MappingProxyType({each.name: each for each in guides}),
            ranks=MappingProxyType({each.name: number for number, each in enumerate(guides)}),
            index=index_of([outline_of(each) for each in guides]),
            limits=limits_of(project.limits),
            records=records,
            workshop=workshop,
            is_stopped=is_stopped,
        )

    def with_surveys(self, surveys: Mapping[str, Versions]) -> RuleSet:
        """The same rules, with the versions that their surveys have had."""
        plan = self.plan.with_surveys(surveys)
        return self if plan is self.plan else replace(self, plan=plan)

    def switched(self, *, is_stopped: bool) -> RuleSet:
        """The same rules with all guidance switched off, or on."""
        return self if self.is_stopped == is_stopped else replace(self, is_stopped=is_stopped)

    def woken_by(self, woken: Woken, only: str | None = None) -> Guides:
        """The guides that an event wakes; only: by this one name."""
        names = names_of(woken)
        return self.index.woken_by(woken, names if only is None else [name for name in names if name == only])

    def is_woken_by(self, woken: Woken) -> bool:
        """True if the event wakes any guide."""
        return self.index.is_woken_by(woken, names_of(woken))

    @property
    def stops(self) -> tuple[str, ...]:
        """The surveys that end after a number of responses: of these the decision asks how many there are."""
        return tuple(self.index.quotas)


def names_of(woken: Woken) -> tuple[str, ...]:
    """The names by which an event wakes rules: its own, and `$session_start` where it began one."""
    return (woken.event.name, SESSION_START_EVENT) if woken.started_session else (woken.event.name,)


def _revision(zone: str, prints: Mapping[str, str]) -> str:
    """A hash of all declarations, in the order of their files' names, and of the time zone."""
    return _hash("\x1e".join([zone, *(each for _, each in sorted(prints.items()))]))[:16]


def _prints(project: RuleProject, previous: RuleSet | None) -> Mapping[str, str]:
    """A hash of the declarations of each file; the same text declares the same as before."""
    found: dict[str, str] = {}
    for name in project.programs:
        text = project.sources.get(name)
        is_known = previous is not None and text is not None and previous.project.sources.get(name) == text
        known = previous.prints[name] if previous is not None and is_known else None
        found[name] = known or _hash(repr(project.programs[name].declarations))
    return found


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _means_the_same(old: RuleProject, new: RuleProject) -> bool:
    """True if every condition of a guide means in the new project what it meant in the old one."""
    return (
        old.zone == new.zone
        and old.catalog == new.catalog
        and old.journeys == new.journeys
        and old.segments == new.segments
        and _questions(old) == _questions(new)
    )


def _questions(project: RuleProject) -> Mapping[str, tuple[Question, ...]]:
    """What other guides may ask of a survey: which there are, and their questions."""
    asking = (name for name, kind in project.kinds.items() if kind is not GuideKind.GUIDE)
    return {name: every(project.guides[name], Question) for name in asking}


def _again(kept: CompiledGuide | None, node: Guide) -> CompiledGuide | None:
    """What was compiled of a guide, if it says the same; it may stand at another place of the text."""
    if kept is None or kept.node != node:
        return None
    return kept if kept.node is node else replace(kept, node=node, show=one(node, Show), variants=every(node, Variant))


class Workshop:
    """Compiles the guides of one project, and of later versions of it; what guides share is made once."""

    def __init__(self, project: RuleProject) -> None:
        self._project = project
        self._compiler = Compiler(project)
        self._tests: dict[OnEvent | OnPage | OnSessionStart, tuple[str, Wakes]] = {}
        self._needs: set[Need] = set()
        self._lock = Lock()

    def adopt(self, project: RuleProject) -> None:
        """Go on with a project in which everything means the same."""
        self._project = self._compiler.project = project

    def records(self) -> tuple[CompiledRecord, ...]:
        """Compile what is recorded."""
        with self._lock:
            return compiled_records(self._project, self._compiler)

    def guide(self, node: Guide) -> CompiledGuide:
        """Compile one guide."""
        with self._lock:
            self._needs = set()
            return self._guide(node)

    def _guide(self, node: Guide) -> CompiledGuide:
        names = trigger_events(node)
        audience, testers = one(node, For), one(node, Testers)
        rollout, sample, stop = one(node, Rollout), one(node, Sample), one(node, StopAfter)
        priority, together = one(node, Priority), one(node, NotWith)
        return CompiledGuide(
            node=node,
            name=node.name.text,
            kind=node.kind,
            priority=priority.value if priority is not None else DEFAULT_PRIORITY,
            schedule=schedule_of(node, self._project.zone),
            cap=cap_of(node),
            wakes=self._wakes(node),
            standing=self._standing(places(node)),
            at=self._any([AtPlace(place, span=place.span) for place in places(node)], names),
            audience=self._any([InSegment(each, span=each.span) for each in audience.segments], names)
            if audience is not None
            else None,
            testers=self._condition(InSegment(testers.segment, span=testers.span), names)
            if testers is not None
            else None,
            when=tuple(self._condition(each.condition, names) for each in every(node, When)),
            unless=tuple(self._condition(each.condition, names) for each in every(node, Unless)),
            terms=self._terms(node, names),
            percent=rollout.percent if rollout is not None else 100,
            sample=sample.percent if sample is not None else 100,
            holdout=holdout_of(node),
            not_with=tuple(each.text for each in together.guides) if together is not None else (),
            stop_after=stop.responses if stop is not None else None,
            is_draft=one(node, Draft) is not None,
            is_paused=one(node, Paused) is not None,
            wait=residual_of(one(node, Wait)),
            show=one(node, Show),
            variants=every(node, Variant),
            goal=self._goal(node),
            placeholders=self._placeholders(node, names),
            done=self._done(node, names),
            needs=frozenset(self._needs),
        )

    def _condition(self, condition: Condition, names: tuple[str, ...]) -> CompiledCondition:
        compiled = self._compiler.condition(condition, edge=bool(names), triggers=names)
        self._needs |= compiled.needs
        return compiled

    def _terms(self, node: Guide, names: tuple[str, ...]) -> tuple[Term, ...]:
        asked = [(each.condition, isinstance(each, When)) for each in node.clauses if isinstance(each, When | Unless)]
        found = [
            term
            for condition, positive in asked
            for term in self._compiler.terms(condition, positive=positive, edge=bool(names), triggers=names)
        ]
        return tuple(found)

    def _any(self, terms: Sequence[Condition], names: tuple[str, ...]) -> CompiledCondition | None:
        if not terms:
            return None
        return self._condition(terms[0] if len(terms) == 1 else Or(tuple(terms), span=terms[0].span), names)

    def _wakes(self, node: Guide) -> Mapping[str, tuple[Wakes, ...]]:
        tests: dict[str, list[Wakes]] = {}
        for clause in triggers(node):
            name, test = self.wakes(clause)
            tests.setdefault(name, []).append(test)
        return MappingProxyType({name: tuple(each) for name, each in tests.items()})

    def wakes(self, clause: OnEvent | OnPage | OnSessionStart) -> tuple[str, Wakes]:
        """The event of a trigger by its name, and a test of it; guides that wait for the same share one test."""
        if clause not in self._tests:
            self._tests[clause] = self._wake(clause)
        return self._tests[clause]

    def _wake(self, clause: OnEvent | OnPage | OnSessionStart) -> tuple[str, Wakes]:
        match clause:
            case OnEvent(first=True):
                key = first_need(clause.event, self._compiler).key
                return clause.event.name.value, lambda woken: key in woken.firsts
            case OnEvent():
                is_meant = fits(self._compiler.occurrence(clause.event))
                return clause.event.name.value, lambda woken: is_meant(woken.event)
            case OnPage():
                is_page = glob(clause.pattern.value)
                return PAGE_EVENT, lambda woken: (path := page_path(woken.event)) is not None and is_page(path)
            case OnSessionStart():
                return SESSION_START_EVENT, lambda woken: woken.started_session
            case _:
                assert_never(clause)

    def _standing(self, refs: Sequence[PlaceRef]) -> tuple[tuple[str, str], ...]:
        found = [(ref.journey.text, step.name.text) for ref in refs for step in self._project.steps_at(ref)]
        return tuple(dict.fromkeys(found))

    def _goal(self, node: Guide) -> GoalDefinition | None:
        goal = one(node, Goal)
        if goal is not None:
            return Happened(goal.event, goal.within.length)
        standing = self._standing(places(node))
        return Reached(standing, DEFAULT_GOAL_WITHIN) if standing else None

    def _placeholders(self, node: Guide, names: tuple[str, ...]) -> Mapping[tuple[str, ...], Attribute]:
        scope = RuleScope(self._project.catalog, self._project.zone, names)
        found: dict[tuple[str, ...], Attribute] = {}
        for parts in placeholders_of(node):
            attribute = scope.attribute(Path(parts, span=node.span), TEXT)
            # A version is shown as it was sent, with the zeros and the letters that an order of versions forgets.
            if attribute.type.kind is Kind.VERSION:
                attribute = Attribute(attribute.source, attribute.name, TEXT)
            found[parts] = attribute
        self._needs |= set(found.values())
        return MappingProxyType(found)

    def _done(self, node: Guide, names: tuple[str, ...]) -> Mapping[ChecklistItem, CompiledCondition]:
        shows = [*every(node, Show), *(variant.show for variant in every(node, Variant))]
        items = [each for show in shows for each in show.content if isinstance(each, ChecklistItem)]
        return MappingProxyType({item: self._condition(item.done_when, names) for item in items})


def holdout_of(guide: Guide) -> int | float:
    """The percentage that is held out: as written, else 10 of a guide with `at` or `goal`, 0 of anything else."""
    written = one(guide, Holdout)
    if written is not None:
        return written.percent
    is_measured = bool(places(guide)) or one(guide, Goal) is not None
    return DEFAULT_HOLDOUT if guide.kind is GuideKind.GUIDE and is_measured else 0
