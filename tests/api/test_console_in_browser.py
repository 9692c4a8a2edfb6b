"""The console's pages in Chromium: nothing against their policy, nothing in anybody's way, charts drawn."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from api.console.drawing import HOME, STATIC
from api.console.registry import pages
from tests.api.asking import Site
from tests.api.browsing import barred, complaints, session, visit, whole
from tests.api.test_console_map import walk
from tests.api.test_console_pages import lively

ASSETS = HOME / "assets"
MOST_BYTES = 250_000
"""What a page may weigh, as gzip, with all its parts."""
EVERY_PAGE = ("console.css", "console.js", "charts.js", "htmx.js", "theme.js")
FRAMED = (("replay.js", "player.js", "player.css", "stage.js", "stage.css"), ("heat.js", "heat_stage.js"))
"""The parts of pages that have a frame and no charts: recordings, heat maps."""
EDITOR = "editor.js"
"""The module of the rule editor, the one page that may weigh more."""
WITH_CHARTS = {"find", "trace", "feel", "map"}
"""Pages that have a chart of what `walk` has brought."""


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.thorough
def test_every_page_keeps_its_policy_is_walked_by_keyboard_and_bars_nobodys_way(
    chromium: Any, site: Site, address: str, axe: str
) -> None:
    walk(site)
    page = visit(chromium, session(site, address))
    heard = complaints(page)
    drawn: set[str] = set()
    wrong: dict[str, list[str]] = {}
    keys = [each.key for each in pages() if each.key is not None]
    assert len(keys) == len(set(keys)), "one letter, one page"

    page.goto(f"{address}/console/sign-in")
    wrong["sign in"] = barred(page, axe)
    page.goto(f"{address}/console/design")
    wrong["design"] = barred(page, axe)
    for number, each in enumerate(pages()):
        if each.key is None or number == 0:
            page.goto(f"{address}/console/p/default/{each.path}")
        else:
            page.evaluate("document.activeElement.blur()")
            page.keyboard.press("g")
            page.keyboard.press(each.key)
            page.wait_for_url(re.compile(rf"/console/p/default/{each.path}($|\?)"))
        whole(page)
        if page.locator("figure[data-chart]").count() > 0:
            drawn.add(each.name)
        wrong[each.name] = barred(page, axe)
        # The frame is the same on every page.
        wrong[f"{each.name}, by keyboard"] = walked(page, over_the_frame=number > 0)
        wrong[f"{each.name}, its policy"] = heard.copy()
        heard.clear()
    assert {name: found for name, found in wrong.items() if found} == {}
    assert drawn >= WITH_CHARTS

    page.goto(f"{address}/console/p/default/settings/catalog")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Tab")
    page.keyboard.press("?")
    page.locator("dialog#shortcuts[open]").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog#shortcuts[open]").wait_for(state="detached")
    page.context.close()


MOST_STOPS = 60
WHERE = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  const parts = at.type === "date";  // the browser shows which part of it has the focus
  const seen = parts || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  const all = [...document.querySelectorAll("*")];
  return {
    name: `${at.tagName.toLowerCase()} ${(at.getAttribute("aria-label") ?? at.textContent ?? "").trim().slice(0, 40)}`,
    place: all.indexOf(at), seen: seen || at.getRootNode() !== document, inside, tall: box.height > innerHeight,
  };
}"""


def walked(page: Any, *, over_the_frame: bool) -> list[str]:
    """What is wrong on the way through a page by Tab: order, sight of the focus, what is out of sight."""
    wrong: list[str] = []
    if over_the_frame:
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.textContent")
        if here != "To the content":
            return [f"the first stop is “{here}”"]
        page.keyboard.press("Enter")
    first, before = None, -1
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(WHERE)
        if here is None or (first is not None and here["place"] <= first):
            break  # all the way round
        first = here["place"] if first is None else first
        if here["place"] < before:
            wrong.append(f"{here['name']} comes out of order")
        if not here["seen"]:
            wrong.append(f"{here['name']} does not show that it has the focus")
        if not here["inside"] and not here["tall"]:
            wrong.append(f"{here['name']} is out of sight")
        before = here["place"]
    if first is None:
        wrong.append("nothing takes the focus")
    return wrong


@pytest.mark.browser
@pytest.mark.thorough
def test_the_address_holds_a_choice_and_the_browser_an_appearance(chromium: Any, site: Site, address: str) -> None:
    lively(site)
    page = visit(chromium, session(site, address), color_scheme="light")
    page.goto(f"{address}/console/p/default/find?journey=activation")
    page.get_by_label("Counting").select_option("everyone")
    page.get_by_text("Nobody is left out").wait_for()
    assert "who=everyone" in page.url
    assert "journey=activation" in page.url
    page.get_by_role("link", name="Rules", exact=True).click()
    page.wait_for_url("**/rules?*")
    assert "who=everyone" in page.url

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.get_by_label("You: ada@example.com").press("Enter")
    page.get_by_label("Appearance").select_option("dark")
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.get_by_label("You: ada@example.com").press("Enter")
    page.get_by_role("button", name="Sign out").press("Enter")
    page.wait_for_url("**/console/sign-in")
    page.goto(f"{address}/console/p/default/")
    assert "/console/sign-in" in page.url
    page.context.close()


@pytest.mark.node
@pytest.mark.thorough
def test_the_committed_parts_are_what_the_sources_build(tmp_path: Path) -> None:
    npm = shutil.which("npm") or "npm"
    if not (ASSETS / "node_modules" / ".package-lock.json").exists():
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=ASSETS, check=True, capture_output=True)
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=ASSETS, check=True, capture_output=True)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    stale = [name for name, content in built.items() if (STATIC / name).read_bytes() != content]
    assert stale == [], "run `npm run build` in api/console/assets and commit api/console/static"
    subprocess.run([npm, "run", "-s", "check"], cwd=ASSETS, check=True)


def test_a_page_with_all_its_parts_is_light() -> None:
    size = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in STATIC.iterdir()}
    charts = size["charts.js"]
    shared = sum(size.pop(name) for name in EVERY_PAGE)
    for page in FRAMED:
        assert shared - charts + sum(size.pop(name) for name in page) <= MOST_BYTES
    # A page has charts and one module of its own at most; the editor stands alone.
    own = {name: each for name, each in size.items() if name != EDITOR}
    assert shared + max(own.values(), default=0) <= MOST_BYTES


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (ASSETS / "package-lock.json").read_text(encoding="utf-8")
    named = json.loads((ASSETS / "package.json").read_text(encoding="utf-8"))
    versions = {**named["dependencies"], **named["devDependencies"]}
    assert [name for name, version in versions.items() if not version[0].isdigit()] == []
