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
    at_work(page, server)


def at_work(page: Any, server: FakeServer, part: str = "sensors") -> None:
    """Wait until a part of the core is there; the sensors have also looked through the page by then.

    The browser has every module once: to import it here is to wait for the core's own import.
    """
    asked = lambda: [path for path in server.loaded if path.startswith(f"/sdk/{part}")]  # noqa: E731
    file = server.wait_for(asked)[0]
    wait = "new Promise((done) => setTimeout(done, 100))"
    page.evaluate(f"async (file) => {{ await import(file); await {wait}; }}", server.sdk + file)


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


def told_times(server: FakeServer, name: str, count: int) -> None:
    """Wait until it was told so often."""
    server.wait_for(lambda: signals(server).count(name) == count)


def add(page: Any, html: str, script: str = "") -> None:
    """Put something at the top of the page, and let a script of the page wire it."""
    page.evaluate(
        f"async () => {{ document.querySelector('main').insertAdjacentHTML('afterbegin', `<div id=case>{html}</div>`);"
        f"(() => {{ {script} }})(); await new Promise((done) => setTimeout(done, 60)); }}"
    )


def go(page: Any, path: str) -> None:
    """To another route of the page's application; the core hears of it in a task of its own, a moment later."""
    page.evaluate(f"() => new Promise((done) => {{ history.pushState({{}}, '', '{path}'); setTimeout(done, 60); }})")


def stand_still(page: Any) -> None:
    """From now on time passes only where the test says so."""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 5)


def click_quickly(page: Any, selector: str, times: int) -> None:
    """So many clicks in one spot, 40 ms apart on a clock that stands still while one is done."""
    stand_still(page)
    for _ in range(times):
        page.locator(selector).click()
        page.clock.run_for(40)
    page.clock.resume()


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
