"""What records of journeys read: the progress of everybody, their answers, and who was asked.

Reads only, and never the log: both are kept up to date in the transaction that writes an event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.clauses import every, places
from dsl.nodes import Guide, Question
from dsl.project import RuleProject
from dsl.values import Instant
from engine.analytics.evidence import source_records
from engine.analytics.heard import AnswerAtStep
from engine.analytics.records import AnswerGiven, StepRecord, SurveyQuestion, step_record
from engine.errors import UnknownJourney
from engine.journeys import JourneyProgress, StepProgress
from engine.stages import step_marks
from engine.storage import evidence, exposures, tables
from engine.storage.surveys import versions_of_project
from engine.survey_versions import Versions

_PERSON = tables.table(tables.Person)
_PROGRESS = tables.table(tables.JourneyProgress)
_RESPONSE = tables.table(tables.Response)


def progress_of(
    connection: Connection, project_id: int, journey: str, *, with_simulated: bool
) -> Iterator[JourneyProgress]:
    """The progress of each person in a journey to whom anything of it happened."""
    statement = (
        sa.select(_PROGRESS.c.data)
        .join(_PERSON, _PERSON.c.id == _PROGRESS.c.person_id)
        .where(_PROGRESS.c.project_id == project_id, _PROGRESS.c.journey == journey)
    )
    if not with_simulated:
        statement = statement.where(_PERSON.c.simulated.is_(False))
    for (data,) in connection.execute(statement):
        read = orjson.loads(data)
        steps = {name: StepProgress(**step) for name, step in read["steps"].items()}
        yield JourneyProgress(**{**read, "steps": steps})


def answers_at(
    connection: Connection, project_id: int, journey: str, step: str, *, with_simulated: bool
) -> list[AnswerGiven]:
    """The answers that belong to a step, in the order in which they were given."""
    response = _RESPONSE.c
    statement = sa.select(_RESPONSE).where(
        response.project_id == project_id, response.journey == journey, response.step == step
    )
    if not with_simulated:
        statement = statement.where(response.simulated.is_(False))
    return list(map(answer_of, connection.execute(statement.order_by(response.time, response.seq))))


def answers_of_journey(connection: Connection, project_id: int, journey: str) -> list[AnswerAtStep]:
    """The answers that belong to the steps of a journey, in the order in which they were given; simulated ones too."""
    response = _RESPONSE.c
    statement = sa.select(_RESPONSE).where(
        response.project_id == project_id, response.journey == journey, response.step.is_not(None)
    )
    rows = connection.execute(statement.order_by(response.time, response.seq, response.question))
    return [AnswerAtStep(row.step, row.seq, answer_of(row)) for row in rows]


def answers_of_survey(connection: Connection, project_id: int, survey: str) -> list[AnswerAtStep]:
    """The answers to a survey, at whatever step or at none, in the order in which they were given; simulated ones too.

    Their step is `JOURNEY.STEP`, blank for those that belong to none.
    """
    response = _RESPONSE.c
    statement = sa.select(_RESPONSE).where(response.project_id == project_id, response.guide == survey)
    rows = connection.execute(statement.order_by(response.time, response.seq, response.question))
    return [
        AnswerAtStep("" if row.step is None else f"{row.journey}.{row.step}", row.seq, answer_of(row)) for row in rows
    ]


def surveys_answered(connection: Connection, project_id: int) -> dict[str, Instant]:
    """When each survey was answered last, whoever counts; those that the rules have no longer, too."""
    response = _RESPONSE.c
    latest = sa.select(response.guide, sa.func.max(response.time)).where(response.project_id == project_id)
    return {survey: Instant(at) for survey, at in connection.execute(latest.group_by(response.guide))}


def answer_of(row: sa.Row[Any]) -> AnswerGiven:
    """A row of the responses as what was answered."""
    return AnswerGiven(
        person=row.person_id,
        guide=row.guide,
        question=row.question,
        submission=row.submission,
        value=orjson.loads(row.value) if row.value is not None else None,
        text=row.text,
        feeling=row.feeling,
        valence=row.valence,
        inferred=row.inferred,
        language=row.language,
        time=Instant(row.time),
        survey_version=row.survey_version,
    )


def step_record_of(
    connection: Connection,
    project_id: int,
    rules: RuleProject,
    place: tuple[str, str],
    *,
    now: Instant,
    with_simulated: bool,
) -> StepRecord:
    """The record of a step, `(journey, step)`, at an instant. Raises UnknownJourney, UnknownStep."""
    name, step = place
    journey = rules.journeys.get(name)
    if journey is None:
        raise UnknownJourney(name, list(rules.journeys))
    asked = [
        (guide.name.text, question) for guide in guides_at(rules, name, step) for question in every(guide, Question)
    ]
    shown = exposures.people_shown(
        connection, project_id, sorted({guide for guide, _ in asked}), with_simulated=with_simulated
    )
    found = step_record(
        journey,
        step,
        progress_of(connection, project_id, name, with_simulated=with_simulated),
        answers_at(connection, project_id, name, step, with_simulated=with_simulated),
        questions=_questions(asked, shown, versions_of_project(connection, project_id)),
        now=now,
    )
    told = evidence.at_step(connection, project_id, place, with_simulated=with_simulated)
    return replace(found, evidence=source_records(told), stage=step_marks(rules, name)[step])


def _questions(
    asked: Sequence[tuple[str, Question]], shown: Mapping[str, int], surveys: Mapping[str, Versions]
) -> list[SurveyQuestion]:
    """The questions as they are asked today, then those of earlier versions of their surveys, the latest first."""
    found: list[SurveyQuestion] = []
    for guide, question in asked:
        versions = surveys.get(guide, ())
        if len(versions) > 1:
            # To how many the survey was shown is known of all its versions together only.
            found.append(SurveyQuestion(guide, question, None, versions[-1].version))
        else:
            found.append(SurveyQuestion(guide, question, shown[guide]))
    for guide in dict.fromkeys(guide for guide, _ in asked):
        for version in reversed(surveys.get(guide, ())[:-1]):
            found += [SurveyQuestion(guide, question, None, version.version) for question in version.questions.values()]
    return found


def guides_at(rules: RuleProject, journey: str, step: str) -> list[Guide]:
    """The guides whose answers may belong to the step."""
    return [
        guide
        for guide in rules.guides.values()
        if any(
            place.journey.text == journey and any(each.name.text == step for each in rules.steps_at(place))
            for place in places(guide)
        )
    ]
