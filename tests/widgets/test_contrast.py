"""What is written can be read: 4.5 to 1 for every text of every widget, light and dark (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.browser import decision, example, survey_of
from tests.widgets.fake_server import FakeServer
from widgets.registry import QUESTION_TYPES, WIDGETS

pytestmark = pytest.mark.browser

MEASURE = """() => {
  const root = document.querySelector('waypost-guide').shadowRoot;
  const numbers = (color) => {
    const found = color.match(/-?[\\d.]+/g).map(Number);
    const scale = color.startsWith('color(') ? 255 : 1;
    return [...found.slice(0, 3).map((c) => c * scale), found[3] ?? 1];
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    if (!element || element === root) return [255, 255, 255];
    const color = numbers(getComputedStyle(element).backgroundColor);
    return color[3] === 1 ? color.slice(0, 3) : over(color, ground(element.parentElement));
  };
  const words = [...root.querySelectorAll('.root *')].filter(
    (each) => !each.closest('.unseen, :disabled, [aria-disabled]') && !each.closest('svg') &&
      [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()),
  );
  return words.map((each) => {
    const style = getComputedStyle(each), back = ground(each), front = over(numbers(style.color), back);
    const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
    return [each.textContent.slice(0, 30), (high + 0.05) / (low + 0.05)];
  });
}"""

CONTENTS = {
    **{name: example(name) for name in WIDGETS},
    **{name: survey_of(example(f"survey/questions/{name}")) for name in QUESTION_TYPES},
}


@pytest.mark.parametrize("look", ["", "?dark"], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(page: Any, server: FakeServer, look: str) -> None:
    faint: list[tuple[str, str, float]] = []
    for name, content in CONTENTS.items():
        server.answer("$page", decision(content, id=f"dec_{name}", guide=name))
        page.goto(f"{server.page}/{name}{look}")
        page.locator("waypost-guide .card, waypost-guide .mark").first.wait_for()
        if name == "hotspot":
            page.locator("waypost-guide .mark").click()
        if name in ("choice", "choices", "consent"):
            page.locator("waypost-guide .option").first.hover()
        measured = page.evaluate(MEASURE)
        assert measured, name
        faint += [(name, text, ratio) for text, ratio in measured if ratio < 4.5]
        page.evaluate("sessionStorage.clear()")
    assert faint == []
