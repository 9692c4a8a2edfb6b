"""In Chromium: the first event turns its tick green, what arrives is seen as it arrives, answers get tags."""

from __future__ import annotations

from typing import Any

import pytest

from dsl.values import SECOND, Duration
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site
from tests.api.browsing import complaints, look_now, session, visit, whole

EVIL = "<img src=x onerror=alert(1)>"
RULES = """
event "Signed Up"

guide help "Help" {
  on "Signed Up"
  show modal { title "Help" }
  once
  expires 2099-01-01
}

survey ease "Ease" {
  on "Signed Up"
  ask text why "Why?"
  once
  expires 2099-01-01
}
"""

HEARS = """() => {
  const status = document.querySelector("[data-status]");
  window.told = [];
  new MutationObserver(() => window.told.push(status.textContent)).observe(status, { childList: true });
}"""
"""Keeps what the page says of what arrives."""


def send(site: Site, *events: str, decide: bool = False, **properties: Any) -> None:
    site.clock.move(Duration(SECOND))
    batch = [{"type": "track", "userId": "bob", "event": event, "properties": properties} for event in events]
    answer = site.post("/v1/batch", {"batch": batch, "decide": decide}, key=PUBLIC_KEY, Origin=ORIGIN)
    assert answer.status_code == 202, answer.get_data(as_text=True)


def turns_green_without_a_reload(page: Any, site: Site) -> None:
    page.get_by_text("Waiting for the first event.").wait_for()
    whole(page)
    errand = page.locator("[data-errand=events]")
    assert errand.get_attribute("class") is None
    page.evaluate("document.body.dataset.stayed = 'yes'")
    send(site, "Signed Up")
    page.get_by_text("Events come.").wait_for()
    assert "done" in (errand.get_attribute("class") or "")
    assert errand.get_by_text("done", exact=True).is_visible()
    assert errand.locator("[data-rows] strong").all_text_contents() == ["Signed Up"]
    assert page.evaluate("document.body.dataset.stayed") == "yes"


def shows_hostile_names_as_text_and_decisions_with_their_reasons(page: Any, site: Site) -> None:
    rows = page.locator("[data-rows] > li")
    rows.first.wait_for()
    send(site, EVIL, plan=EVIL)
    look_now(page)
    page.get_by_text(EVIL, exact=True).wait_for()
    assert page.locator("#main img").count() == 0
    send(site, "Signed Up", decide=True)
    look_now(page)
    decision = rows.filter(has_text="decision")
    decision.get_by_text("goes out").wait_for()
    assert "ease goes out" in decision.inner_text()
    assert "1 × outranked" in decision.inner_text()


class Asked:
    """What a page has asked for, from now on, and was not answered yet."""

    def __init__(self, page: Any) -> None:
        self._page, self._open = page, set[Any]()
        page.on("request", self._begun)
        page.on("requestfinished", self._over)
        page.on("requestfailed", self._over)

    def _begun(self, request: Any) -> None:
        self._open.add(request)

    def _over(self, request: Any) -> None:
        self._open.discard(request)

    def wait(self) -> None:
        """Until everything was answered."""
        for _ in range(300):
            if not self._open:
                return
            self._page.wait_for_timeout(100)
        raise AssertionError(f"without an answer: {[each.url for each in self._open]}")


def pauses_goes_on_and_stays_small(page: Any, site: Site, asked: Asked) -> None:
    rows = page.locator("[data-rows] > li")
    page.get_by_role("button", name="Pause").click()
    # What was asked for before is still shown.
    asked.wait()
    before = rows.count()
    for first in range(0, 300, 60):
        send(site, *(f"Later {number}" for number in range(first, first + 60)))
    page.get_by_text("Paused.").wait_for()
    assert rows.count() == before
    # What is said of one look stands until the next.
    page.evaluate(HEARS)
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("Later 299").wait_for()
    page.wait_for_function("window.told.some((each) => each.startsWith('More comes than is shown here'))")
    for rest in range(3):
        send(site, *(f"Rest {rest} {number}" for number in range(49)))
        look_now(page)
        page.get_by_text(f"Rest {rest} 48").wait_for()
    assert rows.count() == 200


def shows_one_event_alone_and_leads_to_its_user(page: Any) -> None:
    page.get_by_label("Event").fill(EVIL)
    with page.expect_navigation():
        page.get_by_role("button", name="Show only these").click()
    rows = page.locator("[data-rows] > li")
    rows.first.wait_for()
    assert rows.count() == 1
    rows.first.get_by_role("link", name="bob").click()
    page.get_by_role("heading", name="bob").wait_for()


def takes_tags(page: Any) -> None:
    tag = page.get_by_label("Tags to add, with commas between them")
    tag.fill("dns, wrong words")
    tag.press("Enter")
    taken = page.get_by_role("button", name="Take the tag wrong words away")
    taken.wait_for()
    whole(page)
    taken.click()
    taken.wait_for(state="detached")
    page.get_by_role("button", name="Take the tag dns away").wait_for()


def says_which_part_did_not_come(page: Any) -> None:
    page.locator(".glance.week").get_by_text("This part did not come.").wait_for()
    # The others do not wait for it.
    page.locator(".glance.guides").get_by_text("shown 0 times in seven days").first.wait_for()


@pytest.mark.browser
@pytest.mark.thorough
def test_from_the_first_event_to_a_tag_on_an_answer(chromium: Any, site: Site, address: str) -> None:
    page = visit(chromium, session(site, address))
    heard = complaints(page)
    page.goto(f"{address}/console/p/default/")
    turns_green_without_a_reload(page, site)
    assert site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY).status_code == 200
    page.get_by_role("link", name="All that arrives").click()
    page.get_by_role("button", name="Pause").wait_for()
    whole(page)
    asked = Asked(page)
    shows_hostile_names_as_text_and_decisions_with_their_reasons(page, site)
    pauses_goes_on_and_stays_small(page, site, asked)
    shows_one_event_alone_and_leads_to_its_user(page)
    send(site, "$answered", guide="ease", question="why", value=EVIL, text=EVIL, submission="s1")
    page.goto(f"{address}/console/p/default/responses?tab=words")
    takes_tags(page)
    assert heard == []
    page.route("**/*part=week*", lambda route: route.fulfill(status=500, body=""))
    page.goto(f"{address}/console/p/default/")
    says_which_part_did_not_come(page)
    page.context.close()
