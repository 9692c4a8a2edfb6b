"""The console in a browser: somebody who is signed in, and pages that have everything they wait for."""

from __future__ import annotations

from typing import Any

from dsl.values import DAY, Duration
from engine.permissions import Role
from tests.accessibility import barriers
from tests.api.asking import Site

IS_WHOLE = """() =>
  document.readyState === "complete" &&
  document.querySelector("#main [aria-busy=true], [data-module]:not([data-started=yes])") === null &&
  [...document.querySelectorAll("figure[data-chart]")].every((each) => each.querySelector("svg path") !== null)"""
"""Its parts have come, its modules have begun, its charts are drawn."""


def session(site: Site, address: str, *, name: str = "ada", role: Role = Role.ADMIN) -> Any:
    """The cookie of somebody who has just signed in."""
    user = site.service.sign_in.known_elsewhere(
        "https://id.example", name, email=f"{name}@example.com", roles={1: role}
    )
    value = site.service.sign_in.start(user, lasts=Duration(7 * DAY)).cookie
    return {"name": "waypost_session", "value": value, "url": address}


def visit(chromium: Any, cookie: Any, *, width: int = 1280, height: int = 800, **look: Any) -> Any:
    """A window of whoever has the cookie; nothing in it moves by itself."""
    context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce", **look)
    context.add_cookies([cookie])
    page = context.new_page()
    page.set_default_timeout(30_000)
    return page


def whole(page: Any) -> None:
    """Wait until a page of the console has everything that it waits for."""
    page.wait_for_function(IS_WHOLE)


def complaints(page: Any) -> list[str]:
    """What a page says against itself from now on: faults of its scripts, and what its policy forbids."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def look_now(page: Any) -> None:
    """What a page asks for again and again is asked for at once, as when somebody comes back to it."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def barred(page: Any, axe: str) -> list[str]:
    """What is in anybody's way, on a desk in the light and in a hand in the dark."""
    whole(page)
    page.evaluate(axe)
    found: list[str] = []
    for scheme, width in (("light", 1280), ("dark", 360)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{scheme}, {width}: {each}" for each in barriers(page, "html")]
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found.append(f"{wide} pixels wider than a window of {width}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 800})
    return found
