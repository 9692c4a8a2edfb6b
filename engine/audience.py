"""Two rule sets over one recorded history: who gains and who loses each guide, and why.

The history is lived through under both, event by event, with `engine.rehearsal`. What users did of themselves stays as
recorded, answers and dismissals too; what they were shown does not: `$shown` and `$held_out` come from the rules that
are looked at. Pure; decides nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from dsl.values import Instant
from engine.context import read_context
from engine.decisions import Decision
from engine.events import GUIDE_EVENTS, Event, GuideEvent
from engine.people import Person
from engine.reasons import Reason
from engine.rehearsal import Rehearsal, reason_of, shown_by
from engine.ruleset import RuleSet

_SHOWN_BY_RULES: Final = frozenset({GuideEvent.SHOWN.value, GuideEvent.HELD_OUT.value})


@dataclass(frozen=True, slots=True)
class Switch:
    """One person who sees a guide under one rule set and never under the other.

    at: when they first see it. before, after: its reasons then under the old and the new rules; None where the guide is
    not in them.
    """

    person: str
    at: Instant
    before: Reason | None
    after: Reason | None


@dataclass(slots=True)
class GuideAudience:
    """What changes for one guide. people: who see it at all; shows: how often it is shown; old and new."""

    guide: str
    people: tuple[int, int] = (0, 0)
    shows: tuple[int, int] = (0, 0)
    gains: tuple[Switch, ...] = ()
    losses: tuple[Switch, ...] = ()

    @property
    def is_changed(self) -> bool:
        """True if anybody sees it who did not, or does not who did, or it is shown more or less often."""
        return bool(self.gains or self.losses) or self.shows[0] != self.shows[1]


@dataclass(frozen=True, slots=True)
class AudienceChange:
    """What changes for all guides, by name. moments: how often guidance was asked for. people: in the history.

    portion, portions: of which portion of the people this is, from 0, of how many.
    """

    guides: tuple[GuideAudience, ...]
    people: int
    moments: int
    portion: int = 0
    portions: int = 1


def compare(
    old: RuleSet, new: RuleSet, people: Sequence[Person], *, progress: Callable[[int], None] = lambda _: None
) -> AudienceChange:
    """Live through the history of some people under both rule sets. progress: told how many events are done.

    Every browser event is a request for guidance; of people without any, as after an import, every event is one.
    """
    events = [(event, number) for number, person in enumerate(people) for event in person.events]
    events = sorted(
        ((event, number) for event, number in events if event.name not in _SHOWN_BY_RULES),
        key=lambda each: each[0].position,
    )
    in_browsers = {number for event, number in events if event.from_browser}
    before, after = (_Side(Rehearsal(ruleset, [each.first_id for each in people])) for ruleset in (old, new))
    moments = 0
    for done, (event, number) in enumerate(events, 1):
        asks = event.name not in GUIDE_EVENTS and (event.from_browser or number not in in_browsers)
        moments += asks
        before.live(number, event, asks=asks)
        after.live(number, event, asks=asks)
        before.note(number, event.time, after)
        after.note(number, event.time, before)
        progress(done)
    names = sorted({*old.by_name, *new.by_name})
    return AudienceChange(tuple(_audience(name, before, after, people) for name in names), len(people), moments)


@dataclass(slots=True)
class _Side:
    """One rule set in the comparison. seen: by guide and person, when it is first seen, with the reasons then."""

    rehearsal: Rehearsal
    decision: Decision | None = None
    shows: dict[str, int] = field(default_factory=dict)
    seen: dict[str, dict[int, tuple[Instant, Reason | None, Reason | None]]] = field(default_factory=dict)

    def live(self, who: int, event: Event, *, asks: bool) -> None:
        """An event happens, and guidance is asked for."""
        self.decision = None
        # As in a backtest: what was brought in later comes when it happened, and wakes what it would have woken then.
        self.rehearsal.take(who, event if event.live else replace(event, live=True))
        if asks and self.rehearsal.is_woken(who, now=event.time):
            context = read_context(event.context)
            self.decision = self.rehearsal.ask(who, now=event.time, context=context)
            self.rehearsal.see(who, self.decision, now=event.time)

    def note(self, who: int, at: Instant, other: _Side) -> None:
        """Note what is shown now, and why the other rules show it or not."""
        for guide in shown_by(self.decision):
            self.shows[guide.guide] = self.shows.get(guide.guide, 0) + 1
            first = self.seen.setdefault(guide.guide, {})
            if who not in first:
                theirs = reason_of(guide.guide, other.decision, other.rehearsal.ruleset)
                first[who] = (at, guide.reason, theirs)


def _audience(name: str, old: _Side, new: _Side, people: Sequence[Person]) -> GuideAudience:
    before, after = old.seen.get(name, {}), new.seen.get(name, {})
    gains = [Switch(people[who].name, at, theirs, own) for who, (at, own, theirs) in after.items() if who not in before]
    losses = [
        Switch(people[who].name, at, own, theirs) for who, (at, own, theirs) in before.items() if who not in after
    ]
    return GuideAudience(
        guide=name,
        people=(len(before), len(after)),
        shows=(old.shows.get(name, 0), new.shows.get(name, 0)),
        gains=tuple(gains),
        losses=tuple(losses),
    )
