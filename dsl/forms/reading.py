"""From the text of a file to the form of one of its guides: rows with fields, in the order of the text.

Every row has an id by which `splicing` finds its place in the same text again. What no kind draws is a row of text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.formatter.conditions import condition_text
from dsl.formatter.words import name as written_name
from dsl.forms.condition_kinds import CONDITIONS
from dsl.forms.content_kinds import KINDS
from dsl.forms.kinds import TEXT_ROW, Field, Place, RowKind
from dsl.forms.values import Sort, duration_of
from dsl.nodes import (
    And,
    Condition,
    DurationLiteral,
    EventRef,
    Guide,
    Node,
    NoneOf,
    Not,
    Or,
    Question,
    Show,
    TourStep,
    TranslatedQuestion,
    Translation,
    Variant,
)
from dsl.parser import parse

Row = dict[str, Any]
"""`{"id", "kind", "values", "rows"}` as JSON."""


class NoSuchGuide(LookupError):
    """The file declares no guide, survey or feedback of that name."""


class Unreadable(ValueError):
    """The guide's text has mistakes that leave no form of it."""

    def __init__(self, found: tuple[Diagnostic, ...]) -> None:
        super().__init__("the text has mistakes that leave no form of it")
        self.found = found


@dataclass(slots=True)
class Reading:
    """A form, with the node of each of its rows."""

    guide: Guide
    document: Row
    nodes: dict[str, Any] = field(default_factory=dict)


def guide_in(text: str, name: str, *, file: str = "rules.way") -> Guide:
    """The guide of that name in a text that can be read. Raises NoSuchGuide, Unreadable."""
    parsed = parse(text, file=file)
    found = next(
        (each for each in parsed.program.declarations if isinstance(each, Guide) and each.name.text == name), None
    )
    errors = tuple(each for each in parsed.diagnostics if each.severity is Severity.ERROR)
    if found is None:
        if errors and (name in parsed.unread or not parsed.program.declarations):
            raise Unreadable(errors)
        raise NoSuchGuide(name)
    inside = tuple(each for each in errors if found.span.start <= each.span.start <= found.span.end)
    if inside:
        raise Unreadable(inside)
    return found


def read_form(text: str, name: str, *, file: str = "rules.way") -> Reading:
    """The form of a guide. Raises NoSuchGuide, Unreadable."""
    return reading_of(guide_in(text, name, file=file))


def reading_of(guide: Guide) -> Reading:
    """The form of a guide that was read."""
    reader = _Reader()
    rows = [reader.row(each, Place.CLAUSE) for each in guide.clauses]
    document = {
        "guide": guide.name.text,
        "kind": guide.kind.value,
        "label": None if guide.label is None else guide.label.value,
        "rows": rows,
    }
    return Reading(guide, document, reader.nodes)


def held(node: Any) -> tuple[Any, ...]:
    """What stands in the braces of a clause or a piece of content."""
    match node:
        case Show() | TourStep():
            return node.content
        case Variant():
            return (node.show,)
        case Question():
            return node.choices
        case Translation():
            return node.entries
        case TranslatedQuestion():
            return node.choices
        case _:
            return ()


class _Reader:
    def __init__(self) -> None:
        self.nodes: dict[str, Any] = {}

    def row(self, node: Any, place: Place) -> Row:
        """A clause, a piece of content, a choice."""
        if place is Place.CHOICE_WORDS:
            source, words = node
            return self._kept(node, "as", {"source": source.value, "text": words.value})
        kind = next(each for each in KINDS[place].values() if isinstance(node, each.node) and each.fits(node))
        row = self._kept(node, kind.name, self._values(kind, node))
        if kind.holds is not None:
            row["rows"] = [self.row(each, kind.holds) for each in held(node)]
        return row

    def group(self, node: Condition) -> Row:
        """A condition as rows and how they are joined."""
        if isinstance(node, And | Or) and not node.block:
            return {"join": "all" if isinstance(node, And) else "any", "rows": self._terms(node.terms)}
        return {"join": "all", "rows": [self.condition(node)]}

    def condition(self, node: Condition) -> Row:
        """One row of conditions."""
        match node:
            case And() | Or():
                row = self._kept(node, "all" if isinstance(node, And) else "any", {"block": node.block})
                row["rows"] = self._terms(node.terms)
                return row
            case NoneOf():
                row = self._kept(node, "none", {"block": True})
                row["rows"] = self._terms(node.terms)
                return row
            case Not():
                kind = _kind_of(node.term)
                if kind is None or not kind.negates:
                    return self._kept(node, TEXT_ROW, {"text": condition_text(node)})
                return self._kept(node, kind.name, {**self._values(kind, node.term), "not": True})
            case _:
                plain = _kind_of(node)
                if plain is None:
                    return self._kept(node, TEXT_ROW, {"text": condition_text(node)})
                values = self._values(plain, node)
                return self._kept(node, plain.name, {**values, "not": False} if plain.negates else values)

    def _terms(self, terms: Iterable[Condition]) -> list[Row]:
        return [self.condition(each) for each in terms]

    def _kept(self, node: Any, kind: str, values: Row) -> Row:
        row_id = f"r{len(self.nodes)}"
        self.nodes[row_id] = node
        return {"id": row_id, "kind": kind, "values": values}

    def _values(self, kind: RowKind, node: Node) -> Row:
        return {each.name: self._value(each, node) for each in kind.fields}

    def _value(self, of: Field, node: Node) -> Any:
        if of.name in {"condition", "done_when"}:
            condition = getattr(node, of.name)
            return None if condition is None else self.group(condition)
        raw = of.of(node)
        match of.sort:
            case Sort.EVENT:
                return self._event(raw)
            case Sort.EVENTS:
                return [self._event(each) for each in raw]
            case Sort.NAMES:
                return [written_name(each.text) for each in raw]
            case _:
                return duration_of(raw) if isinstance(raw, DurationLiteral) else raw

    def _event(self, ref: EventRef) -> Row:
        return {"name": ref.name.value, "where": None if ref.where is None else self.group(ref.where)}


def _kind_of(node: Condition) -> RowKind | None:
    return next((each for each in CONDITIONS if isinstance(node, each.node) and each.fits(node)), None)


KEPT_OUT: Final = frozenset({"id", "faults"})
"""Members of a row that say nothing of its meaning."""


def bare(value: Any) -> Any:
    """A row, or a part of one, without what says nothing of its meaning."""
    if isinstance(value, dict):
        return {name: bare(each) for name, each in value.items() if name not in KEPT_OUT}
    return [bare(each) for each in value] if isinstance(value, list) else value


def told(reading: Reading, found: Iterable[Diagnostic], file: str) -> Row:
    """The form with what the checker says of its guide: each message at the innermost row that it is about."""
    guide = reading.guide.span
    faults: dict[str, list[Row]] = {}
    for each in found:
        if each.span.file != file or not guide.start <= each.span.start < max(guide.end, guide.start + 1):
            continue
        fault = {"severity": each.severity.value, "code": each.code, "message": each.message, "help": each.help}
        faults.setdefault(_innermost(reading, each.span), []).append(fault)
    document: Row = _with_faults(reading.document, faults)
    return {**document, "faults": faults.get("", [])}


def _innermost(reading: Reading, at: Span) -> str:
    best, width = "", None
    for row_id, node in reading.nodes.items():
        start, end = (
            (node[0].span.start, node[1].span.end) if isinstance(node, tuple) else (node.span.start, node.span.end)
        )
        if start <= at.start < end and (width is None or end - start <= width):
            best, width = row_id, end - start
    return best


def _with_faults(value: Any, faults: dict[str, list[Row]]) -> Any:
    if isinstance(value, dict):
        changed = {name: _with_faults(each, faults) for name, each in value.items()}
        return {**changed, "faults": faults[value["id"]]} if value.get("id") in faults else changed
    return [_with_faults(each, faults) for each in value] if isinstance(value, list) else value
