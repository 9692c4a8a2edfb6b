"""The shapes of imports that are given over in parts."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from engine.import_runs import LARGEST, PART_SIZE, RunState


class ImportWantedSchema(StrictSchema):
    """A file that is to come."""

    format = ma.fields.String(required=True, metadata={"description": "Such as `csv`, `segment`.", "example": "csv"})
    name = ma.fields.String(required=True, metadata={"description": "Of the file.", "example": "events.csv.gz"})
    size = ma.fields.Integer(
        required=True, strict=True, metadata={"description": f"Bytes of the file as it is sent, up to {LARGEST}."}
    )
    zone = ma.fields.String(load_default="UTC", metadata={"description": "The time zone of times that bring none."})
    mapping = ma.fields.List(
        ma.fields.String(),
        load_default=list,
        validate=ma.validate.Length(max=200),
        metadata={"description": "Of a CSV, what columns are.", "example": ["plan=trait", "value=property:amount"]},
    )
    rehearsal = ma.fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Take nothing in; only say what would come of it."},
    )


class ImportRunSchema(AnswerSchema):
    """A file that is to be taken in, is being taken in, or was."""

    id = ma.fields.Integer(required=True)
    format = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    zone = ma.fields.String(required=True)
    mapping = ma.fields.List(ma.fields.String(), required=True)
    rehearsal = ma.fields.Boolean(required=True, attribute="is_rehearsal")
    state = ma.fields.Enum(RunState, by_value=True, required=True)
    size = ma.fields.Integer(required=True)
    came = ma.fields.Integer(required=True, metadata={"description": "Bytes that came."})
    read = ma.fields.Integer(required=True, metadata={"description": "Bytes that were read."})
    rows = ma.fields.Integer(required=True)
    kept = ma.fields.Integer(required=True, metadata={"description": "Rows that were taken, or would be."})
    skipped = ma.fields.Integer(required=True, metadata={"description": "Rows with something wrong."})
    accepted = ma.fields.Integer(required=True, metadata={"description": "Messages that are new."})
    duplicates = ma.fields.Integer(required=True, metadata={"description": "Messages that were known."})
    error = ma.fields.String(required=True, allow_none=True)
    created = InstantField(required=True)
    started = InstantField(required=True, allow_none=True)
    finished = InstantField(required=True, allow_none=True)


class ImportRunsSchema(AnswerSchema):
    """Imports, the latest first."""

    data = ma.fields.List(ma.fields.Nested(ImportRunSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "For `before`."})


class ImportsQuerySchema(StrictSchema):
    """Which imports to list."""

    before = ma.fields.Integer(load_default=None, validate=ma.validate.Range(min=1, max=2**31 - 1))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=200))


class PartQuerySchema(StrictSchema):
    """Which part it is."""

    number = ma.fields.Integer(
        required=True,
        validate=ma.validate.Range(min=0, max=LARGEST // PART_SIZE),
        metadata={"description": f"From 0; each but the last has {PART_SIZE} bytes. One that came before is ignored."},
    )


class SkippedSchema(AnswerSchema):
    """A row that was not taken."""

    file = ma.fields.String(required=True, metadata={"description": "Within an archive; blank for the file itself."})
    line = ma.fields.Integer(required=True)
    problem = ma.fields.String(required=True)


class SkippedListSchema(AnswerSchema):
    """Rows that were not taken, the first ten thousand of them, for 30 days."""

    data = ma.fields.List(ma.fields.Nested(SkippedSchema), required=True)
