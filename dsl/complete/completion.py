"""What a completion is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Sort(StrEnum):
    """What a completion stands for."""

    KEYWORD = "keyword"
    OPERATOR = "operator"
    ATTRIBUTE = "attribute"
    PROPERTY = "property"
    EVENT = "event"
    JOURNEY = "journey"
    STAGE = "stage"
    STEP = "step"
    SEGMENT = "segment"
    GUIDE = "guide"
    SURVEY = "survey"
    QUESTION = "question"
    CHOICE = "choice"
    VALUE = "value"
    WIDGET = "widget"
    QUESTION_TYPE = "type of question"
    FEELING = "feeling"
    TYPE = "type"
    UNIT = "unit of time"
    FILE = "file"


class Weight(IntEnum):
    """How well a proposal fits: what is declared and most specific comes first."""

    FITTING = 0
    """Of what stands before: a property of the event, a value of the attribute, an event of the step."""
    DECLARED = 1
    BUILT_IN = 2
    SEEN = 3
    """Known from live data only."""
    WORD = 4
    ELSEWHERE = 5
    """A word that belongs further out."""


class Offer(NamedTuple):
    """Something that may stand at a place, before it is compared with what is already written there.

    insert: what is written, where that is another text: in quotes. order: the place among those of one weight.
    """

    label: str
    kind: Sort
    weight: Weight
    detail: str = ""
    insert: str | None = None
    order: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal.

    label: what is shown. insert: what is written in the place of the text from `start` to `end` (offsets in
    characters). detail: what it is, in a few words. rank: its place in the list, from 0.
    """

    label: str
    kind: Sort
    insert: str
    detail: str
    rank: int
    start: int
    end: int
