"""What the forms and the filters of the plan offer: who counts, places of journeys, timeboxes, people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask import Response

from api.console.desk import Desk
from dsl.labels import label_of
from dsl.project import RuleProject
from dsl.values import Instant
from engine.roadmap.board import Line
from engine.roadmap.timeboxes import Timebox, month_of, quarter_of
from engine.stages import step_labels

MARKDOWN: Final = "text/markdown; charset=utf-8"
MONTHS: Final = 4
QUARTERS: Final = 4
"""How many months and quarters, from this one on, a form offers."""


def journey_labels(rules: RuleProject) -> dict[str, str]:
    """What people call each journey, by its name."""
    return {name: label_of(each) for name, each in rules.journeys.items()}


def places(rules: RuleProject, *, with_stages: bool = False) -> dict[str, dict[str, str]]:
    """By what people call a journey, `journey/stage/step` of its steps with what people call them.

    with_stages: also the whole of each stage and of the journey.
    """
    labels = journey_labels(rules)
    found: dict[str, dict[str, str]] = {}
    for name, journey in rules.journeys.items():
        own = found.setdefault(labels[name], {})
        if with_stages:
            own[f"{name}//"] = "the whole journey"
            for stage in journey.stages:
                own[f"{name}/{stage.name.text}/"] = f"all of {label_of(stage)}"
        own |= {f"{name}//{step}": label for step, label in step_labels(journey).items()}
    return found


def timeboxes(now: Instant, used: Iterable[Timebox | None] = ()) -> list[Timebox]:
    """The timeboxes that something may be planned into, with those that are used already, in their order."""
    found = {each for each in used if each is not None}
    for first, number in ((month_of(now), MONTHS), (quarter_of(now), QUARTERS)):
        box = first
        for _ in range(number):
            found.add(box)
            box = box.next
    return sorted(found, key=lambda each: each.order)


def owners(lines: Iterable[Line], desk: Desk) -> list[str]:
    """Who looks after something already, and whoever looks: suggestions for a field."""
    named = {line.item.draft.owner for line in lines if line.item.draft.owner}
    return sorted(named | {desk.person.email})


def said_of(desk: Desk, name: str, known: Iterable[str]) -> str | None:
    """A member of the address, where it is one of those that there are."""
    value = desk.said.get(name)
    return value if value in set(known) else None


def text_file(text: str, name: str) -> Response:
    """A Markdown file."""
    answer = Response(text, content_type=MARKDOWN)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
