"""What the snippet does on the main thread while a page of 5,000 nodes loads, from Chromium's own trace."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.measure import Report, spell
from benchmarks.widgets.browser import Files, site
from benchmarks.widgets.peers import PEERS, content
from benchmarks.widgets.served import waypost

NODES = 5_000
ROUNDS = 5
SETTLED_MS = 3_600
"""Until everything has come that waits for the page to be idle."""
LONGEST = 0.05
CATEGORIES = ["devtools.timeline", "v8", "toplevel", "disabled-by-default-v8.compile"]
SCRIPTS = frozenset({"EvaluateScript", "v8.compile", "v8.compileModule", "v8.evaluateModule", "FunctionCall", "v8.run"})

PEER = '<script src="/posthog.js"></script><script src="/posthog-begins.js"></script>'
BEGINS = b'posthog.init("phc_benchmark", { api_host: location.origin, advanced_disable_flags: true })'
"""A file of its own, since a trace gives what a script in the page does to the page; ours begins in its own file."""


@dataclass(frozen=True, slots=True)
class Work:
    """Seconds of processor time on the main thread, so that others on the machine are not counted.

    longest: of any task in which the script had a part.
    """

    total: float
    longest: float


def report(chromium: Any) -> Report:
    """The table of work at load."""
    found = Report(f"Main thread while a page of {NODES:,} nodes loads")
    found.add(
        f"Medians of {ROUNDS} loads with an empty cache, up to {SETTLED_MS / 1000:g} s after the start, "
        "and in a second row with a click on the page, which brings the sensors. "
        "*Script* is all that Chromium's trace gives to the file: compiling, running, called back. *Longest task* is "
        "the longest on the main thread in which it had a part, with whatever else the page did in it. "
        "posthog-js is its "
        "`array.js` as published and its `init`, without a server that answers."
    )
    found.add()
    nodes = "".join(f"<div class=row id=n{number}><span>Row {number}</span></div>" for number in range(NODES // 2))
    kind = "text/javascript"
    peer: Files = {"/posthog.js": (kind, content(PEERS[0])), "/posthog-begins.js": (kind, BEGINS)}
    with waypost("") as served:
        pages = {
            "waypost": (served.tag(), "/sdk/", False),
            "waypost, and a click": (served.tag(), "/sdk/", True),
            "posthog-js": (PEER, "/posthog", False),
            "posthog-js, and a click": (PEER, "/posthog", True),
        }
        taken: dict[str, list[Work]] = {name: [] for name in pages}
        for _ in range(ROUNDS):
            for name, (head, file, clicks) in pages.items():
                html = f"<!doctype html><html lang=en><title>Page</title>{head}<main>{nodes}</main>"
                with site(peer, page=lambda html=html: html) as address:  # type: ignore[misc]
                    taken[name].append(_load(chromium, address, file, clicks=clicks))
    rows = [
        [name, spell(_middle(each.total for each in all_)), spell(_middle(each.longest for each in all_))]
        for name, all_ in taken.items()
    ]
    found.table(["", "script", "longest task"], rows)
    longest = max(_middle(each.longest for each in taken[name]) for name in ("waypost", "waypost, and a click"))
    found.at_most("longest task, ms", longest * 1000, LONGEST * 1000)
    for more in ("", ", and a click"):
        ours, theirs = (_middle(each.total for each in taken[name + more]) for name in ("waypost", "posthog-js"))
        found.at_most(f"script of ours ÷ of posthog-js{more}", ours / theirs, 1)
    return found


def _middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def _load(chromium: Any, address: str, file: str, *, clicks: bool) -> Work:
    page = chromium.new_page()
    chromium.start_tracing(page=page, categories=CATEGORIES)
    page.goto(address, wait_until="load")
    if clicks:
        page.locator("#n1").click()
    page.wait_for_timeout(SETTLED_MS)
    events = json.loads(chromium.stop_tracing())["traceEvents"]
    page.close()
    return read(events, file)


def read(events: list[dict[str, Any]], file: str) -> Work:
    """What a trace says of the scripts whose address holds `file`."""
    whole = [each for each in events if each.get("ph") == "X" and "dur" in each]
    ours = [each for each in whole if each["name"] in SCRIPTS and file in json.dumps(each.get("args", {}))]
    # Events lie within one another: only the outermost counts.
    total, end = 0.0, {}
    for each in sorted(ours, key=lambda each: (each["ts"], -each["dur"])):
        thread = (each["pid"], each["tid"])
        if each["ts"] >= end.get(thread, 0):
            total += each.get("tdur", each["dur"])
            end[thread] = each["ts"] + each["dur"]
    tasks = [each for each in whole if each["name"] in {"RunTask", "ThreadControllerImpl::RunTask"}]
    longest = max(
        (task.get("tdur", task["dur"]) for task in tasks for each in ours if _holds(task, each)),
        default=0,
    )
    return Work(total / 1e6, longest / 1e6)


def _holds(task: dict[str, Any], each: dict[str, Any]) -> bool:
    same = (task["pid"], task["tid"]) == (each["pid"], each["tid"])
    return same and task["ts"] <= each["ts"] < task["ts"] + task["dur"]
