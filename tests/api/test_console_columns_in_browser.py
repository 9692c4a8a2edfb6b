"""A table from somewhere else, taken in by a person in Chromium: looked at, named, tried, taken; and a source added."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from engine.import_desk import ImportDesk
from tests.api.asking import SECRET_KEY, Site
from tests.api.browsing import barred, complaints, look_now, session, visit, whole
from tests.api.test_console_pages import RULES, cheap_passwords  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
PICTURES = os.environ.get("WAYPOST_PICTURES")

TABLE = """Kunde;Aktion;Datum;Betrag;Stammkunde;Notiz
u1;Kauf;2026-10-01 09:00;49,50;ja;<img src=x onerror=alert(1)>
u2;Kauf;bald;12;nein;
u3;Kauf;2026-10-01 11:00;7;ja;gern
"""


def picture(page: Any, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def work(site: Site) -> None:
    ImportDesk(site.service.database).work(site.service, clock=site.clock, renew=lambda: True)


def test_a_table_is_looked_at_named_tried_and_taken_in(  # noqa: PLR0915  (one visit that sees many things)
    chromium: Any, site: Site, address: str, tmp_path: Path, axe: str
) -> None:
    table = tmp_path / "verkauf.csv"
    table.write_text(TABLE, encoding="utf-8")
    page = visit(chromium, session(site, address))
    heard = complaints(page)
    page.goto(f"{address}/console/p/default/settings/sources")
    whole(page)
    page.get_by_label("File").set_input_files(table)
    # Its words are German: nothing is guessed but the numbers, and it says what is missing.
    page.get_by_text(
        "say which column is the event, and which is the time, and which is the user or the visitor"
    ).wait_for()
    assert page.get_by_label("Betrag: cells are").input_value() == "number"
    picture(page, "columns-1-guessed")
    for column, target in (("Kunde", "user_id"), ("Aktion", "event"), ("Datum", "timestamp")):
        page.get_by_label(f"{column} is", exact=True).select_option(target)
        page.wait_for_function(
            "([name, value]) => document.querySelector(`[aria-label='${name} is']`)?.value === value",
            arg=[column, target],
        )
    page.get_by_text("All 3 rows were looked at: 1 cannot be taken.").wait_for()
    page.get_by_text("line 3:").wait_for()
    # By keyboard alone: the name of a property.
    called = page.get_by_label("Betrag is called")
    called.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("amount")
    page.keyboard.press("Tab")
    page.get_by_text("Columns as text, and keeping them").click()
    page.wait_for_function("document.querySelector('[name=mapping]').value.includes('Betrag=property.number:amount')")
    # What is kept is what the server made of it, which is drawn anew.
    page.locator("[aria-label='Betrag is called'][value=amount]").wait_for()
    page.evaluate("scrollTo(0, 0)")
    assert barred(page, axe) == []
    page.get_by_label("Keep them as").fill("Verkauf")
    page.get_by_role("button", name="Keep these columns").click()
    page.get_by_text("Kept as “Verkauf”").wait_for()
    picture(page, "columns-2-named")

    # First only tried: nothing is taken in, the reasons are listed, and then it is taken in as it lies here.
    page.get_by_text("Only say what would come of it").click()
    page.get_by_role("button", name="Take it in").click()
    page.get_by_text("waiting").wait_for()
    whole(page)
    work(site)
    look_now(page)
    page.get_by_text("done", exact=True).wait_for()
    assert site.service.user(1, user_id="u1") is None
    row = page.get_by_role("row", name=re.compile("verkauf.csv"))
    row.get_by_role("button", name="Take it in").click()
    page.get_by_role("dialog").get_by_role("button", name="Take it in").click()
    page.get_by_text("waiting").wait_for()
    whole(page)
    work(site)
    look_now(page)
    page.get_by_text("done", exact=True).wait_for()
    picture(page, "columns-3-done")
    [event] = [each.event for each in site.service.history(1, user_id="u1")]
    assert (event.name, event.properties["amount"]) == ("Kauf", 49.5)
    assert site.service.user(1, user_id="u2") is None

    # The next file with the same columns.
    again = tmp_path / "oktober.csv"
    again.write_text(TABLE.replace("u", "w").replace("bald", "2026-10-02"), encoding="utf-8")
    page.reload()
    whole(page)
    page.get_by_label("File").set_input_files(again)
    page.get_by_label("Columns as kept").select_option(label="Verkauf")
    page.get_by_text("Kunde").first.wait_for()
    # A file that is none, and one that is too large, lose nothing of what is there.
    bad = tmp_path / "picture.csv"
    bad.write_bytes(b"\x89PNG\x00")
    page.get_by_label("File").set_input_files(bad)
    page.get_by_text("this is no text").wait_for()
    assert [each for each in heard if "422" not in each] == []
    page.context.close()


def test_a_source_is_added_changed_and_removed(chromium: Any, site: Site, address: str, axe: str) -> None:
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    page = visit(chromium, session(site, address))
    heard = complaints(page)
    page.goto(f"{address}/console/p/default/settings/scheduled")
    page.get_by_text("Nothing is fetched yet").wait_for()
    assert barred(page, axe) == []
    page.get_by_role("row", name=re.compile("Zendesk, tickets")).get_by_role("button", name="Add").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address Such as").fill("http://10.0.0.7")
    dialog.get_by_label("Address of the agent").fill("admin@acme.example")
    dialog.get_by_label("API token").fill("s3cret-token")
    dialog.get_by_role("button", name="Add it").click()
    page.get_by_text("is not an address like").wait_for()
    dialog.get_by_label("Address Such as").fill("https://acme.zendesk.com")
    assert barred(page, axe) == []
    picture(page, "sources-1-adding")
    with page.expect_navigation():
        dialog.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="Zendesk, tickets").wait_for()
    whole(page)
    assert "s3cret-token" not in page.content() + page.evaluate("JSON.stringify(sessionStorage)")
    picture(page, "sources-2-added")
    page.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name Blank").fill("Our help desk")
    dialog.locator("[name=every]").select_option("hourly")
    with page.expect_navigation():
        dialog.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Our help desk").wait_for()
    assert barred(page, axe) == []
    page.get_by_role("button", name="Change").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").last.click()
    page.get_by_text("Nothing is fetched yet").wait_for()
    assert [each for each in heard if "422" not in each] == []
    page.context.close()


def test_columns_of_a_file_that_is_no_table_any_more_are_not_shown_late(
    chromium: Any, site: Site, address: str, tmp_path: Path
) -> None:
    table = tmp_path / "verkauf.csv"
    table.write_text(TABLE, encoding="utf-8")
    page = visit(chromium, session(site, address))
    page.goto(f"{address}/console/p/default/settings/sources")
    whole(page)
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("**/imports/preview*", hold)
    with page.expect_request("**/imports/preview*"):
        page.get_by_label("File").set_input_files(table)
    page.get_by_label("Format").select_option(index=1)
    while not held:
        page.wait_for_timeout(20)
    with page.expect_response("**/imports/preview*"):
        held[0].continue_()
    page.wait_for_timeout(200)
    assert page.locator("[data-columns]").is_hidden()
    page.context.close()


def test_a_file_that_the_server_refuses_is_begun_anew_with_the_next_press(
    chromium: Any, site: Site, address: str, tmp_path: Path
) -> None:
    table = tmp_path / "verkauf.csv"
    table.write_text("user_id,event,timestamp\nu1,Kauf,2026-10-01 09:00\n", encoding="utf-8")
    page = visit(chromium, session(site, address))
    page.goto(f"{address}/console/p/default/settings/sources")
    whole(page)
    refusal = {"code": "gone", "detail": "This import was removed."}
    page.route("**/imports/*/parts*", lambda route: route.fulfill(status=404, json=refusal), times=1)
    page.get_by_label("File").set_input_files(table)
    page.get_by_label("user_id is", exact=True).wait_for()
    page.get_by_role("button", name="Take it in").click()
    page.get_by_text("This import was removed.").wait_for()
    with page.expect_navigation(), page.expect_request(lambda request: request.url.endswith("/v1/imports")):
        page.get_by_role("button", name="Take it in").click()
    page.get_by_text("waiting").wait_for()
    page.context.close()
