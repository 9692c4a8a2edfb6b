"""Backward paths as flat rows, the same for CSV, Parquet and data frames; one table for each part of the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from dsl.values import SECOND
from engine.analytics.contrast import Contrast
from engine.analytics.funnel_answer import StepCount
from engine.analytics.path_answer import PathsAnswer


class Part(StrEnum):
    """A part of the answer that is a table."""

    CONTRAST = "contrast"
    MATRIX = "matrix"
    FLOWS = "flows"
    LINKS = "links"


CONTRAST_COLUMNS: Final[Mapping[str, str]] = {
    "kind": "event, page, friction or loop",
    "name": "of the event, the path of the page, the sign of friction, the steps of the loop",
    "met": "of those the paths are of, how many met it in their last steps",
    "of": "those the paths are of",
    "others_met": "of the others, how many",
    "others": "those they are compared with",
    "share": "met ÷ of",
    "others_share": "the same of the others",
    "ratio": "share ÷ others_share",
    "ratio_low": "low end of its 95 % interval; what the rows are ordered by",
    "ratio_high": "high end of it",
    "q": "after as many comparisons as there are rows (Benjamini–Hochberg)",
}
FLOW_COLUMNS: Final[Mapping[str, str]] = {
    "place": "steps before the end, 1 is the last",
    "name": "of the step",
    "to": "of the next one, or the end",
    "count": "how many went so",
}
LINK_COLUMNS: Final[Mapping[str, str]] = {
    "name": "of a step",
    "to": "of the one right after it",
    "count": "of those the paths are of, how many went so in their last steps",
    "others": "of those they are compared with, how many",
    "lower_quartile_seconds": "from the one to the other: a quarter took at most so long",
    "median_seconds": "a half took at most so long",
    "upper_quartile_seconds": "three quarters took at most so long",
    "condition": "of a rule: who has ever done one directly after the other in a session of a browser",
    "then": "of a rule: who has ever done one after the other",
}
MATRIX_COLUMNS: Final[Mapping[str, str]] = {
    "name": "of the step",
    "place": "steps before the end, 1 is the last",
    "count": "how many were there",
    "share": "of those the paths are of",
}
COLUMNS: Final[Mapping[Part, Mapping[str, str]]] = {
    Part.CONTRAST: CONTRAST_COLUMNS,
    Part.MATRIX: MATRIX_COLUMNS,
    Part.FLOWS: FLOW_COLUMNS,
    Part.LINKS: LINK_COLUMNS,
}
"""The columns of each part, with what they mean."""


def path_rows(answer: PathsAnswer, part: Part) -> list[dict[str, Any]]:
    """The rows of a part, with the keys of its COLUMNS."""
    return _ROWS[part](answer)


def _contrast_rows(answer: PathsAnswer) -> list[dict[str, Any]]:
    return [_contrast_row(each) for each in (*answer.contrast, *answer.loops)]


def _contrast_row(one: Contrast) -> dict[str, Any]:
    values: Sequence[Any] = (
        one.kind,
        one.name,
        one.met,
        one.of,
        one.others_met,
        one.others,
        one.share,
        one.others_share,
        one.ratio,
        one.interval.low,
        one.interval.high,
        one.q,
    )
    return dict(zip(CONTRAST_COLUMNS, values, strict=True))


def _matrix_rows(answer: PathsAnswer) -> list[dict[str, Any]]:
    units = answer.cohort.units
    return [
        {"name": row.name, "place": place, "count": count, "share": count / units}
        for row in answer.matrix
        for place, count in enumerate(row.counts, 1)
    ]


def _flow_rows(answer: PathsAnswer) -> list[dict[str, Any]]:
    return [{"place": each.place, "name": each.name, "to": each.to, "count": each.count} for each in answer.flows]


def _link_rows(answer: PathsAnswer) -> list[dict[str, Any]]:
    rows = []
    for link in answer.links:
        took = (None, None, None) if link.took is None else (link.took.lower, link.took.median, link.took.upper)
        times = [None if each is None else each / SECOND for each in took]
        values = (link.name, link.to, link.count, link.others, *times, link.condition, link.then)
        rows.append(dict(zip(LINK_COLUMNS, values, strict=True)))
    return rows


_ROWS: Final[Mapping[Part, Callable[[PathsAnswer], list[dict[str, Any]]]]] = {
    Part.CONTRAST: _contrast_rows,
    Part.MATRIX: _matrix_rows,
    Part.FLOWS: _flow_rows,
    Part.LINKS: _link_rows,
}


CHAIN_COLUMNS: Final[Mapping[str, str]] = {
    "of": "`those who left`, `the others` (both within their last steps), or `ever`: everybody, at any time",
    "step": "number of the step, from 1",
    "name": "the event",
    "count": "how many came so far",
    "rate": "share of those at the first step",
    "condition": "of a rule that reaches those of the last step, ever",
}
"""The columns of a chain as a funnel, with what they mean."""


def chain_rows(
    mine: Sequence[StepCount], others: Sequence[StepCount], ever: Sequence[StepCount], *, condition: str
) -> list[dict[str, Any]]:
    """The rows of a chain, with the keys of CHAIN_COLUMNS."""
    parts = (("those who left", mine), ("the others", others), ("ever", ever))
    return [
        dict(zip(CHAIN_COLUMNS, (of, number, step.name, step.count, step.rate, condition), strict=True))
        for of, steps in parts
        for number, step in enumerate(steps, 1)
    ]
