"""The future state: what a metric of a step is to be, beside what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsl.values import Instant
from engine.roadmap.metrics import Measured, Metric
from engine.roadmap.outcomes import is_reached
from engine.roadmap.timeboxes import Timebox


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDraft:
    """What somebody aims at. persona: blank for everybody. target: in the metric's own unit; None takes it back."""

    step: str
    metric: Metric
    target: float | None
    persona: str = ""
    due: Timebox | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A target as it is kept."""

    draft: TargetDraft
    revision: int
    changed: Instant
    changed_by: str


@dataclass(frozen=True, slots=True)
class Future:
    """A target beside the present. has_arrived: None where nothing is measured. is_late: due, and not arrived."""

    metric: Metric
    target: float
    due: str | None
    present: Measured
    has_arrived: bool | None
    is_late: bool


def futures(
    targets: Sequence[Target], present: Sequence[Measured], persona: str, *, now: Instant
) -> tuple[Future, ...]:
    """The targets of one step beside the present, in the order of the metrics; of a persona its own before those for
    everybody."""
    chosen: dict[Metric, Target] = {}
    for each in sorted(targets, key=lambda one: one.draft.persona != ""):
        if each.draft.target is not None and each.draft.persona in {"", persona}:
            chosen[each.draft.metric] = each
    return tuple(_future(chosen[one.metric], one, now) for one in present if one.metric in chosen)


def _future(target: Target, present: Measured, now: Instant) -> Future:
    draft = target.draft
    aim = draft.target if draft.target is not None else 0.0
    arrived = is_reached(draft.metric, aim, present)
    over = draft.due is not None and draft.due.end <= now
    return Future(
        draft.metric, aim, None if draft.due is None else str(draft.due), present, arrived, over and not arrived
    )
