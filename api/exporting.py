"""How requests and commands reach the reports by schedule."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response, send_file

from api import tables
from api.config import Settings
from api.reports import FileReports
from engine.report_desk import Place, ReportDesk

if TYPE_CHECKING:
    from engine.storage.store import Database


def report_desk(database: Database, settings: Settings) -> ReportDesk:
    """The exports of a database, with what the settings allow."""
    return ReportDesk(database, Place(settings.exports_dir), FileReports(settings))


def file_sent(path: Path) -> Response:
    """A file that a run wrote, as it is downloaded."""
    kind = tables.CSV if path.suffix == ".csv" else tables.PARQUET
    return send_file(path.absolute(), mimetype=kind, as_attachment=True, download_name=path.name)
