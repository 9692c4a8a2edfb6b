"""The tree back to text, in the one form that it has. Formatting a formatted text changes nothing.

Decides layout and spelling only: the tree of the text stays the same, and so do its comments.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from itertools import groupby
from typing import assert_never

from dsl.formatter.conditions import INDENT, WIDTH, closed_event, condition_lines, condition_text
from dsl.formatter.guides import write_guide, write_limits
from dsl.formatter.page import Page
from dsl.formatter.words import duration, name, names, operand, percent, place, quoted, text, value_type
from dsl.nodes import (
    Attribute,
    Condition,
    Declaration,
    EventDeclaration,
    EventRef,
    Feature,
    Guide,
    Import,
    Journey,
    Limits,
    Program,
    Record,
    Segment,
    Stage,
    Step,
    TextLiteral,
    Touchpoint,
)


def format_program(program: Program) -> str:
    """The whole file."""
    page = Page(program.comments, program.after_blank)
    before: tuple[_Group, bool] | None = None
    for declaration in program.declarations:
        page.trailing(declaration.span.start)
        mark = len(page.lines)
        page.before(declaration.span.start, top=True)
        if page.is_after_blank(declaration):
            page.gap()
        first = len(page.lines)
        _write(page, declaration)
        # A gap asked for by the source is part of the lines written, and makes them no block.
        first += page.lines[first] == ""
        this = (_group(declaration), len(page.lines) - first > 1)
        if before is not None and (this != before or this[1] or before[1]):
            page.insert_gap(mark)
        before = this
    page.rest()
    return page.text()


def format_condition(condition: Condition) -> str:
    """One condition: on one line where it fits, else broken at its `and` or `or`."""
    one = condition_text(condition)
    if len(one) <= WIDTH:
        return one
    lines = condition_lines(condition, prefix="", suffix="", depth=0, start=0, has_comment=lambda _: False)
    return "\n".join(INDENT * line.depth + line.text for line in lines)


class _Group(Enum):
    """Declarations of one group stand together, without a blank line between those that are one line."""

    IMPORTS = auto()
    ATTRIBUTES = auto()
    EVENTS = auto()
    JOURNEYS = auto()
    FEATURES = auto()
    SEGMENTS = auto()
    LIMITS = auto()
    RECORDS = auto()
    GUIDES = auto()


def _group(declaration: Declaration) -> _Group:  # noqa: PLR0911  (one case a declaration)
    match declaration:
        case Import():
            return _Group.IMPORTS
        case Attribute():
            return _Group.ATTRIBUTES
        case EventDeclaration():
            return _Group.EVENTS
        case Journey():
            return _Group.JOURNEYS
        case Feature():
            return _Group.FEATURES
        case Segment():
            return _Group.SEGMENTS
        case Limits():
            return _Group.LIMITS
        case Record():
            return _Group.RECORDS
        case Guide():
            return _Group.GUIDES
        case _:
            assert_never(declaration)


def _write(page: Page, declaration: Declaration) -> None:
    match declaration:
        case Import():
            page.item(f"import {text(declaration.file)}", declaration)
        case Attribute():
            page.item(_attribute_text(declaration), declaration)
        case EventDeclaration():
            _write_event(page, declaration)
        case Journey():
            _write_journey(page, declaration)
        case Feature():
            audience = f" for {names(declaration.audience)}" if declaration.audience else ""
            used_by = "used by " + _events_text(declaration.used_by)
            page.item(f"feature {_titled(declaration.name.text, declaration.label)} {used_by}{audience}", declaration)
        case Segment():
            word = "persona" if declaration.is_persona else "segment"
            page.broken(
                condition_lines(
                    declaration.where,
                    prefix=f"{word} {_titled(declaration.name.text, declaration.label)} where ",
                    suffix="",
                    depth=0,
                    start=declaration.span.start,
                    has_comment=page.has_comment,
                )
            )
        case Limits():
            write_limits(page, declaration)
        case Record():
            page.item(record_text(declaration), declaration)
        case Guide():
            write_guide(page, declaration)
        case _:
            assert_never(declaration)


def record_text(record: Record) -> str:
    """`record at activation.verify_domain for self_serve sample 20%`, the clauses in this order."""
    parts = ["record"]
    if record.at is not None:
        parts.append("at " + ", ".join(map(place, record.at.places)))
    if record.audience is not None:
        parts.append(f"for {names(record.audience.segments)}")
    if record.sample is not None:
        parts.append(f"sample {percent(record.sample.percent)}")
    return " ".join(parts)


def _titled(of: str, label: TextLiteral | None) -> str:
    return name(of) if label is None else f"{name(of)} {text(label)}"


def _attribute_text(attribute: Attribute) -> str:
    word = "account attribute" if attribute.of_account else "attribute"
    source = "" if attribute.source is None else f" from {text(attribute.source)}"
    default = "" if attribute.default is None else f" default {operand(attribute.default)}"
    return f"{word} {name(attribute.name.text)}{source}: {value_type(attribute.type)}{default}"


def _write_event(page: Page, event: EventDeclaration) -> None:
    head = f"event {text(event.name)}"
    click = ""
    if event.click is not None:
        on_page = "" if event.click.page is None else f" on page {text(event.click.page)}"
        click = f" when clicked {text(event.click.selector)}{on_page}"
    properties = [f"{name(prop.name.text)}: {value_type(prop.type)}" for prop in event.properties]
    one = head + (f" {{ {', '.join(properties)} }}" if properties else "") + click
    if not properties or (len(one) <= WIDTH and not page.has_comment(event.span)):
        page.item(one, event)
        return
    page.open(head, event)
    for number, (prop, written) in enumerate(zip(event.properties, properties, strict=True), start=1):
        page.item(written + ("" if number == len(properties) else ","), prop)
    page.close(event, suffix=click)


def _write_journey(page: Page, journey: Journey) -> None:
    page.open(f"journey {_titled(journey.name.text, journey.label)}", journey)
    for stage in journey.stages:
        _write_stage(page, stage)
    for events in _runs(journey.outcomes):
        page.item(f"outcome {_run_text(events)}", events[0])
    if journey.gives_up_after is not None:
        page.item(f"gives up after {duration(journey.gives_up_after)}", journey.gives_up_after)
    page.close(journey)


def _write_stage(page: Page, stage: Stage) -> None:
    phase = "" if stage.phase is None else f" as {_phase_text(stage.phase.value)}"
    page.open(f"stage {_titled(stage.name.text, stage.label)}{phase}", stage)
    for step in stage.steps:
        page.item(_step_text(step), step)
    page.close(stage)


def _phase_text(phase: str) -> str:
    """The words of a phase; in quotes where they are no names."""
    words = phase.split(" ")
    return phase if all(name(word) == word for word in words) else quoted(phase)


def _step_text(step: Step) -> str:
    parts = [f"step {_titled(step.name.text, step.label)}"]
    parts += [f"reached by {_run_text(events)}" for events in _runs(step.reached_by)]
    parts += [f"attempted by {_run_text(events)}" for events in _runs(step.attempted_by)]
    if step.touchpoints:
        parts.append("touchpoint " + ", ".join(_touchpoint_text(touchpoint) for touchpoint in step.touchpoints))
    if step.expect_within is not None:
        parts.append(f"expect within {duration(step.expect_within)}")
    return " ".join(parts)


def _touchpoint_text(touchpoint: Touchpoint) -> str:
    return text(touchpoint.text) + ("" if touchpoint.channel is None else f" on {touchpoint.channel}")


def _runs(events: tuple[EventRef, ...]) -> Iterator[tuple[EventRef, ...]]:
    """Events that may stand in one list: a `where` takes all commas after it, so its event stands alone."""
    for is_plain, run in groupby(events, key=lambda event: event.where is None):
        if is_plain:
            yield tuple(run)
        else:
            yield from ((event,) for event in run)


def _run_text(events: tuple[EventRef, ...]) -> str:
    return ", ".join(closed_event(event) for event in events)


def _events_text(events: tuple[EventRef, ...]) -> str:
    return " used by ".join(_run_text(run) for run in _runs(events))
