"""Events from a file, one message in Segment's form a line, as the commands that need no server read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import click
import orjson

from dsl.suggest import did_you_mean, nearest
from dsl.values import Instant, JsonValue, format_instant
from engine.events import Event
from engine.intake import Defaults, take_in
from engine.past import Past

NEVER = Instant(253_402_300_799_000_000)
"""9999-12-31T23:59:59Z: no event is later than its receipt, so none is clamped."""
NO_DEFAULTS = Defaults()
_TIMES = ("timestamp", "originalTimestamp", "receivedAt", "sentAt")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no event: its number from 1, and why."""

    line: int
    message: str


def read_lines(lines: Iterable[bytes]) -> tuple[list[Event], list[BadLine]]:
    """The events of some lines, numbered in their order, and the lines that hold none. Blank lines are skipped."""
    messages, bad = messages_in(lines)
    events, refused = read_messages([message for _, message in messages])
    bad += [BadLine(messages[each.line - 1][0], each.message) for each in refused]
    return events, sorted(bad, key=lambda each: each.line)


def messages_in(lines: Iterable[bytes]) -> tuple[list[tuple[int, JsonValue]], list[BadLine]]:
    """The JSON of each line with the line's number, and the lines that are none. Blank lines are skipped."""
    messages: list[tuple[int, JsonValue]] = []
    bad: list[BadLine] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            messages.append((number, orjson.loads(line)))
        except orjson.JSONDecodeError as error:
            bad.append(BadLine(number, f"not JSON: {error}"))
    return messages, bad


def read_messages(
    messages: Sequence[JsonValue], *, defaults: Defaults = NO_DEFAULTS, untimed: Instant | None = None
) -> tuple[list[Event], list[BadLine]]:
    """The events of some messages and, by their number from 1, those that are none.

    The times are taken as they stand: a file was corrected when it was received. untimed: the time of a message
    without one; without it such a message is refused.
    """
    kept: list[tuple[int, JsonValue]] = []
    bad: list[BadLine] = []
    for number, message in enumerate(messages, 1):
        prepared = _with_one_time(message, untimed) if isinstance(message, dict) else message
        if isinstance(prepared, dict) and "timestamp" not in prepared:
            bad.append(BadLine(number, "an event needs a `timestamp`"))
        else:
            kept.append((number, prepared))
    intake = take_in(
        [message for _, message in kept],
        received=NEVER,
        new_id=_names(),
        defaults=defaults,
        live=False,
        limit=len(kept),
    )
    refused = {kept[each.index][0]: f"{each.message} ({each.path})" for each in intake.rejected}
    numbers = [number for number, _ in kept if number not in refused]
    # A file's events are as good as live ones: what wakes a rule is decided by their time.
    events = [
        replace(taken.event, seq=number, received=taken.event.time, live=True)
        for number, taken in zip(numbers, intake.taken, strict=True)
    ]
    return events, [*bad, *(BadLine(number, why) for number, why in refused.items())]


def _names() -> Callable[[], str]:
    """Names for messages without `messageId`: no two are the same event."""
    numbers = count(1)
    return lambda: f"unnamed {next(numbers)}"


def _with_one_time(message: Mapping[str, JsonValue], untimed: Instant | None) -> dict[str, JsonValue]:
    """The message with its own time only, and with a type where an event is named without one."""
    plain = {name: value for name, value in message.items() if name not in _TIMES}
    time = next((message[name] for name in _TIMES if message.get(name)), None)
    if time is None and untimed is not None:
        time = format_instant(untimed)
    if "event" in plain:
        plain.setdefault("type", "track")
    return plain if time is None else {**plain, "timestamp": time}


def warn_of_nobody(past: Past, user: str | None) -> None:
    """Say that nothing is known of the user who is asked about: the id may be mistyped, or all be later."""
    if user is None or past.knows(user):
        return
    near = did_you_mean([f"`{each}`" for each in nearest(user, [known.person.name for known in past.people])])
    told = f"up to then the history has no event of `{user}`, who is taken for somebody new"
    click.echo(f"{told}; {near}" if near else told, err=True)
