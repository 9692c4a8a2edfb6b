"""People of the console in the database: users, memberships, links, sessions."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.members import Link, LinkKind, Member, SignedIn
from engine.permissions import Role
from engine.storage import base, console_tables

_USER = base.table(console_tables.ConsoleUser)
_MEMBER = base.table(console_tables.Membership)
_INVITE = base.table(console_tables.Invite)
_SESSION = base.table(console_tables.ConsoleSession)
_SECRET = base.table(console_tables.InstallationSecret)


def hash_of(token: str) -> str:
    """What is kept of a token. Tokens are 256 random bits, so one round of SHA-256 cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def installation_secret(connection: Connection, name: str) -> str | None:
    """What this installation signs with."""
    found: str | None = connection.execute(sa.select(_SECRET.c.value).where(_SECRET.c.name == name)).scalar()
    return found


def keep_installation_secret(connection: Connection, name: str, value: str) -> str:
    """Keep a secret, unless there is one: then that one is given back."""
    found = installation_secret(connection, name)
    if found is None:
        connection.execute(sa.insert(_SECRET).values(name=name, value=value))
    return found or value


# users


def user_by_email(connection: Connection, email: str) -> sa.Row[Any] | None:
    """The row of the user with that address, in lower case."""
    return connection.execute(sa.select(_USER).where(_USER.c.email == email)).one_or_none()


def user_by_id(connection: Connection, user_id: int) -> sa.Row[Any] | None:
    """The row of a user."""
    return connection.execute(sa.select(_USER).where(_USER.c.id == user_id)).one_or_none()


def user_elsewhere(connection: Connection, issuer: str, subject: str) -> sa.Row[Any] | None:
    """The row of the user who signs in there as that subject."""
    statement = sa.select(_USER).where(_USER.c.issuer == issuer, _USER.c.subject == subject)
    return connection.execute(statement).one_or_none()


def add_user(connection: Connection, email: str, *, name: str, password: str | None, at: Instant) -> int:
    """A new user, by number. password: as `engine.passwords` writes it."""
    statement = sa.insert(_USER).values(email=email, name=name, password=password, created=at)
    number: int = connection.execute(statement.returning(_USER.c.id)).scalar_one()
    return number


def change_user(connection: Connection, user_id: int, **values: Any) -> None:
    """Change columns of a user."""
    connection.execute(sa.update(_USER).where(_USER.c.id == user_id).values(values))


def forget_user(connection: Connection, user_id: int) -> None:
    """Delete a user who is a member of nothing any more, with everything that was kept about them."""
    end_sessions(connection, user_id)
    address = sa.select(_USER.c.email).where(_USER.c.id == user_id).scalar_subquery()
    connection.execute(sa.delete(_INVITE).where(_INVITE.c.email == address))
    connection.execute(sa.delete(_USER).where(_USER.c.id == user_id))


# memberships


def members_of(connection: Connection, root: int) -> tuple[Member, ...]:
    """The members of a project, in the order of joining."""
    joined = _MEMBER.join(_USER, _MEMBER.c.user_id == _USER.c.id)
    statement = sa.select(_MEMBER, _USER).select_from(joined).where(_MEMBER.c.project_id == root)
    return tuple(map(_read_member, connection.execute(statement.order_by(_MEMBER.c.since, _MEMBER.c.user_id))))


def member_of(connection: Connection, root: int, user_id: int) -> Member | None:
    """One member of a project."""
    return next((member for member in members_of(connection, root) if member.user_id == user_id), None)


def roles_of(connection: Connection, user_id: int) -> dict[int, Role]:
    """What a user is in each project, by the number of its production environment."""
    rows = connection.execute(sa.select(_MEMBER).where(_MEMBER.c.user_id == user_id).order_by(_MEMBER.c.project_id))
    return {row.project_id: Role(row.role) for row in rows}


def set_role(connection: Connection, root: int, user_id: int, role: Role, *, at: Instant) -> None:
    """Make somebody a member, or give a member another role."""
    ours = (_MEMBER.c.project_id == root) & (_MEMBER.c.user_id == user_id)
    if connection.execute(sa.update(_MEMBER).where(ours).values(role=role.value)).rowcount == 0:
        connection.execute(sa.insert(_MEMBER).values(project_id=root, user_id=user_id, role=role.value, since=at))


def remove_member(connection: Connection, root: int, user_id: int) -> bool:
    """End a membership; False when there is none."""
    ours = (_MEMBER.c.project_id == root) & (_MEMBER.c.user_id == user_id)
    return connection.execute(sa.delete(_MEMBER).where(ours)).rowcount == 1


# links


def add_link(
    connection: Connection,
    root: int,
    kind: LinkKind,
    token: str,
    *,
    email: str,
    role: Role | None,
    by: str,
    times: tuple[Instant, Instant],
) -> Link:
    """A new link. times: when it was made, and when it ends. One for the same address and purpose ends now."""
    made, expires = times
    # A link holds an address: it is kept no longer than it could have been used.
    connection.execute(sa.delete(_INVITE).where(_INVITE.c.expires <= made))
    withdraw_links(connection, root, kind, email, at=made)
    statement = sa.insert(_INVITE).values(
        project_id=root,
        kind=kind.value,
        email=email,
        role=None if role is None else role.value,
        hash=hash_of(token),
        by=by,
        created=made,
        expires=expires,
    )
    return _read_link(connection.execute(statement.returning(*_INVITE.c)).one())


def open_links(connection: Connection, root: int, *, now: Instant) -> tuple[Link, ...]:
    """A project's links that still work, oldest first."""
    living = (_INVITE.c.project_id == root, _INVITE.c.used.is_(None), _INVITE.c.expires > now)
    return tuple(map(_read_link, connection.execute(sa.select(_INVITE).where(*living).order_by(_INVITE.c.id))))


def link_of(connection: Connection, token: str, *, now: Instant) -> Link | None:
    """The link of a token, if it still works."""
    living = (_INVITE.c.hash == hash_of(token), _INVITE.c.used.is_(None), _INVITE.c.expires > now)
    row = connection.execute(sa.select(_INVITE).where(*living)).one_or_none()
    return None if row is None else _read_link(row)


def use_link(connection: Connection, link_id: int, *, at: Instant) -> bool:
    """Use a link up; False when somebody was faster."""
    unused = (_INVITE.c.id == link_id, _INVITE.c.used.is_(None))
    return connection.execute(sa.update(_INVITE).where(*unused).values(used=at)).rowcount == 1


def withdraw_link(connection: Connection, root: int, link_id: int, *, at: Instant) -> bool:
    """End a link; False when the project has no such living one."""
    ours = (_INVITE.c.id == link_id, _INVITE.c.project_id == root, _INVITE.c.used.is_(None), _INVITE.c.expires > at)
    return connection.execute(sa.update(_INVITE).where(*ours).values(used=at)).rowcount == 1


def withdraw_links(connection: Connection, root: int, kind: LinkKind, email: str, *, at: Instant) -> None:
    """End the links of one kind for an address."""
    ours = (
        _INVITE.c.project_id == root,
        _INVITE.c.kind == kind.value,
        _INVITE.c.email == email,
        _INVITE.c.used.is_(None),
    )
    connection.execute(sa.update(_INVITE).where(*ours).values(used=at))


def links_for(connection: Connection, email: str, *, now: Instant) -> tuple[Link, ...]:
    """The invitations for an address that still work, of all projects."""
    ours = (_INVITE.c.email == email, _INVITE.c.kind == LinkKind.INVITE.value)
    living = (_INVITE.c.used.is_(None), _INVITE.c.expires > now)
    return tuple(map(_read_link, connection.execute(sa.select(_INVITE).where(*ours, *living).order_by(_INVITE.c.id))))


def use_links(connection: Connection, email: str, *, at: Instant) -> None:
    """Use the invitations for an address up, of all projects."""
    ours = (_INVITE.c.email == email, _INVITE.c.kind == LinkKind.INVITE.value, _INVITE.c.used.is_(None))
    connection.execute(sa.update(_INVITE).where(*ours).values(used=at))


# sessions


def add_session(connection: Connection, token: str, user_id: int, *, csrf: str, at: Instant, expires: Instant) -> None:
    """Somebody is signed in now."""
    connection.execute(sa.delete(_SESSION).where(_SESSION.c.expires <= at))
    connection.execute(
        sa.insert(_SESSION).values(
            hash=hash_of(token), user_id=user_id, csrf=csrf, created=at, seen=at, expires=expires
        )
    )


def session_of(connection: Connection, token: str) -> SignedIn | None:
    """Who is signed in with a token, over or not."""
    joined = _SESSION.join(_USER, _SESSION.c.user_id == _USER.c.id)
    columns = (*_SESSION.c, _USER.c.email, _USER.c.name, _USER.c.password)
    row = connection.execute(
        sa.select(*columns).select_from(joined).where(_SESSION.c.hash == hash_of(token))
    ).one_or_none()
    if row is None:
        return None
    return SignedIn(
        user_id=row.user_id,
        email=row.email,
        name=row.name,
        has_password=row.password is not None,
        csrf=row.csrf,
        seen=Instant(row.seen),
        expires=Instant(row.expires),
        roles=roles_of(connection, row.user_id),
    )


def touch_session(connection: Connection, token: str, *, at: Instant) -> None:
    """Note that a session was used."""
    connection.execute(sa.update(_SESSION).where(_SESSION.c.hash == hash_of(token)).values(seen=at))


def end_session(connection: Connection, token: str) -> bool:
    """End a session; False when there was none."""
    return connection.execute(sa.delete(_SESSION).where(_SESSION.c.hash == hash_of(token))).rowcount == 1


def end_sessions(connection: Connection, user_id: int) -> int:
    """End all sessions of a user; how many."""
    return connection.execute(sa.delete(_SESSION).where(_SESSION.c.user_id == user_id)).rowcount


def _read_member(row: sa.Row[Any]) -> Member:
    return Member(
        user_id=row.user_id,
        email=row.email,
        name=row.name,
        role=Role(row.role),
        since=Instant(row.since),
        last_login=None if row.last_login is None else Instant(row.last_login),
    )


def _read_link(row: sa.Row[Any]) -> Link:
    return Link(
        id=row.id,
        root=row.project_id,
        kind=LinkKind(row.kind),
        email=row.email,
        role=None if row.role is None else Role(row.role),
        created=Instant(row.created),
        expires=Instant(row.expires),
        by=row.by,
    )
