"""The shape of an answer to "why, or why not": gates, statements, changes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import marshmallow as ma

from api.schemas.fields import AnswerSchema, StrictSchema, ValueField
from dsl.explain import Joined
from dsl.values import Instant, read_instant
from engine.reasons import Reason
from engine.why import GateName, Truth

_TIME = {"format": "date-time"}


def _one_of(words: type[Enum]) -> ma.validate.OneOf:
    return ma.validate.OneOf([each.value for each in words])


class MomentField(ma.fields.String):
    """An instant as text in RFC 3339, read as an instant."""

    default_error_messages = {"invalid_time": "must be a time such as 2026-03-04T10:00:00Z"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Instant:  # type: ignore[override]
        read = read_instant(super()._deserialize(value, attr, data, **kwargs))
        if read is None:
            raise self.make_error("invalid_time")
        return read


class AskedSchema(StrictSchema):
    """What is asked about a user."""

    guide = ma.fields.String(required=True, metadata={"description": "A guide, survey or feedback by its name."})
    at = MomentField(
        load_default=None,
        metadata={**_TIME, "description": "Any past instant; now without one.", "example": "2026-03-04T10:00:00Z"},
    )
    rules = ma.fields.String(
        load_default="then",
        validate=ma.validate.OneOf(["then", "now"]),
        metadata={"description": "By the rules in force at that instant, or by those in force now."},
    )


class PartSchema(AnswerSchema):
    """One statement that is to be so."""

    text = ma.fields.String(required=True, metadata={"example": "they did “DNS Check Failed” at least twice"})
    truth = ma.fields.String(validate=_one_of(Truth), required=True)
    found = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The user's own value, in words."}
    )
    joined = ma.fields.String(
        validate=_one_of(Joined), required=True, metadata={"description": "How `parts` belong together."}
    )
    condition = ma.fields.String(required=True, allow_none=True, metadata={"description": "The kind of condition."})
    file = ma.fields.String(required=True, allow_none=True)
    line = ma.fields.Integer(required=True, allow_none=True)
    parts = ma.fields.List(ma.fields.Nested("PartSchema"), required=True)


class GateSchema(AnswerSchema):
    """One thing that may keep the guide away."""

    gate = ma.fields.String(validate=_one_of(GateName), required=True)
    open = ma.fields.Boolean(required=True)
    reason = ma.fields.String(validate=_one_of(Reason), required=True, allow_none=True)
    text = ma.fields.String(required=True)
    found = ma.fields.String(required=True, allow_none=True)
    parts = ma.fields.List(ma.fields.Nested(PartSchema), required=True)


class StepOfChangeSchema(AnswerSchema):
    """One step of a change: an event, another value of an attribute or of the request, or waiting."""

    do = ma.fields.String(required=True, validate=ma.validate.OneOf(["event", "attribute", "context", "wait"]))
    text = ma.fields.String(required=True)
    event = ma.fields.String()
    times = ma.fields.Integer()
    properties = ma.fields.Dict(keys=ma.fields.String(), values=ValueField(allow_none=True))
    name = ma.fields.String()
    value = ValueField(allow_none=True, metadata={"description": "Null takes the value away."})
    until = ma.fields.String(metadata=_TIME)
    because = ma.fields.String()


class ChangeSchema(AnswerSchema):
    """What would show the guide: it was tried with the evaluator."""

    text = ma.fields.String(
        required=True, metadata={"example": "one more `DNS Check Failed` within the next 7 minutes"}
    )
    at = ma.fields.String(required=True, metadata={**_TIME, "description": "When it would be shown at the earliest."})
    until = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={**_TIME, "description": "From then on the same would be too late, or was not tried."},
    )
    steps = ma.fields.List(ma.fields.Nested(StepOfChangeSchema), required=True)


class SurveyVersionSchema(AnswerSchema):
    """The version of what a survey asks. Answers to earlier ones are kept apart."""

    version = ma.fields.Integer(required=True)
    since = ma.fields.String(required=True, metadata=_TIME)


class WhySchema(AnswerSchema):
    """Why a guide would be shown to a user at an instant, or why not."""

    guide = ma.fields.String(required=True)
    label = ma.fields.String(required=True, allow_none=True)
    user = ma.fields.String(required=True)
    at = ma.fields.String(required=True, metadata=_TIME)
    shown = ma.fields.Boolean(required=True)
    reason = ma.fields.String(validate=_one_of(Reason), required=True)
    meaning = ma.fields.String(required=True)
    stopped_by = ma.fields.String(validate=_one_of(GateName), required=True, allow_none=True)
    gates = ma.fields.List(ma.fields.Nested(GateSchema), required=True)
    changes = ma.fields.List(
        ma.fields.Nested(ChangeSchema), required=True, metadata={"description": "The nearest first."}
    )
    blocked = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What stands in the way where no change of the user's was found."},
    )
    survey = ma.fields.Nested(
        SurveyVersionSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Once what it asks has changed after it was answered."},
    )
