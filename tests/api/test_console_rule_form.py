"""The page of the rule editor around the form, and the page in which a guide is drawn."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from api.console.registry import pages
from engine.permissions import Role
from tests.api.asking import Site
from tests.api.test_console_pages import cheap_passwords, lively, visitor

__all__ = ["cheap_passwords"]
EDITOR = "/console/p/default/rules?view=edit&tab=form"


def policy(client: FlaskClient, path: str) -> dict[str, str]:
    parts = client.get(path).headers["Content-Security-Policy"].split("; ")
    return {name: rest for name, _, rest in (each.partition(" ") for each in parts)}


def test_only_the_editor_may_hold_a_frame_and_only_our_own(site: Site) -> None:
    lively(site)
    client = visitor(site, Role.AUTHOR)
    assert policy(client, EDITOR)["frame-src"] == "'self'"
    others = [each.path for each in pages() if each.name != "rules" and each.name in {"home", "find", "act", "users"}]
    assert others
    assert all("frame-src" not in policy(client, f"/console/p/default/{path}") for path in others)


def test_the_page_that_draws_may_draw_and_nothing_else(site: Site) -> None:
    said = policy(site.client, "/console/preview?theme=dark")
    assert (said["default-src"], said["script-src"], said["frame-ancestors"]) == ("'none'", "'self'", "'self'")
    assert said["sandbox"] == "allow-scripts"
    assert "connect-src" not in said
    page = site.client.get('/console/preview?theme="><script>').get_data(as_text=True)
    assert 'data-theme="light"' in page
    assert '"><script>' not in page


@pytest.mark.parametrize(
    ("role", "has", "has_not"),
    [
        (
            Role.VIEWER,
            ["data-readonly", "Whom it would have reached"],
            ["data-form-new", "Why not this user", "data-pick>"],
        ),
        (Role.ANALYST, ["data-form-new", "Who matches now"], ["data-readonly", "data-pick>"]),
        (Role.AUTHOR, ["data-form-new", "Why not this user", "data-pick>"], ["data-readonly"]),
    ],
    ids=["viewer", "analyst", "author"],
)
def test_a_role_has_the_panels_that_it_may_ask(site: Site, role: Role, has: list[str], has_not: list[str]) -> None:
    lively(site)
    page = visitor(site, role).get(EDITOR).get_data(as_text=True)
    assert [each for each in has if each not in page] == []
    assert [each for each in has_not if each in page] == []
