"""The shape of journey maps: columns, rows of lines, figures with their n and interval, cells, targets, snapshots."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.maps.files import FORMS
from api.maps.pdf import PAPERS
from api.schemas.fields import AnswerSchema, FormatSchema, InstantField, StrictSchema
from api.schemas.funnels import MarkSchema, PopulationSchema
from api.schemas.records import IntervalSchema
from api.schemas.why import MomentField
from dsl.feelings import FEELINGS
from dsl.values import SECOND
from engine.mapping.cells import LONGEST_LINK, LONGEST_TEXT, MOST_LINKS
from engine.mapping.model import LINE_MEANS, LineKind
from engine.mapping.rows import TYPED, Row
from engine.roadmap.metrics import METRICS, Metric
from engine.roadmap.outcomes import Verdict

_NAME: Final = ma.validate.Length(max=255)
_SHARE: Final = {"description": "0 to 1."}
_TIMEBOX: Final[dict[str, Any]] = {
    "validate": ma.validate.Regexp(
        r"20\d\d-(Q[1-4]|0[1-9]|1[0-2])$", error="a timebox is a month such as 2026-11, or a quarter such as 2026-Q4"
    ),
    "metadata": {"description": "A month or a quarter.", "example": "2026-Q4"},
}
_REVISION: Final[dict[str, Any]] = {
    "required": True,
    "validate": ma.validate.Range(0),
    "metadata": {"description": "The one that you saw, 0 for none: refused with 409 where it was changed meanwhile."},
}
_AGAINST: Final = {
    "description": "What to compare with: a month or quarter, `persona:NAME`, `persona:everyone`, `snapshot:NUMBER`.",
    "example": "2026-Q3",
}


class MapFormSchema(ma.Schema):
    """In what form."""

    format = ma.fields.String(load_default="json", validate=ma.validate.OneOf(["json", *FORMS]))
    paper = ma.fields.String(
        load_default="a4", validate=ma.validate.OneOf(list(PAPERS)), metadata={"description": "Of a PDF, lying."}
    )


class MapQuerySchema(PopulationSchema, MapFormSchema):
    """Which map."""

    persona = ma.fields.String(
        load_default="", validate=_NAME, metadata={"description": "Of a persona; of everybody without."}
    )
    period = ma.fields.String(load_default=None, **_TIMEBOX)
    days = ma.fields.Integer(
        load_default=None,
        validate=ma.validate.Range(1, 1_100),
        metadata={"description": "The last days, instead of `period`. Without either: four weeks of settled people."},
    )
    compare = ma.fields.String(load_default=None, validate=ma.validate.Length(1, 300), metadata=_AGAINST)

    @ma.validates_schema
    def _is_one_period(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("period") is not None and data.get("days") is not None:
            raise ma.ValidationError("say `period` or `days`, not both", "days")


# the map


class MapLineSchema(AnswerSchema):
    """One line of a cell."""

    kind = ma.fields.Enum(
        LineKind,
        by_value=True,
        required=True,
        metadata={"description": "; ".join(f"{kind.value}: {means}" for kind, means in LINE_MEANS.items())},
    )
    text = ma.fields.String(required=True)
    ref = ma.fields.String(
        required=True,
        metadata={
            "description": "What it speaks of; blank for nothing. Of a real path its steps by number: `path:1,3`.",
            "example": "guide:verify_help",
        },
    )
    n = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How many it is of; of what was typed, how much evidence it links that is here."},
    )
    hatched = ma.fields.Boolean(
        required=True,
        attribute="is_hatched",
        metadata={"description": "Typed in, and nothing that is here speaks for it."},
    )
    touchpoint = ma.fields.String(required=True, metadata={"description": "Of one alone; blank for the step."})
    evidence = ma.fields.List(ma.fields.String(), required=True)
    missing = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Of `evidence`: what is gone, as after an erasure."}
    )
    revision = ma.fields.Integer(required=True, metadata={"description": "Of what was typed; else 0."})
    by = ma.fields.String(required=True)


def _lines() -> ma.fields.Dict:
    return ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.OneOf([row.value for row in Row])),
        values=ma.fields.List(ma.fields.Nested(MapLineSchema)),
        required=True,
        metadata={"description": "By row; rows without a line are left out."},
    )


class StepFigureSchema(AnswerSchema):
    """A metric of a step, in its own unit."""

    metric = ma.fields.Enum(Metric, by_value=True, required=True)
    unit = ma.fields.Function(
        lambda measured: METRICS[measured.metric].unit, required=True, metadata={"type": "string"}
    )
    value = ma.fields.Float(required=True, allow_none=True, metadata={"description": "null: not enough to say."})
    n = ma.fields.Integer(required=True)
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)


class FutureSchema(AnswerSchema):
    """A target beside the present."""

    metric = ma.fields.Enum(Metric, by_value=True, required=True)
    target = ma.fields.Float(required=True)
    due = ma.fields.String(required=True, allow_none=True)
    present = ma.fields.Nested(StepFigureSchema, required=True)
    reached = ma.fields.Boolean(required=True, allow_none=True, attribute="has_arrived")
    late = ma.fields.Boolean(required=True, attribute="is_late")


class WithinSchema(AnswerSchema):
    """How many of those who went on did so in the time that the rules expect."""

    expected = ma.fields.Function(lambda within: within.expected / SECOND, required=True, metadata={"type": "number"})
    n = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, allow_none=True, metadata=_SHARE)
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)


class ReleaseSchema(AnswerSchema):
    """A release of the product. Without steps, pages and touchpoints it touches everything."""

    version = ma.fields.String(required=True)
    at = InstantField(required=True)
    steps = ma.fields.List(ma.fields.String(), required=True)
    pages = ma.fields.List(ma.fields.String(), required=True)
    touchpoints = ma.fields.List(ma.fields.String(), required=True)


class PublicationSchema(AnswerSchema):
    """Rules that were put in force."""

    version = ma.fields.Integer(required=True)
    at = InstantField(required=True)


class LookSchema(AnswerSchema):
    """Somebody looked at a step and confirmed it."""

    at = InstantField(required=True)
    by = ma.fields.String(required=True)
    note = ma.fields.String(required=True)


class MapStepSchema(AnswerSchema):
    """A column of the map."""

    step = ma.fields.String(required=True)
    name = ma.fields.String(required=True, metadata={"example": "A1"})
    label = ma.fields.String(required=True)
    stage = ma.fields.String(required=True)
    entered = ma.fields.Integer(required=True, metadata={"description": "People who came in the period."})
    went_on = ma.fields.Integer(required=True, metadata={"description": "Of those whose fate is known."})
    lost = ma.fields.Integer(required=True)
    figures = ma.fields.List(ma.fields.Nested(StepFigureSchema), required=True)
    within = ma.fields.Nested(WithinSchema, required=True, allow_none=True)
    feelings = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.OneOf(list(FEELINGS))), values=ma.fields.Integer(), required=True
    )
    futures = ma.fields.List(ma.fields.Nested(FutureSchema), required=True)
    releases = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Versions that touched it in the period."}
    )
    stale = ma.fields.List(
        ma.fields.Nested(ReleaseSchema),
        required=True,
        metadata={"description": "Those that touched it since somebody last looked; empty: not stale."},
    )
    look = ma.fields.Nested(LookSchema, required=True, allow_none=True)
    lines = _lines()


class MapStageSchema(AnswerSchema):
    """A stage with its columns."""

    mark = ma.fields.Nested(MarkSchema, required=True)
    steps = ma.fields.List(ma.fields.String(), required=True)
    lines = _lines()


class MapRowSchema(AnswerSchema):
    """What a row is. filled: by itself with what; typed: what people may type in, blank where they may not."""

    row = ma.fields.Enum(Row, by_value=True, required=True)
    label = ma.fields.String(required=True)
    filled = ma.fields.String(required=True)
    typed = ma.fields.String(required=True)


class SnapshotSchema(AnswerSchema):
    """A snapshot. quarter: of one that was taken by itself."""

    id = ma.fields.Integer(required=True)
    journey = ma.fields.String(required=True)
    persona = ma.fields.String(required=True)
    quarter = ma.fields.String(required=True, allow_none=True)
    since = InstantField(required=True)
    until = InstantField(required=True)
    taken = InstantField(required=True)
    by = ma.fields.String(required=True)
    note = ma.fields.String(required=True)


class PlainMapSchema(AnswerSchema):
    """A map of a journey, for a persona and a period."""

    journey = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    persona = ma.fields.String(required=True, metadata={"description": "Blank for everybody."})
    persona_label = ma.fields.String(required=True)
    since = InstantField(required=True, metadata={"description": "Of the period."})
    until = InstantField(required=True, metadata={"description": "Of the period; does not belong to it."})
    made = InstantField(required=True, metadata={"description": "When it was drawn: send it as `seen` to confirm it."})
    rows = ma.fields.List(ma.fields.Nested(MapRowSchema), required=True)
    stages = ma.fields.List(ma.fields.Nested(MapStageSchema), required=True)
    steps = ma.fields.List(ma.fields.Nested(MapStepSchema), required=True)
    lines = _lines()
    releases = ma.fields.List(ma.fields.Nested(ReleaseSchema), required=True)
    publications = ma.fields.List(
        ma.fields.Nested(PublicationSchema), required=True, metadata={"description": "Of rules, in the period."}
    )
    left_out = ma.fields.List(ma.fields.String(), required=True)
    path = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "Steps of the most common way to the last one, in the order of the map."},
    )
    worst = ma.fields.String(
        required=True, metadata={"description": "The step where most were lost; blank where too few were."}
    )
    snapshot = ma.fields.Nested(SnapshotSchema, required=True, allow_none=True)


class FigureComparedSchema(AnswerSchema):
    """A metric on both maps. difference: of the map less what it is compared with."""

    metric = ma.fields.Enum(Metric, by_value=True, required=True)
    value = ma.fields.Nested(StepFigureSchema, required=True)
    other = ma.fields.Nested(StepFigureSchema, required=True)
    difference = ma.fields.Float(required=True, allow_none=True)
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)


class StepComparedSchema(AnswerSchema):
    """A step on both maps."""

    step = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    entered = ma.fields.Integer(required=True, allow_none=True)
    other_entered = ma.fields.Integer(required=True, allow_none=True)
    figures = ma.fields.List(ma.fields.Nested(FigureComparedSchema), required=True)


class MapComparedSchema(AnswerSchema):
    """What a map is compared with. map: that one, whole."""

    beside = ma.fields.String(required=True, metadata={"example": "2026-07-01 to 2026-10-01"})
    map = ma.fields.Nested(PlainMapSchema, required=True)
    steps = ma.fields.List(ma.fields.Nested(StepComparedSchema), required=True)


class MapSchema(PlainMapSchema):
    """A map, and what it is compared with, where that was asked for."""

    compared = ma.fields.Nested(MapComparedSchema, required=True, allow_none=True)


# what people say


class CellSaidSchema(StrictSchema):
    """What somebody types into a map."""

    row = ma.fields.String(required=True, validate=ma.validate.OneOf([row.value for row in TYPED]))
    text = ma.fields.String(
        required=True,
        validate=ma.validate.Length(max=LONGEST_TEXT),
        metadata={"description": "Blank clears the cell.", "example": "wants the first campaign out today"},
    )
    step = ma.fields.String(load_default="", validate=_NAME, metadata={"description": "Or `stage`; neither: of all."})
    stage = ma.fields.String(load_default="", validate=_NAME)
    persona = ma.fields.String(load_default="", validate=_NAME, metadata={"description": "Blank for everybody."})
    touchpoint = ma.fields.String(
        load_default="",
        validate=ma.validate.Length(max=2_000),
        metadata={"description": "Of the step, as declared, in the rows `touchpoints` and `systems`."},
    )
    evidence = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, LONGEST_LINK)),
        load_default=list,
        validate=ma.validate.Length(max=MOST_LINKS),
        metadata={"description": "`evidence:NUMBER`, `response:SURVEY.QUESTION.SUBMISSION`, or an address."},
    )
    revision = ma.fields.Integer(**_REVISION)


class CellSchema(AnswerSchema):
    """A cell as it is kept."""

    row = ma.fields.Enum(Row, by_value=True, required=True)
    text = ma.fields.String(required=True)
    step = ma.fields.String(required=True)
    stage = ma.fields.String(required=True)
    persona = ma.fields.String(required=True)
    touchpoint = ma.fields.String(required=True)
    evidence = ma.fields.List(ma.fields.String(), required=True)
    missing = ma.fields.List(ma.fields.String(), required=True)
    hatched = ma.fields.Boolean(required=True)
    revision = ma.fields.Integer(required=True)
    created = InstantField(required=True)
    by = ma.fields.String(required=True, metadata={"description": "Who typed it first."})
    changed = InstantField(required=True)
    changed_by = ma.fields.String(required=True)


class CellsSchema(AnswerSchema):
    """What was typed into the maps of a journey."""

    data = ma.fields.List(ma.fields.Nested(CellSchema), required=True)


class TargetSaidSchema(StrictSchema):
    """What a metric of a step is to be."""

    step = ma.fields.String(required=True, validate=ma.validate.Length(1, 255))
    metric = ma.fields.Enum(Metric, by_value=True, required=True)
    target = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "In the metric's own unit; null takes it back."}
    )
    persona = ma.fields.String(load_default="", validate=_NAME, metadata={"description": "Blank for everybody."})
    due = ma.fields.String(load_default=None, allow_none=True, **_TIMEBOX)
    revision = ma.fields.Integer(**_REVISION)


class TargetSchema(AnswerSchema):
    """A target as it is kept."""

    step = ma.fields.String(required=True)
    metric = ma.fields.Enum(Metric, by_value=True, required=True)
    target = ma.fields.Float(required=True, allow_none=True)
    persona = ma.fields.String(required=True)
    due = ma.fields.String(required=True, allow_none=True)
    revision = ma.fields.Integer(required=True)
    changed = InstantField(required=True)
    changed_by = ma.fields.String(required=True)


class TargetsSchema(AnswerSchema):
    """The targets of a journey."""

    data = ma.fields.List(ma.fields.Nested(TargetSchema), required=True)


class LookSaidSchema(StrictSchema):
    """Somebody looked at steps, and they are as the map says."""

    steps = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 255)),
        load_default=list,
        validate=ma.validate.Length(max=500),
        metadata={"description": "None: all steps of the journey."},
    )
    seen = MomentField(
        load_default=None,
        metadata={
            "description": "`made` of the map that you saw: what was released after it still counts; now without."
        },
    )
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=2_000))


class LooksSchema(AnswerSchema):
    """When somebody last looked at each step; steps at which nobody has are left out."""

    data = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(LookSchema), required=True)


class SnapshotSaidSchema(StrictSchema):
    """A snapshot to be taken. It is kept for good."""

    persona = ma.fields.String(load_default="", validate=_NAME, metadata={"description": "Blank for everybody."})
    period = ma.fields.String(load_default=None, allow_none=True, **_TIMEBOX)
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=2_000))


class SnapshotsAskedSchema(StrictSchema, FormatSchema):
    """Which page of the snapshots. Files hold all of them."""

    before = ma.fields.Integer(load_default=None, validate=ma.validate.Range(1))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))


class SnapshotsSchema(AnswerSchema):
    """A page of snapshots, the latest first. next: `before` of the next page."""

    data = ma.fields.List(ma.fields.Nested(SnapshotSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True)


class SnapshotQuerySchema(StrictSchema, MapFormSchema):
    """In what form."""
