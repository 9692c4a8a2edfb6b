"""The shape of heat maps: elements, scroll depths and forms of a page, the pages there are, and their pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FileFormSchema, InstantField, StrictSchema
from api.schemas.step_records import PeriodAskedSchema, a_share, an_interval
from engine.analytics.heat import ClickKind
from engine.analytics.heat_behind import Behind, Figure
from engine.analytics.heat_tables import Part
from engine.analytics.population import Kind
from engine.heat import DEVICES, HeatAsked, HeatBy, HeatOfGroup
from engine.heat_snapshots import LONGEST_PAGE, Picture, Source

_NAME: Final = ma.validate.Length(1, 200)
_SELECTOR: Final = ma.validate.Length(1, 1_000)


class HeatPeriodSchema(PeriodAskedSchema):
    """When, whom and on what."""

    device = ma.fields.String(load_default=None, validate=ma.validate.OneOf(DEVICES))


class HeatPageSchema(HeatPeriodSchema):
    """Which page."""

    page = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(1, 2_000),
        metadata={"description": "A pattern of paths; or name `journey` and `step`.", "example": "/domains/*"},
    )
    journey = ma.fields.String(load_default=None, validate=_NAME)
    step = ma.fields.String(
        load_default=None, validate=_NAME, metadata={"description": "The pages that are its touchpoints."}
    )


class HeatAskedSchema(HeatPageSchema):
    """Which heat maps."""

    by = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf([each.value for each in HeatBy]),
        metadata={"description": "A map for each persona, device, day or week (UTC)."},
    )
    part = ma.fields.String(
        load_default=Part.ELEMENTS.value,
        validate=ma.validate.OneOf([each.value for each in Part]),
        metadata={"description": "What a file has rows of."},
    )


class HeatUsersAskedSchema(HeatPageSchema):
    """Who is behind a figure."""

    figure = ma.fields.String(required=True, validate=ma.validate.OneOf([each.value for each in Figure]))
    selector = ma.fields.String(
        load_default=None, validate=_SELECTOR, metadata={"description": "Of an element or a field; any without."}
    )
    depth = ma.fields.Integer(
        load_default=None,
        validate=ma.validate.Range(0, 100),
        metadata={"description": "Of `scroll`: saw the page at least so far down, in percent."},
    )
    form = ma.fields.String(
        load_default=None, validate=_SELECTOR, metadata={"description": "Of `gave-up`: only this form."}
    )
    after = ma.fields.String(load_default="", metadata={"description": "`next` of the page before."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 1_000))


class HeatShareSchema(AnswerSchema):
    """A share, with its Wilson interval; both null below five."""

    count = ma.fields.Integer(required=True)
    n = ma.fields.Integer(required=True)
    share = a_share(attribute="value")
    interval = an_interval()


class HeatSeenSchema(AnswerSchema):
    """How often the page was seen, and by how many."""

    views = ma.fields.Integer(required=True)
    people = ma.fields.Integer(required=True)


class HeatSpotSchema(AnswerSchema):
    """How many clicks fell on a tenth by a tenth of an element."""

    column = ma.fields.Integer(required=True, metadata={"description": "0 to 9, from the left edge."})
    row = ma.fields.Integer(required=True, metadata={"description": "0 to 9, from the top edge."})
    clicks = ma.fields.Integer(required=True)


class HeatElementSchema(AnswerSchema):
    """What was done to an element."""

    kind = ma.fields.String(required=True, validate=ma.validate.OneOf([each.value for each in ClickKind]))
    selector = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    of_people = ma.fields.Nested(HeatShareSchema, required=True)
    of_views = ma.fields.Nested(HeatShareSchema, required=True)
    spots = ma.fields.List(ma.fields.Nested(HeatSpotSchema), required=True)


class HeatDepthSchema(AnswerSchema):
    """How many views reached a share of the page."""

    depth = ma.fields.Integer(required=True, metadata={"description": "Percent of the page."})
    of_views = ma.fields.Nested(HeatShareSchema, required=True)
    people = ma.fields.Integer(required=True)


class HeatScrollSchema(AnswerSchema):
    """How far down the page was seen."""

    seen = ma.fields.Nested(HeatSeenSchema, required=True, metadata={"description": "Views of which it is known."})
    curve = ma.fields.List(ma.fields.Nested(HeatDepthSchema), required=True)
    fold = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Percent of the page that a half of the views showed without scrolling."},
    )
    height = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Median, in px."})
    viewport = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Median height, in px."})


class HeatFieldSchema(AnswerSchema):
    """A field of a form."""

    form = ma.fields.String(required=True, allow_none=True)
    place = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "In the form's order, from 1."})
    selector = ma.fields.String(required=True)
    hesitations = ma.fields.Integer(required=True)
    hesitated = ma.fields.Nested(HeatShareSchema, required=True)
    median = ma.fields.Float(required=True, allow_none=True, metadata={"description": "Seconds; null below five."})
    ninth = ma.fields.Float(required=True, allow_none=True, metadata={"description": "Nine of ten, in seconds."})
    reentries = ma.fields.Integer(required=True)
    reentered = ma.fields.Nested(HeatShareSchema, required=True)
    entered = ma.fields.Integer(required=True)
    gave_up = ma.fields.Nested(
        HeatShareSchema,
        required=True,
        metadata={"description": "Ended here, of the times that had not ended at an earlier field of the form."},
    )
    gave_up_people = ma.fields.Integer(required=True)
    left = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Of the times that the form was given up, the share that went on to a later field."},
    )


class HeatFormSchema(AnswerSchema):
    """A form that was given up."""

    selector = ma.fields.String(required=True)
    given_up = ma.fields.Integer(required=True)
    of_people = ma.fields.Nested(HeatShareSchema, required=True)
    fields = ma.fields.List(ma.fields.Nested(HeatFieldSchema), required=True)  # type: ignore[assignment]


class HeatMapSchema(AnswerSchema):
    """The heat map of everybody, or of a group."""

    group = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "A persona, a device, the first day of a day or week; null for everybody."},
    )
    seen = ma.fields.Nested(HeatSeenSchema, required=True, metadata={"description": "All views of the page."})
    watched = ma.fields.Nested(
        HeatSeenSchema, required=True, metadata={"description": "Views in which clicks were gathered."}
    )
    elements = ma.fields.List(ma.fields.Nested(HeatElementSchema), required=True)
    unlisted = ma.fields.Dict(
        required=True,
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        metadata={"description": "How many elements of each kind the list leaves out."},
    )
    scroll = ma.fields.Nested(HeatScrollSchema, required=True)
    forms = ma.fields.List(ma.fields.Nested(HeatFormSchema), required=True)
    other_fields = ma.fields.List(ma.fields.Nested(HeatFieldSchema), required=True)


class HeatSchema(AnswerSchema):
    """Heat maps of a page."""

    patterns = ma.fields.List(ma.fields.String(), required=True)
    maps = ma.fields.List(ma.fields.Nested(HeatMapSchema), required=True)
    left_out = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf([each.value for each in Kind])), required=True
    )
    version = ma.fields.Integer(required=True)


class TouchpointSchema(AnswerSchema):
    """A page that is a touchpoint of a step."""

    page = ma.fields.String(required=True)
    journey = ma.fields.String(required=True)
    step = ma.fields.String(required=True)
    label = ma.fields.String(required=True)


class SeenPathSchema(AnswerSchema):
    """A path that was seen."""

    path = ma.fields.String(required=True)
    seen = ma.fields.Nested(HeatSeenSchema, required=True)
    gathered = ma.fields.Boolean(
        required=True, metadata={"description": "Whether clicks or scroll depths were told of it."}
    )


class HeatPagesSchema(AnswerSchema):
    """Which pages there are heat maps of."""

    touchpoints = ma.fields.List(ma.fields.Nested(TouchpointSchema), required=True)
    paths = ma.fields.List(
        ma.fields.Nested(SeenPathSchema), required=True, metadata={"description": "Those that most people saw."}
    )
    left_out = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf([each.value for each in Kind])), required=True
    )
    version = ma.fields.Integer(required=True)


class HeatSnapshotSchema(AnswerSchema):
    """A masked picture of a page."""

    id = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Null for one in a recording."})
    source = ma.fields.Enum(Source, by_value=True, required=True)
    page = ma.fields.String(
        required=True, metadata={"description": "The pattern that it was taken for, or the path that was recorded."}
    )
    width = ma.fields.Integer(required=True, metadata={"description": "Of the window, in px."})
    height = ma.fields.Integer(required=True)
    taken = InstantField(required=True)
    by = ma.fields.String(required=True, allow_none=True)
    recording = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "The recording that it is part of."}
    )
    packed = ma.fields.Integer(required=True, metadata={"description": "Bytes."})
    scrubbed = ma.fields.Integer(
        required=True, metadata={"description": "How many values were blotted out when it came."}
    )


class HeatPictureSchema(HeatSnapshotSchema):
    """A picture with what is drawn."""

    events = ma.fields.List(
        ma.fields.Dict(), required=True, metadata={"description": "rrweb's events meta and full snapshot, masked."}
    )


class HeatSnapshotsSchema(AnswerSchema):
    """The pictures that were taken."""

    data = ma.fields.List(ma.fields.Nested(HeatSnapshotSchema), required=True)


class HeatSnapshotsAskedSchema(FileFormSchema):
    """In what form they are wanted."""


class HeatPictureAskedSchema(StrictSchema):
    """Of which page."""

    page = ma.fields.String(load_default=None, validate=ma.validate.Length(1, LONGEST_PAGE))
    journey = ma.fields.String(load_default=None, validate=_NAME)
    step = ma.fields.String(load_default=None, validate=_NAME)


def picture_document(picture: Picture) -> dict[str, Any]:
    """A picture as JSON, before its schema dumps it."""
    names = HeatSnapshotSchema().fields
    return {**{name: getattr(picture.snapshot, name) for name in names}, "events": picture.events}


def read_heat(query: Mapping[str, Any]) -> HeatAsked:
    """A query as a question."""
    by = query.get("by")
    return HeatAsked(
        page=query.get("page"),
        journey=query.get("journey"),
        step=query.get("step"),
        by=None if by is None else HeatBy(by),
        since=query["begin"],
        until=query["end"],
        where=query["where"],
        device=query["device"],
        everyone=query["everyone"],
        with_simulated=query["simulated"],
    )


def read_behind_heat(query: Mapping[str, Any]) -> Behind:
    """Whom a query asks for."""
    return Behind(Figure(query["figure"]), query["selector"], query["depth"], query["form"])


def map_document(found: HeatOfGroup) -> dict[str, Any]:
    """A heat map as JSON, before its schema dumps it."""
    page = found.page
    return {
        "group": found.group,
        "seen": page.seen,
        "watched": page.watched,
        "elements": [
            {
                "kind": each.kind.value,
                "selector": each.selector,
                "count": each.count,
                "of_people": each.of_people,
                "of_views": each.of_views,
                "spots": [{"column": x, "row": y, "clicks": clicks} for (x, y), clicks in each.spots.items()],
            }
            for each in page.elements
        ],
        "unlisted": {kind.value: number for kind, number in page.unlisted.items()},
        "scroll": page.scroll,
        "forms": found.forms.forms,
        "other_fields": found.forms.others,
    }
