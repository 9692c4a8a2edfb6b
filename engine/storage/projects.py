"""Projects and their keys."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.replies import Access, KeyKind, KeyView, ProjectView
from engine.storage import tables

_PROJECT = tables.table(tables.Project)
_KEY = tables.table(tables.ApiKey)

PREFIXES = {KeyKind.PUBLIC: "wp_pub_", KeyKind.SECRET: "wp_sec_"}
_SHOWN_LETTERS = 4


def hash_of(key: str) -> str:
    """What is kept of a secret key. Keys are random and long, so one round of SHA-256 cannot be guessed back."""
    return hashlib.sha256(key.encode()).hexdigest()


def project_by_slug(connection: Connection, slug: str) -> ProjectView | None:
    """The project of that slug."""
    row = connection.execute(sa.select(_PROJECT).where(_PROJECT.c.slug == slug)).one_or_none()
    return None if row is None else _read_project(row)


def project_by_id(connection: Connection, project_id: int) -> ProjectView | None:
    """The project of that number."""
    row = connection.execute(sa.select(_PROJECT).where(_PROJECT.c.id == project_id)).one_or_none()
    return None if row is None else _read_project(row)


def all_projects(connection: Connection) -> tuple[ProjectView, ...]:
    """All projects, oldest first."""
    return tuple(_read_project(row) for row in connection.execute(sa.select(_PROJECT).order_by(_PROJECT.c.id)))


def add_project(
    connection: Connection, slug: str, *, name: str, zone: str, allowed_origins: Sequence[str], at: Instant
) -> ProjectView:
    """A new project."""
    statement = sa.insert(_PROJECT).values(
        slug=slug,
        name=name or slug,
        zone=zone,
        allowed_origins=orjson.dumps(list(allowed_origins)).decode(),
        created=at,
    )
    number = connection.execute(statement.returning(_PROJECT.c.id)).scalar_one()
    return ProjectView(number, slug, name or slug, zone, tuple(allowed_origins))


def set_origins(connection: Connection, project_id: int, origins: Sequence[str]) -> None:
    """Replace the web origins whose pages may use the project's public keys."""
    text = orjson.dumps(list(origins)).decode()
    connection.execute(sa.update(_PROJECT).where(_PROJECT.c.id == project_id).values(allowed_origins=text))


@dataclass(frozen=True, slots=True)
class ActiveRules:
    """Which version of the rules is in force, if any, and whether all guidance is switched off."""

    version: int | None
    is_stopped: bool


def in_force(connection: Connection, projects: Sequence[int]) -> dict[int, ActiveRules]:
    """The rules in force, for each of some projects that exist."""
    columns = (_PROJECT.c.id, _PROJECT.c.active_version, _PROJECT.c.guidance_stopped)
    statement = sa.select(*columns).where(_PROJECT.c.id.in_(projects))
    return {row.id: ActiveRules(row.active_version, row.guidance_stopped) for row in connection.execute(statement)}


def set_stopped(connection: Connection, project_id: int, *, is_stopped: bool) -> bool:
    """Switch all guidance of a project off or on; False when it was so already."""
    other = (_PROJECT.c.id == project_id) & (_PROJECT.c.guidance_stopped != is_stopped)
    statement = sa.update(_PROJECT).where(other).values(guidance_stopped=is_stopped)
    return connection.execute(statement).rowcount == 1


def add_key(connection: Connection, project_id: int, key: str, *, name: str, at: Instant) -> KeyView:
    """Keep a key: a public one as it is, of a secret one the hash. A key that is there already is given back."""
    kind = next(kind for kind, prefix in PREFIXES.items() if key.startswith(prefix))
    found = connection.execute(sa.select(_KEY).where(_KEY.c.hash == hash_of(key))).one_or_none()
    if found is not None:
        return _read_key(found)
    shown = key if kind is KeyKind.PUBLIC else key[: len(PREFIXES[kind]) + _SHOWN_LETTERS] + "…"
    statement = sa.insert(_KEY).values(
        project_id=project_id, kind=kind.value, name=name, hash=hash_of(key), shown=shown, created=at, revoked=None
    )
    return _read_key(connection.execute(statement.returning(*_KEY.c)).one())


def key_owner(connection: Connection, key: str) -> Access | None:
    """Whose key it is; None for an unknown or a revoked one."""
    statement = sa.select(_KEY).where(_KEY.c.hash == hash_of(key), _KEY.c.revoked.is_(None))
    row = connection.execute(statement).one_or_none()
    return None if row is None else Access(row.project_id, row.id, KeyKind(row.kind))


def keys_of(connection: Connection, project_id: int) -> tuple[KeyView, ...]:
    """A project's keys, oldest first, revoked ones too."""
    statement = sa.select(_KEY).where(_KEY.c.project_id == project_id).order_by(_KEY.c.id)
    return tuple(_read_key(row) for row in connection.execute(statement))


def revoke_key(connection: Connection, project_id: int, key_id: int, *, at: Instant) -> bool:
    """End a key; False when the project has no such living key."""
    statement = sa.update(_KEY).where(_KEY.c.project_id == project_id, _KEY.c.id == key_id, _KEY.c.revoked.is_(None))
    return connection.execute(statement.values(revoked=at)).rowcount == 1


def _read_project(row: sa.Row[Any]) -> ProjectView:
    return ProjectView(row.id, row.slug, row.name, row.zone, tuple(orjson.loads(row.allowed_origins)))


def _read_key(row: sa.Row[Any]) -> KeyView:
    return KeyView(
        id=row.id,
        kind=KeyKind(row.kind),
        name=row.name,
        shown=row.shown,
        created=Instant(row.created),
        revoked=None if row.revoked is None else Instant(row.revoked),
    )
