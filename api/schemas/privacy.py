"""The shapes of exports, erasures and retention."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema, ValueField
from engine.privacy import LONGEST_RETENTION
from engine.storage.copies import CopyKind


def _any_members(told: str, *, nullable: bool = False) -> ma.fields.Dict:
    return ma.fields.Dict(
        keys=ma.fields.String(),
        values=ValueField(allow_none=True),
        required=True,
        allow_none=nullable,
        metadata={"description": told},
    )


class KeptEventSchema(AnswerSchema):
    """One event as it is kept."""

    seq = ma.fields.Integer(required=True, metadata={"description": "In the order of receipt."})
    message_id = ma.fields.String(required=True)
    person_id = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True, metadata={"example": "track"})
    name = ma.fields.String(required=True)
    time = ma.fields.String(required=True, metadata={"format": "date-time"})
    received = ma.fields.String(required=True, metadata={"format": "date-time"})
    user_id = ma.fields.String(required=True, allow_none=True)
    anonymous_id = ma.fields.String(required=True, allow_none=True)
    group_id = ma.fields.String(required=True, allow_none=True)
    session_id = ma.fields.String(required=True, allow_none=True)
    properties = _any_members("As they were sent.", nullable=True)
    traits = _any_members("As they were sent.", nullable=True)
    context = _any_members("What the browser or the server told of itself.", nullable=True)
    from_browser = ma.fields.Boolean(required=True)
    live = ma.fields.Boolean(required=True, metadata={"description": "False for what was imported: it wakes no rule."})
    simulated = ma.fields.Boolean(required=True)
    clamped = ma.fields.Boolean(
        required=True, metadata={"description": "True when its time lay in the future and was set to its receipt."}
    )


class PersonExportSchema(AnswerSchema):
    """Everything that is kept of one person."""

    user_id = ma.fields.String(required=True, allow_none=True)
    anonymous_ids = ma.fields.List(ma.fields.String(), required=True)
    first_id = ma.fields.String(required=True)
    created = InstantField(required=True, metadata={"description": "When the first event of theirs was received."})
    exported = InstantField(required=True)
    state = _any_members(
        "What the rules in force keep of the person, as it is kept: times are in microseconds since 1970."
    )
    account_id = ma.fields.String(required=True, allow_none=True)
    account = _any_members("What all users of the account have told of it.")
    events = ma.fields.List(
        ma.fields.Nested(KeptEventSchema), required=True, metadata={"description": "In the order of their times."}
    )
    records = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(_any_members("One row, by column.")),
        required=True,
        metadata={"description": "Rows about the person, by the name of their table, as they are kept."},
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
