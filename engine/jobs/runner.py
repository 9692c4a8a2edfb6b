"""Does what is due, one job after the other, as long as it holds the lease.

Decides how failures are treated: a job that fails is tried again after a minute, then two, then four, up to its own
pace, and what went wrong stands in its row and in the log.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from dsl.values import MINUTE, Duration, Instant
from engine.couriers import Courier
from engine.errors import WaypostError
from engine.jobs.registry import JOBS, Errand, Job
from engine.service import Service
from engine.storage import leases
from engine.storage.leases import JobState

if TYPE_CHECKING:
    from engine.analyst import Analyst
    from engine.report_desk import ReportDesk

LEASE: Final = Duration(10 * MINUTE)
"""For how long a job is taken; long work asks for more."""
FIRST_PAUSE: Final = Duration(MINUTE)
"""Until a job that failed is tried again; twice as long each time."""
LOOK_EVERY: Final = 5.0
"""Seconds between two looks for work that is due."""

_log = logging.getLogger("waypost.jobs")


class Runner:
    """One worker. holder: its own mark among others, such as host and process. analyst: makes one, where a job asks the
    lake. courier: brings what webhooks are told; without one, only to addresses that everybody can reach. console: the
    address of the server, for links in messages. exports: makes what writes reports by schedule.
    """

    def __init__(
        self,
        service: Service,
        *,
        analyst: Callable[[], Analyst],
        clock: Callable[[], Instant],
        holder: str,
        courier: Courier | None = None,
        console: str | None = None,
        exports: Callable[[], ReportDesk] | None = None,
        jobs: Sequence[Job] = JOBS,
    ) -> None:
        self._service = service
        self._analyst = analyst
        self._clock = clock
        self._holder = holder
        self._courier = courier or Courier()
        self._console = console
        self._exports = exports
        self._jobs = {job.name: job for job in jobs}
        self._failures: dict[str, int] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def run_due(self, *, once: bool = False) -> list[str]:
        """Do what is due, until nothing is; the names of the jobs that were done. once: at most one of them.

        Raises engine.errors.StorageUnavailable where the database cannot be asked.
        """
        names, done = list(self._jobs), []
        with self._service.database.writing() as connection:
            leases.register(connection, names, now=self._clock())
        while not self._stopping.is_set():
            with self._service.database.writing() as connection:
                name = leases.take(connection, names, holder=self._holder, now=self._clock(), lease=LEASE)
            if name is None:
                break
            self._run(self._jobs[name])
            done.append(name)
            if once:
                break
        return done

    def start(self) -> None:
        """Do what is due in a thread of its own, until `stop`."""
        self._thread = threading.Thread(target=self._go_on, name="waypost-jobs", daemon=True)
        self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """Begin nothing new, and wait for the job at hand."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout)

    def work(self) -> None:
        """Do what is due in this thread, until `stop` is called from another one or from a signal."""
        self._go_on()

    def states(self) -> tuple[JobState, ...]:
        """How each job is doing."""
        with self._service.database.reading() as connection:
            return leases.states(connection)

    def _go_on(self) -> None:
        while not self._stopping.is_set():
            try:
                self.run_due()
            except WaypostError as error:
                _log.warning("no background work just now: %s", error)
            except Exception:
                _log.exception("looking for background work failed")
            self._stopping.wait(LOOK_EVERY)

    def _run(self, job: Job) -> None:
        errand = Errand(
            self._service,
            self._analyst,
            self._clock(),
            lambda: self._renew(job.name),
            self._clock,
            self._courier,
            self._console,
            self._exports,
        )
        done = error = None
        try:
            done = job.run(errand)
        except Exception as failure:
            # Whatever it is: the other jobs go on, and this one is tried again.
            _log.exception("the job `%s` failed", job.name)
            error = f"{type(failure).__name__}: {failure}"
        now = self._clock()
        failures = self._failures[job.name] = self._failures.get(job.name, 0) + 1 if error is not None else 0
        pause = job.every if error is None else min(job.every, FIRST_PAUSE * 2 ** (failures - 1))
        with self._service.database.writing() as connection:
            due = Instant(now + pause)
            leases.finish(connection, job.name, holder=self._holder, now=now, due=due, done=done, error=error)
        if done is not None:
            _log.info("%s: %s", job.name, done)

    def _renew(self, name: str) -> bool:
        with self._service.database.writing() as connection:
            return leases.renew(connection, name, holder=self._holder, now=self._clock(), lease=LEASE)
