"""The shapes of alerts on steps, and of what was raised and resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, InstantField, LengthField, StrictSchema
from dsl.values import SECOND, Duration, format_instant
from engine.step_alerts import LONGEST_NOTE, METRICS, Direction, Ending, Metric, Watch, figures_of
from engine.storage.step_alerts import Episode, StepAlert

_METRICS: Final = ma.validate.OneOf([each.value for each in Metric])
_DIRECTIONS: Final = ma.validate.OneOf([each.value for each in Direction])
_NAME: Final = ma.validate.Length(min=1, max=255)
_AT: Final = {
    "description": "A step, `JOURNEY.STEP`, or a whole journey.",
    "example": "activation.verify_domain",
}
_WITHIN: Final = {
    "description": "How long people have, such as `7d`; the journey's `gives up after` where it is left out. Who has "
    "not had so long yet is in neither period.",
    "example": "7d",
}
_LEAST: Final = {
    "description": "The least change worth telling: in points of 100 for shares and NPS, in minutes for times, else on "
    "the metric's own scale.",
}


class StepAlertLookSchema(AnswerSchema):
    """What the last look found. Values are in the unit of the metric."""

    at = InstantField(required=True)
    since = InstantField(required=True, allow_none=True, metadata={"description": "Begin of the recent period."})
    until = InstantField(required=True, allow_none=True)
    before_since = InstantField(required=True, allow_none=True)
    recent = ma.fields.Float(required=True, allow_none=True)
    before = ma.fields.Float(required=True, allow_none=True)
    difference = ma.fields.Float(required=True, allow_none=True)
    low = ma.fields.Float(required=True, allow_none=True, metadata={"description": "Of the difference."})
    high = ma.fields.Float(required=True, allow_none=True)
    n = ma.fields.Integer(required=True)
    n_before = ma.fields.Integer(required=True)
    problem = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Why nothing could be said, where nothing could."}
    )


class StepAlertSchema(AnswerSchema):
    """An alert on a figure of a step, or of a journey."""

    id = ma.fields.Integer(required=True)
    metric = ma.fields.Enum(Metric, by_value=True, required=True)
    at = ma.fields.String(required=True, metadata=_AT)
    journey = ma.fields.String(required=True)
    step = ma.fields.String(required=True, allow_none=True)
    persona = ma.fields.String(required=True, allow_none=True)
    direction = ma.fields.Enum(Direction, by_value=True, required=True)
    at_least = ma.fields.Float(required=True, metadata=_LEAST)
    unit = ma.fields.String(required=True, metadata={"description": "`points`, `scale` or `minutes`."})
    recent_days = ma.fields.Integer(required=True)
    before_days = ma.fields.Integer(required=True)
    within = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Seconds."})
    note = ma.fields.String(required=True)
    is_on = ma.fields.Boolean(required=True)
    revision = ma.fields.Integer(required=True)
    created = InstantField(required=True)
    state = ma.fields.String(required=True, metadata={"description": "`raised`, `quiet`, `waiting` or `off`."})
    raised = InstantField(required=True, allow_none=True, metadata={"description": "Since when."})
    look = ma.fields.Nested(StepAlertLookSchema, required=True, allow_none=True)


class StepAlertsSchema(AnswerSchema):
    """The alerts of an environment, oldest first."""

    data = ma.fields.List(ma.fields.Nested(StepAlertSchema), required=True)


class StepAlertWantedSchema(StrictSchema):
    """An alert to make."""

    metric = ma.fields.String(required=True, validate=_METRICS, metadata={"example": Metric.DROP.value})
    at = ma.fields.String(required=True, validate=_NAME, metadata=_AT)
    persona = ma.fields.String(load_default=None, allow_none=True, validate=_NAME)
    direction = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=_DIRECTIONS,
        metadata={"description": "Which way it may move; the worse one where it is left out."},
    )
    at_least = ma.fields.Float(load_default=None, allow_none=True, metadata=_LEAST)
    recent_days = ma.fields.Integer(load_default=7, strict=True, metadata={"description": "Whole weeks."})
    before_days = ma.fields.Integer(load_default=28, strict=True, metadata={"description": "Whole weeks."})
    within = LengthField(load_default=None, allow_none=True, metadata=_WITHIN)
    note = ma.fields.String(
        load_default="", validate=ma.validate.Length(max=LONGEST_NOTE), metadata={"description": "What it is for."}
    )


class StepAlertChangeSchema(StrictSchema):
    """What is to be changed; what is left out stays as it is."""

    revision = ma.fields.Integer(required=True, metadata={"description": "That the change was made from."})
    metric = ma.fields.String(validate=_METRICS)
    at = ma.fields.String(validate=_NAME, metadata=_AT)
    persona = ma.fields.String(allow_none=True, validate=_NAME)
    direction = ma.fields.String(validate=_DIRECTIONS)
    at_least = ma.fields.Float(metadata=_LEAST)
    recent_days = ma.fields.Integer(strict=True)
    before_days = ma.fields.Integer(strict=True)
    within = LengthField(allow_none=True, metadata=_WITHIN)
    note = ma.fields.String(validate=ma.validate.Length(max=LONGEST_NOTE))
    is_on = ma.fields.Boolean(truthy={True}, falsy={False})


class AlertEpisodeSchema(AnswerSchema):
    """An alert from when it was raised until it was over."""

    id = ma.fields.Integer(required=True)
    alert = ma.fields.Integer(required=True, metadata={"description": "Of which alert."})
    raised = InstantField(required=True)
    message = ma.fields.String(required=True, metadata={"description": "What was told when it was raised."})
    recent = ma.fields.Float(required=True, allow_none=True)
    before = ma.fields.Float(required=True, allow_none=True)
    low = ma.fields.Float(required=True, allow_none=True)
    high = ma.fields.Float(required=True, allow_none=True)
    resolved = InstantField(required=True, allow_none=True)
    ending = ma.fields.Enum(Ending, by_value=True, required=True, allow_none=True)
    told = ma.fields.String(required=True, allow_none=True, metadata={"description": "What was told at the end."})


class EpisodesSchema(AnswerSchema):
    """A page of what was raised, the latest first."""

    data = ma.fields.List(ma.fields.Nested(AlertEpisodeSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "For `before`."})


class EpisodesQuerySchema(StrictSchema, FormatSchema):
    """Which of them to list, and in what form; a file has them all."""

    alert = ma.fields.Integer(load_default=None, validate=ma.validate.Range(min=1))
    before = ma.fields.Integer(load_default=None, validate=ma.validate.Range(min=1, max=2**53))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(min=1, max=500))


def read_watch(asked: Mapping[str, Any]) -> Watch:
    """What is to be watched, as it was asked for."""
    metric = Metric(asked["metric"])
    known = METRICS[metric]
    return Watch(
        metric=metric,
        **_place(asked["at"]),
        persona=asked["persona"],
        direction=known.worse if asked["direction"] is None else Direction(asked["direction"]),
        at_least=known.least if asked["at_least"] is None else asked["at_least"],
        recent_days=asked["recent_days"],
        before_days=asked["before_days"],
        within=None if asked["within"] is None else Duration(asked["within"]),
    )


def read_changes(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as they were asked for."""
    told = {name: value for name, value in asked.items() if name != "at"}
    if "at" in asked:
        told |= _place(asked["at"])
    kinds: Mapping[str, Any] = {"metric": Metric, "direction": Direction}
    return {name: kinds[name](value) if name in kinds else value for name, value in told.items()}


def _place(text: str) -> dict[str, Any]:
    journey, _, step = text.partition(".")
    return {"journey": journey, "step": step or None}


def alert_document(alert: StepAlert) -> dict[str, Any]:
    """An alert as it is answered."""
    watch, look = alert.watch, alert.look
    return {
        "id": alert.id,
        "metric": watch.metric,
        "at": watch.place,
        "journey": watch.journey,
        "step": watch.step,
        "persona": watch.persona,
        "direction": watch.direction,
        "at_least": watch.at_least,
        "unit": METRICS[watch.metric].unit,
        "recent_days": watch.recent_days,
        "before_days": watch.before_days,
        "within": None if watch.within is None else watch.within // SECOND,
        "note": alert.note,
        "is_on": alert.is_on,
        "revision": alert.revision,
        "created": alert.created,
        "state": state_of(alert),
        "raised": alert.raised,
        "look": None if look is None else _look_document(alert),
    }


def state_of(alert: StepAlert) -> str:
    """How an alert is doing, in a word."""
    if not alert.is_on:
        return "off"
    if alert.raised is not None:
        return "raised"
    return "waiting" if alert.look is None else "quiet"


def _look_document(alert: StepAlert) -> dict[str, Any]:
    look = alert.look
    assert look is not None  # noqa: S101  (asked before)
    windows = look.windows
    return {
        "at": look.at,
        "since": None if windows is None else windows.since,
        "until": None if windows is None else windows.until,
        "before_since": None if windows is None else windows.before,
        **figures_of(look),
        "n": look.n,
        "n_before": look.n_before,
        "problem": look.problem,
    }


def episode_document(episode: Episode) -> dict[str, Any]:
    """What was raised, as it is answered."""
    said = episode.said
    return {
        "id": episode.id,
        "alert": episode.alert_id,
        "raised": episode.raised,
        "message": said["message"],
        **{name: said[name] for name in ("recent", "before", "low", "high")},
        "resolved": episode.resolved,
        "ending": episode.ending,
        "told": episode.told,
    }


def alert_row(alert: StepAlert) -> dict[str, Any]:
    """A row of a table, with the keys of STEP_ALERT_COLUMNS."""
    told = alert_document(alert)
    look = told["look"] or {}
    own = ("id", "journey", "step", "persona", "at_least", "unit", "recent_days", "before_days", "within", "is_on")
    return {
        **{name: told[name] for name in own},
        "metric": alert.watch.metric.value,
        "direction": alert.watch.direction.value,
        "state": told["state"],
        "raised": None if alert.raised is None else format_instant(alert.raised),
        "looked": None if alert.look is None else format_instant(alert.look.at),
        **{name: look.get(name) for name in ("recent", "before", "difference", "low", "high", "n", "n_before")},
        "problem": look.get("problem"),
        "note": alert.note,
    }


def episode_row(episode: Episode) -> dict[str, Any]:
    """A row of a table, with the keys of HISTORY_COLUMNS."""
    told = episode_document(episode)
    return {
        **told,
        "raised": format_instant(episode.raised),
        "resolved": None if episode.resolved is None else format_instant(episode.resolved),
        "ending": None if episode.ending is None else episode.ending.value,
    }
