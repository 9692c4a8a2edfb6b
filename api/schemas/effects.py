"""The shape of an effect, on the wire and in `--json`: every figure with its n and its intervals `[low, high]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema
from api.schemas.funnels import PopulationSchema
from api.schemas.why import MomentField
from dsl.values import SECOND, Instant, format_instant
from engine.analytics.comparing import Difference, Share
from engine.analytics.effect import Basis, Contrast, Effect, Guardrail, Verdict
from engine.analytics.effect_words import sentence
from engine.analytics.intervals import Interval
from engine.analytics.population import Kind
from engine.effects import EffectAsked

_SHARE: Final = {"description": "0 to 1; null below five people."}
_VERDICT: Final = ma.validate.OneOf([each.value for each in Verdict])


def _pair(what: str) -> ma.fields.List[float]:
    length = ma.validate.Length(equal=2)
    return ma.fields.List(
        ma.fields.Float(), required=True, allow_none=True, validate=length, metadata={"description": what}
    )


class EffectAskedSchema(PopulationSchema, FormatSchema):
    """How an effect is asked."""

    persona = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 200),
        metadata={"description": "Only people who are in this persona or segment now."},
    )
    since = MomentField(
        load_default=None,
        metadata={
            "format": "date-time",
            "description": "Only who came then or later; else who came since the shares were last changed.",
        },
    )
    lift = ma.fields.Float(
        load_default=0.05,
        validate=ma.validate.Range(-1, 1, min_inclusive=False, max_inclusive=False),
        metadata={"description": "The difference for which `needed` is told, 0.05 for five points."},
    )
    power = ma.fields.Float(load_default=0.8, validate=ma.validate.Range(0.5, 0.999))


class ArmShareSchema(AnswerSchema):
    """Of so many people so many, whose time is over."""

    n = ma.fields.Integer(required=True)
    count = ma.fields.Integer(required=True)
    value = ma.fields.Float(required=True, allow_none=True, metadata=_SHARE)
    interval = _pair("95 %, Wilson.")


class ArmsSchema(AnswerSchema):
    """One group against another."""

    one = ma.fields.String(required=True)
    other = ma.fields.String(required=True)
    shares = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(ArmShareSchema), required=True)
    difference = ma.fields.Float(required=True, allow_none=True, metadata={"description": "The one less the other."})
    fixed = _pair("95 %, Newcombe: for one look that was planned.")
    any_day = _pair("95 %, a confidence sequence: however often one looks.")
    verdict = ma.fields.String(required=True, validate=_VERDICT)


class StepContrastSchema(AnswerSchema):
    """The share that drops at a step."""

    journey = ma.fields.String(required=True)
    step = ma.fields.String(required=True)
    within_seconds = ma.fields.Float(required=True)
    dropped = ma.fields.Nested(ArmsSchema, required=True)


class GuardrailSchema(AnswerSchema):
    """What the guide should not make worse."""

    name = ma.fields.String(required=True)
    meaning = ma.fields.String(required=True)
    better = ma.fields.String(required=True, validate=ma.validate.OneOf(["lower", "higher"]))
    n = ma.fields.List(ma.fields.Integer(), required=True, metadata={"description": "People of the one, the other."})
    values = ma.fields.List(ma.fields.Float(allow_none=True), required=True)
    difference = ma.fields.Float(required=True, allow_none=True)
    interval = _pair("95 %, of the difference; of one group alone, of its share.")
    harms = ma.fields.Boolean(required=True, allow_none=True, metadata={"description": "Null: cannot tell."})


class EffectDaySchema(AnswerSchema):
    """What could be read at the end of a day (UTC)."""

    day = ma.fields.String(required=True, metadata={"format": "date"})
    n = ma.fields.List(ma.fields.Integer(), required=True)
    count = ma.fields.List(ma.fields.Integer(), required=True)
    difference = ma.fields.Float(required=True, allow_none=True)
    fixed = _pair("95 %, for one look.")
    any_day = _pair("95 %, however often one looks.")


class EffectGroupSchema(AnswerSchema):
    """How many came."""

    name = ma.fields.String(required=True)
    people = ma.fields.Integer(required=True)
    over = ma.fields.Integer(required=True, metadata={"description": "Of them, whose time for the goal is over."})


class SampleRatioSchema(AnswerSchema):
    """Whether people were divided as they should have been, by Pearson's chi-square test."""

    observed = ma.fields.List(ma.fields.Integer(), required=True)
    expected = ma.fields.List(ma.fields.Float(), required=True)
    p = ma.fields.Float(required=True, allow_none=True)
    is_alarm = ma.fields.Boolean(required=True, metadata={"description": "p below 0.001: believe no difference."})


class NeededSchema(AnswerSchema):
    """How many people it takes, in all groups together."""

    base = ma.fields.Float(required=True)
    lift = ma.fields.Float(required=True)
    power = ma.fields.Float(required=True)
    at_once = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "For one planned look."})
    any_day = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Looking every day."})
    days = ma.fields.Float(required=True, allow_none=True, metadata={"description": "Until they came, at this rate."})


class EffectSchema(AnswerSchema):
    """The effect of a guide."""

    guide = ma.fields.String(required=True)
    goal = ma.fields.String(required=True, allow_none=True)
    within_seconds = ma.fields.Float(required=True)
    basis = ma.fields.String(required=True, validate=ma.validate.OneOf([each.value for each in Basis]))
    verdict = ma.fields.String(required=True, validate=_VERDICT)
    sentence = ma.fields.String(required=True)
    groups = ma.fields.List(ma.fields.Nested(EffectGroupSchema), required=True)
    effect = ma.fields.Nested(ArmsSchema, required=True)
    variants = ma.fields.List(ma.fields.Nested(ArmsSchema), required=True)
    steps = ma.fields.List(ma.fields.Nested(StepContrastSchema), required=True)
    guardrails = ma.fields.List(ma.fields.Nested(GuardrailSchema), required=True)
    days = ma.fields.List(ma.fields.Nested(EffectDaySchema), required=True)
    sample_ratio = ma.fields.Nested(SampleRatioSchema, required=True, allow_none=True)
    needed = ma.fields.Nested(NeededSchema, required=True, allow_none=True)
    in_both = ma.fields.Integer(required=True, metadata={"description": "Found in both arms, and in neither counted."})
    waiting = ma.fields.Integer(required=True, metadata={"description": "Whose time for the goal is not over yet."})
    earlier = ma.fields.Integer(required=True, metadata={"description": "Who came before `since`, not counted."})
    since = ma.fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    counted_from = ma.fields.String(required=True, allow_none=True)
    left_out = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf([each.value for each in Kind])), required=True
    )
    version = ma.fields.Integer(required=True)


def read_asked(query: Mapping[str, Any], guide: str) -> EffectAsked:
    """A query as a question."""
    return EffectAsked(
        guide=guide,
        persona=query["persona"],
        since=query["since"],
        lift=query["lift"],
        power=query["power"],
        everyone=query["everyone"],
        with_simulated=query["simulated"],
    )


def effect_document(effect: Effect) -> dict[str, Any]:
    """The answer as JSON."""
    setup, found, ratio = effect.setup, effect.needed, effect.ratio
    return {
        "guide": setup.guide,
        "goal": setup.goal,
        "within_seconds": setup.within / SECOND,
        "basis": effect.basis.value,
        "verdict": effect.verdict.value,
        "sentence": sentence(effect),
        "groups": [{"name": each.name, "people": each.people, "over": each.over} for each in effect.groups],
        "effect": _contrast(effect.goal),
        "variants": [_contrast(each) for each in effect.variants],
        "steps": [
            {
                "journey": each.journey,
                "step": each.step,
                "within_seconds": each.within / SECOND,
                "dropped": _contrast(each.contrast),
            }
            for each in effect.steps
        ],
        "guardrails": [_guardrail(each) for each in effect.guardrails],
        "days": [{"day": each.day, **_sides(each.difference)} for each in effect.days],
        "sample_ratio": ratio
        and {
            "observed": list(ratio.observed),
            "expected": list(ratio.expected),
            "p": ratio.p,
            "is_alarm": ratio.is_alarm,
        },
        "needed": found
        and {
            "base": found.base,
            "lift": found.lift,
            "power": found.power,
            "at_once": found.at_once,
            "any_day": found.any_day,
            "days": effect.days_needed,
        },
        "in_both": effect.in_both,
        "waiting": effect.waiting,
        "earlier": effect.earlier,
        "since": _instant(setup.since),
        "counted_from": setup.counted_from,
        "left_out": [kind.value for kind in effect.left_out],
        "version": effect.version,
    }


def _contrast(contrast: Contrast) -> dict[str, Any]:
    difference = contrast.difference
    return {
        "one": contrast.one,
        "other": contrast.other,
        "shares": {contrast.one: _share(difference.one), contrast.other: _share(difference.other)},
        "difference": difference.value,
        "fixed": _ends(difference.fixed),
        "any_day": _ends(difference.any_day),
        "verdict": contrast.verdict.value,
    }


def _share(share: Share) -> dict[str, Any]:
    return {"n": share.n, "count": share.count, "value": share.value, "interval": _ends(share.interval)}


def _sides(difference: Difference) -> dict[str, Any]:
    return {
        "n": [difference.one.n, difference.other.n],
        "count": [difference.one.count, difference.other.count],
        "difference": difference.value,
        "fixed": _ends(difference.fixed),
        "any_day": _ends(difference.any_day),
    }


def _guardrail(rail: Guardrail) -> dict[str, Any]:
    sides = rail.sides
    return {
        "name": rail.name,
        "meaning": rail.meaning,
        "better": rail.better,
        "n": [n for n, _ in sides],
        "values": [value for _, value in sides],
        "difference": None if rail.alone is not None else rail.value,
        "interval": _ends(rail.interval),
        "harms": rail.harms,
    }


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _instant(at: Instant | None) -> str | None:
    return None if at is None else format_instant(at)
