"""Signing in to the console at an identity provider: who comes in, as what, and which answers are refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from api.app import create_app
from api.config import read_settings
from dsl.values import MINUTE, SECOND, Duration
from engine.permissions import Role
from tests.api.asking import Site, problem
from tests.api.conftest import START
from tests.api.identity_provider import CLIENT_ID, CLIENT_SECRET, IdentityProvider, serving_identities

ADA = {"email": "ada@example.com", "email_verified": True, "name": "Ada", "groups": ["admins"]}


@dataclass
class Browser:
    """A browser, our server, and a provider."""

    site: Site
    client: FlaskClient
    provider: IdentityProvider

    def begin(self, query: str = "") -> str:
        answer = self.client.get(f"/auth/oidc{query}")
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.headers["Location"])

    def come_back(self, brought: dict[str, str]) -> TestResponse:
        return self.client.get(f"/auth/oidc/callback?{urlencode(brought)}")

    def sign_in(self, **claims: Any) -> TestResponse:
        self.provider.claims = {**ADA, **claims}
        return self.come_back(self.provider.sign_in(self.begin()))

    def me(self) -> dict[str, Any]:
        answer = self.client.get("/api/v1/me")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.json or {})

    def roles(self) -> dict[str, str]:
        return {project["project"]: project["role"] for project in self.me()["projects"]}


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with serving_identities(START // SECOND) as provider:
        yield provider


@pytest.fixture
def browser(site: Site, provider: IdentityProvider) -> Browser:
    provider.claims, provider.signs_with, provider.algorithm = {}, None, "RS256"
    return Browser(site, client_of(site, provider, "admins=default:admin, staff=default:viewer"), provider)


def client_of(site: Site, provider: IdentityProvider, roles: str) -> FlaskClient:
    settings = read_settings(
        {
            "WAYPOST_OIDC_ISSUER": provider.url,
            "WAYPOST_OIDC_CLIENT_ID": CLIENT_ID,
            "WAYPOST_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "WAYPOST_OIDC_ROLES": roles,
        }
    )
    return create_app(settings, service=site.service, clock=site.clock).test_client()


def test_somebody_whom_the_provider_vouches_for_is_signed_in(browser: Browser) -> None:
    answer = browser.sign_in()
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/")
    me = browser.me()
    assert (me["email"], me["name"], me["has_password"]) == ("ada@example.com", "Ada", False)
    assert browser.roles() == {"default": "admin"}


def test_a_whole_team_may_come_in_at_nine_o_clock(browser: Browser) -> None:
    """The ten attempts at one account's password are not counted for all who come from the provider together."""
    people = [browser.sign_in(sub=f"s{number}", email=f"p{number}@example.com") for number in range(12)]
    assert [answer.status_code for answer in people] == [303] * 12


def test_the_request_goes_with_state_nonce_and_pkce(browser: Browser) -> None:
    asked = parse_qs(urlsplit(browser.begin()).query)
    assert asked["redirect_uri"] == ["http://localhost/auth/oidc/callback"]
    assert all(len(asked[name][0]) >= 32 for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/console/journeys?x=1", "/console/journeys?x=1"),
        ("https://evil.example/", "/console/"),
        ("//evil.example/", "/console/"),
        ("/\\evil.example", "/console/"),
        ("javascript:alert(1)", "/console/"),
    ],
)
def test_one_comes_back_to_pages_of_ours_only(browser: Browser, wanted: str, led_to: str) -> None:
    browser.provider.claims = ADA
    brought = browser.provider.sign_in(browser.begin(f"?{urlencode({'next': wanted})}"))
    assert browser.come_back(brought).headers["Location"] == led_to


ROLES = [
    (["admins", "staff"], {"default": "admin"}),
    (["staff"], {"default": "viewer"}),
    ("staff", {"default": "viewer"}),
    (["staff", 7, None], {"default": "viewer"}),
]


@pytest.mark.parametrize(("groups", "roles"), ROLES)
def test_the_groups_of_the_provider_are_roles_here(browser: Browser, groups: Any, roles: dict[str, str]) -> None:
    browser.sign_in(groups=groups)
    assert browser.roles() == roles


def test_another_group_is_another_role_at_the_next_sign_in_and_no_group_is_none(browser: Browser) -> None:
    browser.sign_in()
    browser.sign_in(groups=["staff"])
    assert browser.roles() == {"default": "viewer"}
    answer = browser.sign_in(groups=[])
    assert (answer.status_code, problem(answer)["code"]) == (401, "wrong_login")
    assert browser.site.service.staff.members(1) == ()
    assert browser.client.get("/api/v1/me").status_code == 401


def test_without_groups_only_the_invited_come_in(site: Site, provider: IdentityProvider) -> None:
    browser = Browser(site, client_of(site, provider, ""), provider)
    assert problem(browser.sign_in())["code"] == "wrong_login"
    site.service.staff.invite(1, "Ada@example.com", Role.AUTHOR)
    assert browser.sign_in().status_code == 303
    assert browser.roles() == {"default": "author"}
    assert site.service.staff.links(1) == ()


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("an address that is not verified", {"email_verified": False}),
    ("an address that is perhaps not verified", {"email_verified": "true"}),
    ("no address", {"email": None}),
    ("another issuer", {"iss": "https://evil.example"}),
    ("a token for another client", {"aud": "other"}),
    ("another nonce: a token from another sign-in", {"nonce": "other"}),
    ("a token that is over", {"exp": START // SECOND - 3600}),
]


@pytest.mark.parametrize("claims", [claims for _, claims in REFUSED], ids=[name for name, _ in REFUSED])
def test_a_token_that_does_not_prove_who_it_is_is_refused(browser: Browser, claims: dict[str, Any]) -> None:
    answer = browser.sign_in(**claims)
    assert (answer.status_code, problem(answer)["code"]) == (401, "sign_in_failed")
    assert browser.client.get("/api/v1/me").status_code == 401


def test_a_token_signed_with_another_key_is_refused(browser: Browser) -> None:
    browser.provider.signs_with = RSAKey.generate_key(2048)
    assert problem(browser.sign_in())["code"] == "sign_in_failed"


def test_a_callback_that_this_browser_did_not_begin_is_refused(browser: Browser) -> None:
    browser.provider.claims = ADA
    brought = browser.provider.sign_in(browser.begin())
    victim = Browser(browser.site, browser.client.application.test_client(), browser.provider)
    assert problem(victim.come_back(brought))["code"] == "sign_in_failed"
    victim.begin()
    assert problem(victim.come_back(brought))["code"] == "sign_in_failed"  # another state


def test_a_cookie_of_one_kind_is_never_taken_for_one_of_the_other(browser: Browser) -> None:
    browser.begin()
    begun = browser.client.get_cookie("waypost_sign_in")
    assert begun is not None
    browser.sign_in()
    session = browser.client.get_cookie("waypost_session")
    assert session is not None
    browser.client.set_cookie("waypost_sign_in", session.value)
    assert problem(browser.come_back({"code": "x", "state": "x"}))["code"] == "sign_in_failed"
    browser.client.set_cookie("waypost_session", begun.value)
    assert problem(browser.client.get("/api/v1/me"))["code"] == "not_signed_in"


def test_a_code_works_once_and_for_ten_minutes(browser: Browser) -> None:
    browser.provider.claims = ADA
    brought = browser.provider.sign_in(browser.begin())
    assert browser.come_back(brought).status_code == 303
    assert problem(browser.come_back(brought))["code"] == "sign_in_failed"
    brought = browser.provider.sign_in(browser.begin())
    browser.site.clock.move(Duration(11 * MINUTE))
    assert problem(browser.come_back(brought))["code"] == "sign_in_failed"


def test_who_refuses_at_the_provider_is_not_signed_in(browser: Browser) -> None:
    brought = browser.provider.sign_in(browser.begin())
    answer = browser.come_back({"error": "access_denied", "state": brought["state"]})
    assert (problem(answer)["code"], "access_denied" in problem(answer)["detail"]) == ("sign_in_failed", True)


def test_without_a_provider_there_is_nothing_to_sign_in_at(site: Site) -> None:
    answer = site.client.get("/auth/oidc")
    assert (answer.status_code, problem(answer)["code"]) == (404, "no_provider")


def test_a_provider_that_does_not_answer_is_said_to_be_away(site: Site, provider: IdentityProvider) -> None:
    away = IdentityProvider(0, url="http://127.0.0.1:9")
    answer = client_of(site, away, "").get("/auth/oidc")
    assert (answer.status_code, problem(answer)["code"]) == (502, "provider_unavailable")
