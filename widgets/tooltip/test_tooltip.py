"""A tooltip stands beside its target, says so to everybody, and does what its buttons promise."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown
from tests.widgets.fake_server import FakeServer

pytestmark = pytest.mark.browser


@pytest.fixture
def card(page: Any, server: FakeServer) -> Any:
    server.answer("$page", decision(example("tooltip"), variant="plain"))
    page.goto(server.page + "/domains/verify")
    return shown(page)


def test_it_stands_below_its_target_with_its_point_at_the_middle(page: Any, card: Any) -> None:
    target, box = page.locator("#dns-records").bounding_box(), card.bounding_box()
    point = card.locator(".point").bounding_box()
    assert 0 < box["y"] - (target["y"] + target["height"]) < 30
    assert abs(point["x"] + point["width"] / 2 - (target["x"] + target["width"] / 2)) < 3


def test_it_turns_up_when_there_is_no_room_below_and_stays_in_the_window(page: Any, card: Any) -> None:
    page.set_viewport_size({"width": 700, "height": 430})
    page.evaluate("scrollTo(0, 60)")
    page.locator("waypost-guide .card[data-side=top]").wait_for()
    box = card.bounding_box()
    assert box["y"] >= 0
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 700


def test_it_follows_a_target_that_moves(page: Any, server: FakeServer, card: Any) -> None:
    below = card.bounding_box()["y"] + 100
    page.evaluate("document.querySelector('.lead').style.marginBottom = '124px'")
    server.wait_for(lambda: card.bounding_box()["y"] == pytest.approx(below, abs=2))


def drawn_while_time_stands_still(page: Any, server: FakeServer) -> None:
    """The card was just drawn, on a page where time passes only as the test says so."""
    page.clock.install()
    server.answer("Asked", decision(example("tooltip"), variant="plain"))
    opened(page, server)
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 5)
    page.evaluate("waypost.track('Asked')")
    card = page.locator("waypost-guide .card")
    server.wait_for(lambda: page.clock.run_for(20) or card.count())
    # The browser tells what is in view in its own time.
    page.wait_for_timeout(150)


def test_it_is_told_as_shown_after_a_second_in_view_with_its_variant(page: Any, server: FakeServer) -> None:
    drawn_while_time_stands_still(page, server)
    page.clock.run_for(500)
    page.wait_for_timeout(100)
    assert server.events() == [], "half a second is not seen"
    server.wait_for(lambda: page.clock.run_for(50) or server.events())
    assert server.wait_for_event("$shown") == {"guide": "guide_1", "variant": "plain", "decision": "dec_1"}
    page.clock.run_for(2000)
    page.wait_for_timeout(200)
    assert len(server.events()) == 1


def test_it_is_not_told_as_shown_while_its_tab_is_in_the_background(page: Any, server: FakeServer) -> None:
    drawn_while_time_stands_still(page, server)
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.clock.run_for(2000)
    page.wait_for_timeout(200)
    assert server.events() == []


def told(server: FakeServer, prefix: str = "$") -> list[tuple[str, dict[str, Any]]]:
    """What became of the card; whether it stood there for a second before is another matter."""
    return [(name, properties) for name, properties in server.events(prefix) if name != "$shown"]


@pytest.mark.parametrize(
    ("button", "events"),
    [
        ("Done", [("$clicked", {"button": "Done"}), ("$completed", {})]),
        ("Later", [("$clicked", {"button": "Later"}), ("$snoozed", {"seconds": 86400})]),
        ("Close", [("$dismissed", {"how": "close"})]),
    ],
)
def test_each_way_out_is_told_in_its_own_words(
    page: Any, server: FakeServer, card: Any, button: str, events: list[tuple[str, dict[str, Any]]]
) -> None:
    card.get_by_role("button", name=button).click()
    page.locator("waypost-guide").wait_for(state="detached")
    expected = [(name, {"guide": "guide_1", **more}) for name, more in events]
    server.wait_for(lambda: told(server) == expected)


def test_a_link_button_is_told_and_then_followed(page: Any, server: FakeServer, card: Any) -> None:
    card.get_by_role("link", name="Show me where").click()
    page.wait_for_url("**/docs/dns")
    assert server.wait_for_event("$clicked") == {"guide": "guide_1", "button": "Show me where"}


@pytest.mark.parametrize(
    ("action", "events"),
    [
        ({"type": "dismiss"}, ["$clicked", "$dismissed"]),
        ({"type": "track", "event": "Asked for help"}, ["$clicked", "Asked for help"]),
    ],
)
def test_other_actions(page: Any, server: FakeServer, action: dict[str, Any], events: list[str]) -> None:
    content = {**example("tooltip"), "buttons": [{"text": "Go", "action": action}]}
    server.answer("$page", decision(content))
    page.goto(server.page)
    shown(page).get_by_role("button", name="Go").click()
    server.wait_for(lambda: [name for name, _ in told(server, "")] == events)


def test_a_button_that_starts_a_guide_asks_for_it(page: Any, server: FakeServer) -> None:
    content = {**example("tooltip"), "buttons": [{"text": "Go", "action": {"type": "start", "guide": "tour_1"}}]}
    server.answer("$page", decision(content))
    server.on_ask = lambda body: [decision(example("slideout"), id="dec_2", guide=body["guide"])]
    page.goto(server.page)
    shown(page).get_by_role("button", name="Go").click()
    page.locator("waypost-guide .slideout").wait_for()
    assert server.asked[0]["guide"] == "tour_1"


def test_escape_closes_it_but_not_while_the_page_has_the_keyboard(page: Any, server: FakeServer, card: Any) -> None:
    page.locator("#note").focus()
    page.keyboard.press("Escape")
    page.wait_for_timeout(200)
    assert card.is_visible(), "Escape in a field belongs to the page"
    page.locator("#note").blur()
    page.keyboard.press("Escape")
    assert server.wait_for_event("$dismissed")["how"] == "escape"


def test_it_takes_no_focus_and_says_itself_to_those_who_listen(page: Any, server: FakeServer) -> None:
    server.answer("Asked", decision(example("tooltip")))
    page.goto(server.page)
    page.locator("#note").focus()
    page.evaluate("waypost.track('Asked')")
    card = shown(page)
    assert page.evaluate("document.activeElement.id") == "note"
    assert card.get_attribute("role") == "dialog"
    page.locator("waypost-guide [role=status]", has_text="Two records to add. Copy both records").wait_for(
        state="attached"
    )


def test_the_focus_goes_back_to_where_it_came_from(page: Any, server: FakeServer) -> None:
    server.answer("Asked", decision(example("tooltip")))
    page.goto(server.page)
    page.locator("#note").focus()
    page.evaluate("waypost.track('Asked')")
    shown(page).get_by_role("button", name="Done").focus()
    page.keyboard.press("Enter")
    page.locator("waypost-guide").wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "note"


@pytest.mark.parametrize(
    ("selector", "reason"),
    [("#nowhere", "not_found"), ("#", "invalid"), ("td", "several"), ("#hidden", "hidden")],
)
def test_a_target_that_cannot_be_found_is_told_with_the_reason(
    page: Any, server: FakeServer, selector: str, reason: str
) -> None:
    page.clock.install()
    server.answer("Asked", decision({**example("tooltip"), "target": {"selector": selector}}))
    page.goto(server.page)
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<i id=hidden hidden>x</i>')")
    page.evaluate("waypost.track('Asked')")
    server.wait_for(lambda: any(path.startswith("/sdk/drawing") for path in server.loaded))
    for _ in range(8):
        page.wait_for_timeout(60)
        page.clock.run_for(2000)
    assert server.wait_for_event("$target_missing") == {"guide": "guide_1", "reason": reason}
    assert page.locator("waypost-guide").count() == 0


def test_it_waits_for_a_target_that_comes_late(page: Any, server: FakeServer) -> None:
    server.answer("$page", decision({**example("tooltip"), "target": {"selector": "#late"}}))
    page.goto(server.page)
    page.wait_for_timeout(300)
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<p id=late>Here</p>')")
    shown(page)


def test_a_target_in_an_open_shadow_root_is_found(page: Any, server: FakeServer) -> None:
    server.answer("Asked", decision({**example("tooltip"), "target": {"selector": "#inner"}}))
    page.goto(server.page)
    page.evaluate(
        "const host = document.createElement('x-part'); document.querySelector('main').append(host);"
        "host.attachShadow({mode: 'open'}).innerHTML = '<button id=inner>In</button>'; waypost.track('Asked')"
    )
    shown(page)


def test_a_target_drawn_anew_is_found_again_and_one_that_stays_away_takes_the_card_along(
    page: Any, server: FakeServer, card: Any
) -> None:
    page.evaluate("const old = document.querySelector('#dns-records'); old.replaceWith(old.cloneNode(true))")
    page.wait_for_timeout(900)
    card.wait_for()
    page.evaluate("document.querySelector('#dns-records').remove()")
    assert server.wait_for_event("$target_missing") == {"guide": "guide_1", "reason": "removed"}
    page.locator("waypost-guide").wait_for(state="detached")


def test_a_target_out_of_view_is_brought_into_it(page: Any, server: FakeServer) -> None:
    server.head = '<link rel="stylesheet" href="/tall.css">'
    server.answer("Asked", decision({**example("tooltip"), "target": {"selector": "#below"}}))
    page.goto(server.page)
    page.evaluate(
        "const below = document.createElement('p'); below.id = 'below'; below.textContent = 'Down here';"
        "below.style.marginTop = '1500px'; document.querySelector('main').append(below); waypost.track('Asked')"
    )
    card = shown(page)
    page.wait_for_function("() => scrollY > 500")
    server.wait_for(lambda: 0 < card.bounding_box()["y"] < 800)


def test_every_control_is_large_enough_to_hit(card: Any) -> None:
    for control in card.locator("button, a.button").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 24, control.inner_text()


def test_code_is_read_from_the_left_whatever_stands_around_it(page: Any, server: FakeServer) -> None:
    code = {"type": "code", "text": "_postbird"}
    body = [{"type": "paragraph", "children": [{"type": "text", "text": "انسخ "}, code]}]
    server.answer("$page", decision({**example("tooltip"), "body": body, "direction": "rtl", "language": "ar"}))
    page.goto(server.page)
    drawn = shown(page).locator("code")
    assert drawn.evaluate("(each) => getComputedStyle(each).direction") == "ltr"
