"""The shapes of recordings: the settings, what pages send, and what is read."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from api.schemas.evidence import EvidenceSchema
from api.schemas.fields import NO_ZERO, AnswerSchema, FormatSchema, InstantField, StrictSchema, ValueField
from api.schemas.funnels import PopulationSchema
from api.schemas.why import MomentField
from engine.replay.settings import LONGEST_DAYS, MOST_MEGABYTES, ReplayMode

_MODES = [each.value for each in ReplayMode]
_MODE_TOLD = (
    "`off`: nothing is recorded. `moments`: of users whom a `record` declaration covers, half a minute before "
    "something went wrong, and what follows. `sessions`: whole sessions of theirs."
)
_DAYS_TOLD = "For how many days a recording is kept."
_MEGABYTES_TOLD = "How much of recordings is let in on one day (UTC), packed."


class StepField(ma.fields.String):
    """A journey and a step of it, written `journey.step`."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else ".".join(value)


class ReplaySettingsSchema(AnswerSchema):
    """Whether sessions are recorded, and how much of that is kept."""

    mode = ma.fields.Enum(ReplayMode, by_value=True, required=True, metadata={"description": _MODE_TOLD})
    days = ma.fields.Integer(required=True, metadata={"description": _DAYS_TOLD})
    megabytes_a_day = ma.fields.Integer(required=True, metadata={"description": _MEGABYTES_TOLD})


class ReplaySettingsChangeSchema(StrictSchema):
    """Whether sessions are to be recorded, and how much of that is to be kept."""

    mode = ma.fields.String(required=True, validate=ma.validate.OneOf(_MODES), metadata={"description": _MODE_TOLD})
    days = ma.fields.Integer(
        required=True,
        strict=True,
        validate=ma.validate.Range(min=1, max=LONGEST_DAYS),
        metadata={"description": _DAYS_TOLD},
    )
    megabytes_a_day = ma.fields.Integer(
        required=True,
        strict=True,
        validate=ma.validate.Range(min=1, max=MOST_MEGABYTES),
        metadata={"description": _MEGABYTES_TOLD},
    )


class ReplayPartTakenSchema(AnswerSchema):
    """What is still to come."""

    next = ma.fields.Integer(
        required=True, metadata={"description": "The number of the first part that is not here: go on from there."}
    )


class ReplaysAskedSchema(PopulationSchema, FormatSchema):
    """Which recordings: all that is said must hold. Files hold all of them, a document a page."""

    step = ma.fields.String(
        load_default=None,
        validate=[ma.validate.Length(1, 511), NO_ZERO],
        metadata={
            "description": "Where something went wrong: `journey.step`, or a `journey`.",
            "example": "activation.verify_domain",
        },
    )
    event = ma.fields.String(
        load_default=None,
        validate=[ma.validate.Length(1, 255), NO_ZERO],
        metadata={"description": "What went wrong, by the name of its event.", "example": "$rage_click"},
    )
    persona = ma.fields.String(load_default=None, metadata={"description": "Of whom it is true now."})
    user = ma.fields.String(
        load_default=None,
        validate=[ma.validate.Length(1, 255), NO_ZERO],
        metadata={"description": "A user id or a visitor's.", "example": "u-4711"},
    )
    since = MomentField(load_default=None, metadata={"description": "Still recorded then, or later."})
    until = MomentField(load_default=None, metadata={"description": "Begun before."})
    before = ma.fields.Integer(
        load_default=None,
        validate=ma.validate.Range(min=1),
        metadata={"description": "`next` of the page before."},
    )
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))


class ReplayMomentSchema(AnswerSchema):
    """Something that went wrong in a recording; once for each journey in whose steps the user stood."""

    event = ma.fields.String(required=True, metadata={"example": "$rage_click"})
    at = InstantField(required=True)
    second = ma.fields.Float(required=True, metadata={"description": "From the beginning of the recording."})
    step = StepField(required=True, allow_none=True, attribute="place", metadata={"description": "`journey.step`."})


class ReplaySchema(AnswerSchema):
    """A recording, without what was recorded."""

    id = ma.fields.String(required=True, metadata={"format": "uuid"})
    user = ma.fields.String(required=True, metadata={"description": "The user id; of a visitor theirs."})
    session = ma.fields.String(required=True, allow_none=True)
    page = ma.fields.String(required=True, metadata={"description": "Where it began, without query and fragment."})
    width = ma.fields.Integer(required=True)
    height = ma.fields.Integer(required=True)
    started = InstantField(required=True)
    ended = InstantField(required=True)
    seconds = ma.fields.Float(required=True)
    events = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "What went wrong."})
    steps = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "Where, as `journey.step`."})
    moments = ma.fields.List(ma.fields.Nested(ReplayMomentSchema), required=True)
    parts = ma.fields.Integer(required=True)
    bytes = ma.fields.Integer(required=True, attribute="packed", metadata={"description": "That it takes, packed."})
    scrubbed = ma.fields.Integer(
        required=True,
        metadata={"description": "Values that the page had not masked and that were blotted out at the door."},
    )
    over = ma.fields.Boolean(
        required=True, attribute="is_over", metadata={"description": "The page said that nothing more comes."}
    )
    whole = ma.fields.Boolean(
        required=True, attribute="is_whole", metadata={"description": "False while a part between others is missing."}
    )
    simulated = ma.fields.Boolean(required=True, attribute="is_simulated")


class ReplaysPageSchema(AnswerSchema):
    """A page of recordings, the latest first."""

    data = ma.fields.List(ma.fields.Nested(ReplaySchema), required=True)
    next = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "For `before` of the next page; null at the end."}
    )


class MeanwhileSchema(AnswerSchema):
    """An event of the user while it was recorded."""

    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True, metadata={"example": "track"})
    at = InstantField(required=True)
    second = ma.fields.Float(required=True, metadata={"description": "From the beginning of the recording."})
    path = ma.fields.String(required=True, allow_none=True, metadata={"description": "Of the page."})
    properties = ma.fields.Dict(keys=ma.fields.String(), values=ValueField(allow_none=True), required=True)


class ReplayWholeSchema(ReplaySchema):
    """A recording, with what else happened meanwhile, and what was noted of it."""

    meanwhile = ma.fields.List(ma.fields.Nested(MeanwhileSchema), required=True)
    notes = ma.fields.List(
        ma.fields.Nested(EvidenceSchema),
        required=True,
        metadata={"description": "Evidence of the source `replay`, by its second; see `/api/v1/evidence`."},
    )


class RecordedEventSchema(AnswerSchema):
    """An event as rrweb writes it down."""

    type = ma.fields.Integer(required=True, metadata={"description": "2: the whole page; 3: a change; see rrweb."})
    timestamp = ma.fields.Float(required=True, metadata={"description": "Milliseconds since 1970."})
    data = ValueField(allow_none=True, metadata={"description": "Of the type's own form, masked."})


class RecordedSchema(AnswerSchema):
    """What was recorded."""

    events = ma.fields.List(
        ma.fields.Nested(RecordedEventSchema),
        required=True,
        metadata={"description": "In the order of their times: what a player of rrweb's takes."},
    )


class ReplayDeletedSchema(AnswerSchema):
    """What was deleted."""

    deleted = ma.fields.String(required=True, metadata={"format": "uuid"})
