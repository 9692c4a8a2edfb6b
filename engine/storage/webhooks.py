"""Webhooks and what became of each delivery, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant, JsonValue, format_instant
from engine.storage import base, postgres_numbers, tables, webhook_tables
from engine.webhooks import Delivery, DeliveryState, Format, Hook, HookDraft, HookKind

_HOOK = base.table(webhook_tables.Webhook)
_DELIVERY = base.table(webhook_tables.WebhookDelivery)
_EVENT = tables.table(tables.Event)
_RULES = tables.table(tables.RuleSetVersion)
_DECISION = tables.table(tables.Decision)
_PERSON = tables.table(tables.Person)


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
    format: Format


@dataclass(frozen=True, slots=True)
class Place:
    """How far a webhook was told."""

    hook: Hook
    project_id: int
    answers_after: int
    versions_after: int
    decisions_after: int


@dataclass(frozen=True, slots=True)
class Happened:
    """Something of a guide that happened to somebody: an event, by its number."""

    seq: int
    name: str
    guide: str | None
    question: str | None
    value: JsonValue


def hooks_of(connection: Connection, project_id: int) -> tuple[Hook, ...]:
    """The webhooks of a project, oldest first."""
    statement = sa.select(_HOOK).where(_HOOK.c.project_id == project_id).order_by(_HOOK.c.id)
    return tuple(map(_read_hook, connection.execute(statement)))


def places(connection: Connection) -> list[Place]:
    """Every webhook that is on, of all projects."""
    rows = connection.execute(sa.select(_HOOK).where(_HOOK.c.is_on).order_by(_HOOK.c.id))
    return [
        Place(_read_hook(row), row.project_id, row.answers_after, row.versions_after, row.decisions_after)
        for row in rows
    ]


def add_hook(connection: Connection, project_id: int, draft: HookDraft, *, secret: str, at: Instant) -> Hook:
    """A new webhook, which is told of what happens from now on."""
    values = {
        "project_id": project_id,
        "url": draft.url,
        "kinds": _kinds_text(draft.kinds),
        "note": draft.note,
        "secret": secret,
        "is_on": True,
        "revision": 1,
        "created": at,
        "answers_after": latest_event(connection, project_id),
        "versions_after": latest_version(connection, project_id),
        "format": draft.format.value,
        "guides": orjson.dumps(list(draft.guides)).decode(),
        "decisions_after": latest_decision(connection, project_id),
    }
    return _read_hook(connection.execute(sa.insert(_HOOK).values(values).returning(*_HOOK.c)).one())


def change_hook(
    connection: Connection, project_id: int, number: int, changes: Mapping[str, Any], *, expected: int
) -> bool:
    """Change a webhook as it was at a revision; False where it is another one by now."""
    values = {**changes, "revision": expected + 1}
    if "kinds" in values:
        values["kinds"] = _kinds_text(values["kinds"])
    if "format" in values:
        values["format"] = values["format"].value
    if "guides" in values:
        values["guides"] = orjson.dumps(list(values["guides"])).decode()
    if values.get("is_on"):
        # What happened while it was off is not made up for.
        values |= {
            "answers_after": latest_event(connection, project_id),
            "versions_after": latest_version(connection, project_id),
            "decisions_after": latest_decision(connection, project_id),
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


def move_on(
    connection: Connection, number: int, *, answers_after: int, versions_after: int, decisions_after: int
) -> None:
    """Note how far a webhook was told."""
    statement = sa.update(_HOOK).where(_HOOK.c.id == number)
    values = {
        "answers_after": answers_after,
        "versions_after": versions_after,
        "decisions_after": decisions_after,
    }
    connection.execute(statement.values(values))


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
        sa.select(_DELIVERY, _HOOK.c.url, _HOOK.c.secret, _HOOK.c.format)
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
            format=Format(row.format),
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
    """Remove old deliveries; those that still wait too: their address is dead, or their webhook off."""
    connection.execute(sa.delete(_DELIVERY).where(_DELIVERY.c.created < before))


def events_after(
    connection: Connection, project_id: int, after: int, names: Sequence[str], *, limit: int
) -> tuple[list[Happened], int]:
    """What of some events was received after one, and how far was looked. Imports do not count, nor does who is
    simulated.
    """
    last = latest_event(connection, project_id)
    column = _EVENT.c
    statement = (
        sa.select(column.seq, column.name, column.properties)
        .where(
            column.project_id == project_id,
            column.seq > after,
            column.seq <= last,
            column.name.in_(names),
            column.live,
            ~column.simulated,
        )
        .order_by(column.seq)
        .limit(limit)
    )
    found = [_read_happened(row.seq, row.name, row.properties) for row in connection.execute(statement)]
    return found, found[-1].seq if len(found) == limit else last


def decisions_after(
    connection: Connection, project_id: int, after: int, *, limit: int
) -> tuple[list[tuple[int, str]], int]:
    """The decisions for a guide that were made after one, by number and guide, and how far was looked; none of who is
    simulated.
    """
    last = latest_decision(connection, project_id)
    column = _DECISION.c
    statement = (
        sa.select(column.seq, column.guide)
        .join(_PERSON, _PERSON.c.id == column.person_id)
        .where(
            column.project_id == project_id,
            column.seq > after,
            column.seq <= last,
            column.guide.is_not(None),
            ~_PERSON.c.simulated,
        )
        .order_by(column.seq)
        .limit(limit)
    )
    found = [(row.seq, row.guide) for row in connection.execute(statement)]
    return found, found[-1][0] if len(found) == limit else last


def decision_numbered(connection: Connection, project_id: int, seq: int) -> dict[str, JsonValue] | None:
    """A decision for a guide as it is told; None where there is none any more."""
    column = _DECISION.c
    statement = (
        sa.select(
            column.id,
            column.time,
            column.revision,
            column.trigger,
            column.guide,
            column.variant,
            _PERSON.c.user_id,
            _PERSON.c.first_id,
        )
        .join(_PERSON, _PERSON.c.id == column.person_id)
        .where(column.project_id == project_id, column.seq == seq)
    )
    row = connection.execute(statement).one_or_none()
    if row is None or row.guide is None:
        return None
    return {
        "decision": row.id,
        "guide": row.guide,
        "variant": row.variant,
        "trigger": row.trigger,
        "revision": row.revision,
        "userId": row.user_id,
        "anonymousId": row.first_id if row.user_id is None else None,
        "time": format_instant(Instant(row.time)),
    }


def resend(connection: Connection, project_id: int, number: int, *, now: Instant) -> bool:
    """Let something that is over be told again; False where it waits, or is gone."""
    is_over = (
        _DELIVERY.c.project_id == project_id,
        _DELIVERY.c.id == number,
        _DELIVERY.c.state.in_([DeliveryState.DELIVERED.value, DeliveryState.FAILED.value]),
    )
    values = {"state": DeliveryState.WAITING.value, "tries": 0, "next_try": now, "finished": None}
    return connection.execute(sa.update(_DELIVERY).where(*is_over).values(values)).rowcount == 1


def delivery(connection: Connection, project_id: int, number: int) -> Delivery | None:
    """One delivery."""
    own = (_DELIVERY.c.project_id == project_id, _DELIVERY.c.id == number)
    row = connection.execute(sa.select(_DELIVERY).where(*own)).one_or_none()
    return None if row is None else _read_delivery(row)


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


def latest_decision(connection: Connection, project_id: int) -> int:
    """The number of the latest decision that none will come before."""
    statement = sa.select(sa.func.max(_DECISION.c.seq)).where(_DECISION.c.project_id == project_id)
    if (settled := postgres_numbers.settled(connection, "decision")) is not None:
        statement = statement.where(_DECISION.c.seq <= settled)
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
        format=Format(row.format),
        guides=tuple(orjson.loads(row.guides)),
    )


def _read_happened(seq: int, name: str, properties: str) -> Happened:
    told = orjson.loads(properties)
    guide, question = told.get("guide"), told.get("question")
    return Happened(
        seq=seq,
        name=name,
        guide=guide if isinstance(guide, str) else None,
        question=question if isinstance(question, str) else None,
        value=told.get("value"),
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
