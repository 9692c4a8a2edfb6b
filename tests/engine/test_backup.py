"""Backups: one state while the service goes on, put back whole or not at all, into either kind of database."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from dsl.values import Instant
from engine.errors import NewerDatabase
from engine.service import Service
from engine.storage import backup
from engine.storage.backup import BadBackup, NotEmpty, back_up, count_rows, read_manifest, restore
from engine.storage.store import Database
from engine.verification import verify
from tests.databases import PostgresServer
from tests.engine.clock import STARTED, Clock
from tests.engine.ingesting import RULES

MADE = Instant(1_770_000_000_000_000)


def message(number: int) -> dict[str, object]:
    return {"type": "track", "event": "DNS Check Failed", "userId": f"u{number % 7}", "messageId": f"m{number}"}


@pytest.fixture
def filled(service: Service, ruled: int) -> int:
    """A project with rules, states and forty events."""
    messages = [message(number) for number in range(40)]
    receipt = service.receive(ruled, messages, received=STARTED)  # type: ignore[arg-type]
    assert receipt.accepted == 40
    return ruled


@pytest.fixture
def file(service: Service, filled: int, tmp_path: Path) -> Path:
    path = tmp_path / "backup.zip"
    back_up(service.database, path, made=MADE, release="1.2.3")
    return path


@pytest.fixture
def empty(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'restored.sqlite'}")


def test_everything_comes_back_and_the_service_goes_on_with_it(
    service: Service, filled: int, file: Path, tmp_path: Path, clock: Clock
) -> None:
    url = f"sqlite:///{tmp_path / 'restored.sqlite'}"
    database = Database(url)
    assert restore(database, file).rows == count_rows(service.database)
    found = verify(database)
    assert (found.people, found.events, found.faults) == (7, 40, ())
    database.close()
    restored = Service.open(url, clock=clock)
    try:
        assert restored.publications.files(filled) == {"rules.way": RULES}
        for user in ("u0", "u6"):
            before, after = service.user(filled, user_id=user), restored.user(filled, user_id=user)
            assert before is not None
            assert before == after
        again = restored.receive(filled, [message(3), message(99)], received=STARTED)  # type: ignore[list-item]
        assert (again.accepted, again.duplicates) == (1, 1)
    finally:
        restored.close()


@pytest.mark.postgres
def test_a_backup_of_one_kind_of_database_goes_into_another(
    file: Path, postgres: PostgresServer, clock: Clock, filled: int
) -> None:
    url = postgres.new_database()
    database = Database(url)
    restore(database, file)
    assert verify(database).faults == ()
    database.close()
    restored = Service.open(url, clock=clock)
    try:
        # Numbers go on after the highest that was put back.
        assert restored.receive(filled, [message(99)], received=STARTED).accepted == 1  # type: ignore[list-item]
        assert restored.ensure_project("another").id > filled
    finally:
        restored.close()
    assert verify(Database(url)).faults == ()


def test_what_is_written_meanwhile_is_not_in_it(service: Service, filled: int, tmp_path: Path) -> None:
    later = [message(number) for number in range(100, 140)]
    sent = iter(later)

    def meanwhile(_: int) -> None:
        each = next(sent, None)
        if each is not None:
            service.receive(filled, [each], received=STARTED)  # type: ignore[list-item]

    rows = {
        each.name: each.rows
        for each in back_up(service.database, tmp_path / "b.zip", made=MADE, release="1", progress=meanwhile).tables
    }
    assert rows["event"] == rows["message"]
    assert rows["event"] < 80


def test_only_the_owner_may_read_it_and_it_says_what_it_is(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    manifest = read_manifest(file)
    assert (manifest.made, manifest.release) == (MADE, "1.2.3")
    assert {each.name: each.rows for each in manifest.tables}["event"] == 40


def test_nothing_is_overwritten(service: Service, file: Path) -> None:
    with pytest.raises(NotEmpty):
        restore(service.database, file)


def damaged(file: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    other = file.with_name("damaged.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return other


DAMAGES: list[tuple[str, Callable[[str, bytes], bytes | None]]] = [
    ("a changed row", lambda name, text: text.replace(b"u3", b"u4") if name == "tables/event.ndjson" else text),
    ("a missing row", lambda name, text: text[text.find(b"\n") + 1 :] if name == "tables/event.ndjson" else text),
    ("a missing table", lambda name, text: None if name == "tables/person.ndjson" else text),
    ("no manifest", lambda name, text: None if name == "manifest.json" else text),
    ("another format", lambda _, text: text.replace(b'"format": 1', b'"format": 9')),
    ("a manifest of something else", lambda name, text: b"[]" if name == "manifest.json" else text),
]


@pytest.mark.parametrize(("what", "change"), DAMAGES, ids=[what for what, _ in DAMAGES])
def test_a_damaged_backup_is_refused_and_nothing_is_left(
    file: Path, empty: Database, what: str, change: Callable[[str, bytes], bytes | None]
) -> None:
    with pytest.raises(BadBackup):
        restore(empty, damaged(file, change))
    assert empty.revision() is None


def test_what_is_no_archive_is_refused(tmp_path: Path, empty: Database) -> None:
    (tmp_path / "notes.txt").write_text("not a backup")
    with pytest.raises(BadBackup):
        restore(empty, tmp_path / "notes.txt")


def test_a_backup_of_a_newer_release_is_refused(file: Path, empty: Database) -> None:
    def newer(name: str, text: bytes) -> bytes:
        return orjson.dumps({**orjson.loads(text), "revision": "9999"}) if name == "manifest.json" else text

    with pytest.raises(NewerDatabase):
        restore(empty, damaged(file, newer))
    assert empty.revision() is None


def test_a_failure_in_the_middle_leaves_nothing_and_it_can_be_done_again(
    file: Path, empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(done: int) -> None:
        if done > 50:
            raise OSError("the disk is full")

    monkeypatch.setattr(backup, "_PART", 10)
    with pytest.raises(OSError, match="full"):
        restore(empty, file, progress=fail)
    assert empty.revision() is None
    restore(empty, file)
    assert verify(empty).faults == ()
