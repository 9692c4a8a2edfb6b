"""What happened to one person: events, steps reached, guides with the reason, answers, friction; the latest first.

The door of the page that looks one person up, with the list of those whom one may look up. Reads only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy.engine import Connection

from dsl.project import RuleProject
from dsl.values import Instant, JsonValue
from engine.events import GUIDE_EVENTS, HEAT_EVENTS, GuideEvent
from engine.friction import SIGNAL_EVENTS
from engine.replies import LoggedDecision, LoggedEvent, UserView
from engine.storage import identity, people_seen, timelines
from engine.storage.people_seen import Latest, PersonSeen
from engine.storage.timelines import DECISION, EVENT, Place, Wanted

if TYPE_CHECKING:
    from engine.analyst import Analyst
    from engine.membership import RulesNow

PAGE_OF_PEOPLE: Final = 50
"""How many people a list has at most."""
_GUIDES: Final = GUIDE_EVENTS - {GuideEvent.ANSWERED.value}


class TimelineKind(StrEnum):
    """What of a timeline is looked at."""

    ALL = "all"
    EVENTS = "events"
    STEPS = "steps"
    GUIDES = "guides"
    ANSWERS = "answers"
    FRICTION = "friction"


KINDS: Final[Mapping[TimelineKind, str]] = {
    TimelineKind.ALL: "Everything",
    TimelineKind.EVENTS: "Events",
    TimelineKind.STEPS: "Steps reached",
    TimelineKind.GUIDES: "Guides",
    TimelineKind.ANSWERS: "Answers",
    TimelineKind.FRICTION: "Friction",
}
"""What people call each."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: an event, with the steps that it reached, `JOURNEY.STEP`; or a decision."""

    time: Instant
    kind: TimelineKind
    event: LoggedEvent | None = None
    decision: LoggedDecision | None = None
    reached: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page, the latest first. next: for the page after; None at the end."""

    entries: tuple[Entry, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody in a list, with what came of them last."""

    person: PersonSeen
    latest: Latest | None
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class PeopleAsked:
    """Whom one looks for. text: in an id; without it whose events were received last. The rest: the one switch."""

    text: str = ""
    everyone: bool = False
    with_simulated: bool = False


def people(analyst: Analyst, project_id: int, asked: PeopleAsked, rules: RulesNow) -> tuple[Listed, ...]:
    """Some people, by the text in their ids, else the latest first. Who is looked for by id is found, whoever it is."""
    internal = frozenset(analyst.population(project_id, rules, everyone=False, with_simulated=True).internal)
    counts_simulated = asked.everyone or asked.with_simulated
    with analyst.database.reading() as connection:
        if asked.text:
            numbers = people_seen.with_text(connection, project_id, asked.text, limit=PAGE_OF_PEOPLE)
            told = people_seen.last_times(connection, numbers)
            everybody = True
        else:
            found = people_seen.latest(
                connection, project_id, with_simulated=counts_simulated, with_bots=asked.everyone
            )
            told = {each.number: each for each in found}
            numbers, everybody = list(told), asked.everyone
        known = people_seen.today(connection, numbers)
    listed: dict[int, Listed] = {}
    for number in numbers:
        person = known.get(number)
        if person is None or (person.id in internal and not everybody):
            continue
        if person.simulated and not (counts_simulated or everybody):
            continue
        listed.setdefault(person.id, Listed(person, told.get(number), person.id in internal))
    return tuple(list(listed.values())[:PAGE_OF_PEOPLE])


def timeline(
    analyst: Analyst,
    user: UserView,
    rules: RuleProject,
    *,
    kind: TimelineKind = TimelineKind.ALL,
    before: str | None = None,
    limit: int = 50,
) -> Timeline:
    """A page of what happened to somebody. before: `next` of the page before; another text begins with the latest."""
    place, reached = _read_place(before), reached_at(user, rules)
    with analyst.database.reading() as connection:
        numbers = identity.aliases(connection, user.person_id)
        events = _events(connection, numbers, place, kind, reached, limit=limit + 1)
        decisions = []
        if kind in (TimelineKind.ALL, TimelineKind.GUIDES):
            decisions = timelines.decisions_before(
                connection, numbers, place, with_nothing=kind is TimelineKind.GUIDES, limit=limit + 1
            )
    entries = [_event_entry(each, reached) for each in events]
    entries += [Entry(each.time, TimelineKind.GUIDES, decision=each) for each in decisions]
    entries.sort(key=_place_of, reverse=True)
    page = entries[:limit]
    if len(entries) <= limit:
        return Timeline(tuple(page), None)
    return Timeline(tuple(page), ".".join(map(str, _place_of(page[-1]))))


def around(
    analyst: Analyst, person: int, at: tuple[Instant, int], *, limit: int
) -> tuple[tuple[LoggedEvent, ...], tuple[LoggedEvent, ...]]:
    """What somebody did just before and just after an event, both in the order in which it happened."""
    with analyst.database.reading() as connection:
        numbers = identity.aliases(connection, person)
        before = timelines.events_before(connection, numbers, Place(at[0], EVENT, at[1]), Wanted(), limit=limit)
        after = timelines.events_after(connection, numbers, at, limit=limit)
    return tuple(reversed(before)), tuple(after)


def reached_at(user: UserView, rules: RuleProject) -> dict[tuple[Instant, str], tuple[str, ...]]:
    """When somebody reached which steps, `JOURNEY.STEP`, by the instant and the name of the event."""
    found: dict[tuple[Instant, str], list[str]] = {}
    for name, journey in rules.journeys.items():
        for step in journey.steps:
            at = _at(user.state, "journeys", name, "steps", step.name.text, "reached_at")
            if isinstance(at, int):
                for ref in step.reached_by:
                    found.setdefault((Instant(at), ref.name.value), []).append(f"{name}.{step.name.text}")
    return {key: tuple(dict.fromkeys(steps)) for key, steps in found.items()}


def _events(
    connection: Connection,
    numbers: Sequence[int],
    before: Place | None,
    kind: TimelineKind,
    reached: Mapping[tuple[Instant, str], tuple[str, ...]],
    *,
    limit: int,
) -> list[LoggedEvent]:
    match kind:
        case TimelineKind.ALL:
            wanted = Wanted()
        case TimelineKind.EVENTS:
            wanted = Wanted(without=GUIDE_EVENTS | SIGNAL_EVENTS | HEAT_EVENTS)
        case TimelineKind.STEPS:
            wanted = Wanted(names={name for _, name in reached}, times={time for time, _ in reached})
        case TimelineKind.GUIDES:
            wanted = Wanted(names=_GUIDES)
        case TimelineKind.ANSWERS:
            wanted = Wanted(names={GuideEvent.ANSWERED.value})
        case TimelineKind.FRICTION:
            wanted = Wanted(names=SIGNAL_EVENTS)
    return timelines.events_before(connection, numbers, before, wanted, limit=limit)


def _event_entry(logged: LoggedEvent, reached: Mapping[tuple[Instant, str], tuple[str, ...]]) -> Entry:
    event = logged.event
    steps = reached.get((event.time, event.name), ())
    kind = TimelineKind.EVENTS
    if event.name == GuideEvent.ANSWERED:
        kind = TimelineKind.ANSWERS
    elif event.name in _GUIDES:
        kind = TimelineKind.GUIDES
    elif event.name in SIGNAL_EVENTS:
        kind = TimelineKind.FRICTION
    elif steps:
        kind = TimelineKind.STEPS
    return Entry(event.time, kind, event=logged, reached=steps)


def _place_of(entry: Entry) -> tuple[int, int, int]:
    if entry.event is not None:
        return entry.time, EVENT, entry.event.event.seq
    return entry.time, DECISION, entry.decision.seq if entry.decision is not None else 0


def _read_place(text: str | None) -> Place | None:
    parts = (text or "").split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    time, rank, number = map(int, parts)
    return Place(Instant(time), rank, number)


def _at(document: JsonValue | Mapping[str, JsonValue], *names: str) -> JsonValue:
    found: JsonValue = document  # type: ignore[assignment]
    for name in names:
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found
