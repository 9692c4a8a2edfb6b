"""Who was to see a guide and who was held out, and what became of each afterwards: tables of Ibis, no judgement.

Both arms begin at the same moment, that of the decision: who was to see a guide counts as one who saw it whether the
browser came to show it or not, as who was held out would have been. (In histories from elsewhere there are no
decisions; there `$shown` and `$started` are the moment.) One row a person, whoever it is today; who is found in both
arms is in neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

import orjson

from dsl.clauses import every
from dsl.nodes import Question
from dsl.project import RuleProject
from dsl.values import DAY, Duration, Instant
from engine.analytics.comparing import Moments
from engine.analytics.history import History
from engine.analytics.wheres import StepEvent, json_text, marked
from engine.emotion import scale_of, score_valence
from engine.events import GUIDE_EVENTS, GuideEvent
from engine.friction import SIGNAL_EVENTS

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa

SHOWN, HELD_OUT, BOTH = "shown", "held out", "both"
"""Arms; and who is found in both."""
EARLIER = "earlier"
"""Who came before the shares were last changed."""
BEFORE, AFTER = "before", "after"
_FINE: Final = 10_000
"""Parts of which a valence of 1 is made where valences are added up."""


class Sign(StrEnum):
    """What else is looked at after the moment, besides the goal."""

    FRICTION = "friction"
    DISMISSED = "dismissed"
    DISMISSED_OTHERS = "dismissed_others"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Watched:
    """A journey at whose steps the guide stands.

    steps: what reaches each, in order. places: the numbers of the steps of the guide's `at`. gives_up: how long a
    person has for the step.
    """

    name: str
    steps: tuple[tuple[StepEvent, ...], ...]
    places: tuple[int, ...]
    gives_up: Duration


@dataclass(frozen=True, slots=True)
class Followed:
    """What is looked at after the moment.

    goal: the events of a `goal` clause; empty where the goal is to reach the step where the person stood. within: how
    long after the moment the goal, and everything else but the steps, counts. now: whose time is not over by then does
    not count yet.
    """

    guide: str
    goal: tuple[StepEvent, ...]
    within: Duration
    journeys: tuple[Watched, ...]
    now: Instant


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of some people came to something: of `n` whose time is over, `count` did."""

    n: int = 0
    count: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.n + other.n, self.count + other.count)


@dataclass(frozen=True, slots=True)
class Cell:
    """People of one arm and variant whose time for the goal ends on one day (days since 1970, UTC).

    steps: by journey and number of the step, of those who stood at it: who reached it. feelings: of those who answered
    scores of other surveys, the mean of what they felt.
    """

    arm: str
    variant: str | None
    day: int
    people: int
    goal: Tally
    signs: Mapping[Sign, Tally] = field(default_factory=dict)
    steps: Mapping[tuple[str, int], Tally] = field(default_factory=dict)
    feelings: Moments = field(default_factory=lambda: Moments(0, 0.0, 0.0))


DECIDED_COLUMNS: Final = ("person", "time", "seq", "variant")
"""Of a table in memory of the decisions that let somebody see a guide."""


def decided_table(rows: Sequence[tuple[int, int, int, str | None]]) -> pa.Table:
    """Decisions as a table: person, instant, order, variant."""
    import pyarrow as pa  # noqa: PLC0415  (heavy: only where an analysis runs)

    types = (pa.int64(), pa.int64(), pa.int64(), pa.string())
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    return pa.table(
        {name: pa.array(values, type_) for name, values, type_ in zip(DECIDED_COLUMNS, columns, types, strict=True)}
    )


def entered(history: History, guide: str, decided: pa.Table, *, since: Instant | None = None) -> ibis.Table:
    """One row a person: `person`, `arm`, `variant` (of who was to see it), `at` (microseconds since 1970).

    since: who came before is in the arm EARLIER.
    """
    import ibis  # noqa: PLC0415

    events = history.events
    names = (GuideEvent.SHOWN.value, GuideEvent.STARTED.value, GuideEvent.HELD_OUT.value)
    named = events.filter(events.name.isin(names))
    told = named.filter(json_text()(named.properties, "$.guide") == guide)
    told = told.select(
        "person",
        "time",
        "seq",
        variant=json_text()(told.properties, "$.variant"),
        is_held=told.name == GuideEvent.HELD_OUT.value,
    )
    made = ibis.memtable(decided).mutate(is_held=ibis.literal(False))
    rows = ibis.union(told, made.select(told.columns))
    first = ibis.row_number().over(ibis.window(group_by=["person", "is_held"], order_by=["time", "seq", "variant"]))
    rows = rows.mutate(place=first)
    rows = rows.filter(rows.place == 0)
    arms = rows.group_by("person").agg(
        held=rows.time.min(where=rows.is_held),
        shown=rows.time.min(where=~rows.is_held),
        variant=rows["variant"].max(where=~rows.is_held),
    )
    arm = ibis.ifelse(
        arms.held.notnull() & arms.shown.notnull(), BOTH, ibis.ifelse(arms.held.notnull(), HELD_OUT, SHOWN)
    )
    # The least of both: who was held out and then saw it has begun with the first.
    begun = ibis.least(ibis.coalesce(arms.shown, arms.held), ibis.coalesce(arms.held, arms.shown))
    found = arms.select("person", "variant", arm=arm, at=begun)
    if since is not None:
        found = found.mutate(arm=ibis.ifelse(found["at"] < since, EARLIER, found.arm))
    # Who did nothing but be decided about is no person who counts: neither arm is told by it.
    own = events.filter(~events.name.isin(sorted(GUIDE_EVENTS))).select("person").distinct()
    return found.semi_join(own, "person")


def followed(history: History, entries: ibis.Table, asked: Followed, project: RuleProject) -> list[Cell]:
    """What became of people after their moment, counted. entries: `person`, `arm`, `variant`, `at`."""
    people = _each(history, entries, asked, project)
    people = people.mutate(day=((people["at"] + asked.within) / DAY).floor().cast("int64"))
    now, columns = asked.now, {}
    is_over = people["at"] + asked.within <= now
    for name in _flags(asked):
        columns[f"n_{name}"] = is_over.cast("int64").sum()
        columns[f"c_{name}"] = (is_over & people[name]).cast("int64").sum()
    if not asked.goal:
        stood = is_over & people.stood
        columns["n_goal"], columns["c_goal"] = stood.cast("int64").sum(), (stood & people.goal).cast("int64").sum()
    for key, name in _steps(asked).items():
        gives_up = next(each.gives_up for each in asked.journeys if each.name == key[0])
        stood = people[f"stood_{name}"] & (people["at"] + gives_up <= now)
        columns[f"n_{name}"] = stood.cast("int64").sum()
        columns[f"c_{name}"] = (stood & people[f"done_{name}"]).cast("int64").sum()
    felt = (is_over & people.felt.notnull()).cast("int64")
    value = people.felt.fill_null(0) * felt
    columns |= {"n_felt": felt.sum(), "sum_felt": value.sum(), "squares_felt": (value * value).sum()}
    counted = people.group_by("arm", "variant", "day").agg(people=people.count(), **columns)
    return [_cell(row, asked) for row in history.engine.rows(counted)]


def first_shown(history: History, entries: ibis.Table) -> Instant | None:
    """When the guide was first to be seen by anybody."""
    (row,) = history.engine.rows(entries.agg(first=entries["at"].min(where=entries.arm == SHOWN)))
    return None if row["first"] is None else Instant(row["first"])


def _cell(row: Mapping[str, Any], asked: Followed) -> Cell:
    def tally(name: str) -> Tally:
        return Tally(row[f"n_{name}"] or 0, row[f"c_{name}"] or 0)

    return Cell(
        arm=row["arm"],
        variant=row["variant"],
        day=row["day"],
        people=row["people"],
        goal=tally("goal"),
        signs={sign: tally(sign.value) for sign in Sign},
        steps={key: tally(name) for key, name in _steps(asked).items()},
        feelings=Moments(
            row["n_felt"] or 0, (row["sum_felt"] or 0) / _FINE, (row["squares_felt"] or 0) / (_FINE * _FINE)
        ),
    )


def _flags(asked: Followed) -> list[str]:
    """What is true or false of everybody."""
    return [*(["goal"] if asked.goal else []), *(sign.value for sign in Sign)]


def _steps(asked: Followed) -> dict[tuple[str, int], str]:
    """The steps of the guide's `at`, each with its column."""
    return {
        (journey.name, place): f"step_{number}_{place}"
        for number, journey in enumerate(asked.journeys)
        for place in journey.places
    }


def _each(history: History, entries: ibis.Table, asked: Followed, project: RuleProject) -> ibis.Table:
    """The entries with what became of each person; nothing in it is null but `felt` and `variant`."""
    import ibis  # noqa: PLC0415

    events, columns = _of_interest(history, asked)
    felt = _felt(history, asked.guide, project)
    if felt is not None:
        events = events.left_join(felt, events.seq == felt.answer).drop("answer")
    else:
        events = events.mutate(valence=ibis.null("int64"))
    own = entries.select(who="person", at="at")
    joined = events.join(own, events.person == own.who)
    is_after = joined.time > joined["at"]
    is_within = is_after & (joined.time <= joined["at"] + asked.within)
    found: dict[str, Any] = {f"first_{name}": joined.time.min(where=joined[name] & is_after) for name in columns}
    found |= {
        f"before_{name}": joined.time.min(where=joined[name] & ~is_after) for name in columns if name.startswith("step")
    }
    # In whole parts, so that every engine adds them up alike.
    within = ibis.ifelse(is_within, joined.valence, ibis.null("int64"))
    found["felt"] = (within.sum() / within.count()).round().cast("int64")
    told = joined.group_by("who").agg(**found)
    people = entries.left_join(told, entries.person == told.who).drop("who")

    def came(name: str, within: Duration) -> Any:
        return (people[f"first_{name}"] <= people["at"] + within).fill_null(False)

    results: dict[str, Any] = {name: came(name, asked.within) for name in _flags(asked)}
    goals: list[tuple[Any, Any]] = []
    for number, journey in enumerate(asked.journeys):
        for place in journey.places:
            name = f"step_{number}_{place}"
            stood = _stood(people, number, place, len(journey.steps))
            results[f"stood_{name}"], results[f"done_{name}"] = stood, came(name, journey.gives_up)
            goals.append((stood, came(name, asked.within)))
    if not asked.goal:
        results["stood"] = reduce(lambda one, other: one | other, (stood for stood, _ in goals))
        results["goal"] = reduce(lambda one, other: one | other, (stood & done for stood, done in goals))
    return people.select("person", "arm", "variant", "at", "felt", **results)


def _stood(people: Any, journey: int, place: int, steps: int) -> Any:
    """True for who stood at the step at their moment: right after the furthest step that they had reached."""
    conditions = [people[f"before_step_{journey}_{each}"].isnull() for each in range(place, steps)]
    if place:
        conditions.append(people[f"before_step_{journey}_{place - 1}"].notnull())
    return reduce(lambda one, other: one & other, conditions)


def _of_interest(history: History, asked: Followed) -> tuple[ibis.Table, list[str]]:
    """The events that mean anything here, with a column for each thing that they may mean."""
    groups: dict[str, Sequence[StepEvent]] = {"goal": asked.goal} if asked.goal else {}
    for number, journey in enumerate(asked.journeys):
        groups |= {f"step_{number}_{place}": events for place, events in enumerate(journey.steps)}
    names = {event.name for found in groups.values() for event in found}
    names |= {*SIGNAL_EVENTS, GuideEvent.DISMISSED.value, GuideEvent.ANSWERED.value}
    events = history.events
    events = marked(events.filter(events.name.isin(sorted(names))), groups, history.engine)
    is_own = (json_text()(events.properties, "$.guide") == asked.guide).fill_null(False)
    is_dismissal, is_answer = (events.name == each.value for each in (GuideEvent.DISMISSED, GuideEvent.ANSWERED))
    signs = {
        Sign.FRICTION: events.name.isin(sorted(SIGNAL_EVENTS)),
        Sign.DISMISSED: is_dismissal & is_own,
        Sign.DISMISSED_OTHERS: is_dismissal & ~is_own,
        Sign.ANSWERED: is_answer & ~is_own,
    }
    events = events.mutate(**{sign.value: mark for sign, mark in signs.items()})
    columns = [*groups, *(sign.value for sign in Sign)]
    return events.select("person", "time", "seq", *columns), columns


def _felt(history: History, guide: str, project: RuleProject) -> ibis.Table | None:
    """What answers to scores of other guides say of how people felt: `answer` (its `seq`), `valence` in parts."""
    import ibis  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    questions = {
        (name, question.id.text): question
        for name, survey in project.guides.items()
        for question in every(survey, Question)
        if name != guide and scale_of(question) is not None
    }
    if not questions:
        return None
    events, text = history.events, json_text()
    answers = events.filter(events.name == GuideEvent.ANSWERED.value)
    answers = answers.select(
        "seq",
        survey=text(answers.properties, "$.guide"),
        question=text(answers.properties, "$.question"),
        value=text(answers.properties, "$.value"),
    )
    answers = answers.filter(answers.question.isin(sorted({question for _, question in questions})))
    rows: list[tuple[str, str, str, int]] = []
    for row in history.engine.rows(answers.select("survey", "question", "value").distinct()):
        question = questions.get((row["survey"], row["question"]))
        valence = None if question is None else score_valence(question, _number(row["value"]))
        if valence is not None:
            rows.append((row["survey"], row["question"], row["value"], round(valence * _FINE)))
    types = (pa.string(), pa.string(), pa.string(), pa.int64())
    columns = list(zip(*rows, strict=True)) or [()] * len(types)
    names = ("survey", "question", "value", "valence")
    known = ibis.memtable(pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, types, strict=True)}))
    joined = answers.join(known, ["survey", "question", "value"])
    return joined.select("valence", answer="seq")


def _number(text: str | None) -> int | float | None:
    """A score as it is spelled; None for anything else."""
    try:
        found = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None
