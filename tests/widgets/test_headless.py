"""Headless: the page draws, Waypost decides, waits, and sends the same events as where it draws itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest

from tests.widgets.browser import counted, decision, example, opened, shown, survey_of
from tests.widgets.fake_server import FakeServer, name_of

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

HOST = """
window.handed = [];
window.guide = undefined;
window.waypost = window.waypost || [];
waypost.push(["on", "guide", (given) => {
  handed.push(given); window.guide = given; window.handedAt ??= performance.now();
}]);
"""
"""What a page does with the guides that it is handed: it keeps them, and the test acts as the user."""


@pytest.fixture
def host(page: Any, server: FakeServer) -> Any:
    """A page that draws guides itself."""
    page.add_init_script(HOST)
    server.script_attributes = 'data-headless="on"'
    return page


def begun(page: Any, server: FakeServer, content: dict[str, Any], **more: Any) -> None:
    """The page is opened, and handed a guide with this content."""
    server.answer("$page", decision(content, **more))
    opened(page, server)
    handed(page)


def handed(page: Any) -> None:
    page.wait_for_function("() => window.guide?.isOpen")


def effort() -> dict[str, Any]:
    return survey_of(
        {**example("survey/questions/effort"), "id": "ease"},
        {**example("survey/questions/choice"), "id": "cause", "shuffled": True, "optional": True},
        {**example("survey/questions/text"), "id": "detail", "optional": True},
    )


def lives(server: FakeServer, last: str, before: Collection[str] = ()) -> list[tuple[str, dict[str, Any]]]:
    """What was told of the guide's life, without the ids that are new each time, once the last of it was.

    before: messages of an earlier page, which sends again what it does not know to have arrived.
    """

    def told() -> list[dict[str, Any]]:
        own = (each for each in server.messages if each["type"] == "track" and each["messageId"] not in before)
        return [each for each in own if each["event"].startswith("$")]

    server.wait_for(lambda: any(each["event"] == last for each in told()))
    return [
        (
            each["event"],
            {**each["properties"], "submission": "…"} if "submission" in each["properties"] else each["properties"],
        )
        for each in told()
        if each["event"] not in {"$page", "$session_start"}
    ]


def survey_by_us(page: Any) -> None:
    card = shown(page)
    counted(page)
    card.get_by_role("radio", name="2", exact=True).click()
    page.get_by_role("heading", name=example("survey/questions/choice")["text"]).wait_for()
    page.get_by_role("radio").first.click()
    page.get_by_role("heading", name=example("survey/questions/text")["text"]).wait_for()
    page.get_by_role("button", name="Skip").click()
    page.locator("waypost-guide .thanks").wait_for()


def survey_by_host(page: Any) -> None:
    page.evaluate("guide.shown(document.querySelector('h1'))")
    counted(page)
    page.evaluate("guide.answered(2)")
    page.evaluate("guide.answered(guide.question.choices[0].id)")
    page.evaluate("guide.skipped()")


def buttons_by_us(page: Any) -> None:
    shown(page)
    counted(page)
    shown(page).get_by_role("button", name="Not now").click()


def buttons_by_host(page: Any) -> None:
    page.evaluate("guide.shown(document.querySelector('h1'))")
    counted(page)
    page.evaluate("guide.pressed(guide.content.buttons.find(({text}) => text === 'Not now'))")


def closed_by_us(page: Any) -> None:
    # As soon as it is there: a second later it would count as shown.
    page.wait_for_function(
        "() => { const cross = document.querySelector('waypost-guide')?.shadowRoot.querySelector('.close');"
        " cross?.click(); return Boolean(cross) }"
    )


def closed_by_host(page: Any) -> None:
    page.evaluate("guide.dismissed()")


def tour_by_us(page: Any) -> None:
    shown(page)
    counted(page)
    titles = [step["title"] for step in example("tour")["steps"]]
    for name, place in (("Next", 1), ("Back", 0), ("Next", 1), ("Next", 2)):
        page.get_by_role("button", name=name).click()
        page.get_by_role("heading", name=titles[place]).wait_for()
    page.get_by_role("button", name="Done").click()


def tour_by_host(page: Any) -> None:
    page.evaluate("guide.shown(document.querySelector('h1'))")
    counted(page)
    for call, place in (("next", 1), ("back", 0), ("next", 1), ("next", 2)):
        page.evaluate(f"guide.{call}()")
        page.wait_for_function("(place) => guide.isOpen && guide.at === place", arg=place)
    page.evaluate("guide.next()")


SAME = [
    pytest.param(effort, survey_by_us, survey_by_host, "$completed", id="survey"),
    pytest.param(lambda: example("slideout"), buttons_by_us, buttons_by_host, "$dismissed", id="buttons"),
    pytest.param(lambda: example("modal"), closed_by_us, closed_by_host, "$dismissed", id="closed"),
    pytest.param(lambda: example("tour"), tour_by_us, tour_by_host, "$completed", id="tour"),
]


@pytest.mark.parametrize(("content", "by_us", "by_host", "last"), SAME)
def test_it_sends_what_is_sent_where_we_draw(
    page: Any,
    server: FakeServer,
    content: Callable[[], dict[str, Any]],
    by_us: Callable[[Any], None],
    by_host: Callable[[Any], None],
    last: str,
) -> None:
    server.answer("$page", decision(content(), variant="b"))
    opened(page, server)
    by_us(page)
    drawn, before = lives(server, last), {each["messageId"] for each in server.messages}
    page.add_init_script(HOST)
    server.script_attributes = 'data-headless="on"'
    server.loaded.clear()
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    opened(page, server)
    handed(page)
    by_host(page)
    assert lives(server, last, before) == drawn
    assert [path for path in server.loaded if "drawing" in path] == []
    assert page.locator("waypost-guide").count() == 0


def test_the_page_is_handed_each_question_and_the_end(host: Any, server: FakeServer) -> None:
    begun(host, server, effort())
    assert host.evaluate("[guide.question.id, guide.hasBack, guide.isCompleted]") == ["ease", False, False]
    order = "guide.question.choices.map(({id}) => id)"
    host.evaluate("guide.answered(3)")
    first = host.evaluate(order)
    assert host.evaluate("[guide.question.id, guide.hasBack]") == ["cause", True]
    host.evaluate("guide.back()")
    assert host.evaluate("[guide.question.id, guide.answer.value]") == ["ease", 3]
    host.evaluate("guide.answered(6)")
    assert host.evaluate(order) == first, "this user's order stays"
    host.evaluate("guide.skipped(); guide.answered('slow')")
    assert host.evaluate("[guide.question, guide.isCompleted, guide.isOpen]") == [None, True, True]
    host.evaluate("guide.dismissed()")
    assert host.evaluate("guide.isOpen") is False
    host.evaluate("handed[0].answered(1); handed[0].completed(); handed[0].dismissed()")
    server.wait_for_event("$completed")
    told = [name for name, _ in server.events()]
    assert "$dismissed" not in told, "after its completion that is only tidying up"
    assert told.count("$completed") == 1
    assert told.count("$answered") == 3, "after its end nothing counts"


def test_the_element_that_it_stands_beside_is_looked_for(host: Any, server: FakeServer) -> None:
    begun(host, server, example("tooltip"))
    assert host.evaluate("guide.element.id") == example("tooltip")["target"]["selector"].removeprefix("#")


def test_a_missing_element_is_reported_and_nothing_handed(host: Any, server: FakeServer) -> None:
    server.answer("$page", decision({**example("tooltip"), "target": {"selector": "#a["}}))
    opened(host, server)
    assert server.wait_for_event("$target_missing") == {"guide": "guide_1", "reason": "invalid"}
    assert host.evaluate("handed") == []


def test_what_only_the_browser_sees_is_waited_for_and_confirmed(host: Any, server: FakeServer) -> None:
    server.answer("$page", decision(example("slideout"), wait={"until": "elapsed", "seconds": 1}))
    opened(host, server)
    handed(host)
    replied = "performance.getEntriesByType('resource').find(({name}) => name.endsWith('/v1/batch')).responseEnd"
    assert host.evaluate(f"handedAt - {replied}") > 990
    assert server.confirmed == ["dec_1"]


def test_one_at_a_time_and_the_next_when_it_is_folded_away_or_over(host: Any, server: FakeServer) -> None:
    first = decision(example("slideout"), id="dec_1", guide="first")
    second = decision(example("modal"), id="dec_2", guide="second")
    third = decision(example("banner"), id="dec_3", guide="third")
    server.decides = lambda message: [first, second, third] if name_of(message) == "$page" else []
    opened(host, server)
    handed(host)
    host.wait_for_timeout(300)
    assert host.evaluate("handed.map(({guide}) => guide)") == ["first"]
    host.evaluate("guide.aside()")
    host.wait_for_function("() => guide.guide === 'second'")
    assert host.evaluate("handed.filter(({isAside}) => isAside).map(({guide}) => guide)") == ["first"]
    host.evaluate("guide.ended()")
    host.wait_for_function("() => guide.guide === 'third'")
    assert not {"$dismissed", "$completed"} & {name for name, _ in server.events()}, "nothing is told of either"


def test_a_listener_that_comes_later_is_handed_what_is_there(page: Any, server: FakeServer) -> None:
    server.script_attributes = 'data-headless="on"'
    server.answer("$page", decision(example("slideout")))
    opened(page, server)
    server.wait_for(lambda: any("headless" in path for path in server.loaded))
    page.wait_for_timeout(200)
    page.evaluate("waypost.on('guide', (given) => { window.guide = given })")
    handed(page)
    assert page.evaluate("guide.content.title") == example("slideout")["title"]


def test_a_tour_goes_on_where_it_stood_and_waits_for_its_pages(host: Any, server: FakeServer) -> None:
    content = example("tour")
    content["steps"][1]["page"] = "/records/*"
    begun(host, server, content)
    assert host.evaluate("[guide.at, guide.element.id, guide.hasBack]") == [0, "domain-name", False]
    server.decides = lambda _message: []
    host.evaluate("guide.next()")
    assert host.evaluate("[guide.at, guide.isOpen]") == [1, False]
    host.evaluate("history.pushState({}, '', '/records/new')")
    handed(host)
    assert host.evaluate("[guide.at, guide.element.id, guide.step.title]")[:2] == [1, "dns-records"]
    host.reload()
    handed(host)
    assert host.evaluate("guide.at") == 1
    server.wait_for_event("$started")
    assert [name for name, _ in server.events()].count("$started") == 1


def test_a_checklist_is_ticked_off_and_completes_itself(host: Any, server: FakeServer) -> None:
    content = example("checklist")
    begun(host, server, content)
    done = {**content, "items": [{**item, "done": True} for item in content["items"]]}
    server.on_ask = lambda _body: [decision(done, id="dec_2")]
    host.evaluate("waypost.track('Test Sent')")
    host.wait_for_function("() => guide.isCompleted")
    server.wait_for_event("$completed")
    assert host.evaluate("guide.content.items.every(({done}) => done)")


def test_feedback_is_asked_anew_each_time_and_says_which_element(host: Any, server: FakeServer) -> None:
    begun(host, server, {**example("feedback"), "questions": []})
    assert host.evaluate("[guide.kind, guide.question.id, guide.question.type]") == ["feedback", "comment", "text"]
    host.evaluate("guide.answered('too small', {selector: '#verify'})")
    assert host.evaluate("guide.isCompleted") is True
    host.evaluate("guide.dismissed()")
    assert host.evaluate("[guide.isOpen, guide.isCompleted, guide.question.id]") == [True, False, "comment"]
    host.evaluate("guide.answered('again')")
    server.wait_for(lambda: [name for name, _ in server.events()].count("$answered") == 2)
    first, second = [properties for name, properties in server.events() if name == "$answered"]
    assert (first["selector"], first["value"], second["value"]) == ("#verify", "too small", "again")
    assert first["submission"] != second["submission"]


def test_a_survey_goes_on_after_a_reload_with_what_was_answered(host: Any, server: FakeServer) -> None:
    begun(host, server, effort())
    host.evaluate("guide.answered(3)")
    server.wait_for_event("$answered")
    first = host.evaluate("guide.question.id")
    server.decides = lambda _message: []
    host.reload()
    handed(host)
    assert host.evaluate("[guide.question.id, guide.hasBack]") == [first, True]
    host.evaluate("guide.back()")
    assert host.evaluate("guide.answer.value") == 3


def test_a_page_that_goes_away_in_the_middle_has_abandoned_it(host: Any, server: FakeServer) -> None:
    begun(host, server, effort())
    host.evaluate("guide.answered(3)")
    server.wait_for_event("$answered")
    host.goto(server.page + "/?page=bare")
    assert server.wait_for_event("$abandoned") == {"guide": "guide_1"}


def test_a_listener_that_throws_breaks_nothing(page: Any, server: FakeServer) -> None:
    page.add_init_script(
        "window.waypost = []; waypost.push(['on', 'guide', () => { throw new Error('theirs') }]); " + HOST
    )
    server.script_attributes = 'data-headless="on"'
    server.answer("$page", decision(example("slideout")))
    opened(page, server)
    handed(page)
