"""The shape of opportunities: every share with its n and a 95 % interval."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, InstantField, StrictSchema
from api.schemas.funnels import MarkSchema, PopulationSchema
from api.schemas.records import IntervalSchema
from dsl.values import DAY, Duration
from engine.evidence import Source
from engine.roadmap.causes import CauseKind
from engine.roadmap.evidence import PERIOD
from engine.roadmap.opportunities import Ranking, Status
from engine.roadmap.readings import Asked, Whose

_NAME: Final = ma.validate.Length(1, 255)
_SHARE: Final = {"description": "0 to 1."}


class OpportunitiesAskedSchema(PopulationSchema, FormatSchema):
    """Which opportunities are asked for."""

    journey = ma.fields.String(load_default=None, validate=_NAME)
    step = ma.fields.String(load_default=None, validate=_NAME, metadata={"description": "Of the journey."})
    persona = ma.fields.String(
        load_default=None,
        validate=_NAME,
        metadata={"description": "Of a persona; `-` for people in none, `~` for visitors who are not known."},
    )
    status = ma.fields.Enum(Status, by_value=True, load_default=None)
    days = ma.fields.Integer(
        load_default=PERIOD // DAY,
        validate=ma.validate.Range(1, 730),
        metadata={"description": "How much of the past is looked at."},
    )
    by = ma.fields.Enum(
        Ranking,
        by_value=True,
        load_default=Ranking.REACHABLE,
        metadata={"description": "Ranked by users a week within reach, or by all that are lost."},
    )
    after = ma.fields.String(load_default="", metadata={"description": "`next` of the page before."})
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))


class WhoseQuerySchema(PopulationSchema):
    """Who counts."""


class WhoseFileSchema(WhoseQuerySchema, FormatSchema):
    """Who counts, in what form."""


class CauseSchema(AnswerSchema):
    """A proposed cause."""

    kind = ma.fields.Enum(CauseKind, by_value=True, required=True)
    name = ma.fields.String(required=True, metadata={"example": "confused"})
    text = ma.fields.String(required=True, metadata={"description": "The cause in one line."})
    met = ma.fields.Integer(
        required=True, metadata={"description": "Answers that named the feeling; of those lost, whom it happened to."}
    )
    of = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, metadata=_SHARE)
    interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    ratio = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "How many times as often who meets it is lost."}
    )
    ratio_interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    said = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The choice that most who felt so gave."}
    )
    said_by = ma.fields.Integer(required=True)
    sources = ma.fields.List(
        ma.fields.Enum(Source, by_value=True),
        required=True,
        metadata={"description": "Where it was said outside of the product."},
    )


class OpportunityDecisionSchema(AnswerSchema):
    """What somebody said of an opportunity last."""

    status = ma.fields.Enum(Status, by_value=True, required=True)
    by = ma.fields.String(required=True, metadata={"example": "member 3"})
    at = InstantField(required=True)
    why = ma.fields.String(required=True)
    cause = ma.fields.String(required=True, allow_none=True)
    revision = ma.fields.Integer(required=True)


class BestSchema(AnswerSchema):
    """The persona that does best at the step."""

    persona = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    rate = ma.fields.Float(required=True, metadata=_SHARE)
    n = ma.fields.Integer(required=True)


class OpportunitySchema(AnswerSchema):
    """Users lost at a step, of one persona, and how many of them are within reach."""

    id = ma.fields.String(required=True, metadata={"example": "activation.verify_domain.enterprise"})
    journey = ma.fields.String(required=True)
    stage = ma.fields.String(required=True)
    mark = ma.fields.Nested(
        MarkSchema, required=True, allow_none=True, metadata={"description": "Of the stage, as everywhere."}
    )
    step = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    persona = ma.fields.String(required=True, metadata={"description": "Blank where no persona is declared."})
    persona_label = ma.fields.String(required=True)
    weeks = ma.fields.Float(required=True, metadata={"description": "How many the counts are of."})
    settled = ma.fields.Integer(required=True, metadata={"description": "People whose fate at the step is known."})
    lost = ma.fields.Integer(required=True)
    lost_share = ma.fields.Float(required=True, metadata=_SHARE)
    lost_interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    lost_per_week = ma.fields.Float(required=True)
    best = ma.fields.Nested(BestSchema, required=True, allow_none=True)
    gap = ma.fields.Float(required=True, allow_none=True, metadata={"description": "To the best persona's rate."})
    gap_interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    reachable = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "Share of those lost; null without a comparison."}
    )
    reachable_interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    worth = ma.fields.Float(
        required=True, allow_none=True, metadata={"description": "Users a week: lost × share within reach."}
    )
    worth_interval = ma.fields.Nested(IntervalSchema, required=True, allow_none=True)
    causes = ma.fields.List(ma.fields.Nested(CauseSchema), required=True)
    status = ma.fields.Enum(Status, by_value=True, required=True)
    has_grown = ma.fields.Boolean(
        required=True, metadata={"description": "Dismissed, and far more are lost than then."}
    )
    decision = ma.fields.Nested(OpportunityDecisionSchema, required=True, allow_none=True)
    revision = ma.fields.Integer(required=True, metadata={"description": "Of the decision; 0 before the first."})


class OpportunitiesSchema(AnswerSchema):
    """A page of opportunities, the most worthwhile first. left_out: who is not counted."""

    data = ma.fields.List(ma.fields.Nested(OpportunitySchema), required=True)
    left_out = ma.fields.List(ma.fields.String(), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class OpportunityDecidedSchema(StrictSchema):
    """What somebody says of an opportunity."""

    status = ma.fields.Enum(Status, by_value=True, required=True)
    why = ma.fields.String(
        load_default="",
        validate=ma.validate.Length(max=2_000),
        metadata={"description": "Needed to confirm and to dismiss."},
    )
    cause = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(1, 2_000),
        metadata={"description": "The one that you hold for the real one."},
    )
    revision = ma.fields.Integer(
        required=True,
        validate=ma.validate.Range(0),
        metadata={"description": "The one that you saw: refused with 409 where somebody decided meanwhile."},
    )


def read_asked(query: dict[str, Any]) -> Asked:
    """What a query asks for."""
    return Asked(
        journey=query["journey"],
        step=query["step"],
        persona=query["persona"],
        status=query["status"],
        period=Duration(query["days"] * DAY),
        ranking=query["by"],
        whose=read_whose(query),
        with_paths=True,
    )


def read_whose(query: dict[str, Any]) -> Whose:
    """Who counts, by a query."""
    return Whose(everyone=query["everyone"], with_simulated=query["simulated"])
