"""A journey of four steps, histories of a few people in it, and how an analysis finds them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from walks import Design, Happening

from dsl.compiler import Compiler
from dsl.project import RuleProject, load
from dsl.values import SECOND, Instant
from engine.analytics.engines import Engine
from engine.analytics.groups import Grouping
from engine.analytics.history import History
from engine.analytics.kpi_figures import Period
from engine.analytics.standings import Span, Walk
from engine.plan import plan_for
from engine.product_figures import journey_asked

RULES = """
event "Z"
persona early "Early" where did "A"
journey way "The way" {
  stage s "S" {
    step one "One" reached by "A"
    step two "Two" reached by "B", "AB" attempted by "T" touchpoint "/two" expect within 1 minute
  }
  stage t "T" {
    step three "Three" reached by "C" attempted by "T", "A" touchpoint "/three", "/both"
    step four "Four" reached by "D" touchpoint "/both"
  }
  gives up after 10 minutes
}
"""
DESIGN = Design(
    reached=(("A",), ("B", "AB"), ("C",), ("D",)),
    attempted=((), ("T",), ("T", "A"), ()),
    pages=((), ("/two",), ("/three", "/both"), ("/both",)),
    gives_up=600,
)
STEPS = ("one", "two", "three", "four")
SECONDS = (0, 0, 0, 10, 60, 61, 599, 600, 601, 1200)
NAMES = ("A", "A", "B", "B", "C", "C", "D", "T", "Z", "Y")
PAGES = (None, "/two", "/three", "/both", "/else")
PEOPLE = 150


def random_history(seed: int) -> list[Happening]:
    """Many people, each with up to two dozen events at few instants around the ten minutes after which one has given
    up, so that ties are everywhere."""
    random = Random(seed)  # noqa: S311  (a history, not a secret)
    events = []
    for person in range(1, PEOPLE + 1):
        for _ in range(random.randint(1, 24)):
            name = random.choice((*NAMES, "$page", "$rage_click", "$loop"))
            page = random.choice(PAGES) if name.startswith("$") else None
            events.append(Happening(person, name, random.choice(SECONDS), page))
    random.shuffle(events)
    return events


RANDOM = [
    (1, 1300),
    pytest.param(2, 1200, marks=pytest.mark.thorough),
    pytest.param(3, 10_000, marks=pytest.mark.thorough),
]
"""Seeds, and from when one looks back, in seconds."""


def people(*stories: str) -> list[Happening]:
    """A person for each story, `second:what` separated by blanks; `/two` is a view of a page."""
    told = []
    for person, story in enumerate(stories, 1):
        for word in story.split():
            second, _, what = word.partition(":")
            page = what if what.startswith("/") else None
            told.append(Happening(person, "$page" if page else what, int(second), page))
    return told


def each_alone(number: int) -> Grouping:
    """A group for each of so many people, by their numbers, so that one query tells of all."""
    import ibis

    numbers = list(range(1, number + 1))
    return Grouping(ibis.memtable({"member": numbers, "label": [f"{each:02}" for each in numbers]}))


def rules() -> RuleProject:
    project = load({"way.way": RULES})
    assert project.ok, project.diagnostics
    return project


def walk_at(now: int, *, span: Span | None = None, grouping: Grouping | None = None) -> Walk:
    project = rules()
    return Walk(
        asked=journey_asked("way", project.journeys["way"], Compiler(project)),
        pages=plan_for(project, ()).journeys["way"].pages,
        now=Instant(now * SECOND),
        period=Period(Instant(0), Instant(10**18)),
        span=span,
        grouping=grouping,
    )


def history_of(engine: Engine, events: Sequence[Happening]) -> History:
    """What an analysis reads."""
    import ibis
    import pyarrow as pa

    from engine.storage.lake_rows import event_schema

    columns: dict[str, list[object]] = {name: [None] * len(events) for name in event_schema().names}
    columns |= {
        "seq": list(range(len(events))),
        "person_id": [each.person for each in events],
        "kind": ["page" if each.name == "$page" else "track" for each in events],
        "name": [each.name for each in events],
        "path": [each.page for each in events],
        "time": [each.time * SECOND for each in events],
        "from_browser": [True] * len(events),
        "simulated": [False] * len(events),
        "bot": [False] * len(events),
    }
    table = ibis.memtable(pa.table(columns, schema=event_schema())).rename(person="person_id")
    numbers = sorted({each.person for each in events})
    people = ibis.memtable({"person": numbers, "user": [f"u{number}" for number in numbers]})
    return History(table, people, engine, 1, ())
