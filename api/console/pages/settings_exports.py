"""Exports: which reports are written to files by schedule, and what became of each run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from api.console.desk import Desk
from api.console.registry import Group, Page
from api.console.turning import turned
from api.exporting import file_sent, report_desk
from api.problems import MissingScope
from api.reports import REPORTS
from api.serving import serving
from dsl.labels import label_of
from engine.permissions import Scope
from engine.report_schedules import Every, FileForm, RunState, words_of

PER_PAGE: Final = 30
TONES: Final = {RunState.DONE: "good", RunState.FAILED: "bad"}
MENU: Final = ("events", "kpis", "opportunities", "evidence")
"""Reports that need nothing more to be said."""


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What the page shows, or the file that a run wrote: here, where the address says of which project."""
    here, project = serving(), desk.project
    exports = report_desk(desk.service.database, here.settings)
    if (run := desk.number("file", digits=15)) is not None:
        if not desk.may(Scope.PEOPLE_READ):
            raise MissingScope(
                f"your role in this project does not allow `{Scope.PEOPLE_READ}`; an admin can give you another one"
            )
        return file_sent(exports.file_of(project.id, run, project.slug))
    before = desk.number("before", digits=15)
    runs = exports.runs(project.id, before=before, limit=PER_PAGE + 1)
    shown, turning = turned(desk, runs, PER_PAGE, before=before)
    schedules = exports.schedules(project.id)
    return {
        "schedules": [(each, words_of(each.wanted)) for each in schedules],
        "names": {each.id: each.wanted.name for each in schedules},
        "labels": {name: each.label for name, each in REPORTS.items()},
        "free": {name: REPORTS[name].label for name in MENU},
        "of_journeys": {name: each.label for name, each in REPORTS.items() if each.of == "journey"},
        "journeys": {name: label_of(each) for name, each in desk.rules.project.journeys.items()},
        "forms": {each.value: each.value.upper() for each in FileForm},
        "often": {Every.DAY.value: "every day", Every.WEEK.value: "every week", Every.MONTH.value: "every month"},
        "runs": shown,
        "tones": TONES,
        "is_waiting": before is None and any(each.next_try is not None for each in shown),
        **turning,
        "is_off": here.settings.exports_dir is None,
        "zone": project.zone,
        "may_write": desk.may(Scope.SETTINGS_WRITE),
        "may_read": desk.may(Scope.PEOPLE_READ),
    }


PAGE = Page(
    "settings_exports",
    "settings/exports",
    "Exports",
    "Write reports to files by schedule.",
    Group.SETTINGS,
    Scope.SETTINGS_READ,
    view,
)
