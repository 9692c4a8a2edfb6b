"""Questions about what came before: who left at a step, what preceded it, and which rule would have reached them.

Asks `engine.analyst`, as every question about everybody does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from dsl.project import RuleProject
from engine.analyst import Analyst, UsersBehind
from engine.analytics.asked import FunnelAsked
from engine.analytics.backward import Stretches, backward, chain_counts, chain_units, last_steps
from engine.analytics.contrast import Contrast, Met, contrasts
from engine.analytics.funnel_answer import FunnelAnswer, StepCount, count_steps
from engine.analytics.funnels import MOST_STEPS, Order
from engine.analytics.history import History, page_of_users
from engine.analytics.path_answer import PathsAnswer
from engine.analytics.paths_asked import BadChain, PathsAsked, PathsPlan, chain_condition, event_text, paths_plan
from engine.errors import UnknownJourney, WaypostError
from engine.membership import RulesNow

CHAIN: Final = "chain"
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class ChainAsked:
    """One event after another: next to each other in the last steps (`directly`), or others in between (`then`)."""

    names: tuple[str, ...]
    order: Order = Order.DIRECTLY

    def __post_init__(self) -> None:
        if not 2 <= len(self.names) <= MOST_STEPS or self.order not in {Order.DIRECTLY, Order.THEN}:
            raise BadChain


@dataclass(frozen=True, slots=True)
class ChainAnswer:
    """A link or chain of the picture, as a funnel.

    steps: within the last steps of those the paths are of; the last count is that of the picture. others: the same of
    those they are compared with. contrast: of the whole chain; None where too few went it. ever: the funnel over
    everybody and all time, whose last count is the users of whom `condition` is true.
    """

    asked: ChainAsked
    steps: tuple[StepCount, ...]
    others: tuple[StepCount, ...]
    contrast: Contrast | None
    ever: FunnelAnswer
    condition: str


def paths(analyst: Analyst, project_id: int, asked: PathsAsked, rules: RulesNow) -> PathsAnswer:
    """What came before leaving, or before an event.

    Raises NothingRecorded, UnknownJourney, UnknownStep, BadCondition, BadStretch, FunnelTooShort.
    """
    asked = _placed(analyst, project_id, asked, rules)
    plan = paths_plan(asked, rules.project, now=rules.now)

    def answer(history: History) -> PathsAnswer:
        return backward(history, plan.question, plan.wording)

    return _answered(analyst, project_id, ("paths", asked), plan, rules, answer)


def chain(analyst: Analyst, project_id: int, asked: PathsAsked, gone: ChainAsked, rules: RulesNow) -> ChainAnswer:
    """A link or chain of the picture as a funnel, and the condition that reaches whoever has ever gone it."""
    asked = _placed(analyst, project_id, asked, rules)
    plan = paths_plan(asked, rules.project, now=rules.now)
    ever = analyst.funnel(project_id, ever_asked(asked, gone), rules)

    def answer(history: History) -> ChainAnswer:
        with last_steps(history, plan.question) as found:
            mine, others = chain_counts(found, gone.names, gone.order)
            units = _units(found)
        name = (" → " if gone.order is Order.DIRECTLY else " … ").join(gone.names)
        told = contrasts([Met(CHAIN, name, mine[-1], others[-1])], *units)
        return ChainAnswer(
            asked=gone,
            steps=count_steps(gone.names, mine),
            others=count_steps(gone.names, others),
            contrast=told[0] if told else None,
            ever=ever,
            condition=chain_condition(gone.names, gone.order),
        )

    return _answered(analyst, project_id, ("chain", asked, gone), plan, rules, answer)


def ever_asked(asked: PathsAsked, gone: ChainAsked) -> FunnelAsked:
    """The funnel of whoever has ever gone a chain, of everybody who counts in a question."""
    return FunnelAsked(
        steps=tuple(map(event_text, gone.names)),
        order=gone.order,
        where=asked.where,
        everyone=asked.everyone,
        with_simulated=asked.with_simulated,
    )


@dataclass(frozen=True, slots=True)
class Behind:
    """Whom a figure stands for: who met `event` in the last steps, went a chain, or all. others: of these instead.

    event: the name of an event, a page or a sign of friction. kind: which of these it is, where one name is several.
    """

    event: str | None = None
    gone: ChainAsked | None = None
    others: bool = False
    kind: str | None = None


def users_on_paths(
    analyst: Analyst,
    project_id: int,
    asked: PathsAsked,
    who: Behind,
    rules: RulesNow,
    *,
    after: str = "",
    limit: int = 100,
) -> UsersBehind:
    """The ids of those behind a figure of the paths, in order, a page at a time."""
    asked = _placed(analyst, project_id, asked, rules)
    plan = paths_plan(asked, rules.project, now=rules.now)

    def answer(history: History) -> UsersBehind:
        with last_steps(history, plan.question) as found:
            units = found.rows.filter(found.rows.mine != who.others)
            if who.event is not None:
                units = units.filter(units.name == who.event)
            if who.kind is not None:
                units = units.filter(units.kind == who.kind)
            units = units.select("unit").distinct()
            if who.gone is not None:
                gone = chain_units(found, who.gone.names, who.gone.order)
                units = units.semi_join(gone.filter(gone[f"at_{len(who.gone.names) - 1}"].notnull()), "unit")
            persons = found.ended.semi_join(units, "unit").select("person").distinct()
            people = history.people.select("person", "user")
            users = persons.join(people, "person").select("user")
            page = page_of_users(users, after=after, limit=limit + 1)
            named = [row["user"] for row in history.engine.rows(page)]
        return UsersBehind.page(named, limit)

    return _answered(analyst, project_id, ("users on paths", asked, who, after, limit), plan, rules, answer)


def _answered(
    analyst: Analyst,
    project_id: int,
    key: tuple[str, PathsAsked, *tuple[Hashable, ...]],
    plan: PathsPlan,
    rules: RulesNow,
    answer: Callable[[History], Found],
) -> Found:
    asked = key[1]
    return analyst.answer(
        project_id,
        key,
        rules,
        answer,
        everyone=asked.everyone,
        with_simulated=asked.with_simulated,
        where=plan.people,
        asks_now=True,
    )


def _units(found: Stretches) -> tuple[int, int]:
    counted = found.rows.group_by("mine").agg(units=found.rows.unit.nunique())
    rows = {row["mine"]: row["units"] for row in found.history.engine.rows(counted)}
    return rows.get(True, 0), rows.get(False, 0)


def _placed(analyst: Analyst, project_id: int, asked: PathsAsked, rules: RulesNow) -> PathsAsked:
    """The question with its step: the one before which the sharpest drop of the journey lies, if none is named."""
    if sum((asked.journey is not None, bool(asked.steps), asked.before is not None)) != 1:
        raise NoStart
    if asked.journey is None or asked.at is not None:
        return asked
    _refuse_unknown(asked.journey, rules.project)
    funnel = analyst.funnel(
        project_id,
        FunnelAsked(
            journey=asked.journey,
            window=asked.window,
            order=Order.THEN,
            unit=asked.unit,
            where=asked.where,
            everyone=asked.everyone,
            with_simulated=asked.with_simulated,
        ),
        rules,
    )
    step = funnel.steps[-1].name if funnel.sharpest is None else funnel.sharpest.step
    return replace(asked, at=step)


def _refuse_unknown(journey: str, project: RuleProject) -> None:
    if journey not in project.journeys:
        raise UnknownJourney(journey, list(project.journeys))


class NoStart(WaypostError):
    """Paths back from nowhere, or from several places."""

    code = "paths_start"

    def __init__(self) -> None:
        super().__init__(
            "name one thing to look back from: a journey, `steps` of which the last was missed, or an event"
        )
