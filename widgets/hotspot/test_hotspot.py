"""A hotspot marks an element and speaks when it is asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, shown
from tests.widgets.fake_server import FakeServer

pytestmark = pytest.mark.browser


def test_a_mark_at_the_corner_opens_a_card_beside_the_element(page: Any, server: FakeServer) -> None:
    server.answer("$page", decision(example("hotspot")))
    page.goto(server.page)
    mark = page.get_by_role("button", name="Show a hint: Bring your contacts along")
    mark.wait_for()
    target, dot = page.locator("#import").bounding_box(), mark.bounding_box()
    assert abs(dot["x"] + dot["width"] / 2 - (target["x"] + target["width"])) < 3
    assert server.wait_for_event("$shown")["guide"] == "guide_1"
    mark.click()
    assert shown(page).get_by_role("heading").inner_text() == "Bring your contacts along"
    shown(page).get_by_role("button", name="Close").click()
    server.wait_for(lambda: [name for name, _ in server.events()] == ["$shown", "$started", "$dismissed"])
