"""The shape of what arrives, as it arrives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, ValueField
from api.schemas.funnels import PopulationSchema
from engine.analytics.population import Kind
from engine.arrivals import MOST, VERDICTS, ArrivalsAsked, Verdict
from engine.reasons import Reason

_MEANINGS = {each.value: each.meaning for each in Reason}
_TYPES = ("event", "refused", "decision")
_KINDS = ma.validate.OneOf([each.value for each in Kind])


class LiveAskedSchema(PopulationSchema):
    """What is asked of what arrives."""

    after = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 60),
        metadata={"description": "`next` of the answer before; without it what came last.", "example": "812.40.0"},
    )
    event = ma.fields.String(
        load_default=None, validate=ma.validate.Length(1, 255), metadata={"description": "Only of this name."}
    )
    user = ma.fields.String(
        load_default=None, validate=ma.validate.Length(1, 255), metadata={"description": "Only of whoever has this id."}
    )
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MOST))


class FaultSchema(AnswerSchema):
    """One way in which an event is not as planned."""

    path = ma.fields.String(required=True, metadata={"example": "$.properties.plan"})
    rule = ma.fields.String(required=True, metadata={"description": "Of JSON Schema, or `unplanned`."})
    message = ma.fields.String(required=True, metadata={"description": "Names no value that was sent."})


class ReasonCountSchema(AnswerSchema):
    """Of how many of the guides that were considered a reason was given."""

    reason = ma.fields.String(required=True, validate=ma.validate.OneOf([each.value for each in Reason]))
    meaning = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)


def _of_events(**more: Any) -> dict[str, Any]:
    """A member that only events have; null elsewhere."""
    return {"required": True, "allow_none": True, "dump_default": None, **more}


class ArrivalSchema(AnswerSchema):
    """An event that was kept, one that was refused, or a decision; members that it has not are null or empty."""

    id = ma.fields.String(required=True, metadata={"description": "What was refused may come twice, under one id."})
    type = ma.fields.String(required=True, validate=ma.validate.OneOf(_TYPES))
    received = InstantField(required=True)
    time = InstantField(**_of_events(metadata={"description": "When it happened, as far as the sender knows."}))
    kind = ma.fields.String(**_of_events(metadata={"example": "track"}))
    name = ma.fields.String(**_of_events())
    user = ma.fields.String(**_of_events(metadata={"description": "The id that it came with."}))
    session = ma.fields.String(**_of_events())
    path = ma.fields.String(**_of_events(metadata={"description": "Of the page."}))
    properties = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ValueField(allow_none=True),
        required=True,
        dump_default=dict,
        metadata={"description": "Properties; of an identify or a group the traits."},
    )
    counts = ma.fields.Boolean(
        required=True, dump_default=True, metadata={"description": "False for simulated, bots and your own people."}
    )
    verdict = ma.fields.Enum(
        Verdict,
        by_value=True,
        **_of_events(metadata={"description": "; ".join(f"`{one}`: {told}" for one, told in VERDICTS.items()) + "."}),
    )
    faults = ma.fields.List(ma.fields.Nested(FaultSchema), required=True, dump_default=list)
    trigger = ma.fields.String(**_of_events(metadata={"description": "The events that woke it; null for a request."}))
    guide = ma.fields.String(**_of_events(metadata={"description": "That went out."}))
    variant = ma.fields.String(**_of_events())
    held_out = ma.fields.String(**_of_events(metadata={"description": "The guide that was held out."}))
    reasons = ma.fields.List(ma.fields.Nested(ReasonCountSchema), required=True, dump_default=list)
    confirmed = ma.fields.Boolean(
        required=True, dump_default=False, metadata={"description": "The browser asked, and it was let through."}
    )

    @ma.pre_dump
    def _with_reasons(self, arrival: Any, **_: Any) -> Any:
        members = {name: getattr(arrival, name) for name in self.fields if hasattr(arrival, name)}
        if "reasons" in members:
            members["reasons"] = [
                {"reason": name, "meaning": _MEANINGS.get(name, ""), "count": count}
                for name, count in members["reasons"].items()
            ]
        return members


class ArrivalsSchema(AnswerSchema):
    """What arrived, the oldest first."""

    data = ma.fields.List(ma.fields.Nested(ArrivalSchema), required=True, attribute="arrivals")
    next = ma.fields.String(required=True, metadata={"description": "For `after`."})
    passed_over = ma.fields.Boolean(required=True, metadata={"description": "More came than is told."})
    left_out = ma.fields.Dict(
        keys=ma.fields.String(validate=_KINDS),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "How many of those who do not count were left out, by kind."},
    )


def read_asked(query: Mapping[str, Any]) -> ArrivalsAsked:
    """A query as a question."""
    return ArrivalsAsked(
        after=query["after"],
        event=query["event"],
        user=query["user"],
        limit=query["limit"],
        everyone=query["everyone"],
        with_simulated=query["simulated"],
    )
