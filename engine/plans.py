"""The tracking plans of projects: putting one in force, the one in force at hand, and what did not fit.

A part of the service. Plans are remembered for two seconds, as keys are: what another process publishes holds after
that at the latest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from dsl.values import SECOND, Duration, Instant, JsonValue
from engine.audit import COMMAND_LINE, Act, Action
from engine.errors import UnknownProject
from engine.storage import audit, projects, tracking
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer
from engine.tracking import TrackingPlan, read_plan
from engine.tracking.plans import NO_PLAN
from engine.tracking.reports import PlanInForce, PlanViolations

LOOK_AGAIN: Final = Duration(2 * SECOND)


class Plans:
    """Tracking plans of all projects of one database."""

    def __init__(self, database: Database, writer: Writer, clock: Callable[[], Instant]) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._known: dict[int, tuple[int, TrackingPlan, Instant]] = {}

    def of(self, project_id: int) -> TrackingPlan:
        """The plan by which a project's events are judged now; one that allows everything before there is any.

        Cheap enough to be asked for every request. Raises StorageUnavailable.
        """
        now, known = self._clock(), self._known.get(project_id)
        if known is not None and 0 <= now - known[2] < LOOK_AGAIN:
            return known[1]
        with self._database.reading() as connection:
            version = tracking.version_of(connection, project_id)
            if known is None or known[0] != version:
                found = tracking.newest(connection, project_id)
                # Read anew, so that validators are made again: the document was checked before it was kept.
                plan = NO_PLAN if found is None else read_plan(found[1])
            else:
                plan = known[1]
        self._known[project_id] = (version, plan, now)
        return plan

    def current(self, project_id: int) -> PlanInForce:
        """The plan in force with its document."""
        with self._database.reading() as connection:
            found = tracking.newest(connection, project_id)
        return PlanInForce(None, {}) if found is None else PlanInForce(*found)

    def publish(self, project_id: int, document: JsonValue, *, by: str = "", note: str = "") -> PlanInForce:
        """Put a plan in force, whole or not at all; the same again adds no version.

        Raises engine.tracking.PlanRefused with everything that is wrong with it, UnknownProject.
        """
        read_plan(document)
        assert isinstance(document, dict)  # noqa: S101  (a plan that was read is an object)
        now = self._clock()

        def keep(transaction: Transaction, _: Sequence[None]) -> list[PlanInForce]:
            if projects.project_by_id(transaction.connection, project_id) is None:
                raise UnknownProject
            before = tracking.version_of(transaction.connection, project_id)
            version = tracking.add(transaction.connection, project_id, document, at=now, by=by, note=note)
            if version.version != before:
                act = Act(
                    actor=by or COMMAND_LINE, action=Action.PLAN_PUBLISH, target=f"plan version {version.version}"
                )
                audit.record(transaction.connection, project_id, act, at=now)
            transaction.after_commit(self._known.clear)
            return [PlanInForce(version, document)]

        return self._writer.write(keep, None)

    def violations(
        self, project_id: int, *, event: str | None = None, after: tuple[str, str, str] | None = None, limit: int = 100
    ) -> tuple[PlanViolations, ...]:
        """What did not fit the plan, by event, path and rule; of one event only, or the next ones after a place."""
        with self._database.reading() as connection:
            return tuple(tracking.violations(connection, project_id, event=event, after=after, limit=limit))

    def forget_violations(self, project_id: int) -> int:
        """Count from nothing again, as after a mistake was put right; how many places were counted."""

        def forget(transaction: Transaction, _: Sequence[None]) -> list[int]:
            return [tracking.forget(transaction.connection, project_id)]

        return self._writer.write(forget, None)
