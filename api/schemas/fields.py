"""Kinds of members that marshmallow does not know: instants, objects that people define, lists judged one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from dsl.values import Instant, JsonValue, format_instant


class StrictSchema(ma.Schema):
    """A request of ours: a member that we do not know is an error."""

    class Meta:
        unknown = ma.RAISE


class TolerantSchema(ma.Schema):
    """A request in Segment's format: members that we do not know are ignored."""

    class Meta:
        unknown = ma.EXCLUDE


class AnswerSchema(ma.Schema):
    """An answer of ours. More members may be added later, so the document does not forbid them."""

    class Meta:
        unknown = ma.EXCLUDE


class InstantField(ma.fields.DateTime):
    """An instant, written in RFC 3339, UTC."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else format_instant(Instant(value))


class ObjectField(ma.fields.Raw):
    """A JSON object with any members."""

    default_error_messages = {"invalid": "must be an object"}  # noqa: RUF012  (marshmallow's own form)

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> dict[str, JsonValue]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        return value


class MessagesField(ma.fields.List[Any]):
    """A list whose members are judged later, one by one, so that a bad one does not take its neighbours along."""

    default_error_messages = {"invalid": "must be a list of messages"}  # noqa: RUF012

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return value


def describe_objects(self: Any, field: ma.fields.Field[Any], **_: Any) -> dict[str, Any]:  # noqa: ARG001
    """What OpenAPI says of an ObjectField; for apispec's attribute functions."""
    if not isinstance(field, ObjectField):
        return {}
    return {"type": ["object", "null"] if field.allow_none else "object"}
