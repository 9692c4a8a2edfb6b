"""From well-formed events to what is stored: one transaction that files, appends, folds, decides and remembers.

Runs in the writer only, for one group of requests at a time: all their events are appended and folded first, in
history order, then each request that asks for guidance is decided once. What is folded is decided in `engine.state`,
who may see what in `engine.decisions`; this module only brings them together with the tables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from dsl.project import RuleProject
from dsl.values import Instant, JsonValue
from engine.events import GUIDE_EVENTS, Event, EventKind, GuideEvent
from engine.guidance import Guidance, Wish
from engine.intake import Intake, Notice, NoticeCode, Taken
from engine.quick import quick
from engine.replay.settings import ReplayMode
from engine.replies import Receipt, RecordingReceipt, RecordingReply, Reply
from engine.roster import Roster
from engine.rulebook import Rulebook
from engine.storage import (
    accounts,
    decisions,
    erasure,
    exposures,
    guide_hours,
    identity,
    log,
    states,
    tracking,
    unreadable,
    versions,
)
from engine.storage.identity import People, Person
from engine.storage.log import Filed
from engine.storage.memory import Memory
from engine.storage.versions import SEEN_LIMIT, SeenKey
from engine.storage.writer import Transaction
from engine.telling import Telling
from engine.tracking.plans import Mode, Observed
from engine.unreadable import Declared, count_unreadable, declared_by

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_new_filed: Final = quick(Filed)
_ALIAS: Final = EventKind.ALIAS
# Looked up once: each time it takes longer than to compare.
_position: Final = attrgetter("time", "seq")
"""As `Event.position`."""

_SHAPES_LIMIT: Final = 10_000
"""Events of which the name and the properties' names, all known already, are looked at no more."""


@dataclass(frozen=True, slots=True)
class Received:
    """The well-formed part of one request.

    at: the instant of receipt. context: of the request for guidance. bulk: a long history, folded afterwards. record:
    as of a `Wish`.
    """

    project_id: int
    intake: Intake
    at: Instant
    decide: bool = False
    context: Mapping[str, JsonValue] | None = None
    bulk: bool = False
    record: ReplayMode = ReplayMode.OFF


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for guidance without events.

    trigger: the only name of events that may wake edge rules. guide: the only guide that is asked for. telling: what
    is told of the guides that were considered. record: as of a `Wish`.
    """

    project_id: int
    user_id: str | None
    anonymous_id: str | None
    at: Instant
    context: Mapping[str, JsonValue] | None = None
    trigger: str | None = None
    guide: str | None = None
    telling: Telling = Telling.NOTHING
    record: ReplayMode = ReplayMode.OFF

    def wish_of(self, person: Person) -> Wish:
        """The same, of the person whose ids these are."""
        return Wish(person, self.at, self.context, self.trigger, self.guide, self.telling, self.record)


@dataclass(slots=True)
class _Work:
    """A request while it is worked on: its new messages, each with its person, and who is to be decided for.

    Until all are filed, a person may still become another one (`Person.today`).
    """

    request: Received
    new: list[tuple[Taken, Person]] = field(default_factory=list)
    filed: list[Filed] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    duplicates: int = 0
    asker: Person | None = None


class Ingest:
    """Handlers for the writer. Keeps in memory which names were seen, so that only new ones are written."""

    def __init__(
        self, rulebook: Rulebook, guidance: Guidance, memory: Memory, fold_again: Callable[[int], None]
    ) -> None:
        """fold_again: hears of projects in which histories are to be folded again beside the writer."""
        self._rulebook = rulebook
        self._fold_again = fold_again
        self._guidance = guidance
        self._memory = memory
        self._seen: dict[int, set[SeenKey]] = {}
        self._shapes: dict[int, set[tuple[str, ...]]] = {}
        self._declared: dict[int, tuple[RuleProject, Declared]] = {}

    def receive(self, transaction: Transaction, requests: Sequence[Received]) -> list[Receipt]:
        """Keep events and decide for those who ask. Raises UnknownProject."""
        with self._memory.during(transaction):
            return self._receive(transaction, requests)

    def decide(self, transaction: Transaction, requests: Sequence[Asked]) -> list[Reply]:
        """Decide for people who ask without bringing events. Raises UnknownProject."""
        with self._memory.during(transaction):
            return self._decide(transaction, requests)

    def _receive(self, transaction: Transaction, requests: Sequence[Received]) -> list[Receipt]:
        connection = transaction.connection
        works, people = _file(connection, requests, self._memory)
        _append(connection, works, people)
        rosters: dict[int, Roster] = {}
        for project_id in sorted({request.project_id for request in requests}):
            own = [work for work in works if work.request.project_id == project_id]
            rosters[project_id] = self._fold(connection, project_id, own)
            filed = [each for work in own for each in work.filed]
            events = [each.event for each in filed]
            accounts.take_in(connection, project_id, events)
            observed = [each for work in own for each in _observed(work)]
            tracking.take_in(connection, project_id, observed, at=max(work.request.at for work in own))
            self._remember_names(transaction, project_id, events)
            self._count_unreadable(connection, rosters[project_id], events)
            of_guides = [each for each in filed if each.event.name in GUIDE_EVENTS]
            exposures.take_in(connection, of_guides)
            guide_hours.take_in(connection, of_guides)
            decisions.release(connection, _shown(of_guides))
        replies = [self._reply(connection, rosters[work.request.project_id], work) for work in works]
        self._save(transaction, rosters.values(), people, now=max(request.at for request in requests))
        return [_receipt(work, reply) for work, reply in zip(works, replies, strict=True)]

    def _save(self, transaction: Transaction, rosters: Iterable[Roster], people: People, *, now: Instant) -> None:
        for roster in rosters:
            roster.save(now=now)
            if roster.has_waiting:
                transaction.after_commit(partial(self._fold_again, roster.project_id))
        # Someone may have been held out from a guide just now, and is hashed by that from now on.
        people.store()

    def _decide(self, transaction: Transaction, requests: Sequence[Asked]) -> list[Reply]:
        connection = transaction.connection
        people = People(connection, self._memory)
        people.load(
            key for asked in requests for key in identity.ids_of(asked.project_id, asked.user_id, asked.anonymous_id)
        )
        askers = [
            people.person(asked.project_id, asked.user_id, asked.anonymous_id, at=asked.at, simulated=False)
            for asked in requests
        ]
        people.store()
        rosters: dict[int, Roster] = {}
        replies: list[Reply] = []
        for project_id in sorted({asked.project_id for asked in requests}):
            rosters[project_id] = self._roster(connection, project_id)
            own = {person.today.id: person.today for person in askers if person.today.project_id == project_id}
            _unite(rosters[project_id], own.values())
            rosters[project_id].load(own)
            rosters[project_id].load_places(own)
        for asked, asker in zip(requests, askers, strict=True):
            replies.append(self._guidance.decide(connection, rosters[asked.project_id], asked.wish_of(asker.today)))
        self._save(transaction, rosters.values(), people, now=max(asked.at for asked in requests))
        return replies

    def _roster(self, connection: Connection, project_id: int) -> Roster:
        in_force = self._memory.rules.get(project_id)
        if in_force is None:
            in_force = self._memory.rules[project_id] = self._rulebook.of(connection, project_id)
        return Roster(connection, project_id, in_force.ruleset, self._memory)

    def _fold(self, connection: Connection, project_id: int, works: Sequence[_Work]) -> Roster:
        """Bring the people of a project up to date with their new events."""
        roster = self._roster(connection, project_id)
        touched = {person.id: person for work in works for _, person in work.new}
        _unite(roster, touched.values())
        in_bulk: dict[int, int] = {}
        for work in works:
            # In the order of receipt, so the last one is the latest.
            in_bulk.update({each.person_id: each.event.seq for each in work.filed} if work.request.bulk else {})
        states.mark_stale(connection, project_id, in_bulk)
        self._memory.forget(in_bulk)
        new: dict[int, list[Event]] = defaultdict(list)
        for work in works:
            for filed in () if work.request.bulk else work.filed:
                new[filed.person_id].append(filed.event)
        askers = {work.asker.today.id for work in works if work.asker is not None}
        # Of somebody new nothing can be stored yet.
        roster.load(number for number in {*new, *askers} if number not in touched or not touched[number].is_new)
        roster.load_places(sorted(askers))
        for person_id, events in new.items():
            events.sort(key=_position)
            is_new = touched[person_id].is_new and person_id not in in_bulk
            roster.bring(person_id, events, is_new=is_new)
        return roster

    def _reply(self, connection: Connection, roster: Roster, work: _Work) -> Reply | None:
        if work.asker is None:
            return None
        latest = work.request.intake.taken[-1].event
        context = {**latest.context, **(work.request.context or {})}
        wish = Wish(work.asker.today, at=work.request.at, context=context, record=work.request.record)
        return self._guidance.decide(connection, roster, wish)

    def _remember_names(self, transaction: Transaction, project_id: int, events: Sequence[Event]) -> None:
        """Keep the names of events, properties and attributes that were never seen before."""
        seen = self._seen.get(project_id)
        if seen is None:
            seen = self._seen[project_id] = versions.seen_keys(transaction.connection, project_id)
        new: dict[SeenKey, JsonValue] = {}
        shapes = self._shapes.setdefault(project_id, set())
        for event in events:
            shape = (event.name, *event.properties)
            if shape in shapes and not event.traits:
                continue
            unknown = [each for each in versions.names_in(project_id, event) if each[0] not in seen]
            new.update({key: value for key, value in unknown if key not in new and versions.is_nameable(key, value)})
            if not unknown and not event.traits and len(shapes) < _SHAPES_LIMIT:
                shapes.add(shape)
        kept = dict(list(new.items())[: max(0, SEEN_LIMIT - len(seen))])
        if kept:
            versions.add_seen(transaction.connection, kept)
            transaction.after_commit(lambda: seen.update(kept))

    def _count_unreadable(self, connection: Connection, roster: Roster, events: Sequence[Event]) -> None:
        """Count values that cannot be read as what the rules declare."""
        rules, known = roster.ruleset.project, self._declared.get(roster.project_id)
        if known is None or known[0] is not rules:
            known = self._declared[roster.project_id] = (rules, declared_by(rules))
        found = count_unreadable(known[1], events)
        if found:
            unreadable.add(connection, roster.project_id, found, at=max(event.received for event in events))


def _file(connection: Connection, requests: Sequence[Received], memory: Memory) -> tuple[list[_Work], People]:
    """Find out which messages are new, and whose they are."""
    sent = [(request.project_id, taken.event) for request in requests for taken in request.intake.taken]
    fresh = log.claim(connection, [(project, event.message_id) for project, event in sent])
    people = People(connection, memory)
    people.load(identity.ids_among(sent))
    late = _of_erased(connection, sent, memory)
    if late:
        # Of somebody who was erased: it is answered like any repeated message, and leaves nothing.
        erasure.unclaim(connection, late & fresh)
        fresh -= late
    # Nearly always each message is a new one, and nobody has to look which.
    are_all_new = len(fresh) == len(sent)
    works = [_Work(request) for request in requests]
    for work in works:
        project_id, new = work.request.project_id, work.new
        known: dict[tuple[str | None, str | None], Person] = {}
        for taken in work.request.intake.taken:
            event = taken.event
            if not are_all_new:
                key = (project_id, event.message_id)
                if key not in fresh:
                    work.duplicates += 1
                    continue
                # The first one in the order of receipt is kept; what repeats it within the group is a duplicate.
                fresh.discard(key)
            if event.kind is _ALIAS or event.name in GUIDE_EVENTS:
                new.append((taken, _person(people, work, taken)))
                continue
            # Most messages of a request have the ids of one before it.
            ids = (event.user_id, event.anonymous_id)
            person = known.get(ids)
            if person is None:
                person = known[ids] = people.file(project_id, taken)
            new.append((taken, person))
        if work.request.decide and work.request.intake.taken:
            last = work.request.intake.taken[-1]
            ids = (last.event.user_id, last.event.anonymous_id)
            if (project_id, last.event.message_id) not in late:
                work.asker = people.person(project_id, *ids, at=last.event.received, simulated=last.simulated)
    people.store()
    return works, people


def _person(people: People, work: _Work, taken: Taken) -> Person:
    """Whom a message belongs to that links ids in its own way, or may expose somebody to a guide."""
    project_id = work.request.project_id
    if (why := people.alias_without_effect(project_id, taken.event)) is not None:
        work.notices.append(Notice(taken.index, NoticeCode.NOT_MERGED, "$.previousId", why))
    return people.file(project_id, taken)


def _of_erased(connection: Connection, sent: Sequence[tuple[int, Event]], memory: Memory) -> set[tuple[int, str]]:
    """Of events, those that belong to somebody who was erased; in most projects nobody was."""
    projects = {project for project, _ in sent}
    if all(memory.erased.get(project) is False for project in projects):
        return set()
    salts = erasure.salts_of(connection, projects)
    memory.erased.update({project: project in salts for project in projects})
    return erasure.refused(connection, salts, sent) if salts else set()


def _append(connection: Connection, works: Sequence[_Work], people: People) -> None:
    """Write the new events to the log, in the order of receipt."""
    numbers = iter(log.next_numbers(connection, sum(len(work.new) for work in works)))
    for work in works:
        project_id, keep = work.request.project_id, work.filed.append
        # From here on it is known who everybody is.
        if people.have_merged:
            work.new = [(taken, person.today) for taken, person in work.new]
        for (taken, person), number in zip(work.new, numbers, strict=False):
            event = taken.event
            event.number(number)
            keep(_new_filed(project_id, person.id, taken, event))
    log.append(connection, [filed for work in works for filed in work.filed])


def _unite(roster: Roster, people: Iterable[Person]) -> None:
    for person in people:
        if person.former:
            roster.unite(person.id, person.former)
            person.former, person.is_new = [], False


def _shown(events: Sequence[Filed]) -> list[tuple[int, str]]:
    """To whom which guide was shown just now."""
    found: list[tuple[int, str]] = []
    for filed in events:
        guide = filed.event.properties.get("guide")
        if filed.event.name == GuideEvent.SHOWN and isinstance(guide, str):
            found.append((filed.person_id, guide))
    return found


def _receipt(work: _Work, reply: Reply | None) -> Receipt:
    accepted, rejected, notices = len(work.new), work.request.intake.rejected, _notices(work)
    if reply is None:
        return Receipt(accepted, work.duplicates, rejected, notices=notices)
    told = (accepted, work.duplicates, rejected, reply.decisions, reply.revision, reply.ttl, None, notices)
    return RecordingReceipt(*told, reply.record) if isinstance(reply, RecordingReply) else Receipt(*told)


def _notices(work: _Work) -> tuple[Notice, ...]:
    """What is to be known of the new messages; of a repeated one it was said before."""
    told = work.request.intake.notices
    if not told and not work.notices:
        return ()
    new = {taken.index for taken, _ in work.new}
    return tuple(sorted((*(each for each in told if each.index in new), *work.notices), key=lambda each: each.index))


def _observed(work: _Work) -> list[Observed]:
    """What did not fit the tracking plan: in messages that are new, and in all that were refused for it."""
    told = work.request.intake.violations
    if not told:
        return []
    new = {taken.index for taken, _ in work.new}
    return [each for each in told if each.violation.mode is Mode.BLOCK or each.index in new]
