"""What people may ask for: all that is known of them, to be forgotten, and that nothing is kept longer than said.

An erasure is durable in the database first; then the files that are made from it are rewritten. What was cut off in
between is noted, and done by the next `finish`, or by asking for the same erasure again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import orjson

from dsl.values import DAY, Duration, Instant, JsonValue
from engine.audit import COMMAND_LINE, Act, Action
from engine.errors import UnknownProject, WaypostError
from engine.ids import Entropy
from engine.roster import state_now
from engine.rulebook import Rulebook
from engine.storage import accounts, audit, copies, erasure, identity, personal, retention
from engine.storage.copies import Copy, CopyKind
from engine.storage.identity import Id, IdKind
from engine.storage.lake import Lake
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Result = TypeVar("Result")

LONGEST_RETENTION: Final = 36_500
"""Days; a hundred years."""

_log = logging.getLogger("waypost.privacy")


class BadRetention(WaypostError):
    """Events cannot be kept for so many days."""

    code = "bad_retention"

    def __init__(self, days: int) -> None:
        super().__init__(f"events can be kept for 1 to {LONGEST_RETENTION:,} days, not {days:,}")


@dataclass(frozen=True, slots=True)
class PersonExport:
    """Everything that is kept of one person. records: rows of every table about them, by the table's name."""

    user_id: str | None
    anonymous_ids: tuple[str, ...]
    first_id: str
    created: Instant
    exported: Instant
    state: JsonValue
    account_id: str | None
    account: dict[str, JsonValue]
    events: list[dict[str, JsonValue]]
    records: dict[str, list[dict[str, JsonValue]]]


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did.

    rows: removed, by table. files: rewritten. is_finished: False while files still wait to be rewritten. copies: those
    that were made while the person was known, and hold them still; removing them is up to who made them.
    """

    at: Instant
    rows: dict[str, int]
    files: int
    is_finished: bool
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class Retained:
    """What a project's retention removed. cut: events before it are gone; None where all are kept."""

    cut: Instant | None
    people: int = 0
    events: int = 0
    days_of_lake: int = 0


class Privacy:
    """Exports, erases and forgets. lakes: the folder of all lakes; None where this process has none."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        rulebook: Rulebook,
        *,
        clock: Callable[[], Instant],
        entropy: Entropy,
        lakes: Path | None,
    ) -> None:
        self._database = database
        self._writer = writer
        self._rulebook = rulebook
        self._clock = clock
        self._entropy = entropy
        self._lakes = lakes

    def export(self, project_id: int, person_id: str, *, by: str = COMMAND_LINE) -> PersonExport | None:
        """Everything that is kept of the person of a user id or an anonymous id; None for an id that was never seen.

        That it was exported is recorded. Raises UnknownProject, engine.errors.StorageUnavailable.
        """
        now = self._clock()
        with self._database.reading() as connection:
            found = self._export(connection, project_id, person_id, now)
        if found is None:
            return None
        number, document = found
        act = Act(actor=by, action=Action.PERSON_EXPORT, target=f"person {number}")
        self._change(lambda connection: audit.record(connection, project_id, act, at=now))
        return document

    def erase(self, project_id: int, person_id: str, *, by: str = COMMAND_LINE) -> Erased | None:
        """Forget the person of a user id or an anonymous id, for good; None for an id that was never seen.

        Of somebody who was erased before, what is left to do is done, and the copies are told again.
        """
        now, ids = self._clock(), _ids(project_id, person_id)
        salt = self._entropy(32).hex()

        def forget(connection: Connection) -> erasure.Removed | None:
            own_salt = erasure.salt_of(connection, project_id, salt)
            removed = erasure.erase(connection, project_id, ids, salt=own_salt, at=now)
            if removed is not None:
                detail: dict[str, JsonValue] = {"rows": dict(removed.rows)}
                act = Act(actor=by, action=Action.PERSON_ERASE, target=f"person {removed.person}", detail=detail)
                audit.record(connection, project_id, act, at=now)
            return removed

        if not all(identity.is_id(value) for _, _, value in ids):
            return None
        with self._database.reading() as connection:
            is_known = bool(identity.find_ids(connection, ids))
        removed = self._change(forget) if is_known else None
        if removed is not None:
            first_seen, at, hashes = removed.first_seen, now, sorted(removed.hashes)
        else:
            with self._database.reading() as connection:
                before = erasure.erased_before(connection, project_id, ids)
            if before is None:
                return None
            first_seen, at, hashes = before[0], before[1], [before[2]]
        self._database.tidy()
        files = self.finish(project_id)
        with self._database.reading() as connection:
            waits = bool(erasure.unfinished(connection, project_id))
            held = copies.holding(connection, project_id, first_seen=first_seen, erased=at, hashes=hashes)
        rows = {} if removed is None else removed.rows
        return Erased(at, rows, files, is_finished=not waits, copies=held)

    def finish(self, project_id: int | None = None) -> int:
        """Rewrite the files that still hold somebody who was erased; how many were.

        For one project, or for all. What cannot be rewritten now is reported, and left for the next time.
        """
        with self._database.reading() as connection:
            waiting = erasure.unfinished(connection, project_id)
        files = 0
        for project in sorted({each.project_id for each in waiting}):
            own = [each for each in waiting if each.project_id == project]
            try:
                files += self._rewrite_lake(project, own)
            except OSError as error:
                _log.error("the lake of project %s still holds people who were erased: %s", project, error)
                continue
            numbers, now = [each.id for each in own], self._clock()
            self._change(partial(erasure.finish, erasures=numbers, at=now))
        return files

    def record_copy(
        self, kind: CopyKind, path: str, *, project_id: int | None = None, since: Instant | None = None
    ) -> int:
        """Note that a copy of the data was made, now; see `engine.storage.copies.record`. Its number."""
        now = self._clock()
        return self._change(
            lambda connection: copies.record(connection, kind, path, made=now, project_id=project_id, since=since)
        )

    def record_person_export(self, project_id: int, person_id: str, path: str) -> int:
        """Note that what is known of one person was written to a file."""
        now, salt = self._clock(), self._entropy(32).hex()

        def note(connection: Connection) -> int:
            mark = _mark(connection, project_id, person_id, salt)
            return copies.record(connection, CopyKind.PERSON_EXPORT, path, made=now, project_id=project_id, person=mark)

        return self._change(note)

    def record_events_export(
        self, project_id: int, form: str, *, path: str | None, people: Sequence[str] = (), by: str = COMMAND_LINE
    ) -> int | None:
        """Note that events are about to be exported; the number of the copy, None without a file.

        To be told before the events are read: an erasure in the meantime then knows of the file. path: of the file;
        None where nobody knows what becomes of it. people: by id, whose events; nobody for everybody's.
        """
        now, salt = self._clock(), self._entropy(32).hex()
        detail: dict[str, JsonValue] = {"form": form} | ({"people": len(people)} if people else {})
        act = Act(actor=by, action=Action.EVENTS_EXPORT, target="events", detail=detail)

        def note(connection: Connection) -> int | None:
            audit.record(connection, project_id, act, at=now)
            if path is None:
                return None
            mark = _mark(connection, project_id, people[0], salt) if len(people) == 1 else None
            kind = CopyKind.EXPORT if mark is None else CopyKind.PERSON_EXPORT
            return copies.record(connection, kind, path, made=now, project_id=project_id, person=mark)

        return self._change(note)

    def remove_copy(self, copy_id: int) -> bool:
        """Note that a copy is gone; False when there is no such copy that was not removed before."""
        now = self._clock()
        return self._change(lambda connection: copies.remove(connection, copy_id, at=now))

    def copies(self, project_id: int) -> tuple[Copy, ...]:
        """The copies that hold data of a project, the latest first, removed ones too."""
        with self._database.reading() as connection:
            return copies.of_project(connection, project_id)

    def retention_days(self, project_id: int) -> int | None:
        """For how many days a project keeps events; None for all."""
        with self._database.reading() as connection:
            return retention.days_of(connection, project_id)

    def set_retention(self, project_id: int, days: int | None, *, by: str = COMMAND_LINE) -> None:
        """Keep events for so many days; None: all. Nothing is removed before the next `retain`. Raises BadRetention."""
        if days is not None and not 1 <= days <= LONGEST_RETENTION:
            raise BadRetention(days)
        now, salt = self._clock(), self._entropy(32).hex()

        def change(connection: Connection) -> None:
            retention.set_days(connection, project_id, days, salt=salt)
            act = Act(actor=by, action=Action.RETENTION_CHANGE, target="retention", detail={"days": days})
            audit.record(connection, project_id, act, at=now)

        self._change(change)

    def retain(
        self,
        project_id: int,
        now: Instant,
        *,
        part: int = retention.PART,
        progress: Callable[[int], None] | None = None,
    ) -> Retained:
        """Remove the events that a project keeps no longer, each person's after folding it into their snapshot.

        Whole days, in UTC. In small parts, so that what is live never waits long; cut off in the middle, the next
        time goes on. Records, answers and exposures stay. part: people in one transaction. progress: hears how many
        people were looked at.
        """
        days = self.retention_days(project_id)
        if days is None:
            return Retained(None)
        cut = Instant((now - Duration(days * DAY)) // DAY * DAY)
        after = people = events = looked_at = 0
        while True:
            done = self._writer.write(self._retain_part, (project_id, after, cut, part), weight=part)
            people, events = people + done.people, events + done.events
            if done.last is None:
                break
            after, looked_at = done.last, looked_at + part
            if progress is not None:
                progress(looked_at)
        lake = self._lake(project_id)
        return Retained(cut, people, events, 0 if lake is None else lake.forget_before(cut))

    def _retain_part(
        self, transaction: Transaction, requests: Sequence[tuple[int, int, Instant, int]]
    ) -> list[retention.Part]:
        found: list[retention.Part] = []
        for project_id, after, cut, limit in requests:
            try:
                plan = self._rulebook.of(transaction.connection, project_id).ruleset.plan
            except UnknownProject:
                found.append(retention.Part(None, 0, 0))
            else:
                found.append(
                    retention.retain_part(transaction.connection, project_id, plan, after=after, cut=cut, limit=limit)
                )
        return found

    def _export(
        self, connection: Connection, project_id: int, person_id: str, now: Instant
    ) -> tuple[int, PersonExport] | None:
        person = identity.find_person(connection, project_id, person_id, None) or identity.find_person(
            connection, project_id, None, person_id
        )
        if person is None:
            return None
        plan = self._rulebook.of(connection, project_id).ruleset.plan
        state = state_now(connection, plan, person.id)
        numbers = identity.aliases(connection, person.id)
        account = state.account_id
        told = {} if account is None else accounts.load(connection, project_id, [account])
        return person.id, PersonExport(
            user_id=person.user_id,
            anonymous_ids=tuple(identity.anonymous_ids(connection, person.id)),
            first_id=person.first_id,
            created=Instant(person.created),
            exported=now,
            state=orjson.loads(state.to_json()),
            account_id=account,
            account=told[account].traits if account is not None and account in told else {},
            events=personal.events_of_person(connection, numbers),
            records=personal.rows_of_person(connection, numbers),
        )

    def _rewrite_lake(self, project_id: int, waiting: Sequence[erasure.Unfinished]) -> int:
        lake = self._lake(project_id)
        if lake is None:
            return 0
        people = {number for each in waiting for number in each.people}
        with self._database.reading() as connection:
            return lake.forget(connection, project_id, people)

    def _lake(self, project_id: int) -> Lake | None:
        return None if self._lakes is None else Lake.of_project(self._lakes, project_id)

    def _change(self, change: Callable[[Connection], Result]) -> Result:
        def run(transaction: Transaction, _: Sequence[None]) -> list[Result]:
            return [change(transaction.connection)]

        return self._writer.write(run, None)


def _ids(project_id: int, text: str) -> list[Id]:
    """Whom a text may name: a user, else a visitor."""
    return [(project_id, IdKind.USER, text), (project_id, IdKind.ANONYMOUS, text)]


def _mark(connection: Connection, project_id: int, person_id: str, salt: str) -> str:
    """By what a copy is known to be about one person. salt: for a project that has none yet."""
    own_salt = erasure.salt_of(connection, project_id, salt)
    owners = identity.find_ids(connection, _ids(project_id, person_id))
    _, kind, value = next(iter(owners), _ids(project_id, person_id)[0])
    return erasure.hash_of_id(own_salt, kind, value)
