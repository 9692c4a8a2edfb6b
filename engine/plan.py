"""What is kept of a person under a rule set: which slots, journeys, attributes and guides.

Decides nothing about a person: a plan is made once when rules are published, and says in its `revision` whether a
state that was folded under another one can still be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Final

from dsl.checker.declarations import is_page
from dsl.clauses import every, places
from dsl.compiler import Compiler
from dsl.needs import AccountWide, Attribute, First, Kept, Need, Source, Tracked, merged
from dsl.nodes import EventRef, Guide, GuideKind, Journey, OnEvent, Question
from dsl.patterns import glob
from dsl.project import RuleProject
from dsl.values import Instant
from engine.emotion import scale_of
from engine.events import GROUP_EVENT, GUIDE_EVENTS, IDENTIFY_EVENT
from engine.friction import FRICTION_VERSION
from engine.journeys import EventOfJourney, JourneyPlan, Role, concerns
from engine.occurrences import fits
from engine.rescoring import THRESHOLDS_VERSION
from engine.survey_versions import Versions, as_fingerprint, version_at
from engine.windows import Folder, folder

FOLD_VERSION: Final = 1
"""Raised when the same events would give another state than before."""

_MOST_NAMES: Final = 10_000

Reaching = Mapping[tuple[str, str], frozenset[str]]
"""By journey and step: the names of the events that reach it."""


@dataclass(frozen=True, slots=True)
class GuidePlan:
    """A guide as the fold needs it. steps: where its answers belong: journeys, each with names of its steps."""

    name: str
    is_survey: bool
    questions: Mapping[str, Question]
    steps: tuple[tuple[str, tuple[str, ...]], ...] = ()
    versions: Versions = ()
    """Of its questions, as far as they are known: away from a database none is."""

    def asked(self, name: str, at: Instant, shown: Sequence[Instant]) -> tuple[Question | None, int]:
        """The question that was answered at an instant, as it was when the user saw it, and its survey's version.

        shown: when the guide was shown to them until then, ascending.
        """
        if not self.versions:
            return self.questions.get(name), 1
        version = version_at(self.versions, shown[-1] if shown else at)
        questions = self.questions if version is self.versions[-1] else version.questions
        return questions.get(name), version.version


@dataclass(frozen=True, slots=True)
class Meaning:
    """What events of one name are to a plan: the journeys that they may change, the slots that they may fill.

    firsts: keys of the slots that keep the first of them. is_of_guide: they are of a guide's life. is_nothing: they
      leave nothing but their position, and what any event tells of ids and sessions.
    """

    journeys: tuple[tuple[str, JourneyPlan], ...]
    folders: tuple[Folder, ...]
    firsts: tuple[str, ...]
    is_of_guide: bool
    is_nothing: bool


@dataclass(frozen=True, slots=True, eq=False)
class StatePlan:
    """What to keep of every person. Made by `plan_for`.

    revision: a hash of everything that a state's content depends on; texts and priorities of guides are not in it.
    kept: the needs that have a slot, by key. account_wide: keys of those that other users of the account read.
    attributes: what conditions ask of the user, the account, the request, the trigger and the answers, by source and
      name.
    """

    revision: str
    kept: Mapping[str, Kept]
    account_wide: frozenset[str]
    attributes: Mapping[Source, Mapping[str, tuple[Attribute, ...]]]
    journeys: Mapping[str, JourneyPlan]
    guides: Mapping[str, GuidePlan]
    folders: Mapping[str, tuple[Folder, ...]]
    """What fills the slots, by the event's name."""
    folders_of_all: tuple[Folder, ...]
    """Those that are interested in every event."""
    reaching: Reaching
    nested_properties: tuple[str, ...] = ()
    """Names of EVENT attributes that reach into objects."""
    plain: StatePlan | None = None
    """The plan as the rules alone make it, where this one knows earlier versions of surveys besides."""
    meanings: dict[str, Meaning] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What is known of names already; see `meaning`."""

    def with_surveys(self, surveys: Mapping[str, Versions]) -> StatePlan:
        """The plan that reads answers to earlier versions of surveys by the questions of then."""
        plain = self.plain or self
        told = as_fingerprint({name: versions for name, versions in surveys.items() if name in plain.guides})
        if not told:
            return plain
        text = json.dumps([plain.revision, told], ensure_ascii=False)
        return replace(
            plain,
            revision=blake2b(text.encode("utf-8", "backslashreplace"), digest_size=12).hexdigest(),
            guides={name: replace(guide, versions=surveys.get(name, ())) for name, guide in plain.guides.items()},
            plain=plain,
        )

    def meaning(self, name: str) -> Meaning:
        """What events of a name are to this plan."""
        known = self.meanings.get(name)
        if known is None:
            own = self.folders.get(name, ())
            journeys = tuple((key, journey) for key, journey in self.journeys.items() if concerns(journey, name))
            is_of_guide = name in GUIDE_EVENTS
            means = bool(journeys or own or self.folders_of_all or is_of_guide)
            known = Meaning(
                journeys=journeys,
                folders=(*own, *self.folders_of_all),
                firsts=tuple(each.key for each in own if each.is_first),
                is_of_guide=is_of_guide,
                is_nothing=not means and name not in (IDENTIFY_EVENT, GROUP_EVENT),
            )
            if len(self.meanings) >= _MOST_NAMES:
                # Names come from outside.
                self.meanings.clear()
            self.meanings[name] = known
        return known

    def without_limit(self, key: str) -> StatePlan:
        """A plan that keeps one slot alone, as long as it gets: for `Facts.recall`. Raises KeyError."""
        return replace(
            self,
            kept={key: self.kept[key]},
            **_indexed([folder(self.kept[key], self.reaching, limit=None)]),
        )


@dataclass(frozen=True, slots=True)
class PlanContents:
    """All of a plan that takes time to find and can be kept; the members are those of StatePlan."""

    revision: str
    kept: Mapping[str, Kept]
    account_wide: frozenset[str]
    attributes: Mapping[Source, Mapping[str, tuple[Attribute, ...]]]
    guides: Mapping[str, GuidePlan]


def plan_for(project: RuleProject, needs: Iterable[Need]) -> StatePlan:
    """The plan for a checked project and what its compiled conditions need.

    What `on first "E"` asks for is added. Raises CompileError for conditions that the checker refuses.
    """
    compiler = Compiler(project)
    kept: dict[str, Kept] = {}
    account_wide: set[str] = set()
    attributes: dict[Source, dict[str, set[Attribute]]] = {}
    for need in [*needs, *_firsts(project, compiler)]:
        match need:
            case Attribute():
                attributes.setdefault(need.source, {}).setdefault(need.name, set()).add(need)
            case AccountWide():
                account_wide.add(need.need.key)
            case _:
                known = kept.get(need.key)
                kept[need.key] = need if known is None else merged(known, need)
    guides = {name: _guide_plan(guide, project) for name, guide in project.guides.items()}
    ordered = {key: kept[key] for key in sorted(kept)}
    contents = PlanContents(
        revision=_revision(project, compiler, ordered, guides),
        kept=ordered,
        account_wide=frozenset(account_wide),
        attributes={
            source: {name: tuple(sorted(found, key=lambda each: each.key)) for name, found in by_name.items()}
            for source, by_name in attributes.items()
        },
        guides=guides,
    )
    return plan_of(project, contents)


def plan_of(project: RuleProject, contents: PlanContents) -> StatePlan:
    """The plan of a project whose contents are known."""
    compiler, reaching = Compiler(project), _reaching(project)
    return StatePlan(
        revision=contents.revision,
        kept=contents.kept,
        account_wide=contents.account_wide,
        attributes=contents.attributes,
        journeys={name: _journey_plan(journey, compiler) for name, journey in project.journeys.items()},
        guides=contents.guides,
        reaching=reaching,
        nested_properties=tuple(sorted(name for name in contents.attributes.get(Source.EVENT, {}) if "." in name)),
        **_indexed([folder(need, reaching) for need in contents.kept.values()]),
    )


def contents_of(plan: StatePlan) -> PlanContents:
    """What of a plan can be kept: what follows from the rules alone."""
    plan = plan.plain or plan
    return PlanContents(plan.revision, plan.kept, plan.account_wide, plan.attributes, plan.guides)


def first_need(event: EventRef, compiler: Compiler) -> First:
    """What tells that an event is the first of its kind; its key is in `Woken.firsts` then."""
    return First(compiler.occurrence(event))


def _firsts(project: RuleProject, compiler: Compiler) -> list[First]:
    clauses = [clause for guide in project.guides.values() for clause in every(guide, OnEvent)]
    return [first_need(clause.event, compiler) for clause in clauses if clause.first]


def _indexed(folders: Sequence[Folder]) -> dict[str, Any]:
    by_name: dict[str, list[Folder]] = {}
    for each in folders:
        for name in each.names or ():
            by_name.setdefault(name, []).append(each)
    return {
        "folders": {name: tuple(found) for name, found in by_name.items()},
        "folders_of_all": tuple(each for each in folders if each.names is None),
    }


def _meanings(journey: Journey) -> list[tuple[EventRef, Role, int | None]]:
    found: list[tuple[EventRef, Role, int | None]] = []
    for number, step in enumerate(journey.steps):
        found += [(event, Role.REACHES, number) for event in step.reached_by]
        found += [(event, Role.ATTEMPTS, number) for event in step.attempted_by]
    return [*found, *((event, Role.OUTCOME, None) for event in journey.outcomes)]


def _pages(journey: Journey) -> list[tuple[str, int]]:
    return [
        (touchpoint.text.value, number)
        for number, step in enumerate(journey.steps)
        for touchpoint in step.touchpoints
        if touchpoint.channel is None and is_page(touchpoint.text.value)
    ]


def _journey_plan(journey: Journey, compiler: Compiler) -> JourneyPlan:
    events: dict[str, list[EventOfJourney]] = {}
    for event, role, step in _meanings(journey):
        tracked = compiler.occurrence(event)
        is_true_of: Callable[..., bool] | None = None if tracked.where is None else fits(tracked)
        events.setdefault(event.name.value, []).append(EventOfJourney(is_true_of, role, step))
    return JourneyPlan(
        name=journey.name.text,
        steps=tuple(step.name.text for step in journey.steps),
        events={name: tuple(found) for name, found in events.items()},
        pages=tuple((glob(pattern), number) for pattern, number in _pages(journey)),
        has_outcome=bool(journey.outcomes),
        gives_up_after=None if journey.gives_up_after is None else journey.gives_up_after.length,
    )


def _guide_plan(guide: Guide, project: RuleProject) -> GuidePlan:
    steps: dict[str, list[str]] = {}
    for place in places(guide):
        steps.setdefault(place.journey.text, []).extend(step.name.text for step in project.steps_at(place))
    return GuidePlan(
        name=guide.name.text,
        is_survey=guide.kind is GuideKind.SURVEY,
        questions={question.id.text: question for question in every(guide, Question)},
        steps=tuple((journey, tuple(dict.fromkeys(names))) for journey, names in steps.items() if names),
    )


def _reaching(project: RuleProject) -> Reaching:
    return {
        (name, step.name.text): frozenset(event.name.value for event in step.reached_by)
        for name, journey in project.journeys.items()
        for step in journey.steps
    }


def _revision(
    project: RuleProject, compiler: Compiler, kept: Mapping[str, Kept], guides: Mapping[str, GuidePlan]
) -> str:
    content = {
        "version": [FOLD_VERSION, FRICTION_VERSION, THRESHOLDS_VERSION],
        "kept": [repr(need) for need in kept.values()],
        "journeys": {name: _spelled_journey(journey, compiler) for name, journey in project.journeys.items()},
        "guides": {name: _spelled_guide(guide) for name, guide in guides.items()},
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return blake2b(text.encode("utf-8", "backslashreplace"), digest_size=12).hexdigest()


def _spelled_journey(journey: Journey, compiler: Compiler) -> list[object]:
    meanings = [
        [_spelled_event(compiler.occurrence(event)), role.value, step] for event, role, step in _meanings(journey)
    ]
    return [[step.name.text for step in journey.steps], meanings, _pages(journey)]


def _spelled_event(event: Tracked) -> list[str]:
    return [event.name] if event.where is None else [event.name, event.where.text]


def _spelled_guide(guide: GuidePlan) -> list[object]:
    questions = [
        [
            name,
            question.type,
            scale_of(question),
            [[choice.key, choice.feels and choice.feels.text] for choice in question.choices],
        ]
        for name, question in guide.questions.items()
    ]
    return [guide.is_survey, questions, guide.steps]
