"""Prove: whom a rule would have reached, before; what each guide changed, against who was held out, after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, render_template

from api.console.desk import Desk
from api.console.drawing import sentence as told
from api.console.proposing import opportunities, proposed
from api.console.registry import Group, Page
from api.console.verdicts import tone_of
from dsl.labels import label_of
from dsl.nodes import Journey
from dsl.values import DAY
from engine.analytics.effect import Effect, Verdict
from engine.analytics.effect_words import sentence
from engine.analytics.history import NothingRecorded
from engine.backtest import CAVEAT, Backtest, GuideBacktest
from engine.effects import EffectAsked, effect, guides_of_journey
from engine.errors import WaypostError
from engine.permissions import Scope
from engine.replies import Refused
from engine.stages import step_labels

BEFORE: Final = "before"
"""The part of the page that is worked out after it is shown."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The effect of one guide, in words and figures. label: what people call the guide."""

    label: str
    effect: Effect
    told: str

    @property
    def tone(self) -> str:
        """How the verdict is marked."""
        return tone_of(self.effect)


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Prove shows, or the part of it that takes longer."""
    journey = desk.journey
    if journey is None:
        return {"journey": None}
    if desk.said.get("part") == BEFORE:
        return Response(render_template("prove_before.html", desk=desk, **_before(desk, journey)))
    shared = {"journey": journey, "journeys": desk.rules.project.journeys, "labels": step_labels(journey)}
    try:
        proofs = [_proof(desk, guide) for guide in guides_of_journey(desk.rules, journey.name.text)]
    except NothingRecorded:
        return {**shared, "proofs": None}
    telling = [each for each in proofs if each.effect.goal.difference.one.n or each.effect.goal.difference.other.n]
    return {
        **shared,
        "proofs": proofs,
        # What a holdout tells stands before what only lies before and after.
        "telling": sorted(telling, key=lambda each: each.effect.verdict is Verdict.NOT_CAUSAL),
        "silent": [each for each in proofs if each not in telling],
    }


def _before(desk: Desk, journey: Journey) -> dict[str, Any]:
    """Whom the rule for what is selected would have reached in the recorded history, or why that cannot be told."""
    try:
        chosen = opportunities(desk, journey).chosen
        if chosen is None:
            return {"chosen": None}
        rule = proposed(desk, chosen, is_draft=False)
        found = desk.service.publications.rehearse(
            desk.project.id,
            files={f"{rule.name}.way": rule.text},
            beside_live=True,
            guides=[rule.name],
            with_simulated=desk.everyone or desk.with_simulated,
            sample=True,
        )
    except WaypostError as error:
        return {"chosen": None, "refused": told(error)}
    if isinstance(found, Refused):
        return {"chosen": None, "refused": found.diagnostics[0].message}
    reached = found.guides[0]
    return {"chosen": chosen, "found": reached, "told": reach(reached, found), "caveat": CAVEAT}


def reach(found: GuideBacktest, whole: Backtest) -> str:
    """What a backtest says, in words."""
    days = max(1, round((whole.end - whole.begin) / DAY))
    past = f"{whole.people:,} people in {days} day{'' if days == 1 else 's'}"
    if whole.portions > 1:
        past += f", drawn by chance, one of {whole.portions:,}, for the history is long"
    if found.people:
        said = f"It would have reached {found.people:,} of {past}, {found.shows:,} times in all."
        return said + (f" {found.held_out:,} would have been held out." if found.held_out else "")
    said = f"It would have reached none of {past}."
    before = [each for each in found.overlaps if each.lost]
    if before:
        first = max(before, key=lambda each: each.lost)
        said += f" `{first.guide}` stands before it: {first.lost:,} times it had the place."
    return said


def _proof(desk: Desk, guide: str) -> Proof:
    asked = EffectAsked(guide, desk.persona, everyone=desk.everyone, with_simulated=desk.with_simulated)
    found = effect(desk.analyst, desk.project.id, asked, desk.rules)
    declared = desk.rules.project.guides.get(guide)
    return Proof(guide if declared is None else label_of(declared), found, sentence(found))


PAGE = Page(
    "prove",
    "prove",
    "Prove",
    "What each guide changed.",
    Group.METHOD,
    Scope.RECORDS_READ,
    view,
    key="p",
    shareable=True,
)
