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


def kept(page: Any, at: int) -> None:
    """Wait until it is written down that this step goes on on the next page, a moment after the step is drawn."""
    page.wait_for_function(
        "(at) => Object.values(JSON.parse(sessionStorage.getItem('waypost:kept') ?? '{}'))[0]?.at === at", arg=at
    )


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
    kept(page, 1)
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


def stepping(page: Any, server: FakeServer, *pages: str | None) -> None:
    """The example, its steps on these pages, each without an element so that it can be shown anywhere."""
    changes = [{"page": path, "target": None} for path in pages]
    begun(page, server, **{f"s{place}": more for place, more in enumerate(changes)})
    kept(page, 0)
    server.decides = lambda _message: []


def test_next_leads_to_the_page_of_the_next_step_and_back_to_the_one_before(page: Any, server: FakeServer) -> None:
    stepping(page, server, None, "/domains/new", "/domains/new")
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**/domains/new")
    assert heading(page) == "These records prove it"
    page.get_by_role("button", name="Next").click()
    page.get_by_role("heading", name="Then press this").wait_for()
    kept(page, 2)
    page.reload()
    page.get_by_role("button", name="Back").click()
    page.get_by_role("heading", name="These records prove it").wait_for()


def test_following_the_page_s_own_link_takes_the_step_that_is_there(page: Any, server: FakeServer) -> None:
    stepping(page, server, None, "/overview", None)
    page.goto(server.page + "/overview")
    assert heading(page) == "These records prove it"


def test_the_way_back_to_a_page_that_only_a_pattern_names_is_not_offered(page: Any, server: FakeServer) -> None:
    stepping(page, server, "/domains/*", "/overview", None)
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**/overview")
    assert heading(page) == "These records prove it"
    assert page.get_by_role("button", name="Back").count() == 0
    assert page.get_by_role("link", name="Back").count() == 0


def test_over_several_pages_it_is_told_once_as_shown_and_started_and_never_as_abandoned(
    page: Any, server: FakeServer
) -> None:
    stepping(page, server, None, "/domains/new", None)
    server.wait_for_event("$shown")
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**/domains/new")
    shown(page)
    page.wait_for_timeout(1300)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Done").click()
    server.wait_for(lambda: "$completed" in [name for name, _ in server.events()])
    assert [name for name, _ in server.events()] == ["$shown", "$started", "$completed"]


@pytest.mark.parametrize("how", ["Skip", "Close"])
def test_skipping_it_is_told_and_ends_it_on_every_page(page: Any, server: FakeServer, how: str) -> None:
    stepping(page, server, None, None, None)
    shown(page).get_by_role("button", name=how).click()
    assert server.wait_for_event("$dismissed")["how"] == {"Skip": "button", "Close": "close"}[how]
    page.reload()
    page.wait_for_timeout(300)
    assert page.locator("waypost-guide").count() == 0
