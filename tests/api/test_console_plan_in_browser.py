"""The roadmap in Chromium: items are moved in the matrix and on the board, by drag and by keyboard; nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.asking import SECRET_KEY, Site
from tests.api.browsing import session, visit, whole
from tests.api.test_console_plan import add
from tests.api.test_roadmap import API, TRIAL, busy, said, send

__all__ = ["busy"]
KEYED = {"Authorization": f"Bearer {SECRET_KEY}"}
SLOW = {"low": 2, "high": 4}
WORDS = "Half of them do not know who may change it."


def item(site: Site, number: int) -> dict[str, Any]:
    found: dict[str, Any] = said(site.get(f"{API}/items/{number}"))
    return found


def drag(page: Any, start: Any, x: float, y: float) -> None:
    """Press in the middle of something, and let go elsewhere."""
    box = start.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(x - 20, y - 10, steps=3)
    page.mouse.move(x, y, steps=3)
    page.mouse.up()


@pytest.mark.browser
@pytest.mark.thorough
def test_items_are_moved_in_the_matrix_by_drag_and_by_keyboard(chromium: Any, busy: Site, address: str) -> None:
    own = {"efforts": [{"by": "member 1", **SLOW}], "impact": {"low": 2, "high": 6}}
    add(busy, "Explain the records", opportunity=TRIAL, **own)
    add(busy, "Somewhen")
    add(busy, "Of two minds", efforts=[{"by": "Bob", **SLOW}], impact={"low": 4, "high": 4})
    page = visit(chromium, session(busy, address))
    page.goto(f"{address}/console/p/default/roadmap")
    whole(page)
    spot = page.get_by_role("button", name="Explain the records: 3 days, 4 users a week, filler")
    told = page.locator(".matrix [role=status]")
    plot = page.locator("svg.plot").bounding_box()

    # Dragged into the quarter of the quick wins: the ranges keep how sure they were.
    drag(page, spot.locator("circle"), plot["x"] + plot["width"] * 0.2, plot["y"] + plot["height"] * 0.2)
    told.get_by_text("Saved: Explain the records, 2.5 days, 40 users a week, quick win.").wait_for()
    moved = item(busy, 1)
    assert moved["efforts"] == [{"by": "member 1", "low": 1.67, "high": 3.33}]
    assert (moved["impact"]["low"], moved["impact"]["high"], moved["place"]["quadrant"]) == (20, 60, "quick win")
    assert page.locator("[data-row='1'] [data-cell=quadrant]").inner_text().startswith("quick win")

    # With the keyboard: nothing is saved before Enter, and Escape puts it back.
    page.get_by_role("button", name="Explain the records: 2.5 days, 40 users a week, quick win").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    told.get_by_text("Explain the records: 3 days, 30 users a week, quick win. Not saved yet.").wait_for()
    page.keyboard.press("Escape")
    told.get_by_text("Put back where it was.").wait_for()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    told.get_by_text("Saved: Explain the records, 3 days, 40 users a week, quick win.").wait_for()
    assert item(busy, 1)["effort"]["middle"] == 3

    # Somebody else changes it meanwhile: that is told, and it goes back to where it was.
    said(send(busy, "PATCH", f"{API}/items/1", {"revision": item(busy, 1)["revision"], "owner": "Bob"}))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.get_by_text("Somebody else changed this meanwhile.").wait_for()
    told.get_by_text("Not saved: it is put back where it was.").wait_for()
    assert item(busy, 1)["impact"]["middle"] == 40

    # What has no place yet gets one.
    page.get_by_role("button", name="Place Somewhen").click()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    told.get_by_text("Saved: Somewhen, 8 days, 10 users a week, quick win.").wait_for()
    assert page.get_by_role("heading", name="Without a place").is_visible()
    assert item(busy, 2)["efforts"][0] == {"by": "member 1", "low": 8, "high": 8}

    # What one says is one's own estimate, beside that of the others.
    page.get_by_role("button", name="Of two minds: 3 days, 4 users a week, filler").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    told.get_by_text("You say 6 days; with the estimates of others it is 2–6.").wait_for()
    assert item(busy, 3)["efforts"] == [{"by": "Bob", **SLOW}, {"by": "member 1", "low": 6, "high": 6}]
    page.context.close()


@pytest.mark.browser
@pytest.mark.thorough
def test_cards_are_moved_on_the_board_by_drag_and_by_keyboard(chromium: Any, busy: Site, address: str) -> None:
    add(busy, "Explain the records", opportunity=TRIAL, timebox="2026-11")
    add(busy, "Dark mode")
    page = visit(chromium, session(busy, address), width=1600)
    page.goto(f"{address}/console/p/default/roadmap?view=board")
    whole(page)
    told = page.locator("main [role=status]")
    card = page.locator("[data-item='1']")

    column = page.locator("[data-column='2026-12']").bounding_box()
    drag(page, card.locator(".hint"), column["x"] + column["width"] / 2, column["y"] + 120)
    told.get_by_text("Saved: Explain the records, 2026-12.").wait_for()
    assert item(busy, 1)["timebox"] == "2026-12"

    grip = page.get_by_role("button", name="Move Explain the records")
    grip.focus()
    page.keyboard.press("ArrowRight")
    told.get_by_text("Explain the records: 2027-Q1. Not saved yet").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("[data-column='2026-12'] [data-item='1']").count() == 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    told.get_by_text("Saved: Explain the records, 2027-Q1.").wait_for()
    assert item(busy, 1)["timebox"] == "2027-Q1"

    # The short form knows of the move: it is sent from the revision that the service gave.
    card.get_by_role("button", name="Edit Explain the records").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Owner").fill("Ada")
    dialog.get_by_label("from").fill("2")
    dialog.get_by_label("to", exact=True).fill("3")
    dialog.get_by_role("button", name="Save").click()
    page.get_by_text("2–3 days").first.wait_for()
    whole(page)
    changed = item(busy, 1)
    assert (changed["owner"], changed["efforts"]) == ("Ada", [{"by": "member 1", "low": 2, "high": 3}])

    # What lacks step and evidence is not scheduled, unless an admin says why.
    page.get_by_role("button", name="Move Dark mode").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    override = page.get_by_role("dialog", name="Schedule it all the same")
    override.get_by_label("Reason").fill("The board wants it")
    override.get_by_role("button", name="Override").click()
    page.locator("[data-column='2026-11'] [data-item='2']").wait_for()
    assert item(busy, 2)["override"]["why"] == "The board wants it"
    make_an_item(page, busy, address)
    take_in(page, busy, address)
    page.context.close()


def make_an_item(page: Any, site: Site, address: str) -> None:
    """An opportunity becomes an item in one dialog."""
    page.goto(f"{address}/console/p/default/opportunities")
    page.get_by_role("button", name="Make a roadmap item").first.click()
    page.get_by_role("dialog").get_by_label("What is to be done").fill("Ask a colleague")
    page.get_by_role("button", name="Add to the roadmap").click()
    page.get_by_role("link", name="Ask a colleague").wait_for()
    assert item(site, 3)["opportunity"] == TRIAL


def take_in(page: Any, site: Site, address: str) -> None:
    """A roadmap that was kept elsewhere is looked at first, then taken in; what cannot be used is told."""
    page.goto(f"{address}/console/p/default/roadmap?view=exchange")
    whole(page)
    sheet = "title,status,step\n<b>Old idea</b>,open,\nDark mode,open,\n,open,\n"
    page.get_by_label("A file").set_input_files({"name": "old.csv", "mimeType": "text/csv", "buffer": sheet.encode()})
    page.wait_for_function("document.querySelector('[data-csv]').value !== ''")
    page.get_by_role("button", name="Look what would come of it").click()
    page.get_by_text("3 rows: 1 would be taken in, 1 are here already, 1 cannot be used.").wait_for()
    assert len(said(site.get(f"{API}/items"))["data"]) == 3
    page.get_by_role("button", name="Take it in").click()
    page.get_by_text("3 rows: 1 taken in").wait_for()
    assert page.locator("[data-audit] b").count() == 0
    assert item(site, 4)["title"] == "<b>Old idea</b>"


@pytest.mark.browser
@pytest.mark.thorough
def test_nothing_that_was_typed_is_lost_without_network_or_session_or_when_two_write_the_same(
    chromium: Any, busy: Site, address: str
) -> None:
    add(busy, "One record instead of two")
    page = visit(chromium, session(busy, address))
    page.goto(f"{address}/console/p/default/roadmap?item=1")
    whole(page)
    field = page.get_by_label("Say something").first
    told = page.get_by_role("alert").filter(has_text="what you typed")

    # The network is gone.
    page.context.set_offline(True)
    field.fill(WORDS)
    page.get_by_role("button", name="Comment", exact=True).first.click()
    told.filter(has_text="cannot be reached").wait_for()
    assert field.input_value() == WORDS
    page.context.set_offline(False)

    # The session has ended; a new one is begun in another tab, and the same press works.
    page.context.clear_cookies()
    page.get_by_role("button", name="Comment", exact=True).first.click()
    told.filter(has_text="You are signed out").wait_for()
    assert field.input_value() == WORDS
    page.context.add_cookies([session(busy, address)])
    page.get_by_role("button", name="Comment", exact=True).first.click()
    page.locator(".speech", has_text=WORDS).wait_for()

    # Somebody else changes the item while it is being written.
    form = page.locator("#form")
    story = form.get_by_label("Story")
    story.fill(WORDS)
    change = {"revision": 1, "title": "Two records, as before"}
    assert busy.client.patch("/api/v1/roadmap/items/1", json=change, headers=KEYED).status_code == 200
    form.get_by_role("button", name="Save", exact=True).click()
    told.filter(has_text="Somebody else changed this meanwhile").wait_for()
    assert story.input_value() == WORDS
    # It is there after a reload too, beside what the other one wrote.
    page.reload()
    page.get_by_text("Two records, as before").first.wait_for()
    whole(page)
    assert story.input_value() == WORDS
    form.get_by_role("button", name="Save", exact=True).click()
    page.locator("dd.speech", has_text=WORDS).wait_for()
    page.context.close()
