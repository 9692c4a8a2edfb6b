"""The gallery shows everything there is, as the wire promises it, and without a complaint of the browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.exceptions import NotFound

from api.demo.gallery import WIDTHS, Look, decision, pieces
from tests.widgets.gallery import LONG, LOOKS, gallery, opened
from widgets.registry import QUESTION_TYPES, WIDGETS
from widgets.schemas import validator

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery() as found:
        yield found


def test_it_has_every_widget_every_question_and_every_frame() -> None:
    assert {*WIDGETS, *(f"ask-{name}" for name in QUESTION_TYPES)} <= set(pieces())
    frames = {name for name, spec in WIDGETS.items() if spec.frames_surveys}
    assert {content["show"]["widget"] for content in pieces().values() if "show" in content} == frames


@pytest.mark.parametrize("look", [*LOOKS, *LONG], ids=str)
def test_every_piece_is_a_decision_of_the_wire(look: Look) -> None:
    faults = {
        name: [error.message for error in validator("decision.schema.json").iter_errors(decision(name, look))]
        for name in pieces()
    }
    assert {name: each for name, each in faults.items() if each} == {}


def test_in_arabic_every_word_of_the_examples_is_arabic() -> None:
    def words(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in {"text", "title", "alt", "label", "thanks"} and isinstance(value, str):
                    yield value
                yield from words(value)
        for each in node if isinstance(node, list) else ():
            yield from words(each)

    said = {text for name in pieces() for text in words(decision(name, Look(direction="rtl"))["content"])}
    assert {text for text in said if text.isascii() and text.strip(". ")} == set()


@pytest.mark.parametrize("text", ["light", "light-ltr", "blue-ltr-plain", "dark-ttb-plain", "dark-rtl-short", ""])
def test_a_look_that_there_is_not_is_not_found(text: str) -> None:
    with pytest.raises(NotFound):
        Look.read(text)


@pytest.mark.browser
def test_the_overview_leads_to_every_piece_in_every_look(chromium: Any, address: str) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{address}?look=dark-rtl-plain&width=1280")
    frames = page.locator("iframe").evaluate_all("(all) => all.map((each) => [each.title, each.getAttribute('src')])")
    assert frames == [[name, f"/gallery/{name}/dark-rtl-plain"] for name in pieces()]
    assert set(page.locator("iframe").evaluate_all("(all) => all.map((each) => each.width)")) == {"1280"}
    offered = page.get_by_role("navigation", name="Looks").get_by_role("link").all_inner_texts()
    assert offered == ["light", "dark", "ltr", "rtl", "plain", "long", *map(str, WIDTHS)]
    page.get_by_role("link", name="light", exact=True).click()
    page.wait_for_url("**look=light-rtl-plain**")
    page.close()


@pytest.mark.browser
def test_every_piece_is_drawn_without_a_complaint(chromium: Any, address: str) -> None:
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for name in pieces():
        assert opened(page, address, name, LOOKS[0]).is_visible()
    page.close()
    assert complaints == []
