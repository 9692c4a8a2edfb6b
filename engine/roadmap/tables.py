"""Opportunities as flat rows, the same for CSV, Parquet and data frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from engine.analytics.intervals import Interval
from engine.roadmap.opportunities import Opportunity

OPPORTUNITY_COLUMNS: Final[Mapping[str, str]] = {
    "id": "journey.step.persona",
    "journey": "name of the journey",
    "stage": "name of the stage",
    "step": "name of the step",
    "persona": "name of the persona; - for none, ~ for visitors who are not known, blank where none is declared",
    "status": "proposed, confirmed or dismissed",
    "settled": "people whose fate at the step is known",
    "lost": "of them, lost",
    "lost_share": "lost ÷ settled",
    "lost_share_low": "low end of its 95 % interval",
    "lost_share_high": "high end of it",
    "lost_per_week": "lost a week",
    "best": "the persona that does best at the step",
    "gap": "its share that went on, less this one's",
    "gap_low": "low end of its 95 % interval",
    "gap_high": "high end of it",
    "reachable": "share of those lost that is within reach",
    "reachable_low": "low end of its 95 % interval",
    "reachable_high": "high end of it",
    "worth": "users a week that could be won",
    "cause": "the first proposed cause",
    "decided_by": "who confirmed or dismissed it",
    "why": "for what reason",
}
"""The columns of opportunities, with what they mean."""


def opportunity_rows(found: Iterable[Opportunity]) -> list[dict[str, Any]]:
    """The rows of opportunities, with the keys of OPPORTUNITY_COLUMNS."""
    return [_row(one) for one in found]


def _row(one: Opportunity) -> dict[str, Any]:
    decision = one.decision
    values = (
        one.id,
        one.journey,
        one.stage,
        one.step,
        one.persona,
        one.status.value,
        one.settled,
        one.lost,
        one.lost_share,
        *_ends(one.lost_interval),
        one.lost_per_week,
        None if one.best is None else one.best.label,
        one.gap,
        *_ends(one.gap_interval),
        one.reachable,
        *_ends(one.reachable_interval),
        one.worth,
        one.causes[0].text if one.causes else None,
        None if decision is None else decision.by,
        None if decision is None else decision.why,
    )
    return dict(zip(OPPORTUNITY_COLUMNS, values, strict=True))


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low, interval.high)
