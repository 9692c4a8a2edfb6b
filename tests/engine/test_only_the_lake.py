"""Analyses open the files of the lake, and never the live database: DuckDB beside a writer of SQLite loses its rows."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsl.values import DAY, MINUTE, Duration
from engine import product_figures
from engine.analyst import Analyst
from engine.analytics.asked import FunnelAsked
from engine.analytics.engines import DuckDB, engine_at
from engine.analytics.paths_asked import PathsAsked
from engine.paths import paths
from engine.product_figures import FiguresAsked
from engine.replies import Published
from engine.service import Service
from engine.step_records import RecordsAsked, records, transitions
from tests.engine.clock import Clock
from tests.engine.serving import track

RULES = """
event "Paid" { amount: number }
attribute plan: text
persona pro "Pro" where plan is "pro"
journey way "The way" {
  stage s "S" {
    step begin "Begin" reached by "Begun"
    step send "Send" reached by "Sent"
  }
  outcome "Sent"
  gives up after 1 day
}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a live database and a file of somebody else beside the lake."""
    (tmp_path / "lake").mkdir()
    for place in (tmp_path / "lake" / "mine.parquet", tmp_path / "other.parquet"):
        pq.write_table(pa.table({"number": [7]}), place)
    with sqlite3.connect(tmp_path / "live.sqlite") as live:
        live.execute("CREATE TABLE event (seq INTEGER)")
    return tmp_path


REFUSED = [
    "ATTACH '{0}/live.sqlite' (TYPE sqlite)",
    "ATTACH '{0}/live.sqlite'",
    "ATTACH 'host=127.0.0.1 dbname=waypost' (TYPE postgres)",
    "ATTACH '{0}/lake/new.duckdb' (TYPE sqlite)",
    "LOAD sqlite",
    "LOAD sqlite_scanner",
    "LOAD postgres",
    "LOAD httpfs",
    "LOAD '{0}/lake/any.duckdb_extension'",
    "SELECT * FROM sqlite_scan('{0}/live.sqlite', 'event')",
    "SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 'event')",
    "SET enable_external_access = true",
    "SET allowed_directories = ['/']",
    "SET autoload_known_extensions = true",
    "SET extension_directory = '{0}'",
]
"""Whichever folder an engine is held to."""
OUTSIDE = [
    "SELECT * FROM read_parquet('{0}/other.parquet')",
    "SELECT * FROM read_parquet('{0}/lake/../other.parquet')",
    "SELECT content FROM read_blob('{0}/live.sqlite')",
    "ATTACH '{0}/new.duckdb'",
    "COPY (SELECT 1) TO '{0}/out.csv'",
    "INSTALL sqlite",
    "INSTALL postgres",
]
"""Of an engine that is held to the lake."""


def taken(engine: DuckDB, folder: Path, statements: list[str]) -> list[str]:
    """The statements that an engine did not refuse."""
    found = []
    for statement in statements:
        with contextlib.suppress(duckdb.Error):
            engine.backend.raw_sql(statement.format(folder))
            found.append(statement)
    return found


def test_an_engine_held_to_the_lake_refuses_everything_else(folder: Path) -> None:
    with engine_at(None, lake=folder / "lake", spill=folder / "lake" / "spill") as engine:
        assert isinstance(engine, DuckDB)
        assert taken(engine, folder, [*REFUSED, *OUTSIDE]) == []
        assert engine.rows(engine.table([folder / "lake" / "mine.parquet"])) == [{"number": 7}]


def test_an_engine_without_a_folder_opens_no_database_either(folder: Path) -> None:
    with engine_at(None) as engine:
        assert isinstance(engine, DuckDB)
        assert taken(engine, folder, REFUSED) == []
        assert taken(engine, folder, OUTSIDE[:1]) == OUTSIDE[:1]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every file that an engine has opened, once it is closed."""
    found: list[Path] = []
    connect, close = ibis.duckdb.connect, DuckDB.close

    def connect_and_log(**chosen: Any) -> Any:
        backend = connect(**chosen)
        backend.raw_sql("CALL enable_logging('FileSystem')")
        return backend

    def close_and_tell(engine: DuckDB) -> None:
        told = "SELECT DISTINCT parse_duckdb_log_message('FileSystem', message).path FROM duckdb_logs"
        rows = engine.backend.raw_sql(f"{told} WHERE type = 'FileSystem'").fetchall()
        found.extend(Path(path) for (path,) in rows)
        close(engine)

    monkeypatch.setattr(ibis.duckdb, "connect", connect_and_log)
    monkeypatch.setattr(DuckDB, "close", close_and_tell)
    return found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Service, int, Analyst]]:
    """A service with a journey and what ten people did, of whom six came through."""
    clock = Clock()
    service = Service.open(f"sqlite:///{tmp_path / 'live.db'}", clock=clock, lakes=tmp_path / "lake")
    project = service.ensure_project().id
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    for number in range(10):
        for name in ("Begun", "Looked", "Paid", *(["Sent"] if number < 6 else [])):
            sent = track(name, user=f"u{number}", at=clock.now, context={"userAgent": "Mozilla/5.0"})
            service.receive(project, [sent], received=clock.now)
            clock.pass_(Duration(MINUTE))
    clock.pass_(Duration(3 * DAY))
    yield service, project, Analyst(service.database, tmp_path / "lake")
    service.close()


def ask(service: Service, project: int, analyst: Analyst, what: str) -> Any:
    rules = service.rules_now(project)
    match what:
        case "funnel":
            return analyst.funnel(project, FunnelAsked(journey="way"), rules).steps[-1].count
        case "paths":
            return paths(analyst, project, PathsAsked(journey="way", at="send"), rules).cohort.units
        case "records":
            return records(analyst, project, RecordsAsked("way"), rules).records[0].counts.entered
        case "transitions":
            return transitions(analyst, project, RecordsAsked("way"), rules).transitions[0].went_on
        case _:
            found = product_figures.figures(analyst, project, FiguresAsked(revenue="Paid.amount"), rules)
            return len(found.figures) > 10


ASKED = {"funnel": 6, "paths": 4, "records": 10, "transitions": 6, "figures": True}


def test_an_analysis_opens_parquet_below_the_lake_and_nothing_else(
    site: tuple[Service, int, Analyst], opened: list[Path], tmp_path: Path
) -> None:
    lake = site[2].lake(site[1])
    for what, answer in ASKED.items():
        opened.clear()
        assert ask(*site, what) == answer
        parts = (part.name for part in lake.manifest().people)
        assert set(opened) == {lake.folder / name for name in (*lake.manifest().files, *parts)}, what
        assert {path.suffix for path in opened} == {".parquet"}
    assert (tmp_path / "lake") in lake.folder.parents
