"""How requests and commands reach the reports by schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.config import Settings
from api.reports import FileReports
from engine.report_desk import Place, ReportDesk

if TYPE_CHECKING:
    from engine.storage.store import Database


def report_desk(database: Database, settings: Settings) -> ReportDesk:
    """The exports of a database, with what the settings allow."""
    return ReportDesk(database, Place(settings.exports_dir), FileReports(settings))
