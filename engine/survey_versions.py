"""Versions of a survey's questions: what was asked when, so that answers to other questions are never mixed.

A question that was answered and then loses its scale, its choices, its type or its id would make the answers before and
after look alike. So from the first answer on, such a change starts a new version; each answer belongs to the version
that the user saw. A question that is added, another wording or another order change nothing. Pure: what is stored where
is decided in `engine.storage.surveys`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from dsl.clauses import every
from dsl.diagnostics import Span
from dsl.nodes import Guide, Name, Question, TextLiteral
from dsl.nodes.content import Choice, Scale
from dsl.project import RuleProject
from dsl.values import Instant, format_instant
from engine.emotion import scale_of

_NOWHERE: Final = Span("", 0, 0, 1, 1)
"""The place of questions that no file holds any more."""


@dataclass(frozen=True, slots=True)
class SurveyVersion:
    """The questions of a survey, by id, as they could be answered from an instant on."""

    version: int
    since: Instant
    questions: Mapping[str, Question]


Versions = tuple[SurveyVersion, ...]
"""Of one survey, ascending; at least one."""


@dataclass(frozen=True, slots=True)
class NewSurveyVersion:
    """That a publication started a new version, and why. answers: how many the version before has; they are kept."""

    survey: str
    version: int
    answers: int
    changes: tuple[str, ...]

    def __str__(self) -> str:
        answers = "1 answer" if self.answers == 1 else f"{self.answers:,} answers"
        return (
            f"survey `{self.survey}` is at version {self.version} now: {'; '.join(self.changes)}. "
            f"What was answered to version {self.version - 1} ({answers}) stays apart"
        )


def questions_of(guide: Guide) -> Mapping[str, Question]:
    """The questions of a guide by id; empty for one that asks nothing."""
    return {question.id.text: question for question in every(guide, Question)}


def surveys_of(project: RuleProject) -> dict[str, Mapping[str, Question]]:
    """The questions of everything in a project that asks any, by name."""
    found = {name: questions_of(guide) for name, guide in project.guides.items()}
    return {name: questions for name, questions in found.items() if questions}


def version_at(versions: Versions, at: Instant) -> SurveyVersion:
    """The version that could be seen at an instant: one published just then could not yet."""
    return next((each for each in reversed(versions) if each.since < at), versions[0])


def breaking_changes(old: Mapping[str, Question], new: Mapping[str, Question]) -> Iterator[str]:
    """What makes answers before and after two different things, each as a sentence; nothing: they are comparable."""
    for name, before in old.items():
        after = new.get(name)
        if after is None:
            yield f"question `{name}` is gone"
            continue
        if before.type != after.type:
            yield f"`{name}` was of type `{before.type}` and is of type `{after.type}`"
            continue
        if scale_of(before) != scale_of(after):
            yield f"the scale of `{name}` was {_ends(before)} and is {_ends(after)}"
        left, right = [each.key for each in before.choices], [each.key for each in after.choices]
        gone, come = [each for each in left if each not in right], [each for each in right if each not in left]
        if gone:
            yield f"`{name}` has no longer {_listed(gone)}"
        if come:
            yield f"`{name}` has {_listed(come)} in addition"


def to_json(questions: Mapping[str, Question]) -> str:
    """What is kept of the questions of a version."""
    return orjson.dumps(
        [
            {
                "id": name,
                "type": question.type,
                "text": question.text.value,
                "scale": scale_of(question),
                "choices": [
                    {
                        "id": choice.key,
                        "text": None if choice.text is None else choice.text.value,
                        "feels": None if choice.feels is None else choice.feels.text,
                        "other": choice.is_other,
                    }
                    for choice in question.choices
                ],
            }
            for name, question in questions.items()
        ]
    ).decode()


def from_json(text: str) -> Mapping[str, Question]:
    """The questions that `to_json` wrote: enough to read answers to them, not to ask them."""
    return {each["id"]: _question(each) for each in orjson.loads(text)}


def as_fingerprint(surveys: Mapping[str, Versions]) -> list[object]:
    """What of versions a state depends on: nothing as long as every survey has one."""
    return [
        [name, [[each.version, each.since, to_json(each.questions)] for each in versions]]
        for name, versions in sorted(surveys.items())
        if len(versions) > 1
    ]


def history_of(versions: Sequence[SurveyVersion]) -> str:
    """`version 3 since 2026-03-04T10:00:00Z`."""
    latest = versions[-1]
    return f"version {latest.version} since {format_instant(latest.since)}"


def _question(read: Mapping[str, Any]) -> Question:
    scale = read["scale"]
    return Question(
        type=read["type"],
        id=Name(read["id"], span=_NOWHERE),
        text=TextLiteral(read["text"], span=_NOWHERE),
        scale=None if scale is None else Scale(scale[0], scale[1], span=_NOWHERE),
        choices=tuple(
            Choice(
                text=None if each["text"] is None else TextLiteral(each["text"], span=_NOWHERE),
                id=Name(each["id"], span=_NOWHERE),
                feels=None if each["feels"] is None else Name(each["feels"], span=_NOWHERE),
                is_other=each["other"],
                span=_NOWHERE,
            )
            for each in read["choices"]
        ),
        span=_NOWHERE,
    )


def _ends(question: Question) -> str:
    ends = scale_of(question)
    return "none" if ends is None else f"{ends[0]} to {ends[1]}"


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(f"`{each}`" for each in keys)
