"""How long somebody waits for a page of the console, on loopback with the demo's data, and what each page weighs.

Beside each page: the same document as a file (what no server can beat), and, for the pages with a funnel's figures, the
interface's raw answer. Needs Chromium.
"""

from __future__ import annotations

import gzip
import mimetypes
import re
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from api.console.drawing import STATIC
from api.console.registry import Page, pages
from api.demo.seed import demo_settings, seed
from api.serving import system_clock
from api.start import open_service
from benchmarks.console.served import Served, signed_in_server
from benchmarks.measure import Report, spell
from benchmarks.widgets import browser

WARM = 9
"""Requests of which the median counts, after the first one."""
VISITS = 3
MOST_BYTES = 250_000
EDITOR = "rules"
"""The one page that may weigh more."""
READY = """() => {
  const drawn = [...document.querySelectorAll("figure[data-chart]")].every((each) => each.querySelector("svg path"));
  return document.readyState === "complete" && drawn ? performance.now() : 0;
}"""
"""True once everything is there and every chart is drawn: how long it took since somebody went there."""


@dataclass(frozen=True, slots=True)
class Waited:
    """Seconds and bytes of one page."""

    page: Page
    first: float
    warm: float
    ready: float
    ready_as_file: float
    document: int
    whole: int


def reports() -> list[Report]:
    """The table of this benchmark."""
    with tempfile.TemporaryDirectory() as name, browser.chromium() as chromium:
        folder = Path(name) / "data"
        settings = demo_settings(host=None, port=8000, data=str(folder))
        seed(settings, clock=system_clock)
        service = open_service(settings, clock=system_clock)
        journey = next(iter(service.rules_now(1).project.journeys))
        service.close()
        with signed_in_server(folder) as served:
            found = [_measured(chromium, served, page) for page in pages()]
            peer = _asked(served, f"/api/v1/journeys/{journey}/funnel?simulated=true")
    return [_report(found, peer)]


def _report(found: Sequence[Waited], peer: tuple[float, float]) -> Report:
    report = Report("Pages of the console")
    report.add(
        "*First* is the first request after the start, which computes what is shown; *warm* the median of the next "
        f"{WARM}. *Ready* is the time in Chromium until all is loaded and every chart is drawn, *as a file* the same "
        "of the document that was served before. Bytes are gzip's, *whole* with all that the page loads. The raw "
        f"answer of a funnel over the interface: {spell(peer[0])} first, {spell(peer[1])} warm."
    )
    report.add()
    by_time = sorted(found, key=lambda each: -each.warm)
    report.table(
        ["page", "first", "warm", "ready", "as a file", "document", "whole"],
        [
            [
                each.page.label,
                spell(each.first),
                spell(each.warm),
                spell(each.ready),
                spell(each.ready_as_file),
                f"{each.document:,}",
                f"{each.whole:,}",
            ]
            for each in by_time
        ],
    )
    report.add(f"The slowest: {by_time[0].page.label}, {spell(by_time[0].warm)}.")
    report.add()
    light = [each for each in found if each.page.name != EDITOR]
    report.at_most(
        "the heaviest page but the rule editor, of 250 KB", max(each.whole for each in light) / MOST_BYTES, 1
    )
    ratios = [each.ready / each.ready_as_file for each in found]
    report.at_most("until a page is ready, beside the same document as a file (median)", statistics.median(ratios), 3)
    return report


def _measured(chromium: Any, served: Served, page: Page) -> Waited:
    path = f"/console/p/default/{page.path}?who=simulated"
    first, warm = _asked(served, path)
    document = served.get(path)[1].decode()
    with browser.site(_static(), page=lambda: document) as site:
        ready = _until_ready(chromium, f"{served.url}{path}", served.cookie, served.url)
        as_file = _until_ready(chromium, site, served.cookie, served.url)
    size = len(gzip.compress(document.encode(), 9))
    return Waited(page, first, warm, ready, as_file, size, size + _parts(document))


def _asked(served: Served, path: str) -> tuple[float, float]:
    """Seconds of the first answer, and the median of the next."""
    taken = []
    for _ in range(WARM + 1):
        begin = time.perf_counter()
        status, body = served.get(path)
        taken.append(time.perf_counter() - begin)
        assert status == 200, (path, status, body[:300])
    return taken[0], statistics.median(taken[1:])


def _until_ready(chromium: Any, address: str, cookie: str, url: str) -> float:
    """The median of some visits with a warm cache."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": "waypost_session", "value": cookie, "url": url}])
    page = context.new_page()
    page.set_default_timeout(120_000)
    taken = []
    for _ in range(VISITS + 1):
        page.goto(address, wait_until="load")
        taken.append(page.wait_for_function(READY).json_value() / 1000)
    context.close()
    return statistics.median(taken[1:])


@cache
def _static() -> browser.Files:
    """What pages load, for another server."""
    return {
        f"/console/static/{path.name}": (mimetypes.guess_type(path.name)[0] or "", path.read_bytes())
        for path in STATIC.iterdir()
    }


def _parts(document: str) -> int:
    """Bytes of all that a page loads."""
    return sum(len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in sorted(_named(document)))


def _named(document: str) -> Iterator[str]:
    wanted = {"charts.js": "data-chart>", "htmx.js": "hx-get="}
    for name in set(re.findall(r"/console/static/([\w.-]+)", document)):
        if wanted.get(name, "") in document:
            yield name
