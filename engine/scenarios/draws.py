"""Whose story a scenario is, where it does not say: somebody whom the shares draw as the story needs it.

Rollouts, samples, variants, holdouts and who is recorded are drawn by a person's id. A story about conditions should
not fail because an arbitrary id is held out, and one about a holdout needs somebody in it; so ids are tried in a fixed
order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.values import Instant
from engine.reasons import Reason
from engine.rollout import is_held_out, is_in_recording, is_in_rollout, is_in_sample
from engine.ruleset import CompiledGuide, RuleSet
from engine.scenarios.model import Scenario

TRIED: Final = 20_000
"""How many ids are tried: enough for shares of 0.1 %."""


@dataclass(frozen=True, slots=True)
class _Draw:
    """What a story needs of one guide: at these instants in the share, at those not; a variant; the holdout."""

    guide: CompiledGuide
    inside: tuple[Instant, ...]
    outside: tuple[Instant, ...]
    variant: str | None
    held_out: bool

    def fits(self, person: str) -> bool:
        """True if the person is drawn like this."""
        guide = self.guide
        variant = guide.variant_for(person) if self.variant is not None else None
        return (
            is_held_out(guide.name, person, guide.holdout) is self.held_out
            and (self.variant is None or (variant is not None and variant.name.text == self.variant))
            and all(_is_in(guide, person, at) for at in self.inside)
            and not any(_is_in(guide, person, at) for at in self.outside)
        )


def people_for(scenario: Scenario, ruleset: RuleSet) -> Iterator[str]:
    """Ids of people whose story it can be, in a fixed order; the one that it names, or none."""
    if scenario.user is not None:
        yield scenario.user
        return
    draws = _draws(scenario, ruleset)
    share = _recorded_share(scenario, ruleset)
    for number in range(1, TRIED + 1):
        person = "someone" if number == 1 else f"someone {number}"
        if all(draw.fits(person) for draw in draws) and is_in_recording(person, share):
            yield person


def _recorded_share(scenario: Scenario, ruleset: RuleSet) -> int | float:
    """The share that the person is in of everybody who may be recorded: the smallest, if the story is about that."""
    is_about = any(each.recorded is not None for step in scenario.steps for each in step.expected)
    return min((each.percent for each in ruleset.records if each.percent > 0), default=100) if is_about else 100


def _draws(scenario: Scenario, ruleset: RuleSet) -> Sequence[_Draw]:
    expected = [(each, step.at) for step in scenario.steps for each in step.expected if each.guide is not None]
    found = []
    for name in dict.fromkeys(each.guide for each, _ in expected if each.guide is not None):
        about = [(each, at) for each, at in expected if each.guide == name]
        found.append(
            _Draw(
                guide=ruleset.by_name[name],
                inside=tuple(at for each, at in about if each.reason is not Reason.NOT_IN_ROLLOUT),
                outside=tuple(at for each, at in about if each.reason is Reason.NOT_IN_ROLLOUT),
                variant=next((each.variant for each, _ in about if each.variant is not None), None),
                held_out=any(each.reason is Reason.HELD_OUT for each, _ in about),
            )
        )
    return found


def _is_in(guide: CompiledGuide, person: str, at: Instant) -> bool:
    return is_in_rollout(guide.name, person, guide.percent) and is_in_sample(
        guide.name, person, guide.sample, every=guide.cap.every, now=at
    )
