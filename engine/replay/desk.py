"""The recordings of all projects: parts taken in, what went wrong given its step, read, deleted, kept no longer.

Whose a recording is is decided as for events: by the ids that it names, and who these people are today. Nothing of it
is kept of somebody of whom nothing is known, or who was erased since it began.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dsl.values import DAY, MINUTE, SECOND, Duration, Instant
from engine.analytics.asked import personas_of
from engine.analytics.population import INTERNAL_SEGMENT
from engine.audit import Act, Action
from engine.effects import NoSuchPersona
from engine.membership import PART as AT_A_TIME
from engine.membership import RulesNow, members_among
from engine.replay.errors import (
    NoSuchReplay,
    ReplayDayFull,
    ReplayGone,
    ReplayOfAnother,
    ReplayOff,
    ReplayTooEarly,
    ReplayTooLarge,
)
from engine.replay.parts import RECORDING_LIMIT, Moment, Part
from engine.replay.places import places_at
from engine.replay.recordings import Clip, Meanwhile, Recording, ReplaysAsked
from engine.replay.settings import MEGABYTE, ReplaySettings
from engine.storage import audit, erasure, identity
from engine.storage import replays as kept

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

    from engine.storage.store import Database

SETTLES_AFTER: Final = Duration(MINUTE)
"""Events may come after the recording of them: after so long the steps of its moments are found once more."""
TRACES_LAST: Final = Duration(60 * DAY)
"""For how long it is known that a recording is gone."""
MOST_MOMENTS: Final = 500
"""Of a whole recording; the first ones are kept."""
_AT_ONCE: Final = 50
_READ_AT_ONCE: Final = 256 * 1024


class ReplayDesk:
    """The recordings of a database. Instants are passed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # taking in

    def take(self, project_id: int, part: Part, settings: ReplaySettings, rules: RulesNow) -> int:
        """Keep a part of a recording, once; the number of the first part that is not here.

        Raises ReplayOff, ReplayGone, ReplayTooEarly, ReplayOfAnother, ReplayTooLarge, ReplayDayFull.
        """
        if not settings.records:
            raise ReplayOff
        now = rules.now
        if part.ended < now - Duration(settings.days * DAY):
            raise ReplayGone
        with self._database.writing() as connection:
            person = self._owner(connection, project_id, part)
            row = kept.opened(connection, project_id, person, part, now=now)
            if not kept.has_part(connection, row.id, part.number):
                self._refuse_another(connection, row, person)
                _refuse_much(connection, row, part, settings, now)
                kept.add_part(connection, row, person, part, now=now)
                told = {*kept.moments_of(connection, row.id), *part.moments}
                first = sorted(told, key=lambda each: (each.at, each.event))[:MOST_MOMENTS]
                _place(connection, row, person, first, rules)
            return kept.next_part(connection, row.id)

    def _owner(self, connection: Connection, project_id: int, part: Part) -> int:
        ids = identity.ids_of(project_id, part.user_id, part.anonymous_id)
        identity.lock_ids(connection, ids)
        if kept.is_gone(connection, project_id, part.recording):
            raise ReplayGone
        for each in ids:
            before = erasure.erased_before(connection, project_id, [each])
            if before is not None and part.started <= before[1]:
                raise ReplayGone
        owners = identity.find_ids(connection, ids)
        owner = next((owners[each] for each in ids if each in owners), None)
        if owner is None:
            raise ReplayTooEarly
        return owner

    def _refuse_another(self, connection: Connection, row: sa.Row, person: int) -> None:  # type: ignore[type-arg]
        today = identity.people_today(connection, [row.person_id, person])
        if today.get(row.person_id) != today.get(person):
            raise ReplayOfAnother

    # reading

    def listed(self, project_id: int, asked: ReplaysAsked, rules: RulesNow) -> list[Recording]:
        """Recordings, the latest first, of those who count. Raises NoSuchPersona."""
        with self._database.reading() as connection:
            return kept.listed(connection, project_id, _who_counts(connection, project_id, asked, rules))

    def clips(self, project_id: int, asked: ReplaysAsked, rules: RulesNow) -> list[Clip]:
        """The moments of recordings that fit, as `listed` counts them, the latest recording first."""
        with self._database.reading() as connection:
            return kept.clips(connection, project_id, _who_counts(connection, project_id, asked, rules))

    def covering(self, project_id: int, moments: Iterable[tuple[int, Instant]]) -> dict[tuple[int, Instant], Clip]:
        """Of people at instants: where in a recording that can be seen."""
        with self._database.reading() as connection:
            return kept.covering(connection, project_id, moments)

    def of_users(self, project_id: int, users: Iterable[str]) -> dict[str, int]:
        """How many recordings there are of users, by the ids that people know them by; none for the others."""
        wanted = set(users)
        with self._database.reading() as connection:
            found = kept.counted(connection, project_id)
        return {user: count for user, count in found.items() if user in wanted}

    def person(self, project_id: int, user: str) -> tuple[int, ...]:
        """The numbers of the person of a user id or a visitor's; nobody for one that was never seen."""
        with self._database.reading() as connection:
            found = identity.find_person(connection, project_id, user, None)
            found = found or identity.find_person(connection, project_id, None, user)
            return () if found is None else tuple(identity.aliases(connection, found.id))

    def events_that_went_wrong(self, project_id: int) -> list[str]:
        """The names of what went wrong in any recording."""
        with self._database.reading() as connection:
            return kept.events_that_went_wrong(connection, project_id)

    def one(self, project_id: int, recording: str) -> Recording:
        """One recording. Raises NoSuchReplay."""
        with self._database.reading() as connection:
            return _one(connection, project_id, recording)

    def meanwhile(self, project_id: int, recording: str) -> list[Meanwhile]:
        """What the person did while it was recorded. Raises NoSuchReplay."""
        with self._database.reading() as connection:
            return kept.meanwhile(connection, _one(connection, project_id, recording))

    def watch(self, project_id: int, recording: str, *, by: str, now: Instant) -> Iterator[bytes]:
        """All that was recorded, as a JSON list, part by part. That it was watched is recorded. Raises NoSuchReplay."""
        with self._database.writing() as connection:
            found = _one(connection, project_id, recording)
            act = Act(actor=by, action=Action.REPLAY_WATCH, target=f"replay {found.id}")
            audit.record(connection, project_id, act, at=now)
            numbers = kept.parts_of(connection, found.number)
        return self._streamed(found.number, numbers)

    def _streamed(self, replay_id: int, numbers: Sequence[int]) -> Iterator[bytes]:
        yield b"["
        is_first = True
        for number in numbers:
            with self._database.reading() as connection:
                packed = kept.packed_part(connection, replay_id, number)
            if packed is None:
                continue
            if not is_first:
                yield b","
            is_first = False
            yield from unwrapped(packed)
        yield b"]"

    # removing

    def delete(self, project_id: int, recording: str, *, by: str, now: Instant) -> Recording:
        """Remove a recording for good. Raises NoSuchReplay."""
        with self._database.writing() as connection:
            found = _one(connection, project_id, recording)
            kept.delete(connection, project_id, [(found.number, found.id)], at=now)
            act = Act(actor=by, action=Action.REPLAY_DELETE, target=f"replay {found.id}")
            audit.record(connection, project_id, act, at=now)
        self._database.tidy()
        return found

    def keep(self, project_id: int, cut: Instant, *, now: Instant, renew: Callable[[], object]) -> int:
        """Remove what ended before an instant; how many recordings. In small parts, so that nobody waits."""
        removed = 0
        while True:
            with self._database.writing() as connection:
                rows = kept.over(connection, project_id, before=cut, limit=_AT_ONCE)
                kept.delete(connection, project_id, rows, at=now)
                if not rows:
                    kept.forget_traces(connection, project_id, before=Instant(now - TRACES_LAST))
                    break
            removed += len(rows)
            renew()
        if removed:
            self._database.tidy()
        return removed

    def has_any(self, project_id: int) -> bool:
        """True where anything was recorded, or traces of it are left."""
        with self._database.reading() as connection:
            return kept.has_any(connection, project_id)

    def settle(self, project_id: int, rules: RulesNow) -> int:
        """Find the steps once more of what went wrong in recordings whose events may have come late; how many."""
        with self._database.writing() as connection:
            before = Instant(rules.now - SETTLES_AFTER)
            rows = kept.unsettled(connection, project_id, before=before, limit=_AT_ONCE)
            for row in rows:
                _place(connection, row, row.person_id, kept.moments_of(connection, row.id), rules)
                kept.settle(connection, row.id)
        return len(rows)


def unwrapped(packed: bytes) -> Iterator[bytes]:
    """The events of a part without the brackets around them, a little at a time."""
    inflater = zlib.decompressobj(wbits=31)
    left, held = packed, b""
    is_begun = False
    while left and not inflater.eof:
        data = held + inflater.decompress(left, _READ_AT_ONCE)
        left = inflater.unconsumed_tail
        if not is_begun and data:
            data, is_begun = data[1:], True
        # The last letter is the bracket that closes the list.
        data, held = data[:-1], data[-1:]
        if data:
            yield data


def _one(connection: Connection, project_id: int, recording: str) -> Recording:
    # PostgreSQL takes no zero character in a text.
    found = kept.one(connection, project_id, recording) if "\0" not in recording else None
    if found is None:
        raise NoSuchReplay(recording)
    return found


def _refuse_much(
    connection: Connection,
    row: sa.Row,  # type: ignore[type-arg]
    part: Part,
    settings: ReplaySettings,
    now: Instant,
) -> None:
    if row.packed + len(part.packed) > RECORDING_LIMIT:
        raise ReplayTooLarge(f"a recording is {RECORDING_LIMIT // MEGABYTE} MB at most, packed: it ends here")
    day = now // DAY
    if kept.packed_on(connection, row.project_id, day) + len(part.packed) > settings.megabytes_a_day * MEGABYTE:
        raise ReplayDayFull(settings.megabytes_a_day, max(1, ((day + 1) * DAY - now) // SECOND))


def _place(
    connection: Connection,
    row: sa.Row,  # type: ignore[type-arg]
    person: int,
    moments: Sequence[Moment],
    rules: RulesNow,
) -> None:
    today = identity.people_today(connection, [person]).get(person, person)
    progress, plans = kept.progress_of(connection, today), rules.ruleset.plan.journeys
    placed = {each: places_at(plans, progress, at=each.at, path=each.path) for each in moments}
    kept.set_moments(connection, row, person, placed)


def _who_counts(connection: Connection, project_id: int, asked: ReplaysAsked, rules: RulesNow) -> ReplaysAsked:
    """The same with the people whom it is about, where not all of them count."""
    persona = asked.persona
    personas, segments = personas_of(rules.project), rules.project.segments
    if persona is not None and persona not in personas:
        raise NoSuchPersona(persona, list(personas))
    conditions = {} if persona is None else {persona: personas[persona]}
    if not asked.everyone and INTERNAL_SEGMENT in segments:
        conditions[INTERNAL_SEGMENT] = segments[INTERNAL_SEGMENT].where
    if not conditions:
        return asked
    recorded = kept.people(connection, project_id)
    parts = [recorded[at : at + AT_A_TIME] for at in range(0, len(recorded), AT_A_TIME)]
    found: Mapping[str, frozenset[int]] = members_among(connection, project_id, rules, conditions, parts)
    chosen = frozenset(recorded) if persona is None else found[persona]
    if not asked.everyone:
        chosen -= found.get(INTERNAL_SEGMENT, frozenset())
    return replace(asked, people=chosen)
