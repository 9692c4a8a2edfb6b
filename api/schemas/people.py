"""The shape of what is known of one person."""

from __future__ import annotations

import marshmallow as ma

from api.schemas.fields import AnswerSchema, ObjectField


class UserSchema(AnswerSchema):
    """One person now."""

    user_id = ma.fields.String(required=True, allow_none=True)
    anonymous_ids = ma.fields.List(ma.fields.String(), required=True)
    first_id = ma.fields.String(
        required=True, metadata={"description": "The id first seen: rollout, variant and holdout are drawn from it."}
    )
    state = ObjectField(required=True, metadata={"description": "What the rules in force keep of the person."})
