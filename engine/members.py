"""Who may use the console, as facts: members, the links that they join by, who is signed in; and what goes wrong.

Not to be confused with the customers' users, who are people in `engine.people`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from dsl.values import Instant, format_instant
from engine.errors import WaypostError
from engine.permissions import Role

_ADDRESS: Final = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,180}")
_NAME_LENGTH: Final = 100


class LinkKind(StrEnum):
    """What a link is for."""

    INVITE = "invite"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may use the console of a project."""

    user_id: int
    email: str
    name: str
    role: Role
    since: Instant
    last_login: Instant | None


@dataclass(frozen=True, slots=True)
class Link:
    """A link that works once: to join a project with a role, or to choose a new password."""

    id: int
    root: int
    """The project, by the number of its production environment."""
    kind: LinkKind
    email: str
    role: Role | None
    created: Instant
    expires: Instant
    by: str


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link just made. `token` is seen only now."""

    link: Link
    token: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who is signed in."""

    user_id: int
    email: str
    name: str
    has_password: bool
    """False for people who sign in elsewhere only."""
    csrf: str
    """What a page sends back with everything that it changes."""
    seen: Instant
    expires: Instant
    roles: Mapping[int, Role] = field(default_factory=dict)
    """What they are in each project, by the number of its production environment."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """Somebody has just signed in. `cookie` is seen only now."""

    cookie: str
    signed_in: SignedIn


class BadAddress(WaypostError):
    """A text that cannot be an e-mail address, or a name that is too long, was given for a person of the console."""

    code = "bad_address"


class NoSuchMember(WaypostError):
    """The project has no such member."""

    code = "no_such_member"

    def __init__(self, who: int | str) -> None:
        super().__init__(f"there is no member {who} in this project")


class AlreadyMember(WaypostError):
    """Who is to be invited is a member of the project already."""

    code = "already_member"


class LastAdmin(WaypostError):
    """The project would be left without an admin."""

    code = "last_admin"

    def __init__(self) -> None:
        super().__init__("this is the project's last admin: make somebody else an admin first")


class MemberElsewhere(WaypostError):
    """A member of several projects: an admin of one of them cannot give them a new password for all."""

    code = "member_elsewhere"

    def __init__(self) -> None:
        super().__init__(
            "this member belongs to other projects too, so that no single project can choose a new password for them; "
            "whoever runs the server can, with `waypost user reset`"
        )


class BadLink(WaypostError):
    """An invitation, or a link to choose a new password, that is unknown, was used or withdrawn, or has expired."""

    code = "bad_link"

    def __init__(self) -> None:
        super().__init__("this link does not work: it was used, withdrawn or has expired; ask for a new one")


class NoSuchInvite(WaypostError):
    """The project has no open invitation of that number."""

    code = "no_such_invite"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no open invitation {number} in this project")


class WrongLogin(WaypostError):
    """Address and password do not belong together. The same for an unknown address."""

    code = "wrong_login"

    def __init__(self, message: str = "address and password do not belong together") -> None:
        super().__init__(message)


def read_address(text: str) -> str:
    """An e-mail address in the form in which it is kept: without blanks around, in lower case. Raises BadAddress."""
    address = text.strip().lower()
    if not _ADDRESS.fullmatch(address):
        raise BadAddress(f"`{text[:80]}` is not an e-mail address like `ada@example.com`")
    return address


def read_name(text: str) -> str:
    """A person's name. Raises BadAddress."""
    name = " ".join(text.split())
    if len(name) > _NAME_LENGTH or not name.isprintable():
        raise BadAddress(f"a name has up to {_NAME_LENGTH} printable characters")
    return name


MEMBER_COLUMNS: Final[Mapping[str, str]] = {
    "id": "number of the person",
    "email": "with which they sign in",
    "name": "as they wrote it",
    "role": "viewer, analyst, author or admin",
    "since": "when they joined",
    "last_login": "when they signed in last",
}
"""The columns of members, with what they mean."""


def member_rows(found: Iterable[Member]) -> list[dict[str, Any]]:
    """The rows of members, with the keys of MEMBER_COLUMNS."""
    return [
        dict(
            zip(
                MEMBER_COLUMNS,
                (
                    each.user_id,
                    each.email,
                    each.name,
                    each.role.value,
                    format_instant(each.since),
                    None if each.last_login is None else format_instant(each.last_login),
                ),
                strict=True,
            )
        )
        for each in found
    ]
