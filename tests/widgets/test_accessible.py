"""No barrier that axe-core finds: every widget and question of the gallery, in its states, looks and widths.

Contrast is in `test_contrast`: axe-core cannot measure it in the browser's top layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.demo.gallery import Look, pieces
from tests import accessibility
from tests.widgets.gallery import LONG, LOOKS, WIDTHS, gallery, show
from tests.widgets.states import STATES

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.thorough]

SETTLED_MS = 60
EVERY_DAY = [(LOOKS[0], 360), (LOOKS[3], 360), (LOOKS[1], 1280), (LOOKS[2], 1280)]
"""Each theme, direction and width, in half of their combinations."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery() as found:
        yield found


def barriers(page: Any) -> list[str]:
    page.wait_for_timeout(SETTLED_MS)
    return accessibility.barriers(page, "waypost-guide")


def all_barriers(browser: Any, axe: str, address: str, look: Look, width: int) -> dict[str, list[str]]:
    """By the name of the piece or the state, what bars somebody's way."""
    # axe is no part of the page: the page's own policy is not to be asked about it.
    context = browser.new_context(
        viewport={"width": width, "height": 720}, reduced_motion="reduce", bypass_csp=True, locale="en-GB"
    )
    page = context.new_page()
    page.goto(f"{address}/banner/{look}")
    page.locator("waypost-guide .card").wait_for()
    page.evaluate(axe)
    found: dict[str, list[str]] = {}
    for name in pieces():
        show(page, look, name)
        found[name] = barriers(page)
    for state, (name, act) in STATES.items():
        act(page, show(page, look, name))
        found[state] = barriers(page)
    context.close()
    return {name: each for name, each in found.items() if each}


def test_what_bars_the_way_is_found(chromium: Any, axe: str, address: str) -> None:
    context = chromium.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}/banner/{LOOKS[0]}")
    page.locator("waypost-guide .card").wait_for()
    page.evaluate(axe)
    page.locator("waypost-guide .close").evaluate("(cross) => cross.removeAttribute('aria-label')")
    assert [each.split(":")[0] for each in barriers(page)] == ["button-name"]
    context.close()


@pytest.mark.parametrize(("look", "width"), EVERY_DAY, ids=str)
def test_nothing_bars_anybody_s_way(chromium: Any, axe: str, address: str, look: Look, width: int) -> None:
    assert all_barriers(chromium, axe, address, look, width) == {}


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("look", [*LOOKS, *LONG], ids=str)
def test_nothing_bars_anybody_s_way_in_any_look(chromium: Any, axe: str, address: str, look: Look, width: int) -> None:
    assert all_barriers(chromium, axe, address, look, width) == {}
