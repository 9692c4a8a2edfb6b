"""The shapes of what other tools pass on, and of what they are answered."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema, ObjectField, TolerantSchema
from api.schemas.ingest import NoticeSchema, TypedMessageSchema
from engine.intake import RejectionCode
from engine.mirrors import DELETE, MirrorCode

_INDEX = {"description": "The place of its event in what was sent, from 0."}


class SegmentCallSchema(TypedMessageSchema):
    """A call as Segment's webhook destinations send it; a list of them, or `{"batch": […]}`, is a batch."""

    type = ma.fields.String(required=True, metadata={"description": f"As in `/v1/batch`, and `{DELETE}`: forget them."})
    originalTimestamp = ma.fields.DateTime(format="iso")
    sentAt = ma.fields.DateTime(format="iso")
    receivedAt = ma.fields.DateTime(format="iso", metadata={"description": "By Segment."})


class PosthogEventSchema(TolerantSchema):
    """An event as PostHog's clients capture it; also `{"batch": […]}`, or a list of them."""

    api_key = ma.fields.String(metadata={"description": "The key; also `token`, there or in `properties`."})
    event = ma.fields.String(metadata={"example": "Domain Added"})
    distinct_id = ma.fields.String(metadata={"description": "Whose it is; also in `properties`."})
    properties = ObjectField()
    timestamp = ma.fields.String(metadata={"description": "When it happened, corrected by `sent_at`."})
    sent_at = ma.fields.String(metadata={"description": "The sender's clock at the moment of sending."})
    uuid = ma.fields.String(metadata={"description": "Sent again with the same id, it has no second effect."})
    historical_migration = ma.fields.Boolean(metadata={"description": "True: a history, which wakes no rule."})
    batch = ma.fields.List(ObjectField())


class MirrorRejectionSchema(AnswerSchema):
    """A record that was not kept."""

    index = ma.fields.Integer(required=True, metadata=_INDEX)
    code = ma.fields.String(required=True, validate=ma.validate.OneOf([*RejectionCode, *MirrorCode]))
    path = ma.fields.String(required=True)
    message = ma.fields.String(required=True)


class MirrorReceiptSchema(AnswerSchema):
    """What became of the records. Those accepted are on disk when this is sent."""

    accepted = ma.fields.Integer(required=True, metadata={"description": "Messages; one record may be several."})
    duplicates = ma.fields.Integer(required=True, metadata={"description": "Known before; without effect."})
    erased = ma.fields.Integer(required=True, metadata={"description": "People who were forgotten."})
    rejected = ma.fields.List(ma.fields.Nested(MirrorRejectionSchema), required=True)
    warnings = ma.fields.List(ma.fields.Nested(NoticeSchema), required=True, attribute="notices")


class CaptureReceiptSchema(MirrorReceiptSchema):
    """What became of the events. `status` is PostHog's word for: taken."""

    status = ma.fields.Integer(required=True, metadata={"example": 1})


class EventResultSchema(AnswerSchema):
    """What became of one event."""

    result = ma.fields.String(required=True, validate=ma.validate.OneOf(["ok", "drop"]))
    details = ma.fields.String(metadata={"description": "Why it was dropped."})


class ResultsSchema(AnswerSchema):
    """What became of each event, by its `uuid`."""

    results = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(EventResultSchema), required=True)


class FlagsWantedSchema(TolerantSchema):
    """Who asks for flags."""

    api_key = ma.fields.String(metadata={"description": "The key; also `token`."})
    distinct_id = ma.fields.String()
    flag_keys_to_evaluate = ma.fields.List(ma.fields.String())


class FlagReasonSchema(AnswerSchema):
    """Why a flag is what it is."""

    code = ma.fields.String(required=True, metadata={"example": "targeting_match"})
    condition_index = ma.fields.Integer(required=True, allow_none=True)
    description = ma.fields.String(required=True)


class FlagMetadataSchema(AnswerSchema):
    """What PostHog numbers and we do not."""

    id = ma.fields.Integer(required=True, allow_none=True)
    version = ma.fields.Integer(required=True, allow_none=True)
    description = ma.fields.String(required=True)
    payload = ma.fields.String(required=True, allow_none=True)


class FlagRecordSchema(AnswerSchema):
    """A segment, persona or guide as a flag."""

    key = ma.fields.String(required=True, metadata={"example": "segment:trial"})
    enabled = ma.fields.Boolean(required=True)
    variant = ma.fields.String(required=True, allow_none=True)
    failed = ma.fields.Boolean(required=True)
    value = ma.fields.Raw(metadata={"type": ["boolean", "string", "null"], "description": "With `v=4` and later."})
    reason = ma.fields.Nested(FlagReasonSchema, required=True)
    metadata = ma.fields.Nested(FlagMetadataSchema, required=True)


class FlagsToldSchema(AnswerSchema):
    """Segments and guides as PostHog's flags: as `flags`, for older clients as `featureFlags`."""

    flags = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(FlagRecordSchema))
    featureFlags = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Raw(metadata={"type": ["boolean", "string"]})
    )
    featureFlagPayloads = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    errorsWhileComputingFlags = ma.fields.Boolean(required=True)
    requestId = ma.fields.String(required=True)
    supportedCompression = ma.fields.List(ma.fields.String(), required=True)
    sessionRecording = ma.fields.Boolean(required=True)
    surveys = ma.fields.Boolean(required=True)


class DefinitionsSchema(AnswerSchema):
    """The flags that a client may compute by itself: none, so that it asks."""

    flags = ma.fields.List(ma.fields.Nested(FlagRecordSchema), required=True)
    group_type_mapping = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    cohorts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
