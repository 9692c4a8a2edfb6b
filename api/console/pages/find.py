"""Find: the funnel of a journey by persona, with its sharpest drop marked; the first step of the method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response

from api.analyses import as_file
from api.console.desk import Desk
from api.console.figures.funnels import MANNERS, NO_PERSONA, FunnelLinks
from api.console.registry import Group, Page
from engine.analytics.funnel_answer import Design, FunnelAnswer, Manner, StepCount
from engine.analytics.groups import UNSET_GROUP
from engine.analytics.history import NothingRecorded
from engine.analytics.tables import DESIGN_COLUMNS, FUNNEL_COLUMNS, design_rows, funnel_rows
from engine.permissions import Scope
from engine.stages import Marks, step_labels, step_marks

ALL = "All"


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Find shows."""
    journey = desk.journey
    if journey is None:
        return {"journey": None}
    name, personas = journey.name.text, desk.personas
    shared = {"journey": journey, "journeys": desk.rules.project.journeys}
    if len(journey.steps) < 2:
        return {**shared, "answer": None, "single": True}
    try:
        whole = desk.funnel(name)
        split = desk.funnel(name, breakdown="persona") if personas else None
    except NothingRecorded:
        return {**shared, "answer": None}
    marks = step_marks(desk.rules.project, name)
    if desk.said.get("format") == "csv":
        # Of this project and of those who count here: the interface's own address would ask which project.
        if desk.said.get("part") == "design":
            return as_file(design_rows(whole), list(DESIGN_COLUMNS), "csv", name=f"design-{name}")
        return as_file(funnel_rows(split or whole, marks), list(FUNNEL_COLUMNS), "csv", name=f"funnel-{name}")
    labels = step_labels(journey)
    by_persona = None if split is None else split.groups
    groups = {ALL: whole.steps, **{_label(personas, each): steps for each, steps in (by_persona or {}).items()}}
    return {
        **shared,
        "answer": whole,
        "groups": groups,
        "names_by_label": {_label(personas, each): each for each in by_persona or {}},
        "links": FunnelLinks(desk, name),
        "design": whole.design if whole.design is not None and whole.design.units else None,
        "design_told": "" if whole.design is None else design_sentence(whole.design, labels),
        "manners": MANNERS,
        "as_designed": Manner.DESIGNED,
        "labels": labels,
        "marks": marks,
        "told": sentence(whole, labels),
        "chart": chart(groups, labels, marks),
    }


def sentence(answer: FunnelAnswer, labels: Mapping[str, str]) -> str:
    """What the funnel says, in words."""
    first, last = answer.steps[0], answer.steps[-1]
    share = "" if last.rate is None else f" ({last.rate:.0%})"
    said = f"{last.count:,} of {first.count:,} come to “{labels[last.name]}”{share}."
    drop = answer.sharpest
    if drop is None:
        return said
    sure = (
        "clearly the sharpest drop" if drop.is_clear else "the sharpest drop, though not clearly sharper than the next"
    )
    return said + (
        f" {drop.lost:,} of {drop.entered:,} ({drop.share:.0%}) are lost between “{labels[drop.after]}” and "
        f"“{labels[drop.step]}”: {sure}."
    )


def design_sentence(design: Design, labels: Mapping[str, str]) -> str:
    """How people go through the design, in words."""
    common = design.most_common
    if common is None:
        return ""
    direct = design.manners[Manner.DESIGNED]
    path = " → ".join(labels[step] for step in common.steps)
    return (
        f"{direct:,} of {design.units:,} ({direct / design.units:.0%}) go through the steps as they were designed. The "
        f"most common real path is {path}: {common.count:,} ({common.share:.0%})."
    )


def chart(groups: Mapping[str, Sequence[StepCount]], labels: Mapping[str, str], marks: Marks) -> dict[str, Any]:
    """The funnel for the chart: of each group the share of each step with its interval."""
    steps = next(iter(groups.values()))
    return {
        "kind": "funnel",
        "steps": [{"label": labels[each.name], "letter": marks[each.name].letter} for each in steps],
        "groups": [
            {
                "name": name,
                "shares": [each.rate for each in counted],
                "low": [None if each.interval is None else each.interval.low for each in counted],
                "high": [None if each.interval is None else each.interval.high for each in counted],
                "counts": [each.count for each in counted],
            }
            for name, counted in groups.items()
        ],
    }


def _label(personas: Mapping[str, str], name: str) -> str:
    return NO_PERSONA if name == UNSET_GROUP else personas.get(name, name)


PAGE = Page(
    "find",
    "find",
    "Find",
    "Where users leave, by persona.",
    Group.METHOD,
    Scope.RECORDS_READ,
    view,
    key="f",
    shareable=True,
)
