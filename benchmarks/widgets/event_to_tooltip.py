"""From the event leaving the page to the tooltip on the screen, against a running server with 200 rules."""

from __future__ import annotations

import re
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Report, spell
from benchmarks.service.many_rules import RULES, write_rules
from benchmarks.widgets.browser import site
from benchmarks.widgets.served import Served, waypost

_MS = re.compile(r"\bms=([\d.]+)")
VISITS = 15
AIM = 0.1

TOOLTIP = """
event "Asked"

guide wanted "Wanted" {
  on "Asked"

  show tooltip beside "#verify" {
    title "Two records to add"
    body "Copy **both** records to your DNS host, {{ first_name | "there" }}."
    button "Done" completes
  }

  shown at most 1000 times
  priority 100
  holdout 0%
}

attribute first_name: text
"""

PAGE = "<!doctype html><html lang=en><title>Page</title>{tag}<h1>Domains</h1><button id=verify>Verify</button>"

MEASURE = """() => new Promise((done) => {
  const began = performance.now();
  performance.clearResourceTimings();
  waypost.track('Asked');
  const look = () => {
    const card = document.querySelector('waypost-guide')?.shadowRoot.querySelector('.card');
    if (!card || !card.getBoundingClientRect().width) return requestAnimationFrame(look);
    // This frame has it; the next begins when this one is on the screen.
    requestAnimationFrame(() => {
      const visible = performance.now();
      const [batch] = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/v1/batch'));
      done([began, batch.startTime, batch.responseEnd, visible]);
    });
  };
  look();
})"""


@dataclass(frozen=True, slots=True)
class Way:
    """Seconds of each part of the way."""

    gathering: float
    round_trip: float
    drawing: float

    @property
    def total(self) -> float:
        """From the call to the frame."""
        return self.gathering + self.round_trip + self.drawing


def report(chromium: Any) -> Report:
    """The table of the way."""
    found = Report(f"From an event to the tooltip it wakes, on loopback, with {RULES + 1} rules")
    with tempfile.TemporaryDirectory() as name:
        rules = (write_rules(Path(name)) / "rules.way").read_text(encoding="utf-8")
    with waypost(rules + TOOLTIP) as served, site(page=lambda: PAGE.format(tag=served.tag())) as address:
        first = [_visit(chromium, address, number)[0] for number in range(VISITS)]
        both = [_visit(chromium, address, VISITS + number) for number in range(VISITS)]
        server = _server_seconds(served)
    again = [second for _, second in both]
    found.add(
        f"Medians of {VISITS} visits of new people, each with a browser that has nothing in its cache. "
        "*Gathering* is the "
        "task in which calls are gathered before they are sent; *decision* is what the server's own log says of the "
        "request (checking, storing on the disk, folding, deciding); *network* is the rest of the round trip; "
        "*drawing* "
        "is from the end of the answer to the first frame with the card in it. The first guide of a page "
        "loads the drawing too."
    )
    found.add()
    rows = []
    for label, ways in (("first guide of a page", first), ("a later one", again)):
        decision = min(server, statistics.median(each.round_trip for each in ways))
        network = statistics.median(each.round_trip for each in ways) - decision
        rows.append(
            [
                label,
                *(
                    spell(part)
                    for part in (
                        statistics.median(each.total for each in ways),
                        statistics.median(each.gathering for each in ways),
                        network,
                        decision,
                        statistics.median(each.drawing for each in ways),
                    )
                ),
            ]
        )
    found.table(["", "in all", "gathering", "network", "decision", "drawing"], rows)
    found.at_most("first guide of a page, ms", statistics.median(each.total for each in first) * 1000, AIM * 1000)
    found.at_most("a later one, ms", statistics.median(each.total for each in again) * 1000, AIM * 1000)
    return found


def _visit(chromium: Any, address: str, number: int) -> list[Way]:
    """A new person's first tooltip, and, after it is gone, the second."""
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{address}/domains?{number}")
    page.wait_for_function("() => window.waypost?.loaded")
    # The page view is answered, and the page is at rest.
    page.wait_for_timeout(250)
    ways = [_read(page.evaluate(MEASURE))]
    page.locator("waypost-guide").get_by_role("button", name="Close").click()
    page.locator("waypost-guide").wait_for(state="detached")
    page.wait_for_timeout(150)
    # The same again, for somebody to whom nothing was shown yet.
    page.evaluate("waypost.reset()")
    page.wait_for_timeout(100)
    ways.append(_read(page.evaluate(MEASURE)))
    context.close()
    return ways


def _read(times: list[float]) -> Way:
    began, sent, answered, visible = (each / 1000 for each in times)
    return Way(sent - began, answered - sent, visible - answered)


def _server_seconds(served: Served) -> float:
    """The median that the server's own log gives for a batch."""
    lines = [line for line in served.log.read_text().splitlines() if "route=/v1/batch" in line]
    return statistics.median(float(_MS.search(line)[1]) / 1000 for line in lines)  # type: ignore[index]
