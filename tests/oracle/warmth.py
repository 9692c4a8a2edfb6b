"""A heat map in plain Python, straight from `docs/reference/heat.md`: looked for again for each figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

GATHERED = ("$element_clicks", "$scroll_depth")
CLICKS = {"$rage_click": "rage", "$dead_click": "dead", "$error_click": "errors"}


@dataclass(frozen=True)
class Sent:
    """What a browser sent, in the order of receipt. Times in seconds."""

    person: int
    time: int
    path: str
    name: str
    properties: dict[str, Any] = field(default_factory=dict)


Placed = list[tuple[Sent, tuple[int, str, int]]]


def placed(events: Sequence[Sent], is_page: Callable[[str], bool]) -> Placed:
    """The events of a page, each with the view that it belongs to: how many page views came before it, or are it."""
    mine = [each for each in events if is_page(each.path)]

    def before(one: Sent, place: int) -> int:
        return sum(
            other.name == "$page"
            and (other.person, other.path) == (one.person, one.path)
            and (other.time, number) <= (one.time, place)
            for number, other in enumerate(mine)
        )

    return [(one, (one.person, one.path, before(one, place))) for place, one in enumerate(mine)]


def counts(found: Iterable[tuple[Sent, tuple[int, str, int]]]) -> tuple[int, int]:
    """Views and people."""
    found = list(found)
    return len({view for _, view in found}), len({one.person for one, _ in found})


def clicked(one: Sent) -> list[tuple[str, str]]:
    """What was done to which element in an event."""
    if one.name == "$element_clicks":
        return [("clicks", selector) for selector, _, _ in one.properties["clicks"]]
    return [(CLICKS[one.name], one.properties["selector"])] if one.name in CLICKS else []


def elements(events: Placed) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Of each kind and element how often, by how many people, in how many views."""
    keys = {key for one, _ in events for key in clicked(one)}
    told = {}
    for key in keys:
        having = [(one, view) for one, view in events if key in clicked(one)]
        views, people = counts(having)
        told[key] = (sum(clicked(one).count(key) for one, _ in having), people, views)
    return told


def spots(events: Placed, selector: str) -> dict[tuple[int, int], int]:
    """Where on an element people clicked, in tenths of it."""
    at = [
        (min(9, x // 10), min(9, y // 10))
        for one, _ in events
        if one.name == "$element_clicks"
        for text, x, y in one.properties["clicks"]
        if text == selector
    ]
    return {spot: at.count(spot) for spot in set(at)}


def depths(events: Placed) -> dict[int, tuple[int, int]]:
    """Of each tenth of the page, in how many views it was reached, and by how many people."""
    told = [(one, view) for one, view in events if one.name == "$scroll_depth"]
    return {
        depth: counts((one, view) for one, view in told if one.properties["depth"] >= depth)
        for depth in range(10, 101, 10)
    }


def who(events: Placed, is_one: Callable[[Sent], bool]) -> set[int]:
    """The people of whom there is such an event."""
    return {one.person for one, _ in events if is_one(one)}


def abandonments(events: Placed, form: str) -> list[Sent]:
    """How a form was given up, each time."""
    return [one for one, _ in events if one.name == "$form_abandoned" and one.properties["selector"] == form]


def order_of(given_up: Sequence[Sent]) -> list[str]:
    """The fields of a form: by the mean of their places on the page."""
    places: dict[str, list[int]] = {}
    for one in given_up:
        for each in one.properties["evidence"]["fields"]:
            places.setdefault(each["selector"], []).append(each["place"])
    return sorted(places, key=lambda name: (sum(places[name]) / len(places[name]), name))


def survival(given_up: Sequence[Sent]) -> list[tuple[str, int, int, float]]:
    """Of each field in order: who had not given up before it, who ended there, the share that went on after it."""
    order = order_of(given_up)
    ends = [order.index(one.properties["evidence"]["last"]) for one in given_up]
    return [
        (
            name,
            sum(end >= place for end in ends),
            sum(end == place for end in ends),
            sum(end > place for end in ends) / len(ends),
        )
        for place, name in enumerate(order)
    ]
