"""Versions of surveys as they are stored; what starts a new one is decided in `engine.survey_versions`."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.nodes import Question
from dsl.project import RuleProject
from dsl.values import Instant
from engine.storage import findings_tables, tables
from engine.survey_versions import (
    NewSurveyVersion,
    SurveyVersion,
    Versions,
    breaking_changes,
    from_json,
    surveys_of,
    to_json,
)

_VERSION = tables.table(findings_tables.SurveyVersion)
_RESPONSE = tables.table(tables.Response)


def versions_of_project(connection: Connection, project_id: int) -> dict[str, Versions]:
    """All versions of all surveys of a project, by survey, ascending."""
    found: dict[str, list[SurveyVersion]] = {}
    statement = sa.select(_VERSION).where(_VERSION.c.project_id == project_id).order_by(_VERSION.c.version)
    for row in connection.execute(statement):
        version = SurveyVersion(row.version, Instant(row.since), from_json(row.questions))
        found.setdefault(row.survey, []).append(version)
    return {name: tuple(versions) for name, versions in found.items()}


def keep_versions(
    connection: Connection, project_id: int, rules: RuleProject, *, before: RuleProject | None, at: Instant
) -> tuple[NewSurveyVersion, ...]:
    """Keep what the surveys of rules that are published now ask; the versions that this started.

    before: the rules that were in force, for surveys that were published before versions were kept.
    """
    known = versions_of_project(connection, project_id)
    earlier = {} if before is None else surveys_of(before)
    started: list[NewSurveyVersion] = []
    for name, questions in surveys_of(rules).items():
        versions = known.get(name)
        if versions is None:
            first = SurveyVersion(1, Instant(0), earlier.get(name, questions))
            _insert(connection, project_id, name, first)
            versions = (first,)
        new = _follow(connection, project_id, name, versions[-1], questions, at=at)
        if new is not None:
            started.append(new)
    return tuple(started)


def _follow(
    connection: Connection,
    project_id: int,
    name: str,
    latest: SurveyVersion,
    questions: Mapping[str, Question],
    *,
    at: Instant,
) -> NewSurveyVersion | None:
    if to_json(questions) == to_json(latest.questions):
        return None
    changes = tuple(breaking_changes(latest.questions, questions))
    answers = _answers(connection, project_id, name, latest.version) if changes else 0
    if not answers:
        # Nothing was answered that this could be mixed up with.
        here = sa.and_(
            _VERSION.c.project_id == project_id, _VERSION.c.survey == name, _VERSION.c.version == latest.version
        )
        connection.execute(sa.update(_VERSION).where(here).values(questions=to_json(questions)))
        return None
    _insert(connection, project_id, name, SurveyVersion(latest.version + 1, at, questions))
    return NewSurveyVersion(name, latest.version + 1, answers, changes)


def _answers(connection: Connection, project_id: int, name: str, version: int) -> int:
    of_survey = sa.and_(_RESPONSE.c.project_id == project_id, _RESPONSE.c.guide == name)
    counted = sa.select(sa.func.count()).where(of_survey, _RESPONSE.c.survey_version == version)
    return int(connection.execute(counted).scalar_one())


def _insert(connection: Connection, project_id: int, name: str, version: SurveyVersion) -> None:
    connection.execute(
        sa.insert(_VERSION).values(
            project_id=project_id,
            survey=name,
            version=version.version,
            since=version.since,
            questions=to_json(version.questions),
        )
    )
