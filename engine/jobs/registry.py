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
from engine.guide_episodes import note_episodes
from engine.import_desk import ImportDesk
from engine.replay.settings import days_kept
from engine.service import Service
from engine.storage import guide_hours, lake_files, postgres_partitions
from engine.telling_hooks import wants_reviews
from engine.webhook_desk import WebhookDesk

if TYPE_CHECKING:
    from engine.analyst import Analyst
    from engine.couriers import Courier
    from engine.report_desk import ReportDesk

_log = logging.getLogger("waypost.jobs")

HOURS_KEPT: Final = Duration(90 * DAY)
"""How long the hourly counts of guides are kept."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a job is given. now: when it was begun. renew: to be called now and then by long work; False means: stop,
    somebody else has it. courier: brings what is told to addresses elsewhere.

    analyst: makes one, which takes half a second to import: for jobs that ask the lake. console: the address of the
    server, for links in messages. exports: makes what writes reports by schedule, which are known above the engine.
    """

    service: Service
    analyst: Callable[[], Analyst]
    now: Instant
    renew: Callable[[], bool]
    clock: Callable[[], Instant]
    courier: Courier
    console: str | None = None
    exports: Callable[[], ReportDesk] | None = None


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
    number = 0
    for project in errand.service.projects():
        alerts = errand.service.publications.alerts(project.id)
        for alert in alerts:
            _log.warning("project `%s`: %s", project.slug, alert.message)
        note_episodes(errand.service.database, project.id, alerts, errand.now)
        number += len(alerts)
    return f"{number} to look at" if number else None


def _look_at_figures(errand: Errand) -> str | None:
    from engine.step_alert_desk import StepAlertDesk  # noqa: PLC0415  (the analyses are heavy to import)

    desk = StepAlertDesk(errand.service.database)
    done = desk.look(errand.analyst, errand.service.rules_now, now=errand.now, renew=errand.renew)
    said = (
        f"{done.looks} figures looked at" if done.looks else "",
        f"{done.raised} raised" if done.raised else "",
        f"{done.resolved} resolved" if done.resolved else "",
    )
    return ", ".join(filter(None, said)) or None


def _tell_webhooks(errand: Errand) -> str | None:
    desk = WebhookDesk(errand.service.database, rules_of=errand.service.rules_now, console=errand.console)
    desk.note_what_happened(errand.now)
    taken, failed = desk.bring(errand.courier, clock=errand.clock, renew=errand.renew)
    said = (f"{taken} delivered" if taken else "", f"{failed} not taken" if failed else "")
    return ", ".join(filter(None, said)) or None


def _take_imports(errand: Errand) -> str | None:
    done = ImportDesk(errand.service.database).work(errand.service, clock=errand.clock, renew=errand.renew)
    return f"{done} files taken in" if done else None


def _fetch_sources(errand: Errand) -> str | None:
    from engine.fetching import Fetcher  # noqa: PLC0415  (only where there is something to fetch)
    from engine.scheduled.fetch import fetch_due  # noqa: PLC0415

    done, stopped = fetch_due(errand.service, Fetcher(errand.courier), clock=errand.clock, renew=errand.renew)
    said = (f"{done} fetched" if done else "", f"{stopped} turned off" if stopped else "")
    return ", ".join(filter(None, said)) or None


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


def _keep_replays(errand: Errand) -> str | None:
    from engine.replay.desk import ReplayDesk  # noqa: PLC0415  (what it asks with is heavy to import)

    desk, privacy, removed = ReplayDesk(errand.service.database), errand.service.privacy, 0
    for project in errand.service.projects():
        if not desk.has_any(project.id):
            continue
        days = days_kept(project.replay, events=privacy.retention_days(project.id))
        cut = Instant(errand.now - Duration(days * DAY))
        removed += desk.keep(project.id, cut, now=errand.now, renew=errand.renew)
        desk.settle(project.id, errand.service.rules_now(project.id))
    return f"{removed:,} recordings removed" if removed else None


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


def _write_exports(errand: Errand) -> str | None:
    if errand.exports is None:
        return None
    written, failed = errand.exports().work(errand.service, clock=errand.clock, renew=errand.renew)
    said = (f"{written} files written" if written else "", f"{failed} not" if failed else "")
    return ", ".join(filter(None, said)) or None


def _tell_reviews(errand: Errand) -> str | None:
    from engine.roadmap.planner import Planner  # noqa: PLC0415  (the analyses are heavy to import)
    from engine.roadmap.reviewing import Reviewer  # noqa: PLC0415
    from engine.roadmap.reviews_due import note_review  # noqa: PLC0415

    database = errand.service.database
    noted = 0
    for project in errand.service.projects():
        if wants_reviews(database, project.id):
            reviewer = Reviewer(Planner(database), errand.analyst())
            noted += note_review(database, project.id, reviewer, errand.service.rules_now(project.id), errand.now)
            errand.renew()
    return f"{noted} reviews told of" if noted else None


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
        "figures",
        Duration(5 * MINUTE),
        "Look once a day at the figures of steps that alerts watch.",
        _look_at_figures,
    ),
    Job(
        "webhooks",
        Duration(10 * SECOND),
        "Tell webhooks of what happened, and again where that failed.",
        _tell_webhooks,
    ),
    Job("imports", Duration(5 * SECOND), "Take in the files that were given to the console.", _take_imports),
    Job(
        "sources",
        Duration(10 * SECOND),
        "Fetch tickets and reviews from the scheduled sources whose time has come.",
        _fetch_sources,
    ),
    Job("erasures", Duration(HOUR), "Rewrite files that still hold people who were erased.", _finish_erasures),
    Job("retention", Duration(DAY), "Remove events that projects keep no longer.", _retain),
    Job(
        "replays",
        Duration(MINUTE),
        "Remove recordings of sessions that are over their time; find the steps of what went wrong in the newest.",
        _keep_replays,
    ),
    Job("maps", Duration(DAY), "Take the snapshots of journey maps for the quarter that is over.", _snap_maps),
    Job("exports", Duration(30 * SECOND), "Write the reports that are due by schedule.", _write_exports),
    Job("reviews", Duration(DAY), "Tell webhooks that a quarter is over and can be reviewed.", _tell_reviews),
    Job(
        "months",
        Duration(DAY),
        "Make the log's tables of the coming months, drop those that retention has emptied (PostgreSQL).",
        _keep_months,
    ),
    Job("counts", Duration(DAY), "Forget hourly counts of guides older than 90 days.", _forget_counts),
)
"""All jobs, in the order of the reference page."""
