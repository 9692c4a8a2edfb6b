"""What differs between two projects as they are written: declarations added, removed and changed.

Layout and comments are no difference, nor are the files in which declarations stand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import ndiff
from enum import StrEnum
from typing import assert_never

from dsl.formatter import format_program
from dsl.formatter.words import name, quoted
from dsl.formatter.writer import record_text
from dsl.nodes import (
    Attribute,
    Declaration,
    EventDeclaration,
    Feature,
    Guide,
    Import,
    Journey,
    Limits,
    Program,
    Record,
    Segment,
)
from dsl.project import RuleProject


class Edit(StrEnum):
    """What became of a declaration."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One declaration that differs.

    title: what it declares, `guide verify_help`. lines: its text in canonical form where it differs: `- ` before a
    line of the old rules, `+ ` before one of the new.
    """

    title: str
    edit: Edit
    lines: tuple[str, ...]


def changes_between(old: RuleProject, new: RuleProject) -> tuple[RuleChange, ...]:
    """What differs, in the order of the new rules; what was removed comes last."""
    before, after = dict(_texts(old)), dict(_texts(new))
    found = []
    for title, text in after.items():
        if title not in before:
            found.append(RuleChange(title, Edit.ADDED, ()))
        elif before[title] != text:
            lines = ndiff(before[title].splitlines(), text.splitlines())
            found.append(RuleChange(title, Edit.CHANGED, tuple(line for line in lines if line[:2] in ("- ", "+ "))))
    found += [RuleChange(title, Edit.REMOVED, ()) for title in before if title not in after]
    return tuple(found)


def titled(project: RuleProject) -> Iterator[tuple[str, Declaration]]:
    """Every declaration but imports by its title; `limits` are told by number, and so is a `record` like another."""
    unnamed: Counter[str] = Counter()
    for program in project.programs.values():
        for declaration in program.declarations:
            if isinstance(declaration, Import):
                continue
            title = _title(declaration)
            if isinstance(declaration, Limits | Record):
                unnamed[title] += 1
            yield title if unnamed[title] < 2 else f"{title} {unnamed[title]}", declaration


def _texts(project: RuleProject) -> Iterator[tuple[str, str]]:
    """Every declaration by its title, in canonical form and without comments."""
    for title, declaration in titled(project):
        yield title, format_program(Program((declaration,), span=declaration.span))


def _title(declaration: Declaration) -> str:  # noqa: PLR0911  (one case a declaration)
    match declaration:
        case Attribute():
            return f"{'account ' if declaration.of_account else ''}attribute {name(declaration.name.text)}"
        case EventDeclaration():
            return f"event {quoted(declaration.name.value)}"
        case Segment():
            return f"{'persona' if declaration.is_persona else 'segment'} {name(declaration.name.text)}"
        case Guide():
            return f"{declaration.kind.value} {name(declaration.name.text)}"
        case Journey() | Feature():
            return f"{type(declaration).__name__.lower()} {name(declaration.name.text)}"
        case Limits():
            return "limits"
        case Record():
            # By whom and where it is for: another share of the same is a change of it.
            return record_text(replace(declaration, sample=None))
        case Import():
            return f"import {quoted(declaration.file.value)}"
        case _:
            assert_never(declaration)
