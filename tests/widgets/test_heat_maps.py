"""What is gathered for heat maps besides signs of friction: clicks by element, and how far down pages are seen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.widgets.browser import opened
from tests.widgets.fake_server import FakeServer
from tests.widgets.sensing import add, at_work, go, loads

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

DEPTH = "$scroll_depth"


def depths(server: FakeServer) -> list[tuple[str, int]]:
    """How far down which page was seen, in the order of receipt."""
    return [(found["page"]["path"], found["depth"]) for name, found in server.events() if name == DEPTH]


def lengthened(page: Any, px: int, inside: str = "document.body") -> None:
    """Make the page so long, and let the sensor see that."""
    page.evaluate(
        f"() => {{ {inside}.insertAdjacentHTML('beforeend', '<div id=long></div>'); long.style.height = '{px}px';"
        # All who watch sizes hear of the new one in the same frame.
        "return new Promise((done) => new ResizeObserver(() => done()).observe(document.body)); }"
    )
    page.clock.run_for(400)


def scrolled(page: Any, to: int, what: str = "window") -> None:
    page.evaluate(
        "() => new Promise((done) => { addEventListener('scroll', () => done(), {capture: true, once: true});"
        f"{what}.scrollTo(0, {to}); }})"
    )
    page.clock.run_for(400)


def gathering(page: Any, server: FakeServer) -> None:
    """A page that gathers; nobody did anything there yet."""
    server.script_attributes = 'data-clicks="on"'
    page.clock.install()
    page.set_viewport_size({"width": 1000, "height": 700})
    opened(page, server)
    page.clock.run_for(4000)
    at_work(page, server)


def test_how_far_each_page_was_seen_is_told_once_when_its_view_ends(page: Any, server: FakeServer) -> None:
    gathering(page, server)
    lengthened(page, 6500)
    height = page.evaluate("document.scrollingElement.scrollHeight")
    scrolled(page, 2400)
    scrolled(page, 0)
    assert depths(server) == [], "the view goes on"
    go(page, "/next")
    found = server.wait_for_event(DEPTH)
    assert found["page"] == {"path": "/domains/verify"}
    assert (found["depth"], found["fold"]) == (40, 10), "the deepest place, though the user went up again"
    assert abs(found["height"] - height) <= 5
    assert (found["viewport"], found["width"], found["v"]) == (700, 1000, 1)
    assert "lighthouse" not in json.dumps(found), "nothing of what is written there"
    scrolled(page, 10_000)
    go(page, "/last?tab=dns")
    server.wait_for(lambda: len(depths(server)) == 2)
    page.evaluate("document.getElementById('long').remove()")
    page.clock.run_for(400)
    page.goto(server.page + "/domains/other")
    server.wait_for(lambda: len(depths(server)) == 3)
    assert depths(server) == [("/domains/verify", 40), ("/next", 100), ("/last", 100)]


def test_who_comes_back_to_the_tab_and_goes_on_down_is_told_of_again(page: Any, server: FakeServer) -> None:
    gathering(page, server)
    lengthened(page, 7000)
    hidden = "Object.defineProperty(document, 'visibilityState', {value: '%s', configurable: true});"
    hidden += "document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))"
    for state in ("hidden", "visible", "hidden", "visible"):
        page.evaluate(hidden % state)
    server.wait_for(lambda: depths(server))
    scrolled(page, 10_000)
    page.evaluate(hidden % "hidden")
    server.wait_for(lambda: len(depths(server)) == 2)
    assert [depth for _, depth in depths(server)][1] == 100


def test_in_an_application_that_fills_the_window_its_large_part_is_the_page(page: Any, server: FakeServer) -> None:
    gathering(page, server)
    page.evaluate(
        "document.body.innerHTML = '<div id=menu></div><div id=main></div>';"
        "for (const [each, width] of [[menu, 200], [main, 800]]) Object.assign(each.style,"
        " {position: 'fixed', top: '0', height: '700px', width: width + 'px', left: each === menu ? '0' : '200px',"
        "  overflowY: 'auto'})"
    )
    lengthened(page, 1400, "main")
    page.evaluate("menu.innerHTML = '<p></p>'; menu.firstChild.style.height = '9000px'")
    scrolled(page, 5000, "menu")
    go(page, "/next")
    found = server.wait_for_event(DEPTH)
    assert (found["depth"], found["fold"]) == (50, 50)


def test_nothing_is_told_unasked_and_before_a_yes_or_after_a_no(page: Any, server: FakeServer) -> None:
    server.script_attributes = ""
    opened(page, server)
    page.locator("#dead").click()
    server.wait_for(lambda: loads(server))
    page.wait_for_timeout(100)
    go(page, "/next")
    server.script_attributes = 'data-clicks="on" data-consent="pending"'
    opened(page, server)
    page.wait_for_timeout(400)
    go(page, "/else")
    page.evaluate("waypost.optIn()")
    page.wait_for_timeout(700)
    page.evaluate("waypost.optOut()")
    go(page, "/last")
    page.wait_for_timeout(200)
    assert depths(server) == []


def test_a_selector_is_as_long_as_it_takes_to_fit_nothing_else(page: Any, server: FakeServer) -> None:
    gathering(page, server)
    row = "<div><div><div><p><b>One</b></p><p><b>Two</b></p></div></div></div>"
    add(page, f"<section>{row}</section><section>{row}</section><ul data-testid=list><li><i>Three</i></li></ul>")
    # A name of its own is enough, whatever else it fits; and without one the way goes up to where it is the only one.
    page.evaluate("document.getElementById('case').removeAttribute('id')")
    page.locator("section:nth-of-type(2) b >> nth=1").click()
    page.locator("i").click()
    go(page, "/next")
    (selector, *_), (named, *_) = server.wait_for_event("$element_clicks")["clicks"]
    assert page.evaluate("(text) => document.querySelectorAll(text).length", selector) == 1
    assert page.evaluate("(text) => document.querySelector(text).textContent", selector) == "Two"
    assert named == "[data-testid='list'] > li > i"
