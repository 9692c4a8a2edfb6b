"""The answer to "why, or why not" as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.why.moments import day_words
from engine.why.tree import Gate, Part, Truth, Why

_MARKS: Final = {Truth.TRUE: "✓", Truth.FALSE: "✗", Truth.UNKNOWN: "?"}
_WORDS: Final = {Truth.TRUE: "so", Truth.FALSE: "not so", Truth.UNKNOWN: "unknown"}


def heading(why: Why) -> str:
    """Whom, what and when it is about, and the answer."""
    verb = "is shown" if why.is_shown else "is not shown"
    label = f" “{why.label}”" if why.label is not None else ""
    at = day_words(why.at, why.zone)
    return f"{why.guide}{label} {verb} to {why.user} at {at}: {why.reason.value}\n{why.reason.meaning}"


def ending(why: Why) -> Iterator[str]:
    """What would change the answer."""
    for number, change in enumerate(why.changes):
        yield f"{'nearest change' if not number else 'or'}: {change.text}"
    if why.blocked is not None:
        yield f"no change of the user's would show it: {why.blocked}"


def write(why: Why) -> Iterator[str]:
    """The whole answer, line by line, without colours."""
    yield from heading(why).split("\n")
    for gate in why.gates:
        yield f"  {gate_text(gate, why)}"
        for part in gate.parts:
            yield from _part_lines(part, "      ")
    yield from ending(why)


def _part_lines(part: Part, indent: str) -> Iterator[str]:
    yield f"{indent}{part_text(part)}"
    for each in part.below:
        yield from _part_lines(each, indent + "  ")


def part_text(part: Part) -> str:
    """A statement, whether it is so, and what was found."""
    found = f" ({part.found})" if part.found else ""
    return f"{_MARKS[part.truth]} {part.text.removesuffix(':')} — {_WORDS[part.truth]}{found}"


def gate_text(gate: Gate, why: Why) -> str:
    """A gate, whether it is open, and what was found."""
    found = f" ({gate.found})" if gate.found else ""
    stops = "  ← this stops it" if gate is why.stopped_by else ""
    return f"{_MARKS[Truth.of(gate.is_open)]} {gate.name.value}: {gate.text}{found}{stops}"
