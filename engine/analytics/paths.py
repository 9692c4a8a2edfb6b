"""What came before: the last steps of those who left, or who came to an event, beside the same stretch of the others.

The rules, which every engine and the oracle in `tests/oracle/backward.py` follow (`docs/reference/paths.md`):

* somebody came to the goal if one chain of events leads through all steps before it to the goal, as `then` in a rule
  does (by time, then order of receipt), within the window from its entry; without steps anybody who did the goal did;
* who came through all steps and not to the goal has left; the drop moment is the last event inside the window after the
  latest stuck step, without a window that of its session; without steps, that of the latest session;
* who left so lately that they may still go on is in neither group: until the window is over, without one until the
  patience is; within a session also only until half an hour after its latest event;
* a path ends with the drop moment (included) or the first event that is the goal (not included), and reaches back N
  steps, no further than the beginning of that session. A step is a run of the same tracked event without `$`;
* what is contrasted is everything in that stretch: events, pages, signs of friction, each once a unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dsl.values import DAY, Duration, Instant
from engine.analytics.chains import chained, received
from engine.analytics.conversion import SESSION_GAP, with_unit
from engine.analytics.funnels import Unit
from engine.analytics.history import History
from engine.analytics.neighbours import is_tracked
from engine.analytics.wheres import StepEvent, marked
from engine.errors import WaypostError
from engine.friction import SIGNAL_EVENTS

if TYPE_CHECKING:
    import ibis

    Table: TypeAlias = ibis.Table

STEPS: Final = 5
"""How many steps a path reaches back, unless said otherwise."""
MOST_STEPS_BACK: Final = 12
GIVES_UP_AFTER: Final = Duration(7 * DAY)
"""How long after the stuck step somebody may still go on, where the journey does not say."""
EVENT, PAGE, FRICTION = "event", "page", "friction"
HAPPENED: Final = (EVENT, PAGE, FRICTION)
"""What happens on a path, by kind."""
UNITS: Final = (Unit.USER, Unit.SESSION)
"""Whose paths there are."""
NO_PATH: Final = "(no path)"


class BadStretch(WaypostError):
    """A number of steps back that nobody can draw."""

    code = "paths_steps_back"

    def __init__(self) -> None:
        super().__init__(f"a path reaches back 1 to {MOST_STEPS_BACK} steps")


class NoPathsOfAccounts(WaypostError):
    """Paths of something else than users or sessions."""

    code = "paths_unit"

    def __init__(self) -> None:
        super().__init__("paths are those of users or of sessions: leave `account` out")


@dataclass(frozen=True, slots=True)
class PathQuestion:
    """What is asked of a history.

    steps: for each step before the goal the events that are one; goal: those that were missed, or come to. wants_goal:
    the paths drawn are those to the goal, the others are of who never came there; else the other way about. window:
    microseconds from the entry. back: steps. gives_up: how long after the stuck step one waits. since: only who left
    or came there later.
    """

    steps: tuple[tuple[StepEvent, ...], ...]
    goal: tuple[StepEvent, ...]
    now: Instant
    wants_goal: bool = False
    window: Duration | None = None
    unit: Unit = Unit.USER
    back: int = STEPS
    gives_up: Duration = GIVES_UP_AFTER
    since: Instant | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.back <= MOST_STEPS_BACK:
            raise BadStretch
        if self.unit not in UNITS:
            raise NoPathsOfAccounts


def ends(history: History, question: PathQuestion) -> Table:
    """One row a unit that came through all steps: `unit`, `person`, `came` (to the goal), `end_time` and `end_seq` of
    the goal or the latest stuck step, `until` (the window's end; null: none), `is_open` (may still go on).
    """
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    last, goal = len(question.steps) - 1, len(question.steps)
    columns = {f"step_{number}": found for number, found in enumerate((*question.steps, question.goal))}
    events = with_unit(history, question.unit)
    only = ["unit", "person", "time", "seq"]
    if question.unit is Unit.SESSION:
        # When each session is over, of all that is in it.
        events = events.mutate(over=events.time.max().over(ibis.window(group_by="unit")) + SESSION_GAP)
        only.append("over")
    names = sorted({event.name for found in columns.values() for event in found})
    named = events.name.isin(names)
    events = events.filter(named if question.steps else named | _is_shown(events))
    rows = marked(events, columns, history.engine, only=only)
    if question.steps:
        candidates = received(rows, goal + 1, distinct=len(names) == sum(map(len, columns.values())))
        rows = chained(candidates, goal + 1, question.window, keeps_all_of=last)
        rows = rows.mutate(is_goal=rows.step == goal, is_stuck=rows.step == last)
    else:
        rows = rows.mutate(entry=rows.time, is_goal=rows.step_0, is_stuck=ibis.literal(True))
    whole = ibis.window(group_by="unit")
    rows = rows.mutate(
        goal_time=rows.time.min(where=rows.is_goal).over(whole),
        stuck_time=rows.time.max(where=rows.is_stuck).over(whole),
    )
    found = rows.group_by(["unit", "person"]).agg(
        goal_at=rows.goal_time.min(),
        goal_seq=rows.seq.min(where=rows.is_goal & (rows.time == rows.goal_time)),
        stuck_at=rows.stuck_time.min(),
        stuck_seq=rows.seq.max(where=rows.is_stuck & (rows.time == rows.stuck_time)),
        latest_entry=rows.entry.max(where=rows.is_stuck),
        **({"over": rows.over.max()} if question.unit is Unit.SESSION else {}),
    )
    found = found.filter(found.stuck_at.notnull())
    came = found.goal_at.notnull()
    until = ibis.null("int64") if question.window is None or not question.steps else found.latest_entry
    found = found.mutate(
        came=came,
        end_time=ibis.coalesce(found.goal_at, found.stuck_at),
        end_seq=ibis.coalesce(found.goal_seq, found.stuck_seq),
        until=until if question.window is None else until + question.window,
    )
    found = found.mutate(is_open=~found.came & (_waits(found, question) > question.now))
    if question.since is not None:
        found = found.filter(found.end_time >= question.since)
    return found.select("unit", "person", "came", "end_time", "end_seq", "until", "is_open")


def _waits(found: Table, question: PathQuestion) -> Any:
    """Until when who has not come there may still go on."""
    import ibis  # noqa: PLC0415

    if question.unit is Unit.SESSION:
        return ibis.ifelse((found.until < found.over).fill_null(False), found.until, found.over)
    return ibis.coalesce(found.until, found.stuck_at + question.gives_up)


def stretches(history: History, question: PathQuestion, ended: Table) -> Table:
    """The last steps of every unit that has come or left: `unit`, `came`, `place` (1 is the last step), `kind`, `name`,
    `first` and `last` (when, microseconds). At most one row of the kind `event` for each place.
    """
    import ibis  # noqa: PLC0415

    settled = ended.filter(~ended.is_open)
    settled = settled.mutate(until=ibis.ifelse(settled.came, settled.end_time, settled.until))
    rows = _of_sessions(history, settled) if question.unit is Unit.SESSION else _of_users(history, question, settled)
    rows = rows.filter(rows.kind.notnull())
    # Steps alone say whether a step follows another of the same name, whatever page lies between.
    of_kind = ibis.window(group_by=["unit", "kind"], order_by=["time", "seq"])
    previous = rows.name.lag().over(of_kind)
    begins = (rows.kind == EVENT) & (previous.isnull() | (previous != rows.name))
    rows = rows.mutate(begins=ibis.ifelse(begins, 1, 0))
    later = ibis.window(group_by="unit", order_by=["time", "seq"], following=(1, None))
    rows = rows.mutate(place=(rows.begins.sum().over(later).fill_null(0) + 1).cast("int64"))
    rows = rows.filter(rows.place <= question.back)
    return rows.group_by(["unit", "came", "place", "kind", "name"]).agg(first=rows.time.min(), last=rows.time.max())


def _of_sessions(history: History, settled: Table) -> Table:
    """What lies before the end of each unit that is a session: with `kind` (null: nothing that is shown)."""
    own = replace(history, events=history.events.semi_join(settled, "person"))
    rows = with_unit(own, Unit.SESSION)
    rows = rows.select("unit", "time", "seq", **_shown(rows)).join(settled.drop("person"), "unit")
    return rows.filter(_is_upto_end(rows) & _is_no_goal(rows))


def _of_users(history: History, question: PathQuestion, settled: Table) -> Table:
    """What lies before the end of each user, in the session of the end: with `kind` (null: nothing that is shown).

    When that session began is found first, from times alone, so that few events are carried through the sorts.
    """
    import ibis  # noqa: PLC0415

    events = history.events.rename(unit="person")
    ends_in = _last_sessions(events, question, settled.drop("person"))
    rows = events.select("unit", "time", "seq", "session_id", **_shown(events)).join(ends_in, "unit")
    rows = rows.filter(_is_upto_end(rows) & _is_no_goal(rows))
    is_beside = (rows.time >= rows.begun) & (rows.time < rows.over).fill_null(True)
    is_inside = ibis.ifelse(rows.own.isnull(), rows.session_id.isnull() & is_beside, rows.session_id == rows.own)
    return rows.filter(is_inside.fill_null(False))


def _last_sessions(events: Table, question: PathQuestion, settled: Table) -> Table:
    """The settled units with the session of their end, as `conversion.with_unit` numbers sessions: `own`, the id that
    it brought (null: none), when it had `begun`, and when the next began, `over` (null: none did).
    """
    import ibis  # noqa: PLC0415

    rows = events.select("unit", "time", "seq", "session_id").join(settled, "unit")
    rows = rows.filter(_is_upto_end(rows))
    is_after = rows.until.isnull() & (rows.time > rows.end_time)
    rows = rows.mutate(is_after=is_after, is_end=rows.seq == rows.end_seq)
    in_order = ibis.window(group_by="unit", order_by=["time", "seq"])
    rows = rows.mutate(gap=rows.time - rows.time.lag().over(in_order), next=rows.time.lead().over(in_order))
    begins = (rows.gap >= SESSION_GAP).fill_null(True)
    # With a window that of the last event within it, else that of the event at which they stand.
    is_end = rows.next.isnull() if question.window is not None else rows.is_end
    return rows.group_by(["unit", "came", "end_time", "end_seq", "until"]).agg(
        own=rows.session_id.max(where=is_end),
        begun=rows.time.max(where=begins & ~rows.is_after),
        over=rows.time.min(where=begins & rows.is_after),
    )


def _is_upto_end(rows: Table) -> Any:
    """True up to the goal, or to the end of the window; without one also of what comes after."""
    is_after_goal = rows.came & (rows.time == rows.end_time) & (rows.seq > rows.end_seq)
    return (rows.time <= rows.until).fill_null(True) & ~is_after_goal


def _is_no_goal(rows: Table) -> Any:
    return ~rows.came | (rows.seq != rows.end_seq)


def _shown(rows: Table) -> dict[str, Any]:
    """`kind` and `name` as they are shown; no kind for what is neither an event, a page nor a sign of friction."""
    import ibis  # noqa: PLC0415

    is_page, is_signal = rows.kind == "page", rows.name.isin(sorted(SIGNAL_EVENTS))
    kind = ibis.ifelse(is_signal, FRICTION, ibis.null("string"))
    kind = ibis.ifelse(is_page, PAGE, kind)
    name = ibis.ifelse(is_signal, rows.name.substr(1), rows.name)
    return {
        "kind": ibis.ifelse(is_tracked(rows), EVENT, kind),
        "name": ibis.ifelse(is_page, rows.path.fill_null(NO_PATH), name),
    }


def _is_shown(events: Table) -> Any:
    return is_tracked(events) | (events.kind == "page") | events.name.isin(sorted(SIGNAL_EVENTS))
