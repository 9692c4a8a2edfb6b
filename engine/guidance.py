"""Guidance for one person: a decision with its row, its `$held_out` event, and what the browser is told.

Who may see what is decided in `engine.decisions`; this module hands it the state and keeps what it said. Runs in the
writer's thread, but for `look`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from dsl.needs import Source
from dsl.values import Instant, JsonValue
from engine.accounts import account_slots
from engine.content import Content
from engine.context import MEMBERS, read_context
from engine.decisions import (
    Case,
    Decision,
    GuideDecision,
    Reservation,
    Surroundings,
    confirm,
    decide,
    trigger_names,
)
from engine.errors import UnknownDecision
from engine.events import Event, EventKind, GuideEvent
from engine.intake import Taken
from engine.keeping import keep_of
from engine.reasons import Reason
from engine.rendering import render
from engine.replay.rules import recorded_by
from engine.replay.settings import ReplayMode
from engine.replies import Confirmation, Reply, Served, recording
from engine.roster import Roster
from engine.rulebook import Rulebook
from engine.ruleset import RuleSet
from engine.state import UserState, Woken
from engine.storage import accounts, decisions, exposures, identity, log, projections
from engine.storage.decisions import RESERVED_FOR, DecisionRow, Reserved
from engine.storage.identity import Person
from engine.storage.log import Filed
from engine.storage.memory import Memory
from engine.storage.writer import Transaction
from engine.telling import Telling, Told, told
from engine.waiting import keep, number_of, revive

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

TTL: Final = 30
"""Seconds for which a browser may use what it was told before it asks again."""

TTL_OF_WAITING: Final = 1
"""The same while a history is folded again."""

ASKED_FOR: Final = "waypost.show"
"""What the row of a decision names as its trigger where the guide was asked for by its name."""
_OFF: Final = ReplayMode.OFF
"""Looked up once rather than asked of the enum for each request."""
_WANTED: Final[Mapping[str, JsonValue]] = {"wanted": True}

_log = logging.getLogger("waypost.guidance")


@dataclass(frozen=True, slots=True)
class Wish:
    """A person who asks for guidance.

    trigger: the only name of events that may wake edge rules; None for any. guide: the only guide that is asked for.
    telling: what is told of the guides that were considered. record: what the page records of users whom the rules
    name; with OFF nobody asks whether they do.
    """

    person: Person
    at: Instant
    context: Mapping[str, JsonValue] | None = None
    trigger: str | None = None
    guide: str | None = None
    telling: Telling = Telling.NOTHING
    record: ReplayMode = ReplayMode.OFF


@dataclass(frozen=True, slots=True)
class Confirming:
    """The question whether a decision may be shown now.

    holder: the tab's own mark, if it has one. row: of the decision, where it may not be written yet.
    """

    project_id: int
    decision_id: str
    at: Instant
    context: Mapping[str, JsonValue] | None = None
    holder: str | None = None
    row: DecisionRow | None = None


@dataclass(frozen=True, slots=True)
class _Made:
    """A decision that was made: what is told, and what is kept of it."""

    reply: Reply
    row: DecisionRow | None = None


def _made(reply: Reply, record: ReplayMode | None, row: DecisionRow | None = None) -> _Made:
    """record: what the page records; None where the project does not, or nothing is known for a moment."""
    return _Made(reply if record is None else recording(reply, record), row)


class Guidance:
    """Decides and confirms, and keeps what follows from it. `new_id` gives ids in the order of time."""

    def __init__(self, rulebook: Rulebook, new_id: Callable[[], str], memory: Memory) -> None:
        self._rulebook = rulebook
        self._memory = memory
        self._new_id = new_id

    def decide(self, connection: Connection, roster: Roster, wish: Wish) -> Reply:
        """Decide for a person of the roster; a guide that is held out counts as seen from now on.

        A row is kept of each decision in which any guide came into question.
        """
        made = self._make(connection, roster, wish)
        if made.row is not None:
            roster.note(made.row)
            if made.row.held_out is not None:
                _hold_out(connection, roster, wish.person, made.row)
        return made.reply

    def look(self, connection: Connection, roster: Roster, wish: Wish) -> tuple[Reply, DecisionRow | None] | None:
        """The same where nothing may be written: the reply, and the row to be kept; None when somebody is held out."""
        made = self._make(connection, roster, wish)
        return None if made.row is not None and made.row.held_out is not None else (made.reply, made.row)

    def keep(self, transaction: Transaction, parts: Sequence[Sequence[DecisionRow]]) -> list[None]:
        """Write the rows of decisions that were made elsewhere."""
        with self._memory.during(transaction):
            _keep_late(transaction.connection, [row for part in parts for row in part])
        return [None] * len(parts)

    def _make(self, connection: Connection, roster: Roster, wish: Wish) -> _Made:
        record = None if wish.record is _OFF else _OFF
        may_record = record is not None and bool(roster.ruleset.records)
        if not roster.ruleset.guides and not may_record:
            return _made(Reply((), roster.ruleset.revision if roster.ruleset.prints else None, TTL), record)
        if roster.of(wish.person.id).is_waiting:
            # Nothing is known of them for a moment: nothing is shown, and the browser asks again soon.
            return _Made(Reply((), roster.ruleset.revision, TTL_OF_WAITING))
        number, state = wish.person.id, roster.of(wish.person.id).state
        # Another process may have stamped an event a moment later than this request.
        now = wish.at if state.position is None else max(wish.at, state.position[0])
        # What waits to wake rules goes on waiting where one guide is asked for by its name.
        triggers = roster.take_triggers(number, now=now, name=wish.trigger) if wish.guide is None else []
        context = read_context(wish.context, asked_for=wish.guide)
        around = around_of(connection, roster, number, places=places_at(roster.place_of(number), now))
        decision = decide(
            roster.ruleset, state, triggers, now=now, person=wish.person.first_id, context=context, around=around
        )
        for guide, failure in decision.failures:
            _log.error("guide `%s` failed and was not shown: %s", guide, failure)
        why = Told()
        if wish.telling is not Telling.NOTHING or may_record:
            case = Case(roster.ruleset, state, now=now, person=wish.person.first_id, context=context, around=around)
            facts = case.facts(None)
            if wish.telling is not Telling.NOTHING:
                why = told(wish.telling, decision.considered, roster.ruleset, facts, case.state)
            if may_record and context.has_consent and recorded_by(roster.ruleset.records, facts, wish.person.first_id):
                record = wish.record
        revision, considered, standing = decision.revision, why.considered, why.standing
        if not decision.counts:
            return _made(Reply((), revision, TTL, considered=considered, standing=standing), record)
        row = self._row(roster, wish, decision, triggers, now)

        def speak(decided: GuideDecision) -> Content:
            return render(roster.ruleset, decided, state, now=now, context=context, around=around)

        served = tuple(_serve(roster.ruleset, decision, row, speak))
        return _made(Reply(served, revision, TTL, considered=considered, standing=standing), record, row)

    def confirm(self, transaction: Transaction, requests: Sequence[Confirming]) -> list[Confirmation]:
        """Let decisions through, one after the other, as long as the place is free. Raises UnknownDecision."""
        connection = transaction.connection
        with self._memory.during(transaction):
            _keep_late(connection, [request.row for request in requests if request.row is not None])
            # Everybody at once and in one order, so that two processes never wait for each other.
            people = decisions.people_of(connection, [_base(request) for request in requests])
            identity.lock_people(connection, people)
            return [self._confirm(connection, request) for request in requests]

    def _confirm(self, connection: Connection, request: Confirming) -> Confirmation:
        base, launcher = _base(request), request.decision_id.partition(".")[2]
        row = decisions.find(connection, request.project_id, base) if identity.is_id(base) else None
        guide = launcher or (row.guide if row is not None else None)
        ruleset = self._rulebook.of(connection, request.project_id).ruleset
        # Only launchers share the id of the decision that they came with.
        if row is None or guide is None or (launcher and not _is_launcher(ruleset, launcher)):
            raise UnknownDecision
        # Waits for another process that answers the same question of the same person.
        identity.lock_people(connection, [row.person_id])
        roster = Roster(connection, request.project_id, ruleset, self._memory)
        roster.load([row.person_id])
        if roster.of(row.person_id).is_waiting:
            return Confirmation(False, Reason.CONDITION_UNKNOWN.value)
        state = roster.of(row.person_id).state
        now = request.at if state.position is None else max(request.at, state.position[0])
        place = roster.place_of(row.person_id)
        is_own = (
            place is not None
            and (place.decision_id, place.holder) == (row.id, request.holder)
            and request.holder is not None
        )
        reason = confirm(
            roster.ruleset,
            state,
            guide,
            now=now,
            person=identity.first_id(connection, row.person_id),
            trigger=_trigger(connection, row),
            # A browser that says nothing is still where it was when the guide was decided.
            context=read_context(
                {**(row.context or {}), **(request.context or {})}, asked_for=guide if _is_wanted(row) else None
            ),
            around=around_of(connection, roster, row.person_id, places=() if is_own else places_at(place, now)),
        )
        roster.save(now=now)
        if not reason.shows:
            return Confirmation(False, reason.value)
        if not _is_launcher(ruleset, guide):
            until = Instant(now + RESERVED_FOR)
            kept = Reserved(row.person_id, row.project_id, row.id, guide, request.holder, until)
            decisions.reserve(connection, kept)
        decisions.set_confirmed(connection, row.id, now)
        return Confirmation(True, reason.value)

    def _row(
        self, roster: Roster, wish: Wish, decision: Decision, triggers: Sequence[Woken], now: Instant
    ) -> DecisionRow:
        winner = decision.winner
        goes_out = winner is not None or bool(decision.launchers)
        return DecisionRow(
            id=f"dec_{self._new_id()}",
            project_id=roster.project_id,
            person_id=wish.person.id,
            time=now,
            revision=decision.revision,
            trigger=ASKED_FOR if wish.guide is not None else ", ".join(trigger_names(triggers)) or None,
            guide=winner.guide if winner is not None else None,
            variant=winner.variant if winner is not None else None,
            held_out=decision.held_out,
            reasons={reason.value: count for reason, count in decision.counts.items()},
            woken=_WANTED if wish.guide is not None else _woken(winner),
            context=_read_members(wish.context) if goes_out else None,
        )


def _base(request: Confirming) -> str:
    """The id of the decision itself; a launcher's own follows it after a dot."""
    return request.decision_id.partition(".")[0]


def _keep_late(connection: Connection, rows: Sequence[DecisionRow]) -> None:
    """Write rows a moment after the decision: for whom the people are by now, and not for whom was erased."""
    people = identity.people_today(connection, [row.person_id for row in rows])
    decisions.add(
        connection, [replace(row, person_id=people[row.person_id]) for row in rows if row.person_id in people]
    )


def _serve(
    ruleset: RuleSet, decision: Decision, row: DecisionRow, speak: Callable[[GuideDecision], Content]
) -> Iterator[Served]:
    """What goes out; a guide whose words cannot be made shows nothing, is reported, and hides no other."""
    winner = () if decision.winner is None else (decision.winner,)
    for decided in (*winner, *decision.launchers):
        try:
            content = speak(decided)
        except Exception:
            _log.exception("the words of guide `%s` could not be made, and it was not shown", decided.guide)
            continue
        yield Served(
            # Launchers take no place and have no row: they are told by the decision that they came with.
            id=f"{row.id}.{decided.guide}" if _is_launcher(ruleset, decided.guide) else row.id,
            guide=decided.guide,
            kind=decided.kind,
            variant=decided.variant,
            content=content,
            wait=None if decided.wait is None else dict(decided.wait),
            priority=decided.priority,
            expires=decided.expires,
            keep=keep_of(ruleset.by_name[decided.guide], decided, is_asked_for=_is_wanted(row)),
        )


def _woken(winner: GuideDecision | None) -> Mapping[str, JsonValue] | None:
    return keep(winner.trigger) if winner is not None and winner.trigger is not None else None


def _is_wanted(row: DecisionRow) -> bool:
    """True for a decision about a guide that was asked for by its name."""
    return row.woken == _WANTED


def _read_members(context: Mapping[str, JsonValue] | None) -> dict[str, JsonValue]:
    """The part of a context that anything is read from."""
    return {name: value for name, value in (context or {}).items() if name in MEMBERS}


def around_of(connection: Connection, roster: Roster, person_id: int, *, places: Sequence[Reservation]) -> Surroundings:
    """What a decision asks beyond the person's own state; what no rule asks for is not read."""
    ruleset, state = roster.ruleset, roster.of(person_id).state
    return Surroundings(
        account=_account(connection, roster, state) if ruleset.plan.attributes.get(Source.ACCOUNT) else None,
        others=lambda: [account_slots(ruleset.plan, person.state) for person in roster.others(person_id)],
        log=lambda: roster.whole_history(person_id),
        responses=projections.submissions(connection, roster.project_id, ruleset.stops),
        reservations=places,
    )


def _account(connection: Connection, roster: Roster, state: UserState) -> Mapping[str, JsonValue] | None:
    if state.account_id is None:
        return None
    known = accounts.load(connection, roster.project_id, [state.account_id]).get(state.account_id)
    return known.traits if known is not None else None


def places_at(place: Reserved | None, now: Instant) -> Sequence[Reservation]:
    """The place as long as it is reserved; at exactly the end it is free again."""
    if place is None or place.until <= now:
        return ()
    return (Reservation(place.guide, Instant(place.until - RESERVED_FOR), place.until),)


def _hold_out(connection: Connection, roster: Roster, person: Person, row: DecisionRow) -> None:
    """Write that a person was held out, into the log and into their state, as if it had been sent."""
    (number,) = log.next_numbers(connection, 1)
    event = Event(
        seq=number,
        message_id=f"held_out {row.id}",
        kind=EventKind.TRACK,
        name=GuideEvent.HELD_OUT.value,
        time=row.time,
        received=row.time,
        user_id=person.user_id,
        anonymous_id=None if person.user_id is not None else person.first_id,
        properties={"guide": row.held_out, "decision": row.id},
        context={"simulated": True} if person.simulated else {},
    )
    log.claim(connection, [(roster.project_id, event.message_id)])
    taken = Taken(event, simulated=person.simulated, session_id=None, clamped=False)
    filed = [Filed(roster.project_id, person.id, taken, event)]
    log.append(connection, filed)
    exposures.take_in(connection, filed)
    roster.bring(person.id, [event])
    person.expose(row.time)


def _is_launcher(ruleset: RuleSet, guide: str) -> bool:
    found = ruleset.by_name.get(guide)
    return found is not None and found.is_launcher


def _trigger(connection: Connection, row: DecisionRow) -> Woken | None:
    if row.woken is None or _is_wanted(row):
        return None
    number = number_of(row.woken)
    event = log.by_number(connection, [number]).get(number)
    return None if event is None else revive(row.woken, event)
