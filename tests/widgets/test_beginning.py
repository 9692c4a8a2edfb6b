"""When the snippet begins, and with which settings, whatever a page and its browser do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.widgets.fake_server import FakeServer
from tests.widgets.recording import begin, events, is_whole, takes_no_time, until

pytestmark = pytest.mark.browser

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
