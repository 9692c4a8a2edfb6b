"""Recordings in the database: what is known of each, its parts, its moments, and those that are gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import DAY, SECOND, Instant
from engine.events import page_path
from engine.journeys import JourneyProgress, StepProgress
from engine.replay.parts import Moment, Part
from engine.replay.places import Place
from engine.replay.recordings import Clip, Happened, Meanwhile, Recording, ReplaysAsked
from engine.storage import base, identity, log, replay_tables, tables
from engine.storage.log import chunks

_REPLAY: Final = base.table(replay_tables.Replay)
_PART: Final = base.table(replay_tables.ReplayPart)
_MOMENT: Final = base.table(replay_tables.ReplayMoment)
_GONE: Final = base.table(replay_tables.ReplayGone)
_DAY: Final = base.table(replay_tables.ReplayDay)
_PERSON: Final = tables.table(tables.Person)
_EVENT: Final = tables.table(tables.Event)
_PROGRESS: Final = tables.table(tables.JourneyProgress)

MOST_MEANWHILE: Final = 2_000
"""Events that are told of one recording."""


def is_gone(connection: Connection, project_id: int, recording: str) -> bool:
    """True for a recording that was deleted, or whose person was erased."""
    own = (_GONE.c.project_id == project_id, _GONE.c.recording == recording)
    return connection.execute(sa.select(_GONE.c.at).where(*own)).first() is not None


def opened(connection: Connection, project_id: int, person_id: int, part: Part, *, now: Instant) -> sa.Row[Any]:
    """The row of a part's recording, locked; made if it is the first that comes."""
    values = {
        "project_id": project_id,
        "recording": part.recording,
        "person_id": person_id,
        "session_id": part.session_id,
        "page": part.page,
        "width": part.width,
        "height": part.height,
        "started": part.started,
        "ended": part.ended,
        "parts": 0,
        "packed": 0,
        "scrubbed": 0,
        "is_over": False,
        "is_settled": False,
        "received": now,
    }
    keys = ["project_id", "recording"]
    connection.execute(_insert(connection, _REPLAY).values(values).on_conflict_do_nothing(index_elements=keys))
    own = (_REPLAY.c.project_id == project_id, _REPLAY.c.recording == part.recording)
    return connection.execute(sa.select(_REPLAY).where(*own).with_for_update()).one()


def has_part(connection: Connection, replay_id: int, number: int) -> bool:
    """True for a part that came before."""
    own = (_PART.c.replay_id == replay_id, _PART.c.number == number)
    return connection.execute(sa.select(_PART.c.number).where(*own)).first() is not None


def add_part(connection: Connection, row: sa.Row[Any], person_id: int, part: Part, *, now: Instant) -> None:
    """Keep a part that has not come before, and what it says of its recording."""
    connection.execute(
        sa.insert(_PART).values(replay_id=row.id, number=part.number, person_id=person_id, events=part.packed)
    )
    first: dict[str, Any] = {}
    if part.number == 0:
        first = {"page": part.page, "width": part.width, "height": part.height}
    connection.execute(
        sa.update(_REPLAY)
        .where(_REPLAY.c.id == row.id)
        .values(
            **first,
            started=min(row.started, part.started),
            ended=max(row.ended, part.ended),
            parts=row.parts + 1,
            packed=row.packed + len(part.packed),
            scrubbed=row.scrubbed + part.scrubbed,
            is_over=row.is_over or part.is_last,
            is_settled=False,
            received=now,
        )
    )
    day = {"project_id": row.project_id, "day": now // DAY, "packed": len(part.packed)}
    statement = _insert(connection, _DAY).values(day)
    more = {"packed": _DAY.c.packed + statement.excluded.packed}
    connection.execute(statement.on_conflict_do_update(index_elements=["project_id", "day"], set_=more))


def next_part(connection: Connection, replay_id: int) -> int:
    """The number of the first part that is not here."""
    numbers = connection.execute(
        sa.select(_PART.c.number).where(_PART.c.replay_id == replay_id).order_by(_PART.c.number)
    ).scalars()
    expected = 0
    for number in numbers:
        if number != expected:
            break
        expected += 1
    return expected


def packed_on(connection: Connection, project_id: int, day: int) -> int:
    """Bytes of recordings that a project has let in on a day."""
    own = (_DAY.c.project_id == project_id, _DAY.c.day == day)
    return connection.execute(sa.select(_DAY.c.packed).where(*own)).scalar() or 0


def moments_of(connection: Connection, replay_id: int) -> list[Moment]:
    """What went wrong in a recording, each once, in order."""
    statement = sa.select(_MOMENT.c.event, _MOMENT.c.time, _MOMENT.c.path).where(_MOMENT.c.replay_id == replay_id)
    rows = connection.execute(statement.distinct().order_by(_MOMENT.c.time, _MOMENT.c.event))
    return [Moment(row.event, Instant(row.time), row.path) for row in rows]


def set_moments(
    connection: Connection, row: sa.Row[Any], person_id: int, placed: Mapping[Moment, Sequence[Place]]
) -> None:
    """Keep what went wrong in a recording, each with the steps that it belongs to, in place of what was kept."""
    connection.execute(sa.delete(_MOMENT).where(_MOMENT.c.replay_id == row.id))
    own = {"replay_id": row.id, "project_id": row.project_id, "person_id": person_id}
    nowhere: list[tuple[str | None, str | None]] = [(None, None)]
    rows = [
        {**own, "event": moment.event, "time": moment.at, "path": moment.path, "journey": journey, "step": step}
        for moment, places in placed.items()
        for journey, step in (list(places) or nowhere)
    ]
    if rows:
        connection.execute(sa.insert(_MOMENT), rows)


def progress_of(connection: Connection, person_id: int) -> dict[str, JourneyProgress]:
    """Where a person is, in the journeys of which anything happened to them."""
    found = {}
    rows = connection.execute(
        sa.select(_PROGRESS.c.journey, _PROGRESS.c.data).where(_PROGRESS.c.person_id == person_id)
    )
    for journey, data in rows:
        read = orjson.loads(data)
        steps = {name: StepProgress(**step) for name, step in read["steps"].items()}
        found[journey] = JourneyProgress(**{**read, "steps": steps})
    return found


def unsettled(connection: Connection, project_id: int, *, before: Instant, limit: int) -> list[sa.Row[Any]]:
    """Recordings that came until then and whose moments were not placed since, locked."""
    own = (_REPLAY.c.project_id == project_id, _REPLAY.c.is_settled.is_(False), _REPLAY.c.received <= before)
    return list(
        connection.execute(sa.select(_REPLAY).where(*own).order_by(_REPLAY.c.id).limit(limit).with_for_update())
    )


def settle(connection: Connection, replay_id: int) -> None:
    """Note that a recording's moments have their steps."""
    connection.execute(sa.update(_REPLAY).where(_REPLAY.c.id == replay_id).values(is_settled=True))


# reading


def one(connection: Connection, project_id: int, recording: str) -> Recording | None:
    """One recording of a project."""
    own = (_REPLAY.c.project_id == project_id, _REPLAY.c.recording == recording)
    found = _read(connection, connection.execute(sa.select(_REPLAY).where(*own)).all())
    return found[0] if found else None


def listed(connection: Connection, project_id: int, asked: ReplaysAsked) -> list[Recording]:
    """Recordings of a project, the latest first. Who is the persona, or one of your own, `people` says."""
    column = _REPLAY.c
    statement = sa.select(_REPLAY).where(column.project_id == project_id)
    if asked.place is not None or asked.event is not None:
        statement = statement.where(column.id.in_(_with_moment(project_id, asked)))
    if asked.since is not None:
        statement = statement.where(column.ended >= asked.since)
    if asked.until is not None:
        statement = statement.where(column.started < asked.until)
    if asked.before is not None:
        statement = statement.where(column.id < asked.before)
    if asked.person is not None:
        statement = statement.where(column.person_id.in_(asked.person))
    if not (asked.everyone or asked.with_simulated):
        real = sa.select(_PERSON.c.id).where(_PERSON.c.project_id == project_id, _PERSON.c.simulated.is_(False))
        statement = statement.where(column.person_id.in_(real))
    statement = statement.order_by(column.id.desc())
    if asked.people is None:
        return _read(connection, connection.execute(statement.limit(asked.limit)).all())
    rows = connection.execute(statement).all()
    today = identity.people_today(connection, [row.person_id for row in rows])
    chosen = [row for row in rows if today.get(row.person_id) in asked.people]
    return _read(connection, chosen[: asked.limit])


def has_any(connection: Connection, project_id: int) -> bool:
    """True where a project has recordings, or traces of some."""
    own = (sa.exists().where(each.c.project_id == project_id) for each in (_REPLAY, _GONE, _DAY))
    return bool(connection.execute(sa.select(sa.or_(*own))).scalar())


def people(connection: Connection, project_id: int) -> list[int]:
    """Everybody of whom there is a recording, as who they are by now."""
    statement = sa.select(_REPLAY.c.person_id).where(_REPLAY.c.project_id == project_id).distinct()
    return sorted(set(identity.people_today(connection, list(connection.execute(statement).scalars())).values()))


def counted(connection: Connection, project_id: int) -> dict[str, int]:
    """How many recordings there are of everybody, by the id that people know them by."""
    statement = sa.select(_REPLAY.c.person_id, sa.func.count()).where(_REPLAY.c.project_id == project_id)
    rows = connection.execute(statement.group_by(_REPLAY.c.person_id)).all()
    today = identity.people_today(connection, [number for number, _ in rows])
    names = _names(connection, sorted(set(today.values())))
    found: dict[str, int] = {}
    for number, count in rows:
        if number in today:
            name = names[today[number]]
            found[name] = found.get(name, 0) + count
    return found


def _names(connection: Connection, numbers: Sequence[int]) -> dict[int, str]:
    name = sa.func.coalesce(_PERSON.c.user_id, _PERSON.c.first_id)
    found: dict[int, str] = {}
    for part in chunks(numbers):
        told = connection.execute(sa.select(_PERSON.c.id, name).where(_PERSON.c.id.in_(part)))
        found.update((number, called) for number, called in told)
    return found


def events_that_went_wrong(connection: Connection, project_id: int) -> list[str]:
    """The names of what went wrong in any recording of a project."""
    statement = sa.select(_MOMENT.c.event).where(_MOMENT.c.project_id == project_id).distinct()
    return sorted(connection.execute(statement).scalars())


def parts_of(connection: Connection, replay_id: int) -> list[int]:
    """The numbers of the parts of a recording that are here, in order."""
    statement = sa.select(_PART.c.number).where(_PART.c.replay_id == replay_id).order_by(_PART.c.number)
    return list(connection.execute(statement).scalars())


def packed_part(connection: Connection, replay_id: int, number: int) -> bytes | None:
    """The events of a part, as they are kept; None where it is gone meanwhile."""
    own = (_PART.c.replay_id == replay_id, _PART.c.number == number)
    found = connection.execute(sa.select(_PART.c.events).where(*own)).scalar()
    return None if found is None else bytes(found)


def meanwhile(connection: Connection, recording: Recording) -> list[Meanwhile]:
    """What else the person did while it was recorded, in history order."""
    statement = (
        sa.select(_EVENT)
        .where(
            _EVENT.c.person_id.in_(identity.aliases(connection, recording.person)),
            _EVENT.c.time >= recording.started,
            # Browsers tell the time of an event when they send it, by a little later than it was.
            _EVENT.c.time <= recording.ended + SECOND,
        )
        .order_by(_EVENT.c.time, _EVENT.c.seq)
        .limit(MOST_MEANWHILE)
    )
    found = []
    for row in connection.execute(statement):
        logged = log.read_logged(row)
        event = logged.event
        second = (event.time - recording.started) / SECOND
        told = Meanwhile(event.name, event.kind.value, second, event.time, page_path(event), event.properties, logged)
        found.append(told)
    return found


def clips(connection: Connection, project_id: int, asked: ReplaysAsked) -> list[Clip]:
    """The moments of recordings that fit, each once, the latest first."""
    found = listed(connection, project_id, asked)
    return [
        Clip(each.id, happened.second, happened.at, happened.event, each.user)
        for each in found
        for happened in _chosen(each.moments, asked)
    ]


def covering(
    connection: Connection, project_id: int, moments: Iterable[tuple[int, Instant]]
) -> dict[tuple[int, Instant], Clip]:
    """Of people at instants, where that instant was recorded: the place in the recording."""
    wanted = sorted(set(moments))
    today = identity.people_today(connection, [person for person, _ in wanted])
    aliases = identity.aliases_of(connection, sorted(set(today.values())))
    numbers = sorted({number for all_numbers in aliases.values() for number in all_numbers})
    rows = [
        row
        for part in chunks(numbers)
        for row in connection.execute(
            sa.select(_REPLAY).where(_REPLAY.c.project_id == project_id, _REPLAY.c.person_id.in_(part))
        )
    ]
    owners = {number: person for person, all_numbers in aliases.items() for number in all_numbers}
    found = {}
    for person, at in wanted:
        for row in rows:
            if owners[row.person_id] == today.get(person) and row.started <= at <= row.ended:
                second = (at - row.started) / SECOND
                found[person, at] = Clip(row.recording, second, at, "", "")
    return found


# removing


def bury(connection: Connection, project_id: int, people_gone: Sequence[int], *, at: Instant) -> None:
    """Refuse from now on what still comes of the recordings of people."""
    for part in chunks(people_gone):
        statement = sa.select(_REPLAY.c.recording).where(_REPLAY.c.person_id.in_(part))
        _bury(connection, project_id, list(connection.execute(statement).scalars()), at=at)


def delete(connection: Connection, project_id: int, rows: Sequence[tuple[int, str]], *, at: Instant) -> None:
    """Remove recordings, given by number and id, with all that is kept of them, and refuse what still comes."""
    for part in chunks([number for number, _ in rows]):
        connection.execute(sa.delete(_PART).where(_PART.c.replay_id.in_(part)))
        connection.execute(sa.delete(_MOMENT).where(_MOMENT.c.replay_id.in_(part)))
        connection.execute(sa.delete(_REPLAY).where(_REPLAY.c.id.in_(part)))
    _bury(connection, project_id, [recording for _, recording in rows], at=at)


def over(connection: Connection, project_id: int, *, before: Instant, limit: int) -> list[tuple[int, str]]:
    """Recordings that ended before an instant, by number and id."""
    own = (_REPLAY.c.project_id == project_id, _REPLAY.c.ended < before)
    statement = sa.select(_REPLAY.c.id, _REPLAY.c.recording).where(*own).order_by(_REPLAY.c.ended).limit(limit)
    return [(row.id, row.recording) for row in connection.execute(statement)]


def forget_traces(connection: Connection, project_id: int, *, before: Instant) -> None:
    """Forget which recordings are gone, and how much a day let in, where it was long ago."""
    connection.execute(sa.delete(_GONE).where(_GONE.c.project_id == project_id, _GONE.c.at < before))
    connection.execute(sa.delete(_DAY).where(_DAY.c.project_id == project_id, _DAY.c.day < before // DAY))


def _bury(connection: Connection, project_id: int, recordings: Sequence[str], *, at: Instant) -> None:
    rows = [{"project_id": project_id, "recording": each, "at": at} for each in recordings]
    if rows:
        connection.execute(_insert(connection, _GONE).on_conflict_do_nothing(), rows)


def _insert(connection: Connection, table: sa.Table) -> Any:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return insert(table)


def _with_moment(project_id: int, asked: ReplaysAsked) -> sa.Select[Any]:
    statement = sa.select(_MOMENT.c.replay_id).where(_MOMENT.c.project_id == project_id)
    if asked.event is not None:
        statement = statement.where(_MOMENT.c.event == asked.event)
    if asked.place is not None:
        journey, step = asked.place
        statement = statement.where(_MOMENT.c.journey == journey)
        statement = statement.where(_MOMENT.c.step == step) if step else statement
    return statement


def _chosen(moments: Sequence[Happened], asked: ReplaysAsked) -> Iterator[Happened]:
    seen = set()
    for each in moments:
        fits = asked.event in (None, each.event)
        if fits and asked.place is not None:
            fits = each.place is not None and asked.place in (each.place, (each.place[0], ""))
        if fits and (each.event, each.at) not in seen:
            seen.add((each.event, each.at))
            yield each


def _read(connection: Connection, rows: Sequence[sa.Row[Any]]) -> list[Recording]:
    numbers = [row.id for row in rows]
    moments: dict[int, list[sa.Row[Any]]] = {number: [] for number in numbers}
    last: dict[int, int] = {}
    for part in chunks(numbers):
        told = sa.select(_MOMENT).where(_MOMENT.c.replay_id.in_(part)).order_by(_MOMENT.c.time, _MOMENT.c.id)
        for row in connection.execute(told):
            moments[row.replay_id].append(row)
        ends = sa.select(_PART.c.replay_id, sa.func.max(_PART.c.number)).where(_PART.c.replay_id.in_(part))
        last.update((number, most) for number, most in connection.execute(ends.group_by(_PART.c.replay_id)))
    today = identity.people_today(connection, [row.person_id for row in rows])
    people_known: dict[int, sa.Row[Any]] = {}
    for part in chunks(sorted(set(today.values()))):
        for row in connection.execute(sa.select(_PERSON).where(_PERSON.c.id.in_(part))):
            people_known[row.id] = row
    return [
        _recording(row, people_known[today[row.person_id]], moments[row.id], last.get(row.id, -1))
        for row in rows
        if row.person_id in today
    ]


def _recording(row: sa.Row[Any], person: sa.Row[Any], moments: Sequence[sa.Row[Any]], last: int) -> Recording:
    return Recording(
        number=row.id,
        id=row.recording,
        person=person.id,
        user=person.user_id or person.first_id,
        is_simulated=bool(person.simulated),
        session=row.session_id,
        page=row.page,
        width=row.width,
        height=row.height,
        started=Instant(row.started),
        ended=Instant(row.ended),
        parts=row.parts,
        packed=row.packed,
        scrubbed=row.scrubbed,
        is_over=bool(row.is_over),
        is_whole=row.parts == last + 1,
        moments=tuple(
            Happened(
                each.event,
                Instant(each.time),
                max(0.0, (each.time - row.started) / SECOND),
                None if each.step is None else (each.journey, each.step),
            )
            for each in moments
        ),
    )
