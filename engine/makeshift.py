"""Guidance while the database cannot be used: from the rules that were in force last, and nothing that could be wrong.

What a guide is capped by, whom it is for and what its words say lies in the database. While that cannot be read a cap
cannot be kept, so a guide is shown only if no answer of the database could keep it away:

- it is a launcher (`feedback`) without a frequency clause: launchers take no place and no limit across guides counts
  them; every other guide is capped, if only to once per session;
- it asks for nothing but what the request itself tells (page, device, language, address): no segment, no step, no
  event, no attribute of the user or the account, neither in a condition nor in its words;
- no share chooses who sees it (`rollout`, `sample`, `holdout`, variants), since the id that is hashed is not known;
- it has no `stop after`, no `not with` and no hours of the user's own clock.

Pure: decides on what it is given, reads and keeps nothing. A place is not reserved, and no row is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from dsl.needs import Attribute, Source
from dsl.values import Instant, JsonValue
from engine.context import read_context
from engine.decisions import GuideDecision, confirm, decide
from engine.errors import UnknownDecision
from engine.frequency import FrequencyCap
from engine.rendering import render
from engine.replies import Confirmation, Reply, Served
from engine.ruleset import CompiledGuide, RuleSet

PREFIX: Final = "degraded."
"""How the ids of such decisions begin; the rest is the guide's name."""
TTL: Final = 10
"""Seconds after which a browser asks again: the database may be back."""

_UNCAPPED: Final = FrequencyCap(ends_when_completed=False)

_log = logging.getLogger("waypost.guidance")


def needs_no_database(guide: CompiledGuide) -> bool:
    """True for a guide of which the request alone tells whether it may be shown, and what it says."""
    is_for_everybody = guide.audience is None and guide.testers is None and guide.at is None and not guide.is_edge
    has_no_share = guide.percent == guide.sample == 100 and not guide.holdout and not guide.variants
    is_alone = not guide.not_with and guide.stop_after is None and not guide.schedule.is_local
    asked = (*guide.needs, *guide.placeholders.values())
    asks_the_request = all(isinstance(each, Attribute) and each.source is Source.CONTEXT for each in asked)
    is_uncapped = guide.is_launcher and guide.cap == _UNCAPPED
    return is_uncapped and is_for_everybody and has_no_share and is_alone and asks_the_request


def decide_without_database(
    ruleset: RuleSet,
    *,
    now: Instant,
    person: str,
    context: Mapping[str, JsonValue] | None,
    asked_for: str | None = None,
) -> Reply:
    """What may be shown to anybody who asks from there. asked_for: only this guide, by its name."""
    request = read_context(context, asked_for=asked_for)
    decision = decide(ruleset, None, (), now=now, person=person, context=request)
    served: list[Served] = []
    for decided in decision.launchers:
        if not needs_no_database(ruleset.by_name[decided.guide]):
            continue
        try:
            content = render(ruleset, decided, None, now=now, context=request)
        except Exception:
            _log.exception("the words of guide `%s` could not be made, and it was not shown", decided.guide)
            continue
        served.append(_serve(decided, content))
    return Reply(tuple(served), decision.revision, TTL, degraded=True)


def is_makeshift(decision_id: str) -> bool:
    """True for the id of a decision that was made without the database."""
    return decision_id.startswith(PREFIX)


def confirm_without_database(
    ruleset: RuleSet, decision_id: str, *, now: Instant, context: Mapping[str, JsonValue] | None
) -> Confirmation:
    """May it still be shown? There is no place to reserve. Raises UnknownDecision."""
    guide = ruleset.by_name.get(decision_id.removeprefix(PREFIX))
    if guide is None or not needs_no_database(guide):
        raise UnknownDecision
    reason = confirm(ruleset, None, guide.name, now=now, person="", context=read_context(context))
    return Confirmation(reason.shows, reason.value)


def _serve(decided: GuideDecision, content: dict[str, JsonValue]) -> Served:
    return Served(
        id=PREFIX + decided.guide,
        guide=decided.guide,
        kind=decided.kind,
        variant=None,
        content=content,
        wait=None if decided.wait is None else dict(decided.wait),
        priority=decided.priority,
        expires=decided.expires,
    )
