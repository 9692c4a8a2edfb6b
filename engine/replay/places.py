"""At which step of each journey something went wrong: where signs of friction are counted too (`engine.journeys`)."""

from __future__ import annotations

from collections.abc import Mapping

from dsl.values import Instant
from engine.journeys import JourneyPlan, JourneyProgress, beginning

Place = tuple[str, str]
"""A journey and a step of it."""


def places_at(
    plans: Mapping[str, JourneyPlan], progress: Mapping[str, JourneyProgress], *, at: Instant, path: str | None
) -> tuple[Place, ...]:
    """The steps that somebody stood at, at most one of each journey. progress: theirs, of journeys that they are in.

    path: of the page that it happened on; a step with touchpoints counts on those alone.
    """
    found = []
    for name, plan in plans.items():
        step = _step_at(plan, progress.get(name) or beginning(plan, Instant(0)), at, path)
        if step is not None:
            found.append((name, step))
    return tuple(found)


def _step_at(plan: JourneyPlan, progress: JourneyProgress, at: Instant, path: str | None) -> str | None:
    entries = {name: progress.steps[name].entered_at for name in plan.steps if name in progress.steps}
    entered = {name: since for name, since in entries.items() if since is not None and since <= at}
    own = {plan.steps[number] for is_page, number in plan.pages if path is not None and is_page(path)}
    here = [name for name in entered if not own or name in own]
    is_through = progress.standing is None and progress.standing_since is not None and progress.standing_since <= at
    # Steps are entered one after the other: whoever entered one stood there until they entered the next.
    stood = None if is_through or not entered else max(entered, key=lambda name: (entered[name], _order(plan, name)))
    if stood is not None and stood in here:
        return stood
    return here[-1] if own and here else None


def _order(plan: JourneyPlan, step: str) -> int:
    return plan.steps.index(step)
