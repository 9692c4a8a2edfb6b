"""To whom surveys were shown, and who of them answered: one expression over what the log tells of a guide's life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from engine.analytics.comparing import Share
from engine.analytics.groups import Grouping
from engine.analytics.history import History, page_of_users
from engine.analytics.kpi_figures import Period
from engine.analytics.standings import Span, group_of, in_groups_of
from engine.analytics.wheres import json_text
from engine.events import GuideEvent

if TYPE_CHECKING:
    import ibis

    Table: TypeAlias = ibis.Table

_LIFE: Final = (GuideEvent.SHOWN.value, GuideEvent.ANSWERED.value)


@dataclass(frozen=True, slots=True)
class Reach:
    """To how many people a survey was shown, and how many of them answered any of its questions since.

    group: of a breakdown: a persona, or the day or week in which it was first shown; None for everybody.
    """

    survey: str
    group: str | None
    asked: int
    answered: int

    @property
    def silent(self) -> int:
        """Those who were asked and did not answer."""
        return self.asked - self.answered

    @property
    def rate(self) -> Share:
        """Who answered, of those who were asked."""
        return Share(self.answered, self.asked)


def reach(
    history: History,
    surveys: Sequence[str],
    period: Period,
    *,
    span: Span | None = None,
    grouping: Grouping | None = None,
) -> tuple[Reach, ...]:
    """Who was asked in a period, survey by survey, and group by group. span, grouping: the groups."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    told = _asked(history, surveys, period)
    told = in_groups_of(told, told.shown, span, grouping)
    counted = told.group_by("survey", "group").agg(
        asked=told.person.count(), answered=ibis.ifelse(told.has_answered, 1, 0).sum()
    )
    found = [
        Reach(row["survey"], group_of(row["group"], span), row["asked"], row["answered"])
        for row in history.engine.rows(counted)
    ]
    return tuple(sorted(found, key=lambda each: (each.group or "", surveys.index(each.survey))))


def silent_users(
    history: History, surveys: Sequence[str], period: Period, *, after: str = "", limit: int = 100
) -> list[str]:
    """The ids of those to whom one of some surveys was shown and who answered nothing of it, in order, after an id."""
    told = _asked(history, surveys, period)
    told = told.filter(~told.has_answered).select(number="person")
    people = history.people.select("person", "user")
    found = told.join(people, told.number == people.person).select("user")
    return [row["user"] for row in history.engine.rows(page_of_users(found, after=after, limit=limit))]


def _asked(history: History, surveys: Sequence[str], period: Period) -> Table:
    """One row for each survey and person to whom it was shown: `survey`, `person`, `shown`, `has_answered`."""
    events = history.events
    told = events.filter(events.name.isin(list(_LIFE)) & (events.time >= period.since))
    told = told.mutate(survey=json_text()(told.properties, "$.guide"))
    told = told.filter(told.survey.isin(sorted(surveys)))
    is_shown = (told.name == GuideEvent.SHOWN.value) & (told.time < period.until)
    each = told.group_by("survey", "person").agg(
        shown=told.time.min(where=is_shown), answered=told.time.max(where=told.name == GuideEvent.ANSWERED.value)
    )
    each = each.filter(each.shown.notnull())
    return each.mutate(has_answered=(each.answered >= each.shown).fill_null(False))
