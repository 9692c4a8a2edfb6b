"""A map as a Mermaid `journey` diagram: a section for each stage, a task for each step, 1 to 5 from what was felt.

The score is 3 + 2 × the mean of what people said they felt (−1 to +1), rounded; Mermaid has no step without a score, so
that one where too few said anything is drawn at 3 and says so.
"""

from __future__ import annotations

import re
from typing import Final

from api.maps.blocks import visible
from api.maps.layout import preface_of
from engine.mapping.model import JourneyMap, StepOnMap
from engine.roadmap.metrics import Metric

MEDIA_TYPE: Final = "text/vnd.mermaid; charset=utf-8"
NEUTRAL: Final = 3
FEW: Final = "not enough answers"
_SIGNS: Final = re.compile(r"[#:;,%\s]+")
"""What ends a name in the grammar of Mermaid, or begins something else."""


def as_mermaid(drawn: JourneyMap) -> str:
    """The diagram as text."""
    lines = [
        "journey",
        f"    title {_name(drawn.label)}",
        f"    accTitle: {_name(f'{drawn.label} of {drawn.persona_label}')}",
        f"    accDescr: {_name(preface_of(drawn))}",
    ]
    for stage in drawn.stages:
        lines.append(f"    section {_name(stage.mark.name)}")
        lines += [_task(step, drawn.persona_label) for step in drawn.steps if step.step in stage.steps]
    return "\n".join(lines) + "\n"


def score_of(step: StepOnMap) -> int:
    """The score of a step, 1 to 5."""
    felt = step.figure(Metric.EMOTION).value
    return NEUTRAL if felt is None else min(5, max(1, round(NEUTRAL + 2 * felt)))


def _task(step: StepOnMap, persona: str) -> str:
    few = f" ({FEW})" if step.figure(Metric.EMOTION).value is None else ""
    return f"      {_name(f'{step.name} {step.label}{few}')}: {score_of(step)}: {_name(persona)}"


def _name(text: str) -> str:
    # Some pages that draw diagrams take tags in names for tags.
    return _SIGNS.sub(" ", visible(text)).translate({ord("<"): "‹", ord(">"): "›"}).strip() or "?"
