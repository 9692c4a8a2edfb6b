"""Comments: what people of the console say to each other at a place of a project, until it is settled.

Decides who may change what: a comment's words only its author, whether it is settled anybody who may comment. A comment
names its author by number, so that nothing has to be erased of somebody who leaves; a comment on the answer of a user
goes when that user is erased. Every change is in the audit log, without the words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from dsl.values import Instant, JsonValue
from engine.audit import Act, Action
from engine.comments import (
    MOST_AT_A_PLACE,
    BadComment,
    Comment,
    NoSuchComment,
    NotYourComment,
    PlaceKind,
    Wanted,
    checked,
    read_place,
)
from engine.roadmap.items import StaleItem
from engine.storage import audit
from engine.storage import comments as kept

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.storage.store import Database


class Comments:
    """The comments of all projects of a database. Instants are passed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self, project_id: int, wanted: Wanted) -> list[Comment]:
        """Comments, the latest first. Raises BadComment."""
        if wanted.place is not None:
            read_place(wanted.place)
        with self._database.reading() as connection:
            return kept.listed(connection, project_id, wanted)

    def counts(self, project_id: int, kinds: Collection[PlaceKind]) -> dict[str, int]:
        """How many comments are open at each place that has one."""
        with self._database.reading() as connection:
            return kept.open_counts(connection, project_id, kinds)

    def one(self, project_id: int, number: int) -> Comment:
        """One comment. Raises NoSuchComment."""
        with self._database.reading() as connection:
            return _one(connection, project_id, number)

    def add(self, project_id: int, place: str, text: str, *, by: str, now: Instant) -> Comment:
        """Say something at a place. Raises BadComment."""
        kind, words = read_place(place), checked(text)
        with self._database.writing() as connection:
            if kept.number_at(connection, project_id, place) >= MOST_AT_A_PLACE:
                raise BadComment(f"there are {MOST_AT_A_PLACE} comments at this place: delete some that are settled")
            person = None
            if kind is PlaceKind.RESPONSE:
                person = kept.answerer(connection, project_id, place.partition(":")[2])
                if person is None:
                    raise BadComment("there is no such answer in this project, so that nothing can be said of it")
            elif kind is PlaceKind.EVIDENCE:
                person = kept.speaker(connection, project_id, int(place.partition(":")[2]))
            made = kept.add(connection, project_id, place, words, person=person, by=by, at=now)
            _note(connection, project_id, made, Action.COMMENT_ADD, by, now)
        return made

    def rewrite(self, project_id: int, number: int, text: str, *, revision: int, by: str, now: Instant) -> Comment:
        """Change the words of one's own comment. Raises BadComment, NoSuchComment, NotYourComment, StaleItem."""
        words = checked(text)

        def change(found: Comment) -> Comment:
            if found.by != by:
                raise NotYourComment("only whoever wrote a comment changes its words; answer with one of your own")
            return replace(found, text=words, edited=now)

        return self._change(project_id, number, change, Action.COMMENT_CHANGE, revision=revision, by=by, now=now)

    def settle(
        self, project_id: int, number: int, *, is_resolved: bool, revision: int, by: str, now: Instant
    ) -> Comment:
        """Say that a comment is settled, or open it again. Raises NoSuchComment, StaleItem."""

        def change(found: Comment) -> Comment:
            if is_resolved is (found.resolved is not None):
                return found
            return replace(found, resolved=now if is_resolved else None, resolved_by=by if is_resolved else None)

        action = Action.COMMENT_RESOLVE if is_resolved else Action.COMMENT_REOPEN
        return self._change(project_id, number, change, action, revision=revision, by=by, now=now)

    def delete(self, project_id: int, number: int, *, by: str, of_others: bool, now: Instant) -> Comment:
        """Delete a comment. of_others: one may delete those of others too. Raises NoSuchComment, NotYourComment."""
        with self._database.writing() as connection:
            found = _one(connection, project_id, number)
            if found.by != by and not of_others:
                raise NotYourComment("a comment is deleted by whoever wrote it, or by an admin")
            kept.delete(connection, project_id, number)
            _note(connection, project_id, found, Action.COMMENT_DELETE, by, now)
        return found

    def _change(
        self,
        project_id: int,
        number: int,
        change: Callable[[Comment], Comment],
        action: Action,
        *,
        revision: int,
        by: str,
        now: Instant,
    ) -> Comment:
        with self._database.writing() as connection:
            found = _one(connection, project_id, number)
            if found.revision != revision:
                raise StaleItem(f"comment {number}", given=revision, current=found.revision, by="somebody")
            changed = change(found)
            if changed == found:
                return found
            changed = replace(changed, revision=found.revision + 1)
            if not kept.change(connection, project_id, changed):
                raise StaleItem(f"comment {number}", given=revision, current=changed.revision, by="somebody")
            _note(connection, project_id, found, action, by, now)
        return changed


def _one(connection: Connection, project_id: int, number: int) -> Comment:
    found = kept.one(connection, project_id, number)
    if found is None:
        raise NoSuchComment(number)
    return found


def _note(connection: Connection, project_id: int, comment: Comment, action: Action, by: str, now: Instant) -> None:
    # A place may hold the name of an account, or of an answer: the log holds only of what kind it is.
    detail: dict[str, JsonValue] = {"place": comment.place.partition(":")[0]}
    act = Act(actor=by, action=action, target=f"comment {comment.id}", detail=detail)
    audit.record(connection, project_id, act, at=now)
