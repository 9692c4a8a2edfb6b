"""What a recorder does with the answers of the server, and when recording would cost too much."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.widgets.browser import opened
from tests.widgets.fake_server import STRICT_POLICY, FakeServer, Fault
from tests.widgets.packages import from_lock
from tests.widgets.recording import (
    BROKEN_LATER,
    PATCHED,
    act,
    await_recording,
    begin,
    chunks,
    events,
    look,
    moment,
    skipped,
    takes_no_time,
    until,
)
from tests.widgets.test_hostile_globals import LIBRARIES

browser = [pytest.mark.browser, pytest.mark.thorough]


@pytest.fixture
def page(page: Any) -> Any:
    """A page on which recording takes no time."""
    takes_no_time(page)
    return page


class TestAnswers:
    pytestmark = browser

    @pytest.mark.parametrize(
        ("fault", "comes_again"),
        [
            (Fault(status=429, headers={"Retry-After": "40"}), True),
            (Fault(status=503), True),
            (Fault(drops=True), True),
            (Fault(status=200, body=b"no JSON"), True),
            (Fault(status=403), False),
            (Fault(status=410), False),
            (Fault(status=413), False),
            (Fault(status=400), False),
            (Fault(status=409), False),
        ],
        ids=["429", "503", "no answer", "no JSON", "403", "410", "413", "400", "409"],
    )
    def test_what_the_server_answers(self, page: Any, server: FakeServer, fault: Fault, comes_again: bool) -> None:
        begin(page, server)
        server.replay_fault = fault
        moment(page)
        until(page, server, lambda: server.replay_bodies)
        page.wait_for_timeout(50)
        look(page, 1)
        if fault.status == 429:
            count = len(server.replay_bodies)
            look(page, 30)
            assert len(server.replay_bodies) == count, "as long as it says"
        if fault.status == 409:
            until(page, server, lambda: len(server.replay_bodies) == 1)
            for _ in range(4):
                look(page, 5)
            until(page, server, lambda: len(server.replay_bodies) == 3)
            page.wait_for_timeout(50)
        server.replay_fault = None
        act(page, "afterwards")
        for _ in range(8):
            look(page, 10)
            page.wait_for_timeout(30)
        if comes_again:
            until(page, server, lambda: chunks(server) and chunks(server)[-1]["last"])
            assert [chunk["chunk"] for chunk in chunks(server)] == list(range(len(chunks(server))))
            assert skipped(server) == []
            return
        assert server.replays == []
        assert (page.evaluate(PATCHED) == 0) == (fault.status in (403, 410))
        moment(page)
        look(page, 10)
        page.wait_for_timeout(100)
        if fault.status in (403, 410):
            assert server.replays == [], "not on this page"
        else:
            until(page, server, lambda: server.replays)
            assert chunks(server)[0]["chunk"] == 0, "that recording alone is lost"
            reasons = ["too_large"] * (fault.status != 409)
            until(page, server, lambda: [each["reason"] for each in skipped(server)] == reasons)


class TestCost:
    pytestmark = browser

    def many(self, count: int) -> str:
        return f"<!doctype html><head><!-- head --></head><body><main>{'<i></i>' * count}</main></body>"

    def refused(self, page: Any, server: FakeServer) -> dict[str, Any]:
        """What is told of a page that is not recorded; it is told once, and nothing is sent."""
        (found,) = until(page, server, lambda: skipped(server))
        for _ in range(3):
            moment(page)
            look(page, 6)
        assert skipped(server) == [found]
        assert server.replay_bodies == []
        assert page.evaluate(PATCHED) == 0
        return found

    def visit(self, page: Any, server: FakeServer) -> None:
        server.record = "moments"
        page.clock.install()
        opened(page, server)
        until(page, server, lambda: any(path.startswith("/sdk/replay") for path in server.loaded))
        page.clock.run_for(200)

    def test_a_page_of_more_than_15000_elements_is_not_recorded(self, page: Any, server: FakeServer) -> None:
        server.body = self.many(15_001)
        self.visit(page, server)
        found = self.refused(page, server)
        assert found["reason"] == "too_many_elements"
        assert found["elements"] > 15_000

    def test_a_page_that_grows_beyond_is_not_recorded_any_more(self, page: Any, server: FakeServer) -> None:
        server.body = self.many(100)
        self.visit(page, server)
        await_recording(page, server)
        page.evaluate("document.querySelector('main').innerHTML = '<b></b>'.repeat(15001)")
        look(page, 6)
        assert self.refused(page, server)["reason"] == "too_many_elements"

    def test_a_page_that_changes_much_and_stays_small_is_recorded(self, page: Any, server: FakeServer) -> None:
        server.body = self.many(1_000)
        self.visit(page, server)
        await_recording(page, server)
        for _ in range(16):
            page.evaluate("document.querySelector('main').innerHTML = '<b></b>'.repeat(1000)")
        look(page, 6)
        moment(page)
        until(page, server, lambda: events(server))
        assert skipped(server) == []

    def test_a_page_that_takes_too_long_to_write_down_is_not_recorded(self, page: Any, server: FakeServer) -> None:
        server.body = self.many(10).replace("</main>", "<img></main>")
        page.add_init_script(
            "{ const own = Element.prototype.getBoundingClientRect; const now = performance.now.bind(performance);"
            "Element.prototype.getBoundingClientRect = function () { performance.now = () => now() + 1500;"
            "return own.call(this); } }"
        )
        self.visit(page, server)
        assert self.refused(page, server)["reason"] == "too_slow"

    def test_a_browser_that_cannot_make_data_small_does_not_record(self, page: Any, server: FakeServer) -> None:
        page.add_init_script("delete window.CompressionStream")
        self.visit(page, server)
        assert self.refused(page, server) == {"reason": "unsupported"}

    def test_a_strict_policy_is_no_obstacle(self, page: Any, server: FakeServer) -> None:
        server.policy = STRICT_POLICY
        begin(page, server, "sessions")
        page.evaluate("document.body.style.color = 'red'; document.querySelector('h1').style.setProperty('--x', '1px')")
        page.evaluate("document.body.style.cssText = 'color: blue; margin: 0'")
        look(page, 6)
        until(page, server, lambda: "blue" in json.dumps(events(server)))
        assert page.complaints.console == []

    @pytest.mark.node
    @pytest.mark.parametrize("file", ["/built/zone.js/bundles/zone.umd.js", "/as_prototype_js.js"])
    def test_libraries_that_replace_what_the_language_has_are_none_either(
        self, page: Any, server: FakeServer, request: pytest.FixtureRequest, file: str
    ) -> None:
        server.built = from_lock(request, LIBRARIES)
        server.head = f'<script src="{file}"></script>'
        server.record = "sessions"
        opened(page, server)
        server.wait_for(lambda: events(server))
        act(page, "beside it")
        server.wait_for(lambda: "xxxxxx xx" in json.dumps(events(server)[2:]))
        page.goto("about:blank")
        server.wait_for(lambda: any(chunk["last"] for chunk in server.replays))
        assert [event["type"] for event in events(server)[:2]] == [4, 2]
        assert page.complaints.console == []

    def test_what_breaks_under_it_is_not_thrown_into_the_page(self, page: Any, server: FakeServer) -> None:
        begin(page, server, "sessions")
        for path in BROKEN_LATER:
            owner, _, name = path.rpartition(".")
            page.evaluate(
                f"""() => new Promise((done) => {{
                  const wait = setTimeout, add = (text) => document.querySelector("main").append(text);
                  const own = {owner}.{name};
                  {owner}.{name} = () => {{ throw new Error("broken") }};
                  add("one");
                  document.querySelector("h1").className += " a";
                  document.querySelector("#note").dispatchEvent(new Event("input", {{ bubbles: true }}));
                  Promise.resolve().then(() => {{ {owner}.{name} = own; done(); }});
                }})"""
            )
            look(page, 6)
        assert page.complaints.uncaught == []

    def test_the_page_hears_its_own_mistakes_while_it_is_recorded(self, page: Any, server: FakeServer) -> None:
        begin(page, server, "sessions")
        assert page.evaluate(PATCHED) > 0
        named: Callable[[str], Any] = lambda code: page.evaluate(  # noqa: E731
            f"() => {{ try {{ {code}; return null }} catch (fault) {{ return fault.name }} }}"
        )
        assert named("new CSSStyleSheet().insertRule('a {', 9)") == "IndexSizeError"
        assert named("new CSSStyleSheet().insertRule('<<', 0)") == "SyntaxError"
        assert (
            named("document.body.attachShadow({mode: 'open'}).host.attachShadow({mode: 'open'})") == "NotSupportedError"
        )
        assert named("document.styleSheets[0].insertRule('u { color: red }')") is None
        assert page.evaluate("document.styleSheets[0].cssRules[0].selectorText") == "u"
