"""As Waypost answers it: whole answers, of which the others give a part (no loops, no links with times, no paths)."""

from __future__ import annotations

from pathlib import Path

from benchmarks.analytics.question import BACK, FUNNEL, PATH, SPILL, WINDOW, Answer, funnel_answer, path_answer
from benchmarks.lakes import NOW
from engine.analytics.backward import Wording, backward
from engine.analytics.conversion import Question, conversion
from engine.analytics.engines import DuckDB
from engine.analytics.history import open_history
from engine.analytics.path_answer import BEGAN
from engine.analytics.paths import PathQuestion
from engine.analytics.wheres import StepEvent
from engine.storage.lake import Lake


class ByEngine:
    """The expressions of `engine.analytics`, on DuckDB. memory: the most that it may take."""

    def __init__(self, lake: Path, memory: str | None = None) -> None:
        self._lake = Lake(lake)
        self._engine = DuckDB(memory=memory, spill=lake / SPILL)

    def funnel(self) -> Answer:
        """`waypost funnel`."""
        question = Question(FUNNEL, tuple((StepEvent(name),) for name in FUNNEL), window=WINDOW)
        with open_history(self._lake, self._engine) as history:
            steps = conversion(history, question).steps
        told = [each.took for each in steps if each.took is not None]
        return funnel_answer([each.count for each in steps], [[each.lower, each.median, each.upper] for each in told])

    def paths(self) -> Answer:
        """`waypost paths`."""
        *before, goal = PATH
        steps = tuple((StepEvent(name),) for name in before)
        question = PathQuestion(steps, (StepEvent(goal),), now=NOW, window=WINDOW, back=BACK)
        wording = Wording(goal, "left", "went on", PATH, None, ",".join, ",".join)
        with open_history(self._lake, self._engine) as history:
            found = backward(history, question, wording)
        return path_answer(
            found.cohort.units,
            found.cohort.other_units,
            [(each.kind, each.name, each.met, each.others_met) for each in found.contrast],
            [(each.place, each.name, each.to, each.count) for each in found.flows if each.name != BEGAN],
        )
