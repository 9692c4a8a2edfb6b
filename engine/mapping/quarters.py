"""The snapshot of a quarter, taken by itself: of every journey, for everybody and for each persona.

Taken when the fate of all who came in the quarter is known: once the journey has given up the last of them, at most 30
days after the quarter's end. A map to whose steps nobody came is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from dsl.nodes import Journey
from dsl.values import DAY, Duration, Instant
from engine.analytics.asked import personas_of
from engine.mapping.measuring import gives_up_of
from engine.membership import RulesNow
from engine.roadmap.evidence import EVERYONE
from engine.roadmap.timeboxes import Timebox, quarter_of

if TYPE_CHECKING:
    from engine.mapping.cartographer import Cartographer

LONGEST_WAIT: Final = Duration(30 * DAY)
"""For how long a snapshot waits at most after the end of its quarter."""


def due_quarter(journey: Journey, *, now: Instant) -> Timebox | None:
    """The quarter whose snapshot may be taken now; None while those who came at its end may still go on."""
    quarter = quarter_of(now).previous
    wait = min(gives_up_of(journey), LONGEST_WAIT)
    return quarter if now >= quarter.end + wait else None


def take_due(
    maps: Cartographer, project_id: int, rules: RulesNow, *, renew: Callable[[], object] = lambda: None
) -> int:
    """Take all snapshots of a project that are due and not there yet; how many."""
    taken = 0
    for journey, persona, quarter in _due(rules):
        taken += maps.take_quarter(project_id, rules, (journey, persona), quarter)
        renew()
    return taken


def _due(rules: RulesNow) -> Iterator[tuple[str, str, Timebox]]:
    for name, journey in rules.project.journeys.items():
        quarter = due_quarter(journey, now=rules.now)
        if quarter is not None and journey.steps:
            for persona in (EVERYONE, *personas_of(rules.project)):
                yield name, persona, quarter
