"""How requests reach the working draft, and the guides in force as a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from api.serving import serving
from dsl.clauses import places
from dsl.nodes import Guide, GuideKind, PlaceRef
from engine.drafting import Drafts
from engine.membership import RulesNow
from engine.standing import Standing, standing_of


@dataclass(frozen=True, slots=True)
class GuideLine:
    """A guide or survey in force. at: where in the journeys."""

    name: str
    kind: GuideKind
    label: str | None
    at: tuple[PlaceRef, ...]
    file: str
    standing: Standing

    @property
    def places(self) -> tuple[str, ...]:
        """Where in the journeys, as it is written."""
        return tuple(f"{each.journey.text}.{each.place.text}" for each in self.at)


def drafts() -> Drafts:
    """The drafts of all projects."""
    service = serving().service
    return Drafts(service.database, service.publications)


def guide_lines(rules: RulesNow) -> Iterator[GuideLine]:
    """The guides and surveys in force, in the order of the rules."""
    for guide in rules.project.guides.values():
        yield _line(guide, rules)


def _line(guide: Guide, rules: RulesNow) -> GuideLine:
    return GuideLine(
        guide.name.text,
        guide.kind,
        None if guide.label is None else guide.label.value,
        places(guide),
        guide.span.file,
        standing_of(guide, zone=rules.project.zone, now=rules.now),
    )
