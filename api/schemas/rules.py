"""The shapes of published rules."""

from __future__ import annotations

import re
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, InstantField, StrictSchema
from api.schemas.problems import DiagnosticSchema

# A name of ours, not a text to search in: no pattern that people write.
_FILE_NAME: Final = re.compile(r"(?!/)(?:(?!\.\.?/)[\w .-]+/)*[\w .-]{1,100}\.way")


def file_name(name: Any) -> None:
    """Refuse what is no name of a rule file. Raises marshmallow.ValidationError."""
    if not isinstance(name, str) or len(name) > 200 or not _FILE_NAME.fullmatch(name):
        raise ma.ValidationError("must be a relative path that ends with .way")


def _not_empty(files: Any) -> None:
    if not files:
        raise ma.ValidationError("must have at least one file")


class RulesCheckSchema(StrictSchema):
    """Rule files to look at."""

    files = ma.fields.Dict(
        keys=ma.fields.String(validate=file_name),
        values=ma.fields.String(),
        required=True,
        validate=_not_empty,
        metadata={"example": {"onboarding.way": 'event "Signed Up"\n'}},
    )


_NUMBER: Final = ma.validate.Range(min=1)
_EXPECTED: Final = "The version that the change was made from, 0 for none: with another in force, nothing is published."


class RulesFilesSchema(RulesCheckSchema):
    """Rule files to put in force: all of them, for they replace the ones before."""

    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=500))
    expected = ma.fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=ma.validate.Range(min=0),
        metadata={"description": _EXPECTED},
    )


class RollbackSchema(StrictSchema):
    """An earlier version to put in force again."""

    version = ma.fields.Integer(required=True, strict=True, validate=_NUMBER)
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=500))
    expected = ma.fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=ma.validate.Range(min=0),
        metadata={"description": _EXPECTED},
    )


class StoppedSchema(StrictSchema):
    """The switch that stops all guidance of a project at once."""

    stopped = ma.fields.Boolean(required=True, truthy={True}, falsy={False})


class VersionsQuerySchema(StrictSchema, FormatSchema):
    """Which versions to list. Files hold all of them."""

    before = ma.fields.Integer(load_default=None, validate=_NUMBER, metadata={"description": "`next` of a page."})
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=500))


class VersionQuerySchema(StrictSchema):
    """What to compare a version with."""

    against = ma.fields.Integer(load_default=None, validate=_NUMBER)


class CheckedSchema(AnswerSchema):
    """What was found in rule files."""

    ok = ma.fields.Boolean(required=True, metadata={"description": "True without errors; warnings may be there."})
    diagnostics = ma.fields.List(ma.fields.Nested(DiagnosticSchema), required=True)


class PublishedVersionLineSchema(AnswerSchema):
    """A version in the list of versions."""

    version = ma.fields.Integer(required=True)
    revision = ma.fields.String(required=True)
    published = InstantField(required=True)
    by = ma.fields.String(required=True)
    note = ma.fields.String(required=True)
    active = ma.fields.Boolean(required=True)


class PublishedVersionsSchema(AnswerSchema):
    """A page of versions, newest first; `next` is null on the last one."""

    data = ma.fields.List(ma.fields.Nested(PublishedVersionLineSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True)


class RulesChangeSchema(AnswerSchema):
    """What changed in one file."""

    file = ma.fields.String(required=True)
    diff = ma.fields.String(required=True, metadata={"description": "A unified diff."})


class PublishedVersionSchema(PublishedVersionLineSchema):
    """A version whole, with what it changed."""

    files = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    against = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "What it is compared with."})
    changes = ma.fields.List(ma.fields.Nested(RulesChangeSchema), required=True)


class NewSurveyVersionSchema(AnswerSchema):
    """A survey that was changed after it was answered: answers from now on are kept apart from those before."""

    survey = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True, metadata={"description": "Of the survey's questions."})
    answers = ma.fields.Integer(required=True, metadata={"description": "How many the version before has."})
    changes = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "Why, in words."})


class PublishedSchema(AnswerSchema):
    """A rule set that is now in force."""

    version = ma.fields.Integer(required=True, metadata={"description": "Counts up from 1."})
    revision = ma.fields.String(required=True, metadata={"description": "A hash of the content."})
    changed = ma.fields.Boolean(required=True, metadata={"description": "False if these very rules were in force."})
    warnings = ma.fields.List(ma.fields.Nested(DiagnosticSchema), required=True)
    surveys = ma.fields.List(ma.fields.Nested(NewSurveyVersionSchema), required=True)


class RulesSchema(AnswerSchema):
    """The rules in force. Before the first publication everything is null and `files` is empty."""

    version = ma.fields.Integer(required=True, allow_none=True)
    revision = ma.fields.String(required=True, allow_none=True)
    published = InstantField(required=True, allow_none=True)
    by = ma.fields.String(required=True, allow_none=True)
    note = ma.fields.String(required=True, allow_none=True)
    files = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    stopped = ma.fields.Boolean(required=True, metadata={"description": "True while nothing is shown at all."})
