"""`/docs` in a real browser: drawn from this server alone, under a policy that allows nothing inline."""

from __future__ import annotations

from typing import Any

import pytest

from tests.running import RunningServer

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Any, running_server: RunningServer) -> Any:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.asked, page.said = [], []
    page.on("request", lambda each: page.asked.append(each.url))
    page.on("console", lambda each: page.said.append(each.text) if each.type in {"error", "warning"} else None)
    page.on("pageerror", lambda each: page.said.append(str(each)))
    page.goto(f"http://127.0.0.1:{running_server.port}/docs")
    page.wait_for_selector(".opblock")
    yield page
    context.close()


ONWARD = """() => {
  const isAtTheEnd = scrollY + innerHeight >= document.documentElement.scrollHeight - 1;
  isAtTheEnd ? scrollTo(0, 0) : scrollBy(0, 400);
}"""


def listed(page: Any, wanted: set[str]) -> set[str]:
    """Which of the addresses are shown: the page draws what is near to what one looks at, so it is looked through.

    And once more from its top, where it was not drawn as fast as it was scrolled.
    """
    found: set[str] = set()
    for _ in range(1_200):
        found |= set(page.evaluate("[...document.querySelectorAll('[data-path]')].map((each) => each.dataset.path)"))
        if found >= wanted:
            break
        page.evaluate(ONWARD)
        page.wait_for_timeout(50)
    return found


def test_every_address_is_listed_and_can_be_opened(page: Any) -> None:
    page.locator(".opblock-summary-path", has_text="/v1/batch").first.click()
    page.locator(".opblock-body", has_text="With decide, the reply brings guidance").wait_for()
    named = page.request.get(page.url.partition("/docs")[0] + "/openapi.json").json()["paths"]
    assert sorted(set(named) - listed(page, set(named))) == []


def test_nothing_is_asked_of_anybody_else_and_the_policy_is_never_broken(
    page: Any, running_server: RunningServer
) -> None:
    own = f"http://127.0.0.1:{running_server.port}/"
    assert [url for url in page.asked if not url.startswith((own, "data:"))] == []
    assert page.said == []
