"""The log on PostgreSQL lies in a table a month, made ahead; what was there before the cut stays as it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from dsl.values import DAY, Duration, Instant, read_instant
from engine.service import Service
from engine.storage.postgres_partitions import drop_empty, make_ahead, missing, months
from engine.storage.store import Database, migration_config
from engine.verification import verify
from tests.engine.clock import Clock

pytestmark = pytest.mark.postgres

NOVEMBER = read_instant("2026-11-02T09:00:00Z") or Instant(0)


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    yield database
    database.close()


def downgrade(database: Database, revision: str) -> None:
    from alembic import command

    config = migration_config()
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def rows(database: Database) -> list[str]:
    """All events, whole, in the order of receipt."""
    with database.reading() as connection:
        return [str(tuple(row)) for row in connection.execute(sa.text("SELECT * FROM event ORDER BY seq"))]


def parts(database: Database) -> dict[str, int]:
    """The tables of the log, and how many events each holds."""
    with database.reading() as connection:
        counted = sa.text("SELECT tableoid::regclass::text, count(*) FROM event GROUP BY 1 ORDER BY 1")
        return dict(tuple(row) for row in connection.execute(counted))


def tables(database: Database) -> set[str]:
    with database.reading() as connection:
        return {name for name in sa.inspect(connection).get_table_names() if name.startswith("event_")}


def send(service: Service, clock: Clock, *names: str) -> None:
    messages = [{"type": "track", "event": "E", "userId": f"u-{name[0]}", "messageId": name} for name in names]
    assert service.receive(1, messages, received=clock.now).accepted == len(names)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-30T23:59:59.999999Z", ["event_2026_11", "event_2026_12", "event_2027_01"]),
        ("2026-12-01T00:00:00Z", ["event_2026_12", "event_2027_01", "event_2027_02"]),
        # A month is one of UTC, whatever the operator's clock shows.
        ("2027-01-01T00:30:00+01:00", ["event_2026_12", "event_2027_01", "event_2027_02"]),
    ],
)
def test_the_months_that_follow_an_instant(at: str, expected: list[str]) -> None:
    now = read_instant(at) or Instant(0)
    found = months(now, count=3)
    assert [name for name, _, _ in found] == expected
    assert found[0][1] <= now < found[0][2] == found[1][1]


def test_a_start_makes_this_month_and_three_more(postgres_url: str, database: Database) -> None:
    clock = Clock(NOVEMBER)
    service = Service.open(postgres_url, clock=clock)
    service.ensure_project()
    assert tables(database) == {
        "event_default",
        *("event_2026_11", "event_2026_12", "event_2027_01", "event_2027_02"),
    }
    send(service, clock, "a1")
    clock.now = Instant(NOVEMBER + 40 * DAY)
    send(service, clock, "a2")
    assert parts(database) == {"event_2026_11": 1, "event_2026_12": 1}
    service.close()


def test_making_ahead_again_makes_only_what_is_missing(database: Database) -> None:
    database.migrate()
    later = Instant(NOVEMBER + 31 * DAY)
    for now, expected in ((NOVEMBER, 4), (NOVEMBER, 0), (later, 1), (later, 0)):
        with database.writing() as connection:
            assert len(make_ahead(connection, now=now)) == expected


def test_what_fell_into_no_month_is_taken_into_its_month_when_that_is_made(
    postgres_url: str, database: Database
) -> None:
    clock = Clock(NOVEMBER)
    service = Service.open(postgres_url, clock=clock)
    service.ensure_project()
    clock.now = Instant(NOVEMBER + 200 * DAY)
    send(service, clock, "a1", "a2")
    assert parts(database) == {"event_default": 2}
    before = rows(database)
    with database.writing() as connection:
        make_ahead(connection, now=clock.now)
    assert parts(database) == {"event_2027_05": 2}
    assert rows(database) == before
    send(service, clock, "a3")
    service.close()
    assert verify(database).faults == ()


def test_a_log_with_events_is_cut_without_losing_any_and_put_together_again(
    postgres_url: str, database: Database
) -> None:
    clock = Clock(NOVEMBER)
    service = Service.open(postgres_url, clock=clock)
    service.ensure_project()
    for offset in (0, 20, 45):
        clock.now = Instant(NOVEMBER + offset * DAY)
        send(service, clock, f"a{offset}", f"b{offset}")
    service.close()
    cut = rows(database)

    downgrade(database, "0007")
    assert rows(database) == cut
    assert tables(database) == set()

    database.migrate()
    assert rows(database) == cut
    assert parts(database) == {"event_before": 6}
    with database.reading() as connection:
        # The latest event is of December, so January is the first month that has to be made.
        assert [name for name, _, _ in missing(connection, now=clock.now)] == [
            "event_2027_01",
            "event_2027_02",
            "event_2027_03",
        ]

    clock.now = Instant(NOVEMBER + 62 * DAY)
    service = Service.open(postgres_url, clock=clock)
    send(service, clock, "a62")
    # What was sent before is still known, and numbers go on where they were.
    assert (
        service.receive(
            1, [{"type": "track", "event": "E", "userId": "u-a", "messageId": "a0"}], received=clock.now
        ).duplicates
        == 1
    )
    service.close()
    assert parts(database) == {"event_before": 6, "event_2027_01": 1}
    assert rows(database)[:6] == cut
    assert verify(database).faults == ()


def test_an_empty_log_is_cut_too(database: Database) -> None:
    database.migrate("0007")
    database.migrate()
    assert tables(database) == {"event_default"}
    downgrade(database, "base")
    assert tables(database) == set()


def test_a_month_that_retention_has_emptied_is_dropped(postgres_url: str) -> None:
    clock = Clock(NOVEMBER)
    service = Service.open(postgres_url, clock=clock)
    project = service.ensure_project().id
    service.publish(project, {"a.way": 'event "E"\n'})
    send(service, clock, "a1", "b1")
    service.privacy.set_retention(project, 30)
    database = service.database

    def dropped() -> list[str]:
        with database.writing() as connection:
            return drop_empty(connection, now=clock.now)

    assert dropped() == [], "the month is not over"
    clock.pass_(Duration(80 * DAY))
    with database.writing() as connection:
        make_ahead(connection, now=clock.now)
    send(service, clock, "a2")
    assert "event_2026_12" in dropped(), "nothing was ever received in December"
    assert "event_2026_11" in tables(database), "its events are in no snapshot yet"
    service.privacy.retain(project, clock.now)
    assert dropped() == ["event_2026_11"]
    assert dropped() == []
    assert parts(database) == {"event_2027_01": 1}
    assert service.user(project, user_id="u-b") is not None
    assert verify(database).faults == ()
    send(service, clock, "a3")
    service.close()


def test_a_month_in_which_another_project_keeps_events_stays(postgres_url: str) -> None:
    clock = Clock(NOVEMBER)
    service = Service.open(postgres_url, clock=clock)
    first, second = service.ensure_project().id, service.ensure_project("other").id
    for project in (first, second):
        service.publish(project, {"a.way": 'event "E"\n'})
        message = {"type": "track", "event": "E", "userId": "u", "messageId": f"m{project}"}
        assert service.receive(project, [message], received=clock.now).accepted == 1
    service.privacy.set_retention(first, 30)
    clock.pass_(Duration(80 * DAY))
    assert service.privacy.retain(first, clock.now).events == 1
    with service.database.writing() as connection:
        assert "event_2026_11" not in drop_empty(connection, now=clock.now)
    assert parts(service.database) == {"event_2026_11": 1}
    service.close()
