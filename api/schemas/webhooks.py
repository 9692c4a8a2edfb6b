"""The shapes of webhooks and of what they were told."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from engine.webhooks import CHOSEN, LONGEST_NOTE, LONGEST_URL, MOST_GUIDES, DeliveryState, Format, HookKind

_KINDS: Final = {"description": "What it hears of.", "example": [HookKind.ANSWER_RECEIVED.value]}
_ONE_OF: Final = ma.validate.OneOf([kind.value for kind in CHOSEN])
_FORMATS: Final = ma.validate.OneOf([each.value for each in Format])
_FORMAT: Final = {
    "description": "In which form it is told: `standard` for programs, else that of a chat tool.",
}
_GUIDES: Final = {
    "description": "Of which guides and surveys it hears only, by name, where a kind is of one; none for all.",
    "example": [],
}
_URL: Final = {
    "description": "Over https, in nobody's private network.",
    "example": "https://hooks.example.com/waypost",
}


class WebhookSchema(AnswerSchema):
    """An address that is told of what happens."""

    id = ma.fields.Integer(required=True)
    url = ma.fields.String(
        required=True,
        metadata={"description": "Cut short after the host for whom lacks `settings:write`: it may hold a password."},
    )
    kinds = ma.fields.List(ma.fields.Enum(HookKind, by_value=True), required=True)
    format = ma.fields.Enum(Format, by_value=True, required=True)
    guides = ma.fields.List(ma.fields.String(), required=True, metadata=_GUIDES)
    note = ma.fields.String(required=True)
    is_on = ma.fields.Boolean(required=True)
    revision = ma.fields.Integer(required=True)
    created = InstantField(required=True)


class WebhooksSchema(AnswerSchema):
    """The webhooks of an environment, oldest first."""

    data = ma.fields.List(ma.fields.Nested(WebhookSchema), required=True)


class NewWebhookSchema(WebhookSchema):
    """A webhook with the secret that its deliveries are signed with."""

    secret = ma.fields.String(required=True, metadata={"description": "Seen only now.", "example": "whsec_…"})


class WebhookWantedSchema(StrictSchema):
    """A webhook to make."""

    url = ma.fields.String(required=True, validate=ma.validate.Length(max=LONGEST_URL), metadata=_URL)
    kinds = ma.fields.List(
        ma.fields.String(validate=_ONE_OF), required=True, validate=ma.validate.Length(min=1), metadata=_KINDS
    )
    format = ma.fields.String(load_default=Format.STANDARD.value, validate=_FORMATS, metadata=_FORMAT)
    guides = ma.fields.List(
        ma.fields.String(),
        load_default=list,
        validate=ma.validate.Length(max=MOST_GUIDES),
        metadata=_GUIDES,
    )
    note = ma.fields.String(
        load_default="", validate=ma.validate.Length(max=LONGEST_NOTE), metadata={"description": "What it is for."}
    )


class WebhookChangeSchema(StrictSchema):
    """What is to be changed; what is left out stays as it is."""

    revision = ma.fields.Integer(required=True, metadata={"description": "That the change was made from."})
    url = ma.fields.String(validate=ma.validate.Length(max=LONGEST_URL), metadata=_URL)
    kinds = ma.fields.List(ma.fields.String(validate=_ONE_OF), validate=ma.validate.Length(min=1), metadata=_KINDS)
    format = ma.fields.String(validate=_FORMATS, metadata=_FORMAT)
    guides = ma.fields.List(ma.fields.String(), validate=ma.validate.Length(max=MOST_GUIDES), metadata=_GUIDES)
    note = ma.fields.String(validate=ma.validate.Length(max=LONGEST_NOTE))
    is_on = ma.fields.Boolean(
        truthy={True},
        falsy={False},
        metadata={"description": "What happens while it is off is not made up for when it is on again."},
    )


class DeliverySchema(AnswerSchema):
    """Something that a webhook was told, or will be."""

    id = ma.fields.Integer(required=True, metadata={"description": "`webhook-id` is this after `msg_`."})
    kind = ma.fields.Enum(HookKind, by_value=True, required=True)
    created = InstantField(required=True)
    state = ma.fields.Enum(DeliveryState, by_value=True, required=True)
    tries = ma.fields.Integer(required=True)
    next_try = InstantField(required=True, allow_none=True)
    status = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Answered the last time."})
    error = ma.fields.String(required=True, allow_none=True)
    finished = InstantField(required=True, allow_none=True)


class DeliveriesSchema(AnswerSchema):
    """A page of deliveries, the latest first."""

    data = ma.fields.List(ma.fields.Nested(DeliverySchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "For `before`."})


class DeliveriesQuerySchema(StrictSchema):
    """Which deliveries to list."""

    before = ma.fields.Integer(load_default=None, validate=ma.validate.Range(min=1, max=2**53))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=500))
