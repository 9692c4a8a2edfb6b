"""One answer as records read it: what was said, what it tells of feelings, and to which step it belongs.

Decides nothing about scores (see `engine.analytics`). An answer to a question that the rules in force do not know is
kept as it is, without a feeling and without a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.nodes import Question
from dsl.values import Instant, JsonValue
from engine.emotion import Emotion, emotion_of_answer
from engine.events import Event, GuideEvent
from engine.journeys import step_of_answer
from engine.plan import GuidePlan, StatePlan
from engine.state import UserState

LONGEST_NAME = 255
"""Characters of a guide's, a question's or a submission's name that are kept."""


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to one question of one submission.

    seq, time: of the event that it comes from. text: what was said in the user's own words. valence: −1 to +1, None
    where it says nothing of feelings. inferred: the feeling was read from free text, not said. survey_version: of the
    survey's questions, as they were when it was answered.
    """

    submission: str
    guide: str
    question: str
    seq: int
    time: Instant
    value: JsonValue
    text: str | None
    feeling: str | None
    valence: float | None
    inferred: bool
    language: str | None
    journey: str | None
    step: str | None
    simulated: bool
    survey_version: int = 1


def response_of(plan: StatePlan, state: UserState, event: Event) -> Response | None:
    """The answer that an event gives; None for other events and for answers without a guide, a question or a value.

    state: of the person, with the event and nothing later folded in.
    """
    if event.name != GuideEvent.ANSWERED:
        return None
    guide, question = _name(event, "guide"), _name(event, "question")
    value = event.properties.get("value")
    if guide is None or question is None or value is None:
        return None
    known = plan.guides.get(guide)
    asked, version = (None, 1) if known is None else known.asked(question, event.time, _shown(state, guide))
    text, language = _text(event, "text"), _name(event, "language")
    said = None if asked is None else _emotion(asked, value, text, language)
    journey, step = _place(plan, known, state)
    return Response(
        # A page that does not number its submissions has one for each answer.
        submission=_name(event, "submission") or event.message_id,
        guide=guide,
        question=question,
        seq=event.seq,
        time=event.time,
        value=value,
        text=text if text is not None else _own_words(asked, value),
        feeling=said.feeling if said is not None else None,
        valence=said.valence if said is not None else None,
        inferred=said is not None and said.inferred,
        language=language,
        journey=journey,
        step=step,
        simulated=event.context.get("simulated") is True,
        survey_version=version,
    )


def _shown(state: UserState, guide: str) -> Sequence[Instant]:
    history = state.guides.get(guide)
    return () if history is None else history.shown


def _emotion(question: Question, value: JsonValue, text: str | None, language: str | None) -> Emotion | None:
    return emotion_of_answer(question, value, text=text, language=language)


def _place(plan: StatePlan, guide: GuidePlan | None, state: UserState) -> tuple[str | None, str | None]:
    """The journey and step that an answer belongs to: the guide's first place that the person has come to."""
    if guide is None or not guide.steps:
        return None, None
    places = [(journey, steps) for journey, steps in guide.steps if journey in state.journeys]
    journey, steps = (places or list(guide.steps))[0]
    progress = state.journeys.get(journey)
    if progress is None:
        return journey, steps[0]
    return journey, step_of_answer(plan.journeys[journey], progress, steps)


def _own_words(question: Question | None, value: JsonValue) -> str | None:
    return value if question is not None and question.type == "text" and isinstance(value, str) else None


def _name(event: Event, member: str) -> str | None:
    found = event.properties.get(member)
    if not isinstance(found, str) or not found.strip() or "\0" in found:
        return None
    return found[:LONGEST_NAME]


def _text(event: Event, member: str) -> str | None:
    found = event.properties.get(member)
    return found.replace("\0", "") if isinstance(found, str) and found.strip() else None
