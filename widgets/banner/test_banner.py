"""A banner lies along an edge of the window."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, shown
from tests.widgets.fake_server import FakeServer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("side", ["top", "bottom"])
def test_it_lies_along_the_edge_it_was_written_for(page: Any, server: FakeServer, side: str) -> None:
    server.answer("$page", decision({**example("banner"), "side": side}))
    page.goto(server.page)
    box = shown(page).bounding_box()
    assert (box["y"] < 40) is (side == "top")
    assert (box["y"] + box["height"] > 760) is (side == "bottom")


def test_it_is_a_region_with_a_name(page: Any, server: FakeServer) -> None:
    server.answer("$page", decision(example("banner")))
    page.goto(server.page)
    shown(page)
    assert page.get_by_role("region", name="Your trial ends in three days").is_visible()


def test_a_snooze_is_told_with_its_length_and_asks_again_when_it_is_over(page: Any, server: FakeServer) -> None:
    page.clock.install()
    server.answer("$page", decision(example("banner")))
    page.goto(server.page)
    shown(page).get_by_role("button", name="Remind me tomorrow").click()
    assert server.wait_for_event("$snoozed") == {"guide": "guide_1", "seconds": 86400}
    page.clock.fast_forward(86_400_000 + 1000)
    server.wait_for(lambda: server.asked)
