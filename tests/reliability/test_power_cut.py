"""The power fails while the log is written: what was acknowledged is on the disk, and nothing is broken."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from api.serving import system_clock
from engine.errors import StorageUnavailable
from engine.replies import Published
from engine.service import Service
from engine.storage import sqlite_files
from engine.storage.store import Database
from engine.verification import verify
from tests.reliability import power
from tests.reliability.keeping import stored_ids
from tests.reliability.load import RULES

SENDERS = 4


@dataclass
class Cut:
    """A database as it was found after a power cut, and what had been acknowledged before."""

    url: str
    acknowledged: frozenset[str]

    def lost(self) -> set[str]:
        """Message ids that were acknowledged and are not there."""
        try:
            return set(self.acknowledged - stored_ids(self.url).keys())
        except StorageUnavailable:
            # Not even the tables are there.
            return set(self.acknowledged)


@dataclass
class Bench:
    """A service over a disk that may lose power."""

    folder: Path
    vfs: power.CutVfs
    service: Service
    project: int
    acknowledged: set[str] = field(default_factory=set)

    def send(self, sender: int, number: int) -> None:
        name, person = f"{sender}-{number}", (sender * 3 + number) % 12
        message = {
            "type": "track",
            "event": ("Signed Up", "Stuck", "Stuck")[number % 3],
            "messageId": name,
            "anonymousId": f"visitor-{person}",
            **({"userId": f"user-{person}"} if number % 2 else {}),
        }
        receipt = self.service.receive(self.project, [message], received=system_clock(), decide=number % 5 == 0)
        assert receipt.accepted == 1
        self.acknowledged.add(name)

    def cut(self, chance: random.Random, number: int) -> Cut:
        """What would be found if the power failed now; the service here goes on."""
        # Whatever is acknowledged before the disk is looked at has to be on it.
        acknowledged = frozenset(set(self.acknowledged))
        folder = self.folder / f"cut-{number}"
        folder.mkdir()
        self.vfs.disk.image(folder, chance)
        return Cut(f"sqlite:///{folder / 'waypost.sqlite'}", acknowledged)


@contextmanager
def new_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    vfs = power.CutVfs()
    monkeypatch.setattr(sqlite_files, "connect", power.connect)
    service = Service.open(f"sqlite:///{tmp_path / 'waypost.sqlite'}", clock=system_clock)
    project = service.ensure_project().id
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    yield Bench(tmp_path, vfs, service, project)
    service.close()
    vfs.unregister()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with new_bench(tmp_path, monkeypatch) as made:
        yield made


def cuts_under_load(bench: Bench, *, count: int) -> list[Cut]:
    """Cut the power again and again while four clients send: at any write, and between a write and its sync."""
    chance, cuts, stopping = random.Random(3), [], threading.Event()  # noqa: S311
    faults: list[BaseException] = []

    def send(sender: int) -> None:
        number = 0
        try:
            while not stopping.is_set():
                number += 1
                bench.send(sender, number)
        except BaseException as error:
            faults.append(error)

    senders = [threading.Thread(target=send, args=(number,)) for number in range(SENDERS)]
    for sender in senders:
        sender.start()
    disk = bench.vfs.disk
    for number in range(count):
        until = disk.operations + chance.randint(5, 60)
        while disk.operations < until and not faults:
            senders[0].join(0.0005)
        cuts.append(bench.cut(chance, number))
    stopping.set()
    for sender in senders:
        sender.join()
    assert faults == []
    return cuts


def test_the_statements_of_the_service_run_over_the_disk_that_is_cut(bench: Bench) -> None:
    before = bench.vfs.disk.operations
    bench.send(0, 1)
    assert bench.vfs.disk.operations > before
    assert any(name.endswith("-wal") for name in bench.vfs.disk.sure)


@pytest.mark.parametrize("count", [30, pytest.param(300, marks=pytest.mark.slow)])
def test_a_power_cut_loses_nothing_that_was_acknowledged(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    cuts = cuts_under_load(bench, count=count)
    # What is found is read with Python's own `sqlite3`, as after a real start.
    monkeypatch.undo()
    assert max(len(cut.acknowledged) for cut in cuts) > 50
    assert {cut.url: lost for cut in cuts if (lost := cut.lost())} == {}


def test_after_a_power_cut_the_file_is_whole_and_the_states_are_what_the_log_says(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = cuts_under_load(bench, count=8)
    monkeypatch.undo()
    for cut in cuts:
        database = Database(cut.url)
        found = verify(database)
        database.close()
        assert found.faults == (), cut.url


def test_with_less_than_full_syncing_the_same_cuts_do_lose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without it, the test above could pass because nothing is ever cut off."""
    pragmas = tuple(each.replace("synchronous=FULL", "synchronous=NORMAL") for each in sqlite_files.PRAGMAS)
    assert pragmas != sqlite_files.PRAGMAS
    monkeypatch.setattr(sqlite_files, "PRAGMAS", pragmas)
    with new_bench(tmp_path, monkeypatch) as losing:
        cuts = cuts_under_load(losing, count=12)
    monkeypatch.undo()
    assert sum(bool(cut.lost()) for cut in cuts) >= 6
