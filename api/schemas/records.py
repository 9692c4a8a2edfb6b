"""The shape of a step's record: every figure with its n and an interval."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from api.schemas.funnels import MarkSchema
from dsl.feelings import FEELINGS
from engine.evidence import Source

_SHARE = {"description": "0 to 1."}


class WhoseSchema(StrictSchema):
    """Whose events are counted."""

    simulated = ma.fields.Boolean(load_default=False, metadata={"description": "Count simulated people too."})


class IntervalSchema(AnswerSchema):
    """A 95 % interval."""

    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)


class SignalSchema(AnswerSchema):
    """One kind of friction signal at the step."""

    name = ma.fields.String(required=True, metadata={"example": "rage_click"})
    weight = ma.fields.Float(required=True)
    count = ma.fields.Integer(required=True)
    people = ma.fields.Integer(required=True)
    per_entrant = ma.fields.Float(required=True, allow_none=True)


class FrictionSchema(AnswerSchema):
    """How hard the step is: the mean over its entrants."""

    score = ma.fields.Float(required=True, allow_none=True, metadata=_SHARE)
    n = ma.fields.Integer(required=True, metadata={"description": "Entrants."})
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    version = ma.fields.Integer(required=True, metadata={"description": "Of the weights."})
    signals = ma.fields.List(ma.fields.Nested(SignalSchema), required=True)


class EmotionSchema(AnswerSchema):
    """What people said they felt."""

    mean = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "−1 to +1; null below five answers."}
    )
    n = ma.fields.Integer(required=True, metadata={"description": "Answers with a feeling in them."})
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    feelings = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.OneOf(list(FEELINGS))), values=ma.fields.Integer(), required=True
    )
    inferred = ma.fields.Integer(required=True, metadata={"description": "Of n: read from free text, not said."})
    note = ma.fields.String(required=True, allow_none=True, metadata={"example": "not enough answers"})


class ScoreSchema(AnswerSchema):
    """One score of a question."""

    name = ma.fields.String(required=True, metadata={"example": "ces"})
    value = ma.fields.Float(required=True, allow_none=True)
    n = ma.fields.Integer(required=True)
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    unit = ma.fields.String(required=True, metadata={"example": "share"})


class QuestionSchema(AnswerSchema):
    """The answers to one question asked at the step."""

    guide = ma.fields.String(required=True)
    question = ma.fields.String(required=True)
    type = ma.fields.String(required=True, metadata={"example": "effort"})
    text = ma.fields.String(required=True)
    answered = ma.fields.Integer(required=True)
    people = ma.fields.Integer(required=True)
    asked = ma.fields.Integer(required=True, allow_none=True)
    response_rate = ma.fields.Float(required=True, allow_none=True, metadata=_SHARE)
    response_interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    scores = ma.fields.List(ma.fields.Nested(ScoreSchema), required=True)
    distribution = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(), required=True)
    version = ma.fields.Integer(
        required=True,
        metadata={
            "description": "Of the survey's questions: answers to an earlier version have an entry of their own."
        },
    )


class VerbatimSchema(AnswerSchema):
    """Something said in free text."""

    text = ma.fields.String(required=True)
    guide = ma.fields.String(required=True)
    question = ma.fields.String(required=True)
    feeling = ma.fields.String(required=True, allow_none=True)
    valence = ma.fields.Float(required=True, allow_none=True, metadata={"description": "−1 to +1."})
    inferred = ma.fields.Boolean(required=True)
    language = ma.fields.String(required=True, allow_none=True)
    time = InstantField(required=True)


class TaskSchema(AnswerSchema):
    """How a task of usability tests went."""

    n = ma.fields.Integer(required=True, metadata={"description": "Tried."})
    completed = ma.fields.Integer(required=True)
    with_help = ma.fields.Integer(required=True)
    failed = ma.fields.Integer(required=True)
    success_rate = ma.fields.Float(required=True, metadata=_SHARE)
    success_interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    unaided_rate = ma.fields.Float(required=True, metadata=_SHARE)
    seconds = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "The median of those who completed it."}
    )


class QuotedSchema(AnswerSchema):
    """Something said elsewhere."""

    evidence = ma.fields.Integer(required=True, metadata={"description": "The number of the evidence."})
    text = ma.fields.String(required=True)
    feeling = ma.fields.String(required=True, allow_none=True)
    valence = ma.fields.Float(required=True, allow_none=True, metadata={"description": "−1 to +1."})
    inferred = ma.fields.Boolean(required=True)
    language = ma.fields.String(required=True, allow_none=True)
    link = ma.fields.String(required=True, allow_none=True)
    time = InstantField(required=True)


class SourceRecordSchema(AnswerSchema):
    """What one source of evidence from elsewhere says of the step; it is in no other figure."""

    source = ma.fields.Enum(Source, by_value=True, required=True)
    label = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    n = ma.fields.Integer(required=True, metadata={"description": "Of count: with a feeling in them."})
    mean = ma.fields.Float(required=True, allow_none=True, metadata={"description": "−1 to +1; null below five of n."})
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    feelings = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.OneOf(list(FEELINGS))), values=ma.fields.Integer(), required=True
    )
    inferred = ma.fields.Integer(required=True, metadata={"description": "Of n: read from words, not said."})
    scores = ma.fields.Integer(required=True, metadata={"description": "Of count: with a score."})
    score = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The mean on the source's own scale; null below five scores."},
    )
    task = ma.fields.Nested(TaskSchema, required=True, allow_none=True)
    note = ma.fields.String(required=True, allow_none=True, metadata={"example": "not enough answers"})
    verbatims = ma.fields.List(ma.fields.Nested(QuotedSchema), required=True)


class StepRecordSchema(AnswerSchema):
    """Everything that is known of a step at an instant."""

    journey = ma.fields.String(required=True)
    step = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    stage = ma.fields.Nested(MarkSchema, required=True, allow_none=True)
    at = InstantField(required=True)
    entered = ma.fields.Integer(required=True, metadata={"description": "Stood at it."})
    completed = ma.fields.Integer(required=True, metadata={"description": "Reached it."})
    skipped = ma.fields.Integer(required=True, metadata={"description": "Passed over it."})
    dropped = ma.fields.Integer(required=True)
    in_progress = ma.fields.Integer(required=True)
    friction = ma.fields.Nested(FrictionSchema, required=True)
    emotion = ma.fields.Nested(EmotionSchema, required=True)
    questions = ma.fields.List(ma.fields.Nested(QuestionSchema), required=True)
    verbatims = ma.fields.List(ma.fields.Nested(VerbatimSchema), required=True)
    evidence = ma.fields.List(ma.fields.Nested(SourceRecordSchema), required=True)
