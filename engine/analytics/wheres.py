"""Conditions on an event's properties, asked of many events at once.

Comparisons that every engine answers as the language does become expressions; all others are decided by the compiled
condition itself, once for each distinct value of the properties, and joined. So a funnel and a rule never disagree on
what counts. Three-valued, as in the language: a comparison with a value that is not there is unknown, and counts not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, Any, Final

import orjson

from dsl.needs import Tracked, Where
from dsl.nodes import Always, And, Comparison, Condition, DurationLiteral, NoneOf, Not, NumberLiteral, Or, TextLiteral
from dsl.values import Instant, Kind, ValueType, read_number
from dsl.walk import nodes_of
from engine.analytics.engines import Engine
from engine.events import Event, EventKind
from engine.occurrences import fits

if TYPE_CHECKING:
    import ibis

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
"""Names of properties that mean the same in every engine's paths."""
_NUMBER: Final = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
"""How JSON spells numbers."""
_EXACT: Final = 2**53
_OPPOSITES: Final = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "is": "is not", "is not": "is"}


@dataclass(frozen=True, slots=True)
class StepEvent:
    """Which events are a step: those of a name, and where there are conditions, only those of which all are true."""

    name: str
    wheres: tuple[Where, ...] = ()


class _Unsayable(Exception):
    """A condition that no expression says exactly."""


@cache
def json_text() -> Any:
    """`get_json_object(text, path)`: a value in JSON as text, texts without quotes; the same in every engine."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    @ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # the library has no types
    def get_json_object(text: str, path: str) -> str:  # type: ignore[empty-body]
        """Read by the engine."""

    return get_json_object


def marked(
    events: ibis.Table,
    columns: Mapping[str, Sequence[StepEvent]],
    engine: Engine,
    *,
    only: Sequence[str] | None = None,
) -> ibis.Table:
    """The events with a column for each name: true where the event is one of its step events.

    only: of the events' own columns, those that are wanted; without it all of them.
    """
    import ibis  # noqa: PLC0415

    own = list(events.columns) if only is None else only

    decided: dict[tuple[str, str], str] = {}
    for event in (each for found in columns.values() for each in found):
        for where in event.wheres:
            if (event.name, where.text) not in decided and not is_sayable(where):
                mark = decided[event.name, where.text] = f"where_{len(decided)}"
                events = _decided(events, event.name, where, mark, engine)
    tests: dict[str, Any] = {}
    for column, found in columns.items():
        fits_any: list[Any] = []
        for event in found:
            fits_event = events.name == event.name
            for where in event.wheres:
                mark = decided.get((event.name, where.text), "")
                fits_event = fits_event & (events[mark] if mark else _holds(where, events.properties))
            fits_any.append(fits_event)
        tests[column] = reduce(or_, fits_any) if fits_any else ibis.literal(False)
    return events.select(*own, **tests)


def _decided(events: ibis.Table, name: str, where: Where, mark: str, engine: Engine) -> ibis.Table:
    """The events with a mark where the condition is true of one of that name, by the condition as rules ask it."""
    import ibis  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    is_true_of = fits(Tracked(name, where))
    named = events.filter(events.name == name)
    if any(isinstance(node, DurationLiteral) for node in nodes_of(where.condition)):
        # Relative times count from the event's own.
        rows = engine.arrow(named.select("seq", "time", "properties")).to_pylist()
        kept = [row["seq"] for row in rows if is_true_of(_event(name, row["properties"], row["time"]))]
        found = ibis.memtable(pa.table({"same": pa.array(kept, pa.int64())}))
        joined = events.left_join(found, events.seq == found.same)
    else:
        spelled = events.properties.fill_null("{}")
        rows = engine.arrow(named.select(text=named.properties.fill_null("{}")).distinct()).to_pylist()
        texts = [row["text"] for row in rows if is_true_of(_event(name, row["text"], 0))]
        found = ibis.memtable(pa.table({"same": pa.array(texts, pa.string())}))
        joined = events.left_join(found, spelled == found.same)
    return joined.mutate(**{mark: joined.same.notnull()}).drop("same")


def _event(name: str, properties: str | None, time: int) -> Event:
    at = Instant(time)
    return Event(0, "", EventKind.TRACK, name, at, at, properties=orjson.loads(properties or "{}"))


def is_sayable(where: Where) -> bool:
    """True where an expression says the condition exactly; others are decided by the condition itself."""
    import ibis  # noqa: PLC0415

    try:
        _holds(where, ibis.table({"properties": "string"}, name="probe").properties)
    except _Unsayable:
        return False
    return True


def _holds(where: Where, properties: Any) -> Any:
    """The condition as an expression that is never null. Raises _Unsayable."""
    return _truth(where.condition, where.types, properties, positive=True).fill_null(False)


def _truth(node: Condition, types: Mapping[str, ValueType], properties: Any, *, positive: bool) -> Any:
    """True where the condition is TRUE (`positive`) or FALSE; false or null elsewhere."""
    import ibis  # noqa: PLC0415

    match node:
        case Always():
            return ibis.literal(positive)
        case And() | Or() | NoneOf():
            sign = positive is not isinstance(node, NoneOf)
            terms = [_truth(term, types, properties, positive=sign).fill_null(False) for term in node.terms]
            is_all = positive is not isinstance(node, Or)
            return reduce(lambda one, other: one & other if is_all else one | other, terms)
        case Not():
            return _truth(node.term, types, properties, positive=not positive)
        case Comparison():
            return _comparison(node, types, properties, positive=positive)
        case _:
            raise _Unsayable


def _comparison(node: Comparison, types: Mapping[str, ValueType], properties: Any, *, positive: bool) -> Any:
    name = ".".join(node.subject.parts)
    declared = types.get(name)
    if declared is None or declared.scale is not None or node.ignoring_case or not _PLAIN_NAME.fullmatch(name):
        raise _Unsayable
    value = json_text()(properties, f"$.{name}")
    match declared.kind:
        case Kind.NUMBER:
            return _of_number(node, value, positive=positive)
        case Kind.TEXT | Kind.ONE_OF:
            return _of_text(node, value, declared, positive=positive)
        case _:
            raise _Unsayable


def _of_number(node: Comparison, value: Any, *, positive: bool) -> Any:
    """Numbers, and texts that spell one. Beyond 1e100 no property is a number to an engine."""
    import ibis  # noqa: PLC0415

    limits = [each.value for each in node.operands if isinstance(each, NumberLiteral) and abs(each.value) < _EXACT]
    if len(limits) != len(node.operands):
        raise _Unsayable
    is_number = value.re_search(_NUMBER) & (value.length() <= 64)
    number = ibis.ifelse(is_number, value, ibis.null("string")).cast("float64")
    operator = node.operator if positive else _OPPOSITES.get(node.operator, "")
    match operator, limits:
        case ">=", [limit]:
            return number >= limit
        case ">", [limit]:
            return number > limit
        case "<=", [limit]:
            return number <= limit
        case "<", [limit]:
            return number < limit
        case "is", [limit]:
            return number == limit
        case "is not", [limit]:
            return number != limit
        case _:
            raise _Unsayable


def _of_text(node: Comparison, value: Any, declared: ValueType, *, positive: bool) -> Any:
    """Texts that are one of some. Numbers and true are texts by their spelling, in which engines differ: not here."""
    words = [each.value for each in node.operands if isinstance(each, TextLiteral) and _is_word(each.value)]
    if len(words) != len(node.operands):
        raise _Unsayable
    wants = {"is": True, "is one of": True, "is not": False, "is none of": False}.get(node.operator)
    if wants is None:
        raise _Unsayable
    if declared.kind is Kind.ONE_OF:
        allowed = [each for each in declared.allowed if isinstance(each, str)]
        if not all(map(_is_word, allowed)):
            raise _Unsayable
        return value.isin([each for each in allowed if (each in words) is (wants is positive)])
    if wants is not positive:
        # Any other text: an engine cannot tell it from a list.
        raise _Unsayable
    return value.isin(words)


def _is_word(text: str) -> bool:
    """True for texts that nothing but the text itself is spelled like."""
    return bool(text.strip()) and text[0] not in "[{" and text not in {"true", "false"} and read_number(text) is None
