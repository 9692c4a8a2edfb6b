"""Lists that are read a page at a time, the latest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, TypeVar

from api.console.desk import Desk

Line = TypeVar("Line")
_ID = attrgetter("id")


def turned(
    desk: Desk, found: Sequence[Line], most: int, *, before: int | None, number: Callable[[Any], int] = _ID
) -> tuple[Sequence[Line], dict[str, str | None]]:
    """The lines that are shown, and where `older` and the `newest` ones are.

    found: one more than `most` where older ones follow. before: where the page at hand begins.
    """
    shown = found[:most]
    return shown, {
        "older": desk.here(before=str(number(shown[-1]))) if len(found) > most else None,
        "newest": desk.here(before=None) if before is not None else None,
    }
