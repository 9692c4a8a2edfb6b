"""Signs of friction in a real browser, and what looks like one and is none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.widgets.browser import WIDGETS, decision, example, shown
from tests.widgets.fake_server import FakeServer

browser = pytest.mark.browser
SIGNALS = {"$rage_click", "$dead_click", "$error_click"}


@pytest.fixture
def watched(page: Any, server: FakeServer) -> Any:
    """A page whose sensors are at work."""
    page.goto(server.page + "/domains/verify")
    server.wait_for(lambda: any(path.startswith("/sdk/sensors") for path in server.loaded))
    page.wait_for_timeout(200)
    return page


def signals(server: FakeServer) -> list[str]:
    return [name for name, _ in server.events() if name in SIGNALS]


def add(page: Any, html: str, script: str = "") -> None:
    page.evaluate(f"document.querySelector('main').insertAdjacentHTML('afterbegin', `{html}`); {script}; null")
    page.wait_for_timeout(50)


@browser
class TestRageClick:
    def test_three_quick_clicks_in_one_spot(self, watched: Any, server: FakeServer) -> None:
        watched.locator("#dead").click(click_count=5, delay=40)
        found = server.wait_for_event("$rage_click")
        assert found["selector"] == "#dead"
        assert found["page"] == {"path": "/domains/verify"}
        assert found["v"] == 1
        assert found["evidence"]["clicks"] == 3
        assert found["evidence"]["within_ms"] < 1000
        watched.wait_for_timeout(300)
        assert signals(server).count("$rage_click") == 1, "a burst is one signal"

    @pytest.mark.parametrize(
        ("html", "selector"),
        [
            ("<p id=prose>Copy both records to your host.</p>", "#prose"),
            ("<button id=plus>+</button>", "#plus"),
            ("<button id=next aria-label='Next month'>Month</button>", "#next"),
            ("<input id=amount type=number value=1>", "#amount"),
            ("<video id=film controls width=200></video>", "#film"),
            ("<canvas id=board></canvas>", "#board"),
        ],
        ids=["text is selected", "a stepper", "a calendar", "a number field", "a player", "a drawing"],
    )
    def test_clicks_that_are_meant_are_none(self, watched: Any, server: FakeServer, html: str, selector: str) -> None:
        add(watched, html)
        watched.locator(selector).click(click_count=3, delay=40)
        watched.wait_for_timeout(300)
        assert "$rage_click" not in signals(server)

    def test_a_double_click_is_none_and_neither_are_slow_clicks(self, watched: Any, server: FakeServer) -> None:
        watched.locator("#dead").dblclick()
        watched.wait_for_timeout(1100)
        for _ in range(3):
            watched.locator("#dead").click()
            watched.wait_for_timeout(700)
        assert "$rage_click" not in signals(server)


@browser
class TestDeadClick:
    def test_a_button_that_does_nothing(self, watched: Any, server: FakeServer) -> None:
        watched.locator("#dead").click()
        found = server.wait_for_event("$dead_click")
        assert (found["selector"], found["evidence"]) == ("#dead", {"waited_ms": 2500})

    @pytest.mark.parametrize(
        ("html", "script"),
        [
            ("<button id=it>Go</button>", "it.onclick = () => setTimeout(() => it.append('!'), 900)"),
            (
                "<button id=it>Go</button>",
                "it.onclick = () => setTimeout(() => fetch('/slow').then((reply) => reply.text()), 300)",
            ),
            ("<button id=it>Go</button>", "it.onclick = () => history.pushState({}, '', '/else')"),
            ("<button id=it>Go</button>", "it.onclick = () => document.getElementById('note').focus()"),
            ("<button id=it disabled>Go</button>", ""),
            ("<label id=it for=note>A label of a field</label>", ""),
            ("<input id=it>", ""),
            ("<p id=it>Only words, nothing to click.</p>", ""),
            ("<a id=it href='mailto:a@example.com'>Mail</a>", ""),
        ],
        ids=["a slow answer", "a request", "a route", "the focus", "disabled", "a label", "a field", "words", "mail"],
    )
    def test_what_has_an_effect_or_promises_none_is_none(
        self, watched: Any, server: FakeServer, html: str, script: str
    ) -> None:
        add(watched, html, script)
        watched.locator("#it").click(force=True)
        watched.wait_for_timeout(2900)
        assert "$dead_click" not in signals(server)

    def test_our_own_cards_are_none_of_it(self, watched: Any, server: FakeServer) -> None:
        server.answer("Asked", decision(example("slideout")))
        watched.evaluate("waypost.track('Asked')")
        shown(watched).get_by_role("heading").click(click_count=4, delay=40)
        watched.wait_for_timeout(2900)
        assert signals(server) == []


@browser
class TestErrorClick:
    def test_an_error_just_after_a_click(self, watched: Any, server: FakeServer) -> None:
        watched.locator("#broken").click()
        found = server.wait_for_event("$error_click")
        assert found["selector"] == "#broken"
        assert found["evidence"]["error"] == "TypeError"
        assert "undefined" not in str(found), "never the message"

    def test_an_error_long_after_a_click_is_none(self, watched: Any, server: FakeServer) -> None:
        add(watched, "<button id=it>Go</button>", "it.onclick = () => setTimeout(() => { records.length }, 1300)")
        watched.locator("#it").click()
        watched.wait_for_timeout(1700)
        assert "$error_click" not in signals(server)
        watched.complaints.uncaught.clear()


@browser
@pytest.mark.parametrize(
    "said",
    [
        "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})",
        "Object.defineProperty(navigator, 'doNotTrack', {value: '1'})",
    ],
)
def test_a_browser_that_objects_is_not_watched(page: Any, server: FakeServer, said: str) -> None:
    page.add_init_script(said)
    page.goto(server.page)
    server.wait_for(lambda: server.messages)
    page.wait_for_timeout(500)
    assert not any(path.startswith("/sdk/sensors") for path in server.loaded)


def test_the_published_thresholds_are_those_of_the_code() -> None:
    code = (WIDGETS / "sensors" / "thresholds.ts").read_text()
    published = (Path(__file__).parents[2] / "docs" / "reference" / "friction.md").read_text()
    values = dict(re.findall(r"export const (\w+) = (\d+);", code))
    rage, dead, error = (line for line in published.splitlines() if line.startswith("| `$"))
    assert f"{values['RAGE_CLICKS']} clicks, {values['RAGE_RADIUS_PX']} px, {values['RAGE_WINDOW_MS']} ms" in rage
    assert f"a pause of {values['RAGE_PAUSE_MS']} ms" in rage
    assert f"{values['DEAD_AFTER_MS']} ms" in dead
    assert f"{values['ERROR_WITHIN_MS']} ms" in error
    assert f"more than {values['DRAG_PX']} px" in " ".join(published.split())
    assert f"version {values['VERSION_OF_THRESHOLDS']}" in published
