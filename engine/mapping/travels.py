"""The people whom a map is of, read from the database: how far each came, what was said, who is of which persona."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsl.nodes import Journey
from engine.analytics.asked import personas_of
from engine.analytics.population import INTERNAL_SEGMENT
from engine.mapping.measuring import Travels
from engine.membership import RulesNow
from engine.roadmap.readings import Readings, Whose
from engine.storage import roadmap_evidence

if TYPE_CHECKING:
    from engine.storage.store import Database


def travels_of(
    database: Database, readings: Readings, project_id: int, rules: RulesNow, journey: Journey, whose: Whose
) -> Travels:
    """Everybody in a journey who counts."""
    name, simulated = journey.name.text, whose.counts_simulated
    personas = personas_of(rules.project)
    own = readings.members_of(project_id, rules, whose, personas)
    internal = frozenset() if whose.everyone else own.get(INTERNAL_SEGMENT, frozenset())
    labels = {
        each: segment.label.value for each in personas if (segment := rules.project.segments[each]).label is not None
    }
    with database.reading(as_of_one_moment=True) as connection:
        place = (connection, project_id, name)
        return Travels(
            people=list(roadmap_evidence.people_of(*place, with_simulated=simulated, without=internal)),
            answers=roadmap_evidence.answers_of(*place, with_simulated=simulated, without=internal),
            elsewhere=roadmap_evidence.told_elsewhere(*place, with_simulated=simulated, without=internal),
            personas={each: own.get(each, frozenset()) for each in personas},
            labels=labels,
        )
