"""The stored shape of recordings: what is known of each, its parts, its moments, and those that are gone for good."""

from sqlalchemy import BigInteger, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from engine.storage.base import BIG, ID_LENGTH, Base


class Replay(Base, table=True):
    """A recording; `engine.replay.recordings.Recording` says what each column means."""

    __table_args__ = (
        UniqueConstraint("project_id", "recording", name="uq_replay_project_id_recording"),
        Index("ix_replay_person_id", "person_id"),
        Index("ix_replay_project_id_ended", "project_id", "ended"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    project_id: int
    recording: str = Field(max_length=36)
    """The id that the page gave to it, a UUID."""
    person_id: int = Field(sa_type=BigInteger)
    """Whom it was filed under on receipt; `person.merged_into` says who that is today."""
    session_id: str | None = Field(default=None, max_length=ID_LENGTH)
    page: str = Field(sa_type=Text)
    """Where it began: an address without query and fragment."""
    width: int
    height: int
    started: int = Field(sa_type=BigInteger)
    ended: int = Field(sa_type=BigInteger)
    parts: int
    packed: int = Field(sa_type=BigInteger)
    """Bytes of its parts, as they are kept."""
    scrubbed: int
    """How many values were blotted out at the door."""
    is_over: bool
    """The page said that nothing more comes."""
    is_settled: bool
    """True once its moments were given their steps after all that happened until then was known."""
    received: int = Field(sa_type=BigInteger)
    """When its latest part came."""


class ReplayPart(Base, table=True):
    """A part of a recording: a JSON list of rrweb's events, packed with gzip."""

    __tablename__ = "replay_part"
    __table_args__ = (Index("ix_replay_part_person_id", "person_id"),)

    replay_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """From 0, as the page counts."""
    person_id: int = Field(sa_type=BigInteger)
    events: bytes = Field(sa_type=LargeBinary)


class ReplayMoment(Base, table=True):
    """Something that went wrong in a recording, once for each journey in whose steps the person stood then."""

    __tablename__ = "replay_moment"
    __table_args__ = (
        Index("ix_replay_moment_replay_id", "replay_id"),
        Index("ix_replay_moment_person_id", "person_id"),
        Index("ix_replay_moment_project_id_journey_step", "project_id", "journey", "step"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    replay_id: int = Field(sa_type=BigInteger)
    project_id: int
    person_id: int = Field(sa_type=BigInteger)
    event: str = Field(max_length=ID_LENGTH)
    """`$rage_click`."""
    time: int = Field(sa_type=BigInteger)
    path: str | None = Field(default=None, sa_type=Text)
    """Of the page that it happened on."""
    journey: str | None = Field(default=None, max_length=ID_LENGTH)
    step: str | None = Field(default=None, max_length=ID_LENGTH)


class ReplayGone(Base, table=True):
    """A recording that was deleted, or whose person was erased: what still comes of it is refused."""

    __tablename__ = "replay_gone"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    recording: str = Field(primary_key=True, max_length=36)
    at: int = Field(sa_type=BigInteger)


class ReplayDay(Base, table=True):
    """How much of recordings a project let in on a day."""

    __tablename__ = "replay_day"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    day: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Days since 1970, UTC."""
    packed: int = Field(sa_type=BigInteger)
