"""What recording a session costs the main thread of pages of several sizes, from Chromium's own trace."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

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


RECORDERS: Final = ("/sdk/", "/peer.js", "/begins.js")
"""Where the scripts that record are."""
CALLS: Final = frozenset({"FunctionCall", "EvaluateScript", "v8.evaluateModule", "v8.compileModule"})
TIMES: Final = ("total", "recording", "blocking", "longest")


@dataclass(frozen=True, slots=True)
class Busy:
    """Processor time of the main thread, seconds, so that others on the machine are not counted.

    recording: in functions of the scripts that record. blocking: of tasks what they took beyond 50 ms. longest: the
    longest task. whole: the share of visits recorded to the end.
    """

    whole: float
    total: float
    recording: float
    blocking: float
    longest: float


def report(chromium: Any) -> Report:
    """The table of what recording costs."""
    if not RECORDER.is_dir():
        subprocess.run(["npm", "ci", "--silent"], cwd=WIDGETS, check=True)
    peer = f"@rrweb/record {json.loads((RECORDER / 'package.json').read_bytes())['version']}"
    found = Report("Main thread of a page that is recorded")
    found.add(
        f"The least of {ROUNDS} visits of {SECONDS} s to a page of so many elements at which ten rows change and ten "
        "move ten times a second, from its load on. *Recording* is the processor time of the main thread in functions "
        "of the scripts that record, by Chromium's trace, *of the time* its share of the visit; *busy* that of all "
        "tasks, most of which is the page's own layout and differs by as much from visit to visit; *blocking* what "
        f"tasks took beyond {spell(BLOCKING)}, all together. {OURS} holds the last half minute ready to be sent, "
        f"masked and made small, with all of the snippet; {peer} is used as its guide shows, every event as JSON, "
        "nothing masked, nothing made small, the whole page anew every 15 s."
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
        for name, busy in least.items():
            stopped = round((1 - busy.whole) * ROUNDS)
            told = name if name == WITHOUT or not stopped else f"{name}, which stopped in {stopped} of {ROUNDS} visits"
            recording = [] if name == WITHOUT else [spell(busy.recording), f"{busy.recording / SECONDS * 100:.2g} %"]
            others = [spell(busy.total), spell(busy.blocking), spell(busy.longest)]
            rows.append([f"{size:,}", told, *(recording or ["", ""]), *others])
        ours_takes, peer_takes = least[OURS].recording, least[peer].recording
        found.at_most(f"{size:,} elements: recording by {OURS} ÷ by {peer}", ours_takes / peer_takes, 2)
        found.at_most(f"{size:,} elements: of the main thread's time {OURS} takes, %", ours_takes / SECONDS * 100, 5)
    found.table(["elements", "", "recording", "of the time", "busy", "blocking", "longest task"], rows)
    return found


def _least(all_: Iterable[Busy]) -> Busy:
    """Whatever else is on a machine makes a visit dearer, never cheaper: as `timeit` says of its repetitions."""
    found = list(all_)
    whole = statistics.mean(each.whole for each in found)
    # One that stopped on the way cost less, and would be the least.
    counted = [each for each in found if each.whole] or found
    return Busy(whole, *(min(getattr(each, name) for each in counted) for name in TIMES))


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
            tasks[thread].append(_took(each))
    busiest = max(tasks, key=lambda thread: sum(tasks[thread]))
    found = tasks[busiest]
    recording = _recording([each for each in events if (each["pid"], each["tid"]) == busiest])
    return Busy(is_whole, sum(found), recording, sum(max(0.0, task - BLOCKING) for task in found), max(found))


def _recording(events: Iterable[dict[str, Any]]) -> float:
    """What calls into the scripts that record took; one within another is part of it."""
    calls = [each for each in events if each["name"] in CALLS and "dur" in each and _is_recorder(each)]
    total, until = 0.0, 0.0
    for call in sorted(calls, key=lambda each: (each["ts"], -each["dur"])):
        if call["ts"] >= until:
            total += _took(call)
            until = call["ts"] + call["dur"]
    return total


def _is_recorder(event: dict[str, Any]) -> bool:
    return urlsplit(str(event.get("args", {}).get("data", {}).get("url", ""))).path.startswith(RECORDERS)


def _took(event: dict[str, Any]) -> float:
    return float(event.get("tdur", event["dur"])) / 1e6
