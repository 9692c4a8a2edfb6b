"""A modal makes the page wait, keeps the focus, and gives it back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, shown
from tests.widgets.fake_server import FakeServer

pytestmark = pytest.mark.browser


@pytest.fixture
def card(page: Any, server: FakeServer) -> Any:
    server.answer("Asked", decision(example("modal")))
    page.goto(server.page)
    page.locator("#note").focus()
    page.evaluate("waypost.track('Asked')")
    return shown(page)


def focused(page: Any) -> str:
    return str(page.evaluate("document.querySelector('waypost-guide').shadowRoot.activeElement?.textContent"))


@pytest.mark.usefixtures("card")
def test_the_focus_begins_at_the_words_goes_around_inside_and_returns(page: Any) -> None:
    assert focused(page) == "Your first campaign is one step away"
    seen = []
    for _ in range(3):
        page.keyboard.press("Tab")
        seen.append(focused(page))
    assert seen[:2] == ["Start a campaign", "Not now"]
    assert page.evaluate("document.activeElement.id") != "note"
    page.keyboard.press("Escape")
    page.locator("waypost-guide").wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "note"


@pytest.mark.usefixtures("card")
def test_the_page_behind_it_cannot_be_used(page: Any) -> None:
    assert page.evaluate("document.elementFromPoint(260, 330)?.localName") == "waypost-guide"


@pytest.mark.parametrize("how", ["escape", "outside", "close", "button"])
def test_each_way_out_is_told(page: Any, server: FakeServer, card: Any, how: str) -> None:
    match how:
        case "escape":
            page.keyboard.press("Escape")
        case "outside":
            page.mouse.click(20, 20)
        case "close":
            card.get_by_role("button", name="Close").click()
        case _:
            card.get_by_role("button", name="Not now").click()
    assert server.wait_for_event("$dismissed") == {"guide": "guide_1", "how": how}
    page.locator("waypost-guide").wait_for(state="detached")


def test_a_click_inside_does_not_close_it(page: Any, card: Any) -> None:
    card.get_by_text("Twelve templates").click()
    page.wait_for_timeout(150)
    assert card.is_visible()


def test_its_picture_has_words_for_those_who_cannot_see_it(card: Any) -> None:
    # It is there as soon as it is loaded.
    card.get_by_role("img", name="A letter on its way").wait_for()
