"""From the roadmap's facts to what is sent, and from what was sent to drafts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.roadmap.board import Board, Line
from engine.roadmap.items import Change, Effort, ItemDraft
from engine.roadmap.quadrants import Limits, Range
from engine.roadmap.review import Review, ThemeReview
from engine.roadmap.review_text import sections_of
from engine.roadmap.themes import Theme, ThemeDraft
from engine.roadmap.timeboxes import read_timebox

_TIMEBOXES = ("timebox", "wish", "due")


def edited_theme(draft: ThemeDraft, said: Mapping[str, Any]) -> ThemeDraft:
    """A draft with what somebody changed."""
    return replace(draft, **_read(said))


def edited_item(draft: ItemDraft, said: Mapping[str, Any], *, author: str) -> ItemDraft:
    """A draft with what somebody changed. author: of estimates that name none."""
    fields = _read(said)
    if "efforts" in fields:
        fields["efforts"] = tuple(Effort(each["by"] or author, each["low"], each["high"]) for each in said["efforts"])
    if "evidence" in fields:
        fields["evidence"] = tuple(said["evidence"])
    if fields.get("impact") is not None:
        fields["impact"] = Range(said["impact"]["low"], said["impact"]["high"])
    if "opportunity" in fields and fields["opportunity"] != draft.opportunity:
        # Another opportunity is at another step: what was taken over from the one before goes with it.
        fields = {"journey": None, "step": None, **fields}
    return replace(draft, **fields)


def theme_document(theme: Theme) -> dict[str, Any]:
    """A theme as it is sent."""
    draft = theme.draft
    return {
        "id": theme.id,
        "revision": theme.revision,
        "title": draft.title,
        "hint": theme.hint,
        "journey": draft.journey,
        "stage": draft.stage,
        "step": draft.step,
        "metric": draft.metric,
        "target": draft.target,
        "due": _text(draft.due),
        "status": draft.status,
        "owner": draft.owner,
        "created": theme.created,
        "by": theme.by,
        "changed": theme.changed,
        "changed_by": theme.changed_by,
    }


def item_document(line: Line) -> dict[str, Any]:
    """An item as it is sent, with what follows from it."""
    item, draft, place = line.item, line.item.draft, line.place
    return {
        "id": item.id,
        "revision": item.revision,
        "title": draft.title,
        "kind": draft.kind,
        "story": draft.story,
        "status": draft.status,
        "theme": draft.theme,
        "opportunity": draft.opportunity,
        "journey": draft.journey,
        "step": draft.step,
        "stage": line.mark,
        "metric": draft.metric,
        "evidence": list(draft.evidence),
        "efforts": list(draft.efforts),
        "effort": line.effort,
        "impact": line.impact,
        "missing": list(line.missing),
        "place": None
        if place is None
        else {"quadrant": place.quadrant, "is_close": place.is_close, "timebox": _text(place.timebox)},
        "timebox": _text(draft.timebox),
        "wish": _text(draft.wish),
        "sprint": draft.sprint,
        "owner": draft.owner,
        "guide": draft.guide,
        "external": draft.external,
        "launched": draft.launched,
        "override": item.override,
        "created": item.created,
        "by": item.by,
        "changed": item.changed,
        "changed_by": item.changed_by,
    }


def change_document(change: Change) -> dict[str, Any]:
    """A change of an item as it is sent."""
    fields = {name: list(pair) for name, pair in change.fields.items()}
    return {"revision": change.revision, "at": change.at, "by": change.by, "fields_": fields}


def limits_document(limits: Limits, revision: int) -> dict[str, Any]:
    """The limits as they are sent."""
    return {"effort_days": limits.effort_days, "users_per_week": limits.users_per_week, "revision": revision}


def board_document(board: Board) -> dict[str, Any]:
    """The roadmap as it is sent."""
    return {
        "stages": list(board.marks),
        "themes": [theme_document(theme) for theme in board.themes],
        "items": [item_document(line) for line in board.lines],
        "limits": limits_document(board.limits, board.limits_revision),
    }


def review_document(review: Review) -> dict[str, Any]:
    """A review as it is sent."""
    return {
        "quarter": str(review.quarter),
        "made": review.made,
        "is_over": review.is_over,
        "left_out": [kind.value for kind in review.left_out],
        "moved": [_theme_review(each) for each in review.moved],
        "not_moved": [_theme_review(each) for each in review.not_moved],
        "launched": list(review.launched),
        "sections": list(sections_of(review)),
    }


def _theme_review(each: ThemeReview) -> dict[str, Any]:
    return {
        "theme": theme_document(each.theme),
        "comparison": each.comparison,
        "is_reached": each.is_reached,
    }


def _read(said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: read_timebox(value) if name in _TIMEBOXES and value is not None else value
        for name, value in said.items()
        if name != "revision"
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
