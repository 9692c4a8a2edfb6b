"""A broken network, a session that ended, and two people who edit the same: told plainly, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.values import DAY, Duration
from tests.api.asking import SECRET_KEY, Site
from tests.api.test_console_in_browser import LOOKS, address, cookie, visit

__all__ = ["address", "cookie"]
KEYED = {"Authorization": f"Bearer {SECRET_KEY}"}
WORDS = "Half of them do not know who may change it."


@pytest.mark.browser
@pytest.mark.thorough
def test_nothing_that_was_typed_is_lost(chromium: Any, address: str, cookie: str, site: Site) -> None:
    answer = site.post("/api/v1/roadmap/items", {"title": "One record instead of two"}, key=SECRET_KEY)
    assert answer.status_code in {200, 201}
    page = visit(chromium, address, cookie, LOOKS[0])
    page.goto(f"{address}/console/p/default/roadmap?item=1")
    page.wait_for_load_state("networkidle")
    field = page.get_by_label("Say something").first
    told = page.get_by_role("alert").filter(has_text="what you typed")

    # The network is gone.
    page.context.set_offline(True)
    field.fill(WORDS)
    page.get_by_role("button", name="Comment", exact=True).first.click()
    told.filter(has_text="cannot be reached").wait_for()
    assert field.input_value() == WORDS
    page.context.set_offline(False)

    # The session has ended; a new one is begun in another tab, and the same press works.
    page.context.clear_cookies()
    page.get_by_role("button", name="Comment", exact=True).first.click()
    told.filter(has_text="You are signed out").wait_for()
    assert field.input_value() == WORDS
    user = site.service.sign_in.known_elsewhere("https://id.example", "ada", email="ada@example.com", roles={})
    fresh = site.service.sign_in.start(user, lasts=Duration(7 * DAY)).cookie
    page.context.add_cookies([{"name": "waypost_session", "value": fresh, "url": address}])
    page.get_by_role("button", name="Comment", exact=True).first.click()
    page.locator(".speech", has_text=WORDS).wait_for()

    # Somebody else changes the item while it is being written.
    form = page.locator("#form")
    story = form.get_by_label("Story")
    story.fill(WORDS)
    change = {"revision": 1, "title": "Two records, as before"}
    assert site.client.patch("/api/v1/roadmap/items/1", json=change, headers=KEYED).status_code == 200
    form.get_by_role("button", name="Save", exact=True).click()
    told.filter(has_text="Somebody else changed this meanwhile").wait_for()
    assert story.input_value() == WORDS
    # It is there after a reload too, beside what the other one wrote.
    page.reload()
    page.get_by_text("Two records, as before").first.wait_for()
    assert story.input_value() == WORDS
    form.get_by_role("button", name="Save", exact=True).click()
    page.locator("dd.speech", has_text=WORDS).wait_for()
    page.context.close()
