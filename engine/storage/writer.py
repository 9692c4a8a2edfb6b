"""One writes at a time: what waits is committed together, and is answered only when it is durable.

While one group is being synced to disk the next one gathers, so the cost of a sync is shared by all that came
meanwhile and nobody waits for a timer. What waits is written by a thread for that; a request that finds nobody writing
and nothing waiting is written where it came from, because to wake another thread and to be woken by it takes as long
as a small commit. What is written is decided by the handlers it is given.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final, TypeVar

from sqlalchemy.engine import Connection

from engine.errors import Busy, StorageUnavailable
from engine.storage.store import Conflict, Database

QUEUE_LIMIT: Final = 20_000
"""Weight (events, roughly) that may wait; beyond it a request is refused as Busy."""
GROUP_LIMIT: Final = 2_000
"""Weight that is committed together."""

PATIENCE: Final = 10.0
"""Seconds after which whoever waits is told that the database does not answer."""

CONFLICTS_LIMIT: Final = 5
"""How often a group is tried that other processes' transactions get in the way of."""

Request = TypeVar("Request")
Result = TypeVar("Result")

_log = logging.getLogger("waypost.writer")


@dataclass(frozen=True, slots=True)
class Transaction:
    """The transaction that a group is written in."""

    connection: Connection
    _afterwards: list[Callable[[], None]] = field(default_factory=list)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do this once all is durable, and not at all if the transaction is undone: for what is kept in memory."""
        self._afterwards.append(action)


Handler = Callable[[Transaction, Sequence[Any]], Sequence[Any]]
"""Writes some requests, in order, and gives a result for each. May be called again with fewer of them."""


@dataclass(frozen=True, slots=True)
class _Work:
    handler: Handler
    request: Any
    weight: int
    answer: Future[Any]


class Writer:
    """The only one that writes to a database in this process. Start it once; `close` writes what still waits."""

    def __init__(self, database: Database, *, queue_limit: int = QUEUE_LIMIT, group_limit: int = GROUP_LIMIT) -> None:
        self._database = database
        self._queue_limit = queue_limit
        self._group_limit = group_limit
        self._waiting: deque[_Work] = deque()
        self._weight = 0
        self._changed = threading.Condition()
        self._is_writing = False
        self._closing = False
        self.groups = 0
        """Groups committed since the start."""
        self.requests = 0
        """Requests committed since the start."""
        self.is_failing = False
        """True from when the database could not be used until something was committed again."""
        self._thread = threading.Thread(target=self._run, name="waypost-writer", daemon=True)
        self._thread.start()

    def write(
        self,
        handler: Callable[[Transaction, Sequence[Request]], Sequence[Result]],
        request: Request,
        *,
        weight: int = 1,
        patience: float | None = PATIENCE,
    ) -> Result:
        """Have a request written and wait until it is durable.

        Requests of one handler that follow each other are handed to it together. patience: seconds to wait at most,
        None for ever; a request that was given up is not written unless that has begun. Raises Busy when too much
        waits, StorageUnavailable, and what the handler raises.
        """
        if self._database.is_sqlite and (patience is None or patience >= PATIENCE) and self._may_begin():
            # SQLite gives up by itself (`sqlite_files.LOCK_PATIENCE`); a server may keep us waiting.
            return self._write_here(handler, request, weight)
        answer = self.post(handler, request, weight=weight)
        try:
            return answer.result(patience)
        except TimeoutError:
            if answer.done():
                raise
            answer.cancel()
            if patience is not None and patience >= PATIENCE:
                self._note_failure("it does not answer")
            raise StorageUnavailable(f"no answer within {patience:g} seconds") from None

    def post(
        self,
        handler: Callable[[Transaction, Sequence[Request]], Sequence[Result]],
        request: Request,
        *,
        weight: int = 1,
        always: bool = False,
    ) -> Future[Result]:
        """Like `write`, without waiting. Raises Busy, unless it is `always` taken: for our own background work."""
        work = _Work(handler, request, weight, Future())
        with self._changed:
            if self._closing:
                raise StorageUnavailable("the service is stopping")
            if not always and self._waiting and self._weight + weight > self._queue_limit:
                raise Busy
            self._waiting.append(work)
            self._weight += weight
            if not self._is_writing:
                self._changed.notify()
        return work.answer

    def _may_begin(self) -> bool:
        """True for who finds nobody writing and nothing waiting: it is their turn until `_end`."""
        with self._changed:
            if self._is_writing or self._waiting or self._closing:
                return False
            self._is_writing = True
            return True

    def _end(self) -> None:
        with self._changed:
            self._is_writing = False
            if self._waiting or self._closing:
                self._changed.notify()

    def _write_here(
        self,
        handler: Callable[[Transaction, Sequence[Request]], Sequence[Result]],
        request: Request,
        weight: int,
    ) -> Result:
        answer: Future[Result] = Future()
        answer.set_running_or_notify_cancel()
        try:
            self._write_group([_Work(handler, request, weight, answer)])
        finally:
            self._end()
        return answer.result()

    @property
    def is_running(self) -> bool:
        """True until `close`."""
        return self._thread.is_alive() and not self._closing

    @property
    def waiting(self) -> tuple[int, int]:
        """How much waits: requests, and their weight (events, roughly)."""
        with self._changed:
            return len(self._waiting), self._weight

    @property
    def is_idle(self) -> bool:
        """True when nothing waits."""
        return not self._waiting

    def close(self) -> None:
        """Write what waits, take nothing new, end the thread. May be called twice."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            try:
                self._write_group(group)
            except BaseException as error:
                # The thread must live: without it nothing is ever written again.
                _log.exception("a group of %d could not be written", len(group))
                _fail(group, error)
            finally:
                self._end()

    def _next_group(self) -> list[_Work] | None:
        """What is to be written together next; None once all is written and nothing more is to come."""
        with self._changed:
            while self._is_writing or (not self._waiting and not self._closing):
                self._changed.wait()
            if not self._waiting:
                return None
            self._is_writing = True
            group: list[_Work] = []
            others: deque[_Work] = deque()
            handler, weight = self._waiting[0].handler, 0
            while self._waiting and (not group or weight + self._waiting[0].weight <= self._group_limit):
                work = self._waiting.popleft()
                # Where rows are locked one by one, each transaction locks once and in one order, or two of them
                # could wait for each other: so it does one thing.
                if not self._database.is_sqlite and work.handler != handler:
                    others.append(work)
                    continue
                weight += work.weight
                group.append(work)
            self._waiting.extendleft(reversed(others))
            self._weight -= weight
        return [work for work in group if work.answer.set_running_or_notify_cancel()]

    def _write_group(self, group: Sequence[_Work], *, attempts: int = CONFLICTS_LIMIT) -> None:
        if not group:
            return
        try:
            results, afterwards = self._commit(group)
        except Conflict as error:
            if attempts > 1:
                self._write_group(group, attempts=attempts - 1)
            else:
                _fail(group, StorageUnavailable(str(error)))
        except StorageUnavailable as error:
            _fail(group, error)
            self._fail_all(error)
        except Exception as error:
            if len(group) == 1:
                _fail(group, error)
                return
            # One of them is at fault: each alone, so that it cannot take its neighbours along.
            for work in group:
                self._write_group([work])
        else:
            self.groups += 1
            self.requests += len(group)
            self._note_success()
            for action in afterwards:
                action()
            for work, result in zip(group, results, strict=True):
                work.answer.set_result(result)

    def _commit(self, group: Sequence[_Work]) -> tuple[list[Any], list[Callable[[], None]]]:
        results: list[Any] = []
        afterwards: list[Callable[[], None]] = []
        with self._database.writing() as connection:
            transaction = Transaction(connection, afterwards)
            for _, run in groupby(group, key=lambda work: work.handler):
                works = list(run)
                results += works[0].handler(transaction, [work.request for work in works])
        return results, afterwards

    def _fail_all(self, error: StorageUnavailable) -> None:
        """Refuse what has waited meanwhile: its turn would only bring it the same, later."""
        self._note_failure(str(error))
        with self._changed:
            waiting, self._waiting, self._weight = list(self._waiting), deque(), 0
        _fail([work for work in waiting if work.answer.set_running_or_notify_cancel()], error)

    def _note_failure(self, reason: str) -> None:
        if not self.is_failing:
            self.is_failing = True
            _log.error("nothing can be written: %s", reason)

    def _note_success(self) -> None:
        if self.is_failing:
            self.is_failing = False
            _log.warning("the database can be written to again")


def _fail(group: Sequence[_Work], error: BaseException) -> None:
    for work in group:
        if not work.answer.done():
            work.answer.set_exception(error)
