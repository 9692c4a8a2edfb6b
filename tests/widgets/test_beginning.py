"""When the snippet begins, and with which settings, whatever a page and its browser do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown
from tests.widgets.fake_server import FakeServer, name_of
from tests.widgets.recording import begin, events, is_whole, takes_no_time, until

pytestmark = pytest.mark.browser

MADE_READY = "Object.defineProperty(document, 'prerendering', {configurable: true, value: true})"
COMES_INTO_SIGHT = (
    "delete document.prerendering; if (document.prerendering) throw 'still';"
    "document.dispatchEvent(new Event('prerenderingchange'))"
)

REVEALS = {
    "a text is one selector": ('".help"', ["Seen by its class"]),
    "a list of selectors": ('[".help", "#note"]', ["Seen by its class", "Seen by its id"]),
    "what is no selector reveals nothing": ("{length: 1, 0: 'p'}", []),
    "nor does what is none in a list": ('[7, null, ["p"], ".help"]', ["Seen by its class"]),
}
"""What `init` is given, and which texts can then be read in a recording."""

TEXTS = (
    "<main><p class=help>Seen by its class</p><p id=note>Seen by its id</p><p>Hidden paragraph</p>"
    "<b>Hidden bold</b> <i>Hidden italic</i> <u>Hidden line</u></main>"
)


@pytest.mark.thorough
@pytest.mark.parametrize("given", REVEALS)
def test_only_what_a_page_asked_for_is_revealed_in_a_recording(page: Any, server: FakeServer, given: str) -> None:
    said, seen = REVEALS[given]
    takes_no_time(page)
    server.head = f"<script>window.waypost = [['init', {{reveal: {said}}}]]</script>"
    server.body = f"<!doctype html><title>Page</title><!-- head -->{TEXTS}"
    begin(page, server, "sessions")
    server.record = "off"
    page.evaluate("waypost.track('The end')")
    until(page, server, lambda: is_whole(server))
    text = json.dumps(events(server))
    assert "xxxxxx xxxx" in text, "what is not revealed is masked"
    assert [each for each in ("Seen by its class", "Seen by its id") if each in text] == seen
    assert "Hidden" not in text


def test_a_page_that_is_only_made_ready_is_neither_visited_nor_guided_until_somebody_sees_it(
    page: Any, server: FakeServer
) -> None:
    page.add_init_script(MADE_READY)
    server.answer("$page", decision(example("slideout")))
    opened(page, server)
    page.evaluate("waypost.identify('ada'); waypost.show('help'); history.pushState({}, '', '/domains/42')")
    page.wait_for_timeout(1300)
    assert (server.messages, server.asked) == ([], [])
    assert page.evaluate("Object.keys(localStorage)") == []
    page.evaluate(COMES_INTO_SIGHT)
    shown(page)
    assert [name_of(message) for message in server.messages][:2] == ["$identify", "$page"]
    assert server.messages[1]["context"]["page"]["path"] == "/domains/42"
    assert [name_of(message) for message in server.messages].count("$page") == 1


def test_a_page_made_ready_that_says_not_to_begin_does_not_begin_when_it_is_seen(page: Any, server: FakeServer) -> None:
    page.add_init_script(MADE_READY)
    opened(page, server)
    page.evaluate(f"waypost.init({{enabled: false}}); {COMES_INTO_SIGHT}")
    page.wait_for_timeout(500)
    assert server.messages == []
    page.evaluate("waypost.init({enabled: true})")
    server.wait_for(lambda: server.messages)


@pytest.mark.parametrize("left", ["<nav id=navigation>Menu</nav>", "<script>var navigation = 7</script>"])
def test_a_part_of_the_page_called_navigation_hides_no_change_of_route(
    page: Any, server: FakeServer, left: str
) -> None:
    # Not every browser tells of changes; in one that does not, the name is the page's.
    page.add_init_script("delete window.navigation")
    server.body = f"<!doctype html><title>Page</title>{left}<!-- head -->"
    opened(page, server)
    assert page.evaluate("window.navigation.currentEntry === undefined")
    server.wait_for(lambda: len(server.messages) == 1)
    page.evaluate("history.pushState({}, '', '/campaigns')")
    server.wait_for(lambda: len(server.messages) == 2)
    assert server.messages[1]["context"]["page"]["path"] == "/campaigns"
