"""The stored shape of background work: who does which job until when."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base


class JobLease(Base, table=True):
    """A background job: when it is due, who works on it, and how it went the last time."""

    __tablename__ = "job_lease"

    name: str = Field(primary_key=True, max_length=64)
    due: int = Field(sa_type=BigInteger)
    holder: str | None = Field(default=None, max_length=ID_LENGTH)
    leased_until: int | None = Field(default=None, sa_type=BigInteger)
    started: int | None = Field(default=None, sa_type=BigInteger)
    finished: int | None = Field(default=None, sa_type=BigInteger)
    error: str | None = Field(default=None, sa_type=Text)
    done: str | None = Field(default=None, sa_type=Text)
