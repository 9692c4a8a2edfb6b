"""The intended path beside the real ones: every figure of it has its people, exactly as many as it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import funnel as oracle
import ibis
import pyarrow as pa
import pytest
from backward import Happening

from engine.analytics.conversion import Question
from engine.analytics.designs import Walked, design, people_on_design
from engine.analytics.engines import DuckDB, Engine
from engine.analytics.funnel_answer import Design, Manner
from engine.analytics.history import History
from engine.analytics.wheres import StepEvent
from tests.engine.backwards import history_of

STEPS = ("sign up", "invite", "pay")
ASKED = Question(labels=STEPS, events=tuple((StepEvent(step),) for step in STEPS))

DONE: dict[str, str] = {
    # what each has done, with the second in which it was
    "ada": "sign up 1, invite 2, pay 3",
    "bob": "sign up 1, invite 5",
    "cyd": "sign up 9",
    "dan": "sign up 1, pay 2",
    "eve": "invite 4, pay 6",
    "fay": "pay 1, sign up 2, invite 3",
    "gil": "invite 1, sign up 2, invite 3, pay 4",
    # At the same instant the earlier step of the design comes first.
    "hal": "invite 7, sign up 7, pay 7",
    # Whatever came in between, and how often: only when each was first done.
    "ida": "help 1, sign up 2, help 3, sign up 4, invite 5, sign up 6",
    "jim": "help 1",
}

BEHIND: list[tuple[str, Walked, str]] = [
    ("all who did any step", Walked(), "ada bob cyd dan eve fay gil hal ida"),
    ("as designed", Walked(Manner.DESIGNED), "ada bob cyd hal ida"),
    ("one left out", Walked(Manner.SKIPPED), "dan eve"),
    ("an earlier one later", Walked(Manner.OUT_OF_ORDER), "fay gil"),
    ("came to the last step", Walked(completed=True), "ada dan eve fay gil hal"),
    ("and as designed", Walked(Manner.DESIGNED, completed=True), "ada hal"),
    ("exactly the design", Walked(path=(0, 1, 2)), "ada hal"),
    ("the first two alone", Walked(path=(0, 1)), "bob ida"),
    ("without the second", Walked(path=(0, 2)), "dan"),
    ("the second first", Walked(path=(1, 0, 2)), "gil"),
    ("a path that nobody went", Walked(path=(2, 1)), ""),
]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDB()
    yield engine
    engine.close()


def lived(engine: Engine, events: list[oracle.Event]) -> History:
    """A history of users, with the names that they have."""
    users = sorted({user for user, _, _ in events})
    happenings = [Happening(users.index(user), name, time) for user, name, time in events]
    people = ibis.memtable(pa.table({"person": list(range(len(users))), "user": users}))
    return replace(history_of(engine, happenings), people=people)


def happened() -> list[oracle.Event]:
    told = [(user, *each.strip().rsplit(" ", 1)) for user, text in DONE.items() for each in text.split(",")]
    return [(user, name, int(second)) for user, name, second in told]


def behind(history: History, walked: Walked) -> list[str]:
    return people_on_design(history, ASKED, walked, limit=1_000)


@pytest.mark.parametrize(("_figure", "walked", "users"), BEHIND, ids=[figure for figure, _, _ in BEHIND])
def test_every_figure_of_the_design_has_its_people(engine: Engine, _figure: str, walked: Walked, users: str) -> None:
    assert behind(lived(engine, happened()), walked) == users.split()


def figures(found: Design) -> Iterator[tuple[Walked, int]]:
    """Every figure of a design, with whom it stands for."""
    yield Walked(), found.units
    yield from ((Walked(manner), count) for manner, count in found.manners.items())
    yield Walked(completed=True), found.completed
    yield Walked(Manner.DESIGNED, completed=True), found.direct
    yield from ((Walked(path=each.numbers), each.count) for each in found.paths)


def by_oracle(events: list[oracle.Event], walked: Walked) -> list[str]:
    """Whom a figure stands for, from plain Python."""
    return sorted(
        user
        for user, path in oracle.walked(events, STEPS).items()
        if (walked.manner is None or oracle.manner(path) == walked.manner)
        and (walked.path is None or path == walked.path)
        and (not walked.completed or len(STEPS) - 1 in path)
    )


def test_lists_are_as_long_as_the_figures_say_and_name_whom_the_oracle_names(engine: Engine) -> None:
    draw = Random(5)  # noqa: S311  (a history, not a secret)
    users = [f"u{number:03}" for number in range(300)]
    events = [(draw.choice(users), draw.choice([*STEPS, "help"]), draw.randrange(5)) for _ in range(900)]
    history = lived(engine, events)
    found = design(history, ASKED)
    assert all(found.manners.values())
    for walked, count in figures(found):
        listed = behind(history, walked)
        assert (len(listed), listed) == (count, by_oracle(events, walked)), walked


def test_people_behind_a_figure_of_the_design_come_a_page_at_a_time(engine: Engine) -> None:
    history = lived(engine, happened())
    first = people_on_design(history, ASKED, Walked(Manner.DESIGNED), limit=2)
    rest = people_on_design(history, ASKED, Walked(Manner.DESIGNED), after=first[-1], limit=9)
    assert (first, rest) == (["ada", "bob"], ["cyd", "hal", "ida"])
