"""The records of the demo's journey, step by step, as its pages draw them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from api.demo.material import JOURNEY
from api.serving import Serving
from dsl.nodes import Step
from dsl.values import DAY, HOUR, MINUTE, SECOND, Duration, JsonValue, format_instant
from engine.analytics.records import StepRecord
from engine.service import Service

_VERBATIMS: Final = 6
"""How many of the latest the panel shows."""


def journey(serving: Serving) -> dict[str, JsonValue]:
    """All steps of the demo's journey with their records, simulated customers included, and the instant of asking."""
    service = serving.service
    project = service.ensure_project()
    now = serving.clock()
    newest = service.recent_events(project.id, limit=1).next
    steps: list[JsonValue] = list(_steps(service, project.id, newest, now // MINUTE))
    return {"now": format_instant(now), "steps": steps}


@lru_cache(maxsize=2)
def _steps(service: Service, project_id: int, newest: int, minute: int) -> tuple[dict[str, JsonValue], ...]:  # noqa: ARG001
    # The last two only say for how long the answer holds: until the next event, and never longer than a minute.
    rules = service.rules(project_id)
    if rules is None:
        return ()
    labels = {name: guide.label.value for name, guide in rules.project.guides.items() if guide.label is not None}
    return tuple(
        drawn(step, service.step_record(project_id, JOURNEY, step.name.text, with_simulated=True), labels)
        for step in rules.project.journeys[JOURNEY].steps
    )


def drawn(step: Step, record: StepRecord, labels: Mapping[str, str]) -> dict[str, JsonValue]:
    """One step's record for the panel. labels: of the surveys, by name."""
    expected = step.expect_within
    return {
        "name": record.step,
        "label": record.label,
        "touchpoints": [touchpoint.text.value for touchpoint in step.touchpoints],
        "expected": None if expected is None else _spoken(expected.length),
        "counts": {
            "entered": record.entered,
            "completed": record.completed,
            "skipped": record.skipped,
            "dropped": record.dropped,
            "in_progress": record.in_progress,
        },
        "friction": {
            "score": record.friction.score,
            "entrants": record.friction.n,
            "signals": [
                {"name": each.name, "count": each.count, "rate": each.per_entrant or 0.0, "weight": each.weight}
                for each in record.friction.signals
            ],
        },
        "emotion": _emotion(record),
        "responses": _responses(record),
        "verbatims": [
            {
                "text": each.text,
                "feeling": each.feeling,
                "valence": each.valence,
                "survey": labels.get(each.guide, each.guide),
                "time": format_instant(each.time),
            }
            for each in record.verbatims[:_VERBATIMS]
        ],
    }


def _emotion(record: StepRecord) -> dict[str, JsonValue]:
    interval = record.emotion.interval
    return {
        "mean": record.emotion.mean,
        "n": record.emotion.n,
        "interval": None if interval is None else [interval.low, interval.high],
    }


def _responses(record: StepRecord) -> int:
    """People who answered anything: of each survey those of its question with the most."""
    people: dict[str, int] = {}
    for question in record.questions:
        people[question.guide] = max(people.get(question.guide, 0), question.people)
    return sum(people.values())


def _spoken(length: Duration) -> str:
    for name, unit in (("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", SECOND)):
        if length % unit == 0:
            number = length // unit
            return f"{number} {name}{'' if number == 1 else 's'}"
    return f"{length / SECOND:g} seconds"
