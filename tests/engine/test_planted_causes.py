"""Twenty generated logs, each with a random cause: the method finds it, from the drop to the contrast, by default."""

from __future__ import annotations

import pytest

from dsl.project import load
from dsl.values import SECOND, Instant
from engine.analytics.backward import backward
from engine.analytics.conversion import Question, conversion
from engine.analytics.engines import DuckDB
from engine.analytics.funnels import Order
from engine.analytics.paths_asked import PathsAsked, paths_plan
from engine.analytics.wheres import StepEvent
from tests.engine.backwards import FAR, FUNNEL, history_of, planted

LOGS = 20
FOUND = 18
"""Of these at least, among the first three of the contrast."""


@pytest.mark.thorough
def test_the_sharpest_drop_and_what_precedes_it_give_a_planted_cause_away() -> None:
    """First where: the sharpest drop of the funnel. Then what came before: the first three of the contrast there."""
    engine, steps = DuckDB(), tuple((StepEvent(name),) for name in FUNNEL)
    missed = {}
    for seed in range(LOGS):
        events, cause = planted(seed)
        history = history_of(engine, events)
        drop = conversion(history, Question(FUNNEL, steps, order=Order.THEN)).sharpest
        assert drop is not None
        asked = PathsAsked(steps=FUNNEL[: FUNNEL.index(drop.step) + 1])
        plan = paths_plan(asked, load({}), now=Instant(FAR * SECOND))
        first = [one.name for one in backward(history, plan.question, plan.wording).contrast[:3]]
        if cause not in first:
            missed[seed] = (cause, first)
    engine.close()
    assert LOGS - len(missed) >= FOUND, missed
