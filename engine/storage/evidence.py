"""Evidence from elsewhere in the database, and the rules that tag it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.emotion import Emotion
from engine.evidence import Draft, Evidence, Source, Success, TaggedBy, TagRule
from engine.storage import base, evidence_tables, tables

_EVIDENCE: Final = base.table(evidence_tables.EvidenceItem)
_RULES: Final = base.table(evidence_tables.EvidenceRules)
_PERSON: Final = tables.table(tables.Person)
_WITH_PERSON: Final = sa.select(_EVIDENCE, _PERSON.c.user_id).outerjoin(_PERSON, _PERSON.c.id == _EVIDENCE.c.person_id)
_PART: Final = 1_000

Stamp = tuple[str, Instant]
"""By whom, and when."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which evidence: all that is said must hold. is_tagged: with a step, or without one."""

    source: Source | None = None
    journey: str | None = None
    step: str | None = None
    is_tagged: bool | None = None
    after: int = 0
    limit: int = 100
    recording: str | None = None


def add(
    connection: Connection,
    project_id: int,
    draft: Draft,
    stamp: Stamp,
    *,
    person_id: int | None,
    tagged_by: TaggedBy | None,
    emotion: Emotion | None,
) -> tuple[int, bool]:
    """Keep evidence; its number, and False where evidence of its source and id is here already, which stays."""
    by, at = stamp
    values = {
        **_values(draft, tagged_by, emotion),
        "project_id": project_id,
        "source": draft.source.value,
        "external": draft.external,
        "person_id": person_id,
        "time": draft.time,
        "created": at,
        "by": by,
    }
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    key = ["project_id", "source", "external"]
    statement = insert(_EVIDENCE).values(values).on_conflict_do_nothing(index_elements=key).returning(_EVIDENCE.c.id)
    number = connection.execute(statement).scalar()
    if number is not None:
        return int(number), True
    own = [_EVIDENCE.c[name] == values[name] for name in key]
    return int(connection.execute(sa.select(_EVIDENCE.c.id).where(*own)).scalar_one()), False


def one(connection: Connection, project_id: int, number: int, *, lock: bool = False) -> Evidence | None:
    """One piece of evidence of a project."""
    own = (_EVIDENCE.c.project_id == project_id, _EVIDENCE.c.id == number)
    if lock:
        connection.execute(sa.select(_EVIDENCE.c.id).where(*own).with_for_update())
    row = connection.execute(_WITH_PERSON.where(*own)).one_or_none()
    return None if row is None else _read(row)


def listed(connection: Connection, project_id: int, asked: Asked) -> list[Evidence]:
    """A page of evidence, in the order in which it was taken in."""
    column = _EVIDENCE.c
    statement = _WITH_PERSON.where(column.project_id == project_id, column.id > asked.after)
    for name, wanted in (("source", asked.source), ("journey", asked.journey), ("step", asked.step)):
        if wanted is not None:
            statement = statement.where(column[name] == str(wanted))
    if asked.recording is not None:
        statement = statement.where(column.clip == asked.recording)
    if asked.is_tagged is not None:
        statement = statement.where(column.step.is_not(None) if asked.is_tagged else column.step.is_(None))
    return [_read(row) for row in connection.execute(statement.order_by(column.id).limit(asked.limit))]


def at_step(connection: Connection, project_id: int, place: tuple[str, str], *, with_simulated: bool) -> list[Evidence]:
    """The evidence of a step, the newest first."""
    journey, step = place
    column = _EVIDENCE.c
    statement = _WITH_PERSON.where(column.project_id == project_id, column.journey == journey, column.step == step)
    if not with_simulated:
        statement = statement.where(sa.or_(_PERSON.c.id.is_(None), _PERSON.c.simulated.is_(False)))
    return [_read(row) for row in connection.execute(statement.order_by(column.time.desc(), column.id.desc()))]


def version(connection: Connection, project_id: int) -> tuple[int, int, int]:
    """Another one after whatever changed of a project's evidence: how many pieces, the last number, all revisions."""
    column = _EVIDENCE.c
    told = sa.select(sa.func.count(), sa.func.max(column.id), sa.func.sum(column.revision))
    count, last, revisions = connection.execute(told.where(column.project_id == project_id)).one()
    return int(count), int(last or 0), int(revisions or 0)


def change(
    connection: Connection, number: int, draft: Draft, *, tagged_by: TaggedBy | None, emotion: Emotion | None, by: str
) -> None:
    """Keep what somebody changed of evidence; its source, id, time and person stay."""
    values = {**_values(draft, tagged_by, emotion), "revision": _EVIDENCE.c.revision + 1, "changed_by": by}
    connection.execute(sa.update(_EVIDENCE).where(_EVIDENCE.c.id == number).values(values))


def delete(connection: Connection, project_id: int, number: int) -> bool:
    """Delete evidence; False where there is none of that number."""
    gone = sa.delete(_EVIDENCE).where(_EVIDENCE.c.project_id == project_id, _EVIDENCE.c.id == number)
    return connection.execute(gone).rowcount > 0


def not_by_hand(connection: Connection, project_id: int) -> Iterator[Evidence]:
    """All evidence whose step nobody named by hand, in the order of its making, part by part."""
    column, after = _EVIDENCE.c, 0
    by_rule = sa.or_(column.tagged_by.is_(None), column.tagged_by == TaggedBy.RULE.value)
    statement = _WITH_PERSON.where(column.project_id == project_id, by_rule).order_by(column.id).limit(_PART)
    while rows := connection.execute(statement.where(column.id > after)).all():
        yield from map(_read, rows)
        after = rows[-1].id


def move(connection: Connection, numbers: Mapping[tuple[str, str] | None, Sequence[int]]) -> None:
    """Tag evidence by rule: by step, the numbers that belong to it now."""
    for place, moved in numbers.items():
        journey, step = place if place is not None else (None, None)
        tagged_by = None if place is None else TaggedBy.RULE.value
        values = {"journey": journey, "step": step, "tagged_by": tagged_by, "revision": _EVIDENCE.c.revision + 1}
        for at in range(0, len(moved), _PART):
            part = moved[at : at + _PART]
            connection.execute(sa.update(_EVIDENCE).where(_EVIDENCE.c.id.in_(part)).values(values))


def rules_of(connection: Connection, project_id: int) -> tuple[tuple[TagRule, ...], int, str]:
    """The rules of a project, their revision (0 for none yet), and who changed them last."""
    row = connection.execute(sa.select(_RULES).where(_RULES.c.project_id == project_id)).one_or_none()
    if row is None:
        return (), 0, "nobody"
    return tuple(map(_read_rule, orjson.loads(row.rules))), row.revision, row.by


def keep_rules(
    connection: Connection, project_id: int, tag_rules: Sequence[TagRule], stamp: Stamp, *, revision: int
) -> bool:
    """Keep rules as those after `revision`; False where they are at another one by now."""
    by, at = stamp
    text = orjson.dumps(list(tag_rules)).decode()
    values = {"rules": text, "revision": revision + 1, "at": at, "by": by}
    if revision == 0:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        statement = insert(_RULES).values(project_id=project_id, **values).on_conflict_do_nothing()
        return connection.execute(statement.returning(_RULES.c.project_id)).first() is not None
    own = (_RULES.c.project_id == project_id, _RULES.c.revision == revision)
    return connection.execute(sa.update(_RULES).where(*own).values(values)).rowcount > 0


def _values(draft: Draft, tagged_by: TaggedBy | None, emotion: Emotion | None) -> dict[str, Any]:
    journey, step = draft.place if draft.place is not None else (None, None)
    return {
        "text": draft.text,
        "quotes": orjson.dumps(draft.quotes).decode(),
        "language": draft.language,
        "feelings": orjson.dumps(draft.feelings).decode(),
        "score": draft.score,
        "task": draft.task,
        "success": None if draft.success is None else draft.success.value,
        "seconds": draft.seconds,
        "tags": orjson.dumps(draft.tags).decode(),
        "page": draft.page,
        "link": draft.link,
        "clip": draft.recording,
        "clip_at": draft.at_second,
        "journey": journey,
        "step": step,
        "tagged_by": None if tagged_by is None else tagged_by.value,
        "feeling": None if emotion is None else emotion.feeling,
        "valence": None if emotion is None else emotion.valence,
        "inferred": emotion is not None and emotion.inferred,
    }


def _read(row: sa.Row[Any]) -> Evidence:
    feelings = tuple(orjson.loads(row.feelings))
    told = feelings or ((row.feeling,) if row.feeling is not None else ())
    draft = Draft(
        source=Source(row.source),
        external=row.external,
        time=Instant(row.time),
        text=row.text,
        quotes=tuple(orjson.loads(row.quotes)),
        language=row.language,
        feelings=feelings,
        score=row.score,
        task=row.task,
        success=None if row.success is None else Success(row.success),
        seconds=row.seconds,
        tags=tuple(orjson.loads(row.tags)),
        page=row.page,
        link=row.link,
        user_id=row.user_id,
        place=None if row.step is None else (row.journey, row.step),
        recording=row.clip,
        at_second=row.clip_at,
    )
    return Evidence(
        id=row.id,
        draft=draft,
        tagged_by=None if row.tagged_by is None else TaggedBy(row.tagged_by),
        emotion=None if row.valence is None else Emotion(row.valence, told, bool(row.inferred)),
        created=Instant(row.created),
        by=row.by,
        revision=row.revision,
        changed_by=row.changed_by or row.by,
    )


def _read_rule(told: Mapping[str, Any]) -> TagRule:
    source = told["source"]
    return TagRule(**{**told, "source": None if source is None else Source(source), "words": tuple(told["words"])})
