"""Tells webhooks that a quarter is over: its review can be held, and what it says in short."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsl.values import DAY, Duration, Instant, JsonValue, format_instant
from engine.roadmap.review import Review
from engine.roadmap.timeboxes import quarter_of
from engine.telling_hooks import note_for_hooks
from engine.webhooks import HookKind

if TYPE_CHECKING:
    from engine.membership import RulesNow
    from engine.roadmap.reviewing import Reviewer
    from engine.storage.store import Database

WITHIN: Final = Duration(30 * DAY)
"""After the end of a quarter its review is due for so long; a webhook that is made later hears of the next one."""


def note_review(database: Database, project_id: int, reviewer: Reviewer, rules: RulesNow, now: Instant) -> bool:
    """Let webhooks be told of the quarter that is over, each once; False where none is due."""
    quarter = quarter_of(now).previous
    if now - quarter.end >= WITHIN:
        return False
    data = review_data(reviewer.review(project_id, rules, quarter))
    with database.writing() as connection:
        note_for_hooks(connection, project_id, HookKind.REVIEW_DUE, f"review:{quarter}", data, now)
    return True


def review_data(review: Review) -> dict[str, JsonValue]:
    """A review in figures and names."""
    return {
        "quarter": str(review.quarter),
        "from": format_instant(review.quarter.begin),
        "to": format_instant(review.quarter.end),
        "themes": len(review.themes),
        "moved": [each.theme.draft.title for each in review.moved],
        "notMoved": [each.theme.draft.title for each in review.not_moved],
        "launched": len(review.launched),
        "late": [line.item.draft.title for line in review.late],
        "staleMaps": len(review.stale),
        "toDrop": [each.title for each in review.to_drop],
    }
