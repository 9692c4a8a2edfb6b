"""A checklist shows what is done, folds away, and ends when all of it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, shown
from tests.widgets.fake_server import FakeServer, name_of

pytestmark = pytest.mark.browser


def content(done: int) -> dict[str, Any]:
    given = example("checklist")
    return {**given, "items": [{**item, "done": place < done} for place, item in enumerate(given["items"])]}


def test_it_counts_what_is_done_and_folds_to_a_pill(page: Any, server: FakeServer) -> None:
    server.answer("$page", decision(content(2)))
    page.goto(server.page)
    card = shown(page)
    assert card.get_by_role("progressbar", name="2 of 4").get_attribute("value") == "2"
    card.get_by_role("button", name="Fold away").click()
    page.get_by_role("button", name="Get ready to send 2 of 4").click()
    assert shown(page).get_by_role("link", name="Verify the domain").get_attribute("href") == "/domains/verify"


def test_a_later_decision_ticks_items_off_and_the_last_one_completes_it(page: Any, server: FakeServer) -> None:
    steps = {"$page": 2, "Domain Verified": 3, "Test Sent": 4}
    server.decides = lambda message: (
        [decision(content(steps[name]), id=f"dec_{name}")] if (name := name_of(message)) in steps else []
    )
    page.goto(server.page)
    shown(page)
    page.evaluate("waypost.track('Domain Verified')")
    shown(page).get_by_text("3 of 4").wait_for()
    page.evaluate("waypost.track('Test Sent')")
    assert server.wait_for_event("$completed") == {"guide": "guide_1"}


def test_folded_away_it_leaves_the_place_to_others_and_the_focus_with_the_pill(page: Any, server: FakeServer) -> None:
    both = [decision(content(1)), decision(example("slideout"), id="dec_2", guide="guide_2")]
    server.decides = lambda message: both if name_of(message) == "$page" else []
    page.goto(server.page)
    fold = shown(page).get_by_role("button", name="Fold away")
    assert page.locator("waypost-guide .card").count() == 1
    fold.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="New: send when they read").wait_for()
    pill = page.get_by_role("button", name="Get ready to send 1 of 4")
    assert pill.get_attribute("aria-expanded") == "false"
    assert page.evaluate("document.activeElement.localName") == "waypost-guide"


def test_an_item_that_starts_a_guide_makes_room_for_it(page: Any, server: FakeServer) -> None:
    server.answer("$page", decision(content(2)))
    server.on_ask = lambda body: (
        [decision(example("tooltip"), id="dec_2", guide="send_test")] if body.get("guide") == "send_test" else []
    )
    page.goto(server.page)
    shown(page).get_by_role("button", name="Send a test to yourself").click()
    page.get_by_role("heading", name="Two records to add").wait_for()
    assert page.get_by_role("button", name="Get ready to send 2 of 4").is_visible()


def test_what_happens_on_the_page_ticks_items_off_although_it_is_not_decided_anew(
    page: Any, server: FakeServer
) -> None:
    server.answer("$page", decision(content(2)))
    server.on_ask = lambda body: [decision(content(3), id="dec_2")] if body.get("guide") == "guide_1" else []
    page.goto(server.page)
    shown(page)
    page.evaluate("waypost.track('Domain Verified')")
    shown(page).get_by_text("3 of 4").wait_for()


def test_it_is_there_on_the_next_page_as_it_was_left_and_is_told_as_shown_once(page: Any, server: FakeServer) -> None:
    # Answered by where it is asked: the list may ask at any moment, and what is done is no link any more.
    server.decides = lambda message: (
        [decision(content(2))] if name_of(message) == "$page" and message["context"]["page"]["path"] == "/" else []
    )
    server.on_ask = lambda body: (
        [decision(content(3), id="dec_2")]
        if body.get("guide") == "guide_1" and body["context"]["page"]["path"] == "/domains/verify"
        else []
    )
    page.goto(server.page)
    shown(page)
    server.wait_for_event("$shown")
    shown(page).get_by_role("link", name="Verify the domain").click()
    page.wait_for_url("**/domains/verify")
    shown(page).get_by_text("3 of 4").wait_for()
    shown(page).get_by_role("button", name="Fold away").click()
    pill = page.get_by_role("button", name="Get ready to send 3 of 4")
    pill.wait_for()
    page.reload()
    pill.wait_for()
    page.wait_for_timeout(1200)
    assert [name for name, _ in server.events()].count("$shown") == 1
    pill.click()
    shown(page).get_by_role("button", name="Close").click()
    page.locator("waypost-guide").wait_for(state="detached")
    page.reload()
    page.wait_for_timeout(300)
    assert page.locator("waypost-guide").count() == 0
