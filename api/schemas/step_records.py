"""The shape of the records of a journey's steps: what happened at them and between them, and what was felt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, InstantField
from api.schemas.funnels import MarkSchema, PopulationSchema
from api.schemas.records import EmotionSchema, FrictionSchema, IntervalSchema
from api.schemas.why import MomentField
from dsl.feelings import FEELINGS
from dsl.values import SECOND
from engine.analytics.curve import MarkKind
from engine.analytics.population import Kind
from engine.step_records import By, RecordsAsked

_SHARE: Final = {"description": "0 to 1."}
_GROUP: Final = {"description": "A persona, or the first day of a day or week; null for everybody."}


class SecondsField(ma.fields.Float):
    """A length of time in seconds."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return super()._serialize(None if value is None else value / SECOND, attr, obj, **kwargs)


def an_interval(**more: Any) -> ma.fields.Nested:
    """A 95 % interval that may not be there."""
    return ma.fields.Nested(IntervalSchema, required=True, allow_none=True, **more)


def a_share(**more: Any) -> ma.fields.Float:
    """A share that may not be there."""
    return ma.fields.Float(required=True, allow_none=True, metadata=_SHARE, **more)


class PeriodAskedSchema(PopulationSchema, FormatSchema):
    """Of when, and of whom."""

    begin = MomentField(load_default=None, data_key="from", metadata={"format": "date-time"})
    end = MomentField(
        load_default=None, data_key="to", metadata={"format": "date-time", "description": "Exclusive; now without."}
    )
    where = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 2_000),
        metadata={"description": "A condition of the language on who counts, as of now.", "example": 'plan is "pro"'},
    )


class BySchema(ma.Schema):
    """In what groups."""

    by = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf([each.value for each in By]),
        metadata={
            "description": "Days and weeks are those in UTC in which people came to the step, or said something."
        },
    )


class RecordsAskedSchema(PeriodAskedSchema, BySchema):
    """Which records."""

    part = ma.fields.String(
        load_default="records",
        validate=ma.validate.OneOf(["records", "signals"]),
        metadata={"description": "What a file has rows of."},
    )


class TransitionsAskedSchema(PeriodAskedSchema, BySchema):
    """Which transitions."""

    part = ma.fields.String(
        load_default="transitions",
        validate=ma.validate.OneOf(["transitions", "unplanned"]),
        metadata={"description": "What a file has rows of."},
    )


class CurveAskedSchema(PeriodAskedSchema, BySchema):
    """Which curves."""

    part = ma.fields.String(
        load_default="curve",
        validate=ma.validate.OneOf(["curve", "marks"]),
        metadata={"description": "What a file has rows of."},
    )


class SpentSchema(AnswerSchema):
    """How long it took, in seconds."""

    lower = SecondsField(required=True, metadata={"description": "A quarter took at most so long."})
    median = SecondsField(required=True)
    upper = SecondsField(required=True, metadata={"description": "Three quarters took at most so long."})
    ninth = SecondsField(required=True, metadata={"description": "Nine of ten took at most so long."})


class PaceSchema(AnswerSchema):
    """How long people spent at the step, and whether as long as was expected."""

    spent = ma.fields.Nested(
        SpentSchema, required=True, allow_none=True, metadata={"description": "Null below five who were done."}
    )
    done = ma.fields.Integer(required=True)
    expected = SecondsField(
        required=True, allow_none=True, metadata={"description": "`expect within` of the step, in seconds."}
    )
    due = ma.fields.Integer(required=True, metadata={"description": "Entrants since whose entry so long has passed."})
    within = ma.fields.Integer(required=True, metadata={"description": "Of these: reached it in that time."})
    share = a_share()
    interval = an_interval()
    is_slow = ma.fields.Boolean(
        required=True, metadata={"description": "Surely fewer than half make it in the time expected."}
    )


class SignalRiskSchema(AnswerSchema):
    """How much more often those drop who had a sign of friction; an association, no cause."""

    name = ma.fields.String(required=True, metadata={"example": "rage_click"})
    met = ma.fields.Integer(required=True, metadata={"description": "Entrants who had it, what became of them known."})
    met_dropped = ma.fields.Integer(required=True)
    without = ma.fields.Integer(required=True)
    without_dropped = ma.fields.Integer(required=True)
    ratio = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "Null below five with it, or five without it."}
    )
    interval = an_interval()
    is_telling = ma.fields.Boolean(required=True, metadata={"description": "The whole interval lies above 1."})
    note = ma.fields.String(required=True, allow_none=True, metadata={"example": "not enough people"})


class SettledShareSchema(AnswerSchema):
    """A share of those who entered and of whom it is known what became."""

    count = ma.fields.Integer(required=True)
    share = a_share(attribute="value")
    interval = an_interval()


class FeelingShareSchema(AnswerSchema):
    """One of the six feelings, of the answers that name one; null below five."""

    feeling = ma.fields.String(required=True, validate=ma.validate.OneOf(list(FEELINGS)))
    count = ma.fields.Integer(required=True)
    share = a_share()
    interval = an_interval()


class StepFiguresSchema(AnswerSchema):
    """The record of a step, of everybody or of a group."""

    group = ma.fields.String(required=True, allow_none=True, attribute="counts.group", metadata=_GROUP)
    step = ma.fields.String(required=True, attribute="counts.step")
    label = ma.fields.String(required=True)
    stage = ma.fields.Nested(MarkSchema, required=True)
    entered = ma.fields.Integer(required=True, attribute="counts.entered", metadata={"description": "Stood at it."})
    completed = ma.fields.Integer(required=True, attribute="counts.completed", metadata={"description": "Reached it."})
    skipped = ma.fields.Integer(required=True, attribute="counts.skipped", metadata={"description": "Passed over it."})
    dropped = ma.fields.Integer(required=True, attribute="counts.dropped")
    in_progress = ma.fields.Integer(required=True, attribute="counts.in_progress")
    settled = ma.fields.Integer(
        required=True,
        attribute="counts.settled",
        metadata={"description": "Of those who entered: it is known what became of them."},
    )
    waiting = ma.fields.Integer(
        required=True, attribute="counts.waiting", metadata={"description": "Of those who entered: may still do it."}
    )
    done = ma.fields.Nested(SettledShareSchema, required=True)
    tried_and_failed = ma.fields.Nested(SettledShareSchema, required=True)
    never_tried = ma.fields.Nested(SettledShareSchema, required=True)
    pace = ma.fields.Nested(PaceSchema, required=True, attribute="counts.pace")
    friction = ma.fields.Nested(FrictionSchema, required=True, attribute="counts.friction")
    risks = ma.fields.List(ma.fields.Nested(SignalRiskSchema), required=True, attribute="counts.risks")
    emotion = ma.fields.Nested(EmotionSchema, required=True)
    mix = ma.fields.List(ma.fields.Nested(FeelingShareSchema), required=True)


class OfPeriodSchema(AnswerSchema):
    """Of when and of whom an answer is."""

    begin = InstantField(required=True, data_key="from", attribute="period.since")
    end = InstantField(required=True, data_key="to", attribute="period.until")
    left_out = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf([each.value for each in Kind])),
        required=True,
        metadata={"description": "Who is not counted; `everyone=true` counts them."},
    )
    version = ma.fields.Integer(required=True, metadata={"description": "Of the data; another one with every change."})


class StepRecordsSchema(OfPeriodSchema):
    """The records of a journey's steps, of those who came to them in a period."""

    records = ma.fields.List(ma.fields.Nested(StepFiguresSchema), required=True)


class UnplannedSchema(AnswerSchema):
    """An event that the journey knows nothing of, between two of its steps."""

    name = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    people = ma.fields.Integer(required=True)
    went_on = ma.fields.Integer(required=True)
    lost = ma.fields.Integer(required=True)


class TransitionSchema(AnswerSchema):
    """From a step to the next one."""

    group = ma.fields.String(required=True, allow_none=True, metadata=_GROUP)
    step = ma.fields.String(required=True)
    stage = ma.fields.Nested(MarkSchema, required=True, metadata={"description": "Of `step`."})
    to = ma.fields.String(required=True)
    to_stage = ma.fields.Nested(MarkSchema, required=True, metadata={"description": "Of `to`."})
    started = ma.fields.Integer(
        required=True, metadata={"description": "Who came to stand at `to` by reaching `step`."}
    )
    went_on = ma.fields.Integer(required=True)
    skipped = ma.fields.Integer(required=True, metadata={"description": "Reached a later step first."})
    lost = ma.fields.Integer(required=True)
    open = ma.fields.Integer(required=True, metadata={"description": "May still go on."})
    lost_share = a_share()
    lost_interval = an_interval()
    took = ma.fields.Nested(
        SpentSchema, required=True, allow_none=True, metadata={"description": "Null below five who went on."}
    )
    direct = ma.fields.Integer(
        required=True, metadata={"description": "Of those who went on: nothing unplanned and no way back in between."}
    )
    direct_share = a_share()
    direct_interval = an_interval()
    looped = ma.fields.Integer(required=True, metadata={"description": "Came back to an earlier step."})
    looped_share = a_share()
    looped_interval = an_interval()
    loops = ma.fields.Integer(required=True, metadata={"description": "How often they came back."})
    unplanned = ma.fields.List(
        ma.fields.Nested(UnplannedSchema), required=True, metadata={"description": "The most common ones."}
    )
    note = ma.fields.String(required=True, allow_none=True, metadata={"example": "not enough people"})


class TransitionsSchema(OfPeriodSchema):
    """What happened between the steps of a journey."""

    transitions = ma.fields.List(ma.fields.Nested(TransitionSchema), required=True)


class CurvePointSchema(AnswerSchema):
    """A step of the curve; its interval is the band."""

    step = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    stage = ma.fields.Nested(MarkSchema, required=True)
    emotion = ma.fields.Nested(EmotionSchema, required=True)


class CurveMarkSchema(AnswerSchema):
    """A release of the product, by its version, or a publication of rules, by its number."""

    kind = ma.fields.Enum(MarkKind, by_value=True, required=True)
    label = ma.fields.String(required=True, metadata={"example": "2.1.0"})
    time = InstantField(required=True)


class EmotionCurveSchema(AnswerSchema):
    """What was felt along the journey."""

    journey = ma.fields.String(required=True)
    group = ma.fields.String(required=True, allow_none=True, metadata=_GROUP)
    since = InstantField(required=True, data_key="from")
    until = InstantField(required=True, data_key="to")
    n = ma.fields.Integer(required=True, metadata={"description": "Answers with a feeling in them, at all steps."})
    points = ma.fields.List(ma.fields.Nested(CurvePointSchema), required=True)
    marks = ma.fields.List(ma.fields.Nested(CurveMarkSchema), required=True)


class CurvesSchema(OfPeriodSchema):
    """The curve of everybody, or of each group in which anybody said anything."""

    curves = ma.fields.List(ma.fields.Nested(EmotionCurveSchema), required=True)


def read_records(query: Mapping[str, Any], journey: str) -> RecordsAsked:
    """A query as a question."""
    by = query.get("by")
    return RecordsAsked(
        journey=journey,
        by=None if by is None else By(by),
        since=query["begin"],
        until=query["end"],
        where=query["where"],
        everyone=query["everyone"],
        with_simulated=query["simulated"],
    )
