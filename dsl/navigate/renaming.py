"""Giving a thing another name, everywhere at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from dsl.catalog import BUILT_IN_EVENTS
from dsl.checker.report import sort_words
from dsl.diagnostics import Span
from dsl.formatter.words import name as written
from dsl.formatter.words import path, quoted
from dsl.navigate.names import Named, Names, Occurrence, Sort, declaration_of, name_at, uses
from dsl.nodes import Attribute, Path
from dsl.project import RuleProject

MOST_CHARACTERS: Final = 128


@dataclass(frozen=True, slots=True)
class Edit:
    """Text that takes the place of a span."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a name cannot be changed, in the reader's words."""

    message: str


def can_rename(project: RuleProject, file: str, position: int) -> Occurrence | Refused:
    """The name at a position if it can be changed."""
    found = name_at(project, file, position)
    if found is None:
        return Refused("there is no name here that could be changed")
    named = found.named
    is_built_in = named.sort is Sort.EVENT and named.name in BUILT_IN_EVENTS
    if is_built_in or named.owner in BUILT_IN_EVENTS or named.sort is Sort.CONTEXT:
        return Refused(f"`{named.name}` is built in: its name is fixed")
    if declaration_of(project, named) is None:
        return Refused(f"`{named.name}` is not declared in these files")
    return found


def rename(project: RuleProject, file: str, position: int, new: str) -> tuple[Edit, ...] | Refused:
    """The edits that give what is named at a position another name, or why that cannot be.

    An attribute keeps the name under which it is sent: its declaration gets a `from "…"` where it has none.
    """
    found = can_rename(project, file, position)
    if isinstance(found, Refused):
        return found
    named = found.named
    new = new.strip().strip('"' if named.sort is Sort.EVENT else "`")
    if new == named.name:
        return ()
    refused = _unfit(new) or _taken(project, named, new)
    if refused is not None:
        return refused
    return tuple(Edit(each.span, _text(project, each, new)) for each in uses(project, named))


def renamed_guide(project: RuleProject, guide: str, new: str) -> Mapping[str, str] | Refused:
    """The files that change when a guide gets another name, with their new texts, or why that cannot be."""
    found = project.guides.get(guide)
    if found is None:
        return Refused(f"there is no guide `{guide}` in these files that could be read")
    edits = rename(project, found.name.span.file, found.name.span.start, new)
    if isinstance(edits, Refused):
        return edits
    by_file: dict[str, list[Edit]] = defaultdict(list)
    for each in edits:
        by_file[each.span.file].append(each)
    return {name: _edited(project.sources[name], within) for name, within in by_file.items()}


def _edited(text: str, edits: Collection[Edit]) -> str:
    for each in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: each.span.start] + each.text + text[each.span.end :]
    return text


def _unfit(new: str) -> Refused | None:
    if not new or len(new) > MOST_CHARACTERS or any(sign in new for sign in '`\n\r\\"{}'):
        return Refused(f"a name has 1 to {MOST_CHARACTERS} characters, without quotes, backticks and braces")
    return None


def _taken(project: RuleProject, named: Named, new: str) -> Refused | None:
    """Whether something else has the new name already."""
    match named.sort:
        case Sort.JOURNEY | Sort.SEGMENT | Sort.FEATURE | Sort.GUIDE:
            for declared in (project.journeys, project.segments, project.features, project.guides):
                if new in declared:
                    return Refused(f"`{new}` is {sort_words(declared[new])} already")
            return None
        case Sort.ATTRIBUTE | Sort.CONTEXT:
            known: Collection[str] = project.catalog.user
        case Sort.ACCOUNT_ATTRIBUTE:
            known = project.catalog.account
        case Sort.EVENT:
            known = project.catalog.events
        case Sort.PROPERTY:
            event = project.catalog.event(named.owner)
            known = event.properties if event is not None else ()
        case Sort.STEP | Sort.STAGE:
            journey = project.journeys.get(named.owner)
            steps, stages = (journey.steps, journey.stages) if journey is not None else ((), ())
            known = {step.name.text for step in steps} | {stage.name.text for stage in stages}
        case Sort.QUESTION:
            known = {each.named.name for each in _questions(project, named.owner)}
        case _:
            assert_never(named.sort)
    return Refused(f"there is {_article(named.sort)} `{new}` already") if new in known else None


def _questions(project: RuleProject, survey: str) -> tuple[Occurrence, ...]:
    guide = project.guides.get(survey)
    found = Names(project).of(guide) if guide is not None else iter(())
    return tuple(each for each in found if each.named.sort is Sort.QUESTION and each.declares)


def _article(sort: Sort) -> str:
    return f"{'an' if sort.value[0] in 'ae' else 'a'} {sort.value}"


def _text(project: RuleProject, place: Occurrence, new: str) -> str:
    """The new name as it is written at a place."""
    source = project.sources.get(place.span.file, "")
    if place.named.sort is Sort.EVENT:
        return quoted(new)
    if source[: place.span.start].rstrip().endswith("."):
        return path(Path(("_", new), span=place.span)).removeprefix("_.")
    if place.declares and place.named.sort in {Sort.ATTRIBUTE, Sort.ACCOUNT_ATTRIBUTE}:
        declared = _attribute(project, place)
        if declared is not None and declared.source is None:
            return f"{written(new)} from {quoted(place.named.name)}"
    return written(new)


def _attribute(project: RuleProject, place: Occurrence) -> Attribute | None:
    declarations = project.programs[place.span.file].declarations
    return next((each for each in declarations if isinstance(each, Attribute) and each.name.span == place.span), None)
