"""Values of a form's fields that have parts: counts, windows, comparisons, actions, scales."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, assert_never

from dsl.formatter.words import count, days, name, operand, path, place, times
from dsl.forms.values import (
    NOWHERE,
    Sort,
    Unwritable,
    as_object,
    duration_of,
    listed,
    within,
    word_in,
    written_clock,
    written_days,
    written_duration,
    written_moment,
    written_name,
    written_number,
    written_path,
    written_percent,
    written_place,
    written_text,
    written_whole,
)
from dsl.nodes import (
    Action,
    AsksNext,
    Completes,
    CountTest,
    CountWord,
    DayLiteral,
    Dismisses,
    DurationLiteral,
    EndsSurvey,
    InLast,
    Jump,
    NumberLiteral,
    OpensUrl,
    Operand,
    OtherChoice,
    PatternLiteral,
    PlaceRef,
    Scale,
    ShareOf,
    SinceEvent,
    SinceMoment,
    SinceStep,
    Snoozes,
    StartsGuide,
    TextLiteral,
    TimeLiteral,
    TracksEvent,
    VersionLiteral,
    Window,
    YesNoLiteral,
)
from dsl.operators import OPERATORS, Shape
from widgets.registry import Style

# Counts and windows


def count_of(test: CountTest | None, *, on_days: bool = False) -> dict[str, Any] | None:
    """`at least 3 times`, `on at least 3 days`."""
    return None if test is None else {"word": test.word.value, "low": test.low, "high": test.high, "days": on_days}


def written_count(value: Any) -> str:
    """How often something happened."""
    value = as_object(value, "how often")
    word = word_in(value, "word")
    if word not in {each.value for each in CountWord}:
        raise Unwritable("choose how the number is compared", ("word",))
    low = int(within("low", written_whole, value.get("low")))
    high = int(within("high", written_whole, value.get("high"))) if word == CountWord.BETWEEN else None
    test = CountTest(CountWord(word), low, high, span=NOWHERE)
    return days(test) if value.get("days") else count(test)


def window_of(window: Window | None) -> dict[str, Any] | None:
    """In which time: the last seven days, since an event, a step, a day."""
    match window:
        case None:
            return None
        case InLast():
            return {"since": "last", "value": duration_of(window.duration)}
        case SinceEvent():
            return {"since": "event", "value": window.event.value}
        case SinceStep():
            return {"since": "step", "value": place(window.place)}
        case SinceMoment():
            return {"since": "moment", "value": operand(window.moment)}
        case _:
            assert_never(window)


WINDOWS: Final[Mapping[str, tuple[str, Sort]]] = MappingProxyType(
    {
        "last": ("in last", Sort.DURATION),
        "event": ("since", Sort.TEXT),
        "step": ("since", Sort.PLACE),
        "moment": ("since", Sort.MOMENT),
    }
)
"""What a window may begin with: its word, and what follows."""


def written_window(value: Any) -> str:
    """In which time."""
    value = as_object(value, "in which time")
    since = word_in(value, "since")
    if since not in WINDOWS:
        raise Unwritable("choose in which time")
    word, sort = WINDOWS[since]
    return f"{word} {within('value', WRITERS[sort], value.get('value'))}"


# Comparisons


def operand_of(node: Operand | OtherChoice) -> dict[str, Any]:  # noqa: PLR0911  (one case a kind of value)
    """A value on the right of a comparison, with what it is."""
    match node:
        case TextLiteral():
            return {"as": "text", "value": node.value}
        case NumberLiteral():
            return {"as": "number", "value": node.value}
        case YesNoLiteral():
            return {"as": "yes/no", "value": node.value}
        case DayLiteral() | TimeLiteral():
            return {"as": "moment", "value": operand(node)}
        case VersionLiteral():
            return {"as": "version", "value": node.text}
        case PatternLiteral():
            return {"as": "pattern", "value": node.text}
        case DurationLiteral():
            return {"as": "duration", "value": duration_of(node)}
        case ShareOf():
            return {"as": "share", "value": node.percent, "of": path(node.of)}
        case OtherChoice():
            return {"as": "choice", "value": name(node.name)}
        case _:
            assert_never(node)


def written_operand(value: Any) -> str:
    """A value on the right of a comparison."""
    value = as_object(value, "a value")
    kind, given = word_in(value, "as"), value.get("value")
    if kind not in OPERAND_WRITERS:
        raise Unwritable("choose what it is compared with")
    if kind == "text" and isinstance(given, str) and not given.strip():
        raise Unwritable("say what it is compared with", ("value",))
    if kind == "share":
        return f"{written_percent(given)} of {within('of', written_path, value.get('of'))}"
    return OPERAND_WRITERS[kind](given)


def _written_yes_no(value: Any) -> str:
    if not isinstance(value, bool):
        raise Unwritable("choose yes or no")
    return "yes" if value else "no"


def _written_pattern(value: Any) -> str:
    if not isinstance(value, str) or not value or "\n" in value:
        raise Unwritable("write a pattern")
    return operand(PatternLiteral(value, span=NOWHERE))


def _written_version(value: Any) -> str:
    return f"version {written_text(value)}"


OPERAND_WRITERS: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
    {
        "text": written_text,
        "number": written_number,
        "yes/no": _written_yes_no,
        "moment": written_moment,
        "version": _written_version,
        "pattern": _written_pattern,
        "duration": written_duration,
        "share": written_percent,
        "choice": written_name,
    }
)
"""Everything that a value may be, with how it is written."""


def test_of(node: Any) -> dict[str, Any] | None:
    """The operator of a condition with what stands on its right."""
    if node.operator is None:
        return None
    return {
        "operator": node.operator,
        "operands": [operand_of(each) for each in node.operands],
        "ignoring_case": getattr(node, "ignoring_case", False),
    }


def written_test(value: Any) -> str:
    """An operator with what stands on its right."""
    value = as_object(value, "how it is compared")
    entry = OPERATORS.get(word_in(value, "operator"))
    if entry is None:
        raise Unwritable("choose how it is compared", ("operator",))
    operands = value.get("operands") or []
    if not isinstance(operands, list):
        raise Unwritable("write what it is compared with", ("operands",))
    wanted = {Shape.NOTHING: 0, Shape.RANGE: 2, Shape.VALUES: max(1, len(operands))}.get(entry.shape, 1)
    if len(operands) != wanted:
        raise Unwritable(f"`{entry.name}` takes {wanted} value{'' if wanted == 1 else 's'}", ("operands",))
    written = [within("operands", within, str(index), written_operand, each) for index, each in enumerate(operands)]
    parts = [entry.name, *([(" and " if entry.shape is Shape.RANGE else ", ").join(written)] if written else [])]
    parts += [entry.suffix] if entry.suffix is not None else []
    parts += ["ignoring case"] if value.get("ignoring_case") is True else []
    return " ".join(parts)


# Content


def action_of(node: Action | None) -> dict[str, Any] | None:  # noqa: PLR0911  (one case an action)
    """What a button does."""
    match node:
        case None:
            return None
        case OpensUrl():
            return {"do": "opens", "value": node.url.value}
        case Completes():
            return {"do": "completes", "value": None}
        case Dismisses():
            return {"do": "dismisses", "value": None}
        case Snoozes():
            return {"do": "snoozes", "value": duration_of(node.duration)}
        case StartsGuide():
            return {"do": "starts", "value": name(node.guide.text)}
        case TracksEvent():
            return {"do": "tracks", "value": node.event.value}
        case _:
            assert_never(node)


ACTIONS: Final[Mapping[str, Sort | None]] = MappingProxyType(
    {
        "opens": Sort.TEXT,
        "completes": None,
        "dismisses": None,
        "snoozes": Sort.DURATION,
        "starts": Sort.NAME,
        "tracks": Sort.TEXT,
    }
)
"""What a button may do, with what it needs for that."""


def written_action(value: Any) -> str:
    """What a button does."""
    value = as_object(value, "what the button does")
    do = word_in(value, "do")
    if do not in ACTIONS:
        raise Unwritable("choose what the button does")
    sort = ACTIONS[do]
    return do if sort is None else f"{do} {within('value', WRITERS[sort], value.get('value'))}"


def jump_of(node: Jump | None) -> str | None:
    """Where a survey goes on: `end`, or a question."""
    match node:
        case None:
            return None
        case EndsSurvey():
            return "end"
        case AsksNext():
            return f"ask {name(node.question.text)}"
        case _:
            assert_never(node)


def written_jump(value: Any) -> str:
    """Where a survey goes on."""
    if value == "end":
        return "then end"
    if isinstance(value, str) and value.startswith("ask "):
        return f"then ask {written_name(value.removeprefix('ask '))}"
    raise Unwritable("choose where the survey goes on")


def scale_of(node: Scale | None) -> dict[str, Any] | None:
    """`1 to 5 stars`."""
    return None if node is None else {"low": node.low, "high": node.high, "style": node.style}


def written_scale(value: Any) -> str:
    """A scale."""
    value = as_object(value, "a scale")
    low, high = within("low", written_whole, value.get("low")), within("high", written_whole, value.get("high"))
    style = word_in(value, "style")
    if style and style not in {each.value for each in Style}:
        raise Unwritable("choose how the scale is drawn", ("style",))
    return f"{low} to {high}" + (f" {style}" if style else "")


def limit_of(node: Any) -> dict[str, Any] | None:
    """`at most 3`, `at most 500 characters` of a question."""
    return None if node.at_most is None else {"number": node.at_most, "characters": node.counts_characters}


def written_limit(value: Any) -> str:
    """What an answer may have at most."""
    value = as_object(value, "how many at most")
    number = within("number", written_whole, value.get("number"))
    return f"at most {number} characters" if value.get("characters") is True else f"at most {number}"


def places_of(nodes: Sequence[PlaceRef]) -> list[str]:
    """Places as they are written."""
    return [place(each) for each in nodes]


def _written_times(value: Any) -> str:
    return times(int(written_whole(value)))


def _written_source(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unwritable("write it as text of the language")
    return value


WRITERS: Final[Mapping[Sort, Callable[[Any], str]]] = MappingProxyType(
    {
        Sort.TEXT: written_text,
        Sort.LONG_TEXT: written_text,
        Sort.WHOLE: written_whole,
        Sort.TIMES: _written_times,
        Sort.PERCENT: written_percent,
        Sort.DURATION: written_duration,
        Sort.MOMENT: written_moment,
        Sort.CLOCK: written_clock,
        Sort.DAYS: written_days,
        Sort.NAME: written_name,
        Sort.NAMES: listed(written_name),
        Sort.PATH: written_path,
        Sort.PLACE: written_place,
        Sort.PLACES: listed(written_place),
        Sort.COUNT: written_count,
        Sort.WINDOW: written_window,
        Sort.TEST: written_test,
        Sort.ACTION: written_action,
        Sort.JUMP: written_jump,
        Sort.SCALE: written_scale,
        Sort.LIMIT: written_limit,
        Sort.SOURCE: _written_source,
    }
)
"""How each sort is written that needs nothing but itself; conditions and events are written by `writing`."""
