"""A page whose sensors are at work, for tests of what they tell and of what they do not."""

from __future__ import annotations

from typing import Any

import pytest

from engine.friction import SIGNAL_EVENTS
from engine.rescoring import still_counts
from tests.widgets.fake_server import FakeServer


def begin(page: Any, server: FakeServer, path: str = "/domains/verify") -> None:
    """Go to a page, do the first thing there, which brings the sensors, and wait for them."""
    before = loads(server)
    come(page, server, path)
    page.keyboard.press("Shift")
    server.wait_for(lambda: loads(server) > before)
    page.wait_for_timeout(100)


def loads(server: FakeServer) -> int:
    """How often the sensors were loaded; the server keeps browsers from remembering them."""
    return sum(path.startswith("/sdk/sensors") for path in server.loaded)


def come(page: Any, server: FakeServer, path: str) -> None:
    """Go to a page and do nothing there."""
    page.goto(server.page + path)
    here = "JSON.parse(sessionStorage.getItem('waypost:trail'))?.views.at(-1).path"
    server.wait_for(lambda: page.evaluate(here) == path.partition("?")[0])


@pytest.fixture
def watched(page: Any, server: FakeServer) -> Any:
    """A page whose sensors are at work, and whose clock can be put forward: `watched.clock.fast_forward(ms)`."""
    page.clock.install()
    begin(page, server)
    return page


def signals(server: FakeServer) -> list[str]:
    """The signs of friction that were told, in the order of receipt."""
    return [name for name, _ in server.events() if name in SIGNAL_EVENTS]


def told(server: FakeServer, name: str) -> dict[str, Any]:
    """The first signal of that name; the server must take it for one by its evidence."""
    found = server.wait_for_event(name)
    assert still_counts(name.removeprefix("$"), found["evidence"]) is True, "scored again it is the same"
    assert found["v"] == 1
    return found


def add(page: Any, html: str, script: str = "") -> None:
    """Put something at the top of the page, and let a script of the page wire it."""
    page.evaluate(
        f"document.querySelector('main').insertAdjacentHTML('afterbegin', `<div id=case>{html}</div>`);"
        f"(() => {{ {script} }})()"
    )
    page.wait_for_timeout(50)


def go(page: Any, path: str) -> None:
    """To another route of the page's application."""
    page.evaluate(f"history.pushState({{}}, '', '{path}')")
    page.wait_for_timeout(60)


def play(page: Any, act: str) -> None:
    """Do what stands there, one thing after the other."""
    for each in act.split("; "):
        what, _, how = each.partition(" ")
        match what:
            case "click":
                page.locator(how).click()
            case "type":
                page.keyboard.type(how)
            case "press":
                page.keyboard.press(how)
            case "wait":
                page.clock.fast_forward(int(how))
            case _:
                page.evaluate(how)
