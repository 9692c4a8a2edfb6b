"""What Segment's destinations pass on, and events in PostHog's format: they mean what the tools' own files mean."""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import zlib
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from api.app import create_app
from api.config import read_settings
from dsl.values import format_instant
from engine.permissions import Scope
from engine.public_flags import PublicFlagsDesk
from engine.replies import KeyKind
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site, problem

SEGMENT = "/v1/mirrors/segment"
RULES = """event "Signed Up"
event "Left"
attribute plan: text
segment subscribers where plan is "pro"

journey activation "Activation" {
  stage onboarding "Onboarding" { step signup "Create account" reached by "Signed Up" }
}

guide welcome "Welcome" {
  on "Signed Up"
  show modal { title "Welcome" }
  once every 7 days
  holdout 0%
  expires 2099-01-01
}
"""


def call(kind: str, number: int, **members: Any) -> dict[str, Any]:
    """A call as Segment passes it on, with what it adds for itself."""
    return {
        "anonymousId": "v1",
        "channel": "server",
        "context": {"library": {"name": "analytics-python", "version": "2.3.4"}},
        "integrations": {},
        "messageId": f"m{number}",
        "originalTimestamp": "2026-11-02T08:00:00.000Z",
        "projectId": "p1",
        "receivedAt": "2026-11-02T08:30:00.000Z",
        "sentAt": "2026-11-02T08:00:01.000Z",
        "timestamp": "2026-11-02T08:29:59.000Z",
        "type": kind,
        "userId": "ada",
        "version": "2",
        **members,
    }


CALLS = [
    call("page", 1, userId=None, name="Pricing", properties={"path": "/pricing"}),
    call("identify", 2, traits={"plan": "pro"}),
    call("track", 3, event="Signed Up", properties={"source": "ad"}),
    call("screen", 4, name="Home"),
    call("group", 5, groupId="acme", traits={"seats": 12}),
    call("alias", 6, previousId="v2"),
]


def signed(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def counts(answer: Any) -> tuple[int, int, int]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json["accepted"], answer.json["duplicates"], len(answer.json["rejected"])


def history(site: Site, user: str) -> list[tuple[str, str]]:
    return [(each.event.kind.value, each.event.name) for each in site.service.history(1, user_id=user)]


def test_every_call_of_segment_arrives_once_at_its_own_time(site: Site) -> None:
    for each in CALLS:
        assert counts(site.post(SEGMENT, each, key=SECRET_KEY)) == (1, 0, 0)
    assert counts(site.post(SEGMENT, CALLS, key=SECRET_KEY)) == (0, 6, 0)
    assert counts(site.post(SEGMENT, {"batch": CALLS}, key=SECRET_KEY)) == (0, 6, 0)

    assert [kind for kind, _ in history(site, "ada")] == ["page", "identify", "track", "screen", "group", "alias"]
    # Segment corrected the time by the sender's clock already.
    assert {format_instant(each.event.time) for each in site.service.history(1, user_id="ada")} == {
        "2026-11-02T08:29:59Z"
    }
    seen = site.service.user(1, user_id="ada")
    assert seen is not None
    assert (seen.anonymous_ids, seen.state["traits"], seen.state["account_id"]) == (
        ("v1", "v2"),
        {"plan": "pro"},
        "acme",
    )


def test_what_segment_passes_on_wakes_rules_as_a_servers_events_do(site: Site) -> None:
    assert site.post("/api/v1/rules", {"files": {"r.way": RULES}}, key=SECRET_KEY).status_code == 200
    now = {"timestamp": "2026-11-02T09:00:00Z"}
    shown = {}
    for user, path, body in (
        ("bob", "/v1/batch", {"batch": [{"type": "track", "event": "Signed Up", "userId": "bob"}]}),
        ("cleo", SEGMENT, call("track", 1, event="Signed Up", userId="cleo", anonymousId=None, **now)),
        ("dan", "/capture/", {"event": "Signed Up", "distinct_id": "dan", "properties": {"$lib": "posthog-python"}}),
    ):
        assert site.post(path, body, key=SECRET_KEY).status_code < 300
        answer = site.post("/v1/decide", {"userId": user, "context": {"page": {"path": "/"}}}, Origin=ORIGIN)
        shown[user] = [each["guide"] for each in answer.json["decisions"]]  # type: ignore[index]
    assert shown == {"bob": ["welcome"], "cleo": ["welcome"], "dan": ["welcome"]}


def test_a_signature_is_judged_where_there_is_one(site: Site) -> None:
    body = orjson.dumps(CALLS[2])
    good, bad = signed(body, SECRET_KEY), signed(body, "something else")
    assert counts(site.post(SEGMENT, body, key=SECRET_KEY, X_Signature=good)) == (1, 0, 0)
    assert problem(site.post(SEGMENT, body, key=SECRET_KEY, X_Signature=bad))["code"] == "bad_signature"
    assert problem(site.post(SEGMENT, body + b" ", key=SECRET_KEY, X_Signature=good))["code"] == "bad_signature"
    assert problem(site.post(SEGMENT, body, key=None, X_Signature=good))["code"] == "missing_key"


def test_a_delete_erases_where_the_key_may_and_says_so_where_it_may_not(site: Site) -> None:
    site.post(SEGMENT, CALLS, key=SECRET_KEY)
    weak = site.service.tenancy.create_key(1, KeyKind.SECRET, scopes=frozenset({Scope.EVENTS_WRITE})).text
    gone = call("delete", 9)
    refused = site.post(SEGMENT, gone, key=weak).json
    assert refused is not None
    assert [each["code"] for each in refused["rejected"]] == ["erase_not_allowed"]
    assert "people:erase" in refused["rejected"][0]["message"]
    assert site.service.user(1, user_id="ada") is not None

    later = [call("track", 10, event="Left"), gone, gone]
    answer = site.post(SEGMENT, later, key=SECRET_KEY).json
    assert answer is not None
    assert (answer["accepted"], answer["erased"], answer["rejected"]) == (1, 2, [])
    assert site.service.user(1, user_id="ada") is None
    # What is passed on late of somebody who was erased stays out.
    site.post(SEGMENT, CALLS[2], key=SECRET_KEY)
    assert site.service.user(1, user_id="ada") is None
    acts = site.get("/api/v1/audit").json
    assert acts is not None
    assert "person.erase" in {each["action"] for each in acts["data"]}


def test_what_cannot_be_taken_is_listed_by_its_place_and_the_rest_is_kept(site: Site) -> None:
    broken = [7, {"messageId": "x"}, call("track", 1, event=None), CALLS[2], call("track", 2, event="Left", userId="")]
    answer = site.post(SEGMENT, broken, key=SECRET_KEY).json
    assert answer is not None
    assert [(each["index"], each["code"]) for each in answer["rejected"]] == [
        (0, "unreadable_record"),
        (1, "unreadable_record"),
        (2, "missing_field"),
    ]
    assert answer["accepted"] == 2
    assert problem(site.post(SEGMENT, b"[", key=SECRET_KEY))["code"] == "malformed_json"
    assert problem(site.post(SEGMENT, {"batch": 7}, key=SECRET_KEY))["code"] == "invalid_fields"


def test_more_than_a_batch_takes_is_taken_in_parts(site: Site) -> None:
    many = [call("track", number, event="Signed Up") for number in range(1_203)]
    many[700]["timestamp"] = "yesterday"
    answer = site.post(SEGMENT, many, key=SECRET_KEY)
    assert counts(answer) == (1_202, 0, 1)
    assert answer.json["rejected"][0]["index"] == 700  # type: ignore[index]


# --- PostHog

TIME = "2026-11-02T08:59:00+00:00"


def event(name: str, number: int, who: str = "ada", **members: Any) -> dict[str, Any]:
    return {"event": name, "distinct_id": who, "uuid": f"u{number}", "timestamp": TIME, "properties": {}, **members}


BATCH = {"api_key": PUBLIC_KEY, "batch": [event("Signed Up", 1)], "sent_at": "2026-11-02T09:00:00+00:00"}
PACKED = gzip.compress(orjson.dumps(BATCH))
ENCODED = base64.b64encode(orjson.dumps(BATCH))

FORMS: dict[str, tuple[str, bytes, dict[str, str]]] = {
    "one event": ("/capture/", orjson.dumps({"api_key": PUBLIC_KEY, **event("Signed Up", 1)}), {}),
    "one event, no slash": ("/i/v0/e", orjson.dumps({"token": PUBLIC_KEY, **event("Signed Up", 1)}), {}),
    "a list, the key in properties": (
        "/e/",
        orjson.dumps([event("Signed Up", 1, properties={"token": PUBLIC_KEY})]),
        {},
    ),
    "a list, the key in the address": (f"/e?token={PUBLIC_KEY}", orjson.dumps([event("Signed Up", 1)]), {}),
    "a batch": ("/batch", orjson.dumps(BATCH), {}),
    "gzip by the header": ("/batch/", PACKED, {"Content-Encoding": "gzip"}),
    "gzip by the query": ("/e/?compression=gzip-js&ver=1.2", PACKED, {"Content-Type": "text/plain"}),
    "gzip that nobody says": ("/batch/", PACKED, {}),
    "a form": (
        "/e/?compression=base64",
        b"data=" + quote(ENCODED).encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
    ),
    "a form, not escaped": ("/track/", b"data=" + ENCODED, {"Content-Type": "application/x-www-form-urlencoded"}),
    "a form of plain JSON": (
        "/e/",
        b"data=" + quote(orjson.dumps(BATCH)).encode(),
        {"Content-Type": "application/x-www-form-urlencoded"},
    ),
    "deflate": ("/batch/", zlib.compress(orjson.dumps(BATCH)), {"Content-Encoding": "deflate"}),
}


@pytest.mark.thorough
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_posthog_request_is_read(site: Site, form: str) -> None:
    path, body, headers = FORMS[form]
    answer = site.client.post(path, data=body, headers=headers)
    assert counts(answer) == (1, 0, 0)
    assert answer.json["status"] == 1  # type: ignore[index]
    assert history(site, "ada") == [("track", "Signed Up")]


TIMES = [
    # of the event, of the request, when it was: received at 09:00:00
    ({"timestamp": "2026-11-02T08:59:00Z"}, {"sent_at": "2026-11-02T09:00:00Z"}, "2026-11-02T08:59:00Z"),
    ({"timestamp": "2026-11-02T10:59:00+02:00"}, {"sent_at": "2026-11-02T08:00:00Z"}, "2026-11-02T09:00:00Z"),
    ({"timestamp": "2026-11-02T07:59:00Z"}, {"sent_at": "2026-11-02T08:00:00Z"}, "2026-11-02T08:59:00Z"),
    # It was a moment on its way: that is no fault of a clock.
    ({"timestamp": "2026-11-02T08:59:00Z"}, {"sent_at": "2026-11-02T08:59:58Z"}, "2026-11-02T08:59:00Z"),
    ({"timestamp": "2026-11-02T08:59:00Z"}, {}, "2026-11-02T08:59:00Z"),
    ({"timestamp": None}, {}, "2026-11-02T09:00:00Z"),
    ({"timestamp": None, "offset": 1_500}, {}, "2026-11-02T08:59:58.500000Z"),
    (
        {"timestamp": "2026-11-02T08:00:00Z", "properties": {"$ignore_sent_at": True}},
        {"sent_at": "2026-11-02T08:30:00Z"},
        "2026-11-02T08:00:00Z",
    ),
    (
        {"timestamp": "2024-01-01T00:00:00Z"},
        {"sent_at": "2026-11-02T08:00:00Z", "historical_migration": True},
        "2024-01-01T00:00:00Z",
    ),
]


FAR_AWAY = [
    ({"timestamp": "9999-12-31T23:59:59-12:00"}, {}),
    ({"timestamp": "9999-12-31T00:00:00Z"}, {"sent_at": "1970-01-01T00:00:00Z"}),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("told", "around"), FAR_AWAY, ids=range(len(FAR_AWAY)))
def test_a_time_that_nobody_can_write_takes_no_neighbour_along(
    site: Site, told: dict[str, Any], around: dict[str, Any]
) -> None:
    batch = [event("A", 1, **told), event("B", 2, timestamp="2026-11-02T08:59:00Z")]
    answer = site.post("/batch/", {"api_key": PUBLIC_KEY, "batch": batch, **around}, key=None)
    assert answer.json is not None
    assert (answer.status_code, answer.json["accepted"] + len(answer.json["rejected"])) == (200, 2)
    assert around or "B" in [each.event.name for each in site.service.history(1, user_id="ada")]


@pytest.mark.thorough
@pytest.mark.parametrize(("told", "around", "at"), TIMES, ids=range(len(TIMES)))
def test_posthogs_times_are_corrected_by_the_senders_clock(
    site: Site, told: dict[str, Any], around: dict[str, Any], at: str
) -> None:
    site.post("/batch/", {"api_key": PUBLIC_KEY, "batch": [event("A", 1, **told)], **around}, key=None)
    [kept] = site.service.history(1, user_id="ada")
    assert format_instant(kept.event.time) == at
    assert kept.event.live is not around.get("historical_migration", False)


def test_what_is_mirrored_and_then_imported_from_an_export_is_kept_once(site: Site) -> None:
    from engine.imports import posthog

    live = event("Signed Up", 1, properties={"$set": {"plan": "pro"}})
    site.post("/capture/", {"api_key": PUBLIC_KEY, **live}, key=None)
    exported = posthog.converter()(live)
    receipt = site.service.import_history(1, iter(exported), received=site.clock.now)
    assert (receipt.accepted, receipt.duplicates) == (0, 2)


def test_two_equal_events_without_an_id_are_two(site: Site) -> None:
    same = {"api_key": PUBLIC_KEY, "event": "Click", "distinct_id": "ada"}
    for _ in range(2):
        site.post("/capture/", same, key=None)
        site.clock.move(1_000_000)  # type: ignore[arg-type]
    assert history(site, "ada") == [("track", "Click")] * 2


def test_the_newer_protocol_hears_of_each_event(site: Site) -> None:
    body = {"created_at": TIME, "batch": [event("A", 1, options={}), event("", 2, options={}), event("B", 1)]}
    body["batch"][0]["session_id"] = "s1"
    answer = site.post("/i/v1/analytics/events", body, PostHog_Request_Timestamp="2026-11-02T09:00:00Z")
    assert answer.status_code == 200
    results = answer.json["results"]  # type: ignore[index]
    assert results["u2"]["result"] == "drop"
    assert "no name" in results["u2"]["details"]
    assert results["u1"] == {"result": "ok"}


def test_flags_are_told_to_servers_and_to_pages_only_those_that_they_may_ask(site: Site) -> None:
    assert site.post("/api/v1/rules", {"files": {"r.way": RULES}}, key=SECRET_KEY).status_code == 200
    site.post("/capture/", {**event("$set", 1), "$set": {"plan": "pro"}}, key=SECRET_KEY)
    asked = {"distinct_id": "ada", "flag_keys_to_evaluate": ["segment:subscribers", "mine"]}

    told = site.post("/flags/?v=4", {"api_key": SECRET_KEY, **asked}, key=None).json
    assert told is not None
    assert told["errorsWhileComputingFlags"] is False
    assert {key: (each["enabled"], each["value"], each["reason"]["code"]) for key, each in told["flags"].items()} == {
        "segment:subscribers": (True, True, "targeting_match")
    }
    everything = site.post("/flags?v=2", {"token": SECRET_KEY, "distinct_id": "ada"}, key=None).json
    assert everything is not None
    assert {key: each["enabled"] for key, each in everything["flags"].items()} == {
        "segment:subscribers": True,
        "guide:welcome": False,
    }
    older = site.post("/decide/?v=3", {"token": SECRET_KEY, "distinct_id": "eve"}, key=None).json
    assert older is not None
    assert older["featureFlags"] == {"segment:subscribers": False, "guide:welcome": False}
    page = site.post("/flags/?v=2", {"token": PUBLIC_KEY, "distinct_id": "ada"}, key=None, Origin=ORIGIN)
    assert page.status_code == 200
    assert page.json["flags"] == {}  # type: ignore[index]
    assert problem(site.post("/flags/?v=2", {"token": SECRET_KEY}, key=None))["code"] == "invalid_fields"
    # Those that somebody lets pages ask.
    rules = site.service.rules_now(1).project
    desk = PublicFlagsDesk(site.service.database)
    desk.choose(1, ["segment:subscribers"], rules, revision=desk.of(1).revision, by="key 1", now=site.clock.now)
    page = site.post("/flags/?v=2", {"token": PUBLIC_KEY, "distinct_id": "ada"}, key=None, Origin=ORIGIN)
    assert {key: each["enabled"] for key, each in page.json["flags"].items()} == {"segment:subscribers": True}  # type: ignore[index]


def test_pages_of_other_origins_and_wrong_keys_are_refused_as_everywhere(site: Site) -> None:
    body = {"api_key": PUBLIC_KEY, **event("A", 1)}
    assert (
        problem(site.post("/capture/", body, key=None, Origin="https://evil.example"))["code"] == "origin_not_allowed"
    )
    listed = site.post("/capture/", body, key=None, Origin=ORIGIN)
    assert (listed.status_code, listed.headers["Access-Control-Allow-Origin"]) == (200, ORIGIN)
    asked = site.client.open(
        "/e/", method="OPTIONS", headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    )
    assert (asked.status_code, asked.headers["Access-Control-Allow-Methods"]) == (204, "POST")
    secret = {**body, "api_key": SECRET_KEY}
    assert problem(site.post("/capture/", secret, key=None, Origin=ORIGIN))["code"] == "key_not_allowed"
    assert problem(site.post("/capture/", event("A", 1), key=None))["code"] == "missing_key"
    assert problem(site.post("/capture/", {**body, "api_key": "phc_x"}, key=None))["code"] == "unknown_key"


def test_one_key_may_send_so_often_in_these_forms_too(site: Site) -> None:
    settings = read_settings({"WAYPOST_RATE_PER_KEY": "2/minute"})
    client = create_app(settings, service=site.service, clock=site.clock).test_client()
    body = {"api_key": PUBLIC_KEY, **event("A", 1)}
    found = [client.post("/capture/", json=body, environ_base={"REMOTE_ADDR": "203.0.113.1"}) for _ in range(3)]
    assert [each.status_code for each in found] == [200, 200, 429]
    # What PostHog's and Segment's senders go by.
    assert int(found[2].headers["Retry-After"]) > 0


def test_where_users_are_signed_a_public_key_tells_of_visitors_only(site: Site) -> None:
    site.service.vouching.add_secret(1)
    site.service.tenancy.change(1, signed_users=True)
    known = {"batch": [event("A", 1), event("A", 2, "v7", properties={"$process_person_profile": False})]}
    answer = site.post("/batch/", {**known, "api_key": PUBLIC_KEY}, key=None)
    assert counts(answer) == (1, 0, 1)
    assert answer.json["rejected"][0]["code"] == "unsigned_user"  # type: ignore[index]
    assert counts(site.post("/batch/", {**known, "api_key": SECRET_KEY}, key=None)) == (1, 1, 0)
    assert counts(site.post(SEGMENT, CALLS[2], key=PUBLIC_KEY)) == (0, 0, 1)


BROKEN: dict[str, tuple[str, bytes, int, str]] = {
    "another packing": ("/e/?compression=lz64", ENCODED, 400, "bad_request"),
    "half of a gzip": ("/e/?compression=gzip-js", PACKED[:-9], 400, "bad_gzip"),
    "no base64": ("/e/", b"data=%%%", 400, "malformed_json"),
    "a form without data": ("/e/", b"data", 400, "malformed_json"),
    "nothing": ("/batch/", b"", 400, "malformed_json"),
    "a number": ("/batch/", b"7", 422, "invalid_fields"),
    "a batch that is none": ("/batch/", b'{"batch": 7}', 422, "invalid_fields"),
    "too much": ("/batch/", b" " * (6 * 1024 * 1024 + 1), 413, "too_large"),
    "a bomb": ("/batch/", gzip.compress(b" " * (7 * 1024 * 1024)), 413, "too_packed"),
}


@pytest.mark.thorough
@pytest.mark.parametrize("what", BROKEN)
def test_a_body_that_cannot_be_read_is_refused_with_its_reason(site: Site, what: str) -> None:
    path, body, status, code = BROKEN[what]
    answer = site.client.post(path, data=body)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)
