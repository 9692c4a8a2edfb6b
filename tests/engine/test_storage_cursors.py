"""Reading by cursor while others write: no row is passed by, whoever commits first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.intake import take_in
from engine.storage import decisions, log, postgres_numbers
from engine.storage.decisions import DecisionRow
from engine.storage.lake import Lake
from engine.storage.log import Filed
from engine.storage.store import Database
from tests.engine.clock import STARTED


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    database.migrate()
    yield database
    database.close()


def write(connection: Connection, name: str) -> None:
    """Write one event, its number drawn now."""
    message = {"type": "track", "event": name, "userId": "u", "messageId": name}
    (taken,) = take_in([message], received=STARTED, new_id=str).taken
    (number,) = log.next_numbers(connection, 1)
    log.append(connection, [Filed(1, 1, taken, replace(taken.event, seq=number))])


def decide(connection: Connection, name: str) -> None:
    row = DecisionRow(name, 1, 1, Instant(0), "r", None, None, None, None, {})
    decisions.add(connection, [row])


def names(database: Database, after: int) -> tuple[list[str], int]:
    """Events after a cursor, and the next one: what whoever polls the log does."""
    with database.reading() as connection:
        found = log.received_after(connection, 1, after, limit=100)
    return [each.event.name for each in found], found[-1].event.seq if found else after


@pytest.mark.postgres
def test_a_reader_waits_for_numbers_that_were_drawn_first_and_are_committed_last(database: Database) -> None:
    with ExitStack() as early, ExitStack() as late:
        slow = early.enter_context(database.writing())
        write(slow, "slow")
        quick = late.enter_context(database.writing())
        write(quick, "quick")
        late.close()
        assert names(database, 0) == ([], 0)
        early.close()
    assert names(database, 0)[0] == ["slow", "quick"]


@pytest.mark.postgres
def test_without_waiting_the_same_reader_would_miss_one(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a cursor that takes what it sees."""
    monkeypatch.setattr(postgres_numbers, "settled", lambda *_: None)
    with ExitStack() as early, ExitStack() as late:
        write(early.enter_context(database.writing()), "slow")
        write(late.enter_context(database.writing()), "quick")
        late.close()
        seen, cursor = names(database, 0)
        early.close()
    seen += names(database, cursor)[0]
    assert seen == ["quick"]


@pytest.mark.postgres
def test_the_lake_gets_every_event_of_transactions_that_overlap(database: Database, tmp_path: Path) -> None:
    lake = Lake.of_project(tmp_path, 1)

    def copied() -> list[str]:
        import pyarrow.parquet as pq

        with database.reading() as connection:
            manifest = lake.sync(connection, 1)
        return sorted(name for file in manifest.files for name in pq.read_table(lake.folder / file)["name"].to_pylist())

    with ExitStack() as first, ExitStack() as second, ExitStack() as third:
        write(first.enter_context(database.writing()), "first")
        write(second.enter_context(database.writing()), "second")
        second.close()
        assert copied() == []
        write(third.enter_context(database.writing()), "third")
        first.close()
        # All up to the first that is still under way.
        assert copied() == ["first", "second"]
        third.close()
    assert copied() == ["first", "second", "third"]


@pytest.mark.postgres
def test_what_was_undone_holds_nobody_up(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            write(connection, "undone")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with database.writing() as connection:
        write(connection, "kept")
    assert names(database, 0)[0] == ["kept"]


@pytest.mark.postgres
def test_decisions_are_read_by_the_same_rule(database: Database) -> None:
    def seen() -> list[str]:
        with database.reading() as connection:
            return [row[0] for row in connection.exec_driver_sql("SELECT id FROM decision ORDER BY seq")]

    with ExitStack() as early, ExitStack() as late:
        decide(early.enter_context(database.writing()), "slow")
        decide(late.enter_context(database.writing()), "quick")
        late.close()
        assert seen() == ["quick"]
        with database.reading() as connection:
            last = postgres_numbers.settled(connection, "decision")
            quick = connection.exec_driver_sql("SELECT seq FROM decision").scalar_one()
        assert last is not None
        assert last < quick
        early.close()
    with database.reading() as connection:
        last = postgres_numbers.settled(connection, "decision")
    assert last is not None
    assert last >= quick


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_on_sqlite_every_row_that_is_seen_counts(url: str) -> None:
    database = Database(url)
    database.migrate()
    with database.reading() as connection:
        assert postgres_numbers.settled(connection, "event") is None
    database.close()
