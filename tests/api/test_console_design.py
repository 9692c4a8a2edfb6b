"""The page that shows what pages are made of: whole, true, and readable in both appearances."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from api.console.design import ENOUGH, contrasts, ratio, tokens
from api.console.drawing import HOME
from engine.permissions import Role
from tests.api.asking import Site
from tests.api.test_console_pages import cheap_passwords, visitor, words  # noqa: F401  (a fixture)


@pytest.fixture
def ada(site: Site) -> FlaskClient:
    return visitor(site, Role.VIEWER)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_told_from_its_ground(theme: str) -> None:
    assert [f"{each.text} on {each.ground}" for each in contrasts(theme) if each.ratio < ENOUGH] == []


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("#000", "#fff", 21.0), ("#ffffff", "#fff", 1.0), ("#777", "#fff", 4.48)]
)
def test_contrasts_are_those_of_wcag(one: str, other: str, expected: float) -> None:
    assert round(ratio(one, other), 2) == expected


def test_every_colour_stands_in_one_list_for_both_appearances() -> None:
    sources = (HOME / "assets" / "styles" / "tokens.css").read_text(encoding="utf-8")
    by_light, by_system, by_choice, listed = re.findall(r"\{([^{}]*)\}", sources)
    assert by_system.split() == by_choice.split()
    assert re.findall(r"(--if-\w+): (\w*);", by_light) == [("--if-light", "initial"), ("--if-dark", "")]
    assert re.findall(r"(--if-\w+): (\w*);", by_choice) == [("--if-light", ""), ("--if-dark", "initial")]
    light, dark = tokens("light"), tokens("dark")
    assert list(light) == list(dark) == re.findall(r"--([\w-]+):", listed)
    colours = [name for name, value in light.items() if value.startswith("#")]
    assert [name for name in light if name not in colours] == ["radius", "gap"]
    assert [name for name in colours if light[name] == dark[name]] == []


def test_the_page_shows_every_component_and_its_call(ada: FlaskClient) -> None:
    page = ada.get("/console/design")
    assert page.status_code == 200
    told = words(page)
    macros = re.findall(r"\{% macro (\w+)", (HOME / "templates" / "parts.html").read_text(encoding="utf-8"))
    assert [name for name in macros if f"part.{name}(" not in told] == [], "show it on templates/design.html"
    assert "too little" not in told
    assert " style=" not in page.get_data(as_text=True)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_it_needs_a_session_and_no_project(site: Site, ada: FlaskClient) -> None:
    answer = site.app.test_client().get("/console/design")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/sign-in?next=/console/design")
