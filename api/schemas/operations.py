"""The shapes of the addresses for operators."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema


class HealthSchema(AnswerSchema):
    """The process answers, or can take events."""

    status = ma.fields.String(required=True, metadata={"example": "ok"})


class VersionSchema(AnswerSchema):
    """Which release this is."""

    version = ma.fields.String(required=True, metadata={"example": "0.1.0"})
