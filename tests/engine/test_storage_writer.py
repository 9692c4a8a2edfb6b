"""The writer: what is acknowledged is durable, neighbours share a commit, and nobody takes another along."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.errors import Busy, NewerDatabase, StorageUnavailable, UnsupportedDatabase
from engine.storage import store
from engine.storage.store import Conflict, Database
from engine.storage.writer import Transaction, Writer


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    with database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE note (text VARCHAR(20) PRIMARY KEY)"))
    yield database
    database.close()


def notes(database: Database) -> set[str]:
    """What another connection sees: committed rows only."""
    with database.reading() as connection:
        return set(connection.execute(sa.text("SELECT text FROM note")).scalars())


def keep(transaction: Transaction, texts: Sequence[str]) -> list[str]:
    """A handler that writes texts; `bad` fails after having written."""
    for text in texts:
        transaction.connection.execute(sa.text("INSERT INTO note VALUES (:text)"), {"text": text})
        if text == "bad":
            raise ValueError("a fault in the handler")
    return [text.upper() for text in texts]


class Gate:
    """A handler that waits inside its transaction until it is opened."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def __call__(self, _: Transaction, requests: Sequence[None]) -> Sequence[None]:
        self.entered.set()
        assert self.opened.wait(10)
        return requests


def test_what_is_answered_is_durable(database: Database) -> None:
    writer = Writer(database)
    for number in range(20):
        assert writer.write(keep, f"n{number}") == f"N{number}"
        assert f"n{number}" in notes(database)
    writer.close()


def test_requests_that_wait_are_committed_together(database: Database) -> None:
    writer, gate, groups = Writer(database), Gate(), []

    def count(transaction: Transaction, texts: Sequence[str]) -> list[str]:
        groups.append(len(texts))
        return keep(transaction, texts)

    writer.post(gate, None)
    assert gate.entered.wait(10)
    answers = [writer.post(count, f"n{number}") for number in range(50)]
    gate.opened.set()
    assert [answer.result(10) for answer in answers] == [f"N{number}" for number in range(50)]
    assert groups == [50]
    writer.close()


def test_a_request_that_nobody_is_before_is_written_where_it_came_from(database: Database) -> None:
    writer, threads = Writer(database), []

    def note(transaction: Transaction, texts: Sequence[str]) -> list[str]:
        threads.append(threading.current_thread())
        return keep(transaction, texts)

    assert writer.write(note, "first") == "FIRST"
    assert writer.write(note, "in haste", patience=2.0) == "IN HASTE"
    here = threading.current_thread()
    # Who will not wait long leaves it to the thread, and so does everybody where a server may keep us waiting.
    assert [each is here for each in threads] == [database.is_sqlite, False]
    with pytest.raises(ValueError, match="a fault in the handler"):
        writer.write(keep, "bad")
    assert writer.write(keep, "last") == "LAST"
    assert notes(database) == {"first", "in haste", "last"}
    writer.close()


def test_what_comes_while_a_request_writes_by_itself_is_committed_together(database: Database) -> None:
    writer, gate, groups = Writer(database), Gate(), []

    def count(transaction: Transaction, texts: Sequence[str]) -> list[str]:
        groups.append(len(texts))
        return keep(transaction, texts)

    first = threading.Thread(target=lambda: writer.write(gate, None))
    first.start()
    assert gate.entered.wait(10)
    answers = [writer.post(count, f"n{number}") for number in range(20)]
    closing = threading.Thread(target=writer.close)
    closing.start()
    gate.opened.set()
    assert [answer.result(10) for answer in answers] == [f"N{number}" for number in range(20)]
    assert groups == [20]
    for each in (first, closing):
        each.join(10)
        assert not each.is_alive()


def test_a_request_that_fails_takes_no_neighbour_along(database: Database) -> None:
    writer, gate = Writer(database), Gate()
    writer.post(gate, None)
    assert gate.entered.wait(10)
    answers = {text: writer.post(keep, text) for text in ("before", "bad", "after")}
    gate.opened.set()
    assert answers["before"].result(10) == "BEFORE"
    assert answers["after"].result(10) == "AFTER"
    with pytest.raises(ValueError, match="a fault in the handler"):
        answers["bad"].result(10)
    assert notes(database) == {"before", "after"}
    writer.close()


def test_what_is_kept_in_memory_changes_only_after_the_commit(database: Database) -> None:
    writer, remembered = Writer(database), []

    def remember(transaction: Transaction, texts: Sequence[str]) -> list[str]:
        transaction.after_commit(lambda: remembered.extend(notes(database)))
        return keep(transaction, texts)

    writer.write(remember, "good")
    assert remembered == ["good"]
    with pytest.raises(ValueError, match="a fault"):
        writer.write(remember, "bad")
    assert remembered == ["good"]
    writer.close()


@pytest.mark.parametrize(("conflicts", "kept"), [(1, True), (4, True), (5, False)])
def test_a_transaction_that_another_one_got_in_the_way_of_is_done_again(
    database: Database, conflicts: int, *, kept: bool
) -> None:
    writer, tries = Writer(database), []

    def collide(transaction: Transaction, texts: Sequence[str]) -> list[str]:
        answers = keep(transaction, texts)
        tries.append(1)
        if len(tries) <= conflicts:
            raise Conflict("deadlock detected")
        return answers

    answer = writer.post(collide, "note")
    if kept:
        assert answer.result(10) == "NOTE"
    else:
        with pytest.raises(StorageUnavailable) as raised:
            answer.result(10)
        assert type(raised.value) is StorageUnavailable
    assert notes(database) == ({"note"} if kept else set())
    writer.close()


@pytest.mark.postgres
def test_a_deadlock_is_known_as_a_conflict(postgres_url: str) -> None:
    database, waiting = Database(postgres_url), threading.Barrier(2)
    with database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE pair (id INTEGER PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO pair VALUES (1), (2)"))
    found: list[BaseException] = []

    def cross(first: int, second: int) -> None:
        try:
            with database.writing() as connection:
                connection.execute(sa.text("SELECT 1 FROM pair WHERE id = :id FOR UPDATE"), {"id": first})
                waiting.wait(10)
                connection.execute(sa.text("SELECT 1 FROM pair WHERE id = :id FOR UPDATE"), {"id": second})
        except BaseException as error:
            found.append(error)

    crossing = [threading.Thread(target=cross, args=ids) for ids in ((1, 2), (2, 1))]
    for each in crossing:
        each.start()
    for each in crossing:
        each.join()
    assert [type(error) for error in found] == [Conflict]
    database.close()


def test_a_full_queue_says_busy_and_keeps_nothing_of_the_request(database: Database) -> None:
    writer, gate = Writer(database, queue_limit=10), Gate()
    writer.post(gate, None)
    assert gate.entered.wait(10)
    fits = writer.post(keep, "fits", weight=10)
    with pytest.raises(Busy):
        writer.post(keep, "too much", weight=1)
    gate.opened.set()
    assert fits.result(10) == "FITS"
    assert writer.write(keep, "later") == "LATER"
    assert notes(database) == {"fits", "later"}
    writer.close()


def test_closing_writes_what_waits_and_takes_nothing_new(database: Database) -> None:
    writer = Writer(database)
    answers = [writer.post(keep, f"n{number}") for number in range(30)]
    writer.close()
    assert all(answer.done() for answer in answers)
    assert len(notes(database)) == 30
    with pytest.raises(StorageUnavailable):
        writer.post(keep, "late")
    writer.close()


def test_many_threads_write_without_losing_or_doubling(database: Database) -> None:
    writer = Writer(database)

    def send(sender: int) -> None:
        for number in range(25):
            writer.write(keep, f"{sender}-{number}")

    senders = [threading.Thread(target=send, args=(sender,)) for sender in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(notes(database)) == 200
    writer.close()


def test_threads_that_write_at_once_take_turns_on_one_connection(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    used: set[int] = set()
    together = threading.Barrier(4, timeout=30)

    def work() -> None:
        for _ in range(10):
            together.wait()
            with database.writing() as connection:
                used.add(id(connection.connection.dbapi_connection))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(used) == 1
    database.close()


def test_a_thread_that_writes_for_too_long_keeps_no_other_waiting_for_ever(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LOCK_PATIENCE", 20)
    database = Database(sqlite_url)
    refused: list[StorageUnavailable] = []

    def write() -> None:
        try:
            with database.writing():
                raise AssertionError("it was not our turn")
        except StorageUnavailable as error:
            refused.append(error)

    with database.writing():
        other = threading.Thread(target=write)
        other.start()
        other.join()
    assert "another thread" in str(refused[0])
    with database.writing() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    database.close()


def test_a_database_that_is_locked_by_another_is_an_error_of_its_own(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    database.migrate()
    with database.writing() as other:
        other.exec_driver_sql("PRAGMA user_version")
        short = Database(sqlite_url)
        with pytest.raises(StorageUnavailable, match="locked"), short.writing() as connection:
            connection.exec_driver_sql("SELECT 1")
        short.close()
    database.close()


def test_sqlite_is_set_up_to_lose_nothing(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.reading() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert found == ["wal", 2]
    database.close()


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "sqlite:///:memory:", "nonsense"])
def test_an_address_that_we_cannot_use_is_refused_at_once(url: str) -> None:
    with pytest.raises(UnsupportedDatabase):
        Database(url)


def test_a_server_that_is_not_there_is_an_error_of_its_own() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    assert database.answers() is False
    with pytest.raises(StorageUnavailable), database.writing():
        pass


def test_migrating_twice_changes_nothing(url: str) -> None:
    database = Database(url)
    database.migrate()
    first = database.revision()
    database.migrate()
    assert database.revision() == first is not None
    database.close()


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    from engine.storage.tables import Base

    database = Database(url)
    database.migrate()
    with database.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    # The parts of the message ids and of the log are tables of their own to the database, not to us.
    assert [each for each in differences if not re.search(r"\b(message|event)_(\d+|default)\b", str(each))] == []
    database.close()


def test_the_migrations_can_be_undone(url: str) -> None:
    from alembic import command

    from engine.storage.store import migration_config

    database = Database(url)
    database.migrate()
    config = migration_config()
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with database.reading() as connection:
        left = set(sa.inspect(connection).get_table_names()) - {"alembic_version", "sqlite_sequence"}
    assert left == set()
    database.migrate()
    database.close()


def test_a_database_of_a_newer_release_is_left_alone(url: str) -> None:
    database = Database(url)
    database.migrate()
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase, match="9999"):
        database.migrate()
    assert database.revision() == "9999"
    database.close()


def test_a_migration_that_is_cut_off_has_changed_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import op

    database = Database(url)
    made = op.create_table

    def fail(name: str, *columns: object, **options: object) -> object:
        if name == "person":
            raise KeyboardInterrupt
        return made(name, *columns, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(op, "create_table", fail)
    with pytest.raises(KeyboardInterrupt):
        database.migrate()
    monkeypatch.undo()
    with database.reading() as connection:
        assert sa.inspect(connection).get_table_names() == []
    database.migrate()
    database.close()


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'deep' / 'waypost.sqlite'}")
    assert database.answers() is True
    database.close()
