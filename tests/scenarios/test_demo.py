"""`waypost demo` as people start it: its check, its addresses, its pages, and what it leaves alone. Then in a browser:
a customer who is helped, the analyst's five minutes, and a rule that is written with the form.

All with one demo: the last tests change its rules, and the tests before them have read them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from rich.console import Console

from api.demo import feed, material, story
from api.demo.visitor import fetch
from api.demo.week import CUSTOMERS
from engine.reasons import Reason
from examples.demo.history import USERS
from tests.scenarios.conftest import RunningDemo
from tests.scenarios.playing import (
    Hand,
    answer_the_survey,
    begin_as_a_large_company,
    complaints,
    fail_twice,
    heeded,
    meet_the_colleague,
    meet_the_written_tooltip,
    picture,
    sign_up,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page


def test_a_check_that_fails_says_where_and_plays_no_further() -> None:
    said = io.StringIO()
    held = story.play(
        "http://127.0.0.1:9", secret_key="none", ready_after=0, console=Console(file=said, width=200, highlight=False)
    )
    assert not held
    assert said.getvalue().count("✗") == 1
    assert "did not answer" in said.getvalue()
    assert f"{len(story.PARTS) - 1} more parts were not played" in said.getvalue()


def test_a_taken_port_is_answered_with_the_next_free_one(demo: RunningDemo) -> None:
    port = int(demo.url.rpartition(":")[2])
    assert demo.asked < port < demo.asked + 100
    assert f"Port {demo.asked} is taken; this is port {port}." in demo.log.read_text()


def test_it_keeps_everything_in_the_folder_that_it_was_given(demo: RunningDemo) -> None:
    assert [path.name for path in demo.data.glob("*.sqlite")] == ["waypost.sqlite"]


def test_the_pages_of_the_story_are_strict_and_load_the_snippet_as_a_customer_would(demo: RunningDemo) -> None:
    stage = story.Stage(demo.url, "", story.Visitor(demo.url, story.PUBLIC_KEY, story.system_clock))
    story.pages_are_strict(stage)


def test_the_landing_page_tells_the_story_in_three_sentences_and_shows_the_rule_in_force(demo: RunningDemo) -> None:
    page = fetch(demo.url).body.decode()
    (told,) = re.findall(r'<ol class="story">(.*?)</ol>', page, re.DOTALL)
    sentences = re.findall(r"<li>(.*?)</li>", told)
    assert len(sentences) == 3
    assert all(sentence.endswith(".") and sentence.count(".") == 1 for sentence in sentences)
    assert "Start the story" in page
    assert "Restart as a new user" in page
    assert "guide verify_help" in page


def test_a_domain_in_an_address_is_only_ever_text(demo: RunningDemo) -> None:
    page = fetch(f"{demo.url}/domains/%3Cimg%20src=x%20onerror=alert(1)%3E/dns")
    assert page.status == HTTPStatus.OK
    assert b"<img src=x" not in page.body


@pytest.mark.parametrize("path", ["/demo/assets/../history.py", "/demo/assets/..%2fhistory.py", "/demo/assets/none.js"])
def test_only_the_assets_are_served(demo: RunningDemo, path: str) -> None:
    assert fetch(demo.url + path).status == HTTPStatus.NOT_FOUND


def test_the_records_of_all_steps_are_there_with_the_simulated_customers(demo: RunningDemo) -> None:
    steps = fetch(f"{demo.url}/demo/steps").json["steps"]
    assert [step["name"] for step in steps] == ["signup", "connect_domain", "verify_domain", "first_campaign"]
    entered = [step["counts"]["entered"] for step in steps]
    assert USERS <= entered[0] <= USERS + 10
    assert entered == sorted(entered, reverse=True)
    for step in steps:
        counts = step["counts"]
        assert counts["entered"] <= counts["completed"] + counts["skipped"] + counts["dropped"] + counts["in_progress"]


@pytest.mark.parametrize("cursor", ["", "x.y", "1", "-1.2", "٣.1", "9" * 40 + ".1"])
def test_a_cursor_that_is_none_is_answered_with_where_the_log_is_now(demo: RunningDemo, cursor: str) -> None:
    answer = fetch(f"{demo.url}/demo/feed?after={quote(cursor)}")
    assert answer.status == HTTPStatus.OK
    assert answer.json["items"] == []


def test_every_reason_has_a_meaning() -> None:
    assert all(feed.meaning(reason).endswith(".") for reason in Reason)


def test_the_rule_on_the_landing_page_is_the_whole_guide() -> None:
    rule = material.help_rule()
    assert rule.startswith("guide verify_help ")
    assert rule.endswith("}")
    assert rule.count("{") == rule.count("}")


# in a browser: as a customer

PATIENCE = 30_000
"""Milliseconds that a busy machine may take for what it usually does at once."""
WORDS = "The hint was right there when I needed it. Great!"
PAGES = (
    *("/", "/stage", "/signup", "/domains/new", "/domains/maplebikes.example/dns", "/help/dns", "/campaigns/new"),
    *("/gallery", "/gallery/survey/dark-rtl-plain"),
)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A new visitor's browser window, in which nothing may go wrong."""
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    window = context.new_page()
    heard = complaints(window)
    yield window
    context.close()
    assert heard == []


@pytest.mark.browser
@pytest.mark.thorough
def test_a_customer_who_fails_twice_is_helped_succeeds_is_asked_and_counted(page: Page, demo: RunningDemo) -> None:
    from playwright.sync_api import expect

    told: list[str] = []
    page.on("requestfinished", lambda request: told.append(request.url))
    product = sign_up(page, demo)
    # A word that looks like a link and does nothing: people click it again and again.
    product.get_by_role("button", name="authoritative zone").hover()
    for _ in range(4):
        page.mouse.down()
        page.mouse.up()

    reply = fail_twice(page, product)
    (decision,) = reply["decisions"]  # type: ignore[misc]
    assert decision["guide"] == "verify_help"

    expect(product.get_by_role("heading", name="Two records to add")).to_be_visible()
    expect(product.get_by_role("paragraph").filter(has_text="in your zone, Robin")).to_be_visible()
    comes_near(page, product.locator("#dns-records"), product.get_by_role("dialog"))
    expect(page.locator("[data-strip]")).to_contain_text("verify_help TARGETING_MATCH")
    picture(page, "demo-tooltip")

    product.get_by_text("Show me how").click()
    heeded(product.get_by_role("button", name="Add both for me")).click()
    heeded(product.get_by_role("button", name="Check DNS")).click()
    expect(product.get_by_text("maplebikes.example is yours")).to_be_visible()

    expect(product.get_by_role("heading", name="How easy was it to verify your domain?")).to_be_visible()
    product.get_by_role("radio", name="7, Very easy").click()
    product.get_by_role("textbox").fill(WORDS)
    product.get_by_role("button", name="Send").click()
    expect(product.get_by_role("heading", name="This goes straight to the team.")).to_be_visible()

    record = page.locator("[data-record]")
    expect(record.locator(".yours")).to_contain_text(WORDS)
    expect(record.locator("tr.moved", has_text="rage click")).to_be_visible()
    expect(record.locator(".mean .delta")).to_contain_text("+")
    for _ in range(PATIENCE // 200):
        if f"{demo.url}/v1/replays" in told:
            break
        page.wait_for_timeout(200)
    assert f"{demo.url}/v1/replays" in told, "what went wrong is recorded"


def comes_near(page: Page, one: Locator, other: Locator) -> None:
    """Wait until two elements stand side by side: the page may still be scrolling to them."""
    apart = gap(one, other)
    for _ in range(PATIENCE // 200):
        if apart < 40:
            return
        page.wait_for_timeout(200)
        apart = gap(one, other)
    raise AssertionError(f"they are {apart} pixels apart")


def gap(first: Locator, second: Locator) -> float:
    """How far apart two elements are, in pixels; below 0 they overlap."""
    one, other = first.bounding_box(), second.bounding_box()
    assert one is not None
    assert other is not None
    across = max(one["x"] - other["x"] - other["width"], other["x"] - one["x"] - one["width"])
    down = max(one["y"] - other["y"] - other["height"], other["y"] - one["y"] - one["height"])
    return max(across, down)


@pytest.mark.browser
@pytest.mark.thorough
def test_a_customer_of_a_large_company_is_not_helped_and_the_strip_says_why(page: Page, demo: RunningDemo) -> None:
    from playwright.sync_api import expect

    page.goto(f"{demo.url}/stage?new")
    product = page.frame_locator("[data-product]")
    begin_as_a_large_company(product)
    reply = fail_twice(page, product)
    assert reply["decisions"] == []
    expect(page.locator("[data-strip]")).to_contain_text("verify_help NOT_IN_AUDIENCE")


@pytest.mark.browser
@pytest.mark.thorough
def test_restarting_begins_as_somebody_new(page: Page, demo: RunningDemo) -> None:
    from playwright.sync_api import expect

    product = sign_up(page, demo)
    expect(product.locator("[data-who]")).to_have_text("Robin")
    before = page.evaluate("localStorage.getItem('postbird')")
    page.get_by_role("button", name="Restart as a new user").click()
    heeded(product.get_by_role("button", name="Create account"))
    expect(product.locator("[data-who]")).to_be_hidden()
    assert page.evaluate("localStorage.getItem('postbird')") != before
    expect(page.locator("[data-hints] .done")).to_have_count(0)


@pytest.mark.browser
@pytest.mark.thorough
def test_no_page_is_wider_than_the_screen(page: Page, demo: RunningDemo) -> None:
    wide: list[str] = []
    for path in PAGES:
        page.goto(demo.url + path)
        for width in (360, 768, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                if page.evaluate("document.documentElement.scrollWidth - innerWidth") > 0:
                    wide.append(f"{path} at {width}, {scheme}")
    assert wide == []


# in a browser: as the analyst


def plan_what_is_behind_it(page: Page) -> None:
    heeded(page.get_by_role("button", name="Make a roadmap item").first).click()
    dialog = page.get_by_role("dialog", name="Make a roadmap item")
    dialog.get_by_label("What is to be done").fill("A page that people without DNS rights can pass on")
    dialog.get_by_role("button", name="Add to the roadmap").click()


@pytest.mark.browser
@pytest.mark.thorough
def test_an_analyst_goes_from_the_drop_off_to_a_proven_effect(page: Page, demo: RunningDemo) -> None:
    from playwright.sync_api import expect

    page.set_default_timeout(PATIENCE)
    page.set_viewport_size({"width": 1280, "height": 900})

    def drawn(name: str) -> None:
        for figure in page.locator("figure[data-chart]").all():
            figure.locator("svg path").first.wait_for(state="attached")
        picture(page, f"console-{name}")

    strip, main = page.get_by_label("The story"), page.locator("main")
    go_on = strip.get_by_role("link", name="Go there")

    page.goto(demo.url)
    page.get_by_role("button", name="Be the analyst").click()
    go_on.click()
    expect(main).to_contain_text("are lost between “Connect a domain” and “Verify the domain”: clearly the sharpest")
    drawn("find")
    go_on.click()
    expect(main).to_contain_text("left before “Verify the domain”")
    drawn("trace")
    go_on.click()
    expect(main.locator(".words")).to_contain_text(re.compile("DNS|IT"))
    drawn("feel")
    go_on.click()
    expect(main).to_contain_text("for enterprise")
    drawn("act")

    heeded(strip.get_by_role("button", name="Put the prepared rule in force")).click()
    expect(strip).to_contain_text("Meet it.")
    product = meet_the_colleague(other := page.context.new_page(), demo)
    answer_the_survey(product)
    # What was answered is on its way until the product's own page tells of it.
    other.locator("[data-strip] li", has_text="$answered").first.wait_for()
    other.close()
    page.reload()
    expect(strip).to_contain_text("A week goes by.")

    strip.get_by_role("button", name="Let the week go by").click()
    expect(strip).to_contain_text(f"of {CUSTOMERS:,} customers")
    go_on.click(timeout=120_000)
    proof = main.locator(".proof", has_text="ask_colleague")
    expect(proof).to_contain_text("More people come to “Domain Verified” within 1 day with it")
    expect(proof).to_contain_text("held out")
    expect(main).to_contain_text("ask_colleague stands before it")
    proof.evaluate("each => each.scrollIntoView({block: 'center'})")
    drawn("prove")
    go_on.click()
    plan_what_is_behind_it(page)
    expect(strip).to_contain_text("That was the story")


MOST_INTERACTIONS = 12
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


@pytest.mark.browser
@pytest.mark.thorough
def test_a_product_manager_writes_the_rule_with_the_form_and_it_appears(page: Page, demo: RunningDemo) -> None:
    from playwright.sync_api import expect

    page.set_default_timeout(PATIENCE)
    page.set_viewport_size({"width": 1280, "height": 900})
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
    picture(page, "console-form")
    hand.click(page.get_by_role("link", name="Review and publish").last)
    hand.click(heeded(page.get_by_role("button", name=re.compile("Publish as version"))))
    page.get_by_role("heading", name="Versions").wait_for()
    assert hand.interactions <= MOST_INTERACTIONS

    meet_the_written_tooltip(page.context.new_page(), demo)


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
