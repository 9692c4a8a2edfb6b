"""What a message in Segment's form becomes: an event, or a refusal that says why."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import Any

import orjson
import pytest
import referencing
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dsl.values import MINUTE, Instant, read_instant
from engine.events import Event
from engine.intake import (
    BATCH_LIMIT,
    EVENT_LIMIT,
    HISTORICAL_AFTER,
    Defaults,
    Intake,
    RejectionCode,
    Voucher,
    message_schema,
    message_validator,
    take_in,
)
from tests.profiles import examples

RECEIVED = read_instant("2026-11-02T09:00:00Z") or Instant(0)


def take(*messages: Any, **choices: Any) -> Intake:
    return take_in(messages, received=RECEIVED, new_id=lambda: "made-up", **choices)


def event(message: dict[str, Any], **choices: Any) -> Event:
    taken = take({"type": "track", "event": "A", "userId": "u", **message}, **choices)
    assert taken.rejected == ()
    return taken.taken[0].event


@pytest.mark.parametrize(
    ("message", "code", "path"),
    [
        ("text", RejectionCode.NOT_AN_OBJECT, "$"),
        (None, RejectionCode.NOT_AN_OBJECT, "$"),
        ([], RejectionCode.NOT_AN_OBJECT, "$"),
        ({}, RejectionCode.MISSING_FIELD, "$.type"),
        ({"type": "buy"}, RejectionCode.UNKNOWN_TYPE, "$.type"),
        ({"type": 1}, RejectionCode.UNKNOWN_TYPE, "$.type"),
        ({"type": "track", "userId": "u"}, RejectionCode.MISSING_FIELD, "$.event"),
        ({"type": "track", "userId": "u", "event": ""}, RejectionCode.BAD_TEXT, "$.event"),
        ({"type": "track", "userId": "u", "event": "a\0"}, RejectionCode.BAD_TEXT, "$.event"),
        ({"type": "track", "userId": "u", "event": "x" * 256}, RejectionCode.TOO_LONG, "$.event"),
        ({"type": "track", "userId": "u", "event": 5}, RejectionCode.WRONG_TYPE, "$.event"),
        ({"type": "track", "userId": "u", "event": "$held_out"}, RejectionCode.RESERVED_NAME, "$.event"),
        ({"type": "track", "userId": "u", "event": "$page"}, RejectionCode.RESERVED_NAME, "$.event"),
        ({"type": "track", "event": "A"}, RejectionCode.NO_IDENTITY, "$"),
        ({"type": "track", "event": "A", "userId": " "}, RejectionCode.NO_IDENTITY, "$"),
        ({"type": "track", "event": "A", "userId": True}, RejectionCode.WRONG_TYPE, "$.userId"),
        ({"type": "track", "event": "A", "userId": {}}, RejectionCode.WRONG_TYPE, "$.userId"),
        ({"type": "track", "event": "A", "userId": 1.5}, RejectionCode.WRONG_TYPE, "$.userId"),
        ({"type": "track", "event": "A", "userId": "u" * 256}, RejectionCode.TOO_LONG, "$.userId"),
        ({"type": "track", "event": "A", "userId": "u", "properties": []}, RejectionCode.WRONG_TYPE, "$.properties"),
        ({"type": "track", "event": "A", "userId": "u", "context": "x"}, RejectionCode.WRONG_TYPE, "$.context"),
        ({"type": "track", "event": "A", "userId": "u", "timestamp": "today"}, RejectionCode.BAD_TIME, "$.timestamp"),
        ({"type": "track", "event": "A", "userId": "u", "timestamp": "y" * 99}, RejectionCode.BAD_TIME, "$.timestamp"),
        ({"type": "track", "event": "A", "userId": "u", "timestamp": 5}, RejectionCode.WRONG_TYPE, "$.timestamp"),
        (
            {"type": "track", "event": "A", "userId": "u", "timestamp": "2026-11-02T09:00:00"},
            RejectionCode.BAD_TIME,
            "$.timestamp",
        ),
        (
            {"type": "track", "event": "A", "userId": "u", "timestamp": "1969-12-31T23:59:59Z"},
            RejectionCode.BAD_TIME,
            "$.timestamp",
        ),
        ({"type": "group", "userId": "u"}, RejectionCode.MISSING_FIELD, "$.groupId"),
        ({"type": "group", "userId": "u", "groupId": ""}, RejectionCode.MISSING_FIELD, "$.groupId"),
        ({"type": "alias", "userId": "u"}, RejectionCode.MISSING_FIELD, "$.previousId"),
        (
            {"type": "track", "event": "A", "userId": "u", "properties": {"x": "y" * EVENT_LIMIT}},
            RejectionCode.EVENT_TOO_LARGE,
            "$",
        ),
    ],
)
def test_a_bad_message_is_refused_with_its_reason_and_place(message: Any, code: RejectionCode, path: str) -> None:
    rejection = take(message).rejected[0]
    assert (rejection.index, rejection.code, rejection.path) == (0, code, path)
    assert rejection.message


def test_deep_nesting_is_refused() -> None:
    nested: Any = {}
    for _ in range(500):
        nested = {"a": nested}
    message = {"type": "track", "event": "A", "userId": "u", "properties": nested}
    assert take(message).rejected[0].code is RejectionCode.TOO_DEEP


def test_a_bad_message_never_takes_its_neighbours_along() -> None:
    good = {"type": "track", "event": "A", "userId": "u"}
    taken = take(good, None, {**good, "messageId": "second"}, {"type": "track"}, good)
    assert len(taken.taken) == 3
    assert [rejection.index for rejection in taken.rejected] == [1, 3]


def test_what_is_beyond_the_limit_of_a_request_is_refused_and_the_rest_kept() -> None:
    good = {"type": "track", "event": "A", "userId": "u"}
    taken = take(*[good] * (BATCH_LIMIT + 2))
    assert len(taken.taken) == BATCH_LIMIT
    assert {rejection.code for rejection in taken.rejected} == {RejectionCode.TOO_MANY_EVENTS}


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "time"),
    [
        # without sentAt a time is believed
        ("2026-11-02T08:59:00Z", None, -MINUTE),
        # the sender's clock is an hour slow: sent now, happened a minute before
        ("2026-11-02T07:59:00Z", "2026-11-02T08:00:00Z", -MINUTE),
        # the sender's clock is an hour fast
        ("2026-11-02T09:59:00Z", "2026-11-02T10:00:00Z", -MINUTE),
        # no time: it happens now
        (None, "2026-11-02T10:00:00Z", 0),
        # an offset
        ("2026-11-02T10:59:00+02:00", None, -MINUTE),
        # a sentAt that is no time corrects nothing
        ("2026-11-02T08:59:00Z", "soon", -MINUTE),
    ],
)
def test_times_are_corrected_by_the_clock_of_the_sender(timestamp: str | None, sent_at: str | None, time: int) -> None:
    assert event({"timestamp": timestamp}, sent_at=sent_at).time == RECEIVED + time
    assert event({"timestamp": timestamp, "sentAt": sent_at}).time == RECEIVED + time


def test_a_time_in_the_future_is_set_to_the_receipt_and_flagged() -> None:
    message = {"type": "track", "event": "A", "userId": "u", "timestamp": "2026-11-02T09:00:01Z"}
    taken = take(message).taken[0]
    assert (taken.event.time, taken.clamped) == (RECEIVED, True)
    assert take({**message, "timestamp": "2026-11-02T09:00:00Z"}).taken[0].clamped is False


def test_an_event_of_more_than_thirty_days_ago_keeps_its_time_and_wakes_nothing() -> None:
    old = event({"timestamp": "2026-10-03T08:59:59.999999Z"})
    assert (old.time, old.live) == (RECEIVED - HISTORICAL_AFTER - 1, False)
    assert event({"timestamp": "2026-10-03T09:00:00Z"}).live is True


def test_an_import_wakes_nothing() -> None:
    assert event({}, live=False).live is False


def test_an_import_may_bring_events_that_only_the_server_writes_unless_a_page_sends_it() -> None:
    assert event({"event": "$held_out"}, live=False).name == "$held_out"
    page = Defaults(voucher=Voucher(user_id="u"))
    (refused,) = take({"type": "track", "userId": "u", "event": "$held_out"}, live=False, defaults=page).rejected
    assert refused.code is RejectionCode.RESERVED_NAME


@pytest.mark.parametrize(
    ("message", "kind", "name"),
    [
        ({"type": "track", "event": "Signed Up"}, "track", "Signed Up"),
        ({"type": "identify"}, "identify", "$identify"),
        ({"type": "page"}, "page", "$page"),
        ({"type": "screen"}, "screen", "$screen"),
        ({"type": "group", "groupId": "g"}, "group", "$group"),
        ({"type": "alias", "previousId": "p"}, "alias", "$alias"),
    ],
)
def test_every_kind_of_message_has_a_name(message: dict[str, Any], kind: str, name: str) -> None:
    taken = take({"userId": "u", **message}).taken[0].event
    assert (taken.kind, taken.name) == (kind, name)


def test_an_alias_speaks_of_the_former_id_as_of_an_anonymous_one() -> None:
    taken = take({"type": "alias", "userId": "u", "previousId": "visitor"}).taken[0].event
    assert (taken.user_id, taken.anonymous_id) == ("u", "visitor")


def test_the_name_and_category_of_a_page_are_properties_of_it() -> None:
    page = take({"type": "page", "userId": "u", "name": "Domains", "properties": {"path": "/d"}}).taken[0].event
    assert page.properties == {"name": "Domains", "path": "/d"}


def test_a_message_inherits_ids_and_context_of_its_batch_and_its_own_win() -> None:
    defaults = Defaults(user_id="batch", anonymous_id="device", context={"page": {"path": "/a"}, "locale": "de"})
    inherited = take({"type": "track", "event": "A"}, defaults=defaults).taken[0].event
    assert (inherited.user_id, inherited.anonymous_id) == ("batch", "device")
    own = {"type": "track", "event": "A", "userId": "own", "context": {"page": {"path": "/b"}}}
    taken = take(own, defaults=defaults).taken[0].event
    assert taken.user_id == "own"
    assert taken.context == {"page": {"path": "/b"}, "locale": "de"}


def test_members_that_are_null_are_as_if_they_were_not_there() -> None:
    blank = dict.fromkeys(
        ["messageId", "anonymousId", "groupId", "timestamp", "properties", "traits", "context", "previousId"]
    )
    taken = event(blank)
    assert (taken.message_id, taken.anonymous_id, taken.properties, taken.time) == ("made-up", None, {}, RECEIVED)


def test_an_id_that_is_a_whole_number_is_read_as_its_digits() -> None:
    assert event({"userId": 42}).user_id == "42"
    assert event({"userId": 42.0}).user_id == "42"


@pytest.mark.parametrize(
    ("context", "properties", "session_id"),
    [
        ({"session_id": "s1"}, {}, "s1"),
        ({"sessionId": 7}, {}, "7"),
        ({"sessionId": "c"}, {"session_id": "p"}, "p"),
        ({"sessionId": {}}, {"session_id": ""}, None),
        ({"sessionId": "\0"}, {}, None),
    ],
)
def test_the_id_of_a_session_is_kept(context: Any, properties: Any, session_id: str | None) -> None:
    message = {"type": "track", "event": "A", "userId": "u", "context": context, "properties": properties}
    assert take(message).taken[0].session_id == session_id


def test_simulated_events_are_marked() -> None:
    message = {"type": "track", "event": "A", "userId": "u", "context": {"simulated": True}}
    assert take(message).taken[0].simulated is True
    assert take({**message, "context": {"simulated": "yes"}}).taken[0].simulated is False


# messages around the border of what is allowed, for the comparison of the two validators
_TEXTS = st.one_of(st.text(max_size=5), st.sampled_from(["", "a\0b", "x" * 255, "x" * 256, "ü" * 255, "a\n"]))
_VALUES = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(-2, 2), _TEXTS, st.just([]), st.just({}))
_MEMBERS = [name for name in message_schema()["properties"] if name != "type"]
_MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "identify", "page", "screen", "group", "alias", "x", None, 1]),
        "unknown": _VALUES,
        **dict.fromkeys(_MEMBERS, _VALUES),
    },
)


@settings(max_examples=examples(500, 5_000))
@given(message=st.one_of(_MESSAGES, _VALUES))
def test_the_fast_validator_agrees_with_the_reference(message: Any) -> None:
    reference = Draft202012Validator(message_schema(), registry=referencing.Registry())
    assert message_validator().is_valid(message) is reference.is_valid(message)


@settings(max_examples=examples(500, 5_000))
@given(message=st.one_of(_MESSAGES, _VALUES))
def test_any_message_becomes_an_event_or_a_refusal_and_nothing_else(message: Any) -> None:
    taken = take(message)
    assert len(taken.taken) + len(taken.rejected) == 1
    for each in taken.taken:
        assert each.event.user_id is not None or each.event.anonymous_id is not None
        assert each.event.time <= RECEIVED
        assert orjson.loads(orjson.dumps(each.event.properties)) == each.event.properties


def test_no_schema_is_fetched_from_anywhere() -> None:
    Draft202012Validator.check_schema(message_schema())
    assert '"$ref":"http' not in orjson.dumps(message_schema()).decode()


@pytest.mark.parametrize("batch_id", ["", "  ", "x" * 256, "a\0b"])
def test_an_id_of_the_batch_that_no_message_may_have_is_as_if_it_were_not_there(batch_id: str) -> None:
    defaults = Defaults(user_id=batch_id, anonymous_id=batch_id)
    refused = take({"type": "track", "event": "A"}, defaults=defaults)
    assert [each.code for each in refused.rejected] == [RejectionCode.NO_IDENTITY]
    own = take({"type": "track", "event": "A", "userId": "u1"}, defaults=defaults).taken[0].event
    assert (own.user_id, own.anonymous_id) == ("u1", None)


def test_messages_are_judged_alike_alone_and_among_others() -> None:
    good = {"type": "track", "event": "A", "userId": "u", "messageId": "m"}
    deep: Any = {}
    for _ in range(253):
        deep = {"in": deep}
    odd: list[Any] = [5, {"type": "buy"}, {**good, "userId": True}, {**good, "properties": {"text": "x" * 33_000}}]
    odd.append({**good, "properties": deep})
    for bad in odd:
        alone = take(bad).rejected[0]
        among = take(good, bad, good)
        assert [each.event.user_id for each in among.taken] == ["u", "u"]
        assert [(each.index, each.code, each.path) for each in among.rejected] == [(1, alone.code, alone.path)]


def test_many_small_messages_pass_where_one_of_their_size_would_not() -> None:
    small = {"type": "track", "event": "A", "userId": "u", "properties": {"text": "x" * 1_000}}
    assert len(take(*[small] * 100).taken) == 100


def test_contexts_that_are_alike_and_not_the_same_are_kept_apart() -> None:
    contexts: list[dict[str, Any]] = [
        {"simulated": 1},
        {"simulated": True},
        {"simulated": 1.0},
        {},
        {"groupId": "g"},
        {},
    ]
    taken = take(*[{"type": "track", "event": "A", "userId": "u", "context": each} for each in contexts]).taken
    assert [repr(dict(each.event.context)) for each in taken] == [repr(each) for each in contexts]
    assert [each.simulated for each in taken] == [False, True, False, False, False, False]
    assert [each.event.group_id for each in taken] == [None, None, None, None, "g", None]


def test_what_is_made_quickly_is_as_frozen_as_anything() -> None:
    made = event({})
    assert made == Event(**{each.name: getattr(made, each.name) for each in fields(Event)})
    with pytest.raises(FrozenInstanceError):
        made.name = "B"  # type: ignore[misc]
