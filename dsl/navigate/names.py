"""Every name in a project: what it stands for, where it is declared, where it is used.

Read from the tree, so only what could be parsed is known. Nothing here looks at a clock, a file or an editor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final

from dsl.clauses import trigger_events
from dsl.diagnostics import Span
from dsl.nodes import (
    Aggregate,
    Answered,
    AsksNext,
    Attribute,
    Body,
    Button,
    ChecklistItem,
    Comparison,
    Completed,
    Declaration,
    Dismissed,
    EventDeclaration,
    EventRef,
    Feature,
    For,
    Guide,
    InSegment,
    Journey,
    Name,
    Node,
    NotWith,
    Path,
    PlaceRef,
    Question,
    Saw,
    Segment,
    ShareOf,
    SinceEvent,
    Stage,
    StartsGuide,
    Step,
    Testers,
    TextLiteral,
    Thanks,
    Title,
    TracksEvent,
    TranslatedButton,
    TranslatedItem,
    TranslatedQuestion,
)
from dsl.project import RuleProject, declaring_mentions
from dsl.templates import placeholders

_PART = re.compile(r"(?:[^\W\d]|\$)[\w$]*|`[^`\n]+`")


class Sort(StrEnum):
    """What a name stands for, in words."""

    ATTRIBUTE = "attribute"
    ACCOUNT_ATTRIBUTE = "account attribute"
    CONTEXT = "value of the page or device"
    EVENT = "event"
    PROPERTY = "property"
    JOURNEY = "journey"
    STAGE = "stage"
    STEP = "step"
    SEGMENT = "segment"
    FEATURE = "feature"
    GUIDE = "guide"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Named:
    """One thing that has a name. owner: the event of a property, the journey of a step, the survey of a question."""

    sort: Sort
    name: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One place where a name stands. The span of an event's name has the quotes, that of a name its backticks."""

    named: Named
    span: Span
    declares: bool = False


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a node. event: of whose properties a comparison speaks."""

    event: str | None = None
    guide: Guide | None = None
    journey: str = ""
    asks_answers: bool = False


_WITH_PLACEHOLDERS: Final = (
    Title, Body, Button, ChecklistItem, Thanks, TranslatedButton, TranslatedItem, Question, TranslatedQuestion,
)  # fmt: skip


class Names:
    """Finds the names in declarations of one project."""

    def __init__(self, project: RuleProject) -> None:
        self._project = project

    def of(self, declaration: Declaration) -> Iterator[Occurrence]:
        """The names in one declaration, in no order."""
        return self._visit(declaration, _Around())

    def _visit(self, node: Node, around: _Around) -> Iterator[Occurrence]:
        yield from self._own(node, around)
        within = self._inside(node, around)
        for field in fields(node):
            if field.name == "span":
                continue
            value = getattr(node, field.name)
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Node):
                    yield from self._visit(each, within)

    def _inside(self, node: Node, around: _Around) -> _Around:
        match node:
            case EventRef():
                return replace(around, event=node.name.value)
            case Guide():
                return replace(around, guide=node)
            case Journey():
                return replace(around, journey=node.name.text)
            case Question():
                return replace(around, asks_answers=True)
            case _:
                return around

    def _own(self, node: Node, around: _Around) -> Iterator[Occurrence]:
        """What a node itself names, without what stands in it."""
        match node:
            case Attribute() | EventDeclaration() | Journey() | Segment() | Feature() | Guide():
                yield from self._declared(node)
            case Stage() | Step():
                sort = Sort.STAGE if isinstance(node, Stage) else Sort.STEP
                yield _of(sort, node.name, around.journey, declares=True)
            case EventRef():
                yield _event(node.name)
            case SinceEvent() | TracksEvent():
                yield _event(node.event)
            case PlaceRef():
                yield _of(Sort.JOURNEY, node.journey)
                yield _of(self._place_sort(node), node.place, node.journey.text)
            case Comparison():
                yield from self._path(node.subject, around)
            case ShareOf():
                yield from self._path(node.of, around)
            case Aggregate():
                yield _of(Sort.PROPERTY, node.property, node.event.name.value)
            case _:
                yield from self._mentioned(node, around)
        if isinstance(node, _WITH_PLACEHOLDERS):
            text = node.text
            if text is not None:
                yield from self._placeholders(text, around)

    def _mentioned(self, node: Node, around: _Around) -> Iterator[Occurrence]:  # noqa: C901  (one case a node)
        """Guides, segments, questions, journeys that a node speaks of."""
        survey = around.guide.name.text if around.guide is not None else ""
        match node:
            case For():
                yield from (_of(Sort.SEGMENT, name) for name in node.segments)
            case Testers():
                yield _of(Sort.SEGMENT, node.segment)
            case InSegment():
                yield _of(Sort.SEGMENT, node.name)
            case NotWith():
                yield from (_of(Sort.GUIDE, name) for name in node.guides)
            case StartsGuide():
                yield _of(Sort.GUIDE, node.guide)
            case Dismissed():
                yield _of(Sort.GUIDE, node.name)
            case Saw() if node.name is not None:
                yield _of(Sort.GUIDE, node.name)
            case Completed():
                is_journey = node.name.text in self._project.journeys
                yield _of(Sort.JOURNEY if is_journey else Sort.GUIDE, node.name)
            case Answered():
                yield _of(Sort.GUIDE, node.survey)
                if node.question is not None:
                    yield _of(Sort.QUESTION, node.question, node.survey.text)
            case Question():
                yield _of(Sort.QUESTION, node.id, survey, declares=True)
            case AsksNext() | TranslatedQuestion():
                yield _of(Sort.QUESTION, node.question, survey)

    def _declared(
        self, node: Attribute | EventDeclaration | Journey | Segment | Feature | Guide
    ) -> Iterator[Occurrence]:
        match node:
            case Attribute():
                sort = Sort.ACCOUNT_ATTRIBUTE if node.of_account else Sort.ATTRIBUTE
                yield _of(sort, node.name, declares=True)
            case EventDeclaration():
                yield replace(_event(node.name), declares=True)
                for each in node.properties:
                    yield _of(Sort.PROPERTY, each.name, node.name.value, declares=True)
            case Journey():
                yield _of(Sort.JOURNEY, node.name, declares=True)
            case Segment():
                yield _of(Sort.SEGMENT, node.name, declares=True)
            case Feature():
                yield _of(Sort.FEATURE, node.name, declares=True)
                yield from (_of(Sort.SEGMENT, name) for name in node.audience)
            case Guide():
                yield _of(Sort.GUIDE, node.name, declares=True)

    def _place_sort(self, place: PlaceRef) -> Sort:
        journey = self._project.journeys.get(place.journey.text)
        stages = journey.stages if journey is not None else ()
        return Sort.STAGE if any(each.name.text == place.place.text for each in stages) else Sort.STEP

    # Paths

    def _path(self, path: Path, around: _Around) -> Iterator[Occurrence]:
        named = self._meant(path.parts, around)
        if named is not None:
            yield Occurrence(named, self._last_part(path.span) if len(path.parts) > 1 else path.span)

    def _meant(self, parts: tuple[str, ...], around: _Around) -> Named | None:  # noqa: PLR0911  (one a kind of path)
        if around.event is not None:
            return Named(Sort.PROPERTY, ".".join(parts), around.event)
        if around.asks_answers and around.guide is not None:
            return Named(Sort.QUESTION, ".".join(parts), around.guide.name.text)
        match parts:
            case (name,):
                return Named(Sort.ATTRIBUTE, name)
            case ("account", name):
                return Named(Sort.ACCOUNT_ATTRIBUTE, name)
            case ("event", name):
                events = trigger_events(around.guide) if around.guide is not None else ()
                having = (each for each in events if self._project.catalog.property(each, name) is not None)
                event = next(having, None)
                return None if event is None else Named(Sort.PROPERTY, name, event)
            case ("page" | "device", _):
                return Named(Sort.CONTEXT, ".".join(parts))
            case _:
                return None

    def _last_part(self, span: Span) -> Span:
        source = self._project.sources.get(span.file, "")
        found = list(_PART.finditer(source, span.start, span.end))
        return _within(source, span, found[-1].start(), found[-1].end()) if found else span

    def _placeholders(self, text: TextLiteral, around: _Around) -> Iterator[Occurrence]:
        span = text.span
        source = self._project.sources.get(span.file, "")
        outside = replace(around, event=None, asks_answers=False)
        for each in placeholders(source[span.start : span.end]):
            named = self._meant(each.parts, outside)
            path = list(_PART.finditer(source, span.start + each.start, span.start + each.end))[: len(each.parts)]
            if named is not None and path:
                yield Occurrence(named, _within(source, span, path[-1].start(), path[-1].end()))


def _within(source: str, span: Span, start: int, end: int) -> Span:
    line = span.line + source.count("\n", span.start, start)
    return Span(span.file, start, end, line, start - source.rfind("\n", 0, start))


def _of(sort: Sort, name: Name, owner: str = "", *, declares: bool = False) -> Occurrence:
    return Occurrence(Named(sort, name.text, owner), name.span, declares)


def _event(name: TextLiteral) -> Occurrence:
    return Occurrence(Named(Sort.EVENT, name.value), name.span)


def name_at(project: RuleProject, file: str, position: int) -> Occurrence | None:
    """What name stands at a position (an offset in characters), also right behind it; None for no name."""
    declaration = declaration_at(project, file, position)
    if declaration is None:
        return None
    found = [each for each in Names(project).of(declaration) if each.span.start <= position <= each.span.end]
    return min(found, key=lambda each: each.span.end - each.span.start, default=None)


def declaration_at(project: RuleProject, file: str, position: int) -> Declaration | None:
    """The declaration that holds a position; None where none does, or where it could not be parsed."""
    program = project.programs.get(file)
    declarations = program.declarations if program is not None else ()
    return next((each for each in declarations if each.span.start <= position <= each.span.end), None)


def uses(project: RuleProject, named: Named) -> tuple[Occurrence, ...]:
    """All places where a name stands, its declaration too, by file and place."""
    names = Names(project)
    return tuple(
        each
        for program in project.programs.values()
        for declaration in program.declarations
        for each in sorted(names.of(declaration), key=lambda found: found.span.start)
        if each.named == named
    )


def declaration_of(project: RuleProject, named: Named) -> Occurrence | None:
    """Where a name is declared; for an event that no `event` declares, the first place that declares it by naming it.

    None for what is built in, what is known from live data only, and what nothing declares.
    """
    found = uses(project, named)
    declared = next((each for each in found if each.declares), None)
    if declared is not None or named.sort is not Sort.EVENT:
        return declared
    mentions = {
        ref.name.span
        for program in project.programs.values()
        for declaration in program.declarations
        for ref in declaring_mentions(declaration)
    }
    return next((each for each in found if each.span in mentions), None)
