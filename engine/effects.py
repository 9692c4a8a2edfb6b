"""The effect of a guide, asked of a project: what the rules say is measured, who was decided about, what they did then.

The door of `engine.analytics.effect`. Reads the lake for what people did; from the database only whom the guide was
decided for, and when its shares were last changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dsl.clauses import every, triggers
from dsl.compiler import Compiler
from dsl.explain.conditions import event_words
from dsl.nodes import Guide, OnEvent, Variant
from dsl.parser import parse
from dsl.values import DAY, Duration, Instant
from engine.analyst import Analyst
from engine.analytics import arms, before_after
from engine.analytics.asked import PeopleWhere, step_event
from engine.analytics.comparing import LIFT, POWER
from engine.analytics.effect import Basis, Effect, Setup, effect_of
from engine.analytics.history import History
from engine.analytics.wheres import StepEvent
from engine.errors import UnknownGuide, WaypostError
from engine.membership import RulesNow
from engine.ruleset import CompiledGuide, GoalDefinition, Happened, holdout_of
from engine.storage import tables, versions

if TYPE_CHECKING:
    import ibis

GIVES_UP_AFTER: Final = Duration(7 * DAY)
"""How long one has for a step where the journey does not say."""
_VERSIONS: Final = 100
"""How many versions of the rules are looked back."""
_DECISION = tables.table(tables.Decision)


class NothingToMeasure(WaypostError):
    """A guide without a goal and without a step."""

    code = "nothing_to_measure"

    def __init__(self, guide: str) -> None:
        super().__init__(
            f'nothing tells whether `{guide}` helped: give it `goal "EVENT" within 7 days`, or `at JOURNEY.STEP`'
        )


class NoSuchPersona(WaypostError):
    """A persona that the rules do not declare."""

    code = "unknown_persona"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        named = ", ".join(f"`{each}`" for each in known) or "none is declared"
        super().__init__(f"there is no persona `{name}`; there are: {named}")


@dataclass(frozen=True, slots=True)
class EffectAsked:
    """What is asked. persona: only people in it, as of now. lift, power: what the people needed are told for.

    since: only who came then or later; without it, who came since the guide's shares were last changed.
    """

    guide: str
    persona: str | None = None
    since: Instant | None = None
    lift: float = LIFT
    power: float = POWER
    everyone: bool = False
    with_simulated: bool = False


def guides_of_journey(rules: RulesNow, journey: str) -> list[str]:
    """The guides whose effect is asked with a journey's name: those at its steps, by name."""
    found = rules.ruleset.guides
    return sorted(each.name for each in found if any(place[0] == journey for place in each.standing))


def effect(analyst: Analyst, project_id: int, asked: EffectAsked, rules: RulesNow) -> Effect:
    """The effect of a guide until now.

    Raises UnknownGuide, NothingToMeasure, NoSuchPersona, NothingRecorded.
    """
    guide = rules.ruleset.by_name.get(asked.guide)
    if guide is None:
        raise UnknownGuide(asked.guide, list(rules.ruleset.by_name))
    if guide.goal is None:
        raise NothingToMeasure(asked.guide)
    with analyst.database.reading() as connection:
        since = asked.since if asked.since is not None else _shares_changed(connection, project_id, guide)
        latest = connection.execute(
            sa.select(sa.func.max(_DECISION.c.seq)).where(_DECISION.c.project_id == project_id)
        ).scalar()
    setup = _setup(guide, guide.goal, rules, since)

    def answer(history: History) -> Effect:
        with analyst.database.reading() as connection:
            decided = _decided(connection, project_id, asked.guide)
        entries = arms.entered(history, asked.guide, arms.decided_table(decided), since=since)
        return _answer(history, entries, guide, setup, asked, rules)

    return analyst.answer(
        project_id,
        ("effect", asked, since, latest),
        rules,
        answer,
        everyone=asked.everyone,
        with_simulated=asked.with_simulated,
        where=_persona(asked.persona, rules),
        asks_now=True,
    )


def _setup(guide: CompiledGuide, goal: GoalDefinition, rules: RulesNow, since: Instant | None) -> Setup:
    """What the rules say is measured."""
    node = guide.node
    steps = []
    for journey, step in guide.standing:
        declared = rules.project.journeys[journey]
        place = [each.name.text for each in declared.steps].index(step)
        length = GIVES_UP_AFTER if declared.gives_up_after is None else declared.gives_up_after.length
        steps.append((journey, place, step, length))
    return Setup(
        guide=guide.name,
        label=None if node.label is None else node.label.value,
        goal=event_words(goal.event) if isinstance(goal, Happened) else None,
        within=goal.within,
        holdout=guide.holdout,
        variants=tuple((each.name.text, each.percent) for each in guide.variants),
        steps=tuple(steps),
        since=since,
    )


def _answer(
    history: History,
    entries: ibis.Table,
    guide: CompiledGuide,
    setup: Setup,
    asked: EffectAsked,
    rules: RulesNow,
) -> Effect:
    cells: list[arms.Cell] = []
    compiler = Compiler(rules.project)
    if setup.basis is Basis.BEFORE_AFTER:
        begun_by, words = _moment(guide, rules, compiler)
        setup = replace(setup, counted_from=words)
        begins, first = arms.first_shown(history, entries), before_after.first_event(history)
        when = None
        if begins is not None and first is not None:
            when = before_after.periods(first_event=first, begins=begins, within=setup.within, now=rules.now)
        if when is not None:
            moments = before_after.moments(history, begun_by, when)
            cells = arms.followed(history, moments, _followed(guide, setup, rules, compiler), rules.project)
    else:
        cells = arms.followed(history, entries, _followed(guide, setup, rules, compiler), rules.project)
    return effect_of(
        setup,
        cells,
        now=rules.now,
        left_out=history.left_out,
        version=history.version,
        lift=asked.lift,
        power=asked.power,
    )


def _followed(guide: CompiledGuide, setup: Setup, rules: RulesNow, compiler: Compiler) -> arms.Followed:
    goal = guide.goal
    events = (step_event(goal.event, compiler),) if isinstance(goal, Happened) else ()
    watched = []
    for name in dict.fromkeys(journey for journey, _, _, _ in setup.steps):
        declared = rules.project.journeys[name]
        reached = tuple(tuple(step_event(ref, compiler) for ref in step.reached_by) for step in declared.steps)
        own = [(place, within) for journey, place, _, within in setup.steps if journey == name]
        watched.append(arms.Watched(name, reached, tuple(place for place, _ in own), own[0][1]))
    return arms.Followed(guide.name, events, setup.within, tuple(watched), rules.now)


def _moment(guide: CompiledGuide, rules: RulesNow, compiler: Compiler) -> tuple[Sequence[StepEvent], str]:
    """What a comparison before and after counts from, and its words."""
    named = [clause.event for clause in triggers(guide.node) if isinstance(clause, OnEvent)]
    if named:
        words = " or ".join(f"`{event.name.value}`" for event in named)
        return [step_event(event, compiler) for event in named], f"each person's first {words} of the period"
    before: list[StepEvent] = []
    for journey, step in guide.standing:
        steps = rules.project.journeys[journey].steps
        place = [each.name.text for each in steps].index(step)
        if place == 0:
            return (), "each person's first event of the period"
        before += [step_event(ref, compiler) for ref in steps[place - 1].reached_by]
    if before:
        return before, "the moment when each person came to the step in the period"
    return (), "each person's first event of the period"


def _persona(name: str | None, rules: RulesNow) -> PeopleWhere | None:
    if name is None:
        return None
    found = rules.project.segments.get(name)
    if found is None:
        raise NoSuchPersona(name, [each.name.text for each in rules.project.segments.values() if each.is_persona])
    return PeopleWhere(found.where)


def _decided(connection: Connection, project_id: int, guide: str) -> list[tuple[int, int, int, str | None]]:
    """Whom the guide was decided for: person, instant, order, variant."""
    wanted = (_DECISION.c.person_id, _DECISION.c.time, _DECISION.c.seq, _DECISION.c.variant)
    statement = sa.select(*wanted).where(_DECISION.c.project_id == project_id, _DECISION.c.guide == guide)
    return [(row.person_id, row.time, row.seq, row.variant) for row in connection.execute(statement)]


def _shares_changed(connection: Connection, project_id: int, guide: CompiledGuide) -> Instant | None:
    """When the shares of a guide, held out and of its variants, were last changed; None where they always were these.

    Who came before was divided otherwise, and may have been moved from one arm to the other.
    """
    later: Instant | None = None
    known: dict[str, Guide | None] = {}
    for version in versions.versions_of(connection, project_id, limit=_VERSIONS):
        stored = versions.rules_of(connection, project_id, version.version)
        for text in () if stored is None else stored.files.values():
            if guide.name not in text:
                continue
            if text not in known:
                known[text] = _declared(text, guide.name)
            found = known[text]
            if found is None:
                continue
            if _shares(found) != _shares(guide.node):
                return later
            later = version.published
    return None


def _declared(text: str, name: str) -> Guide | None:
    declared = parse(text).program.declarations
    return next((each for each in declared if isinstance(each, Guide) and each.name.text == name), None)


def _shares(guide: Guide) -> tuple[object, ...]:
    return (holdout_of(guide), *((each.name.text, each.percent) for each in every(guide, Variant)))
