"""No barrier that axe-core finds: every widget and question of the gallery, in its states, looks and widths.

Contrast is in `test_contrast`: axe-core cannot measure it in the browser's top layer.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.demo.gallery import Look, pieces
from tests.widgets.gallery import LONG, LOOKS, WIDTHS, gallery, show
from tests.widgets.states import STATES

pytestmark = [pytest.mark.browser, pytest.mark.node, pytest.mark.thorough]

HERE = Path(__file__).parent
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SETTLED_MS = 60
EVERY_DAY = [(LOOKS[0], 360), (LOOKS[3], 360), (LOOKS[1], 1280), (LOOKS[2], 1280)]
"""Each theme, direction and width, in half of their combinations."""


@pytest.fixture(scope="session")
def axe(request: pytest.FixtureRequest) -> str:
    """The source of axe-core; installed once, and kept beside pytest's own cache."""
    lock = (HERE / "package-lock.json").read_bytes()
    kept = Path(str(request.config.cache.mkdir("axe-core")))  # type: ignore[union-attr]
    folder = kept / hashlib.sha256(lock).hexdigest()[:16]
    if not folder.exists():
        making = kept / f"making-{os.getpid()}"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, making)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        ran = subprocess.run(command, cwd=making, capture_output=True, text=True, check=False, timeout=300)
        if ran.returncode != 0:
            if os.environ.get("CI") == "true":
                pytest.fail(f"npm ci failed:\n{ran.stderr}", pytrace=False)
            pytest.skip("npm cannot install axe-core from here")
        try:
            making.replace(folder)
        except OSError:
            # Another worker of this run was quicker.
            if not folder.exists():
                raise
            shutil.rmtree(making)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gallery() as found:
        yield found


def barriers(page: Any) -> list[str]:
    page.wait_for_timeout(SETTLED_MS)
    found = page.evaluate(
        "(tags) => axe.run('waypost-guide', {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        STANDARDS,
    )
    return [
        f"{each['id']}: {node['html'][:120]} ({[check['message'] for check in node['any'] + node['all']]})"
        for each in found["violations"]
        for node in each["nodes"]
    ]


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
