"""What happened to the product and to its rules meanwhile: the marks on curves over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.console.desk import Desk
from dsl.values import Instant, to_datetime
from engine.analytics.history import NothingRecorded
from engine.figure_trends import releases


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened. label: for the curve; words: for a hint and the list beneath it."""

    at: Instant
    label: str
    words: str

    @property
    def day(self) -> str:
        """The day, in UTC."""
        return to_datetime(self.at).date().isoformat()


def moments(desk: Desk) -> list[Moment]:
    """Releases of the product and publications of its rules, the oldest first."""
    published = desk.service.publications.versions(desk.project.id)
    found = [Moment(each.published, f"v{each.version}", f"rules v{each.version} published") for each in published]
    try:
        told = releases(desk.analyst, desk.project.id, desk.rules)
    except NothingRecorded:
        told = ()
    found += [Moment(each.at, each.version, f"{each.version} released") for each in told]
    return sorted(found, key=lambda each: each.at)


def on_days(found: Sequence[Moment], days: Sequence[str]) -> list[dict[str, Any]]:
    """The moments at the days of a curve: each at the last day that is not after it, those of one day together."""
    at: dict[str, list[Moment]] = {}
    length = _length(days)
    for each in found:
        day = max((day for day in days if day <= each.day), default=None)
        if day is not None and (date.fromisoformat(each.day) - date.fromisoformat(day)).days < length:
            at.setdefault(day, []).append(each)
    return [
        {"day": day, "label": _label(own), "words": "; ".join(each.words for each in own)} for day, own in at.items()
    ]


def within(found: Sequence[Moment], days: Sequence[str]) -> list[Moment]:
    """The moments that a curve shows."""
    if not days:
        return []
    last = date.fromisoformat(days[-1]).toordinal() + _length(days)
    return [each for each in found if days[0] <= each.day and date.fromisoformat(each.day).toordinal() < last]


def _label(own: Sequence[Moment]) -> str:
    return own[0].label if len(own) == 1 else f"{own[0].label} … {own[-1].label}"


def _length(days: Sequence[str]) -> int:
    """Days from one point of a curve to the next."""
    if len(days) < 2:
        return 1
    return (date.fromisoformat(days[1]) - date.fromisoformat(days[0])).days
