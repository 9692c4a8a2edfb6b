"""Background work: each job by one process at a time, again after a failure, taken over from one that died."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dsl.values import HOUR, MINUTE, SECOND, Duration
from engine.analyst import Analyst
from engine.jobs.registry import JOBS, Errand, Job
from engine.jobs.runner import LEASE, Runner
from engine.service import Service
from engine.storage import leases
from tests.engine.clock import Clock


@pytest.fixture
def work() -> list[str]:
    return []


@pytest.fixture
def worker(service: Service, clock: Clock, tmp_path: Path, work: list[str]) -> Callable[..., Runner]:
    def make(holder: str, run: Callable[[Errand], str | None] | None = None) -> Runner:
        def note(_: Errand) -> str:
            work.append(holder)
            return "done"

        jobs = [Job("tidy", Duration(HOUR), "Tidy up.", run or note)]
        return Runner(
            service,
            analyst=lambda: Analyst(service.database, tmp_path / "lakes"),
            clock=clock,
            holder=holder,
            jobs=jobs,
        )

    return make


def test_a_job_is_done_when_it_is_due_and_not_before(
    worker: Callable[..., Runner], clock: Clock, work: list[str]
) -> None:
    first = worker("a")
    assert first.run_due() == ["tidy"]
    assert first.run_due() == []
    clock.pass_(Duration(HOUR - SECOND))
    assert first.run_due() == []
    clock.pass_(Duration(SECOND))
    assert first.run_due() == ["tidy"]
    assert work == ["a", "a"]


def test_of_two_workers_one_does_it(worker: Callable[..., Runner], work: list[str]) -> None:
    second = worker("b")
    during: list[list[str]] = []
    first = worker("a", lambda _: during.append(second.run_due()))  # type: ignore[func-returns-value]
    first.run_due()
    assert (during, work) == ([[]], [])


def test_a_worker_that_died_loses_its_job_when_its_time_is_over(
    service: Service, worker: Callable[..., Runner], clock: Clock, work: list[str]
) -> None:
    survivor = worker("b")
    with service.database.writing() as connection:
        leases.register(connection, ["tidy"], now=clock())
        assert leases.take(connection, ["tidy"], holder="dead", now=clock(), lease=LEASE) == "tidy"
    assert survivor.run_due() == []
    clock.pass_(LEASE)
    assert survivor.run_due() == ["tidy"]
    with service.database.writing() as connection:
        assert not leases.renew(connection, "tidy", holder="dead", now=clock(), lease=LEASE)


def test_long_work_asks_for_more_time_and_keeps_the_job(worker: Callable[..., Runner], clock: Clock) -> None:
    other = worker("b")

    def long(errand: Errand) -> str:
        for _ in range(3):
            clock.pass_(Duration(LEASE - MINUTE))
            assert errand.renew()
            assert other.run_due() == []
        return "at last"

    mine = worker("a", long)
    assert mine.run_due() == ["tidy"]
    (state,) = mine.states()
    assert (state.done, state.error, state.holder) == ("at last", None, None)


def test_a_job_that_fails_is_tried_again_sooner_and_says_why(worker: Callable[..., Runner], clock: Clock) -> None:
    def fail(_: Errand) -> None:
        raise RuntimeError("no room left")

    failing = worker("a", fail)
    pauses = []
    for _ in range(8):
        assert failing.run_due() == ["tidy"]
        (state,) = failing.states()
        pauses.append((state.due - clock()) // MINUTE)
        clock.now = state.due
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert state.error == "RuntimeError: no room left"


def test_a_good_run_forgets_the_failures(worker: Callable[..., Runner], clock: Clock) -> None:
    outcomes: Iterator[bool] = iter([False, True, False])

    def sometimes(_: Errand) -> None:
        if not next(outcomes):
            raise RuntimeError("not now")

    runner = worker("a", sometimes)
    for expected in (1, 60, 1):
        runner.run_due()
        (state,) = runner.states()
        assert (state.due - clock()) // MINUTE == expected
        clock.now = state.due


def test_all_jobs_run_on_a_new_database_and_their_names_are_their_own(
    service: Service, clock: Clock, tmp_path: Path
) -> None:
    service.ensure_project()
    runner = Runner(service, analyst=lambda: Analyst(service.database, tmp_path / "lakes"), clock=clock, holder="a")
    assert sorted(runner.run_due()) == sorted({job.name for job in JOBS})
    assert [state.error for state in runner.states()] == [None] * len(JOBS)
