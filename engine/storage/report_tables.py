"""The stored shape of reports by schedule: what is written when, and what became of each run."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from engine.storage.base import BIG, ID_LENGTH, Base


class ReportSchedule(Base, table=True):
    """A report that is written to a file by schedule."""

    __tablename__ = "report_schedule"
    __table_args__ = (
        Index("uq_report_schedule_project_id_name", "project_id", "name", unique=True),
        Index("ix_report_schedule_next_due", "next_due"),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    name: str = Field(max_length=64)
    report: str = Field(max_length=64)
    asked: str = Field(sa_type=Text)
    """A JSON object: the parameters."""
    form: str = Field(max_length=16)
    days: int | None = None
    every: str = Field(max_length=16)
    hour: int
    day: int
    """Of the week from Monday as 1, or of the month."""
    is_on: bool
    revision: int
    created: int = Field(sa_type=BigInteger)
    next_due: int | None = Field(default=None, sa_type=BigInteger)
    """Nothing: it is off."""


class ReportRun(Base, table=True):
    """One file that is written, or was."""

    __tablename__ = "report_run"
    __table_args__ = (
        Index("uq_report_run_schedule_id_key", "schedule_id", "key", unique=True),
        Index("ix_report_run_next_try", "next_try"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    project_id: int
    schedule_id: int
    key: str = Field(max_length=64)
    """Each is written once: `due 1790000000000000`."""
    due: int = Field(sa_type=BigInteger)
    by_hand: bool
    state: str = Field(max_length=16)
    tries: int
    next_try: int | None = Field(default=None, sa_type=BigInteger)
    """When it is tried, or, while somebody is at it, when another one takes it over. Nothing: it is over."""
    file: str | None = Field(default=None, max_length=ID_LENGTH)
    rows: int | None = Field(default=None, sa_type=BigInteger)
    bytes: int | None = Field(default=None, sa_type=BigInteger)
    error: str | None = Field(default=None, max_length=ID_LENGTH)
    finished: int | None = Field(default=None, sa_type=BigInteger)
