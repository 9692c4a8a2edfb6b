"""How accounts do: how much they do, against how much they get out of it, each as a percentile among all accounts.

Activity alone misleads: whoever tries in vain is busy too. "Busy but stuck" are the accounts with much activity and
little outcome, which somebody should call before they leave.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from dsl.values import Instant
from engine.analytics.history import History, accounts_of
from engine.analytics.kpi_figures import Period, is_own
from engine.analytics.population import Kind
from engine.analytics.wheres import StepEvent, marked

if TYPE_CHECKING:
    import ibis

HIGH: Final = 60.0
LOW: Final = 40.0
"""Percentiles from which on an account is busy, and up to which it gets little."""
MOST_PEOPLE: Final = 10
"""People of an account who are named, the most active first."""
FEWEST_ACCOUNTS: Final = 5
"""Below so many a percentile says nothing."""


class Standing(StrEnum):
    """What an account is."""

    HEALTHY = "healthy"
    STUCK = "busy but stuck"
    EFFICIENT = "quiet but getting there"
    QUIET = "quiet"
    BETWEEN = "in between"
    TOO_FEW = "not enough accounts"


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote of an account."""

    text: str
    at: Instant
    by: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of an account, by the id that people know."""

    user: str
    activity: int
    outcomes: int
    last: Instant


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """One account in the period. activity: own events. outcomes: events that end a journey.

    percentiles: 0 to 100, among all accounts; None below FEWEST_ACCOUNTS. last: its last event in the period.
    """

    account: str
    people: int
    activity: int
    outcomes: int
    activity_percentile: float | None
    outcome_percentile: float | None
    last: Instant | None
    named: tuple[Person, ...] = ()
    owner: str | None = None
    notes: tuple[Note, ...] = ()

    @property
    def standing(self) -> Standing:
        """By both percentiles."""
        if self.activity_percentile is None or self.outcome_percentile is None:
            return Standing.TOO_FEW
        is_busy, is_quiet = self.activity_percentile >= HIGH, self.activity_percentile <= LOW
        if self.outcome_percentile <= LOW:
            return Standing.STUCK if is_busy else Standing.QUIET if is_quiet else Standing.BETWEEN
        if self.outcome_percentile >= HIGH:
            return Standing.HEALTHY if is_busy else Standing.EFFICIENT if is_quiet else Standing.BETWEEN
        return Standing.BETWEEN

    @property
    def gap(self) -> float:
        """By how many percentiles it does more than it gets."""
        return (self.activity_percentile or 0.0) - (self.outcome_percentile or 0.0)


@dataclass(frozen=True, slots=True)
class Health:
    """The accounts, those that do more than they get first. outcome: what counts as one, in words."""

    accounts: tuple[AccountHealth, ...]
    outcome: str
    period: Period
    left_out: tuple[Kind, ...]
    version: int


def percentiles(values: Sequence[int]) -> list[float | None]:
    """Of each value how many percent lie below it, half of its equals counted as below; None of a few values.

    The mid-rank, so that equal accounts are equal and half of all lie below 50.
    """
    if len(values) < FEWEST_ACCOUNTS:
        return [None] * len(values)
    in_order = sorted(values)
    n = len(in_order)
    return [50 * (bisect_left(in_order, value) + bisect_right(in_order, value)) / n for value in values]


def accounts(history: History, period: Period, outcomes: Sequence[StepEvent]) -> list[AccountHealth]:
    """Every account that has people, whatever they did in the period; those with the greatest gap first."""
    members, each = accounts_of(history.events).rename(who="person"), _people(history, period, outcomes)
    joined = members.left_join(each, members.who == each.person)
    counted = joined.group_by("account").agg(
        people=joined.who.count(),
        activity=joined.activity.sum(),
        outcomes=joined.outcomes.sum(),
        latest=joined["last"].max(),
    )
    rows = history.engine.rows(counted)
    busy, got = (percentiles([row[name] or 0 for row in rows]) for name in ("activity", "outcomes"))
    found = [_account(row, one, other) for row, one, other in zip(rows, busy, got, strict=True)]
    return sorted(found, key=lambda account: (-account.gap, -account.activity, account.account))


def people_of(
    history: History, period: Period, outcomes: Sequence[StepEvent], wanted: Sequence[str]
) -> Mapping[str, tuple[Person, ...]]:
    """The most active people of some accounts."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    members, each = accounts_of(history.events).rename(who="person"), _people(history, period, outcomes)
    members = members.filter(members.account.isin(list(wanted)))
    joined = members.join(each, members.who == each.person)
    known = history.people.select(number="person", user="user")
    joined = joined.join(known, joined.who == known.number)
    order = [ibis.desc("activity"), ibis.asc("user")]
    joined = joined.mutate(place=ibis.row_number().over(ibis.window(group_by="account", order_by=order)))
    rows = history.engine.rows(joined.filter(joined.place < MOST_PEOPLE).order_by("account", "place"))
    found: dict[str, list[Person]] = {}
    for row in rows:
        person = Person(row["user"], row["activity"], row["outcomes"], Instant(row["last"]))
        found.setdefault(row["account"], []).append(person)
    return {account: tuple(people) for account, people in found.items()}


def _people(history: History, period: Period, outcomes: Sequence[StepEvent]) -> ibis.Table:
    """What each person did in the period."""
    events = history.events
    events = events.filter(is_own(events) & (events.time >= period.since) & (events.time <= period.until))
    events = marked(events, {"ends": outcomes}, history.engine)
    return events.group_by("person").agg(
        activity=events.seq.count(), outcomes=events.ends.cast("int64").sum(), last=events.time.max()
    )


def _account(row: Mapping[str, Any], busy: float | None, got: float | None) -> AccountHealth:
    return AccountHealth(
        account=row["account"],
        people=row["people"],
        activity=row["activity"] or 0,
        outcomes=row["outcomes"] or 0,
        activity_percentile=busy,
        outcome_percentile=got,
        last=None if row["latest"] is None else Instant(row["latest"]),
    )
