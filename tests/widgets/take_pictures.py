"""Takes the pictures of docs/images anew, from the gallery. Look at them.

`.venv/bin/python -m tests.widgets.take_pictures [WIDGET…]`.
"""

from __future__ import annotations

import shutil
import sys
from typing import Any

from playwright.sync_api import sync_playwright

from api.demo.gallery import Look
from conftest import CHROMIUM_FLAGS
from tests.widgets.browser import IMAGES
from tests.widgets.gallery import gallery, opened
from widgets.registry import WIDGETS

WIDTH, HEIGHT = 1040, 640


def pose(page: Any, widget: str, card: Any) -> None:
    """Bring the widget into the state that says most about it."""
    if widget == "survey":
        card.get_by_role("radio", name="3").hover()
    if widget == "tour":
        card.get_by_role("button", name="Next").click()
        page.get_by_role("heading", name="These records prove it").wait_for()
    # Drawn to the end: the ring's and the card's entrance.
    page.wait_for_timeout(1400)


def main() -> None:
    with gallery() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM_FLAGS))
        context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2)
        for widget in sys.argv[1:] or WIDGETS:
            for look in (Look("light"), Look("dark")):
                page = context.new_page()
                pose(page, widget, opened(page, address, widget, look))
                page.screenshot(path=IMAGES / f"{widget}-{look.theme}.png")
                page.close()


if __name__ == "__main__":
    main()
