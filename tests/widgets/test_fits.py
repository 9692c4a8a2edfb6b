"""However long the words and however small the window: nothing is cut off, and nothing leaves its card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.demo.gallery import Look, pieces
from tests.widgets.gallery import LONG, LOOKS, WIDTHS, gallery, show
from tests.widgets.states import STATES

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

TARGET_PX = 24
"""The least width and height of what is pressed (WCAG 2.2, 2.5.8)."""
PAUSE_MS = 200
PATIENCE = 25
"""So often something is measured before it is believed not to fit."""

MISFITS = """() => {
  const root = document.querySelector('waypost-guide').shadowRoot;
  const found = [];
  const say = (what, element) => found.push(`${what}: ${element.className} ${element.textContent.slice(0, 30)}`);
  for (const card of root.querySelectorAll('.card, .pill, .launcher, .mark')) {
    const box = card.getBoundingClientRect();
    if (!box.width || getComputedStyle(card).visibility === 'hidden') continue;
    if (box.left < -0.5 || box.right > innerWidth + 0.5 || box.top < -0.5 || box.bottom > innerHeight + 0.5)
      say('outside the window', card);
    for (const each of [card, ...card.querySelectorAll('*')]) {
      const own = each.getBoundingClientRect();
      const style = getComputedStyle(each);
      if (!own.width || each.closest('svg, pre, .unseen, .ring, .point')) continue;
      if (own.left < box.left - 0.5 || own.right > box.right + 0.5) say('outside its card', each);
      if (each.scrollWidth > each.clientWidth + 1 && each.clientWidth && !/^(INPUT|TEXTAREA)$/.test(each.tagName))
        say('cut off at its side', each);
      const hides = /hidden|clip/.test(style.overflowY);
      if (hides && each.scrollHeight > each.clientHeight + 1) say('cut off below', each);
    }
  }
  for (const each of root.querySelectorAll('button, a.button, a.task, a.video, input')) {
    const { width, height } = each.getBoundingClientRect();
    if (width && Math.min(width, height) < LEAST) say('too small to hit', each);
  }
  return found;
}""".replace("LEAST", str(TARGET_PX))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery() as found:
        yield found


EVERY_DAY = [(LOOKS[0], 320), (LONG[0], 360), (LONG[1], 1280)]
ALL = [(look, width) for look in (LOOKS[0], *LONG) for width in (320, *WIDTHS)]


@pytest.mark.parametrize(("look", "width"), EVERY_DAY, ids=str)
def test_everything_fits(chromium: Any, address: str, look: Look, width: int) -> None:
    assert all_misfits(chromium, address, look, width) == {}


@pytest.mark.slow
@pytest.mark.parametrize(("look", "width"), [each for each in ALL if each not in EVERY_DAY], ids=str)
def test_everything_fits_in_every_window(chromium: Any, address: str, look: Look, width: int) -> None:
    assert all_misfits(chromium, address, look, width) == {}


def all_misfits(browser: Any, address: str, look: Look, width: int) -> dict[str, list[str]]:
    """By the name of the piece or the state, what does not fit."""
    context = browser.new_context(viewport={"width": width, "height": 640}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{address}/banner/{look}")
    page.locator("waypost-guide .card").wait_for()
    found: dict[str, list[str]] = {}
    for name in [*pieces(), *STATES]:
        piece, act = STATES.get(name, (name, None))
        guide = show(page, look, piece)
        if act is not None:
            act(page, guide)
        if misfits := misfits_at_rest(page):
            found[name] = misfits
    context.close()
    return found


def misfits_at_rest(page: Any) -> list[str]:
    """What does not fit, and still does not after a while: a card is there before it is placed."""
    for _ in range(PATIENCE):
        # One frame to be placed, one to be measured.
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        misfits: list[str] = page.evaluate(MISFITS)
        if not misfits:
            break
        page.wait_for_timeout(PAUSE_MS)
    return misfits
