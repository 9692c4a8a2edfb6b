"""What recording a session costs the main thread of pages of several sizes, from Chromium's own trace."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.measure import Report, spell
from benchmarks.widgets.browser import Files, site

WIDGETS: Final = Path(__file__).parents[2] / "widgets"
RECORDER: Final = WIDGETS / "node_modules" / "@rrweb" / "record"
SIZES: Final = (1_000, 5_000, 15_000)
ROUNDS: Final = 4
SECONDS: Final = 20
"""Long enough for the whole page to be written down twice."""
BLOCKING: Final = 0.05
"""A task that takes longer keeps people waiting by what it takes beyond."""
REPLY: Final = json.dumps({"accepted": 1, "decisions": [], "record": "moments", "ttl": 0, "next": 0}).encode()

LIVELY: Final = b"""
{
  const rows = document.querySelector("main");
  let turn = 0;
  setInterval(() => {
    turn += 1;
    for (let each = 0; each < 10; each++) {
      const row = rows.children[(turn * 31 + each * 7) % rows.children.length];
      row.firstChild.textContent = `Row ${turn} of ${each}`;
      row.classList.toggle("marked");
      const more = rows.lastElementChild.cloneNode(true);
      rows.lastElementChild.remove();
      rows.prepend(more);
    }
  }, 100);
}
"""
"""A page that is at work: ten rows change and ten move, ten times a second. How many there are stays the same."""

PEER: Final = b"""
const kept = [];
addEventListener("load", () => {
  window.rrwebRecord.record({ emit: (event) => kept.push(JSON.stringify(event)), checkoutEveryNms: 15000 });
});
"""
"""As its guide shows it, and as JSON, since that is what one sends."""

RECORDED: Final = "!/native code/.test(Element.prototype.attachShadow)"
"""Whether rrweb still stands in front of that, in a page."""

WITHOUT: Final = "not recorded"
OURS: Final = "waypost"


@dataclass(frozen=True, slots=True)
class Busy:
    """Processor time of the main thread, seconds, so that others on the machine are not counted.

    blocking: of tasks what they took beyond 50 ms. longest: the longest task. whole: the share of visits recorded to
    the end.
    """

    whole: float
    total: float
    blocking: float
    longest: float


def report(chromium: Any) -> Report:
    """The table of what recording costs."""
    peer = f"@rrweb/record {json.loads((RECORDER / 'package.json').read_bytes())['version']}"
    found = Report("Main thread of a page that is recorded")
    found.add(
        f"The least of {ROUNDS} visits of {SECONDS} s to a page of so many elements at which ten rows change and ten "
        "move ten times a second, from its load on. *Busy* is the processor time of all tasks of the main thread, "
        "*added* what there is more of it than on the same page without recording, *blocking* what tasks took beyond "
        f"{spell(BLOCKING)}, all together. {OURS} holds the last half minute ready to be sent, masked and made small, "
        f"with the snippet; {peer} is used as its guide shows, every event as JSON, nothing masked, nothing made "
        "small, the whole page anew every 15 s."
    )
    found.add()
    ours = {f"/sdk/{path.name}": ("text/javascript", path.read_bytes()) for path in (WIDGETS / "dist").glob("*.js")}
    files: Files = {
        **ours,
        "/lively.js": ("text/javascript", LIVELY),
        "/peer.js": ("text/javascript", (RECORDER / "dist" / "record.umd.min.cjs").read_bytes()),
        "/begins.js": ("text/javascript", PEER),
    }
    heads = {
        WITHOUT: "",
        OURS: '<script async src="/sdk/waypost.js" data-key="wp_pub_benchmark"></script>',
        peer: '<script src="/peer.js"></script><script src="/begins.js"></script>',
    }
    rows = []
    for size in SIZES:
        taken: dict[str, list[Busy]] = {name: [] for name in heads}
        for _ in range(ROUNDS):
            for name, head in heads.items():
                taken[name].append(_visit(chromium, files, _page(size, head)))
        least = {name: _least(all_) for name, all_ in taken.items()}
        bare = least[WITHOUT]
        for name, busy in least.items():
            added = "" if name == WITHOUT else _share(busy.total - bare.total)
            stopped = round((1 - busy.whole) * ROUNDS)
            told = name if name == WITHOUT or not stopped else f"{name}, which stopped in {stopped} of {ROUNDS} visits"
            rows.append([f"{size:,}", told, spell(busy.total), added, spell(busy.blocking), spell(busy.longest)])
        added_by = {name: max(least[name].total - bare.total, 1e-6) for name in (OURS, peer)}
        found.at_most(f"{size:,} elements: added by waypost ÷ by {peer}", added_by[OURS] / added_by[peer], 2)
        found.at_most(
            f"{size:,} elements: of the main thread's time waypost adds, %", added_by[OURS] / SECONDS * 100, 5
        )
    found.table(["elements", "", "busy", "added", "blocking", "longest task"], rows)
    return found


def _share(seconds: float) -> str:
    return f"{seconds / SECONDS * 100:.2g} %"


def _least(all_: Iterable[Busy]) -> Busy:
    """Whatever else is on a machine makes a visit dearer, never cheaper: as `timeit` says of its repetitions."""
    found = list(all_)
    whole = statistics.mean(each.whole for each in found)
    return Busy(whole, *(min(getattr(each, name) for each in found) for name in ("total", "blocking", "longest")))


def _page(elements: int, head: str) -> str:
    """A page of exactly so many elements, with its head, its rows and what is recorded by."""
    frame = f"<!doctype html><html lang=en><head><title>Page</title>{head}</head><body><main>"
    # html, head, title, body, main, and each script; two elements a row.
    left = elements - 6 - head.count("<script")
    rows = "".join(f"<div class=row><span>Row {number} of the list</span></div>" for number in range(left // 2))
    return f'{frame}{rows}{"<i> </i>" * (left % 2)}</main><script src="/lively.js"></script></body></html>'


def _visit(chromium: Any, files: Files, html: str) -> Busy:
    with site(files, page=lambda: html, reply=REPLY) as address:
        page = chromium.new_page()
        chromium.start_tracing(page=page, categories=["devtools.timeline", "toplevel"])
        page.goto(address, wait_until="load")
        for second in range(SECONDS):
            page.mouse.move(100 + second * 20, 100 + second * 10)
            page.wait_for_timeout(1000)
        events = json.loads(chromium.stop_tracing())["traceEvents"]
        is_whole = page.evaluate(RECORDED)
        page.close()
    return read(events, is_whole=is_whole)


def read(events: list[dict[str, Any]], *, is_whole: bool) -> Busy:
    """What a trace says of the busiest main thread of a page."""
    threads = {
        (each["pid"], each["tid"])
        for each in events
        if each["name"] == "thread_name" and each["args"]["name"] == "CrRendererMain"
    }
    tasks: dict[tuple[int, int], list[float]] = defaultdict(list)
    for each in events:
        thread = (each["pid"], each["tid"])
        if each["name"] in {"RunTask", "ThreadControllerImpl::RunTask"} and thread in threads and "dur" in each:
            tasks[thread].append(each.get("tdur", each["dur"]) / 1e6)
    found = max(tasks.values(), key=sum)
    return Busy(is_whole, sum(found), sum(max(0.0, task - BLOCKING) for task in found), max(found))
