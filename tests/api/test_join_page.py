"""Where an invitation leads: a plain form that works without a script, once, and signs in."""

from __future__ import annotations

import urllib.request
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from werkzeug.test import TestResponse

from api.console.drawing import POLICY
from engine.permissions import Role
from tests.api.asking import SECRET_KEY, Site
from tests.running import SECRET_KEY as RUNNING_KEY
from tests.running import RunningServer

PASSWORD = "a long sentence nobody guesses"


def invited(site: Site, email: str = "ada@example.com", role: Role = Role.AUTHOR) -> str:
    """The path of an invitation's link."""
    made = site.post("/api/v1/invites", {"email": email, "role": role.value}, key=SECRET_KEY)
    assert made.json is not None, made.get_data(as_text=True)
    split = urlsplit(made.json["link"])
    return f"{split.path}?{split.query}"


def send(site: Site, path: str, **fields: str) -> TestResponse:
    token = parse_qs(urlsplit(path).query)["token"][0]
    return site.client.post(path, data={"token": token, **fields})


def test_somebody_joins_and_is_signed_in(site: Site) -> None:
    path = invited(site)
    page = site.client.get(path)
    assert page.status_code == 200
    assert page.headers["Content-Security-Policy"] == POLICY
    assert page.headers["Referrer-Policy"] == "same-origin"
    text = page.get_data(as_text=True)
    assert "You were invited as author." in text
    assert "ada@example.com" in text
    joined = send(site, path, name="Ada", password=PASSWORD)
    assert (joined.status_code, "You are signed in" in joined.get_data(as_text=True)) == (200, True)
    me = site.client.get("/api/v1/me").json
    assert me is not None
    assert (me["email"], me["name"], me["projects"][0]["role"]) == ("ada@example.com", "Ada", "author")


def test_a_link_works_once(site: Site) -> None:
    path = invited(site)
    assert send(site, path, password=PASSWORD).status_code == 200
    for answer in (site.client.get(path), send(site, path, password=PASSWORD)):
        assert "it was used, withdrawn or has expired" in answer.get_data(as_text=True)
        assert answer.status_code >= 400
        assert "<form" not in answer.get_data(as_text=True)


def test_a_weak_password_is_told_and_the_form_stays(site: Site) -> None:
    path = invited(site)
    answer = send(site, path, name="Ada", password="short")
    text = answer.get_data(as_text=True)
    assert (answer.status_code, "take at least 12" in text, 'value="Ada"' in text) == (422, True, True)
    assert send(site, path, name="Ada", password=PASSWORD).status_code == 200


@pytest.mark.parametrize("token", ["", "nonsense", '"><script>alert(1)</script>'])
def test_what_is_no_link_is_told_and_nothing_of_it_is_drawn(site: Site, token: str) -> None:
    answer = site.client.get("/console/join", query_string={"token": token})
    assert answer.status_code >= 400
    assert "alert(" not in answer.get_data(as_text=True)


def test_a_name_is_drawn_as_text(site: Site) -> None:
    answer = send(site, invited(site), name='"><img src=x onerror=alert(1)>', password="short")
    assert "<img" not in answer.get_data(as_text=True)


def test_another_sites_form_is_refused(site: Site) -> None:
    path = invited(site)
    token = parse_qs(urlsplit(path).query)["token"][0]
    answer = site.client.post(
        path, data={"token": token, "password": PASSWORD}, headers={"Origin": "https://evil.example.com"}
    )
    assert answer.status_code == 403
    assert site.client.get(path).status_code == 200


@pytest.mark.browser
def test_a_browser_joins_without_a_script(chromium: Any, running_server: RunningServer) -> None:
    body = orjson.dumps({"email": "bob@example.com", "role": "viewer"})
    headers = {"Authorization": f"Bearer {RUNNING_KEY}", "Content-Type": "application/json"}
    address = f"http://127.0.0.1:{running_server.port}/api/v1/invites"
    with urllib.request.urlopen(urllib.request.Request(address, data=body, headers=headers)) as answer:
        link = orjson.loads(answer.read())["link"]
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    page.fill("input[name=name]", "Bob")
    page.fill("input[name=password]", "short")
    page.click("button")
    assert "take at least 12" in page.locator("[role=alert]").inner_text()
    page.fill("input[name=password]", PASSWORD)
    page.click("button")
    page.locator("main", has_text="You are signed in as bob@example.com").wait_for()
    context.close()
