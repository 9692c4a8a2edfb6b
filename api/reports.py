"""Every report that may be written to a file by schedule: what it is, which parameters it takes, how it is written.

The questions are those of `api.frames`, with the parameters and columns of their addresses; besides, events and the
answers to surveys.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import marshmallow as ma

from api import tables
from api.analysts import analyst_of
from api.config import Settings
from api.frames import QUESTIONS, BadQuestion, Desk, _read, _with
from api.schemas.fields import StrictSchema
from dsl.values import Instant, format_instant
from engine.report_schedules import BadSchedule, FileForm, Wanted

if TYPE_CHECKING:
    from engine.service import Service


class EventsAskedSchema(StrictSchema):
    """Which events."""

    event = ma.fields.List(ma.fields.String(validate=ma.validate.Length(min=1, max=255)), load_default=list)
    everyone = ma.fields.Boolean(load_default=False)
    simulated = ma.fields.Boolean(load_default=False)


@dataclass(frozen=True, slots=True)
class Report:
    """A report. of: what stands in its address and has to be said: `journey`, `guide`; blank for nothing. schema: of
    its other parameters. has_period: it is of what happened in some time, `from` and `to`.
    """

    label: str
    schema: Callable[[], type[ma.Schema]]
    of: str = ""
    has_period: bool = False


def _funnels() -> type[ma.Schema]:
    from api.schemas.funnels import JourneyFunnelSchema  # noqa: PLC0415  (with its question only)

    return JourneyFunnelSchema


def _paths() -> type[ma.Schema]:
    from api.schemas.paths import JourneyPathsAsked  # noqa: PLC0415

    return JourneyPathsAsked


def _kpis() -> type[ma.Schema]:
    from api.schemas.kpis import KpisAskedSchema  # noqa: PLC0415

    return KpisAskedSchema


def _health() -> type[ma.Schema]:
    from api.schemas.health import HealthAskedSchema  # noqa: PLC0415

    return HealthAskedSchema


def _effect() -> type[ma.Schema]:
    from api.schemas.effects import EffectAskedSchema  # noqa: PLC0415

    return EffectAskedSchema


def _opportunities() -> type[ma.Schema]:
    from api.schemas.opportunities import OpportunitiesAskedSchema  # noqa: PLC0415

    return OpportunitiesAskedSchema


def _evidence() -> type[ma.Schema]:
    from api.schemas.evidence import EvidenceAskedSchema  # noqa: PLC0415

    return EvidenceAskedSchema


def _records(name: str) -> Callable[[], type[ma.Schema]]:
    def found() -> type[ma.Schema]:
        from api.schemas import step_answers, step_records  # noqa: PLC0415

        schemas: Mapping[str, type[ma.Schema]] = {
            "records": step_records.RecordsAskedSchema,
            "transitions": step_records.TransitionsAskedSchema,
            "curve": step_records.CurveAskedSchema,
            "asked": step_answers.ReachAskedSchema,
            "terms": step_answers.TermsAskedSchema,
            "disagreements": step_answers.DisagreementsAskedSchema,
            "responses": step_answers.ResponsesAskedSchema,
        }
        return schemas[name]

    return found


REPORTS: Final[Mapping[str, Report]] = {
    "events": Report("Events", lambda: EventsAskedSchema, has_period=True),
    "responses": Report("Answers at the steps of a journey", _records("responses"), of="journey", has_period=True),
    "funnel": Report("Funnel of a journey", _funnels, of="journey"),
    "paths": Report("What came before people left", _paths, of="journey"),
    "records": Report("Records of the steps", _records("records"), of="journey", has_period=True),
    "transitions": Report("From step to step", _records("transitions"), of="journey", has_period=True),
    "curve": Report("Emotion along the journey", _records("curve"), of="journey", has_period=True),
    "asked": Report("Who was asked and who answered", _records("asked"), of="journey", has_period=True),
    "terms": Report("Words of the answers", _records("terms"), of="journey", has_period=True),
    "disagreements": Report("Scores and words that disagree", _records("disagreements"), of="journey", has_period=True),
    "kpis": Report("Figures of the product", _kpis, has_period=True),
    "effect": Report("Effect of a guide", _effect, of="guide"),
    "health": Report("Health of accounts", _health),
    "opportunities": Report("Opportunities", _opportunities),
    "evidence": Report("Evidence", _evidence),
}
"""What may be written by schedule, in the order of menus."""


class FileReports:
    """Writes reports of the registry (`engine.report_desk.Reports`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def check(self, wanted: Wanted) -> None:
        """Raises BadSchedule, BadQuestion."""
        report = REPORTS.get(wanted.report)
        if report is None:
            raise BadSchedule(f"there is no report `{wanted.report[:80]}`; there are {', '.join(REPORTS)}")
        if report.of and not isinstance(wanted.asked.get(report.of), str):
            raise BadSchedule(f"say of which {report.of}: `{wanted.report}` takes `{report.of}`")
        if wanted.days is not None and not report.has_period:
            raise BadSchedule(f"`{wanted.report}` is not of some days: leave `days` out")
        if wanted.days is not None and {"from", "to"} & wanted.asked.keys():
            raise BadSchedule("either `days`, or `from` and `to` that stay the same")
        _, rest = _with(wanted.asked, report.of) if report.of else (None, dict(wanted.asked))
        if "format" in rest:
            raise BadSchedule("the form of the file is said by `form`")
        try:
            _read(report.schema(), rest)
        except BadQuestion as error:
            raise BadSchedule(f"in `asked`, {error}") from None

    def write(
        self, service: Service, project_id: int, wanted: Wanted, period: tuple[Instant, Instant] | None, to: Path
    ) -> int:
        """Write a report; how many rows it has. Raises what the question raises."""
        self.check(wanted)
        analyst = analyst_of(service.database, self._settings)
        desk = Desk(service, analyst, project_id, service.rules_now(project_id))
        # Nobody who was erased is in it: what an erasure left to do is done before.
        service.privacy.finish(project_id)
        if wanted.report == "events":
            return self._events(desk, wanted, period, to)
        asked = dict(wanted.asked)
        if period is not None:
            asked |= {"from": format_instant(period[0]), "to": format_instant(period[1])}
        rows, columns = (
            _responses(desk, asked) if wanted.report == "responses" else QUESTIONS[wanted.report](desk, asked)
        )
        return _written(rows, list(columns), wanted.form, to)

    def _events(self, desk: Desk, wanted: Wanted, period: tuple[Instant, Instant] | None, to: Path) -> int:
        from engine.exports.events import EventsWanted, columns, open_events  # noqa: PLC0415

        asked = _read(EventsAskedSchema, wanted.asked)
        population = desk.analyst.population(
            desk.project, desk.rules, everyone=asked["everyone"], with_simulated=asked["simulated"]
        )
        since, until = (None, None) if period is None else period
        chosen_by = EventsWanted(since, until, tuple(asked["event"]), population=population)
        desk.analyst.sync(desk.project)
        spill = self._settings.lakes / "spill"
        lake = desk.analyst.lake(desk.project)
        with open_events(lake, chosen_by, memory=self._settings.analysis_memory, spill=spill) as chosen:
            if wanted.form is FileForm.CSV:
                with to.open("w", encoding="utf-8", newline="") as file:
                    file.writelines(tables.csv_lines(chosen.rows(), list(columns())))
            else:
                _parquet_of(chosen.tables(), to)
            return chosen.count


def _responses(desk: Desk, asked: Mapping[str, Any]) -> tuple[Iterable[Mapping[str, Any]], Iterable[str]]:
    from api.schemas.step_answers import ResponsesAskedSchema, read_answers  # noqa: PLC0415
    from engine.analytics.record_tables import COLUMNS, Part, record_rows  # noqa: PLC0415
    from engine.step_answers import responses  # noqa: PLC0415

    journey, rest = _with(asked, "journey")
    read = _read(ResponsesAskedSchema, rest)
    if journey is None:
        raise BadQuestion("say of which journey")
    found = responses(desk.analyst, desk.project, read_answers(read, journey), desk.rules, limit=tables.ALL)
    return record_rows(found.responses, Part.RESPONSES), COLUMNS[Part.RESPONSES]


def _written(rows: Iterable[Mapping[str, Any]], columns: list[str], form: FileForm, to: Path) -> int:
    if form is FileForm.PARQUET:
        listed = list(rows)
        to.write_bytes(tables.as_parquet(listed, columns))
        return len(listed)
    number = 0

    def counted() -> Iterator[Mapping[str, Any]]:
        nonlocal number
        for row in rows:
            number += 1
            yield row

    with to.open("w", encoding="utf-8", newline="") as file:
        file.writelines(tables.csv_lines(counted(), columns))
    return number


def _parquet_of(batches: Any, to: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415  (heavy: only where a file is made)

    with pq.ParquetWriter(os.fspath(to), batches.schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
