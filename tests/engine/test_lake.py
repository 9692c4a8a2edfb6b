"""The copy of the log that analyses read: all of it, nothing twice, whatever happens meanwhile."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from dsl.values import DAY, format_instant
from engine.analytics.engines import DuckDB, Engine
from engine.analytics.history import NothingRecorded, open_history
from engine.analytics.population import Kind, Population
from engine.service import Service
from engine.storage import lake as lakes
from engine.storage import lake_files
from engine.storage.lake import Lake, LakeInUse, Manifest
from engine.storage.lake_rows import is_bot
from engine.storage.tables import Event, table
from tests.engine.clock import STARTED

BROWSER = {"page": {"path": "/a"}, "userAgent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDB()
    yield engine
    engine.close()


@pytest.fixture
def lake(tmp_path: Path, project: int) -> Lake:
    return Lake.of_project(tmp_path / "lake", project)


def sync(service: Service, lake: Lake, project: int) -> Manifest:
    with service.database.reading() as connection:
        return lake.sync(connection, project)


def track(number: int, name: str = "Looked", **more: Any) -> dict[str, Any]:
    who = {} if "anonymousId" in more else {"userId": "ada"}
    return {"type": "track", "event": name, "messageId": f"m{number}", **who, **more}


def rows(engine: Engine, lake: Lake, population: Population | None = None) -> list[dict[str, Any]]:
    """Each event by its number in the order of receipt, with the id of whose it is."""
    with open_history(lake, engine, population or Population(everyone=True)) as history:
        people = history.people.rename(number="person")
        joined = history.events.join(people, history.events.person == people.number)
        return engine.rows(joined.select("seq", "name", "user", "path", "device", "properties").order_by("seq"))


@pytest.mark.parametrize("sizes", [(10,), (3, 1, 2), (25, 4), (1, 60, 9)])
def test_files_are_made_one_a_part_at_a_time_with_every_row_in_its_place(
    tmp_path: Path, sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake_files, "ROW_GROUP", 10)
    monkeypatch.setattr(lake_files, "_READ_AT_ONCE", 4)
    whole = pa.table({"seq": list(range(sum(sizes))), "name": [None if n % 3 else f"é{n}" for n in range(sum(sizes))]})
    names = [f"{number}.parquet" for number in range(len(sizes))]
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    for name, start, size in zip(names, starts, sizes, strict=True):
        lake_files.write_file(tmp_path / name, whole.slice(start, size))
    merged = tmp_path / "day" / "merged.parquet"
    lake_files.merge_files(tmp_path, names, merged)
    written = pq.ParquetFile(merged)
    assert written.read() == whole
    groups = [written.metadata.row_group(number).num_rows for number in range(written.num_row_groups)]
    assert groups == [10] * (sum(sizes) // 10) + ([rest] if (rest := sum(sizes) % 10) else [])


def test_each_event_is_copied_once_however_often_is_copied(
    service: Service, project: int, lake: Lake, engine: Engine
) -> None:
    for number in range(30):
        service.receive(project, [track(number)], received=STARTED)
        sync(service, lake, project)
    sync(service, lake, project)
    found = rows(engine, lake)
    assert len(found) == 30
    assert len({row["seq"] for row in found}) == 30
    assert all(len(parts) <= lakes.MOST_FILES_OF_A_DAY for parts in lake.manifest().days.values())
    assert len(list(lake.folder.glob("events/*/*"))) == len(lake.manifest().files)


def test_a_copy_that_brings_nothing_changes_nothing(service: Service, project: int, lake: Lake) -> None:
    service.receive(project, [track(1)], received=STARTED)
    before = sync(service, lake, project)
    assert sync(service, lake, project) == before
    service.receive(project, [track(2)], received=STARTED)
    assert sync(service, lake, project).version > before.version


def test_a_copy_that_was_cut_off_is_made_again(
    service: Service, project: int, lake: Lake, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.receive(project, [track(1)], received=STARTED)
    sync(service, lake, project)
    service.receive(project, [track(2), track(3)], received=STARTED)
    with monkeypatch.context() as patched:
        patched.setattr(lakes, "replace_file", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            sync(service, lake, project)
    assert len(rows(engine, lake)) == 1
    sync(service, lake, project)
    assert len(rows(engine, lake)) == 3
    assert len(list(lake.folder.glob("events/*/*"))) == len(lake.manifest().files)


def test_who_turns_out_to_be_somebody_is_them_in_what_was_copied_before(
    service: Service, project: int, lake: Lake, engine: Engine
) -> None:
    service.receive(project, [track(1, anonymousId="visitor")], received=STARTED)
    service.receive(project, [track(2)], received=STARTED)
    sync(service, lake, project)
    assert [row["user"] for row in rows(engine, lake)] == ["visitor", "ada"]
    service.receive(project, [{"type": "identify", "userId": "ada", "anonymousId": "visitor"}], received=STARTED)
    sync(service, lake, project)
    assert [row["user"] for row in rows(engine, lake)] == ["ada", "ada", "ada"]
    assert lake.manifest().merged >= 1


def test_events_lie_by_the_day_on_which_they_happened(service: Service, project: int, lake: Lake) -> None:
    late = {"timestamp": format_instant(STARTED - 3 * DAY), "sentAt": format_instant(STARTED)}
    service.receive(project, [track(1), track(2, **late)], received=STARTED)
    days = list(sync(service, lake, project).days)
    assert len(days) == 2
    assert all((lake.folder / name).parent.name in {f"day={day}" for day in days} for name in lake.manifest().files)


def test_what_the_context_tells_has_columns_of_its_own(
    service: Service, project: int, lake: Lake, engine: Engine
) -> None:
    context = BROWSER | {"device": {"type": "mobile"}}
    service.receive(project, [track(1, context=context), track(2, properties={"path": "/own"})], received=STARTED)
    sync(service, lake, project)
    assert [(row["path"], row["device"]) for row in rows(engine, lake)] == [("/a", "mobile"), ("/own", None)]


AGENTS = [
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", False),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1", False),
    ("Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", False),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0", True),
    ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", True),
    ("Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", True),
]


@pytest.mark.parametrize(("agent", "is_one"), AGENTS)
def test_programs_that_nobody_sits_in_front_of_are_known(agent: str, is_one: bool) -> None:
    assert is_bot(agent) is is_one


POPULATIONS = [
    (Population(), ["ada"], (Kind.SIMULATED, Kind.BOT, Kind.INTERNAL)),
    (Population(with_simulated=True), ["ada", "sim", "sim"], (Kind.BOT, Kind.INTERNAL)),
    (Population(everyone=True), ["ada", "sim", "sim", "crawler"], ()),
]


@pytest.mark.parametrize(("population", "users", "left_out"), POPULATIONS, ids=["nobody else", "simulated", "everyone"])
def test_one_switch_says_who_counts(
    service: Service,
    project: int,
    lake: Lake,
    engine: Engine,
    population: Population,
    users: list[str],
    left_out: tuple[Kind, ...],
) -> None:
    bot = BROWSER | {"userAgent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}
    sent = [track(1, context=BROWSER), track(2, userId="sim", context={"simulated": True}), track(3, userId="sim")]
    service.receive(project, [*sent, track(4, userId="crawler", context=bot)], received=STARTED)
    sync(service, lake, project)
    assert [row["user"] for row in rows(engine, lake, population)] == users
    with open_history(lake, engine, population) as history:
        assert history.left_out == left_out


def test_an_empty_lake_says_so(lake: Lake, engine: Engine) -> None:
    with pytest.raises(NothingRecorded), open_history(lake, engine):
        pass


def test_a_lake_of_another_format_is_copied_anew(service: Service, project: int, lake: Lake, engine: Engine) -> None:
    service.receive(project, [track(1)], received=STARTED)
    sync(service, lake, project)
    written = (lake.folder / "manifest.json").read_text()
    (lake.folder / "manifest.json").write_text(written.replace('"format": 2', '"format": 1'))
    (lake.folder / "persons.parquet").write_bytes(b"old")
    assert sync(service, lake, project).rows == 1
    assert len(rows(engine, lake)) == 1
    assert not (lake.folder / "persons.parquet").exists()


def test_files_that_are_read_stay_until_nobody_reads(
    service: Service, project: int, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.receive(project, [track(1)], received=STARTED)
    sync(service, lake, project)
    monkeypatch.setattr(lakes, "MOST_FILES_OF_A_DAY", 1)
    with lake.reading() as manifest:
        service.receive(project, [track(2)], received=STARTED)
        sync(service, lake, project)
        assert all((lake.folder / name).exists() for name in manifest.files)
        assert manifest.files != lake.manifest().files
    sync(service, lake, project)
    assert not any((lake.folder / name).exists() for name in manifest.files)


def test_an_erasure_does_not_end_while_files_with_the_person_are_read(
    service: Service, project: int, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.receive(project, [track(1), track(2, userId="bob")], received=STARTED)
    sync(service, lake, project)
    monkeypatch.setattr(lakes, "_TRIES", 2)
    with lake.reading(), service.database.reading() as connection, pytest.raises(LakeInUse):
        lake.forget(connection, project, {1})
    with service.database.reading() as connection:
        assert lake.forget(connection, project, {1}) == 0
    assert lake.manifest().rows == 1
    assert len(list(lake.folder.glob("events/*/*"))) == 1


def torture(service: Service, project: int, lake: Lake, engine: Engine, *, seconds: float, writers: int) -> None:
    """Writers at full speed, copies and reads beside them: in the end every acknowledged event is there, once."""
    kept: list[list[str]] = [[] for _ in range(writers)]
    faults: list[BaseException] = []
    over = threading.Event()

    def write(place: int) -> None:
        number = 0
        while not over.is_set():
            number += 1
            names = [f"{place}-{number}-{each}" for each in range(20)]
            user = f"u{number % 50}"
            batch = [track(0, messageId=name, userId=user, properties={"sent as": name}) for name in names]
            if number % 7 == 0:
                batch.append(
                    {"type": "identify", "userId": user, "anonymousId": f"a{number}", "messageId": f"i{names[0]}"}
                )
            service.receive(project, batch, received=STARTED)
            kept[place] += [message["messageId"] for message in batch]

    def copy() -> None:
        while not over.is_set():
            sync(service, lake, project)

    def read() -> None:
        while not over.is_set():
            try:
                with open_history(lake, engine, Population(everyone=True)) as history:
                    (told,) = engine.rows(
                        history.events.agg(events=history.events.count(), numbers=history.events.seq.nunique())
                    )
                assert told["events"] == told["numbers"]
            except NothingRecorded:
                time.sleep(0.01)

    def guarded(work: Any, *arguments: Any) -> None:
        try:
            work(*arguments)
        except BaseException as error:
            faults.append(error)
            over.set()

    jobs = [threading.Thread(target=guarded, args=(write, place)) for place in range(writers)]
    jobs += [threading.Thread(target=guarded, args=(work,)) for work in (copy, copy, read)]
    for job in jobs:
        job.start()
    over.wait(seconds)
    over.set()
    for job in jobs:
        job.join()
    assert faults == []
    sync(service, lake, project)
    found = rows(engine, lake)
    acknowledged = sorted(name for names in kept for name in names)
    assert acknowledged
    # By the numbers of their rows in the log, and by what each row itself tells of how it was sent.
    log = message_ids(service, project)
    assert sorted(log[row["seq"]] for row in found) == sorted(log.values()) == acknowledged
    told = {log[row["seq"]]: orjson.loads(row["properties"]) for row in found if row["name"] == "Looked"}
    assert told == {name: {"sent as": name} for name in acknowledged if not name.startswith("i")}
    assert lake.manifest().rows == len(acknowledged)


def message_ids(service: Service, project: int) -> dict[int, str]:
    """The id with which each event of the log was sent, by its number there."""
    event = table(Event)
    with service.database.reading() as connection:
        found = connection.execute(sa.select(event.c.seq, event.c.message_id).where(event.c.project_id == project))
        return {row.seq: row.message_id for row in found}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_what_was_acknowledged_is_there_after_writing_copying_and_reading_at_once(
    service: Service, project: int, lake: Lake, engine: Engine
) -> None:
    torture(service, project, lake, engine, seconds=2, writers=2)


@pytest.mark.slow
@pytest.mark.parametrize("url", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_what_was_acknowledged_is_there_after_minutes_at_full_speed(
    service: Service, project: int, lake: Lake, engine: Engine
) -> None:
    torture(service, project, lake, engine, seconds=float(os.environ.get("WAYPOST_TORTURE_SECONDS", "120")), writers=4)
