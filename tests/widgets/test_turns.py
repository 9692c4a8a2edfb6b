"""When a decision is drawn: one guide at a time, after what the browser waits for, as the server still wants it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown
from tests.widgets.fake_server import FakeServer, name_of
from tests.widgets.sensing import at_work, stand_still

pytestmark = pytest.mark.browser


class TestTurns:
    """One guide at a time, each as the server still wants it."""

    def test_a_second_guide_waits_for_the_first_and_is_confirmed(self, page: Any, server: FakeServer) -> None:
        both = [decision(example("slideout")), decision(example("modal"), id="dec_2", guide="guide_2")]
        server.decides = lambda message: both if name_of(message) == "$page" else []
        opened(page, server)
        shown(page).get_by_role("button", name="Not now").wait_for()
        assert page.locator("waypost-guide").count() == 1
        shown(page).get_by_role("button", name="Close").click()
        assert shown(page).get_by_role("heading").inner_text() == "Your first campaign is one step away"
        assert server.confirmed == ["dec_2"]

    def test_what_the_server_no_longer_wants_is_not_shown(self, page: Any, server: FakeServer) -> None:
        server.confirms = False
        server.answer("$page", decision(example("slideout"), wait={"until": "elapsed", "seconds": 0.1}))
        opened(page, server)
        server.wait_for(lambda: server.confirmed)
        page.wait_for_timeout(200)
        assert page.locator("waypost-guide").count() == 0
        assert [name for name, _ in server.events()] == []

    def test_what_has_expired_is_not_shown(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(example("slideout"), expires="2020-01-01T00:00:00Z"))
        opened(page, server)
        server.wait_for(lambda: server.messages)
        page.wait_for_timeout(300)
        assert page.locator("waypost-guide").count() == 0

    def test_the_same_guide_decided_again_is_not_drawn_twice(self, page: Any, server: FakeServer) -> None:
        ids = iter(range(100))
        server.decides = lambda _message: [decision(example("slideout"), id=f"dec_{next(ids)}")]
        opened(page, server)
        page.evaluate("waypost.track('Again')")
        shown(page)
        page.evaluate("waypost.track('And again')")
        page.wait_for_timeout(300)
        assert page.locator("waypost-guide").count() == 1

    def test_a_guide_is_shown_by_name_on_request(self, page: Any, server: FakeServer) -> None:
        server.on_ask = lambda body: [decision(example("slideout"))] if body.get("guide") == "guide_1" else []
        opened(page, server)
        page.evaluate("waypost.show('guide_1')")
        shown(page)

    def test_a_decision_in_hand_is_drawn_as_a_preview_and_not_recorded(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        page.evaluate("(decision) => waypost.show(decision)", decision(example("slideout")))
        shown(page)
        page.wait_for_timeout(1200)
        shown(page).get_by_role("button", name="Close").click()
        page.wait_for_timeout(200)
        assert server.events() == []

    def test_reset_takes_away_what_is_shown(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(example("slideout")))
        opened(page, server)
        shown(page)
        page.evaluate("waypost.reset()")
        page.locator("waypost-guide").wait_for(state="detached")

    def test_guidance_is_asked_for_again_when_it_has_grown_old(self, page: Any, server: FakeServer) -> None:
        page.clock.install()
        server.ttl = 60
        page.goto(server.page + "/domains/verify")
        # Written down with the reply that says how long it is good for.
        page.wait_for_function("() => Object.keys(localStorage).some((key) => key.endsWith(':clicks'))")
        page.clock.fast_forward(61_000)
        server.wait_for(lambda: server.asked)


class TestWaits:
    """What only the browser sees is waited for here and confirmed by the server."""

    def waiting(self, page: Any, server: FakeServer, wait: dict[str, Any]) -> None:
        server.answer("$page", decision(example("slideout"), wait=wait))
        opened(page, server)
        at_work(page, server, "waits")
        assert page.locator("waypost-guide").count() == 0

    def waiting_while_time_stands_still(self, page: Any, server: FakeServer, wait: dict[str, Any]) -> None:
        page.clock.install()
        server.answer("Asked", decision(example("slideout"), wait=wait))
        opened(page, server)
        stand_still(page)
        page.evaluate("waypost.track('Asked')")
        # What waits is loaded in the browser's own time, and begins to wait when it is there.
        asked = lambda: [path for path in server.loaded if path.startswith("/sdk/waits")]  # noqa: E731
        file = server.wait_for(lambda: page.clock.run_for(20) or asked())[0]
        page.evaluate("(file) => import(file).then(() => null)", server.sdk + file)

    def passing(self, page: Any, server: FakeServer) -> None:
        """Let time go by until the guide is there, as the server still wants it."""
        server.wait_for(lambda: page.clock.run_for(50) or page.locator("waypost-guide .card").count())
        self.confirmed(page, server)

    def confirmed(self, page: Any, server: FakeServer) -> None:
        shown(page)
        assert server.confirmed == ["dec_1"]

    def test_until_idle(self, page: Any, server: FakeServer) -> None:
        self.waiting_while_time_stands_still(page, server, {"until": "idle", "seconds": 0.8})
        for step in range(6):
            page.mouse.move(300 + step * 9, 300)
            page.clock.run_for(200)
        page.wait_for_timeout(200)
        assert page.locator("waypost-guide").count() == 0, "whoever moves is not idle"
        assert server.confirmed == []
        self.passing(page, server)

    def test_until_an_element_is_visible(self, page: Any, server: FakeServer) -> None:
        self.waiting(page, server, {"until": "visible", "selector": "#late", "seconds": 0.2})
        page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p id=late>Here</p>')")
        self.confirmed(page, server)

    def test_until_scrolled(self, page: Any, server: FakeServer) -> None:
        server.head = '<link rel="stylesheet" href="/tall.css">'
        self.waiting(page, server, {"until": "scrolled", "percent": 50})
        page.mouse.move(600, 400)
        page.mouse.wheel(0, 300)
        page.wait_for_timeout(200)
        assert page.locator("waypost-guide").count() == 0
        page.mouse.wheel(0, 1400)
        self.confirmed(page, server)

    def test_until_exit_intent(self, page: Any, server: FakeServer) -> None:
        self.waiting(page, server, {"until": "exit_intent"})
        page.evaluate(
            "document.documentElement.dispatchEvent("
            "new MouseEvent('mouseout', {bubbles: true, clientY: -1, relatedTarget: null}))"
        )
        self.confirmed(page, server)

    def test_until_on_the_page_for_a_while_which_a_change_of_route_begins_anew(
        self, page: Any, server: FakeServer
    ) -> None:
        self.waiting_while_time_stands_still(page, server, {"until": "on_page", "seconds": 1})
        page.clock.run_for(500)
        page.evaluate("history.pushState({}, '', '/else')")
        page.clock.run_for(700)
        page.wait_for_timeout(200)
        assert page.locator("waypost-guide").count() == 0
        assert server.confirmed == []
        self.passing(page, server)

    def test_until_some_time_has_passed(self, page: Any, server: FakeServer) -> None:
        self.waiting_while_time_stands_still(page, server, {"until": "elapsed", "seconds": 0.6})
        page.clock.run_for(500)
        page.wait_for_timeout(200)
        assert page.locator("waypost-guide").count() == 0
        self.passing(page, server)

    def test_a_wait_that_a_newer_server_invented_shows_nothing(self, page: Any, server: FakeServer) -> None:
        self.waiting(page, server, {"until": "full_moon"})
        page.wait_for_timeout(300)
        assert page.locator("waypost-guide").count() == 0
