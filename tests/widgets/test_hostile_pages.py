"""Pages that are strict, strange or in the way: nothing of ours breaks on them, and nothing of theirs breaks on us.

The fixture asserts after each test that nothing was thrown into the page and that the console has no error of code.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown, survey_of
from tests.widgets.fake_server import STRICT_POLICY, FakeServer, name_of

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

WIDGETS = ("tooltip", "hotspot", "modal", "banner", "slideout", "survey", "checklist", "tour", "feedback")
CARD = "waypost-guide .card, waypost-guide .mark, waypost-guide .launcher"


def drawn(page: Any) -> Any:
    """What there is of a guide, once it is there."""
    page.locator(CARD).first.wait_for()
    return page.locator(CARD).first


def with_head(server: FakeServer, script: str) -> None:
    server.head = f"<script>{script}</script>"


class TestStrictPolicies:
    POLICIES = (
        STRICT_POLICY,
        STRICT_POLICY.replace("script-src 'self' {sdk}", "script-src 'self' {sdk}/sdk/"),
        STRICT_POLICY + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; sandbox "
        "allow-scripts allow-same-origin",
    )

    @pytest.mark.parametrize("widget", WIDGETS)
    def test_trusted_types_and_no_nonce_are_no_obstacle(self, page: Any, server: FakeServer, widget: str) -> None:
        server.policy = STRICT_POLICY
        server.answer("$page", decision(example(widget)))
        opened(page, server)
        drawn(page).click(position={"x": 5, "y": 5})
        page.wait_for_timeout(150)
        assert page.complaints.console == []

    @pytest.mark.parametrize("policy", POLICIES[1:], ids=["one folder", "sandboxed"])
    def test_stricter_ones_are_none_either(self, page: Any, server: FakeServer, policy: str) -> None:
        server.policy = policy
        server.answer("$page", decision(example("survey")))
        opened(page, server)
        shown(page).get_by_role("radio", name="3", exact=True).click()
        page.evaluate("waypost.debug()")
        page.locator("waypost-debug").get_by_text("Delivery").wait_for()
        assert page.complaints.console == []

    def test_where_the_parts_may_not_be_loaded_nothing_is_shown_and_events_arrive(
        self, page: Any, server: FakeServer
    ) -> None:
        server.policy = STRICT_POLICY.replace("{sdk};", "{sdk}/sdk/waypost.js;", 1)
        server.answer("$page", decision(example("tooltip")))
        opened(page, server)
        server.wait_for(lambda: server.messages)
        page.wait_for_function("() => waypost.debug(false).faults.length")
        assert page.locator("waypost-guide").count() == 0
        page.complaints.console.clear()  # the browser says that the policy was applied, to whoever wrote it


class TestHeights:
    """Wars of the z-index."""

    def test_the_highest_number_is_below_us_whenever_it_came(self, page: Any, server: FakeServer) -> None:
        curtain = (
            "const curtain = document.createElement('div'); document.documentElement.append(curtain);"
            "curtain.setAttribute('style', 'position:fixed;inset:0;z-index:2147483647;background:#f005;"
            "transform:translateZ(0)');"
        )
        server.answer("$page", decision(example("slideout")))
        opened(page, server)
        page.evaluate(curtain)
        shown(page)
        page.evaluate(curtain)
        shown(page).get_by_role("button", name="Not now").click()
        server.wait_for_event("$dismissed")

    @pytest.mark.parametrize(
        "what", ["transform: scale(.5)", "filter: blur(3px)", "contain: paint", "overflow: hidden"]
    )
    def test_a_root_that_holds_what_is_fixed_does_not_hold_us(self, page: Any, server: FakeServer, what: str) -> None:
        server.body = (
            f"<!doctype html><html lang=en><style>html {{ {what}; height: 100% }} body {{ height: 4000px }}</style>"
        )
        server.body += "<title>Page</title><!-- head --><p>Text</p>"
        server.answer("$page", decision(example("slideout")))
        opened(page, server)
        box = shown(page).bounding_box()
        assert box["width"] > 300
        assert 800 - 60 < box["y"] + box["height"] <= 800
        assert 1280 - 60 < box["x"] + box["width"] <= 1280

    def test_a_popover_of_the_page_that_comes_later_is_above_us_and_is_used(
        self, page: Any, server: FakeServer
    ) -> None:
        server.answer("$page", decision(example("slideout")))
        opened(page, server)
        shown(page)
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend',"
            " '<div popover id=theirs><button id=inside>Theirs</button></div>');"
            "inside.onclick = () => { window.pressed = true }; theirs.showPopover()"
        )
        page.locator("#inside").click()
        assert page.evaluate("pressed")
        page.evaluate("theirs.hidePopover()")
        shown(page).get_by_role("button", name="Not now").click()

    def test_a_popover_that_closes_by_itself_stays_open_while_ours_comes(self, page: Any, server: FakeServer) -> None:
        server.answer("Asked", decision(example("slideout")))
        opened(page, server)
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<div popover=auto id=theirs>Menu</div>');"
            "theirs.showPopover();"
            "waypost.track('Asked')"
        )
        shown(page)
        assert page.evaluate("theirs.matches(':popover-open')")


SHOW_DIALOG = (
    "document.body.insertAdjacentHTML('beforeend',"
    " '<dialog id=theirs><input id=field><button id=sure>Sure</button></dialog>');"
    "theirs.showModal();"
)

TRAP = """
document.body.insertAdjacentHTML('beforeend',
  '<div id=theirs role=dialog aria-modal=true style="position:fixed;inset:100px"><input id=field></div>');
window.pulled = 0;
// As focus-trap and most libraries do it: whatever gets the focus outside, loses it.
window.trap = (event) => { if (!theirs.contains(event.target)) { pulled++; field.focus() } };
document.addEventListener('focusin', trap, true);
field.focus();
"""


class TestDialogsAndTrapsOfThePage:
    def test_a_modal_dialog_keeps_us_waiting_until_it_closes(self, page: Any, server: FakeServer) -> None:
        server.answer("Asked", decision(example("slideout")))
        opened(page, server)
        page.evaluate(f"{SHOW_DIALOG} waypost.track('Asked')")
        page.wait_for_timeout(600)
        assert page.locator("waypost-guide").count() == 0
        page.locator("#field").fill("theirs")
        page.evaluate("theirs.close()")
        shown(page)

    def test_a_target_inside_it_is_pointed_at_in_there(self, page: Any, server: FakeServer) -> None:
        server.answer("Asked", decision({**example("tooltip"), "target": {"selector": "#sure"}}))
        opened(page, server)
        page.evaluate(f"{SHOW_DIALOG} waypost.track('Asked')")
        shown(page).get_by_role("button", name="Done").click()
        assert page.evaluate("theirs.open")

    @pytest.mark.parametrize("widget", ["slideout", "modal", "survey"])
    def test_one_that_opens_while_we_are_shown_is_used_and_we_are_there_after_it(
        self, page: Any, server: FakeServer, widget: str
    ) -> None:
        server.answer("$page", decision(example(widget)))
        opened(page, server)
        shown(page)
        page.evaluate(SHOW_DIALOG)
        page.locator("#field").fill("theirs")
        page.keyboard.press("Escape")
        # Escape is the page's.
        page.wait_for_function("() => !theirs.open")
        shown(page).get_by_role("button", name="Close").click()
        server.wait_for_event("$dismissed")

    def test_a_focus_trap_keeps_us_waiting_until_it_is_released(self, page: Any, server: FakeServer) -> None:
        server.answer("Asked", decision(survey_of(example("survey/questions/text"))))
        opened(page, server)
        page.evaluate(f"{TRAP} waypost.track('Asked')")
        page.wait_for_timeout(600)
        assert page.locator("waypost-guide").count() == 0
        page.evaluate("document.removeEventListener('focusin', trap, true); theirs.remove()")
        shown(page).get_by_role("textbox").fill("ours")

    def test_a_trap_that_comes_while_we_are_shown_wins_without_an_endless_fight(
        self, page: Any, server: FakeServer
    ) -> None:
        server.answer("$page", decision(survey_of(example("survey/questions/text"))))
        opened(page, server)
        shown(page)
        page.evaluate(TRAP)
        shown(page).get_by_role("textbox").click()
        page.wait_for_function("() => pulled && document.activeElement.id === 'field'")
        page.wait_for_timeout(200)
        assert page.evaluate("pulled") < 5
        assert page.evaluate("document.activeElement.id") == "field"

    def test_our_own_overlay_is_not_fought_over_either(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(example("modal")))
        opened(page, server)
        shown(page)
        page.evaluate(TRAP)
        page.wait_for_timeout(200)
        assert page.evaluate("pulled") < 5
        shown(page).get_by_role("button", name="Close").click()
        page.locator("waypost-guide").wait_for(state="detached")


KEYS = """
window.keys = [];
for (const name of ['keydown', 'keypress', 'keyup'])
  for (const where of [window, document, document.body]) where.addEventListener(name, (event) => keys.push(event.key));
"""


class TestKeysOfThePage:
    @pytest.mark.parametrize("question", ["text", "email", "effort", "choice", "rank", "date"])
    def test_what_is_typed_into_a_survey_is_no_shortcut(self, page: Any, server: FakeServer, question: str) -> None:
        with_head(server, "addEventListener('DOMContentLoaded', () => { %s })" % KEYS)  # noqa: UP031
        server.answer("$page", decision(survey_of(example(f"survey/questions/{question}"))))
        opened(page, server)
        shown(page).locator("input, textarea, [role=radio], button.mover").first.focus()
        for key in ("g", "/", "?", "1", "ArrowLeft", "Control+b"):
            page.keyboard.press(key)
        assert page.evaluate("keys") == []

    def test_the_page_s_own_shortcuts_work_beside_us(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(example("slideout")))
        opened(page, server)
        page.evaluate(KEYS)
        shown(page)
        page.keyboard.press("g")
        assert page.evaluate("keys").count("g") == 9

    def test_escape_in_a_field_or_a_menu_of_the_page_is_the_page_s(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(example("slideout")))
        opened(page, server)
        shown(page)
        page.locator("#note").focus()
        page.keyboard.press("Escape")
        page.wait_for_timeout(150)
        assert page.locator(CARD).count() == 1
        page.evaluate("document.activeElement.blur()")
        page.evaluate("document.addEventListener('keydown', (event) => event.preventDefault(), true)")
        page.keyboard.press("Escape")
        page.wait_for_timeout(150)
        assert page.locator(CARD).count() == 1, "the page used it for something of its own"

    def test_escape_in_our_card_closes_it_and_nothing_of_the_page(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(survey_of(example("survey/questions/text"))))
        opened(page, server)
        page.evaluate(KEYS)
        shown(page).get_by_role("textbox").focus()
        page.keyboard.press("Escape")
        page.locator("waypost-guide").wait_for(state="detached")
        assert server.wait_for_event("$dismissed")["how"] == "escape"
        assert page.evaluate("keys") in ([], ["Escape"] * 3), "at most the key's release, when the card is gone"

    def test_clicks_in_our_card_close_no_menu_of_the_page(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(survey_of(example("survey/questions/choices"))))
        opened(page, server)
        page.evaluate(
            "window.heard = []; for (const name of ['click', 'mousedown', 'pointerdown', 'mouseup', 'focusin'])"
            " document.addEventListener(name, () => heard.push(name))"
        )
        shown(page).get_by_role("checkbox").first.click()
        assert page.evaluate("heard") == []


class TestFrames:
    def test_a_page_in_a_sandbox_without_storage_is_guided(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(example("slideout")))
        inner = f"{server.page}/inside"
        opened(page, server, "/?page=bare")
        page.evaluate(
            "(address) => { const frame = document.createElement('iframe'); frame.sandbox = 'allow-scripts';"
            " frame.width = 900; frame.height = 600; frame.src = address; document.body.append(frame) }",
            inner,
        )
        frame = page.frame_locator("iframe")
        frame.get_by_role("button", name="Not now").click()
        server.wait_for(lambda: any(name == "$dismissed" for name, _ in server.events()))

    def test_page_and_frame_have_each_their_own(self, page: Any, server: FakeServer) -> None:
        server.decides = lambda message: (
            [decision(example("banner"))] if message["context"]["page"]["path"] == "/inside" else []
        )
        opened(page, server)
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<iframe src=/inside width=900 height=500></iframe>')"
        )
        page.frame_locator("iframe").locator("waypost-guide .card").wait_for()
        assert page.locator("body > waypost-guide, html > waypost-guide").count() == 0
        ids = {message["anonymousId"] for message in server.messages}
        assert len(ids) == 1, "one visitor"

    def test_a_target_inside_a_frame_is_reported_as_missing(self, page: Any, server: FakeServer) -> None:
        page.clock.install()
        server.answer("$page", decision({**example("tooltip"), "target": {"selector": "#inner"}}))
        opened(page, server)
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<iframe srcdoc=\"<b id=inner>x</b>\"></iframe>')")
        page.wait_for_timeout(300)
        page.clock.run_for(11_000)
        assert server.wait_for_event("$target_missing")["reason"] == "not_found"
        assert page.locator("waypost-guide").count() == 0

    def test_escape_pressed_in_a_frame_stays_there(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(example("slideout")))
        opened(page, server)
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<iframe srcdoc=\"<input id=inner>\"></iframe>')")
        shown(page)
        page.frame_locator("iframe").locator("#inner").focus()
        page.keyboard.press("Escape")
        page.wait_for_timeout(150)
        assert page.locator(CARD).count() == 1


REMOVALS = {
    "its target": "document.querySelector('#dns-records')?.remove(); document.querySelector('#domain-name')?.remove();"
    "document.querySelector('#import')?.remove(); document.querySelector('#verify')?.remove()",
    "everything in the body": "document.body.replaceChildren()",
    "the body": "document.body.replaceWith(document.createElement('body'))",
    "our own element": "document.querySelectorAll('waypost-guide').forEach((each) => each.remove())",
    "everything": "document.documentElement.replaceChildren("
    "...['head', 'body'].map((name) => document.createElement(name)))",
    "the document, written anew": "document.open(); document.write('<h1>Anew</h1>'); document.close()",
}


@pytest.mark.parametrize("removed", REMOVALS)
@pytest.mark.parametrize("widget", ["tooltip", "hotspot", "tour", "survey", "modal"])
def test_whatever_is_removed_while_it_is_shown_nothing_is_thrown(
    page: Any, server: FakeServer, widget: str, removed: str
) -> None:
    server.answer("$page", decision(example(widget)))
    opened(page, server)
    drawn(page)
    page.evaluate(REMOVALS[removed])
    page.wait_for_timeout(350)
    page.evaluate("window.waypost?.track('After')")
    server.wait_for(lambda: "After" in [name_of(message) for message in server.messages])
    if widget in {"tooltip", "hotspot"} and removed != "our own element":
        # It may come back in a moment, as after a list was drawn anew; then it is given up.
        page.locator(CARD).first.wait_for(state="detached")


class TestNothingMoves:
    SHIFTS = """() => new Promise((resolve) => {
      const found = [];
      new PerformanceObserver((list) => found.push(...list.getEntries().map(({ value }) => value)))
        .observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => resolve(found), 300);
    })"""

    def test_a_shift_is_seen_by_what_looks_for_it(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        # What was never drawn cannot move.
        page.wait_for_function("() => performance.getEntriesByType('paint').length")
        page.evaluate("document.body.insertAdjacentHTML('afterbegin', '<div style=\"height:90px\"></div>')")
        server.wait_for(lambda: page.evaluate(self.SHIFTS))

    @pytest.mark.parametrize("attributes", ["", 'data-headless="on"', 'data-consent="pending"'])
    def test_where_nothing_is_shown(self, page: Any, server: FakeServer, attributes: str) -> None:
        server.script_attributes = attributes
        opened(page, server)
        page.mouse.wheel(0, 200)
        page.locator("#dead").hover()
        page.evaluate("history.pushState({}, '', '/else')")
        page.wait_for_timeout(500)
        assert page.evaluate(self.SHIFTS) == []
        assert page.evaluate("document.documentElement.children.length") == 2
        assert page.evaluate("document.body.querySelectorAll('[class*=waypost], [id*=waypost]').length") == 0

    @pytest.mark.parametrize("widget", WIDGETS)
    def test_nothing_of_the_page_where_something_is(self, page: Any, server: FakeServer, widget: str) -> None:
        boxes = "() => [...document.querySelectorAll('body, body *')]"
        boxes += ".map((each) => JSON.stringify(each.getBoundingClientRect()))"
        server.answer("Asked", decision(example(widget)))
        opened(page, server)
        before = page.evaluate(boxes)
        page.evaluate("waypost.track('Asked')")
        drawn(page)
        page.wait_for_timeout(200)
        assert page.evaluate(boxes) == before


@pytest.mark.parametrize(
    "blocked",
    [
        "navigator.sendBeacon = undefined",
        "navigator.sendBeacon = () => false",
        "navigator.sendBeacon = () => { throw new Error('blocked') }",
    ],
)
def test_without_a_beacon_what_is_left_is_sent_from_the_next_page(page: Any, server: FakeServer, blocked: str) -> None:
    page.add_init_script(blocked)
    opened(page, server)
    server.wait_for(lambda: server.messages)
    page.evaluate("addEventListener('pagehide', () => waypost.track('Left'))")
    page.goto(server.page + "/next")
    server.wait_for(lambda: "Left" in [name_of(message) for message in server.messages])


STORAGES = {
    "that throws": "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name,"
    " {get() { throw new DOMException('denied', 'SecurityError') }})",
    "that there is not": "for (const name of ['localStorage', 'sessionStorage'])"
    " Object.defineProperty(window, name, {value: null})",
    "that is full": "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }",
    "that forgets": "Storage.prototype.setItem = () => undefined; Storage.prototype.getItem = () => null",
    "that is full of nonsense": "for (const name of ['id', 'unsent', 'last', 'seen', 'clicks', 'out'])"
    " localStorage['waypost:wp_pub_test:' + name]"
    " = ['7', '{}', '[1]', '\"x\"', '{\"at\":1e15}', 'null'][name.length % 6];"
    ' sessionStorage[\'waypost:kept\'] = \'{"a": 7, "b": null, "c": {"content": {}}}\'',
}


@pytest.mark.parametrize("storage", STORAGES)
def test_a_storage(page: Any, server: FakeServer, storage: str) -> None:
    page.add_init_script(STORAGES[storage])
    server.answer("Asked", decision(example("tour")))
    opened(page, server)
    page.evaluate("waypost.track('Asked')")
    shown(page).get_by_role("button", name="Next").click()
    server.wait_for_event("$started")
    assert all(message["anonymousId"] for message in server.messages)
    page.reload()
    page.wait_for_function("() => window.waypost?.loaded")
