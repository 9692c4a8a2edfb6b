"""Values to try where a condition asks for another one: those that the rule itself names, and their neighbours.

Nothing here is known to help: whoever asks tries each with the evaluator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Final

from dsl.moments import end_of, start_of
from dsl.needs import Tracked
from dsl.nodes import (
    Comparison,
    DayLiteral,
    DurationLiteral,
    NumberLiteral,
    Operand,
    OtherChoice,
    PatternLiteral,
    TextLiteral,
    TimeLiteral,
    VersionLiteral,
    YesNoLiteral,
)
from dsl.values import DAY, SECOND, Instant, JsonValue, Kind, ValueType, format_instant
from dsl.walk import find
from engine.events import Event, EventKind
from engine.occurrences import fits

_MOST_TRIED: Final = 400
_OTHER: Final = "something else"


def values_for(
    operands: Sequence[Operand | OtherChoice], type_: ValueType, *, now: Instant, zone: str
) -> tuple[JsonValue, ...]:
    """Values worth trying for a comparison with these operands, as they would be sent; the likeliest first."""
    found: list[JsonValue] = []
    for operand in operands:
        found += _of_operand(operand, type_, now=now, zone=zone)
    texts = [each for each in found if isinstance(each, str)]
    match type_.kind:
        case Kind.TEXT_LIST | Kind.NUMBER_LIST:
            # Each one alone, all of them, others, none.
            other: JsonValue = [_OTHER] if type_.kind is Kind.TEXT_LIST else [-1]
            alone: list[JsonValue] = [[each] for each in found]
            found = [*alone, list(found), other, []]
        case Kind.ONE_OF:
            found = [*(each for each in texts if each in type_.allowed), *type_.allowed]
        case Kind.YES_NO:
            found = [*found, True, False]
        case Kind.NUMBER:
            found = [*found, 0, 1]
        case Kind.TIME:
            found = [*found, *_times(now, (0, DAY, -DAY, -400 * DAY, 400 * DAY))]
        case Kind.VERSION:
            found = [*found, "0", "999"]
        case Kind.TEXT:
            found = [*found, _OTHER if operands else "something", *(f"{each} and more" for each in texts[:1])]
    return tuple(_distinct([*found, None]))


def _of_operand(operand: Operand | OtherChoice, type_: ValueType, *, now: Instant, zone: str) -> list[JsonValue]:  # noqa: PLR0911
    match operand:
        case TextLiteral():
            # Of a pattern with stars what fits it, of a network its first address.
            text = operand.value
            first = [text.rpartition("/")[0]] if text.rpartition("/")[0] else []
            return _distinct([text.replace("*", "x"), text.replace("*", ""), text, *first])
        case NumberLiteral():
            number = operand.value
            return [number, number + 1, number - 1]
        case YesNoLiteral():
            return [operand.value]
        case DayLiteral():
            return _times(start_of(operand, zone), (0, -SECOND)) + _times(end_of(operand, zone), (0, -SECOND))
        case TimeLiteral():
            return _times(operand.instant, (0, SECOND, -SECOND))
        case DurationLiteral():
            length = operand.length
            return _times(now, (length // 2, -length // 2, 0, -length, length, -2 * length, 2 * length))
        case VersionLiteral():
            return [operand.text, f"{operand.text}.1" if "-" not in operand.text else operand.text, "0"]
        case PatternLiteral():
            plain = operand.text.removeprefix("^").removesuffix("$").replace("\\", "")
            return [plain, plain.replace(".*", ""), plain.replace(".+", "x").replace(".*", "")]
        case OtherChoice():
            return [operand.name]
        case _:
            # A share of another attribute: small and large.
            return [0, 1, 1_000_000_000] if type_.kind is Kind.NUMBER else []


def _times(moment: Instant, distances: Iterable[int]) -> list[JsonValue]:
    found: list[JsonValue] = []
    for distance in distances:
        try:
            found.append(format_instant(Instant(moment + distance)))
        except (OverflowError, ValueError):
            continue
    return found


def _distinct(values: Iterable[JsonValue]) -> list[JsonValue]:
    found: list[JsonValue] = []
    for value in values:
        # In Python 1 is True, and 1 is 1.0: in JSON they are three values.
        if not any(type(each) is type(value) and each == value for each in found):
            found.append(value)
    return found


def properties_for(
    tracked: Tracked, wanted: Mapping[str, Sequence[JsonValue]], *, now: Instant, zone: str
) -> Iterator[dict[str, JsonValue]]:
    """Properties with which an event counts (its `where` is true), with the fewest properties first.

    wanted: values to try of further properties, each of which every one of the results has.
    """
    pools: dict[str, list[JsonValue]] = {name: list(values) for name, values in wanted.items()}
    if tracked.where is not None:
        for comparison in find(tracked.where.condition, Comparison):
            name = ".".join(comparison.subject.parts)
            type_ = tracked.where.types[name]
            pools.setdefault(name, [])
            if name not in wanted:
                pools[name] = _distinct([*pools[name], *values_for(comparison.operands, type_, now=now, zone=zone)])
    is_meant = fits(tracked)
    for values in islice(product(*pools.values()), _MOST_TRIED):
        chosen: dict[str, JsonValue] = {}
        chosen.update((name, value) for name, value in zip(pools, values, strict=True) if value is not None)
        # A name with dots is tried as a property of that very name.
        if is_meant(_event(tracked.name, chosen, now)):
            yield chosen


def _event(name: str, properties: Mapping[str, JsonValue], now: Instant) -> Event:
    return Event(0, "what if", EventKind.TRACK, name, now, now, properties=properties)
