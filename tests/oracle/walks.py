"""A journey in plain Python, and straight from the rules of `docs/reference/records.md`: one event after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Happening(NamedTuple):
    """One event, in the order of receipt. page: where it happened, or the page viewed (`$page`). Times in seconds."""

    person: int
    name: str
    time: int
    page: str | None = None


@dataclass(frozen=True)
class Design:
    """Of each step the events that reach it, that attempt it, and its pages; how long one waits, in seconds."""

    reached: Sequence[Sequence[str]]
    attempted: Sequence[Sequence[str]]
    pages: Sequence[Sequence[str]]
    gives_up: int


TRYING = {"$error_click", "$error_shown", "$retry", "$form_abandoned", "$field_reentered", "$rage_click", "$dead_click"}
SIGNALS = TRYING | {"$loop", "$hesitation"}


@dataclass
class Visit:
    """What happened to one person at one step."""

    entered: int | None = None
    reached: int | None = None
    passed: int | None = None
    tried: bool = False
    left: str = ""
    signals: Counter[str] = field(default_factory=Counter)
    unplanned: Counter[str] = field(default_factory=Counter)
    loops: int = 0


def walk(events: Sequence[Happening], design: Design, now: int) -> dict[int, list[Visit]]:
    """What happened to everybody at each step; `left` says by what they left it: on, over, gone, waiting."""
    return {person: _walk(_of(events, person), design, now) for person in {each.person for each in events}}


def _of(events: Sequence[Happening], person: int) -> list[Happening]:
    return sorted((each for each in events if each.person == person), key=lambda each: each.time)


def _walk(own: list[Happening], design: Design, now: int) -> list[Visit]:
    steps = range(len(design.reached))
    visits = [Visit() for _ in steps]
    visits[0].entered = own[0].time
    stands, last = 0, own[0].time
    latest_touch: set[int] = set()
    for event in own:
        reaches = {k for k in steps if event.name in design.reached[k]}
        attempts = {k for k in steps if event.name in design.attempted[k]}
        views = {k for k in steps if event.name == "$page" and event.page in design.pages[k]}
        touched = reaches | attempts | views
        here = visits[stands] if stands < len(visits) else None
        if event.name in SIGNALS:
            _signal(visits, stands, event, design)
            continue
        if touched:
            last = event.time
            back = {k for k in touched if visits[k].reached is not None and k not in latest_touch}
            if here is not None and any(k < stands for k in back):
                here.loops += 1
            latest_touch = touched
        elif here is not None and event.name != "$page" and not event.name.startswith("$"):
            here.unplanned[event.name] += 1
        for k in attempts:
            visits[k].tried |= visits[k].entered is not None
        stands = _reach(visits, stands, reaches, event.time)
    for k, visit in enumerate(visits):
        if not visit.left and visit.entered is not None and k == stands:
            visit.left = "gone" if now - max(last, visit.entered) >= design.gives_up else "waiting"
    return visits


def _reach(visits: list[Visit], stands: int, reaches: set[int], time: int) -> int:
    new = {k for k in reaches if visits[k].reached is None}
    for k in new:
        visits[k].reached = time
    if not new or max(new) < stands:
        return stands
    for k in range(stands, max(new)):
        visits[k].passed = time
    if stands < len(visits):
        visits[stands].left = "on" if stands in new else "over"
    following = max(new) + 1
    if following < len(visits):
        visits[following].entered = time
    return following


def _signal(visits: list[Visit], stands: int, event: Happening, design: Design) -> None:
    own = {k for k in range(len(visits)) if event.page in design.pages[k]}
    come = [k for k in range(len(visits)) if visits[k].entered is not None and (not own or k in own)]
    if stands in come:
        at = stands
    elif own and come:
        at = come[-1]
    else:
        return
    visits[at].signals[event.name] += 1
    if event.name in TRYING:
        visits[at].tried = True
