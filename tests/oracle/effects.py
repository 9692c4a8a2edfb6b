"""What became of people after a guide, in plain Python over a list of events: the oracle of `engine.analytics.arms`.

The guide is `g`; its goal is `goal`; it stands at the second step of a journey `a`, `b`, `c`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Happening(NamedTuple):
    """One event, in the order of receipt. about: the guide that it is about."""

    person: int
    name: str
    time: int
    about: str | None = None
    score: int | None = None


STEPS = ("a", "b", "c")
GUIDE = {"$shown", "$started", "$held_out", "$dismissed", "$answered"}
Counts = Mapping[tuple[str, int], Mapping[str, tuple[int, int]]]
"""By arm and day, by what: of how many, how many."""


def arms(events: Sequence[Happening], decided: Sequence[tuple[int, int]]) -> dict[int, tuple[str, int]]:
    """By person: the arm, and the moment."""
    shown, held = defaultdict(list), defaultdict(list)
    for person, time in decided:
        shown[person].append(time)
    for each in events:
        if each.about == "g" and each.name in {"$shown", "$started"}:
            shown[each.person].append(each.time)
        if each.about == "g" and each.name == "$held_out":
            held[each.person].append(each.time)
    counting = {each.person for each in events if each.name not in GUIDE}
    found = {}
    for person in sorted({*shown, *held} & counting):
        times = [*shown[person], *held[person]]
        arm = "both" if shown[person] and held[person] else "shown" if shown[person] else "held out"
        found[person] = (arm, min(times))
    return found


def counts(
    events: Sequence[Happening], decided: Sequence[tuple[int, int]], *, within: int, gives_up: int, now: int, goal: bool
) -> Counts:
    """goal: whether there is one; else the goal is to reach the step where one stood."""
    found: dict[tuple[str, int], dict[str, tuple[int, int]]] = defaultdict(lambda: defaultdict(lambda: (0, 0)))
    for person, (arm, at) in arms(events, decided).items():
        own = [each for each in events if each.person == person]
        cell = found[arm, (at + within) // 86_400_000_000]

        def add(name: str, is_in: bool, has: bool, cell: Any = cell) -> None:
            n, count = cell[name]
            cell[name] = (n + is_in, count + (is_in and has))

        def came(names: set[str], length: int, about: Any = None, own: Any = own, at: int = at) -> bool:
            return any(
                each.name in names and at < each.time <= at + length and (about is None or about(each.about))
                for each in own
            )

        reached = [place for place, step in enumerate(STEPS) if any(e.name == step and e.time <= at for e in own)]
        stood = max(reached, default=-1) + 1 == 1
        is_over = at + within <= now
        add("people", True, True)
        if goal:
            add("goal", is_over, came({"goal"}, within))
        else:
            add("goal", is_over and stood, came({"b"}, within))
        add("step", at + gives_up <= now and stood, came({"b"}, gives_up))
        add("friction", is_over, came({"$rage_click"}, within))
        add("dismissed", is_over, came({"$dismissed"}, within, lambda about: about == "g"))
        add("dismissed_others", is_over, came({"$dismissed"}, within, lambda about: about != "g"))
        add("answered", is_over, came({"$answered"}, within, lambda about: about != "g"))
        scores = [
            each.score
            for each in own
            if each.name == "$answered" and each.about == "s" and at < each.time <= at + within and each.score
        ]
        # An effort of 1 to 7 is a valence of −1 to 1, in ten-thousandths.
        felt = None if not scores else round(sum(round((each - 4) / 3 * 10_000) for each in scores) / len(scores))
        if is_over and felt is not None:
            n, total = cell["felt"]
            cell["felt"] = (n + 1, total + felt)
    return found
