"""The stored shape of who may do what: people of the console, their sessions, signing secrets, the audit log.

Apart from `tables`, which holds what is known of the customers' users.
"""

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base


class ConsoleUser(Base, table=True):
    """Somebody who may use the console of one or several projects. The only table with data about our own users."""

    __tablename__ = "console_user"
    __table_args__ = (UniqueConstraint("issuer", "subject", name="uq_console_user_issuer_subject"),)

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(max_length=ID_LENGTH, unique=True)
    """In lower case."""
    name: str = Field(max_length=ID_LENGTH)
    password: str | None = Field(default=None, sa_type=Text)
    """As `engine.passwords` writes it; nothing for people who sign in elsewhere."""
    issuer: str | None = Field(default=None, max_length=ID_LENGTH)
    """Where they sign in, by OpenID Connect, and who they are there."""
    subject: str | None = Field(default=None, max_length=ID_LENGTH)
    created: int = Field(sa_type=BigInteger)
    last_login: int | None = Field(default=None, sa_type=BigInteger)


class Membership(Base, table=True):
    """What somebody is in a project, in all its environments. `project_id` is that of production."""

    __table_args__ = (Index("ix_membership_user_id", "user_id"),)

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    user_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    role: str = Field(max_length=16)
    since: int = Field(sa_type=BigInteger)


class Invite(Base, table=True):
    """A link that works once: to join a project, or to choose a new password. Only its hash is kept."""

    __table_args__ = (Index("ix_invite_project_id", "project_id"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    """That of production."""
    kind: str = Field(max_length=16)
    email: str = Field(max_length=ID_LENGTH)
    role: str | None = Field(default=None, max_length=16)
    hash: str = Field(max_length=64, unique=True)
    by: str = Field(max_length=ID_LENGTH)
    created: int = Field(sa_type=BigInteger)
    expires: int = Field(sa_type=BigInteger)
    used: int | None = Field(default=None, sa_type=BigInteger)
    """When it was used or withdrawn."""


class ConsoleSession(Base, table=True):
    """Somebody is signed in. Gone when they sign out, or when an admin ends it."""

    __tablename__ = "console_session"
    __table_args__ = (Index("ix_console_session_user_id", "user_id"), Index("ix_console_session_expires", "expires"))

    hash: str = Field(primary_key=True, max_length=64)
    """SHA-256 of what the cookie holds."""
    user_id: int
    csrf: str = Field(max_length=64)
    created: int = Field(sa_type=BigInteger)
    seen: int = Field(sa_type=BigInteger)
    """To the minute."""
    expires: int = Field(sa_type=BigInteger)


class SigningSecret(Base, table=True):
    """What a customer's server signs its users' ids with. Kept as it is: whoever verifies HS256 needs it."""

    __tablename__ = "signing_secret"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(index=True)
    secret: str = Field(max_length=ID_LENGTH)
    created: int = Field(sa_type=BigInteger)
    expires: int | None = Field(default=None, sa_type=BigInteger)
    withdrawn: int | None = Field(default=None, sa_type=BigInteger)


class SignedTraffic(Base, table=True):
    """How much of a day's traffic for known users came signed."""

    __tablename__ = "signed_traffic"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Whole days since 1970, in UTC."""
    kind: str = Field(primary_key=True, max_length=16)
    count: int = Field(sa_type=BigInteger)


class PickerSession(Base, table=True):
    """Somebody may pick elements on pages of one origin, for a while. Only the hash of the link's token is kept."""

    __tablename__ = "picker_session"
    __table_args__ = (Index("ix_picker_session_project_id", "project_id"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    hash: str = Field(max_length=64, unique=True)
    url: str = Field(sa_type=Text)
    origin: str = Field(max_length=ID_LENGTH)
    by: str = Field(max_length=ID_LENGTH)
    created: int = Field(sa_type=BigInteger)
    expires: int = Field(sa_type=BigInteger)
    opened: int | None = Field(default=None, sa_type=BigInteger)
    """When a page showed the picker first."""


class PickedElement(Base, table=True):
    """What was handed back from a page."""

    __tablename__ = "picked_element"
    __table_args__ = (Index("ix_picked_element_session_id", "session_id"),)

    id: int | None = Field(default=None, primary_key=True)
    session_id: int
    time: int = Field(sa_type=BigInteger)
    kind: str = Field(max_length=16)
    selector: str = Field(sa_type=Text)
    event: str | None = Field(default=None, max_length=ID_LENGTH)
    page: str | None = Field(default=None, sa_type=Text)
    """A pattern; nothing for every page."""
    way: str = Field(sa_type=Text)
    """As text of the rules."""


class AuditEntry(Base, table=True):
    """One administrative act. Each entry holds the hash of the one before, so that none can be changed unseen."""

    __tablename__ = "audit"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    """Counts up from 1 in each project."""
    time: int = Field(sa_type=BigInteger)
    actor: str = Field(max_length=ID_LENGTH)
    action: str = Field(max_length=64)
    target: str = Field(max_length=ID_LENGTH)
    detail: str = Field(sa_type=Text)
    """A JSON object without personal data."""
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class InstallationSecret(Base, table=True):
    """What this installation signs with, made at the first start."""

    __tablename__ = "installation_secret"

    name: str = Field(primary_key=True, max_length=64)
    value: str = Field(max_length=ID_LENGTH)
