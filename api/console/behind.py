"""Who is behind a figure, as Users lists them: every number of people on Find and Trace leads there, on the map
those of the real paths, and those of heat maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Response

from api import tables
from api.analyses import as_file
from api.console.desk import Desk
from api.console.figures import funnels, heat, maps, paths
from api.console.figures.named import NoFigure
from engine.analytics.tables import USER_COLUMNS, user_rows
from engine.errors import WaypostError

PER_PAGE: Final = 100
_BY: Final = (funnels.named, paths.named, maps.named)
"""What reads whom an address names, for each page that has figures of a journey."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A page of the users behind a figure. told: of what. page: where it stands. fault: why there is no such figure."""

    told: str
    page: str = "find"
    users: tuple[str, ...] = ()
    next: str | None = None
    file: str | None = None
    first: str | None = None
    fault: str | None = None


def behind(desk: Desk) -> Behind | Response | None:
    """The users behind the figure that the address names, or all of them as a file; None where it names none."""
    journey = desk.journey
    wants_file, after = desk.said.get("format") == "csv", desk.said.get("after", "")
    try:
        who = heat.named(desk)
        if who is None and journey is not None:
            who = next((found for named in _BY if (found := named(desk, journey)) is not None), None)
        if who is None:
            return None
        page = who.ask("", tables.ALL) if wants_file else who.ask(after, PER_PAGE)
    except (WaypostError, NoFigure) as error:
        return Behind("", fault=f"There is no such figure: {error}.")
    if wants_file:
        return as_file(user_rows(page.users), list(USER_COLUMNS), "csv", name="users")
    return Behind(
        told=who.told,
        page=who.page,
        users=page.users,
        next=None if page.next is None else desk.here(after=page.next),
        file=desk.here(format="csv", after=None),
        first=desk.here(after=None) if after else None,
    )
