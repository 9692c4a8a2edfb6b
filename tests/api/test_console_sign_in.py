"""People of the console: how they join, sign in and out, and what keeps others from doing so in their name."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api import warming
from api.app import create_app
from api.config import read_settings
from dsl.values import DAY, HOUR, Duration
from engine import passwords
from engine.audit import Act, Action
from engine.members import Member
from engine.permissions import Role
from tests.api.asking import SECRET_KEY, Site, problem

ADA = "ada@example.com"
_ACT = Act(actor="test", action=Action.SETTINGS_CHANGE)
PASSWORD = "correct horse battery"
COOKIE = "waypost_session"


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real one takes a quarter of a second, on purpose."""
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))


@pytest.fixture
def ada(site: Site) -> Member:
    return site.service.staff.add(1, ADA, Role.ADMIN, password=PASSWORD)


def log_in(client: FlaskClient, email: str = ADA, password: str = PASSWORD, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/api/v1/session", json={"email": email, "password": password}, headers=named)


def csrf(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return {"X-CSRF-Token": dict(answer.json or {})["csrf"]}


def refusal(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, problem(answer)["code"]


def test_somebody_signs_in_is_known_and_signs_out(site: Site, ada: Member) -> None:
    answer = log_in(site.client, "  Ada@Example.com ")
    me = site.client.get("/api/v1/me").json
    assert me is not None
    assert (me["id"], me["email"]) == (ada.user_id, ADA)
    assert [(one["project"], one["role"], one["environments"]) for one in me["projects"]] == [
        ("default", "admin", ["production"])
    ]
    assert site.client.delete("/api/v1/session", headers=csrf(answer)).json == {"ended": 1}
    assert refusal(site.client.get("/api/v1/me")) == (401, "not_signed_in")


def test_the_cookie_is_for_this_server_alone(site: Site, ada: Member) -> None:
    cookie = log_in(site.client).headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Secure" not in cookie  # plain http, on this machine


@pytest.mark.parametrize("email", [ADA, "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_are_answered_alike(site: Site, ada: Member, email: str) -> None:
    answer = log_in(site.client, email, "another long password")
    assert refusal(answer) == (401, "wrong_login")
    assert problem(answer)["detail"] == "address and password do not belong together"
    assert "Set-Cookie" not in answer.headers


def test_a_guess_costs_what_is_recommended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    recommended = passwords.Cost(n=15, r=8, p=3)
    assert recommended == passwords.COST  # OWASP's password storage sheet, 32 MiB
    assert passwords.opens(PASSWORD, passwords.sealed(PASSWORD, lambda count: b"s" * count))


def test_an_unknown_address_costs_as_much_work_as_a_known_one(
    site: Site, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    work: list[int] = []
    scrypt = passwords.hashlib.scrypt

    def counted(*args: Any, **named: Any) -> bytes:
        work.append(named["n"] * named["p"])
        return scrypt(*args, **named)

    monkeypatch.setattr(passwords.hashlib, "scrypt", counted)
    log_in(site.client, ADA, "another long password")
    log_in(site.client, "nobody@example.com", "another long password")
    assert len(work) == 2
    assert work[0] == work[1]


def test_after_ten_attempts_an_account_is_closed_for_a_while_known_or_not(site: Site) -> None:
    for email in ("ada@example.com", "nobody@example.com"):
        codes = [refusal(log_in(site.client, email, "x")) for _ in range(11)]
        assert codes == [(401, "wrong_login")] * 10 + [(429, "too_many_requests")]
    answer = log_in(site.client, "ada@example.com", "x")
    assert 0 < int(answer.headers["Retry-After"]) <= 900


def test_after_thirty_attempts_an_address_is_closed_for_a_while(site: Site, ada: Member) -> None:
    for number in range(30):
        assert log_in(site.client, f"u{number}@example.com", "x").status_code == 401
    assert refusal(log_in(site.client)) == (429, "too_many_requests")
    elsewhere = site.client.post(
        "/api/v1/session", json={"email": ADA, "password": PASSWORD}, environ_base={"REMOTE_ADDR": "203.0.113.9"}
    )
    assert elsewhere.status_code == 200


# --- sessions


def test_each_sign_in_is_a_session_of_its_own_and_the_one_before_ends(site: Site, ada: Member) -> None:
    log_in(site.client)
    first = site.client.get_cookie(COOKIE)
    assert first is not None
    log_in(site.client)
    second = site.client.get_cookie(COOKIE)
    assert second is not None
    assert first.value != second.value
    site.client.set_cookie(COOKIE, first.value)
    assert refusal(site.client.get("/api/v1/me")) == (401, "not_signed_in")


def test_a_session_that_was_planted_before_signing_in_is_never_taken_up(site: Site, ada: Member) -> None:
    site.client.set_cookie(COOKIE, "planted.by-somebody")
    log_in(site.client)
    kept = site.client.get_cookie(COOKIE)
    assert kept is not None
    assert "planted" not in kept.value


@pytest.mark.parametrize("way", ["changed", "unsigned", "cut short", "empty", "of another text"])
def test_a_cookie_that_is_not_ours_is_nobodys(site: Site, ada: Member, way: str) -> None:
    log_in(site.client)
    kept = site.client.get_cookie(COOKIE)
    assert kept is not None
    token, _, signature = kept.value.rpartition(".")
    forged = {
        "changed": f"{token[:-1]}{'0' if token[-1] != '0' else '1'}.{signature}",
        "unsigned": token,
        "cut short": kept.value[:-1],
        "empty": ".",
        "of another text": f"é.{signature}",
    }[way]
    assert site.service.sign_in.session(forged, idle=Duration(HOUR)) is None


def test_a_session_ends_when_it_was_idle_and_at_its_end_however_busy(site: Site, ada: Member) -> None:
    log_in(site.client)
    for _ in range(13):
        site.clock.move(Duration(11 * HOUR))
        assert site.client.get("/api/v1/me").status_code == 200
        wait_for_the_writer(site)
    site.clock.move(Duration(12 * HOUR))
    assert refusal(site.client.get("/api/v1/me")) == (401, "not_signed_in")
    log_in(site.client)
    for _ in range(16):
        site.clock.move(Duration(11 * HOUR))
        answer = site.client.get("/api/v1/me")
        wait_for_the_writer(site)
    assert refusal(answer) == (401, "not_signed_in")


def wait_for_the_writer(site: Site) -> None:
    """What was noted in passing is written before whatever is written next."""
    site.service.auditing.record(1, _ACT)


def test_somebody_signs_out_everywhere(site: Site, ada: Member) -> None:
    other = site.app.test_client()
    log_in(other)
    answer = log_in(site.client)
    gone = site.client.delete("/api/v1/session?everywhere=true", headers=csrf(answer))
    assert gone.json == {"ended": 2}
    assert refusal(other.get("/api/v1/me")) == (401, "not_signed_in")


def test_a_new_password_ends_all_other_sessions(site: Site, ada: Member) -> None:
    other = site.app.test_client()
    log_in(other)
    headers = csrf(log_in(site.client))
    wrong = site.client.put("/api/v1/me/password", json={"old": "x", "new": "a whole new password"}, headers=headers)
    assert refusal(wrong) == (401, "wrong_login")
    short = site.client.put("/api/v1/me/password", json={"old": PASSWORD, "new": "short"}, headers=headers)
    assert refusal(short) == (422, "weak_password")
    changed = site.client.put(
        "/api/v1/me/password", json={"old": PASSWORD, "new": "a whole new password"}, headers=headers
    )
    assert changed.status_code == 200
    assert site.client.get("/api/v1/me").status_code == 200
    assert refusal(other.get("/api/v1/me")) == (401, "not_signed_in")
    assert log_in(other, password=PASSWORD).status_code == 401
    assert log_in(other, password="a whole new password").status_code == 200


def test_whoever_is_removed_is_signed_out_and_forgotten(site: Site, ada: Member) -> None:
    site.service.staff.add(1, "bob@example.com", Role.ADMIN, password=PASSWORD)
    bob = site.app.test_client()
    log_in(bob, "bob@example.com")
    headers = csrf(log_in(site.client))
    number = site.service.staff.member(1, "bob@example.com").user_id
    assert site.client.delete(f"/api/v1/members/{number}", headers=headers).status_code == 200
    assert refusal(bob.get("/api/v1/me")) == (401, "not_signed_in")
    assert refusal(log_in(bob, "bob@example.com")) == (401, "wrong_login")


def test_no_address_is_kept_longer_than_it_is_needed(site: Site, ada: Member) -> None:
    joined = site.service.staff.invite(1, "bob@example.com", Role.VIEWER)
    bob = site.service.staff.follow(joined.token, password=PASSWORD)
    site.service.staff.invite(1, "eve@example.com", Role.VIEWER)
    site.service.staff.remove(1, bob)
    site.clock.move(Duration(7 * DAY))
    site.service.staff.invite(1, "kim@example.com", Role.VIEWER)
    with site.service.database.reading() as connection:
        kept = connection.execute(sa.text("SELECT email FROM console_user UNION SELECT email FROM invite")).scalars()
        assert sorted(kept) == [ADA, "kim@example.com"]


# --- forged requests


@pytest.mark.parametrize("token", [None, "", "0" * 32])
def test_a_change_needs_the_sessions_token(site: Site, ada: Member, token: str | None) -> None:
    log_in(site.client)
    headers = {} if token is None else {"X-CSRF-Token": token}
    answer = site.client.post("/api/v1/keys", json={"kind": "public"}, headers=headers)
    assert refusal(answer) == (403, "forged_request")
    assert len(site.service.keys(1)) == 2


FROM_ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("headers", FROM_ELSEWHERE)
def test_a_change_from_another_sites_page_is_refused_even_with_the_token(
    site: Site, ada: Member, headers: dict[str, str]
) -> None:
    token = csrf(log_in(site.client))
    answer = site.client.post("/api/v1/keys", json={"kind": "public"}, headers={**token, **headers})
    assert refusal(answer) == (403, "forged_request")


@pytest.mark.parametrize("headers", FROM_ELSEWHERE)
def test_nobody_is_signed_in_by_another_sites_page(site: Site, ada: Member, headers: dict[str, str]) -> None:
    answer = site.client.post("/api/v1/session", json={"email": ADA, "password": PASSWORD}, headers=headers)
    assert refusal(answer) == (403, "forged_request")
    assert "Set-Cookie" not in answer.headers


def test_reading_needs_no_token_and_a_key_never_does(site: Site, ada: Member) -> None:
    log_in(site.client)
    assert site.client.get("/api/v1/keys").status_code == 200
    made = site.post("/api/v1/keys", {"kind": "public"}, key=SECRET_KEY)
    assert made.status_code == 201


# --- invitations


@pytest.fixture
def admin(site: Site, ada: Member) -> dict[str, str]:
    return csrf(log_in(site.client))


def invited(site: Site, admin: dict[str, str], email: str, role: str = "analyst") -> dict[str, Any]:
    answer = site.client.post("/api/v1/invites", json={"email": email, "role": role}, headers=admin)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return dict(answer.json or {})


def accept(client: FlaskClient, token: str, password: str = PASSWORD) -> TestResponse:
    return client.post("/api/v1/invites/accept", json={"token": token, "password": password, "name": "Bob"})


def test_an_invited_person_joins_once(site: Site, admin: dict[str, str]) -> None:
    made = invited(site, admin, "Bob@example.com")
    assert made["link"] == f"http://localhost/console/join?token={made['token']}"
    bob = site.app.test_client()
    assert accept(bob, made["token"]).status_code == 200
    me = bob.get("/api/v1/me").json
    assert me is not None
    assert (me["email"], me["name"], me["projects"][0]["role"]) == ("bob@example.com", "Bob", "analyst")
    assert refusal(accept(site.app.test_client(), made["token"])) == (404, "bad_link")


def test_an_invitation_that_is_over_withdrawn_or_replaced_lets_nobody_in(site: Site, admin: dict[str, str]) -> None:
    over = invited(site, admin, "a@example.com")
    site.clock.move(Duration(7 * DAY))
    assert refusal(accept(site.app.test_client(), over["token"])) == (404, "bad_link")
    headers = csrf(log_in(site.client))
    withdrawn = invited(site, headers, "b@example.com")
    site.client.delete(f"/api/v1/invites/{withdrawn['id']}", headers=headers)
    assert refusal(accept(site.app.test_client(), withdrawn["token"])) == (404, "bad_link")
    replaced = invited(site, headers, "c@example.com")
    invited(site, headers, "c@example.com")
    assert refusal(accept(site.app.test_client(), replaced["token"])) == (404, "bad_link")
    assert refusal(accept(site.app.test_client(), "made-up")) == (404, "bad_link")


def test_an_invitation_never_changes_the_password_of_somebody_who_has_one(site: Site, ada: Member) -> None:
    other = site.service.tenancy.add("other")
    made = site.service.staff.invite(other.id, ADA, Role.VIEWER)
    client = site.app.test_client()
    assert refusal(accept(client, made.token, "an attackers password")) == (401, "wrong_login")
    assert accept(client, made.token).status_code == 200
    me = client.get("/api/v1/me").json
    assert me is not None
    assert {one["project"]: one["role"] for one in me["projects"]} == {"default": "admin", "other": "viewer"}


def test_a_member_of_several_projects_says_which_one_is_meant(site: Site, ada: Member) -> None:
    other = site.service.tenancy.add("other")
    site.service.staff.add(other.id, ADA, Role.VIEWER, password=PASSWORD)
    log_in(site.client)
    assert refusal(site.client.get("/api/v1/project")) == (400, "which_project")
    named = {
        slug: site.client.get("/api/v1/project", headers={"Waypost-Project": slug}) for slug in ("default", "other")
    }
    assert {slug: (answer.json or {}).get("project") for slug, answer in named.items()} == {
        "default": "default",
        "other": "other",
    }
    assert refusal(site.client.get("/api/v1/keys", headers={"Waypost-Project": "other"})) == (403, "missing_scope")


def test_nobody_gives_away_more_than_they_have(site: Site, admin: dict[str, str]) -> None:
    made = site.client.post("/api/v1/keys", json={"kind": "secret", "scopes": ["members:write"]}, headers=admin)
    key = dict(made.json or {})["key"]
    answer = site.post("/api/v1/invites", {"email": "eve@example.com", "role": "admin"}, key=key)
    assert refusal(answer) == (403, "scope_not_held")


def test_the_last_admin_stays(site: Site, ada: Member, admin: dict[str, str]) -> None:
    path = f"/api/v1/members/{ada.user_id}"
    assert refusal(site.client.delete(path, headers=admin)) == (409, "last_admin")
    assert refusal(site.client.patch(path, json={"role": "viewer"}, headers=admin)) == (409, "last_admin")


def test_a_reset_link_takes_a_new_password_once_and_for_a_day(site: Site, ada: Member, admin: dict[str, str]) -> None:
    made = site.client.post(f"/api/v1/members/{ada.user_id}/reset", headers=admin)
    token = dict(made.json or {})["token"]
    browser = site.app.test_client()
    assert refusal(accept(browser, token, "ada")) == (422, "weak_password")
    assert accept(browser, token, "a whole new password").status_code == 200
    assert refusal(site.client.get("/api/v1/me")) == (401, "not_signed_in")
    assert log_in(site.client, password="a whole new password").status_code == 200
    late = site.service.staff.reset(1, ada.user_id)
    site.clock.move(Duration(1 * DAY))
    assert refusal(accept(browser, late.token, "yet another password")) == (404, "bad_link")


def test_an_admin_of_one_project_cannot_take_over_a_member_of_others(
    site: Site, ada: Member, admin: dict[str, str]
) -> None:
    other = site.service.tenancy.add("other")
    bob = site.service.staff.add(other.id, "bob@example.com", Role.ADMIN, password=PASSWORD)
    site.service.staff.add(1, "bob@example.com", Role.VIEWER, password=PASSWORD)
    answer = site.client.post(f"/api/v1/members/{bob.user_id}/reset", headers=admin)
    assert refusal(answer) == (409, "member_elsewhere")


# --- passwords

WEAK = ["short", "elevenchars", "a" * 20, "abababababababab", "x" * 257]


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(passwords.WeakPassword):
        passwords.refuse_weak(password, email="lovelace@example.com")


def test_a_password_with_ones_own_name_is_refused() -> None:
    with pytest.raises(passwords.WeakPassword, match="address"):
        passwords.refuse_weak("my Lovelace password", email="lovelace@example.com")


def test_a_password_is_the_same_however_its_letters_were_typed(site: Site) -> None:
    cost = passwords.Cost(n=4, r=1, p=1)
    kept = passwords.sealed("Pa\u00dfwort \u00e9t\u00e9", lambda count: b"s" * count, cost=cost)
    assert kept.startswith("scrypt$4$1$1$")
    assert passwords.opens("Pa\u00dfwort e\u0301te\u0301", kept)
    assert not passwords.opens("Pasword ete", kept)
    assert passwords.is_outdated(kept)


def test_a_password_that_was_kept_with_less_work_is_kept_anew_at_the_next_sign_in(site: Site, ada: Member) -> None:
    from engine.storage import staff

    cheap = passwords.sealed(PASSWORD, lambda count: b"s" * count, cost=passwords.Cost(n=3, r=1, p=1))
    with site.service.database.writing() as connection:
        staff.change_user(connection, ada.user_id, password=cheap)
    log_in(site.client)
    with site.service.database.reading() as connection:
        row = staff.user_by_email(connection, ADA)
    assert row is not None
    assert not passwords.is_outdated(row.password)


# --- behind a proxy

BEHIND = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "example.com"}


@pytest.mark.parametrize("path", ["/guides/api/v1/session", "/api/v1/session"])
def test_behind_a_proxy_below_a_path_cookies_and_links_are_right(site: Site, ada: Member, path: str) -> None:
    """Whether the proxy takes the path off or leaves it on."""
    settings = read_settings({"WAYPOST_TRUSTED_PROXIES": "1", "WAYPOST_PUBLIC_URL": "https://example.com/guides"})
    client = create_app(settings, service=site.service, clock=site.clock).test_client(use_cookies=False)
    own = {**BEHIND, "Origin": "https://example.com"}
    answer = client.post(path, json={"email": ADA, "password": PASSWORD}, headers=own)
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("Secure", "HttpOnly", "Path=/guides"))
    headers = {**own, **csrf(answer), "Cookie": cookie.partition(";")[0]}
    made = client.post("/api/v1/invites", json={"email": "b@example.com", "role": "viewer"}, headers=headers)
    assert dict(made.json or {})["link"].startswith("https://example.com/guides/console/join?token=")
    elsewhere = {**headers, "Origin": "https://guides.example.com"}
    assert client.post("/api/v1/invites", json={}, headers=elsewhere).status_code == 403


@pytest.mark.parametrize(
    ("setting", "scheme", "secure"),
    [("auto", "http", False), ("auto", "https", True), ("always", "http", True), ("never", "https", False)],
)
def test_cookies_are_secure_as_the_setting_says(
    site: Site, ada: Member, setting: str, scheme: str, secure: bool
) -> None:
    settings = read_settings({"WAYPOST_SECURE_COOKIES": setting})
    client = create_app(settings, service=site.service, clock=site.clock).test_client()
    answer = client.post("/api/v1/session", json={"email": ADA, "password": PASSWORD}, base_url=f"{scheme}://localhost")
    assert ("Secure" in answer.headers["Set-Cookie"]) is secure


def test_what_figures_take_is_loaded_once_while_somebody_signs_in(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    warming.load(on_spark=False)  # nothing is missing of what it names
    told: list[bool] = []
    monkeypatch.setattr(warming, "load", told.append)
    for _ in range(2):
        assert site.client.get("/console/sign-in").status_code == 200
    with site.app.app_context():
        warming.begin().join()
    assert told == [False]
