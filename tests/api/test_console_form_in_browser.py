"""The rule editor's form and the panels beside the text in Chromium, as somebody uses them who types no rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.asking import ORIGIN
from tests.api.browsing import barred, complaints
from tests.api.test_console_editor_in_browser import Office, office
from tests.api.test_drafts import publish
from tests.api.test_rule_forms import FAILED, RULES, track

pytestmark = [pytest.mark.browser, pytest.mark.thorough]
__all__ = ["office"]
FORM = "/console/p/default/rules?view=edit&tab=form&guide=help"


@pytest.fixture
def rules(office: Office) -> Office:
    """Ada stands where the guide helps, and Bob does not any more."""
    assert publish(office.site, {"rules.way": RULES}).status_code == 200
    for user, events in {"ada": FAILED, "bob": (*FAILED, "Domain Verified")}.items():
        assert track(office.site, user, *events).status_code == 202
    return office


def opened(office: Office, width: int = 1280) -> tuple[Any, list[str]]:
    """The form of the guide, and what the page says against itself."""
    page = office.page("una", width=width, height=900)
    heard = complaints(page)
    page.goto(office.address + FORM)
    page.get_by_role("group", name="When and where").wait_for()
    return page, heard


def text_has(office: Office, page: Any, words: str, *, is_there: bool = True) -> None:
    """Wait until the draft has it, or has it no more: what is changed in the form is kept as text by itself."""
    for _ in range(600):
        if (words in office.draft()) is is_there:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{words!r} is {'not ' if is_there else ''}in\n{office.draft()}")


def gets_another_name(rules: Office, page: Any, form: Any) -> None:
    from playwright.sync_api import expect

    form.get_by_text("Another name in the rules").click()
    form.get_by_label("Name in the rules", exact=True).fill("trying")
    form.get_by_role("button", name="Rename everywhere").click()
    expect(form.get_by_role("alert")).to_contain_text("`trying` is a segment already")
    form.get_by_label("Name in the rules", exact=True).fill("dns_help")
    form.get_by_role("button", name="Rename everywhere").click()
    text_has(rules, page, 'guide dns_help "Help with DNS"')
    expect(form.locator(".form-label code")).to_have_text("dns_help")


def begins_with_a_story_in_the_text(rules: Office, page: Any) -> None:
    from playwright.sync_api import expect

    page.get_by_role("tab", name="Text").click()
    page.get_by_role("button", name="New guide").click()
    stories = page.get_by_role("dialog", name="A new guide")
    stories.get_by_role("button", name="Announce something new").click()
    stories.get_by_label("Title").fill("News for all")
    stories.get_by_label("What shall they do after it?").fill("Domain Verified")
    stories.get_by_role("button", name="Put it into the editor").click()
    expect(stories).to_be_hidden()
    expect(page.get_by_role("textbox", name="Text of rules.way")).to_contain_text("News for all")
    text_has(rules, page, "guide dns_help")


def test_a_guide_is_changed_with_the_form_and_its_text_keeps_its_comments(rules: Office) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)
    page, heard = opened(rules)
    form = page.get_by_role("tabpanel", name="Form")

    # A window takes the focus in the product, never from whoever is typing here.
    form.get_by_label("As", exact=True).select_option("modal")
    expect(page.frame_locator("iframe.preview").get_by_role("dialog")).to_be_visible()
    title = form.get_by_role("group", name="What is shown").get_by_label("Words").first
    title.click()
    title.press("End")
    title.press_sequentially(" for you", delay=60)
    text_has(rules, page, 'friend" }} for you"')
    expect(page.frame_locator("iframe.preview").get_by_role("heading")).to_contain_text("for you")
    expect(title).to_be_focused()

    # A condition is added, and its value is chosen among those that there are.
    who = form.get_by_role("group", name="Who")
    who.get_by_label("Add a condition").first.select_option("compare")
    who.get_by_role("button", name="Add a condition").first.click()
    who.get_by_label("What", exact=True).last.select_option("plan")
    expect(form.get_by_role("status")).to_contain_text("Not in the text yet")
    expect(who.locator(".fault")).to_be_visible()
    who.get_by_label("Value").last.select_option("trial")
    text_has(rules, page, 'and plan is "trial"')
    expect(who.locator(".fault")).to_have_count(0)

    # Without a network nothing is lost, and it comes into the text by itself.
    page.route("**/api/v1/rules/form/apply", lambda route: route.abort())
    form.get_by_label("What people call it").fill("Help with DNS")
    expect(form.get_by_role("status")).to_contain_text("tried again by itself")
    page.unroute("**/api/v1/rules/form/apply")
    text_has(rules, page, 'guide help "Help with DNS"')

    # What the checker says stands at its row, and the row is taken away again.
    form.get_by_label("Add to: What it is measured on", exact=True).select_option("holdout")
    form.get_by_role("button", name="Add to: What it is measured on: add it").click()
    text_has(rules, page, "holdout 10%")
    form.get_by_role("button", name="Take away: Kept from a share of them").click()
    text_has(rules, page, "holdout", is_there=False)
    draft = rules.draft()
    assert "# Help where it is hard." in draft
    assert "# twice" in draft

    gets_another_name(rules, page, form)
    begins_with_a_story_in_the_text(rules, page)
    # Only the row that was not filled in yet was refused, and what was cut off.
    assert [each for each in heard if "422" not in each and "ERR_FAILED" not in each] == []


def test_what_stands_beside_the_text_is_asked_of_the_text_as_it_is(rules: Office) -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=30_000)
    page, heard = opened(rules, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    panels = page.get_by_label("Beside the text")
    expect(panels).to_contain_text("1 of 10 people meet the conditions now")
    expect(panels.get_by_role("link", name="ada")).to_be_visible()
    panels.get_by_label("Which").select_option("1")
    page.locator("iframe.preview").scroll_into_view_if_needed()  # what is out of sight is not drawn
    expect(page.frame_locator("iframe.preview").get_by_role("heading", name="Zwei Einträge")).to_be_visible()

    panels.get_by_text("Whom it would have reached").click()
    panels.get_by_role("button", name="Live through the history").click()
    expect(panels).to_contain_text("people would have seen it")
    panels.get_by_text("Why not this user").click()
    panels.get_by_label("User id").fill("bob")
    panels.get_by_role("button", name="Ask").click()
    expect(panels).to_contain_text("Would not be shown")
    panels.get_by_label("User id").fill("nobody at all")
    panels.get_by_role("button", name="Ask").click()
    expect(panels).to_contain_text("has been seen")

    # An element is picked on a page of the product, and becomes the place of the guide.
    panels.get_by_text("Pick an element").click()
    panels.get_by_label("Address of the page").fill(f"{ORIGIN}/domains")
    panels.get_by_role("button", name="Make a link").click()
    link = panels.get_by_role("link", name="Open the page with the picker").get_attribute("href")
    picked = {"token": link.partition("waypost-picker=")[2], "kind": "target", "selector": "#records"}
    assert rules.site.post("/v1/picker/picks", picked, Origin=ORIGIN).status_code == 201
    panels.get_by_role("button", name="Let the guide stand beside #records").click()
    text_has(rules, page, 'show tooltip beside "#records" {')
    # Only the question about somebody who was never seen was refused.
    assert [each for each in heard if "404" not in each] == []


def test_the_form_is_in_nobodys_way(rules: Office, axe: str) -> None:
    page, heard = opened(rules)
    page.get_by_label("Beside the text").get_by_text("people meet the conditions now").wait_for()
    page.frame_locator("iframe.preview").get_by_role("heading").first.wait_for()
    found = {"the form": barred(page, axe)}
    page.goto(rules.address + FORM.partition("&guide")[0])
    page.locator(".form-start").first.wait_for()
    found["its beginning"] = barred(page, axe)
    assert found == {"the form": [], "its beginning": []}
    assert heard == []
    page.context.close()
