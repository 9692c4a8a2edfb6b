"""The shapes of asking for guidance and of what is served."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.schemas.content import CONTENT, WAIT
from api.schemas.fields import AnswerSchema, ComponentField, InstantField, ObjectField, TolerantSchema
from engine.reasons import Reason
from engine.replay.settings import ReplayMode
from engine.replies import RecordingReceipt, RecordingReply

_ID = ma.validate.Length(min=1, max=255)
_REVISION = ma.validate.Length(max=64)


class KeepSchema(AnswerSchema):
    """How often a guide may be shown; durations in seconds, null for what is not limited."""

    page = ma.fields.Boolean(required=True, metadata={"description": "Only on the page for which it was decided."})
    every = ma.fields.Float(required=True, allow_none=True)
    times = ma.fields.Integer(required=True, allow_none=True)
    per = ma.fields.Float(required=True, allow_none=True, metadata={"description": "`times` in so many seconds."})
    ends = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "It is over when it was `answered`, `completed` or `dismissed`."},
    )


class DecisionSchema(AnswerSchema):
    """One piece of guidance."""

    id = ma.fields.String(required=True, metadata={"example": "dec_01J9ZK…"})
    guide = ma.fields.String(required=True, metadata={"example": "verify_help"})
    kind = ma.fields.String(required=True, metadata={"example": "tooltip", "description": "The widget that draws it."})
    variant = ma.fields.String(required=True, allow_none=True)
    content = ComponentField(CONTENT, required=True, metadata={"description": "A tree of nodes, never HTML."})
    wait = ComponentField(
        WAIT,
        required=True,
        allow_none=True,
        metadata={
            "description": "What only the browser can see, to be awaited before confirming.",
            "example": {"until": "idle", "seconds": 5},
        },
    )
    priority = ma.fields.Integer(required=True)
    expires = InstantField(required=True, allow_none=True)
    keep = ma.fields.Nested(
        KeepSchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "How often a browser may show it on its own while the server cannot be reached; null for a "
            "decision of its moment, which is not to be kept."
        },
    )


class ClickSchema(AnswerSchema):
    """A click of which the browser makes an event: `event "…" when clicked "…" on page "…"`."""

    event = ma.fields.String(required=True, metadata={"example": "Opened DNS help"})
    selector = ma.fields.String(required=True, metadata={"example": "#dns-help"})
    page = ma.fields.String(
        required=True, allow_none=True, metadata={"example": "/domains/*", "description": "A pattern; null: any page."}
    )


class ConsideredSchema(AnswerSchema):
    """A guide that was considered, and why it is shown or not."""

    guide = ma.fields.String(required=True)
    reason = ma.fields.Enum(Reason, by_value=True, required=True)
    meaning = ma.fields.String(required=True, attribute="reason.meaning", metadata={"example": "It is shown."})


RECORD: Final = (
    "What the page records of this user from now on (session replay): `moments` or `sessions` where a `record` of the "
    "rules is of them, else `off`. Only for pages, of projects that record at all; without it nothing changes."
)


class RecordingSchema(AnswerSchema):
    """An answer that says what the page records, to pages of projects that record; to others it says nothing of it."""

    record = ma.fields.Enum(ReplayMode, by_value=True, metadata={"description": RECORD, "example": "moments"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Of nearly all answers it is no member: those are spared to look for it.
        self.dump_fields.pop("record", None)

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """The members of the answer, and `record` where it has one."""
        told = super().dump(obj, many=many)
        if isinstance(obj, RecordingReply | RecordingReceipt):
            told["record"] = obj.record.value
        return told


CLICKS: Final = "Clicks of which the browser makes events; null where `revision` of the request is that of the reply."
REVISION: Final = "The revision of the rules whose `clicks` the browser knows; empty for none."


class ContextSchema(ma.Schema):
    """Where the user is; members as in Segment's `context`."""

    class Meta:
        unknown = ma.INCLUDE

    page = ObjectField(metadata={"example": {"path": "/domains/new", "url": "https://app.example.com/domains/new"}})
    locale = ma.fields.String(validate=_ID, metadata={"example": "de-DE"})
    timezone = ma.fields.String(validate=_ID, metadata={"example": "Europe/Berlin"})
    device = ObjectField(metadata={"example": {"type": "mobile"}})


class DecideSchema(TolerantSchema):
    """A request for guidance: of a known user, or of an anonymous one."""

    userId = ma.fields.String(validate=_ID, allow_none=True)
    anonymousId = ma.fields.String(validate=_ID, allow_none=True)
    context = ma.fields.Nested(ContextSchema, load_default=dict)
    trigger = ma.fields.String(
        validate=_ID, allow_none=True, metadata={"description": "Let only waiting events of this name wake rules."}
    )
    guide = ma.fields.String(
        validate=_ID,
        allow_none=True,
        metadata={"description": "Decide this guide alone, which the user wants to see (`waypost.show`)."},
    )
    revision = ma.fields.String(
        validate=ma.validate.Length(max=64), allow_none=True, metadata={"description": REVISION}
    )
    explain = ma.fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=False,
        metadata={"description": "Tell why each guide is shown or not, as far as the asker may know."},
    )
    writeKey = ma.fields.String(metadata={"description": "The public key, where no header can be set."})
    userToken = ma.fields.Raw(
        allow_none=True,
        metadata={
            "type": "string",
            "description": "Proof of who the known user is: a JWT (HS256; `sub` is the user's id, `exp`) that the "
            "customer's server signed. Needed where the project insists on signed users.",
        },
    )

    @ma.validates_schema
    def _has_a_user(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("userId") and not data.get("anonymousId"):
            raise ma.ValidationError("one of `userId` and `anonymousId` must be given", "userId")


class ReplySchema(RecordingSchema):
    """Guidance for one user at this instant."""

    clicks = ma.fields.List(
        ma.fields.Nested(ClickSchema), required=True, allow_none=True, metadata={"description": CLICKS}
    )
    considered = ma.fields.List(
        ma.fields.Nested(ConsideredSchema),
        required=True,
        allow_none=True,
        metadata={
            "description": "With `explain`: the guides that were considered. A public key is told of all in an "
            "environment for development, elsewhere of those that the user is a tester of."
        },
    )
    standing = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(allow_none=True),
        required=True,
        allow_none=True,
        metadata={
            "description": "With `explain`: by journey, the step where the user stands; null after the last. For whom "
            "`considered` is.",
            "example": {"activation": "verify_domain"},
        },
    )

    decisions = ma.fields.List(ma.fields.Nested(DecisionSchema), required=True)
    revision = ma.fields.String(required=True, allow_none=True, metadata={"description": "The rule set that decided."})
    ttl = ma.fields.Integer(required=True, metadata={"description": "Seconds for which the decisions may be used."})
    degraded = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "True while the database cannot be used: decided by the rules that were in force last, and "
            "only what nothing in the database could keep away. Every guide with a cap is left out."
        },
    )


class ConfirmSchema(TolerantSchema):
    """Asked just before showing."""

    context = ma.fields.Nested(ContextSchema, load_default=None, allow_none=True)
    holder = ma.fields.String(
        validate=_ID,
        allow_none=True,
        metadata={"description": "A tab's own mark; its repeated question gets the same yes."},
    )
    writeKey = ma.fields.String()


class ConfirmationSchema(AnswerSchema):
    """Whether it may be shown now. A yes reserves the place for 30 seconds."""

    show = ma.fields.Boolean(required=True)
    reason = ma.fields.String(required=True, metadata={"example": "TARGETING_MATCH"})
