"""The shapes of the working draft, of what helps to write it, and of the guides in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, InstantField, StrictSchema
from api.schemas.problems import DiagnosticSchema
from api.schemas.rules import PublishedSchema, RulesChangeSchema, RulesCheckSchema, file_name
from dsl.changes import Edit
from dsl.complete import Sort
from dsl.nodes import GuideKind
from engine.audience import AudienceChange, GuideAudience
from engine.drafts import Draft, DraftState
from engine.standing import Standing
from engine.storage.draft_tables import NOTE_LENGTH
from engine.trials import TRIAL_FILE

_VERSION: Final = ma.validate.Range(min=0)
_REVISION: Final[dict[str, Any]] = {
    "required": True,
    "strict": True,
    "validate": _VERSION,
    "metadata": {"description": "The revision that you saw, 0 for none: with another one, nothing is changed."},
}
_MOST_PORTIONS: Final = 100_000
_NOTE: Final = ma.validate.Length(max=NOTE_LENGTH)
_FILES: Final[dict[str, Any]] = {
    "keys": ma.fields.String(validate=file_name),
    "values": ma.fields.String(),
    "required": True,
}


def draft_name(name: Any) -> None:
    """Refuse what is no name of a draft's file. Raises marshmallow.ValidationError."""
    file_name(name)
    if name == TRIAL_FILE:
        raise ma.ValidationError(f"`{TRIAL_FILE}` holds what testers see: take another name")


class DraftSavedSchema(RulesCheckSchema):
    """What was typed: all files of the draft."""

    files = ma.fields.Dict(
        keys=ma.fields.String(validate=draft_name),
        values=ma.fields.String(),
        required=True,
        validate=ma.validate.Length(min=1, error="must have at least one file"),
        metadata={"example": {"onboarding.way": 'event "Signed Up"\n'}},
    )
    base = ma.fields.Integer(
        required=True,
        strict=True,
        validate=_VERSION,
        metadata={"description": "The version that the draft was made from, 0 for none."},
    )
    revision = ma.fields.Integer(**_REVISION)


class DraftRevisionSchema(StrictSchema):
    """The draft as it was seen."""

    revision = ma.fields.Integer(**_REVISION)


class DraftMarkedSchema(DraftRevisionSchema):
    """How far the draft is."""

    state = ma.fields.Enum(DraftState, by_value=True, required=True)
    note = ma.fields.String(load_default=None, allow_none=True, validate=_NOTE)


class DraftPublishedSchema(DraftRevisionSchema):
    """The draft, to be put in force."""

    note = ma.fields.String(load_default="", validate=_NOTE)


class TrialAskedSchema(DraftRevisionSchema):
    """Who tries the draft."""

    segment = ma.fields.String(required=True, validate=ma.validate.Length(1, 200))


class DraftSchema(AnswerSchema):
    """The working draft. Without one, `files` is null, and so is who wrote it."""

    revision = ma.fields.Integer(required=True, metadata={"description": "Counts every change, of every draft."})
    files = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True, allow_none=True)
    base = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Made from this version."})
    state = ma.fields.Enum(DraftState, by_value=True, required=True, allow_none=True)
    note = ma.fields.String(required=True, allow_none=True)
    begun = InstantField(required=True, allow_none=True)
    begun_by = ma.fields.String(required=True, allow_none=True)
    changed = InstantField(required=True, allow_none=True)
    changed_by = ma.fields.String(required=True, allow_none=True)
    in_force = ma.fields.Integer(required=True, metadata={"description": "The version in force, 0 for none."})


class RuleChangeSchema(AnswerSchema):
    """A declaration that the draft adds, removes or changes."""

    title = ma.fields.String(required=True, metadata={"example": "guide verify_help"})
    edit = ma.fields.Enum(Edit, by_value=True, required=True)
    lines = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "`- ` before what was, `+ ` before what is new."}
    )


class DraftReviewSchema(AnswerSchema):
    """What a draft changes, and what is wrong in it."""

    revision = ma.fields.Integer(required=True)
    ok = ma.fields.Boolean(required=True, metadata={"description": "True without errors: it can be published."})
    changes = ma.fields.List(ma.fields.Nested(RulesChangeSchema), required=True)
    declarations = ma.fields.List(ma.fields.Nested(RuleChangeSchema), required=True)
    diagnostics = ma.fields.List(ma.fields.Nested(DiagnosticSchema), required=True)


class AudienceQuerySchema(StrictSchema):
    """Who counts."""

    simulated = ma.fields.Boolean(load_default=False, truthy={"true"}, falsy={"false"})
    portion = ma.fields.Integer(
        load_default=None,
        validate=ma.validate.Range(min=0, max=_MOST_PORTIONS - 1),
        metadata={
            "description": "Only this portion of the people, from 0; who shares an account is in the same one. "
            "Without: everybody at once, which is refused where the history is long."
        },
    )
    portions = ma.fields.Integer(
        load_default=None,
        validate=ma.validate.Range(min=1, max=_MOST_PORTIONS),
        metadata={"description": "Of how many, as the first answer said. Without: of as many as the history takes."},
    )

    @ma.validates_schema
    def _is_one_of_them(self, asked: dict[str, Any], **_: Any) -> None:
        if asked["portions"] is not None and (asked["portion"] or 0) >= asked["portions"]:
            raise ma.ValidationError("is one of `portions`, from 0", "portion")


class SwitchesSchema(AnswerSchema):
    """People who see a guide under one set of rules only."""

    people = ma.fields.Integer(required=True)
    reasons = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "The reason under the other rules → how many."},
    )


class GuideAudienceSchema(AnswerSchema):
    """What changes for one guide. Pairs are before and after."""

    guide = ma.fields.String(required=True)
    people = ma.fields.List(ma.fields.Integer(), required=True)
    shows = ma.fields.List(ma.fields.Integer(), required=True)
    gains = ma.fields.Nested(SwitchesSchema, required=True)
    losses = ma.fields.Nested(SwitchesSchema, required=True)


class DraftAudienceSchema(AnswerSchema):
    """Who would have seen each guide over the project's history, under the rules in force and under the draft."""

    portion = ma.fields.Integer(required=True)
    portions = ma.fields.Integer(required=True, metadata={"description": "How many there are; 1 for everybody."})
    people = ma.fields.Integer(required=True, metadata={"description": "In the history."})
    moments = ma.fields.Integer(required=True, metadata={"description": "How often guidance was asked for."})
    guides = ma.fields.List(ma.fields.Nested(GuideAudienceSchema), required=True)


class TrialSchema(PublishedSchema):
    """A trial that testers see from now on."""

    guides = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "What they see."})
    waiting = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Changes that nobody sees before publishing."}
    )


class MergeAskedSchema(StrictSchema):
    """Two changes of the same files."""

    base = ma.fields.Dict(**_FILES)
    ours = ma.fields.Dict(**_FILES)
    theirs = ma.fields.Dict(**_FILES)


class ConflictSchema(AnswerSchema):
    """A file in which both changed the same lines. A side that deleted it has null."""

    file = ma.fields.String(required=True)
    our_lines = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "With ours in force, and theirs as comments."}
    )
    their_lines = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "With theirs in force, and ours as comments."}
    )


class MergedSchema(AnswerSchema):
    """Both put together; in a conflict our lines are in force."""

    files = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    conflicts = ma.fields.List(ma.fields.Nested(ConflictSchema), required=True)


class PositionAskedSchema(RulesCheckSchema):
    """A place in one of some rule files."""

    file = ma.fields.String(required=True, validate=file_name)
    position = ma.fields.Integer(
        required=True,
        strict=True,
        validate=ma.validate.Range(min=0),
        metadata={"description": "Offset in characters, from 0."},
    )


class CompletionSchema(AnswerSchema):
    """What may stand at a place."""

    label = ma.fields.String(required=True)
    kind = ma.fields.Enum(Sort, by_value=True, required=True)
    insert = ma.fields.String(required=True, metadata={"description": "What is written."})
    detail = ma.fields.String(required=True)
    start = ma.fields.Integer(required=True, metadata={"description": "Of what it takes the place of."})
    end = ma.fields.Integer(required=True)


class CompletionsSchema(AnswerSchema):
    """What may stand at a place, the best first."""

    data = ma.fields.List(ma.fields.Nested(CompletionSchema), required=True)


class HoverSchema(AnswerSchema):
    """What stands at a place, explained; nulls where there is nothing to say."""

    title = ma.fields.String(required=True, allow_none=True)
    lines = ma.fields.List(ma.fields.String(), required=True)
    start = ma.fields.Integer(required=True, allow_none=True)
    end = ma.fields.Integer(required=True, allow_none=True)


class FormatAskedSchema(StrictSchema):
    """A text to bring into the language's one form."""

    text = ma.fields.String(required=True)


class FormattedSchema(AnswerSchema):
    """A text in the language's one form."""

    text = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Null where it could not be read whole."}
    )


class GuideLineSchema(AnswerSchema):
    """A guide or survey in force."""

    name = ma.fields.String(required=True)
    kind = ma.fields.Enum(GuideKind, by_value=True, required=True)
    label = ma.fields.String(required=True, allow_none=True)
    places = ma.fields.List(ma.fields.String(), required=True, metadata={"description": "Of the journeys: `at`."})
    file = ma.fields.String(required=True)
    standing = ma.fields.Enum(Standing, by_value=True, required=True)


class GuidesQuerySchema(StrictSchema):
    """Which guides to list."""

    after = ma.fields.String(load_default=None, metadata={"description": "`next` of a page."})
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(min=1, max=1000))


class GuidesSchema(AnswerSchema):
    """A page of the guides and surveys in force, in the order of the rules; `next` is null on the last one."""

    data = ma.fields.List(ma.fields.Nested(GuideLineSchema), required=True)
    next = ma.fields.String(required=True, allow_none=True)
    stopped = ma.fields.Boolean(required=True, metadata={"description": "True while nothing is shown at all."})


class PausedSchema(StrictSchema):
    """Whether a guide is paused."""

    paused = ma.fields.Boolean(required=True, truthy={True}, falsy={False})
    note = ma.fields.String(load_default="", validate=_NOTE)


def draft_document(revision: int, draft: Draft | None, in_force: int, names: Mapping[str, str]) -> dict[str, Any]:
    """A draft as it is sent. names: what people are called, by how drafts name them."""
    if draft is None:
        nothing = ("files", "base", "state", "note", "begun", "begun_by", "changed", "changed_by")
        return {"revision": revision, "in_force": in_force, **dict.fromkeys(nothing)}
    return {
        "revision": draft.revision,
        "files": draft.files,
        "base": draft.base,
        "state": draft.state,
        "note": draft.note,
        "begun": draft.begun,
        "begun_by": names.get(draft.begun_by, draft.begun_by),
        "changed": draft.changed,
        "changed_by": names.get(draft.changed_by, draft.changed_by),
        "in_force": in_force,
    }


def audience_document(found: AudienceChange) -> dict[str, Any]:
    """What changes for the guides, without naming people."""
    return {
        "portion": found.portion,
        "portions": found.portions,
        "people": found.people,
        "moments": found.moments,
        "guides": list(map(_guide_document, found.guides)),
    }


def _guide_document(found: GuideAudience) -> dict[str, Any]:
    gains, losses = ([each.before for each in found.gains], [each.after for each in found.losses])
    return {
        "guide": found.guide,
        "people": list(found.people),
        "shows": list(found.shows),
        **{
            name: {
                "people": len(reasons),
                "reasons": {
                    str(reason or "not in the rules"): reasons.count(reason) for reason in sorted(set(reasons), key=str)
                },
            }
            for name, reasons in (("gains", gains), ("losses", losses))
        },
    }
