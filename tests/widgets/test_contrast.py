"""What is written and drawn can be seen: WCAG 2.2, 1.4.3 for every text, 1.4.11 for every mark that has a meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.demo.gallery import Look, pieces
from tests.widgets.browser import WIDGETS
from tests.widgets.gallery import gallery, show
from tests.widgets.states import STATES

pytestmark = pytest.mark.browser

TEXT, MARK = 4.5, 3.0
"""How much a text and a mark have to stand out from their ground, as a ratio of luminances."""

PAIRS = [
    ("--ink", "--surface", TEXT),
    ("--ink", "--hover", TEXT),
    ("--ink", "--tint", TEXT),
    ("--ink-soft", "--surface", TEXT),
    ("--ink-soft", "--hover", TEXT),
    ("--link", "--surface", TEXT),
    ("--link", "--tint", TEXT),
    ("--on-accent", "--accent", TEXT),
    ("--bad", "--surface", TEXT),
    ("--accent", "--surface", MARK),
    ("--link", "--hover", MARK),
    ("--field", "--surface", MARK),
    ("--star", "--surface", MARK),
    ("--good", "--surface", MARK),
    ("--good", "--hover", MARK),
    ("--surface", "--good", MARK),
]
"""Every colour of the theme that says something, on every ground that it stands on."""

GROUNDS = {"--surface", "--hover", "--tint", "--accent", "--good"}
EDGES = {"--line", "--shadow", "--backdrop", "--halo"}
"""Colours that only part one thing from another; nothing is lost where they cannot be seen."""

PROBE = """(name) => {
  const root = document.querySelector('waypost-guide').shadowRoot.querySelector('.root');
  const probe = document.createElement('i');
  root.append(probe);
  probe.style.color = `var(${name})`;
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}"""

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


def numbers(color: str) -> tuple[float, ...]:
    """Red, green and blue, 0 to 1, of a computed colour."""
    found = [float(each) for each in re.findall(r"-?[\d.]+(?:e-?\d+)?", color)]
    return tuple(each if color.startswith("color(") else each / 255 for each in found[:3])


def luminance(color: str) -> float:
    """Relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in numbers(color)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def ratio(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery() as found:
        yield found


@pytest.fixture(params=["light", "dark"])
def tab(request: pytest.FixtureRequest, chromium: Any, address: str) -> Iterator[tuple[Any, Look]]:
    """A page of the gallery in one theme, free of the policy that forbids a test to style its probe."""
    context = chromium.new_context(reduced_motion="reduce", bypass_csp=True)
    page, look = context.new_page(), Look(request.param)
    page.goto(f"{address}/banner/{look}")
    page.locator("waypost-guide .card").wait_for()
    yield page, look
    context.close()


def test_every_colour_of_the_theme_is_in_a_pair_or_only_an_edge() -> None:
    theme = (WIDGETS / "drawing" / "theme.css").read_text()
    colours = set(re.findall(r"^  (--[a-z-]+):", theme, re.MULTILINE)) - {"--radius", "--font"}
    assert colours == {each for front, back, _ in PAIRS for each in (front, back)} | EDGES


def test_every_pair_of_the_theme_stands_out(tab: tuple[Any, Look]) -> None:
    page, _ = tab
    color = {name: page.evaluate(PROBE, name) for name in {each for pair in PAIRS for each in pair[:2]}}
    faint = [
        (front, back, round(found, 2))
        for front, back, least in PAIRS
        if (found := ratio(color[front], color[back])) < least
    ]
    assert faint == []


def test_every_text_stands_out_from_its_ground(tab: tuple[Any, Look]) -> None:
    page, look = tab
    faint: list[tuple[str, str, float]] = []
    for name in [*pieces(), *STATES]:
        piece, act = STATES.get(name, (name, None))
        guide = show(page, look, piece)
        if act is not None:
            act(page, guide)
        elif guide.locator(".option").count():
            guide.locator(".option").first.hover()
        if name != "hotspot":
            page.wait_for_function(f"() => ({MEASURE})().length")
        measured = page.evaluate(MEASURE)
        faint += [(name, text, found) for text, found in measured if found < TEXT]
    assert faint == []
