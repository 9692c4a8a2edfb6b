"""Steps in the demo's product and console, as a browser takes them: being a customer, and being the analyst."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.scenarios.conftest import RunningDemo

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, FrameLocator, Locator, Page

PICTURES = os.environ.get("SCREENSHOTS_TO")
"""A folder for the documentation's pictures, if they are to be taken anew: `docs/images`, for the repository."""
MOST_VISITORS = 12
"""Three visitors in ten are held out at most; so many in a row, at odds of one to two million, mean a fault."""


def picture(page: Page, name: str) -> None:
    """Take a picture for the documentation, once everything has come to rest; a test alone needs none."""
    if not PICTURES:
        return
    page.wait_for_timeout(1_500)
    page.screenshot(path=Path(PICTURES) / f"{name}.png")


def complaints(page: Page) -> list[str]:
    """What the browser says against a page from now on."""
    heard: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            heard.append(f"{said.text} {said.location}")

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def sign_up(page: Page, demo: RunningDemo) -> FrameLocator:
    """From the landing page to the DNS page, as a self-serve customer; the product's window."""
    page.goto(demo.url)
    product = page.frame_locator("[data-product]")
    # What is done first brings the sensors; who was there a moment ago has them at once.
    with page.expect_request(re.compile(r"/sdk/sensors")):
        page.get_by_role("link", name="Start the story").click()
        heeded(product.get_by_label("First name")).fill("Robin")
        product.get_by_label("Work email").fill("robin@maplebikes.example")
        product.get_by_role("button", name="Create account").click()
        heeded(product.get_by_label("Domain")).fill("maplebikes.example")
        product.get_by_role("button", name="Add domain").click()
    product.get_by_role("button", name="Check DNS").wait_for()
    return product


def heeded(place: Locator) -> Locator:
    """An element of the product, once the script of its page has run: a form that is sent before is lost."""
    place.evaluate(
        """async ({ ownerDocument: page }) => {
          if (page.readyState === "complete") return;
          await new Promise((run) => page.defaultView.addEventListener("load", () => run(), { once: true }));
        }"""
    )
    return place


def fail_twice(page: Page, product: FrameLocator) -> dict[str, object]:
    """Press “Check DNS” twice with an empty zone; the reply to the request that carried the second failure."""
    check = product.get_by_role("button", name="Check DNS")
    heeded(check).click()
    product.get_by_text("Verification failed").wait_for()
    with page.expect_response(lambda answer: '"attempt":2' in (answer.request.post_data or "")) as second:
        check.click()
    reply: dict[str, object] = second.value.json()
    return reply


def begin_as_a_large_company(product: FrameLocator, number: int = 0) -> None:
    """From the form to the DNS page, as a customer of an enterprise."""
    heeded(product.get_by_label("First name")).fill("Kim")
    product.get_by_label("Work email").fill(f"kim{number}@large.example")
    product.get_by_text("A large company").click()
    product.get_by_role("button", name="Create account").click()
    heeded(product.get_by_label("Domain")).fill(f"large{number}.example")
    product.get_by_role("button", name="Add domain").click()
    product.get_by_role("button", name="Check DNS").wait_for()


def meet_the_colleague(window: Page, demo: RunningDemo) -> FrameLocator:
    """Be new customers of a large company until one is not held out; the product as that one sees it."""
    product = window.frame_locator("[data-product]")
    for number in range(MOST_VISITORS):
        window.goto(f"{demo.url}/stage?new")
        begin_as_a_large_company(product, number)
        heeded(product.get_by_role("button", name="Check DNS")).click()
        product.get_by_text("Verification failed").wait_for()
        decided = window.locator("[data-strip]").get_by_text(re.compile("ask_colleague (TARGETING_MATCH|HELD_OUT)"))
        decided.first.wait_for()
        if "TARGETING_MATCH" in decided.first.inner_text():
            product.get_by_role("heading", name="Not yours to change?").wait_for()
            # The story hears of it from the product; a visitor who went on at once might be told of a little later.
            window.locator("[data-strip] li", has_text="$shown").filter(has_text="ask_colleague").first.wait_for()
            return product
    raise AssertionError("every visitor was held out")


def answer_the_survey(product: FrameLocator) -> None:
    product.get_by_role("link", name="What to write to them").click()
    heeded(product.get_by_role("button", name="Add both for me")).click()
    heeded(product.get_by_role("button", name="Check DNS")).click()
    product.get_by_role("radio", name="7, Very easy").click()
    product.get_by_role("textbox").fill("We sent the page to our IT, and it was done in an hour.")
    product.get_by_role("button", name="Send").click()
    product.get_by_role("heading", name="This goes straight to the team.").wait_for()


def meet_the_written_tooltip(window: Page, demo: RunningDemo) -> None:
    """Be new customers until one is not held out."""
    window.set_default_timeout(30_000)
    for _ in range(MOST_VISITORS):
        window.goto(f"{demo.url}/stage?new")
        window.evaluate("localStorage.clear()")
        product = sign_up(window, demo)
        fail_twice(window, product)
        decided = window.locator("[data-strip]").get_by_text(re.compile("help (TARGETING_MATCH|HELD_OUT)")).first
        decided.wait_for()
        if "TARGETING_MATCH" in decided.inner_text():
            product.get_by_role("heading", name="Two records are missing").wait_for()
            return
    raise AssertionError("every visitor was held out")


class Hand:
    """Presses and fills in, and counts: every click and every field is one."""

    def __init__(self) -> None:
        self.interactions = 0

    def click(self, place: Locator) -> None:
        self.interactions += 1
        place.click()

    def choose(self, place: Locator, value: str) -> None:
        self.interactions += 1
        place.select_option(value)

    def fill(self, place: Locator, words: str) -> None:
        self.interactions += 1
        place.fill(words)
