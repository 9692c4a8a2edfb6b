"""Questions about everybody: how many come from step to step.

The door of the analyses, beside `engine.service`, the door of what is live. Reads the log only to copy it into the
lake, and the lake for everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dsl.compiler import Compiler
from dsl.nodes import EventRef
from dsl.project import RuleProject
from dsl.values import Duration, Instant, JsonValue
from engine.analytics.conversion import Answer, Predicate, Question, StepEvent, conversion
from engine.analytics.funnels import Order, Unit
from engine.errors import UnknownJourney, WaypostError
from engine.events import Event, EventKind
from engine.occurrences import fits
from engine.storage.lake import Lake, Manifest

if TYPE_CHECKING:
    from engine.storage.store import Database


class NothingRecorded(WaypostError):
    """A question about a project in which nothing has happened yet."""

    code = "nothing_recorded"

    def __init__(self) -> None:
        super().__init__(
            "nothing is recorded yet: send events, or bring in a history with `waypost import csv FILE`, and ask again"
        )


@dataclass(frozen=True, slots=True)
class FunnelOptions:
    """How a funnel is counted; see `engine.analytics.funnels` for the rules.

    window: microseconds from entry; None for no limit. breakdown: a trait.
    """

    window: Duration | None = None
    order: Order = Order.ORDERED
    unit: Unit = Unit.USER
    breakdown: str | None = None
    with_simulated: bool = False


class Analyst:
    """Answers questions about the people of a database.

    lakes: the folder of all lakes. Made for one process; two that copy the same log at once do the work twice.
    """

    def __init__(self, database: Database, lakes: Path) -> None:
        self._database = database
        self._lakes = lakes

    def sync(self, project_id: int, *, progress: Callable[[int], None] | None = None) -> Manifest:
        """Copy into the lake what the log has more; `progress` hears how many events were copied."""
        with self._database.reading() as connection:
            return self._lake(project_id).sync(connection, project_id, progress=progress)

    def funnel_of_events(self, project_id: int, names: Sequence[str], options: FunnelOptions) -> Answer:
        """A funnel of events by their names. Raises NothingRecorded, FunnelTooShort, RepeatedStep."""
        return self._funnel(project_id, names, [(StepEvent(name),) for name in names], options)

    def funnel_of_journey(self, project_id: int, rules: RuleProject, name: str, options: FunnelOptions) -> Answer:
        """The funnel of a journey's steps, each filled by the events that reach it.

        Raises UnknownJourney besides what `funnel_of_events` raises.
        """
        journey = rules.journeys.get(name)
        if journey is None:
            raise UnknownJourney(name, list(rules.journeys))
        compiler = Compiler(rules)
        steps = [tuple(step_event(ref, compiler) for ref in step.reached_by) for step in journey.steps]
        return self._funnel(project_id, [step.name.text for step in journey.steps], steps, options)

    def _funnel(
        self,
        project_id: int,
        labels: Sequence[str],
        events: Sequence[tuple[StepEvent, ...]],
        options: FunnelOptions,
    ) -> Answer:
        import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

        self.sync(project_id)
        lake = self._lake(project_id)
        if lake.is_empty():
            raise NothingRecorded
        backend = ibis.duckdb.connect()
        try:
            question = Question(
                labels=tuple(labels),
                events=tuple(events),
                window=options.window,
                order=options.order,
                unit=options.unit,
                breakdown=options.breakdown,
                with_simulated=options.with_simulated,
            )
            return conversion(lake.events(backend), question, backend)
        finally:
            backend.disconnect()

    def _lake(self, project_id: int) -> Lake:
        return Lake.of_project(self._lakes, project_id)


def step_event(ref: EventRef, compiler: Compiler) -> StepEvent:
    """What an event reference of a rule counts, for a funnel: with the very condition that rules are decided with."""
    return StepEvent(ref.name.value, None if ref.where is None else _predicate(ref, compiler))


def _predicate(ref: EventRef, compiler: Compiler) -> Predicate:
    is_true_of = fits(compiler.occurrence(ref))

    def counts(properties: dict[str, JsonValue], time: Instant) -> bool:
        return is_true_of(Event(0, "", EventKind.TRACK, ref.name.value, time, time, properties=properties))

    return counts
