"""Whom a figure of a heat map stands for: which of the events that were told it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.analytics.heat import DEPTHS, ClickKind, Told, clicks_of, depth_of
from engine.analytics.heat_forms import form_given_up, hesitated, reentered
from engine.events import HEAT_EVENTS


class Figure(StrEnum):
    """What somebody may be behind: of `seen` who saw the page, of `watched` those of whom clicks were gathered."""

    SEEN = "seen"
    WATCHED = "watched"
    CLICKS = ClickKind.CLICKS.value
    RAGE = ClickKind.RAGE.value
    DEAD = ClickKind.DEAD.value
    ERRORS = ClickKind.ERRORS.value
    SCROLL = "scroll"
    HESITATED = "hesitated"
    REENTERED = "reentered"
    GAVE_UP = "gave-up"


@dataclass(frozen=True, slots=True)
class Behind:
    """A figure of a heat map. selector: of an element or a field, any without; depth: of scrolling, in percent.

    form: of giving up, the form; with a selector, who ended at that field of it.
    """

    figure: Figure
    selector: str | None = None
    depth: int | None = None
    form: str | None = None

    def counts(self, told: Told) -> bool:
        """Whether an event is one of those that the figure counts."""
        return _TESTS[self.figure](told, self)

    def is_of(self, selector: str) -> bool:
        """Whether something at an element or a field is meant."""
        return self.selector in {None, selector}


def _clicked(told: Told, who: Behind) -> bool:
    return any(kind.value == who.figure.value and who.is_of(selector) for kind, selector, _ in clicks_of(told))


def _scrolled(told: Told, who: Behind) -> bool:
    depth = depth_of(told)
    return depth is not None and depth >= (DEPTHS[0] if who.depth is None else who.depth)


def _hesitated(told: Told, who: Behind) -> bool:
    found = hesitated(told)
    return found is not None and who.is_of(found[0])


def _reentered(told: Told, who: Behind) -> bool:
    found = reentered(told)
    return found is not None and who.is_of(found)


def _gave_up(told: Told, who: Behind) -> bool:
    found = form_given_up(told)
    return found is not None and who.form in {None, found.form} and who.is_of(found.last)


_TESTS: Final[Mapping[Figure, Callable[[Told, Behind], bool]]] = {
    Figure.SEEN: lambda *_: True,
    Figure.WATCHED: lambda told, _: told.name in HEAT_EVENTS,
    Figure.CLICKS: _clicked,
    Figure.RAGE: _clicked,
    Figure.DEAD: _clicked,
    Figure.ERRORS: _clicked,
    Figure.SCROLL: _scrolled,
    Figure.HESITATED: _hesitated,
    Figure.REENTERED: _reentered,
    Figure.GAVE_UP: _gave_up,
}
