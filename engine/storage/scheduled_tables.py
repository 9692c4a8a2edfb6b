"""The stored shape of scheduled sources: what is fetched from where, and what became of each run."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from engine.storage.base import BIG, ID_LENGTH, Base


class ScheduledSourceRow(Base, table=True):
    """Something that is fetched by schedule."""

    __tablename__ = "scheduled_source"
    __table_args__ = (
        Index("ix_scheduled_source_project_id", "project_id"),
        Index("ix_scheduled_source_next_run", "next_run"),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    kind: str = Field(max_length=32)
    name: str = Field(max_length=ID_LENGTH)
    settings: str = Field(sa_type=Text)
    """A JSON object."""
    secrets: str = Field(sa_type=Text)
    """A JSON object: what the other side asks for; needed as it is."""
    every: str = Field(max_length=16)
    step: str | None = Field(default=None, sa_type=Text)
    """Of what no rule tags, as `journey.step`."""
    cursor: str = Field(sa_type=Text)
    """A JSON object: where to go on."""
    is_on: bool
    failures: int
    """Runs in a row."""
    stopped: str | None = Field(default=None, sa_type=Text)
    """Why it was turned off by itself."""
    next_run: int | None = Field(default=None, sa_type=BigInteger)
    created: int = Field(sa_type=BigInteger)
    revision: int


class ScheduledRunRow(Base, table=True):
    """A run of a scheduled source."""

    __tablename__ = "scheduled_run"
    __table_args__ = (Index("ix_scheduled_run_source_id", "source_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    project_id: int
    source_id: int
    state: str = Field(max_length=16)
    started: int = Field(sa_type=BigInteger)
    finished: int | None = Field(default=None, sa_type=BigInteger)
    pages: int
    found: int
    kept: int
    updated: int
    known: int
    removed: int
    refused: int
    status: int | None = None
    error: str | None = Field(default=None, sa_type=Text)
    problems: str = Field(sa_type=Text)
    """A JSON list of [id, text]: the first of the items that cannot be kept."""
