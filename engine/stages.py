"""One letter and one colour for each stage: the same on the map, the funnel, the board and in every export.

The one registry of both. A stage is known by its name: two journeys with a stage `onboarding` mean the same one. The
letters follow the order in which the rules in force declare the stages, so that nobody has to assign them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dsl.labels import label_of
from dsl.nodes import Journey
from dsl.project import RuleProject

COLOURS: Final = ("#1f5fa8", "#a8480f", "#1b7346", "#8a3a86", "#946200", "#0d7080", "#b0303c", "#545b63")
"""Taken in turn. Each has a contrast of 4.5 or more against white, as small white letters on it need (WCAG 2.2, 1.4.3);
whoever cannot tell two of them apart reads the letter."""
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class StageMark:
    """How a stage is marked. label: what people call it."""

    stage: str
    label: str
    letter: str
    colour: str

    @property
    def name(self) -> str:
        """The stage in a few letters, as on labels of issues: `A Onboarding`."""
        return f"{self.letter} {self.label}"


Marks = Mapping[str, StageMark]
"""By the name of a stage, or of a step."""
NO_MARKS: Final[Marks] = MappingProxyType({})


def stage_marks(rules: RuleProject) -> Marks:
    """The mark of every stage that rules declare, by the stage's name, in their order."""
    labels: dict[str, str] = {}
    for journey in rules.journeys.values():
        for stage in journey.stages:
            labels.setdefault(stage.name.text, label_of(stage))
    return {
        name: StageMark(name, label, letter_of(number), COLOURS[number % len(COLOURS)])
        for number, (name, label) in enumerate(labels.items())
    }


def step_marks(rules: RuleProject, journey: str) -> Marks:
    """The mark of each step of a journey, by the step's name: that of its stage."""
    marks = stage_marks(rules)
    stages = rules.journeys[journey].stages
    return {step.name.text: marks[stage.name.text] for stage in stages for step in stage.steps}


def step_labels(journey: Journey) -> dict[str, str]:
    """What people call each step of a journey, by the step's name."""
    return {step.name.text: label_of(step) for step in journey.steps}


def place_labels(rules: RuleProject, *, with_stages: bool = False) -> dict[str, str]:
    """What people call each step of all journeys, by `JOURNEY.STEP`; with_stages: each stage too, alike."""
    found: dict[str, str] = {}
    for name, journey in rules.journeys.items():
        if with_stages:
            found |= {f"{name}.{stage.name.text}": label_of(stage) for stage in journey.stages}
        found |= {f"{name}.{step}": label for step, label in step_labels(journey).items()}
    return found


def place_labels_in_full(rules: RuleProject) -> dict[str, str]:
    """What people call each step of all journeys, by `JOURNEY.STEP`, with what they call the journey before it."""
    return {
        f"{name}.{step}": f"{label_of(journey)}: {label}"
        for name, journey in rules.journeys.items()
        for step, label in step_labels(journey).items()
    }


def stage_of(journey: Journey, step: str) -> str | None:
    """The name of the stage that a step belongs to; None for a step that the journey does not have."""
    return next((stage.name.text for stage in journey.stages if any(s.name.text == step for s in stage.steps)), None)


def letter_of(number: int) -> str:
    """The letter of the stage of that number from 0; after Z come AA, AB …, as in the columns of a sheet."""
    rest, last = divmod(number, len(_LETTERS))
    return (letter_of(rest - 1) if rest else "") + _LETTERS[last]
