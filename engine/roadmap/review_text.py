"""The quarterly review as sections of short lines: the same words in Markdown, on the printable page and on a terminal.

Texts of people stand in the lines as they are; whoever writes them into a page escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dsl.values import format_instant
from engine.roadmap.causes import in_words
from engine.roadmap.metrics import METRICS
from engine.roadmap.news import Newcomer
from engine.roadmap.opportunities import Opportunity
from engine.roadmap.outcomes import Outcome
from engine.roadmap.review import Review, ThemeReview, spelled, verdict_in_words
from engine.roadmap.sheets import escaped

_NOTHING_NEW: Final = "Nothing new, or nothing was recorded before the quarter to compare with."


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the review. nothing: what to say where it has no lines."""

    title: str
    lines: tuple[str, ...]
    nothing: str


def title_of(review: Review) -> str:
    """The title of the page."""
    return f"Review of {review.quarter}"


def preface(review: Review) -> str:
    """What a reader has to know before the figures."""
    told = f"Made {format_instant(review.made)[:10]}."
    if not review.is_over:
        told += (
            f" The quarter still runs: figures are as of now, and {review.quarter.days_left(review.made)} days remain."
        )
    left_out = ", ".join(kind.value for kind in review.left_out)
    told += f" Left out: {left_out}." if left_out else " Nobody is left out."
    return told + " Intervals are at 95 %. Before and after is no cause: only a holdout tells what a guide did."


def sections_of(review: Review) -> tuple[Section, ...]:
    """The parts of the review, in their order."""
    news = review.news
    none = None if review.themes else "There are no themes yet."
    return (
        Section(
            "What moved",
            tuple(_theme(each, review.called) for each in review.moved),
            none or "No theme's metric is clearly better.",
        ),
        Section(
            "What did not",
            tuple(_theme(each, review.called) for each in review.not_moved),
            none or "Every theme's metric is better.",
        ),
        Section("Launched", tuple(_outcome(each) for each in review.launched), "Nothing was launched."),
        Section(
            "Late",
            tuple(
                f"{line.item.draft.title}: {line.item.draft.status}, planned for {line.item.draft.timebox}"
                for line in review.late
            ),
            "Everything that was planned is launched.",
        ),
        Section(
            "Stale maps",
            tuple(
                f"{review.called.get(each.journey, each.journey)}: {each.why}"
                + (f" ({each.detail})" if each.detail else "")
                for each in review.stale
            ),
            "Every journey was looked at.",
        ),
        Section("New sources", _newcomers(news.sources), _NOTHING_NEW),
        Section("New devices", _newcomers(news.devices), _NOTHING_NEW),
        Section("Pages that no touchpoint names", _newcomers(news.pages), "Every page is a touchpoint of a step."),
        Section(
            "Where users are lost and nothing is planned",
            tuple(map(_opportunity, review.uncared)),
            "Every opportunity has an item.",
        ),
        Section("To drop", tuple(f"{each.title}: {each.why}" for each in review.to_drop), "Nothing to drop."),
    )


def markdown_of(review: Review) -> str:
    """The review as Markdown."""
    parts = [f"# {title_of(review)}", "", preface(review), ""]
    for section in sections_of(review):
        parts += [f"## {section.title}", ""]
        parts += [f"- {escaped(line)}" for line in section.lines] or [section.nothing]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _theme(each: ThemeReview, called: Mapping[str, str]) -> str:
    draft = each.theme.draft
    place = ".".join(part for part in (draft.journey, draft.step or draft.stage) if part)
    target = spelled(draft.target, METRICS[draft.metric].unit)
    reached = {True: "reached", False: "not reached", None: "cannot be told"}[each.is_reached]
    metric = draft.metric.value.replace("_", " ")
    told = f"{metric} of “{called.get(place, place)}” {verdict_in_words(each.comparison)}"
    return f"{draft.title}: {told}; target {target}, {reached}"


def _outcome(outcome: Outcome) -> str:
    told = f"{outcome.title} ({format_instant(outcome.launched)[:10]}): "
    if outcome.comparison is None:
        told += "no step of a journey to compare"
    else:
        metric = outcome.comparison.metric.value.replace("_", " ")
        told += f"{metric} {verdict_in_words(outcome.comparison)}; {outcome.note}"
    return told if outcome.lift is None else f"{told}. Lift of `{outcome.lift.guide}`: {outcome.lift.said}"


def _opportunity(one: Opportunity) -> str:
    worth = "" if one.worth is None else f", {one.worth:.1f} of them within reach"
    cause = f": {in_words(one.causes[0])}" if one.causes else ""
    return f"{one.label} ({one.persona_label}): {one.lost_per_week:.1f} users a week lost{worth}{cause}"


def _newcomers(found: Sequence[Newcomer]) -> tuple[str, ...]:
    return tuple(f"{each.name}: {each.people:,} people" for each in found)
