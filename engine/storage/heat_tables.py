"""The stored shape of the pictures that heat maps are drawn on."""

from sqlalchemy import BigInteger, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base


class HeatSnapshot(Base, table=True):
    """A masked picture of a page that somebody took: the newest for its pattern. It is about nobody."""

    __tablename__ = "heat_snapshot"
    __table_args__ = (UniqueConstraint("project_id", "page_hash", name="uq_heat_snapshot_project_id_page_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    page: str = Field(sa_type=Text)
    """A pattern of paths."""
    page_hash: str = Field(max_length=64)
    """SHA-256 of the pattern: texts of any length cannot be unique everywhere."""
    width: int
    height: int
    taken: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
    scrubbed: int
    """How many values were blotted out at the door."""
    events: bytes = Field(sa_type=LargeBinary)
    """A JSON list of rrweb's events meta and full snapshot, packed with gzip."""
