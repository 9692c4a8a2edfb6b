"""Answers as flat rows, the same for CSV, Parquet and data frames: one row a step, and group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dsl.values import SECOND
from engine.analytics.comparing import Difference
from engine.analytics.effect import Effect
from engine.analytics.funnel_answer import FunnelAnswer, StepCount
from engine.analytics.health import Health
from engine.analytics.intervals import Interval, share_interval
from engine.analytics.kpis import KPIS, Figure
from engine.stages import NO_MARKS, Marks, StageMark

FUNNEL_COLUMNS: Final[Mapping[str, str]] = {
    "group": "of a breakdown; blank without one",
    "step": "number of the step, from 1",
    "name": "name of the step",
    "stage": "letter and name of its stage, of a journey's step",
    "count": "units that came at least this far",
    "rate": "share of those who entered",
    "rate_low": "low end of its 95 % interval",
    "rate_high": "high end of it",
    "of_previous": "share of those who came to the step before",
    "of_previous_low": "low end of its 95 % interval",
    "of_previous_high": "high end of it",
    "dropped": "units that came to the step before and not to this one",
    "lower_quartile_seconds": "from the entry to the step: a quarter took at most so long",
    "median_seconds": "a half took at most so long",
    "upper_quartile_seconds": "three quarters took at most so long",
}
"""The columns of a funnel, with what they mean."""


def funnel_rows(answer: FunnelAnswer, marks: Marks = NO_MARKS) -> list[dict[str, Any]]:
    """The rows of a funnel, with the keys of FUNNEL_COLUMNS. marks: of the stages of its steps."""
    groups: Mapping[str, Sequence[StepCount]] = {"": answer.steps} if answer.groups is None else answer.groups
    return [
        _funnel_row(group, number, step, marks.get(step.name))
        for group, steps in groups.items()
        for number, step in enumerate(steps, 1)
    ]


DESIGN_COLUMNS: Final[Mapping[str, str]] = {
    "manner": "`as designed`, `skipped` or `out of order`",
    "path": "names of the steps in the order in which each was first done; blank: all who went in this manner",
    "numbers": "of these steps, from 1",
    "count": "units that did so",
    "share": "of all who did any of the steps",
    "share_low": "low end of its 95 % interval",
    "share_high": "high end of it",
}
"""The columns of the intended path beside the real ones, with what they mean."""


def design_rows(answer: FunnelAnswer) -> list[dict[str, Any]]:
    """The rows of the design of a funnel, with the keys of DESIGN_COLUMNS: each manner, then the most common paths."""
    found = answer.design
    if found is None or not found.units:
        return []
    told = [(manner, "", "", count) for manner, count in found.manners.items()]
    for path in found.paths:
        numbers = ",".join(str(number + 1) for number in path.numbers)
        told.append((path.manner, " → ".join(path.steps), numbers, path.count))
    return [
        dict(
            zip(
                DESIGN_COLUMNS,
                (manner.value, path, numbers, count, count / found.units, *_ends(share_interval(count, found.units))),
                strict=True,
            )
        )
        for manner, path, numbers, count in told
    ]


def _funnel_row(group: str, number: int, step: StepCount, mark: StageMark | None) -> dict[str, Any]:
    took = step.took
    times = (None, None, None) if took is None else (took.lower, took.median, took.upper)
    values = (
        group,
        number,
        step.name,
        None if mark is None else mark.name,
        step.count,
        step.rate,
        *_ends(step.interval),
        step.of_previous,
        *_ends(step.previous_interval),
        step.dropped,
        *(None if each is None else each / SECOND for each in times),
    )
    return dict(zip(FUNNEL_COLUMNS, values, strict=True))


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low, interval.high)


EFFECT_COLUMNS: Final[Mapping[str, str]] = {
    "what": "`goal`, `variant`, `dropped`, `guardrail` or `day`",
    "name": "of the variant, the step, the guardrail or the day",
    "one": "a group",
    "other": "the group that it is compared with",
    "one_n": "people of the one whose time is over",
    "one_value": "share of them, or mean",
    "other_n": "people of the other",
    "other_value": "share of them, or mean",
    "difference": "the one less the other",
    "fixed_low": "low end of the 95 % interval for one look",
    "fixed_high": "high end of it",
    "any_day_low": "low end of the 95 % interval that may be read every day",
    "any_day_high": "high end of it",
}
"""The columns of an effect, with what they mean."""


def effect_rows(effect: Effect) -> list[dict[str, Any]]:
    """The rows of an effect, with the keys of EFFECT_COLUMNS."""
    one, other = effect.goal.one, effect.goal.other
    rows = [_difference_row("goal", effect.setup.guide, one, other, effect.goal.difference)]
    rows += [_difference_row("variant", each.one, each.one, each.other, each.difference) for each in effect.variants]
    rows += [
        _difference_row("dropped", f"{each.journey}.{each.step}", one, other, each.contrast.difference)
        for each in effect.steps
    ]
    for rail in effect.guardrails:
        if rail.difference is not None:
            rows.append(_difference_row("guardrail", rail.name, one, other, rail.difference))
            continue
        (n, value), (other_n, other_value) = (*rail.sides, (None, None))[:2]
        difference = None if rail.alone is not None else rail.value
        told = ("guardrail", rail.name, one, other, n, value, other_n, other_value, difference)
        rows.append(dict(zip(EFFECT_COLUMNS, (*told, *_ends(rail.interval), None, None), strict=True)))
    rows += [_difference_row("day", each.day, one, other, each.difference) for each in effect.days]
    return rows


USER_COLUMNS: Final[Mapping[str, str]] = {"user": "the id that people know; of a funnel of accounts, the account's"}
"""The columns of those behind a figure, with what they mean."""


def user_rows(users: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of those behind a figure, with the keys of USER_COLUMNS."""
    return [{"user": user} for user in users]


def _difference_row(what: str, name: str, one: str, other: str, found: Difference) -> dict[str, Any]:
    shares = (found.one.n, found.one.value, found.other.n, found.other.value, found.value)
    values = (what, name, one, other, *shares, *_ends(found.fixed), *_ends(found.any_day))
    return dict(zip(EFFECT_COLUMNS, values, strict=True))


KPI_COLUMNS: Final[Mapping[str, str]] = {
    "kpi": "name of the figure",
    "of": "the question, survey, feature, step, stage, journey, span of days or event",
    "mark": "of an association: what people are told apart by",
    "unit": "`share`, `points`, `scale`, `seconds` or `amount`",
    "value": "the figure; blank below five",
    "low": "low end of its 95 % interval",
    "high": "high end of it",
    "n": "people or answers",
    "count": "of these, how many, where it is a share",
    "note": "what has to be said with it",
}
"""The columns of the figures of a product, with what they mean."""


def kpi_rows(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """The rows of figures, with the keys of KPI_COLUMNS."""
    return [
        dict(
            zip(
                KPI_COLUMNS,
                (
                    each.name.value,
                    each.of,
                    each.mark,
                    KPIS[each.name].unit,
                    each.value,
                    *_ends(each.interval),
                    each.n,
                    each.count,
                    each.note,
                ),
                strict=True,
            )
        )
        for each in figures
    ]


HEALTH_COLUMNS: Final[Mapping[str, str]] = {
    "account": "id of the account",
    "standing": "`busy but stuck`, `healthy`, `quiet`, `quiet but getting there`, `in between`",
    "owner": "who looks after it",
    "people": "its people",
    "activity": "own events of theirs in the period",
    "activity_percentile": "0 to 100 among all accounts",
    "outcomes": "outcomes in the period",
    "outcome_percentile": "0 to 100 among all accounts",
    "named": "its most active people, by their ids, separated by blanks",
    "notes": "the latest note",
}
"""The columns of account health, with what they mean."""


def health_rows(health: Health) -> list[dict[str, Any]]:
    """The rows of account health, with the keys of HEALTH_COLUMNS."""
    return [
        {
            "account": each.account,
            "standing": each.standing.value,
            "owner": each.owner,
            "people": each.people,
            "activity": each.activity,
            "activity_percentile": each.activity_percentile,
            "outcomes": each.outcomes,
            "outcome_percentile": each.outcome_percentile,
            "named": " ".join(person.user for person in each.named),
            "notes": each.notes[0].text if each.notes else None,
        }
        for each in health.accounts
    ]
