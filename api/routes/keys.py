"""The keys of a project's environment."""

from __future__ import annotations

from typing import Any

from flask import Response

from api import tables
from api.analyses import listed_in_form
from api.auth import caller, needs, refuse_beyond
from api.blueprint import Blueprint
from api.problems import FieldError, InvalidFields
from api.schemas.access import KeySchema, KeysSchema, KeyWantedSchema, NewKeySchema, RotateSchema
from api.schemas.fields import FileFormSchema
from api.serving import serving
from dsl.values import SECOND, Duration
from engine.permissions import Scope
from engine.replies import KeyKind, KeyView, NewKey
from engine.tenancy import NoSuchKey

blueprint = Blueprint("keys", __name__, url_prefix="/api/v1/keys", description="Keys of pages and servers")


@blueprint.route("")
@needs(Scope.KEYS_READ)
@blueprint.arguments(FileFormSchema, location="query")
@blueprint.response(200, KeysSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def keys(query: dict[str, Any]) -> dict[str, Any] | Response:
    """All keys of the environment, withdrawn ones too."""
    found = [_line(view) for view in serving().service.keys(caller().project_id)]
    return listed_in_form(query["format"], found, KeySchema, name="keys")


@blueprint.route("", methods=("POST",))
@needs(Scope.KEYS_WRITE)
@blueprint.arguments(KeyWantedSchema)
@blueprint.response(201, NewKeySchema)
def create(asked: dict[str, Any]) -> dict[str, Any]:
    """Make a key.

    It may do no more than who makes it.
    """
    kind, scopes = asked["kind"], asked["scopes"]
    if kind is KeyKind.PUBLIC and scopes is not None:
        raise InvalidFields((FieldError("scopes", "a public key has none to choose: it sends events"),))
    expires, current = asked["expires"], serving()
    if expires is not None and expires <= current.clock():
        raise InvalidFields((FieldError("expires", "must lie ahead"),))
    given = caller().scopes if scopes is None else frozenset(scopes)
    if kind is KeyKind.SECRET:
        refuse_beyond(given)
    made = current.service.tenancy.create_key(
        caller().project_id, kind, name=asked["name"], scopes=given, expires=expires, actor=caller().actor
    )
    return _new(made)


@blueprint.route("/<int:key_id>/rotate", methods=("POST",))
@needs(Scope.KEYS_WRITE)
@blueprint.arguments(RotateSchema)
@blueprint.response(201, NewKeySchema)
def rotate(asked: dict[str, Any], key_id: int) -> dict[str, Any]:
    """Make a key in place of another one.

    Both work until the grace is over; a third one is refused until then.
    """
    tenancy, project = serving().service.tenancy, caller().project_id
    old = tenancy.key(project, key_id)
    if old is None:
        raise NoSuchKey(key_id)
    if old.kind is KeyKind.SECRET:
        refuse_beyond(old.scopes)
    grace = Duration(asked["grace"] * SECOND)
    return _new(tenancy.rotate_key(project, key_id, grace=grace, actor=caller().actor))


@blueprint.route("/<int:key_id>", methods=("DELETE",))
@needs(Scope.KEYS_WRITE)
@blueprint.response(200, KeySchema)
def revoke(key_id: int) -> dict[str, Any]:
    """Withdraw a key for good."""
    tenancy, project = serving().service.tenancy, caller().project_id
    if not tenancy.revoke_key(project, key_id, actor=caller().actor):
        raise NoSuchKey(key_id)
    view = tenancy.key(project, key_id)
    if view is None:
        raise NoSuchKey(key_id)
    return _line(view)


def _new(made: NewKey) -> dict[str, Any]:
    return _line(made.view) | {"key": made.text}


def _line(view: KeyView) -> dict[str, Any]:
    return {
        "id": view.id,
        "kind": view.kind,
        "environment": view.environment,
        "name": view.name,
        "shown": view.shown,
        "scopes": sorted(view.scopes),
        "created": view.created,
        "expires": view.expires,
        "last_used": view.last_used,
        "replaced_by": view.replaced_by,
        "revoked": view.revoked,
    }
