"""Clicks that rules make events of, and the panel that `debug()` opens."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown
from tests.widgets.fake_server import FakeServer
from tests.widgets.sensing import at_work


@pytest.mark.browser
class TestClicks:
    CLICKS = (
        {"event": "Asked a colleague", "selector": "#dead", "page": "/domains/*"},
        {"event": "Used an action", "selector": ".actions button", "page": None},
        {"event": "Elsewhere", "selector": "#dead", "page": "/settings"},
        {"event": "Nonsense", "selector": "##", "page": None},
    )

    def watched(self, page: Any, server: FakeServer) -> None:
        server.clicks = list(self.CLICKS)
        opened(page, server)
        at_work(page, server, "clicks")

    def clicks(self, server: FakeServer) -> list[str]:
        return [name for name, _ in server.events("") if not name.startswith("$")]

    def test_a_click_is_an_event_and_nothing_of_the_element_is_told(self, page: Any, server: FakeServer) -> None:
        self.watched(page, server)
        page.locator("#dead").click()
        server.wait_for(lambda: len(self.clicks(server)) == 2)
        assert self.clicks(server) == ["Asked a colleague", "Used an action"]
        (message,) = [each for each in server.messages if each.get("event") == "Asked a colleague"]
        assert message["properties"] == {}
        assert "Send to a colleague" not in json.dumps(message)

    def test_it_wakes_guidance_like_any_event(self, page: Any, server: FakeServer) -> None:
        server.answer("Asked a colleague", decision(example("slideout")))
        self.watched(page, server)
        page.locator("#dead").click()
        shown(page)

    def test_a_click_on_a_part_of_it_and_in_a_shadow_root_counts(self, page: Any, server: FakeServer) -> None:
        server.clicks = [{"event": "Opened", "selector": "x-menu", "page": None}]
        opened(page, server)
        page.evaluate(
            "() => { const menu = document.createElement('x-menu'); document.querySelector('main').append(menu);"
            "menu.attachShadow({mode: 'open'}).innerHTML = '<button id=inner><b>Menu</b></button>' }"
        )
        at_work(page, server, "clicks")
        page.locator("#inner b").click()
        server.wait_for(lambda: self.clicks(server) == ["Opened"])

    def test_a_click_by_a_script_is_nobody_s(self, page: Any, server: FakeServer) -> None:
        self.watched(page, server)
        page.evaluate("document.querySelector('#dead').click()")
        page.wait_for_timeout(300)
        assert self.clicks(server) == []

    def test_they_are_known_on_the_next_page_and_told_again_only_when_they_change(
        self, page: Any, server: FakeServer
    ) -> None:
        self.watched(page, server)
        assert server.batches[0]["revision"] == ""
        server.clicks = [{"event": "New", "selector": "#dead", "page": None}]
        opened(page, server, "/domains/other")
        server.wait_for(lambda: len(server.batches) == 2)
        assert server.batches[1]["revision"] == "r1"
        at_work(page, server, "clicks")
        page.locator("#dead").click()
        server.wait_for(lambda: "Asked a colleague" in self.clicks(server))
        server.revision = "r2"
        opened(page, server, "/domains/third")
        page.wait_for_function(
            "() => Object.entries(localStorage).some(([key, known]) => /:clicks$/.test(key) && known.includes('r2'))"
        )
        at_work(page, server, "clicks")
        page.locator("#dead").click()
        server.wait_for(lambda: "New" in self.clicks(server))

    def test_they_are_sent_where_the_sensors_are_off(self, page: Any, server: FakeServer) -> None:
        server.script_attributes = 'data-sensors="off"'
        self.watched(page, server)
        page.locator("#dead").click()
        server.wait_for(lambda: "Asked a colleague" in self.clicks(server))

    def test_rules_without_any_load_nothing(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        server.wait_for(lambda: server.messages)
        page.wait_for_timeout(300)
        assert not any(path.startswith("/sdk/clicks") for path in server.loaded)


@pytest.mark.browser
class TestPanel:
    PANEL = "waypost-debug"

    def test_it_says_who_where_and_why(self, page: Any, server: FakeServer) -> None:
        server.explained = {
            "considered": [{"guide": "verify_help", "reason": "NOT_AT_STEP", "meaning": "The user is at none."}],
            "standing": {"activation": "verify_domain", "billing": None},
        }
        opened(page, server)
        page.evaluate("waypost.identify('u1', {}, {token: 't'}); waypost.group('acme')")
        report = page.evaluate("waypost.debug()")
        assert (report["userId"], report["groupId"], report["consent"]) == ("u1", "acme", "granted")
        panel = page.locator(self.PANEL)
        panel.get_by_text("verify_help").wait_for()
        text = panel.locator(".panel").inner_text()
        for each in (
            "u1 (with a token)",
            "acme",
            "/domains/verify",
            "verify_domain",
            "NOT_AT_STEP",
            "The user is at none.",
        ):
            assert each in text
        assert [body["explain"] for body in server.asked] == [True]

    def test_it_looks_again_closes_and_is_there_once(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        page.evaluate("waypost.debug()")
        panel = page.locator(self.PANEL)
        panel.get_by_role("button", name="Look again").click()
        server.wait_for(lambda: len(server.asked) == 2)
        page.evaluate("waypost.debug()")
        server.wait_for(lambda: len(server.asked) == 3)
        page.wait_for_timeout(100)
        assert panel.count() == 1
        panel.get_by_role("button", name="Close").click()
        panel.wait_for(state="detached")

    def test_a_page_that_may_not_ask_says_who_lets_it(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        page.route("**/v1/decide", lambda route: route.abort())
        page.evaluate("waypost.debug()")
        page.locator(self.PANEL).get_by_text(f"waypost keys allow {server.page}").wait_for()

    def test_a_public_page_says_where_reasons_are_told(self, page: Any, server: FakeServer) -> None:
        server.explained = {"considered": [], "standing": None}
        opened(page, server)
        page.evaluate("waypost.debug()")
        page.locator(self.PANEL).get_by_text("environment for development").wait_for()

    def test_it_is_loaded_only_when_it_is_asked_for_and_stays_out_of_the_statistics(
        self, page: Any, server: FakeServer
    ) -> None:
        opened(page, server)
        page.evaluate("waypost.debug(false)")
        page.wait_for_timeout(200)
        assert not any(path.startswith("/sdk/panel") for path in server.loaded)
        page.evaluate("waypost.debug()")
        page.locator(self.PANEL).get_by_role("button", name="Close").click(click_count=1)
        page.wait_for_timeout(2800)
        assert [name for name, _ in server.events()] == []
