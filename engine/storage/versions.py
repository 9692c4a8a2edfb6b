"""Published rule sets, and the names that live data has shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.catalog import Seen
from dsl.values import Instant, JsonValue, Kind, ValueType
from engine.errors import StaleVersion
from engine.events import Event, EventKind
from engine.replies import RulesVersion
from engine.seen import type_of
from engine.storage import tables
from engine.traits import told

_PROJECT = tables.table(tables.Project)
_RULESET = tables.table(tables.RuleSetVersion)
_SEEN = tables.table(tables.SeenName)

SEEN_LIMIT: Final = 5_000
"""Names that are kept of a project's live data; a sender that makes names up cannot fill the database."""
_ATTRIBUTE: Final = "attribute"
_ACCOUNT: Final = "account"
_EVENT: Final = "event"


@dataclass(frozen=True, slots=True)
class StoredRules:
    """A version of the rules as it is stored."""

    version: int
    revision: str
    files: Mapping[str, str]


def rules_of(connection: Connection, project_id: int, version: int) -> StoredRules | None:
    """A version of a project's rules."""
    statement = sa.select(_RULESET).where(_RULESET.c.project_id == project_id, _RULESET.c.version == version)
    row = connection.execute(statement).one_or_none()
    return None if row is None else StoredRules(row.version, row.revision, orjson.loads(row.files))


def versions_of(
    connection: Connection, project_id: int, *, before: int | None = None, limit: int = 100
) -> tuple[RulesVersion, ...]:
    """Versions, newest first; before: only lower numbers."""
    active = connection.execute(sa.select(_PROJECT.c.active_version).where(_PROJECT.c.id == project_id)).scalar()
    columns = (_RULESET.c.version, _RULESET.c.revision, _RULESET.c.published, _RULESET.c.by, _RULESET.c.note)
    statement = sa.select(*columns).where(_RULESET.c.project_id == project_id)
    if before is not None:
        statement = statement.where(_RULESET.c.version < before)
    statement = statement.order_by(_RULESET.c.version.desc()).limit(limit)
    return tuple(
        RulesVersion(row.version, row.revision, Instant(row.published), row.by, row.note, row.version == active)
        for row in connection.execute(statement)
    )


def version_at(connection: Connection, project_id: int, at: Instant) -> int | None:
    """The version of the rules that was in force at an instant; None before the first."""
    statement = sa.select(sa.func.max(_RULESET.c.version)).where(
        _RULESET.c.project_id == project_id, _RULESET.c.published <= at
    )
    found: int | None = connection.execute(statement).scalar()
    return found


def add_version(
    connection: Connection,
    project_id: int,
    files: Mapping[str, str],
    *,
    revision: str,
    at: Instant,
    by: str,
    note: str,
    expected: int | None = None,
) -> int:
    """Keep a new version and put it in force; its number. expected: the version to be replaced, else StaleVersion."""
    # The project's row is locked, so that two publications never take one number.
    statement = sa.select(_PROJECT.c.active_version).where(_PROJECT.c.id == project_id).with_for_update()
    active = connection.execute(statement).scalar_one()
    if expected is not None and expected != (active or 0):
        raise StaleVersion(expected, active or 0)
    highest = sa.select(sa.func.max(_RULESET.c.version)).where(_RULESET.c.project_id == project_id)
    version: int = (connection.execute(highest).scalar() or 0) + 1
    connection.execute(
        sa.insert(_RULESET).values(
            project_id=project_id,
            version=version,
            revision=revision,
            files=orjson.dumps(dict(files)).decode(),
            published=at,
            by=by,
            note=note,
        )
    )
    connection.execute(sa.update(_PROJECT).where(_PROJECT.c.id == project_id).values(active_version=version))
    return version


SeenKey = tuple[int, str, str, str]
"""Project, kind, name, member."""


def names_in(project_id: int, event: Event) -> Iterable[tuple[SeenKey, JsonValue]]:
    """The names that an event shows, each with the value that it had."""
    match event.kind:
        case EventKind.IDENTIFY | EventKind.GROUP:
            kind = _ATTRIBUTE if event.kind is EventKind.IDENTIFY else _ACCOUNT
            return [((project_id, kind, name, ""), value) for name, value in told(event.traits)]
        case _:
            named: list[tuple[SeenKey, JsonValue]] = [((project_id, _EVENT, event.name, ""), None)]
            named += [((project_id, _EVENT, event.name, name), value) for name, value in event.properties.items()]
            return named


def seen_keys(connection: Connection, project_id: int) -> set[SeenKey]:
    """All names that are kept of a project."""
    statement = sa.select(_SEEN.c.kind, _SEEN.c.name, _SEEN.c.member).where(_SEEN.c.project_id == project_id)
    return {(project_id, row.kind, row.name, row.member) for row in connection.execute(statement)}


def add_seen(connection: Connection, names: Mapping[SeenKey, JsonValue]) -> None:
    """Keep names that were seen for the first time; another process may have done so meanwhile."""
    rows = [
        {"project_id": project, "kind": kind, "name": name, "member": member, "type": type_of(value).kind.value}
        # In one order for all processes, so that two never wait for each other.
        for (project, kind, name, member), value in sorted(names.items(), key=lambda each: each[0])
    ]
    if rows:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        connection.execute(insert(_SEEN).on_conflict_do_nothing(), rows)


def seen(connection: Connection, project_id: int) -> Seen:
    """What a project's live data has shown."""
    owners: dict[str, dict[str, ValueType]] = {_ATTRIBUTE: {}, _ACCOUNT: {}}
    events: dict[str, dict[str, ValueType]] = {}
    for row in connection.execute(sa.select(_SEEN).where(_SEEN.c.project_id == project_id).order_by(_SEEN.c.name)):
        if row.kind in owners:
            owners[row.kind][row.name] = ValueType(Kind(row.type))
            continue
        members = events.setdefault(row.name, {})
        if row.member:
            members[row.member] = ValueType(Kind(row.type))
    return Seen(attributes=owners[_ATTRIBUTE], account_attributes=owners[_ACCOUNT], events=events)


def is_nameable(key: SeenKey, value: JsonValue) -> bool:
    """True for names that are worth keeping: not blank, not too long, with a value that tells of its type."""
    _, kind, name, member = key
    if not name or max(len(name), len(member)) > tables.ID_LENGTH or "\0" in name + member:
        return False
    return value is not None or (kind == _EVENT and not member)
