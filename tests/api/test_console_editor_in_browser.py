"""The rule editor in Chromium: written, mended, completed, reviewed, published; and nothing typed is ever lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from engine.permissions import Role
from tests.api.asking import SECRET_KEY, Site
from tests.api.browsing import barred, complaints, session, visit, whole
from tests.api.test_console_pages import lively
from tests.api.test_drafts import LIVE, publish
from tests.serving import serving

EDITOR = "/console/p/default/rules?view=edit"
WELCOME = """guide welcome "Welcome" {
  on "Signed Up"
  when plan is "pro"

  show modal {
    title "Hello"
  }

  once
  expires 2099-01-01
}
"""


@dataclass(frozen=True)
class Office:
    """A console with rules in force, and people who sign in to it."""

    site: Site
    address: str
    chromium: Any

    def cookie(self, name: str) -> Any:
        return session(self.site, self.address, name=name, role=Role.AUTHOR)

    def page(self, name: str, **look: Any) -> Any:
        return visit(self.chromium, self.cookie(name), **look)

    def draft(self) -> str:
        found = self.site.get("/api/v1/rules/draft").get_json()["files"]
        return "" if found is None else str(found["rules.way"])

    def in_force(self) -> str:
        return str(self.site.get("/api/v1/rules").get_json()["files"]["rules.way"])


@pytest.fixture
def office(site: Site, chromium: Any) -> Iterator[Office]:
    lively(site)
    assert publish(site, {"rules.way": LIVE}).status_code == 200
    with serving(site.app) as address:
        yield Office(site, address, chromium)


def opened(office: Office, page: Any, path: str = EDITOR) -> Any:
    """The text of the editor."""
    page.goto(office.address + path)
    text = page.locator(".cm-content")
    text.wait_for()
    return text


def saved(page: Any) -> None:
    page.locator("[data-status]", has_text="Saved as a draft").wait_for()


def type_at_end(page: Any, text: str) -> None:
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.thorough
def test_a_rule_is_written_mended_completed_reviewed_published_and_put_back(
    office: Office, axe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What it reaches is asked for in portions, as of a long history.
    monkeypatch.setattr("engine.storage.portions.EVENTS_OF_ONE", 5)
    page = office.page("ada")
    heard = complaints(page)
    page.add_init_script("document.addEventListener('waypost:text', (event) => { window.heard = event.detail; })")
    opened(office, page)
    write_with_a_mistake(page)
    complete(page)
    explain_and_format(office, page)
    change_from_beside(office, page)
    make_rename_and_delete_a_file(page)
    try_with_testers(office, page)
    review_and_publish(office, page)
    assert [each for each in heard if "422" not in each] == []  # of the name that is none
    assert in_the_way(office, page, axe) == {}
    page.context.close()


def write_with_a_mistake(page: Any) -> None:
    """Braces close themselves, lines are indented, letters are no shortcuts of the page; a fix mends."""
    type_at_end(page, '\nguide welcome "Welcome" {\n')
    page.keyboard.type('on "Signd Up"\n')
    problems = page.locator("[data-problems]")
    problems.get_by_text("unknown event").wait_for()
    assert page.locator(".cm-lintRange-error").count() > 0
    page.get_by_role("tab", name="rules.way").locator(".tag.bad").wait_for()
    mends(page, 'Write "Signed Up"', to='on "Signed Up"')
    problems.get_by_text("unknown event").wait_for(state="detached")


def mends(page: Any, fix: str, *, to: str) -> None:
    """Press a fix until it is in the text: a press while what was typed last is still being checked mends nothing."""
    lines = page.locator(".cm-line", has_text=to)
    before = lines.count()
    for _ in range(20):
        page.locator("[data-problems]").get_by_role("button", name=fix).click()
        if lines.count() > before:
            return
        page.wait_for_timeout(2_000)  # each press begins another check
    raise AssertionError(f"“{fix}” does nothing")


def offered(page: Any, name: str, *, chosen: bool = False) -> None:
    """Wait until a name is offered and can be taken."""
    # While the server is asked for more, what was offered before stands there and cannot be taken.
    row = "li[aria-selected]" if chosen else "li"
    page.locator(f".cm-tooltip-autocomplete:not(.cm-tooltip-autocomplete-disabled) {row}", has_text=name).wait_for()
    page.wait_for_timeout(150)  # CodeMirror takes no choice in the first moment, so that nobody chooses by mistake


def complete(page: Any) -> None:
    """Names that are declared, and values that they may have."""
    page.keyboard.press("End")
    page.keyboard.type("\nwhen pl")
    offered(page, "plan")
    page.keyboard.press("Tab")
    page.keyboard.type(' is "')
    page.locator(".cm-tooltip-autocomplete li", has_text="trial").wait_for()
    page.keyboard.type("pr")
    offered(page, "pro", chosen=True)
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.type('\nshow modal {\ntitle   "Hello"')
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.type("\nonce\nexpires 2099-01-01")


def explain_and_format(office: Office, page: Any) -> None:
    page.locator("[data-problems] h2", has_text="0 errors").wait_for()
    page.locator(".cm-line", has_text='when plan is "pro"').hover(position={"x": 85, "y": 10})
    page.locator(".way-hover", has_text="plan").wait_for()
    page.mouse.move(0, 0)
    page.keyboard.press("Control+s")
    saved_text(office, f"{LIVE}\n{WELCOME}")
    saved(page)
    # What stands beside the text hears of it after a pause.
    page.wait_for_function("(text) => window.heard?.files['rules.way'] === text", arg=office.draft())
    heard = page.evaluate("window.heard")
    assert (heard["file"], heard["guide"], heard["files"]) == ("rules.way", "welcome", {"rules.way": office.draft()})


def change_from_beside(office: Office, page: Any) -> None:
    """What stands beside the text writes into it, and that is undone like anything typed."""
    replace(page, office.draft().replace("Hello", "Hi"))
    page.locator(".cm-line", has_text='"Hi"').first.wait_for()
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+z")
    page.locator(".cm-line", has_text='"Hello"').last.wait_for()


def make_rename_and_delete_a_file(page: Any) -> None:
    page.get_by_role("button", name="New file").click()
    dialog = page.locator("dialog#new-file")
    dialog.get_by_role("textbox").fill("../up")
    dialog.get_by_role("button", name="Make it").click()
    dialog.get_by_text("relative path").wait_for()
    dialog.get_by_role("textbox").fill("more")
    dialog.get_by_role("button", name="Make it").click()
    page.get_by_role("tab", name="more.way", selected=True).wait_for()
    page.get_by_role("button", name="Rename").click()
    dialog = page.locator("dialog#rename-file")
    dialog.get_by_role("textbox").fill("rules")
    dialog.get_by_role("button", name="Rename").click()
    dialog.get_by_text("There is a file rules.way already.").wait_for()
    dialog.get_by_role("textbox").fill("folder/less.way")
    dialog.get_by_role("button", name="Rename").click()
    page.get_by_role("tab", name="folder/less.way", selected=True).wait_for()
    assert page.get_by_role("tab", name="more.way").count() == 0
    page.get_by_role("button", name="Delete", exact=True).click()
    page.locator("dialog.sure").get_by_role("button", name="Delete").click()
    page.get_by_role("tab", name="rules.way", selected=True).wait_for()
    assert page.get_by_role("tab", name="less.way").count() == 0


def try_with_testers(office: Office, page: Any) -> None:
    """The draft on the real site, for the people of one segment; and then for nobody any more."""
    page.get_by_role("link", name="Review and publish").last.click()
    page.get_by_text("1 thing would change against version 2").wait_for()
    whole(page)
    page.get_by_label("Who tries it").select_option("qa")
    page.get_by_role("button", name="Show it to them").click()
    notice = page.locator(".notice", has_text="Testers see more.")
    notice.filter(has_text="People of qa see welcome").wait_for()
    whole(page)
    tried = office.site.get("/api/v1/rules").get_json()["files"]
    assert tried["rules.way"] == LIVE
    assert 'guide welcome "Welcome"' in tried["trial.way"]
    notice.get_by_role("button", name="End the trial").click()
    page.locator("dialog.sure").get_by_role("button", name="End the trial").click()
    notice.wait_for(state="detached")
    assert list(office.site.get("/api/v1/rules").get_json()["files"]) == ["rules.way"]


def review_and_publish(office: Office, page: Any) -> None:
    page.get_by_text("1 thing would change against version 4").wait_for()
    told = page.locator("[data-told]", has_text="known people")
    told.wait_for()
    told.filter(has_not_text="So far").wait_for()
    known = office.site.get("/api/v1/rules/draft/audience").get_json()
    assert (known["portions"], f"Of {known['people']} known people" in told.inner_text()) == (1, True)
    assert page.locator(".diff .plus").count() == WELCOME.count("\n") + 1
    page.get_by_label("What changes, and why").first.fill("say hello")
    page.get_by_role("button", name="Publish as version 5").click()
    page.get_by_role("row", name="Version 5 in force").wait_for()
    whole(page)
    assert office.in_force() == f"{LIVE}\n{WELCOME}"
    page.get_by_role("row", name="Version 2").get_by_role("button", name="Go back to this").click()
    page.locator("dialog.sure").get_by_role("button", name="Go back to this").click()
    page.get_by_role("row", name="Version 6 in force").wait_for()
    assert office.in_force() == LIVE


def in_the_way(office: Office, page: Any, axe: str) -> dict[str, list[str]]:
    """What is in anybody's way on the pages about rules, with a draft that has mistakes."""
    revision = office.site.get("/api/v1/rules/draft").get_json()["revision"]
    body = {"files": {"rules.way": LIVE.replace("Hello", "Hi") + "guide {", "other.way": ""}, "base": 6}
    headers = {"Authorization": f"Bearer {SECRET_KEY}"}
    kept = office.site.client.put("/api/v1/rules/draft", json={**body, "revision": revision}, headers=headers)
    assert kept.status_code == 200
    found: dict[str, list[str]] = {}
    for path in ("rules?view=edit", "rules?view=review", "rules", "versions?version=2"):
        page.goto(f"{office.address}/console/p/default/{path}")
        if "edit" in path:
            page.locator(".cm-lintRange-error").first.wait_for()
        found[path] = barred(page, axe)
    return {name: each for name, each in found.items() if each}


@pytest.mark.browser
@pytest.mark.thorough
def test_a_broken_network_an_ended_session_two_who_write_at_once_and_a_publication_lose_no_text(office: Office) -> None:
    page = office.page("ada")
    opened(office, page)
    # a broken network: told, kept over a reload, sent as soon as it can be
    page.route("**/rules/draft", lambda route: route.abort())
    type_at_end(page, "# typed without a network\n")
    page.locator("[data-status]", has_text="Not saved").wait_for()
    page.locator("#told", has_text="The server cannot be reached").wait_for()
    # Held back meanwhile: as soon as it is known not to arrive, that is told instead of this.
    held: list[Any] = []

    def hold(route: Any) -> None:
        held.append(route)

    page.route("**/rules/draft", hold)
    opened(office, page)
    page.locator(".cm-line", has_text="# typed without a network").wait_for()
    page.locator("#told", has_text="is here again").wait_for()
    for each in held:
        each.abort()
    page.unroute("**/rules/draft")
    page.evaluate("dispatchEvent(new Event('online'))")
    saved(page)
    assert office.draft().endswith("# typed without a network\n")
    # a session that ended: told with the way to sign in; after that, in another tab, it is sent
    page.context.clear_cookies()
    type_at_end(page, "# typed signed out\n")
    page.locator("#told", has_text="You are signed out").get_by_role("link", name="Sign in").wait_for()
    assert not office.draft().endswith("# typed signed out\n")
    page.context.add_cookies([office.cookie("ada")])
    page.evaluate("dispatchEvent(new Event('focus'))")
    saved(page)
    assert office.draft().endswith("# typed signed out\n")
    page.locator("#told").wait_for(state="hidden")
    other = office.page("eve")
    write_at_once(office, page, other)
    # what was published elsewhere meanwhile: it comes into the draft, which stands on it from then on
    assert publish(office.site, {"rules.way": LIVE.replace("  once\n", "  once\n  priority 60\n")}).status_code == 200
    opened(office, page)
    page.locator("#told", has_text="Version 3 was published meanwhile").wait_for()
    saved_text(office, "priority 60")
    assert "# eve, above" in office.draft()
    assert office.site.get("/api/v1/rules/draft").get_json()["base"] == 3
    for each in (page, other):
        each.context.close()


def write_at_once(office: Office, page: Any, other: Any) -> None:
    """Ada and Eve, each in a browser of their own, on one draft."""
    # two who write in different places: both are in the text
    opened(office, other)
    type_at_end(page, "# ada, below\n")
    saved_text(office, "# ada, below")
    other.locator(".cm-content").focus()
    other.keyboard.press("Control+Home")
    other.keyboard.type("# eve, above\n")
    other.locator("#told", has_text="ada changed these rules while you did").wait_for()
    other.locator(".cm-line", has_text="# ada, below").wait_for()
    saved_text(office, "# eve, above")
    assert "# ada, below" in office.draft()
    # two who write on the same line: both texts are shown, one applies, the other stays as a comment
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.locator(".cm-line", has_text="# eve, above").wait_for()
    replace(page, office.draft().replace('title "Hello"', 'title "Ada"'))
    saved_text(office, 'title "Ada"')
    replace(other, office.draft().replace('title "Ada"', 'title "Eve"'))
    question = other.get_by_role("dialog", name="Two people wrote on the same lines")
    question.wait_for()
    assert 'title "Eve"' in question.get_by_role("region", name="What you wrote").inner_text()
    assert 'title "Ada"' in question.get_by_role("region", name="What is there: ada").inner_text()
    question.get_by_label("Theirs applies").check()
    question.get_by_role("button", name="Put both together").click()
    saved_text(office, '#     title "Eve"')
    assert '\n    title "Ada"\n' in office.draft()
    other.locator(".cm-content").focus()
    other.keyboard.press("Control+z")
    saved_text(office, '\n    title "Eve"\n')


def replace(page: Any, text: str) -> None:
    page.evaluate(
        """(text) => document.dispatchEvent(new CustomEvent('waypost:replace', {detail: {file: 'rules.way', text}}))""",
        text,
    )


def saved_text(office: Office, text: str) -> None:
    """Wait until the draft has it."""
    for _ in range(600):
        if text in office.draft():
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"{text!r} is not in the draft:\n{office.draft()}")
