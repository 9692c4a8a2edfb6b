"""What became of people before a guide was there and after, where nobody is held out: tables of Ibis, no judgement.

Not an experiment: whatever else changed in between is in the difference too. Each person counts once, in the first of
the two periods in which their moment came. The moment is the guide's own where it can be told from the events: the
event of `on`, else the event that brought them to the step of `at`, else their first event of the period.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsl.values import DAY, Duration, Instant
from engine.analytics.arms import AFTER, BEFORE
from engine.analytics.history import History
from engine.analytics.wheres import StepEvent, marked

if TYPE_CHECKING:
    import ibis

LONGEST = Duration(90 * DAY)
"""No period is longer."""


@dataclass(frozen=True, slots=True)
class Periods:
    """Two periods of the same length, half-open; the first ends so early that its goals are reached without the guide.

    begins: of the guide. length: of each.
    """

    begins: Instant
    within: Duration
    length: Duration

    @property
    def before(self) -> tuple[Instant, Instant]:
        """The period without the guide."""
        end = self.begins - self.within
        return Instant(end - self.length), Instant(end)

    @property
    def after(self) -> tuple[Instant, Instant]:
        """The period with it."""
        return self.begins, Instant(self.begins + self.length)


def periods(*, first_event: Instant, begins: Instant, within: Duration, now: Instant) -> Periods | None:
    """As long as both can be; None where either would be empty."""
    length = min(begins - within - first_event, now - within - begins, LONGEST)
    return Periods(begins, within, Duration(length)) if length > 0 else None


def first_event(history: History) -> Instant | None:
    """When anything was recorded first."""
    (row,) = history.engine.rows(history.events.agg(first=history.events.time.min()))
    return None if row["first"] is None else Instant(row["first"])


def moments(history: History, begun_by: Sequence[StepEvent], when: Periods) -> ibis.Table:
    """One row a person: `person`, `arm` (before or after), `variant` (none), `at`. begun_by: any event where empty."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    events = history.events
    if begun_by:
        events = events.filter(events.name.isin(sorted({event.name for event in begun_by})))
        events = marked(events, {"begins": begun_by}, history.engine)
        events = events.filter(events.begins)
    else:
        events = events.filter(~events.name.startswith("$") | events.name.isin(["$page", "$screen"]))

    def is_in(period: tuple[Instant, Instant]) -> Any:
        return (events.time >= period[0]) & (events.time < period[1])

    is_before = is_in(when.before)
    events = events.filter(is_before | is_in(when.after))
    first = events.group_by("person").agg(at=events.time.min())
    arm = ibis.ifelse(first["at"] < when.begins, BEFORE, AFTER)
    return first.select("person", arm=arm, variant=ibis.null("string"), at="at")
