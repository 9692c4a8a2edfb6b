"""The element picker, from the link to the event that the snippet sends: a real server, a page of another origin."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.running import RunningServer
from tests.widgets.fake_server import STRICT_POLICY, FakeServer
from tests.widgets.test_accessible import barriers

pytestmark = pytest.mark.browser

RULES = 'event "Signed Up"\n'

PICKER = "waypost-guide"


def ask(real: RunningServer, path: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(real.url + path, data=data)  # noqa: S310
    request.add_header("Authorization", f"Bearer {real.secret_key}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.loads(answer.read())


@pytest.fixture
def real(server: FakeServer, start_server: StartServer, tmp_path: Path) -> RunningServer:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "rules.way").write_text(RULES)
    running = start_server(rules=rules, WAYPOST_ALLOWED_ORIGINS=server.page)
    server.elsewhere, server.key, server.policy = running.url, running.public_key, STRICT_POLICY
    return running


def link(real: RunningServer, server: FakeServer, path: str = "/domains/42/verify") -> dict[str, Any]:
    return dict(ask(real, "/api/v1/pickers", {"url": server.page + path}))


def bar(page: Any) -> Any:
    found = page.get_by_role("region", name="Element picker")
    found.wait_for()
    return found


def chosen(page: Any, selector: str) -> Any:
    """The picker's card for an element that is clicked."""
    bar(page)
    box = page.locator(selector).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = page.locator("waypost-guide .naming")
    card.wait_for()
    return card


def welcomed(page: Any, server: FakeServer) -> None:
    """The page with the picker, let in without a server that knows of links."""
    expires = {"expires": "2026-11-22T10:00:00Z"}
    page.route(
        "**/v1/picker", lambda route: route.fulfill(json=expires, headers={"Access-Control-Allow-Origin": server.page})
    )
    page.goto(f"{server.page}/domains/42/verify#waypost-picker=abc")
    bar(page)


def test_a_picked_event_is_published_and_sent_by_the_snippet(
    page: Any, server: FakeServer, real: RunningServer
) -> None:
    made = link(real, server)
    page.goto(made["link"])
    card = chosen(page, "#dead")
    assert "waypost-picker" not in page.url, "nobody copies the token with the address"
    assert card.get_by_role("heading").inner_text() == "button “Send to a colleague”"
    card.get_by_text("A new event: its click").click()
    card.get_by_label("Name of the event").fill("Asked a colleague")
    assert card.get_by_label("On pages").input_value() == "/domains/*/verify"
    way = 'event "Asked a colleague" when clicked "#dead" on page "/domains/*/verify"'
    card.locator("label", has_text="#dead").first.click()
    assert card.locator("pre").inner_text() == way
    card.get_by_role("button", name="Hand it over").click()
    card.get_by_text("Handed over.").wait_for()
    (pick,) = ask(real, f"/api/v1/pickers/{made['id']}")["picks"]
    assert (pick["kind"], pick["way"]) == ("event", way)
    ask(real, "/api/v1/rules", {"files": {"rules.way": RULES + pick["way"] + "\n"}})
    card.get_by_role("button", name="Leave the picker").click()
    page.goto(server.page + "/domains/7/verify")
    page.wait_for_function(
        "() => Object.entries(localStorage).some("
        "([key, known]) => key.endsWith(':clicks') && known.includes('Asked a colleague'))"
    )
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({name}) => name.includes('/sdk/clicks'))"
    )
    # The browser has every module once: to import it here is to wait for the core's own import.
    page.evaluate(
        "() => import(performance.getEntriesByType('resource').find(({name}) => name.includes('/sdk/clicks')).name)"
        ".then(() => null)"
    )
    page.locator("#dead").click()
    page.evaluate("waypost.identify('ada')")

    def sent() -> bool:
        try:
            request = urllib.request.Request(f"{real.url}/api/v1/users/ada/export")  # noqa: S310
            request.add_header("Authorization", f"Bearer {real.secret_key}")
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return "Asked a colleague" in answer.read().decode()
        except urllib.error.HTTPError:
            return False

    server.wait_for(lambda: page.wait_for_timeout(50) or sent())
    assert page.locator(PICKER).count() == 0
    assert page.complaints.console == []


def test_while_one_chooses_nothing_reaches_the_page(page: Any, server: FakeServer, real: RunningServer) -> None:
    page.goto(link(real, server)["link"])
    bar(page)
    page.evaluate(
        "window.heard = []; for (const name of ['click', 'pointerdown', 'mousedown', 'keydown', 'submit', 'focus'])"
        "document.body.addEventListener(name, (event) => heard.push(name), true)"
    )
    chosen(page, "nav a[href='/contacts']")
    page.keyboard.press("Escape")
    bar(page)
    for key in ("ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert page.evaluate("heard") == []
    assert page.url.endswith("/domains/42/verify"), "the link was not followed"


def test_the_keyboard_alone_is_enough(page: Any, server: FakeServer, real: RunningServer) -> None:
    made = link(real, server)
    page.goto(made["link"])
    bar(page)
    status = page.locator(PICKER).get_by_role("status")
    walk = [("ArrowDown", "navigation"), ("ArrowRight", "main"), ("ArrowDown", "p"), ("ArrowRight", "heading")]
    for key, said in walk:
        page.keyboard.press(key)
        page.wait_for_function(
            "(said) => document.querySelector('waypost-guide').shadowRoot.querySelector('[role=status]')"
            ".textContent.startsWith(said)",
            arg=said,
        )
    assert status.inner_text() == "heading “lighthouse-books.com”"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    card = page.locator("waypost-guide .naming")
    card.wait_for()
    for _ in range(30):
        if (
            page.evaluate("document.querySelector('waypost-guide').shadowRoot.activeElement?.textContent")
            == "Hand it over"
        ):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    card.get_by_text("Handed over.").wait_for()
    assert ask(real, f"/api/v1/pickers/{made['id']}")["picks"][0]["way"] == 'beside "#domain-name"'
    page.keyboard.press("Escape")
    bar(page)
    page.keyboard.press("Escape")
    page.locator(PICKER).wait_for(state="detached")
    page.reload()
    page.wait_for_function("() => window.waypost?.loaded")
    page.wait_for_timeout(300)
    assert page.locator(PICKER).count() == 0, "whoever has left is not asked again"


def test_one_may_use_the_page_and_pick_what_it_opens_on_the_next_one_too(
    page: Any, server: FakeServer, real: RunningServer
) -> None:
    page.goto(link(real, server)["link"])
    bar(page).get_by_role("button", name="Use the page").click()
    page.get_by_role("link", name="Contacts").click()
    page.wait_for_url("**/contacts")
    chosen(page, "#verify")
    page.keyboard.press("Escape")
    bar(page).get_by_role("button", name="Use the page").click()
    page.evaluate(
        "const sure = document.createElement('dialog'), yes = document.createElement('button');"
        "yes.id = 'yes'; yes.append('Yes'); sure.append(yes); document.body.append(sure); sure.showModal()"
    )
    page.locator("dialog waypost-guide").get_by_role("button", name="Pick an element").click()
    card = chosen(page, "#yes")
    assert card.get_by_role("heading").inner_text() == "button “Yes”"


REFUSALS = ["over", "another page"]


def test_a_picker_that_was_left_does_not_come_back_when_the_page_closes_its_dialog(
    page: Any, server: FakeServer
) -> None:
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { const sure = document.createElement('dialog');"
        "sure.append('Sure?'); document.body.append(sure); sure.showModal(); })"
    )
    welcomed(page, server)
    bar(page).get_by_role("button", name="Use the page").click()
    page.locator("dialog waypost-guide").get_by_role("button", name="Pick an element").click()
    bar(page).get_by_role("button", name="Leave").click()
    page.wait_for_function("() => !document.querySelector('waypost-guide')")
    page.evaluate(
        "new Promise((done) => { const sure = document.querySelector('dialog');"
        "sure.addEventListener('close', () => setTimeout(done)); sure.close(); })"
    )
    assert page.locator(PICKER).count() == 0


@pytest.mark.parametrize("why", REFUSALS)
def test_a_link_that_is_over_says_so_and_leaves_the_page_alone(
    page: Any, server: FakeServer, real: RunningServer, why: str
) -> None:
    made = link(real, server)
    if why == "over":
        request = urllib.request.Request(f"{real.url}/api/v1/pickers/{made['id']}", method="DELETE")  # noqa: S310
        request.add_header("Authorization", f"Bearer {real.secret_key}")
        urllib.request.urlopen(request).close()  # noqa: S310
        page.goto(made["link"])
    else:
        page.goto(server.page + "/overview#waypost-picker=" + "0" * 64)
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert {"over": "this link is over", "another page": "this link is not known here"}[why] in alert.inner_text()
    alert.get_by_role("button", name="Close").click()
    page.locator(PICKER).wait_for(state="detached")
    page.get_by_role("link", name="Contacts").click()
    page.wait_for_url("**/contacts")
    time.sleep(0.2)
    assert page.locator(PICKER).count() == 0


def test_a_page_without_a_link_loads_nothing_of_it(page: Any, server: FakeServer) -> None:
    page.goto(server.page + "/domains/verify#top")
    page.wait_for_function("() => window.waypost?.loaded")
    page.wait_for_timeout(400)
    assert not any("picker" in path for path in server.loaded)


@pytest.mark.node
@pytest.mark.thorough
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_has_no_barrier(chromium: Any, axe: str, server: FakeServer, theme: str, width: int) -> None:
    server.script_attributes = f'data-theme="{theme}"'
    # axe is no part of the page: the page's own policy is not to be asked about it.
    context = chromium.new_context(
        viewport={"width": width, "height": 700}, reduced_motion="reduce", bypass_csp=True, locale="en-GB"
    )
    page = context.new_page()
    welcomed(page, server)
    page.evaluate(axe)
    page.keyboard.press("ArrowDown")
    assert barriers(page) == []
    bar(page).get_by_role("button", name="Picture for heat maps").click()
    assert barriers(page) == []
    page.get_by_role("button", name="Pick an element").click()
    card = chosen(page, "#verify")
    card.get_by_text("A new event: its click").click()
    assert barriers(page) == []
    outside = page.evaluate(
        """() => [...document.querySelector('waypost-guide').shadowRoot.querySelectorAll('.card, .card *')]
          .filter((each) => { const box = each.getBoundingClientRect();
            return box.width > 1 && (box.left < -1 || box.right > innerWidth + 1); }).map((each) => each.className)"""
    )
    assert outside == []
    context.close()


VERDICTS = """
<div id=root-8f3a91c2>
  <button data-waypost="save" data-testid="save-button" id="save" class="x">Save</button>
  <button id=":r3:" class="btn">Send 12 mails</button>
  <ul><li><a href="#">One</a></li><li><a href="#">One</a></li></ul>
  <button id="css-1q2w3e">Ok</button>
</div>
"""

EXPECTED = {
    "[data-waypost]": [
        ("data attribute", "[data-waypost='save']", 1, True),
        ("test id", "[data-testid='save-button']", 1, True),
        ("id", "#save", 1, True),
        ("role and name", "role=button[name='Save']", 1, True),
    ],
    ".btn": [
        ("id", "#\\:r3\\:", 1, False),
        ("role and name", "role=button[name='Send 12 mails']", 1, False),
    ],
    "li:nth-child(2) a": [("role and name", "role=link[name='One']", 2, True)],
    "[id='css-1q2w3e']": [
        ("id", "#css-1q2w3e", 1, False),
        ("role and name", "role=button[name='Ok']", 1, True),
    ],
}
"""By the element: the ways to it, with how many elements each leads to and whether it lasts; then its path."""


@pytest.mark.parametrize("selector", EXPECTED)
def test_every_way_to_an_element_says_how_good_it_is(page: Any, server: FakeServer, selector: str) -> None:
    welcomed(page, server)
    page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('afterbegin', html)", VERDICTS)
    card = chosen(page, selector)
    told = []
    for way in card.locator(".way").all():
        kind, alone, lasts = way.locator(".verdict > *").all_inner_texts()
        count = 1 if alone == "Unique" else int(alone.split()[0])
        told.append((kind, way.locator("code").inner_text(), count, lasts == "Stable"))
    named = [each for each in told if each[0] not in ("short path", "several ways")]
    assert named == EXPECTED[selector]
    path = next(each for each in told if each[0] == "short path")
    assert path[2] == 1, "the path leads to it alone"
    best = [each for each in told if each[2] == 1 and each[3]]
    is_checked = card.locator(".way:has(:checked) code").inner_text()
    assert is_checked == (best[0][1] if best else next(each[1] for each in told if each[2] == 1))
    assert ("several ways" in [each[0] for each in told]) is (len(named) > 1 and len(best) > 1)


@pytest.mark.thorough
def test_a_picture_of_the_page_is_taken_masked_and_without_the_picker_itself(
    page: Any, server: FakeServer, real: RunningServer
) -> None:
    page.goto(link(real, server)["link"])
    page.evaluate("document.getElementById('verify').setAttribute('data-testid', 'verify-records')")
    bar(page).get_by_role("button", name="Picture for heat maps").click()
    card = page.locator("waypost-guide .naming")
    assert card.get_by_label("For pages").input_value() == "/domains/*/verify"
    card.get_by_role("button", name="Take the picture").click()
    card.get_by_text("Taken.").wait_for()
    found = ask(real, "/api/v1/heat/picture?page=/domains/*/verify")
    told = json.dumps(found["events"])
    assert [each["type"] for each in found["events"]] == [4, 2]
    assert (found["source"], found["page"], "verify-records" in told) == ("author", "/domains/*/verify", True)
    for hidden in ("lighthouse", "Send to a colleague", "8f3a91c27d", "waypost-guide", "waypost-picker"):
        assert hidden not in told, hidden
    card.get_by_label("For pages").fill("domains")
    card.get_by_role("button", name="Take the picture").click()
    card.get_by_text("is no pattern of paths").wait_for()
    card.get_by_role("button", name="Pick an element").click()
    bar(page)
    # The browser tells of the address that refused it; nothing else is said there.
    assert [each for each in page.complaints.console if "422" not in each] == []
