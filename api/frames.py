"""Answers as data frames, for notebooks and scripts: `frame("funnel", journey="checkout", window="7d", data="data")`.

The questions are those of the HTTP interface, with its parameters and its columns of CSV; besides, the views of
`engine.lake_views`, by their names or in SQL. Asks the database and the lake of a data folder; no server is needed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import marshmallow as ma

from api.analysts import analyst_of
from api.cli.options import opened
from api.config import read_settings
from api.parsing import field_errors
from api.tables import ALL
from engine.errors import UnknownProject, WaypostError

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]

    from engine.analyst import Analyst
    from engine.membership import RulesNow
    from engine.service import Service

__all__ = ["QUESTIONS", "BadQuestion", "frame", "query"]


class BadQuestion(WaypostError):
    """A question that there is not, or that is not asked so."""

    code = "bad_question"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where questions are asked: a project of an open database."""

    service: Service
    analyst: Analyst
    project: int
    rules: RulesNow


Rows = Iterable[Mapping[str, Any]]
Answer = tuple[Rows, Iterable[str]]
"""The rows of an answer and the names of their columns."""


def frame(question: str, *, data: str | None = None, project: str = "default", **asked: Any) -> pd.DataFrame:
    """The answer to a question as a data frame of pandas, or a view of the lake.

    question: one of QUESTIONS, or the name of a view (`events`, `people`, `steps`, …). asked: the parameters that the
    address has over HTTP, in lists where there may be several; one that is a word of Python gets a line behind it
    (`from_`). data: the data folder; else WAYPOST_DATA_DIR. project: its name, `NAME/staging` for an environment.

    Raises BadQuestion, NoDatabase, UnknownProject, NothingRecorded, and what the question itself refuses.
    """
    import pandas as pd  # noqa: PLC0415  (heavy: only where a frame is made)

    from engine.lake_views import views  # noqa: PLC0415

    names = [view.name for view in views()]
    if question in names:
        if asked:
            raise BadQuestion(f"`{question}` is a view and takes no {', '.join(sorted(asked))}; ask it with `query`")
        return query(f"SELECT * FROM {question}", data=data, project=project)  # noqa: S608  (a name of ours)
    if question not in QUESTIONS:
        known = ", ".join(f"`{name}`" for name in (*QUESTIONS, *names))
        raise BadQuestion(f"there is no question `{question}`; there are {known}")
    with _desk(data, project) as desk:
        rows, columns = QUESTIONS[question](desk, {name.rstrip("_"): value for name, value in asked.items()})
        return pd.DataFrame.from_records(list(rows), columns=list(columns))


def query(sql: str, *, data: str | None = None, project: str = "default") -> pd.DataFrame:
    """What SQL of DuckDB answers over the views of a project's lake: `SELECT name, count(*) FROM events GROUP BY name`.

    The live database is not opened. Raises NoDatabase, UnknownProject, NothingRecorded, and what DuckDB raises.
    """
    import duckdb  # noqa: PLC0415

    from engine.analytics.history import NothingRecorded  # noqa: PLC0415
    from engine.lake_views import script  # noqa: PLC0415

    with _desk(data, project) as desk:
        desk.analyst.sync(desk.project)
        lake = desk.analyst.lake(desk.project)
        with lake.reading() as manifest, duckdb.connect() as connection:
            if not manifest.days or not manifest.people:
                raise NothingRecorded
            connection.execute(script(lake.folder, desk.rules.project).sql)
            return connection.execute(sql).df()


@contextmanager
def _desk(data: str | None, project: str) -> Iterator[Desk]:
    settings = read_settings(os.environ, data_dir=data)
    with opened(settings) as service:
        found = next((each for each in service.projects() if each.slug == project), None)
        if found is None:
            raise UnknownProject
        analyst = analyst_of(service.database, settings)
        yield Desk(service, analyst, found.id, service.rules_now(found.id))


def _read(schema: type[ma.Schema], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters by the schema of their address. Raises BadQuestion."""
    try:
        read: dict[str, Any] = schema().load({name: value for name, value in asked.items() if value is not None})
    except ma.ValidationError as error:
        first = next(field_errors(error.messages_dict))
        raise BadQuestion(f"{first.path}: {first.message}" if first.path else first.message) from None
    return read


def _with(asked: Mapping[str, Any], name: str) -> tuple[str | None, dict[str, Any]]:
    """One parameter that stands in the address, and all others."""
    return asked.get(name), {key: value for key, value in asked.items() if key != name}


def _funnel(desk: Desk, asked: Mapping[str, Any]) -> Answer:
    from api.schemas.funnels import FunnelQuerySchema, JourneyFunnelSchema, read_asked  # noqa: PLC0415
    from engine.analytics.tables import FUNNEL_COLUMNS, funnel_rows  # noqa: PLC0415
    from engine.stages import NO_MARKS, step_marks  # noqa: PLC0415

    journey, rest = _with(asked, "journey")
    read = _read(FunnelQuerySchema if journey is None else JourneyFunnelSchema, rest)
    answer = desk.analyst.funnel(desk.project, read_asked(read, journey=journey), desk.rules)
    marks = NO_MARKS if journey is None else step_marks(desk.rules.project, journey)
    return funnel_rows(answer, marks), FUNNEL_COLUMNS


def _paths(desk: Desk, asked: Mapping[str, Any]) -> Answer:
    from api.schemas.paths import EventPathsAsked, JourneyPathsAsked, read_paths  # noqa: PLC0415
    from engine.analytics.path_tables import COLUMNS, Part, path_rows  # noqa: PLC0415
    from engine.paths import paths  # noqa: PLC0415

    journey, rest = _with(asked, "journey")
    read = _read(EventPathsAsked if journey is None else JourneyPathsAsked, rest)
    answer = paths(desk.analyst, desk.project, read_paths(read, journey=journey), desk.rules)
    part = Part(read["part"])
    return path_rows(answer, part), COLUMNS[part]


def _kpis(desk: Desk, asked: Mapping[str, Any]) -> Answer:
    from api.schemas.kpis import KpisAskedSchema, read_asked  # noqa: PLC0415
    from engine.analytics.tables import KPI_COLUMNS, kpi_rows  # noqa: PLC0415
    from engine.product_figures import figures  # noqa: PLC0415

    found = figures(desk.analyst, desk.project, read_asked(_read(KpisAskedSchema, asked)), desk.rules)
    return kpi_rows(found.figures), KPI_COLUMNS


def _health(desk: Desk, asked: Mapping[str, Any]) -> Answer:
    from api.schemas.health import HealthAskedSchema, read_asked  # noqa: PLC0415
    from engine.account_health import health  # noqa: PLC0415
    from engine.analytics.tables import HEALTH_COLUMNS, health_rows  # noqa: PLC0415

    found = health(desk.analyst, desk.project, read_asked(_read(HealthAskedSchema, asked)), desk.rules)
    return health_rows(found), HEALTH_COLUMNS


def _effect(desk: Desk, asked: Mapping[str, Any]) -> Answer:
    from api.schemas.effects import EffectAskedSchema, read_asked  # noqa: PLC0415
    from engine.analytics.tables import EFFECT_COLUMNS, effect_rows  # noqa: PLC0415
    from engine.effects import effect  # noqa: PLC0415

    guide, rest = _with(asked, "guide")
    if guide is None:
        raise BadQuestion('say of which guide: `frame("effect", guide="verify_help")`')
    found = effect(desk.analyst, desk.project, read_asked(_read(EffectAskedSchema, rest), guide), desk.rules)
    return effect_rows(found), EFFECT_COLUMNS


def _opportunities(desk: Desk, asked: Mapping[str, Any]) -> Answer:
    from api.schemas.opportunities import OpportunitiesAskedSchema, read_asked  # noqa: PLC0415
    from engine.roadmap.path_contrasts import PathContrasts  # noqa: PLC0415
    from engine.roadmap.planner import Planner  # noqa: PLC0415
    from engine.roadmap.readings import Readings  # noqa: PLC0415
    from engine.roadmap.tables import OPPORTUNITY_COLUMNS, opportunity_rows  # noqa: PLC0415
    from engine.stages import stage_marks  # noqa: PLC0415

    database = desk.service.database
    planner = Planner(database, Readings(database, contrasts=PathContrasts(desk.analyst)))
    found = planner.opportunities(desk.project, desk.rules, read_asked(_read(OpportunitiesAskedSchema, asked)))
    return opportunity_rows(found, stage_marks(desk.rules.project)), OPPORTUNITY_COLUMNS


def _evidence(desk: Desk, asked: Mapping[str, Any]) -> Answer:
    from api.schemas.evidence import EvidenceAskedSchema  # noqa: PLC0415
    from engine.evidence import read_place  # noqa: PLC0415
    from engine.evidence_desk import EvidenceDesk  # noqa: PLC0415
    from engine.evidence_rows import EVIDENCE_COLUMNS, evidence_rows  # noqa: PLC0415
    from engine.storage.evidence import Asked  # noqa: PLC0415

    read = _read(EvidenceAskedSchema, asked)
    journey, step = (None, None) if read["step"] is None else read_place(read["step"])
    limit = read["limit"] if "limit" in asked else ALL
    wanted = Asked(read["source"], journey, step, read["tagged"], read["after"], limit)
    return evidence_rows(EvidenceDesk(desk.service.database).listed(desk.project, wanted)), EVIDENCE_COLUMNS


def _alerts(desk: Desk, asked: Mapping[str, Any]) -> Answer:
    from api.schemas.fields import FileFormSchema  # noqa: PLC0415
    from engine.alerts import ALERT_COLUMNS, alert_rows  # noqa: PLC0415

    _read(FileFormSchema, asked)
    return alert_rows(desk.service.publications.alerts(desk.project)), ALERT_COLUMNS


def _of_steps(desk: Desk, asked: Mapping[str, Any], *, name: str) -> Answer:
    """What is known of each step: the record itself, or one of its parts (`engine.step_records`, `step_answers`)."""
    from api.schemas import step_answers as said  # noqa: PLC0415
    from api.schemas import step_records as counted  # noqa: PLC0415
    from engine import step_answers, step_records  # noqa: PLC0415
    from engine.analytics.record_tables import COLUMNS, Part, record_rows  # noqa: PLC0415

    def terms(*words: Any) -> Any:
        return step_answers.terms(*words, limit=query_["limit"])

    kinds: Mapping[str, tuple[type[ma.Schema], Callable[..., Any], Callable[..., Any], str]] = {
        "records": (counted.RecordsAskedSchema, counted.read_records, step_records.records, "records"),
        "transitions": (counted.TransitionsAskedSchema, counted.read_records, step_records.transitions, "transitions"),
        "curve": (counted.CurveAskedSchema, counted.read_records, step_records.curves, "curves"),
        "asked": (said.ReachAskedSchema, said.read_answers, step_answers.asked_and_answered, "surveys"),
        "terms": (said.TermsAskedSchema, said.read_answers, terms, "terms"),
        "disagreements": (said.DisagreementsAskedSchema, said.read_answers, step_answers.disagreeing, "disagreements"),
    }
    schema, read, answer, member = kinds[name]
    journey, rest = _with(asked, "journey")
    if journey is None:
        raise BadQuestion(f'say of which journey: `frame("{name}", journey="activation")`')
    query_ = _read(schema, rest)
    found = answer(desk.analyst, desk.project, read(query_, journey), desk.rules)
    part = Part(query_.get("part", name))
    return record_rows(getattr(found, member), part), COLUMNS[part]


QUESTIONS: Final[Mapping[str, Callable[[Desk, Mapping[str, Any]], Answer]]] = {
    "funnel": _funnel,
    "paths": _paths,
    "kpis": _kpis,
    "health": _health,
    "effect": _effect,
    "opportunities": _opportunities,
    **{
        name: partial(_of_steps, name=name)
        for name in ("records", "transitions", "curve", "asked", "terms", "disagreements")
    },
    "evidence": _evidence,
    "alerts": _alerts,
}
"""Every question that `frame` answers, by its name."""
