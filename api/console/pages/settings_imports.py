"""Where events come from, and histories that are taken in from elsewhere, with their progress."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.registry import Group, Page
from api.imports import import_desk
from engine.analytics.seen_counts import SourceCount
from engine.catalog_view import shown_by_data
from engine.import_runs import LARGEST, PART_SIZE, SKIPPED_COLUMNS, NoSuchImport, RunState, skipped_rows, titles
from engine.imports.csv_rows import TARGETS
from engine.permissions import Scope

TONES = {RunState.DONE: "good", RunState.FAILED: "bad"}
SHOWN = 50


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What the page shows."""
    imports, project = import_desk(), desk.project.id
    may_write = desk.may(Scope.EVENTS_WRITE)
    number = desk.number("import") if may_write else None
    skipped = []
    if number is not None:
        try:
            skipped = imports.skipped(project, number)
        except NoSuchImport:
            number = None
        if desk.said.get("format") == "csv":
            return as_file(skipped_rows(skipped), list(SKIPPED_COLUMNS), "csv", name=f"skipped-{number}")
    runs = imports.runs(project)
    counts = shown_by_data(
        desk.analyst, project, desk.rules, everyone=desk.everyone, with_simulated=desk.with_simulated
    ).counts
    return {
        "sources": [(called(each), each.count) for each in counts.sources],
        "runs": runs,
        "titles": titles(),
        "tones": TONES,
        "goes_on": any(each.state in {RunState.WAITING, RunState.RUNNING} for each in runs),
        "part_size": PART_SIZE,
        "largest": LARGEST,
        "targets": {target.value: meaning for target, meaning in TARGETS.items()},
        "mappings": imports.mappings(project) if may_write else (),
        "number": number,
        "skipped": skipped[:SHOWN],
        "skipped_more": max(0, len(skipped) - SHOWN),
        "may_write": may_write,
    }


def called(source: SourceCount) -> str:
    """What people call a kind of source."""
    if source.simulated:
        return f"Simulated people, {'web pages' if source.from_pages else 'on the server'}"
    return "Web pages" if source.from_pages else "Servers and imports"


PAGE = Page(
    "settings_imports",
    "settings/sources",
    "Sources",
    "Where events come from; histories from elsewhere.",
    Group.SETTINGS,
    Scope.SETTINGS_READ,
    view,
)
