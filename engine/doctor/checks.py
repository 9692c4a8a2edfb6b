"""Every check of the doctor, declared once. Each reads only, and says what it found in its own words.

A newcomer adds a check by adding a function and a line to CHECKS.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from dsl.diagnostics import Severity
from dsl.values import DAY, HOUR, MINUTE, Instant, format_instant
from engine.doctor.findings import Finding, fault, good, warning
from engine.errors import WaypostError
from engine.jobs.registry import JOBS
from engine.replies import KeyKind, ProjectView
from engine.service import Service
from engine.storage import checks, copies, leases

_FULL: Final = 0.05
"""Share of free space below which a disk is nearly full."""
_LATE: Final = 15 * MINUTE
"""By how much a job may be late."""
_OLD_BACKUP: Final = 8 * DAY
_LARGE_WAL: Final = 512 * 1024 * 1024
_SKEW: Final = 5_000_000
"""Microseconds by which two clocks may differ."""
_MOST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at. file: the database's file; None for a server."""

    service: Service
    data_dir: Path
    file: Path | None
    now: Instant


Check = Callable[[Patient], Iterable[Finding]]


def _disk(patient: Patient) -> Iterator[Finding]:
    usage = shutil.disk_usage(patient.data_dir)
    free = f"{usage.free / 1e9:,.1f} GB of {usage.total / 1e9:,.1f} GB are free in {patient.data_dir}"
    if usage.free / usage.total < _FULL:
        yield fault("disk", free, "make room: when the disk is full, no event can be taken in")
    else:
        yield good("disk", free)


def _file(patient: Patient) -> Iterator[Finding]:
    with patient.service.database.reading() as connection:
        faults = checks.faults_of_file(connection)
    for each in faults[:_MOST_SHOWN]:
        yield fault("database", each, "stop the server and restore the last backup: `waypost restore`")
    if not faults:
        yield good("database", "the database is whole")
    if patient.file is not None and _is_open_to_others(patient.file):
        yield warning(
            "database",
            f"everybody on this machine may read {patient.file}, and what is known of people with it",
            f"close the folder: `chmod 700 {patient.file.parent}`",
        )
    log = None if patient.file is None else patient.file.with_name(patient.file.name + "-wal")
    if log is not None and log.is_file() and log.stat().st_size > _LARGE_WAL:
        yield warning(
            "database",
            f"the write-ahead log has grown to {log.stat().st_size / 1e6:,.0f} MB",
            "something has been reading for very long: end it, and the log shrinks by itself",
        )


def _is_open_to_others(file: Path) -> bool:
    return bool(file.stat().st_mode & 0o004 and file.parent.stat().st_mode & 0o001)


def _clock(patient: Patient) -> Iterator[Finding]:
    """Only where the database has a clock of its own."""
    if patient.file is not None:
        return
    with patient.service.database.reading() as connection:
        seconds = connection.execute(sa.text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one()
    skew = abs(int(seconds * 1_000_000) - patient.now)
    if skew > _SKEW:
        yield warning(
            "clock",
            f"the clocks of this machine and of the database differ by {skew / 1e6:.0f} seconds",
            "let both follow the same time servers (NTP): leases and windows are read off them",
        )
    else:
        yield good("clock", "this machine and the database agree on the time")


def _jobs(patient: Patient) -> Iterator[Finding]:
    with patient.service.database.reading() as connection:
        known = {state.name: state for state in leases.states(connection)}
    ill = False
    for job in JOBS:
        state = known.get(job.name)
        if state is None or state.started is None:
            ill = True
            yield warning("jobs", f"`{job.name}` never ran", "start `waypost serve` or `waypost worker`")
        elif state.error is not None:
            ill = True
            yield fault("jobs", f"`{job.name}` failed: {state.error}", "the log of the worker has the whole message")
        elif patient.now - state.due > _LATE and state.holder is None:
            ill = True
            late = (patient.now - state.due) / HOUR
            yield warning("jobs", f"`{job.name}` is {late:.1f} hours late", "is a `waypost worker` running?")
    if not ill:
        yield good("jobs", f"all {len(JOBS)} background jobs ran in time")


def _backups(patient: Patient) -> Iterator[Finding]:
    with patient.service.database.reading() as connection:
        made = [
            copy.made
            for project in patient.service.projects()[:1]
            for copy in copies.of_project(connection, project.id)
            if copy.kind is copies.CopyKind.BACKUP and copy.removed is None
        ]
    if not made:
        yield warning("backups", "no backup was ever made with `waypost backup`", "make one regularly, and try it once")
    elif patient.now - max(made) > _OLD_BACKUP:
        yield warning("backups", f"the last backup is of {format_instant(max(made))}", "make one regularly")
    else:
        yield good("backups", f"the last backup is of {format_instant(max(made))}")


def _projects(patient: Patient) -> Iterator[Finding]:
    projects = patient.service.projects()
    if not projects:
        yield warning("projects", "there is no project yet", "`waypost serve` makes one, or `waypost project add`")
    for project in projects:
        yield from _keys(patient, project)
        yield from _rules(patient, project)
        yield from _values(patient, project)
        yield from _alerts(patient, project)


def _keys(patient: Patient, project: ProjectView) -> Iterator[Finding]:
    living = [key for key in patient.service.tenancy.keys([project.id]) if key.revoked is None]
    public = [key for key in living if key.kind is KeyKind.PUBLIC]
    if not public:
        yield warning(
            "keys", "no public key: no page can send events", "`waypost keys create --public`", project=project.slug
        )
    elif not project.allowed_origins:
        yield warning(
            "keys",
            "no web origin is allowed: only pages of this server's own origin may use the public key",
            "`waypost keys allow https://app.example.com`",
            project=project.slug,
        )
    else:
        yield good("keys", f"{len(living)} keys, {len(project.allowed_origins)} allowed origins", project=project.slug)


def _rules(patient: Patient, project: ProjectView) -> Iterator[Finding]:
    rules = patient.service.publications
    files = rules.files(project.id)
    if files is None:
        yield warning("rules", "no rules are published", "`waypost push rules/`", project=project.slug)
        return
    found = rules.check(project.id, files).diagnostics
    errors = [each for each in found if each.severity is Severity.ERROR]
    for each in errors[:_MOST_SHOWN]:
        yield fault(
            "rules",
            f"{each.span.file}:{each.span.line}: {each.message}",
            each.help or "mend it and publish again: until then the last good rules decide",
            project=project.slug,
        )
    if rules.is_stopped(project.id):
        yield warning(
            "rules", "all guidance is stopped", "`PUT /api/v1/rules/stopped` lets it go on", project=project.slug
        )
    elif not errors:
        warnings = len(found)
        more = f", {warnings} warnings; `waypost check` shows them" if warnings else ""
        yield good("rules", f"the rules in force have no errors{more}", project=project.slug)


def _values(patient: Patient, project: ProjectView) -> Iterator[Finding]:
    found = patient.service.unreadable_values(project.id)
    for each in found[:_MOST_SHOWN]:
        yield warning(
            "values",
            str(each),
            "conditions on it are unknown for these: send the type that is declared, or declare what is sent",
            project=project.slug,
        )
    if len(found) > _MOST_SHOWN:
        yield warning(
            "values", f"and {len(found) - _MOST_SHOWN} more such places", "mend the first ones", project=project.slug
        )
    if not found:
        yield good("values", "every value that came can be read as declared", project=project.slug)


def _alerts(patient: Patient, project: ProjectView) -> Iterator[Finding]:
    for alert in patient.service.publications.alerts(project.id):
        yield warning("guides", alert.message, "see `waypost alerts`", project=project.slug)


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("disk", _disk),
    ("database", _file),
    ("clock", _clock),
    ("jobs", _jobs),
    ("backups", _backups),
    ("projects", _projects),
)
"""All checks, in the order in which they are told."""


def examine(patient: Patient) -> Iterator[Finding]:
    """Everything that is found; a check that fails is itself a fault, and the others go on."""
    for name, check in CHECKS:
        try:
            yield from check(patient)
        except (WaypostError, OSError) as error:
            yield fault(name, f"could not be looked at: {error}", "see whether the database answers: `/readyz`")
