"""The demo's gallery on a port of its own, and its pieces in the states that are worth a look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from api.demo import site
from api.demo.gallery import Look, decision, pieces
from api.routes import sdk
from tests.serving import serving

WIDTHS = (360, 1280)
LOOKS = tuple(Look(theme, direction) for theme in ("light", "dark") for direction in ("ltr", "rtl"))
LONG = tuple(Look(direction=direction, words="long") for direction in ("ltr", "rtl"))


@contextmanager
def gallery() -> Iterator[str]:
    """The address of a running gallery."""
    app = Flask(__name__)
    app.register_blueprint(site.blueprint)
    app.register_blueprint(sdk.blueprint)
    with serving(app) as address:
        yield f"{address}/gallery"


def opened(page: Any, address: str, name: str, look: Look) -> Any:
    """Go to a piece, open what has to be opened, and hand back its card."""
    page.goto(f"{address}/{name}/{look}")
    guide = page.locator("waypost-guide")
    guide.locator(".card, .mark, .launcher").first.wait_for()
    widget = pieces()[name]["widget"]
    if widget == "hotspot":
        guide.locator(".mark").click()
    if widget == "feedback":
        guide.locator(".launcher").click()
    card = guide.locator(".card").first
    card.wait_for()
    return card


def show(page: Any, look: Look, name: str) -> Any:
    """On a page of the gallery, take away what is there and show a piece instead; the guide that it is in."""
    page.evaluate("waypost.reset()")
    guide = page.locator("waypost-guide")
    guide.first.wait_for(state="detached")
    page.evaluate("(decision) => waypost.show(decision)", decision(name, look))
    guide.locator(".card, .mark, .launcher").first.wait_for()
    return guide
