"""What opportunities and outcomes are made of: each person's progress in a journey, with who it is, and the answers.

Reads only what is kept up to date with each event, never the log; the number of the latest event says whether anything
is new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.values import Instant
from engine.analytics.records import AnswerGiven
from engine.evidence import Source
from engine.journeys import JourneyProgress, StepProgress
from engine.roadmap.evidence import Elsewhere, Traveller
from engine.storage import base, evidence, evidence_tables, tables
from engine.storage.records import answer_of

_EVIDENCE = base.table(evidence_tables.EvidenceItem)
_EVENT = tables.table(tables.Event)
_PERSON = tables.table(tables.Person)
_PROGRESS = tables.table(tables.JourneyProgress)
_RESPONSE = tables.table(tables.Response)


def people_of(
    connection: Connection, project_id: int, journey: str, *, with_simulated: bool, without: Collection[int] = ()
) -> Iterator[Traveller]:
    """Each person in a journey, with how far they came. without: people who do not count."""
    statement = (
        sa.select(_PROGRESS.c.person_id, _PERSON.c.user_id.is_not(None), _PROGRESS.c.data)
        .join(_PERSON, _PERSON.c.id == _PROGRESS.c.person_id)
        .where(_PROGRESS.c.project_id == project_id, _PROGRESS.c.journey == journey)
        .order_by(_PROGRESS.c.person_id)
    )
    if not with_simulated:
        statement = statement.where(_PERSON.c.simulated.is_(False))
    for person, is_known, data in connection.execute(statement):
        if person in without:
            continue
        read = orjson.loads(data)
        steps = {name: StepProgress(**step) for name, step in read["steps"].items()}
        yield Traveller(person, bool(is_known), JourneyProgress(**{**read, "steps": steps}))


def answers_of(
    connection: Connection, project_id: int, journey: str, *, with_simulated: bool, without: Collection[int] = ()
) -> dict[str, list[AnswerGiven]]:
    """The answers that belong to a journey, by step, in the order in which they were given."""
    response = _RESPONSE.c
    statement = sa.select(_RESPONSE).where(response.project_id == project_id, response.journey == journey)
    if not with_simulated:
        statement = statement.where(response.simulated.is_(False))
    found: dict[str, list[AnswerGiven]] = {}
    for row in connection.execute(statement.order_by(response.time, response.seq)):
        if row.step is None or row.person_id in without:
            continue
        found.setdefault(row.step, []).append(answer_of(row))
    return found


def told_elsewhere(
    connection: Connection, project_id: int, journey: str, *, with_simulated: bool, without: Collection[int] = ()
) -> dict[str, list[Elsewhere]]:
    """What was said of a journey outside of the product, by step, in the order in which it was said."""
    column = _EVIDENCE.c
    statement = (
        sa.select(_EVIDENCE)
        .outerjoin(_PERSON, _PERSON.c.id == column.person_id)
        .where(column.project_id == project_id, column.journey == journey, column.step.is_not(None))
        .order_by(column.time, column.id)
    )
    if not with_simulated:
        statement = statement.where(sa.or_(_PERSON.c.id.is_(None), _PERSON.c.simulated.is_(False)))
    found: dict[str, list[Elsewhere]] = {}
    for row in connection.execute(statement):
        if row.person_id in without:
            continue
        feelings = tuple(orjson.loads(row.feelings)) or ((row.feeling,) if row.feeling is not None else ())
        told = Elsewhere(Source(row.source), row.person_id, feelings, bool(row.inferred), Instant(row.time))
        found.setdefault(row.step, []).append(told)
    return found


def version(connection: Connection, project_id: int) -> tuple[int, ...]:
    """Another one after whatever these are made of has changed: the latest event, and the evidence from elsewhere."""
    return latest_event(connection, project_id), *evidence.version(connection, project_id)


def latest_event(connection: Connection, project_id: int) -> int:
    """The number of the event that was received last; 0 before the first."""
    statement = sa.select(sa.func.max(_EVENT.c.seq)).where(_EVENT.c.project_id == project_id)
    return connection.execute(statement).scalar_one() or 0
