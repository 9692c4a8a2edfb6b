"""A survey asks one question at a time, and each answer is out as soon as it is given."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, shown, survey_of
from tests.widgets.fake_server import FakeServer

pytestmark = pytest.mark.browser


def asked(page: Any, server: FakeServer, content: dict[str, Any]) -> Any:
    server.answer("$page", decision(content))
    page.goto(server.page + "/domains/verify")
    return shown(page)


def answers(server: FakeServer) -> list[tuple[str, Any]]:
    return [(each["question"], each["value"]) for name, each in server.events() if name == "$answered"]


def pick(page: Any, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()


def heading(page: Any, text: str) -> None:
    page.get_by_role("heading", name=text, exact=True).wait_for()


def test_a_hard_time_is_asked_for_its_cause(page: Any, server: FakeServer) -> None:
    asked(page, server, example("survey"))
    pick(page, "2")
    heading(page, "What slowed you down?")
    pick(page, "It kept failing")
    heading(page, "What should we fix first?")
    page.locator("waypost-guide").get_by_role("textbox").fill("  The error says nothing. ")
    page.get_by_role("button", name="Send", exact=True).click()
    heading(page, "Thank you. This goes straight to the team.")
    server.wait_for_event("$completed")
    assert answers(server) == [("ease", 2), ("cause", "It kept failing"), ("detail", "The error says nothing.")]
    told = [(name, each) for name, each in server.events() if name not in ("$shown",)]
    assert [name for name, _ in told] == ["$started", "$answered", "$answered", "$answered", "$completed"]
    submissions = {each["submission"] for name, each in told if name == "$answered"}
    assert len(submissions) == 1
    assert all(each["language"] == "en" for name, each in told if name == "$answered")


def test_an_easy_time_is_not(page: Any, server: FakeServer) -> None:
    asked(page, server, example("survey"))
    pick(page, "7, Very easy")
    heading(page, "What should we fix first?")
    page.get_by_role("button", name="Skip").click()
    heading(page, "Thank you. This goes straight to the team.")
    server.wait_for(lambda: ("$skipped", {"guide": "guide_1", "question": "detail"}) in server.events())
    assert answers(server) == [("ease", 7)]


def test_what_was_answered_before_closing_is_kept(page: Any, server: FakeServer) -> None:
    card = asked(page, server, example("survey"))
    pick(page, "3")
    heading(page, "What slowed you down?")
    card.get_by_role("button", name="Close").click()
    server.wait_for_event("$dismissed")
    assert answers(server) == [("ease", 3)]
    assert "$completed" not in [name for name, _ in server.events()]


def test_leaving_the_page_half_way_is_told_as_abandoned(page: Any, server: FakeServer) -> None:
    asked(page, server, example("survey"))
    pick(page, "3")
    heading(page, "What slowed you down?")
    page.goto(server.page + "/?page=bare")
    assert server.wait_for_event("$abandoned") == {"guide": "guide_1"}
    assert answers(server) == [("ease", 3)]


def test_after_a_reload_it_goes_on_with_what_was_answered(page: Any, server: FakeServer) -> None:
    asked(page, server, example("survey"))
    server.wait_for_event("$shown")
    pick(page, "2")
    heading(page, "What slowed you down?")
    server.decides = lambda _message: []
    page.goto(server.page + "/elsewhere")
    heading(page, "What slowed you down?")
    page.get_by_role("button", name="Back").click()
    assert page.get_by_role("radio", name="2", exact=True).get_attribute("aria-checked") == "true"
    pick(page, "6")
    heading(page, "What should we fix first?")
    page.get_by_role("button", name="Skip").click()
    server.wait_for_event("$completed")
    page.wait_for_timeout(1200)
    told = [name for name, _ in server.events()]
    assert (told.count("$shown"), told.count("$started"), told.count("$completed")) == (1, 1, 1)
    given = [properties for name, properties in server.events() if name == "$answered"]
    assert [each["value"] for each in given] == [2, 6]
    assert len({each["submission"] for each in given}) == 1
    page.goto(server.page + "/third")
    page.wait_for_timeout(500)
    assert page.locator("waypost-guide").count() == 0, "what is over does not come back"


def test_sent_away_it_does_not_come_back_with_a_reload(page: Any, server: FakeServer) -> None:
    card = asked(page, server, example("survey"))
    pick(page, "3")
    heading(page, "What slowed you down?")
    card.get_by_role("button", name="Close").click()
    server.decides = lambda _message: []
    page.reload()
    server.wait_for(lambda: len([each for each in server.messages if each["type"] == "page"]) == 2)
    page.wait_for_timeout(300)
    assert page.locator("waypost-guide").count() == 0


def test_leaving_before_the_first_answer_is_not(page: Any, server: FakeServer) -> None:
    asked(page, server, example("survey"))
    page.goto(server.page + "/?page=bare")
    server.wait_for(lambda: len(server.messages) >= 2)
    page.wait_for_timeout(200)
    assert "$abandoned" not in [name for name, _ in server.events()]


def test_going_back_answers_again_in_the_same_submission(page: Any, server: FakeServer) -> None:
    asked(page, server, example("survey"))
    pick(page, "2")
    heading(page, "What slowed you down?")
    page.get_by_role("button", name="Back").click()
    assert page.get_by_role("radio", name="2", exact=True).get_attribute("aria-checked") == "true"
    pick(page, "6")
    heading(page, "What should we fix first?")
    server.wait_for(lambda: answers(server) == [("ease", 2), ("ease", 6)])


def test_other_waits_for_its_words(page: Any, server: FakeServer) -> None:
    asked(page, server, survey_of(example("survey/questions/choice")))
    pick(page, "Something else")
    page.get_by_role("textbox", name="Tell us more").fill("The invoice")
    page.get_by_role("button", name="Send", exact=True).click()
    answered = server.wait_for_event("$answered")
    assert (answered["value"], answered["text"]) == ("other", "The invoice")


@pytest.mark.parametrize(
    ("kind", "act", "value"),
    [
        ("nps", lambda page: pick(page, "9"), 9),
        ("effort", lambda page: pick(page, "1, Very hard"), 1),
        ("csat", lambda page: pick(page, "4"), 4),
        ("rating", lambda page: pick(page, "5, Excellent"), 5),
        ("choice", lambda page: pick(page, "It kept failing"), "It kept failing"),
        ("date", lambda page: page.locator("input[type=date]").fill("2027-03-01"), "2027-03-01T00:00:00Z"),
        (
            "email",
            lambda page: page.locator("waypost-guide").get_by_role("textbox").fill(" ada@example.com "),
            "ada@example.com",
        ),
        ("text", lambda page: page.locator("waypost-guide").get_by_role("textbox").fill("Less"), "Less"),
        ("consent", lambda page: page.get_by_role("checkbox").click(), True),
        ("consent", lambda _page: None, False),
        (
            "rank",
            lambda page: page.get_by_role("button", name="Move up: Weekly reports").click(),
            ["sms", "reports", "tests"],
        ),
        (
            "choices",
            lambda page: [
                page.get_by_role("checkbox", name=name).click() for name in ("A colleague", "The documentation")
            ],
            ["docs", "colleague"],
        ),
    ],
)
def test_every_question_sends_its_kind_of_value(page: Any, server: FakeServer, kind: str, act: Any, value: Any) -> None:
    asked(page, server, survey_of(example(f"survey/questions/{kind}")))
    act(page)
    send = page.get_by_role("button", name="Send", exact=True)
    if send.count():
        send.click()
    # The thanks go away by themselves.
    heading(page, "Thank you. This goes straight to the team.")
    assert server.wait_for_event("$answered")["value"] == value


def test_no_more_choices_than_allowed(page: Any, server: FakeServer) -> None:
    asked(page, server, survey_of(example("survey/questions/choices")))
    for name in ("The documentation", "A search engine", "A colleague"):
        page.get_by_role("checkbox", name=name).click(force=True)
    page.get_by_role("button", name="Send", exact=True).click()
    assert server.wait_for_event("$answered")["value"] == ["docs", "search"]


def test_an_address_that_is_none_is_pointed_out(page: Any, server: FakeServer) -> None:
    asked(page, server, survey_of(example("survey/questions/email")))
    page.locator("waypost-guide").get_by_role("textbox").fill("ada at example")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("alert").wait_for()
    assert answers(server) == []


def test_a_shuffled_order_is_sent_along_and_other_stays_last(page: Any, server: FakeServer) -> None:
    question = {**example("survey/questions/choice"), "shuffled": True}
    asked(page, server, survey_of(question))
    pick(page, "It kept failing")
    order = server.wait_for_event("$answered")["order"]
    assert sorted(order) == sorted(choice["id"] for choice in question["choices"])
    assert order[-1] == "other"


def test_a_survey_is_answered_by_keyboard_alone(page: Any, server: FakeServer) -> None:
    asked(page, server, example("survey"))
    page.get_by_role("radio", name="1, Very hard").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowLeft"):
        page.keyboard.press(key)
    assert answers(server) == [], "moving is not answering"
    page.keyboard.press("Enter")
    heading(page, "What should we fix first?")
    page.wait_for_function(
        "() => document.querySelector('waypost-guide').shadowRoot.activeElement?.localName === 'textarea'"
    )
    page.keyboard.type("Nothing")
    page.keyboard.press("Control+Enter")
    server.wait_for_event("$completed")
    assert answers(server) == [("ease", 6), ("detail", "Nothing")]


def test_arrows_are_mirrored_where_one_reads_from_the_right(page: Any, server: FakeServer) -> None:
    asked(page, server, {**survey_of(example("survey/questions/effort")), "direction": "rtl"})
    page.get_by_role("radio", name="1, Very hard").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert server.wait_for_event("$answered")["value"] == 2


@pytest.mark.parametrize(
    ("kind", "written", "direction"),
    [("email", "ada@example.com", "ltr"), ("text", "it fails", "ltr"), ("text", "لا يعمل", "rtl")],
)
def test_what_is_written_runs_in_its_own_direction(
    page: Any, server: FakeServer, kind: str, written: str, direction: str
) -> None:
    asked(page, server, {**survey_of(example(f"survey/questions/{kind}")), "direction": "rtl", "language": "ar"})
    field = page.locator("waypost-guide").get_by_role("textbox")
    field.fill(written)
    assert field.evaluate("(each) => getComputedStyle(each).direction") == direction


def test_a_corner_survey_never_takes_the_focus(page: Any, server: FakeServer) -> None:
    server.answer("Asked", decision(example("survey")))
    page.goto(server.page)
    page.locator("#note").focus()
    page.evaluate("waypost.track('Asked')")
    shown(page)
    page.keyboard.type("still mine")
    assert page.locator("#note").input_value() == "still mine"


@pytest.mark.parametrize(
    ("frame", "role"),
    [
        ({"widget": "modal", "target": None, "side": None}, "dialog"),
        ({"widget": "banner", "target": None, "side": "bottom"}, "region"),
        ({"widget": "tooltip", "target": {"selector": "#verify"}, "side": None}, "dialog"),
        ({"widget": "slideout", "target": None, "side": None}, "dialog"),
    ],
)
def test_it_can_be_asked_in_every_frame(page: Any, server: FakeServer, frame: dict[str, Any], role: str) -> None:
    asked(page, server, {**example("survey"), "show": frame})
    assert page.get_by_role(role, name="How easy was it to verify your domain?").is_visible()
    pick(page, "7, Very easy")
    heading(page, "What should we fix first?")


def test_a_modal_survey_is_not_lost_by_a_click_beside_it(page: Any, server: FakeServer) -> None:
    card = asked(page, server, {**example("survey"), "show": {"widget": "modal", "target": None, "side": None}})
    page.mouse.click(20, 20)
    page.wait_for_timeout(150)
    assert card.is_visible()


def test_the_thanks_goes_away_by_itself_and_tells_nothing_more(page: Any, server: FakeServer) -> None:
    page.clock.install()
    asked(page, server, survey_of(example("survey/questions/effort")))
    pick(page, "5")
    page.clock.run_for(400)
    heading(page, "Thank you. This goes straight to the team.")
    page.mouse.move(10, 10)
    page.clock.run_for(9000)
    page.locator("waypost-guide").wait_for(state="detached")
    assert "$dismissed" not in [name for name, _ in server.events()]


def test_the_thanks_stays_for_whoever_came_by_keyboard_until_they_go_on(page: Any, server: FakeServer) -> None:
    page.clock.install()
    asked(page, server, survey_of(example("survey/questions/effort")))
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.clock.run_for(400)
    heading(page, "Thank you. This goes straight to the team.")
    page.clock.run_for(60_000)
    assert page.locator("waypost-guide .thanks").is_visible()
    page.evaluate("document.activeElement.blur()")
    page.clock.run_for(4000)
    page.locator("waypost-guide").wait_for(state="detached")


def test_questions_speak_the_language_of_the_survey(page: Any, server: FakeServer) -> None:
    german = {**survey_of(example("survey/questions/effort")), "language": "de-AT"}
    asked(page, server, german)
    assert page.get_by_role("radio", name="7, Sehr leicht").is_visible()
    assert page.get_by_role("button", name="Schließen").is_visible()


def test_every_point_of_a_scale_is_large_enough_on_a_phone(page: Any, server: FakeServer) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    asked(page, server, survey_of(example("survey/questions/nps")))
    for point in page.get_by_role("radio").all():
        box = point.bounding_box()
        assert min(box["width"], box["height"]) >= 24
