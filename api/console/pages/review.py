"""Quarterly review: what moved and what did not, what to look at again, what to drop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.planning.choices import text_file
from api.console.registry import Group, Page
from api.planning import planner, reviewer
from engine.permissions import Scope
from engine.roadmap.review import Review
from engine.roadmap.review_text import markdown_of, preface, sections_of
from engine.roadmap.sheets import range_in_words
from engine.roadmap.tables import REVIEW_COLUMNS, review_rows
from engine.roadmap.timeboxes import Timebox, quarter_of

OFFERED: Final = 8
"""How many quarters back, this one included, the page offers."""


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What the review shows."""
    quarters = offered(quarter_of(desk.rules.now))
    quarter = next((each for each in quarters if str(each) == desk.said.get("quarter")), quarters[0])
    whose = desk.whose
    found = reviewer().review(desk.project.id, desk.rules, quarter, whose)
    match desk.said.get("format"):
        case "csv":
            return as_file(review_rows(found), list(REVIEW_COLUMNS), "csv", name=f"review-{quarter}")
        case "markdown":
            return text_file(markdown_of(found), f"review-{quarter}.md")
        case _:
            return {
                "review": found,
                "quarters": {str(each): str(each) for each in quarters},
                "told": sentence(found),
                "preface": preface(found),
                "sections": sections_of(found),
                "board": planner().board(desk.project.id, desk.rules, whose),
                "words": range_in_words,
            }


def offered(latest: Timebox) -> list[Timebox]:
    """The quarters that may be looked back on, the latest first."""
    found = [latest]
    while len(found) < OFFERED:
        found.append(found[-1].previous)
    return found


def sentence(review: Review) -> str:
    """What the review says, in words."""
    themes, launched, late = len(review.themes), len(review.launched), len(review.late)
    moved = f"{len(review.moved)} of {themes} themes moved" if themes else "There is no theme to move"
    return (
        f"{review.quarter}: {moved}; {launched or 'nothing'} launched, {late or 'nothing'} late, "
        f"{len(review.stale) or 'no'} {'reason' if len(review.stale) == 1 else 'reasons'} to look at a map again, "
        f"{len(review.to_drop) or 'nothing'} to drop."
    )


PAGE = Page(
    "review",
    "review",
    "Quarterly review",
    "What moved, what did not, what to drop.",
    Group.PLAN,
    Scope.RECORDS_READ,
    view,
    shareable=True,
)
