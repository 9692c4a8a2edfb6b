"""Takes the pictures of docs/images anew: `.venv/bin/python -m tests.widgets.take_pictures [WIDGET…]`. Look at them."""

from __future__ import annotations

import shutil
import sys
from typing import Any

from playwright.sync_api import sync_playwright

from conftest import CHROMIUM_FLAGS
from tests.widgets.browser import IMAGES, decision, example, shown
from tests.widgets.fake_server import FakeServer
from widgets.registry import WIDGETS

WIDTH, HEIGHT = 1040, 640


def pose(page: Any, widget: str) -> None:
    """Bring the widget into the state that says most about it."""
    if widget == "hotspot":
        page.locator("waypost-guide .mark").click()
    card = shown(page)
    if widget == "survey":
        card.get_by_role("radio", name="3").hover()
    if widget == "tour":
        card.get_by_role("button", name="Next").click()
        page.get_by_role("heading", name="These records prove it").wait_for()
    # Drawn to the end: the ring's and the card's entrance.
    page.wait_for_timeout(1400)


def take(browser: Any, widget: str, look: str) -> None:
    server = FakeServer()
    server.answer("$page", decision(example(widget)))
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2)
    page = context.new_page()
    page.goto(f"{server.page}/domains/verify?{look}")
    pose(page, widget)
    page.screenshot(path=IMAGES / f"{widget}-{look}.png")
    context.close()
    server.close()


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM_FLAGS))
        for widget in sys.argv[1:] or WIDGETS:
            for look in ("light", "dark"):
                take(browser, widget, look)


if __name__ == "__main__":
    main()
