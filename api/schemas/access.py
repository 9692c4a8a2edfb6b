"""The shapes of who may do what: keys, projects, signing secrets, the audit log."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.config import read_origin, read_zone
from api.schemas.fields import AnswerSchema, InstantField, StrictSchema, ValueField
from api.schemas.why import MomentField
from engine.audit import Action
from engine.environments import Environment
from engine.permissions import Role, Scope
from engine.replies import KeyKind

_NAME: Final = ma.validate.Length(max=255)
_TIME: Final = {"type": "string", "format": "date-time"}
_LONGEST_GRACE: Final = 90 * 24 * 3600


def _origin(text: str) -> None:
    try:
        read_origin(text)
    except ValueError as error:
        raise ma.ValidationError(str(error)) from None


def _zone(text: str) -> None:
    try:
        read_zone(text)
    except ValueError as error:
        raise ma.ValidationError(str(error)) from None


class KeySchema(AnswerSchema):
    """A key as lists show it: of a secret one only the first letters."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.Enum(KeyKind, by_value=True, required=True)
    environment = ma.fields.Enum(Environment, by_value=True, required=True)
    name = ma.fields.String(required=True)
    shown = ma.fields.String(required=True, metadata={"example": "wp_sec_abcd…"})
    scopes = ma.fields.List(ma.fields.Enum(Scope, by_value=True), required=True)
    created = InstantField(required=True)
    expires = InstantField(required=True, allow_none=True)
    last_used = InstantField(required=True, allow_none=True, metadata={"description": "To the minute."})
    replaced_by = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "The key that was made to take its place."}
    )
    revoked = InstantField(required=True, allow_none=True)


class KeysSchema(AnswerSchema):
    """The keys of an environment, oldest first, withdrawn ones too."""

    data = ma.fields.List(ma.fields.Nested(KeySchema), required=True)


class NewKeySchema(KeySchema):
    """A key just made."""

    key = ma.fields.String(required=True, metadata={"description": "The key itself; a secret one is seen only now."})


class KeyWantedSchema(StrictSchema):
    """A key to make."""

    kind = ma.fields.Enum(KeyKind, by_value=True, required=True)
    name = ma.fields.String(load_default="", validate=_NAME, metadata={"description": "What it is for."})
    scopes = ma.fields.List(
        ma.fields.Enum(Scope, by_value=True),
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(min=1),
        metadata={"description": "What a secret key may do; without them all that the caller may."},
    )
    expires = MomentField(
        load_default=None, metadata={**_TIME, "description": "From when on it is no key any more; without it, never."}
    )


class RotateSchema(StrictSchema):
    """How a key is to be replaced."""

    grace = ma.fields.Integer(
        load_default=7 * 24 * 3600,
        strict=True,
        validate=ma.validate.Range(min=0, max=_LONGEST_GRACE),
        metadata={"description": "Seconds for which the old one goes on working."},
    )


class ProjectSchema(AnswerSchema):
    """A project in one environment, and its settings."""

    project = ma.fields.String(required=True, metadata={"example": "shop"})
    environment = ma.fields.Enum(Environment, by_value=True, required=True)
    name = ma.fields.String(required=True)
    zone = ma.fields.String(required=True)
    allowed_origins = ma.fields.List(ma.fields.String(), required=True)
    signed_users = ma.fields.Boolean(
        required=True,
        metadata={"description": "Whether what pages say of a known user counts only with a signed token."},
    )
    shared_links = ma.fields.Boolean(
        required=True,
        metadata={"description": "Whether pages may be shown by links to people who are not signed in."},
    )


class ProjectChangeSchema(StrictSchema):
    """Settings to change; those left out stay as they are."""

    name = ma.fields.String(validate=ma.validate.Length(min=1, max=255))
    allowed_origins = ma.fields.List(ma.fields.String(validate=_origin), validate=ma.validate.Length(max=200))
    signed_users = ma.fields.Boolean(truthy={True}, falsy={False})
    shared_links = ma.fields.Boolean(
        truthy={True},
        falsy={False},
        metadata={
            "description": "False: no link shows anything, and none is made. Links that last go on once it is true."
        },
    )


class SigningSecretSchema(AnswerSchema):
    """A secret that the customer's server signs users' ids with."""

    id = ma.fields.Integer(required=True)
    shown = ma.fields.String(required=True, metadata={"description": "Its first letters."})
    created = InstantField(required=True)
    expires = InstantField(required=True, allow_none=True)


class NewSigningSecretSchema(SigningSecretSchema):
    """A signing secret just made."""

    secret = ma.fields.String(required=True, metadata={"description": "The secret itself, seen only now."})


class ShareSchema(AnswerSchema):
    """How much of the last days' traffic for known users was signed."""

    days = ma.fields.Integer(required=True)
    signed = ma.fields.Integer(required=True)
    unsigned = ma.fields.Integer(required=True, metadata={"description": "No token came along."})
    invalid = ma.fields.Integer(
        required=True, metadata={"description": "A token that is broken, over, or for somebody else."}
    )
    share = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "Signed of all, 0 to 1; null without any."}
    )


class SigningSchema(AnswerSchema):
    """How a project knows that a page's user is who the page says."""

    required_of_pages = ma.fields.Boolean(
        required=True, metadata={"description": "`signed_users` of the project: without a token, it is refused."}
    )
    secrets = ma.fields.List(ma.fields.Nested(SigningSecretSchema), required=True)
    traffic = ma.fields.Nested(ShareSchema, required=True)


class DaysSchema(StrictSchema):
    """How far to look back."""

    days = ma.fields.Integer(load_default=7, validate=ma.validate.Range(min=1, max=90))


class ProjectWantedSchema(StrictSchema):
    """A project to make."""

    project = ma.fields.String(required=True, metadata={"example": "shop"})
    name = ma.fields.String(load_default="", validate=_NAME, metadata={"description": "What people call it."})
    zone = ma.fields.String(
        load_default="UTC", validate=_zone, metadata={"description": "The time zone of its days.", "example": "UTC"}
    )
    allowed_origins = ma.fields.List(
        ma.fields.String(validate=_origin), load_default=list, validate=ma.validate.Length(max=200)
    )


class EnvironmentWantedSchema(StrictSchema):
    """An environment to make; it takes over name and time zone of the project."""

    environment = ma.fields.Enum(Environment, by_value=True, required=True)


class OwnProjectSchema(ProjectSchema):
    """A project that the person belongs to, in one environment."""

    role = ma.fields.Enum(Role, by_value=True, required=True)


class OwnProjectsSchema(AnswerSchema):
    """The projects that the person belongs to, each environment apart."""

    data = ma.fields.List(ma.fields.Nested(OwnProjectSchema), required=True)


class AuditEntrySchema(AnswerSchema):
    """An administrative act. It names people, keys and users by number only."""

    seq = ma.fields.Integer(required=True, metadata={"description": "Counts up from 1 in each environment."})
    time = InstantField(required=True)
    actor = ma.fields.String(required=True, metadata={"example": "member 3"})
    action = ma.fields.String(required=True, validate=ma.validate.OneOf([action.value for action in Action]))
    target = ma.fields.String(required=True, metadata={"example": "key 8"})
    detail = ma.fields.Dict(keys=ma.fields.String(), values=ValueField(allow_none=True), required=True)
    previous = ma.fields.String(required=True, metadata={"description": "The hash of the entry before."})
    hash = ma.fields.String(required=True)


class AuditPageSchema(AnswerSchema):
    """A page of the log, newest first; `next` is null on the last one."""

    data = ma.fields.List(ma.fields.Nested(AuditEntrySchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "For `before`."})


class AuditQuerySchema(StrictSchema):
    """Which entries to list."""

    before = ma.fields.Integer(
        load_default=None,
        validate=ma.validate.Range(min=1),
        metadata={"description": "`next` of a page."},
    )
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=500))
    action = ma.fields.Enum(
        Action, by_value=True, load_default=None, metadata={"description": "Only acts of this kind."}
    )
    actor = ma.fields.String(load_default=None, metadata={"description": "Only of this actor, such as `member 3`."})
    since = MomentField(load_default=None, metadata={**_TIME, "description": "Only from then on."})
    until = MomentField(load_default=None, metadata={**_TIME, "description": "Only before then."})
    format = ma.fields.String(
        load_default="json",
        validate=ma.validate.OneOf(["json", "csv", "parquet"]),
        metadata={"description": "A file has all entries that are asked for, not a page."},
    )


class AuditVerdictSchema(AnswerSchema):
    """What came of working every hash out again."""

    ok = ma.fields.Boolean(required=True)
    entries = ma.fields.Integer(required=True, metadata={"description": "How many fit, from the first on."})
    head = ma.fields.String(required=True, metadata={"description": "The hash of the last of them: note it elsewhere."})
    broken_at = ma.fields.Integer(required=True, allow_none=True)
    why = ma.fields.String(required=True)
