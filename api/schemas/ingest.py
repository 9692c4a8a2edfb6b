"""The shapes of Segment's wire format, as far as we read it, and of its receipt."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema, MessagesField, ObjectField, TolerantSchema
from api.schemas.guidance import CLICKS, REVISION, ClickSchema, DecisionSchema, RecordingSchema
from engine.intake import NoticeCode, RejectionCode

KINDS = ("track", "identify", "page", "screen", "group", "alias")
"""The types of messages, each with an address of its own."""


class MessageSchema(TolerantSchema):
    """A message in Segment's form. It is judged alone: if it cannot be taken it stands in `rejected` of the reply."""

    messageId = ma.fields.String(metadata={"description": "Sent again with the same id, it has no second effect."})
    userId = ma.fields.String()
    anonymousId = ma.fields.String()
    timestamp = ma.fields.DateTime(format="iso", metadata={"description": "When it happened; corrected by `sentAt`."})
    context = ObjectField(metadata={"description": "`page`, `device`, `locale`, `timezone`, `userAgent`, …"})
    event = ma.fields.String(metadata={"description": "Of a track.", "example": "Domain Added"})
    name = ma.fields.String(metadata={"description": "Of a page or a screen."})
    properties = ObjectField(metadata={"description": "Of a track, a page or a screen."})
    traits = ObjectField(
        metadata={
            "description": "Of an identify or a group: values to set. The members `$set`, `$set_once`, `$add`, "
            "`$append`, `$remove` and `$unset` hold operations instead (docs/reference/events.md).",
            "example": {"plan": "pro", "$add": {"logins": 1}, "$append": {"tags": "beta"}},
        }
    )
    groupId = ma.fields.String(metadata={"description": "Of a group: the account."})
    previousId = ma.fields.String(metadata={"description": "Of an alias: the anonymous id that `userId` had before."})


class TypedMessageSchema(MessageSchema):
    """A message in a batch."""

    type = ma.fields.String(required=True, validate=ma.validate.OneOf(KINDS))


class EnvelopeSchema(TolerantSchema):
    """What stands around messages: who sends, when, and whether guidance is wanted in the reply."""

    writeKey = ma.fields.String(
        allow_none=True, metadata={"description": "The public key, where no header can be set."}
    )
    userToken = ma.fields.Raw(
        allow_none=True,
        metadata={
            "type": "string",
            "description": "Proof of who the known user is: a JWT (HS256; `sub` is the user's id, `exp`) that the "
            "customer's server signed. Needed where the project insists on signed users.",
        },
    )
    sentAt = ma.fields.Raw(
        allow_none=True,
        metadata={
            "description": "The sender's clock at the moment of sending.",
            "type": "string",
            "format": "date-time",
        },
    )
    decide = ma.fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "Reply with guidance for the user of the last accepted message."},
    )
    revision = ma.fields.String(
        validate=ma.validate.Length(max=64), allow_none=True, metadata={"description": REVISION}
    )


class SingleSchema(EnvelopeSchema, MessageSchema):
    """One message and what stands around it."""


class BatchSchema(EnvelopeSchema):
    """Many messages."""

    batch = MessagesField(ma.fields.Nested(TypedMessageSchema), required=True)
    userId = ma.fields.String(allow_none=True, metadata={"description": "For messages without one."})
    anonymousId = ma.fields.String(allow_none=True, metadata={"description": "For messages without one."})
    context = ObjectField(
        load_default=dict,
        allow_none=True,
        metadata={"description": "For all messages, member by member; with `decide` also where the user is now."},
    )


class RejectionSchema(AnswerSchema):
    """A message that was not kept."""

    index = ma.fields.Integer(required=True, metadata={"description": "Its place in `batch`, from 0."})
    code = ma.fields.Enum(RejectionCode, by_value=True, required=True)
    path = ma.fields.String(required=True, metadata={"example": "$.properties"})
    message = ma.fields.String(required=True)


class NoticeSchema(AnswerSchema):
    """Something about a message that was kept, and is not what its sender may expect."""

    index = ma.fields.Integer(required=True, metadata={"description": "Its place in `batch`, from 0."})
    code = ma.fields.Enum(NoticeCode, by_value=True, required=True)
    path = ma.fields.String(required=True, metadata={"example": "$.timestamp"})
    message = ma.fields.String(required=True)


class ReceiptSchema(RecordingSchema):
    """What became of the messages. Those accepted are on disk when this is sent."""

    accepted = ma.fields.Integer(required=True)
    duplicates = ma.fields.Integer(required=True, metadata={"description": "Known before; without effect."})
    rejected = ma.fields.List(ma.fields.Nested(RejectionSchema), required=True)
    warnings = ma.fields.List(
        ma.fields.Nested(NoticeSchema),
        required=True,
        attribute="notices",
        metadata={"description": "Of messages that were accepted: a time in the future, a violation of the plan, …"},
    )
    decisions = ma.fields.List(ma.fields.Nested(DecisionSchema), required=True)
    clicks = ma.fields.List(
        ma.fields.Nested(ClickSchema), required=True, allow_none=True, metadata={"description": CLICKS}
    )
    revision = ma.fields.String(required=True, allow_none=True, metadata={"description": "The rule set that decided."})
    ttl = ma.fields.Integer(required=True, metadata={"description": "Seconds for which the decisions may be used."})
