"""The shapes of exports, erasures and retention."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, ObjectField, StrictSchema
from engine.privacy import LONGEST_RETENTION
from engine.storage.copies import CopyKind


class PersonExportSchema(AnswerSchema):
    """Everything that is kept of one person."""

    user_id = ma.fields.String(required=True, allow_none=True)
    anonymous_ids = ma.fields.List(ma.fields.String(), required=True)
    first_id = ma.fields.String(required=True)
    created = InstantField(required=True, metadata={"description": "When the first event of theirs was received."})
    exported = InstantField(required=True)
    state = ObjectField(required=True, metadata={"description": "What the rules in force keep of the person."})
    account_id = ma.fields.String(required=True, allow_none=True)
    account = ObjectField(required=True, metadata={"description": "What all users of the account have told of it."})
    events = ma.fields.List(ObjectField(), required=True, metadata={"description": "In the order of their times."})
    records = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(ObjectField()),
        required=True,
        metadata={"description": "Rows about the person, by the name of their table."},
    )


class CopySchema(AnswerSchema):
    """A copy of the data that lies outside of the database."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf([each.value for each in CopyKind]))
    path = ma.fields.String(required=True, metadata={"description": "Where it was written to."})
    made = InstantField(required=True)


class ErasedSchema(AnswerSchema):
    """What an erasure did."""

    at = InstantField(required=True, metadata={"description": "When the person was erased."})
    rows = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "How many rows were removed just now, by table; accounts are made again instead."},
    )
    files = ma.fields.Integer(required=True, metadata={"description": "How many files for analyses were rewritten."})
    is_finished = ma.fields.Boolean(
        required=True,
        data_key="finished",
        metadata={"description": "False while such files still hold the person; they are tried again soon."},
    )
    copies = ma.fields.List(
        ma.fields.Nested(CopySchema),
        required=True,
        metadata={"description": "Backups and exports that still hold the person. Removing them is up to you."},
    )


class RetentionSchema(AnswerSchema):
    """For how long events are kept."""

    days = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Null: all are kept."})


class RetentionChangeSchema(StrictSchema):
    """For how long events are to be kept."""

    days = ma.fields.Integer(
        required=True,
        allow_none=True,
        strict=True,
        validate=ma.validate.Range(min=1, max=LONGEST_RETENTION),
        metadata={"description": "Null: all are kept."},
    )
