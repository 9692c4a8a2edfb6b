"""Trace: what came before people left, beside those who went on; the second step of the method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.clips import clips_at_step
from api.console.desk import Desk
from api.console.figures.paths import PathLinks, met_in_words, paths_asked
from api.console.registry import Group, Page
from dsl.formatter.words import quoted
from engine import paths as backward
from engine.analytics.funnels import Order
from engine.analytics.history import NothingRecorded
from engine.analytics.path_answer import PathsAnswer
from engine.analytics.path_tables import COLUMNS, Part, path_rows
from engine.analytics.paths_asked import PathsAsked
from engine.errors import WaypostError
from engine.permissions import Scope
from engine.stages import step_labels, step_marks

SHOWN: Final = 12
"""Rows of a table; the file beside it has all."""
MOST_FLOWS: Final = 60
"""Links of the picture, the thickest first: more of them nobody can tell apart."""


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Trace shows."""
    journey = desk.journey
    if journey is None:
        return {"journey": None}
    name = journey.name.text
    labels = step_labels(journey)
    shared = {
        "journey": journey,
        "journeys": desk.rules.project.journeys,
        "labels": labels,
        "marks": step_marks(desk.rules.project, name),
    }
    if len(journey.steps) < 2:
        return {**shared, "answer": None, "single": True}
    asked = paths_asked(desk, journey)
    try:
        answer = backward.paths(desk.analyst, desk.project.id, asked, desk.rules)
    except NothingRecorded:
        return {**shared, "answer": None}
    if desk.said.get("format") == "csv":
        part = Part(desk.said["part"]) if desk.said.get("part") in set(Part) else Part.CONTRAST
        return as_file(path_rows(answer, part), list(COLUMNS[part]), "csv", name=f"paths-{part.value}")
    chain, refused = _chain(desk, asked)
    return {
        **shared,
        "answer": answer,
        "told": sentence(answer, labels),
        "chart": chart(answer),
        "contrasts": answer.contrast[:SHOWN],
        "conditions": {each.name: f"did {quoted(each.name)}" for each in answer.contrast if each.kind == "event"},
        "links": answer.links[:SHOWN],
        "to_users": PathLinks(desk, name, answer.at),
        "chain": chain,
        "refused": refused,
        "clips": clips_at_step(desk, name, answer.at),
    }


def sentence(answer: PathsAnswer, labels: Mapping[str, str]) -> str:
    """What the paths say, in words."""
    cohort = answer.cohort
    step = labels.get(answer.at, answer.at)
    said = f"{cohort.units:,} left before “{step}”, beside {cohort.other_units:,} who went on to it."
    sure = [each for each in answer.contrast if each.is_sure]
    if not sure:
        return f"{said} Nothing came clearly more often before leaving than before going on."
    met = met_in_words(sure[0].name, sure[0].kind)
    return f"{said} The surest difference: {met}, {sure[0].ratio:.1f} times as often before leaving."


def chart(answer: PathsAnswer) -> dict[str, Any]:
    """The last steps as flows, the end on the right."""
    flows = sorted(answer.flows, key=lambda each: (-each.count, each.place, each.name, each.to))[:MOST_FLOWS]
    nodes = {(each.place, each.name) for each in flows} | {(each.place - 1, each.to) for each in flows}
    return {
        "kind": "flows",
        # What all of them end with is what the page is about: its whole name would not fit.
        "nodes": [
            {"id": f"{place}:{name}", "name": name if place else "left"} for place, name in sorted(nodes, reverse=True)
        ],
        "links": [
            {"from": f"{each.place}:{each.name}", "to": f"{each.place - 1}:{each.to}", "count": each.count}
            for each in flows
        ],
    }


def _chain(desk: Desk, asked: PathsAsked) -> tuple[backward.ChainAnswer | None, str | None]:
    """The link that was chosen, as a funnel and as a rule's condition; or why there is none."""
    first, then = desk.said.get("from"), desk.said.get("to")
    if not first or not then:
        return None, None
    order = Order.THEN if desk.said.get("order") == Order.THEN.value else Order.DIRECTLY
    try:
        gone = backward.ChainAsked((first, then), order)
        return backward.chain(desk.analyst, desk.project.id, asked, gone, desk.rules), None
    except WaypostError as error:
        return None, str(error)


PAGE = Page(
    "trace", "trace", "Trace", "What came before.", Group.METHOD, Scope.RECORDS_READ, view, key="t", shareable=True
)
