"""How often one user may see one guide.

Counts exposures: shows (visible for a second, told by the browser), times the user was held out, and places that a
confirmation has just reserved. Decides for one guide; caps across guides are in `engine.arbitration`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dsl.clauses import one
from dsl.nodes import Ending, Frequency, Guide, GuideKind
from dsl.values import MINUTE, Duration, Instant
from engine.exposures import GuideHistory
from engine.reasons import Reason

NO_SESSION_GAP = Duration(30 * MINUTE)
"""Where a user is in no session (nothing came from a browser), the last 30 minutes stand in for one."""


@dataclass(frozen=True, slots=True)
class FrequencyCap:
    """What the frequency clause of a guide says.

    every: again at exposure + every. at_most: this many exposures, in `per` where given, else ever.
    until: ends with that. per_session: once per session, the default without a clause.
    ends_when_completed: False for a survey that returns (`once every`) and for a launcher that is always there.
    """

    every: Duration | None = None
    at_most: int | None = None
    per: Duration | None = None
    until: Ending | None = None
    per_session: bool = False
    ends_when_completed: bool = True


@dataclass(frozen=True, slots=True)
class Exposures:
    """What one user has seen of one guide, up to now.

    times: of exposures, ascending; the latest ones where there were very many. count: of all of them.
    dismissed: closed for good: the close control, Escape or a `dismisses` button, not a click outside.
    snoozed_until, snooze_is_open: the end of the last snooze, and whether the guide was not exposed since that end.
    """

    times: Sequence[Instant] = ()
    count: int = 0
    completed: bool = False
    answered: bool = False
    dismissed: bool = False
    snoozed_until: Instant | None = None
    snooze_is_open: bool = False

    def since(self, start: Instant, *, inclusive: bool) -> int:
        """How many exposures there were since an instant."""
        return sum(1 for time in self.times if time > start or (inclusive and time == start))

    def is_due_after_snooze(self, now: Instant) -> bool:
        """True once a snooze is over, at its very end already, until the guide is exposed again."""
        return self.snooze_is_open and self.snoozed_until is not None and now >= self.snoozed_until


NEVER = Exposures()


def exposures_of(history: GuideHistory | None, held: Iterable[Instant] = ()) -> Exposures:
    """What a history says of frequency; held: instants at which a place was reserved."""
    history = GuideHistory() if history is None else history
    reserved = list(held)
    return Exposures(
        times=sorted([*history.shown, *history.held_out, *reserved]),
        count=history.shown_count + history.held_out_count + len(reserved),
        completed=history.completed_at is not None,
        answered=history.first_answered_at is not None,
        dismissed=history.closed_at is not None,
        snoozed_until=history.snoozed_until,
        # A reserved place is the one more time that the snooze gave.
        snooze_is_open=not history.snooze_used
        and not any(at >= history.snoozed_until for at in reserved if history.snoozed_until is not None),
    )


def cap_of(guide: Guide) -> FrequencyCap:
    """The cap that a guide's clauses give."""
    if guide.kind is GuideKind.FEEDBACK:
        return _feedback_cap(one(guide, Frequency))
    clause = one(guide, Frequency)
    if clause is None:
        return FrequencyCap(per_session=True)
    return FrequencyCap(
        every=clause.every.length if clause.every is not None else None,
        at_most=clause.at_most,
        per=clause.per.length if clause.per is not None else None,
        until=clause.until,
        ends_when_completed=not (guide.kind is GuideKind.SURVEY and clause.every is not None),
    )


def _feedback_cap(clause: Frequency | None) -> FrequencyCap:
    # A launcher is always there: seeing it, or having used it, uses nothing up unless a clause says so.
    if clause is None:
        return FrequencyCap(ends_when_completed=False)
    return FrequencyCap(
        every=clause.every.length if clause.every is not None else None,
        at_most=clause.at_most,
        per=clause.per.length if clause.per is not None else None,
        until=clause.until,
        ends_when_completed=False,
    )


def capped_by(cap: FrequencyCap, seen: Exposures, *, now: Instant, session_start: Instant | None) -> Reason | None:
    """Why the guide may not be shown to this user again now, or None where it may.

    session_start: of the session that the user is in, None outside of one.
    """
    if _has_ended(cap, seen):
        return Reason.FREQUENCY_CAPPED
    if seen.snoozed_until is not None and seen.snooze_is_open and now < seen.snoozed_until:
        return Reason.SNOOZED
    if seen.is_due_after_snooze(now):
        return None
    return Reason.FREQUENCY_CAPPED if _is_used_up(cap, seen, now=now, session_start=session_start) else None


def _has_ended(cap: FrequencyCap, seen: Exposures) -> bool:
    if seen.completed and cap.ends_when_completed:
        return True
    return (
        (cap.until is Ending.ANSWERED and seen.answered)
        or (cap.until is Ending.COMPLETED and seen.completed)
        or (cap.until is Ending.DISMISSED and seen.dismissed)
    )


def _is_used_up(cap: FrequencyCap, seen: Exposures, *, now: Instant, session_start: Instant | None) -> bool:
    if not seen.count:
        return False
    if cap.per_session:
        return shown_in_session(seen, now=now, session_start=session_start) > 0
    # At exactly the end of a period the guide is free again.
    if cap.every is not None and seen.times and now < seen.times[-1] + cap.every:
        return True
    if cap.at_most is None:
        return False
    count = seen.count if cap.per is None else seen.since(Instant(now - cap.per), inclusive=False)
    return count >= cap.at_most


def shown_in_session(seen: Exposures, *, now: Instant, session_start: Instant | None) -> int:
    """How often the guide was exposed in the session that the user is in."""
    if session_start is None:
        return seen.since(Instant(now - NO_SESSION_GAP), inclusive=False)
    return seen.since(session_start, inclusive=True)
