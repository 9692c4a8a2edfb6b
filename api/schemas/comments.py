"""The shape of comments."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from engine.comments import LONGEST_PLACE, LONGEST_TEXT, PLACES, Comment

_PLACE: Final[dict[str, Any]] = {
    "validate": ma.validate.Length(1, LONGEST_PLACE),
    "metadata": {"description": "; ".join(PLACES.values()), "example": "map:activation::thoughts:verify"},
}
_TEXT: Final[dict[str, Any]] = {"validate": ma.validate.Length(1, LONGEST_TEXT)}


class CommentsAskedSchema(StrictSchema):
    """Which comments."""

    place = ma.fields.String(load_default=None, **_PLACE)
    resolved = ma.fields.Boolean(
        load_default=None, metadata={"description": "Settled ones, or open ones; both without."}
    )
    before = ma.fields.Integer(
        load_default=None, validate=ma.validate.Range(1), metadata={"description": "The `next` of the page before."}
    )
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 500))


class CommentSaidSchema(StrictSchema):
    """A comment."""

    place = ma.fields.String(required=True, **_PLACE)
    text = ma.fields.String(required=True, **_TEXT)


class CommentChangeSchema(StrictSchema):
    """A change of a comment: of its words, which only its author may change, or of whether it is settled."""

    revision = ma.fields.Integer(
        required=True,
        validate=ma.validate.Range(1),
        metadata={"description": "The one that you saw: refused with 409 where it was changed meanwhile."},
    )
    text = ma.fields.String(**_TEXT)
    resolved = ma.fields.Boolean()

    @ma.validates_schema
    def _is_one_change(self, data: dict[str, Any], **_: Any) -> None:
        if ("text" in data) is ("resolved" in data):
            raise ma.ValidationError("say either `text` or `resolved`")


class CommentSchema(AnswerSchema):
    """A comment."""

    id = ma.fields.Integer(required=True)
    place = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    by = ma.fields.String(required=True, metadata={"example": "member 3"})
    author = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "What the author is called; null for one who left."}
    )
    created = InstantField(required=True)
    edited = InstantField(required=True, allow_none=True)
    resolved = InstantField(required=True, allow_none=True, metadata={"description": "Since when it is settled."})
    resolved_by = ma.fields.String(required=True, allow_none=True)
    revision = ma.fields.Integer(required=True)


class CommentsSchema(AnswerSchema):
    """Comments, the latest first. next: send it as `before` for the page after; null on the last one."""

    data = ma.fields.List(ma.fields.Nested(CommentSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True)


class OpenCountsSchema(AnswerSchema):
    """How many comments are open at each place that has one."""

    data = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(), required=True)


def comment_document(found: Comment, names: dict[str, str]) -> dict[str, Any]:
    """A comment as answers have it. names: what members are called."""
    told = {each: getattr(found, each) for each in CommentSchema().fields if each != "author"}
    return {**told, "author": names.get(found.by, found.by if found.by.startswith("key ") else None)}
