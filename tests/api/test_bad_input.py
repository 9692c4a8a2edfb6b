"""Whatever is sent, the answer is a problem document with the right code, and never a 500."""

from __future__ import annotations

import gzip
from io import BytesIO
from urllib.parse import quote

import orjson
import pytest

from api.auth import open_to_all
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem

EVENT = {"type": "track", "event": "Signed Up", "userId": "u1"}
BATCH = {"batch": [EVENT]}
BODY = orjson.dumps(BATCH)
FILLER = b'{"batch": [{"type": "track", "event": "x", "userId": "u", "properties": {"text": "%s"}}]}'

BAD_JSON = {
    "nothing": b"",
    "only blanks": b"  \n ",
    "cut short": BODY[:-3],
    "two documents": BODY + BODY,
    "a word": b"hello",
    "a form": b"batch=1&event=2",
    "single quotes": b"{'batch': []}",
    "a trailing comma": b'{"batch": [],}',
    "NaN": b'{"batch": [{"type": "track", "event": "x", "userId": "u", "properties": {"n": NaN}}]}',
    "Infinity": b'{"batch": [{"type": "track", "event": "x", "userId": "u", "properties": {"n": -Infinity}}]}',
    "a number beyond all bounds": b'{"batch": [], "n": 1e999}',
    "half a character": b'{"batch": [], "text": "\\ud800"}',
    "bytes that are not UTF-8": b'{"batch": [], "text": "\xff\xfe"}',
    "UTF-16": BODY.decode().encode("utf-16"),
    "deep nesting": b'{"batch": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "gzip without saying so": gzip.compress(BODY),
}


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/track", "/v1/import", "/v1/decide"])
@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_a_body_that_is_not_json_is_refused(site: Site, path: str, body: bytes) -> None:
    answer = site.post(path, body)
    assert (answer.status_code, problem(answer)["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("body", BAD_JSON.values(), ids=BAD_JSON.keys())
def test_rules_that_are_not_json_are_refused(site: Site, body: bytes) -> None:
    answer = site.post("/api/v1/rules", body, key=SECRET_KEY)
    assert (answer.status_code, problem(answer)["code"]) == (400, "malformed_json")


WRONG_FORMS = [
    ("/v1/batch", [], ""),
    ("/v1/batch", "batch", ""),
    ("/v1/batch", 7, ""),
    ("/v1/batch", None, ""),
    ("/v1/batch", {}, "batch"),
    ("/v1/batch", {"batch": None}, "batch"),
    ("/v1/batch", {"batch": {"0": EVENT}}, "batch"),
    ("/v1/batch", {"batch": "track"}, "batch"),
    ("/v1/batch", {**BATCH, "context": "page"}, "context"),
    ("/v1/batch", {**BATCH, "context": [1]}, "context"),
    ("/v1/batch", {**BATCH, "decide": "yes"}, "decide"),
    ("/v1/batch", {**BATCH, "decide": 1.5}, "decide"),
    ("/v1/batch", {**BATCH, "userId": 7}, "userId"),
    ("/v1/batch", {**BATCH, "anonymousId": ["a"]}, "anonymousId"),
    ("/v1/track", [EVENT], ""),
    ("/v1/track", {**EVENT, "decide": []}, "decide"),
    ("/v1/decide", {}, "userId"),
    ("/v1/decide", {"userId": ""}, "userId"),
    ("/v1/decide", {"userId": 7}, "userId"),
    ("/v1/decide", {"userId": "u" * 1000}, "userId"),
    ("/v1/decide", {"userId": None, "anonymousId": None}, "userId"),
    ("/v1/decide", {"anonymousId": {"id": "a"}}, "anonymousId"),
    ("/v1/decide", {"userId": "u", "context": "page"}, "context"),
    ("/v1/decide", {"userId": "u", "context": {"page": "/domains"}}, "context.page"),
    ("/v1/decide", {"userId": "u", "context": {"locale": 7}}, "context.locale"),
    ("/v1/decide", {"userId": "u", "context": {"device": []}}, "context.device"),
    ("/v1/decide", {"userId": "u", "trigger": {"event": "x"}}, "trigger"),
    ("/v1/decisions/dec_1/confirm", {"holder": 7}, "holder"),
    ("/v1/decisions/dec_1/confirm", [], ""),
]


@pytest.mark.parametrize(("path", "body", "where"), WRONG_FORMS)
def test_a_field_of_the_wrong_kind_is_named(site: Site, path: str, body: object, where: str) -> None:
    answer = site.post(path, body)
    document = problem(answer)
    assert (answer.status_code, document["code"]) == (422, "invalid_fields")
    assert where in [error["path"] for error in document["errors"]]


WRONG_RULES = [
    ({}, "files"),
    ({"files": {}}, "files"),
    ({"files": []}, "files"),
    ({"files": {"a.way": 7}}, "files.a.way.value"),
    ({"files": {"a.txt": ""}}, "files.a.txt.key"),
    ({"files": {"/etc/a.way": ""}}, "files./etc/a.way.key"),
    ({"files": {"../a.way": ""}}, "files.../a.way.key"),
    ({"files": {"a/../../b.way": ""}}, "files.a/../../b.way.key"),
    ({"files": {"a\x00.way": ""}}, "files.a\x00.way.key"),
    ({"files": {"a.way": ""}, "note": 7}, "note"),
    ({"files": {"a.way": ""}, "force": True}, "force"),
]


@pytest.mark.parametrize(("body", "where"), WRONG_RULES)
def test_rules_of_the_wrong_form_are_refused_and_unknown_members_too(site: Site, body: object, where: str) -> None:
    answer = site.post("/api/v1/rules", body, key=SECRET_KEY)
    document = problem(answer)
    assert (answer.status_code, document["code"]) == (422, "invalid_fields")
    assert [error["path"] for error in document["errors"]] == [where]


def test_members_of_segments_format_that_we_do_not_know_are_ignored(site: Site) -> None:
    message = {**EVENT, "integrations": {"All": False}, "_metadata": {"bundled": []}, "channel": "server"}
    answer = site.post("/v1/batch", {"batch": [message], "metadata": 7, "protocol": [1]})
    assert answer.status_code == 202
    assert answer.json is not None
    assert (answer.json["accepted"], answer.json["rejected"]) == (1, [])


def test_a_refusal_does_not_send_the_whole_request_back(site: Site) -> None:
    answer = site.post("/api/v1/rules", {"files": {"a.way": ""}, "x" * 100_000: 1}, key=SECRET_KEY)
    assert problem(answer)["code"] == "invalid_fields"
    assert len(answer.get_data()) < 2_000


LIMIT = 500 * 1024


def filled(size: int) -> bytes:
    """A batch of exactly that many bytes, whose one event is too large to be kept."""
    return FILLER % (b"x" * (size - len(FILLER) + 2))


def test_a_body_of_500_kb_is_read_and_its_large_event_is_refused_alone(site: Site) -> None:
    answer = site.post("/v1/batch", filled(LIMIT))
    assert answer.status_code == 202
    assert answer.json is not None
    assert [one["code"] for one in answer.json["rejected"]] == ["event_too_large"]


def test_a_body_over_500_kb_is_refused(site: Site) -> None:
    answer = site.post("/v1/batch", filled(LIMIT + 1))
    assert (answer.status_code, problem(answer)["code"]) == (413, "too_large")


def test_a_gzip_body_is_measured_unpacked(site: Site) -> None:
    fits = site.post("/v1/batch", gzip.compress(filled(LIMIT)), Content_Encoding="gzip")
    over = site.post("/v1/batch", gzip.compress(filled(LIMIT + 1)), Content_Encoding="gzip")
    assert fits.status_code == 202
    assert (over.status_code, problem(over)["code"]) == (413, "too_large")


def test_a_gzip_bomb_is_refused(site: Site) -> None:
    bomb = gzip.compress(b'{"batch": "' + b"0" * 200_000_000 + b'"}', 9)
    assert len(bomb) < LIMIT
    answer = site.post("/v1/batch", bomb, Content_Encoding="gzip")
    assert (answer.status_code, problem(answer)["code"]) == (413, "too_large")


PACKED_BADLY = {
    "not gzip": (b"not gzip at all", "gzip", 400, "bad_gzip"),
    "cut short": (gzip.compress(BODY)[:-9], "gzip", 400, "bad_gzip"),
    "something behind": (gzip.compress(BODY) + b"more", "gzip", 400, "bad_gzip"),
    "a wrong checksum": (gzip.compress(BODY)[:-8] + b"\0" * 8, "gzip", 400, "bad_gzip"),
    "brotli": (BODY, "br", 415, "unknown_encoding"),
    "twice": (gzip.compress(gzip.compress(BODY)), "gzip, gzip", 415, "unknown_encoding"),
}


@pytest.mark.parametrize(("body", "encoding", "status", "code"), PACKED_BADLY.values(), ids=PACKED_BADLY.keys())
def test_a_badly_packed_body_is_refused(site: Site, body: bytes, encoding: str, status: int, code: str) -> None:
    answer = site.post("/v1/batch", body, Content_Encoding=encoding)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)


def test_a_gzip_body_is_read(site: Site) -> None:
    answer = site.zipped("/v1/batch", BATCH)
    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.json["accepted"] == 1


def chunked(site: Site, body: bytes) -> tuple[int, bytes]:
    """The answer to a body without a length, as granian passes a chunked one on."""
    answer = site.client.post(
        "/v1/batch",
        input_stream=BytesIO(body),
        headers={"Authorization": f"Bearer {PUBLIC_KEY}", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    return answer.status_code, answer.get_data()


def test_a_chunked_body_is_read_whole_and_never_cut(site: Site) -> None:
    assert chunked(site, BODY)[0] == 202
    assert chunked(site, filled(LIMIT))[0] == 202
    status, document = chunked(site, filled(LIMIT + 1))
    assert (status, orjson.loads(document)["code"]) == (413, "too_large")


BAD_MESSAGES = [
    (7, "not_an_object"),
    (None, "not_an_object"),
    ([EVENT], "not_an_object"),
    ({}, None),
    ({**EVENT, "type": "tracking"}, "unknown_type"),
    ({**EVENT, "type": 7}, None),
    ({"type": "track", "userId": "u1"}, "missing_field"),
    ({"type": "track", "event": "Signed Up"}, "no_identity"),
    ({**EVENT, "event": 7}, "wrong_type"),
    ({**EVENT, "event": ""}, None),
    ({**EVENT, "userId": {"id": 1}}, "wrong_type"),
    ({**EVENT, "properties": []}, "wrong_type"),
    ({**EVENT, "timestamp": "yesterday"}, "bad_time"),
    ({**EVENT, "messageId": "m" * 5_000}, "too_long"),
    ({**EVENT, "properties": {"text": "x" * 100_000}}, "event_too_large"),
    ({**EVENT, "userId": "u\x00"}, None),
    ({**EVENT, "context": "page"}, "wrong_type"),
]


@pytest.mark.parametrize(("message", "code"), BAD_MESSAGES)
def test_a_bad_message_is_refused_alone_with_its_place(site: Site, message: object, code: str | None) -> None:
    neighbours = [{**EVENT, "messageId": "before"}, message, {**EVENT, "messageId": "after"}]
    answer = site.post("/v1/batch", {"batch": neighbours})
    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.json["accepted"] == 2
    (refused,) = answer.json["rejected"]
    assert refused["index"] == 1
    assert refused["path"].startswith("$")
    assert refused["message"]
    if code is not None:
        assert refused["code"] == code


def test_a_message_nested_too_deeply_to_be_written_again_is_refused_alone(site: Site) -> None:
    deep = b'{"type":"track","event":"x","userId":"u","properties":{"a":' + b"[" * 600 + b"]" * 600 + b"}}"
    body = b'{"batch": [' + orjson.dumps(EVENT) + b"," + deep + b"]}"
    answer = site.post("/v1/batch", body)
    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.json["accepted"] == 1
    assert [(one["index"], one["code"]) for one in answer.json["rejected"]] == [(1, "too_deep")]


def test_a_context_nested_too_deeply_is_refused(site: Site) -> None:
    deep = b'{"userId": "u", "context": {"page": ' + b'{"a":' * 600 + b"1" + b"}" * 600 + b"}}"
    answer = site.post("/v1/decide", deep)
    assert (answer.status_code, problem(answer)["code"]) == (400, "too_deep")


def test_an_unreadable_sending_time_does_not_cost_the_batch(site: Site) -> None:
    for sent in ("yesterday", 7, None, {"at": 1}, "9999-99-99T99:99:99Z"):
        answer = site.post("/v1/batch", {**BATCH, "sentAt": sent})
        assert answer.status_code == 202
        assert answer.json is not None
        assert answer.json["accepted"] == 1


def test_a_single_message_that_cannot_be_taken_is_told_like_a_batch_of_one(site: Site) -> None:
    answer = site.post("/v1/track", {"userId": "u1"})
    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.json["accepted"] == 0
    assert [(one["index"], one["code"]) for one in answer.json["rejected"]] == [(0, "missing_field")]


def test_the_address_says_the_type_of_a_single_message_whatever_its_body_says(site: Site) -> None:
    answer = site.post("/v1/identify", {"type": "track", "userId": "u1", "traits": {"plan": "trial"}})
    assert answer.json is not None
    assert answer.json["accepted"] == 1
    assert [logged.event.kind for logged in site.service.history(1, user_id="u1")] == ["identify"]


UNKNOWN = [
    ("GET", "/nowhere", 404, "unknown_address"),
    ("GET", "/v1/nowhere", 404, "unknown_address"),
    ("GET", "/v1/batch", 405, "method_not_allowed"),
    ("PUT", "/v1/batch", 405, "method_not_allowed"),
    ("DELETE", "/healthz", 405, "method_not_allowed"),
    ("GET", "/sdk/../config.py", 404, "unknown_address"),
    ("GET", "/sdk/%2e%2e/registry.py", 404, "unknown_address"),
    ("GET", "/sdk/nothing.js", 404, "unknown_address"),
    ("GET", "/sdk/registry.py", 404, "unknown_address"),
]


@pytest.mark.parametrize(("method", "path", "status", "code"), UNKNOWN)
def test_an_address_that_is_not_served_is_a_problem_too(
    site: Site, method: str, path: str, status: int, code: str
) -> None:
    answer = site.client.open(path, method=method)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)


def test_a_wrong_method_is_told_the_right_ones(site: Site) -> None:
    assert "POST" in site.client.get("/v1/batch").headers["Allow"]


def test_an_unknown_decision_cannot_be_confirmed(site: Site) -> None:
    answer = site.post("/v1/decisions/dec_nothing/confirm", {})
    assert (answer.status_code, problem(answer)["code"]) == (404, "unknown_decision")


@pytest.mark.parametrize("name", ["team/export", "team/explain", "export", "/", "a//b", "100%", "a b&c=d", "../u1"])
def test_any_id_can_be_asked_about(site: Site, name: str) -> None:
    site.post("/v1/track", {"userId": name, "event": "Signed Up"})
    asked = quote(name, safe="")
    found = site.get(f"/api/v1/users?id={asked}").json
    assert found is not None
    assert found["user_id"] == name


def test_an_unknown_user_is_a_problem(site: Site) -> None:
    answer = site.get("/api/v1/users/nobody")
    assert (answer.status_code, problem(answer)["code"]) == (404, "unknown_user")


def test_a_fault_of_ours_is_answered_with_a_request_id_and_nothing_of_the_fault(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise RuntimeError("the secret recipe")

    site.app.add_url_rule("/broken", view_func=open_to_all(broken))
    answer = site.client.get("/broken", headers={"X-Request-Id": "trace-me-4711"})
    document = problem(answer)
    assert (answer.status_code, document["code"], document["request_id"]) == (500, "internal_error", "trace-me-4711")
    assert "secret recipe" not in answer.get_data(as_text=True)
    assert "trace-me-4711" in caplog.text
    assert "secret recipe" in caplog.text


def test_a_request_id_that_could_forge_a_log_line_is_replaced(site: Site) -> None:
    answer = site.client.get("/healthz", headers={"X-Request-Id": "a b; c=d"})
    assert answer.headers["X-Request-Id"] != "a b; c=d"
