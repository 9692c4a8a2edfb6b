"""The shapes of published rules."""

from __future__ import annotations

import re
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from api.schemas.problems import DiagnosticSchema

# A name of ours, not a text to search in: no pattern that people write.
_FILE_NAME: Final = re.compile(r"(?!/)(?:(?!\.\.?/)[\w .-]+/)*[\w .-]{1,100}\.way")


def _file_name(name: Any) -> None:
    if not isinstance(name, str) or len(name) > 200 or not _FILE_NAME.fullmatch(name):
        raise ma.ValidationError("must be a relative path that ends with .way")


def _not_empty(files: Any) -> None:
    if not files:
        raise ma.ValidationError("must have at least one file")


class RulesFilesSchema(StrictSchema):
    """Rule files to put in force: all of them, for they replace the ones before."""

    files = ma.fields.Dict(
        keys=ma.fields.String(validate=_file_name),
        values=ma.fields.String(),
        required=True,
        validate=_not_empty,
        metadata={"example": {"onboarding.way": 'event "Signed Up"\n'}},
    )
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=500))


class PublishedSchema(AnswerSchema):
    """A rule set that is now in force."""

    version = ma.fields.Integer(required=True, metadata={"description": "Counts up from 1."})
    revision = ma.fields.String(required=True, metadata={"description": "A hash of the content."})
    changed = ma.fields.Boolean(required=True, metadata={"description": "False if these very rules were in force."})
    warnings = ma.fields.List(ma.fields.Nested(DiagnosticSchema), required=True)


class RulesSchema(AnswerSchema):
    """The rules in force. Before the first publication everything is null and `files` is empty."""

    version = ma.fields.Integer(required=True, allow_none=True)
    revision = ma.fields.String(required=True, allow_none=True)
    published = InstantField(required=True, allow_none=True)
    by = ma.fields.String(required=True, allow_none=True)
    note = ma.fields.String(required=True, allow_none=True)
    files = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
