"""The shape of tags on answers, and of how answers to a survey that disagree are read."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema, StrictSchema
from api.schemas.step_answers import ReadDisagreementSchema
from engine.evidence import MOST_TAGS

_TAGS = {"description": "Each without a comma.", "example": ["dns", "wrong words"]}


class TagsChangedSchema(StrictSchema):
    """Which tags come and which go. What others put on the answer meanwhile stays."""

    add = ma.fields.List(
        ma.fields.String(), load_default=list, validate=ma.validate.Length(max=MOST_TAGS), metadata=_TAGS
    )
    remove = ma.fields.List(ma.fields.String(), load_default=list, validate=ma.validate.Length(max=MOST_TAGS))


class AnswerTagsSchema(AnswerSchema):
    """The tags of an answer."""

    tags = ma.fields.List(ma.fields.String(), required=True)


class TagCountSchema(AnswerSchema):
    """How many answers have a tag."""

    tag = ma.fields.String(required=True)
    answers = ma.fields.Integer(required=True)


class TagCountsSchema(AnswerSchema):
    """All tags of a project, by name."""

    data = ma.fields.List(ma.fields.Nested(TagCountSchema), required=True)


class ReadOfSurveySchema(ReadDisagreementSchema):
    """How a disagreement among the answers to a survey is to be read."""

    survey = ma.fields.String(required=True, validate=ma.validate.Length(1, 255), metadata={"example": "verify_effort"})
