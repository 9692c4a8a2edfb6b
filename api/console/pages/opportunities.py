"""Opportunities: where how many users could be won, ranked, with their causes; a person confirms or dismisses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response

from api.analyses import as_file
from api.console.clips import steps_recorded
from api.console.desk import Desk
from api.console.planning.choices import journey_labels, said_of, timeboxes
from api.console.registry import Group, Page
from api.planning import planner
from dsl.values import DAY, Duration
from engine.permissions import Scope
from engine.roadmap.evidence import NO_PERSONA, NOT_KNOWN, PERIOD
from engine.roadmap.items import Item, ItemKind, ItemStatus
from engine.roadmap.opportunities import Opportunity, Ranking, Status
from engine.roadmap.readings import Asked
from engine.roadmap.tables import OPPORTUNITY_COLUMNS, opportunity_rows
from engine.stages import stage_marks

STATUSES: Final[Mapping[Status, str]] = {
    Status.PROPOSED: "open",
    Status.CONFIRMED: "confirmed",
    Status.DISMISSED: "dismissed",
}
RANKINGS: Final[Mapping[Ranking, str]] = {
    Ranking.REACHABLE: "users a week within reach",
    Ranking.LOST: "users lost a week",
}
PERIODS: Final[Mapping[str, str]] = {"28": "last 4 weeks", "91": "last 13 weeks", "364": "last 52 weeks"}


def view(desk: Desk) -> Mapping[str, Any] | Response:
    """What Opportunities shows."""
    rules = desk.rules.project
    if not rules.journeys:
        return {"found": None}
    marks = stage_marks(rules)
    personas = {**desk.personas, NO_PERSONA: "in no persona", NOT_KNOWN: "visitors who are not known"}
    chosen = {
        "journey": said_of(desk, "journey", rules.journeys),
        "stage": said_of(desk, "stage", marks),
        "persona": said_of(desk, "persona", personas),
        "status": said_of(desk, "status", [each.value for each in Status]),
        "by": said_of(desk, "by", [each.value for each in Ranking]),
        "days": said_of(desk, "days", PERIODS),
    }
    asked = Asked(
        journey=chosen["journey"],
        persona=chosen["persona"],
        status=None if chosen["status"] is None else Status(chosen["status"]),
        period=PERIOD if chosen["days"] is None else Duration(int(chosen["days"]) * DAY),
        ranking=Ranking(chosen["by"] or Ranking.REACHABLE),
        whose=desk.whose,
        with_paths=True,
    )
    found = [
        one
        for one in planner().opportunities(desk.project.id, desk.rules, asked)
        if chosen["stage"] in (None, one.stage)
    ]
    if desk.said.get("format") == "csv":
        return as_file(opportunity_rows(found, marks), list(OPPORTUNITY_COLUMNS), "csv", name="opportunities")
    return {
        "found": found,
        "chosen": chosen,
        "journeys": journey_labels(rules),
        "personas": personas,
        "statuses": STATUSES,
        "rankings": RANKINGS,
        "periods": PERIODS,
        "marks": marks,
        "told": sentence(found),
        "most": max((_end(one) for one in found), default=0.0) or 1.0,
        "items": _items(planner().items(desk.project.id)),
        "kinds": [each.value for each in ItemKind],
        "timeboxes": timeboxes(desk.rules.now),
        "themes": {theme.id: theme.draft.title for theme in planner().themes(desk.project.id)},
        "spoken_of": desk.said.get("opportunity"),
        "left_out": asked.whose.left_out,
        "may_write": desk.may(Scope.ROADMAP_WRITE),
        "recorded": steps_recorded(desk),
    }


def sentence(found: Sequence[Opportunity]) -> str:
    """What the table shows, in words."""
    if not found:
        return "Nothing that fits: nobody is lost here, or there are too few people to tell."
    lost = sum(one.lost_per_week for one in found)
    best = max(found, key=lambda one: one.worth or 0.0)
    said = f"{lost:,.0f} users a week are lost at these steps."
    if not best.worth:
        return f"{said} No persona does better at a step than another, so nobody can be said to be within reach."
    ends = best.worth_interval
    span = "" if ends is None else f", somewhere from {ends.low:,.0f} to {ends.high:,.0f}"
    return (
        f"{said} Most could be won at “{best.label}” of {best.persona_label}: {best.worth:,.0f} a week{span}, "
        f"if they did as well as {best.best.label if best.best else 'the best'}."
    )


def _end(one: Opportunity) -> float:
    """How far its bar reaches."""
    ends = one.worth_interval
    return max(one.worth or 0.0, 0.0 if ends is None else ends.high)


def _items(items: Sequence[Item]) -> dict[str, list[Item]]:
    """By opportunity, the items that are made of it."""
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.draft.opportunity is not None and item.draft.status is not ItemStatus.DROPPED:
            found[item.draft.opportunity].append(item)
    return dict(found)


PAGE = Page(
    "opportunities",
    "opportunities",
    "Opportunities",
    "Where users could be won, and why they leave.",
    Group.PLAN,
    Scope.RECORDS_READ,
    view,
    key="o",
    shareable=True,
)
