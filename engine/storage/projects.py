"""Projects and their keys."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.environments import KEY_MARKS, Environment, split_slug
from engine.permissions import ALL_SCOPES, Scope
from engine.replay.settings import ReplayMode, ReplaySettings
from engine.replies import Access, KeyKind, KeyView, ProjectView
from engine.storage import tables

_PROJECT = tables.table(tables.Project)
_KEY = tables.table(tables.ApiKey)
_SWITCH = tables.table(tables.GuidanceSwitch)

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


def lock_projects(connection: Connection) -> None:
    """Let no other process make or change a project until this transaction ends; on SQLite none can anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("LOCK TABLE project IN SHARE ROW EXCLUSIVE MODE"))


def add_project(
    connection: Connection,
    slug: str,
    *,
    name: str,
    zone: str,
    allowed_origins: Sequence[str],
    at: Instant,
    root_id: int | None = None,
) -> ProjectView:
    """A new project; with `root_id` another environment of that one. `slug` says which environment it is."""
    statement = sa.insert(_PROJECT).values(
        slug=slug,
        environment=split_slug(slug)[1],
        root_id=root_id,
        name=name or slug,
        zone=zone,
        allowed_origins=orjson.dumps(list(allowed_origins)).decode(),
        created=at,
    )
    return _read_project(connection.execute(statement.returning(*_PROJECT.c)).one())


def change_project(
    connection: Connection,
    project_id: int,
    *,
    name: str | None = None,
    allowed_origins: Sequence[str] | None = None,
    signed_users: bool | None = None,
    shared_links: bool | None = None,
    replay: ReplaySettings | None = None,
) -> None:
    """Change settings of a project; None leaves one as it is."""
    values: dict[str, Any] = {"name": name, "signed_users": signed_users, "shared_links": shared_links}
    if allowed_origins is not None:
        values["allowed_origins"] = orjson.dumps(list(allowed_origins)).decode()
    if replay is not None:
        values |= {
            "replay_mode": replay.mode.value,
            "replay_days": replay.days,
            "replay_megabytes": replay.megabytes_a_day,
        }
    given = {column: value for column, value in values.items() if value is not None}
    if given:
        connection.execute(sa.update(_PROJECT).where(_PROJECT.c.id == project_id).values(given))


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


def set_stopped(connection: Connection, project_id: int, *, is_stopped: bool, at: Instant, by: str) -> bool:
    """Switch all guidance of a project off or on, and note when; False when it was so already."""
    other = (_PROJECT.c.id == project_id) & (_PROJECT.c.guidance_stopped != is_stopped)
    statement = sa.update(_PROJECT).where(other).values(guidance_stopped=is_stopped)
    if connection.execute(statement).rowcount == 0:
        return False
    connection.execute(sa.insert(_SWITCH).values(project_id=project_id, at=at, is_stopped=is_stopped, by=by))
    return True


def was_stopped(connection: Connection, project_id: int, at: Instant) -> bool:
    """True if all guidance of a project was switched off at an instant."""
    statement = (
        sa.select(_SWITCH.c.is_stopped)
        .where(_SWITCH.c.project_id == project_id, _SWITCH.c.at <= at)
        .order_by(_SWITCH.c.at.desc(), _SWITCH.c.id.desc())
        .limit(1)
    )
    return bool(connection.execute(statement).scalar())


def add_key(
    connection: Connection,
    project_id: int,
    key: str,
    *,
    name: str,
    at: Instant,
    scopes: frozenset[Scope] | None = None,
    expires: Instant | None = None,
) -> KeyView:
    """Keep a key: a public one as it is, of a secret one the hash. A key that is there already is given back.

    scopes: of a secret key; None for all.
    """
    kind = next(kind for kind, prefix in PREFIXES.items() if key.startswith(prefix))
    found = connection.execute(_keys().where(_KEY.c.hash == hash_of(key))).one_or_none()
    if found is not None:
        return _read_key(found)
    marked = next((mark for mark in KEY_MARKS.values() if mark and key.startswith(PREFIXES[kind] + mark)), "")
    shown = key if kind is KeyKind.PUBLIC else key[: len(PREFIXES[kind] + marked) + _SHOWN_LETTERS] + "…"
    statement = sa.insert(_KEY).values(
        project_id=project_id,
        kind=kind.value,
        name=name,
        hash=hash_of(key),
        shown=shown,
        scopes=None if scopes is None else orjson.dumps(sorted(scopes)).decode(),
        created=at,
        expires=expires,
    )
    number = connection.execute(statement.returning(_KEY.c.id)).scalar_one()
    return _read_key(connection.execute(_keys().where(_KEY.c.id == number)).one())


def key_owner(connection: Connection, key: str) -> Access | None:
    """Whose key it is; None for an unknown or a revoked one. An expired one is found: the caller has the clock."""
    row = connection.execute(_keys().where(_KEY.c.hash == hash_of(key), _KEY.c.revoked.is_(None))).one_or_none()
    if row is None:
        return None
    view = _read_key(row)
    return Access(
        row.project_id, view.id, view.kind, scopes=view.scopes, expires=view.expires, last_used=view.last_used
    )


def touch_key(connection: Connection, key_id: int, *, at: Instant) -> None:
    """Note that a key was used."""
    later = sa.or_(_KEY.c.last_used.is_(None), _KEY.c.last_used < at)
    connection.execute(sa.update(_KEY).where(_KEY.c.id == key_id, later).values(last_used=at))


def keys_of(connection: Connection, project_ids: Sequence[int]) -> tuple[KeyView, ...]:
    """The keys of projects, oldest first, revoked ones too."""
    return tuple(map(_read_key, connection.execute(_keys().where(_KEY.c.project_id.in_(project_ids)))))


def key_of(connection: Connection, project_id: int, key_id: int) -> KeyView | None:
    """One key of a project, revoked or not."""
    row = connection.execute(_keys().where(_KEY.c.project_id == project_id, _KEY.c.id == key_id)).one_or_none()
    return None if row is None else _read_key(row)


def replaces(connection: Connection, project_id: int, key_id: int) -> KeyView | None:
    """The key in whose place this one was made."""
    row = connection.execute(_keys().where(_KEY.c.project_id == project_id, _KEY.c.replaced_by == key_id)).one_or_none()
    return None if row is None else _read_key(row)


def replace_key(connection: Connection, key_id: int, *, by: int, expires: Instant) -> None:
    """Let another key take the place of this one, which ends at an instant."""
    connection.execute(sa.update(_KEY).where(_KEY.c.id == key_id).values(replaced_by=by, expires=expires))


def revoke_key(connection: Connection, project_id: int, key_id: int, *, at: Instant) -> bool:
    """End a key; False when the project has no such living key."""
    statement = sa.update(_KEY).where(_KEY.c.project_id == project_id, _KEY.c.id == key_id, _KEY.c.revoked.is_(None))
    return connection.execute(statement.values(revoked=at)).rowcount == 1


def _keys() -> sa.Select[Any]:
    joined = _KEY.join(_PROJECT, _KEY.c.project_id == _PROJECT.c.id)
    return sa.select(*_KEY.c, _PROJECT.c.environment).select_from(joined).order_by(_KEY.c.id)


def _read_project(row: sa.Row[Any]) -> ProjectView:
    return ProjectView(
        id=row.id,
        slug=row.slug,
        name=row.name,
        zone=row.zone,
        allowed_origins=tuple(orjson.loads(row.allowed_origins)),
        environment=Environment(row.environment),
        root_id=row.root_id,
        signed_users=row.signed_users,
        shared_links=row.shared_links,
        replay=ReplaySettings(ReplayMode(row.replay_mode), row.replay_days, row.replay_megabytes),
    )


def _read_key(row: sa.Row[Any]) -> KeyView:
    kind = KeyKind(row.kind)
    return KeyView(
        id=row.id,
        kind=kind,
        name=row.name,
        shown=row.shown,
        created=Instant(row.created),
        revoked=_instant(row.revoked),
        environment=Environment(row.environment),
        scopes=_scopes(kind, row.scopes),
        expires=_instant(row.expires),
        last_used=_instant(row.last_used),
        replaced_by=row.replaced_by,
    )


def _scopes(kind: KeyKind, kept: str | None) -> frozenset[Scope]:
    match kind:
        case KeyKind.PUBLIC:
            return frozenset({Scope.EVENTS_WRITE})
        case KeyKind.SECRET:
            # A scope that a newer release knew is none here: the key then may less, never more.
            return ALL_SCOPES if kept is None else frozenset(map(Scope, {*ALL_SCOPES} & {*orjson.loads(kept)}))
        case other:
            assert_never(other)


def _instant(value: int | None) -> Instant | None:
    return None if value is None else Instant(value)
