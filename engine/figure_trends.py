"""A figure of a product week by week.

The door of `engine.product_figures`, asked for one figure in each full week; of what happened in that week alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from dsl.values import WEEK, Instant, from_datetime, to_datetime
from engine.analyst import Analyst
from engine.analytics.before_after import first_event
from engine.analytics.kpi_figures import Period
from engine.analytics.kpis import Figure, Name
from engine.membership import RulesNow
from engine.product_figures import FiguresAsked, figures

WEEKS: Final = 12
"""How many full weeks are told."""


@dataclass(frozen=True, slots=True)
class Which:
    """Which figure: its name, of what, and of an association by which mark."""

    name: Name
    of: str
    mark: str | None = None

    def is_it(self, figure: Figure) -> bool:
        """True for the figure that is meant."""
        return (figure.name, figure.of, figure.mark) == (self.name, self.of, self.mark)


@dataclass(frozen=True, slots=True)
class WeekOfFigure:
    """A figure in a week, from Monday, in UTC; None where the week has nothing of it."""

    period: Period
    figure: Figure | None


def trend(
    analyst: Analyst, project_id: int, which: Which, asked: FiguresAsked, rules: RulesNow, *, weeks: int = WEEKS
) -> tuple[WeekOfFigure, ...]:
    """A figure in each of the last full weeks since anything was recorded, the oldest first.

    Raises what `figures` raises.
    """
    found = []
    begins = analyst.answer(project_id, "first event", rules, first_event, everyone=True)
    for period in full_weeks(rules.now, weeks):
        if begins is None or period.until <= begins:
            continue
        own = replace(asked, since=period.since, until=period.until, only=frozenset({which.name}))
        told = figures(analyst, project_id, own, rules).figures
        found.append(WeekOfFigure(period, next((each for each in told if which.is_it(each)), None)))
    return tuple(found)


def full_weeks(now: Instant, weeks: int) -> list[Period]:
    """The last full weeks, the oldest first; a week begins on Monday, in UTC."""
    today = to_datetime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    end = from_datetime(today - timedelta(days=today.weekday()))
    return [Period(Instant(end - number * WEEK), Instant(end - (number - 1) * WEEK)) for number in range(weeks, 0, -1)]
