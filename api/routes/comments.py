"""Comments of people of the console on what they look at."""

from __future__ import annotations

from typing import Any

from api.analyses import page_of
from api.auth import Caller, caller, needs
from api.blueprint import Blueprint
from api.problems import MissingScope
from api.schemas import comments as shapes
from api.schemas.roadmap import DeletedSchema
from api.serving import serving
from api.talking import comments_desk, kinds_for, may_speak_of, names_of_members
from engine.comments import Comment, NoSuchComment, Wanted, read_place
from engine.permissions import Scope

blueprint = Blueprint(
    "comments", __name__, url_prefix="/api/v1/comments", description="What people of the console say to each other"
)


@blueprint.route("")
@needs(Scope.RECORDS_READ)
@blueprint.arguments(shapes.CommentsAskedSchema, location="query")
@blueprint.response(200, shapes.CommentsSchema)
def comments(query: dict[str, Any]) -> dict[str, Any]:
    """Comments, the latest first, a page at a time; those on single users only for who may look people up."""
    who, limit = caller(), query.pop("limit")
    if query["place"] is not None:
        _refuse_place(who, query["place"])
    found = comments_desk().listed(who.project_id, Wanted(kinds_for(who), limit=limit + 1, **query))
    names = names_of_members(who.root)
    return page_of(found, limit, shown=lambda each: shapes.comment_document(each, names))


@blueprint.route("/open")
@needs(Scope.RECORDS_READ)
@blueprint.response(200, shapes.OpenCountsSchema)
def open_counts() -> dict[str, Any]:
    """How many comments are open at each place that has one."""
    return {"data": comments_desk().counts(caller().project_id, kinds_for(caller()))}


@blueprint.route("", methods=("POST",))
@needs(Scope.COMMENTS_WRITE)
@blueprint.arguments(shapes.CommentSaidSchema)
@blueprint.response(201, shapes.CommentSchema)
def add(said: dict[str, Any]) -> dict[str, Any]:
    """Comment on something."""
    who = caller()
    _refuse_place(who, said["place"])
    return _told(comments_desk().add(who.project_id, said["place"], said["text"], by=who.actor, now=serving().clock()))


@blueprint.route("/<int:comment_id>", methods=("PATCH",))
@needs(Scope.COMMENTS_WRITE)
@blueprint.arguments(shapes.CommentChangeSchema)
@blueprint.response(200, shapes.CommentSchema)
def change(said: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """Change the words of one's own comment, or say whether a comment is settled.

    Refused with 409 where somebody changed it since the `revision` that you saw.
    """
    who, desk, now = caller(), comments_desk(), serving().clock()
    _readable(who, comment_id)
    stamp = {"revision": said["revision"], "by": who.actor, "now": now}
    if "text" in said:
        return _told(desk.rewrite(who.project_id, comment_id, said["text"], **stamp))
    return _told(desk.settle(who.project_id, comment_id, is_resolved=said["resolved"], **stamp))


@blueprint.route("/<int:comment_id>", methods=("DELETE",))
@needs(Scope.COMMENTS_WRITE)
@blueprint.response(200, DeletedSchema)
def delete(comment_id: int) -> dict[str, Any]:
    """Delete one's own comment; those of others with `comments:delete`."""
    who = caller()
    _readable(who, comment_id)
    of_others = Scope.COMMENTS_DELETE in who.scopes
    comments_desk().delete(who.project_id, comment_id, by=who.actor, of_others=of_others, now=serving().clock())
    return {"deleted": comment_id}


def _readable(who: Caller, number: int) -> None:
    """Raises NoSuchComment for one that the caller may not read either."""
    found = comments_desk().one(who.project_id, number)
    if read_place(found.place) not in kinds_for(who):
        raise NoSuchComment(number)


def _refuse_place(who: Caller, place: str) -> None:
    if not may_speak_of(who, place):
        raise MissingScope(f"comments on single users and accounts need the scope `{Scope.PEOPLE_READ}`")


def _told(found: Comment) -> dict[str, Any]:
    return shapes.comment_document(found, names_of_members(caller().root))
