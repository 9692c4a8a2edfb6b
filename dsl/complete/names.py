"""The names of a project, as offers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from dsl.catalog import BUILT_IN_EVENTS, Subject, catalog_of
from dsl.complete.completion import Offer, Sort, Weight
from dsl.complete.reading import Asked
from dsl.explain.words import plain
from dsl.formatter.words import name as written
from dsl.formatter.words import quoted
from dsl.nodes import EventRef, Guide, GuideKind, Segment, TextLiteral
from dsl.project import RuleProject
from dsl.values import Kind, ValueType

_BUILT_IN: Final = frozenset(catalog_of((), ()).user)
"""Attributes that are known without a declaration."""


def label_words(label: TextLiteral | None, name: str) -> str:
    """What a thing is called: its label, else its name."""
    return label.value if label is not None else plain(name)


def attributes(project: RuleProject, triggers: Iterable[str] = ()) -> Iterator[Offer]:
    """Everything that is known of a user, an account, the page, and the event that wakes the guide."""
    catalog = project.catalog
    events = tuple(triggers)
    for event in events[:1]:
        known = catalog.event(event)
        for name in known.properties if known is not None else ():
            subject = catalog.subject(("event", name), triggers=events)
            if subject is not None:
                yield _attribute(f"event.{_after_dot(name)}", subject.type, Weight.FITTING, Sort.PROPERTY)
    for name, subject in catalog.user.items():
        yield _attribute(written(name), subject.type, _weight(name, subject))
    for name, subject in catalog.account.items():
        weight = Weight.DECLARED if subject.declared else Weight.SEEN
        yield _attribute(f"account.{_after_dot(name)}", subject.type, weight)
    for name in catalog.context_names():
        found = catalog.subject(tuple(name.split(".")))
        if found is not None:
            yield _attribute(name, found.type, Weight.BUILT_IN)


def number_attributes(project: RuleProject, triggers: Iterable[str] = ()) -> Iterator[Offer]:
    """What a share can be taken of."""
    return (each for each in attributes(project, triggers) if each.detail == Kind.NUMBER.value)


def _weight(name: str, subject: Subject) -> Weight:
    if not subject.declared:
        return Weight.SEEN
    return Weight.BUILT_IN if name in _BUILT_IN else Weight.DECLARED


def _attribute(label: str, type_: ValueType, weight: Weight, kind: Sort = Sort.ATTRIBUTE) -> Offer:
    return Offer(label, kind, weight, str(type_))


def properties(event: str, project: RuleProject) -> Iterator[Offer]:
    """The properties of an event."""
    known = project.catalog.event(event)
    for name, type_ in known.properties.items() if known is not None else ():
        yield _attribute(written(name), type_, Weight.FITTING, Sort.PROPERTY)


def properties_anywhere(project: RuleProject, kind: Kind | None = None) -> Iterator[Offer]:
    """The properties of all events that the project declares, of one kind of value if one is given."""
    for event in project.catalog.events.values():
        if event.name in BUILT_IN_EVENTS:
            continue
        for name, type_ in event.properties.items():
            if kind is None or type_.kind is kind:
                weight = Weight.DECLARED if event.declared else Weight.SEEN
                yield Offer(written(name), Sort.PROPERTY, weight, f"{type_} of {quoted(event.name)}")


def events(project: RuleProject, fitting: Collection[str] = ()) -> Iterator[Offer]:
    """All events; those that fit best are named by the caller."""
    for name, event in project.catalog.events.items():
        if name in fitting:
            weight = Weight.FITTING
        elif name in BUILT_IN_EVENTS:
            weight = Weight.BUILT_IN
        else:
            weight = Weight.DECLARED if event.declared else Weight.SEEN
        detail = ", ".join(written(each) for each in event.properties)
        yield Offer(name, Sort.EVENT, weight, f"event {{ {detail} }}" if detail else "event", quoted(name))


def events_of_step(place: str, project: RuleProject) -> frozenset[str]:
    """The events that a step, or the steps of a stage, are reached and attempted by; `place` as it is written."""
    journey, _, name = (part.strip("` ") for part in place.partition("."))
    found = project.journeys.get(journey)
    refs: list[EventRef] = []
    for stage in found.stages if found is not None else ():
        for step in stage.steps:
            if name in (step.name.text, stage.name.text):
                refs += (*step.reached_by, *step.attempted_by)
    return frozenset(ref.name.value for ref in refs)


def places(project: RuleProject, *, stages: bool) -> Iterator[Offer]:
    """Every step, with its stages where they may stand too."""
    for journey in project.journeys.values():
        for stage in journey.stages:
            prefix = f"{written(journey.name.text)}."
            for step in stage.steps:
                label = prefix + _after_dot(step.name.text)
                yield Offer(label, Sort.STEP, Weight.DECLARED, label_words(step.label, step.name.text))
            if stages:
                label, detail = prefix + _after_dot(stage.name.text), label_words(stage.label, stage.name.text)
                yield Offer(label, Sort.STAGE, Weight.BUILT_IN, f"stage: {detail}")


def segments(project: RuleProject) -> Iterator[Offer]:
    """Segments and personas."""
    for name, each in project.segments.items():
        yield Offer(written(name), Sort.SEGMENT, Weight.DECLARED, segment_words(each))


def segment_words(segment: Segment) -> str:
    """`persona: Self-serve trial`."""
    what = "persona" if segment.is_persona else "segment"
    return f"{what}: {label_words(segment.label, segment.name.text)}"


def guides(project: RuleProject, *, surveys_only: bool = False) -> Iterator[Offer]:
    """Guides, surveys and feedback."""
    for name, guide in project.guides.items():
        is_guide = guide.kind is GuideKind.GUIDE
        if not (surveys_only and is_guide):
            kind = Sort.GUIDE if is_guide else Sort.SURVEY
            yield Offer(written(name), kind, Weight.DECLARED, guide_words(guide))


def guide_words(guide: Guide) -> str:
    """`survey: Effort of verification`."""
    return f"{guide.kind.value}: {label_words(guide.label, guide.name.text)}"


def journeys(project: RuleProject) -> Iterator[Offer]:
    """The journeys."""
    for name, journey in project.journeys.items():
        yield Offer(written(name), Sort.JOURNEY, Weight.DECLARED, f"journey: {label_words(journey.label, name)}")


def answers(asked: Iterable[Asked], *, survey: str | None = None) -> Iterator[Offer]:
    """Questions, with their survey's name where one is given."""
    for each in asked:
        label = written(each.id) if survey is None else f"{written(survey)}.{_after_dot(each.id)}"
        weight = Weight.FITTING if survey is None else Weight.DECLARED
        yield Offer(label, Sort.QUESTION, weight, each.text)


def _after_dot(name: str) -> str:
    return name if name.isidentifier() else written(name)
