"""The shapes of asking a segment or a guide as a flag."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.content import CONTENT
from api.schemas.fields import AnswerSchema, ComponentField, FormatSchema, StrictSchema, TolerantSchema
from api.schemas.guidance import ContextSchema
from engine.flags import FlagKind
from engine.reasons import Reason

_KEY = {"description": "`segment:NAME`, `persona:NAME` or `guide:NAME`.", "example": "segment:stuck_on_dns"}
_REVISION = {"description": "Of the rules that were asked."}


class FlagsQuerySchema(StrictSchema, FormatSchema):
    """Which flags to list."""

    after = ma.fields.String(load_default=None, metadata={"description": "`next` of a page."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(min=1, max=1000))


class FlagSchema(AnswerSchema):
    """Something that can be asked as a flag."""

    key = ma.fields.String(required=True, metadata=_KEY)
    kind = ma.fields.Enum(FlagKind, by_value=True, required=True)
    name = ma.fields.String(required=True)
    label = ma.fields.String(required=True, allow_none=True)


class FlagsSchema(AnswerSchema):
    """A page of the flags, segments first, in the order of the rules; `next` is null on the last one."""

    data = ma.fields.List(ma.fields.Nested(FlagSchema), required=True)
    next = ma.fields.String(required=True, allow_none=True)
    revision = ma.fields.String(required=True, metadata={"description": "Of the rules in force."})


class FlagAskedSchema(StrictSchema):
    """A flag, and for whom it is asked."""

    flag = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=300), metadata=_KEY)
    user = ma.fields.String(
        required=True,
        validate=ma.validate.Length(min=1, max=255),
        metadata={"description": "A user id or an anonymous id; one that was never seen is a new user's."},
    )
    context = ma.fields.Nested(
        ContextSchema, load_default=dict, metadata={"description": "Where the user is, as a request for guidance says."}
    )


class FlagAnswerSchema(AnswerSchema):
    """What a flag is for the user now, and why."""

    key = ma.fields.String(required=True, metadata=_KEY)
    kind = ma.fields.Enum(FlagKind, by_value=True, required=True)
    value = ma.fields.Boolean(
        required=True, metadata={"description": "The user is in the segment; the guide would be decided for them now."}
    )
    reason = ma.fields.Enum(
        Reason,
        by_value=True,
        required=True,
        metadata={"description": "Of a segment: `TARGETING_MATCH`, `CONDITION_FALSE`, `CONDITION_UNKNOWN` or `ERROR`."},
    )
    revision = ma.fields.String(required=True, metadata=_REVISION)
    variant = ma.fields.String(required=True, allow_none=True, metadata={"description": "Of a guide that has some."})
    widget = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "tooltip", "description": "What draws the guide."}
    )
    content = ComponentField(
        CONTENT,
        required=True,
        allow_none=True,
        metadata={"description": "What the guide says to the user; null for a segment, and where it is not decided."},
    )


_ID = ma.validate.Length(min=1, max=255)


class VisitorFlagsAskedSchema(TolerantSchema):
    """For whom a page asks: its own visitor."""

    writeKey = ma.fields.String(metadata={"description": "The public key, where it is not in a header."})
    userId = ma.fields.String(allow_none=True, validate=_ID)
    anonymousId = ma.fields.String(allow_none=True, validate=_ID)
    userToken = ma.fields.String(
        allow_none=True, metadata={"description": "Your server's signature, where the project insists on it."}
    )
    context = ma.fields.Nested(
        ContextSchema, load_default=dict, metadata={"description": "Where the user is, as a request for guidance says."}
    )


class VisitorFlagsSchema(AnswerSchema):
    """The flags that pages may ask, for one visitor."""

    revision = ma.fields.String(required=True, metadata=_REVISION)
    flags = ma.fields.List(ma.fields.Nested(FlagAnswerSchema), required=True)


class PublicFlagsSchema(AnswerSchema):
    """Which flags browsers may ask."""

    flags = ma.fields.List(ma.fields.String(), required=True)
    revision = ma.fields.Integer(required=True)


class PublicFlagsWantedSchema(StrictSchema):
    """Which flags browsers are to be allowed to ask."""

    flags = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(min=1, max=300)),
        required=True,
        metadata={"example": ["segment:stuck_on_dns"]},
    )
    revision = ma.fields.Integer(
        required=True, metadata={"description": "That the choice was made from; 0 where none was made yet."}
    )
