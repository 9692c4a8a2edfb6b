"""The shape of links that show one page to whoever has them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from dsl.values import Instant
from engine.shared_links import LONGEST, LONGEST_NOTE, LONGEST_VALUE, USUAL, SharedLink


class SharedLinkWantedSchema(StrictSchema):
    """What a link is to show."""

    page = ma.fields.String(
        required=True, validate=ma.validate.Length(1, 64), metadata={"description": "Its name.", "example": "map"}
    )
    query = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(1, 64)),
        values=ma.fields.String(validate=ma.validate.Length(max=LONGEST_VALUE)),
        load_default=dict,
        metadata={"description": "What its address says: the selection that is shown, and no other."},
    )
    note = ma.fields.String(
        load_default="", validate=ma.validate.Length(max=LONGEST_NOTE), metadata={"description": "For whom it is."}
    )
    words = ma.fields.Boolean(
        load_default=False, metadata={"description": "What users said, word for word, may be seen too."}
    )
    days = ma.fields.Integer(
        load_default=USUAL, validate=ma.validate.Range(1, LONGEST), metadata={"description": "How long it is valid."}
    )


class SharedLinkSchema(AnswerSchema):
    """A link."""

    id = ma.fields.Integer(required=True)
    page = ma.fields.String(required=True)
    query = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    note = ma.fields.String(required=True)
    words = ma.fields.Boolean(required=True)
    by = ma.fields.String(required=True)
    created = InstantField(required=True)
    expires = InstantField(required=True)
    withdrawn = InstantField(required=True, allow_none=True)
    over = ma.fields.Boolean(required=True, metadata={"description": "It shows nothing any more."})
    opened = ma.fields.Integer(required=True, metadata={"description": "How often its page was seen."})
    last_opened = InstantField(required=True, allow_none=True)


class NewSharedLinkSchema(SharedLinkSchema):
    """A link just made."""

    url = ma.fields.String(required=True, metadata={"description": "Seen only now: of its token a hash is kept."})


class SharedLinksSchema(AnswerSchema):
    """The links of a project, the latest first."""

    data = ma.fields.List(ma.fields.Nested(SharedLinkSchema), required=True)


def link_document(link: SharedLink, now: Instant) -> dict[str, Any]:
    """A link as answers have it."""
    same = ("id", "page", "query", "note", "by", "created", "expires", "withdrawn", "opened", "last_opened")
    return {**{name: getattr(link, name) for name in same}, "words": link.with_words, "over": link.is_over(now)}
