"""Pages that replaced what the language has: our own code goes on with it, or else goes without a word.

Three kinds: libraries that extend or wrap it and that many pages have; things that an attacker or a mistake leaves
behind; and functions that throw whenever they are called.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.widgets.browser import decision, example, opened, shown, survey_of
from tests.widgets.fake_server import FakeServer, name_of
from tests.widgets.packages import from_lock

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

LIBRARIES = Path(__file__).parent / "libraries"


def goes_on_as_ever(page: Any, server: FakeServer) -> None:
    """A list in an event arrives as a list, a guide is drawn in the reply, answered, and gone; ids are ids."""
    question = {**example("survey/questions/choices"), "id": "many"}
    server.answer("Asked", decision(survey_of(example("survey/questions/effort"), question)))
    opened(page, server)
    page.evaluate("waypost.identify('ada', {tags: ['a', 'b']}); waypost.track('Asked', {list: [1, [2, 3]], none: []})")
    card = shown(page)
    card.locator(".point-of-scale").nth(6).wait_for()
    assert card.locator(".point-of-scale").count() == 7
    card.get_by_role("radio", name="3", exact=True).click()
    for place in (0, 1):
        card.get_by_role("checkbox").nth(place).click()
    card.get_by_role("button", name="Send").click()
    server.wait_for_event("$completed")
    by_name = {name_of(message): message for message in server.messages}
    assert by_name["Asked"]["properties"] == {"list": [1, [2, 3]], "none": []}
    assert by_name["$identify"]["traits"] == {"tags": ["a", "b"]}
    answers = [each["value"] for name, each in server.events() if name == "$answered"]
    assert (answers[0], len(answers[1])) == (3, 2)
    assert all(len(message["messageId"]) == 36 for message in server.messages)
    assert page.evaluate("waypost.debug(false).faults") == []


def with_head(server: FakeServer, script: str) -> None:
    server.head = f"<script>{script}</script>"


class TestLibraries:
    """As they are published, loaded before us."""

    FILES = (
        ("mootools/lib/mootools-core-1.5.2-server.js", "MooTools"),
        ("requirejs/require.js", "define.amd"),
        ("zone.js/bundles/zone.umd.js", "Zone"),
    )

    @pytest.mark.node
    @pytest.mark.parametrize(("file", "leaves"), FILES, ids=[leaves for _, leaves in FILES])
    def test_everything_works_beside_it(
        self, page: Any, server: FakeServer, request: pytest.FixtureRequest, file: str, leaves: str
    ) -> None:
        server.built = from_lock(request, LIBRARIES)
        server.head = f'<script src="/built/{file}"></script>'
        goes_on_as_ever(page, server)
        assert page.evaluate(f"Boolean({leaves})")
        assert page.complaints.console == []

    @pytest.mark.node
    def test_a_failure_of_ours_is_no_rejection_of_the_page_s_where_zone_replaced_promises(
        self, page: Any, server: FakeServer, request: pytest.FixtureRequest
    ) -> None:
        server.built = from_lock(request, LIBRARIES)
        server.head = '<script src="/built/zone.js/bundles/zone.umd.js"></script>'
        server.answer("$page", {**decision(example("slideout")), "content": {"widget": "hologram"}})
        page.route("**/sdk/panel*", lambda route: route.abort())
        opened(page, server)
        page.evaluate("waypost.debug()")
        page.wait_for_function("() => waypost.debug(false).faults.length >= 2")

    def test_everything_works_beside_prototype_js(self, page: Any, server: FakeServer) -> None:
        server.head = '<script src="/as_prototype_js.js"></script>'
        goes_on_as_ever(page, server)
        assert page.complaints.console == []

    def test_everything_works_where_calls_are_recorded(self, page: Any, server: FakeServer) -> None:
        server.head = '<script src="/as_an_agent.js"></script>'
        goes_on_as_ever(page, server)
        assert page.evaluate("calls") > 5
        assert page.complaints.console == []


LEFT_BEHIND = {
    "on every object, what can be listed": "Object.prototype.extend = () => 1; Object.prototype.label = 'polluted';"
    "Object.prototype.style = 'color: red'; Object.prototype.disabled = true; Object.prototype.href = 'https://x.test'",
    "on every object, markup": "Object.prototype.dangerouslySetInnerHTML = {__html: '<img src=x onerror=ran()>'};"
    "Object.prototype.srcdoc = Object.prototype.innerHTML = '<svg onload=ran()>'",
    "on every list, what can be listed": "Array.prototype.each = Array.prototype.last = function () { return 7 };"
    "Array.prototype.name = 'list'; Function.prototype.defer = () => 1; String.prototype.blank = () => 1",
    "an event of yesterday": "window.event = {type: 'click'}; window.name = '[object Object]'; window.status = 'x';"
    "window.top = 7; window.parent = 7; window.length = 9; window.origin = 'x'",
    "a loader that was never finished": "window.define = () => { throw new Error('define') }; define.amd = {};"
    "window.module = {exports: {}}; window.exports = module.exports;"
    "window.require = () => { throw new Error('require') };"
    "window.process = {env: {}}; window.global = window",
    "names of ours": "window.preact = window.h = window.drawing = window.VERSION = window.PARTS = 7;"
    "window.Waypost = {}",
}


@pytest.mark.parametrize("left", LEFT_BEHIND)
def test_everything_works_with_what_others_left_behind(page: Any, server: FakeServer, left: str) -> None:
    with_head(server, f"window.runs = 0; window.ran = () => runs++; {LEFT_BEHIND[left]}")
    goes_on_as_ever(page, server)
    assert page.evaluate("runs") == 0
    inherited = page.evaluate(
        "() => { const names = []; for (const name in {}) names.push(name.toLowerCase());"
        " return names.filter((name) => [...document.querySelectorAll('waypost-guide')]"
        " .some((guide) => guide.shadowRoot.querySelector('[' + name + '=polluted]'))) }"
    )
    assert inherited == [], "none of it becomes an attribute"
    assert page.complaints.console == []


CLOBBERED = {
    "the script that runs": '<img name="currentScript" src="https://evil.invalid/sdk/waypost.js">',
    "the script that runs, as an image of ours": '<img name="currentScript" data-key="wp_pub_evil" data-host="https://evil.invalid">',
    "our own name": '<form id="waypost"></form>',
    "our own name, twice": '<a id="waypost"></a><a id="waypost" name="loaded" href="https://evil.invalid"></a>',
    "the body": '<form name="body"></form><img name="title"><img name="referrer">',
    "names that we use": "".join(f'<img id="{name}">' for name in ("navigation", "fetch", "crypto", "sensors", "key")),
}


@pytest.mark.parametrize("what", CLOBBERED)
def test_markup_that_takes_the_names_of_things_changes_nothing(page: Any, server: FakeServer, what: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: "evil.invalid" in request.url and asked.append(request.resource_type))
    tag = f'<script src="{server.sdk}/sdk/waypost.js" data-key="{server.key}"></script>'
    server.body = f"<!doctype html><html lang=en><title>Page</title>{CLOBBERED[what]}<h1>Page</h1>{tag}<!-- --></html>"
    server.answer("Asked", decision(example("slideout")))
    opened(page, server)
    page.evaluate("waypost.track('Asked')")
    shown(page).get_by_role("button", name="Close").click()
    server.wait_for_event("$dismissed")
    assert {batch["writeKey"] for batch in server.batches} == {server.key}
    assert set(asked) <= {"image"}, "nothing but the page's own pictures is asked for elsewhere"


BROKEN = (
    "fetch",
    "Promise",
    "JSON.parse",
    "JSON.stringify",
    "setTimeout",
    "queueMicrotask",
    "AbortController",
    "URL",
    "Intl.DateTimeFormat",
    "crypto.getRandomValues",
    "Date.now",
    "Math.random",
    "Map",
    "Set",
    "Array.from",
    "Array.isArray",
    "Array.prototype.map",
    "Array.prototype.filter",
    "Array.prototype.forEach",
    "Array.prototype.push",
    "Array.prototype.join",
    "Array.prototype.splice",
    "Array.prototype.reduce",
    "Array.prototype[Symbol.iterator]",
    "Object.entries",
    "String.prototype.replace",
    "String.prototype.startsWith",
    "RegExp.prototype.exec",
    "Function.prototype.call",
    "Promise.prototype.then",
    "Element.prototype.attachShadow",
    "EventTarget.prototype.addEventListener",
    "document.querySelectorAll",
    "document.createElement",
    "getComputedStyle",
    "matchMedia",
    "requestAnimationFrame",
    "requestIdleCallback",
    "MutationObserver",
    "IntersectionObserver",
    "ResizeObserver",
    "CSSStyleSheet",
    "CSSStyleSheet.prototype.replaceSync",
    "HTMLElement.prototype.showPopover",
    "HTMLDialogElement.prototype.showModal",
    "Storage.prototype.getItem",
    "navigator.sendBeacon",
)
"""Functions, each of which throws on a page of its own."""


@pytest.mark.parametrize("path", BROKEN)
def test_a_function_that_throws_is_no_failure_of_the_page(page: Any, server: FakeServer, path: str) -> None:
    server.head = f'<script src="/broken.js" data-broken="{path}"></script>'
    server.decides = lambda _message: [
        decision(example("tooltip"), id="dec_1", guide="one"),
        decision(example("banner"), id="dec_2", guide="two"),
    ]
    page.goto(server.page + "/domains/verify")
    page.wait_for_timeout(150)
    page.evaluate(
        "() => { window.waypost?.track?.('Asked', {list: [1]}); window.waypost?.identify?.('ada');"
        " window.waypost?.page?.(); window.waypost?.debug?.(); window.waypost?.optOut?.(); window.waypost?.optIn?.() }"
    )
    page.wait_for_timeout(150)
    page.locator("#verify").click()
    assert page.locator("#verify").inner_text() == "Checking…", "the page goes on"
    page.evaluate("dispatchEvent(new Event('pagehide'))")
