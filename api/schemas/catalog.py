"""The shapes of the catalog."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from engine.catalog_view import CatalogView


class SeenCountSchema(AnswerSchema):
    """How often something was sent."""

    events = ma.fields.Integer(required=True)
    people = ma.fields.Integer(required=True)
    first = InstantField(required=True)
    last = InstantField(required=True)


class CatalogEventSchema(AnswerSchema):
    """An event that is declared, or was sent."""

    name = ma.fields.String(required=True)
    declared = ma.fields.Boolean(required=True)
    built_in = ma.fields.Boolean(required=True)
    properties = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    count = ma.fields.Nested(SeenCountSchema, required=True, allow_none=True)
    line = ma.fields.String(required=True, allow_none=True, metadata={"description": "What would declare it."})


class ValueCountSchema(AnswerSchema):
    """A value, and how many of those looked at have it."""

    value = ma.fields.String(required=True)
    people = ma.fields.Integer(required=True)


class CatalogAttributeSchema(AnswerSchema):
    """An attribute of users, or of accounts, that is declared or was sent."""

    name = ma.fields.String(required=True, metadata={"description": "In rules."})
    key = ma.fields.String(required=True, metadata={"description": "As it is sent."})
    of_account = ma.fields.Boolean(required=True)
    type = ma.fields.String(required=True)
    declared = ma.fields.Boolean(required=True)
    built_in = ma.fields.Boolean(required=True)
    share = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "Of users who have it, 0 to 1, by a sample."}
    )
    count = ma.fields.Nested(SeenCountSchema, required=True, allow_none=True)
    values = ma.fields.List(
        ma.fields.Nested(ValueCountSchema), required=True, metadata={"description": "Where they are few."}
    )
    line = ma.fields.String(required=True, allow_none=True, metadata={"description": "What would declare it."})


class CatalogSchema(AnswerSchema):
    """What is declared and what was sent; undeclared names first, then the most frequent."""

    events = ma.fields.List(ma.fields.Nested(CatalogEventSchema), required=True)
    attributes = ma.fields.List(ma.fields.Nested(CatalogAttributeSchema), required=True)


class CatalogQuerySchema(StrictSchema):
    """Who counts."""

    everyone = ma.fields.Boolean(load_default=False)
    simulated = ma.fields.Boolean(load_default=False)


def catalog_document(found: CatalogView) -> dict[str, Any]:
    """The catalog as it is sent."""
    attributes = [
        asdict(each) | {"values": [{"value": value, "people": people} for value, people in each.values]}
        for each in found.attributes
    ]
    return {"events": [asdict(each) for each in found.events], "attributes": attributes}
