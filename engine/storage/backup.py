"""A backup: everything of a database in one file, taken while the service goes on, and put back into an empty one.

The file is a ZIP archive with one `tables/NAME.ndjson` a table, a JSON array a row, and `manifest.json` with the
columns, the number of rows and a hash of each. It names no kind of database: a backup of SQLite can be put into
PostgreSQL, and the other way round. What it holds is one state of the database: writers are neither waited for nor
held up.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant, format_instant, read_instant
from engine.errors import WaypostError
from engine.storage.store import Database

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
_VERSIONS: Final = "alembic_version"
_PART: Final = 2_000
"""Rows read or written at once."""

Progress = Callable[[int], None]
"""Told how many rows are done."""


class BadBackup(WaypostError):
    """The file is no backup of ours, or was damaged. Nothing was put back."""

    code = "bad_backup"


class NotEmpty(WaypostError):
    """A backup is only put into an empty database, so that nothing is ever overwritten."""

    code = "not_empty"


@dataclass(frozen=True, slots=True)
class TableOf:
    """A table in a backup. binary: columns whose bytes are written as Base64."""

    name: str
    columns: tuple[str, ...]
    binary: tuple[str, ...]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. revision: of the schema; release: of the Waypost that made it."""

    made: Instant
    revision: str
    release: str
    tables: tuple[TableOf, ...]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(each.rows for each in self.tables)


def back_up(
    database: Database, file: Path, *, made: Instant, release: str, progress: Progress = lambda _: None
) -> Manifest:
    """Write a backup. The file is there only when it is complete, readable for its owner alone.

    Raises engine.errors.StorageUnavailable, OSError.
    """
    revision = database.revision()
    if revision is None:
        raise BadBackup("there is no database yet: nothing to back up")
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as aside:
        try:
            with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                with database.reading() as connection:
                    tables = tuple(_write_tables(archive, _one_state(connection), progress))
                manifest = Manifest(made, revision, release, tables)
                archive.writestr(MANIFEST, _written(manifest))
            aside.flush()
            os.fsync(aside.fileno())
            Path(aside.name).replace(file)
        except BaseException:
            Path(aside.name).unlink(missing_ok=True)
            raise
    return manifest


def count_rows(database: Database) -> int:
    """How many rows a backup would have, for a progress bar."""
    with database.reading() as connection:
        return sum(
            int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
            for table in _tables(connection)
        )


def read_manifest(file: Path) -> Manifest:
    """What a backup says of itself. Raises BadBackup."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _read(orjson.loads(archive.read(MANIFEST)))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise BadBackup(f"`{file}` is no backup of Waypost, or is not complete ({error})") from None


def restore(database: Database, file: Path, *, progress: Progress = lambda _: None) -> Manifest:
    """Put a backup into an empty database and bring the schema to this release; all of it, or nothing.

    Every table's hash is compared before anything is written. Raises BadBackup, NotEmpty, NewerDatabase,
    engine.errors.StorageUnavailable.
    """
    manifest = read_manifest(file)
    if database.revision() is not None:
        raise NotEmpty(
            "there is a database already, and a restore overwrites nothing: give another data folder, or an empty "
            "database"
        )
    with zipfile.ZipFile(file) as archive:
        for table in manifest.tables:
            _compare(archive, table)
        database.migrate(manifest.revision)
        try:
            with database.writing() as connection:
                _fill(connection, archive, manifest, progress)
        except BaseException:
            database.unmake()
            raise
    database.migrate()
    return manifest


def _one_state(connection: Connection) -> Connection:
    """The connection with all its questions answered from one state of the database. SQLite does so by itself."""
    if connection.dialect.name == "sqlite":
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ")


def _tables(connection: Connection) -> list[sa.Table]:
    """All tables as they are in the database; those that others point to first. Parts of a table count as one."""
    found = sa.MetaData()
    inspector = sa.inspect(connection)
    names = [name for name in inspector.get_table_names() if name != _VERSIONS]
    if connection.dialect.name != "sqlite":
        parts = connection.execute(sa.text("SELECT relname FROM pg_class WHERE relispartition")).scalars()
        names = sorted(set(names) - set(parts))
    found.reflect(connection, only=names)
    return found.sorted_tables


def _write_tables(archive: zipfile.ZipFile, connection: Connection, progress: Progress) -> Iterator[TableOf]:
    done = 0
    for table in _tables(connection):
        binary = tuple(str(column.name) for column in table.columns if isinstance(column.type, sa.LargeBinary))
        places = [number for number, column in enumerate(table.columns) if column.name in binary]
        digest, count = hashlib.sha256(), 0
        with archive.open(_entry(table.name), "w", force_zip64=True) as out:
            rows = connection.execute(sa.select(table), execution_options={"yield_per": _PART})
            for part in rows.partitions():
                text = b"".join(orjson.dumps(_plain(row, places)) + b"\n" for row in part)
                digest.update(text)
                out.write(text)
                count += len(part)
                progress(done + count)
        done += count
        # Names that SQLAlchemy reads are a kind of text of its own.
        names = tuple(str(column.name) for column in table.columns)
        yield TableOf(str(table.name), names, binary, count, digest.hexdigest())


def _plain(row: Sequence[Any], places: Sequence[int]) -> list[Any]:
    plain = list(row)
    for place in places:
        if plain[place] is not None:
            plain[place] = base64.b64encode(plain[place]).decode()
    return plain


def _compare(archive: zipfile.ZipFile, table: TableOf) -> None:
    digest = hashlib.sha256()
    try:
        with archive.open(_entry(table.name)) as entry:
            while part := entry.read(1 << 20):
                digest.update(part)
    except (KeyError, zipfile.BadZipFile, EOFError) as error:
        raise BadBackup(f"the table `{table.name}` is missing or damaged in the backup ({error})") from None
    if digest.hexdigest() != table.sha256:
        raise BadBackup(f"the table `{table.name}` is damaged in the backup: its hash is another one")


def _fill(connection: Connection, archive: zipfile.ZipFile, manifest: Manifest, progress: Progress) -> None:
    known = {table.name: table for table in _tables(connection)}
    written = {table.name: table for table in manifest.tables}
    if known.keys() != written.keys():
        odd = ", ".join(sorted(known.keys() ^ written.keys()))
        raise BadBackup(f"the backup does not fit its own revision {manifest.revision}; these tables differ: {odd}")
    done = 0
    for name, table in known.items():
        # A migration may have written rows of its own; what was backed up takes their place.
        connection.execute(sa.delete(table))
        with archive.open(_entry(name)) as entry:
            for rows in _parts(entry, written[name]):
                connection.execute(sa.insert(table), rows)
                done += len(rows)
                progress(done)
    if connection.dialect.name != "sqlite":
        for table in known.values():
            _continue_numbers(connection, table)


def _parts(entry: IO[bytes], table: TableOf) -> Iterator[list[dict[str, Any]]]:
    part: list[dict[str, Any]] = []
    for line in entry:
        row = dict(zip(table.columns, orjson.loads(line), strict=True))
        for name in table.binary:
            if row[name] is not None:
                row[name] = base64.b64decode(row[name])
        part.append(row)
        if len(part) == _PART:
            yield part
            part = []
    if part:
        yield part


def _continue_numbers(connection: Connection, table: sa.Table) -> None:
    """Let PostgreSQL go on numbering rows after the highest that was put back."""
    for column in table.primary_key:
        sequence = connection.execute(
            sa.text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
        ).scalar()
        highest = connection.execute(sa.select(sa.func.max(column))).scalar() if sequence is not None else None
        if highest is not None:
            connection.execute(
                sa.text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest}
            )


def _entry(table: str) -> str:
    return f"tables/{table}.ndjson"


def _written(manifest: Manifest) -> bytes:
    tables = [
        {"name": each.name, "columns": each.columns, "binary": each.binary, "rows": each.rows, "sha256": each.sha256}
        for each in manifest.tables
    ]
    document = {
        "format": FORMAT,
        "made": format_instant(manifest.made),
        "revision": manifest.revision,
        "release": manifest.release,
        "tables": tables,
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _read(document: Any) -> Manifest:
    if document["format"] != FORMAT:
        raise ValueError(f"its format {document['format']} is not known to this release")
    made = read_instant(document["made"])
    if made is None:
        raise ValueError("it does not say when it was made")
    tables = tuple(
        TableOf(each["name"], tuple(each["columns"]), tuple(each["binary"]), int(each["rows"]), each["sha256"])
        for each in document["tables"]
    )
    return Manifest(made, str(document["revision"]), str(document["release"]), tables)
