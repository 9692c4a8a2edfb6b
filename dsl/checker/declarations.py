"""Attributes, events, journeys, features, limits, imports; and that no name is declared twice."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from dsl.catalog import BUILT_IN_EVENTS, FIXED
from dsl.checker import conditions
from dsl.checker.comparisons import Asked, Test, check_test, no_share
from dsl.checker.literals import check_blank, check_duration, check_page, check_selector, check_version
from dsl.checker.report import Report, place_words, sort_words
from dsl.checker.scope import Scope, Standing
from dsl.checker.where import Ended, check_event
from dsl.codes import names, values, warnings
from dsl.diagnostics import Span
from dsl.nodes import (
    AtLeastBetween,
    AtMost,
    Attribute,
    DayLiteral,
    DurationLiteral,
    EventDeclaration,
    Feature,
    Guide,
    Import,
    Journey,
    Limits,
    Literal,
    Name,
    Segment,
    Step,
    TimeLiteral,
    Touchpoint,
    VersionLiteral,
)
from dsl.sources import imported_name
from dsl.suggest import nearest
from dsl.values import Kind, ValueType
from widgets.registry import WIDGETS

PHASES = (
    "discovery",
    "awareness",
    "consideration",
    "onboarding",
    "first value",
    "adoption",
    "usage",
    "advanced usage",
    "retention",
    "renewal",
    "advocacy",
)
"""The usual phases of a journey; the list is open."""

DEPARTMENTS = frozenset(
    {
        "sales",
        "support",
        "marketing",
        "customer success",
        "customer service",
        "success",
        "finance",
        "engineering",
        "operations",
        "product",
        "legal",
        "hr",
        "it",
    }
)
"""Parts of a company: names of stages that say who is in charge instead of what the user wants."""


def check_attribute(report: Report, attribute: Attribute) -> None:
    """The type can be, the default is of it."""
    name = attribute.name
    if not attribute.of_account and name.text in FIXED:
        message = f"`{name.text}` is given by Waypost"
        report.add(names.BUILT_IN.at(name.span, message, help="leave the declaration out; the name is known"))
    if attribute.source is not None:
        check_blank(report, attribute.source, what="the name as it is sent")
    _check_type(report, attribute.type, attribute.span)
    if attribute.default is not None:
        _check_default(report, attribute, attribute.default)


def _check_type(report: Report, type_: ValueType, span: Span) -> None:
    if type_.kind is not Kind.ONE_OF:
        return
    if any(not value.strip() for value in type_.allowed):
        message = "a blank value never occurs: blank text counts as not set"
        report.add(values.BLANK_VALUE.at(span, message, help="leave it out, and ask `is not set`"))


def _check_default(report: Report, attribute: Attribute, default: Literal) -> None:
    words = f"`{attribute.name.text}`"
    if attribute.type.kind is Kind.TIME and isinstance(default, DayLiteral | TimeLiteral):
        return
    if attribute.type.kind in (Kind.TIME, Kind.TEXT_LIST, Kind.NUMBER_LIST):
        fits = "a date, `2026-01-01`" if attribute.type.kind is Kind.TIME else None
        message = f"{words} is {attribute.type}; this cannot be its default"
        help_ = f"write {fits}" if fits else "leave the default out: ask `is set` instead"
        report.add(values.WRONG_TYPE.at(default.span, message, help=help_))
    elif attribute.type.kind is Kind.VERSION and isinstance(default, VersionLiteral):
        check_version(report, default)
    else:
        asked = Asked(words, attribute.type, attribute.name.span)
        check_test(report, asked, Test("is", (default,), default.span), no_share)


def check_event_declaration(report: Report, event: EventDeclaration) -> None:
    """The name is the project's own, the properties have names of their own."""
    if event.name.value in BUILT_IN_EVENTS:
        message = f"`{event.name.value}` is sent by Waypost itself"
        report.add(names.BUILT_IN.at(event.name.span, message, help="leave the declaration out; the event is known"))
    check_blank(report, event.name, what="the name of the event")
    report.twice((each.name for each in event.properties), what="property")
    for each in event.properties:
        _check_type(report, each.type, each.span)
    if event.click is not None:
        check_selector(report, event.click.selector)
        if event.click.page is not None:
            check_page(report, event.click.page)


def check_journey(report: Report, journey: Journey) -> None:
    """Stages and steps have names of their own; every step can be reached."""
    report.twice((stage.name for stage in journey.stages), what="stage")
    report.twice((step.name for step in journey.steps), what="step")
    stages = {stage.name.text for stage in journey.stages}
    for step in journey.steps:
        if step.name.text in stages:
            message = f"`{journey.name.text}.{step.name.text}` is a stage and a step"
            report.add(names.STAGE_AND_STEP.at(step.name.span, message, help="give one of the two another name"))
        _check_step(report, step, is_whole=report.is_whole(journey))
    for stage in journey.stages:
        label = stage.label.value if stage.label is not None else ""
        department = next((each for each in (label, stage.name.text.replace("_", " ")) if is_department(each)), None)
        if department is not None:
            message = f"`{department}` says who is in charge, not what the user wants"
            help_ = 'name it after the user\'s aim, such as "Find out whether it fits"'
            place = stage.label if stage.label is not None and department == label else stage.name
            report.add(warnings.DEPARTMENT_STAGE.at(place.span, message, help=help_))
        if stage.phase is not None and stage.phase.value.casefold() not in PHASES:
            near = nearest(stage.phase.value, PHASES)
            if near:
                message = f"`{stage.phase.value}` is none of the usual phases"
                report.add(warnings.PHASE.at(stage.phase.span, message, help=f"did you mean `{near[0]}`?"))
    for outcome in journey.outcomes:
        check_event(report, outcome, Ended.FACT)
    if journey.gives_up_after is not None:
        check_duration(report, journey.gives_up_after)


def is_department(label: str) -> bool:
    """True when a stage's name is that of a part of a company."""
    words = label.casefold().split()
    bare = [word for word in words if word not in ("team", "department", "dept", "the", "stage", "phase")]
    return " ".join(bare) in DEPARTMENTS


def _check_step(report: Report, step: Step, *, is_whole: bool) -> None:
    if not step.reached_by and is_whole:
        message = f"nothing reaches `{step.name.text}`"
        help_ = 'say which event does: reached by "EVENT"'
        report.add(warnings.UNREACHED_STEP.at(step.name.span, message, help=help_))
    for ref in (*step.reached_by, *step.attempted_by):
        check_blank(report, ref.name, what="the name of the event")
        check_event(report, ref, Ended.FACT)
    for touchpoint in step.touchpoints:
        _check_touchpoint(report, touchpoint)
    if step.expect_within is not None:
        check_duration(report, step.expect_within)


def _check_touchpoint(report: Report, touchpoint: Touchpoint) -> None:
    text = touchpoint.text
    if touchpoint.channel is not None or not text.value.strip():
        check_blank(report, text, what="the touchpoint")
    elif is_page(text.value):
        check_page(report, text)
    else:
        check_selector(report, text)


def is_page(touchpoint: str) -> bool:
    """True when a touchpoint without a channel is a page; else it is an element."""
    return touchpoint.startswith(("/", "*/")) or "://" in touchpoint or touchpoint == "*"


def check_feature(report: Report, feature: Feature) -> None:
    """Its events and its audience are known."""
    for ref in feature.used_by:
        check_event(report, ref, Ended.FACT)
    for name in feature.audience:
        report.segment(name)
    report.said_twice(feature.audience)


def check_segment(report: Report, segment: Segment) -> None:
    """Its condition, asked of a user without an event."""
    if segment.label is not None:
        check_blank(report, segment.label, what="the label")
    conditions.check(report, segment.where, Scope(Standing.SEGMENT))


def check_limits(report: Report, limits: Limits) -> None:
    """What is counted is known, and the numbers can be."""
    for limit in limits.limits:
        countable = ["guide", "survey", *(name for name, spec in WIDGETS.items() if spec.in_guides)]
        if limit.what not in countable:
            report.unknown(
                names.UNKNOWN_LIMIT,
                report.word_of(limit, limit.what),
                f"`{limit.what}` cannot be counted",
                limit.what,
                countable,
                write=lambda each: each,
                otherwise="write `guide`, `survey`, or a widget such as `tooltip`",
            )
        match limit:
            case AtMost():
                if isinstance(limit.per, DurationLiteral):
                    check_duration(report, limit.per)
                if limit.number < 1:
                    message = f"`at most {limit.number} {limit.what}`: none is ever shown"
                    help_ = "write at least 1; to switch a guide off write `paused` in it"
                    report.add(warnings.NEVER_SHOWN.at(limit.span, message, help=help_))
            case AtLeastBetween():
                check_duration(report, limit.duration)


def check_import(report: Report, each: Import, files: Iterable[str]) -> None:
    """The file is there."""
    wanted = imported_name(each.file.span.file, each.file.value)
    if wanted is None or wanted not in files:
        known = [posixpath.relpath(name, posixpath.dirname(each.file.span.file) or ".") for name in files]
        report.unknown(
            names.IMPORT_MISSING,
            each.file.span,
            f"there is no file `{each.file.value}`",
            each.file.value,
            [name for name in known if name != posixpath.basename(each.file.span.file)],
            write=lambda name: f'"{name}"',
            otherwise="a file is looked for beside this one, and ends in `.way`",
        )


def check_namespace(report: Report, declared: Sequence[Journey | Segment | Feature | Guide]) -> None:
    """Journeys, guides, surveys, segments, personas and features share their names."""
    first: dict[str, Journey | Segment | Feature | Guide] = {}
    for each in declared:
        earlier = first.setdefault(each.name.text, each)
        if earlier is not each:
            where = place_words(earlier.name.span, each.name.span)
            message = f"`{each.name.text}` is declared twice"
            help_ = f"{sort_words(earlier)} in {where} has this name already; give this one another"
            report.add(names.DECLARED_TWICE.at(each.name.span, message, help=help_))


def check_attributes_once(report: Report, attributes: Iterable[Attribute]) -> None:
    """Attributes of users have names of their own, and so have those of accounts."""
    for of_account in (False, True):
        report.twice((each.name for each in attributes if each.of_account is of_account), what="attribute")


def check_events_once(report: Report, events: Iterable[EventDeclaration]) -> None:
    """Every event is declared once."""
    report.twice((Name(each.name.value, span=each.name.span) for each in events), what="event")
