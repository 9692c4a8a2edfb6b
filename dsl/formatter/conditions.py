"""How a condition is written, on one line or on several.

`and` and `or` never mix without parentheses; an open `where` that an `and` of the condition follows stands in
parentheses with its `did`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, assert_never

from dsl.diagnostics import Span
from dsl.formatter.words import count, days, dotted, duration, name, operand, path, place, text
from dsl.nodes import (
    Aggregate,
    Always,
    And,
    Answered,
    AnyoneInAccount,
    AtPlace,
    Comparison,
    Completed,
    Condition,
    DaysActive,
    Did,
    DidDirectly,
    DidSequence,
    DidWhen,
    DidWithout,
    Dismissed,
    EventRef,
    Felt,
    FrictionAt,
    InLast,
    InSegment,
    NoneOf,
    Not,
    Operand,
    Or,
    OtherChoice,
    Reached,
    ReturnedTo,
    Saw,
    SinceEvent,
    SinceMoment,
    SinceStep,
    StuckAt,
    Window,
)
from dsl.operators import OPERATORS, Shape

WIDTH: Final = 100
"""Characters of a line, beyond which a condition is broken at its `and` or `or`."""

INDENT: Final = "  "


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its depth of indentation, and the place in the text of what it begins with."""

    text: str
    depth: int
    start: int


def condition_text(node: Condition) -> str:
    """The condition on one line."""
    match node:
        case Or() if not node.block:
            return " or ".join(_grouped(term, And) for term in node.terms)
        case And() if not node.block:
            *first, last = node.terms
            terms = [_enclosed(term) if needs_closing(term) else _grouped(term, Or) for term in first]
            return " and ".join((*terms, _grouped(last, Or)))
        case And() | Or() | NoneOf():
            return f"{_block_word(node)} {{ {'  '.join(condition_text(term) for term in node.terms)} }}"
        case Not():
            return f"not {_grouped(node.term, And, Or)}"
        case _:
            return _plain_text(node)


def condition_lines(
    node: Condition, *, prefix: str, suffix: str, depth: int, start: int, has_comment: Callable[[Span], bool]
) -> list[Line]:
    """The condition with what stands before and after it, broken where it does not fit or has comments in between.

    The terms of `all of { … }` stand on lines of their own.
    """
    broken = _has_comment_between(node, has_comment)
    one = prefix + condition_text(node) + suffix
    if not broken and not _has_block(node) and len(one) + depth * len(INDENT) <= WIDTH:
        return [Line(one, depth, start)]

    def inner(term: Condition, before: str, after: str, at: int, begin: int) -> list[Line]:
        return condition_lines(term, prefix=before, suffix=after, depth=at, start=begin, has_comment=has_comment)

    match node:
        case And() | Or() if not node.block:
            lines: list[Line] = []
            word = "and" if isinstance(node, And) else "or"
            for number, term in enumerate(node.terms):
                is_last = number == len(node.terms) - 1
                enclosed = _is_joined(term) or (isinstance(node, And) and not is_last and needs_closing(term))
                before = (prefix if number == 0 else f"{word} ") + ("(" if enclosed else "")
                after = (")" if enclosed else "") + (suffix if is_last else "")
                at = depth if number == 0 else depth + 1
                lines += inner(term, before, after, at, start if number == 0 else term.span.start)
            return lines
        case And() | Or() | NoneOf():
            lines = [Line(f"{prefix}{_block_word(node)} {{", depth, start)]
            for term in node.terms:
                lines += inner(term, "", "", depth + 1, term.span.start)
            return [*lines, Line("}" + suffix, depth, node.span.end - 1)]
        case Not():
            enclosed = _is_joined(node.term)
            opened, closed = ("(", ")") if enclosed else ("", "")
            return inner(node.term, f"{prefix}not {opened}", f"{closed}{suffix}", depth, start)
        case _:
            return [Line(one, depth, start)]


def _has_comment_between(node: Condition, has_comment: Callable[[Span], bool]) -> bool:
    """Whether a comment stands before the last of the terms: then each term needs a line, so that it stays there."""
    match node:
        case And() | Or() | NoneOf():
            first, last = node.terms[0].span, node.terms[-1].span
            before_last = Span(first.file, first.start, last.start, first.line, first.column)
            return has_comment(before_last) or any(_has_comment_between(term, has_comment) for term in node.terms)
        case Not():
            return _has_comment_between(node.term, has_comment)
        case _:
            return False


def _block_word(node: And | Or | NoneOf) -> str:
    match node:
        case And():
            return "all of"
        case Or():
            return "any of"
        case NoneOf():
            return "none of"


def _is_joined(node: Condition) -> bool:
    return isinstance(node, And | Or) and not node.block


def _has_block(node: Condition) -> bool:
    match node:
        case And() | Or():
            return node.block or any(_has_block(term) for term in node.terms)
        case NoneOf():
            return True
        case Not():
            return _has_block(node.term)
        case _:
            return False


def _grouped(node: Condition, *kinds: type[And] | type[Or]) -> str:
    """The condition, in parentheses if it is one of the kinds."""
    return _enclosed(node) if isinstance(node, kinds) and _is_joined(node) else condition_text(node)


def _enclosed(node: Condition) -> str:
    return f"({condition_text(node)})"


def needs_closing(node: Condition) -> bool:
    """Whether the condition ends with a `where` that an `and` after it would continue."""
    match node:
        case Not():
            return needs_closing(node.term)
        case AnyoneInAccount():
            return needs_closing(node.did)
        case Did():
            return node.event.where is not None and node.count is None and node.window is None
        case DidSequence():
            return node.events[-1].where is not None and node.within is None and node.window is None
        case _:
            return False


def open_event(ref: EventRef) -> str:
    """An event inside a condition: in its `where`, only `and` stands without parentheses."""
    where = ref.where
    if where is None:
        return text(ref.name)
    if isinstance(where, And) and not _has_block(where):
        joined = (_enclosed(term) if isinstance(term, Or | Not | And) else condition_text(term) for term in where.terms)
        return f"{text(ref.name)} where {' and '.join(joined)}"
    # No `and` before a block goes on with an open `where`.
    written = _enclosed(where) if _is_joined(where) or isinstance(where, Not) else condition_text(where)
    return f"{text(ref.name)} where {written}"


def closed_event(ref: EventRef) -> str:
    """An event whose `where` ends with it."""
    return text(ref.name) if ref.where is None else f"{text(ref.name)} where {condition_text(ref.where)}"


def window_text(window: Window | None) -> str:
    """The window with a blank before it, or nothing."""
    match window:
        case None:
            return ""
        case InLast():
            return f" in last {duration(window.duration)}"
        case SinceEvent():
            return f" since {text(window.event)}"
        case SinceStep():
            return f" since {place(window.place)}"
        case SinceMoment():
            return f" since {operand(window.moment)}"
        case _:
            assert_never(window)


def operator_text(operator: str, operands: tuple[Operand | OtherChoice, ...], *, ignoring_case: bool = False) -> str:
    """An operator with its operands."""
    entry = OPERATORS[operator]
    between = " and " if entry.shape is Shape.RANGE else ", "
    parts = [operator]
    if operands:
        parts.append(between.join(operand(value) for value in operands))
    if entry.suffix is not None:
        parts.append(entry.suffix)
    if ignoring_case:
        parts.append("ignoring case")
    return " ".join(parts)


def _plain_text(node: Condition) -> str:  # noqa: C901, PLR0911, PLR0912  (one case a kind of condition)
    match node:
        case Always():
            return "true"
        case Comparison():
            test = operator_text(node.operator, node.operands, ignoring_case=node.ignoring_case)
            return f"{path(node.subject)} {test}"
        case Did() | AnyoneInAccount() | DidSequence() | DidDirectly() | DidWithout() | DidWhen():
            return _did_text(node)
        case Aggregate():
            event = open_event(node.event) + window_text(node.window)
            of = f"{node.aggregation} {name(node.property.text)} in {event}"
            return f"{of} {operator_text(node.operator, node.operands)}"
        case DaysActive():
            return f"days active{window_text(node.window)} {operator_text(node.operator, node.operands)}"
        case AtPlace():
            return f"at {place(node.place)}"
        case Reached():
            return f"reached {place(node.place)}"
        case Completed():
            return f"completed {name(node.name.text)}"
        case StuckAt():
            return f"stuck at {place(node.place)} for {duration(node.duration)}"
        case ReturnedTo():
            return f"returned to {place(node.place)}" + ("" if node.count is None else f" {count(node.count)}")
        case FrictionAt():
            return f"friction at {place(node.place)} {operator_text(node.operator, node.operands)}"
        case Felt():
            feelings = " or ".join(name(feeling.text) for feeling in node.feelings)
            return f"felt {feelings} at {place(node.place)}{window_text(node.window)}"
        case Answered():
            return _answered_text(node)
        case Saw():
            seen = "any survey" if node.name is None else name(node.name.text)
            return f"saw {seen}" + ("" if node.count is None else f" {count(node.count)}") + window_text(node.window)
        case Dismissed():
            return f"dismissed {name(node.name.text)}"
        case InSegment():
            return f"in {name(node.name.text)}"
        case And() | Or() | Not() | NoneOf():
            return condition_text(node)
        case _:
            assert_never(node)


def _did_text(node: Did | AnyoneInAccount | DidSequence | DidDirectly | DidWithout | DidWhen) -> str:
    match node:
        case Did():
            written = f"did {'not ' if node.negated else ''}{open_event(node.event)}"
            if node.count is not None:
                written += " " + (days(node.count) if node.on_days else count(node.count))
            return written + window_text(node.window)
        case AnyoneInAccount():
            return f"anyone in account {_did_text(node.did)}"
        case DidSequence():
            written = "did " + " then ".join(open_event(event) for event in node.events)
            if node.within is not None:
                written += f" within {duration(node.within)}"
            return written + window_text(node.window)
        case DidDirectly():
            chain = " directly then ".join(open_event(event) for event in node.events)
            return f"did {chain} in one session{window_text(node.window)}"
        case DidWithout():
            return f"did {open_event(node.event)} and not {open_event(node.absent)} within {duration(node.within)}"
        case DidWhen():
            return f"{node.edge} did {open_event(node.event)} {operator_text(node.operator, node.operands)}"
        case _:
            assert_never(node)


def _answered_text(node: Answered) -> str:
    if node.question is None:
        return f"answered {name(node.survey.text)}"
    written = f"answered {dotted(node.survey, node.question)}"
    if node.operator is None:
        return written
    return f"{written} {operator_text(node.operator, node.operands, ignoring_case=node.ignoring_case)}"
