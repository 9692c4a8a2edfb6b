"""Counters of one process for `api.rates`, which cost a request two additions and no thread.

The library's own store in memory starts a thread for nearly every request, to forget what is over a hundredth of a
second later. Here it is forgotten in passing, now and then.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from limits.storage import MemoryStorage

SCHEME: Final = "process"
_FORGET_EVERY: Final = 10.0
"""Seconds."""


class ProcessMemory(MemoryStorage):
    """Fixed windows, counted in memory."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  (the library's own declaration)

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **more: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **more)
        self._lock = threading.Lock()
        self._forget_at = 0.0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, in the window that the first one opened."""
        now = time.time()
        with self._lock:
            if now >= self._forget_at:
                self._forget_at = now + _FORGET_EVERY
                for each in [each for each, ends in self.expirations.items() if ends <= now]:
                    del self.expirations[each]
                    self.storage.pop(each, None)
            if self.expirations.get(key, 0.0) <= now:
                self.expirations[key], self.storage[key] = now + expiry, 0
            self.storage[key] += amount
            return self.storage[key]
