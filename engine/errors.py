"""What a caller may do wrong, as exceptions: the base of them all.

One class per mistake, each with a sentence of its own and a code that never changes. What HTTP status a class means
is decided in `api.problems`, never here.
"""

from __future__ import annotations

from typing import ClassVar


class WaypostError(Exception):
    """The caller asked for something impossible. The text is a sentence for the caller; `code` is stable."""

    code: ClassVar[str] = "waypost_error"


class Busy(WaypostError):
    """More was received than can be written right now; nothing of this request was kept. Send it again later."""

    code = "busy"

    def __init__(
        self, message: str = "too many events are waiting to be written; send this again", *, retry_after: int = 1
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """Seconds to wait before trying again."""
