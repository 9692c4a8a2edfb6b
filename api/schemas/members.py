"""The shapes of people of the console: who is signed in, members, invitations."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from engine.environments import Environment
from engine.members import LinkKind
from engine.permissions import Role, Scope

_ADDRESS: Final = ma.validate.Length(min=3, max=255)
# What is longer is refused before any work is done on it; how long one must be is said by the engine.
_PASSWORD: Final = ma.validate.Length(min=1, max=1_000)
_NAME: Final = ma.validate.Length(max=100)


class LoginSchema(StrictSchema):
    """Somebody who wants to sign in."""

    email = ma.fields.String(required=True, validate=_ADDRESS)
    password = ma.fields.String(required=True, validate=_PASSWORD)


class MineSchema(AnswerSchema):
    """A project of the signed-in person."""

    project = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    role = ma.fields.Enum(Role, by_value=True, required=True)
    scopes = ma.fields.List(ma.fields.Enum(Scope, by_value=True), required=True)
    environments = ma.fields.List(ma.fields.Enum(Environment, by_value=True), required=True)


class MeSchema(AnswerSchema):
    """Who is signed in."""

    id = ma.fields.Integer(required=True)
    email = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    has_password = ma.fields.Boolean(
        required=True, metadata={"description": "False for people who sign in at the identity provider only."}
    )
    csrf = ma.fields.String(
        required=True, metadata={"description": "To be sent in `X-CSRF-Token` with everything that changes something."}
    )
    expires = InstantField(required=True, metadata={"description": "When the session ends in any case."})
    projects = ma.fields.List(ma.fields.Nested(MineSchema), required=True)


class SignedOutSchema(AnswerSchema):
    """Nobody is signed in any more."""

    ended = ma.fields.Integer(required=True, metadata={"description": "How many sessions ended."})


class SignOutSchema(StrictSchema):
    """Where to sign out."""

    everywhere = ma.fields.Boolean(
        load_default=False, metadata={"description": "In all browsers, not only in this one."}
    )


class PasswordSchema(StrictSchema):
    """A new password, from somebody who knows the old one."""

    old = ma.fields.String(required=True, validate=_PASSWORD)
    new = ma.fields.String(required=True, validate=_PASSWORD)


class MemberSchema(AnswerSchema):
    """Somebody who may use the console of the project."""

    id = ma.fields.Integer(required=True, attribute="user_id")
    email = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    role = ma.fields.Enum(Role, by_value=True, required=True)
    since = InstantField(required=True)
    last_login = InstantField(required=True, allow_none=True)


class MembersSchema(AnswerSchema):
    """The members of the project, in the order of joining."""

    data = ma.fields.List(ma.fields.Nested(MemberSchema), required=True)


class RoleSchema(StrictSchema):
    """Another role."""

    role = ma.fields.Enum(Role, by_value=True, required=True)


class InviteSchema(AnswerSchema):
    """A link that works once."""

    id = ma.fields.Integer(required=True)
    kind = ma.fields.Enum(LinkKind, by_value=True, required=True)
    email = ma.fields.String(required=True)
    role = ma.fields.Enum(Role, by_value=True, required=True, allow_none=True)
    created = InstantField(required=True)
    expires = InstantField(required=True)
    by = ma.fields.String(required=True)


class InvitesSchema(AnswerSchema):
    """The links that still work, oldest first."""

    data = ma.fields.List(ma.fields.Nested(InviteSchema), required=True)


class NewInviteSchema(InviteSchema):
    """A link just made. No mail is sent: hand it on."""

    link = ma.fields.String(required=True, metadata={"description": "The link itself, seen only now."})
    token = ma.fields.String(required=True, metadata={"description": "What the link ends with."})


class InviteWantedSchema(StrictSchema):
    """Somebody to invite."""

    email = ma.fields.String(required=True, validate=_ADDRESS)
    role = ma.fields.Enum(Role, by_value=True, required=True)


class AcceptSchema(StrictSchema):
    """Somebody who follows a link: to join, or to choose a new password."""

    token = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=200))
    password = ma.fields.String(
        required=True,
        validate=_PASSWORD,
        metadata={"description": "A new one; for somebody who is a member of another project, the one they have."},
    )
    name = ma.fields.String(load_default="", validate=_NAME)
