"""How many people did anything in the last seven days, and how many answered, beside the seven days before; and how
often each guide was shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dsl.values import WEEK, Instant
from engine.analytics.history import History
from engine.analytics.wheres import json_text
from engine.events import GuideEvent


@dataclass(frozen=True, slots=True)
class Activity:
    """People with any event, and people who answered anything; of seven days, and of the seven before.

    shown: how often each guide was, in the seven days.
    """

    people: int
    people_before: int
    answering: int
    answering_before: int
    shown: Mapping[str, int]


def activity(history: History, now: Instant) -> Activity:
    """What people did until an instant."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    events = history.events
    recent = events.filter((events.time > now - 2 * WEEK) & (events.time <= now))
    told = recent.mutate(is_late=recent.time > now - WEEK, answers=recent.name == GuideEvent.ANSWERED.value)
    each = told.group_by("person", "is_late").agg(answered=ibis.ifelse(told.answers, 1, 0).max())
    counted = each.group_by("is_late").agg(people=each.person.count(), answering=each.answered.sum())
    shown = recent.filter((recent.time > now - WEEK) & (recent.name == GuideEvent.SHOWN.value))
    shown = shown.mutate(guide=json_text()(shown.properties, "$.guide"))
    by_guide = history.engine.rows(shown.group_by("guide").agg(times=shown.count()))
    rows = {bool(row["is_late"]): row for row in history.engine.rows(counted)}
    late, early = rows.get(True), rows.get(False)
    return Activity(
        people=late["people"] if late else 0,
        people_before=early["people"] if early else 0,
        answering=late["answering"] if late else 0,
        answering_before=early["answering"] if early else 0,
        shown={row["guide"]: row["times"] for row in by_guide if row["guide"]},
    )
