"""How requests reach the working draft, and the guides in force as a list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, cast

from flask import current_app

from api.publishing import RulesRefused
from api.schemas.drafts import audience_document
from api.serving import serving
from api.talking import comments_desk
from dsl.clauses import places
from dsl.nodes import Guide, GuideKind, PlaceRef
from engine.comments import MOST_AT_A_PLACE, NoSuchComment, PlaceKind, Wanted
from engine.drafting import Drafts
from engine.membership import RulesNow
from engine.replies import Refused
from engine.roadmap.items import StaleItem
from engine.standing import Standing, standing_of
from engine.storage.roadmap_evidence import latest_event

_EXTENSION: Final = "waypost-draft-audiences"
_KEPT: Final = 64
"""Answers that are kept: living through a history twice takes seconds, and a long one comes in portions."""


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


def draft_audience(
    project_id: int, *, with_simulated: bool, portion: tuple[int, int | None] | None = None
) -> dict[str, Any]:
    """Whom the draft reaches and whom the rules in force, without names; kept until one of them or the history changes.

    Raises NoDraft, TooMuchHistory, RulesRefused.
    """
    desk, service = drafts(), serving().service
    version, _ = desk.in_force(project_id)
    with service.database.reading() as connection:
        latest = latest_event(connection, project_id)
    key = (project_id, version, desk.one(project_id).revision, latest, with_simulated, portion)
    kept = _kept_audiences()
    told = kept.get(key)
    if told is None:
        found = desk.audience(project_id, with_simulated=with_simulated, portion=portion)
        if isinstance(found, Refused):
            raise RulesRefused(found)
        if len(kept) >= _KEPT:
            kept.clear()
        # Not read from there again: another request may clear it meanwhile.
        told = kept[key] = audience_document(found)
    return told


def _kept_audiences() -> dict[object, dict[str, Any]]:
    """The audiences that are kept; none that counts somebody who was erased."""
    extensions = current_app.extensions
    if _EXTENSION not in extensions:
        kept: dict[object, dict[str, Any]] = {}
        serving().service.forgetting.add(kept.clear)
        extensions[_EXTENSION] = kept
    return cast("dict[object, dict[str, Any]]", extensions[_EXTENSION])


def settle_comments(project_id: int, *, by: str) -> None:
    """Settle what was said of a draft that is over, so that the next one begins without it."""
    desk, now = comments_desk(), serving().clock()
    place = PlaceKind.DRAFT.value
    for each in desk.listed(project_id, Wanted({PlaceKind.DRAFT}, place=place, resolved=False, limit=MOST_AT_A_PLACE)):
        with suppress(StaleItem, NoSuchComment):
            desk.settle(project_id, each.id, is_resolved=True, revision=each.revision, by=by, now=now)


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
