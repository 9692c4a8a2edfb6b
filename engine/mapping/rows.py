"""The rows of a journey map: the one registry of what they are called, what fills them and where one may type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Row(StrEnum):
    """A row of the map."""

    PERSONA = "persona"
    MOTIVATION = "motivation"
    ACTIONS = "actions"
    TOUCHPOINTS = "touchpoints"
    THOUGHTS = "thoughts"
    EMOTION = "emotion"
    FRICTION = "friction"
    PAIN_POINTS = "pain_points"
    PROMISE = "promise"
    FUTURE = "future"
    OPPORTUNITIES = "opportunities"
    INTERVENTIONS = "interventions"
    SYSTEMS = "systems"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class RowSpec:
    """What is known of a row.

    label: for readers. filled: what fills it by itself, blank for nothing. typed: what people may type in, blank where
    they may not. is_by_touchpoint: a cell may speak of one touchpoint of a step.
    """

    label: str
    filled: str
    typed: str
    is_by_touchpoint: bool = False


ROWS: Final[Mapping[Row, RowSpec]] = MappingProxyType(
    {
        Row.PERSONA: RowSpec(
            "Persona",
            "how many people came to the step, and how many of those whose fate is known went on or were lost",
            "who these people are",
        ),
        Row.MOTIVATION: RowSpec("Motivation", "", "why they are here, what they want to get done"),
        Row.ACTIONS: RowSpec(
            "Actions",
            "the real paths beside the designed one; who goes straight on, what lies in between, who goes back",
            "what they do outside of the product",
        ),
        Row.TOUCHPOINTS: RowSpec(
            "Touchpoints", "those that the rules declare", "others, or more on one of them", is_by_touchpoint=True
        ),
        Row.THOUGHTS: RowSpec(
            "Thoughts",
            "what they said, word for word: the latest answers in free text, and quotes of evidence from elsewhere",
            "what you believe that they think",
        ),
        Row.EMOTION: RowSpec(
            "Emotion", "what people said they felt: mean, 95 % interval, n, the feelings that were named", ""
        ),
        Row.FRICTION: RowSpec(
            "Friction", "the friction score with its interval, and the signals that met most people", "friction unseen"
        ),
        Row.PAIN_POINTS: RowSpec(
            "Pain points",
            "what people said who were confused, doubtful or frustrated; the friction that goes with leaving; what "
            "came before leaving; tasks of usability tests that failed",
            "what else hurts",
        ),
        Row.PROMISE: RowSpec(
            "Our promise",
            "`expect within` of the rules beside the time that it took, and the share that went on",
            "what is promised here: on the website, by sales, in the welcome mail",
        ),
        Row.FUTURE: RowSpec("Future state", "each target of a metric of the step beside the present", ""),
        Row.OPPORTUNITIES: RowSpec(
            "Opportunities", "those that the engine proposes here, with what was said and planned", "ideas"
        ),
        Row.INTERVENTIONS: RowSpec(
            "Interventions", "guides and surveys at the step, with their state and how many saw them", "others"
        ),
        Row.SYSTEMS: RowSpec(
            "Systems behind",
            "",
            "the service blueprint: which systems and teams stand behind the step or one of its touchpoints",
            is_by_touchpoint=True,
        ),
        Row.OWNER: RowSpec("Owner", "", "who looks after the step"),
    }
)
"""Every row, in the order of the map."""

TYPED: Final = tuple(row for row, spec in ROWS.items() if spec.typed)
"""Rows into which people may type."""
