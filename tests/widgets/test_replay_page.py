"""What a recorder does to the page that it records: nothing that stays, and nothing that grows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.fake_server import FakeServer
from tests.widgets.recording import PATCHED, begin, events, look, takes_no_time, until

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

HEARD = """
window.heard = 0;
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (...given) {
  if (window !== top || this instanceof HTMLIFrameElement) window.heard++;
  return listen.apply(this, given);
};"""
"""Counts who listens to anything in a frame, and to the frames of the page."""


@pytest.fixture
def page(page: Any) -> Any:
    """A page on which recording takes no time."""
    takes_no_time(page)
    return page


def a_page(inside: str) -> str:
    return f"<!doctype html><head><!-- head --></head><body><main>{inside}</main></body>"


def pictures(page: Any, server: FakeServer, count: int) -> None:
    """Go on until the whole page was written down so many times."""

    def taken() -> int:
        return len([event for event in events(server) if event["type"] == 2])

    look(page, 6)
    until(page, server, taken)
    for number in range(taken() + 1, count + 1):
        page.evaluate(f"history.pushState({{}}, '', '/part/{number}')")
        look(page, 8)
        until(page, server, lambda number=number: taken() >= number)


def test_frames_of_the_page_are_left_alone(page: Any, server: FakeServer) -> None:
    page.add_init_script(HEARD)
    server.body = a_page('<iframe srcdoc="<p>inside</p><input>"></iframe>')
    begin(page, server, "sessions")
    pictures(page, server, 3)
    (frame,) = page.main_frame.child_frames
    assert frame.evaluate(PATCHED) == 0, "what the browser brings stands there as it was"
    assert frame.evaluate("heard") == 0, "nobody listens in the frame"
    assert page.evaluate("heard") == 0, "nor to it"
