"""Releases of the product: which steps of a map each one touches, and which steps are stale because of it.

A `$release` names what it touches in its properties: `steps` (`JOURNEY`, `JOURNEY.STAGE` or `JOURNEY.STEP`), `pages`
(paths, or patterns with `*`, compared with the pages among the touchpoints) and `touchpoints` (as they are declared).
A step is touched if any of them names it; one that says none of the three touches every step. A touched step is stale
from that instant until somebody looks at it on a map that was drawn after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dsl.checker.declarations import is_page
from dsl.nodes import Journey, Step
from dsl.patterns import PatternError, glob
from dsl.values import Instant
from engine.analytics.releases import Release


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at a step and confirmed it. at: when the map that they saw was drawn."""

    at: Instant
    by: str
    note: str = ""


def touched_steps(release: Release, journey: Journey) -> frozenset[str]:
    """The steps of a journey that a release touches."""
    if release.touches_everything:
        return frozenset(step.name.text for step in journey.steps)
    name = journey.name.text
    return frozenset(
        step.name.text
        for stage in journey.stages
        for step in stage.steps
        if {name, f"{name}.{stage.name.text}", f"{name}.{step.name.text}"} & set(release.steps)
        or _touches_touchpoint(release, step)
    )


def stale_because(
    releases: Iterable[Release], journey: Journey, looks: Mapping[str, Look]
) -> dict[str, tuple[Release, ...]]:
    """By step, the releases that touch it and came after somebody last looked at it, the oldest first."""
    found: dict[str, list[Release]] = {step.name.text: [] for step in journey.steps}
    for release in releases:
        for step in touched_steps(release, journey):
            look = looks.get(step)
            if look is None or release.at > look.at:
                found[step].append(release)
    return {step: tuple(told) for step, told in found.items()}


def _touches_touchpoint(release: Release, step: Step) -> bool:
    for touchpoint in step.touchpoints:
        text = touchpoint.text.value
        if text in release.touchpoints:
            return True
        if touchpoint.channel is None and is_page(text) and any(_meet(text, page) for page in release.pages):
            return True
    return False


def _meet(declared: str, page: str) -> bool:
    """Whether one of two pages, or patterns of pages, lies within the other."""
    try:
        return glob(declared)(page) or glob(page)(declared)
    except PatternError:
        return False
