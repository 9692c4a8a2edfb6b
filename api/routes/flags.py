"""Segments and guides, asked as flags: what the OpenFeature provider (`api.openfeature`) asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from api import tables
from api.analyses import listed_in_form
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.problems import FieldError, InvalidFields
from api.schemas.flags import (
    FlagAnswerSchema,
    FlagAskedSchema,
    FlagSchema,
    FlagsQuerySchema,
    FlagsSchema,
    PublicFlagsSchema,
    PublicFlagsWantedSchema,
)
from api.serving import serving
from engine.flags import FlagAnswer
from engine.permissions import Scope
from engine.public_flags import PublicFlags, PublicFlagsDesk

blueprint = Blueprint("flags", __name__, url_prefix="/api/v1/flags", description="Segments and guides, asked as flags")


@blueprint.route("")
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(FlagsQuerySchema, location="query")
@blueprint.response(200, FlagsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def flags(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """The segments, personas and guides in force that can be asked as flags. Files hold all of them."""
    found, revision = serving().service.flags.all(caller().project_id)
    keys = [each.key for each in found]
    limit = asked["limit"] if asked["format"] == "json" else len(keys)
    start = _behind(keys, asked["after"])
    page = found[start : start + limit]
    following = page[-1].key if start + limit < len(found) else None
    return listed_in_form(
        asked["format"],
        page,
        FlagSchema,
        lambda: {"data": page, "next": following, "revision": revision},
        name="flags",
    )


def _behind(keys: Sequence[str], after: str | None) -> int:
    if after is None:
        return 0
    if after not in keys:
        raise InvalidFields((FieldError("after", "names no flag that is in force: begin again without it"),))
    return keys.index(after) + 1


@blueprint.route("", methods=("POST",))
@needs(Scope.PEOPLE_READ)
@blueprint.arguments(FlagAskedSchema)
@blueprint.response(200, FlagAnswerSchema)
def ask(asked: dict[str, Any]) -> FlagAnswer:
    """Is the user in a segment, or would a guide be decided for them now?

    Asking changes nothing: nothing counts as shown, no place is reserved, nobody is held out, and what waits to wake
    rules goes on waiting.
    """
    return serving().service.flags.ask(caller().project_id, asked["flag"], user=asked["user"], context=asked["context"])


@blueprint.route("/public")
@needs(Scope.SETTINGS_READ)
@blueprint.response(200, PublicFlagsSchema)
def public() -> PublicFlags:
    """Which flags browsers may ask with the public key, each for its own visitor. None until somebody says so."""
    return PublicFlagsDesk(serving().service.database).of(caller().project_id)


@blueprint.route("/public", methods=("PUT",))
@needs(Scope.SETTINGS_WRITE)
@blueprint.arguments(PublicFlagsWantedSchema)
@blueprint.response(200, PublicFlagsSchema)
def choose_public(asked: dict[str, Any]) -> PublicFlags:
    """Choose which flags browsers may ask. Whoever looks at a page can then learn them of its visitor."""
    project, current = caller().project_id, serving()
    return PublicFlagsDesk(current.service.database).choose(
        project,
        asked["flags"],
        current.service.rules_now(project).project,
        revision=asked["revision"],
        by=caller().actor,
        now=current.clock(),
    )
