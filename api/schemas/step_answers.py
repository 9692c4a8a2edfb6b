"""The shape of what people said at the steps of a journey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from api.schemas.step_records import BySchema, OfPeriodSchema, PeriodAskedSchema, a_share, an_interval
from dsl.feelings import FEELINGS
from engine.analytics.disagreements import Verdict
from engine.analytics.population import Kind
from engine.analytics.terms import Trend
from engine.step_answers import LONGEST_NOTE, AnswersAsked, Found
from engine.step_records import By

_VALENCE: Final = {"description": "−1 to +1."}
_USER: Final = {"description": "Null for who may not look people up."}
_KINDS: Final = ma.validate.OneOf([each.value for each in Kind])


class AnswersAskedSchema(PeriodAskedSchema):
    """At which step, to which survey."""

    step = ma.fields.String(
        load_default=None, validate=ma.validate.Length(1, 200), metadata={"description": "Only at this one."}
    )
    survey = ma.fields.String(
        load_default=None, validate=ma.validate.Length(1, 200), metadata={"description": "Only to this one."}
    )


class ResponsesAskedSchema(AnswersAskedSchema):
    """Which answers."""

    before = ma.fields.Integer(
        load_default=None, validate=ma.validate.Range(1), metadata={"description": "`next` of the page before."}
    )
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 10_000))


class ReachAskedSchema(AnswersAskedSchema, BySchema):
    """Of which surveys."""


class SilentAskedSchema(AnswersAskedSchema):
    """Who of those who were asked."""

    after = ma.fields.String(load_default="", metadata={"description": "`next` of the page before."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1_000))


class TermsAskedSchema(AnswersAskedSchema):
    """Of which texts; without `from` of the last 28 days."""

    limit = ma.fields.Integer(load_default=30, validate=ma.validate.Range(1, 200))


class DisagreementsAskedSchema(AnswersAskedSchema):
    """Which disagreements."""

    read = ma.fields.Boolean(
        load_default=None, metadata={"description": "Only those that somebody has read, or that nobody has."}
    )


class SaidSchema(AnswerSchema):
    """One answer."""

    number = ma.fields.Integer(required=True, metadata={"description": "Of its event; newer ones are higher."})
    journey = ma.fields.String(required=True)
    step = ma.fields.String(required=True)
    survey = ma.fields.String(required=True)
    question = ma.fields.String(required=True)
    type = ma.fields.String(required=True, allow_none=True, metadata={"example": "effort"})
    asked = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The question as it was asked then."}
    )
    score = ma.fields.Float(required=True, allow_none=True)
    choices = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "Ids."})
    text = ma.fields.String(required=True, allow_none=True)
    feeling = ma.fields.String(required=True, allow_none=True)
    valence = ma.fields.Float(required=True, allow_none=True, metadata=_VALENCE)
    inferred = ma.fields.Boolean(required=True, metadata={"description": "Read from words, not said."})
    language = ma.fields.String(required=True, allow_none=True)
    device = ma.fields.String(required=True, allow_none=True, metadata={"example": "mobile"})
    survey_version = ma.fields.Integer(required=True)
    rules_version = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "In force then; null before the first."}
    )
    submission = ma.fields.String(required=True)
    user = ma.fields.String(required=True, allow_none=True, metadata=_USER)
    time = InstantField(required=True)


class ResponsesSchema(AnswerSchema):
    """A page of answers, the newest first."""

    data = ma.fields.List(ma.fields.Nested(SaidSchema), required=True, attribute="responses")
    total = ma.fields.Integer(required=True, metadata={"description": "On all pages."})
    next = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "For `before`; null on the last page."}
    )
    left_out = ma.fields.List(ma.fields.String(validate=_KINDS), required=True)
    version = ma.fields.Integer(required=True)


class ReachSchema(AnswerSchema):
    """To how many a survey was shown, and how many answered."""

    survey = ma.fields.String(required=True)
    group = ma.fields.String(required=True, allow_none=True)
    asked = ma.fields.Integer(required=True)
    answered = ma.fields.Integer(required=True)
    silent = ma.fields.Integer(required=True, metadata={"description": "Asked, and answered nothing."})
    rate = a_share(attribute="rate.value")
    interval = an_interval(attribute="rate.interval")


class ReachesSchema(OfPeriodSchema):
    """Survey by survey."""

    surveys = ma.fields.List(ma.fields.Nested(ReachSchema), required=True)


class TermSchema(AnswerSchema):
    """How many texts have a term, in the period and in the one before."""

    term = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    of = ma.fields.Integer(required=True)
    before = ma.fields.Integer(required=True)
    of_before = ma.fields.Integer(required=True)
    share = a_share()
    share_before = a_share()
    change = ma.fields.Float(required=True, allow_none=True, metadata={"description": "share − share_before."})
    interval = an_interval()
    trend = ma.fields.Enum(Trend, by_value=True, required=True)


class TermsSchema(OfPeriodSchema):
    """What people write of most, beside the period before, which is as long."""

    terms = ma.fields.List(ma.fields.Nested(TermSchema), required=True)
    texts = ma.fields.Integer(required=True)
    texts_before = ma.fields.Integer(required=True)
    before = InstantField(
        required=True, attribute="before.since", metadata={"description": "When the period before began."}
    )


class ReadingSchema(AnswerSchema):
    """What somebody made of a disagreement."""

    verdict = ma.fields.Enum(Verdict, by_value=True, required=True)
    feeling = ma.fields.String(required=True, allow_none=True, validate=ma.validate.OneOf(list(FEELINGS)))
    note = ma.fields.String(required=True)
    by = ma.fields.String(required=True)
    at = InstantField(required=True)


class DisagreementSchema(AnswerSchema):
    """A score and a text of one submission that say opposite things."""

    id = ma.fields.String(required=True, metadata={"example": "812-813"})
    journey = ma.fields.String(required=True)
    step = ma.fields.String(required=True)
    survey = ma.fields.String(required=True)
    question = ma.fields.String(required=True, metadata={"description": "The one with the score."})
    text_question = ma.fields.String(required=True, metadata={"description": "The one with the words."})
    score = ma.fields.Float(required=True)
    score_valence = ma.fields.Float(required=True, metadata=_VALENCE)
    text = ma.fields.String(required=True)
    text_valence = ma.fields.Float(required=True, metadata=_VALENCE)
    gap = ma.fields.Float(required=True, metadata={"description": "0 to 2."})
    language = ma.fields.String(required=True, allow_none=True)
    user = ma.fields.String(required=True, allow_none=True, metadata=_USER)
    time = InstantField(required=True)
    reading = ma.fields.Nested(
        ReadingSchema, required=True, allow_none=True, metadata={"description": "Null until somebody has read it."}
    )


class DisagreementsSchema(AnswerSchema):
    """The widest apart first."""

    disagreements = ma.fields.List(ma.fields.Nested(DisagreementSchema), required=True)
    unread = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)
    left_out = ma.fields.List(ma.fields.String(validate=_KINDS), required=True)
    version = ma.fields.Integer(required=True)


class ReadDisagreementSchema(StrictSchema):
    """How a disagreement is to be read."""

    id = ma.fields.String(required=True, validate=ma.validate.Length(1, 50), metadata={"example": "812-813"})
    verdict = ma.fields.Enum(
        Verdict,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "What was meant; null puts it back among those that nobody has read."},
    )
    feeling = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(list(FEELINGS)))
    note = ma.fields.String(load_default="", validate=ma.validate.Length(max=LONGEST_NOTE))


def read_answers(query: Mapping[str, Any], journey: str) -> AnswersAsked:
    """A query as a question."""
    by = query.get("by")
    return AnswersAsked(
        journey=journey,
        step=query["step"],
        survey=query["survey"],
        by=None if by is None else By(by),
        since=query["begin"],
        until=query["end"],
        where=query["where"],
        everyone=query["everyone"],
        with_simulated=query["simulated"],
    )


def read_found(said: Mapping[str, Any]) -> Found | None:
    """What somebody made of a disagreement; None without a verdict."""
    verdict = said["verdict"]
    return None if verdict is None else Found(verdict, said["feeling"], said["note"])
