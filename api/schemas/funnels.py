"""The shape of a funnel, on the wire and in `--json`: every share with its n and an interval `[low, high]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, LengthField, StrictSchema
from dsl.values import SECOND
from engine.analytics.asked import FunnelAsked
from engine.analytics.conversion import Who
from engine.analytics.designs import Walked
from engine.analytics.funnel_answer import Design, FunnelAnswer, Manner, SharpestDrop, StepCount
from engine.analytics.funnels import Order, Unit
from engine.analytics.intervals import Interval
from engine.analytics.population import Kind
from engine.stages import NO_MARKS, Marks, StageMark

_SHARE = {"description": "0 to 1."}


class PopulationSchema(StrictSchema):
    """Who counts."""

    everyone = ma.fields.Boolean(
        load_default=False, metadata={"description": "Count internal users, bots and simulated people too."}
    )
    simulated = ma.fields.Boolean(
        load_default=False, metadata={"description": "Count simulated people too, but no bots and none of your own."}
    )


class JourneyFunnelSchema(PopulationSchema):
    """How a journey is counted."""

    window = LengthField(
        load_default=None,
        metadata={"description": "From the entry to the last step, such as `7d`; no limit without.", "example": "7d"},
    )
    order = ma.fields.String(load_default="ordered", validate=ma.validate.OneOf([each.value for each in Order]))
    by = ma.fields.String(load_default="user", validate=ma.validate.OneOf([each.value for each in Unit]))
    breakdown = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 200),
        metadata={"description": "A trait, `account.TRAIT`, `persona`, `week` or `guide:NAME`.", "example": "plan"},
    )
    where = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 2_000),
        metadata={
            "description": "A condition of the language on who counts, as of now; `event.PROP` asks of each event.",
            "example": 'plan is "pro" and event.amount > 10',
        },
    )
    excluded = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 2_000)),
        data_key="exclude",
        load_default=list,
        validate=ma.validate.Length(max=10),
        metadata={"description": "Events that must not come in between: `EVENT`, or `EVENT between STEP and STEP`."},
    )


class FunnelQuerySchema(JourneyFunnelSchema):
    """What events are counted, and how."""

    step = ma.fields.List(
        ma.fields.String(validate=ma.validate.Length(1, 2_000)),
        load_default=list,
        validate=ma.validate.Length(max=30),
        metadata={"description": "An event a step, in order: `EVENT`, or `EVENT where CONDITION`."},
    )


ANY_MANNER: Final = "any"
"""All who did any of a funnel's steps, in whatever manner."""


class BehindSchema(FormatSchema):
    """Whom a figure stands for: one of a step (`at`), or one of the design (`manner` or `path`). Files hold all of
    them, a document a page."""

    at = ma.fields.Integer(
        load_default=None,
        validate=ma.validate.Range(1, 30),
        metadata={"description": "The number of the step, from 1: those who came at least there."},
    )
    dropped = ma.fields.Boolean(load_default=False, metadata={"description": "With `at`: and no further."})
    group = ma.fields.String(load_default=None, metadata={"description": "With `at`: of one group of the breakdown."})
    manner = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf([*(each.value for each in Manner), ANY_MANNER]),
        metadata={"description": "Those who went through the steps so, as `design.manners` counts them."},
    )
    path = ma.fields.List(
        ma.fields.Integer(validate=ma.validate.Range(1, 30)),
        load_default=None,
        validate=ma.validate.Length(1, 30),
        metadata={
            "description": "The numbers of steps, in the order in which each was first done, as `design.paths` have "
            "them: those who went exactly so.",
        },
    )
    completed = ma.fields.Boolean(
        load_default=False, metadata={"description": "With `manner`: and came to the last step."}
    )
    after = ma.fields.String(load_default="", metadata={"description": "`next` of the page before."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1_000))

    @ma.validates_schema
    def _names_one_figure(self, data: dict[str, Any], **_: Any) -> None:
        named = [name for name in ("at", "manner", "path") if data.get(name) is not None]
        if len(named) != 1:
            told = (
                f"say one of them, not {' and '.join(f'`{name}`' for name in named)}" if named else "say which figure"
            )
            raise ma.ValidationError(
                f"{told}: `at` the number of a step, a `manner` of the design, or a `path` of it", (named or ["at"])[-1]
            )
        for name, needs in (("dropped", "at"), ("group", "at"), ("completed", "manner")):
            if data.get(name) and named != [needs]:
                raise ma.ValidationError(f"this goes with `{needs}` only", name)


PARTS: Final = ("steps", "design")
"""What the rows of a file are: the steps, or the intended path beside the real ones."""


class FunnelFormSchema(FormatSchema):
    """In what form a funnel is wanted."""

    part = ma.fields.String(
        load_default=PARTS[0],
        validate=ma.validate.OneOf(PARTS),
        metadata={"description": "What the rows of `csv` and `parquet` are; the document has both."},
    )


class JourneyFunnelAsked(JourneyFunnelSchema, FunnelFormSchema):
    """A funnel of a journey."""


class FunnelAskedSchema(FunnelQuerySchema, FunnelFormSchema):
    """A funnel of events."""


class JourneyFunnelUsersAsked(JourneyFunnelSchema, BehindSchema):
    """Who is behind a figure of a journey's funnel."""


class FunnelUsersAsked(FunnelQuerySchema, BehindSchema):
    """Who is behind a figure of a funnel of events."""


def _pair(**more: Any) -> ma.fields.List[float]:
    low_and_high = ma.validate.Length(equal=2)
    return ma.fields.List(
        ma.fields.Float(), required=True, validate=low_and_high, metadata={"description": "95 %: low, high."}, **more
    )


class TimesSchema(AnswerSchema):
    """From the entry to the step, over those who came there, in seconds."""

    lower = ma.fields.Float(required=True, metadata={"description": "A quarter took at most so long."})
    median = ma.fields.Float(required=True)
    upper = ma.fields.Float(required=True, metadata={"description": "Three quarters took at most so long."})


class MarkSchema(AnswerSchema):
    """How a stage is marked, everywhere."""

    stage = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    letter = ma.fields.String(required=True, metadata={"example": "A"})
    colour = ma.fields.String(required=True, metadata={"example": "#1f5fa8"})


class FunnelStepSchema(AnswerSchema):
    """How many came at least so far. Without an order the n-th step counts those who did n of them."""

    name = ma.fields.String(required=True)
    stage = ma.fields.Nested(
        MarkSchema, required=True, allow_none=True, metadata={"description": "Of a journey's step."}
    )
    count = ma.fields.Integer(required=True)
    rate = ma.fields.Float(required=True, allow_none=True, metadata=_SHARE)
    interval = _pair(allow_none=True)
    of_previous = ma.fields.Float(required=True, allow_none=True, metadata=_SHARE)
    previous_interval = _pair(allow_none=True)
    dropped = ma.fields.Integer(required=True, allow_none=True)
    took = ma.fields.Nested(
        TimesSchema, required=True, allow_none=True, metadata={"description": "Null below five who came here."}
    )


class GroupSchema(AnswerSchema):
    """One group of a breakdown."""

    steps = ma.fields.List(ma.fields.Nested(FunnelStepSchema), required=True)


class SharpestDropSchema(AnswerSchema):
    """Where the greatest share is lost, against the other steps together and against the next."""

    step = ma.fields.String(required=True)
    after = ma.fields.String(required=True, metadata={"description": "The step before."})
    lost = ma.fields.Integer(required=True)
    entered = ma.fields.Integer(required=True, metadata={"description": "Who had come to the step before."})
    share = ma.fields.Float(required=True, metadata=_SHARE)
    interval = _pair(allow_none=True)
    difference = ma.fields.Float(required=True, allow_none=True, metadata={"description": "To all others together."})
    difference_interval = _pair(allow_none=True)
    runner_up = ma.fields.String(required=True, allow_none=True)
    over_runner_up = _pair(allow_none=True)
    is_clear = ma.fields.Boolean(required=True, metadata={"description": "The data tell it from the next sharpest."})


class MannerSchema(AnswerSchema):
    """How many went through the design in this manner."""

    count = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, allow_none=True, metadata=_SHARE)
    interval = _pair(allow_none=True)


class RealPathSchema(AnswerSchema):
    """An order in which steps were first done."""

    steps = ma.fields.List(ma.fields.String(), required=True)
    path = ma.fields.List(
        ma.fields.Integer(),
        required=True,
        metadata={"description": "The numbers of the steps, from 1: `path` of the users behind it."},
    )
    count = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, metadata=_SHARE)
    manner = ma.fields.String(required=True, validate=ma.validate.OneOf([each.value for each in Manner]))


class DesignSchema(AnswerSchema):
    """The intended path beside the real ones."""

    intended = ma.fields.List(ma.fields.String(), required=True)
    units = ma.fields.Integer(required=True, metadata={"description": "Who did any of the steps."})
    manners = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.OneOf([each.value for each in Manner])),
        values=ma.fields.Nested(MannerSchema),
        required=True,
    )
    completed = ma.fields.Integer(required=True)
    direct = ma.fields.Integer(required=True, metadata={"description": "Of the completed: as designed."})
    paths = ma.fields.List(ma.fields.Nested(RealPathSchema), required=True)


class FunnelSchema(AnswerSchema):
    """A funnel: `steps`, or `groups` where a breakdown was asked for."""

    steps = ma.fields.List(ma.fields.Nested(FunnelStepSchema))
    groups = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(GroupSchema))
    sharpest = ma.fields.Nested(SharpestDropSchema, required=True, allow_none=True)
    design = ma.fields.Nested(DesignSchema, required=True, allow_none=True)
    left_out = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf([each.value for each in Kind])),
        required=True,
        metadata={"description": "Who is not counted; `everyone=true` counts them."},
    )
    version = ma.fields.Integer(required=True, metadata={"description": "Of the data; another one with every change."})


class UsersBehindSchema(AnswerSchema):
    """A page of the ids behind a figure, of accounts in a funnel of accounts."""

    data = ma.fields.List(ma.fields.String(), required=True, attribute="users")
    next = ma.fields.String(required=True, allow_none=True, metadata={"description": "For `after`; null on the last."})


def read_asked(query: dict[str, Any], *, journey: str | None = None) -> FunnelAsked:
    """A query as a question."""
    return FunnelAsked(
        journey=journey,
        steps=tuple(query.get("step", ())),
        window=query["window"],
        order=Order(query["order"]),
        unit=Unit(query["by"]),
        exclude=tuple(query["excluded"]),
        where=query["where"],
        breakdown=query["breakdown"],
        everyone=query["everyone"],
        with_simulated=query["simulated"],
    )


def read_who(query: dict[str, Any]) -> Who | Walked:
    """Whom a query asks for."""
    if query["at"] is not None:
        return Who(query["at"] - 1, query["dropped"], query["group"])
    manner, path = query["manner"], query["path"]
    return Walked(
        manner=None if manner in (None, ANY_MANNER) else Manner(manner),
        path=None if path is None else tuple(number - 1 for number in path),
        completed=query["completed"],
    )


def funnel_document(answer: FunnelAnswer, marks: Marks = NO_MARKS) -> dict[str, Any]:
    """The answer as JSON: `{"steps": […]}`, or `{"groups": {"value": {"steps": […]}}}`, and what else is known.

    marks: of the stages of a journey's steps, by step.
    """
    if answer.groups is None:
        told: dict[str, Any] = {"steps": step_documents(answer.steps, marks)}
    else:
        told = {"groups": {name: {"steps": step_documents(steps, marks)} for name, steps in answer.groups.items()}}
    return told | {
        "sharpest": None if answer.sharpest is None else _sharpest(answer.sharpest),
        "design": None if answer.design is None else _design(answer.design),
        "left_out": [kind.value for kind in answer.left_out],
        "version": answer.version,
    }


def step_documents(steps: Sequence[StepCount], marks: Marks = NO_MARKS) -> list[dict[str, Any]]:
    """The steps as JSON."""
    return [
        {
            "name": step.name,
            "stage": _mark(marks.get(step.name)),
            "count": step.count,
            "rate": step.rate,
            "interval": _ends(step.interval),
            "of_previous": step.of_previous,
            "previous_interval": _ends(step.previous_interval),
            "dropped": step.dropped,
            "took": None
            if step.took is None
            else {
                "lower": step.took.lower / SECOND,
                "median": step.took.median / SECOND,
                "upper": step.took.upper / SECOND,
            },
        }
        for step in steps
    ]


def _mark(mark: StageMark | None) -> dict[str, Any] | None:
    return None if mark is None else asdict(mark)


def _sharpest(drop: SharpestDrop) -> dict[str, Any]:
    return {
        "step": drop.step,
        "after": drop.after,
        "lost": drop.lost,
        "entered": drop.entered,
        "share": drop.share,
        "interval": _ends(drop.interval),
        "difference": drop.difference,
        "difference_interval": _ends(drop.difference_interval),
        "runner_up": drop.runner_up,
        "over_runner_up": _ends(drop.over_runner_up),
        "is_clear": drop.is_clear,
    }


def _design(design: Design) -> dict[str, Any]:
    return {
        "intended": list(design.intended),
        "units": design.units,
        "manners": {
            manner.value: {
                "count": count,
                "share": count / design.units if design.units else None,
                "interval": _ends(design.interval(manner)),
            }
            for manner, count in design.manners.items()
        },
        "completed": design.completed,
        "direct": design.direct,
        "paths": [
            {
                "steps": list(path.steps),
                "path": [number + 1 for number in path.numbers],
                "count": path.count,
                "share": path.share,
                "manner": path.manner.value,
            }
            for path in design.paths
        ],
    }


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]
