"""When a guide is open: days of the project's zone, hours of the user's."""

from __future__ import annotations

import pytest

from dsl.diagnostics import Span
from dsl.nodes import DayLiteral, Expires, From, Guide, GuideKind, Name, OnlyBetween, OnlyOn, TimeLiteral
from dsl.nodes.guides import Clause
from dsl.values import Instant, read_instant
from engine.schedule import Schedule, is_zone, schedule_of

SPAN = Span("rules.way", 0, 0, 1, 1)
WEEKDAYS = OnlyOn((1, 2, 3, 4, 5), span=SPAN)
WEEKEND = OnlyOn((6, 7), span=SPAN)
OFFICE_HOURS = OnlyBetween(9 * 60, 17 * 60, span=SPAN)
NIGHT = OnlyBetween(22 * 60, 6 * 60, span=SPAN)


def at(text: str) -> Instant:
    instant = read_instant(text)
    assert instant is not None
    return instant


def day(year: int, month: int, number: int) -> DayLiteral:
    return DayLiteral(year, month, number, span=SPAN)


def moment(text: str) -> TimeLiteral:
    return TimeLiteral(at(text), text, span=SPAN)


def schedule(*clauses: Clause, zone: str = "UTC") -> Schedule:
    return schedule_of(Guide(GuideKind.GUIDE, Name("help", span=SPAN), None, clauses, span=SPAN), zone)


@pytest.mark.parametrize(
    ("clause", "zone", "now", "is_open"),
    [
        (From(day(2026, 3, 1), span=SPAN), "UTC", "2026-02-28T23:59:59.999999Z", False),
        (From(day(2026, 3, 1), span=SPAN), "UTC", "2026-03-01T00:00:00Z", True),
        (From(day(2026, 3, 1), span=SPAN), "America/New_York", "2026-03-01T04:59:59Z", False),
        (From(day(2026, 3, 1), span=SPAN), "America/New_York", "2026-03-01T05:00:00Z", True),
        (From(moment("2026-03-01T13:00:00Z"), span=SPAN), "Asia/Tokyo", "2026-03-01T12:59:59Z", False),
        (From(moment("2026-03-01T13:00:00Z"), span=SPAN), "Asia/Tokyo", "2026-03-01T13:00:00Z", True),
        (Expires(day(2027, 6, 30), span=SPAN), "UTC", "2027-06-30T23:59:59.999999Z", True),
        (Expires(day(2027, 6, 30), span=SPAN), "UTC", "2027-07-01T00:00:00Z", False),
        (Expires(day(2027, 6, 30), span=SPAN), "Europe/Berlin", "2027-06-30T21:59:59Z", True),
        (Expires(day(2027, 6, 30), span=SPAN), "Europe/Berlin", "2027-06-30T22:00:00Z", False),
        (Expires(moment("2027-06-30T12:00:00Z"), span=SPAN), "UTC", "2027-06-30T11:59:59Z", True),
        (Expires(moment("2027-06-30T12:00:00Z"), span=SPAN), "UTC", "2027-06-30T12:00:00Z", False),
    ],
)
def test_a_guide_begins_with_its_from_and_ends_with_the_end_of_its_expires(
    clause: Clause, zone: str, now: str, is_open: bool
) -> None:
    assert schedule(clause, zone=zone).is_open(at(now), "Pacific/Auckland") is is_open


@pytest.mark.parametrize(
    ("clauses", "zone", "now", "is_open"),
    [
        ((WEEKDAYS,), "UTC", "2026-03-06T23:59:59Z", True),  # a Friday
        ((WEEKDAYS,), "UTC", "2026-03-07T00:00:00Z", False),
        ((WEEKDAYS,), "Asia/Tokyo", "2026-03-06T15:00:00Z", False),  # already Saturday there
        ((WEEKEND,), "Asia/Tokyo", "2026-03-06T15:00:00Z", True),
        ((OFFICE_HOURS,), "UTC", "2026-03-06T08:59:59Z", False),
        ((OFFICE_HOURS,), "UTC", "2026-03-06T09:00:00Z", True),
        ((OFFICE_HOURS,), "UTC", "2026-03-06T16:59:59Z", True),
        ((OFFICE_HOURS,), "UTC", "2026-03-06T17:00:00Z", False),
        ((OFFICE_HOURS,), "America/New_York", "2026-03-06T15:00:00Z", True),  # 10:00 there
        ((OFFICE_HOURS,), "America/New_York", "2026-03-06T10:00:00Z", False),  # 05:00 there
        ((OFFICE_HOURS,), "America/New_York", "2026-07-06T13:00:00Z", True),  # 09:00 in summer
        ((OFFICE_HOURS,), "Asia/Kolkata", "2026-03-06T03:30:00Z", True),  # half an hour off
        ((NIGHT,), "UTC", "2026-03-06T21:59:59Z", False),
        ((NIGHT,), "UTC", "2026-03-06T22:00:00Z", True),
        ((NIGHT,), "UTC", "2026-03-07T05:59:59Z", True),
        ((NIGHT,), "UTC", "2026-03-07T06:00:00Z", False),
        ((WEEKDAYS, OFFICE_HOURS), "UTC", "2026-03-06T10:00:00Z", True),
        ((WEEKDAYS, OFFICE_HOURS), "UTC", "2026-03-07T10:00:00Z", False),
        ((WEEKDAYS, OFFICE_HOURS), "UTC", "2026-03-06T20:00:00Z", False),
    ],
)
def test_only_is_read_off_the_users_clock(clauses: tuple[Clause, ...], zone: str, now: str, is_open: bool) -> None:
    assert schedule(*clauses).is_open(at(now), zone) is is_open


def test_a_guide_without_a_schedule_is_always_open() -> None:
    assert schedule().is_open(at("1970-01-01T00:00:00Z"), "UTC")


@pytest.mark.parametrize(
    "name", ["", "Mars/Phobos", "../../etc/passwd", "/etc/localtime", "Europe", "x" * 5000, "a\0b"]
)
def test_a_zone_that_nobody_knows_is_none_and_breaks_nothing(name: str) -> None:
    assert not is_zone(name)
    assert schedule(OFFICE_HOURS).is_open(at("2026-03-06T10:00:00Z"), name)


def test_a_zone_that_is_known_is_one() -> None:
    assert is_zone("Europe/Berlin")
