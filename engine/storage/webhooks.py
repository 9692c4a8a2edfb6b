"""Webhooks and what became of each delivery, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant, JsonValue
from engine.events import GuideEvent
from engine.storage import base, postgres_numbers, tables, webhook_tables
from engine.webhooks import Delivery, DeliveryState, Hook, HookKind

_HOOK = base.table(webhook_tables.Webhook)
_DELIVERY = base.table(webhook_tables.WebhookDelivery)
_EVENT = tables.table(tables.Event)
_RULES = tables.table(tables.RuleSetVersion)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to try now, with all that it takes."""

    id: int
    project_id: int
    webhook_id: int
    kind: HookKind
    about: Mapping[str, JsonValue]
    created: Instant
    tries: int
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Place:
    """How far a webhook was told."""

    hook: Hook
    project_id: int
    answers_after: int
    versions_after: int


def hooks_of(connection: Connection, project_id: int) -> tuple[Hook, ...]:
    """The webhooks of a project, oldest first."""
    statement = sa.select(_HOOK).where(_HOOK.c.project_id == project_id).order_by(_HOOK.c.id)
    return tuple(map(_read_hook, connection.execute(statement)))


def places(connection: Connection) -> list[Place]:
    """Every webhook that is on, of all projects."""
    rows = connection.execute(sa.select(_HOOK).where(_HOOK.c.is_on).order_by(_HOOK.c.id))
    return [Place(_read_hook(row), row.project_id, row.answers_after, row.versions_after) for row in rows]


def add_hook(
    connection: Connection,
    project_id: int,
    *,
    url: str,
    kinds: Sequence[HookKind],
    note: str,
    secret: str,
    at: Instant,
) -> Hook:
    """A new webhook, which is told of what happens from now on."""
    values = {
        "project_id": project_id,
        "url": url,
        "kinds": _kinds_text(kinds),
        "note": note,
        "secret": secret,
        "is_on": True,
        "revision": 1,
        "created": at,
        "answers_after": latest_event(connection, project_id),
        "versions_after": latest_version(connection, project_id),
    }
    return _read_hook(connection.execute(sa.insert(_HOOK).values(values).returning(*_HOOK.c)).one())


def change_hook(
    connection: Connection, project_id: int, number: int, changes: Mapping[str, Any], *, expected: int
) -> bool:
    """Change a webhook as it was at a revision; False where it is another one by now."""
    values = {**changes, "revision": expected + 1}
    if "kinds" in values:
        values["kinds"] = _kinds_text(values["kinds"])
    if values.get("is_on"):
        # What happened while it was off is not made up for.
        values |= {
            "answers_after": latest_event(connection, project_id),
            "versions_after": latest_version(connection, project_id),
        }
    own = (_HOOK.c.project_id == project_id, _HOOK.c.id == number, _HOOK.c.revision == expected)
    return connection.execute(sa.update(_HOOK).where(*own).values(values)).rowcount == 1


def set_secret(connection: Connection, project_id: int, number: int, secret: str) -> bool:
    """Give a webhook another secret."""
    own = (_HOOK.c.project_id == project_id, _HOOK.c.id == number)
    return connection.execute(sa.update(_HOOK).where(*own).values(secret=secret)).rowcount == 1


def remove_hook(connection: Connection, project_id: int, number: int) -> bool:
    """Remove a webhook with its deliveries."""
    own = (_HOOK.c.project_id == project_id, _HOOK.c.id == number)
    if connection.execute(sa.delete(_HOOK).where(*own)).rowcount == 0:
        return False
    connection.execute(sa.delete(_DELIVERY).where(_DELIVERY.c.webhook_id == number))
    return True


def move_on(connection: Connection, number: int, *, answers_after: int, versions_after: int) -> None:
    """Note how far a webhook was told."""
    statement = sa.update(_HOOK).where(_HOOK.c.id == number)
    connection.execute(statement.values(answers_after=answers_after, versions_after=versions_after))


def add_delivery(
    connection: Connection,
    project_id: int,
    webhook_id: int,
    kind: HookKind,
    *,
    key: str,
    about: Mapping[str, JsonValue],
    at: Instant,
) -> None:
    """Let something be told; nothing changes where it was told before, or will be."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    values = {
        "project_id": project_id,
        "webhook_id": webhook_id,
        "kind": kind.value,
        "key": key,
        "about": orjson.dumps(about).decode(),
        "created": at,
        "state": DeliveryState.WAITING.value,
        "tries": 0,
        "next_try": at,
    }
    connection.execute(insert(_DELIVERY).values(values).on_conflict_do_nothing())


def due(connection: Connection, *, now: Instant, limit: int) -> list[Due]:
    """What is to be tried now, what waited longest first; not to webhooks that are off, but for tests."""
    is_told = sa.or_(_HOOK.c.is_on, _DELIVERY.c.kind == HookKind.TEST.value)
    statement = (
        sa.select(_DELIVERY, _HOOK.c.url, _HOOK.c.secret)
        .join(_HOOK, _HOOK.c.id == _DELIVERY.c.webhook_id)
        .where(_DELIVERY.c.next_try <= now, is_told)
        .order_by(_DELIVERY.c.next_try, _DELIVERY.c.id)
        .limit(limit)
    )
    return [
        Due(
            id=row.id,
            project_id=row.project_id,
            webhook_id=row.webhook_id,
            kind=HookKind(row.kind),
            about=orjson.loads(row.about),
            created=Instant(row.created),
            tries=row.tries,
            url=row.url,
            secret=row.secret,
        )
        for row in connection.execute(statement)
    ]


def note_try(
    connection: Connection,
    number: int,
    *,
    state: DeliveryState,
    tries: int,
    now: Instant,
    next_try: Instant | None,
    status: int | None,
    error: str | None,
) -> None:
    """Note what came of a try."""
    values = {
        "state": state.value,
        "tries": tries,
        "next_try": next_try,
        "status": status,
        "error": error,
        "finished": now if next_try is None else None,
    }
    connection.execute(sa.update(_DELIVERY).where(_DELIVERY.c.id == number).values(values))


def postpone(connection: Connection, webhook_id: int, *, until: Instant) -> None:
    """Let all that waits for a webhook wait until then at least: it does not answer just now."""
    waits = sa.and_(_DELIVERY.c.webhook_id == webhook_id, _DELIVERY.c.next_try < until)
    connection.execute(sa.update(_DELIVERY).where(waits).values(next_try=until))


def deliveries_of(
    connection: Connection, project_id: int, webhook_id: int, *, before: int | None, limit: int
) -> list[Delivery]:
    """The deliveries of a webhook, the latest first."""
    own = (_DELIVERY.c.project_id == project_id, _DELIVERY.c.webhook_id == webhook_id)
    statement = sa.select(_DELIVERY).where(*own).order_by(_DELIVERY.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(_DELIVERY.c.id < before)
    return list(map(_read_delivery, connection.execute(statement)))


def forget_before(connection: Connection, before: Instant) -> None:
    """Remove deliveries that are over since long."""
    is_old = sa.and_(_DELIVERY.c.next_try.is_(None), _DELIVERY.c.created < before)
    connection.execute(sa.delete(_DELIVERY).where(is_old))


def answers_after(connection: Connection, project_id: int, after: int, *, limit: int) -> tuple[list[int], int]:
    """The numbers of answers that were received after an event, and how far was looked. Imports do not count, nor
    does who is simulated.
    """
    last = latest_event(connection, project_id)
    column = _EVENT.c
    statement = (
        sa.select(column.seq)
        .where(
            column.project_id == project_id,
            column.seq > after,
            column.seq <= last,
            column.name == GuideEvent.ANSWERED.value,
            column.live,
            ~column.simulated,
        )
        .order_by(column.seq)
        .limit(limit)
    )
    found = list(connection.execute(statement).scalars())
    return found, found[-1] if len(found) == limit else last


def versions_after(
    connection: Connection, project_id: int, after: int, *, limit: int | None = None
) -> list[tuple[int, str, str, str]]:
    """The versions of the rules after one, or the first of them: number, revision, by whom, note."""
    column = _RULES.c
    statement = sa.select(column.version, column.revision, column.by, column.note).where(
        column.project_id == project_id, column.version > after
    )
    rows = connection.execute(statement.order_by(column.version).limit(limit))
    return [(row.version, row.revision, row.by, row.note) for row in rows]


def latest_event(connection: Connection, project_id: int) -> int:
    """The number of the latest event that none will come before."""
    statement = sa.select(sa.func.max(_EVENT.c.seq)).where(_EVENT.c.project_id == project_id)
    if (settled := postgres_numbers.settled(connection, "event")) is not None:
        statement = statement.where(_EVENT.c.seq <= settled)
    return connection.execute(statement).scalar_one() or 0


def latest_version(connection: Connection, project_id: int) -> int:
    """The number of the latest version of the rules."""
    statement = sa.select(sa.func.max(_RULES.c.version)).where(_RULES.c.project_id == project_id)
    return connection.execute(statement).scalar_one() or 0


def _kinds_text(kinds: Sequence[HookKind]) -> str:
    return orjson.dumps([kind.value for kind in kinds]).decode()


def _read_hook(row: sa.Row[Any]) -> Hook:
    return Hook(
        id=row.id,
        url=row.url,
        kinds=tuple(HookKind(kind) for kind in orjson.loads(row.kinds)),
        note=row.note,
        is_on=row.is_on,
        revision=row.revision,
        created=Instant(row.created),
    )


def _read_delivery(row: sa.Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        kind=HookKind(row.kind),
        created=Instant(row.created),
        state=DeliveryState(row.state),
        tries=row.tries,
        next_try=None if row.next_try is None else Instant(row.next_try),
        status=row.status,
        error=row.error,
        finished=None if row.finished is None else Instant(row.finished),
    )
