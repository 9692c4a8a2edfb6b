"""Projects, their environments and their keys: who owns what, and whether a key opens it.

Decides which key is alive and what it may do. What is asked at every request is remembered for two seconds; when the
database is gone, for longer, so that guidance can still be given.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from dsl.values import DAY, MINUTE, SECOND, Duration, Instant, JsonValue
from engine.audit import COMMAND_LINE, Act, Action
from engine.environments import (
    KEY_MARKS,
    Environment,
    ProjectExists,
    read_project_name,
    slug_of,
    split_slug,
)
from engine.errors import StorageUnavailable, UnknownProject, WaypostError
from engine.ids import Entropy, random_letters
from engine.permissions import Role, Scope
from engine.replay.settings import ReplaySettings, checked
from engine.replies import Access, KeyKind, KeyView, NewKey, ProjectView
from engine.storage import audit, projects, staff
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Result = TypeVar("Result")

LOOK_AGAIN: Final = Duration(2 * SECOND)
"""For how long keys and projects are remembered; what another process changes is seen after that."""
WITHOUT_DATABASE: Final = Duration(60 * MINUTE)
"""For how long they are believed while the database does not answer."""
GRACE: Final = Duration(7 * DAY)
"""How long a key goes on working after another one was made in its place, unless said otherwise."""
_USE_NOTED: Final = Duration(1 * MINUTE)
_REMEMBERED_KEYS: Final = 10_000
_FIRST_START: Final = "first start"

_log = logging.getLogger("waypost.tenancy")


class NoSuchKey(WaypostError):
    """The project has no key of that number that is still valid."""

    code = "no_such_key"

    def __init__(self, key_id: int) -> None:
        super().__init__(f"there is no valid key {key_id} in this project and environment")


class KeyAlreadyRotated(WaypostError):
    """The key has a successor, or is one whose predecessor still works: at most two are valid at once."""

    code = "key_already_rotated"


class Tenancy:
    """The projects of a database and their keys."""

    def __init__(self, database: Database, writer: Writer, *, clock: Callable[[], Instant], entropy: Entropy) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._entropy = entropy
        self._keys: dict[str, tuple[Access, Instant]] = {}
        self._noted: dict[int, Instant] = {}
        self._projects: tuple[tuple[ProjectView, ...], Instant] | None = None

    # projects

    def all(self) -> tuple[ProjectView, ...]:
        """All environments of all projects, in the order of their making. Cheap enough for every pre-flight."""
        now, kept = self._clock(), self._projects
        if kept is not None and 0 <= now - kept[1] < LOOK_AGAIN:
            return kept[0]
        try:
            with self._database.reading() as connection:
                found = projects.all_projects(connection)
        except StorageUnavailable:
            if kept is None or not 0 <= now - kept[1] < WITHOUT_DATABASE:
                raise
            return kept[0]
        self._projects = (found, now)
        return found

    def by_id(self, project_id: int) -> ProjectView | None:
        """The project of that number."""
        return next((project for project in self.all() if project.id == project_id), None)

    def by_slug(self, slug: str) -> ProjectView | None:
        """The project of that name: `shop`, `shop/staging`."""
        return next((project for project in self.all() if project.slug == slug), None)

    def environments_of(self, root: int) -> tuple[ProjectView, ...]:
        """All environments of the project whose production has that number, production first."""
        return tuple(project for project in self.all() if project.root == root)

    def ensure(
        self,
        slug: str,
        *,
        name: str = "",
        zone: str = "UTC",
        allowed_origins: Sequence[str] = (),
        keys: Sequence[str] = (),
    ) -> ProjectView:
        """The project of that name; made with these settings and keys when it is not there (at the first start)."""
        now = self._clock()

        def make(connection: Connection) -> ProjectView:
            # Several processes may be started for the first time at once.
            projects.lock_projects(connection)
            found = projects.project_by_slug(connection, slug)
            if found is not None:
                return found
            made = projects.add_project(connection, slug, name=name, zone=zone, allowed_origins=allowed_origins, at=now)
            _record_project(connection, made, actor=_FIRST_START, at=now)
            for key in keys:
                view = projects.add_key(connection, made.id, key, name=_FIRST_START, at=now)
                _record_key(connection, made.id, view, Action.KEY_CREATE, actor=_FIRST_START, at=now)
            return made

        with self._database.reading() as connection:
            found = projects.project_by_slug(connection, slug)
        return found or self._change(make)

    def add(
        self,
        project: str,
        environment: Environment = Environment.PRODUCTION,
        *,
        name: str = "",
        zone: str = "",
        allowed_origins: Sequence[str] = (),
        founder: int | None = None,
        actor: str = COMMAND_LINE,
    ) -> ProjectView:
        """Make a project, or another environment of one that is there; that one then takes over name and time zone.

        founder: the number of the person of the console who becomes its first admin.
        Raises BadProjectName, ProjectExists, UnknownProject.
        """
        slug, now = slug_of(read_project_name(project), environment), self._clock()

        def make(connection: Connection) -> ProjectView:
            if projects.project_by_slug(connection, slug) is not None:
                raise ProjectExists(f"there is a project `{slug}` already")
            root = projects.project_by_slug(connection, project)
            if root is None and environment is not Environment.PRODUCTION:
                raise UnknownProject
            made = projects.add_project(
                connection,
                slug,
                name=name or (root.name if root is not None else ""),
                zone=zone or (root.zone if root is not None else "UTC"),
                allowed_origins=allowed_origins,
                at=now,
                root_id=None if root is None else root.id,
            )
            _record_project(connection, made, actor=actor, at=now)
            if founder is not None:
                staff.set_role(connection, made.id, founder, Role.ADMIN, at=now)
                target, detail = f"member {founder}", {"role": Role.ADMIN.value}
                act = Act(actor=actor, action=Action.MEMBER_ADD, target=target, detail=detail)
                audit.record(connection, made.id, act, at=now)
            return made

        return self._change(make)

    def change(
        self,
        project_id: int,
        *,
        name: str | None = None,
        allowed_origins: Sequence[str] | None = None,
        signed_users: bool | None = None,
        shared_links: bool | None = None,
        replay: ReplaySettings | None = None,
        actor: str = COMMAND_LINE,
    ) -> ProjectView:
        """Change settings of one environment; None leaves one as it is. Raises UnknownProject, BadReplaySettings."""
        now = self._clock()
        given: dict[str, JsonValue] = {
            "name": name,
            "allowed_origins": None if allowed_origins is None else [*allowed_origins],
            "signed_users": signed_users,
            "shared_links": shared_links,
            "replay": None if replay is None else _told(checked(replay)),
        }

        def change(connection: Connection) -> ProjectView:
            projects.change_project(
                connection,
                project_id,
                name=name,
                allowed_origins=allowed_origins,
                signed_users=signed_users,
                shared_links=shared_links,
                replay=replay,
            )
            found = projects.project_by_id(connection, project_id)
            if found is None:
                raise UnknownProject
            detail = {setting: value for setting, value in given.items() if value is not None}
            act = Act(actor=actor, action=Action.SETTINGS_CHANGE, target=f"project {project_id}", detail=detail)
            audit.record(connection, project_id, act, at=now)
            return found

        return self._change(change)

    # keys

    def authenticate(self, key: str) -> Access | None:
        """Who a key belongs to; None for one that is unknown, was withdrawn or has expired."""
        now, kept = self._clock(), self._keys.get(key)
        if kept is not None and 0 <= now - kept[1] < LOOK_AGAIN:
            return _unexpired(kept[0], now)
        try:
            with self._database.reading() as connection:
                found = projects.key_owner(connection, key)
        except StorageUnavailable:
            if kept is None or not 0 <= now - kept[1] < WITHOUT_DATABASE:
                raise
            return _unexpired(kept[0], now)
        if found is None:
            self._keys.pop(key, None)
            return None
        if len(self._keys) >= _REMEMBERED_KEYS:
            self._keys.clear()
        self._keys[key] = (found, now)
        living = _unexpired(found, now)
        if living is not None:
            self._note_use(living, now)
        return living

    def create_key(
        self,
        project_id: int,
        kind: KeyKind,
        *,
        name: str = "",
        scopes: frozenset[Scope] | None = None,
        expires: Instant | None = None,
        actor: str = COMMAND_LINE,
    ) -> NewKey:
        """A new key, whose text is seen only now. scopes: of a secret key; None for all. Raises UnknownProject."""
        now = self._clock()
        given = scopes if kind is KeyKind.SECRET else None

        def make(connection: Connection) -> NewKey:
            text = self._new_text(connection, project_id, kind)
            view = projects.add_key(connection, project_id, text, name=name, at=now, scopes=given, expires=expires)
            _record_key(connection, project_id, view, Action.KEY_CREATE, actor=actor, at=now)
            return NewKey(view, text)

        return self._change(make)

    def rotate_key(self, project_id: int, key_id: int, *, grace: Duration = GRACE, actor: str = COMMAND_LINE) -> NewKey:
        """A new key that may do what an old one may; the old one ends after `grace`. Two are valid until then.

        Raises NoSuchKey, KeyAlreadyRotated.
        """
        now = self._clock()

        def rotate(connection: Connection) -> NewKey:
            old = projects.key_of(connection, project_id, key_id)
            if old is None or not old.is_alive(now):
                raise NoSuchKey(key_id)
            if old.replaced_by is not None:
                raise KeyAlreadyRotated(f"key {key_id} was rotated already: key {old.replaced_by} takes its place")
            former = projects.replaces(connection, project_id, key_id)
            if former is not None and former.is_alive(now):
                raise KeyAlreadyRotated(
                    f"key {key_id} took the place of key {former.id}, which still works; withdraw that one first"
                )
            text = self._new_text(connection, project_id, old.kind)
            scopes = old.scopes if old.kind is KeyKind.SECRET else None
            view = projects.add_key(connection, project_id, text, name=old.name, at=now, scopes=scopes)
            ends = Instant(now + grace) if old.expires is None else Instant(min(now + grace, old.expires))
            projects.replace_key(connection, key_id, by=view.id, expires=ends)
            detail = {"replaces": key_id, "until": ends}
            act = Act(actor=actor, action=Action.KEY_ROTATE, target=f"key {view.id}", detail=detail)
            audit.record(connection, project_id, act, at=now)
            return NewKey(view, text)

        return self._change(rotate)

    def keys(self, project_ids: Sequence[int]) -> tuple[KeyView, ...]:
        """The keys of some environments, oldest first, revoked ones too."""
        with self._database.reading() as connection:
            return projects.keys_of(connection, project_ids)

    def key(self, project_id: int, key_id: int) -> KeyView | None:
        """One key of a project, revoked or not."""
        with self._database.reading() as connection:
            return projects.key_of(connection, project_id, key_id)

    def revoke_key(self, project_id: int, key_id: int, *, actor: str = COMMAND_LINE) -> bool:
        """End a key at once, in this process; in others within two seconds. False when there is no such living key."""
        now = self._clock()

        def revoke(connection: Connection) -> bool:
            if not projects.revoke_key(connection, project_id, key_id, at=now):
                return False
            act = Act(actor=actor, action=Action.KEY_REVOKE, target=f"key {key_id}")
            audit.record(connection, project_id, act, at=now)
            return True

        return self._change(revoke)

    def _new_text(self, connection: Connection, project_id: int, kind: KeyKind) -> str:
        project = projects.project_by_id(connection, project_id)
        if project is None:
            raise UnknownProject
        return projects.PREFIXES[kind] + KEY_MARKS[project.environment] + random_letters(self._entropy)

    def _note_use(self, access: Access, now: Instant) -> None:
        """Keep when a key was last used, without letting the request wait or fail for it."""
        before = max(access.last_used or Instant(0), self._noted.get(access.key_id, Instant(0)))
        if 0 <= now - before < _USE_NOTED:
            return
        self._noted[access.key_id] = now

        def note(transaction: Transaction, requests: Sequence[None]) -> list[None]:
            projects.touch_key(transaction.connection, access.key_id, at=now)
            return list(requests)

        try:
            self._writer.post(note, None)
        except WaypostError as error:
            _log.debug("the use of key %d was not noted: %s", access.key_id, error)

    def _change(self, change: Callable[[Connection], Result]) -> Result:
        """Change projects or keys; whatever was remembered of them is asked for again."""

        def run(transaction: Transaction, _: Sequence[None]) -> list[Result]:
            return [change(transaction.connection)]

        try:
            return self._writer.write(run, None)
        finally:
            self._keys.clear()
            self._projects = None


def _told(replay: ReplaySettings) -> dict[str, JsonValue]:
    return {"mode": replay.mode.value, "days": replay.days, "megabytes_a_day": replay.megabytes_a_day}


def _unexpired(access: Access, now: Instant) -> Access | None:
    return access if access.expires is None or now < access.expires else None


def _record_project(connection: Connection, made: ProjectView, *, actor: str, at: Instant) -> None:
    project, environment = split_slug(made.slug)
    detail = {"project": project, "environment": environment}
    act = Act(actor=actor, action=Action.PROJECT_ADD, target=f"project {made.id}", detail=detail)
    audit.record(connection, made.id, act, at=at)


def _record_key(
    connection: Connection, project_id: int, view: KeyView, action: Action, *, actor: str, at: Instant
) -> None:
    scopes: list[JsonValue] = [scope.value for scope in sorted(view.scopes)]
    detail: dict[str, JsonValue] = {"kind": view.kind.value, "scopes": scopes}
    act = Act(actor=actor, action=action, target=f"key {view.id}", detail=detail)
    audit.record(connection, project_id, act, at=at)
