"""The shape of the figures of a product, on the wire and in `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema
from api.schemas.funnels import MarkSchema, PopulationSchema
from api.schemas.why import MomentField
from dsl.project import RuleProject
from dsl.values import Instant, format_instant
from engine.analytics.kpis import KPIS, Figure, Name, Of
from engine.analytics.population import Kind
from engine.product_figures import Figures, FiguresAsked
from engine.stages import StageMark, stage_marks

_NAMES: Final = ma.validate.OneOf([name.value for name in Name])
_PAIR: Final = {"description": "95 %: low, high."}


class KpisAskedSchema(PopulationSchema, FormatSchema):
    """Which figures, of whom, of when."""

    journey = ma.fields.String(
        load_default=None, validate=ma.validate.Length(1, 200), metadata={"description": "Only this one."}
    )
    begin = MomentField(load_default=None, data_key="from", metadata={"format": "date-time"})
    end = MomentField(load_default=None, data_key="to", metadata={"format": "date-time", "description": "Exclusive."})
    where = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 2_000),
        metadata={"description": "A condition of the language on who counts, as of now.", "example": 'plan is "pro"'},
    )
    revenue = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 400),
        metadata={"description": "The event and its number that is paid.", "example": "Purchase.amount"},
    )


class FigureSchema(AnswerSchema):
    """One figure."""

    kpi = ma.fields.String(required=True, validate=_NAMES)
    label = ma.fields.String(required=True)
    of = ma.fields.String(required=True, metadata={"description": "The question, survey, step, stage, span or event."})
    stage = ma.fields.Nested(
        MarkSchema,
        required=True,
        allow_none=True,
        metadata={"description": "How the stage is marked everywhere, of a step or a stage."},
    )
    mark = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Of an association: what people are told apart by."}
    )
    unit = ma.fields.String(required=True)
    value = ma.fields.Float(required=True, allow_none=True, metadata={"description": "Null below five."})
    interval = ma.fields.List(
        ma.fields.Float(), required=True, allow_none=True, validate=ma.validate.Length(equal=2), metadata=_PAIR
    )
    n = ma.fields.Integer(required=True)
    count = ma.fields.Integer(required=True, allow_none=True)
    note = ma.fields.String(required=True, allow_none=True)


class KpiDefinitionSchema(AnswerSchema):
    """What a figure is."""

    kpi = ma.fields.String(required=True, validate=_NAMES)
    label = ma.fields.String(required=True)
    definition = ma.fields.String(required=True)
    formula = ma.fields.String(required=True)
    interval = ma.fields.String(required=True)
    source = ma.fields.String(required=True)


class KpisSchema(AnswerSchema):
    """The figures of a period, and what each is."""

    figures = ma.fields.List(ma.fields.Nested(FigureSchema), required=True)
    definitions = ma.fields.List(ma.fields.Nested(KpiDefinitionSchema), required=True)
    begin = ma.fields.String(required=True, data_key="from", metadata={"format": "date-time"})
    end = ma.fields.String(required=True, data_key="to", metadata={"format": "date-time"})
    left_out = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf([each.value for each in Kind])), required=True
    )
    version = ma.fields.Integer(required=True)


def read_asked(query: Mapping[str, Any]) -> FiguresAsked:
    """A query as a question."""
    return FiguresAsked(
        journey=query["journey"],
        since=query["begin"],
        until=query["end"],
        where=query["where"],
        revenue=query["revenue"],
        everyone=query["everyone"],
        with_simulated=query["simulated"],
    )


def kpis_document(found: Figures, rules: RuleProject) -> dict[str, Any]:
    """The answer as the schema takes it. rules: those that it was asked under."""
    told = dict.fromkeys(each.name for each in found.figures)
    marks = _marks(rules)
    return {
        "figures": [_figure(each, marks.get((KPIS[each.name].of, each.of))) for each in found.figures],
        "definitions": [_definition(name) for name in told],
        "begin": format_instant(Instant(found.period.since)),
        "end": format_instant(found.period.until),
        "left_out": [kind.value for kind in found.left_out],
        "version": found.version,
    }


def _marks(rules: RuleProject) -> dict[tuple[Of, str], StageMark]:
    """The marks of all stages and steps, by what a figure is of and its name there."""
    stages, found = stage_marks(rules), {}
    for name, journey in rules.journeys.items():
        for stage in journey.stages:
            mark = found[Of.STAGE, f"{name}.{stage.name.text}"] = stages[stage.name.text]
            found |= {(Of.STEP, f"{name}.{step.name.text}"): mark for step in stage.steps}
    return found


def _figure(figure: Figure, stage: StageMark | None) -> dict[str, Any]:
    kpi, interval = KPIS[figure.name], figure.interval
    return {
        "kpi": figure.name.value,
        "label": kpi.label,
        "of": figure.of,
        "stage": stage,
        "mark": figure.mark,
        "unit": kpi.unit,
        "value": figure.value,
        "interval": None if interval is None else [interval.low, interval.high],
        "n": figure.n,
        "count": figure.count,
        "note": figure.note,
    }


def _definition(name: Name) -> dict[str, Any]:
    kpi = KPIS[name]
    return {
        "kpi": name.value,
        "label": kpi.label,
        "definition": kpi.definition,
        "formula": kpi.formula,
        "interval": kpi.interval,
        "source": kpi.source,
    }
