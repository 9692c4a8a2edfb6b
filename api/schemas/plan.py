"""The shapes of tracking plans, and of what did not fit them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, InstantField, ObjectField, StrictSchema
from api.schemas.problems import FieldErrorSchema
from engine.tracking import Mode
from engine.tracking.reports import PlanInForce

_KEPT_OR_REFUSED: Final = ma.validate.OneOf([Mode.WARN.value, Mode.BLOCK.value])


class PlannedEventSchema(AnswerSchema):
    """What is planned of the events of a name."""

    description = ma.fields.String()
    mode = ma.fields.String(validate=_KEPT_OR_REFUSED, metadata={"description": "Without it, that of the plan."})
    schema = ma.fields.Raw(
        metadata={
            "description": "JSON Schema (draft 2020-12) of `properties`; of an identify or a group, of the traits that "
            "it sets. Patterns are RE2's; a `$ref` leads to `#/$defs/NAME`, never elsewhere.",
            "type": ["object", "boolean"],
        }
    )


class TrackingPlanSchema(AnswerSchema):
    """What a project expects its events to look like."""

    class Meta:
        unknown = ma.EXCLUDE
        include = {  # noqa: RUF012  (marshmallow's own form)
            "$schema": ma.fields.String(),
            "$defs": ObjectField(metadata={"description": "Schemas that those of the events refer to."}),
        }

    description = ma.fields.String()
    mode = ma.fields.String(
        validate=_KEPT_OR_REFUSED,
        metadata={"description": "What becomes of events that do not fit: kept with a warning, or refused."},
    )
    unplanned = ma.fields.String(
        validate=ma.validate.OneOf([mode.value for mode in Mode]),
        metadata={"description": "What becomes of tracked events that are not in the plan."},
    )
    events = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(PlannedEventSchema),
        metadata={
            "description": "By name; `$identify`, `$group`, `$page` and `$screen` stand for those calls.",
            "example": {"Domain Added": {"mode": "block", "schema": {"type": "object", "required": ["domain"]}}},
        },
    )


class PlanSentSchema(StrictSchema):
    """A plan to put in force; it replaces the one before."""

    plan = ObjectField(
        required=True, metadata={"allOf": [{"$ref": "#/components/schemas/TrackingPlan"}], "type": "object"}
    )
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=500))


class PlanCheckSchema(StrictSchema):
    """A plan to look at."""

    plan = ObjectField(
        required=True, metadata={"allOf": [{"$ref": "#/components/schemas/TrackingPlan"}], "type": "object"}
    )


class PlanCheckedSchema(AnswerSchema):
    """What was found in a plan."""

    ok = ma.fields.Boolean(required=True)
    errors = ma.fields.List(ma.fields.Nested(FieldErrorSchema), required=True)


class PlanSchema(AnswerSchema):
    """The plan in force. Before the first one, version and what belongs to it are null, and `plan` is empty."""

    version = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Counts up from 1."})
    published = InstantField(required=True, allow_none=True)
    by = ma.fields.String(required=True, allow_none=True)
    note = ma.fields.String(required=True, allow_none=True)
    plan = ma.fields.Nested(TrackingPlanSchema, required=True)


def as_document(found: PlanInForce) -> dict[str, Any]:
    """A plan in force as `PlanSchema` takes it."""
    version = found.version
    if version is None:
        return {**dict.fromkeys(("version", "published", "by", "note")), "plan": found.document}
    return {
        "version": version.version,
        "published": version.published,
        "by": version.by,
        "note": version.note,
        "plan": found.document,
    }


class ViolationsQuerySchema(StrictSchema, FormatSchema):
    """Which violations to list. Files hold all of them."""

    event = ma.fields.String(load_default=None, metadata={"description": "Only of events of this name."})
    after = ma.fields.String(load_default=None, metadata={"description": "`next` of the page before."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(min=1, max=500))


class ViolationSampleSchema(AnswerSchema):
    """One message that did not fit. The value that was sent is not kept here."""

    message_id = ma.fields.String(required=True)
    received = InstantField(required=True)
    found = ma.fields.String(required=True, metadata={"description": "The kind of value.", "example": "a text"})


class ViolationSchema(AnswerSchema):
    """How often events of a name did not fit the plan at one place, in one way."""

    event = ma.fields.String(required=True)
    path = ma.fields.String(required=True, metadata={"example": "$.properties.items[].price"})
    rule = ma.fields.String(
        required=True, metadata={"description": "The keyword of JSON Schema, or `unplanned`.", "example": "type"}
    )
    warned = ma.fields.Integer(required=True, metadata={"description": "Events that were kept."})
    blocked = ma.fields.Integer(
        required=True, metadata={"description": "Events that were refused; sent again, they count again."}
    )
    first = InstantField(required=True)
    last = InstantField(required=True)
    samples = ma.fields.List(
        ma.fields.Nested(ViolationSampleSchema), required=True, metadata={"description": "The latest three."}
    )


VIOLATION_COLUMNS: Final = ("event", "path", "rule", "warned", "blocked", "first", "last", "latest_message")
"""The columns of violations; `latest_message` is the id of the latest message that did not fit."""


def violation_rows(documents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Violations, as they are sent, as rows with the keys of VIOLATION_COLUMNS."""
    return [
        {**{name: each[name] for name in VIOLATION_COLUMNS[:-1]}, VIOLATION_COLUMNS[-1]: _latest(each["samples"])}
        for each in documents
    ]


def _latest(samples: Sequence[Mapping[str, Any]]) -> str:
    return str(samples[0]["message_id"]) if samples else ""


class ViolationsSchema(AnswerSchema):
    """A page of violations, by event, path and rule."""

    data = ma.fields.List(ma.fields.Nested(ViolationSchema), required=True)
    next = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "For `after`; null on the last page."}
    )


class ForgottenSchema(AnswerSchema):
    """How much was forgotten."""

    forgotten = ma.fields.Integer(required=True, metadata={"description": "Places that had been counted."})
