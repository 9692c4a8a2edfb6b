"""Which answers are low scores: of NPS those of detractors, of every other scale its lowest third.

`widgets/survey/low_scores.json` says so once, for webhooks and for the browser, which keeps a recording at them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import widgets
from dsl.clauses import every
from dsl.nodes import Question
from dsl.project import RuleProject
from dsl.values import JsonValue
from engine.emotion import scale_of

_READ: Final = json.loads((Path(widgets.__file__).parent / "survey" / "low_scores.json").read_bytes())
HIGHEST_DETRACTOR: Final[int] = _READ["nps_at_most"]
LOWEST_PART: Final[int] = _READ["lowest_part_of_other_scales"]
"""The lowest third."""


@dataclass(frozen=True, slots=True)
class LowScore:
    """A low score: the type of question, and the ends of its scale."""

    type: str
    low: int
    high: int


def low_score(rules: RuleProject, guide: str, question: str, value: JsonValue) -> LowScore | None:
    """What a low score is of; None for an answer that is none, or to a question that the rules do not have."""
    asked = rules.guides.get(guide)
    found = None if asked is None else next((q for q in every(asked, Question) if q.id.text == question), None)
    if found is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    ends = scale_of(found)
    if ends is None or not ends[0] <= value <= ends[1]:
        return None
    low, high = ends
    limit = HIGHEST_DETRACTOR if found.type == "nps" else low + (high - low) / LOWEST_PART
    return LowScore(found.type, low, high) if value <= limit else None
