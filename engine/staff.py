"""People of the console: members of projects with their roles, and the links by which they join or choose a password.

Decides who may be what. No mail is sent: whoever makes a link hands it on. Passwords are worked on outside of the
writer's transaction, for they take a quarter of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from dsl.values import DAY, HOUR, Duration, Instant, JsonValue
from engine import passwords
from engine.audit import COMMAND_LINE, Act, Action
from engine.ids import Entropy
from engine.members import (
    AlreadyMember,
    BadLink,
    LastAdmin,
    Link,
    LinkKind,
    Member,
    MemberElsewhere,
    NewLink,
    NoSuchInvite,
    NoSuchMember,
    WrongLogin,
    read_address,
    read_name,
)
from engine.permissions import Role
from engine.storage import audit, staff
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Result = TypeVar("Result")

INVITE_VALID: Final = Duration(7 * DAY)
RESET_VALID: Final = Duration(24 * HOUR)


def member_name(user_id: int) -> str:
    """What a person is called in the audit log and in versions of rules; names nobody."""
    return f"member {user_id}"


class Staff:
    """The people of all projects. `root` is a project, by the number of its production environment."""

    def __init__(self, database: Database, writer: Writer, *, clock: Callable[[], Instant], entropy: Entropy) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._entropy = entropy

    def members(self, root: int) -> tuple[Member, ...]:
        """The members of a project, in the order of joining."""
        with self._database.reading() as connection:
            return staff.members_of(connection, root)

    def member(self, root: int, who: int | str) -> Member:
        """A member by number or by address. Raises NoSuchMember."""
        for member in self.members(root):
            if who in {member.user_id, member.email}:
                return member
        raise NoSuchMember(who)

    def names(self, root: int) -> dict[str, str]:
        """What members are called, by how drafts and comments name them: never the whole of an address."""
        return {member_name(each.user_id): (each.name or each.email).partition("@")[0] for each in self.members(root)}

    def add(
        self,
        root: int,
        email: str,
        role: Role,
        *,
        password: str,
        name: str = "",
        actor: str = COMMAND_LINE,
    ) -> Member:
        """Make somebody a member at once, with a password; somebody known elsewhere keeps the password they have.

        Raises BadAddress, WeakPassword, AlreadyMember.
        """
        address, called, now = read_address(email), read_name(name), self._clock()
        passwords.refuse_weak(password, email=address)
        sealed = passwords.sealed(password, self._entropy)

        def add(connection: Connection) -> Member:
            found = staff.user_by_email(connection, address)
            user = found.id if found is not None else None
            if user is None:
                user = staff.add_user(connection, address, name=called, password=sealed, at=now)
            elif staff.member_of(connection, root, user) is not None:
                raise AlreadyMember(f"`{address}` is a member of this project already")
            self._join(connection, root, user, role, actor=actor, at=now)
            return _the(connection, root, user)

        return self._change(add)

    def set_role(self, root: int, user_id: int, role: Role, *, actor: str = COMMAND_LINE) -> Member:
        """Give a member another role. Raises NoSuchMember, LastAdmin."""
        now = self._clock()

        def change(connection: Connection) -> Member:
            member = _the(connection, root, user_id)
            if member.role is role:
                return member
            _refuse_last_admin(connection, root, member)
            staff.set_role(connection, root, user_id, role, at=now)
            detail: dict[str, JsonValue] = {"from": member.role.value, "to": role.value}
            act = Act(actor=actor, action=Action.MEMBER_ROLE, target=member_name(user_id), detail=detail)
            audit.record(connection, root, act, at=now)
            return _the(connection, root, user_id)

        return self._change(change)

    def remove(self, root: int, user_id: int, *, actor: str = COMMAND_LINE) -> None:
        """End a membership; somebody who is then a member of nothing is forgotten. Raises NoSuchMember, LastAdmin."""
        now = self._clock()

        def remove(connection: Connection) -> None:
            member = _the(connection, root, user_id)
            _refuse_last_admin(connection, root, member)
            staff.remove_member(connection, root, user_id)
            staff.withdraw_links(connection, root, LinkKind.RESET, member.email, at=now)
            if not staff.roles_of(connection, user_id):
                staff.forget_user(connection, user_id)
            act = Act(actor=actor, action=Action.MEMBER_REMOVE, target=member_name(user_id))
            audit.record(connection, root, act, at=now)

        self._change(remove)

    # links

    def invite(
        self,
        root: int,
        email: str,
        role: Role,
        *,
        valid: Duration = INVITE_VALID,
        actor: str = COMMAND_LINE,
    ) -> NewLink:
        """A link that lets one person join; an earlier one for the same address ends.

        Raises BadAddress, AlreadyMember.
        """
        address, now, token = read_address(email), self._clock(), self._new_token()

        def make(connection: Connection) -> NewLink:
            if any(member.email == address for member in staff.members_of(connection, root)):
                raise AlreadyMember(f"`{address}` is a member of this project already")
            times = (now, Instant(now + valid))
            link = staff.add_link(
                connection, root, LinkKind.INVITE, token, email=address, role=role, by=actor, times=times
            )
            detail: dict[str, JsonValue] = {"role": role.value}
            act = Act(actor=actor, action=Action.MEMBER_INVITE, target=f"invite {link.id}", detail=detail)
            audit.record(connection, root, act, at=now)
            return NewLink(link, token)

        return self._change(make)

    def reset(self, root: int, user_id: int, *, even_elsewhere: bool = False, actor: str = COMMAND_LINE) -> NewLink:
        """A link with which a member chooses a new password.

        even_elsewhere: also for a member of other projects, whose password opens those too; only for whoever runs the
        server. Raises NoSuchMember, MemberElsewhere.
        """
        now, token = self._clock(), self._new_token()

        def make(connection: Connection) -> NewLink:
            member = _the(connection, root, user_id)
            if not even_elsewhere and set(staff.roles_of(connection, user_id)) != {root}:
                raise MemberElsewhere
            times = (now, Instant(now + RESET_VALID))
            link = staff.add_link(
                connection, root, LinkKind.RESET, token, email=member.email, role=None, by=actor, times=times
            )
            act = Act(actor=actor, action=Action.PASSWORD_RESET, target=member_name(user_id))
            audit.record(connection, root, act, at=now)
            return NewLink(link, token)

        return self._change(make)

    def links(self, root: int) -> tuple[Link, ...]:
        """A project's links that still work, oldest first."""
        with self._database.reading() as connection:
            return staff.open_links(connection, root, now=self._clock())

    def withdraw(self, root: int, link_id: int, *, actor: str = COMMAND_LINE) -> None:
        """End a link. Raises NoSuchInvite."""
        now = self._clock()

        def withdraw(connection: Connection) -> None:
            if not staff.withdraw_link(connection, root, link_id, at=now):
                raise NoSuchInvite(link_id)
            act = Act(actor=actor, action=Action.INVITE_WITHDRAW, target=f"invite {link_id}")
            audit.record(connection, root, act, at=now)

        self._change(withdraw)

    def link(self, token: str) -> Link:
        """What a link is for. Raises BadLink."""
        with self._database.reading() as connection:
            found = staff.link_of(connection, token, now=self._clock())
        if found is None:
            raise BadLink
        return found

    def follow(self, token: str, *, password: str, name: str = "") -> int:
        """Use a link up: join, or take the new password; the user's number.

        Somebody known elsewhere joins with the password they have, so that an invitation cannot change it.
        Raises BadLink, WeakPassword, WrongLogin, BadAddress.
        """
        link, called, now = self.link(token), read_name(name), self._clock()
        with self._database.reading() as connection:
            found = staff.user_by_email(connection, link.email)
        sealed = None
        if link.kind is LinkKind.RESET or found is None:
            passwords.refuse_weak(password, email=link.email)
            sealed = passwords.sealed(password, self._entropy)
        elif not passwords.opens(password, found.password):
            raise WrongLogin("you have a password here already: join with that one")

        def use(connection: Connection) -> int:
            if not staff.use_link(connection, link.id, at=now):
                raise BadLink
            user = staff.user_by_email(connection, link.email)
            if link.kind is LinkKind.RESET:
                if user is None:
                    raise BadLink
                return self._renew(connection, link.root, user.id, sealed, at=now)
            if user is None:
                number = staff.add_user(connection, link.email, name=called, password=sealed, at=now)
            elif sealed is not None:
                raise BadLink  # somebody else made the account in the meantime
            else:
                number = user.id
            self._join(connection, link.root, number, link.role or Role.VIEWER, actor=member_name(number), at=now)
            return number

        return self._change(use)

    def _renew(self, connection: Connection, root: int, user_id: int, sealed: str | None, *, at: Instant) -> int:
        staff.change_user(connection, user_id, password=sealed)
        staff.end_sessions(connection, user_id)
        name = member_name(user_id)
        audit.record(connection, root, Act(actor=name, action=Action.PASSWORD_CHANGE, target=name), at=at)
        return user_id

    def _join(self, connection: Connection, root: int, user_id: int, role: Role, *, actor: str, at: Instant) -> None:
        staff.set_role(connection, root, user_id, role, at=at)
        detail: dict[str, JsonValue] = {"role": role.value}
        act = Act(actor=actor, action=Action.MEMBER_ADD, target=member_name(user_id), detail=detail)
        audit.record(connection, root, act, at=at)

    def _new_token(self) -> str:
        return self._entropy(32).hex()

    def _change(self, change: Callable[[Connection], Result]) -> Result:
        def run(transaction: Transaction, _: Sequence[None]) -> list[Result]:
            return [change(transaction.connection)]

        return self._writer.write(run, None)


def _the(connection: Connection, root: int, user_id: int) -> Member:
    found = staff.member_of(connection, root, user_id)
    if found is None:
        raise NoSuchMember(user_id)
    return found


def _refuse_last_admin(connection: Connection, root: int, member: Member) -> None:
    admins = [one for one in staff.members_of(connection, root) if one.role is Role.ADMIN]
    if admins == [member]:
        raise LastAdmin
