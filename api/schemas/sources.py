"""The shapes of scheduled sources, of their kinds and of their runs."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, InstantField, StrictSchema
from engine.evidence import Source
from engine.scheduled.facts import LONGEST_NAME, LONGEST_SETTING, Every, SourceRunState

_KIND: Final = {"description": "One of `GET /api/v1/sources/kinds`.", "example": "zendesk"}
_STEP: Final = {"description": "Of what no rule tags.", "example": "activation.verify_domain"}
_VALUES: Final = {
    "description": "Settings and secrets of the kind, by name. A secret that is left out, or blank, stays as it is.",
    "example": {"address": "https://acme.zendesk.com", "email": "admin@acme.example", "token": "…"},
}


def _values(**more: object) -> ma.fields.Dict:
    texts = ma.fields.String(validate=ma.validate.Length(max=LONGEST_SETTING))
    return ma.fields.Dict(keys=ma.fields.String(), values=texts, metadata=_VALUES, **more)  # type: ignore[arg-type]


class SourceSettingSchema(AnswerSchema):
    """One thing that a source of a kind is told."""

    name = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    hint = ma.fields.String(required=True)
    default = ma.fields.String(required=True)
    is_secret = ma.fields.Boolean(required=True)
    is_required = ma.fields.Boolean(required=True)
    choices = ma.fields.List(ma.fields.String(), required=True)


class SourceKindSchema(AnswerSchema):
    """A kind of source."""

    name = ma.fields.String(required=True, metadata=_KIND)
    title = ma.fields.String(required=True)
    meaning = ma.fields.String(required=True)
    documentation = ma.fields.String(required=True, metadata={"description": "Of the other side, that is followed."})
    evidence = ma.fields.Enum(
        Source, by_value=True, required=True, allow_none=True, metadata={"description": "Null: a setting says so."}
    )
    settings = ma.fields.List(ma.fields.Nested(SourceSettingSchema), required=True)


class SourceKindsSchema(AnswerSchema):
    """All kinds, in the order of the alphabet."""

    data = ma.fields.List(ma.fields.Nested(SourceKindSchema), required=True)


class ScheduledSourceSchema(AnswerSchema):
    """Something that is fetched by schedule. Its secrets are told to nobody, only which are set."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.String(required=True, metadata=_KIND)
    name = ma.fields.String(required=True)
    settings = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={"description": "Addresses are cut short after the host for whom lacks `settings:write`."},
    )
    secrets = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "The names of those set."})
    every = ma.fields.Enum(Every, by_value=True, required=True)
    step = ma.fields.String(required=True, allow_none=True, metadata=_STEP)
    is_on = ma.fields.Boolean(required=True)
    failures = ma.fields.Integer(required=True, metadata={"description": "Runs in a row that failed."})
    stopped = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was turned off by itself."}
    )
    next_run = InstantField(required=True, allow_none=True)
    created = InstantField(required=True)
    revision = ma.fields.Integer(required=True)


class ScheduledSourcesSchema(AnswerSchema):
    """The scheduled sources of an environment, oldest first."""

    data = ma.fields.List(ma.fields.Nested(ScheduledSourceSchema), required=True)


class SourceWantedSchema(StrictSchema):
    """A source to make."""

    kind = ma.fields.String(required=True, metadata=_KIND)
    name = ma.fields.String(
        load_default="", validate=ma.validate.Length(max=LONGEST_NAME), metadata={"description": "Blank: its kind's."}
    )
    values = _values(required=True)
    every = ma.fields.Enum(Every, by_value=True, load_default=Every.DAILY)
    step = ma.fields.String(load_default=None, allow_none=True, metadata=_STEP)


class SourceChangeSchema(StrictSchema):
    """What is to be changed; what is left out stays as it is."""

    revision = ma.fields.Integer(required=True, metadata={"description": "That the change was made from."})
    name = ma.fields.String(validate=ma.validate.Length(max=LONGEST_NAME))
    values = _values()
    every = ma.fields.Enum(Every, by_value=True)
    step = ma.fields.String(allow_none=True, metadata=_STEP)
    is_on = ma.fields.Boolean(truthy={True}, falsy={False})


class SourceRunSchema(AnswerSchema):
    """A run of a source."""

    id = ma.fields.Integer(required=True)
    started = InstantField(required=True)
    finished = InstantField(required=True, allow_none=True)
    state = ma.fields.Enum(SourceRunState, by_value=True, required=True)
    pages = ma.fields.Integer(required=True, metadata={"description": "Answers that were read."})
    found = ma.fields.Integer(required=True, metadata={"description": "Items in them."})
    kept = ma.fields.Integer(required=True, metadata={"description": "Of those, new."})
    updated = ma.fields.Integer(required=True, metadata={"description": "Of those, that say something else now."})
    known = ma.fields.Integer(required=True, metadata={"description": "Of those, that say the same."})
    removed = ma.fields.Integer(required=True, metadata={"description": "That are gone there, and so here."})
    refused = ma.fields.Integer(required=True, metadata={"description": "That cannot be kept."})
    status = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "That ended the run."})
    error = ma.fields.String(required=True, allow_none=True, metadata={"description": "Why it failed."})
    problems = ma.fields.List(
        ma.fields.List(ma.fields.String()),
        required=True,
        metadata={"description": "The first items that cannot be kept: id and reason."},
    )


class SourceRunsSchema(AnswerSchema):
    """A page of runs, the latest first."""

    data = ma.fields.List(ma.fields.Nested(SourceRunSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "For `before`."})


class SourceRunsQuerySchema(StrictSchema, FormatSchema):
    """Which runs to list. Files hold all of the last 30 days."""

    before = ma.fields.Integer(load_default=None, validate=ma.validate.Range(min=1, max=2**53))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=500))
