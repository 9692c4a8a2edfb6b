"""Feel: what a step was like, from what people did and from what they said at that moment; the third step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.clips import clips_at_step
from api.console.desk import Desk
from api.console.marks import on_steps, releases_at
from api.console.registry import Group, Page
from dsl.nodes import Journey
from engine import step_answers, step_records
from engine.analytics.curve import EmotionCurve
from engine.analytics.history import NothingRecorded
from engine.analytics.intervals import FEWEST_ANSWERS
from engine.analytics.record_tables import COLUMNS, Part, record_rows
from engine.permissions import Scope
from engine.stages import step_labels, step_marks
from engine.step_records import StepFigures

VERBATIMS: Final = 12
"""How many of the latest words the page shows; the file beside them has all."""
TERMS: Final = 12


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Feel shows."""
    journey = desk.journey
    if journey is None:
        return {"journey": None}
    name, labels = journey.name.text, step_labels(journey)
    shared = {
        "journey": journey,
        "journeys": desk.rules.project.journeys,
        "labels": labels,
        "marks": step_marks(desk.rules.project, name),
    }
    who = {"where": desk.persona_where, "everyone": desk.everyone, "with_simulated": desk.with_simulated}
    place = (desk.analyst, desk.project.id)
    try:
        of_steps = step_records.RecordsAsked(name, **who)  # type: ignore[arg-type]  # three members, by name
        found = step_records.records(*place, of_steps, desk.rules)
        curve = step_records.curves(*place, of_steps, desk.rules).curves
        if desk.said.get("format") == "csv":
            part = Part.SIGNALS if desk.said.get("part") == Part.SIGNALS.value else Part.CURVE
            rows = record_rows(found.records if part is Part.SIGNALS else curve, part)
            return as_file(rows, list(COLUMNS[part]), "csv", name=part.value)
        step = desk.step or _hardest(found.records, journey)
        asked = step_answers.AnswersAsked(name, step, **who)  # type: ignore[arg-type]
        said = step_answers.responses(*place, asked, desk.rules, limit=500)
        reach = step_answers.asked_and_answered(*place, asked, desk.rules)
        terms = step_answers.terms(*place, asked, desk.rules, limit=TERMS)
        disagreeing = step_answers.disagreeing(*place, asked, desk.rules, is_read=False)
    except NothingRecorded:
        return {**shared, "record": None}
    record = next(each for each in found.records if each.counts.step == step)
    return {
        **shared,
        "step": step,
        "record": record,
        "told": sentence(record),
        "risks": {each.name: each for each in record.counts.risks},
        "curve": chart(desk, journey, curve[0]) if curve and curve[0].n else None,
        "points": curve[0].points if curve else (),
        "words": latest(said.responses)[:VERBATIMS] if desk.shows_words else [],
        "asked": [each for each in reach.surveys if each.asked],
        "terms": [each for each in terms.terms if each.count] if desk.shows_words else [],
        "texts": terms.texts,
        "disagreeing": disagreeing.unread,
        "left_out": found.left_out,
        "clips": clips_at_step(desk, name, step),
    }


def latest(said: Sequence[step_answers.Said]) -> list[step_answers.Said]:
    """What was written, the latest first by when it was said: a history that was brought in was received at once."""
    return sorted((each for each in said if each.text), key=lambda each: (-each.time, -each.number))


def sentence(record: StepFigures) -> str:
    """What the record says, in words."""
    counts = record.counts
    if not counts.settled:
        return f"Of nobody who stood at “{record.label}” it is known yet what became."
    shares = (record.done, record.tried_and_failed, record.never_tried)
    done, failed, never = (0.0 if each.value is None else each.value for each in shares)
    said = (
        f"Of {counts.settled:,} who stood at “{record.label}” {done:.0%} did it, {failed:.0%} tried and failed, "
        f"{never:.0%} left without a try."
    )
    telling = sorted((each for each in record.mix if each.count), key=lambda each: -each.count)
    if sum(each.count for each in telling) >= FEWEST_ANSWERS:
        said += f" Most who said how they felt were {telling[0].feeling}."
    return said


def chart(desk: Desk, journey: Journey, curve: EmotionCurve) -> dict[str, Any]:
    """The emotion along the journey with its band, and what was released at its steps."""
    return {
        "kind": "curve",
        "steps": [{"label": each.label, "letter": each.stage.letter} for each in curve.points],
        "mean": [each.emotion.mean for each in curve.points],
        "low": [None if each.band is None else max(-1.0, each.band.low) for each in curve.points],
        "high": [None if each.band is None else min(1.0, each.band.high) for each in curve.points],
        "counts": [each.emotion.n for each in curve.points],
        "marks": on_steps(releases_at(desk, journey, curve.since, curve.until)),
    }


def _hardest(records: tuple[StepFigures, ...], journey: Journey) -> str:
    """The step at which the greatest share is lost; the first, where nobody is."""
    settled = [each for each in records if each.counts.settled]
    if not settled:
        return str(journey.steps[0].name.text)
    return max(settled, key=lambda each: 1 - (each.done.value or 0.0)).counts.step


PAGE = Page(
    "feel", "feel", "Feel", "What it was like.", Group.METHOD, Scope.RECORDS_READ, view, key="e", shareable=True
)
