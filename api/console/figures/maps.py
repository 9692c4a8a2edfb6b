"""The figures of the row of real paths, as the map shows them."""

from __future__ import annotations

from dataclasses import dataclass

from api.console.desk import Desk
from api.console.figures.funnels import walked_in_words
from api.console.figures.named import Named, NoFigure, of_persona
from api.console.linking import url_if
from api.console.mapping.asked import map_asked
from api.planning import cartographer
from dsl.nodes import Journey
from engine.analyst import UsersBehind
from engine.analytics.designs import Walked
from engine.mapping.model import JourneyMap, MapLine
from engine.mapping.words import ANY_PATH, PATH_REF
from engine.stages import step_labels


@dataclass(frozen=True, slots=True)
class Count:
    """The figure at the end of a line: what stands before it, itself, and the address of those it counts."""

    before: str
    figure: str
    href: str


class MapLinks:
    """The addresses of the users behind the real paths of a map as it is now; of a snapshot nobody knows any more who
    they were. period: as the address of the map says it."""

    def __init__(self, desk: Desk, drawn: JourneyMap, period: str) -> None:
        self._desk = desk
        self._map = drawn
        self._period = period

    def count(self, line: MapLine) -> Count | None:
        """The count of a line of the real paths; None where it is none, or for who may not see users."""
        if self._map.taken is not None or not line.ref.startswith(PATH_REF) or not line.n:
            return None
        before, comma, figure = line.text.rpartition(", ")
        href = url_if(
            self._desk,
            "users",
            journey=self._map.journey,
            persona=self._map.persona,
            period=self._period,
            step=None,
            way=line.ref.removeprefix(PATH_REF),
        )
        return None if href is None else Count(before + comma, figure, href)


def named(desk: Desk, journey: Journey) -> Named | None:
    """Whom the address names by a real path of the map; None where it names none. Raises NoFigure, BadTimebox."""
    way = desk.said.get("way")
    if not way:
        return None
    walked = Walked(path=None if way == ANY_PATH else _path(way))
    asked, project = map_asked(desk, journey.name.text), desk.project.id

    def ask(after: str, limit: int) -> UsersBehind:
        found = cartographer().walkers(project, desk.rules, asked, walked, after=after, limit=limit + 1)
        return UsersBehind.page(found, limit)

    period = f", {desk.said['period']}" if desk.said.get("period") else ", in the time of the map"
    told = walked_in_words(walked, list(step_labels(journey).values()))
    return Named(told + of_persona(desk) + period, "map", ask)


def _path(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(number) - 1 for number in text.split(","))
    except ValueError:
        raise NoFigure("a path is the numbers of steps, such as 1,2") from None
