"""When a report is due, through changes of the clocks; each file whole, written once, tried again after failures."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import sqlalchemy as sa

from dsl.values import DAY, HOUR, MINUTE, Duration, Instant, format_instant, read_instant
from engine.report_desk import Place, ReportDesk
from engine.report_schedules import (
    HELD,
    MOST_TRIES,
    NEVER_BACK,
    PAUSES,
    BadSchedule,
    Every,
    ExportsOff,
    FileForm,
    NoSuchRun,
    NoSuchSchedule,
    RunState,
    Wanted,
    checked,
    file_name,
    next_due,
    period_of,
    words_of,
)
from engine.roadmap.items import StaleItem
from engine.service import Service
from engine.storage import report_schedules as kept
from engine.storage.store import Database
from engine.webhook_desk import WebhookDesk
from engine.webhooks import HookKind
from tests.engine.clock import Clock

DAILY = Wanted("funnel-eu", "funnel", {"journey": "way"}, FileForm.CSV, None, Every.DAY, 6, 1)


def at(text: str) -> Instant:
    found = read_instant(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("what", "wanted", "after", "zone", "due"),
    [
        ("today, still to come", DAILY, "2026-11-02T04:59:00Z", "Europe/Berlin", "2026-11-02T05:00:00Z"),
        ("not at the very moment", DAILY, "2026-11-02T05:00:00Z", "Europe/Berlin", "2026-11-03T05:00:00Z"),
        ("clocks went back", DAILY, "2026-10-24T12:00:00Z", "Europe/Berlin", "2026-10-25T05:00:00Z"),
        ("in summer", DAILY, "2026-10-23T12:00:00Z", "Europe/Berlin", "2026-10-24T04:00:00Z"),
        (
            "an hour that the day does not have",
            replace(DAILY, hour=2),
            "2026-03-28T12:00:00Z",
            "Europe/Berlin",
            "2026-03-29T01:00:00Z",
        ),
        (
            "and the day after it is at two again",
            replace(DAILY, hour=2),
            "2026-03-29T01:00:00Z",
            "Europe/Berlin",
            "2026-03-30T00:00:00Z",
        ),
        (
            "an hour that the day has twice comes once",
            replace(DAILY, hour=2),
            "2026-10-25T00:00:00Z",
            "Europe/Berlin",
            "2026-10-26T01:00:00Z",
        ),
        (
            "of a week",
            replace(DAILY, every=Every.WEEK, on=7),
            "2026-11-02T12:00:00Z",
            "UTC",
            "2026-11-08T06:00:00Z",
        ),
        (
            "of a month",
            replace(DAILY, every=Every.MONTH, on=28),
            "2026-02-28T07:00:00Z",
            "UTC",
            "2026-03-28T06:00:00Z",
        ),
        ("a zone that nobody knows", DAILY, "2026-11-02T04:59:00Z", "Nowhere/Atall", "2026-11-02T06:00:00Z"),
    ],
)
def test_when_it_is_due(what: str, wanted: Wanted, after: str, zone: str, due: str) -> None:
    assert format_instant(next_due(wanted, at(after), zone)) == due, what


def test_a_day_has_one_file_through_a_year_whatever_the_clocks_do() -> None:
    for zone in ("Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"):
        for hour in (0, 2, 3):
            wanted, due = replace(DAILY, hour=hour), at("2026-01-01T12:00:00Z")
            names = []
            for _ in range(366):
                due = next_due(wanted, due, zone)
                names.append(file_name(wanted, due, zone))
            assert len(set(names)) == len(names), (zone, hour)
            assert names == sorted(names)


def test_some_days_before_are_whole_days_of_the_zone() -> None:
    due = at("2026-10-26T05:00:00Z")
    assert period_of(replace(DAILY, days=1), due, "Europe/Berlin") == (
        at("2026-10-24T22:00:00Z"),
        at("2026-10-25T23:00:00Z"),
    ), "a day of 25 hours"
    assert period_of(DAILY, due, "Europe/Berlin") is None


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "../etc/passwd"},
        {"name": ""},
        {"name": "UPPER"},
        {"name": ".hidden"},
        {"name": "a" * 61},
        {"hour": 24},
        {"on": 0},
        {"on": 2},
        {"every": Every.WEEK, "on": 8},
        {"every": Every.MONTH, "on": 29},
        {"days": 0},
        {"days": 400},
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadSchedule):
        checked(replace(DAILY, **changed))


def test_when_is_told_in_words() -> None:
    assert words_of(DAILY) == "every day at 06:00"
    assert words_of(replace(DAILY, every=Every.WEEK, on=5)) == "every Friday at 06:00"
    assert words_of(replace(DAILY, every=Every.MONTH, on=3)) == "on day 3 of every month at 06:00"


class Fakes:
    """Reports that write what they are told to, or fail."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.wrote: list[tuple[str, Any]] = []
        self.meanwhile: Any = None

    def check(self, wanted: Wanted) -> None:
        if wanted.report == "nothing":
            raise BadSchedule("there is no report `nothing`")

    def write(self, service: Service, project_id: int, wanted: Wanted, period: Any, to: Path) -> int:  # noqa: ARG002
        to.write_text("half")
        if self.meanwhile is not None:
            self.meanwhile()
        if self.error is not None:
            raise self.error
        to.write_text("whole")
        self.wrote.append((wanted.name, period))
        return 3


class Exporting:
    def __init__(self, service: Service, clock: Clock, folder: Path) -> None:
        self.service, self.clock, self.folder, self.reports = service, clock, folder, Fakes()
        self.project = service.ensure_project().id
        self.desk = self.another()

    def another(self, **options: float) -> ReportDesk:
        return ReportDesk(self.service.database, Place(self.folder), self.reports, **options)

    def add(self, wanted: Wanted = DAILY) -> int:
        return self.desk.add(self.project, wanted, zone="UTC", by="member 1", now=self.clock.now).id

    def work(self) -> tuple[int, int]:
        return self.desk.work(self.service, clock=self.clock, renew=lambda: True)

    def files(self) -> list[str]:
        return sorted(str(each.relative_to(self.folder)) for each in self.folder.rglob("*") if each.is_file())


@pytest.fixture
def exporting(service: Service, clock: Clock, tmp_path: Path) -> Exporting:
    return Exporting(service, clock, tmp_path / "exports")


@pytest.fixture
def one(sqlite_url: str, clock: Clock, tmp_path: Path) -> Iterator[Exporting]:
    service = Service.open(sqlite_url, clock=clock)
    yield Exporting(service, clock, tmp_path / "exports")
    service.close()


def test_a_report_is_written_when_it_is_due_and_told_of(exporting: Exporting) -> None:
    hooks = WebhookDesk(exporting.service.database)
    kinds = [HookKind.EXPORT_FINISHED]
    hook, _ = hooks.add(exporting.project, "https://hooks.example.com/in", kinds, by="m", now=exporting.clock.now)
    exporting.add()
    assert exporting.work() == (0, 0)
    exporting.clock.pass_(Duration(21 * HOUR))
    assert exporting.work() == (1, 0)
    assert exporting.work() == (0, 0)
    assert exporting.files() == ["default/funnel-eu-2026-11-03.csv"]
    (run,) = exporting.desk.runs(exporting.project)
    assert (run.state, run.rows, run.bytes, run.error) == (RunState.DONE, 3, 5, None)
    assert exporting.desk.file_of(exporting.project, run.id, "default").read_text() == "whole"
    assert [each.kind for each in hooks.deliveries(exporting.project, hook.id)] == kinds
    exporting.clock.pass_(Duration(5 * DAY))
    assert exporting.work() == (1, 0), "what was missed is one file"


def test_what_fails_leaves_no_half_file_and_is_tried_again_then_given_up(one: Exporting) -> None:
    one.reports.error = BadSchedule("the rules have no such journey")
    one.add()
    one.clock.pass_(Duration(21 * HOUR))
    for pause in PAUSES:
        assert one.work() == (0, 1)
        assert one.work() == (0, 0), "not before its time"
        assert one.files() == []
        one.clock.pass_(pause)
    assert one.work() == (0, 1)
    (run,) = one.desk.runs(one.project)
    assert (run.state, run.tries, run.error) == (RunState.FAILED, 5, "the rules have no such journey")
    with pytest.raises(NoSuchRun):
        one.desk.file_of(one.project, run.id, "default")
    assert _copies(one.service.database) == []


def test_a_fault_of_ours_is_told_without_its_words_and_mended_by_the_next_try(one: Exporting) -> None:
    one.reports.error = RuntimeError("password=secret")
    number = one.add()
    one.desk.run_now(one.project, number, now=one.clock.now)
    assert one.work() == (0, 1)
    (run,) = one.desk.runs(one.project)
    assert run.error == "it failed: RuntimeError; the log of the worker says more"
    one.reports.error = None
    one.clock.pass_(PAUSES[0])
    assert one.work() == (1, 0)
    assert one.files() == [f"default/funnel-eu-2026-11-02-{run.id}.csv"]


def test_two_workers_write_it_once_and_one_that_died_is_taken_over(exporting: Exporting) -> None:
    number = exporting.add()
    exporting.desk.run_now(exporting.project, number, now=exporting.clock.now)
    seen: list[tuple[int, int]] = []
    other = exporting.another()

    def meanwhile() -> None:
        exporting.reports.meanwhile = None
        seen.append(other.work(exporting.service, clock=exporting.clock, renew=lambda: True))

    exporting.reports.meanwhile = meanwhile
    assert exporting.work() == (1, 0)
    assert seen == [(0, 0)]

    def dies() -> None:
        raise KeyboardInterrupt

    exporting.clock.pass_(Duration(MINUTE))
    exporting.desk.run_now(exporting.project, number, now=exporting.clock.now)
    exporting.reports.meanwhile = dies
    with pytest.raises(KeyboardInterrupt):
        exporting.work()
    exporting.reports.meanwhile = None
    assert other.work(exporting.service, clock=exporting.clock, renew=lambda: True) == (0, 0), "it may still be at it"
    exporting.clock.pass_(HELD)
    assert other.work(exporting.service, clock=exporting.clock, renew=lambda: True) == (1, 0)
    assert all(not name.rpartition("/")[2].startswith(".") for name in exporting.files())


def test_one_is_changed_turned_off_and_removed_and_nobody_elses(one: Exporting) -> None:
    number, now = one.add(), one.clock.now
    with pytest.raises(BadSchedule, match="already"):
        one.add()
    with pytest.raises(BadSchedule, match="no report"):
        one.add(replace(DAILY, name="other", report="nothing"))
    with pytest.raises(StaleItem):
        one.desk.change(one.project, number, {"hour": 7}, revision=9, zone="UTC", by="m", now=now)
    changed = one.desk.change(one.project, number, {"hour": 10}, revision=1, zone="UTC", by="m", now=now)
    assert changed.next_due == now + HOUR
    off = one.desk.change(one.project, number, {"is_on": False}, revision=2, zone="UTC", by="m", now=now)
    assert (off.is_on, off.next_due) == (False, None)
    one.clock.pass_(Duration(3 * DAY))
    assert one.work() == (0, 0)
    with pytest.raises(NoSuchSchedule):
        one.desk.remove(one.project + 1, number, by="m", now=now)
    one.desk.remove(one.project, number, by="m", now=now)
    assert one.desk.schedules(one.project) == []


def test_what_is_written_for_long_is_not_taken_from_a_worker_that_lives(exporting: Exporting) -> None:
    exporting.desk, other = exporting.another(holds_every=0.01), exporting.another()
    number = exporting.add()
    exporting.desk.run_now(exporting.project, number, now=exporting.clock.now)
    seen: list[tuple[int, int]] = []

    def meanwhile() -> None:
        exporting.reports.meanwhile = None
        for _ in range(3):
            exporting.clock.pass_(Duration(HELD - MINUTE))
            until = monotonic() + 10
            while (exporting.desk.runs(exporting.project)[0].next_try or 0) < exporting.clock.now + HELD:
                assert monotonic() < until, "it is not held"
                sleep(0.01)
            seen.append(other.work(exporting.service, clock=exporting.clock, renew=lambda: True))

    exporting.reports.meanwhile = meanwhile
    assert exporting.work() == (1, 0)
    assert seen == [(0, 0)] * 3
    assert exporting.desk.runs(exporting.project)[0].tries == 1


def test_what_takes_every_worker_down_with_it_is_given_up(exporting: Exporting) -> None:
    def dies() -> None:
        raise KeyboardInterrupt

    exporting.desk.run_now(exporting.project, exporting.add(), now=exporting.clock.now)
    exporting.reports.meanwhile = dies
    for _ in range(MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            exporting.work()
        exporting.clock.pass_(HELD)
    assert exporting.work() == (0, 0)
    (run,) = [each for each in exporting.desk.runs(exporting.project) if each.by_hand]
    assert (run.state, run.tries, run.error) == (RunState.FAILED, MOST_TRIES, NEVER_BACK)
    assert (run.next_try, run.finished) == (None, exporting.clock.now)


def test_of_two_changes_at_once_one_is_kept_and_the_other_is_told(exporting: Exporting) -> None:
    number, now = exporting.add(), exporting.clock.now
    (found,) = exporting.desk.schedules(exporting.project)
    with ThreadPoolExecutor(1) as other:
        with exporting.service.database.writing() as connection:
            kept.change(connection, found, replace(DAILY, hour=7), is_on=True, next_due=found.next_due)
            changes = {"hour": 8}
            second = other.submit(
                exporting.desk.change, exporting.project, number, changes, revision=1, zone="UTC", by="m", now=now
            )
            # Time to read what was before.
            wait([second], timeout=0.5)
        with pytest.raises(StaleItem, match="at revision 2"):
            second.result()
    assert exporting.desk.schedules(exporting.project)[0].wanted.hour == 7


def test_a_file_that_is_due_is_written_though_its_export_is_given_another_name(one: Exporting) -> None:
    number = one.add()
    one.clock.pass_(Duration(23 * HOUR))
    one.desk.change(one.project, number, {"name": "funnel-us"}, revision=1, zone="UTC", by="m", now=one.clock.now)
    assert one.work() == (1, 0)
    assert one.files() == ["default/funnel-us-2026-11-03.csv"]
    later = one.desk.change(one.project, number, {"hour": 5}, revision=2, zone="UTC", by="m", now=one.clock.now)
    assert later.next_due == at("2026-11-04T05:00:00Z")


def test_what_a_new_project_asks_for_while_others_are_written_is_written_too(one: Exporting) -> None:
    def meanwhile() -> None:
        one.reports.meanwhile = None
        one.project = one.service.tenancy.add("another").id
        one.desk.run_now(one.project, one.add(), now=one.clock.now)

    one.desk.run_now(one.project, one.add(), now=one.clock.now)
    one.reports.meanwhile = meanwhile
    assert one.work() == (2, 0)
    assert [name.partition("/")[0] for name in one.files()] == ["another", "default"]


def test_a_server_without_a_folder_writes_nothing_and_says_so(one: Exporting) -> None:
    off = ReportDesk(one.service.database, Place(None), one.reports)
    with pytest.raises(ExportsOff, match="WAYPOST_EXPORTS_DIR"):
        off.add(one.project, DAILY, zone="UTC", by="m", now=one.clock.now)
    assert off.work(one.service, clock=one.clock, renew=lambda: True) == (0, 0)


def test_a_file_of_everybody_is_among_the_copies(one: Exporting) -> None:
    number = one.add()
    one.desk.run_now(one.project, number, now=one.clock.now)
    one.work()
    assert any("funnel-eu" in path for path in _copies(one.service.database))


def _copies(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.execute(sa.text("SELECT path FROM data_copy WHERE removed IS NULL")).scalars())
