"""A slideout stands in the corner and leaves the page alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, shown
from tests.widgets.fake_server import FakeServer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("direction", "is_right"), [("ltr", True), ("rtl", False)])
def test_it_stands_in_the_far_corner_of_the_reading_direction(
    page: Any, server: FakeServer, direction: str, is_right: bool
) -> None:
    server.answer("$page", decision({**example("slideout"), "direction": direction}))
    page.goto(server.page)
    box = shown(page).bounding_box()
    assert (box["x"] > 640) is is_right
    assert box["y"] + box["height"] <= 800


def test_the_page_stays_usable(page: Any, server: FakeServer) -> None:
    server.answer("$page", decision(example("slideout")))
    page.goto(server.page)
    shown(page)
    page.locator("#verify").click()
    page.locator("#verify", has_text="Checking…").wait_for()


def test_a_video_is_a_link_that_opens_beside_the_page(page: Any, server: FakeServer) -> None:
    server.answer("$page", decision(example("slideout")))
    page.goto(server.page)
    link = shown(page).get_by_role("link", name="Watch the video")
    assert link.get_attribute("target") == "_blank"
    assert link.get_attribute("rel") == "noopener"


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_it_fits_every_window(page: Any, server: FakeServer, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    server.answer("$page", decision(example("slideout")))
    page.goto(server.page)
    box = shown(page).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


@pytest.mark.parametrize(
    ("theme", "look", "is_dark"), [("auto", "", False), ("auto", "?dark", True), ("dark", "", True)]
)
def test_it_takes_the_page_s_own_look_unless_told(
    page: Any, server: FakeServer, theme: str, look: str, is_dark: bool
) -> None:
    server.script_attributes = f'data-theme="{theme}"'
    server.answer("$page", decision(example("slideout")))
    page.goto(server.page + "/" + look)
    assert shown(page).evaluate("(card) => card.closest('.root').classList.contains('dark')") is is_dark


def test_a_page_themes_it_by_custom_properties_and_lends_its_font(page: Any, server: FakeServer) -> None:
    server.head = '<link rel="stylesheet" href="/themed.css">'
    server.answer("$page", decision(example("slideout")))
    page.goto(server.page)
    button = shown(page).get_by_role("link", name="Turn it on")
    look = button.evaluate("(each) => { const s = getComputedStyle(each); return [s.backgroundColor, s.fontFamily] }")
    assert look[0] == "rgb(190, 24, 93)"
    assert look[1].startswith("Inter")
