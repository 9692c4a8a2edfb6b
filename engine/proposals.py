"""A first rule for a cause that was found: written from the step, the persona, what came before and what was felt.

A draft: it shows nothing until somebody has put the right words in and takes `draft` away. Pure; the text is canonical
and passes the checker together with the rules that it was written for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dsl.formatter import format_condition, format_program
from dsl.formatter.words import name as spelled
from dsl.formatter.words import quoted
from dsl.parser import parse
from dsl.project import RuleProject
from dsl.values import DAY, Instant, format_instant
from engine.analytics.asked import read_condition
from engine.errors import UnknownStep
from engine.roadmap.readings import journey_named
from engine.stages import step_labels

LASTS: Final = 60 * DAY
"""After how long a proposed guide expires: a guide that nobody looks at again should not stay for ever."""


@dataclass(frozen=True, slots=True)
class Words:
    """What to say to people who feel so: advice to the author, as the draft's own text."""

    title: str
    body: str
    button: str


_PLAIN: Final = Words(
    "A hand with “{label}”?",
    "Say in two sentences what helps at this step, and where to go on.",
    "Show me how",
)
WORDS: Final[Mapping[str, Words]] = MappingProxyType(
    {
        "confused": Words(
            "What “{label}” asks of you",
            "Explain in plain words what to do here and what for. Most who leave do not know what to enter.",
            "Show me an example",
        ),
        "doubtful": Words(
            "Is this right for you?",
            "Answer the doubt: what happens next, what it costs, how to undo it, who else does it.",
            "See how others do it",
        ),
        "frustrated": Words(
            "Somebody else can do this for you",
            "Say how to hand this step on, or how to go on without it. Most who leave cannot do it themselves.",
            "Invite a colleague",
        ),
    }
)
"""By the feeling that is the cause: an explanation helps the first, a proof the second, a way around the third."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What was selected on the way here. event: that came before leaving. condition: of a chain of the paths."""

    journey: str
    step: str
    persona: str | None = None
    event: str | None = None
    condition: str | None = None
    feeling: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft guide. text: its declaration, in `.way`."""

    name: str
    text: str


def proposal(rules: RuleProject, cause: Cause, *, now: Instant, is_draft: bool = True) -> Proposal:
    """A guide that answers a cause; without `draft` to be tried. Raises UnknownJourney, UnknownStep, BadCondition."""
    journey = journey_named(rules, cause.journey)
    labels = step_labels(journey)
    if cause.step not in labels:
        raise UnknownStep(cause.journey, cause.step, list(labels))
    words = WORDS.get(cause.feeling or "", _PLAIN)
    label = labels[cause.step]
    name = _free(f"{cause.step}_{cause.persona}_help" if cause.persona else f"{cause.step}_help", _taken(rules))
    when = None if cause.condition is None else format_condition(read_condition(cause.condition, rules)).strip()
    lines = [
        f"guide {spelled(name)} {quoted(f'Help with “{label}”')} {{",
        f"at {spelled(cause.journey)}.{spelled(cause.step)}",
        *([f"on {quoted(cause.event)}"] if cause.event else []),
        *([f"for {spelled(cause.persona)}"] if cause.persona else []),
        *([f"when {when}"] if when else []),
        "show slideout {",
        f"title {quoted(words.title.format(label=label))}",
        f"body {quoted(words.body)}",
        f"button {quoted(words.button)} completes",
        'button "Later" snoozes 1 day',
        "}",
        "once every 7 days, at most 3 times",
        "holdout 10%",
        f"expires {format_instant(Instant(now + LASTS))[:10]}",
        *(["draft"] if is_draft else []),
        "}",
    ]
    return Proposal(name, format_program(parse("\n".join(lines) + "\n").program))


def _taken(rules: RuleProject) -> set[str]:
    return {*rules.guides, *rules.journeys, *rules.segments, *rules.features}


def _free(name: str, taken: Collection[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
