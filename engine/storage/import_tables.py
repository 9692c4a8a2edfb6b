"""The stored shape of imports that the console runs: the file in parts until it is read, and what its rows became."""

from sqlalchemy import BigInteger, Index, LargeBinary, Text
from sqlmodel import Field

from engine.storage.base import ID_LENGTH, Base


class ImportRun(Base, table=True):
    """A file that is to be taken in, is being taken in, or was."""

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_project_id", "project_id"), Index("ix_import_run_state", "state"))

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    format: str = Field(max_length=32)
    name: str = Field(max_length=ID_LENGTH)
    """Of the file."""
    options: str = Field(sa_type=Text)
    """A JSON object: what columns are, the time zone."""
    is_rehearsal: bool
    """True: nothing is taken in; only said what would come of it."""
    state: str = Field(max_length=16)
    size: int = Field(sa_type=BigInteger)
    """Bytes of the whole file."""
    came: int = Field(sa_type=BigInteger)
    """Bytes of it that came until now."""
    read: int = Field(sa_type=BigInteger)
    """Bytes of it that were read."""
    rows: int = Field(sa_type=BigInteger)
    skipped: int = Field(sa_type=BigInteger)
    accepted: int = Field(sa_type=BigInteger)
    duplicates: int = Field(sa_type=BigInteger)
    problems: str = Field(sa_type=Text)
    """A JSON list of [file, line, text]: the first of the rows that were not taken."""
    error: str | None = Field(default=None, sa_type=Text)
    by: str = Field(max_length=ID_LENGTH)
    created: int = Field(sa_type=BigInteger)
    started: int | None = Field(default=None, sa_type=BigInteger)
    finished: int | None = Field(default=None, sa_type=BigInteger)


class ImportPart(Base, table=True):
    """A part of a file that waits to be taken in; gone as soon as it was."""

    __tablename__ = "import_part"

    run_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    data: bytes = Field(sa_type=LargeBinary)


class ImportMapping(Base, table=True):
    """What the columns of a table are, kept under a name to use again."""

    __tablename__ = "import_mapping"
    __table_args__ = (Index("uq_import_mapping_project_id_name", "project_id", "name", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    project_id: int
    name: str = Field(max_length=ID_LENGTH)
    mapping: str = Field(sa_type=Text)
    """A JSON list of texts as `engine.imports.csv_rows.read_mapping` reads them."""
    zone: str = Field(max_length=ID_LENGTH)
    changed: int = Field(sa_type=BigInteger)
