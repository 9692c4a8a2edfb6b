"""Clauses that say whether a guide is shown at all, put into its text and taken out of it again.

Decides where such a clause is written: last in its block. Everything else in the text stays, comments too; a text that
was in the language's one form is so afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from dsl.formatter import format_program
from dsl.formatter.conditions import INDENT
from dsl.formatter.words import name as written_name
from dsl.nodes import Clause, Draft, Guide, Paused, Priority, Testers
from dsl.parser import parse

Left: TypeAlias = type[Draft] | type[Paused] | type[Testers] | type[Priority]

_NOT_SHOWN_TO_ALL: Final = (Draft, Paused, Testers)
_Change: TypeAlias = tuple[int, int, str]
"""What stands from one place to another, and what is written instead."""


def with_pause(text: str, guide: str, *, is_paused: bool) -> str | None:
    """The text of a file with a guide paused, or going on; None where the file has no guide of that name."""
    parsed = parse(text)
    found = next((each for each in _guides(parsed.program.declarations) if each.name.text == guide), None)
    if found is None:
        return None
    changes = list(_without(text, found.clauses, (Paused,)))
    if is_paused:
        changes = [] if changes else [_with(text, found, "paused")]
    changed = _changed(text, changes)
    was_formatted = not parsed.diagnostics and format_program(parsed.program) == text
    return format_program(parse(changed).program) if was_formatted else changed


def for_testers(text: str, guide: Guide, segment: str, *, name: str, priority: int | None = None) -> str:
    """The text of one guide as only the testers see it, under a name.

    guide: as it stands in the text. segment: who tries it. priority: instead of its own.
    """
    clauses = [*([] if priority is None else [f"priority {priority}"]), f"testers {written_name(segment)}"]
    changes = [
        *_without(text, guide.clauses, _NOT_SHOWN_TO_ALL if priority is None else (*_NOT_SHOWN_TO_ALL, Priority)),
        (guide.name.span.start, guide.name.span.end, written_name(name)),
        _with(text, guide, f"\n{INDENT}".join(clauses)),
    ]
    before = text[: guide.span.start]
    tail = len(text) - guide.span.end
    changed = _changed(text, changes)[len(before) : -tail or None].strip() + "\n"
    parsed = parse(changed)
    return changed if parsed.diagnostics else format_program(parsed.program)


def _guides(declarations: Iterable[object]) -> Iterator[Guide]:
    return (each for each in declarations if isinstance(each, Guide))


def _with(text: str, guide: Guide, clause: str) -> _Change:
    """A clause before the brace that closes the guide, on a line of its own."""
    brace = guide.span.end - 1
    line = text.rfind("\n", 0, brace) + 1
    if text[line:brace].strip():
        return brace, brace, f"\n{INDENT}{clause}\n"
    return line, line, f"{INDENT}{clause}\n"


def _without(text: str, clauses: Iterable[Clause], kinds: tuple[Left, ...]) -> Iterator[_Change]:
    """Clauses left out: with their line where nothing else stands on it."""
    for clause in clauses:
        if not isinstance(clause, kinds):
            continue
        start, end = clause.span.start, clause.span.end
        line = text.rfind("\n", 0, start) + 1
        after = text.find("\n", end)
        after = len(text) if after < 0 else after
        if not text[line:start].strip() and not text[end:after].strip():
            yield line, min(after + 1, len(text)), ""
        else:
            yield start, end, ""


def _changed(text: str, changes: Iterable[_Change]) -> str:
    for start, end, instead in sorted(changes, reverse=True):
        text = text[:start] + instead + text[end:]
    return text
