"""The shape of backward paths, on the wire and in `--json`."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, LengthField, StrictSchema
from api.schemas.funnels import FunnelSchema, FunnelStepSchema, PopulationSchema, funnel_document, step_documents
from dsl.values import SECOND
from engine.analytics.contrast import Contrast
from engine.analytics.funnel_answer import Times
from engine.analytics.funnels import Order, Unit
from engine.analytics.path_answer import Link, PathsAnswer
from engine.analytics.path_tables import Part
from engine.analytics.paths import HAPPENED, MOST_STEPS_BACK, STEPS, UNITS
from engine.analytics.paths_asked import PathsAsked
from engine.analytics.population import Kind
from engine.paths import Behind, ChainAnswer, ChainAsked

_SHARE = {"description": "0 to 1."}
_NAME = ma.validate.Length(1, 2_000)


def _length(what: str) -> LengthField:
    return LengthField(load_default=None, metadata={"description": what, "example": "7d"})


class PathsQuerySchema(PopulationSchema):
    """What is looked back from, and how far."""

    window = _length("From the entry to the drop moment, such as `7d`; without, to the end of the session.")
    by = ma.fields.String(load_default="user", validate=ma.validate.OneOf([unit.value for unit in UNITS]))
    back = ma.fields.Integer(
        load_default=STEPS,
        validate=ma.validate.Range(1, MOST_STEPS_BACK),
        metadata={"description": "How many steps a path reaches back."},
    )
    where = ma.fields.String(
        load_default=None,
        validate=_NAME,
        metadata={"description": "A condition of the language on who counts, as of now.", "example": 'plan is "pro"'},
    )
    period = _length("Only who left or came there within so long before now.")


class JourneyPathsSchema(PathsQuerySchema):
    """Of a journey."""

    at = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 200),
        metadata={"description": "The step at which they left; without, where the sharpest drop is.", "example": "pay"},
    )


class EventPathsSchema(PathsQuerySchema):
    """Of any events: `step` for each of which the last was missed, or `before` an event."""

    step = ma.fields.List(ma.fields.String(validate=_NAME), load_default=list, validate=ma.validate.Length(max=30))
    before = ma.fields.String(load_default=None, validate=_NAME)


class _FormSchema(StrictSchema):
    format = ma.fields.String(
        load_default="json",
        validate=ma.validate.OneOf(["json", "csv", "parquet"]),
        metadata={"description": "`csv` and `parquet` have one row for each row of `part`."},
    )
    part = ma.fields.String(load_default="contrast", validate=ma.validate.OneOf([each.value for each in Part]))


class _ChainSchema(StrictSchema, FormatSchema):
    chain = ma.fields.List(
        ma.fields.String(validate=_NAME),
        required=True,
        validate=ma.validate.Length(2, 30),
        metadata={"description": "Events, one after the other."},
    )
    order = ma.fields.String(
        load_default="directly", validate=ma.validate.OneOf([Order.DIRECTLY.value, Order.THEN.value])
    )


class _BehindSchema(StrictSchema, FormatSchema):
    event = ma.fields.String(
        load_default=None,
        validate=_NAME,
        metadata={"description": "Met in the last steps: an event, a page or a sign of friction."},
    )
    kind = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(HAPPENED),
        metadata={"description": "What `event` names, where a name is several of these."},
    )
    chain = ma.fields.List(ma.fields.String(validate=_NAME), load_default=list, validate=ma.validate.Length(max=30))
    order = ma.fields.String(
        load_default="directly", validate=ma.validate.OneOf([Order.DIRECTLY.value, Order.THEN.value])
    )
    others = ma.fields.Boolean(load_default=False, metadata={"description": "Of those they are compared with."})
    after = ma.fields.String(load_default="", metadata={"description": "`next` of the page before."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1_000))


class JourneyPathsAsked(JourneyPathsSchema, _FormSchema):
    """What came before leaving at a step of a journey."""


class EventPathsAsked(EventPathsSchema, _FormSchema):
    """What came before an event, or missing one."""


class JourneyChainAsked(JourneyPathsSchema, _ChainSchema):
    """A link or chain of the picture as a funnel."""


class EventChainAsked(EventPathsSchema, _ChainSchema):
    """A link or chain of the picture as a funnel."""


class JourneyPathUsersAsked(JourneyPathsSchema, _BehindSchema):
    """Who is behind a figure of the paths."""


class EventPathUsersAsked(EventPathsSchema, _BehindSchema):
    """Who is behind a figure of the paths."""


class PathCohortSchema(AnswerSchema):
    """Two groups: those the paths are of, and those they are compared with."""

    label = ma.fields.String(required=True)
    others = ma.fields.String(required=True)
    units = ma.fields.Integer(required=True)
    other_units = ma.fields.Integer(required=True)
    straight = ma.fields.Integer(
        required=True, metadata={"description": "Had nothing before it in the session: in neither group."}
    )
    open = ma.fields.Integer(required=True, metadata={"description": "May still go on: in neither group."})


class PathContrastSchema(AnswerSchema):
    """Something that happened in the last steps, of both groups."""

    kind = ma.fields.String(required=True, metadata={"description": "event, page, friction, loop or chain."})
    name = ma.fields.String(required=True)
    met = ma.fields.Integer(required=True)
    of = ma.fields.Integer(required=True)
    others_met = ma.fields.Integer(required=True)
    others = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, metadata=_SHARE)
    others_share = ma.fields.Float(required=True, metadata=_SHARE)
    ratio = ma.fields.Float(required=True)
    interval = ma.fields.List(ma.fields.Float(), required=True, validate=ma.validate.Length(equal=2))
    q = ma.fields.Float(
        required=True, metadata={"description": "After as many comparisons as were made (Benjamini–Hochberg)."}
    )
    is_telling = ma.fields.Boolean(required=True, metadata={"description": "The whole interval lies above 1."})
    is_sure = ma.fields.Boolean(required=True, metadata={"description": "And q is at most 0.05."})


class PathTimesSchema(AnswerSchema):
    """Quartiles, in seconds."""

    lower = ma.fields.Float(required=True)
    median = ma.fields.Float(required=True)
    upper = ma.fields.Float(required=True)


class PathMatrixRowSchema(AnswerSchema):
    """A name, and how many were there so many steps before the end."""

    name = ma.fields.String(required=True)
    counts = ma.fields.List(
        ma.fields.Integer(), required=True, metadata={"description": "The first is the last step before the end."}
    )


class PathFlowSchema(AnswerSchema):
    """How many went from a name at a place to a name at the next."""

    place = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    to = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)


class PathLinkSchema(AnswerSchema):
    """One step right after another, and the conditions of rules that say the same of all time."""

    name = ma.fields.String(required=True)
    to = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    others = ma.fields.Integer(required=True)
    took = ma.fields.Nested(PathTimesSchema, required=True, allow_none=True)
    condition = ma.fields.String(required=True)
    then = ma.fields.String(required=True)


class CommonPathSchema(AnswerSchema):
    """The last steps of so many, in order."""

    steps = ma.fields.List(ma.fields.String(), required=True)
    began = ma.fields.Boolean(required=True, metadata={"description": "The session began with the first of them."})
    count = ma.fields.Integer(required=True)
    share = ma.fields.Float(required=True, metadata=_SHARE)


class PathsSchema(AnswerSchema):
    """What came before."""

    at = ma.fields.String(required=True)
    cohort = ma.fields.Nested(PathCohortSchema, required=True)
    contrast = ma.fields.List(ma.fields.Nested(PathContrastSchema), required=True)
    compared = ma.fields.Integer(required=True)
    left_aside = ma.fields.List(ma.fields.String(), required=True)
    loops = ma.fields.List(ma.fields.Nested(PathContrastSchema), required=True)
    matrix = ma.fields.List(ma.fields.Nested(PathMatrixRowSchema), required=True)
    flows = ma.fields.List(ma.fields.Nested(PathFlowSchema), required=True)
    links = ma.fields.List(ma.fields.Nested(PathLinkSchema), required=True)
    paths = ma.fields.List(ma.fields.Nested(CommonPathSchema), required=True)
    took = ma.fields.Nested(PathTimesSchema, required=True, allow_none=True)
    steps_back = ma.fields.Integer(required=True)
    cohort_where = ma.fields.String(required=True, allow_none=True)
    left_out = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf([each.value for each in Kind])), required=True
    )
    version = ma.fields.Integer(required=True)


class PathChainSchema(AnswerSchema):
    """A link or chain of the picture, as a funnel."""

    chain = ma.fields.List(ma.fields.String(), required=True)
    order = ma.fields.String(required=True)
    steps = ma.fields.List(ma.fields.Nested(FunnelStepSchema), required=True)
    others = ma.fields.List(ma.fields.Nested(FunnelStepSchema), required=True)
    contrast = ma.fields.Nested(PathContrastSchema, required=True, allow_none=True)
    ever = ma.fields.Nested(FunnelSchema, required=True, metadata={"description": "Of everybody, at any time."})
    condition = ma.fields.String(
        required=True, metadata={"description": "Of a rule; true of exactly those whom the last step of `ever` counts."}
    )


def read_paths(query: dict[str, Any], *, journey: str | None = None) -> PathsAsked:
    """A query as a question."""
    return PathsAsked(
        journey=journey,
        at=query.get("at"),
        steps=tuple(query.get("step", ())),
        before=query.get("before"),
        window=query["window"],
        unit=Unit(query["by"]),
        back=query["back"],
        where=query["where"],
        period=query["period"],
        everyone=query["everyone"],
        with_simulated=query["simulated"],
    )


def read_chain(query: dict[str, Any]) -> ChainAsked:
    """The chain that a query asks for. Raises BadChain."""
    return ChainAsked(tuple(query["chain"]), Order(query["order"]))


def read_behind(query: dict[str, Any]) -> Behind:
    """Whom a query asks for. Raises BadChain."""
    return Behind(query["event"], read_chain(query) if query["chain"] else None, query["others"], query["kind"])


def paths_document(answer: PathsAnswer) -> dict[str, Any]:
    """The answer as JSON."""
    cohort = answer.cohort
    return {
        "at": answer.at,
        "cohort": {name: getattr(cohort, name) for name in PathCohortSchema().fields},
        "contrast": [_contrast(each) for each in answer.contrast],
        "compared": answer.compared,
        "left_aside": list(answer.left_aside),
        "loops": [_contrast(each) for each in answer.loops],
        "matrix": [{"name": row.name, "counts": list(row.counts)} for row in answer.matrix],
        "flows": [{name: getattr(flow, name) for name in ("place", "name", "to", "count")} for flow in answer.flows],
        "links": [_link(each) for each in answer.links],
        "paths": [
            {"steps": list(path.steps), "began": path.began, "count": path.count, "share": path.share}
            for path in answer.paths
        ],
        "took": _times(answer.took),
        "steps_back": answer.steps_back,
        "cohort_where": answer.cohort_where,
        "left_out": [kind.value for kind in answer.left_out],
        "version": answer.version,
    }


def chain_document(answer: ChainAnswer) -> dict[str, Any]:
    """A chain as JSON."""
    return {
        "chain": list(answer.asked.names),
        "order": answer.asked.order.value,
        "steps": step_documents(answer.steps),
        "others": step_documents(answer.others),
        "contrast": None if answer.contrast is None else _contrast(answer.contrast),
        "ever": funnel_document(answer.ever),
        "condition": answer.condition,
    }


def _contrast(one: Contrast) -> dict[str, Any]:
    names = ("kind", "name", "met", "of", "others_met", "others", "share", "others_share", "ratio", "q")
    told: dict[str, Any] = {name: getattr(one, name) for name in names}
    return told | {
        "interval": [one.interval.low, one.interval.high],
        "is_telling": one.is_telling,
        "is_sure": one.is_sure,
    }


def _link(link: Link) -> dict[str, Any]:
    told = {name: getattr(link, name) for name in ("name", "to", "count", "others", "condition", "then")}
    return told | {"took": _times(link.took)}


def _times(took: Times | None) -> dict[str, float] | None:
    if took is None:
        return None
    return {"lower": took.lower / SECOND, "median": took.median / SECOND, "upper": took.upper / SECOND}
