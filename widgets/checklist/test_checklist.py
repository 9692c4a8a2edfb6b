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
