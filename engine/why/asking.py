"""Why a guide would be shown to a user at an instant, or why not, and what would change that."""

from __future__ import annotations

from dataclasses import replace

from dsl.explain import Joined
from dsl.nodes import Always
from engine.reasons import Reason
from engine.ruleset import CompiledGuide
from engine.survey_versions import SurveyVersion, Versions
from engine.why.gates import Gates
from engine.why.judging import Judge
from engine.why.search import Found, Search
from engine.why.tree import Gate, GateName, Part, Truth, Why
from engine.why.world import Situation, World

_FOR_GOOD = frozenset(
    {Reason.DISABLED, Reason.PAUSED, Reason.QUOTA_REACHED, Reason.NOT_IN_ROLLOUT, Reason.HELD_OUT, Reason.DRAFT}
)
"""Reasons that nothing about the user changes: the rules would have to, or, for a sample, time."""


def why(situation: Situation, guide: str, *, changes: int = 2) -> Why:
    """Ask about one guide.

    changes: how many are looked for, 0 for none. Every one given was tried with `engine.decisions.decide`.
    Raises KeyError for a guide that is not in the rule set.
    """
    compiled = situation.ruleset.by_name[guide]
    judge = Judge(situation.ruleset, compiled)
    world = World.of(situation)
    gates = Gates(world, compiled, judge).all()
    reason = world.reason(compiled)
    if reason is Reason.NOT_TRIGGERED:
        # A guide that did not even come into question: what is switched off for everybody is said first.
        reason = next((gate.reason for gate in gates if gate.reason is not None), reason)
    found, blocked = Found(), None
    if not reason.shows:
        blocked = _for_good(gates, compiled, reason)
        if blocked is None and changes:
            found = Search(situation, compiled, judge, wanted=changes).run()
            blocked = None if found.changes else _stuck(found, compiled, judge)
    label = compiled.node.label
    return Why(
        guide=guide,
        label=label.value if label is not None else None,
        user=situation.user,
        at=world.now,
        zone=situation.ruleset.project.zone,
        reason=reason,
        gates=gates,
        changes=found.changes,
        blocked=blocked,
        survey=_latest(situation.ruleset.plan.guides[guide].versions),
    )


def _latest(versions: Versions) -> SurveyVersion | None:
    return versions[-1] if len(versions) > 1 else None


def _for_good(gates: tuple[Gate, ...], guide: CompiledGuide, reason: Reason) -> str | None:
    """What stands in the way whatever the user does."""
    if reason is Reason.ERROR:
        return "the rule failed while it was decided"
    for gate in gates:
        if gate.reason not in _FOR_GOOD:
            continue
        if gate.name is GateName.SHARE and guide.sample < 100 and guide.cap.every is not None:
            # Drawn anew with each period.
            continue
        return f"{gate.found}; nothing that the user does changes that"
    return None


def _stuck(found: Found, guide: CompiledGuide, judge: Judge) -> str:
    """Where the search ended, as a sentence."""
    if found.stuck is None:
        return "no change of a few steps was found that would show it"
    gates = Gates(found.stuck, guide, judge).all()
    gate = next((each for each in gates if not each.is_open), None)
    if gate is None:
        return "no change of a few steps was found that would show it"
    parts = [part for each in gate.parts for part in _amiss(each)]
    if not parts:
        return f"no change was found after which {gate.text}" + (f" ({gate.found})" if gate.found else "")
    part = parts[0]
    if isinstance(part.about, Always):
        return "the rule itself says that this is never so"
    text = part.text.removesuffix(":").removesuffix(", that is")
    return f"no change was found after which {text}" + (f" ({part.found})" if part.found else "")


def _amiss(part: Part) -> list[Part]:
    """The statements without parts that are not as they should be."""
    if part.truth is Truth.TRUE:
        return []
    if part.joined is Joined.NONE:
        so = [each for each in part.below if each.truth is not Truth.FALSE]
        return [replace(each, text=f"it is not so that {each.text}", below=()) for each in so] or [part]
    return [each for part_below in part.below for each in _amiss(part_below)] or [part]
