"""The shapes of reports by schedule and of their runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma
import orjson

from api.reports import REPORTS
from api.schemas.fields import AnswerSchema, FormatSchema, InstantField, ObjectField, StrictSchema, ValueField
from dsl.values import format_instant
from engine.report_schedules import Every, FileForm, RunState, Wanted, words_of
from engine.storage.report_schedules import Run, Schedule

_REPORTS: Final = ma.validate.OneOf(list(REPORTS))
_EVERY: Final = ma.validate.OneOf([each.value for each in Every])
_FORMS: Final = ma.validate.OneOf([each.value for each in FileForm])
_NAME: Final = {"description": "What its files are called: small letters, digits, `-` and `_`.", "example": "funnel-eu"}
_ASKED: Final = {
    "description": "The parameters that the report's address takes, with its `journey` or `guide`.",
    "example": {"journey": "activation"},
}
_DAYS: Final = {
    "description": "Of so many whole days before the run, in the project's zone, where a report has a time."
}
_ON: Final = {"description": "Of a week the day from 1 for Monday to 7, of a month from 1 to 28."}


class ScheduleSchema(AnswerSchema):
    """A report that is written by schedule."""

    id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True, metadata=_NAME)
    report = ma.fields.String(required=True)
    asked = ma.fields.Dict(keys=ma.fields.String(), values=ValueField(), required=True, metadata=_ASKED)
    form = ma.fields.Enum(FileForm, by_value=True, required=True)
    days = ma.fields.Integer(required=True, allow_none=True, metadata=_DAYS)
    every = ma.fields.Enum(Every, by_value=True, required=True)
    hour = ma.fields.Integer(required=True)
    on = ma.fields.Integer(required=True, metadata=_ON)
    is_on = ma.fields.Boolean(required=True)
    revision = ma.fields.Integer(required=True)
    created = InstantField(required=True)
    next = InstantField(required=True, allow_none=True, metadata={"description": "When the next one is due."})


class SchedulesSchema(AnswerSchema):
    """The exports of an environment, oldest first."""

    data = ma.fields.List(ma.fields.Nested(ScheduleSchema), required=True)


class ScheduleWantedSchema(StrictSchema):
    """A report to write by schedule."""

    name = ma.fields.String(required=True, metadata=_NAME)
    report = ma.fields.String(required=True, validate=_REPORTS, metadata={"example": "funnel"})
    asked = ObjectField(load_default=dict, metadata=_ASKED)
    form = ma.fields.String(load_default=FileForm.CSV.value, validate=_FORMS)
    days = ma.fields.Integer(load_default=None, allow_none=True, strict=True, metadata=_DAYS)
    every = ma.fields.String(load_default=Every.DAY.value, validate=_EVERY)
    hour = ma.fields.Integer(load_default=6, strict=True, metadata={"description": "In the project's zone."})
    on = ma.fields.Integer(load_default=1, strict=True, metadata=_ON)


class ScheduleChangeSchema(StrictSchema):
    """What is to be changed; what is left out stays as it is."""

    revision = ma.fields.Integer(required=True, metadata={"description": "That the change was made from."})
    name = ma.fields.String(metadata=_NAME)
    report = ma.fields.String(validate=_REPORTS)
    asked = ObjectField(metadata=_ASKED)
    form = ma.fields.String(validate=_FORMS)
    days = ma.fields.Integer(allow_none=True, strict=True, metadata=_DAYS)
    every = ma.fields.String(validate=_EVERY)
    hour = ma.fields.Integer(strict=True)
    on = ma.fields.Integer(strict=True, metadata=_ON)
    is_on = ma.fields.Boolean(truthy={True}, falsy={False})


class ReportRunSchema(AnswerSchema):
    """One file that was written, or will be."""

    id = ma.fields.Integer(required=True)
    schedule = ma.fields.Integer(required=True, metadata={"description": "Of which export."})
    due = InstantField(required=True)
    state = ma.fields.Enum(RunState, by_value=True, required=True)
    tries = ma.fields.Integer(required=True)
    next_try = InstantField(required=True, allow_none=True)
    file = ma.fields.String(required=True, allow_none=True)
    rows = ma.fields.Integer(required=True, allow_none=True)
    bytes = ma.fields.Integer(required=True, allow_none=True)
    error = ma.fields.String(required=True, allow_none=True)
    finished = InstantField(required=True, allow_none=True)


class ReportRunsSchema(AnswerSchema):
    """A page of runs, the latest first."""

    data = ma.fields.List(ma.fields.Nested(ReportRunSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "For `before`."})


class RunsQuerySchema(StrictSchema, FormatSchema):
    """Which runs to list, and in what form; a file has them all."""

    export = ma.fields.Integer(load_default=None, validate=ma.validate.Range(min=1))
    before = ma.fields.Integer(load_default=None, validate=ma.validate.Range(min=1, max=2**53))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=500))


def read_wanted(asked: Mapping[str, Any]) -> Wanted:
    """What is to be written, as it was asked for."""
    return Wanted(
        name=asked["name"],
        report=asked["report"],
        asked=asked["asked"],
        form=FileForm(asked["form"]),
        days=asked["days"],
        every=Every(asked["every"]),
        hour=asked["hour"],
        on=asked["on"],
    )


def read_changes(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as they were asked for."""
    kinds: Mapping[str, Any] = {"form": FileForm, "every": Every}
    return {name: kinds[name](value) if name in kinds else value for name, value in asked.items()}


def schedule_document(found: Schedule) -> dict[str, Any]:
    """An export as it is answered."""
    wanted = found.wanted
    named = ("name", "report", "asked", "form", "days", "every", "hour", "on")
    return {
        "id": found.id,
        **{name: getattr(wanted, name) for name in named},
        "is_on": found.is_on,
        "revision": found.revision,
        "created": found.created,
        "next": found.next_due,
    }


def schedule_row(found: Schedule) -> dict[str, Any]:
    """A row of a table, with the keys of SCHEDULE_COLUMNS."""
    wanted = found.wanted
    return {
        "id": found.id,
        "name": wanted.name,
        "report": wanted.report,
        "asked": orjson.dumps(dict(wanted.asked)).decode(),
        "form": wanted.form.value,
        "days": wanted.days,
        "when": words_of(wanted),
        "is_on": found.is_on,
        "next": None if found.next_due is None else format_instant(found.next_due),
    }


def run_row(found: Run) -> dict[str, Any]:
    """A row of a table, with the keys of RUN_COLUMNS."""
    own = ("id", "schedule", "tries", "file", "rows", "bytes", "error")
    return {
        **{name: getattr(found, name) for name in own},
        "due": format_instant(found.due),
        "state": found.state.value,
        "finished": None if found.finished is None else format_instant(found.finished),
    }
