"""One item of the roadmap: its form, what it lacks, how it was changed, what became of it."""

from __future__ import annotations

from typing import Any

from api.console.desk import Desk
from api.console.planning import past
from api.console.planning.briefs import others_efforts, own_effort
from api.console.planning.choices import owners, places, timeboxes
from api.planning import planner
from engine.permissions import Scope
from engine.roadmap.board import Board, Line
from engine.roadmap.items import MISSING_MEANS, ItemKind, ItemStatus
from engine.roadmap.metrics import METRICS
from engine.roadmap.readings import Asked
from engine.roadmap.review import verdict_in_words
from engine.stages import step_labels


def form(board: Board, desk: Desk) -> dict[str, Any]:
    """What the forms of items offer."""
    used = [line.item.draft.timebox for line in board.lines]
    return {
        "kinds": [each.value for each in ItemKind],
        "statuses": [each.value for each in ItemStatus],
        "metrics": {metric.value: kind.doc for metric, kind in METRICS.items()},
        "themes": {theme.id: theme.draft.title for theme in board.themes},
        "places": places(desk.rules.project),
        "timeboxes": [str(each) for each in timeboxes(desk.rules.now, used)],
        "owners": owners(board.lines, desk) if desk.may(Scope.ROADMAP_WRITE) else [],
        "guides": sorted(desk.rules.project.guides),
        "missing_means": MISSING_MEANS,
        "may_write": desk.may(Scope.ROADMAP_WRITE),
        "may_override": desk.may(Scope.ROADMAP_OVERRIDE),
        "names": desk.names,
    }


def show(line: Line, desk: Desk) -> dict[str, Any]:
    """What the part about one item shows."""
    draft = line.item.draft
    others = others_efforts(draft, desk.caller.actor)
    titles = {theme.id: theme.draft.title for theme in planner().themes(desk.project.id)}
    changes = planner().changes(desk.project.id, line.item.id)
    outcomes = planner().outcomes(desk.project.id, desk.rules, [line.item], desk.whose)
    journey = desk.rules.project.journeys.get(draft.journey or "")
    offered = planner().opportunities(desk.project.id, desk.rules, Asked(whose=desk.whose))
    return {
        "line": line,
        "draft": draft,
        "own": own_effort(draft, desk.caller.actor),
        "others": others,
        "others_by": ", ".join(desk.names.get(each["by"], each["by"]) for each in others),
        "step_label": None if journey is None else step_labels(journey).get(draft.step or "", draft.step),
        "past": [past.in_words(each, desk.names, titles) for each in reversed(changes)],
        "outcome": next(iter(outcomes), None),
        "verdict": verdict_in_words,
        "opportunities": {one.id: f"{one.label}, {one.persona_label}".rstrip(", ") for one in offered},
    }
