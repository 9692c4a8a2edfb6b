"""The board: the items in columns, by timebox or by status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.console.desk import Desk
from api.console.planning.briefs import brief, quick_fill
from dsl.values import Instant
from engine.roadmap.board import UNTIMED, Board, Line
from engine.roadmap.items import ItemStatus
from engine.roadmap.quadrants import Range
from engine.roadmap.sheets import range_in_words
from engine.roadmap.timeboxes import Timebox, month_of, quarter_of


class Columns(StrEnum):
    """What the columns are."""

    TIMEBOX = "timebox"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Card:
    """An item on the board, with what moving it and what changing it takes."""

    line: Line
    brief: Mapping[str, Any]
    fill: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. value: what an item is given that is put there; None for nothing. is_past: its time is over."""

    title: str
    value: str | None
    cards: tuple[Card, ...]
    is_past: bool = False

    @property
    def effort(self) -> str:
        """What all of it takes, where it is known."""
        known = [each.line.effort for each in self.cards if each.line.effort is not None]
        if not known:
            return ""
        low, high = sum(each.low for each in known), sum(each.high for each in known)
        return range_in_words(Range(low, high), "days")


def show(board: Board, desk: Desk, by: Columns) -> dict[str, Any]:
    """What the board shows."""
    lines = board.lines if by is Columns.STATUS else _kept(board.lines)
    columns = _by_status(lines, desk) if by is Columns.STATUS else _by_timebox(lines, desk, desk.rules.now)
    return {
        "columns": columns,
        "by": by,
        "told": sentence(columns, by, now=desk.rules.now),
        "dropped": len(board.lines) - len(lines),
    }


def card(line: Line, desk: Desk) -> Card:
    """An item with what moving it and what changing it takes."""
    return Card(line, brief(line, desk), quick_fill(line, desk))


def sentence(columns: Sequence[Column], by: Columns, *, now: Instant) -> str:
    """What the board shows, in words."""
    number = sum(len(column.cards) for column in columns)
    if by is Columns.STATUS:
        told = ", ".join(f"{len(column.cards)} {column.title}" for column in columns if column.cards)
        return f"{number} items: {told}." if told else "No item yet."
    month = month_of(now)
    soon = sum(each.line.item.draft.timebox in (month, quarter_of(now)) for column in columns for each in column.cards)
    late = sum(_is_late(each.line, now) for column in columns for each in column.cards)
    said = f"{number} items; {soon} of them for {month} or {quarter_of(now)}."
    return f"{said} {late} should be done and {'is' if late == 1 else 'are'} not." if late else said


def _kept(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.item.draft.status is not ItemStatus.DROPPED]


def _by_status(lines: Sequence[Line], desk: Desk) -> list[Column]:
    return [
        Column(status.value, status.value, _cards([each for each in lines if each.item.draft.status is status], desk))
        for status in ItemStatus
    ]


def _by_timebox(lines: Sequence[Line], desk: Desk, now: Instant) -> list[Column]:
    """The timeboxes that are used, and those that the quadrants propose; before them what has none."""
    month, quarter = month_of(now), quarter_of(now)
    offered = {month, month.next, quarter.next, quarter.next.next}
    used = {line.item.draft.timebox for line in lines} - {None}
    boxes: list[Timebox] = sorted(offered | {each for each in used if each is not None}, key=lambda each: each.order)
    found = [Column(UNTIMED, None, _cards([each for each in lines if each.item.draft.timebox is None], desk))]
    for box in boxes:
        cards = _cards([each for each in lines if each.item.draft.timebox == box], desk)
        found.append(Column(str(box), str(box), cards, is_past=box.end <= now))
    return found


def _cards(lines: Sequence[Line], desk: Desk) -> tuple[Card, ...]:
    return tuple(card(line, desk) for line in lines)


def _is_late(line: Line, now: Instant) -> bool:
    timebox = line.item.draft.timebox
    return timebox is not None and timebox.end <= now and line.item.draft.status is not ItemStatus.LAUNCHED
