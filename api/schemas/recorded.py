"""The shape of the answer to whether a user is recorded, and why."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField
from engine.reasons import Reason
from engine.replay.asking import spelled
from engine.replay.settings import ReplayMode


class RecordVerdictSchema(AnswerSchema):
    """What one `record` of the rules says of the user."""

    record = ma.fields.Function(
        spelled,
        required=True,
        metadata={"type": "string", "example": "record at activation.verify_domain for self_serve sample 20%"},
    )
    file = ma.fields.String(required=True, attribute="record.span.file")
    line = ma.fields.Integer(required=True, attribute="record.span.line")
    records = ma.fields.Boolean(required=True, metadata={"description": "True if it is of the user."})
    reason = ma.fields.Enum(Reason, by_value=True, required=True)
    meaning = ma.fields.String(required=True, metadata={"example": "The user is not in its share."})


class WhyRecordedSchema(AnswerSchema):
    """Whether a page of the user records now, and why."""

    user = ma.fields.String(required=True)
    at = InstantField(required=True)
    mode = ma.fields.Enum(ReplayMode, by_value=True, required=True, metadata={"description": "The project's setting."})
    recorded = ma.fields.Boolean(
        required=True, metadata={"description": "True where the project records and a `record` is of the user."}
    )
    records = ma.fields.List(ma.fields.Nested(RecordVerdictSchema), required=True)
