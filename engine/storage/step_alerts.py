"""Alerts on steps and what became of them, in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Duration, Instant
from engine.analytics.intervals import Interval
from engine.analytics.period_changes import Sample
from engine.step_alerts import Direction, Ending, Look, Metric, Raised, Watch, Windows
from engine.storage import base, step_alert_tables

_ALERT = base.table(step_alert_tables.StepAlert)
_EPISODE = base.table(step_alert_tables.AlertEpisode)


@dataclass(frozen=True, slots=True)
class StepAlert:
    """A figure that is watched. looked: the day of the last look; look: what was found then. raised: since when."""

    id: int
    project_id: int
    watch: Watch
    note: str
    is_on: bool
    revision: int
    created: Instant
    looked: Instant | None
    look: Look | None
    raised: Instant | None = None


@dataclass(frozen=True, slots=True)
class Episode:
    """An alert from when it was raised until it was over. said: what was told when it was raised; told: at the end."""

    id: int
    alert_id: int | None
    subject: str
    raised: Instant
    said: Mapping[str, Any]
    calm: int
    seen: Instant
    resolved: Instant | None
    ending: Ending | None
    told: str | None
    baseline: Sample | None

    @property
    def state(self) -> Raised:
        """As it is judged whether it is over."""
        return Raised(self.raised, self.said["difference"], self.baseline or Sample({}), self.calm)


def alerts_of(connection: Connection, project_id: int) -> list[StepAlert]:
    """The alerts of a project, oldest first."""
    statement = sa.select(_ALERT).where(_ALERT.c.project_id == project_id).order_by(_ALERT.c.id)
    return _with_raised(connection, list(map(_read_alert, connection.execute(statement))))


def due(connection: Connection, *, today: Instant) -> list[StepAlert]:
    """Those of all projects that are on and were not looked at today."""
    is_due = sa.or_(_ALERT.c.looked.is_(None), _ALERT.c.looked < today)
    statement = sa.select(_ALERT).where(_ALERT.c.is_on, is_due).order_by(_ALERT.c.id)
    return list(map(_read_alert, connection.execute(statement)))


def add(connection: Connection, project_id: int, watch: Watch, *, note: str, at: Instant) -> StepAlert:
    """A new alert, which is on."""
    values = {"project_id": project_id, **_columns(watch), "note": note, "is_on": True, "revision": 1, "created": at}
    return _read_alert(connection.execute(sa.insert(_ALERT).values(values).returning(*_ALERT.c)).one())


def change(
    connection: Connection, found: StepAlert, watch: Watch, *, note: str, is_on: bool, begins_anew: bool
) -> bool:
    """Change an alert as it was at its revision; False where it is another one by now. begins_anew: forget the last
    look, which was at something else.
    """
    values = {**_columns(watch), "note": note, "is_on": is_on, "revision": found.revision + 1}
    if begins_anew:
        values |= {"looked": None, "look": None}
    own = (_ALERT.c.id == found.id, _ALERT.c.revision == found.revision)
    return connection.execute(sa.update(_ALERT).where(*own).values(values)).rowcount == 1


def remove(connection: Connection, number: int) -> None:
    """Remove an alert with all that became of it."""
    connection.execute(sa.delete(_ALERT).where(_ALERT.c.id == number))
    connection.execute(sa.delete(_EPISODE).where(_EPISODE.c.alert_id == number))


def note_look(connection: Connection, found: StepAlert, look: Look, *, today: Instant) -> bool:
    """Note what was found today; False where somebody else looked meanwhile, or changed what is watched."""
    is_mine = sa.and_(
        _ALERT.c.id == found.id,
        _ALERT.c.revision == found.revision,
        _ALERT.c.is_on,
        sa.or_(_ALERT.c.looked.is_(None), _ALERT.c.looked < today),
    )
    values = {"looked": today, "look": orjson.dumps(_look_document(look)).decode()}
    return connection.execute(sa.update(_ALERT).where(is_mine).values(values)).rowcount == 1


def open_episode(connection: Connection, alert_id: int) -> Episode | None:
    """What is raised of an alert on a step."""
    statement = sa.select(_EPISODE).where(_EPISODE.c.alert_id == alert_id, _EPISODE.c.resolved.is_(None))
    row = connection.execute(statement.order_by(_EPISODE.c.id).limit(1)).one_or_none()
    return None if row is None else _read_episode(row)


def open_of_guides(connection: Connection, project_id: int) -> list[Episode]:
    """What is raised of guides."""
    own = (_EPISODE.c.project_id == project_id, _EPISODE.c.alert_id.is_(None), _EPISODE.c.resolved.is_(None))
    return list(map(_read_episode, connection.execute(sa.select(_EPISODE).where(*own).order_by(_EPISODE.c.id))))


def raise_(
    connection: Connection,
    project_id: int,
    *,
    alert_id: int | None,
    subject: str,
    said: Mapping[str, Any],
    baseline: Sample | None,
    at: Instant,
) -> int:
    """Begin an episode; its number."""
    pairs = None if baseline is None else orjson.dumps(sorted(baseline.numbers.items())).decode()
    values = {
        "project_id": project_id,
        "alert_id": alert_id,
        "subject": subject,
        "raised": at,
        "said": orjson.dumps(said).decode(),
        "baseline": pairs,
        "calm": 0,
        "seen": at,
    }
    number: int = connection.execute(sa.insert(_EPISODE).values(values).returning(_EPISODE.c.id)).scalar_one()
    return number


def note_still(connection: Connection, number: int, *, calm: int, seen: Instant | None) -> None:
    """Note for how many looks a raised alert was back, and when it was last the case."""
    values: dict[str, Any] = {"calm": calm}
    if seen is not None:
        values["seen"] = seen
    connection.execute(sa.update(_EPISODE).where(_EPISODE.c.id == number).values(values))


def resolve(connection: Connection, number: int, *, ending: Ending, told: str, at: Instant) -> None:
    """End an episode."""
    values = {"resolved": at, "ending": ending.value, "told": told}
    connection.execute(sa.update(_EPISODE).where(_EPISODE.c.id == number).values(values))


def history_of(
    connection: Connection, project_id: int, *, alert_id: int | None, before: int | None, limit: int
) -> list[Episode]:
    """What was raised of a project's steps, or of one alert, the latest first."""
    statement = sa.select(_EPISODE).where(_EPISODE.c.project_id == project_id, _EPISODE.c.alert_id.is_not(None))
    if alert_id is not None:
        statement = statement.where(_EPISODE.c.alert_id == alert_id)
    if before is not None:
        statement = statement.where(_EPISODE.c.id < before)
    rows = connection.execute(statement.order_by(_EPISODE.c.id.desc()).limit(limit))
    return list(map(_read_episode, rows))


def _with_raised(connection: Connection, found: list[StepAlert]) -> list[StepAlert]:
    statement = sa.select(_EPISODE.c.alert_id, _EPISODE.c.raised).where(
        _EPISODE.c.alert_id.in_([each.id for each in found]), _EPISODE.c.resolved.is_(None)
    )
    since = {number: Instant(at) for number, at in connection.execute(statement)}
    return [replace(each, raised=since.get(each.id)) for each in found]


def _columns(watch: Watch) -> dict[str, Any]:
    return {
        "metric": watch.metric.value,
        "journey": watch.journey,
        "step": watch.step,
        "persona": watch.persona,
        "direction": watch.direction.value,
        "at_least": watch.at_least,
        "recent_days": watch.recent_days,
        "before_days": watch.before_days,
        "within": watch.within,
    }


def _read_alert(row: sa.Row[Any]) -> StepAlert:
    return StepAlert(
        id=row.id,
        project_id=row.project_id,
        watch=Watch(
            metric=Metric(row.metric),
            journey=row.journey,
            step=row.step,
            persona=row.persona,
            direction=Direction(row.direction),
            at_least=row.at_least,
            recent_days=row.recent_days,
            before_days=row.before_days,
            within=None if row.within is None else Duration(row.within),
        ),
        note=row.note,
        is_on=row.is_on,
        revision=row.revision,
        created=Instant(row.created),
        looked=None if row.looked is None else Instant(row.looked),
        look=None if row.look is None else _read_look(orjson.loads(row.look)),
    )


def _read_episode(row: sa.Row[Any]) -> Episode:
    return Episode(
        id=row.id,
        alert_id=row.alert_id,
        subject=row.subject,
        raised=Instant(row.raised),
        said=orjson.loads(row.said),
        calm=row.calm,
        seen=Instant(row.seen),
        resolved=None if row.resolved is None else Instant(row.resolved),
        ending=None if row.ending is None else Ending(row.ending),
        told=row.told,
        baseline=None if row.baseline is None else Sample(dict(map(tuple, orjson.loads(row.baseline)))),
    )


def _look_document(look: Look) -> dict[str, Any]:
    windows, interval = look.windows, look.interval
    return {
        "at": look.at,
        "windows": None if windows is None else [windows.before, windows.since, windows.until],
        "recent": look.recent,
        "before": look.before,
        "n": look.n,
        "n_before": look.n_before,
        "interval": None if interval is None else [interval.low, interval.high],
        "problem": look.problem,
    }


def _read_look(told: Mapping[str, Any]) -> Look:
    windows, interval = told["windows"], told["interval"]
    return Look(
        at=Instant(told["at"]),
        windows=None if windows is None else Windows(*map(Instant, windows)),
        recent=told["recent"],
        before=told["before"],
        n=told["n"],
        n_before=told["n_before"],
        interval=None if interval is None else Interval(*interval),
        problem=told["problem"],
    )
