"""Whether a guide in force is shown at present: the one word of its state, and which words there are."""

from __future__ import annotations

from enum import StrEnum

from dsl.clauses import one
from dsl.nodes import Draft, Guide, Paused, Testers
from dsl.values import Instant
from engine.schedule import schedule_of


class Standing(StrEnum):
    """The state of a guide in force."""

    LIVE = "live"
    DRAFT = "draft"
    TESTERS = "testers only"
    PAUSED = "paused"
    PLANNED = "starts later"
    EXPIRED = "expired"


def standing_of(guide: Guide, *, zone: str, now: Instant) -> Standing:
    """The state of a guide at an instant. What keeps it from everybody comes first."""
    schedule = schedule_of(guide, zone)
    if schedule.ends is not None and now >= schedule.ends:
        return Standing.EXPIRED
    for kind, standing in ((Paused, Standing.PAUSED), (Draft, Standing.DRAFT)):
        if one(guide, kind) is not None:
            return standing
    if schedule.begins is not None and now < schedule.begins:
        return Standing.PLANNED
    return Standing.LIVE if one(guide, Testers) is None else Standing.TESTERS
