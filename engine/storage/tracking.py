"""Tracking plans and what did not fit them, as they are stored; what fits is decided in `engine.tracking`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant, JsonValue
from engine.storage import tables
from engine.tracking.plans import Mode, Observed
from engine.tracking.reports import PlanSample, PlanVersion, PlanViolations

PLACES_LIMIT: Final = 1_000
"""Places of a project at which violations are counted apart; further ones are counted together."""
SAMPLES_LIMIT: Final = 3
"""Samples that are kept of one place: the latest."""
OTHER: Final = "(other)"
"""The event and path under which all is counted beyond the limit."""

_PROJECT = tables.table(tables.Project)
_PLAN = tables.table(tables.TrackingPlan)
_VIOLATION = tables.table(tables.PlanViolation)
_PLACE = (_VIOLATION.c.event, _VIOLATION.c.path, _VIOLATION.c.rule)

Place = tuple[str, str, str]
"""Event, path and rule."""


@dataclass(slots=True)
class _Tally:
    warned: int = 0
    blocked: int = 0
    samples: list[dict[str, JsonValue]] = field(default_factory=list)


def newest(connection: Connection, project_id: int) -> tuple[PlanVersion, dict[str, JsonValue]] | None:
    """The plan in force with its document; None where none was ever published."""
    statement = sa.select(_PLAN).where(_PLAN.c.project_id == project_id).order_by(_PLAN.c.version.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    return PlanVersion(row.version, Instant(row.published), row.by, row.note), orjson.loads(row.document)


def version_of(connection: Connection, project_id: int) -> int:
    """The number of the plan in force; 0 where there is none."""
    statement = sa.select(sa.func.max(_PLAN.c.version)).where(_PLAN.c.project_id == project_id)
    return connection.execute(statement).scalar() or 0


def add(
    connection: Connection, project_id: int, document: dict[str, JsonValue], *, at: Instant, by: str, note: str
) -> PlanVersion:
    """Put a plan in force as the next version; one that is in force already stays what it is."""
    # The project's row is locked, so that two publications never take one number.
    connection.execute(sa.select(_PROJECT.c.id).where(_PROJECT.c.id == project_id).with_for_update()).one()
    current = newest(connection, project_id)
    if current is not None and current[1] == document:
        return current[0]
    version = PlanVersion(1 if current is None else current[0].version + 1, at, by, note)
    connection.execute(
        sa.insert(_PLAN).values(
            project_id=project_id,
            version=version.version,
            document=orjson.dumps(document).decode(),
            published=at,
            by=by,
            note=note,
        )
    )
    return version


def take_in(connection: Connection, project_id: int, observed: Sequence[Observed], *, at: Instant) -> None:
    """Count violations. In one order for all, so that two processes never wait for each other."""
    if not observed:
        return
    tallies: dict[Place, _Tally] = {}
    for each in observed:
        violation = each.violation
        tally = tallies.setdefault((violation.event, violation.place, violation.rule), _Tally())
        if violation.mode is Mode.BLOCK:
            tally.blocked += 1
        else:
            tally.warned += 1
        sample: dict[str, JsonValue] = {"message_id": each.message_id, "received": at, "found": violation.found}
        tally.samples = [sample, *tally.samples][:SAMPLES_LIMIT]
    known = _known(connection, project_id, sorted({event for event, _, _ in tallies}))
    if not tallies.keys() <= known.keys():
        tallies = _within_limit(connection, project_id, tallies, known.keys())
        known |= _known(connection, project_id, [OTHER])
    rows = [_to_row(project_id, place, tallies[place], known.get(place, []), at=at) for place in sorted(tallies)]
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(_VIOLATION)
    changed = {
        "warned": _VIOLATION.c.warned + statement.excluded.warned,
        "blocked": _VIOLATION.c.blocked + statement.excluded.blocked,
        "last": statement.excluded.last,
        "samples": statement.excluded.samples,
    }
    places = ["project_id", *(column.name for column in _PLACE)]
    connection.execute(statement.on_conflict_do_update(index_elements=places, set_=changed), rows)


def violations(
    connection: Connection, project_id: int, *, event: str | None, after: Place | None, limit: int
) -> list[PlanViolations]:
    """What did not fit, by event, path and rule; of one event, or after a place."""
    statement = sa.select(_VIOLATION).where(_VIOLATION.c.project_id == project_id)
    if event is not None:
        statement = statement.where(_VIOLATION.c.event == event)
    if after is not None:
        statement = statement.where(sa.tuple_(*_PLACE) > sa.tuple_(*map(sa.literal, after)))
    return [_read(row) for row in connection.execute(statement.order_by(*_PLACE).limit(limit))]


def refused_since(connection: Connection, project_id: int, since: Instant, *, limit: int) -> list[PlanViolations]:
    """The places at which events were refused, and something did not fit after an instant, the latest first."""
    statement = sa.select(_VIOLATION).where(
        _VIOLATION.c.project_id == project_id, _VIOLATION.c.blocked > 0, _VIOLATION.c.last > since
    )
    return [_read(row) for row in connection.execute(statement.order_by(_VIOLATION.c.last.desc()).limit(limit))]


def forget(connection: Connection, project_id: int) -> int:
    """Count from nothing again; how many places there were."""
    return connection.execute(sa.delete(_VIOLATION).where(_VIOLATION.c.project_id == project_id)).rowcount


def _known(connection: Connection, project_id: int, events: Iterable[str]) -> dict[Place, list[dict[str, JsonValue]]]:
    statement = sa.select(*_PLACE, _VIOLATION.c.samples).where(
        _VIOLATION.c.project_id == project_id, _VIOLATION.c.event.in_(list(events))
    )
    rows = connection.execute(statement)
    return {(row.event, row.path, row.rule): orjson.loads(row.samples) for row in rows}


def _within_limit(
    connection: Connection, project_id: int, tallies: dict[Place, _Tally], known: Iterable[Place]
) -> dict[Place, _Tally]:
    """The same, with places beyond the limit counted together."""
    counted = sa.select(sa.func.count()).select_from(_VIOLATION).where(_VIOLATION.c.project_id == project_id)
    left = PLACES_LIMIT - connection.execute(counted).scalar_one()
    kept: dict[Place, _Tally] = {}
    here = set(known)
    for place, tally in tallies.items():
        if place not in here:
            left -= 1
        if place in here or left >= 0:
            kept[place] = tally
            continue
        other = kept.setdefault((OTHER, OTHER, place[2]), _Tally())
        other.warned += tally.warned
        other.blocked += tally.blocked
        other.samples = (tally.samples + other.samples)[:SAMPLES_LIMIT]
    return kept


def _to_row(
    project_id: int, place: Place, tally: _Tally, before: list[dict[str, JsonValue]], *, at: Instant
) -> dict[str, Any]:
    return {
        "project_id": project_id,
        "event": place[0],
        "path": place[1],
        "rule": place[2],
        "warned": tally.warned,
        "blocked": tally.blocked,
        "first": at,
        "last": at,
        "samples": orjson.dumps([*tally.samples, *before][:SAMPLES_LIMIT]).decode(),
    }


def _read(row: sa.Row[Any]) -> PlanViolations:
    return PlanViolations(
        event=row.event,
        path=row.path,
        rule=row.rule,
        warned=row.warned,
        blocked=row.blocked,
        first=Instant(row.first),
        last=Instant(row.last),
        samples=tuple(
            PlanSample(each["message_id"], Instant(each["received"]), each["found"])
            for each in orjson.loads(row.samples)
        ),
    )
