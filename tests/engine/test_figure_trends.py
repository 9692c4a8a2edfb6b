"""Which weeks a figure is told for."""

from __future__ import annotations

import pytest

from dsl.values import WEEK, Instant, format_instant, read_instant
from engine.figure_trends import full_weeks


@pytest.mark.parametrize(
    ("now", "last"),
    [
        # 2026-11-16 was a Monday.
        ("2026-11-16T00:00:00Z", "2026-11-09T00:00:00Z"),
        ("2026-11-16T12:00:00Z", "2026-11-09T00:00:00Z"),
        ("2026-11-22T23:59:59Z", "2026-11-09T00:00:00Z"),
        ("2026-11-23T00:00:00Z", "2026-11-16T00:00:00Z"),
        ("2027-01-01T08:00:00Z", "2026-12-21T00:00:00Z"),
    ],
)
def test_the_week_that_runs_is_not_told(now: str, last: str) -> None:
    found = full_weeks(read_instant(now) or Instant(0), 12)
    assert len(found) == 12
    assert format_instant(Instant(found[-1].since)) == last
    assert {each.until - each.since for each in found} == {WEEK}
    assert [each.until for each in found[:-1]] == [each.since for each in found[1:]]
