"""The stored shape of journey maps: what people type in, targets, when a step was looked at, snapshots.

What is measured is not stored, but in snapshots. `revision` counts up with every change of a row.
"""

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base


class MapCell(Base, table=True):
    """What somebody typed into a map; `engine.mapping.cells` says what each column means. Blank text: cleared."""

    __tablename__ = "map_cell"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    journey: str = Field(primary_key=True, max_length=ID_LENGTH)
    key: str = Field(primary_key=True, max_length=64)
    """A hash of row, stage, step, persona and touchpoint, so that there is one cell of each."""
    row: str = Field(max_length=32)
    stage: str = Field(max_length=ID_LENGTH)
    step: str = Field(max_length=ID_LENGTH)
    persona: str = Field(max_length=ID_LENGTH)
    touchpoint: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    evidence: str = Field(sa_type=Text)
    """A JSON list of texts, `engine.mapping.cells.EvidenceLink`."""
    revision: int
    created: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
    changed: int = Field(sa_type=BigInteger)
    changed_by: str = Field(max_length=ID_LENGTH)


class MapTarget(Base, table=True):
    """What a metric of a step is to be. Without a value: there is no target any more."""

    __tablename__ = "map_target"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    journey: str = Field(primary_key=True, max_length=ID_LENGTH)
    step: str = Field(primary_key=True, max_length=ID_LENGTH)
    persona: str = Field(primary_key=True, max_length=ID_LENGTH)
    metric: str = Field(primary_key=True, max_length=32)
    target: float | None = None
    due: str | None = Field(default=None, max_length=16)
    """A timebox."""
    revision: int
    changed: int = Field(sa_type=BigInteger)
    changed_by: str = Field(max_length=ID_LENGTH)


class MapLook(Base, table=True):
    """When somebody last looked at a step and confirmed that the map still says what is true."""

    __tablename__ = "map_look"

    project_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    journey: str = Field(primary_key=True, max_length=ID_LENGTH)
    step: str = Field(primary_key=True, max_length=ID_LENGTH)
    at: int = Field(sa_type=BigInteger)
    """Of the map that they saw, so that a release of after it still counts."""
    by: str = Field(max_length=ID_LENGTH)
    note: str = Field(sa_type=Text)


class MapSnapshot(Base, table=True):
    """A map as it was. Never changed, and without words of users: see `engine.mapping.snapshots`."""

    __tablename__ = "map_snapshot"
    __table_args__ = (
        UniqueConstraint(
            "project_id", "journey", "persona", "quarter", name="uq_map_snapshot_project_id_journey_persona_quarter"
        ),
        Index("ix_map_snapshot_project_id_journey", "project_id", "journey"),
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    journey: str = Field(max_length=ID_LENGTH)
    persona: str = Field(max_length=ID_LENGTH)
    quarter: str | None = Field(default=None, max_length=16)
    """Of those that are taken by themselves, one a quarter; None of those that somebody took."""
    begin: int = Field(sa_type=BigInteger)
    end: int = Field(sa_type=BigInteger)
    taken: int = Field(sa_type=BigInteger)
    by: str = Field(max_length=ID_LENGTH)
    note: str = Field(sa_type=Text)
    document: str = Field(sa_type=Text)
    """JSON, made by `engine.mapping.snapshots`."""
