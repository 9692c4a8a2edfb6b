"""What a recorder does to the page that it records: nothing that stays, and nothing that grows."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.widgets.browser import opened
from tests.widgets.fake_server import FakeServer
from tests.widgets.recording import PATCHED, act, begin, ends, events, look, recordings, takes_no_time, until

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

HEARD = """
window.heard = 0;
const listen = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (...given) {
  if (window !== top || this instanceof HTMLIFrameElement) window.heard++;
  return listen.apply(this, given);
};"""
"""Counts who listens to anything in a frame, and to the frames of the page."""

BUFFERS = """
const push = Array.prototype.push;
Array.prototype.push = function (...given) {
  if (given[0]?.processMutations) window.buffers = this;
  return push.apply(this, given);
};"""
"""Finds the recorder's list of what it gathers changes of: the document and each shadow root."""

WRAPPED = """() => {
  window.opened = 0;
  const own = Element.prototype.attachShadow;
  window.ofThePage = Element.prototype.attachShadow = function (how) {
    window.opened++;
    return own.call(this, how);
  };
}"""
"""A library of the page's stands in front of the browser too, in front of the recorder."""

OPENS = """(text) => {
  const host = document.createElement("div");
  document.querySelector("main").append(host);
  host.attachShadow({ mode: "open" }).innerHTML = `<p>${text}</p>`;
}"""


@pytest.fixture
def page(page: Any) -> Any:
    """A page on which recording takes no time."""
    takes_no_time(page)
    return page


def a_page(inside: str) -> str:
    return f"<!doctype html><head><!-- head --></head><body><main>{inside}</main></body>"


def pictures(page: Any, server: FakeServer, count: int) -> None:
    """Go on until the whole page was written down so many times."""

    def taken(least: int) -> bool:
        return [each["type"] for each in events(server)].count(2) >= least

    for number in range(1, count + 1):
        look(page, 8)
        until(page, server, partial(taken, number))
        if number < count:
            page.evaluate(f"history.pushState({{}}, '', '/part/{number}')")


def test_frames_of_the_page_are_left_alone(page: Any, server: FakeServer) -> None:
    page.add_init_script(HEARD)
    server.body = a_page('<iframe srcdoc="<p>inside</p><input>"></iframe>')
    begin(page, server, "sessions")
    pictures(page, server, 3)
    (frame,) = page.main_frame.child_frames
    assert frame.evaluate(PATCHED) == 0, "what the browser brings stands there as it was"
    assert frame.evaluate("heard") == 0, "nobody listens in the frame"
    assert page.evaluate("heard") == 0, "nor to it"


def test_what_is_kept_of_shadow_roots_does_not_grow_with_each_picture(page: Any, server: FakeServer) -> None:
    page.add_init_script(BUFFERS)
    server.body = a_page("<div><template shadowrootmode='open'><p>inside</p></template></div>")
    begin(page, server, "sessions")
    pictures(page, server, 4)
    assert page.evaluate("buffers.length") == 2, "the document and the shadow root"
    page.evaluate("document.querySelector('div').shadowRoot.append('more of it')")
    look(page, 6)
    until(page, server, lambda: "xxxx xx xx" in str(events(server)[-3:]))
    ends(page, server)
    until(page, server, lambda: page.evaluate(PATCHED) == 0)
    assert page.evaluate("buffers.length") == 0


def test_what_the_page_puts_in_front_of_the_browser_stays_there(page: Any, server: FakeServer) -> None:
    server.body = a_page("<p>words</p>")
    begin(page, server, "sessions")
    page.evaluate(WRAPPED)
    pictures(page, server, 3)
    page.evaluate(OPENS, "one of two")
    look(page, 6)
    until(page, server, lambda: "xxx xx xxx" in str(events(server)))
    ends(page, server)
    until(page, server, lambda: any(chunk["last"] for chunk in server.replays))
    assert page.evaluate("Element.prototype.attachShadow === ofThePage")
    server.record = "sessions"
    page.evaluate("waypost.track('Something')")
    until(page, server, lambda: page.evaluate(PATCHED) > 1)
    page.evaluate(OPENS, "one of the second recording")
    until(page, server, lambda: len(recordings(server)) == 2)
    act(page, "at the end")
    look(page, 6)
    until(page, server, lambda: "xx xxx xxx" in str(events(server, recordings(server)[1])))
    told = str(events(server, recordings(server)[1])[2:])
    assert told.count("xxx xx xxx xxxxxx xxxxxxxxx") == 1, "it is recorded once"
    assert page.evaluate("opened") == 2


@pytest.mark.parametrize("breaks", ["getBoundingClientRect", "hasAttribute"], ids=["to be taken", "to be masked"])
def test_a_picture_that_fails_ends_the_recording_and_the_next_reply_begins_another(
    page: Any, server: FakeServer, breaks: str
) -> None:
    server.body = a_page("<img width='9' height='9'>")
    begin(page, server, "sessions")
    pictures(page, server, 1)
    page.evaluate(
        f"window.own = Element.prototype.{breaks};"
        f"Element.prototype.{breaks} = () => {{ throw new Error('broken') }};"
        "history.pushState({}, '', '/other')"
    )
    until(page, server, lambda: any(chunk["last"] for chunk in server.replays))
    assert page.evaluate(PATCHED) == 0, "nothing is gathered any more"
    page.evaluate(f"Element.prototype.{breaks} = own; waypost.track('Something')")
    until(page, server, lambda: page.evaluate(PATCHED))
    look(page, 6)
    until(page, server, lambda: len(recordings(server)) == 2)
    assert [event["type"] for event in events(server, recordings(server)[1])[:2]] == [4, 2]
    assert page.complaints.uncaught == []


def test_a_picture_that_could_not_be_asked_for_is_asked_for_again(page: Any, server: FakeServer) -> None:
    server.body = a_page("<p>words</p>")
    begin(page, server, "sessions")
    page.evaluate(
        "window.own = requestIdleCallback; window.requestIdleCallback = () => { throw new Error('broken') };"
        "waypost.reset()"
    )
    look(page, 6)
    page.evaluate("void (window.requestIdleCallback = own)")
    act(page, "and so on")
    until(page, server, lambda: len(recordings(server)) == 2)
    look(page, 6)
    until(page, server, lambda: 2 in [event["type"] for event in events(server, recordings(server)[1])])


def test_a_page_that_cannot_be_written_down_is_left_as_it_was(page: Any, server: FakeServer) -> None:
    page.add_init_script("Element.prototype.getBoundingClientRect = () => { throw new Error('broken') }")
    server.body = a_page("<img width='9' height='9'>")
    server.record = "sessions"
    opened(page, server)
    server.wait_for(lambda: page.evaluate("waypost.debug(false).faults.length > 0"))
    assert page.evaluate(PATCHED) == 0
    assert server.replay_bodies == []


def test_a_picture_for_heat_maps_leaves_shadow_roots_as_they_were(page: Any, server: FakeServer) -> None:
    server.body = a_page("<div><template shadowrootmode='open'><p>inside</p></template></div>")
    opened(page, server)
    taken = page.evaluate(
        "async (address) => (await import(address)).takeSnapshot(document).map(({ type }) => type)",
        f"{server.sdk}/sdk/replay.js",
    )
    assert taken == [4, 2]
    page.wait_for_timeout(100)
    assert not page.evaluate("Object.hasOwn(document.querySelector('div').shadowRoot, 'adoptedStyleSheets')")
    assert page.evaluate(PATCHED) == 0
