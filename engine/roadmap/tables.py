"""Opportunities and the roadmap as flat rows, the same for CSV, Parquet and data frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from dsl.values import format_instant
from engine.analytics.intervals import Interval
from engine.roadmap.board import Line
from engine.roadmap.opportunities import Opportunity
from engine.roadmap.outcomes import Comparison, Outcome
from engine.roadmap.review import Review, ThemeReview
from engine.roadmap.review_text import sections_of
from engine.roadmap.sheets import Audit
from engine.roadmap.themes import Starter, Theme
from engine.stages import Marks, StageMark

OPPORTUNITY_COLUMNS: Final[Mapping[str, str]] = {
    "id": "journey.step.persona",
    "journey": "name of the journey",
    "stage": "name of the stage",
    "letter": "of the stage, as on maps and boards",
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


def opportunity_rows(found: Iterable[Opportunity], marks: Marks) -> list[dict[str, Any]]:
    """The rows of opportunities, with the keys of OPPORTUNITY_COLUMNS. marks: of the stages (`stage_marks`)."""
    return [_row(one, marks) for one in found]


def _row(one: Opportunity, marks: Marks) -> dict[str, Any]:
    decision = one.decision
    values = (
        one.id,
        one.journey,
        one.stage,
        marks[one.stage].letter if one.stage in marks else None,
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


ITEM_COLUMNS: Final[Mapping[str, str]] = {
    "id": "number of the item",
    "title": "of the item",
    "kind": "feature, bug or debt",
    "status": "requested, scheduled, in progress, launched or dropped",
    "theme": "title of the theme",
    "opportunity": "journey.step.persona",
    "journey": "name of the journey",
    "step": "name of the step",
    "stage": "letter and name of the stage",
    "metric": "what it is to move",
    "effort_low": "person-days, over all who estimated it",
    "effort_high": "person-days",
    "impact_low": "users a week",
    "impact_high": "users a week",
    "quadrant": "blank as long as effort or impact is not known",
    "missing": "what it lacks before it may be scheduled, with `, ` between",
    "timebox": "a month or a quarter",
    "sprint": "as the team calls it",
    "owner": "who does it",
    "guide": "that carries it",
    "external": "its number in the issue tracker",
    "launched": "when",
    "override": "for what reason it may be scheduled without a step or evidence",
}
"""The columns of items, with what they mean."""


def item_rows(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The rows of items, with the keys of ITEM_COLUMNS."""
    return [dict(zip(ITEM_COLUMNS, _item(line), strict=True)) for line in lines]


def _item(line: Line) -> tuple[Any, ...]:
    item, draft = line.item, line.item.draft
    return (
        item.id,
        draft.title,
        draft.kind.value,
        draft.status.value,
        None if line.theme is None else line.theme.draft.title,
        draft.opportunity,
        draft.journey,
        draft.step,
        None if line.mark is None else f"{line.mark.letter} {line.mark.label}",
        None if draft.metric is None else draft.metric.value,
        *((None, None) if line.effort is None else (line.effort.low, line.effort.high)),
        *((None, None) if line.impact is None else (line.impact.low, line.impact.high)),
        None if line.place is None else line.place.quadrant.value,
        ", ".join(line.missing) or None,
        None if draft.timebox is None else str(draft.timebox),
        draft.sprint,
        draft.owner,
        draft.guide,
        draft.external,
        None if draft.launched is None else format_instant(draft.launched),
        None if item.override is None else item.override.why,
    )


THEME_COLUMNS: Final[Mapping[str, str]] = {
    "id": "number of the theme",
    "title": "the problem",
    "journey": "name of the journey",
    "stage": "name of the stage",
    "step": "name of the step",
    "metric": "what tells whether it is one",
    "target": "of the metric",
    "due": "a month or a quarter",
    "status": "open or closed",
    "owner": "who looks after it",
}
"""The columns of themes, with what they mean."""


def theme_rows(themes: Iterable[Theme]) -> list[dict[str, Any]]:
    """The rows of themes, with the keys of THEME_COLUMNS."""
    return [dict(zip(THEME_COLUMNS, _theme(each), strict=True)) for each in themes]


def _theme(theme: Theme) -> tuple[Any, ...]:
    draft = theme.draft
    due = None if draft.due is None else str(draft.due)
    places = (draft.journey, draft.stage, draft.step)
    return (theme.id, draft.title, *places, draft.metric.value, draft.target, due, draft.status.value, draft.owner)


STARTER_COLUMNS: Final[Mapping[str, str]] = {
    "journey": "name of the journey",
    "stage": "letter and name of the stage",
    "title": "the problem",
    "metric": "what tells whether it is one",
    "symptom": "what in the records speaks for it",
}
"""The columns of suggested themes, with what they mean."""


def starter_rows(suggested: Iterable[tuple[str, StageMark, Sequence[Starter]]]) -> list[dict[str, Any]]:
    """The rows of the suggestions for stages of journeys, with the keys of STARTER_COLUMNS."""
    return [
        dict(zip(STARTER_COLUMNS, (journey, mark.name, each.title, each.metric.value, each.symptom), strict=True))
        for journey, mark, starters in suggested
        for each in starters
    ]


_COMPARED: Final[Mapping[str, str]] = {
    "metric": "what was measured",
    "before": "its value before; blank where there is not enough to say",
    "before_n": "people or answers before",
    "after": "its value after",
    "after_n": "people or answers after",
    "difference": "after less before",
    "low": "low end of its 95 % interval",
    "high": "high end of it",
    "verdict": "better, worse, or not to be told",
}
OUTCOME_COLUMNS: Final[Mapping[str, str]] = {
    "item": "number of the item",
    "title": "of the item",
    "launched": "when",
    **_COMPARED,
    "guide": "the guide that carries it",
    "lift": "what the guide itself changed, against those who were held out",
    "lift_low": "low end of its 95 % interval",
    "lift_high": "high end of it",
    "note": "what has to be said with it",
}
"""The columns of what became of what was launched, with what they mean."""


def outcome_rows(found: Iterable[Outcome]) -> list[dict[str, Any]]:
    """The rows of outcomes, with the keys of OUTCOME_COLUMNS."""
    return [dict(zip(OUTCOME_COLUMNS, _outcome(each), strict=True)) for each in found]


def _outcome(one: Outcome) -> tuple[Any, ...]:
    lift = one.lift
    told = (None,) * 4 if lift is None else (lift.guide, lift.value, *_ends(lift.interval))
    return (one.item, one.title, format_instant(one.launched), *_compared(one.comparison), *told, one.note)


def _compared(found: Comparison | None) -> tuple[Any, ...]:
    if found is None:
        return (None,) * len(_COMPARED)
    before, after = found.before, found.after
    values = (before.value, before.n, after.value, after.n, found.difference, *_ends(found.interval))
    return (found.metric.value, *values, found.verdict.value)


AUDIT_COLUMNS: Final[Mapping[str, str]] = {
    "finding": "`row` that was skipped, item with `no step` or `no evidence` or `waiting` for both, `uncared` step",
    "name": "line of the file, title of the item, or the step",
    "detail": "what is wrong, or how many users are lost there a week",
}
"""The columns of an audit, with what they mean."""


def audit_rows(found: Audit) -> list[dict[str, Any]]:
    """The rows of an audit, with the keys of AUDIT_COLUMNS."""
    rows: list[tuple[str, str, str | None]] = [("row", str(each.line), each.problem) for each in found.problems]
    parts = (("no step", found.no_step), ("no evidence", found.no_evidence), ("waiting", found.waiting))
    rows += [(finding, title, None) for finding, titles in parts for title in titles]
    rows += [("uncared", one.id, f"{one.lost_per_week:.1f} users lost a week") for one in found.uncared]
    return [dict(zip(AUDIT_COLUMNS, row, strict=True)) for row in rows]


REVIEW_COLUMNS: Final[Mapping[str, str]] = {
    "part": "the part of the review",
    "line": "what it says there",
    "theme": "of a theme: its number",
    **{name: f"of a theme: {meaning}" for name, meaning in _COMPARED.items()},
    "target": "of a theme: what was to be reached",
    "is_reached": "of a theme: whether it was; blank where that is not known",
}
"""The columns of a quarterly review, with what they mean."""


def review_rows(review: Review) -> list[dict[str, Any]]:
    """The rows of a review, with the keys of REVIEW_COLUMNS: one for each line of its parts."""
    themes: dict[str, tuple[ThemeReview, ...]] = {"What moved": review.moved, "What did not": review.not_moved}
    rows = []
    for section in sections_of(review):
        told = themes.get(section.title, ())
        for place, line in enumerate(section.lines):
            figures = _reviewed(told[place]) if told else (None,) * (len(REVIEW_COLUMNS) - 2)
            rows.append(dict(zip(REVIEW_COLUMNS, (section.title, line, *figures), strict=True)))
    return rows


def _reviewed(each: ThemeReview) -> tuple[Any, ...]:
    return (each.theme.id, *_compared(each.comparison), each.theme.draft.target, each.is_reached)
