"""The website of the documentation: every page is there, reads as it does in the repository, and asks nobody else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from threading import Thread
from typing import Any

import pytest
from markdown_it import MarkdownIt

from release import site
from release.site import ROOT, Page, Unbuildable, build, moved, pages, pictures_shown

SHAPES = ("h2", "h3", "li", "ul", "ol", "table", "tr", "td", "pre", "blockquote", "em", "strong", "img")
"""What a reader sees; `p` is left out, since renderers differ in whether items of a list have one."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("site") / "site"
    assert build(to) == len(pages())
    return to


def shapes(html: str) -> dict[str, int]:
    """How often each of SHAPES is in a page."""
    counted = Counter(re.findall(r"<([a-z][a-z0-9]*)[\s>/]", html))
    return {name: counted[name] for name in SHAPES if counted[name]}


def test_every_page_reads_as_it_does_in_the_repository(built: Path) -> None:
    reader = MarkdownIt("gfm-like", {"linkify": False})
    differing = {}
    for page in pages():
        article = re.search(r"<article.*?</article>", (built / page.place.with_suffix(".html")).read_text(), re.DOTALL)
        assert article is not None, page.place
        here, there = shapes(article[0]), shapes(reader.render(moved((ROOT / page.source).read_text(), page)))
        if here != there:
            differing[str(page.source)] = {name: (here.get(name), there.get(name)) for name in {*here, *there}}
    assert differing == {}


def test_the_navigation_has_every_page_by_its_kind(built: Path) -> None:
    listed = {str(page.place) for page in pages()}
    kept = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert kept - {"operate.md", "scale.md"} <= listed
    assert {"tutorials", "how-to", "reference", "explanation"} <= {PurePosixPath(place).parts[0] for place in listed}
    for place in listed:
        section = PurePosixPath(place).parts[0]
        if section != place:
            name = PurePosixPath(place).with_suffix(".html").name
            assert f'href="{name}"' in (built / section / "index.html").read_text(), place


PAGE = Page(PurePosixPath("docs/how-to/a.md"), PurePosixPath("how-to/a.md"), "A", "")

LINKS = [
    ("[b](b.md#c)", "[b](b.md#c)"),
    ("[run it](../operate.md)", "[run it](../operate/operate.md)"),
    ("[decisions](../decisions)", "[decisions](../decisions/index.md)"),
    ("[security](../../SECURITY.md)", "[security](../project/security.md)"),
    ("[figures](../../benchmarks/results/rules.md)", "[figures](../figures/rules.md)"),
    ("![Find](../images/console-find.png)", "![Find](../images/console-find.png)"),
    ("[`a test`](../../tests/house/test_site.py)", "`a test`"),
    ("[elsewhere](https://example.com/a.md) [here](#b)", "[elsewhere](https://example.com/a.md) [here](#b)"),
    ("```md\n[kept](../operate.md)\n```", "```md\n[kept](../operate.md)\n```"),
]


@pytest.mark.parametrize(("written", "there"), LINKS, ids=[written.partition("]")[0][1:] for written, _ in LINKS])
def test_a_link_leads_to_the_same_page(written: str, there: str) -> None:
    assert moved(written, PAGE) == there


def test_code_is_linked_where_it_can_be_read() -> None:
    code = "https://example.com/waypost/blob/main/"
    there = "[a test](https://example.com/waypost/blob/main/tests/house/test_site.py)"
    assert moved("[a test](../../tests/house/test_site.py)", PAGE, code=code) == there


@pytest.mark.parametrize("written", ["[b](no-such-page.md)", "[b](console.md#no-such-part)"])
def test_a_link_that_leads_nowhere_ends_it(written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        site, "contents", lambda *_: f"# Contents\n\n{written.replace('console', '../how-to/console')}\n"
    )
    with pytest.raises(Unbuildable, match="does not exist"):
        build(tmp_path / "site")


def test_it_shows_what_the_tests_have_seen(tmp_path: Path) -> None:
    shown, taken = sorted(pictures_shown()), tmp_path / "taken"
    taken.mkdir()
    for name in shown:
        (taken / name).write_bytes(b"new " + name.encode())
    build(tmp_path / "site", pictures=taken)
    assert {(tmp_path / "site" / "images" / name).read_bytes() for name in shown} == {
        b"new " + n.encode() for n in shown
    }
    (taken / shown[0]).unlink()
    with pytest.raises(Unbuildable, match=re.escape(shown[0])):
        build(tmp_path / "site", pictures=taken)


@pytest.fixture
def address(built: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def begin_to_search(page: Any) -> None:
    """Press the keys of the search until it takes letters: the script that hears of them may not have begun yet."""
    from playwright.sync_api import expect

    for _ in range(6):
        page.keyboard.press("Control+k")
        try:
            expect(page.locator("input[aria-label=Search]")).to_be_focused(timeout=5_000)
        except AssertionError:
            continue
        return
    raise AssertionError("the search does not open")


@pytest.mark.browser
@pytest.mark.thorough
def test_it_is_searched_and_asks_nobody_else(chromium: Any, address: str) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.get_by_role("navigation").get_by_role("link", name="How to", exact=True).first.click()
    page.wait_for_url("**/how-to/**")
    page.get_by_role("heading", name="How to").wait_for()
    begin_to_search(page)
    page.keyboard.type("holdout")
    page.get_by_text(re.compile(r"^[1-9]\d* results$")).wait_for()
    assert {url for url in asked if not url.startswith((address, "blob:", "data:"))} == set()
    assert complaints == []
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{address}/tutorials/tour.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()
