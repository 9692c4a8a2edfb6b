"""A clock for tests: it stands still until it is moved."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.values import Duration, Instant, read_instant

STARTED = read_instant("2026-11-02T09:00:00Z") or Instant(0)
"""When the clock of a test begins: a Monday morning."""


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: Instant = STARTED

    def __call__(self) -> Instant:
        return self.now

    def pass_(self, duration: Duration) -> Instant:
        """Let time pass."""
        self.now = Instant(self.now + duration)
        return self.now
