"""The shapes of rules as forms, of rules to begin with, and of questions about rules that are not in force."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, ObjectField, StrictSchema, ValueField
from api.schemas.form_menu import ChoicesSchema, FormDocumentSchema
from api.schemas.guidance import DecisionSchema
from api.schemas.problems import DiagnosticSchema
from api.schemas.rules import RulesCheckSchema, file_name
from api.schemas.why import MomentField
from engine.unsaved import MOST_LOOKED_AT, MOST_NAMED

_ROW = {"description": "A row: `id`, `kind`, `values` by field and, where it holds others, `rows`."}


class GuideAskedSchema(RulesCheckSchema):
    """A guide of unsaved rules: all files as they stand, the one that it is in, and its name."""

    file = ma.fields.String(required=True, validate=file_name)
    guide = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=200))


class FormSchema(AnswerSchema):
    """A guide as a form. Where mistakes of its text leave no form, `document` is null and `diagnostics` says why."""

    document = ma.fields.Nested(FormDocumentSchema, required=True, allow_none=True)
    choices = ma.fields.Nested(ChoicesSchema, required=True)
    diagnostics = ma.fields.List(ma.fields.Nested(DiagnosticSchema), required=True)


class FormChangedSchema(StrictSchema):
    """A changed form, and the text that it was made from."""

    text = ma.fields.String(required=True, metadata={"description": "Of the file, as it stood."})
    guide = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=200))
    document = ObjectField(required=True, metadata=_ROW)


class FormTextSchema(AnswerSchema):
    """The text of the file with only that changed in it."""

    text = ma.fields.String(required=True)


class GuideRenameSchema(RulesCheckSchema):
    """Another name for a guide: all files as they stand, the name now, and the name wanted."""

    guide = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=200))
    name = ma.fields.String(required=True, validate=ma.validate.Length(max=200))


class GuideRenamedSchema(AnswerSchema):
    """The files in which the name stood, with the new one in its place."""

    guide = ma.fields.String(required=True, metadata={"description": "The new name."})
    files = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


class StartsAskedSchema(StrictSchema):
    """The files as they stand; none in an empty project."""

    files = ma.fields.Dict(keys=ma.fields.String(validate=file_name), values=ma.fields.String(), required=True)


class AskSchema(AnswerSchema):
    """A name that a rule to begin with leaves open."""

    name = ma.fields.String(required=True)
    sort = ma.fields.String(required=True, metadata={"example": "step"})
    label = ma.fields.String(required=True)
    optional = ma.fields.Boolean(required=True)
    declares = ma.fields.Boolean(required=True, metadata={"description": "An event may be one that nobody knows yet."})
    start = ValueField(required=True, allow_none=True)
    takes = ma.fields.String(required=True, allow_none=True, metadata={"description": "What the chosen step suggests."})


class StartSchema(AnswerSchema):
    """A rule to begin with."""

    name = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    story = ma.fields.String(required=True)
    asks = ma.fields.List(ma.fields.Nested(AskSchema), required=True)
    needs = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "What the project lacks for it, in words."}
    )


class StartsSchema(AnswerSchema):
    """Rules to begin with, and the names that they may be given."""

    data = ma.fields.List(ma.fields.Nested(StartSchema), required=True)
    choices = ma.fields.Nested(ChoicesSchema, required=True)


class BeginSchema(StartsAskedSchema):
    """A rule to begin with, and its names."""

    start = ma.fields.String(required=True)
    values = ObjectField(required=True)


class BegunSchema(AnswerSchema):
    """A new guide, to be put at the end of a file."""

    guide = ma.fields.String(required=True)
    text = ma.fields.String(required=True)


class PreviewLookSchema(AnswerSchema):
    """One thing that a guide may show."""

    variant = ma.fields.String(required=True, allow_none=True)
    language = ma.fields.String(required=True, metadata={"description": "Empty for the words themselves."})
    decision = ma.fields.Nested(DecisionSchema, required=True)


class RulePreviewSchema(AnswerSchema):
    """A guide in words, and what it shows."""

    label = ma.fields.String(required=True, allow_none=True)
    sentences = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "What it does; lines that belong below are indented."},
    )
    looks = ma.fields.List(ma.fields.Nested(PreviewLookSchema), required=True)


class MatchingAskedSchema(RulesCheckSchema):
    """Who meets the conditions of a guide of unsaved rules."""

    guide = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=200))
    everyone = ma.fields.Boolean(load_default=False, truthy={True}, falsy={False})
    simulated = ma.fields.Boolean(load_default=False, truthy={True}, falsy={False})


class MatchingSchema(AnswerSchema):
    """Who meets the conditions now."""

    count = ma.fields.Integer(required=True)
    people = ma.fields.List(ma.fields.String(), required=True, metadata={"description": f"The first {MOST_NAMED}."})
    looked_at = ma.fields.Integer(
        required=True, metadata={"description": f"Of how many: the latest {MOST_LOOKED_AT:,} at most."}
    )
    all = ma.fields.Integer(required=True)
    left_out = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Conditions that only a request can answer."}
    )
    at = InstantField(required=True)


class UnsavedWhySchema(RulesCheckSchema):
    """A person, and a guide of unsaved rules."""

    guide = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=200))
    user = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=1_000))
    at: Any = MomentField(load_default=None, allow_none=True, metadata={"format": "date-time"})
