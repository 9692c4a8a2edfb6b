"""Answers of those who count, with what the log tells of each: who that is today, and on what device.

An answer belongs to the step that the fold has given it (`engine.responses`); here it is only decided who counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.analytics.history import History
from engine.analytics.records import AnswerGiven
from engine.events import GuideEvent


@dataclass(frozen=True, slots=True)
class AnswerAtStep:
    """An answer with the step that it belongs to, and the event, by its `seq`, that it came with."""

    step: str
    seq: int
    given: AnswerGiven


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer that counts. person: who gave it, as of today; user: the id that people know."""

    step: str
    seq: int
    person: int
    user: str
    device: str | None
    given: AnswerGiven


def heard(history: History, answers: Sequence[AnswerAtStep]) -> tuple[Heard, ...]:
    """Those of the answers whose event is one of those who count, in the same order."""
    if not answers:
        return ()
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)
    import pyarrow as pa  # noqa: PLC0415

    wanted = ibis.memtable(pa.table({"answer": pa.array(sorted({each.seq for each in answers}), pa.int64())}))
    events = history.events.filter(history.events.name == GuideEvent.ANSWERED.value)
    events = events.join(wanted, events.seq == wanted.answer).select("seq", "device", who="person")
    told = events.join(history.people.select("person", "user"), events.who == history.people.person)
    rows = {row["seq"]: row for row in history.engine.rows(told.select("seq", "who", "user", "device"))}
    return tuple(
        Heard(
            step=each.step,
            seq=each.seq,
            person=rows[each.seq]["who"],
            user=rows[each.seq]["user"],
            device=rows[each.seq]["device"],
            given=each.given,
        )
        for each in answers
        if each.seq in rows
    )


def by_step(told: Iterable[Heard]) -> Mapping[str, list[AnswerGiven]]:
    """The answers alone, by the step that they belong to."""
    found: dict[str, list[AnswerGiven]] = {}
    for each in told:
        found.setdefault(each.step, []).append(each.given)
    return found


def in_groups(told: Iterable[Heard], groups_of: Callable[[Heard], Iterable[str]]) -> Mapping[str, list[Heard]]:
    """The answers by the groups that each belongs to."""
    found: dict[str, list[Heard]] = {}
    for each in told:
        for group in groups_of(each):
            found.setdefault(group, []).append(each)
    return found
