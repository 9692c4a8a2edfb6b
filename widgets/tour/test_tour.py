"""A tour goes from element to element and over pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, shown
from tests.widgets.fake_server import FakeServer

pytestmark = pytest.mark.browser


def heading(page: Any) -> str:
    return str(shown(page).get_by_role("heading").inner_text())


def begun(page: Any, server: FakeServer, **changes: dict[str, Any]) -> None:
    content = example("tour")
    for place, more in changes.items():
        content["steps"][int(place[1:])] |= more
    server.answer("$page", decision(content))
    page.goto(server.page + "/domains/verify")
    shown(page)


def test_next_and_back_go_through_it_and_the_end_completes_it(page: Any, server: FakeServer) -> None:
    begun(page, server)
    assert heading(page) == "This is your domain"
    page.get_by_role("button", name="Next").click()
    page.get_by_role("heading", name="These records prove it").wait_for()
    page.get_by_role("button", name="Back").click()
    page.get_by_role("heading", name="This is your domain").wait_for()
    for name in ("Next", "Next", "Done"):
        page.get_by_role("button", name=name).click()
    page.locator("waypost-guide").wait_for(state="detached")
    server.wait_for(lambda: {"$started", "$completed"} <= {name for name, _ in server.events()})
    assert [name for name, _ in server.events()].count("$started") == 1


def test_it_goes_on_where_it_stood_after_a_page_load(page: Any, server: FakeServer) -> None:
    begun(page, server)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("heading", name="These records prove it").wait_for()
    server.decides = lambda _message: []
    page.reload()
    assert heading(page) == "These records prove it"
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.wait_for_timeout(400)
    assert page.locator("waypost-guide").count() == 0


def test_a_step_on_another_page_waits_for_it(page: Any, server: FakeServer) -> None:
    begun(page, server, s1={"page": "/records/*"})
    page.get_by_role("button", name="Next").click()
    page.locator("waypost-guide .card").wait_for(state="detached")
    page.evaluate("history.pushState({}, '', '/records/')")
    page.wait_for_timeout(300)
    assert page.locator("waypost-guide .card").count() == 0, "/records/* does not match /records"
    page.evaluate("history.pushState({}, '', '/records/new/')")
    assert heading(page) == "These records prove it"


def test_a_step_without_an_element_stands_in_the_middle(page: Any, server: FakeServer) -> None:
    begun(page, server, s0={"target": None})
    box = shown(page).bounding_box()
    assert abs(box["x"] + box["width"] / 2 - 640) < 2


def test_a_step_whose_element_is_missing_is_told_and_passed_over(page: Any, server: FakeServer) -> None:
    begun(page, server, s1={"target": {"selector": "#nowhere["}})
    page.get_by_role("button", name="Next").click()
    page.get_by_role("heading", name="Then press this").wait_for()
    assert server.wait_for_event("$target_missing") == {"guide": "guide_1", "reason": "invalid"}
