"""Everything by keyboard alone, from the page into a guide, through it, and back to where one was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, shown, survey_of
from tests.widgets.fake_server import FakeServer

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

FOCUSED = """() => {
  const inner = document.querySelector('waypost-guide')?.shadowRoot.activeElement;
  return inner ? inner.getAttribute('aria-label') ?? inner.textContent.trim() : document.activeElement.id;
}"""
HAS_FOCUS = f"""([name, whole]) => {{
  const focused = ({FOCUSED})();
  return whole ? focused === name : focused.startsWith(name);
}}"""
OVERLAYS = ("modal", "survey in a modal")
MOST_TABS = 25


def asked_for(page: Any, server: FakeServer, content: dict[str, Any]) -> None:
    """Somebody writes a note, and the guide comes up beside it."""
    server.answer("Asked", decision(content))
    page.goto(server.page + "/domains/verify")
    page.locator("#note").focus()
    page.evaluate("waypost.track('Asked')")
    page.locator("waypost-guide .card, waypost-guide .mark, waypost-guide .launcher").first.wait_for()


def focused(page: Any) -> str:
    return str(page.evaluate(FOCUSED))


def await_focus(page: Any, name: str, *, whole: bool = True) -> None:
    """Wait until what has that name, or a name that begins so, has the focus."""
    page.wait_for_function(HAS_FOCUS, arg=[name, whole])


def tab_to(page: Any, name: str, *, key: str = "Tab") -> None:
    """Press Tab until what has that name has the focus."""
    met = []
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        met.append(focused(page))
        if met[-1].startswith(name):
            return
    raise AssertionError(f"`{name}` is not reached, only {met}")


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


GUIDES = {
    **{name: example(name) for name in ("tooltip", "modal", "banner", "slideout", "checklist", "tour", "survey")},
    "survey in a modal": {**example("survey"), "show": {"widget": "modal", "target": None, "side": None}},
}


@pytest.mark.parametrize("name", GUIDES)
def test_only_an_overlay_takes_the_focus_and_each_gives_it_back(page: Any, server: FakeServer, name: str) -> None:
    asked_for(page, server, GUIDES[name])
    shown(page)
    if name in OVERLAYS:
        page.wait_for_function(f"() => ({FOCUSED})() !== 'note'")
    else:
        assert focused(page) == "note"
    tab_to(page, "Close")
    page.keyboard.press("Enter")
    page.locator("waypost-guide").wait_for(state="detached")
    await_focus(page, "note")
    assert server.wait_for_event("$dismissed")["how"] == "close"


def test_a_hotspot_leads_into_its_card_and_back_to_the_page(page: Any, server: FakeServer) -> None:
    asked_for(page, server, example("hotspot"))
    assert focused(page) == "note"
    tab_to(page, "Show a hint")
    page.keyboard.press("Enter")
    shown(page)
    await_focus(page, "Bring your contacts along")
    tab_to(page, "Import contacts")
    page.keyboard.press("Escape")
    page.locator("waypost-guide").wait_for(state="detached")
    await_focus(page, "note")


def test_a_tour_is_gone_through_without_losing_the_focus(page: Any, server: FakeServer) -> None:
    asked_for(page, server, example("tour"))
    titles = ["This is your domain", "These records prove it", "Then press this"]
    for title, button in zip(titles, ["Next", "Next", "Done"], strict=True):
        page.get_by_role("heading", name=title).wait_for()
        tab_to(page, button)
        page.keyboard.press("Enter")
    page.locator("waypost-guide").wait_for(state="detached")
    server.wait_for_event("$completed")
    await_focus(page, "note")


def test_a_checklist_is_folded_unfolded_and_left(page: Any, server: FakeServer) -> None:
    asked_for(page, server, example("checklist"))
    tab_to(page, "Fold away")
    page.keyboard.press("Enter")
    await_focus(page, "Get ready to send", whole=False)
    page.keyboard.press("Enter")
    shown(page)
    await_focus(page, "Get ready to send")
    tab_to(page, "Send a test to yourself")


ANSWERS: list[tuple[str, list[str], Any]] = [
    ("nps", ["End", "ArrowLeft", "Enter"], 9),
    ("effort", ["ArrowRight", "Space"], 2),
    ("csat", ["ArrowRight", "ArrowRight", "Enter"], 3),
    ("rating", ["End", "Enter"], 5),
    ("choice", ["ArrowDown", "Enter"], "I was not sure it would work"),
    ("choices", ["Space", "Tab", "Space", "to Send", "Enter"], ["docs", "search"]),
    ("consent", ["Space", "to Send", "Enter"], True),
    ("date", ["type 12242027", "Enter"], "2027-12-24T00:00:00Z"),
    ("email", ["type ada@example.com", "Enter"], "ada@example.com"),
    ("text", ["type Less", "Control+Enter"], "Less"),
    ("rank", ["to Move down: Text messages", "Enter", "Enter", "to Send", "Enter"], ["tests", "reports", "sms"]),
]


@pytest.mark.parametrize(("kind", "keys", "value"), ANSWERS)
def test_every_question_is_answered(page: Any, server: FakeServer, kind: str, keys: list[str], value: Any) -> None:
    asked_for(page, server, survey_of(example(f"survey/questions/{kind}")))
    page.keyboard.press("Tab")
    for key in keys:
        what, _, more = key.partition(" ")
        if what == "to":
            tab_to(page, more)
        elif what == "type":
            page.keyboard.type(more)
        else:
            page.keyboard.press(key)
    answered = server.wait_for_event("$answered")["value"]
    assert answered == value
    page.get_by_role("heading", name="Thank you. This goes straight to the team.").wait_for()
    await_focus(page, "Thank you. This goes straight to the team.")
    tab_to(page, "Close")
    page.keyboard.press("Enter")
    page.locator("waypost-guide").wait_for(state="detached")
    await_focus(page, "note")


def test_moving_in_a_ranking_keeps_the_focus_and_is_said(page: Any, server: FakeServer) -> None:
    asked_for(page, server, survey_of(example("survey/questions/rank")))
    tab_to(page, "Move down: Text messages")
    press(page, "Enter", "Enter", "Enter")
    page.locator("waypost-guide [role=status]", has_text="Text messages: 3 / 3").wait_for(state="attached")
    # At the end it still has the focus.
    await_focus(page, "Move down: Text messages")


def test_words_of_one_s_own_are_asked_for_where_the_focus_is(page: Any, server: FakeServer) -> None:
    asked_for(page, server, survey_of(example("survey/questions/choice")))
    press(page, "Tab", "End", "Enter")
    await_focus(page, "Tell us more")
    page.keyboard.type("The invoice")
    page.keyboard.press("Enter")
    answered = server.wait_for_event("$answered")
    assert (answered["value"], answered["text"]) == ("other", "The invoice")


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("tooltip", "dialog"),
        ("slideout", "dialog"),
        ("checklist", "dialog"),
        ("tour", "dialog"),
        ("banner", "region"),
        ("survey", "dialog"),
    ],
)
def test_what_takes_no_focus_is_said_and_goes_by_its_title(page: Any, server: FakeServer, name: str, role: str) -> None:
    asked_for(page, server, example(name))
    title = shown(page).get_by_role("heading").inner_text()
    page.get_by_role(role, name=title).wait_for()
    page.locator("waypost-guide p[role=status]", has_text=title).wait_for(state="attached")


@pytest.mark.parametrize("name", [*GUIDES, "hotspot", "feedback"])
def test_nothing_moves_for_those_who_want_it_calm(page: Any, server: FakeServer, name: str) -> None:
    asked_for(page, server, GUIDES.get(name) or example(name))
    moving = page.evaluate(
        "document.querySelector('waypost-guide').shadowRoot.getAnimations().map((each) => each.animationName)"
    )
    assert moving == []
