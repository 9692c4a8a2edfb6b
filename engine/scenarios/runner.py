"""Runs scenarios: the rules are asked at each step, by the one evaluator, and what they say is compared.

Pure: the same rules and the same scenario give the same result, whenever and wherever they run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from dsl.nodes import Record
from engine.context import RequestContext
from engine.decisions import Decision, GuideDecision
from engine.events import Event, EventKind
from engine.reasons import Reason
from engine.rehearsal import Rehearsal, reason_of, shown_by
from engine.ruleset import RuleSet
from engine.scenarios.draws import people_for
from engine.scenarios.model import Expectation, Happening, Scenario, Step

_UNTOUCHED_AMONG: Final = 50
"""How many people are tried for one whom no share of a guide that the story is not about keeps away."""
_DRAWN: Final = frozenset({Reason.NOT_IN_ROLLOUT, Reason.HELD_OUT})


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of one step. shown: what goes out, the guide that has the place first.

    reasons: of each guide considered, by rank, and of each guide that the step names. unmet: what was expected and is
    not so. failures: guides that failed, with what went wrong. record: by which the page records, None for none.
    """

    step: Step
    shown: tuple[GuideDecision, ...]
    reasons: tuple[tuple[str, Reason], ...]
    unmet: tuple[Expectation, ...]
    failures: tuple[tuple[str, str], ...] = ()
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What came of a scenario. person: whose story it was; None if nobody is drawn as it needs."""

    scenario: Scenario
    person: str | None
    steps: tuple[StepResult, ...]

    @property
    def passed(self) -> bool:
        """True if everything is as expected."""
        return self.person is not None and not any(step.unmet for step in self.steps)


def run(scenario: Scenario, ruleset: RuleSet) -> ScenarioResult:
    """Run a scenario under rules."""
    first: ScenarioResult | None = None
    named = {each.guide for step in scenario.steps for each in step.expected}
    for number, person in enumerate(people_for(scenario, ruleset)):
        result = _lived(scenario, ruleset, person)
        first = first or result
        others = {reason for step in result.steps for guide, reason in step.reasons if guide not in named}
        if scenario.user is not None or not others & _DRAWN:
            return result
        if number + 1 == _UNTOUCHED_AMONG:
            break
    return first or ScenarioResult(scenario, None, ())


def _lived(scenario: Scenario, ruleset: RuleSet, person: str) -> ScenarioResult:
    """The story of one person."""
    colleagues = [f"colleague {number}" for number in range(1, len(scenario.colleagues) + 1)]
    rehearsal = Rehearsal(ruleset, [person, *colleagues], responses=scenario.responses)
    teller = _Teller()
    for number, happenings in enumerate((scenario.before, *scenario.colleagues)):
        for happening in happenings:
            for event in teller.events(happening, [person, *colleagues][number], is_live=False):
                rehearsal.take(number, event)
    steps = []
    for step in scenario.steps:
        for happening in step.happenings:
            for event in teller.events(happening, person, is_live=True):
                rehearsal.take(0, event)
        decision = record = None
        if step.asks:
            request = RequestContext(step.happenings[-1].context, has_consent=scenario.has_consent)
            record = rehearsal.record(0, now=step.at, context=request)
            decision = rehearsal.ask(0, now=step.at, context=request)
            if step.is_seen:
                rehearsal.see(0, decision, now=step.at)
        result = _result(step, decision, ruleset, has_consent=scenario.has_consent)
        unmet = tuple(each for each in step.expected if each.recorded not in (None, record is not None))
        steps.append(replace(result, unmet=(*result.unmet, *unmet), record=record))
    return ScenarioResult(scenario, person, tuple(steps))


class _Teller:
    """Turns what happens into events, each with an id of its own."""

    def __init__(self) -> None:
        self._told = 0

    def events(self, happening: Happening, person: str, *, is_live: bool) -> Iterable[Event]:
        """The events of a happening. Those of a history wake nothing."""
        for told in happening.told:
            self._told += 1
            yield Event(
                seq=0,
                message_id=f"told {self._told}",
                kind=told.kind,
                name=told.name,
                time=happening.at,
                received=happening.at,
                user_id=person,
                properties=told.properties,
                traits=told.traits if told.kind in (EventKind.IDENTIFY, EventKind.GROUP) else {},
                group_id=told.group_id,
                context=happening.context,
                from_browser=happening.from_browser,
                live=is_live,
            )


def _result(step: Step, decision: Decision | None, ruleset: RuleSet, *, has_consent: bool) -> StepResult:
    if decision is None:
        unmet = tuple(each for each in step.expected if each.is_shown or each.reason is not None)
        return StepResult(step, (), (), unmet)
    shown = shown_by(decision)
    reasons = {each.guide: each.reason for each in decision.considered}
    for expected in step.expected:
        found = expected.guide and reason_of(expected.guide, decision, ruleset, has_consent=has_consent)
        if expected.guide is not None and found:
            reasons.setdefault(expected.guide, found)
    of_guides = [each for each in step.expected if each.recorded is None]
    unmet = tuple(each for each in of_guides if not _is_met(each, decision, shown, reasons))
    return StepResult(step, shown, tuple(reasons.items()), unmet, decision.failures)


def _is_met(
    expected: Expectation, decision: Decision, shown: tuple[GuideDecision, ...], reasons: dict[str, Reason]
) -> bool:
    if expected.guide is None:
        # Launchers are always there, and take no place.
        return decision.winner is None
    if expected.reason is not None and reasons[expected.guide] is not expected.reason:
        return False
    found = next((each for each in shown if each.guide == expected.guide), None)
    if not expected.is_shown:
        return found is None
    return found is not None and (expected.variant is None or found.variant == expected.variant)
