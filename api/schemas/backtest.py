"""The shape of a backtest."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from api.schemas.rules import file_name
from api.schemas.why import MomentField
from dsl.values import SECOND
from engine.backtest import CAVEAT, Backtest, GuideBacktest


class BacktestAskedSchema(StrictSchema):
    """Which rules, and which part of the history."""

    files = ma.fields.Dict(
        keys=ma.fields.String(validate=file_name),
        values=ma.fields.String(),
        load_default=None,
        allow_none=True,
        metadata={"description": "Rule files to try; they are not published. Without: the rules in force."},
    )
    beside_live = ma.fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={
            "description": "Try `files` beside the rules in force, a file standing in for one of its name: a new guide "
            "then meets those that people see already. Otherwise `files` are the whole set."
        },
    )
    begin = MomentField(load_default=None, allow_none=True, data_key="from", metadata={"format": "date-time"})
    end = MomentField(load_default=None, allow_none=True, data_key="to", metadata={"format": "date-time"})
    simulated = ma.fields.Boolean(load_default=False, metadata={"description": "Count simulated people too."})
    sample = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Of a history that is too long for a request: one portion of the people."},
    )

    @ma.validates_schema
    def _in_order(self, asked: dict[str, Any], **_: Any) -> None:
        if asked["begin"] is not None and asked["end"] is not None and asked["end"] < asked["begin"]:
            raise ma.ValidationError("must not be before `from`", "to")


class RemovedSchema(AnswerSchema):
    """What one gate kept away."""

    reason = ma.fields.String(required=True, metadata={"example": "FREQUENCY_CAPPED"})
    moments = ma.fields.Integer(required=True)
    people = ma.fields.Integer(required=True)


class OverlapSchema(AnswerSchema):
    """Another guide in the way of this one."""

    guide = ma.fields.String(required=True)
    both = ma.fields.Integer(required=True, metadata={"description": "People who would have seen both."})
    won = ma.fields.Integer(required=True, metadata={"description": "Moments at which this guide had the place."})
    lost = ma.fields.Integer(required=True, metadata={"description": "Moments at which the other one had it."})


class DayShowsSchema(AnswerSchema):
    """The shows of one calendar day in the project's zone."""

    day = ma.fields.String(required=True, metadata={"format": "date"})
    shows = ma.fields.Integer(required=True)


class DelaySchema(AnswerSchema):
    """From when a guide first came into question for a person to its first show, in seconds."""

    median = ma.fields.Function(lambda each: each.median / SECOND, metadata={"type": "number"}, required=True)
    p90 = ma.fields.Function(lambda each: each.p90 / SECOND, metadata={"type": "number"}, required=True)


class GuideBacktestSchema(AnswerSchema):
    """What becomes of one guide."""

    guide = ma.fields.String(required=True)
    shows = ma.fields.Integer(required=True)
    people = ma.fields.Integer(required=True)
    held_out = ma.fields.Integer(required=True)
    considered = ma.fields.Integer(required=True, metadata={"description": "Moments at which it came into question."})
    by_day = ma.fields.List(ma.fields.Nested(DayShowsSchema), required=True)
    removed = ma.fields.List(ma.fields.Nested(RemovedSchema), required=True)
    first_delay = ma.fields.Nested(DelaySchema, required=True, allow_none=True)
    overlaps = ma.fields.List(ma.fields.Nested(OverlapSchema), required=True)

    @ma.pre_dump
    def _flatten(self, found: GuideBacktest, **_: Any) -> dict[str, Any]:
        return {
            "guide": found.guide,
            "shows": found.shows,
            "people": found.people,
            "held_out": found.held_out,
            "considered": found.considered,
            "by_day": [{"day": day.isoformat(), "shows": shows} for day, shows in found.by_day.items()],
            "removed": [
                {"reason": reason.value, "moments": each.moments, "people": each.people}
                for reason, each in found.removed.items()
            ],
            "first_delay": found.first_delay,
            "overlaps": found.overlaps,
        }


class BacktestSchema(AnswerSchema):
    """A rule set over a recorded history: eligibility, not effect."""

    begin = InstantField(required=True)
    end = InstantField(required=True)
    people = ma.fields.Integer(required=True)
    events = ma.fields.Integer(required=True)
    moments = ma.fields.Integer(required=True, metadata={"description": "Requests for guidance in the window."})
    portions = ma.fields.Integer(
        required=True, metadata={"description": "More than 1: these are the people of one of so many portions."}
    )
    guides = ma.fields.List(ma.fields.Nested(GuideBacktestSchema), required=True)
    caveat = ma.fields.String(required=True)

    @ma.pre_dump
    def _with_caveat(self, found: Backtest, **_: Any) -> dict[str, Any]:
        members = ("begin", "end", "people", "events", "moments", "portions", "guides")
        return {**{name: getattr(found, name) for name in members}, "caveat": CAVEAT}
