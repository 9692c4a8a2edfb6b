"""What tools take and answer, where the HTTP interface has no shape for it. All others are those of `api.schemas`."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.schemas.backtest import BacktestAskedSchema
from api.schemas.drafts import DraftRevisionSchema, DraftSchema, GuideLineSchema, RuleChangeSchema, draft_name
from api.schemas.fields import AnswerSchema, StrictSchema
from api.schemas.funnels import FunnelQuerySchema
from api.schemas.opportunities import OpportunitiesAskedSchema
from api.schemas.paths import EventPathsSchema, JourneyPathsSchema
from api.schemas.problems import DiagnosticSchema
from api.schemas.rules import CheckedSchema, RulesCheckSchema, file_name
from api.schemas.step_records import RecordsAskedSchema
from api.schemas.why import AskedSchema
from engine.storage.draft_tables import NOTE_LENGTH

_NAME: Final = ma.validate.Length(1, 200)
_CONDITION: Final = ma.validate.Length(1, 2_000)
_CHANGED: Final = {
    "description": "Whole files to write, by name; each takes the place of one of its name. What is not named stays as "
    "it is in the draft, or in force where there is no draft.",
    "example": {"nudges.way": 'guide nudge {\n  on "Signed Up"\n  show banner { body "Welcome" }\n}\n'},
}


def _removed() -> ma.fields.List[str]:
    return ma.fields.List(
        ma.fields.String(validate=file_name),
        load_default=list,
        metadata={"description": "Names of files to leave out."},
    )


class NothingAskedSchema(StrictSchema):
    """No arguments."""


class CheckAskedSchema(RulesCheckSchema):
    """Rule files to look at, among the others of the project."""

    files = ma.fields.Dict(
        keys=ma.fields.String(validate=file_name), values=ma.fields.String(), load_default=dict, metadata=_CHANGED
    )
    remove = _removed()


class DescribeAskedSchema(CheckAskedSchema):
    """A guide to say in words."""

    guide = ma.fields.String(required=True, validate=_NAME, metadata={"description": "A guide, survey or feedback."})


class TryAskedSchema(BacktestAskedSchema):
    """A guide to live through the project's history with."""

    class Meta(BacktestAskedSchema.Meta):
        exclude = ("beside_live",)

    guide = ma.fields.String(required=True, validate=_NAME, metadata={"description": "A guide, survey or feedback."})
    files = ma.fields.Dict(
        keys=ma.fields.String(validate=file_name), values=ma.fields.String(), load_default=dict, metadata=_CHANGED
    )
    remove = _removed()


class SaveAskedSchema(DraftRevisionSchema):
    """Files to keep in the working draft."""

    files = ma.fields.Dict(
        keys=ma.fields.String(validate=draft_name), values=ma.fields.String(), load_default=dict, metadata=_CHANGED
    )
    remove = _removed()
    note = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(max=NOTE_LENGTH),
        metadata={"description": "What the change is for, in a line, for whoever reviews it."},
    )

    @ma.validates_schema
    def _changes_something(self, asked: dict[str, Any], **_: Any) -> None:
        if not asked["files"] and not asked["remove"]:
            raise ma.ValidationError("must have at least one file, or one to `remove`", "files")


class FunnelOfSchema(FunnelQuerySchema):
    """A funnel of a journey, or of events."""

    journey = ma.fields.String(
        load_default=None, validate=_NAME, metadata={"description": "Count its steps; without one, those of `step`."}
    )

    @ma.validates_schema
    def _is_of_one(self, asked: dict[str, Any], **_: Any) -> None:
        if (asked["journey"] is None) == (not asked["step"]):
            raise ma.ValidationError("name a `journey`, or the events in `step`", "journey")


class PathsOfSchema(JourneyPathsSchema, EventPathsSchema):
    """What came before: leaving at a step of a journey, missing the last of some events, or an event."""

    journey = ma.fields.String(
        load_default=None, validate=_NAME, metadata={"description": "People who left at one of its steps (`at`)."}
    )
    step = ma.fields.List(
        ma.fields.String(validate=_CONDITION),
        load_default=list,
        validate=ma.validate.Length(max=30),
        metadata={"description": "Instead of a journey: events in order, of which people did all but the last."},
    )
    before = ma.fields.String(
        load_default=None,
        validate=_CONDITION,
        metadata={"description": "Instead of a journey: what came before this event."},
    )

    @ma.validates_schema
    def _is_of_one(self, asked: dict[str, Any], **_: Any) -> None:
        said = [name for name in ("journey", "step", "before") if asked[name]]
        if len(said) != 1:
            raise ma.ValidationError("name one of them: a `journey`, the events in `step`, or `before`", "journey")


class RecordsOfSchema(RecordsAskedSchema):
    """Records of the steps of a journey."""

    class Meta(RecordsAskedSchema.Meta):
        exclude = ("format", "part")

    journey = ma.fields.String(required=True, validate=_NAME)
    step = ma.fields.String(
        load_default=None, validate=_NAME, metadata={"description": "Of this step only; of all without one."}
    )


class BestOpportunitiesSchema(OpportunitiesAskedSchema):
    """Which opportunities."""

    class Meta(OpportunitiesAskedSchema.Meta):
        exclude = ("format",)

    limit = ma.fields.Integer(load_default=10, validate=ma.validate.Range(1, 200))


class WhyAskedSchema(AskedSchema):
    """A decision to explain."""

    user = ma.fields.String(
        required=True, validate=ma.validate.Length(1, 255), metadata={"description": "A user id, or an anonymous id."}
    )
    rules = ma.fields.String(
        load_default="then",
        validate=ma.validate.OneOf(["then", "now", "draft"]),
        metadata={"description": "By the rules in force at that instant, by those in force now, or by the draft."},
    )


class LanguageSchema(AnswerSchema):
    """The reference of the language."""

    text = ma.fields.String(required=True, metadata={"description": "Markdown."})


class StepLineSchema(AnswerSchema):
    """A step of a journey."""

    name = ma.fields.String(required=True)
    label = ma.fields.String(required=True, allow_none=True)
    stage = ma.fields.String(required=True)


class JourneyLineSchema(AnswerSchema):
    """A journey in force."""

    name = ma.fields.String(required=True)
    label = ma.fields.String(required=True, allow_none=True)
    steps = ma.fields.List(ma.fields.Nested(StepLineSchema), required=True)
    file = ma.fields.String(required=True)
    text = ma.fields.String(required=True, metadata={"description": "As it is declared in the language."})


class JourneysSchema(AnswerSchema):
    """The journeys in force."""

    journeys = ma.fields.List(ma.fields.Nested(JourneyLineSchema), required=True)


class SegmentLineSchema(AnswerSchema):
    """A persona or segment in force."""

    name = ma.fields.String(required=True)
    label = ma.fields.String(required=True, allow_none=True)
    is_persona = ma.fields.Boolean(required=True, metadata={"description": "Maps and opportunities are told by it."})
    file = ma.fields.String(required=True)
    text = ma.fields.String(required=True, metadata={"description": "As it is declared in the language."})


class SegmentsSchema(AnswerSchema):
    """The personas and segments in force."""

    segments = ma.fields.List(ma.fields.Nested(SegmentLineSchema), required=True)


class GuideLinesSchema(AnswerSchema):
    """The guides and surveys in force, in the order of the rules."""

    guides = ma.fields.List(ma.fields.Nested(GuideLineSchema), required=True)
    stopped = ma.fields.Boolean(required=True, metadata={"description": "True while nothing is shown at all."})


class WorkingRulesSchema(DraftSchema):
    """The rules as they are written on."""

    is_draft = ma.fields.Boolean(
        required=True, metadata={"description": "False where nobody is writing: `files` are those in force then."}
    )
    files = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


class CheckedFilesSchema(CheckedSchema):
    """What was found in all files of the project, with the given ones in their places."""

    errors = ma.fields.Integer(required=True)
    warnings = ma.fields.Integer(required=True)
    files = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "What was checked."})
    rendered = ma.fields.String(
        required=True, metadata={"description": "The same messages with the lines they are about, as text."}
    )


class DescribedSchema(AnswerSchema):
    """A guide in plain English."""

    guide = ma.fields.String(required=True)
    label = ma.fields.String(required=True, allow_none=True)
    sentences = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Lines that belong below are indented."}
    )


class SavedSchema(AnswerSchema):
    """The draft as it was kept. It is not in force: a person looks at it and publishes it."""

    revision = ma.fields.Integer(required=True, metadata={"description": "For the next change."})
    base = ma.fields.Integer(required=True, metadata={"description": "Made from this version."})
    in_force = ma.fields.Integer(required=True, metadata={"description": "The version in force, unchanged."})
    changed_by = ma.fields.String(required=True)
    files = ma.fields.List(ma.fields.String(), required=True)
    changes = ma.fields.List(
        ma.fields.Nested(RuleChangeSchema),
        required=True,
        metadata={"description": "Of the whole draft against the rules in force."},
    )
    warnings = ma.fields.List(ma.fields.Nested(DiagnosticSchema), required=True)
