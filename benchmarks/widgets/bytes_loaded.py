"""What a page downloads: each file, what a page with nothing to show asks for, each kind of guide; beside others."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from benchmarks.measure import Report
from benchmarks.widgets.browser import site
from benchmarks.widgets.peers import PEERS, content, files_of, packed
from benchmarks.widgets.served import Served, waypost

KB = 1024
WIDGETS = Path(str(files("widgets")))
GUIDES = ("tooltip", "modal", "banner", "slideout", "hotspot", "checklist", "tour", "survey", "feedback")
SETTLED_MS = 1_500
CORE_KB, DRAWING_KB = 8, 30


def reports(chromium: Any) -> list[Report]:
    """Two tables: files, and what is asked for."""
    return [_of_files(), _asked_for(chromium)]


def _kb(number: float) -> str:
    return f"{number / KB:.1f} KB"


def _of_files() -> Report:
    report = Report("Bytes of JavaScript, gzip at level 9")
    manifest = json.loads((WIDGETS / "dist" / "manifest.json").read_bytes())
    own = {part: packed((WIDGETS / "dist" / file).read_bytes()) for part, file in manifest["parts"].items()}
    drawing = ("drawing", "asking", "leading", "waits")
    most = sum(own[name] for name in ("drawing", "asking", "waits", "words-ar"))
    rows = [
        [f"waypost: {name}", _kb(size), "at once" if name == "waypost" else _when(name)] for name, size in own.items()
    ]
    for peer in PEERS:
        version = files_of(peer.package)[""].decode()
        rows.append([f"{peer.package} {version}: `{peer.member}`", _kb(packed(content(peer))), peer.loads])
    report.table(["", "gzip", "loaded"], rows)
    report.at_most("core, KB", own["waypost"] / KB, CORE_KB)
    report.at_most("the most that one guide loads to be drawn, KB", most / KB, DRAWING_KB)
    report.at_most("all that draws together, KB", sum(map(own.__getitem__, drawing)) / KB, DRAWING_KB)
    report.at_most("core ÷ posthog-js", own["waypost"] / packed(content(PEERS[0])), 0.1)
    return report


def _when(part: str) -> str:
    known = {
        "drawing": "for the first guide",
        "headless": "instead of it, where the page draws",
        "sensors": "with the first sign of somebody",
        "clicks": "where rules declare clicks as events",
        "panel": "by `debug()`",
        "picker": "by a link of the element picker",
        "replay": "where the visitor is recorded",
    }
    return known.get(part, "when it is needed")


def _asked_for(chromium: Any) -> Report:
    report = Report("What pages ask Waypost for, as Chromium received it")
    report.add(
        "Each page once, with an empty cache, from `waypost serve` on loopback; bodies as they were sent, in gzip."
    )
    report.add()
    with waypost("") as served:
        nothing = _asked(chromium, served)
        rows = [["nothing to show, and nobody does anything", *_row(nothing)]]
        rows.append(["nothing to show, after a click", *_row(_asked(chromium, served, clicks=True))])
        rows += [[name, *_row(_asked(chromium, served, name))] for name in GUIDES]
    report.table(["page", "files", "bytes"], rows)
    report.at_most("files of a page with nothing to show", len(nothing), 1)
    return report


def _row(asked: dict[str, int]) -> list[str]:
    return [", ".join(asked), _kb(sum(asked.values()))]


def _asked(chromium: Any, served: Served, guide: str | None = None, *, clicks: bool = False) -> dict[str, int]:
    """By part, the bytes of its body."""
    page_html = f"<!doctype html><html lang=en><title>Page</title>{served.tag()}<h1>Page</h1>"
    page_html += "".join(f"<p id={name}>Text</p>" for name in ("dns-records", "import", "domain-name", "verify"))
    found: dict[str, int] = {}
    with site(page=lambda: page_html) as address:
        context = chromium.new_context()
        page = context.new_page()
        client = context.new_cdp_session(page)
        client.send("Network.enable")
        names: dict[str, str] = {}
        client.on("Network.responseReceived", lambda told: names.update({told["requestId"]: told["response"]["url"]}))

        def finished(told: dict[str, Any]) -> None:
            url = names.get(told["requestId"], "")
            if "/sdk/" in url:
                part = url.rpartition("/")[2].rpartition("-")[0] or "waypost"
                found[part] = packed(page.request.get(url).body())

        client.on("Network.loadingFinished", finished)
        page.goto(address + "/domains/verify")
        page.wait_for_function("() => window.waypost?.loaded")
        if clicks:
            page.locator("h1").click()
        if guide is not None:
            page.evaluate("(decision) => waypost.show(decision)", _decision(guide))
            page.locator("waypost-guide").first.wait_for(state="attached")
        page.wait_for_timeout(SETTLED_MS)
        context.close()
    return found


def _decision(widget: str) -> dict[str, Any]:
    shown = json.loads((WIDGETS / widget / "example.json").read_bytes())
    return {
        "id": widget,
        "guide": widget,
        "kind": widget,
        "variant": None,
        "wait": None,
        "priority": 50,
        "expires": None,
        "content": shown,
    }
