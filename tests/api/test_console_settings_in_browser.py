"""Settings in Chromium, as two people use them: a developer who sets the snippet up, and an admin who lets people in,
limits them, replaces a key and erases a user. And pages on paper and on a wall.
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

from engine.import_desk import ImportDesk
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site
from tests.api.browsing import look_now, session, visit, whole
from tests.api.test_console_pages import cheap_passwords, lively  # noqa: F401  (a fixture)
from tests.serving import POLL_SECONDS

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
PICTURES = os.environ.get("WAYPOST_PICTURES")
"""A folder for pictures, to look at."""


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
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_SECONDS}, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def at(page: Any, address: str, path: str) -> None:
    page.goto(f"{address}/console/p/default/{path}")
    whole(page)


def test_a_developer_sets_the_snippet_up(chromium: Any, site: Site, address: str) -> None:
    page = visit(chromium, session(site, address), permissions=["clipboard-read", "clipboard-write"])
    at(page, address, "")
    page.get_by_text("Paste the snippet").first.wait_for()
    picture(page, "developer-1-home")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Snippet").click()
    page.get_by_text("No page has sent anything").wait_for()
    whole(page)
    picture(page, "developer-2-snippet")
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    tag = page.evaluate("navigator.clipboard.readText()")
    assert PUBLIC_KEY in tag
    with customer(f"<!doctype html><head>{tag}</head><body>Our product</body>") as product:
        page.get_by_role("link", name="Change").click()
        page.get_by_label("Pages that may send").wait_for()
        whole(page)
        page.get_by_label("Pages that may send").fill(product)
        with page.expect_navigation():
            page.get_by_role("button", name="Save").click()
        at(page, address, "settings/snippet")
        page.get_by_text(product).wait_for()
        # A moment in which the server does not answer is no end.
        page.route("**/settings/snippet", lambda route: route.fulfill(status=503))
        with page.expect_response(lambda answer: answer.status == 503):
            look_now(page)
        page.unroute("**/settings/snippet")
        visitor = chromium.new_context().new_page()
        visitor.goto(f"{product}/welcome")
        # Green by itself, without anybody pressing anything; at once for whoever comes back to this window.
        look_now(page)
        page.locator("#there .tag.good").wait_for()
        assert "/welcome" in page.locator("#there").inner_text()
        picture(page, "developer-3-there")
        visitor.context.close()
    at(page, address, "")
    page.locator("[data-errand=events].done").get_by_text("done", exact=True).wait_for()
    picture(page, "developer-4-home")
    page.context.close()


def test_an_admin_invites_limits_rotates_and_erases(chromium: Any, site: Site, address: str) -> None:
    lively(site)
    page = visit(chromium, session(site, address))
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
    whole(page)
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
    page.get_by_role("button", name="Erase", exact=True).wait_for()
    whole(page)
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


def test_a_fault_stands_at_its_field_and_of_two_who_change_a_webhook_the_second_is_told(
    chromium: Any, site: Site, address: str
) -> None:
    page = visit(chromium, session(site, address))
    at(page, address, "settings/project")
    page.get_by_label("Name").first.fill("Our product")
    page.get_by_label("Pages that may send").fill("https://app.example.com\nnowhere")
    page.get_by_role("button", name="Save").click()
    page.locator(".fault").wait_for()
    assert "is not an origin" in page.locator(".fault").inner_text()
    assert page.get_by_label("Name").first.input_value() == "Our product"
    page.get_by_label("Pages that may send").fill("https://app.example.com")
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
    whole(page)
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
    # More than goes over at once, so that it goes in parts.
    said = "a" * 500
    rows = "".join(f"u{number},Signed Up,2026-10-01 09:{number % 60:02},{said}\n" for number in range(3_000))
    table.write_text(f"user_id,event,timestamp,note\n{rows}u1,Signed Up,soon,\n", encoding="utf-8")
    page = visit(chromium, session(site, address))
    at(page, address, "settings/sources")
    page.get_by_label("File").set_input_files(table)
    page.get_by_role("heading", name="What the columns are").wait_for()
    page.get_by_text("Only say what would come of it").click()
    page.get_by_role("button", name="Take it in").click()
    page.get_by_text("waiting").wait_for()
    picture(page, "import-1-waiting")
    ImportDesk(site.service.database).work(site.service, clock=site.clock, renew=lambda: True)
    look_now(page)
    page.get_by_text("done", exact=True).wait_for()
    page.get_by_role("row", name=re.compile("events.csv")).get_by_role("link", name="1").click()
    page.get_by_text("`soon` is not a time").wait_for()
    picture(page, "import-2-done")
    page.context.close()


def test_a_name_that_came_is_put_into_the_draft_of_the_rules(chromium: Any, site: Site, address: str) -> None:
    lively(site)
    site.post("/v1/track", {"userId": "u1", "event": "Invited", "properties": {"seats": 3}}, key=PUBLIC_KEY)
    page = visit(chromium, session(site, address))
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


ON_SCREENS_ONLY = ("header.top", "nav.side", ".filters")
"""Parts of a page that say nothing on paper."""


IN_LIGHT_INK = ".chart svg text[fill='#eceae4']"
"""What is drawn in charts where the appearance is dark."""


def test_pages_go_on_paper_and_on_a_wall(chromium: Any, site: Site, address: str, tmp_path: Path) -> None:
    lively(site)
    page = visit(chromium, session(site, address))
    for path, name in (("find", "find"), ("settings/audit", "audit")):
        at(page, address, path)
        parts = {each: page.locator(each) for each in ON_SCREENS_ONLY}
        assert {each: part.is_visible() for each, part in parts.items()} == dict.fromkeys(ON_SCREENS_ONLY, True)
        page.emulate_media(media="screen", color_scheme="dark")
        if path == "find":
            page.locator(IN_LIGHT_INK).first.wait_for()
        page.emulate_media(media="print")
        assert page.locator(".on-paper").inner_text().startswith("default")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        # What was drawn in light ink on a dark ground is drawn in dark ink for the paper.
        page.wait_for_function("(drawn) => document.querySelector(drawn) === null", arg=IN_LIGHT_INK)
        assert {each: part.is_visible() for each, part in parts.items()} == dict.fromkeys(ON_SCREENS_ONLY, False)
        file = Path(PICTURES or tmp_path) / f"{name}.pdf"
        page.pdf(path=file, format="A4")
        assert file.read_bytes().startswith(b"%PDF")
        page.emulate_media(media="screen", color_scheme="light")
    page.set_viewport_size({"width": 2560, "height": 1440})
    for path in ("", "find", "settings/keys"):
        at(page, address, path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        picture(page, f"wall-{path.replace('/', '-') or 'home'}")
    page.context.close()
