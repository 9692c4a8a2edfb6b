"""From a message in Segment's form to an event: is it well formed, whose is it, when did it happen.

Decides what is refused and why, one message at a time, so that a bad one never takes its neighbours along. Asks no
clock and no storage: the instant of receipt is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dsl.values import JsonValue


class RejectionCode(StrEnum):
    """Why a message was refused; the codes are promised and never change."""

    NOT_AN_OBJECT = "not_an_object"
    UNKNOWN_TYPE = "unknown_type"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    TOO_LONG = "too_long"
    BAD_TEXT = "bad_text"
    BAD_TIME = "bad_time"
    NO_IDENTITY = "no_identity"
    RESERVED_NAME = "reserved_name"
    EVENT_TOO_LARGE = "event_too_large"
    TOO_MANY_EVENTS = "too_many_events"
    TOO_DEEP = "too_deep"


@dataclass(frozen=True, slots=True)
class Rejection:
    """One message that was not kept."""

    index: int
    """Its place in what was sent, from 0."""
    code: RejectionCode
    path: str
    """Where in the message, as a JSON path: `$.properties`."""
    message: str


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a batch says once for all its messages; a message's own value wins, contexts are merged by member."""

    user_id: str | None = None
    anonymous_id: str | None = None
    context: Mapping[str, JsonValue] = field(default_factory=dict)
