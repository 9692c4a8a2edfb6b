"""The shape of account health, on the wire and in `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, InstantField, StrictSchema
from api.schemas.funnels import PopulationSchema
from engine.account_health import LONGEST_NOTE, HealthAsked
from engine.analytics.health import Health, Standing
from engine.analytics.population import Kind

_STANDING = ma.validate.OneOf([each.value for each in Standing])


class HealthAskedSchema(PopulationSchema, FormatSchema):
    """Which accounts, and what counts as an outcome."""

    journey = ma.fields.String(
        load_default=None, validate=ma.validate.Length(1, 200), metadata={"description": "Only its outcome counts."}
    )
    outcome = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 2_000),
        metadata={"description": "An event instead: `NAME`, or `NAME where CONDITION`."},
    )
    days = ma.fields.Integer(load_default=30, validate=ma.validate.Range(1, 3_650))
    standing = ma.fields.String(load_default=None, validate=_STANDING)
    owner = ma.fields.String(load_default=None, validate=ma.validate.Length(1, 255))
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1_000))


class NoteSchema(AnswerSchema):
    """What somebody wrote of an account."""

    text = ma.fields.String(required=True)
    at = InstantField(required=True)
    by = ma.fields.String(required=True)


class AccountPersonSchema(AnswerSchema):
    """One of an account's most active people."""

    user = ma.fields.String(required=True)
    activity = ma.fields.Integer(required=True)
    outcomes = ma.fields.Integer(required=True)
    last = InstantField(required=True)


class AccountHealthSchema(AnswerSchema):
    """One account in the period."""

    account = ma.fields.String(required=True)
    standing = ma.fields.String(required=True, validate=_STANDING)
    people = ma.fields.Integer(required=True)
    activity = ma.fields.Integer(required=True, metadata={"description": "Own events of its people."})
    outcomes = ma.fields.Integer(required=True)
    activity_percentile = ma.fields.Float(required=True, allow_none=True, metadata={"description": "0 to 100."})
    outcome_percentile = ma.fields.Float(required=True, allow_none=True, metadata={"description": "0 to 100."})
    last = InstantField(required=True, allow_none=True)
    owner = ma.fields.String(required=True, allow_none=True)
    named = ma.fields.List(ma.fields.Nested(AccountPersonSchema), required=True)
    notes = ma.fields.List(ma.fields.Nested(NoteSchema), required=True)


class AccountsHealthSchema(AnswerSchema):
    """Accounts, those that do more than they get first."""

    accounts = ma.fields.List(ma.fields.Nested(AccountHealthSchema), required=True)
    outcome = ma.fields.String(required=True, metadata={"description": "What counts as one, in words."})
    begin = InstantField(required=True, data_key="from", attribute="period.since")
    end = InstantField(required=True, data_key="to", attribute="period.until")
    left_out = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf([each.value for each in Kind])), required=True
    )
    version = ma.fields.Integer(required=True)


class CareSchema(StrictSchema):
    """Who looks after an account, and a note of it."""

    account = ma.fields.String(required=True, validate=ma.validate.Length(1, 255))
    owner = ma.fields.String(
        load_default=None, validate=ma.validate.Length(max=255), metadata={"description": "Blank: nobody any more."}
    )
    note = ma.fields.String(load_default=None, validate=ma.validate.Length(max=LONGEST_NOTE))


def read_asked(query: Mapping[str, Any]) -> HealthAsked:
    """A query as a question."""
    standing = query["standing"]
    return HealthAsked(
        journey=query["journey"],
        outcome=query["outcome"],
        days=query["days"],
        standing=None if standing is None else Standing(standing),
        owner=query["owner"],
        limit=query["limit"],
        everyone=query["everyone"],
        with_simulated=query["simulated"],
    )


def health_document(found: Health) -> dict[str, Any]:
    """The answer as JSON."""
    told: dict[str, Any] = AccountsHealthSchema().dump(found)
    return told
