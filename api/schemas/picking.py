"""The shapes of picking elements on pages."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from dsl.selectors import MOST_CHARACTERS
from dsl.values import SECOND
from engine.picking import LASTS, LONGEST
from engine.picks import Kind

_TEXT: Final = ma.validate.Length(min=1, max=255)
_PAGE: Final = ma.validate.Length(min=1, max=1_000)
_SELECTOR: Final = ma.validate.Length(min=1, max=MOST_CHARACTERS)
_WAY: Final = {
    "description": "As text of the rules.",
    "example": 'event "Opened DNS help" when clicked "#dns-help" on page "/domains/*"',
}


class PickerWantedSchema(StrictSchema):
    """A page on which elements are to be picked."""

    url = ma.fields.Url(
        required=True,
        schemes={"http", "https"},
        require_tld=False,
        metadata={"description": "The page to open; the picker works on all pages of its origin."},
    )
    lasts = ma.fields.Integer(
        load_default=LASTS // SECOND,
        validate=ma.validate.Range(min=60, max=LONGEST // SECOND),
        metadata={"description": "Seconds until the link is over."},
    )


class PickSchema(AnswerSchema):
    """An element that was picked."""

    id = ma.fields.Integer(required=True)
    time = InstantField(required=True)
    kind = ma.fields.Enum(Kind, by_value=True, required=True)
    selector = ma.fields.String(required=True)
    event = ma.fields.String(required=True, allow_none=True, metadata={"description": "What its click is called."})
    page = ma.fields.String(required=True, allow_none=True, metadata={"description": "A pattern; null for every page."})
    way = ma.fields.String(required=True, metadata=_WAY)


class PickerSchema(AnswerSchema):
    """A link to the picker, and what was picked with it."""

    id = ma.fields.Integer(required=True)
    url = ma.fields.String(required=True)
    origin = ma.fields.String(required=True)
    by = ma.fields.String(required=True)
    created = InstantField(required=True)
    expires = InstantField(required=True)
    opened = InstantField(
        required=True, allow_none=True, metadata={"description": "When a page showed the picker first."}
    )
    picks = ma.fields.List(ma.fields.Nested(PickSchema), required=True)


class NewPickerSchema(PickerSchema):
    """A link just made."""

    link = ma.fields.String(
        required=True, metadata={"description": "Open this in a browser. The token in it is seen only now."}
    )


class PickersSchema(AnswerSchema):
    """Links to the picker, newest first."""

    data = ma.fields.List(ma.fields.Nested(PickerSchema), required=True)


class PickerTokenSchema(StrictSchema):
    """A page that was opened with the link of a picker."""

    writeKey = ma.fields.String(load_default="")
    token = ma.fields.String(required=True, validate=_TEXT)


class PickerWelcomeSchema(AnswerSchema):
    """The page may show the picker."""

    expires = InstantField(required=True)


class PickedSchema(PickerTokenSchema):
    """An element that was picked on a page."""

    kind = ma.fields.Enum(Kind, by_value=True, required=True)
    selector = ma.fields.String(required=True, validate=_SELECTOR)
    event = ma.fields.String(load_default=None, allow_none=True, validate=_TEXT)
    page = ma.fields.String(load_default=None, allow_none=True, validate=_PAGE)


class PickTakenSchema(AnswerSchema):
    """What was handed back, as it stands in the rules."""

    way = ma.fields.String(required=True, metadata=_WAY)


class PictureTakenSchema(AnswerSchema):
    """A picture of a page was taken."""

    page = ma.fields.String(required=True, metadata={"description": "The pattern of the pages that it stands for."})
    taken = InstantField(required=True)
    packed = ma.fields.Integer(required=True, metadata={"description": "Bytes."})
