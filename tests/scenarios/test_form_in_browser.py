"""A product manager writes the verification rule from nothing with the form, and it appears in the product."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenarios.conftest import RunningDemo
from tests.scenarios.test_demo_in_browser import fail_twice, sign_up

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

PICTURES = Path(__file__).parents[2] / "docs" / "images"
MOST_INTERACTIONS = 12
MOST_VISITORS = 8
"""One visitor in ten is held out; so many in a row mean a fault."""
WITHOUT_HELP = """
async () => {
  const headers = { "X-CSRF-Token": document.body.dataset.csrf, "Waypost-Project": document.body.dataset.project };
  const { files } = await (await fetch("/api/v1/rules", { headers })).json();
  const bare = Object.entries(files).map(([name, text]) => [name, text.replace(/guide verify_help [^]*?\\n}\\n/, "")]);
  const body = JSON.stringify({ files: Object.fromEntries(bare), note: "without help" });
  headers["Content-Type"] = "application/json";
  return (await fetch("/api/v1/rules", { method: "POST", headers, body })).status;
}
"""


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


def test_a_product_manager_writes_the_rule_with_the_form_and_it_appears(
    chromium: Browser, demo: RunningDemo, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)
    pictures = PICTURES if os.environ.get("WAYPOST_SCREENSHOTS") else tmp_path
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(demo.url)
    page.get_by_role("button", name="Be the analyst").click()
    page.get_by_role("link", name="Home", exact=True).wait_for()
    assert page.evaluate(WITHOUT_HELP) == 200
    page.goto(f"{demo.url}/console/")

    hand, side = Hand(), page.get_by_role("navigation", name="Pages")
    hand.click(side.get_by_role("link", name="Rules", exact=True))
    hand.click(page.get_by_role("link", name="New guide"))
    hand.click(page.get_by_role("button", name="Help where people get stuck"))
    hand.choose(page.get_by_label("At which step do they get stuck?"), "activation.verify_domain")
    # What the step says of itself is taken over.
    expect(page.get_by_label("What happens when it goes wrong?")).to_have_value("DNS Check Failed")
    expect(page.get_by_label("What happens when it goes well?")).to_have_value("Domain Verified")
    hand.fill(page.get_by_label("Beside which element?"), "#dns-records")
    hand.choose(page.get_by_label("For whom?"), "self_serve")
    hand.fill(page.get_by_label("Title"), "Two records are missing")
    hand.fill(page.get_by_role("textbox", name="Text", exact=True), 'Add **both**, {{ first_name | "there" }}.')
    hand.click(page.get_by_role("button", name="Put it into the editor"))

    beside_the_text(page)
    page.screenshot(path=pictures / "console-form.png")
    hand.click(page.get_by_role("link", name="Review and publish").last)
    hand.click(page.get_by_role("button", name=re.compile("Publish as version")))
    page.get_by_role("heading", name="Versions").wait_for()
    assert hand.interactions <= MOST_INTERACTIONS

    meet_the_tooltip(context.new_page(), demo)
    context.close()
    assert complaints == []


def beside_the_text(page: Page) -> None:
    """The form has the rule, and beside it stands what it says, how it looks, and whom it matches."""
    from playwright.sync_api import expect

    form, panels = page.get_by_role("tabpanel", name="Form"), page.get_by_label("Beside the text")
    expect(form.get_by_role("group", name="When and where")).to_contain_text("Verify the domain")
    expect(panels).to_contain_text("they did “DNS Check Failed” at least twice")
    drawn = page.frame_locator("iframe.preview")
    expect(drawn.get_by_role("heading", name="Two records are missing")).to_be_visible()
    expect(drawn.get_by_text("Add both, there.", exact=True)).to_be_visible()
    expect(panels).to_contain_text("people meet the conditions now")


def meet_the_tooltip(window: Page, demo: RunningDemo) -> None:
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
