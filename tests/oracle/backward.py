"""What came before, in plain Python and straight from the rules of `docs/reference/paths.md`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

GAP = 30 * 60
SIGNALS = ("$rage_click", "$loop")


class Happening(NamedTuple):
    """One event, in the order of receipt; `name` of a page is its path. Times in seconds."""

    person: int
    name: str
    time: int
    is_browser: bool = True
    is_page: bool = False
    session: str | None = None


@dataclass(frozen=True)
class Asked:
    """Steps before the goal, and the goal, by name."""

    steps: Sequence[str]
    goal: str
    window: int | None
    back: int
    now: int
    gives_up: int
    by_session: bool = False


Unit = int | str
"""A person, or one session of a person as `waypost` names it: by the id that it brought, else by its number."""
Row = tuple[Unit, bool, int, str, str]
"""Unit, came to the goal, place from the end, kind, name."""


def stretch(events: Sequence[Happening], asked: Asked) -> tuple[set[Row], set[Unit]]:
    """Everything in the last steps of every unit, and which may still go on."""
    rows: set[Row] = set()
    waiting: set[Unit] = set()
    for unit, own in units(events, asked):
        goal, stuck, entry = chain(own, asked)
        if stuck is None:
            continue
        if goal is None:
            until = own[stuck].time + asked.gives_up
            if asked.window is not None and entry is not None:
                until = entry + asked.window
            if asked.by_session:
                over = own[-1].time + GAP
                until = over if asked.window is None or entry is None else min(over, until)
            if until > asked.now:
                waiting.add(unit)
                continue
        rows |= {(unit, goal is not None, *each) for each in before(own, goal, stuck, entry, asked)}
    return rows, waiting


def units(events: Sequence[Happening], asked: Asked) -> Iterator[tuple[Unit, list[Happening]]]:
    """Whose last steps are asked for, each with its events in their order."""
    for person in {each.person for each in events}:
        own = sorted((each for each in events if each.person == person), key=lambda each: each.time)
        if not asked.by_session:
            yield person, own
            continue
        sessions: dict[str, list[Happening]] = {}
        for event, session in zip(own, session_of(own), strict=True):
            name = f"{person}/{'n' if event.session is None else 's'}:{session}"
            sessions.setdefault(name, []).append(event._replace(session=name))
        yield from sessions.items()


def chain(own: Sequence[Happening], asked: Asked) -> tuple[int | None, int | None, int | None]:
    """Where the goal was first reached, where one stood stuck last, and when that chain was entered."""
    goal = stuck = entry = None
    entered: dict[int, int] = {}
    for place, event in enumerate(own):
        for number in reversed(range(len(asked.steps) + 1)):
            name = (*asked.steps, asked.goal)[number]
            if event.name != name or event.is_page:
                continue
            begun = event.time if number == 0 else entered.get(number - 1)
            if begun is None or (number and asked.window is not None and event.time - begun > asked.window):
                continue
            if number == len(asked.steps):
                goal = place if goal is None else goal
                continue
            entered[number] = max(begun, entered.get(number, begun))
            if number == len(asked.steps) - 1:
                stuck, entry = place, entered[number]
    if not asked.steps:
        seen = [place for place, event in enumerate(own) if kind(event) or event.name == asked.goal]
        stuck = seen[-1] if seen else None
    return goal, stuck, entry


def before(
    own: Sequence[Happening], goal: int | None, stuck: int, entry: int | None, asked: Asked
) -> set[tuple[int, str, str]]:
    sessions = session_of(own)
    if goal is not None:
        inside = [place for place in range(goal) if sessions[place] == sessions[goal]]
    elif asked.window is not None and entry is not None:
        upto = [place for place, event in enumerate(own) if event.time <= entry + asked.window]
        inside = [place for place in upto if sessions[place] == sessions[upto[-1]]]
    else:
        inside = [place for place in range(len(own)) if sessions[place] == sessions[stuck]]
    shown = [own[place] for place in inside if kind(own[place])]
    names = [event.name for event in shown if kind(event) == "event"]
    places = len([name for name, _ in groupby(names)]) + 1
    latest = None
    found = set()
    for event in shown:
        if kind(event) == "event" and event.name != latest:
            places, latest = places - 1, event.name
        if places <= asked.back:
            found.add((places, kind(event), event.name.removeprefix("$")))
    return found


def session_of(own: Sequence[Happening]) -> list[str | int]:
    """The session of each event: the one that it brought, else the number of that which the gaps make."""
    numbers: list[str | int] = []
    number = 0
    for place, event in enumerate(own):
        number += place == 0 or event.time - own[place - 1].time >= GAP
        numbers.append(number if event.session is None else event.session)
    return numbers


def kind(event: Happening) -> str:
    if event.is_page:
        return "page"
    if event.name in SIGNALS:
        return "friction"
    return "" if event.name.startswith("$") else "event"
