"""Which tracked events stand next to each other, as `directly then … in one session` of a rule sees them.

A session is that of `engine.sessions`: only what the user's own browser sends begins or prolongs one, everything else
lies in it or in none. Inside it only tracked events without `$` count, and a run of the same name is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.sessions import SESSION_GAP, WITHOUT_EFFECT

if TYPE_CHECKING:
    import ibis


def is_tracked(events: ibis.Table) -> Any:
    """True for the tracked events without `$`: what a product's own people named."""
    return (events.kind == "track") & ~events.name.startswith("$")


def in_sessions(events: ibis.Table) -> ibis.Table:
    """The events that lie in a session of a browser, with its number, `session`, from 1 for each person."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    order = ["time", "seq"]
    prolongs = events.from_browser & ~events.name.isin(sorted(WITHOUT_EFFECT))
    rows = events.mutate(own=ibis.ifelse(prolongs, events.time, ibis.null("int64")))
    before = ibis.window(group_by="person", order_by=order, preceding=(None, 1))
    rows = rows.mutate(last_own=rows.own.max().over(before))
    is_open = (rows.time - rows.last_own < SESSION_GAP).fill_null(False)
    rows = rows.mutate(begins=ibis.ifelse(rows.own.notnull() & ~is_open, 1, 0), is_inside=is_open | rows.own.notnull())
    upto = ibis.window(group_by="person", order_by=order, preceding=None, following=0)
    rows = rows.mutate(session=rows.begins.sum().over(upto))
    return rows.filter(rows.is_inside).drop("own", "last_own", "begins", "is_inside")


def marked_runs(events: ibis.Table, steps: int) -> ibis.Table:
    """The runs of tracked events in sessions: `unit` and `person`, `session`, `run` (its place among the person's), of
    each step k `first_k`, when an event of the run first was one (null: none was), and `last_0`, when one last was the
    first step. events: with `session` and `step_k`.
    """
    import ibis  # noqa: PLC0415

    rows = events.filter(is_tracked(events))
    in_session = ibis.window(group_by=["person", "session"], order_by=["time", "seq"])
    previous = rows.name.lag().over(in_session)
    rows = rows.mutate(begins=ibis.ifelse(previous.isnull() | (previous != rows.name), 1, 0))
    upto = ibis.window(group_by="person", order_by=["time", "seq"], preceding=None, following=0)
    rows = rows.mutate(run=rows.begins.sum().over(upto))
    firsts = {f"first_{number}": rows.time.min(where=rows[f"step_{number}"]) for number in range(steps)}
    runs = rows.group_by(["person", "session", "run"]).agg(**firsts, last_0=rows.time.max(where=rows.step_0))
    return runs.mutate(unit=runs.person)
