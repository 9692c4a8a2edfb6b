"""What came of a scenario, in words that its writer reads: what was expected, what happened, and why."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.values import format_instant
from engine.decisions import GuideDecision
from engine.scenarios.draws import TRIED
from engine.scenarios.runner import ScenarioResult, StepResult


def step_words(result: StepResult) -> str:
    """What was shown: `shown verify_help`, `nothing`."""
    if not result.step.asks:
        return "no guidance was asked for: what a server sends waits for the user's next request"
    shown = " and ".join(f"shown {_named(each)}" for each in result.shown) or "nothing"
    if all(each.recorded is None for each in result.step.expected):
        return shown
    where = "" if result.record is None else f", by {result.record.span.file}:{result.record.span.line}"
    return f"{shown}; {'not ' if result.record is None else ''}recorded{where}"


def failure_text(result: ScenarioResult) -> str:
    """Why a scenario failed: for each step that is not as expected, what was expected, what happened, and why."""
    if result.person is None:
        return (
            f"nobody is drawn as this scenario needs: of {TRIED:,} people none is in the shares of all the guides "
            "that it expects and out of those that it expects to be held out\n"
            "help: name a user in `given`, `user: …`, or make several scenarios of it"
        )
    lines = [line for number, step in enumerate(result.steps, 1) if step.unmet for line in _step(result, step, number)]
    lines.append(f"as user `{result.person}`" + ("" if result.scenario.user else ", whom the shares were drawn for"))
    return "\n".join(lines)


def _step(result: ScenarioResult, step: StepResult, number: int) -> Iterator[str]:
    where = f"step {number}, line {step.step.span.line}" if len(result.steps) > 1 else f"line {step.step.span.line}"
    yield f"{where}: {step.step.words}, at {format_instant(step.step.at)}"
    for expected in step.unmet:
        yield f"  expected  {expected.text}"
    yield f"  happened  {step_words(step)}"
    width = max((len(guide) for guide, _ in step.reasons), default=0)
    reasons = max((len(reason.value) for _, reason in step.reasons), default=0)
    for guide, reason in step.reasons:
        yield f"    {guide:<{width}}  {reason.value:<{reasons}}  {reason.meaning}"
    if step.step.asks and not step.reasons:
        yield "    no guide was considered: none was woken, and none belongs to where the user stands"
    for guide, failure in step.failures:
        yield f"    {guide} failed: {failure}"


def _named(decided: GuideDecision) -> str:
    return decided.guide if decided.variant is None else f"{decided.guide} variant {decided.variant}"
