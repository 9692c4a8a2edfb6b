"""Random requests: never a 500, a verdict for every message, and what is said to be accepted is in the log."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from api.app import create_app
from engine.intake import NoticeCode, RejectionCode
from engine.storage import tables
from tests.api.asking import PUBLIC_KEY, Clock, Site, problem
from tests.api.conftest import START, settings_in
from tests.profiles import examples

PLAN = {
    "unplanned": "warn",
    "events": {
        "A": {"mode": "block", "schema": {"properties": {"n": {"type": "number"}}}},
        "B": {"schema": {"required": ["n"], "additionalProperties": False}},
        "$identify": {"schema": {"properties": {"plan": {"enum": ["free", "pro"]}}}},
    },
}


@pytest.fixture(scope="module")
def any_site(tmp_path_factory: pytest.TempPathFactory, new_database: Path) -> Iterator[Site]:
    """One application for all examples, with a tracking plan."""
    folder = tmp_path_factory.mktemp("any")
    shutil.copy(new_database, folder)
    clock = Clock(START)
    app = create_app(settings_in(folder), clock=clock)
    service = app.extensions["waypost"].service
    service.plans.publish(1, PLAN)
    yield Site(app, app.test_client(), service, clock)
    service.close()


_TEXT = st.one_of(
    st.text(max_size=6), st.sampled_from(["", " ", "\0", "a\0", "x" * 256, "\U0001f600", "$", "__proto__"])
)
_ID = st.one_of(st.sampled_from(["u1", "u2", "v1", 7, -0.0, None, "", True, "x" * 255, "x" * 256]), _TEXT)
_JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        _TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXT, inner, max_size=3)),
    max_leaves=8,
)
_TIMES = st.one_of(
    st.sampled_from(
        [
            "2026-11-02T08:59:00Z",
            "2026-11-02T10:59:00+02:00",
            "2027-01-01T00:00:00Z",
            "2020-02-29T00:00:00.123456789Z",
            "1969-12-31T23:59:59Z",
            "9999-12-31T23:59:59Z",
            "0001-01-01T00:00:00Z",
            "2026-11-02T08:59:60Z",
            "2026-13-02T08:59:00Z",
            "today",
            "",
            None,
            5,
        ]
    ),
    st.datetimes().map(lambda each: each.isoformat() + "Z"),
)
_OPERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "plan": _JSON,
        **{
            name: st.one_of(_JSON, st.dictionaries(_TEXT, _JSON, max_size=2))
            for name in ("$set", "$set_once", "$unset")
        },
        "$add": st.one_of(_JSON, st.dictionaries(st.sampled_from("ab"), st.floats(-1e308, 1e308), max_size=2)),
        "$append": st.one_of(_JSON, st.dictionaries(st.sampled_from("ab"), st.lists(_TEXT), max_size=2)),
        "$remove": st.one_of(_JSON, st.dictionaries(st.sampled_from("ab"), _TEXT, max_size=2)),
    },
)
_CONTEXTS = st.one_of(
    _JSON,
    st.fixed_dictionaries(
        {},
        optional={
            "page": st.one_of(_JSON, st.just({"path": "/a", "url": 5})),
            "userAgent": _JSON,
            "timezone": st.one_of(_JSON, st.sampled_from(["Europe/Berlin", "../../etc/passwd", "Mars"])),
            "locale": _JSON,
            "device": _JSON,
            "library": _JSON,
            "groupId": _JSON,
            "sessionId": _JSON,
            "simulated": _JSON,
        },
    ),
)
_ENVELOPE = {
    "messageId": st.one_of(st.sampled_from(["m1", "m2", "m3"]), _ID),
    "userId": _ID,
    "anonymousId": _ID,
    "timestamp": _TIMES,
    "sentAt": _TIMES,
    "context": _CONTEXTS,
    "properties": st.one_of(
        _JSON,
        st.fixed_dictionaries(
            {}, optional={"n": _JSON, "guide": _JSON, "value": _JSON, "path": _JSON, "seconds": _JSON}
        ),
    ),
    "traits": _OPERATIONS,
    "integrations": _JSON,
}


def _call(kind: st.SearchStrategy[Any], **members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    others = {name: values for name, values in _ENVELOPE.items() if name not in members}
    return st.fixed_dictionaries({"type": kind, **members}, optional=others)


_EVENTS = st.one_of(st.sampled_from(["A", "B", "$shown", "$answered", "$snoozed", "$held_out", "$page"]), _ID)
_CALLS = st.one_of(
    _call(st.just("track"), event=_EVENTS, userId=_ID),
    _call(st.just("identify"), traits=_OPERATIONS, userId=_ID),
    _call(st.sampled_from(["page", "screen"]), name=_ID, userId=_ID),
    _call(st.just("group"), groupId=_ID, userId=_ID, traits=_OPERATIONS),
    _call(st.just("alias"), previousId=_ID, userId=_ID),
    _call(_JSON),
)
_MESSAGES = st.one_of(_CALLS, _CALLS, _CALLS, _JSON)


def _in_log(site: Site) -> int:
    with site.service.database.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(tables.table(tables.Event))).scalar_one())


def _check(answer: TestResponse, sent: int) -> dict[str, Any]:
    assert answer.status_code == 202, answer.get_data()
    receipt: dict[str, Any] = orjson.loads(answer.get_data())
    refused = [each["index"] for each in receipt["rejected"]]
    assert receipt["accepted"] + receipt["duplicates"] + len(refused) == sent
    assert refused == sorted(set(refused))
    assert all(0 <= index < sent for index in refused)
    for each, codes in [
        *((one, RejectionCode) for one in receipt["rejected"]),
        *((one, NoticeCode) for one in receipt["warnings"]),
    ]:
        assert each["code"] in set(codes)
        assert each["path"].startswith("$")
        assert each["message"]
    assert not {each["index"] for each in receipt["warnings"]} & set(refused)
    return receipt


@settings(max_examples=examples(250, 2_500))
@given(
    messages=st.lists(_MESSAGES, max_size=8),
    sent_at=_TIMES,
    address=st.sampled_from(["batch", "import"]),
    decide=st.booleans(),
    packed=st.booleans(),
)
def test_every_message_of_any_batch_gets_one_verdict(
    any_site: Site, messages: list[Any], sent_at: Any, address: str, decide: bool, packed: bool
) -> None:
    body = {"batch": messages, "sentAt": sent_at, "decide": decide}
    before = _in_log(any_site)
    send = any_site.zipped if packed else any_site.post
    receipt = _check(send(f"/v1/{address}", body), len(messages))
    assert _in_log(any_site) == before + receipt["accepted"]
    # Sent again, whatever has a name is known.
    again = _check(any_site.post(f"/v1/{address}", body), len(messages))
    named = sum(1 for each in messages if isinstance(each, dict) and isinstance(each.get("messageId"), str))
    assert again["rejected"] == receipt["rejected"]
    assert again["accepted"] <= receipt["accepted"] + receipt["duplicates"]
    if named == len(messages) and all(each["messageId"].strip() for each in messages):
        assert again["accepted"] == 0


@settings(max_examples=examples(150, 1_500))
@given(kind=st.sampled_from(["track", "identify", "page", "screen", "group", "alias"]), message=_CALLS)
def test_a_single_message_gets_one_verdict_too(any_site: Site, kind: str, message: dict[str, Any]) -> None:
    _check(any_site.post(f"/v1/{kind}", message), 1)


@settings(max_examples=examples(150, 1_500))
@given(
    envelope=st.dictionaries(
        st.sampled_from(["batch", "sentAt", "decide", "context", "userId", "anonymousId", "writeKey"]), _JSON
    ),
    address=st.sampled_from(["batch", "import", "track", "identify", "alias"]),
)
def test_any_envelope_is_taken_or_refused_with_a_reason(any_site: Site, envelope: dict[str, Any], address: str) -> None:
    answer = any_site.post(f"/v1/{address}", envelope)
    if answer.status_code != 202:
        assert answer.status_code == 422
        assert problem(answer)["code"] == "invalid_fields"


@settings(max_examples=examples(150, 1_500))
@given(data=st.data())
def test_a_body_with_broken_bytes_is_never_a_fault_of_ours(any_site: Site, data: st.DataObject) -> None:
    body = bytearray(orjson.dumps({"batch": data.draw(st.lists(_CALLS, max_size=2))}))
    packed = data.draw(st.booleans())
    body = bytearray(gzip.compress(bytes(body))) if packed else body
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    headers = {"Content_Encoding": "gzip"} if packed else {}
    answer = any_site.post("/v1/batch", bytes(body), **headers)
    assert answer.status_code in {202, 400, 413, 422}
    if answer.status_code != 202:
        problem(answer)


def test_every_code_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "events.md").read_text()
    for code in (*RejectionCode, *NoticeCode):
        assert f"| `{code.value}` |" in page
    assert PUBLIC_KEY not in page
