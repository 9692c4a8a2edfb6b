"""Links that show one page of the console, read-only, to whoever has them."""

from __future__ import annotations

from typing import Any

from flask import request

from api.auth import caller, needs
from api.blueprint import Blueprint
from api.console.exhibit import shareable_page
from api.links import shared_link
from api.problems import MissingScope
from api.schemas.shared_links import (
    NewSharedLinkSchema,
    SharedLinkSchema,
    SharedLinksSchema,
    SharedLinkWantedSchema,
    link_document,
)
from api.serving import serving
from api.talking import sharing_desk
from engine.permissions import Scope
from engine.shared_links import LinkDraft

blueprint = Blueprint(
    "shared_links", __name__, url_prefix="/api/v1/shared-links", description="Pages shown to others by a link"
)


@blueprint.route("")
@needs(Scope.SHARES_WRITE)
@blueprint.response(200, SharedLinksSchema)
def shared_links() -> dict[str, Any]:
    """The links of the project, the latest first; those that are over too, for a year."""
    now = serving().clock()
    return {"data": [link_document(each, now) for each in sharing_desk().listed(caller().project_id)]}


@blueprint.route("", methods=("POST",))
@needs(Scope.SHARES_WRITE)
@blueprint.arguments(SharedLinkWantedSchema)
@blueprint.response(201, NewSharedLinkSchema)
def share(said: dict[str, Any]) -> dict[str, Any]:
    """Make a link that shows one page with one selection, without signing in, until it expires or is withdrawn.

    It ends with its maker too: when they leave the project or may not share any more.
    """
    who, current = caller(), serving()
    scope = shareable_page(said["page"]).scope
    if scope not in who.scopes:
        raise MissingScope(f"whoever shares this page must be allowed to see it: it needs the scope `{scope}`")
    now = current.clock()
    draft = LinkDraft(
        page=said["page"], query=said["query"], note=said["note"], with_words=said["words"], days=said["days"]
    )
    made = sharing_desk().make(who.project_id, draft, by=who.actor, now=now)
    return {
        **link_document(made.link, now),
        "url": shared_link(current.settings.public_url or request.url_root, made.token),
    }


@blueprint.route("/<int:link_id>", methods=("DELETE",))
@needs(Scope.SHARES_WRITE)
@blueprint.response(200, SharedLinkSchema)
def withdraw(link_id: int) -> dict[str, Any]:
    """End a link at once."""
    who, now = caller(), serving().clock()
    return link_document(sharing_desk().withdraw(who.project_id, link_id, by=who.actor, now=now), now)
