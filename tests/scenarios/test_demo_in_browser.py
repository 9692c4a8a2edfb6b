"""The story of the demo, played by a real browser: fail twice, be helped, succeed, be asked, and see it all counted."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenarios.conftest import RunningDemo

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

PICTURES = Path(__file__).parents[2] / "docs" / "images"
WORDS = "The hint was right there when I needed it. Great!"
PAGES = (
    *("/", "/stage", "/signup", "/domains/new", "/domains/maplebikes.example/dns", "/help/dns", "/campaigns/new"),
    *("/gallery", "/gallery/survey/dark-rtl-plain"),
)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A new visitor's browser window, in which nothing may go wrong."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    window = context.new_page()
    complaints: list[str] = []
    window.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    window.on("pageerror", lambda error: complaints.append(str(error)))
    yield window
    context.close()
    assert complaints == []


def sign_up(page: Page, demo: RunningDemo) -> FrameLocator:
    """From the landing page to the DNS page, as a self-serve customer; the product's window."""
    page.goto(demo.url)
    page.get_by_role("link", name="Start the story").click()
    product = page.frame_locator("[data-product]")
    # What is done first brings the sensors.
    with page.expect_request(re.compile(r"/sdk/sensors")):
        product.get_by_label("First name").fill("Robin")
    product.get_by_label("Work email").fill("robin@maplebikes.example")
    product.get_by_role("button", name="Create account").click()
    product.get_by_label("Domain").fill("maplebikes.example")
    product.get_by_role("button", name="Add domain").click()
    product.get_by_role("button", name="Check DNS").wait_for()
    return product


def fail_twice(page: Page, product: FrameLocator) -> dict[str, object]:
    """Press “Check DNS” twice with an empty zone; the reply to the request that carried the second failure."""
    check = product.get_by_role("button", name="Check DNS")
    check.click()
    product.get_by_text("Verification failed").wait_for()
    check.click()
    with page.expect_response(lambda answer: '"attempt":2' in (answer.request.post_data or "")) as second:
        product.get_by_text("Resolving").wait_for(state="hidden")
    reply: dict[str, object] = second.value.json()
    return reply


def test_the_story(page: Page, demo: RunningDemo, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    product = sign_up(page, demo)
    # A word that looks like a link and does nothing: people click it again and again.
    for _ in range(4):
        product.get_by_role("button", name="authoritative zone").click()

    reply = fail_twice(page, product)
    (decision,) = reply["decisions"]  # type: ignore[misc]
    assert decision["guide"] == "verify_help"

    expect(product.get_by_role("heading", name="Two records to add")).to_be_visible()
    expect(product.get_by_role("paragraph").filter(has_text="in your zone, Robin")).to_be_visible()
    field = product.locator("#dns-records").bounding_box()
    tooltip = product.get_by_role("dialog").bounding_box()
    assert field is not None
    assert tooltip is not None
    assert gap(field, tooltip) < 40
    expect(page.locator("[data-strip]")).to_contain_text("verify_help TARGETING_MATCH")
    picture = (PICTURES if os.environ.get("WAYPOST_SCREENSHOTS") else tmp_path) / "demo-tooltip.png"
    page.wait_for_timeout(1_500)  # until the figures beside it have come to rest
    page.screenshot(path=picture)

    product.get_by_text("Show me how").click()
    product.get_by_role("button", name="Add both for me").click()
    product.get_by_role("button", name="Check DNS").click()
    expect(product.get_by_text("maplebikes.example is yours")).to_be_visible()

    expect(product.get_by_role("heading", name="How easy was it to verify your domain?")).to_be_visible()
    product.get_by_role("radio", name="7, Very easy").click()
    product.get_by_role("textbox").fill(WORDS)
    product.get_by_role("button", name="Send").click()
    expect(product.get_by_role("heading", name="This goes straight to the team.")).to_be_visible()

    record = page.locator("[data-record]")
    expect(record.locator(".yours")).to_contain_text(WORDS, timeout=3_000)
    expect(record.locator("tr.moved", has_text="rage click")).to_be_visible()
    expect(record.locator(".mean .delta")).to_contain_text("+")


def gap(one: dict[str, float], other: dict[str, float]) -> float:
    """How far apart two boxes are, in pixels; below 0 they overlap."""
    across = max(one["x"] - other["x"] - other["width"], other["x"] - one["x"] - one["width"])
    down = max(one["y"] - other["y"] - other["height"], other["y"] - one["y"] - one["height"])
    return max(across, down)


def test_a_customer_of_a_large_company_is_not_helped_and_the_strip_says_why(page: Page, demo: RunningDemo) -> None:
    from playwright.sync_api import expect

    page.goto(f"{demo.url}/stage?new")
    product = page.frame_locator("[data-product]")
    product.get_by_label("First name").fill("Kim")
    product.get_by_label("Work email").fill("kim@large.example")
    product.get_by_text("A large company").click()
    product.get_by_role("button", name="Create account").click()
    product.get_by_label("Domain").fill("large.example")
    product.get_by_role("button", name="Add domain").click()
    product.get_by_role("button", name="Check DNS").wait_for()
    reply = fail_twice(page, product)
    assert reply["decisions"] == []
    expect(page.locator("[data-strip]")).to_contain_text("verify_help NOT_IN_AUDIENCE")


def test_restarting_begins_as_somebody_new(page: Page, demo: RunningDemo) -> None:
    from playwright.sync_api import expect

    product = sign_up(page, demo)
    expect(product.locator("[data-who]")).to_have_text("Robin")
    before = page.evaluate("localStorage.getItem('postbird')")
    page.get_by_role("button", name="Restart as a new user").click()
    expect(product.get_by_role("button", name="Create account")).to_be_visible()
    expect(product.locator("[data-who]")).to_be_hidden()
    assert page.evaluate("localStorage.getItem('postbird')") != before
    expect(page.locator("[data-hints] .done")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_no_page_is_wider_than_the_screen(chromium: Browser, demo: RunningDemo, width: int, scheme: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
    window = context.new_page()
    for path in PAGES:
        window.goto(demo.url + path)
        assert window.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    context.close()
