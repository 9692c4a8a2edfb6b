"""The demo's next week: its clock goes on by seven days, and new customers live through them with the rules in force.

Everything happens through the doors that a customer's page uses: events are received, guidance is decided for them, the
holdout is drawn by the engine. Only what people do of themselves is simulated (`examples.demo.history`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock, Thread
from typing import Final

from dsl.values import DAY, Duration, Instant
from engine.replies import Receipt
from engine.service import Service
from examples.demo.history import DAYS, USERS, Message, live_on

LASTS: Final = 7
"""Days."""
CUSTOMERS: Final = USERS * LASTS // DAYS
"""As many as came in a week before."""

_log = logging.getLogger("waypost.demo")


class DemoClock:
    """The machine's clock, ahead by the weeks that were simulated; kept in a file beside the data."""

    def __init__(self, path: Path, clock: Callable[[], Instant]) -> None:
        self._path = path
        self._clock = clock
        self._ahead = int(path.read_text(encoding="utf-8")) if path.exists() else 0

    def __call__(self) -> Instant:
        return Instant(self._clock() + self._ahead)

    def go_on(self, by: Duration) -> None:
        """Let time go by."""
        self._ahead += by
        self._path.write_text(str(self._ahead), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a week is. failed: it ended early; the log says why."""

    weeks: int = 0
    done: int = 0
    is_running: bool = False
    failed: bool = False
    total: int = CUSTOMERS


class NextWeek:
    """Lets one week go by at a time, in a thread of its own."""

    def __init__(self, service: Service, clock: DemoClock, customers: int = CUSTOMERS) -> None:
        self._service = service
        self._clock = clock
        self._one_at_a_time = Lock()
        self._thread: Thread | None = None
        self.progress = Progress(total=customers)

    def start(self) -> bool:
        """Begin a week; False while one is going by."""
        with self._one_at_a_time:
            if self.progress.is_running:
                return False
            self.progress = replace(self.progress, done=0, is_running=True, failed=False)
        self._thread = Thread(target=self._live, name="demo-week", daemon=True)
        self._thread.start()
        return True

    def wait(self) -> None:
        """Until the week has gone by."""
        if self._thread is not None:
            self._thread.join()

    def _live(self) -> None:
        project = self._service.ensure_project().id
        self._clock.go_on(Duration(LASTS * DAY))

        def meets(messages: list[Message], now: Instant) -> str | None:
            receipt = self._service.receive(
                project, list(messages), received=now, decide=True, context=_page_of(messages[-1])
            )
            return _guide(receipt)

        try:
            # Each week has customers of its own: their ids and their luck hang on the number of the week.
            for _ in live_on(week=self.progress.weeks + 1, until=self._clock(), users=self.progress.total, meets=meets):
                self.progress = replace(self.progress, done=self.progress.done + 1)
        except Exception:
            _log.exception("the week could not be simulated to its end")
            self.progress = replace(self.progress, is_running=False, failed=True)
            return
        self.progress = replace(self.progress, is_running=False, weeks=self.progress.weeks + 1)


def _page_of(message: Message) -> Message:
    context = message["context"]
    assert isinstance(context, dict)  # noqa: S101  (the simulation writes one)
    return {name: context[name] for name in ("page", "locale", "timezone", "device")}


def _guide(receipt: Receipt) -> str | None:
    return receipt.decisions[0].guide if receipt.decisions else None
