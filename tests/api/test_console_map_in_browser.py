"""The map in Chromium: written by keyboard, talked about, aimed with, presented, and shown to a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.permissions import Role
from tests.accessibility import barriers
from tests.api.asking import Site
from tests.api.browsing import session, visit, whole
from tests.api.test_console_map import API, cell, travelled
from tests.api.test_roadmap import said, send
from tests.api.test_shared_links import share
from tests.serving import serving

__all__ = ["travelled"]
MAP = "/console/p/default/map"
pytestmark = [pytest.mark.browser, pytest.mark.thorough]


@pytest.fixture(scope="module")
def address(travelled: Site) -> Iterator[str]:
    with serving(travelled.app) as address:
        yield address


@pytest.fixture
def page(chromium: Any, travelled: Site, address: str) -> Iterator[Any]:
    """A page of an analyst who is signed in; nothing is said against its policy."""
    found = visit(chromium, session(travelled, address, name="ann", role=Role.ANALYST), color_scheme="light")
    heard: list[str] = []
    found.on("pageerror", lambda error: heard.append(str(error)))
    yield found
    found.context.close()
    assert heard == []


def at(page: Any, name: str) -> Any:
    return page.locator(f'td[data-cell="{name}"]')


def opened(page: Any, address: str) -> None:
    """Go to the map, and wait until its keys work."""
    page.goto(address)
    page.locator('td[data-cell][tabindex="0"]').wait_for()


def comes_back(page: Any, name: str) -> None:
    """Wait until a cell has the focus again: the browser tells of a dialog that was closed a moment after it."""
    page.wait_for_function("(name) => document.activeElement.dataset.cell === name", arg=name)


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.dataset.cell"))


def lines(site: Site, row: str) -> list[tuple[str, int]]:
    found = said(send(site, "GET", f"{API}/cells"))["data"]
    return [(each["text"], each["revision"]) for each in found if each["row"] == row]


def test_a_cell_is_written_by_keyboard_alone_and_no_change_is_lost(
    page: Any, travelled: Site, address: str, axe: str
) -> None:
    opened(page, f"{address}{MAP}?rows=all")
    at(page, "persona|signup").focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == "motivation|signup"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "motivation|verify", "the folded column is stepped over"
    page.keyboard.press("Enter")
    page.keyboard.type("wants to <b>send</b> today")
    page.keyboard.press("Escape")
    assert focused(page) == "motivation|verify"
    assert lines(travelled, "motivation") == []
    page.keyboard.press("Enter")
    page.locator("form.cell-editor textarea[name=text]").fill("wants to <b>send</b> today")
    page.locator("form.cell-editor summary").click()
    page.locator("form.cell-editor fieldset input").first.check()
    page.locator("form.cell-editor textarea[name=text]").press("Control+Enter")
    written = at(page, "motivation|verify").locator(".typed")
    written.wait_for()
    assert written.locator(".text").inner_text() == "wants to <b>send</b> today"
    assert "hatched" not in (written.get_attribute("class") or ""), "an answer of a user speaks for it"
    comes_back(page, "motivation|verify")

    page.keyboard.press("Enter")
    page.locator("form.cell-editor textarea[name=text]").fill("mine")
    cell(travelled, "motivation", "theirs", step="verify")
    page.keyboard.press("Control+Enter")
    page.locator("#told", has_text="Somebody else changed this meanwhile").wait_for()
    assert page.locator("form.cell-editor textarea[name=text]").input_value() == "mine"
    assert lines(travelled, "motivation") == [("theirs", 2)]
    opened(page, page.url)
    at(page, "motivation|verify").focus()
    page.keyboard.press("Enter")
    assert page.locator("form.cell-editor textarea[name=text]").input_value() == "mine", "it is kept over a reload"
    page.locator("form.cell-editor [data-place-choice]").select_option(label="the whole journey")
    assert page.locator("form.cell-editor textarea[name=text]").input_value() == ""
    page.evaluate(axe)
    assert barriers(page, "body") == []


def test_a_cell_is_talked_about_and_a_step_is_aimed_at(page: Any, travelled: Site, address: str, axe: str) -> None:
    opened(page, f"{address}{MAP}?rows=all")
    at(page, "friction|verify").focus()
    page.keyboard.press("c")
    dialog = page.locator("#map-talk")
    dialog.get_by_label("Say something").fill("Why here?")
    dialog.get_by_role("button", name="Comment").click()
    dialog.locator(".speech", has_text="Why here?").wait_for()
    page.evaluate(axe)
    assert barriers(page, "#map-talk") == []
    page.keyboard.press("Escape")
    comes_back(page, "friction|verify")
    assert at(page, "friction|verify").locator(".talk .number").inner_text() == "1"

    at(page, "future|verify").locator("[data-aim]").click(force=True)
    aim = page.locator("#map-aim")
    aim.get_by_label("To be").fill("75")
    aim.get_by_label("By").fill("2099-Q1")
    assert barriers(page, "#map-aim") == []
    aim.get_by_role("button", name="Save").click()
    at(page, "future|verify").get_by_text("→ 75.0% by 2099-Q1").wait_for()
    comes_back(page, "future|verify")
    at(page, "future|verify").locator("[data-aim]").click(force=True)
    assert aim.get_by_label("To be").input_value() == "75"
    # Nothing is no target: that is told, and does not stand in the way of taking it back.
    aim.get_by_label("To be").fill("")
    aim.get_by_role("button", name="Save").click()
    aim.locator("[data-shown]:invalid").wait_for()
    aim.get_by_role("button", name="Take it back").click()
    at(page, "future|verify").get_by_text("75.0%").wait_for(state="detached")


def test_columns_fold_and_the_address_says_which(page: Any, address: str) -> None:
    opened(page, f"{address}{MAP}")
    tour = page.locator('th[data-col="tour"]')
    assert tour.bounding_box()["width"] < 60
    page.get_by_role("button", name="Unfold all steps").click()
    assert tour.bounding_box()["width"] > 150
    page.locator('[data-fold="signup"]').click()
    page.reload()
    assert page.locator('[data-fold="signup"]').get_attribute("aria-expanded") == "false"
    assert page.locator('[data-fold="tour"]').get_attribute("aria-expanded") == "true"
    page.locator("tr.curve svg path").first.wait_for(state="attached")
    # Each point stands over the middle of its column, as soon as the page has measured its columns.
    page.wait_for_function(
        """() => {
          const heads = [...document.querySelectorAll("thead th[data-col]")].map((each) => each.offsetWidth);
          const { columns } = JSON.parse(document.querySelector("tr.curve script").textContent);
          return JSON.stringify(columns) === JSON.stringify(heads);
        }"""
    )


def test_a_presenter_walks_with_the_arrow_keys_and_leaves_with_escape(page: Any, address: str, axe: str) -> None:
    page.goto(f"{address}{MAP}?roadmap=1")
    page.keyboard.press("p")
    page.locator(".presenting").wait_for()
    whole(page)
    assert not page.locator(".side").is_visible()
    here = "document.querySelector('[data-here]')?.textContent.trim().split(/\\s+/)[0]"
    walked = []
    for key in ("ArrowRight", "ArrowRight", "PageDown", "ArrowLeft", "End"):
        page.keyboard.press(key)
        walked.append(page.evaluate(here))
    assert walked == ["Activation", "A1", "A2", "A1", "Week"]
    assert page.locator("[data-walk]").inner_text() == "6 of 6"
    page.evaluate(axe)
    assert barriers(page, "body") == []
    page.keyboard.press("Escape")
    page.locator(".side").wait_for()
    assert "present" not in page.url
    assert "roadmap=1" in page.url


def test_a_stranger_folds_and_reads_and_finds_nothing_else(page: Any, travelled: Site, address: str) -> None:
    link = share(travelled, "map")["url"].partition("/console")[2]
    context = page.context.browser.new_context(viewport={"width": 360, "height": 800})
    stranger = context.new_page()
    heard: list[str] = []
    stranger.on("console", lambda message: heard.append(message.text))
    stranger.goto(f"{address}/console{link}")
    stranger.locator("tr.curve svg path").first.wait_for(state="attached")
    whole(stranger)
    stranger.locator('[data-fold="tour"]').click()
    assert stranger.locator('[data-fold="tour"]').get_attribute("aria-expanded") == "true"
    assert "?" not in stranger.url
    assert stranger.locator("a[href], form, input, select").count() == 0
    wide = stranger.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], "the table scrolls, the page does not"
    assert heard == []
    context.close()
