"""The working draft of the rules: kept as it is typed, looked through, tried by testers, put in force."""

from __future__ import annotations

from typing import Any

from api.auth import caller, needs
from api.blueprint import Blueprint
from api.drafting import draft_audience, drafts, settle_comments
from api.limits import RULES_LIMIT, allow_body
from api.publishing import RulesRefused
from api.schemas import drafts as shapes
from api.schemas.rules import PublishedSchema
from api.serving import serving
from api.talking import names_of_members
from dsl.changes import changes_between
from engine.drafting import merged
from engine.drafts import Draft
from engine.permissions import Scope
from engine.publications import changes_between as file_changes
from engine.replies import Published, Refused

blueprint = Blueprint("drafts", __name__, url_prefix="/api/v1/rules", description="The rules that are being written")


@blueprint.before_request
def _admit() -> None:
    # A merge brings three sets of files.
    allow_body(3 * RULES_LIMIT)


@blueprint.route("/draft")
@needs(Scope.RULES_READ)
@blueprint.response(200, shapes.DraftSchema)
def draft() -> dict[str, Any]:
    """The working draft: what people of the project are writing on."""
    return _told(*drafts().of(caller().project_id))


@blueprint.route("/draft", methods=("PUT",))
@needs(Scope.RULES_DRAFT)
@blueprint.arguments(shapes.DraftSavedSchema)
@blueprint.response(200, shapes.DraftSchema)
def save(said: dict[str, Any]) -> dict[str, Any]:
    """Keep what was typed, mistakes and all. Nothing of it is in force.

    Refused with 409 where somebody changed the draft since the `revision` that you saw.
    """
    files, base, revision = said["files"], said["base"], said["revision"]
    who = caller()
    kept = drafts().save(who.project_id, files, base=base, revision=revision, by=who.actor, now=serving().clock())
    return _told(kept.revision, kept)


@blueprint.route("/draft/discard", methods=("POST",))
@needs(Scope.RULES_DRAFT)
@blueprint.arguments(shapes.DraftRevisionSchema)
@blueprint.response(200, shapes.DraftSchema)
def discard(said: dict[str, Any]) -> dict[str, Any]:
    """Throw the draft away: the next one begins with the rules in force."""
    revision = drafts().discard(caller().project_id, revision=said["revision"])
    settle_comments(caller().project_id, by=caller().actor)
    return _told(revision, None)


@blueprint.route("/draft/state", methods=("PUT",))
@needs(Scope.RULES_DRAFT)
@blueprint.arguments(shapes.DraftMarkedSchema)
@blueprint.response(200, shapes.DraftSchema)
def mark(said: dict[str, Any]) -> dict[str, Any]:
    """Ask for a review of the draft, or say that it is written on. A change of its text is writing again."""
    who, now = caller(), serving().clock()
    kept = drafts().mark(
        who.project_id, said["state"], note=said["note"], revision=said["revision"], by=who.actor, now=now
    )
    return _told(kept.revision, kept)


@blueprint.route("/draft/review")
@needs(Scope.RULES_READ)
@blueprint.response(200, shapes.DraftReviewSchema)
def review() -> dict[str, Any]:
    """What the draft changes against the rules in force, line by line and by declaration, and what is wrong in it."""
    desk, project = drafts(), caller().project_id
    found = desk.one(project)
    live, drafted = desk.checked(project)
    return {
        "revision": found.revision,
        "ok": drafted.ok,
        "changes": list(file_changes(live.sources, drafted.sources)),
        "declarations": changes_between(live, drafted),
        "diagnostics": drafted.diagnostics,
    }


@blueprint.route("/draft/audience")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(shapes.AudienceQuerySchema, location="query")
@blueprint.response(200, shapes.DraftAudienceSchema)
def audience(query: dict[str, Any]) -> dict[str, Any]:
    """Who would have seen each guide over the project's own history, under the rules in force and under the draft.

    Both are lived through, with the caps running. Nothing is published, and nobody is shown anything. A long history is
    asked for in portions of people; the sums of all portions are what the whole would say.
    """
    portion = None if query["portion"] is None else (query["portion"], query["portions"])
    return draft_audience(caller().project_id, with_simulated=query["simulated"], portion=portion)


@blueprint.route("/draft/publish", methods=("POST",))
@needs(Scope.RULES_WRITE)
@blueprint.arguments(shapes.DraftPublishedSchema)
@blueprint.response(200, PublishedSchema)
def publish(said: dict[str, Any]) -> Published:
    """Put the draft in force, whole or not at all; it is over then, and what was said of it is settled.

    Refused with 409 where the draft was changed since, or where other rules are in force than it was made from.
    """
    who = caller()
    found = _published(drafts().publish(who.project_id, revision=said["revision"], note=said["note"], by=who.actor))
    settle_comments(who.project_id, by=who.actor)
    return found


@blueprint.route("/trial", methods=("PUT",))
@needs(Scope.RULES_WRITE)
@blueprint.arguments(shapes.TrialAskedSchema)
@blueprint.response(200, shapes.TrialSchema)
def try_out(said: dict[str, Any]) -> dict[str, Any]:
    """Show what the draft changes to the people of one segment only, on the real site.

    For everybody else all stays as it is: a guide that is in force goes on beside what testers see.
    """
    who = caller()
    trial, outcome = drafts().try_out(who.project_id, said["segment"], revision=said["revision"], by=who.actor)
    published = _published(outcome)
    return {
        "version": published.version,
        "revision": published.revision,
        "changed": published.changed,
        "warnings": published.warnings,
        "surveys": published.surveys,
        "guides": trial.guides,
        "waiting": trial.waiting,
    }


@blueprint.route("/trial", methods=("DELETE",))
@needs(Scope.RULES_WRITE)
@blueprint.response(200, PublishedSchema)
def end_trial() -> Published:
    """Take away what testers see. The draft stays."""
    return _published(drafts().end_trial(caller().project_id, by=caller().actor))


@blueprint.route("/merge", methods=("POST",))
@needs(Scope.RULES_READ)
@blueprint.arguments(shapes.MergeAskedSchema)
@blueprint.response(200, shapes.MergedSchema)
def merge(said: dict[str, Any]) -> dict[str, Any]:
    """Put two changes of the same files together, line by line. Changes nothing.

    Where both changed the same lines, those of one side stand as comments below the others: nothing is lost.
    """
    found = merged(said["base"], said["ours"], said["theirs"])
    return {"files": found.files, "conflicts": found.conflicts}


def _told(revision: int, found: Draft | None) -> dict[str, Any]:
    in_force, _ = drafts().in_force(caller().project_id)
    return shapes.draft_document(revision, found, in_force, names_of_members(caller().root))


def _published(outcome: Published | Refused) -> Published:
    if isinstance(outcome, Refused):
        raise RulesRefused(outcome)
    return outcome
