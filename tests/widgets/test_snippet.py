"""The snippet in a real browser, against a server of the wire contract: who, what happened, what comes back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown, survey_of
from tests.widgets.fake_server import STRICT_POLICY, FakeServer, Fault, name_of

pytestmark = pytest.mark.browser

STUB = (
    "<script>window.waypost=window.waypost||[];"
    "waypost.push(['identify','ada',{plan:'trial'}]);waypost.push(['track','Signed Up',{via:'ad'}])</script>"
)


def names(server: FakeServer) -> list[str]:
    return [name_of(message) for message in server.messages]


def test_a_page_view_is_sent_at_load_with_where_and_what_with(page: Any, server: FakeServer) -> None:
    opened(page, server)
    server.wait_for(lambda: server.messages)
    batch = server.batches[0]
    assert batch["writeKey"] == "wp_pub_test"
    assert batch["decide"] is True
    assert batch["context"]["device"]["type"] == "desktop"
    assert batch["context"]["library"]["name"] == "waypost.js"
    assert batch["context"]["timezone"]
    (message,) = batch["batch"]
    assert message["type"] == "page"
    assert message["context"]["page"]["path"] == "/domains/verify"
    assert message["properties"]["title"] == "Verify your domain · Postbird"
    assert message["anonymousId"]
    assert "userId" not in message


def test_calls_made_before_the_script_was_there_are_kept_in_order(page: Any, server: FakeServer) -> None:
    server.head = STUB
    opened(page, server)
    server.wait_for(lambda: len(server.messages) == 3)
    assert names(server) == ["$identify", "Signed Up", "$page"]
    assert [message.get("userId") for message in server.messages] == ["ada"] * 3
    assert server.messages[0]["traits"] == {"plan": "trial"}
    assert len(server.batches) == 1, "what happens together travels together"


def test_a_visitor_keeps_their_ids_over_pages_until_reset(page: Any, server: FakeServer) -> None:
    opened(page, server)
    page.evaluate("waypost.identify('ada')")
    before = page.evaluate("waypost.debug(false)")
    opened(page, server, "/domains")
    assert page.evaluate("waypost.debug(false)")["anonymousId"] == before["anonymousId"]
    assert page.evaluate("waypost.debug(false)")["userId"] == "ada"
    page.evaluate("waypost.reset()")
    after = page.evaluate("waypost.debug(false)")
    assert after["anonymousId"] != before["anonymousId"]
    assert after.get("userId") is None


def test_a_second_user_of_the_same_browser_gets_an_anonymous_id_of_their_own(page: Any, server: FakeServer) -> None:
    opened(page, server)
    first = page.evaluate("waypost.debug(false).anonymousId")
    page.evaluate("waypost.identify('ada')")
    assert page.evaluate("waypost.debug(false).anonymousId") == first
    page.evaluate("waypost.identify('grace')")
    assert page.evaluate("waypost.debug(false).anonymousId") != first


def test_group_step_and_named_page_have_the_form_of_the_wire(page: Any, server: FakeServer) -> None:
    opened(page, server)
    page.evaluate(
        "waypost.group('acme', {industry: 'books'}); waypost.step('activation.verify_domain');"
        "waypost.page('Help', {topic: 'dns'}); waypost.track('Domain Added', {provider: 'other'})"
    )
    server.wait_for(lambda: "Domain Added" in names(server))
    group, step, named, _added = server.messages[-4:]
    assert (group["type"], group["groupId"], group["traits"]) == ("group", "acme", {"industry": "books"})
    assert step["properties"] == {"journey": "activation", "step": "verify_domain"}
    assert step["context"]["groupId"] == "acme"
    assert (named["type"], named["name"], named["properties"]["topic"]) == ("page", "Help", "dns")


def test_a_change_of_route_is_a_page_view_and_a_replaced_query_is_too(page: Any, server: FakeServer) -> None:
    opened(page, server)
    page.evaluate("history.pushState({}, '', '/campaigns/new')")
    server.wait_for(lambda: len(server.messages) == 2)
    page.evaluate("history.replaceState({}, '', '/campaigns/new')")
    page.evaluate("location.hash = 'section'")
    page.evaluate("history.back(); history.back()")
    server.wait_for(lambda: len(server.messages) >= 3)
    paths = [message["context"]["page"]["path"] for message in server.messages]
    assert paths[:3] == ["/domains/verify", "/campaigns/new", "/domains/verify"]


def test_nothing_of_the_page_is_patched(page: Any, server: FakeServer) -> None:
    opened(page, server)
    patched = page.evaluate(
        "[history.pushState, history.replaceState, fetch, XMLHttpRequest.prototype.open, console.error,"
        " EventTarget.prototype.addEventListener]"
        ".filter((each) => !/native code/.test(Function.prototype.toString.call(each))).length"
    )
    assert patched == 0


def test_a_page_with_nothing_to_show_loads_only_the_core_and_adds_nothing(page: Any, server: FakeServer) -> None:
    opened(page, server)
    server.wait_for(lambda: server.messages)
    page.wait_for_timeout(300)
    assert [path for path in server.loaded if path.startswith("/sdk/")] == ["/sdk/waypost.js"]
    assert page.locator("waypost-guide").count() == 0


def test_without_page_views_guidance_is_asked_for_at_load_and_at_each_route(page: Any, server: FakeServer) -> None:
    server.script_attributes = 'data-pages="off"'
    opened(page, server)
    server.wait_for(lambda: len(server.asked) == 1)
    page.evaluate("history.pushState({}, '', '/campaigns')")
    server.wait_for(lambda: len(server.asked) == 2)
    assert server.asked[1]["context"]["page"]["path"] == "/campaigns"
    assert server.asked[1]["writeKey"] == "wp_pub_test"
    assert server.messages == []


def test_the_decision_in_the_reply_to_an_event_is_drawn(page: Any, server: FakeServer) -> None:
    server.answer("DNS Check Failed", decision(example("tooltip")))
    opened(page, server)
    page.evaluate("waypost.track('DNS Check Failed')")
    assert shown(page).get_by_role("heading").inner_text() == "Two records to add"
    assert server.confirmed == [], "a decision without a wait is drawn in the same round trip"


@pytest.mark.parametrize("events", [("shown", "clicked", "completed")])
def test_the_page_hears_of_the_life_of_a_guide(page: Any, server: FakeServer, events: tuple[str, ...]) -> None:
    server.answer("Asked", decision(example("tooltip")))
    opened(page, server)
    page.evaluate(
        "window.heard = []; for (const name of ['shown', 'clicked', 'completed'])"
        " waypost.on(name, (properties) => { heard.push([name, properties.guide]);"
        " throw new Error('the page’s own'); });"
        "waypost.track('Asked')"
    )
    shown(page)
    server.wait_for_event("$shown")
    shown(page).get_by_role("button", name="Done").click()
    server.wait_for_event("$completed")
    assert page.evaluate("heard") == [[name, "guide_1"] for name in events]


def test_an_opted_out_visitor_is_neither_recorded_nor_guided(page: Any, server: FakeServer) -> None:
    server.answer("Asked", decision(example("slideout")))
    opened(page, server)
    server.wait_for(lambda: server.messages)
    page.evaluate("waypost.optOut(); waypost.track('Asked')")
    opened(page, server, "/again")
    page.evaluate("waypost.track('Asked')")
    page.wait_for_timeout(300)
    assert names(server) == ["$page"]
    page.evaluate("waypost.optIn(); waypost.track('Asked')")
    shown(page)


def test_the_same_tag_twice_is_one_snippet(page: Any, server: FakeServer) -> None:
    server.head = f'<script async src="{server.sdk}/sdk/waypost.js" data-key="wp_pub_test"></script>'
    opened(page, server)
    server.wait_for(lambda: server.messages)
    page.wait_for_timeout(300)
    assert names(server) == ["$page"]


def test_nonsense_calls_do_no_harm(page: Any, server: FakeServer) -> None:
    opened(page, server)
    page.evaluate(
        "const loop = {}; loop.self = loop; waypost.track('Loop', loop); waypost.track(); waypost.identify();"
        "waypost.push(['nothing']); waypost.push(null); waypost.show({}); waypost.on('x'); waypost.step();"
        "waypost.track('Fine')"
    )
    server.wait_for(lambda: "Fine" in names(server))


class TestDelivery:
    """What is sent arrives, once, whatever the network does."""

    @pytest.mark.parametrize(
        "fault",
        [
            Fault(status=500, body=b"<h1>Server error</h1>"),
            Fault(status=200, body=b"<!doctype html><title>Sign in to the wifi</title>"),
            Fault(status=503, headers={"Retry-After": "0"}),
            Fault(status=200, body=b'{"accepted": 1, "decis'),
            Fault(status=200, body=b"[" + b" " * 10_000_000 + b"]"),
            Fault(status=200, body=b"null"),
            Fault(drops=True),
        ],
        ids=["500", "html", "503", "cut short", "ten megabytes", "null", "dropped"],
    )
    def test_it_tries_again_until_the_server_is_well(self, page: Any, server: FakeServer, fault: Fault) -> None:
        server.fault = fault
        opened(page, server)
        page.evaluate("waypost.track('Kept', {n: 1})")
        page.wait_for_function("() => waypost.debug(false).faults.length")
        server.fault = None
        server.wait_for(lambda: "Kept" in names(server))
        assert names(server) == ["$page", "Kept"]

    def test_a_hanging_server_never_blocks_the_page(self, page: Any, server: FakeServer) -> None:
        # Longer than anything here is waited for.
        server.fault = Fault(wait_seconds=60)
        opened(page, server)
        page.evaluate("waypost.track('Kept')")
        page.locator("#verify").click()
        assert page.evaluate("waypost.debug(false).queued") >= 1

    def test_it_waits_as_long_as_the_server_says(self, page: Any, server: FakeServer) -> None:
        page.clock.install()
        server.fault = Fault(status=429, headers={"Retry-After": "600"})
        opened(page, server)
        page.wait_for_function("() => waypost.debug(false).faults.length")
        server.fault = None
        page.evaluate("waypost.track('Held')")
        page.clock.fast_forward(300_000)
        page.wait_for_timeout(300)
        assert server.messages == []
        page.clock.fast_forward(300_000)
        server.wait_for(lambda: "Held" in names(server))

    def test_what_is_refused_is_dropped_and_does_not_hold_up_the_rest(self, page: Any, server: FakeServer) -> None:
        server.fault = Fault(status=400, body=b"{}")
        opened(page, server)
        page.wait_for_function("() => waypost.debug(false).faults.length && waypost.debug(false).queued === 0")
        server.fault = None
        page.evaluate("waypost.track('After')")
        server.wait_for(lambda: "After" in names(server))
        assert names(server) == ["After"]

    def test_a_batch_that_is_too_large_goes_in_halves(self, page: Any, server: FakeServer) -> None:
        server.fault = Fault(status=413, body=b"{}")
        opened(page, server)
        page.wait_for_function("() => waypost.debug(false).faults.length && waypost.debug(false).queued === 0")
        page.evaluate("for (let n = 0; n < 4; n++) waypost.track('Large', {n})")
        page.wait_for_function("() => waypost.debug(false).faults.length >= 2")
        server.fault = None
        page.evaluate("waypost.track('Last')")
        server.wait_for(lambda: "Last" in names(server))
        assert all(len(batch["batch"]) <= 2 for batch in server.batches[:1])

    def test_what_happens_as_the_page_goes_away_still_arrives(self, page: Any, server: FakeServer) -> None:
        opened(page, server)
        server.wait_for(lambda: server.messages)
        page.evaluate("addEventListener('pagehide', () => waypost.track('Left'))")
        page.goto(server.page + "/?page=bare")
        server.wait_for(lambda: "Left" in names(server))

    def test_what_could_not_be_sent_is_sent_from_the_next_page(self, page: Any, server: FakeServer) -> None:
        # Nothing is on its way at the moment when the page goes away.
        server.fault = Fault(status=503, headers={"Retry-After": "600"})
        opened(page, server)
        page.evaluate("waypost.track('Kept for later')")
        page.wait_for_function("() => waypost.debug(false).faults.length")
        page.goto("about:blank")
        server.fault = None
        opened(page, server, "/next")
        server.wait_for(lambda: "Kept for later" in names(server))
        everything = [message["messageId"] for batch in server.batches for message in batch["batch"]]
        assert len(everything) == len(set(everything)), "nothing was sent twice"

    def test_a_flood_is_bounded(self, page: Any, server: FakeServer) -> None:
        server.fault = Fault(status=500)
        opened(page, server)
        page.evaluate("for (let n = 0; n < 3000; n++) waypost.track('Flood', {n})")
        assert page.evaluate("waypost.debug(false).queued") <= 1100


class TestNeverBreaksThePage:
    """0 uncaught errors (the fixture asserts it), 0 console errors, 0 shift of the layout."""

    def test_a_strict_policy_with_trusted_types_has_nothing_to_complain_of(self, page: Any, server: FakeServer) -> None:
        server.policy = STRICT_POLICY
        for place, widget in enumerate(("tooltip", "modal", "banner", "slideout", "survey", "checklist", "tour")):
            server.answer("$page", decision(example(widget), id=f"dec_{place}", guide=f"guide_{place}"))
            opened(page, server)
            shown(page)
            page.wait_for_timeout(150)
        assert page.complaints.console == []
        assert page.complaints.uncaught == []

    def test_no_style_attribute_and_no_style_element_is_used(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(example("tooltip")))
        opened(page, server)
        shown(page)
        found = page.evaluate(
            "() => { const root = document.querySelector('waypost-guide').shadowRoot;"
            " return root.querySelectorAll('[style], style, link').length"
            " + document.querySelectorAll('waypost-guide[style]').length }"
        )
        assert found == 0

    def test_nothing_moves_when_something_is_shown(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(example("banner")))
        opened(page, server)
        before = page.locator("h1").bounding_box()
        shown(page)
        shifts = page.evaluate(
            "() => new Promise((resolve) => { let sum = 0; new PerformanceObserver((list) => {"
            " for (const entry of list.getEntries())"
            " if (entry.sources.some(({node}) => node && node.nodeName !== 'WAYPOST-GUIDE'"
            " && node.getRootNode() === document)) sum += entry.value })"
            ".observe({type: 'layout-shift', buffered: true});"
            " setTimeout(() => resolve(sum), 200) })"
        )
        assert page.locator("h1").bounding_box() == before
        assert shifts == 0

    def test_the_page_s_own_rules_do_not_reach_in(self, page: Any, server: FakeServer) -> None:
        server.head = '<link rel="stylesheet" href="/hostile.css">'
        server.answer("$page", decision(example("slideout")))
        opened(page, server)
        card = shown(page)
        box = card.bounding_box()
        assert box["width"] > 300
        assert box["x"] + box["width"] <= 1280
        size = card.get_by_role("heading").evaluate("(heading) => getComputedStyle(heading).fontSize")
        assert size == "15px"

    def test_it_is_above_the_highest_z_index(self, page: Any, server: FakeServer) -> None:
        server.head = '<link rel="stylesheet" href="/hostile.css">'
        server.answer("$page", decision(example("slideout")))
        opened(page, server)
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div class=\"curtain\"></div>')")
        shown(page).get_by_role("button", name="Not now").click()
        assert server.wait_for_event("$dismissed") == {"guide": "guide_1", "how": "button"}

    def test_keys_pressed_in_a_survey_are_not_shortcuts_of_the_page(self, page: Any, server: FakeServer) -> None:
        server.answer("$page", decision(survey_of(example("survey/questions/text"))))
        opened(page, server)
        page.evaluate("window.keys = []; document.addEventListener('keydown', (event) => keys.push(event.key))")
        shown(page).get_by_role("textbox").type("gj")
        assert page.evaluate("keys") == []

    def test_it_waits_for_the_page_s_own_dialog_to_close(self, page: Any, server: FakeServer) -> None:
        server.answer("Asked", decision(example("slideout")))
        opened(page, server)
        page.evaluate(
            "const dialog = document.createElement('dialog'); document.body.append(dialog);"
            "dialog.showModal(); waypost.track('Asked')"
        )
        page.wait_for_timeout(600)
        assert page.locator("waypost-guide").count() == 0
        page.evaluate("document.querySelector('dialog').close()")
        shown(page)

    def test_a_target_inside_the_page_s_dialog_is_pointed_at_in_there(self, page: Any, server: FakeServer) -> None:
        content = {**example("tooltip"), "target": {"selector": "#sure"}}
        server.answer("Asked", decision(content))
        opened(page, server)
        page.evaluate(
            "const dialog = document.createElement('dialog'); const button = document.createElement('button');"
            "button.id = 'sure'; button.textContent = 'Sure'; dialog.append(button); document.body.append(dialog);"
            "dialog.showModal(); waypost.track('Asked')"
        )
        shown(page).get_by_role("button", name="Done").click()

    def test_blocked_storage_is_no_obstacle(self, page: Any, server: FakeServer) -> None:
        page.add_init_script(
            "for (const name of ['localStorage', 'sessionStorage'])"
            " Object.defineProperty(window, name, {get() { throw new DOMException('denied', 'SecurityError') }})"
        )
        server.answer("$page", decision(example("tour")))
        opened(page, server)
        shown(page)
        assert page.evaluate("waypost.debug(false).anonymousId")

    def test_hostile_content_is_text(self, page: Any, server: FakeServer) -> None:
        evil = "<img src=x onerror='window.hurt=1'><script>window.hurt=1</script>"
        body = [
            {
                "type": "paragraph",
                "children": [
                    {"type": "text", "text": evil},
                    {
                        "type": "link",
                        "href": "javascript:window.hurt=1",
                        "children": [{"type": "text", "text": "here"}],
                    },
                ],
            }
        ]
        buttons = [{"text": evil, "action": {"type": "open", "url": "javascript:window.hurt=1"}}]
        image = {"src": "javascript:window.hurt=1", "alt": evil}
        content = {**example("slideout"), "title": evil, "body": body, "buttons": buttons, "image": image}
        server.answer("$page", decision({**content, "video": "data:text/html,<script>window.hurt=1</script>"}))
        opened(page, server)
        card = shown(page)
        assert card.get_by_role("heading").inner_text() == evil
        assert card.locator("a, img, script").count() == 0
        card.get_by_text("here").click()
        assert page.evaluate("window.hurt") is None

    @pytest.mark.parametrize(
        "broken", [{"widget": "hologram"}, {"widget": "tooltip"}, None, {"widget": "survey", "show": 1}]
    )
    def test_content_that_cannot_be_drawn_shows_nothing_and_blocks_nothing(
        self, page: Any, server: FakeServer, broken: dict[str, Any] | None
    ) -> None:
        served = {
            "Broken": [{**decision(example("modal"), id="dec_0", guide="broken"), "content": broken}],
            "Whole": [decision(example("slideout"))],
        }
        server.decides = lambda message: served.get(name_of(message), [])
        opened(page, server)
        page.evaluate("waypost.track('Broken')")
        page.wait_for_function("() => waypost.debug(false).faults.length")
        assert page.locator("waypost-guide").count() == 0
        page.evaluate("waypost.track('Whole')")
        shown(page)
