"""When the sensors are loaded: where nobody does anything there is the core alone, and no sign is lost by that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.widgets.browser import opened
from tests.widgets.fake_server import FakeServer
from tests.widgets.sensing import add, at_work, begin, click_quickly, come, loads, signals, told

pytestmark = pytest.mark.browser

TEMPLATE = "<!doctype html><title>Standing</title><!-- head --><main>{}</main>"
CARD = "document.querySelector('x-card').attachShadow({mode: 'open'}).innerHTML = '<p role=alert>Your card expires</p>'"


def parts(server: FakeServer) -> list[str]:
    return [path.removeprefix("/sdk/") for path in server.loaded if path.startswith("/sdk/")]


LOADED = "() => performance.getEntriesByType('resource').map((each) => each.name)"

SLOWLY_FOUND = """
window.looks = 0;
const find = Document.prototype.querySelector;
Document.prototype.querySelector = function (selector) {
  if (selector.includes("role=alert")) {
    window.looks += 1;
    for (const until = performance.now() + 5; performance.now() < until; );
  }
  return find.call(this, selector);
};
addEventListener("load", () => setInterval(() => { document.title = String(performance.now()); }, 50));
"""
"""A page on which it takes five milliseconds to look for messages, and which changes twenty times a second."""


@contextmanager
def held(page: Any, what: str = "**/sdk/sensors-*") -> Iterator[None]:
    """The sensors, or another file, arrive at the end of this."""
    waiting: list[Any] = []

    def wait(route: Any) -> None:
        waiting.append(route)

    page.route(what, wait)
    yield
    page.wait_for_timeout(200)
    for _ in range(300):
        if waiting:
            break
        page.wait_for_timeout(100)
    assert waiting, f"it was never asked for; what was: {page.evaluate(LOADED)}"
    for route in waiting:
        route.continue_()
    page.unroute(what)


class TestAPageWhereNobodyDoesAnything:
    def test_loads_the_core_alone(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        server.wait_for(lambda: server.messages)
        page.mouse.move(200, 200)
        page.mouse.move(700, 500, steps=20)
        page.evaluate("document.getElementById('note').focus(); document.getElementById('dead').click()")
        page.evaluate(
            "scrollTo(0, 300); document.querySelector('main').append('More'); history.pushState({}, '', '/on')"
        )
        page.wait_for_timeout(1500)
        assert parts(server) == ["waypost.js"]

    @pytest.mark.parametrize("act", ["press", "key", "shake"])
    def test_loads_the_sensors_with_the_first_thing_that_is_done(self, page: Any, server: FakeServer, act: str) -> None:
        opened(page, server)
        match act:
            case "press":
                page.locator("h1").click()
            case "key":
                page.keyboard.press("Tab")
            case _:
                for turn in range(8):
                    page.mouse.move(300 + 200 * (turn % 2), 300, steps=3)
        server.wait_for(lambda: loads(server) == 1)


@pytest.mark.thorough
class TestWhatHappensBeforeTheyAreThere:
    def test_the_first_clicks_of_a_page_are_rage(self, page: Any, server: FakeServer) -> None:
        page.clock.install()
        opened(page, server)
        with held(page):
            click_quickly(page, "#dead", 3)
        found = told(server, "$rage_click")
        assert (found["selector"], found["evidence"]["clicks"]) == ("#dead", 3)
        page.clock.fast_forward(2800)
        page.wait_for_timeout(200)
        assert "$dead_click" not in signals(server), "nobody saw what came of it"

    def test_the_first_click_in_a_shadow_root_is_on_what_is_in_it(self, page: Any, server: FakeServer) -> None:
        page.clock.install()
        opened(page, server)
        add(page, "<x-card></x-card>", CARD.replace("<p role=alert>Your card expires</p>", "<button id=in>Go</button>"))
        with held(page):
            click_quickly(page, "#in", 4)
        assert told(server, "$rage_click")["selector"] == "#in"

    def test_the_first_click_of_a_page_meets_an_error_and_is_tried_again(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        with held(page):
            page.locator("#broken").click()
            page.wait_for_timeout(350)
            page.locator("#broken").click()
        assert told(server, "$error_click")["selector"] == "#broken"
        assert told(server, "$retry")["evidence"]["because"] == "error"

    def test_a_form_is_begun_in_the_field_that_the_page_chose(self, page: Any, server: FakeServer) -> None:
        server.body = TEMPLATE.format("<form id=f><input id=a autofocus><button>Send</button></form>")
        with held(page):
            come(page, server, "/in")
            page.wait_for_function("() => document.activeElement.id === 'a'")
            page.keyboard.type("Ada")
            page.wait_for_function("() => document.activeElement.value === 'Ada'")
        at_work(page, server)
        page.goto(server.page + "/elsewhere?page=bare")
        assert told(server, "$form_abandoned")["evidence"]["last"] == "#a"


class TestMessages:
    def test_one_that_appears_is_told_though_nobody_did_anything(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        # The core begins to look out when the page is quiet: what stands there by then did not appear.
        page.evaluate("() => new Promise((done) => requestIdleCallback(() => done()))")
        page.wait_for_timeout(400)
        assert loads(server) == 0
        add(page, "<p id=no role=alert>Your data could not be loaded</p>")
        found = told(server, "$error_shown")
        assert (found["selector"], found["evidence"].get("after_ms")) == ("#no", None)

    @pytest.mark.thorough
    def test_a_large_page_that_is_always_at_work_is_looked_through_once_a_second(
        self, page: Any, server: FakeServer
    ) -> None:
        page.add_init_script(SLOWLY_FOUND)
        opened(page, server)
        page.wait_for_function("() => window.looks > 1")
        before = page.evaluate("looks")
        page.wait_for_timeout(3500)
        assert page.evaluate("looks") - before <= 5, "thirty times, were each change looked at"
        add(page, "<p id=no role=alert>Your data could not be loaded</p>")
        assert told(server, "$error_shown")["selector"] == "#no"

    def test_those_that_stand_there_from_the_start_did_not_appear(self, page: Any, server: FakeServer) -> None:
        server.body = TEMPLATE.format(f"<p role=alert>Your plan ends</p><x-card></x-card><script>{CARD}</script>")
        begin(page, server, "/standing")
        page.locator("main").click()
        page.wait_for_timeout(700)
        assert signals(server) == []

    @pytest.mark.thorough
    @pytest.mark.parametrize("acts", [False, True], ids=["and nobody acts", "and somebody acts"])
    def test_those_of_a_page_that_is_still_arriving_did_not_appear(
        self, page: Any, server: FakeServer, acts: bool
    ) -> None:
        late = "<link rel=stylesheet href=/thrown.css><script></script><p role=alert>Your plan ends</p>"
        server.body = TEMPLATE.format(f"<p>Wait</p>{late}")
        with held(page, "**/thrown.css"):
            page.goto(server.page + "/standing", wait_until="commit")
            server.wait_for(lambda: server.messages)
            if acts:
                page.keyboard.press("Shift")
                server.wait_for(lambda: loads(server))
            page.wait_for_timeout(300)
        page.get_by_text("Your plan ends").wait_for()
        page.wait_for_timeout(600)
        assert signals(server) == []
