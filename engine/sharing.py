"""Showing a page to people who are not signed in: links that are made, opened, listed and withdrawn.

Decides that a link shows what it was made of and nothing else, that it ends by itself, and that whoever guesses learns
nothing: of a token of 256 random bits only the hash is kept, and every link that does not work is answered alike. Which
pages may be shown is decided where pages are; whether a project shows any is a setting of its admins. Who made and
withdrew a link is in the audit log, written with it.
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import TYPE_CHECKING

from dsl.values import Instant, JsonValue
from engine.audit import Act, Action
from engine.shared_links import (
    KEPT,
    MOST_LIVING,
    BadSharedLink,
    LinkDraft,
    NewSharedLink,
    NoSuchSharedLink,
    SharedLink,
    SharedLinkOver,
    SharingOff,
    checked,
)
from engine.storage import audit, projects
from engine.storage import shared_links as kept
from engine.storage.staff import hash_of

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.ids import Entropy
    from engine.storage.store import Database


class Sharing:
    """The shared links of all projects of a database. Instants are passed in."""

    def __init__(self, database: Database, entropy: Entropy) -> None:
        self._database = database
        self._entropy = entropy

    def make(self, project_id: int, draft: LinkDraft, *, by: str, now: Instant) -> NewSharedLink:
        """A new link. Raises BadSharedLink, SharingOff."""
        ready, token = checked(draft), self._entropy(32).hex()
        with self._database.writing() as connection:
            if not _may_share(connection, project_id):
                raise SharingOff
            kept.forget_before(connection, Instant(now - KEPT))
            living = [each for each in kept.listed(connection, project_id) if not each.is_over(now)]
            if len(living) >= MOST_LIVING:
                raise BadSharedLink(f"{MOST_LIVING} links of this project are valid: withdraw some first")
            link = kept.add(connection, project_id, hash_of(token), ready, by=by, at=now)
            detail: dict[str, JsonValue] = {"page": link.page, "days": ready.days, "words": link.with_words}
            act = Act(actor=by, action=Action.LINK_SHARE, target=f"link {link.id}", detail=detail)
            audit.record(connection, project_id, act, at=now)
        return NewSharedLink(link, token)

    def listed(self, project_id: int) -> list[SharedLink]:
        """The links of a project, the latest first, also those that are over."""
        with self._database.reading() as connection:
            return kept.listed(connection, project_id)

    def withdraw(self, project_id: int, number: int, *, by: str, now: Instant) -> SharedLink:
        """End a link at once; one that is over stays as it is. Raises NoSuchSharedLink."""
        with self._database.writing() as connection:
            found = next((each for each in kept.listed(connection, project_id) if each.id == number), None)
            if found is None:
                raise NoSuchSharedLink(number)
            if found.is_over(now):
                return found
            kept.withdraw(connection, project_id, number, at=now)
            act = Act(actor=by, action=Action.LINK_WITHDRAW, target=f"link {number}")
            audit.record(connection, project_id, act, at=now)
        return replace(found, withdrawn=now)

    def link(self, token: str, *, now: Instant) -> SharedLink:
        """The link of a token. Raises SharedLinkOver."""
        wanted = hash_of(token)
        with self._database.reading() as connection:
            found = kept.by_hash(connection, wanted)
            is_on = found is not None and _may_share(connection, found[1].project_id)
        # The hash is looked up, so that the time it takes says nothing of the token; compared once more as such.
        if found is None or not hmac.compare_digest(found[0], wanted) or found[1].is_over(now) or not is_on:
            raise SharedLinkOver
        return found[1]

    def note_opened(self, link: SharedLink, *, now: Instant) -> None:
        """Count that somebody saw the page of a link."""
        with self._database.writing() as connection:
            kept.note_opened(connection, link.id, at=now)


def _may_share(connection: Connection, project_id: int) -> bool:
    project = projects.project_by_id(connection, project_id)
    return project is not None and project.shared_links
