"""What arrives, as it arrives: events with the verdict of the tracking plan, what it refused, decisions with reasons.

For somebody who looks on: by a cursor, at most so many at a time, and nobody waits for anything. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from dsl.values import MINUTE, SECOND, Duration, Instant, JsonValue
from engine.analytics.population import Kind
from engine.errors import WaypostError
from engine.events import page_path
from engine.replies import LoggedDecision, LoggedEvent
from engine.storage import identity, log, people_seen, tracking
from engine.storage.lake_rows import is_bot
from engine.tracking.plans import TrackingPlan, Violation

if TYPE_CHECKING:
    from engine.analyst import Analyst
    from engine.service import Service
    from engine.storage.people_seen import PersonSeen

MOST: Final = 200
"""How many arrivals one answer has at most."""
LOOKED_THROUGH: Final = 1_000
"""Rows of the log that one answer looks through where only some are wanted."""
REFUSED_WITHIN: Final = Duration(10 * MINUTE)
"""How far back what was refused is told when somebody begins to look."""
_LATE: Final = Duration(10 * SECOND)
"""How long after its receipt a refusal may be counted: until then it is told again, under the same id."""


class BadCursor(WaypostError):
    """What is given as a cursor was never given out as one."""

    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__("is not the `next` of an answer; leave it out to begin with what came last")


class Verdict(StrEnum):
    """What the tracking plan says of an event."""

    NO_PLAN = "no plan"
    FITS = "fits"
    WARNED = "warned"
    UNPLANNED = "unplanned"
    REFUSED = "refused"


VERDICTS: Final[Mapping[Verdict, str]] = {
    Verdict.NO_PLAN: "there is no tracking plan, or it says nothing of this event",
    Verdict.FITS: "it is as planned",
    Verdict.WARNED: "it is kept, and not as planned",
    Verdict.UNPLANNED: "it is kept, and its name is not in the plan",
    Verdict.REFUSED: "it was not kept: the plan blocks it",
}
"""What each means."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which an event is not as planned. message: names no value that was sent."""

    path: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class ArrivedEvent:
    """An event that was kept. user: the id it came with."""

    id: str
    received: Instant
    time: Instant
    kind: str
    name: str
    user: str | None
    session: str | None
    path: str | None
    properties: Mapping[str, JsonValue]
    counts: bool
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    type: str = "event"


@dataclass(frozen=True, slots=True)
class RefusedEvent:
    """An event that the plan refused. Of whom it was is kept nowhere."""

    id: str
    received: Instant
    name: str
    faults: tuple[Fault, ...]
    verdict: Verdict = Verdict.REFUSED
    type: str = "refused"


@dataclass(frozen=True, slots=True)
class MadeDecision:
    """A decision. trigger: what woke it. guide: what went out. reasons: of how many of the considered guides each."""

    id: str
    received: Instant
    user: str
    trigger: str | None
    guide: str | None
    variant: str | None
    held_out: str | None
    reasons: Mapping[str, int]
    confirmed: bool
    counts: bool
    type: str = "decision"


Arrival = ArrivedEvent | RefusedEvent | MadeDecision


@dataclass(frozen=True, slots=True)
class ArrivalsAsked:
    """What is asked. after: `next` of the answer before; without it what came last. event: only of this name.

    user: only of whoever has this id. everyone, with_simulated: the one switch.
    """

    after: str | None = None
    event: str | None = None
    user: str | None = None
    limit: int = 50
    everyone: bool = False
    with_simulated: bool = False


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived, the oldest first. next: for `after`. passed_over: more came than is told.

    left_out: how many of those who do not count were looked at and left out, by kind.
    """

    arrivals: tuple[Arrival, ...]
    next: str
    passed_over: bool
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The last event and the last decision that were looked at, and when that was."""

    event: int
    decision: int
    at: Instant

    def __str__(self) -> str:
        return f"{self.event}.{self.decision}.{self.at}"


@dataclass(frozen=True, slots=True)
class _Looked:
    """The rows of the log that one answer is made of."""

    events: Sequence[LoggedEvent]
    decisions: Sequence[LoggedDecision]
    passed_over: bool


def arrivals(service: Service, analyst: Analyst, project_id: int, asked: ArrivalsAsked) -> Arrivals:
    """What arrived after a cursor. Raises BadCursor, UnknownProject."""
    rules = service.rules_now(project_id)
    cursor = _read_cursor(asked.after)
    looked = _look(service, project_id, cursor, asked)
    with service.database.reading() as connection:
        numbers = {each.person_id for each in looked.events} | {each.person_id for each in looked.decisions}
        people = people_seen.today(connection, numbers)
        wanted = _wanted_numbers(service, project_id, asked.user)
    # Who does not count is marked even where everybody is told.
    internal = analyst.population(project_id, rules, everyone=False, with_simulated=True).internal
    counting = _Counting(people, frozenset(internal), asked)
    plan = service.plans.of(project_id)
    events = [
        _arrived(each, plan, counting)
        for each in looked.events
        if counting.keeps_event(each)
        and asked.event in (None, each.event.name)
        and (wanted is None or each.person_id in wanted)
    ]
    decisions = [
        _made(each, counting)
        for each in looked.decisions
        if counting.keeps(each.person_id)
        and (asked.event is None or asked.event in (each.trigger or "").split(", "))
        and (wanted is None or each.person_id in wanted)
    ]
    refused = [] if asked.user is not None else _refused(service, project_id, cursor, asked, plan, now=rules.now)
    # Each kind is in its own order already; of one instant, what came stands before what was made of it.
    found: list[Arrival] = sorted([*events, *refused, *decisions], key=lambda each: each.received)
    last = _Cursor(
        event=looked.events[-1].event.seq if looked.events else cursor.event if cursor else 0,
        decision=looked.decisions[-1].seq if looked.decisions else cursor.decision if cursor else 0,
        at=rules.now,
    )
    passed_over = looked.passed_over or (cursor is not None and len(found) > asked.limit)
    return Arrivals(tuple(found[-asked.limit :]), str(last), passed_over, counting.left_out)


def _read_cursor(text: str | None) -> _Cursor | None:
    if text is None:
        return None
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise BadCursor
    event, decision, at = map(int, parts)
    return _Cursor(event, decision, Instant(at))


def _look(service: Service, project_id: int, cursor: _Cursor | None, asked: ArrivalsAsked) -> _Looked:
    most = asked.limit if asked.event is None and asked.user is None else LOOKED_THROUGH
    if cursor is None:
        events = service.recent_events(project_id, limit=most).items
        return _Looked(events, service.recent_decisions(project_id, limit=most).items, passed_over=False)
    events = service.recent_events(project_id, after=cursor.event, limit=most + 1).items
    decisions = service.recent_decisions(project_id, after=cursor.decision, limit=most + 1).items
    passed_over = len(events) > most or len(decisions) > most
    # Who looks on wants to see what comes now: of a flood the latest, not the first.
    if len(events) > most:
        events = service.recent_events(project_id, limit=most).items
    if len(decisions) > most:
        decisions = service.recent_decisions(project_id, limit=most).items
    return _Looked(events, decisions, passed_over)


def _wanted_numbers(service: Service, project_id: int, user: str | None) -> Collection[int] | None:
    """The numbers under which somebody's events are filed; None where everybody is asked for."""
    if user is None:
        return None
    with service.database.reading() as connection:
        found = identity.find_person(connection, project_id, user, None)
        found = found or identity.find_person(connection, project_id, None, user)
        return set() if found is None else {found.id, *identity.aliases(connection, found.id)}


class _Counting:
    """Who counts, by the one switch, and how many were left out."""

    def __init__(self, people: Mapping[int, PersonSeen], internal: frozenset[int], asked: ArrivalsAsked) -> None:
        self._people = people
        self._internal = internal
        self._asked = asked
        self.left_out: dict[str, int] = {}

    def kind(self, number: int, *, simulated: bool = False, bot: bool = False) -> Kind | None:
        """Why somebody does not count; None for customers."""
        person = self._people.get(number)
        if simulated or (person is not None and person.simulated):
            return Kind.SIMULATED
        if bot:
            return Kind.BOT
        return Kind.INTERNAL if person is not None and person.id in self._internal else None

    def keeps_event(self, logged: LoggedEvent) -> bool:
        """Whether an event is told."""
        return self._is_in(self.kind_of(logged))

    def keeps(self, number: int) -> bool:
        """Whether what concerns a person is told."""
        return self._is_in(self.kind(number))

    def kind_of(self, logged: LoggedEvent) -> Kind | None:
        """Why an event does not count."""
        agent = logged.event.context.get("userAgent")
        is_automatic = isinstance(agent, str) and is_bot(agent)
        return self.kind(logged.person_id, simulated=logged.simulated, bot=is_automatic)

    def _is_in(self, kind: Kind | None) -> bool:
        if kind is None or self._asked.everyone or (kind is Kind.SIMULATED and self._asked.with_simulated):
            return True
        self.left_out[kind.value] = self.left_out.get(kind.value, 0) + 1
        return False


def _arrived(logged: LoggedEvent, plan: TrackingPlan, counting: _Counting) -> ArrivedEvent:
    event = logged.event
    broken = plan.judge(event)
    return ArrivedEvent(
        id=f"e{event.seq}",
        received=event.received,
        time=event.time,
        kind=event.kind.value,
        name=event.name,
        user=event.user_id if event.user_id is not None else event.anonymous_id,
        session=logged.session_id,
        path=page_path(event),
        properties=event.properties or event.traits,
        counts=counting.kind_of(logged) is None,
        verdict=_verdict(broken, is_planned=event.name in plan.events),
        faults=tuple(Fault(each.path, each.rule, each.message) for each in broken),
    )


def _verdict(broken: Sequence[Violation], *, is_planned: bool) -> Verdict:
    if not broken:
        return Verdict.FITS if is_planned else Verdict.NO_PLAN
    return Verdict.WARNED if is_planned else Verdict.UNPLANNED


def _made(logged: LoggedDecision, counting: _Counting) -> MadeDecision:
    return MadeDecision(
        id=f"d{logged.seq}",
        received=logged.time,
        user=logged.user_id if logged.user_id is not None else logged.first_id,
        trigger=logged.trigger,
        guide=logged.guide,
        variant=logged.variant,
        held_out=logged.held_out,
        reasons=logged.reasons,
        confirmed=logged.confirmed is not None,
        counts=counting.kind(logged.person_id) is None,
    )


def _refused(
    service: Service,
    project_id: int,
    cursor: _Cursor | None,
    asked: ArrivalsAsked,
    plan: TrackingPlan,
    *,
    now: Instant,
) -> list[RefusedEvent]:
    """What the plan refused since: of each place the latest messages, which is all that is kept of them."""
    since = Instant(now - REFUSED_WITHIN if cursor is None else cursor.at - _LATE)
    with service.database.reading() as connection:
        places = tracking.refused_since(connection, project_id, since, limit=MOST)
        messages = [sample.message_id for place in places for sample in place.samples]
        kept = log.known(connection, project_id, messages) if messages else set()
    faults: dict[str, tuple[Instant, str, list[Fault]]] = {}
    for place in places:
        if asked.event not in (None, place.event):
            continue
        planned = plan.events.get(place.event)
        told = f"breaks `{place.rule}` of the plan" if planned is not None else "is not in the tracking plan"
        for sample in place.samples:
            if sample.received > since and sample.message_id not in kept:
                own = faults.setdefault(sample.message_id, (sample.received, place.event, []))
                own[2].append(Fault(place.path, place.rule, f"{told}; {sample.found} is there"))
    return [
        RefusedEvent(f"r{message}", received, name, tuple(each)) for message, (received, name, each) in faults.items()
    ]
