"""Signs of friction over pages and time: messages that appear, tries, circles, quick ways back, a shaken pointer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.widgets.browser import opened
from tests.widgets.fake_server import FakeServer
from tests.widgets.sensing import add, at_work, begin, come, go, loads, play, signals, stand_still, told

pytestmark = pytest.mark.browser

LOOK_MS = 400
"""As long as a page is left alone until it is asked for messages, and some more."""


def look(page: Any) -> None:
    page.clock.run_for(LOOK_MS)
    page.wait_for_timeout(100)


FORM = "<form id=f><input id=a required><button id=send>Send</button></form>"
REFUSE = (
    "f.onsubmit = (e) => { e.preventDefault(); f.insertAdjacentHTML('beforeend', '<p role=alert>No such user</p>') }"
)


class TestErrorShown:
    def test_all_messages_of_one_moment_are_one_signal_that_says_nothing_of_them(
        self, watched: Any, server: FakeServer
    ) -> None:
        add(watched, "<div id=box role=alert></div><input id=a><input id=b>")
        look(watched)
        assert signals(server) == []
        watched.locator("#a").click()
        watched.evaluate("box.textContent = 'Secret word'; a.ariaInvalid = 'true'; b.ariaInvalid = 'true'")
        look(watched)
        found = told(server, "$error_shown")
        evidence = found["evidence"]
        assert found["selector"] == "#box"
        assert (evidence["messages"], evidence["alerts"], evidence["fields"]) == (3, 1, 2)
        assert evidence["selectors"] == ["#box", "#a", "#b"]
        assert "Secret" not in json.dumps(server.batches)
        watched.clock.fast_forward(6000)
        watched.evaluate("box.textContent = 'Another'")
        look(watched)
        server.wait_for(lambda: signals(server).count("$error_shown") == 2)

    def test_in_a_shadow_root_and_in_the_browser_s_own_bubble(self, watched: Any, server: FakeServer) -> None:
        add(watched, "<x-toast></x-toast>" + FORM, "document.querySelector('x-toast').attachShadow({mode: 'open'})")
        watched.clock.run_for(300)
        watched.evaluate("document.querySelector('x-toast').shadowRoot.innerHTML = '<p id=toast role=alert>No</p>'")
        look(watched)
        assert told(server, "$error_shown")["selector"] == "#toast"
        watched.locator("#send").click()
        server.wait_for(lambda: signals(server).count("$error_shown") == 2)
        assert [each["selector"] for name, each in server.events() if name == "$error_shown"] == ["#toast", "#a"]

    def test_what_appears_and_is_no_error(self, watched: Any, server: FakeServer) -> None:
        for html in (
            "<p role=alert></p>",
            "<p role=alert hidden>Not yet</p>",
            "<p role=alert class=alert-success>Saved</p>",
            "<p role=alert style='position:absolute;width:1px;height:1px;overflow:hidden'>Domains</p>",
            "<p role=status>Saving</p>",
            "<input aria-invalid=false>",
            "<div data-waypost-ignore><p role=alert>Private</p></div>",
        ):
            watched.evaluate(f"document.body.insertAdjacentHTML('beforeend', `{html}`)")
            look(watched)
            assert signals(server) == [], html

    def test_one_that_stands_there_from_the_start_counts_only_after_a_form_was_sent(
        self, page: Any, server: FakeServer
    ) -> None:
        page.clock.install()
        body = "<!doctype html><title>In</title><!-- head --><main><form id=f action=/in><input id=a name=a>"
        server.body = body + "<button id=send>In</button></form><p id=no role=alert>Wrong</p></main>"
        begin(page, server, "/in")
        look(page)
        assert signals(server) == []
        play(page, "click #a; type x; click #send")
        page.wait_for_url("**/in?a=x")
        page.clock.run_for(3100)
        server.wait_for(lambda: loads(server) > 1)
        at_work(page, server)
        look(page)
        assert told(server, "$error_shown")["selector"] == "#no"
        play(page, "click #a; type y; click #send")
        assert told(server, "$retry")["evidence"]["because"] == "message"


class TestRetry:
    def test_a_form_that_is_sent_again_after_a_message(self, watched: Any, server: FakeServer) -> None:
        add(watched, FORM, REFUSE)
        play(watched, "click #a; type x; click #send")
        look(watched)
        play(watched, "wait 6000; click #a; type y; click #send")
        found = told(server, "$retry")
        assert (found["selector"], found["evidence"]["attempts"], found["evidence"]["because"]) == ("#f", 2, "message")
        assert found["evidence"]["again_after_ms"] >= 6000

    def test_a_button_after_an_error_and_one_after_a_request_that_was_refused(
        self, page: Any, server: FakeServer
    ) -> None:
        begin(page, server)
        page.locator("#broken").click()
        page.wait_for_timeout(400)
        page.locator("#broken").click()
        assert told(server, "$retry")["evidence"]["because"] == "error"
        add(page, "<button id=load>Load</button>", "load.onclick = () => void fetch('/sdk-no/missing.json?js=.css')")
        page.evaluate("load.onclick = () => void fetch('/nothing-here.js')")
        page.locator("#load").click()
        page.wait_for_function("() => performance.getEntriesByName(`${location.origin}/nothing-here.js`).length > 0")
        page.wait_for_timeout(500)
        page.locator("#load").click()
        server.wait_for(lambda: signals(server).count("$retry") == 2)
        (_, retry) = [each for name, each in server.events() if name == "$retry"]
        assert (retry["selector"], retry["evidence"]["status"]) == ("#load", 404)
        page.complaints.console.clear()

    def test_what_worked_or_is_another_thing_is_no_retry(self, watched: Any, server: FakeServer) -> None:
        add(watched, FORM + "<button id=other>Other</button>", "f.onsubmit = (e) => e.preventDefault()")
        play(watched, "click #a; type x; click #send; wait 1000; click #send")
        watched.evaluate("f.insertAdjacentHTML('beforeend', '<p role=alert>No</p>')")
        look(watched)
        play(watched, "click #other; wait 200000; click #send")
        watched.wait_for_timeout(150)
        assert "$retry" not in signals(server)


PASSED = "history.pushState({}, '', '/redirect'); setTimeout(() => history.pushState({}, '', '/c'), 30); null"


class TestPages:
    def test_a_circle_of_routes(self, watched: Any, server: FakeServer) -> None:
        for path in ("/a", "/b", "/a", "/b", "/a"):
            watched.clock.fast_forward(8000)
            go(watched, path)
        found = told(server, "$loop")
        assert found["page"] == {"path": "/b"}
        assert (found["evidence"]["pages"], found["evidence"]["rounds"]) == (2, 2)
        assert [view["path"] for view in found["evidence"]["trail"]][-4:] == ["/a", "/b", "/a", "/b"]
        watched.wait_for_timeout(100)
        assert signals(server) == ["$loop"], "told once"

    def test_a_circle_and_a_quick_way_back_over_page_loads(self, page: Any, server: FakeServer) -> None:
        for path in ("/a", "/b"):
            come(page, server, path)
            page.wait_for_timeout(350)
        page.go_back()
        found = told(server, "$quick_back")
        assert (found["page"], found["evidence"]["back_to"]) == ({"path": "/b"}, "/a")
        page.wait_for_timeout(350)
        come(page, server, "/b")
        assert [view["path"] for view in told(server, "$loop")["evidence"]["trail"]] == ["/a", "/b", "/a", "/b"]

    def test_what_is_no_quick_way_back_and_no_circle(self, watched: Any, server: FakeServer) -> None:
        walks = {
            "after a long read": ["/a", 9000, "/b", 9000, "/a"],
            "several items of a list": ["/list", 9000, "/1", 9000, "/list", 9000, "/2", 9000, "/list"],
            "passed on the way": ["/c", 9000, PASSED, "/c", 9000, "/d"],
            "filters of one page": ["/e?x=1", 400, "/e?x=2", 400, "/e?x=1", 400, "/e?x=2"],
            "slowly": ["/f", 70_000, "/g", 70_000, "/f", 70_000, "/g"],
        }
        for what, walk in walks.items():
            for step in walk:
                if step == PASSED:
                    watched.evaluate(PASSED)
                elif isinstance(step, str):
                    go(watched, step)
                else:
                    watched.clock.fast_forward(step)
            watched.wait_for_timeout(80)
            assert signals(server) == [], what
            watched.clock.fast_forward(9000)
        go(watched, "/h")
        watched.clock.fast_forward(9000)
        go(watched, "/edit")
        play(watched, "click #note; type done; wait 1000")
        go(watched, "/h")
        watched.wait_for_timeout(80)
        assert signals(server) == [], "something was done there"

    def test_storage_that_throws_is_borne(self, page: Any, server: FakeServer) -> None:
        page.add_init_script("Storage.prototype.setItem = Storage.prototype.getItem = () => { throw new Error('no') }")
        opened(page, server)
        for path in ("/a", "/b", "/a", "/b"):
            page.wait_for_timeout(320)
            go(page, path)
        told(server, "$loop")


def shake(page: Any, *, down: bool = False, x: int = 300, y: int = 500) -> None:
    """To and fro a dozen times in half a second, on a clock that stands still in between."""
    page.mouse.move(x, y)
    if down:
        page.mouse.down()
    for turn in range(12):
        for step in (1, 2):
            page.clock.run_for(20)
            page.mouse.move(x + (120 * step if turn % 2 == 0 else 240 - 120 * step), y)
    if down:
        page.mouse.up()
    page.clock.run_for(1600)
    page.wait_for_timeout(100)


class TestThrash:
    def test_a_shaken_pointer(self, watched: Any, server: FakeServer) -> None:
        stand_still(watched)
        shake(watched)
        found = told(server, "$thrash")
        assert found["evidence"]["turns"] >= 6
        assert found["evidence"]["diagonal_px"] < 300
        assert signals(server) == ["$thrash"]

    def test_drags_games_and_ways_over_the_page_are_none(self, watched: Any, server: FakeServer) -> None:
        add(watched, "<canvas id=board width=600 height=300></canvas>")
        box = watched.locator("#board").bounding_box()
        stand_still(watched)
        shake(watched, down=True)
        shake(watched, x=int(box["x"]) + 20, y=int(box["y"]) + 50)
        for place in ((100, 100), (900, 200), (200, 600), (1000, 700)):
            watched.clock.run_for(200)
            watched.mouse.move(*place, steps=8)
        watched.clock.run_for(1600)
        watched.wait_for_timeout(100)
        assert signals(server) == []


COUNTED = """
window.asked = {}; window.walked = []; let steps = 0;
for (const [owner, names] of [[Element.prototype, ['getBoundingClientRect', 'matches', 'closest', 'querySelectorAll']],
    [Document.prototype, ['querySelectorAll']], [window, ['getComputedStyle']]])
  for (const name of names) {
    const was = owner[name];
    owner[name] = function (...given) { asked[name] = (asked[name] ?? 0) + 1; return was.apply(this, given) };
  }
const { nextNode } = TreeWalker.prototype;
TreeWalker.prototype.nextNode = function () {
  if (!steps++) setTimeout(() => { walked.push(steps); steps = 0 });
  return nextNode.call(this);
};
"""
"""Counts what is asked of the page, and the steps through its elements in each task."""


def settled(page: Any, expression: str) -> Any:
    """What it is once it stays so."""
    before = None
    while (now := page.evaluate(expression)) != before:
        before = now
        page.wait_for_timeout(700)
    return now


@pytest.mark.thorough
def test_what_is_done_costs_no_more_on_a_large_page_and_a_large_page_is_walked_in_parts(
    page: Any, server: FakeServer
) -> None:
    page.add_init_script(COUNTED)
    costs = []
    for rows in (60, 1000):
        row = "<div class=row><i>1</i><b>2</b><button>3</button><input></div>"
        server.body = f"<!doctype html><title>Much</title><!-- head --><main>{row * rows}</main>"
        begin(page, server, f"/much/{rows}")
        page.wait_for_function("(count) => walked.reduce((all, each) => all + each, 0) > count", arg=5 * rows)
        page.evaluate("window.asked = {}")
        page.locator("button").nth(2).click()
        page.evaluate(
            "for (const row of [...document.querySelectorAll('.row')].slice(0, 50)) row.firstChild.textContent = '4'"
        )
        page.locator("input").nth(1).click()
        page.keyboard.type("a")
        costs.append(settled(page, "asked"))
        assert max(page.evaluate("walked")) <= 500
    small, large = costs
    assert small, "it is counted"
    assert {name: count for name, count in large.items() if count > small.get(name, 0) + 3} == {}
