"""An answer that was asked for one person, and comes when another one is there, is nobody's any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown
from tests.widgets.fake_server import FakeServer, name_of

pytestmark = pytest.mark.browser

FOR_ADA = decision(
    example("slideout"), keep={"times": None, "per": None, "every": None, "ends": ["dismissed"], "page": False}
)
KEPT = "localStorage.getItem('waypost:wp_pub_test:last')"

ANOTHER = {
    "after a logout": "waypost.reset()",
    "after a logout in the same moment as an event": "waypost.track('Logged out'); waypost.reset()",
    "after another one logged in": "waypost.identify('grace')",
    "after another one took over": "waypost.reset(); waypost.identify('grace')",
}


@pytest.fixture
def late() -> Iterator[threading.Event]:
    """Answers wait until it is set."""
    gate = threading.Event()
    yield gate
    gate.set()


def slowly(late: threading.Event, whom: Callable[[dict[str, Any]], bool]) -> Callable[..., list[dict[str, Any]]]:
    """Decide for those alone, and only when it is time."""

    def decide(said: dict[str, Any]) -> list[dict[str, Any]]:
        return [FOR_ADA] if whom(said) and late.wait(30) else []

    return decide


def is_ada(said: dict[str, Any]) -> bool:
    return said.get("userId") == "ada"


@pytest.mark.parametrize("comes", ANOTHER)
def test_the_answer_to_an_event_of_somebody_who_left_is_neither_shown_nor_kept(
    page: Any, server: FakeServer, late: threading.Event, comes: str
) -> None:
    server.decides = slowly(late, is_ada)
    opened(page, server)
    page.evaluate("waypost.identify('ada')")
    server.wait_for(lambda: any(map(is_ada, server.messages)))
    page.evaluate(ANOTHER[comes])
    late.set()
    page.wait_for_function("() => waypost.debug(false).queued === 0")
    page.wait_for_timeout(300)
    assert page.locator("waypost-guide").count() == 0
    assert page.evaluate(KEPT) is None


def test_nor_is_the_answer_to_a_question_without_an_event(page: Any, server: FakeServer, late: threading.Event) -> None:
    server.script_attributes = 'data-pages="off"'
    server.on_ask = slowly(late, is_ada)
    server.head = "<script>window.waypost = [['identify', 'ada']]</script>"
    opened(page, server)
    server.wait_for(lambda: any(map(is_ada, server.asked)))
    page.evaluate("waypost.reset()")
    with page.expect_response("**/v1/decide"):
        late.set()
    page.wait_for_timeout(300)
    assert page.locator("waypost-guide").count() == 0
    assert page.evaluate(KEPT) is None


def test_a_visitor_who_says_who_they_are_meanwhile_is_still_the_one_who_asked(
    page: Any, server: FakeServer, late: threading.Event
) -> None:
    server.decides = slowly(late, lambda said: name_of(said) == "$page")
    opened(page, server)
    server.wait_for(lambda: server.messages)
    page.evaluate("waypost.identify('ada')")
    late.set()
    shown(page)


def test_so_is_one_who_agrees_on_a_page_that_did_not_know_them_yet(page: Any, server: FakeServer) -> None:
    server.script_attributes = 'data-consent="pending"'
    page.goto(server.page + "/?page=bare")
    page.evaluate("localStorage.setItem('waypost:wp_pub_test:id', JSON.stringify({anonymousId: 'known'}))")
    server.answer("$page", FOR_ADA)
    opened(page, server)
    page.evaluate("waypost.optIn()")
    shown(page)
    assert server.messages[0]["anonymousId"] != page.evaluate("waypost.debug(false).anonymousId") == "known"
