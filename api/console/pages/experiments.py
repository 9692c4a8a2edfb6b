"""Experiments: every guide that divides its people, what that shows, how sure it is; beside them those that do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.marks import all_marks, on_days, within
from api.console.registry import Group, Page
from api.console.verdicts import tone_of
from dsl.clauses import every
from dsl.labels import label_of
from dsl.nodes import Guide, Variant
from engine.analytics.curve import CurveMark
from engine.analytics.effect import DayOfEffect, Effect, Verdict
from engine.analytics.effect_words import aim_in_words, length_in_words, points, sentence
from engine.analytics.history import NothingRecorded
from engine.analytics.intervals import Interval
from engine.analytics.tables import EFFECT_COLUMNS, effect_rows
from engine.effects import EffectAsked, NothingToMeasure, effect
from engine.permissions import Scope
from engine.ruleset import holdout_of

SHOWN: Final = 20
"""Experiments on one page: each is an analysis of its own."""
OVERVIEW_COLUMNS: Final = (
    "guide", "basis", "verdict", "one", "one_n", "other", "other_n", "difference",
    "fixed_low", "fixed_high", "any_day_low", "any_day_high", "needed_any_day", "ratio_alarm",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """The effect of a guide in words and figures. label: what people call the guide."""

    label: str
    effect: Effect

    @property
    def sentence(self) -> str:
        """What may be said."""
        return sentence(self.effect)

    @property
    def tone(self) -> str:
        """How the verdict is marked."""
        return tone_of(self.effect)

    @property
    def aim(self) -> str:
        """What it is measured on."""
        return aim_in_words(self.effect)


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Experiments shows."""
    guides = desk.rules.project.guides
    dividing = [name for name, node in guides.items() if _divides(node)]
    others = [name for name in guides if name not in set(dividing)]
    named = desk.said.get("guide")
    page = _page(desk, len(dividing))
    try:
        wanted = dividing[page * SHOWN : (page + 1) * SHOWN]
        listed = [each for each in (_told(desk, name) for name in wanted) if each is not None]
        chosen = _told(desk, named) if named is not None and named in guides else None
    except NothingRecorded:
        return {"listed": None, "others": others}
    if desk.said.get("format") == "csv":
        return _file(listed, chosen)
    marks = all_marks(desk) if chosen is not None else ()
    days = [] if chosen is None else [each.day for each in chosen.effect.days]
    return {
        "listed": listed,
        "chosen": chosen,
        "unmeasured": named if named in guides and chosen is None else None,
        "others": {name: label_of(guides[name]) for name in others},
        "told": overview(listed, len(dividing)),
        "chart": None if chosen is None or not days else chart(chosen.effect.days, chosen.label, marks),
        "marks": within(marks, days),
        "points": points,
        "length": length_in_words,
        "personas": desk.personas,
        "older": desk.here(page=page + 1, guide=None) if (page + 1) * SHOWN < len(dividing) else None,
        "newer": desk.here(page=page - 1 or None, guide=None) if page else None,
    }


def overview(listed: Sequence[Told], number: int) -> str:
    """What the list shows, in words."""
    if not number:
        return "No guide holds anybody out or has variants, so nothing here can tell a cause."
    verdicts = [each.effect.verdict for each in listed]
    clear = sum(each in {Verdict.HIGHER, Verdict.LOWER} for each in verdicts)
    open_ones = sum(each in {Verdict.CANNOT_TELL, Verdict.TOO_FEW} for each in verdicts)
    broken = sum(each is Verdict.BROKEN for each in verdicts)
    said = (
        f"{number} guide{' divides its' if number == 1 else 's divide their'} people: {clear} "
        f"{'has' if clear == 1 else 'have'} a clear effect, of {open_ones} it cannot be told yet."
    )
    return f"{said} Of {broken} the groups do not compare." if broken else said


def chart(days: Sequence[DayOfEffect], label: str, marks: Sequence[CurveMark]) -> dict[str, Any]:
    """The estimate over time within its sequence, the fixed interval inside of that."""
    names = [each.day for each in days]
    return {
        "kind": "overtime",
        "unit": "points",
        "name": label,
        "days": names,
        "value": [each.difference.value for each in days],
        "counts": [f"n = {each.difference.one.n:,} and {each.difference.other.n:,}" for each in days],
        "bands": [
            _band("on any day", [each.difference.any_day for each in days]),
            _band("for one look", [each.difference.fixed for each in days]),
        ],
        "reach": _reach(days),
        "marks": on_days(marks, names),
    }


def _reach(days: Sequence[DayOfEffect]) -> float:
    """How far the axis goes: the first days, of a few people, may reach over its ends."""
    settled = [each.difference.any_day for each in days[len(days) // 4 :]]
    known = [max(abs(each.low), abs(each.high)) for each in settled if each is not None]
    farthest = max(known, default=1.0)
    return next((step for step in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5) if farthest <= step), 1.0)


def _band(name: str, intervals: Sequence[Interval | None]) -> dict[str, Any]:
    return {
        "name": name,
        "low": [None if each is None else each.low for each in intervals],
        "high": [None if each is None else each.high for each in intervals],
    }


def _divides(guide: Guide) -> bool:
    return bool(holdout_of(guide)) or len(every(guide, Variant)) > 1


def _told(desk: Desk, name: str) -> Told | None:
    """The effect of a guide; None where nothing tells whether it helped."""
    asked = EffectAsked(name, desk.persona, everyone=desk.everyone, with_simulated=desk.with_simulated)
    try:
        found = effect(desk.analyst, desk.project.id, asked, desk.rules)
    except NothingToMeasure:
        return None
    return Told(label_of(desk.rules.project.guides[name]), found)


def _page(desk: Desk, number: int) -> int:
    page = desk.number("page") or 0
    return page if page * SHOWN < number else 0


def _file(listed: Sequence[Told], chosen: Told | None) -> Response:
    if chosen is not None:
        rows = effect_rows(chosen.effect)
        return as_file(rows, list(EFFECT_COLUMNS), "csv", name=f"effect-{chosen.effect.setup.guide}")
    return as_file([_row(each.effect) for each in listed], list(OVERVIEW_COLUMNS), "csv", name="experiments")


def _row(found: Effect) -> dict[str, Any]:
    goal, needed, ratio = found.goal, found.needed, found.ratio
    fixed, any_day = goal.difference.fixed, goal.difference.any_day
    values = (
        found.setup.guide,
        found.basis.value,
        found.verdict.value,
        goal.one,
        goal.difference.one.n,
        goal.other,
        goal.difference.other.n,
        goal.difference.value,
        *((None, None) if fixed is None else (fixed.low, fixed.high)),
        *((None, None) if any_day is None else (any_day.low, any_day.high)),
        None if needed is None else needed.any_day,
        None if ratio is None else ratio.is_alarm,
    )
    return dict(zip(OVERVIEW_COLUMNS, values, strict=True))


PAGE = Page(
    "experiments",
    "experiments",
    "Experiments",
    "What each guide changed, against those held out.",
    Group.GUIDES,
    Scope.RECORDS_READ,
    view,
    shareable=True,
)
