"""The console's pages in Chromium: nothing against their policy, nothing in anybody's way, charts drawn."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from api.console.drawing import HOME, STATIC
from api.console.registry import pages
from dsl.values import DAY, Duration
from engine.permissions import Role
from tests.accessibility import barriers
from tests.api.asking import Site
from tests.api.test_console_pages import lively

ASSETS = HOME / "assets"
LOOKS = [("light", 1280), ("dark", 360)]
MOST_BYTES = 250_000
"""What a page may weigh, as gzip, with all its parts."""
EVERY_PAGE = ("console.css", "console.js", "charts.js", "htmx.js", "theme.js")
EDITOR = "editor.js"
"""The module of the rule editor, the one page that may weigh more."""


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    lively(site)
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def cookie(site: Site) -> str:
    user = site.service.sign_in.known_elsewhere(
        "https://id.example", "ada", email="ada@example.com", roles={1: Role.ADMIN}
    )
    return site.service.sign_in.start(user, lasts=Duration(7 * DAY)).cookie


def visit(chromium: Any, address: str, cookie: str, look: tuple[str, int], *, bypass_csp: bool = False) -> Any:
    scheme, width = look
    context = chromium.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=bypass_csp, reduced_motion="reduce"
    )
    context.add_cookies([{"name": "waypost_session", "value": cookie, "url": address}])
    return context.new_page()


@pytest.mark.browser
@pytest.mark.thorough
def test_no_page_does_what_its_policy_forbids_and_charts_are_drawn(chromium: Any, address: str, cookie: str) -> None:
    page = visit(chromium, address, cookie, LOOKS[0])
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    for each in pages():
        page.goto(f"{address}/console/p/default/{each.path}")
        page.wait_for_load_state("networkidle")
        for figure in page.locator("figure[data-chart]").all():
            figure.locator("svg path").first.wait_for(state="attached")
    assert heard == []
    page.context.close()


@pytest.mark.browser
@pytest.mark.node
@pytest.mark.thorough
def test_nothing_is_in_anybodys_way(chromium: Any, address: str, cookie: str, axe: str) -> None:
    found: dict[str, list[str]] = {}
    for look in LOOKS:
        # axe is no part of the page: the page's own policy is not to be asked about it.
        page = visit(chromium, address, cookie, look, bypass_csp=True)
        for path in ("sign-in", *(f"p/default/{each.path}" for each in pages())):
            page.goto(f"{address}/console/{path}")
            page.wait_for_load_state("networkidle")
            page.evaluate(axe)
            found[f"{path} {look}"] = barriers(page, "html")
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if wide > 0:
                found[f"{path} {look}"].append(f"{wide} pixels wider than the window")
        page.context.close()
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.browser
@pytest.mark.thorough
def test_a_choice_shows_its_page_and_the_address_holds_it(chromium: Any, address: str, cookie: str) -> None:
    page = visit(chromium, address, cookie, LOOKS[0])
    page.goto(f"{address}/console/p/default/find?journey=activation")
    page.get_by_label("Counting").select_option("everyone")
    page.get_by_text("Nobody is left out").wait_for()
    assert "who=everyone" in page.url
    assert "journey=activation" in page.url
    page.get_by_role("link", name="Home").click()
    assert "who=everyone" in page.url
    page.context.close()


@pytest.mark.browser
@pytest.mark.thorough
def test_somebody_chooses_an_appearance_and_signs_out_by_keyboard(chromium: Any, address: str, cookie: str) -> None:
    page = visit(chromium, address, cookie, LOOKS[0])
    page.goto(f"{address}/console/p/default/")
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
    shared = sum(size.pop(name) for name in EVERY_PAGE)
    # A page has charts and one module of its own at most; the editor stands alone.
    own = {name: each for name, each in size.items() if name != EDITOR}
    assert shared + max(own.values(), default=0) <= MOST_BYTES


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (ASSETS / "package-lock.json").read_text(encoding="utf-8")
    named = json.loads((ASSETS / "package.json").read_text(encoding="utf-8"))
    versions = {**named["dependencies"], **named["devDependencies"]}
    assert [name for name, version in versions.items() if not version[0].isdigit()] == []
