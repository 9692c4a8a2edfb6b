"""Steps and changes as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from dsl.explain.words import listed
from dsl.values import DAY, HOUR, MINUTE, SECOND, Duration, Instant, JsonValue, spell_number
from engine.events import EventKind, GuideEvent
from engine.friction import SIGNAL_EVENTS
from engine.why.moments import day_words
from engine.why.tree import Asks, Becomes, Happens, Step, Told, Waits

_SAID_UP_TO: Final = Duration(31 * DAY)
"""A longer time that is left is not worth a word."""
_UNITS: Final = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))
_LIVES: Final[Mapping[str, str]] = {
    GuideEvent.SHOWN: "is shown",
    GuideEvent.COMPLETED: "is completed",
    GuideEvent.DISMISSED: "is closed",
    GuideEvent.ANSWERED: "is answered",
}
CONSENT: Final = "consent.guidance"
"""Where a request says whether the user agreed."""


def step_words(step: Step, zone: str) -> str:
    """A step as a part of a sentence."""
    match step:
        case Happens():
            return _happens(step)
        case Becomes():
            return f"`{step.words}` would have to be {value_words(step.value)}"
        case Asks() if step.name == CONSENT:
            return "the user would have to agree to guidance"
        case Asks():
            return f"`{step.name}` of the request would have to be {value_words(step.value)}"
        case Waits():
            return f"after {day_words(step.until, zone)}, when {step.because}"
        case _:
            assert_never(step)


def change_words(steps: Sequence[Step], *, at: Instant, until: Instant | None, zone: str) -> str:
    """A change as a sentence."""
    text = ", then ".join(step_words(step, zone) for step in steps)
    if until is None or until - at > _SAID_UP_TO:
        return text
    if isinstance(steps[0], Waits) or any(isinstance(each, Waits) for each in steps):
        return f"{text}, before {day_words(until, zone)}"
    return f"{text} within the next {length_words(Duration(until - at))}"


def length_words(length: Duration) -> str:
    """The two largest units of a length, rounded down: `7 minutes`, `1 day 3 hours`, `hour`."""
    parts: list[str] = []
    left = int(length)
    for unit, name in _UNITS:
        number, left = divmod(left, unit)
        if number:
            parts.append(f"{number} {name}{'' if number == 1 else 's'}")
        elif parts:
            break
    if len(parts) == 1:
        return parts[0].removeprefix("1 ")
    return " ".join(parts[:2]) or "second"


def value_words(value: JsonValue) -> str:
    """A value as one would write it: `trial`, `5`, yes, a list."""
    match value:
        case None:
            return "unset"
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return f"`{spell_number(value)}`"
        case str():
            return f"`{value}`"
        case list():
            return f"a list of {listed([value_words(each) for each in value], 'and')}" if value else "an empty list"
        case dict():
            return "an object"
        case _:
            assert_never(value)


def _happens(step: Happens) -> str:
    told = step.event
    words = step.words or _event_words(told)
    if words.startswith("`") and not words.endswith(tuple(_LIVES.values())):
        if step.is_more:
            return f"one more {words}" if step.times == 1 else f"{step.times} more {words}"
        return words if step.times == 1 else f"{step.times} times {words}"
    return words if step.times == 1 else f"{words}, {step.times} times"


def _event_words(told: Told) -> str:
    if told.kind is EventKind.PAGE:
        return f"a view of the page `{told.properties.get('path')}`"
    if told.name in SIGNAL_EVENTS:
        return f"`{told.name}`" + (f" on `{page}`" if (page := told.properties.get("path")) else "")
    if told.name in _LIVES:
        return f"`{told.properties.get('guide')}` {_life_words(told)}"
    if not told.properties:
        return f"`{told.name}`"
    pairs = [f"`{name}` {value_words(value)}" for name, value in told.properties.items()]
    return f"`{told.name}` with {listed(pairs, 'and')}"


def _life_words(told: Told) -> str:
    if told.name == GuideEvent.ANSWERED:
        return f"is answered with {value_words(told.properties.get('value'))} (`{told.properties.get('question')}`)"
    return _LIVES[told.name]
