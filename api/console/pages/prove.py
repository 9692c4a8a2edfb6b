"""Prove: what each guide of a journey changed, against who was held out from it; the last step of the method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.console.desk import Desk
from api.console.registry import Group, Page
from engine.analytics.effect import Effect, Verdict
from engine.analytics.effect_words import sentence
from engine.analytics.history import NothingRecorded
from engine.effects import EffectAsked, effect, guides_of_journey
from engine.permissions import Scope


@dataclass(frozen=True, slots=True)
class Proof:
    """The effect of one guide, in words and figures. label: what people call the guide."""

    label: str
    effect: Effect
    told: str

    @property
    def tone(self) -> str:
        """How the verdict is marked: only what is told apart from chance is good or bad."""
        return {Verdict.HIGHER: "good", Verdict.LOWER: "bad", Verdict.BROKEN: "bad"}.get(self.effect.verdict, "")


def view(desk: Desk) -> Mapping[str, Any]:
    """What Prove shows."""
    journey = desk.journey
    if journey is None:
        return {"journey": None}
    shared = {"journey": journey, "journeys": desk.rules.project.journeys}
    try:
        proofs = [_proof(desk, guide) for guide in guides_of_journey(desk.rules, journey.name.text)]
    except NothingRecorded:
        return {**shared, "proofs": None}
    return {**shared, "proofs": proofs}


def _proof(desk: Desk, guide: str) -> Proof:
    asked = EffectAsked(guide, desk.persona, everyone=desk.everyone, with_simulated=desk.with_simulated)
    found = effect(desk.analyst, desk.project.id, asked, desk.rules)
    declared = desk.rules.project.guides.get(guide)
    label = declared.label.value if declared is not None and declared.label is not None else guide
    return Proof(label, found, sentence(found))


PAGE = Page("prove", "prove", "Prove", "What each guide changed.", Group.METHOD, Scope.RECORDS_READ, view, key="p")
