"""What all tables share: the base class, the names of constraints, the length of ids."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table
from sqlmodel import SQLModel

# SQLite numbers rows by itself only where the column is called INTEGER.
BIG = BigInteger().with_variant(Integer, "sqlite")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

ID_LENGTH = 255


class Base(SQLModel):
    """The base of all tables; constraints have names, so that a migration can change them."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)


def table(model: type[Base]) -> Table:
    """The Core table of a model, for statements on the hot path."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found


def columns(model: type[Base]) -> dict[str, Column[Any]]:
    """The columns of a model by name."""
    return {column.name: column for column in table(model).columns}
