"""Settings in Chromium, as two people use them: a developer who sets the snippet up, and an admin who lets people in,
limits them, replaces a key and erases a user. And every page by the keyboard, on paper, and on a wall.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from api.console.registry import pages
from dsl.values import DAY, Duration
from engine.import_desk import ImportDesk
from engine.permissions import Role
from tests.accessibility import barriers
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site
from tests.api.test_console_pages import cheap_passwords, lively  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
PICTURES = os.environ.get("WAYPOST_PICTURES")
"""A folder for pictures, to look at."""


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@contextmanager
def customer(page: str) -> Iterator[str]:
    """A site of the customer's, on another origin than Waypost's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def admin(site: Site, chromium: Any, address: str, *, width: int = 1280, scheme: str = "light", **more: Any) -> Any:
    """A page of somebody who is signed in as an admin."""
    user = site.service.sign_in.known_elsewhere(
        "https://id.example", "ada", email="ada@example.com", roles={1: Role.ADMIN}
    )
    cookie = site.service.sign_in.start(user, lasts=Duration(7 * DAY)).cookie
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce", **more
    )
    context.add_cookies([{"name": "waypost_session", "value": cookie, "url": address}])
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def at(page: Any, address: str, path: str) -> None:
    page.goto(f"{address}/console/p/default/{path}")


def test_a_developer_sets_the_snippet_up(chromium: Any, site: Site, address: str) -> None:
    page = admin(site, chromium, address, permissions=["clipboard-read", "clipboard-write"])
    at(page, address, "")
    page.get_by_text("Paste the snippet").first.wait_for()
    picture(page, "developer-1-home")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Snippet").click()
    page.get_by_text("No page has sent anything").wait_for()
    picture(page, "developer-2-snippet")
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    tag = page.evaluate("navigator.clipboard.readText()")
    assert PUBLIC_KEY in tag
    with customer(f"<!doctype html><head>{tag}</head><body>Our product</body>") as product:
        page.get_by_role("link", name="Change").click()
        page.get_by_label("Pages that may send").fill(product)
        with page.expect_navigation():
            page.get_by_role("button", name="Save").click()
        at(page, address, "settings/snippet")
        page.get_by_text(product).wait_for()
        visitor = chromium.new_context().new_page()
        visitor.goto(f"{product}/welcome")
        # Green by itself, without anybody pressing anything.
        page.locator("#there .tag.good").wait_for()
        assert "/welcome" in page.locator("#there").inner_text()
        picture(page, "developer-3-there")
        visitor.context.close()
    at(page, address, "")
    done = page.locator("li.done")
    if done.count() == 0:
        page.get_by_text("Events come").first.wait_for()
    picture(page, "developer-4-home")
    page.context.close()


def test_an_admin_invites_limits_rotates_and_erases(chromium: Any, site: Site, address: str) -> None:
    lively(site)
    page = admin(site, chromium, address)
    kim = chromium.new_context().new_page()
    invites(page, kim, address)
    limits(page, kim, address)
    replaces_a_key(page, site, address)
    erases(page, site, address)
    kim.context.close()
    page.context.close()


def invites(page: Any, kim: Any, address: str) -> None:
    """The link is seen once, and works."""
    at(page, address, "settings/people")
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("Their address").fill("kim@example.com")
    page.get_by_role("dialog").get_by_label("Role").select_option("analyst")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("dialog[open] [data-secret]")
    link.wait_for()
    invitation = link.inner_text()
    picture(page, "admin-1-link")
    page.locator("dialog[open]").get_by_role("button", name="Done").click()
    page.get_by_text("join as analyst").wait_for()
    kim.goto(invitation)
    kim.get_by_label("Name").fill("Kim")
    kim.get_by_label(re.compile("assword")).fill("a whole new password")
    kim.get_by_role("button", name="Join").click()
    kim.get_by_text("Welcome").first.wait_for()


def limits(page: Any, kim: Any, address: str) -> None:
    """A viewer sees no keys."""
    page.reload()
    with page.expect_navigation():
        page.get_by_label("Role of kim@example.com").select_option("viewer")
    kim.goto(f"{address}/console/p/default/settings/keys")
    kim.get_by_text("does not allow keys:read").wait_for()
    picture(kim, "admin-2-limited")


def replaces_a_key(page: Any, site: Site, address: str) -> None:
    """Another key, which is seen once; the old one works a day longer."""
    at(page, address, "settings/keys")
    page.get_by_role("row", name=re.compile("wp_sec_")).get_by_role("button", name="Replace").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("The old one ends").select_option("in a day")
    picture(page, "admin-3-replace")
    dialog.get_by_role("button", name="Make the new key").click()
    secret = page.locator("dialog[open] [data-secret]")
    secret.wait_for()
    key = secret.inner_text()
    page.keyboard.press("Escape")
    page.get_by_text(re.compile("^ends ")).first.wait_for()
    assert key not in page.content()
    assert site.get("/api/v1/rules", key=key).status_code == 200
    assert site.get("/api/v1/rules", key=SECRET_KEY).status_code == 200


def erases(page: Any, site: Site, address: str) -> None:
    """Only with the id written again; what is left is a number."""
    at(page, address, "settings/privacy")
    page.get_by_label("User id or visitor id").fill("u1")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("button", name="Erase", exact=True).click()
    erase = page.get_by_role("button", name="Erase for good")
    page.get_by_label("Write the id to go on").fill("u11")
    assert erase.is_disabled()
    page.get_by_label("Write the id to go on").fill("u1")
    picture(page, "admin-4-erase")
    erase.click()
    page.get_by_text(re.compile(r"^person \d+$")).wait_for()
    assert site.service.user(1, user_id="u1") is None
    at(page, address, "settings/audit?action=person.erase")
    page.locator("td").get_by_text("a user was erased").wait_for()
    picture(page, "admin-5-audit")


def test_nothing_that_was_typed_is_lost(chromium: Any, site: Site, address: str) -> None:
    page = admin(site, chromium, address)
    at(page, address, "settings/project")
    page.get_by_label("Pages that may send").fill("https://app.example.com\nnowhere")
    page.get_by_role("button", name="Save").click()
    page.locator(".fault").wait_for()
    assert "is not an origin" in page.locator(".fault").inner_text()
    page.context.set_offline(True)
    page.get_by_label("Name").first.fill("Our product")
    page.get_by_label("Pages that may send").fill("https://app.example.com")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("The server cannot be reached").wait_for()
    page.context.set_offline(False)
    kept = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("You are signed out").wait_for()
    assert page.get_by_label("Name").first.input_value() == "Our product"
    page.context.add_cookies(kept)
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()
    page.locator("summary", has_text="Our product").wait_for()
    # Two people change one webhook.
    at(page, address, "settings/webhooks")
    page.get_by_role("button", name="Make a webhook").click()
    page.get_by_label("Address").first.fill("https://10.0.0.7/in")
    page.get_by_role("button", name="Make it").click()
    page.get_by_text("lies within a private network").wait_for()
    page.get_by_label("Address").first.fill("https://hooks.example.com/in")
    page.get_by_role("button", name="Make it").click()
    page.locator("dialog[open] [data-secret]").wait_for()
    page.locator("dialog[open]").get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Send a test").wait_for()
    other = page.context.new_page()
    at(other, address, "settings/webhooks")
    for each, words in ((other, "theirs"), (page, "mine")):
        each.get_by_role("button", name="Change").click()
        each.locator("dialog[open]").get_by_label("What it is for").fill(words)
        each.locator("dialog[open]").get_by_role("button", name="Save").click()
        if each is other:
            each.get_by_text("theirs").first.wait_for()
    page.get_by_text("Somebody else changed this meanwhile").wait_for()
    assert page.locator("dialog[open]").get_by_label("What it is for").input_value() == "mine"
    page.context.close()


def test_a_file_is_given_over_and_its_progress_shows_by_itself(
    chromium: Any, site: Site, address: str, tmp_path: Path
) -> None:
    table = tmp_path / "events.csv"
    rows = "".join(f"u{number},Signed Up,2026-10-01 09:{number % 60:02}\n" for number in range(40_000))
    table.write_text(f"user_id,event,timestamp\n{rows}u1,Signed Up,soon\n", encoding="utf-8")
    page = admin(site, chromium, address)
    at(page, address, "settings/sources")
    page.get_by_label("File").set_input_files(table)
    page.get_by_text("Only say what would come of it").click()
    page.get_by_role("button", name="Take it in").click()
    page.get_by_text("waiting").wait_for()
    picture(page, "import-1-waiting")
    ImportDesk(site.service.database).work(site.service, clock=site.clock, renew=lambda: True)
    page.get_by_text("done", exact=True).wait_for()
    page.get_by_role("row", name=re.compile("events.csv")).get_by_role("link", name="1").click()
    page.get_by_text("`soon` is not a time").wait_for()
    picture(page, "import-2-done")
    page.context.close()


def test_a_name_that_came_is_put_into_the_draft_of_the_rules(chromium: Any, site: Site, address: str) -> None:
    lively(site)
    site.post("/v1/track", {"userId": "u1", "event": "Invited", "properties": {"seats": 3}}, key=PUBLIC_KEY)
    page = admin(site, chromium, address)
    at(page, address, "settings/catalog")
    row = page.get_by_role("row", name="Invited")
    row.get_by_text("Declare", exact=True).click()
    row.get_by_role("button", name="Put it into the draft").click()
    page.get_by_text("It is in the draft of the rules").wait_for()
    draft = site.get("/api/v1/rules/draft").json
    assert draft is not None
    assert draft["files"]["catalog.way"] == 'event "Invited" {\n  seats: number\n}\n'
    assert "rules.way" in draft["files"]
    page.get_by_role("row", name="Invited").get_by_role("button", name="In the draft").wait_for()
    picture(page, "catalog-declared")
    page.context.close()


def test_every_page_can_be_walked_by_the_keyboard(chromium: Any, site: Site, address: str) -> None:
    lively(site)
    page = admin(site, chromium, address)
    lost: dict[str, list[str]] = {}
    for each in pages():
        at(page, address, each.path)
        page.wait_for_load_state("load")
        if each is not pages()[0]:  # the frame is the same on every page
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
        lost[each.name] = walked(page)
    assert {name: found for name, found in lost.items() if found} == {}
    for each in pages():
        if each.key is None:
            continue
        at(page, address, "")
        page.keyboard.press("g")
        page.keyboard.press(each.key)
        page.wait_for_url(f"**/console/p/default/{each.path}*")
    keys = [each.key for each in pages() if each.key is not None]
    assert len(keys) == len(set(keys)), "one letter, one page"
    at(page, address, "settings/catalog")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Tab")
    page.keyboard.press("?")
    page.locator("dialog#shortcuts[open]").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("dialog#shortcuts[open]").count() == 0
    page.context.close()


MOST_STOPS = 60
WHERE = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  const parts = at.type === "date";  // the browser shows which part of it has the focus
  const seen = parts || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  const all = [...document.querySelectorAll("*")];
  return {
    name: `${at.tagName.toLowerCase()} ${(at.getAttribute("aria-label") ?? at.textContent ?? "").trim().slice(0, 40)}`,
    place: all.indexOf(at), seen: seen || at.getRootNode() !== document, inside, tall: box.height > innerHeight,
  };
}"""


def walked(page: Any) -> list[str]:
    """What is wrong on the way through a page by Tab: order, sight of the focus, what is out of sight."""
    wrong: list[str] = []
    first, before = None, -1
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(WHERE)
        if here is None or (first is not None and here["place"] <= first):
            break  # all the way round
        first = here["place"] if first is None else first
        if here["place"] < before:
            wrong.append(f"{here['name']} comes out of order")
        if not here["seen"]:
            wrong.append(f"{here['name']} does not show that it has the focus")
        if not here["inside"] and not here["tall"]:
            wrong.append(f"{here['name']} is out of sight")
        before = here["place"]
    return wrong


def test_pages_go_on_paper_and_on_a_wall(chromium: Any, site: Site, address: str, tmp_path: Path) -> None:
    lively(site)
    page = admin(site, chromium, address)
    for path, name in (("find", "find"), ("settings/audit", "audit")):
        at(page, address, path)
        page.wait_for_load_state("load")
        page.emulate_media(media="print")
        hidden = page.locator("header.top, nav.side, #told, .filters")
        assert [hidden.nth(n).is_visible() for n in range(hidden.count())] == [False] * hidden.count()
        file = Path(PICTURES or tmp_path) / f"{name}.pdf"
        page.pdf(path=file, format="A4")
        assert file.read_bytes().startswith(b"%PDF")
        page.emulate_media(media="screen")
    page.context.close()
    wall = admin(site, chromium, address, width=2560)
    for path in ("", "find", "settings/keys"):
        at(wall, address, path)
        assert wall.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        picture(wall, f"wall-{path.replace('/', '-') or 'home'}")
    wall.context.close()


@pytest.mark.node
def test_the_design_page_bars_nobodys_way(chromium: Any, site: Site, address: str, axe: str) -> None:
    for scheme, width in (("light", 1280), ("dark", 360)):
        page = admin(site, chromium, address, scheme=scheme, width=width, bypass_csp=True)
        page.goto(f"{address}/console/design")
        page.locator("figure svg path").first.wait_for(state="attached")
        page.evaluate(axe)
        assert barriers(page, "html") == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        page.context.close()
