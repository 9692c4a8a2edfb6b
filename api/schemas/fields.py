"""Kinds of members that marshmallow does not know, such as instants and objects that people define; and what many
requests say alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from api.lengths import ADVICE, PATTERN, parse_length
from dsl.values import Instant, JsonValue, format_instant

LARGEST_WHOLE: Final = 2**31 - 1
"""The largest whole number that a request may name, where its field says no other: what every column holds."""

NO_ZERO: Final = ma.validate.ContainsNoneOf("\0", error="must hold no zero character")
"""Of texts that a database is asked for: PostgreSQL takes none with that."""


class StrictSchema(ma.Schema):
    """A request of ours: a member that we do not know is an error, and so is a number that no column holds."""

    class Meta:
        unknown = ma.RAISE

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[Any]) -> None:  # noqa: ARG002
        """Give whole numbers their bounds, where they have none."""
        if isinstance(field_obj, ma.fields.Integer):
            ranges = [each for each in field_obj.validators if isinstance(each, ma.validate.Range)]
            if all(each.max is None for each in ranges):
                least = -LARGEST_WHOLE if all(each.min is None for each in ranges) else None
                field_obj.validators = [*field_obj.validators, ma.validate.Range(least, LARGEST_WHOLE)]


class TolerantSchema(ma.Schema):
    """A request in Segment's format: members that we do not know are ignored."""

    class Meta:
        unknown = ma.EXCLUDE


class AnswerSchema(ma.Schema):
    """An answer of ours. More members may be added later, so the document does not forbid them."""

    class Meta:
        unknown = ma.EXCLUDE


class FormatSchema(ma.Schema):
    """In what form."""

    format = ma.fields.String(load_default="json", validate=ma.validate.OneOf(["json", "csv", "parquet"]))


class FileFormSchema(StrictSchema, FormatSchema):
    """In what form, where nothing else is asked."""


class InstantField(ma.fields.DateTime):
    """An instant, written in RFC 3339, UTC."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else format_instant(Instant(value))


class LengthField(ma.fields.String):
    """A length of time such as `7d`, read into a Duration."""

    default_error_messages = {"length": ADVICE}  # noqa: RUF012  (marshmallow's own form)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        found = parse_length(super()._deserialize(value, attr, data, **kwargs))
        if found is None:
            raise self.make_error("length")
        return found


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


class ValueField(ma.fields.Raw):
    """A JSON value of any type."""


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


class ComponentField(ObjectField):
    """A JSON object whose form is a component of the OpenAPI document."""

    def __init__(self, component: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.component = component


def describe_objects(self: Any, field: ma.fields.Field[Any], **_: Any) -> dict[str, Any]:  # noqa: ARG001
    """What OpenAPI says of the fields above; for apispec's attribute functions."""
    match field:
        case ComponentField(component=component, allow_none=nullable):
            ref = {"$ref": f"#/components/schemas/{component}"}
            return {"anyOf": [ref, {"type": "null"}]} if nullable else {"allOf": [ref]}
        case LengthField(allow_none=nullable):
            return {"type": ["string", "null"] if nullable else "string", "pattern": PATTERN}
        case ValueField():
            return {"type": ["string", "number", "boolean", "array", "object", "null"]}
        case ObjectField(allow_none=nullable):
            return {"type": ["object", "null"] if nullable else "object"}
        case _:
            return {}
