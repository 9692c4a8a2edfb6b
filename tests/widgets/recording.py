"""A page that records itself, before a server that keeps what comes: how tests begin, wait and read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.widgets.browser import opened
from tests.widgets.fake_server import FakeServer

ALWAYS = {
    "writeKey",
    "v",
    "recording",
    "chunk",
    "last",
    "anonymousId",
    "sessionId",
    "page",
    "size",
    "started",
    "ended",
    "moments",
    "events",
}

BROKEN_LATER = (
    "performance.now",
    "window.queueMicrotask",
    "window.setTimeout",
    "JSON.stringify",
    "Date.now",
    "Array.from",
    "Array.prototype.push",
    "String.prototype.replace",
    "Object.entries",
    "crypto.getRandomValues",
    "CSSStyleSheet.prototype.replaceSync",
    "window.fetch",
    "window.requestIdleCallback",
)
"""Functions that throw for a moment, while the page is recorded."""

PATCHED = """() => [
  CSSStyleSheet.prototype.insertRule, CSSStyleSheet.prototype.deleteRule, CSSStyleSheet.prototype.replaceSync,
  CSSStyleSheet.prototype.addRule, CSSStyleDeclaration.prototype.setProperty, Element.prototype.attachShadow,
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set,
].filter((each) => !/\\[native code\\]/.test(Function.prototype.toString.call(each)) || each.name === "").length"""
"""How many functions of the browser's have something in front of them."""


def takes_no_time(page: Any) -> None:
    """A page is not recorded where that takes too long; how quick this machine is says nothing of what is recorded."""
    page.add_init_script("addEventListener('DOMContentLoaded', () => { performance.now = () => 0 })")


def begin(page: Any, server: FakeServer, mode: str = "moments", path: str = "/domains/verify") -> None:
    """Go to a page that is recorded, with a clock that can be put forward, and wait until it is written down."""
    server.record = mode
    if not getattr(page, "has_clock", False):
        page.clock.install()
        page.has_clock = True
    opened(page, server, path)
    await_recording(page, server)


def await_recording(page: Any, server: FakeServer) -> None:
    until(page, server, lambda: page.evaluate("Object.hasOwn(document, 'adoptedStyleSheets')"))
    page.clock.run_for(100)


def look(page: Any, seconds: float = 5) -> None:
    """Let so much time go by."""
    while seconds > 0:
        page.clock.run_for(int(min(seconds, 5) * 1000))
        seconds -= 5
        # What the browser does beside the page takes its own time.
        page.wait_for_timeout(5)


def until(page: Any, server: FakeServer, condition: Callable[[], Any]) -> Any:
    """Wait for something, while time goes by in the page too, a little."""

    def met() -> Any:
        page.clock.run_for(20)
        return condition()

    return server.wait_for(met)


def moment(page: Any, event: str = "$rage_click") -> None:
    page.evaluate(f"waypost.track({json.dumps(event)})")
    page.clock.run_for(50)


def act(page: Any, text: str) -> None:
    """Something happens on the page."""
    page.evaluate(f"document.querySelector('main').append({json.dumps(text)}, document.createElement('hr'))")


def ends(page: Any, server: FakeServer) -> None:
    """The next reply says that nothing is recorded here."""
    server.record = "off"
    page.evaluate("waypost.track('Something')")
    page.clock.run_for(100)
    page.clock.run_for(100)


def chunks(server: FakeServer, recording: str | None = None) -> list[dict[str, Any]]:
    """The chunks of a recording, of the first unless said, in their order and each once."""
    first = recording or (server.replays[0]["recording"] if server.replays else None)
    of = {chunk["chunk"]: chunk for chunk in server.replays if chunk["recording"] == first}
    return [of[number] for number in sorted(of)]


def is_whole(server: FakeServer) -> bool:
    """All chunks of the first recording are here: those that outlive a page arrive in any order."""
    found = chunks(server)
    return bool(found) and found[-1]["last"] and [each["chunk"] for each in found] == list(range(len(found)))


def events(server: FakeServer, recording: str | None = None) -> list[dict[str, Any]]:
    return [event for chunk in chunks(server, recording) for event in chunk["events"]]


def recordings(server: FakeServer) -> list[str]:
    return list(dict.fromkeys(chunk["recording"] for chunk in server.replays))


def moments(server: FakeServer) -> list[str]:
    once = {(chunk["recording"], chunk["chunk"]): chunk["moments"] for chunk in server.replays}
    return [each["event"] for found in once.values() for each in found]


def skipped(server: FakeServer) -> list[dict[str, Any]]:
    return [properties for name, properties in server.events() if name == "$replay_skipped"]
