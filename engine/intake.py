"""From a message in Segment's form to an event: is it well formed, whose is it, when did it happen.

Decides what is refused and why, one message at a time, so that a bad one never takes its neighbours along. Asks no
clock and no storage: the instant of receipt is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

import orjson

from dsl.values import DAY, Instant, JsonValue, read_instant, spell_number
from engine.events import NAMES, Event, EventKind, GuideEvent, is_browser_context
from engine.quick import quick
from engine.tracking.plans import NO_PLAN, Mode, Observed, TrackingPlan
from engine.traits import fault_in

EVENT_LIMIT: Final = 32 * 1024
"""Bytes of one message as compact JSON; Segment's limit."""
BATCH_LIMIT: Final = 500
"""Messages of one request."""
HISTORICAL_AFTER: Final = 30 * DAY
"""An event older than this on receipt is history: it keeps its time and wakes nothing."""
OWN_EVENTS: Final = frozenset({GuideEvent.HELD_OUT.value})
"""Events that only the server writes: a page that could send them could falsify an effect. A trusted sender may import
those of a history."""


_RESERVED: Final = frozenset(NAMES.values())
_KINDS: Final[Mapping[str, EventKind]] = {kind.value: kind for kind in EventKind}
_TRACK: Final = EventKind.TRACK
_IDENTIFY: Final = EventKind.IDENTIFY
_GROUP: Final = EventKind.GROUP
_ALIAS: Final = EventKind.ALIAS
_PAGE: Final = EventKind.PAGE
_SCREEN: Final = EventKind.SCREEN
_dumps: Final = orjson.dumps
# Looked up once rather than asked of the enum for each message, which takes ten times as long.

_NO_TRAITS: Final[Mapping[str, JsonValue]] = {}


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
    UNSIGNED_USER = "unsigned_user"
    BAD_OPERATION = "bad_operation"
    PLAN_VIOLATION = "plan_violation"


class NoticeCode(StrEnum):
    """What is to be known of a message that was kept; the codes are promised and never change."""

    TIME_IN_FUTURE = "time_in_future"
    HISTORICAL = "historical"
    NOT_MERGED = "not_merged"
    PLAN_VIOLATION = "plan_violation"


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
class Notice:
    """Something about a message that was kept, and is not what its sender may expect. Members as of a Rejection."""

    index: int
    code: NoticeCode
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Voucher:
    """What the token of a request proves."""

    user_id: str | None = None
    """Whose page it is; None without a valid token."""
    why_not: str = ""
    """What is wrong with the token that came; empty when none came, or when it is valid."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a batch says once for all its messages; a message's own value wins, contexts are merged by member."""

    user_id: str | None = None
    anonymous_id: str | None = None
    context: Mapping[str, JsonValue] = field(default_factory=dict)
    voucher: Voucher | None = None
    """What a page's token proves of its user; None for a sender that is trusted."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that is well formed, as an event (its `seq` is still 0), with what the log keeps besides."""

    event: Event
    simulated: bool
    session_id: str | None
    clamped: bool
    """True when its time lay in the future and was set to its receipt."""
    index: int = 0
    """Its place in what was sent."""


_new_event: Final = quick(Event)
_new_taken: Final = quick(Taken)


@dataclass(frozen=True, slots=True)
class Intake:
    """What some messages gave: events in the order in which they were sent, refusals, and what is to be known.

    violations: of the tracking plan, also of messages that were refused for them.
    """

    taken: tuple[Taken, ...]
    rejected: tuple[Rejection, ...]
    notices: tuple[Notice, ...] = ()
    violations: tuple[Observed, ...] = ()


def take_in(
    messages: Sequence[JsonValue],
    *,
    received: Instant,
    new_id: Callable[[], str],
    sent_at: JsonValue = None,
    defaults: Defaults = Defaults(),
    live: bool = True,
    limit: int = BATCH_LIMIT,
    plan: TrackingPlan = NO_PLAN,
) -> Intake:
    """Read messages; never raises on any JSON. `new_id` names a message that comes without `messageId`.

    Times are corrected by the sender's clock (`received - sentAt`), and never later than `received`. What does not fit
    the plan is noted, or refused where the plan says so.
    """
    reader = _Reader(received, new_id, defaults, live, read_instant(sent_at) if isinstance(sent_at, str) else None)
    reader.look_at_all(messages)
    taken: list[Taken] = []
    rejected: list[Rejection] = []
    notices: list[Notice] = []
    violations: list[Observed] = []
    observed: list[Observed] = []
    is_planned, read_one, keep = plan is not NO_PLAN, reader.read, taken.append
    for index, message in enumerate(messages):
        try:
            if index >= limit:
                raise _Refused(RejectionCode.TOO_MANY_EVENTS, "$", f"a request takes {limit} messages; send the rest")
            read = read_one(message, index)
            if is_planned and (observed := _judged(plan, read)):
                violations += observed
                _refuse_unplanned(observed)
        except _Refused as refused:
            rejected.append(Rejection(index, refused.code, refused.path, refused.message))
            continue
        keep(read)
        if observed or read.clamped or read.event.live is not live:
            notices += _notices(read, observed, live=live)
    return Intake(tuple(taken), tuple(rejected), tuple(notices), tuple(violations))


def _judged(plan: TrackingPlan, read: Taken) -> list[Observed]:
    return [Observed(read.index, read.event.message_id, each) for each in plan.judge(read.event)]


def _refuse_unplanned(observed: Sequence[Observed]) -> None:
    for each in observed:
        if each.violation.mode is Mode.BLOCK:
            raise _Refused(RejectionCode.PLAN_VIOLATION, each.violation.path, each.violation.message)


def _notices(read: Taken, observed: Sequence[Observed], *, live: bool) -> list[Notice]:
    """What the sender of a message that was taken should know."""
    found = [
        Notice(read.index, NoticeCode.PLAN_VIOLATION, each.violation.path, each.violation.message) for each in observed
    ]
    if read.clamped:
        told = "the time lies in the future: it was set to that of receipt"
        found.append(Notice(read.index, NoticeCode.TIME_IN_FUTURE, "$.timestamp", told))
    if live and not read.event.live:
        told = "this happened more than 30 days ago: it counts at its time, and triggers nothing"
        found.append(Notice(read.index, NoticeCode.HISTORICAL, "$.timestamp", told))
    return found


class _Refused(Exception):
    def __init__(self, code: RejectionCode, path: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.path = path
        self.message = message


@dataclass(frozen=True, slots=True)
class _Context:
    """The context of a message, and what is read from it alone. text: of the message's own part, as JSON."""

    text: bytes
    merged: dict[str, JsonValue]
    from_browser: bool
    simulated: bool
    group_id: str | None
    session_id: str | None


class _Reader:
    """Reads the messages of one request. Everything here is done once a message, so what can be is done once before."""

    def __init__(
        self,
        received: Instant,
        new_id: Callable[[], str],
        defaults: Defaults,
        live: bool,
        sent_at: Instant | None,
    ) -> None:
        self._received = received
        self._new_id = new_id
        self._live = live
        self._sent_at = sent_at
        self._user_id = _usable(defaults.user_id)
        self._anonymous_id = _usable(defaults.anonymous_id)
        self._given = defaults.context
        is_page = defaults.voucher is not None
        self._reserved = _RESERVED | OWN_EVENTS if live or is_page else _RESERVED
        self._context = self._read_context({}, b"{}")
        self._are_fine = False

    def look_at_all(self, messages: Sequence[JsonValue]) -> None:
        """Judge the form and the size of all messages at once; only where that fails are they judged one by one."""
        every = [*messages]
        try:
            self._are_fine = len(orjson.dumps(every)) <= EVENT_LIMIT and _messages_validator().is_valid(every)
        except (TypeError, ValueError):
            # Nested too deeply, some of them.
            self._are_fine = False

    def read(self, raw: JsonValue, index: int) -> Taken:
        """Raises _Refused."""
        if not isinstance(raw, dict):
            raise _Refused(RejectionCode.NOT_AN_OBJECT, "$", f"a message is an object, not {_json_name(raw)}")
        if not self._are_fine:
            _check_form(raw)
            _check_size(raw)
        get = raw.get
        kind = _KINDS[raw["type"]]  # type: ignore[index]  # the schema says what it is, here and below
        told = get("userId")
        user_id = self._user_id if told is None else _id(told) or self._user_id
        told = get("anonymousId")
        anonymous_id = self._anonymous_id if told is None else _id(told) or self._anonymous_id
        if kind is _ALIAS:
            user_id, anonymous_id = _aliased(raw)
        if user_id is None and anonymous_id is None:
            raise _Refused(RejectionCode.NO_IDENTITY, "$", "a message needs a `userId` or an `anonymousId`")
        own = get("context")
        # Most messages of a request have the context of the one before, to the letter: then they share it.
        text = _dumps(own) if isinstance(own, dict) else b"{}"
        context = self._context
        if text != context.text:
            context = self._context = self._read_context(own if isinstance(own, dict) else {}, text)
        properties: dict[str, JsonValue] = get("properties") or {}  # type: ignore[assignment]
        group_id = context.group_id
        traits = _NO_TRAITS
        if kind is _TRACK:
            name: str = raw["event"]  # type: ignore[assignment]
            if name in self._reserved:
                raise _reserved(name)
        else:
            name = NAMES[kind]
            if kind is _PAGE or kind is _SCREEN:
                properties = _named(raw, properties)
            elif kind is not _ALIAS:
                traits = _traits(raw)
                group_id = _required_id(raw, "groupId") if kind is _GROUP else group_id
        time = received = self._received
        clamped, is_live = False, self._live
        if get("timestamp") or get("originalTimestamp"):
            time, clamped = self._time(raw)
            is_live = is_live and received - time <= HISTORICAL_AFTER
        event = _new_event(
            0,
            _id(get("messageId")) or self._new_id(),
            kind,
            name,
            time,
            received,
            user_id,
            anonymous_id,
            properties,
            traits,
            group_id,
            context.merged,
            context.from_browser,
            is_live,
        )
        session_id = (_text_id(properties["session_id"]) if "session_id" in properties else None) or context.session_id
        return _new_taken(event, context.simulated, session_id, clamped, index)

    def _read_context(self, own: dict[str, JsonValue], text: bytes) -> _Context:
        merged = {**self._given, **own} if self._given else own
        group_id = merged.get("groupId")
        return _Context(
            text=text,
            merged=merged,
            from_browser=is_browser_context(merged),
            simulated=merged.get("simulated") is True,
            group_id=group_id if isinstance(group_id, str) and _is_kept(group_id) else None,
            session_id=_text_id(merged.get("session_id")) or _text_id(merged.get("sessionId")),
        )

    def _time(self, raw: Mapping[str, JsonValue]) -> tuple[Instant, bool]:
        """Of a message that tells its time."""
        member = "timestamp" if raw.get("timestamp") else "originalTimestamp"
        text = cast("str", raw[member])
        time = read_instant(text)
        if time is None:
            hint = "write it like `2026-03-01T09:30:00Z`, with its zone"
            raise _Refused(RejectionCode.BAD_TIME, f"$.{member}", f"`{text}` is not a time; {hint}")
        sent_at = self._sent_at
        if sent_at is None and isinstance(own := raw.get("sentAt"), str):
            sent_at = read_instant(own)
        if sent_at is not None:
            time = Instant(time + (self._received - sent_at))
        if time < 0:
            raise _Refused(RejectionCode.BAD_TIME, f"$.{member}", f"`{text}` lies before 1970")
        return (self._received, True) if time > self._received else (time, False)


def message_schema() -> dict[str, Any]:
    """The JSON Schema of a message: the one definition of the envelope."""
    read: dict[str, Any] = orjson.loads(files("engine").joinpath("message.schema.json").read_bytes())
    return read


@cache
def message_validator() -> Any:
    """The compiled validator of a message. It never fetches a schema from anywhere."""
    # 30 ms that `waypost check` need not pay.
    import jsonschema_rs  # noqa: PLC0415

    return jsonschema_rs.validator_for(message_schema(), retriever=_refuse_to_fetch, validate_formats=True)


@cache
def _messages_validator() -> Any:
    """The same of a list of messages."""
    import jsonschema_rs  # noqa: PLC0415

    schema = {"type": "array", "items": message_schema()}
    return jsonschema_rs.validator_for(schema, retriever=_refuse_to_fetch, validate_formats=True)


def _refuse_to_fetch(uri: str) -> Any:
    raise ValueError(f"schemas are not fetched: {uri}")


def _check_form(raw: Mapping[str, JsonValue]) -> None:
    validator = message_validator()
    if not validator.is_valid(raw):
        raise _explain(raw, next(iter(validator.iter_errors(raw))))


def _explain(raw: Mapping[str, JsonValue], error: Any) -> _Refused:
    """The first thing that the schema finds wrong, in the sender's words."""
    place = [str(part) for part in error.instance_path]
    path = ".".join(("$", *place))
    member = place[-1] if place else "message"
    keyword = error.kind.name
    if keyword == "required":
        missing = error.kind.property
        kind = f"a `{raw['type']}` message" if "type" in raw else "a message"
        return _Refused(RejectionCode.MISSING_FIELD, f"{path}.{missing}", f"{kind} needs `{missing}`")
    if place == ["type"]:
        known = ", ".join(kind.value for kind in EventKind)
        return _Refused(RejectionCode.UNKNOWN_TYPE, path, f"`type` is one of {known}")
    value = raw.get(member)
    if isinstance(value, str) and len(value) > 255:
        return _Refused(RejectionCode.TOO_LONG, path, f"`{member}` has {len(value)} characters; 255 is the limit")
    if isinstance(value, str) and len(value) > 64 and keyword == "maxLength":
        return _Refused(RejectionCode.BAD_TIME, path, f"`{member}` is not a time")
    if isinstance(value, str) and keyword != "type":
        problem = "is blank" if not value else "holds a zero character, which no database keeps"
        return _Refused(RejectionCode.BAD_TEXT, path, f"`{member}` {problem}")
    wanted = "an object" if member in {"properties", "traits", "context"} else "a text"
    return _Refused(RejectionCode.WRONG_TYPE, path, f"`{member}` must be {wanted}, not {_json_name(value)}")


def _check_size(raw: Mapping[str, JsonValue]) -> None:
    try:
        size = len(orjson.dumps(raw))
    except TypeError as error:
        # Text that came as JSON always goes back to JSON, unless it is nested too deeply.
        if "recursion" in str(error).lower():
            raise _Refused(RejectionCode.TOO_DEEP, "$", "the message is nested too deeply") from None
        raise _Refused(RejectionCode.BAD_TEXT, "$", "the message cannot be written as JSON") from None
    if size > EVENT_LIMIT:
        limit = EVENT_LIMIT // 1024
        raise _Refused(RejectionCode.EVENT_TOO_LARGE, "$", f"the message has {size} bytes; {limit} KB is the limit")


def _id(value: JsonValue) -> str | None:
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    return spell_number(int(value)) if isinstance(value, int | float) else None


def _is_kept(text: str) -> bool:
    """True for what may stand in a column for ids."""
    return 0 < len(text) <= 255 and "\0" not in text


def _usable(batch_id: str | None) -> str | None:
    """The id that a batch gives to its messages; one that no message may have is as if it were not there."""
    found = _id(batch_id)
    return found if found is not None and _is_kept(found) else None


def _text_id(value: JsonValue) -> str | None:
    """The id of a session, which is a text or a whole number; None for anything else."""
    found = _id(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    return found if found is not None and _is_kept(found) else None


def _aliased(raw: Mapping[str, JsonValue]) -> tuple[str, str | None]:
    """A user and the former id, linked as any event with both does if nobody has it (`engine.storage.identity`)."""
    user_id, former = _required_id(raw, "userId"), _required_id(raw, "previousId")
    return user_id, former if former != user_id else None


def _reserved(name: str) -> _Refused:
    return _Refused(RejectionCode.RESERVED_NAME, "$.event", f"`{name}` cannot be tracked: it is written by us")


def _required_id(raw: Mapping[str, JsonValue], member: str) -> str:
    found = _id(raw.get(member))
    if found is None:
        raise _Refused(RejectionCode.MISSING_FIELD, f"$.{member}", f"`{member}` is blank")
    return found


def _named(raw: Mapping[str, JsonValue], properties: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The properties of a page or a screen, with the name that stands beside them."""
    named = {member: raw[member] for member in ("name", "category") if raw.get(member)}
    return {**named, **properties} if named else properties


def _traits(raw: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    traits = raw.get("traits")
    if not isinstance(traits, dict):
        return {}
    fault = fault_in(traits)
    if fault is not None:
        raise _Refused(RejectionCode.BAD_OPERATION, f"$.traits.{fault.path}", fault.message)
    return traits


def _json_name(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
