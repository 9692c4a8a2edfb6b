"""What came before leaving a step, for the causes of opportunities: from the contrast of backward paths.

Taken over is only what stays sure after as many comparisons as were made; signs of friction are told by the records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dsl.checker.declarations import is_page
from dsl.compiler import Compiler
from dsl.nodes import Condition, NoneOf
from dsl.patterns import glob
from dsl.values import Instant
from engine.analytics.asked import NOWHERE, PeopleWhere, step_event
from engine.analytics.backward import Wording, backward
from engine.analytics.contrast import Contrast
from engine.analytics.history import History, NothingRecorded
from engine.analytics.paths import EVENT, PAGE, PathQuestion
from engine.analytics.records import GIVES_UP_AFTER
from engine.membership import RulesNow
from engine.roadmap.causes import Precedent
from engine.roadmap.evidence import EVERYONE, NO_PERSONA, NOT_KNOWN
from engine.roadmap.readings import Asked

if TYPE_CHECKING:
    from engine.analyst import Analyst


class PathContrasts:
    """Where the planner gets the contrast from (`engine.roadmap.readings.Contrasts`)."""

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst

    def of(self, project_id: int, rules: RulesNow, asked: Asked) -> _Before:
        """The contrast for the people and the period that are asked for."""
        return _Before(self._analyst, project_id, rules, asked)


class _Before:
    def __init__(self, analyst: Analyst, project_id: int, rules: RulesNow, asked: Asked) -> None:
        self._analyst = analyst
        self._project_id = project_id
        self._rules = rules
        self._asked = asked

    def before_leaving(self, journey: str, step: str, persona: str) -> Sequence[Precedent]:
        """What came before leaving a step more often than before going on.

        Nothing of visitors who are not known: no condition tells them from the others.
        """
        if persona == NOT_KNOWN:
            return ()
        question, names = self._question(journey, step)
        wording = Wording(
            at=step,
            label=f"left before {step}",
            others=f"went on to {step}",
            left_aside=names,
            cohort_where=None,
            directly=lambda _: "",
            then=lambda _: "",
        )

        def answer(history: History) -> tuple[Contrast, ...]:
            return backward(history, question, wording).contrast

        who = self._who(persona)
        try:
            found = self._analyst.answer(
                self._project_id,
                ("before leaving", journey, step, persona, self._asked.period),
                self._rules,
                answer,
                everyone=self._asked.whose.everyone,
                with_simulated=self._asked.whose.with_simulated,
                where=None if who is None else PeopleWhere(who),
                asks_now=True,
            )
        except NothingRecorded:
            return ()
        is_on_the_way = self._on_the_way(journey)
        return [
            _precedent(each)
            for each in found
            if each.is_sure and (each.kind == EVENT or (each.kind == PAGE and not is_on_the_way(each.name)))
        ]

    def _on_the_way(self, name: str) -> Callable[[str], bool]:
        """Whether a page is a touchpoint of the journey: one comes by it whether one leaves or not."""
        tests = [
            glob(touchpoint.text.value)
            for step in self._rules.project.journeys[name].steps
            for touchpoint in step.touchpoints
            if touchpoint.channel is None and is_page(touchpoint.text.value)
        ]
        return lambda path: any(fits(path) for fits in tests)

    def _question(self, name: str, step: str) -> tuple[PathQuestion, tuple[str, ...]]:
        """The question, and the names of the events that are its steps themselves."""
        project, asked = self._rules.project, self._asked
        journey, compiler = project.journeys[name], Compiler(project)
        gives_up = journey.gives_up_after.length if journey.gives_up_after is not None else GIVES_UP_AFTER
        place = [each.name.text for each in journey.steps].index(step)
        events = [tuple(step_event(ref, compiler) for ref in each.reached_by) for each in journey.steps[: place + 1]]
        question = PathQuestion(
            steps=tuple(events[:-1]),
            goal=events[-1],
            now=self._rules.now,
            gives_up=gives_up,
            since=Instant(self._rules.now - gives_up - asked.period),
        )
        return question, tuple(sorted({event.name for found in events for event in found}))

    def _who(self, persona: str) -> Condition | None:
        segments = self._rules.project.segments
        if persona == EVERYONE:
            return None
        if persona == NO_PERSONA:
            return NoneOf(tuple(each.where for each in segments.values() if each.is_persona), span=NOWHERE)
        return segments[persona].where


def _precedent(found: Contrast) -> Precedent:
    name = found.name if found.kind == EVENT else f"page {found.name}"
    return Precedent(name, lost_with=found.met, lost=found.of, went_on_with=found.others_met, went_on=found.others)
