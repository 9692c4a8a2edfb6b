"""Feedback waits at the edge of the window; a comment is about the page or about one element of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, shown
from tests.widgets.fake_server import FakeServer, name_of

pytestmark = pytest.mark.browser


def launched(page: Any, server: FakeServer, **changes: Any) -> Any:
    """The tab, with the example's launcher decided at every page view."""
    server.answer("$page", decision({**example("feedback"), **changes}))
    page.goto(server.page + "/domains/verify")
    tab = page.get_by_role("button", name="Feedback", exact=True)
    tab.wait_for()
    return tab


def told(server: FakeServer) -> list[str]:
    return [name for name, _ in server.events()]


def in_guide(page: Any, script: str) -> Any:
    return page.evaluate(f"(() => {{ const root = document.querySelector('waypost-guide').shadowRoot; {script} }})()")


def say(page: Any, words: str) -> None:
    page.get_by_role("radio", name="An idea").click()
    page.get_by_role("heading", name="Tell us about it").wait_for()
    page.locator("waypost-guide").get_by_role("textbox").fill(words)
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("button", name="Skip").click()
    # They stay as long as the pointer is on them.
    page.get_by_role("heading", name="Thank you. We read every word.").hover()


def test_the_tab_asks_nothing_until_it_is_pressed_and_takes_no_focus(page: Any, server: FakeServer) -> None:
    tab = launched(page, server)
    assert page.locator("waypost-guide .card").count() == 0
    assert page.evaluate("document.activeElement.localName") == "body"
    assert tab.get_attribute("aria-expanded") == "false"
    server.wait_for_event("$shown")
    assert told(server) == ["$shown"]


def test_a_comment_on_the_page_is_sent_and_the_tab_stays(page: Any, server: FakeServer) -> None:
    tab = launched(page, server)
    tab.click()
    say(page, "Verify them for me")
    server.wait_for(lambda: "$completed" in told(server))
    answers = [each for name, each in server.events() if name == "$answered"]
    assert [(each["question"], each["value"]) for each in answers] == [
        ("kind", "idea"),
        ("comment", "Verify them for me"),
    ]
    assert all("selector" not in each for each in answers)
    assert len({each["submission"] for each in answers}) == 1
    shown(page).get_by_role("button", name="Close").click()
    page.locator("waypost-guide .card").wait_for(state="detached")
    assert tab.is_visible()
    assert "$dismissed" not in told(server), "after its completion, closing is only tidying up"


def test_each_time_it_is_opened_is_a_submission_of_its_own(page: Any, server: FakeServer) -> None:
    tab = launched(page, server)
    for words in ("First", "Second"):
        tab.click()
        say(page, words)
        shown(page).get_by_role("button", name="Close").click()
        page.locator("waypost-guide .card").wait_for(state="detached")
    server.wait_for(lambda: told(server).count("$completed") == 2)
    answers = [each for name, each in server.events() if name == "$answered" and each["question"] == "comment"]
    assert [each["value"] for each in answers] == ["First", "Second"]
    assert answers[0]["submission"] != answers[1]["submission"]


def test_a_comment_on_an_element_names_it_and_what_was_answered_before_is_kept(page: Any, server: FakeServer) -> None:
    launched(page, server).click()
    page.get_by_role("radio", name="A problem").click()
    page.get_by_role("heading", name="Tell us about it").wait_for()
    page.get_by_role("button", name="One element").click()
    box = page.locator("#verify").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.click(box["x"] + 8, box["y"] + 8)
    page.get_by_role("button", name="One element: Verify records").wait_for()
    assert page.locator("#verify").inner_text() == "Verify records", "the page never got the click"
    page.locator("waypost-guide").get_by_role("textbox").fill("It does nothing")
    page.get_by_role("button", name="Next", exact=True).click()
    server.wait_for(lambda: len([name for name in told(server) if name == "$answered"]) == 2)
    first, second = (each for name, each in server.events() if name == "$answered")
    assert "selector" not in first
    assert second["selector"] == "#verify"
    assert second["value"] == "It does nothing"


def test_an_element_is_chosen_by_keyboard_alone(page: Any, server: FakeServer) -> None:
    tab = launched(page, server)
    tab.focus()
    page.keyboard.press("Enter")
    page.get_by_role("group", name="What it is about").wait_for()
    page.get_by_role("button", name="One element").focus()
    page.keyboard.press("Enter")
    page.get_by_role("application").wait_for()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    marked = page.locator("waypost-guide [role=status]", has_text="Overview")
    marked.first.wait_for(state="attached")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="One element: Overview").wait_for()
    assert in_guide(page, "return root.contains(root.activeElement)")


def test_cancelling_the_choice_goes_back_to_the_page_and_escape_to_the_tab(page: Any, server: FakeServer) -> None:
    tab = launched(page, server)
    tab.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="One element").click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="This page", pressed=True).wait_for()
    page.keyboard.press("Escape")
    page.locator("waypost-guide .card").wait_for(state="detached")
    assert in_guide(page, "return root.activeElement.className.includes('launcher')")
    assert server.wait_for_event("$dismissed") == {"guide": "guide_1", "how": "escape"}


def test_it_stands_beside_other_guides_without_a_place_of_its_own(page: Any, server: FakeServer) -> None:
    both = [decision(example("feedback"), id="dec_2", guide="ideas"), decision(example("slideout"))]
    server.decides = lambda message: both if name_of(message) == "$page" else []
    page.goto(server.page)
    shown(page)
    page.get_by_role("button", name="Feedback", exact=True).wait_for()
    assert server.confirmed == [], "nobody stood in line"


def test_two_launchers_stand_one_below_the_other(page: Any, server: FakeServer) -> None:
    both = [
        decision({**example("feedback"), "label": label}, id=f"dec_{label}", guide=label) for label in ("Ideas", "Bugs")
    ]
    server.decides = lambda message: both if name_of(message) == "$page" else []
    page.goto(server.page)
    boxes = []
    for label in ("Ideas", "Bugs"):
        tab = page.get_by_role("button", name=label, exact=True)
        tab.wait_for()
        boxes.append(tab.bounding_box())
    upper, lower = sorted(boxes, key=lambda box: box["y"])
    assert upper["y"] + upper["height"] < lower["y"]


def test_without_questions_the_browser_asks_in_its_own_words(page: Any, server: FakeServer) -> None:
    launched(page, server, questions=[], language="de").click()
    page.get_by_role("heading", name="Was möchten Sie uns sagen?").wait_for()
    page.locator("waypost-guide").get_by_role("textbox").fill("Mehr Farben")
    page.get_by_role("button", name="Senden", exact=True).click()
    assert server.wait_for_event("$answered")["question"] == "comment"


@pytest.mark.parametrize("frame", ["modal", "banner"])
def test_in_every_frame_an_element_can_be_pointed_at(page: Any, server: FakeServer, frame: str) -> None:
    show = {"widget": frame, "target": None, "side": "bottom" if frame == "banner" else None}
    launched(page, server, show=show).click()
    page.get_by_role("button", name="One element").click()
    box = page.locator("#verify").bounding_box()
    page.mouse.click(box["x"] + 8, box["y"] + 8)
    page.get_by_role("button", name="One element: Verify records").wait_for()
    page.get_by_role("radio", name="An idea").click()
    assert server.wait_for_event("$answered")["selector"] == "#verify"


def test_in_a_narrow_window_the_questions_do_not_lie_on_the_tab(page: Any, server: FakeServer) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    launched(page, server).click()
    card = shown(page).bounding_box()
    tab = page.get_by_role("button", name="Feedback", exact=True).bounding_box()
    assert tab["y"] + tab["height"] <= card["y"]
