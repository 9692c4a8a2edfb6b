"""The lift of guides for the roadmap, from the analysis of effects: only what a holdout tells counts as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.analytics.effect import Basis
from engine.analytics.effect_words import sentence
from engine.analytics.history import NothingRecorded
from engine.effects import EffectAsked, NothingToMeasure, effect
from engine.errors import UnknownGuide
from engine.membership import RulesNow
from engine.roadmap.outcomes import Lift
from engine.roadmap.readings import Whose

if TYPE_CHECKING:
    from engine.analyst import Analyst


class GuideEffects:
    """Where the planner gets the effect of guides from (`engine.roadmap.readings.Effects`)."""

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst

    def of(self, project_id: int, rules: RulesNow, whose: Whose) -> _Lifts:
        """The effects of the guides of a project."""
        return _Lifts(self._analyst, project_id, rules, whose)


class _Lifts:
    def __init__(self, analyst: Analyst, project_id: int, rules: RulesNow, whose: Whose) -> None:
        self._analyst = analyst
        self._project_id = project_id
        self._rules = rules
        self._whose = whose

    def of_guide(self, guide: str) -> Lift | None:
        """The lift of a guide; None for one without a holdout, a goal or any history."""
        asked = EffectAsked(guide, everyone=self._whose.everyone, with_simulated=self._whose.with_simulated)
        try:
            found = effect(self._analyst, self._project_id, asked, self._rules)
        except (UnknownGuide, NothingToMeasure, NothingRecorded):
            return None
        if found.basis is not Basis.HOLDOUT:
            return None
        difference = found.goal.difference
        # The interval that holds however often one looks: a roadmap is looked at every week.
        return Lift(guide, difference.value, difference.any_day, sentence(found))
