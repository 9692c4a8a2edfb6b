"""The shape of the roadmap: stages with their marks, themes, items, what became of them.

Requests are strict; a change names only the members that change, and the revision that it was made from.
"""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, InstantField, StrictSchema, ValueField
from api.schemas.funnels import MarkSchema, PopulationSchema
from api.schemas.opportunities import OpportunitySchema
from api.schemas.records import IntervalSchema
from api.schemas.why import MomentField
from engine.roadmap.items import (
    LONGEST_EFFORT,
    LONGEST_NAME,
    MOST_ESTIMATES,
    MOST_EVIDENCE,
    ItemKind,
    ItemStatus,
    Missing,
)
from engine.roadmap.metrics import Metric
from engine.roadmap.outcomes import Verdict
from engine.roadmap.quadrants import Quadrant
from engine.roadmap.sheets import LONGEST_TEXT
from engine.roadmap.themes import ThemeStatus

_NAME: Final = ma.validate.Length(1, 255)
_TITLE: Final = ma.validate.Length(1, LONGEST_NAME)
_TEXT: Final = ma.validate.Length(max=LONGEST_TEXT)
_TIMEBOX: Final[dict[str, Any]] = {
    "validate": ma.validate.Regexp(
        r"20\d\d-(Q[1-4]|0[1-9]|1[0-2])$", error="a timebox is a month such as 2026-11, or a quarter such as 2026-Q4"
    ),
    "metadata": {"description": "A month or a quarter.", "example": "2026-Q4"},
}
_REVISION: Final[dict[str, Any]] = {
    "validate": ma.validate.Range(0),
    "metadata": {"description": "The one that you saw: refused with 409 where it was changed meanwhile."},
}


class RangeSchema(AnswerSchema):
    """A figure that is not known better than from low to high."""

    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)
    middle = ma.fields.Float(required=True, metadata={"description": "The best guess."})


class EffortSchema(StrictSchema):
    """What one author thinks it takes, in person-days."""

    by = ma.fields.String(load_default="", validate=ma.validate.Length(max=100), metadata={"description": "Author."})
    low = ma.fields.Float(required=True, validate=ma.validate.Range(0, LONGEST_EFFORT))
    high = ma.fields.Float(required=True, validate=ma.validate.Range(0, LONGEST_EFFORT))


class ImpactSchema(StrictSchema):
    """Users a week that it could win."""

    low = ma.fields.Float(required=True, validate=ma.validate.Range(0, 1e9))
    high = ma.fields.Float(required=True, validate=ma.validate.Range(0, 1e9))


# themes


class ThemeNewSchema(StrictSchema):
    """A problem that people have, with the metric that says when it is solved."""

    title = ma.fields.String(
        required=True, validate=_TITLE, metadata={"example": "New users do not know which record to enter"}
    )
    journey = ma.fields.String(required=True, validate=_NAME)
    stage = ma.fields.String(load_default=None, allow_none=True, validate=_NAME)
    step = ma.fields.String(load_default=None, allow_none=True, validate=_NAME)
    metric = ma.fields.Enum(Metric, by_value=True, required=True)
    target = ma.fields.Float(required=True, metadata={"description": "In the metric's own unit.", "example": 0.7})
    due = ma.fields.String(load_default=None, allow_none=True, **_TIMEBOX)
    status = ma.fields.Enum(ThemeStatus, by_value=True, load_default=ThemeStatus.OPEN)
    owner = ma.fields.String(load_default=None, allow_none=True, validate=_NAME)


class ThemeChangeSchema(StrictSchema):
    """What changes of a theme; members that are left out stay as they are."""

    revision = ma.fields.Integer(required=True, **_REVISION)
    title = ma.fields.String(validate=_TITLE)
    journey = ma.fields.String(validate=_NAME)
    stage = ma.fields.String(allow_none=True, validate=_NAME)
    step = ma.fields.String(allow_none=True, validate=_NAME)
    metric = ma.fields.Enum(Metric, by_value=True)
    target = ma.fields.Float()
    due = ma.fields.String(allow_none=True, **_TIMEBOX)
    status = ma.fields.Enum(ThemeStatus, by_value=True)
    owner = ma.fields.String(allow_none=True, validate=_NAME)


class ThemeSchema(AnswerSchema):
    """A theme."""

    id = ma.fields.Integer(required=True)
    revision = ma.fields.Integer(required=True)
    title = ma.fields.String(required=True)
    hint = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Advice, where the title reads like a feature."}
    )
    journey = ma.fields.String(required=True)
    stage = ma.fields.String(required=True, allow_none=True)
    step = ma.fields.String(required=True, allow_none=True)
    metric = ma.fields.Enum(Metric, by_value=True, required=True)
    target = ma.fields.Float(required=True)
    due = ma.fields.String(required=True, allow_none=True)
    status = ma.fields.Enum(ThemeStatus, by_value=True, required=True)
    owner = ma.fields.String(required=True, allow_none=True)
    created = InstantField(required=True)
    by = ma.fields.String(required=True)
    changed = InstantField(required=True)
    changed_by = ma.fields.String(required=True)


class ThemesSchema(AnswerSchema):
    """A page of themes, in the order of their making."""

    data = ma.fields.List(ma.fields.Nested(ThemeSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True)


class StarterSchema(AnswerSchema):
    """A suggested theme."""

    title = ma.fields.String(required=True)
    metric = ma.fields.Enum(Metric, by_value=True, required=True)
    symptom = ma.fields.String(required=True, metadata={"description": "What in the records speaks for it."})


class StageStartersSchema(AnswerSchema):
    """The suggestions for a stage of a journey."""

    journey = ma.fields.String(required=True)
    mark = ma.fields.Nested(MarkSchema, required=True)
    themes = ma.fields.List(ma.fields.Nested(StarterSchema), required=True)


class StartersSchema(AnswerSchema):
    """Suggested themes, stage by stage."""

    data = ma.fields.List(ma.fields.Nested(StageStartersSchema), required=True)


# items


class ItemChangeSchema(StrictSchema):
    """What changes of an item; members that are left out stay as they are."""

    revision = ma.fields.Integer(required=True, **_REVISION)
    title = ma.fields.String(validate=_TITLE)
    kind = ma.fields.Enum(ItemKind, by_value=True)
    story = ma.fields.String(validate=_TEXT)
    status = ma.fields.Enum(ItemStatus, by_value=True, metadata={"description": "`requested` is the intake."})
    theme = ma.fields.Integer(allow_none=True, validate=ma.validate.Range(1))
    opportunity = ma.fields.String(
        allow_none=True, validate=_NAME, metadata={"description": "Gives the item its journey and step, and evidence."}
    )
    journey = ma.fields.String(allow_none=True, validate=_NAME)
    step = ma.fields.String(allow_none=True, validate=_NAME)
    metric = ma.fields.Enum(Metric, by_value=True, allow_none=True)
    evidence = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 1_000)), validate=ma.validate.Length(max=MOST_EVIDENCE)
    )
    efforts = ma.fields.List(ma.fields.Nested(EffortSchema), validate=ma.validate.Length(max=MOST_ESTIMATES))
    impact = ma.fields.Nested(ImpactSchema, allow_none=True)
    timebox = ma.fields.String(allow_none=True, **_TIMEBOX)
    sprint = ma.fields.String(allow_none=True, validate=ma.validate.Length(1, 100))
    owner = ma.fields.String(allow_none=True, validate=_NAME)
    guide = ma.fields.String(allow_none=True, validate=_NAME, metadata={"description": "The one that carries it."})
    external = ma.fields.String(allow_none=True, validate=_NAME, metadata={"description": "Number in a tracker."})
    launched = MomentField(allow_none=True)


class ItemNewSchema(ItemChangeSchema):
    """A new item; without a status it goes to the intake."""

    class Meta:
        unknown = ma.RAISE
        exclude = ("revision",)

    title = ma.fields.String(required=True, validate=_TITLE)


class OverrideSchema(StrictSchema):
    """An admin lets an item be scheduled that lacks a step or evidence."""

    revision = ma.fields.Integer(required=True, **_REVISION)
    why = ma.fields.String(required=True, validate=ma.validate.Length(1, 2_000))
    timebox = ma.fields.String(load_default=None, allow_none=True, **_TIMEBOX)
    sprint = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(1, 100))


class OverriddenSchema(AnswerSchema):
    """Who let it be scheduled, and why."""

    by = ma.fields.String(required=True)
    why = ma.fields.String(required=True)
    at = InstantField(required=True)


class PlaceSchema(AnswerSchema):
    """Where an item lies."""

    quadrant = ma.fields.Enum(Quadrant, by_value=True, required=True)
    is_close = ma.fields.Boolean(required=True, metadata={"description": "A range reaches over the limit."})
    timebox = ma.fields.String(required=True, allow_none=True, metadata={"description": "Proposed."})


class EstimateSchema(AnswerSchema):
    """What one author thinks it takes, in person-days."""

    by = ma.fields.String(required=True)
    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)


class ItemSchema(AnswerSchema):
    """An item, with what follows from it."""

    id = ma.fields.Integer(required=True)
    revision = ma.fields.Integer(required=True)
    title = ma.fields.String(required=True)
    kind = ma.fields.Enum(ItemKind, by_value=True, required=True)
    story = ma.fields.String(required=True)
    status = ma.fields.Enum(ItemStatus, by_value=True, required=True)
    theme = ma.fields.Integer(required=True, allow_none=True)
    opportunity = ma.fields.String(required=True, allow_none=True)
    journey = ma.fields.String(required=True, allow_none=True)
    step = ma.fields.String(required=True, allow_none=True)
    stage = ma.fields.Nested(MarkSchema, required=True, allow_none=True)
    metric = ma.fields.Enum(Metric, by_value=True, required=True, allow_none=True)
    evidence = ma.fields.List(ma.fields.String(), required=True)
    efforts = ma.fields.List(ma.fields.Nested(EstimateSchema), required=True)
    effort = ma.fields.Nested(
        RangeSchema, required=True, allow_none=True, metadata={"description": "All estimates together, person-days."}
    )
    impact = ma.fields.Nested(
        RangeSchema, required=True, allow_none=True, metadata={"description": "Users a week; of the opportunity."}
    )
    missing = ma.fields.List(ma.fields.Enum(Missing, by_value=True), required=True)
    place = ma.fields.Nested(PlaceSchema, required=True, allow_none=True)
    timebox = ma.fields.String(required=True, allow_none=True)
    wish = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Asked for, before it may be scheduled."}
    )
    sprint = ma.fields.String(required=True, allow_none=True)
    owner = ma.fields.String(required=True, allow_none=True)
    guide = ma.fields.String(required=True, allow_none=True)
    external = ma.fields.String(required=True, allow_none=True)
    launched = InstantField(required=True, allow_none=True)
    override = ma.fields.Nested(OverriddenSchema, required=True, allow_none=True)
    created = InstantField(required=True)
    by = ma.fields.String(required=True)
    changed = InstantField(required=True)
    changed_by = ma.fields.String(required=True)


class ItemsAskedSchema(PopulationSchema, FormatSchema):
    """Which items. Files hold all of them."""

    status = ma.fields.Enum(ItemStatus, by_value=True, load_default=None)
    kind = ma.fields.Enum(ItemKind, by_value=True, load_default=None)
    journey = ma.fields.String(load_default=None, validate=_NAME)
    step = ma.fields.String(load_default=None, validate=_NAME)
    theme = ma.fields.Integer(load_default=None)
    timebox = ma.fields.String(load_default=None, **_TIMEBOX)
    quadrant = ma.fields.Enum(Quadrant, by_value=True, load_default=None)
    after = ma.fields.Integer(load_default=0, metadata={"description": "`next` of the page before."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 500))


class PageSchema(StrictSchema, FormatSchema):
    """Which page. Files hold all."""

    after = ma.fields.Integer(load_default=0, metadata={"description": "`next` of the page before."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 500))


class ItemsSchema(AnswerSchema):
    """A page of items, in the order of their making."""

    data = ma.fields.List(ma.fields.Nested(ItemSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True)


class DeleteQuerySchema(StrictSchema):
    """Which revision is deleted."""

    revision = ma.fields.Integer(required=True, **_REVISION)


class DeletedSchema(AnswerSchema):
    """What was deleted."""

    deleted = ma.fields.Integer(required=True)


class ItemChangedSchema(AnswerSchema):
    """How an item was changed once."""

    revision = ma.fields.Integer(required=True)
    at = InstantField(required=True)
    by = ma.fields.String(required=True)
    fields_ = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(ValueField(allow_none=True), validate=ma.validate.Length(equal=2)),
        required=True,
        data_key="fields",
        metadata={"description": "By field, the value before and after."},
    )


class ItemChangesSchema(AnswerSchema):
    """How an item was changed, oldest first."""

    data = ma.fields.List(ma.fields.Nested(ItemChangedSchema), required=True)


# the whole


class LimitsSchema(AnswerSchema):
    """From where on effort and impact are high."""

    effort_days = ma.fields.Float(required=True)
    users_per_week = ma.fields.Float(required=True)
    revision = ma.fields.Integer(required=True)


class LimitsSetSchema(StrictSchema):
    """From where on effort and impact are to be high."""

    effort_days = ma.fields.Float(required=True, validate=ma.validate.Range(0, LONGEST_EFFORT, min_inclusive=False))
    users_per_week = ma.fields.Float(required=True, validate=ma.validate.Range(0, 1e9, min_inclusive=False))
    revision = ma.fields.Integer(required=True, **_REVISION)


class BoardSchema(AnswerSchema):
    """The roadmap: the earliest timebox first."""

    stages = ma.fields.List(ma.fields.Nested(MarkSchema), required=True)
    themes = ma.fields.List(ma.fields.Nested(ThemeSchema), required=True)
    items = ma.fields.List(ma.fields.Nested(ItemSchema), required=True)
    limits = ma.fields.Nested(LimitsSchema, required=True)


class MeasuredSchema(AnswerSchema):
    """A metric as it was in a period."""

    value = ma.fields.Float(required=True, allow_none=True)
    n = ma.fields.Integer(required=True)
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)


class ComparisonSchema(AnswerSchema):
    """A metric in two periods."""

    metric = ma.fields.Enum(Metric, by_value=True, required=True)
    before = ma.fields.Nested(MeasuredSchema, required=True)
    after = ma.fields.Nested(MeasuredSchema, required=True)
    difference = ma.fields.Float(required=True, allow_none=True)
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)


class LiftSchema(AnswerSchema):
    """What a guide did, by its holdout."""

    guide = ma.fields.String(required=True)
    value = ma.fields.Float(required=True, allow_none=True)
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    said = ma.fields.String(required=True)


class OutcomeSchema(AnswerSchema):
    """What became of an item since its launch."""

    item = ma.fields.Integer(required=True)
    title = ma.fields.String(required=True)
    launched = InstantField(required=True)
    comparison = ma.fields.Nested(ComparisonSchema, required=True, allow_none=True)
    lift = ma.fields.Nested(LiftSchema, required=True, allow_none=True)
    note = ma.fields.String(required=True, metadata={"example": "before/after, not causal"})


class OutcomesSchema(AnswerSchema):
    """What became of everything that was launched."""

    data = ma.fields.List(ma.fields.Nested(OutcomeSchema), required=True)


class ImportSchema(PopulationSchema):
    """A roadmap that was kept elsewhere."""

    csv = ma.fields.String(
        required=True,
        validate=ma.validate.Length(1, 400_000),
        metadata={"description": "A table whose first line names the columns; `title` is needed."},
    )
    keep = ma.fields.Boolean(load_default=True, metadata={"description": "false: only say what would come of it."})


class SheetProblemSchema(AnswerSchema):
    """A row that was skipped."""

    line = ma.fields.Integer(required=True)
    problem = ma.fields.String(required=True)


class AuditSchema(AnswerSchema):
    """A roadmap beside the evidence."""

    rows = ma.fields.Integer(required=True)
    kept = ma.fields.Integer(required=True)
    known = ma.fields.Integer(required=True, metadata={"description": "Rows that were here already."})
    problems = ma.fields.List(ma.fields.Nested(SheetProblemSchema), required=True)
    no_step = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "Items without a step."})
    no_evidence = ma.fields.List(ma.fields.String(), required=True)
    waiting = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "They asked for a timebox and wait in the intake."}
    )
    uncared = ma.fields.List(
        ma.fields.Nested(OpportunitySchema),
        required=True,
        metadata={"description": "The worst steps without an item."},
    )


class ExportAskedSchema(PopulationSchema):
    """In what form."""

    format = ma.fields.String(load_default="json", validate=ma.validate.OneOf(["json", "csv", "parquet", "markdown"]))


class IssuesSchema(AnswerSchema):
    """Items as rows for issue trackers."""

    data = ma.fields.List(ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String()), required=True)


class ReviewAskedSchema(PopulationSchema):
    """Which quarter, in what form."""

    quarter = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(r"20\d\d-Q[1-4]$", error="a quarter is written as 2026-Q4"),
        metadata={"description": "Such as `2026-Q4`; without it the one that runs.", "example": "2026-Q4"},
    )
    format = ma.fields.String(
        load_default="json", validate=ma.validate.OneOf(["json", "csv", "parquet", "markdown", "html"])
    )


class ThemeReviewSchema(AnswerSchema):
    """A theme with its metric in the quarter, beside the quarter before."""

    theme = ma.fields.Nested(ThemeSchema, required=True)
    comparison = ma.fields.Nested(ComparisonSchema, required=True)
    is_reached = ma.fields.Boolean(required=True, allow_none=True)


class SectionSchema(AnswerSchema):
    """A part of the review, in words."""

    title = ma.fields.String(required=True)
    lines = ma.fields.List(ma.fields.String(), required=True)
    nothing = ma.fields.String(required=True, metadata={"description": "What to say where there are no lines."})


class ReviewSchema(AnswerSchema):
    """A quarter looked back on."""

    quarter = ma.fields.String(required=True)
    made = InstantField(required=True)
    is_over = ma.fields.Boolean(required=True)
    left_out = ma.fields.List(ma.fields.String(), required=True)
    moved = ma.fields.List(ma.fields.Nested(ThemeReviewSchema), required=True)
    not_moved = ma.fields.List(ma.fields.Nested(ThemeReviewSchema), required=True)
    launched = ma.fields.List(ma.fields.Nested(OutcomeSchema), required=True)
    sections = ma.fields.List(ma.fields.Nested(SectionSchema), required=True)
