"""The stored shape of how long data is kept, what was erased, and where copies of it lie.

What is erased leaves hashes with a salt of the project's own: enough to refuse it when it is sent again, not enough to
say who it was. Instants are microseconds, as in `engine.storage.tables`.
"""

from sqlalchemy import BigInteger, Index, LargeBinary, Text
from sqlmodel import Field

from engine.storage.base import BIG, ID_LENGTH, Base


class Keeping(Base, table=True):
    """How long a project keeps events, and the salt of the hashes of what it has erased."""

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    retention_days: int | None = None
    """Events that are older are folded into a snapshot and removed; nothing: they are kept."""
    salt: str = Field(max_length=64)


class ErasedId(Base, table=True):
    """An id of somebody who was erased: what was sent of it before that instant stays out."""

    __tablename__ = "erased_id"
    __table_args__ = ({"sqlite_with_rowid": False},)

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str = Field(primary_key=True, max_length=32)
    at: int = Field(sa_type=BigInteger)


class ErasedMessage(Base, table=True):
    """The id of a message of somebody who was erased: sent again, it stays out."""

    __tablename__ = "erased_message"
    __table_args__ = ({"sqlite_with_rowid": False},)

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str = Field(primary_key=True, max_length=32)


class Erasure(Base, table=True):
    """Somebody was erased from the database; `finished` once the files that are made from it are rewritten too."""

    __table_args__ = (Index("ix_erasure_project_id_finished", "project_id", "finished"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    project_id: int
    at: int = Field(sa_type=BigInteger)
    first_seen: int = Field(sa_type=BigInteger)
    """Since when the database knew them: a copy that was made between the two holds them still."""
    people: str = Field(sa_type=Text)
    """A JSON list of the numbers under which their events were filed; empty once it is finished."""
    hashes: str = Field(sa_type=Text)
    """A JSON list of the hashes of their ids."""
    finished: int | None = Field(default=None, sa_type=BigInteger)


class DataCopy(Base, table=True):
    """A copy of the data that lies outside of the database: a backup, an export."""

    __tablename__ = "data_copy"
    __table_args__ = (Index("ix_data_copy_made", "made"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    project_id: int | None = None
    """Nothing: all projects."""
    kind: str = Field(max_length=32)
    path: str = Field(sa_type=Text)
    made: int = Field(sa_type=BigInteger)
    since: int | None = Field(default=None, sa_type=BigInteger)
    """What was received before is not in it; nothing: all is."""
    person: str | None = Field(default=None, max_length=32)
    """The hash of the id of the one person whom it is about; nothing: everybody."""
    removed: int | None = Field(default=None, sa_type=BigInteger)


class PersonSnapshot(Base, table=True):
    """The state of a person at the cut, from which a replay starts: events before it are gone."""

    __tablename__ = "person_snapshot"
    __table_args__ = (Index("ix_person_snapshot_project_id", "project_id"),)

    person_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    project_id: int
    cut: int = Field(sa_type=BigInteger)
    """Events at or after this instant are not in it."""
    events: int = Field(sa_type=BigInteger)
    """How many events were folded into it and removed."""
    state: bytes = Field(sa_type=LargeBinary)


class AccountSnapshot(Base, table=True):
    """What is known of an account at the cut, from which it is made again."""

    __tablename__ = "account_snapshot"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    account_id: str = Field(primary_key=True, max_length=ID_LENGTH)
    data: str = Field(sa_type=Text)
    told_by: str = Field(sa_type=Text)
    """A JSON object: by attribute, the number of the person who told of it last."""
