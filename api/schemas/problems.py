"""The shape of a refusal (RFC 9457), and of the messages about rules in it."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema
from dsl.diagnostics import Severity


class DiagnosticSchema(AnswerSchema):
    """One message about a rule file."""

    code = ma.fields.String(required=True, metadata={"example": "WP003", "description": "Stable."})
    severity = ma.fields.Enum(Severity, by_value=True, required=True)
    message = ma.fields.String(required=True, metadata={"example": "unknown event `Domain Verifed`"})
    file = ma.fields.String(required=True, attribute="span.file")
    line = ma.fields.Integer(required=True, attribute="span.line", metadata={"description": "From 1."})
    column = ma.fields.Integer(required=True, attribute="span.column", metadata={"description": "From 1."})
    start = ma.fields.Integer(
        required=True, attribute="span.start", metadata={"description": "Offset in characters, from 0."}
    )
    end = ma.fields.Integer(required=True, attribute="span.end", metadata={"description": "Just after the last one."})
    help = ma.fields.String(required=True, allow_none=True, metadata={"example": 'did you mean "Domain Verified"?'})
    fix = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Text to put in the place, where exactly one mends it."},
    )


class FieldErrorSchema(AnswerSchema):
    """A field of the request that cannot be used."""

    path = ma.fields.String(required=True, metadata={"example": "context.page"})
    message = ma.fields.String(required=True)


class ProblemSchema(AnswerSchema):
    """Why a request was refused."""

    type = ma.fields.String(required=True, metadata={"example": "urn:problem-type:waypost:origin_not_allowed"})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True, metadata={"description": "A sentence for people; may be reworded."})
    code = ma.fields.String(required=True, metadata={"description": "Stable; listed in docs/reference/problems.md."})
    request_id = ma.fields.String(required=True, metadata={"description": "The `X-Request-Id` of this answer."})
    errors = ma.fields.List(
        ma.fields.Nested(FieldErrorSchema), metadata={"description": "With `invalid_fields` and `plan_refused`."}
    )
    diagnostics = ma.fields.List(ma.fields.Nested(DiagnosticSchema), metadata={"description": "With `invalid_rules`."})
