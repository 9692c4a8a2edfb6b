"""The shape of what is known of one person.

`state` is read from what `engine.user_state` packs: a member that is as in a new state is left out there, and is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema, ValueField

_AS_TOLD = "As received; the later one wins."


class UserQuerySchema(StrictSchema):
    """Who is asked about."""

    id = ma.fields.String(
        required=True,
        validate=ma.validate.Length(min=1, max=255),
        metadata={"description": "A user id or an anonymous id, percent-encoded.", "example": "team/export"},
    )


def _values(told: str) -> ma.fields.Dict:
    return ma.fields.Dict(
        keys=ma.fields.String(),
        values=ValueField(allow_none=True),
        required=True,
        dump_default=dict,
        metadata={"description": told},
    )


def _when(told: str, *, of: str) -> InstantField:
    """An instant of the state, or null. of: its name there."""
    return InstantField(required=True, allow_none=True, attribute=of, dump_default=None, metadata={"description": told})


class SessionSchema(AnswerSchema):
    """The person's latest session, over all devices."""

    number = ma.fields.Integer(required=True, metadata={"description": "Counts their sessions from 1."})
    start = InstantField(required=True)
    last = InstantField(required=True, metadata={"description": "Its latest event; 30 minutes later it is over."})


class StepReachedSchema(AnswerSchema):
    """What happened to the person at a step."""

    entered = _when("When they came to stand at it.", of="entered_at")
    reached = _when("When they did what it asks for.", of="reached_at")
    skipped = ma.fields.Boolean(
        required=True, dump_default=False, metadata={"description": "Passed over, and not reached since."}
    )
    attempts = ma.fields.Integer(required=True, dump_default=0)
    signals = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        dump_default=dict,
        metadata={"description": "Friction since they came to stand at it, by signal.", "example": {"rage_click": 2}},
    )


class InJourneySchema(AnswerSchema):
    """Where the person is in a journey."""

    standing = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The step where they stand; null after the last."}
    )
    since = _when("Since when they stand there.", of="standing_since")
    outcome = _when("When they reached the first outcome.", of="outcome_at")
    steps = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(StepReachedSchema),
        required=True,
        dump_default=dict,
        metadata={"description": "Those to which anything happened."},
    )


class GivenAnswerSchema(AnswerSchema):
    """The person's latest answer to a question."""

    value = ValueField(required=True, metadata={"description": "A number, the id of a choice, such ids, or text."})
    text = ma.fields.String(required=True, allow_none=True)
    time = InstantField(required=True)


class GuideLifeSchema(AnswerSchema):
    """What became of a guide, a survey or a launcher for the person."""

    shown = ma.fields.List(
        InstantField(), required=True, dump_default=list, metadata={"description": "The latest times, ascending."}
    )
    shown_count = ma.fields.Integer(required=True, dump_default=0)
    held_out_count = ma.fields.Integer(
        required=True, dump_default=0, metadata={"description": "How often it was not shown because of its holdout."}
    )
    started = _when("When they first began to answer.", of="started_at")
    completed = _when("When they last came to its end.", of="completed_at")
    dismissed = ma.fields.List(InstantField(), required=True, dump_default=list)
    snoozed_until = _when("Until when they asked for peace, the last time they did.", of="snoozed_until")
    submissions = ma.fields.Integer(
        required=True, dump_default=0, metadata={"description": "Those with at least one answer."}
    )
    answers = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(GivenAnswerSchema), required=True, dump_default=dict
    )


class PersonStateSchema(AnswerSchema):
    """What the rules in force keep of the person."""

    first_seen = _when("The time of their first event.", of="first_seen")
    last_event = _when("The time of their latest event.", of="last_event")
    traits = _values(_AS_TOLD)
    account_id = ma.fields.String(required=True, allow_none=True, dump_default=None)
    account = _values(f"What they told of their account. {_AS_TOLD}")
    session = ma.fields.Nested(SessionSchema, required=True, allow_none=True, dump_default=None)
    journeys = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Nested(InJourneySchema), required=True, dump_default=dict
    )
    guides = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Nested(GuideLifeSchema),
        required=True,
        dump_default=dict,
        metadata={"description": "Those with which anything happened."},
    )

    @ma.pre_dump
    def _with_last_event(self, state: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        position = state.get("position")
        return {**state, "last_event": None if position is None else position[0]}


class UserSchema(AnswerSchema):
    """One person now."""

    user_id = ma.fields.String(required=True, allow_none=True)
    anonymous_ids = ma.fields.List(ma.fields.String(), required=True)
    first_id = ma.fields.String(
        required=True, metadata={"description": "The id first seen: rollout, variant and holdout are drawn from it."}
    )
    state = ma.fields.Nested(PersonStateSchema, required=True)
