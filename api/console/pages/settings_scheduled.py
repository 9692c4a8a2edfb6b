"""Scheduled imports: from where tickets and reviews are fetched, and what became of each run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.registry import Group, Page
from api.console.turning import turned
from api.scheduled import scheduled_desk, seen_by
from engine.permissions import Scope
from engine.scheduled.facts import RUN_COLUMNS, Every, SourceRunState, run_row
from engine.scheduled.kinds import kinds
from engine.stages import place_labels_in_full

PER_PAGE: Final = 30
TONES: Final = {SourceRunState.DONE: "good", SourceRunState.FAILED: "bad"}


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What the page shows, or the runs of a source as a file."""
    sources, project = scheduled_desk(), desk.project.id
    found = [seen_by(desk.caller, each) for each in sources.sources(project)]
    said = desk.said.get("source", "")
    chosen = next((each for each in found if str(each.id) == said), found[0] if found else None)
    if desk.said.get("format") == "csv" and chosen is not None:
        rows = [run_row(each) for each in sources.runs(project, chosen.id, limit=None)]
        return as_file(rows, list(RUN_COLUMNS), "csv", name=f"source-{chosen.id}-runs")
    before = desk.number("before", digits=15)
    runs = [] if chosen is None else sources.runs(project, chosen.id, before=before, limit=PER_PAGE + 1)
    shown, turning = turned(desk, runs, PER_PAGE, before=before)
    last = sources.last_runs(project)
    return {
        "sources": found,
        "chosen": chosen,
        "kinds": kinds(),
        "last": last,
        "runs": shown,
        "tones": TONES,
        "every": {Every.HOURLY.value: "every hour", Every.DAILY.value: "every day"},
        "places": {"": "no step"} | place_labels_in_full(desk.rules.project),
        "goes_on": before is None
        and any(
            (run := last.get(each.id)) is None or run.state is SourceRunState.RUNNING for each in found if each.is_on
        ),
        **turning,
        "may_write": desk.may(Scope.SETTINGS_WRITE),
    }


PAGE = Page(
    "settings_scheduled",
    "settings/scheduled",
    "Scheduled imports",
    "Fetch support tickets and app reviews by themselves.",
    Group.SETTINGS,
    Scope.SETTINGS_READ,
    view,
)
