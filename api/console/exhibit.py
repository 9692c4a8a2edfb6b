"""Pages shown by a link: which may be, as whom they are drawn, and what a stranger sees of them.

A page is drawn with the selection that the link was made of and nothing from the address, for somebody who may read
figures and nothing else. It ends with its maker: whoever may not share any more shows nothing any more.
"""

from __future__ import annotations

from typing import Final

from flask import Response, g

from api.auth import Caller
from api.console.bare import bare
from api.console.desk import Audience, Desk
from api.console.drawing import draw
from api.console.registry import Page, pages
from api.serving import serving
from api.talking import sharing_desk
from dsl.values import Instant
from engine.members import SignedIn
from engine.permissions import GRANTS, Scope
from engine.shared_links import BadSharedLink, SharedLink, SharedLinkOver
from engine.staff import member_name

NOBODY: Final = SignedIn(
    user_id=0, email="", name="", has_password=False, csrf="", seen=Instant(0), expires=Instant(0), roles={}
)
"""Who looks at a page that is shown by a link."""


def shareable_page(name: str) -> Page:
    """A page that may be shown by a link. Raises BadSharedLink."""
    found = {each.name: each for each in pages() if each.shareable}
    if name not in found:
        known = ", ".join(f"`{each}`" for each in found)
        raise BadSharedLink(f"`{name[:64]}` is no page that a link may show; these are: {known}")
    return found[name]


def exhibit(token: str) -> Response:
    """The page of a link, as strangers see it. Raises SharedLinkOver."""
    current = serving()
    now = current.clock()
    link = sharing_desk().link(token, now=now)
    page = next((each for each in pages() if each.name == link.page and each.shareable), None)
    project = current.service.project(link.project_id)
    if page is None or project is None or not {page.scope, Scope.SHARES_WRITE} <= _scopes_of_maker(link, project.root):
        raise SharedLinkOver
    g.caller = Caller(project.id, project.root, frozenset({page.scope}))
    audience = Audience(with_words=link.with_words, until=link.expires)
    answer = draw(page, Desk(project, NOBODY, g.caller, dict(link.query), audience))
    if answer.mimetype != "text/html":
        raise SharedLinkOver
    answer.set_data(bare(answer.get_data(as_text=True)))
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    sharing_desk().note_opened(link, now=now)
    return answer


def _scopes_of_maker(link: SharedLink, root: int) -> frozenset[Scope]:
    """What whoever made a link may do now; nothing, once they have left."""
    service = serving().service
    kind, _, number = link.by.partition(" ")
    if kind == "key":
        key = service.tenancy.key(link.project_id, int(number))
        return key.scopes if key is not None and key.is_alive(serving().clock()) else frozenset()
    members = {member_name(each.user_id): each.role for each in service.staff.members(root)}
    return GRANTS[members[link.by]] if link.by in members else frozenset()
