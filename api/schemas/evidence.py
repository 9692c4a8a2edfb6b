"""The shape of evidence from elsewhere, on the wire and in `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from api.schemas.fields import AnswerSchema, FormatSchema, InstantField, MessagesField, StrictSchema
from api.schemas.why import MomentField
from dsl.feelings import FEELINGS
from engine.evidence import (
    LONGEST_NAME,
    MOST_RULES,
    SOURCES,
    Draft,
    Evidence,
    Source,
    Success,
    TaggedBy,
    TagRule,
    read_place,
)
from engine.evidence_desk import Fate, Receipt, RulesKept

MOST_AT_ONCE: Final = 1_000
"""Pieces of evidence in one request."""

_NAME: Final = ma.validate.Length(1, LONGEST_NAME)
_STEP: Final[dict[str, Any]] = {
    "validate": ma.validate.Length(3, 2 * LONGEST_NAME + 1),
    "metadata": {"description": "`journey.step`.", "example": "activation.verify_domain"},
}
_FEELING: Final = ma.validate.OneOf(list(FEELINGS))
_SCALES: Final = "; ".join(
    f"{source} {spec.scale[0]} to {spec.scale[1]}" for source, spec in SOURCES.items() if spec.scale is not None
)
_SCORE: Final = {"description": f"On the scale of its source: {_SCALES}."}


class EvidenceWordsSchema(StrictSchema):
    """What is said, and where it belongs. Members that are left out of a change stay as they are."""

    text = ma.fields.String(metadata={"description": "As it was written."})
    quotes = ma.fields.List(ma.fields.String(), metadata={"description": "What was said word for word."})
    language = ma.fields.String(
        allow_none=True, metadata={"description": "Of the words; without it English, unless letters say otherwise."}
    )
    feelings = ma.fields.List(
        ma.fields.String(), metadata={"description": ", ".join(FEELINGS), "example": ["confused"]}
    )
    score = ma.fields.Float(allow_none=True, metadata=_SCORE)
    task = ma.fields.String(allow_none=True, metadata={"description": "Of a usability test."})
    success = ma.fields.Enum(Success, by_value=True, allow_none=True)
    seconds = ma.fields.Float(allow_none=True, metadata={"description": "Time on the task."})
    tags = ma.fields.List(ma.fields.String())
    page = ma.fields.String(allow_none=True, metadata={"description": "The path it is about.", "example": "/domains"})
    link = ma.fields.String(allow_none=True, metadata={"description": "To the original."})
    step = ma.fields.String(allow_none=True, **_STEP)
    at_second = ma.fields.Float(
        allow_none=True, metadata={"description": "Of a note on a recording: from the beginning of that."}
    )


class EvidenceChangeSchema(EvidenceWordsSchema):
    """What changes of evidence, made from this revision."""

    revision = ma.fields.Integer(required=True, metadata={"description": "As it was read.", "example": 1})


class EvidenceNewSchema(EvidenceWordsSchema):
    """One piece of evidence that is brought."""

    source = ma.fields.Enum(Source, by_value=True, required=True)
    external = ma.fields.String(
        allow_none=True,
        metadata={"description": "Its id in the source: taken in once. Without one, its content is its id."},
    )
    time = MomentField(allow_none=True, metadata={"description": "When it was said; now without one."})
    user = ma.fields.String(
        allow_none=True, metadata={"description": "Whose words they are; kept where the user is known here."}
    )
    recording = ma.fields.UUID(
        allow_none=True,
        metadata={"description": "Of the source `replay`: on which recording this is a note. The user is that one's."},
    )


class EvidenceBroughtSchema(StrictSchema):
    """A list of evidence, each piece judged by itself."""

    evidence = MessagesField(
        ma.fields.Nested(EvidenceNewSchema), required=True, validate=ma.validate.Length(1, MOST_AT_ONCE)
    )


class EvidenceReceiptSchema(AnswerSchema):
    """What became of one piece."""

    index = ma.fields.Integer(required=True, metadata={"description": "In the list, from 0."})
    fate = ma.fields.Enum(Fate, by_value=True, required=True)
    id = ma.fields.Integer(required=True, allow_none=True)
    step = ma.fields.String(required=True, allow_none=True)
    tagged_by = ma.fields.Enum(TaggedBy, by_value=True, required=True, allow_none=True)
    unknown_user = ma.fields.Boolean(
        required=True,
        attribute="has_unknown_user",
        metadata={"description": "Kept, but without the user: nothing is known of them here."},
    )
    code = ma.fields.String(required=True, allow_none=True, metadata={"example": "bad_evidence"})
    problem = ma.fields.String(required=True, allow_none=True)


class EvidenceReceiptsSchema(AnswerSchema):
    """What became of a list."""

    kept = ma.fields.Integer(required=True)
    known = ma.fields.Integer(required=True, metadata={"description": "Here already; they stay as they are."})
    refused = ma.fields.Integer(required=True)
    data = ma.fields.List(ma.fields.Nested(EvidenceReceiptSchema), required=True)


class EvidenceSchema(AnswerSchema):
    """One piece of evidence as it is kept."""

    id = ma.fields.Integer(required=True)
    source = ma.fields.Enum(Source, by_value=True, required=True)
    external = ma.fields.String(required=True)
    time = InstantField(required=True)
    text = ma.fields.String(required=True)
    quotes = ma.fields.List(ma.fields.String(), required=True)
    language = ma.fields.String(required=True, allow_none=True)
    feelings = ma.fields.List(ma.fields.String(validate=_FEELING), required=True)
    score = ma.fields.Float(required=True, allow_none=True)
    task = ma.fields.String(required=True, allow_none=True)
    success = ma.fields.Enum(Success, by_value=True, required=True, allow_none=True)
    seconds = ma.fields.Float(required=True, allow_none=True)
    tags = ma.fields.List(ma.fields.String(), required=True)
    page = ma.fields.String(required=True, allow_none=True)
    link = ma.fields.String(required=True, allow_none=True)
    recording = ma.fields.String(required=True, allow_none=True, metadata={"format": "uuid"})
    at_second = ma.fields.Float(required=True, allow_none=True)
    user = ma.fields.String(required=True, allow_none=True)
    step = ma.fields.String(required=True, allow_none=True)
    tagged_by = ma.fields.Enum(TaggedBy, by_value=True, required=True, allow_none=True)
    valence = ma.fields.Float(required=True, allow_none=True, metadata={"description": "−1 to +1."})
    feeling = ma.fields.String(required=True, allow_none=True, validate=_FEELING)
    inferred = ma.fields.Boolean(required=True, metadata={"description": "Read from words, not said."})
    created = InstantField(required=True)
    by = ma.fields.String(required=True)
    revision = ma.fields.Integer(required=True)
    changed_by = ma.fields.String(required=True)


class EvidencePageSchema(AnswerSchema):
    """A page of evidence, in the order in which it was taken in."""

    data = ma.fields.List(ma.fields.Nested(EvidenceSchema), required=True)
    next = ma.fields.Integer(required=True, allow_none=True)


class EvidenceAskedSchema(StrictSchema, FormatSchema):
    """Which evidence, and which page of it."""

    source = ma.fields.Enum(Source, by_value=True, load_default=None)
    step = ma.fields.String(load_default=None, **_STEP)
    recording = ma.fields.UUID(load_default=None, metadata={"description": "Only notes on that recording."})
    tagged = ma.fields.Boolean(load_default=None, metadata={"description": "Only with a step, or only without one."})
    after = ma.fields.Integer(
        load_default=0, validate=ma.validate.Range(0), metadata={"description": "`next` of the page before."}
    )
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 500))


class TagRuleSchema(StrictSchema):
    """Evidence of this kind belongs to a step; all that is said must hold."""

    step = ma.fields.String(required=True, **_STEP)
    source = ma.fields.Enum(Source, by_value=True, load_default=None, allow_none=True)
    words = ma.fields.List(
        ma.fields.String(),
        load_default=list,
        metadata={"description": "One of them occurs, whatever its case.", "example": ["dns", "txt record"]},
    )
    tag = ma.fields.String(load_default=None, allow_none=True, validate=_NAME)
    page = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(1, 2_000),
        metadata={"description": "A pattern.", "example": "/domains/*"},
    )


class TagRulesSchema(StrictSchema):
    """The rules in their order: the first that applies decides."""

    rules = ma.fields.List(ma.fields.Nested(TagRuleSchema), required=True, validate=ma.validate.Length(max=MOST_RULES))
    revision = ma.fields.Integer(
        required=True,
        validate=ma.validate.Range(0, 2**31 - 2),
        metadata={"description": "The one that you saw, 0 for none: refused with 409 where it was changed meanwhile."},
    )


class TagRulesKeptSchema(AnswerSchema):
    """The rules in force."""

    rules = ma.fields.List(ma.fields.Nested(TagRuleSchema), required=True)
    revision = ma.fields.Integer(required=True)
    retagged = ma.fields.Integer(
        required=True, metadata={"description": "How much evidence has another step because of this change."}
    )


def read_draft(said: Mapping[str, Any]) -> Draft:
    """What was brought as a draft. Raises BadEvidence."""
    own = _members(said)
    return Draft(**{name: value for name, value in own.items() if value is not None})


def read_change(said: Mapping[str, Any]) -> dict[str, Any]:
    """What changes, by the members of `Draft`. Raises BadEvidence."""
    return _members(said)


def read_tag_rules(said: Mapping[str, Any]) -> list[TagRule]:
    """Rules for tagging. Raises BadEvidence."""
    found = []
    for rule in said["rules"]:
        journey, step = read_place(rule["step"])
        found.append(
            TagRule(
                journey, step, source=rule["source"], words=tuple(rule["words"]), tag=rule["tag"], page=rule["page"]
            )
        )
    return found


def evidence_document(found: Evidence) -> dict[str, Any]:
    """Evidence as `EvidenceSchema` shows it."""
    draft = found.draft
    own = {name: getattr(draft, name) for name in Draft.__dataclass_fields__ if name not in {"user_id", "place"}}
    felt = found.emotion
    return {
        **own,
        "id": found.id,
        "user": draft.user_id,
        "step": place_text(draft.place),
        "tagged_by": found.tagged_by,
        "valence": None if felt is None else felt.valence,
        "feeling": None if felt is None else felt.feeling,
        "inferred": felt is not None and felt.inferred,
        "created": found.created,
        "by": found.by,
        "revision": found.revision,
        "changed_by": found.changed_by,
    }


def receipts_document(receipts: list[Receipt]) -> dict[str, Any]:
    """What became of a list as `EvidenceReceiptsSchema` shows it."""
    members = Receipt.__dataclass_fields__
    counts = {fate.value: sum(each.fate is fate for each in receipts) for fate in Fate}
    data = [{**{name: getattr(each, name) for name in members}, "step": place_text(each.place)} for each in receipts]
    return {**counts, "data": data}


def rules_document(found: RulesKept) -> dict[str, Any]:
    """Rules as `TagRulesKeptSchema` shows them."""
    rules = [
        {
            "step": f"{rule.journey}.{rule.step}",
            "source": rule.source,
            "words": list(rule.words),
            "tag": rule.tag,
            "page": rule.page,
        }
        for rule in found.rules
    ]
    return {"rules": rules, "revision": found.revision, "retagged": found.retagged}


def place_text(place: tuple[str, str] | None) -> str | None:
    """A step as it is written."""
    return None if place is None else ".".join(place)


def _members(said: Mapping[str, Any]) -> dict[str, Any]:
    own = dict(said)
    if "step" in own:
        step = own.pop("step")
        own["place"] = None if step is None else read_place(step)
    if "user" in own:
        own["user_id"] = own.pop("user")
    if own.get("recording") is not None:
        own["recording"] = str(own["recording"])
    return {name: tuple(value) if isinstance(value, list) else value for name, value in own.items()}
