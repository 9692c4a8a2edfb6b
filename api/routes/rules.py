"""The rules in force, their versions, putting others in force, and the switch that stops all guidance."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from flask import Response

from api import tables
from api.analyses import listed_in_form, page_of, rows_wanted
from api.auth import caller, needs
from api.blueprint import Blueprint
from api.limits import RULES_LIMIT, allow_body
from api.publishing import RulesRefused, version_document
from api.schemas.rules import (
    CheckedSchema,
    PublishedSchema,
    PublishedVersionLineSchema,
    PublishedVersionSchema,
    PublishedVersionsSchema,
    RollbackSchema,
    RulesCheckSchema,
    RulesFilesSchema,
    RulesSchema,
    StoppedSchema,
    VersionQuerySchema,
    VersionsQuerySchema,
)
from api.serving import serving
from engine.permissions import Scope
from engine.replies import Published, Refused

blueprint = Blueprint("rules", __name__, url_prefix="/api/v1", description="The rules of a project")


@blueprint.before_request
def _admit() -> None:
    allow_body(RULES_LIMIT)


@blueprint.route("/rules")
@needs(Scope.RULES_READ)
@blueprint.response(200, RulesSchema)
def current() -> dict[str, Any]:
    """The rules in force."""
    rules, project = serving().service.publications, caller().project_id
    active = next((one for one in rules.versions(project, limit=1)), None)
    if active is None:
        nothing = dict.fromkeys(("version", "revision", "published", "by", "note"))
        return {**nothing, "files": {}, "stopped": rules.is_stopped(project)}
    return {
        "version": active.version,
        "revision": active.revision,
        "published": active.published,
        "by": active.by,
        "note": active.note,
        "files": rules.files(project, active.version) or {},
        "stopped": rules.is_stopped(project),
    }


@blueprint.route("/rules", methods=("POST",))
@needs(Scope.RULES_WRITE)
@blueprint.arguments(RulesFilesSchema)
@blueprint.response(200, PublishedSchema)
def publish(asked: dict[str, Any]) -> Published:
    """Put rule files in force, whole or not at all.

    With an error in them nothing changes, and the problem document lists every message in `diagnostics`. With
    `expected`, nothing changes either if another version is in force than the one named.
    """
    return _published(
        serving().service.publications.publish(
            caller().project_id, asked["files"], by=caller().actor, note=asked["note"], expected=asked["expected"]
        )
    )


@blueprint.route("/rules/check", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(RulesCheckSchema)
@blueprint.response(200, CheckedSchema)
def check(asked: dict[str, Any]) -> dict[str, Any]:
    """Find everything that is wrong in rule files, beside what this project has really received. Changes nothing."""
    checked = serving().service.publications.check(caller().project_id, asked["files"])
    return {"ok": checked.ok, "diagnostics": checked.diagnostics}


@blueprint.route("/rules/versions")
@needs(Scope.RULES_READ)
@blueprint.arguments(VersionsQuerySchema, location="query")
@blueprint.response(200, PublishedVersionsSchema)
@blueprint.also_as(tables.CSV, tables.PARQUET)
def versions(asked: dict[str, Any]) -> dict[str, Any] | Response:
    """Everything that was ever published, newest first: who, when, why. Files hold all of it."""
    limit = rows_wanted(asked)
    found = serving().service.publications.versions(caller().project_id, before=asked["before"], limit=limit + 1)
    page = page_of(found, limit, number=attrgetter("version"))
    return listed_in_form(asked["format"], page["data"], PublishedVersionLineSchema, lambda: page, name="versions")


@blueprint.route("/rules/versions/<int:version>")
@needs(Scope.RULES_READ)
@blueprint.arguments(VersionQuerySchema, location="query")
@blueprint.response(200, PublishedVersionSchema)
def version(asked: dict[str, Any], version: int) -> dict[str, Any]:
    """One version: its files, and what it changed against another one, the one before it without `against`."""
    return version_document(serving().service.publications, caller().project_id, version, against=asked["against"])


@blueprint.route("/rules/rollback", methods=("POST",))
@needs(Scope.RULES_WRITE)
@blueprint.arguments(RollbackSchema)
@blueprint.response(200, PublishedSchema)
def roll_back(asked: dict[str, Any]) -> Published:
    """Put the files of an earlier version in force again. That is a new version, so nothing is lost."""
    rules, project = serving().service.publications, caller().project_id
    return _published(
        rules.roll_back(project, asked["version"], by=caller().actor, note=asked["note"], expected=asked["expected"])
    )


@blueprint.route("/rules/stopped", methods=("PUT",))
@needs(Scope.RULES_WRITE)
@blueprint.arguments(StoppedSchema)
@blueprint.response(200, StoppedSchema)
def stop(asked: dict[str, Any]) -> dict[str, bool]:
    """Stop all guidance of the project at once, or let it go on. Events are taken in as before."""
    serving().service.publications.switch(caller().project_id, is_stopped=asked["stopped"], by=caller().actor)
    return {"stopped": asked["stopped"]}


def _published(outcome: Published | Refused) -> Published:
    if isinstance(outcome, Refused):
        raise RulesRefused(outcome)
    return outcome
