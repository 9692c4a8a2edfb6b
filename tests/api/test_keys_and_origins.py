"""Who may call what: keys, and the web origins of a project."""

from __future__ import annotations

import base64

import pytest

from engine.replies import KeyKind
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site, problem

EVENT = {"type": "track", "event": "Signed Up", "userId": "u1"}
BATCH = {"batch": [EVENT]}
DECIDE = {"userId": "u1"}


def basic(name: str, password: str = "") -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


WAYS_TO_SEND_A_KEY = {
    "as Bearer": ({"Authorization": f"Bearer {PUBLIC_KEY}"}, {}),
    "as Basic, Segment's way": ({"Authorization": basic(PUBLIC_KEY)}, {}),
    "as Basic, lower case": ({"Authorization": basic(PUBLIC_KEY).replace("Basic", "basic")}, {}),
    "in the body": ({}, {"writeKey": PUBLIC_KEY}),
    "in the body, as text/plain": ({"Content-Type": "text/plain"}, {"writeKey": PUBLIC_KEY}),
    "in the body, as text/plain with a charset": (
        {"Content-Type": "text/plain;charset=UTF-8"},
        {"writeKey": PUBLIC_KEY},
    ),
    "a secret one, from a server": ({"Authorization": f"Bearer {SECRET_KEY}"}, {}),
}


@pytest.mark.parametrize(("headers", "members"), WAYS_TO_SEND_A_KEY.values(), ids=WAYS_TO_SEND_A_KEY.keys())
@pytest.mark.parametrize(("path", "body", "status"), [("/v1/batch", BATCH, 202), ("/v1/decide", DECIDE, 200)])
def test_a_key_is_taken_however_clients_send_it(
    site: Site, path: str, body: dict[str, object], status: int, headers: dict[str, str], members: dict[str, object]
) -> None:
    answer = site.client.post(path, json={**body, **members}, headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)


REFUSED_KEYS = {
    "none": ({}, {}, 401, "missing_key"),
    "an empty Bearer": ({"Authorization": "Bearer "}, {}, 401, "missing_key"),
    "an empty Basic": ({"Authorization": basic("")}, {}, 401, "missing_key"),
    "an empty writeKey": ({}, {"writeKey": ""}, 401, "missing_key"),
    "another scheme": ({"Authorization": f"Digest {PUBLIC_KEY}"}, {}, 401, "missing_key"),
    "an unknown one": ({"Authorization": "Bearer wp_pub_unknownunknown"}, {}, 401, "unknown_key"),
    "an unknown one in the body": ({}, {"writeKey": "wp_pub_unknownunknown"}, 401, "unknown_key"),
    "a valid one cut short": ({"Authorization": f"Bearer {PUBLIC_KEY[:-1]}"}, {}, 401, "unknown_key"),
    "one in capitals": ({"Authorization": f"Bearer {PUBLIC_KEY.upper()}"}, {}, 401, "unknown_key"),
    "Basic that is not base64": ({"Authorization": "Basic %%%"}, {}, 401, "unknown_key"),
    "Basic that is not text": ({"Authorization": "Basic //79"}, {}, 401, "unknown_key"),
    "one with odd characters": ({"Authorization": "Bearer wp_pub_' OR 1=1 --"}, {}, 401, "unknown_key"),
    "a huge one": ({"Authorization": "Bearer " + "k" * 5_000}, {}, 401, "unknown_key"),
}


@pytest.mark.parametrize(("headers", "members", "status", "code"), REFUSED_KEYS.values(), ids=REFUSED_KEYS.keys())
@pytest.mark.parametrize(("path", "body"), [("/v1/batch", BATCH), ("/v1/track", EVENT), ("/v1/decide", DECIDE)])
def test_without_a_valid_key_nothing_is_taken(
    site: Site,
    path: str,
    body: dict[str, object],
    headers: dict[str, str],
    members: dict[str, object],
    status: int,
    code: str,
) -> None:
    answer = site.client.post(path, json={**body, **members}, headers=headers)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)
    # `Basic` would open a password window over the customer's page.
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert site.service.history(1, user_id="u1") == ()


SECRET_ADDRESSES = [
    ("GET", "/api/v1/rules"),
    ("POST", "/api/v1/rules"),
    ("GET", "/api/v1/users/u1"),
    ("GET", "/api/v1/journeys/activation/steps/signup"),
]


@pytest.mark.parametrize(("method", "path"), SECRET_ADDRESSES)
def test_a_public_key_reads_nothing_but_guidance(site: Site, method: str, path: str) -> None:
    answer = site.client.open(path, method=method, headers={"Authorization": f"Bearer {PUBLIC_KEY}"})
    assert (answer.status_code, problem(answer)["code"]) == (403, "key_not_allowed")


@pytest.mark.parametrize(("method", "path"), SECRET_ADDRESSES)
def test_an_address_for_servers_needs_a_key(site: Site, method: str, path: str) -> None:
    answer = site.client.open(path, method=method)
    assert (answer.status_code, problem(answer)["code"]) == (401, "missing_key")


def test_a_withdrawn_key_is_no_key(site: Site) -> None:
    made = site.service.create_key(1, KeyKind.PUBLIC)
    assert site.post("/v1/batch", BATCH, key=made.text).status_code == 202
    assert site.service.revoke_key(1, made.view.id)
    answer = site.post("/v1/batch", BATCH, key=made.text)
    assert (answer.status_code, problem(answer)["code"]) == (401, "unknown_key")


def test_a_secret_key_in_a_web_page_is_refused(site: Site) -> None:
    answer = site.post("/v1/batch", BATCH, key=SECRET_KEY, Origin=ORIGIN)
    assert (answer.status_code, problem(answer)["code"]) == (403, "key_not_allowed")


ORIGINS = [
    (ORIGIN, True),
    ("https://APP.example.com", True),
    ("http://localhost", True),  # the server's own
    ("http://app.example.com", False),
    ("https://app.example.com:8443", False),
    ("https://app.example.com.evil.example", False),
    ("https://evil.example", False),
    ("null", False),
    ("*", False),
    ("", False),
]


@pytest.mark.parametrize(("origin", "allowed"), ORIGINS)
@pytest.mark.parametrize(("path", "body", "status"), [("/v1/batch", BATCH, 202), ("/v1/decide", DECIDE, 200)])
def test_only_pages_of_listed_origins_are_served(
    site: Site, path: str, body: dict[str, object], status: int, origin: str, allowed: bool
) -> None:
    answer = site.post(path, body, Origin=origin)
    if allowed:
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Origin" in answer.headers["Vary"]
    else:
        assert (answer.status_code, problem(answer)["code"]) == (403, "origin_not_allowed")
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert site.service.history(1, user_id="u1") == ()
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_server_that_sends_no_origin_is_served(site: Site) -> None:
    answer = site.post("/v1/batch", BATCH)
    assert answer.status_code == 202
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_star_lets_every_page_in_even_a_local_one(site: Site) -> None:
    site.service.tenancy.change(1, allowed_origins=["*"])
    for origin in ("https://anywhere.example", "null"):
        assert site.post("/v1/batch", BATCH, Origin=origin).status_code == 202


@pytest.mark.parametrize(
    ("origin", "allowed"), [(ORIGIN, True), ("https://evil.example", False), ("null", False), ("", False)]
)
def test_a_preflight_names_only_listed_origins(site: Site, origin: str, allowed: bool) -> None:
    answer = site.client.options(
        "/v1/batch",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert answer.status_code == 204
    assert answer.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
    assert ("Access-Control-Allow-Headers" in answer.headers) is allowed


def test_a_listed_page_may_read_why_its_key_was_refused(site: Site) -> None:
    answer = site.post("/v1/batch", BATCH, key="wp_pub_unknownunknown", Origin=ORIGIN)
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_addresses_for_servers_are_closed_to_pages(site: Site) -> None:
    answer = site.get("/api/v1/rules", Origin=ORIGIN)
    assert "Access-Control-Allow-Origin" not in answer.headers
    preflight = site.client.options("/api/v1/rules", headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in preflight.headers


def test_no_answer_says_a_key(site: Site) -> None:
    for key in ("wp_pub_unknownunknown", "wp_sec_unknownunknown"):
        answer = site.post("/v1/batch", BATCH, key=key)
        assert key not in answer.get_data(as_text=True)
