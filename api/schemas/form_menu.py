"""The shapes of what a form offers: rows with their fields, operators, windows, widgets, and the names of a project."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from api.schemas.fields import AnswerSchema, ValueField
from dsl.diagnostics import Severity
from dsl.forms.content_kinds import KINDS


def _words() -> ma.fields.List[Any]:
    return ma.fields.List(ma.fields.String(), required=True)


class FormFaultSchema(AnswerSchema):
    """What the checker says of a row."""

    severity = ma.fields.String(required=True, validate=ma.validate.OneOf([each.value for each in Severity]))
    code = ma.fields.String(required=True)
    message = ma.fields.String(required=True)
    help = ma.fields.String(required=True, allow_none=True)


class FormRowSchema(AnswerSchema):
    """A row. `rows` and `faults` are left out where there are none."""

    id = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    values = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ValueField(),
        required=True,
        metadata={"description": "By field, as the menu declares it for this kind of row."},
    )
    rows = ma.fields.List(ma.fields.Nested("FormRowSchema"))
    faults = ma.fields.List(ma.fields.Nested(FormFaultSchema))


class FormDocumentSchema(AnswerSchema):
    """A guide as rows, in the order of its text."""

    guide = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    label = ma.fields.String(required=True, allow_none=True)
    rows = ma.fields.List(ma.fields.Nested(FormRowSchema), required=True)
    faults = ma.fields.List(ma.fields.Nested(FormFaultSchema), required=True)


class RowFieldSchema(AnswerSchema):
    """A field of a row. `sort` says how it is drawn; `names`: of which list of the project's names it takes one."""

    name = ma.fields.String(required=True)
    sort = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    options = _words()
    names = ma.fields.String(required=True, allow_none=True)
    optional = ma.fields.Boolean(required=True)
    hint = ma.fields.String(required=True, allow_none=True)


class RowKindSchema(AnswerSchema):
    """A kind of row. `holds`: where the rows within it stand; `starts`: the values of a new one."""

    kind = ma.fields.String(required=True)
    label = ma.fields.String(required=True)
    section = ma.fields.String(required=True, allow_none=True)
    holds = ma.fields.String(required=True, allow_none=True)
    negates = ma.fields.Boolean(required=True)
    repeats = ma.fields.Boolean(required=True)
    clause = ma.fields.String(required=True)
    guides = _words()
    starts = ma.fields.Dict(keys=ma.fields.String(), values=ValueField(), required=True)
    fields_ = ma.fields.List(ma.fields.Nested(RowFieldSchema), required=True, data_key="fields", attribute="fields")


class RowsByPlaceSchema(AnswerSchema):
    """Every kind of row, by where it may stand."""

    class Meta:
        include = {  # noqa: RUF012  (marshmallow's own form)
            place.value: ma.fields.List(ma.fields.Nested(RowKindSchema), required=True) for place in KINDS
        }


class OperatorSchema(AnswerSchema):
    """An operator: what it is put to and what it wants."""

    name = ma.fields.String(required=True)
    shape = ma.fields.String(required=True)
    wants = ma.fields.String(required=True)
    accepts = _words()
    suffix = ma.fields.String(required=True, allow_none=True)
    ignores_case = ma.fields.Boolean(required=True)
    doc = ma.fields.String(required=True)


class WindowSchema(AnswerSchema):
    """A window of time: its word in a rule, and the sort of its value."""

    word = ma.fields.String(required=True)
    sort = ma.fields.String(required=True)


class MenuWidgetSchema(AnswerSchema):
    """A widget, as far as a form asks."""

    name = ma.fields.String(required=True)
    doc = ma.fields.String(required=True)
    selector = ma.fields.String(required=True)
    sides = _words()
    items = _words()
    step_items = _words()
    in_guides = ma.fields.Boolean(required=True)
    frames_surveys = ma.fields.Boolean(required=True)


class MenuQuestionSchema(AnswerSchema):
    """A type of question, as far as a form asks."""

    name = ma.fields.String(required=True)
    doc = ma.fields.String(required=True)
    scale = ma.fields.Boolean(required=True)
    choices = ma.fields.Boolean(required=True)
    limit = ma.fields.String(required=True, allow_none=True)


class MenuSchema(AnswerSchema):
    """Every row that a form may have, with its fields, and the closed sets that they choose from."""

    rows = ma.fields.Nested(RowsByPlaceSchema, required=True)
    groups = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    sections = _words()
    operators = ma.fields.List(ma.fields.Nested(OperatorSchema), required=True)
    counts = _words()
    windows = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(WindowSchema), required=True)
    actions = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(allow_none=True),
        required=True,
        metadata={"description": "What a button does, by its word: the sort of what it takes, null for nothing."},
    )
    units = _words()
    days = _words()
    feelings = _words()
    styles = _words()
    widgets = ma.fields.List(ma.fields.Nested(MenuWidgetSchema), required=True)
    questions = ma.fields.List(ma.fields.Nested(MenuQuestionSchema), required=True)


class NamedSchema(AnswerSchema):
    """A name that may be chosen."""

    name = ma.fields.String(required=True)
    label = ma.fields.String(required=True)


class TypedNameSchema(NamedSchema):
    """A name with the kind of its value; `allowed`: the values that it may have, empty for any."""

    kind = ma.fields.String(required=True)
    allowed = _words()


class EventNameSchema(NamedSchema):
    """An event with its properties."""

    properties = ma.fields.List(ma.fields.Nested(TypedNameSchema), required=True)


class StepNameSchema(NamedSchema):
    """A step, with the events that reach it and those that are attempts at it."""

    reached = _words()
    attempted = _words()


def _named(kind: type[NamedSchema] = NamedSchema) -> ma.fields.List[Any]:
    return ma.fields.List(ma.fields.Nested(kind), required=True)


class ChoicesSchema(AnswerSchema):
    """The project's names, by what they are: what the rules declare and what was really received."""

    attributes = _named(TypedNameSchema)
    events = _named(EventNameSchema)
    places = _named()
    steps = _named(StepNameSchema)
    segments = _named()
    guides = _named()
    surveys = _named()
    journeys = _named()
    journeys_and_guides = ma.fields.List(
        ma.fields.Nested(NamedSchema), required=True, data_key="journeys and guides", attribute="journeys and guides"
    )
    questions = _named(TypedNameSchema)
    own_questions = ma.fields.List(
        ma.fields.Nested(TypedNameSchema), required=True, data_key="own questions", attribute="own questions"
    )
    elements = _named()
