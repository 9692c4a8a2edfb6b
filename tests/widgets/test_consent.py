"""Before a visitor agrees nothing leaves the browser and nothing is stored; after a no, neither."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown
from tests.widgets.fake_server import FakeServer, name_of

pytestmark = pytest.mark.browser

STORED = "Object.keys(localStorage).concat(Object.keys(sessionStorage)).concat(document.cookie || [])"
NO = "waypost:wp_pub_test:out"


def names(server: FakeServer) -> list[str]:
    return [name_of(message) for message in server.messages]


def asks_first(server: FakeServer) -> None:
    server.script_attributes = 'data-consent="pending"'


class TestPending:
    def test_nothing_is_sent_stored_or_loaded(self, page: Any, server: FakeServer) -> None:
        asks_first(server)
        opened(page, server)
        page.evaluate("waypost.identify('u1', {plan: 'trial'}); waypost.track('Asked'); waypost.show('tour')")
        page.locator("#dead").click()
        page.wait_for_timeout(400)
        assert page.evaluate("waypost.debug(false).consent") == "pending"
        opened(page, server, "/next")
        page.wait_for_timeout(200)
        assert (server.batches, server.asked, server.confirmed) == ([], [], [])
        assert page.evaluate(STORED) == []
        assert [path for path in server.loaded if path.startswith("/sdk/")] == ["/sdk/waypost.js"] * 2

    def test_a_yes_sends_what_happened_on_this_page_and_is_remembered(self, page: Any, server: FakeServer) -> None:
        asks_first(server)
        server.answer("Asked", decision(example("slideout")))
        opened(page, server)
        page.evaluate("waypost.identify('u1'); waypost.track('Asked')")
        page.wait_for_timeout(200)
        page.evaluate("waypost.optIn()")
        shown(page)
        assert names(server)[:3] == ["$page", "$identify", "Asked"]
        first = server.messages[0]["anonymousId"]
        opened(page, server, "/next")
        server.wait_for(lambda: names(server).count("$page") == 2)
        assert server.messages[-1]["anonymousId"] == first
        assert page.evaluate("waypost.debug(false).consent") == "granted"

    def test_a_no_forgets_what_waited_and_is_all_that_is_stored(self, page: Any, server: FakeServer) -> None:
        asks_first(server)
        opened(page, server)
        page.evaluate("waypost.track('Asked'); waypost.optOut(); waypost.track('Asked again')")
        opened(page, server, "/next")
        page.wait_for_timeout(300)
        assert server.batches == []
        assert page.evaluate(STORED) == [NO]
        assert page.evaluate("waypost.debug(false).consent") == "denied"

    def test_without_page_views_guidance_is_asked_for_after_the_yes(self, page: Any, server: FakeServer) -> None:
        server.script_attributes = 'data-consent="pending" data-pages="off"'
        opened(page, server)
        page.wait_for_timeout(200)
        assert server.asked == []
        page.evaluate("waypost.optIn()")
        server.wait_for(lambda: server.asked)

    def test_a_page_that_goes_away_leaves_nothing(self, page: Any, server: FakeServer) -> None:
        asks_first(server)
        opened(page, server)
        page.evaluate("addEventListener('pagehide', () => waypost.track('Left'))")
        page.goto(server.page + "/?page=bare")
        page.wait_for_timeout(300)
        assert server.batches == []


class TestDenied:
    def test_a_visitor_who_takes_it_back_leaves_nothing_behind(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(example("tour")))
        server.clicks = [{"event": "Clicked", "selector": "#dead", "page": None}]
        opened(page, server)
        shown(page)
        assert len(page.evaluate(STORED)) > 1
        said_no = page.evaluate("waypost.optOut(); new Date().toISOString()")
        page.wait_for_function("() => !document.querySelector('waypost-guide')")
        server.wait_for(lambda: page.evaluate(STORED) == [NO])
        page.locator("#dead").click()
        page.wait_for_timeout(300)
        assert page.evaluate(STORED) == [NO]
        # What was on its way before may come in later.
        assert [name_of(each) for each in server.messages if each["timestamp"] > said_no] == []

    def test_nothing_stays_behind_either_where_the_drawing_cannot_be_loaded(
        self, page: Any, server: FakeServer
    ) -> None:
        asked: list[Any] = []

        def hold(route: Any) -> None:
            asked.append(route)

        page.route("**/sdk/drawing*", hold)
        server.answer("$page", decision(example("tour")))
        opened(page, server)
        page.evaluate("sessionStorage.setItem('waypost:kept', '{}')")
        server.wait_for(lambda: page.wait_for_timeout(20) or asked)
        page.evaluate("waypost.optOut()")
        asked[0].abort()
        page.wait_for_function("() => waypost.debug(false).faults.length")
        page.wait_for_timeout(100)
        assert page.evaluate(STORED) == [NO]

    def test_the_page_can_say_no_for_now(self, page: Any, server: FakeServer) -> None:
        server.script_attributes = 'data-consent="denied"'
        opened(page, server)
        page.evaluate("waypost.track('Asked')")
        page.wait_for_timeout(300)
        assert server.batches == []
        assert page.evaluate(STORED) == []

    def test_a_yes_after_a_no_begins_with_this_page(self, page: Any, server: FakeServer) -> None:
        server.script_attributes = 'data-consent="denied"'
        opened(page, server)
        page.evaluate("waypost.track('Before'); waypost.optIn(); waypost.track('After')")
        server.wait_for(lambda: names(server) == ["$page", "After"])

    def test_the_other_tabs_hear_of_it(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        other = page.context.new_page()
        opened(other, server, "/other")
        server.wait_for(lambda: len(server.messages) == 2)
        other.evaluate("waypost.optOut()")
        page.wait_for_function("() => waypost.debug(false).consent === 'denied'")
        page.evaluate("waypost.track('Asked')")
        page.wait_for_timeout(300)
        assert names(server) == ["$page", "$page"]

    def test_a_storage_that_refuses_to_store_does_not_turn_a_no_into_a_yes(self, page: Any, server: FakeServer) -> None:
        page.add_init_script("Storage.prototype.setItem = () => { throw new Error('full') }")
        opened(page, server)
        server.wait_for(lambda: names(server) == ["$page"])
        page.evaluate("waypost.optOut(); waypost.track('Asked')")
        page.wait_for_timeout(300)
        assert names(server) == ["$page"]
        page.evaluate("waypost.optIn(); waypost.track('Asked')")
        server.wait_for(lambda: "Asked" in names(server))


class TestWhoObjectsToBeingWatched:
    """Do Not Track and Global Privacy Control are about behaviour, not about what the page reports itself."""

    @pytest.mark.parametrize("said", ["globalPrivacyControl', {value: true}", "doNotTrack', {value: '1'}"])
    def test_neither_sensors_nor_clicks_are_watched_and_calls_count(
        self, page: Any, server: FakeServer, said: str
    ) -> None:
        server.clicks = [{"event": "Clicked", "selector": "#dead", "page": None}]
        page.add_init_script(f"Object.defineProperty(navigator, '{said})")
        opened(page, server)
        server.wait_for(lambda: server.messages)
        page.locator("#dead").click()
        page.evaluate("waypost.track('Reported')")
        server.wait_for(lambda: "Reported" in names(server))
        page.wait_for_timeout(300)
        assert names(server) == ["$page", "Reported"]
        assert all("revision" not in batch for batch in server.batches), "nor are clicks asked for"
