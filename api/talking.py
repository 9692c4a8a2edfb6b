"""How requests reach comments and shared links: what the caller may read, and what authors are called."""

from __future__ import annotations

import os

from api.auth import Caller
from api.serving import serving
from engine.commenting import Comments
from engine.comments import ABOUT_PEOPLE, PlaceKind, read_place
from engine.permissions import Scope
from engine.sharing import Sharing


def comments_desk() -> Comments:
    """The comments of all projects."""
    return Comments(serving().service.database)


def sharing_desk() -> Sharing:
    """The shared links of all projects."""
    return Sharing(serving().service.database, os.urandom)


def kinds_for(who: Caller) -> frozenset[PlaceKind]:
    """Places whose comments the caller may read."""
    return frozenset(PlaceKind) if Scope.PEOPLE_READ in who.scopes else frozenset(PlaceKind) - ABOUT_PEOPLE


def may_speak_of(who: Caller, place: str) -> bool:
    """Whether the caller may look at what a place tells of. Raises BadComment."""
    return read_place(place) in kinds_for(who)


def names_of_members(root: int) -> dict[str, str]:
    """What the members of a project are called, by how comments name them: never the whole of an address."""
    return serving().service.staff.names(root)
