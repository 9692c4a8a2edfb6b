"""Signs of friction in clicks, in a real browser, and what looks like one and is none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from engine.friction import WEIGHTS
from engine.rescoring import THRESHOLDS, THRESHOLDS_VERSION
from tests.widgets.browser import decision, example, opened, shown
from tests.widgets.fake_server import FakeServer, Fault
from tests.widgets.sensing import add, at_work, click_quickly, go, signals, stand_still, told, told_times

browser = pytest.mark.browser
SHADOW = "(host, html) => host.attachShadow({mode: 'open'}).innerHTML = html"
FRICTION = Path(__file__).parents[2] / "docs" / "reference" / "friction.md"

MEANT = {
    "text is selected": "<p id=it>Copy both records to your host.</p>",
    "a stepper": "<button id=it>+</button>",
    "a calendar": "<button id=it aria-label='Next month'>Month</button>",
    "a carousel": "<button id=it aria-label='Next slide'>Slide</button>",
    "a number field": "<input id=it type=number value=1>",
    "a spin button": "<div id=it role=spinbutton tabindex=0>7</div>",
    "a player": "<video id=it controls width=200></video>",
    "a player of one's own": "<button id=it aria-label='Play'>Play</button>",
    "a drawing": "<canvas id=it></canvas>",
    "a game": "<div role=application><button id=it>Fire</button></div>",
    "a box": "<input id=it type=checkbox>",
    "a native list": "<select id=it><option>One<option>Two</select>",
    "a part left alone": "<div data-waypost-ignore><button id=it>Mine</button></div>",
}
"""Where three clicks in a row are use."""

GO = "<button id=it>Go</button>"
WRITES_IN_IT = "it.onclick = () => { box.shadowRoot.firstChild.textContent = '1' }"
ALIVE = {
    "a request": (
        GO,
        "it.onclick = () => void fetch('/slow').then((reply) => reply.text()).then(() => (window.isAnswered = true))",
    ),
    "a slow answer": (GO, "it.onclick = () => setTimeout(() => it.append('!'), 900)"),
    "a spinner": (GO, "it.onclick = () => it.setAttribute('aria-busy', 'true')"),
    "a route": (GO, "it.onclick = () => history.pushState({}, '', '/else')"),
    "the focus": (GO, "it.onclick = () => document.getElementById('note').focus()"),
    "a change in a shadow root": (
        "<x-panel></x-panel>" + GO,
        f"const box = document.querySelector('x-panel'); ({SHADOW})(box, '<i>0</i>'); {WRITES_IN_IT}",
    ),
    "disabled": ("<button id=it disabled>Go</button>", ""),
    "a label": ("<label id=it for=note>A label of a field</label>", ""),
    "a field": ("<input id=it>", ""),
    "a file": ("<input id=it type=file>", "it.onclick = (event) => event.preventDefault()"),
    "a native list": ("<select id=it><option>One<option>Two</select>", ""),
    "words": ("<p id=it>Only words, nothing to click.</p>", ""),
    "mail": ("<a id=it href='mailto:a@example.com'>Mail</a>", "it.onclick = (event) => event.preventDefault()"),
}
"""What has an effect when it is clicked, or promises none."""


@browser
class TestRageClick:
    def test_several_quick_clicks_in_one_spot_are_one_signal_when_they_end(
        self, watched: Any, server: FakeServer
    ) -> None:
        click_quickly(watched, "#dead", 5)
        found = told(server, "$rage_click")
        assert (found["selector"], found["page"]) == ("#dead", {"path": "/domains/verify"})
        assert found["evidence"]["clicks"] == len(found["evidence"]["points"]) == 5
        assert found["evidence"]["within_ms"] < 1000
        watched.wait_for_timeout(300)
        assert signals(server).count("$rage_click") == 1, "a burst is one signal"

    def test_on_a_button_in_a_shadow_root(self, watched: Any, server: FakeServer) -> None:
        add(watched, "<x-card></x-card>", f"({SHADOW})(document.querySelector('x-card'), '<button id=in>Go</button>')")
        click_quickly(watched, "#in", 4)
        assert told(server, "$rage_click")["selector"] == "#in"

    def test_one_that_ends_with_the_page(self, watched: Any, server: FakeServer) -> None:
        click_quickly(watched, "#dead", 4)
        watched.goto(server.page + "/elsewhere?page=bare")
        assert told(server, "$rage_click")["page"] == {"path": "/domains/verify"}

    def test_clicks_that_are_meant_are_none(self, watched: Any, server: FakeServer) -> None:
        for what, html in MEANT.items():
            add(watched, html)
            watched.locator("#it").click(click_count=3, delay=30)
            watched.clock.fast_forward(1200)
            watched.wait_for_timeout(80)
            assert "$rage_click" not in signals(server), what
            watched.evaluate("document.getElementById('case').remove(); getSelection().empty()")

    def test_a_double_click_slow_clicks_and_drags_are_none(self, watched: Any, server: FakeServer) -> None:
        watched.locator("#dead").dblclick()
        for _ in range(3):
            watched.clock.fast_forward(1100)
            watched.locator("#dead").click()
        box = watched.locator("h1").bounding_box()
        for _ in range(4):
            watched.mouse.move(box["x"] + 5, box["y"] + 5)
            watched.mouse.down()
            watched.mouse.move(box["x"] + 90, box["y"] + 8)
            watched.mouse.up()
        watched.locator("#note").focus()
        for _ in range(4):
            watched.locator("#verify").press("Enter")
        watched.clock.fast_forward(1200)
        watched.wait_for_timeout(150)
        assert "$rage_click" not in signals(server)


@browser
class TestDeadClick:
    def test_a_button_that_does_nothing(self, watched: Any, server: FakeServer) -> None:
        stand_still(watched)
        watched.locator("#dead").click()
        watched.clock.run_for(1900)
        watched.wait_for_timeout(100)
        assert signals(server) == []
        watched.clock.run_for(700)
        found = told(server, "$dead_click")
        assert (found["selector"], found["evidence"]) == ("#dead", {"waited_ms": 2500})

    def test_what_has_an_effect_or_promises_none_is_none(self, watched: Any, server: FakeServer) -> None:
        for what, (html, script) in ALIVE.items():
            add(watched, html, script)
            watched.wait_for_timeout(150)
            watched.locator("#it").click(force=True)
            if "fetch" in script:
                watched.wait_for_function("() => window.isAnswered")
            watched.wait_for_timeout(200)
            watched.clock.run_for(1000)
            watched.clock.fast_forward(2000)
            watched.wait_for_timeout(80)
            assert "$dead_click" not in signals(server), what
            watched.evaluate("document.getElementById('case').remove(); getSelection().empty()")

    @pytest.mark.parametrize("path", ["replays", "flags", "picker/picks", "batch"])
    def test_what_we_ask_our_own_server_is_nothing_that_the_page_does(
        self, watched: Any, server: FakeServer, path: str
    ) -> None:
        server.replay_fault = Fault(status=400)
        ask = f"fetch('{server.sdk}/v1/{path}', {{method: 'POST', body: '{{}}'}})"
        add(watched, GO, f"it.onclick = () => void {ask}.then((reply) => reply.text()).then(() => answers++)")
        watched.evaluate("window.answers = 0")
        for time in (1, 2):
            server.fault = Fault(status=400)
            watched.locator("#it").click()
            watched.wait_for_function(f"() => answers === {time}")
            server.fault = None
            watched.wait_for_timeout(200)
            watched.clock.run_for(1000)
            watched.clock.fast_forward(2000)
            told_times(server, "$dead_click", time)
        assert "$retry" not in signals(server), "its refusals are none of the page's"

    def test_our_own_cards_are_none_of_it(self, watched: Any, server: FakeServer) -> None:
        server.answer("Asked", decision(example("slideout")))
        watched.evaluate("waypost.track('Asked')")
        shown(watched).get_by_role("heading").click(click_count=4, delay=40)
        watched.clock.fast_forward(2900)
        watched.wait_for_timeout(150)
        assert signals(server) == []


@browser
class TestErrorClick:
    def test_an_error_just_after_a_click(self, watched: Any, server: FakeServer) -> None:
        watched.locator("#broken").click()
        found = told(server, "$error_click")
        assert found["selector"] == "#broken"
        assert found["evidence"]["error"] == "TypeError"
        assert "undefined" not in str(found), "never the message"

    def test_an_error_that_names_itself_after_a_person_is_not_named(self, watched: Any, server: FakeServer) -> None:
        odd = "Object.assign(new Error('records is undefined'), {name: 'no room for ada@example.com'})"
        add(watched, "<button id=it>Go</button>", f"it.onclick = () => {{ throw {odd} }}")
        watched.locator("#it").click()
        assert told(server, "$error_click")["evidence"]["error"] == "error"
        watched.complaints.uncaught.clear()

    def test_an_error_long_after_a_click_is_none(self, watched: Any, server: FakeServer) -> None:
        watched.locator("#dead").click()
        watched.clock.fast_forward(1300)
        watched.evaluate("void Promise.reject(new TypeError('records is undefined'))")
        watched.wait_for_timeout(200)
        assert "$error_click" not in signals(server)


@browser
class TestClicksByElement:
    def test_they_are_gathered_where_a_page_asks_and_say_nothing_of_what_is_written(
        self, page: Any, server: FakeServer
    ) -> None:
        server.script_attributes = 'data-clicks="on"'
        page.clock.install()
        opened(page, server)
        page.locator("#dead").click(position={"x": 1, "y": 1})
        page.locator("h1").click()
        at_work(page, server)
        go(page, "/domains/else")
        found = server.wait_for_event("$element_clicks")
        assert found["page"] == {"path": "/domains/verify"}
        (button, x, y), (heading, *_) = found["clicks"]
        assert (button, heading) == ("#dead", "#domain-name")
        assert x < 5
        assert y < 10
        assert "colleague" not in json.dumps(found)

    def test_nobody_s_are_gathered_unasked_or_before_a_yes(self, page: Any, server: FakeServer) -> None:
        server.script_attributes = 'data-clicks="on" data-consent="pending"'
        opened(page, server)
        page.locator("#dead").click()
        go(page, "/else")
        page.evaluate("waypost.optIn()")
        page.wait_for_timeout(100)
        server.script_attributes = ""
        opened(page, server)
        page.wait_for_timeout(400)
        page.locator("#dead").click()
        go(page, "/else")
        page.wait_for_timeout(200)
        assert not any(name == "$element_clicks" for name, _ in server.events())


@browser
class TestWhoIsNotWatched:
    @pytest.mark.parametrize(
        "said",
        [
            "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})",
            "Object.defineProperty(navigator, 'doNotTrack', {value: '1'})",
        ],
        ids=["global privacy control", "do not track"],
    )
    def test_a_browser_that_objects(self, page: Any, server: FakeServer, said: str) -> None:
        page.add_init_script(said)
        page.goto(server.page)
        server.wait_for(lambda: server.messages)
        page.locator("#dead").click()
        page.wait_for_timeout(300)
        assert not any(path.startswith("/sdk/sensors") for path in server.loaded)
        assert page.evaluate("sessionStorage.length") == 0

    @pytest.mark.parametrize("attribute", ['data-sensors="off"', 'data-consent="pending"'])
    def test_a_page_that_asks_for_none_and_a_visitor_who_has_not_said_yes(
        self, page: Any, server: FakeServer, attribute: str
    ) -> None:
        server.script_attributes = attribute
        opened(page, server)
        page.locator("#dead").click()
        page.wait_for_timeout(300)
        assert not any(path.startswith("/sdk/sensors") for path in server.loaded)
        assert page.evaluate("sessionStorage.length") == 0

    def test_a_no_ends_it_and_forgets_and_a_yes_begins_anew(self, watched: Any, server: FakeServer) -> None:
        kept = "sessionStorage.getItem('waypost:trail')"
        assert watched.evaluate(kept)
        watched.evaluate("waypost.optOut()")
        watched.locator("#dead").click(click_count=4, delay=30)
        go(watched, "/else")
        watched.clock.fast_forward(3000)
        watched.wait_for_timeout(100)
        assert watched.evaluate(kept) is None
        watched.evaluate("waypost.optIn()")
        watched.wait_for_timeout(400)
        assert signals(server) == []
        click_quickly(watched, "#dead", 4)
        told(server, "$rage_click")
        assert signals(server).count("$rage_click") == 1


def test_the_published_thresholds_are_those_of_the_code() -> None:
    lines = [line for line in FRICTION.read_text().splitlines() if line.startswith("| `$")]
    rows = {cells[0].strip("`$"): cells for line in lines if (cells := [each.strip() for each in line[1:].split("|")])}
    published = {
        name: {threshold: float(value) for threshold, value in re.findall(r"`(\w+)` ([\d.]+)", cells[2])}
        for name, cells in rows.items()
    }
    assert published == THRESHOLDS[THRESHOLDS_VERSION]
    assert f"version {THRESHOLDS_VERSION}" in FRICTION.read_text()
    assert set(rows) == set(WEIGHTS)
