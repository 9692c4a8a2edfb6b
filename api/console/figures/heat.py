"""The figures of heat maps: of which page and whom the page asks, and who is behind each figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from api.console.desk import Desk
from api.console.figures.named import Named, NoFigure, of_persona, read
from api.console.linking import url_if
from api.console.periods import back
from api.schemas.heat import HeatUsersAskedSchema, read_behind_heat
from dsl.values import DAY, Duration, Instant
from engine.analyst import UsersBehind
from engine.analytics.heat_behind import Behind, Figure
from engine.heat import DEVICES, HeatAsked, users_behind_heat

PERIODS: Final[Mapping[str, str]] = {"30": "last 30 days", "7": "last 7 days", "91": "last 13 weeks", "all": "ever"}
DID: Final[Mapping[Figure, str]] = {
    Figure.SEEN: "saw the page",
    Figure.WATCHED: "saw the page while clicks were gathered",
    Figure.CLICKS: "clicked",
    Figure.RAGE: "clicked in rage",
    Figure.DEAD: "clicked and nothing happened",
    Figure.ERRORS: "clicked and met an error",
    Figure.SCROLL: "saw the page down to",
    Figure.HESITATED: "hesitated at",
    Figure.REENTERED: "corrected",
    Figure.GAVE_UP: "gave up the form",
}
"""What those behind a figure did, in words."""


class HeatLinks:
    """The addresses of the users behind each figure of a page; None for who may not see users."""

    def __init__(self, desk: Desk, page: str) -> None:
        self._desk = desk
        kept = {name: desk.said.get(name) for name in ("days", "device")}
        self._place = {**kept, "on": page, "journey": None, "step": None, "condition": None}

    def to(self, figure: str, **more: Any) -> str | None:
        """Of a figure; with the selector, the depth or the form that it is of."""
        return url_if(self._desk, "users", **self._place, heat=figure, **more)


def heat_asked(desk: Desk, page: str) -> HeatAsked:
    """What is asked of a page, as the address says it."""
    return HeatAsked(
        page=page,
        since=since_of(desk),
        where=desk.persona_where,
        device=device_of(desk),
        everyone=desk.everyone,
        with_simulated=desk.with_simulated,
    )


def since_of(desk: Desk) -> Instant | None:
    """When the period begins that the address names; None for ever."""
    days = days_of(desk)
    return None if days == "all" else back(Duration(int(days) * DAY), desk.rules.now)


def days_of(desk: Desk) -> str:
    """The period that the address names."""
    said = desk.said.get("days", "")
    return said if said in PERIODS else next(iter(PERIODS))


def device_of(desk: Desk) -> str | None:
    """The device that the address names."""
    said = desk.said.get("device")
    return said if said in DEVICES else None


def named(desk: Desk) -> Named | None:
    """Whom the address names by a figure of a heat map; None where it names none. Raises NoFigure."""
    figure, page = desk.said.get("heat"), desk.said.get("on")
    if not figure:
        return None
    if not page:
        raise NoFigure("a heat map is of a page")
    said = {name: desk.said[name] for name in ("selector", "depth", "form") if desk.said.get(name)}
    who = read_behind_heat(read(HeatUsersAskedSchema, {**said, "figure": figure, "page": page}))
    asked = heat_asked(desk, page)

    def ask(after: str, limit: int) -> UsersBehind:
        return users_behind_heat(desk.analyst, desk.project.id, asked, who, desk.rules, after=after, limit=limit)

    return Named(f"{_in_words(who)} on {page}, {PERIODS[days_of(desk)]}{of_persona(desk)}", "heat", ask)


def _in_words(who: Behind) -> str:
    did = f"Users who {DID[who.figure]}"
    if who.figure is Figure.SCROLL:
        return f"{did} {who.depth or 10} % of its height"
    if who.figure is Figure.GAVE_UP:
        ended = "" if who.selector is None else f" and ended at “{who.selector}”"
        return f"{did}{'' if who.form is None else f' “{who.form}”'}{ended}"
    return did if who.selector is None else f"{did} “{who.selector}”"
