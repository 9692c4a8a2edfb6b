"""The shape of alerts."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema
from engine.alerts import AlertKind


class AlertSchema(AnswerSchema):
    """Something about a guide that an author should look at."""

    guide = ma.fields.String(required=True)
    kind = ma.fields.Enum(AlertKind, by_value=True, required=True)
    recent = ma.fields.Float(
        required=True,
        metadata={"description": "In the last 24 hours: the share of tries without a target, or the number of shows."},
    )
    before = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The same in the seven days before: a share, or shows a day. Null without tries."},
    )
    message = ma.fields.String(required=True)


class AlertsSchema(AnswerSchema):
    """What an author should look at now."""

    data = ma.fields.List(ma.fields.Nested(AlertSchema), required=True)
