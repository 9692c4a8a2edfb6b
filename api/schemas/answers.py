"""The shape of questions whose answers take long."""

from __future__ import annotations

import marshmallow as ma

from api.recomputing import State
from api.schemas.fields import AnswerSchema, InstantField


class AnswerStateSchema(AnswerSchema):
    """A question whose answer takes long, and how its answer stands."""

    question = ma.fields.String(
        required=True,
        metadata={"description": "The address that was asked.", "example": "/api/v1/journeys/way/funnel?window=7d"},
    )
    state = ma.fields.Enum(
        State,
        by_value=True,
        required=True,
        metadata={"description": "`stale`: about earlier data, and nobody has asked since; `waiting` for its turn."},
    )
    asked = ma.fields.Integer(required=True, metadata={"description": "How often within a day."})
    version = ma.fields.Integer(required=True, metadata={"description": "Of the data that the answer is about."})
    data_version = ma.fields.Integer(required=True, metadata={"description": "Of the data that there are."})
    computed = InstantField(required=True)
    took = ma.fields.Float(required=True, metadata={"description": "Seconds that the answer took."})
    running = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "Seconds since the new answer was begun."}
    )
    progress = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "0 to 1, reckoned by how long the answer took the last time."},
    )


class AnswerStatesSchema(AnswerSchema):
    """The questions whose answers take long, the one asked last first."""

    data = ma.fields.List(ma.fields.Nested(AnswerStateSchema), required=True)
