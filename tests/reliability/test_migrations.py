"""The schema goes up and down with data in it, survives being killed in the middle, and is not touched unasked."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.config import read_settings
from api.start import open_service
from dsl.values import DAY, Instant, read_instant
from engine.errors import NewerDatabase, OlderDatabase, UnknownRevision
from engine.replies import Published
from engine.service import Service
from engine.storage.store import Database, known_revisions
from engine.verification import verify
from tests.engine.clock import Clock
from tests.reliability.load import RULES
from tests.reliability.test_resends import messages

NOW = read_instant("2026-11-03T00:00:00Z") or Instant(0)
SENT = 400
FIRST, NEWEST = known_revisions()[0], known_revisions()[-1]
LASTING = ("project", "api_key", "message", "event", "person", "identity", "user_state", "ruleset", "decision")
"""Tables of the first revision: whatever comes and goes, their rows stay."""


@pytest.fixture
def filled(url: str) -> Iterator[Database]:
    """A database of this release with everything in it that two days of use leave."""
    clock = Clock(NOW)
    service = Service.open(url, clock=clock)
    project = service.ensure_project(public_key="wp_pub_testtesttesttest1234").id
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    sent = messages(SENT)
    for part in (sent[: SENT // 2], sent[SENT // 2 :]):
        assert service.receive(project, part, received=clock.now, decide=True).accepted == SENT // 2
        clock.now = Instant(clock.now + DAY)
    service.settle(project)
    service.close()
    database = Database(url)
    yield database
    database.close()


def contents(database: Database) -> dict[str, list[str]]:
    """The rows of the lasting tables, without the columns that later revisions add."""
    found: dict[str, list[str]] = {}
    with database.reading() as connection:
        for name in LASTING:
            columns = sorted(column["name"] for column in sa.inspect(connection).get_columns(name))
            table = sa.table(name, *map(sa.column, columns))
            rows = connection.execute(sa.select(table)).mappings().all()
            found[name] = sorted(str(sorted(_lasting(name, row).items())) for row in rows)
    return found


def _lasting(table: str, row: Any) -> dict[str, Any]:
    kept = _FIRST_COLUMNS[table]
    return {
        name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items() if name in kept
    }


def _columns(path: Path) -> dict[str, set[str]]:
    database = Database(f"sqlite:///{path}")
    database.migrate(FIRST)
    with database.reading() as connection:
        inspected = sa.inspect(connection)
        found = {name: {column["name"] for column in inspected.get_columns(name)} for name in LASTING}
    database.close()
    return found


_FIRST_COLUMNS: dict[str, set[str]] = {}


@pytest.fixture(autouse=True, scope="module")
def first_columns(tmp_path_factory: pytest.TempPathFactory) -> None:
    _FIRST_COLUMNS.update(_columns(tmp_path_factory.mktemp("first") / "first.sqlite"))


def test_every_step_down_and_up_keeps_what_was_there(filled: Database) -> None:
    before = contents(filled)
    assert all(before.values())
    revisions = known_revisions()
    for revision in revisions[-2::-1]:
        filled.downgrade(revision)
        assert (filled.revision(), contents(filled)) == (revision, before)
    for revision in revisions[1:]:
        filled.migrate(revision)
        assert (filled.revision(), contents(filled)) == (revision, before)
    assert verify(filled).faults == ()


def test_after_going_down_and_up_the_service_goes_on_where_it_was(filled: Database, url: str) -> None:
    filled.downgrade(FIRST)
    clock = Clock(Instant(NOW + 3 * DAY))
    service = Service.open(url, clock=clock)
    again = service.receive(1, messages(SENT), received=clock.now)
    assert (again.accepted, again.duplicates) == (0, SENT)
    new = [{**message, "messageId": f"new-{message['messageId']}"} for message in messages(50)]
    assert service.receive(1, new, received=clock.now, decide=True).accepted == 50
    assert service.authenticate("wp_pub_testtesttesttest1234") is not None
    service.settle(1)
    service.close()
    assert verify(filled).faults == ()


def _migrate_and_die(url: str, statement: int) -> None:
    """Migrate in a process of its own and kill it before the statement of that number."""
    database, seen = Database(url), 0

    def count(*_: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(database._writing_engine, "before_cursor_execute", count)
    database.migrate()
    database.close()


def die_while_migrating(url: str, statement: int) -> bool:
    """True if it was killed; False if there are fewer statements than that."""
    process = multiprocessing.get_context("fork").Process(target=_migrate_and_die, args=(url, statement))
    process.start()
    process.join(60)
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def test_a_migration_that_is_killed_anywhere_has_changed_nothing_and_runs_again(filled: Database, url: str) -> None:
    filled.downgrade(FIRST)
    before = contents(filled)
    # No connection of ours is taken along into the process that dies.
    filled.close()
    killed = 0
    for statement in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233):
        if not die_while_migrating(url, statement):
            break
        killed += 1
        assert (filled.revision(), contents(filled)) == (FIRST, before)
        filled.close()
    assert killed > 5
    filled.migrate()
    assert (filled.revision(), contents(filled)) == (NEWEST, before)
    assert verify(filled).faults == ()


def test_a_first_start_that_is_killed_starts_again(url: str) -> None:
    for statement in (2, 20, 60):
        assert die_while_migrating(url, statement)
    database = Database(url)
    assert database.revision() is None
    database.migrate()
    assert database.revision() == NEWEST
    database.close()


def settings(tmp_path: Path, url: str, **more: str) -> Any:
    return read_settings({"WAYPOST_DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": url, **more})


def test_a_start_brings_an_older_database_up_to_date_unless_it_may_not(tmp_path: Path, url: str) -> None:
    database = Database(url)
    database.migrate(FIRST)
    with pytest.raises(OlderDatabase, match=f"`{FIRST}`.*`{NEWEST}`.*waypost db upgrade"):
        open_service(settings(tmp_path, url, WAYPOST_MIGRATE="refuse"))
    assert database.revision() == FIRST
    open_service(settings(tmp_path, url)).close()
    assert database.revision() == NEWEST
    open_service(settings(tmp_path, url, WAYPOST_MIGRATE="refuse")).close()
    database.close()


def test_a_start_leaves_a_newer_database_alone(tmp_path: Path, url: str) -> None:
    database = Database(url)
    database.migrate()
    with database.writing() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    for migrate in ("auto", "refuse"):
        with pytest.raises(NewerDatabase, match="9999"):
            open_service(settings(tmp_path, url, WAYPOST_MIGRATE=migrate))
    database.close()


@pytest.mark.parametrize("revision", ["9999", "", "head"])
def test_the_schema_is_not_taken_back_to_what_nobody_knows(tmp_path: Path, revision: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'waypost.sqlite'}")
    database.migrate()
    with pytest.raises(UnknownRevision, match=f"`{NEWEST}`"):
        database.downgrade(revision)
    assert database.revision() == NEWEST
    database.close()


def waypost(data: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli.main", *arguments],
        env={"PATH": "/usr/bin:/bin", "WAYPOST_DATA_DIR": str(data), **environ},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_command_line_says_what_to_do_with_an_older_database(tmp_path: Path) -> None:
    made = waypost(tmp_path, "db", "upgrade")
    assert made.returncode == 0
    back = waypost(tmp_path, "db", "downgrade", FIRST, "--yes")
    assert (back.returncode, back.stdout) == (0, f"the schema is at {FIRST} (it was at {NEWEST})\n")
    refused = waypost(tmp_path, "serve", WAYPOST_MIGRATE="refuse", WAYPOST_PORT="1")
    assert refused.returncode == 2
    assert "waypost db upgrade" in refused.stderr
    assert "Traceback" not in refused.stderr
