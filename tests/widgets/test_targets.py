"""Which element a guide stands beside: the first way to exactly one, wherever it is and whatever becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, has_run, shown
from tests.widgets.fake_server import FakeServer

pytestmark = pytest.mark.browser

PATIENCE = 60
"""So often it is looked where the ring is before it is believed to stay there."""


def beside(selector: str, **more: Any) -> dict[str, Any]:
    return decision({**example("tooltip"), "target": {"selector": selector}}, **more)


def add(page: Any, html: str) -> None:
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", html)


def pointed_at(page: Any, *, wanted: str) -> str:
    """The id of the element that the ring is around, as soon as that is the wanted one; else in the end."""
    page.locator("waypost-guide .ring").wait_for(state="attached")
    for _ in range(PATIENCE):
        page.wait_for_timeout(150)
        if (found := ringed(page)) == wanted:
            break
    return found


def ringed(page: Any) -> str:
    """The id of the element that the ring is around now."""
    found = page.evaluate(
        """() => {
      const host = document.querySelector('waypost-guide');
      const ring = host.shadowRoot.querySelector('.ring').getBoundingClientRect();
      const middle = [ring.left + ring.width / 2, ring.top + ring.height / 2];
      const inside = (root) => [...root.querySelectorAll('[id]')].filter((each) => {
        const box = each.getBoundingClientRect();
        return Math.abs(box.left - ring.left - 4) < 2 && Math.abs(box.width + 8 - ring.width) < 2
          && Math.abs(box.top - ring.top - 4) < 2;
      });
      return inside(document)[0]?.id ?? `nothing at ${middle}`;
    }"""
    )
    return str(found)


WAYS = {
    "an id": ("#verify", "verify"),
    "the second way where the first leads nowhere": ("#gone || #verify", "verify"),
    "the second way where the first leads to several": ("td || #verify", "verify"),
    "the first way where both lead somewhere": ("#verify || #note", "verify"),
    "the one that can be seen among several": (".twin", "seen"),
    "a role and a name": ("role=button[name='Verify records']", "verify"),
    "a name from a label around a field": ('role=textbox[name="Note"]', "note"),
    "a name that an attribute gives": ("role=region[name='DNS records'] || role=link[name='Contacts']", "import"),
    "a role that is stated": ("role=tab[name='Second']", "second"),
    "a name with bars and quotes": ("role=tab[name='It\\'s || odd']", "odd"),
}

MORE = """
  <p class=twin style="position:absolute;inline-size:1px;block-size:1px;overflow:hidden">for screen readers</p>
  <p class=twin hidden>away</p> <button class=twin id=seen>seen</button>
  <div role=tablist><i role=tab id=first>First</i> <i role=tab id=second> Second </i>
  <i role=tab id=odd>It's || odd</i></div>
"""


@pytest.mark.parametrize("case", WAYS)
def test_the_first_way_to_exactly_one_element_is_taken(page: Any, server: FakeServer, case: str) -> None:
    selector, wanted = WAYS[case]
    server.answer("Asked", beside(selector))
    page.goto(server.page)
    add(page, MORE)
    page.evaluate("waypost.track('Asked')")
    shown(page)
    assert pointed_at(page, wanted=wanted) == wanted


@pytest.mark.parametrize(
    ("selector", "reason"),
    [("#gone || td", "several"), ("#gone || #hidden", "hidden"), ("a[ || #gone", "not_found"), ("a[ || b[", "invalid")],
)
def test_the_most_telling_reason_is_told_where_no_way_leads_to_one(
    page: Any, server: FakeServer, selector: str, reason: str
) -> None:
    page.clock.install()
    server.answer("Asked", beside(selector))
    page.goto(server.page)
    add(page, "<i id=hidden hidden>x</i>")
    page.evaluate("waypost.track('Asked')")
    server.wait_for(lambda: any(path.startswith("/sdk/drawing") for path in server.loaded))
    for _ in range(8):
        page.wait_for_timeout(60)
        page.clock.run_for(2000)
    assert server.wait_for_event("$target_missing") == {"guide": "guide_1", "reason": reason}


def test_all_that_wait_share_one_observer_and_leave_none_behind(page: Any, server: FakeServer) -> None:
    page.add_init_script(
        """window.living = 0; window.most = 0;
        window.MutationObserver = class extends MutationObserver {
          observe(...args) { window.most = Math.max(window.most, ++window.living); super.observe(...args); }
          disconnect() { window.living--; super.disconnect(); }
        };"""
    )
    server.script_attributes = 'data-sensors="off"'
    waiting = [beside(f"#late_{each}", id=f"dec_{each}", guide=f"guide_{each}") for each in range(4)]
    server.decides = lambda message: waiting if message.get("event") == "Asked" else []
    page.goto(server.page)
    page.evaluate("waypost.track('Asked')")
    # By asking from outside: a wait inside the page would bring an observer of its own.
    server.wait_for(lambda: page.wait_for_timeout(50) or page.evaluate("window.living") == 1)
    for each in range(4):
        add(page, f"<p id=late_{each}>Here</p>")
        shown(page).get_by_role("button", name="Close").click()
        page.locator("waypost-guide").wait_for(state="detached")
    server.wait_for(lambda: page.wait_for_timeout(50) or page.evaluate("window.living") == 0)
    assert page.evaluate("window.most") == 1


def test_a_target_in_a_dialog_in_a_shadow_root_is_pointed_at_in_there(page: Any, server: FakeServer) -> None:
    server.answer("Asked", beside("#inner"))
    page.goto(server.page)
    page.evaluate(
        "const host = document.createElement('x-part'); document.querySelector('main').append(host);"
        "host.attachShadow({mode: 'open'}).innerHTML = '<dialog><button id=inner>In</button></dialog>';"
        "host.shadowRoot.querySelector('dialog').showModal(); waypost.track('Asked')"
    )
    page.locator("x-part waypost-guide .card").wait_for()
    page.locator("x-part waypost-guide").get_by_role("button", name="Close").click()
    assert server.wait_for_event("$dismissed")["how"] == "close"


def test_a_target_below_the_edge_of_a_box_that_scrolls_is_brought_into_its_view(page: Any, server: FakeServer) -> None:
    server.answer("Asked", beside("#deep"))
    page.goto(server.page)
    add(page, "<div id=box><p></p><b id=deep>Deep</b><p></p></div>")
    page.evaluate(
        "box.style.cssText = 'block-size: 80px; overflow: auto; position: fixed; top: 10px; left: 10px';"
        "for (const each of box.querySelectorAll('p')) each.style.blockSize = '200px'; waypost.track('Asked')"
    )
    shown(page)
    page.wait_for_function("() => box.scrollTop > 100")
    assert pointed_at(page, wanted="deep") == "deep"
    # Scrolled away by hand, there is nothing to point at; and the card is back with its element.
    page.evaluate("box.scrollTop = 0")
    shown_or_not = page.locator("waypost-guide .card")
    shown_or_not.wait_for(state="hidden")
    page.evaluate("box.scrollTop = 150")
    shown_or_not.wait_for(state="visible")


def test_a_hotspot_goes_along_with_its_element_and_goes_when_it_is_gone(page: Any, server: FakeServer) -> None:
    server.answer("$page", decision(example("hotspot")))
    page.goto(server.page)
    mark = page.locator("waypost-guide .mark")
    mark.wait_for()
    page.evaluate(
        "const old = document.querySelector('#import'); const made = old.cloneNode(true);"
        "old.remove(); document.querySelector('.actions').prepend(made)"
    )

    def is_beside() -> bool:
        target, dot = page.locator("#import").bounding_box(), mark.bounding_box()
        if dot is None:
            return False
        return abs(dot["x"] + dot["width"] / 2 - (target["x"] + target["width"])) < 3 and dot["y"] > 200

    server.wait_for(lambda: page.wait_for_timeout(100) or is_beside())
    mark.click()
    assert pointed_at(page, wanted="import") == "import"
    shown(page)
    page.evaluate("document.querySelector('#import').remove()")
    assert server.wait_for_event("$target_missing")["reason"] == "removed"
    page.locator("waypost-guide").wait_for(state="detached")


CLICKS = {
    "role=button[name='Verify records']": 1,
    "#gone || role=button[name='Verify records']": 1,
    "#verify || #note": 1,
    "#note || #verify": 0,
    "role=button": 1,
    "role=link": 0,
    "#verify[ || role=button": 1,
}


@pytest.mark.parametrize("selector", CLICKS)
def test_a_click_is_declared_by_the_same_selectors(page: Any, server: FakeServer, selector: str) -> None:
    server.clicks = [{"event": "Picked", "selector": selector, "page": None}]
    page.goto(server.page)
    has_run(page, "clicks")
    page.locator("#verify").click()
    page.evaluate("waypost.track('After')")
    server.wait_for_event("After")
    assert len([name for name, _ in server.events("") if name == "Picked"]) == CLICKS[selector]
