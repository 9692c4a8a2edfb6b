"""Every background job, declared once: its name, how often, and what it does.

A newcomer adds a job by adding a function and a line to JOBS.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dsl.values import DAY, HOUR, MINUTE, SECOND, Duration, Instant
from engine.errors import StorageUnavailable
from engine.import_desk import ImportDesk
from engine.service import Service
from engine.storage import guide_hours, lake_files, postgres_partitions
from engine.webhook_desk import WebhookDesk

if TYPE_CHECKING:
    from engine.analyst import Analyst
    from engine.couriers import Courier

_log = logging.getLogger("waypost.jobs")

HOURS_KEPT: Final = Duration(90 * DAY)
"""How long the hourly counts of guides are kept."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a job is given. now: when it was begun. renew: to be called now and then by long work; False means: stop,
    somebody else has it. courier: brings what is told to addresses elsewhere.

    analyst: makes one, which takes half a second to import: for jobs that ask the lake.
    """

    service: Service
    analyst: Callable[[], Analyst]
    now: Instant
    renew: Callable[[], bool]
    clock: Callable[[], Instant]
    courier: Courier


@dataclass(frozen=True, slots=True)
class Job:
    """A background job. run: does it, and says in a few words what it did, or None for nothing worth a word."""

    name: str
    every: Duration
    doc: str
    run: Callable[[Errand], str | None]


def _sync_lakes(errand: Errand) -> str | None:
    analyst, copied = errand.analyst(), 0

    def note(rows: int) -> None:
        nonlocal copied
        copied += rows
        errand.renew()

    for project in errand.service.projects():
        analyst.sync(project.id, progress=note)
    lake_files.give_back()
    return f"{copied:,} events copied" if copied else None


def _watch_guides(errand: Errand) -> str | None:
    alerts = [
        (project.slug, alert)
        for project in errand.service.projects()
        for alert in errand.service.publications.alerts(project.id)
    ]
    for slug, alert in alerts:
        _log.warning("project `%s`: %s", slug, alert.message)
    WebhookDesk(errand.service.database).note_alerts(errand.service.publications, errand.now)
    return f"{len(alerts)} to look at" if alerts else None


def _tell_webhooks(errand: Errand) -> str | None:
    desk = WebhookDesk(errand.service.database)
    desk.note_what_happened(errand.now)
    taken, failed = desk.bring(errand.courier, clock=errand.clock, renew=errand.renew)
    said = (f"{taken} delivered" if taken else "", f"{failed} not taken" if failed else "")
    return ", ".join(filter(None, said)) or None


def _take_imports(errand: Errand) -> str | None:
    done = ImportDesk(errand.service.database).work(errand.service, clock=errand.clock, renew=errand.renew)
    return f"{done} files taken in" if done else None


def _forget_counts(errand: Errand) -> None:
    before = guide_hours.hour_of(Instant(errand.now - HOURS_KEPT))
    for project in errand.service.projects():
        with errand.service.database.writing() as connection:
            guide_hours.forget(connection, project.id, before=before)


def _finish_erasures(errand: Errand) -> str | None:
    files = errand.service.privacy.finish()
    return f"{files:,} files rewritten" if files else None


def _retain(errand: Errand) -> str | None:
    def note(_: int) -> None:
        errand.renew()

    removed = 0
    for project in errand.service.projects():
        done = errand.service.privacy.retain(project.id, errand.now, progress=note)
        removed += done.events
    return f"{removed:,} events folded into snapshots" if removed else None


def _snap_maps(errand: Errand) -> str | None:
    from engine.mapping.cartographer import Cartographer  # noqa: PLC0415
    from engine.mapping.quarters import take_due  # noqa: PLC0415
    from engine.roadmap.planner import Planner  # noqa: PLC0415

    database = errand.service.database
    maps = Cartographer(database, Planner(database), errand.analyst())
    taken = sum(
        take_due(maps, project.id, errand.service.rules_now(project.id), renew=errand.renew)
        for project in errand.service.projects()
    )
    return f"{taken} snapshots of maps" if taken else None


def _keep_months(errand: Errand) -> str | None:
    database = errand.service.database
    with database.writing() as connection:
        made = postgres_partitions.make_ahead(connection, now=errand.now)
    try:
        with database.writing() as connection:
            dropped = postgres_partitions.drop_empty(connection, now=errand.now)
    except StorageUnavailable:
        # The log is much in use; tomorrow is early enough.
        dropped = []
    did = (f"made {', '.join(made)}" if made else "", f"dropped {', '.join(dropped)}" if dropped else "")
    return "; ".join(filter(None, did)) or None


JOBS: Final = (
    Job("lake", Duration(MINUTE), "Copy new events into the files that analyses read.", _sync_lakes),
    Job("alerts", Duration(HOUR), "Look for missing targets and collapsed shows, and log them.", _watch_guides),
    Job(
        "webhooks",
        Duration(10 * SECOND),
        "Tell webhooks of what happened, and again where that failed.",
        _tell_webhooks,
    ),
    Job("imports", Duration(5 * SECOND), "Take in the files that were given to the console.", _take_imports),
    Job("erasures", Duration(HOUR), "Rewrite files that still hold people who were erased.", _finish_erasures),
    Job("retention", Duration(DAY), "Remove events that projects keep no longer.", _retain),
    Job("maps", Duration(DAY), "Take the snapshots of journey maps for the quarter that is over.", _snap_maps),
    Job(
        "months",
        Duration(DAY),
        "Make the log's tables of the coming months, drop those that retention has emptied (PostgreSQL).",
        _keep_months,
    ),
    Job("counts", Duration(DAY), "Forget hourly counts of guides older than 90 days.", _forget_counts),
)
"""All jobs, in the order of the reference page."""
