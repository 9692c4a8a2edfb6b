"""What became of each guide for one person: shown, held out, answered, dismissed, snoozed, completed.

A fold of the guide's life events; decides nothing about frequency (see `engine.frequency`). Bounded: times are kept
for the latest `KEPT`, answers one a question.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final

from dsl.values import SECOND, Duration, Instant, JsonValue
from engine.events import Event, GuideEvent

KEPT: Final = 64
"""How many of the latest times are kept of each list."""
KEPT_SUBMISSIONS: Final = 16
"""How many submissions may be open in tabs side by side without one being counted twice."""
_LONGEST_SNOOZE: Final = 10 * 365 * 24 * 3600

CLOSING: Final = frozenset({"close", "escape", "button"})
"""The ways of dismissing that end a guide with `until dismissed`; a click outside does not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The latest answer to a question: `value` as in `$answered` (number, choice id, ids or text)."""

    value: JsonValue
    text: str | None
    time: Instant
    submission: str | None


@dataclass(slots=True)
class GuideHistory:
    """One person's history with one guide. Lists of times are ascending and hold the latest `KEPT`.

    dismissed: every `$dismissed`. closed_at: the first one that `until dismissed` counts (`CLOSING`).
    snooze_used: True once it was shown again (or held out) after the latest snooze had ended.
    submissions: how many submissions have at least one answer.
    """

    shown: list[Instant] = field(default_factory=list)
    shown_count: int = 0
    held_out: list[Instant] = field(default_factory=list)
    held_out_count: int = 0
    started_at: Instant | None = None
    completed_at: Instant | None = None
    dismissed: list[Instant] = field(default_factory=list)
    closed_at: Instant | None = None
    snoozed_until: Instant | None = None
    snooze_used: bool = False
    answers: dict[str, Answer] = field(default_factory=dict)
    first_answered_at: Instant | None = None
    last_answered_at: Instant | None = None
    submissions: int = 0
    latest_submissions: list[str] = field(default_factory=list)


def fold_guide(history: GuideHistory, event: Event, *, questions: Container[str]) -> None:
    """Take a life event of the guide into its history; other events change nothing."""
    match event.name:
        case GuideEvent.SHOWN:
            history.shown_count += 1
            _keep(history.shown, event.time)
            _use_snooze(history, event.time)
        case GuideEvent.HELD_OUT:
            history.held_out_count += 1
            _keep(history.held_out, event.time)
            _use_snooze(history, event.time)
        case GuideEvent.STARTED:
            history.started_at = history.started_at or event.time
        case GuideEvent.COMPLETED:
            history.completed_at = event.time
        case GuideEvent.DISMISSED:
            _keep(history.dismissed, event.time)
            # A page that does not say how counts as the close control: asking again is the worse mistake.
            if history.closed_at is None and event.properties.get("how", "close") in CLOSING:
                history.closed_at = event.time
        case GuideEvent.SNOOZED:
            _snooze(history, event)
        case GuideEvent.ANSWERED:
            _answer(history, event, questions)
        case _:
            pass


def _keep(times: list[Instant], time: Instant) -> None:
    times.append(time)
    if len(times) > KEPT:
        del times[0]


def _use_snooze(history: GuideHistory, time: Instant) -> None:
    if history.snoozed_until is not None and time >= history.snoozed_until:
        history.snooze_used = True


def _snooze(history: GuideHistory, event: Event) -> None:
    seconds = event.properties.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= _LONGEST_SNOOZE:
        return
    history.snoozed_until = Instant(event.time + Duration(int(seconds * SECOND)))
    history.snooze_used = False


def _answer(history: GuideHistory, event: Event, questions: Container[str]) -> None:
    question, value = event.properties.get("question"), event.properties.get("value")
    if not isinstance(question, str) or question not in questions or value is None:
        return
    text, submission = event.properties.get("text"), event.properties.get("submission")
    history.answers[question] = Answer(
        value=value,
        text=text if isinstance(text, str) else None,
        time=event.time,
        submission=submission if isinstance(submission, str) else None,
    )
    history.first_answered_at = history.first_answered_at or event.time
    history.last_answered_at = event.time
    if not isinstance(submission, str):
        history.submissions += 1
    elif submission not in history.latest_submissions:
        history.submissions += 1
        history.latest_submissions = [*history.latest_submissions, submission][-KEPT_SUBMISSIONS:]
