"""Why a user is recorded now, or why not: the project's setting, and what each `record` of the rules says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsl.formatter.writer import record_text
from dsl.values import Instant
from engine.decisions import Case
from engine.hindsight import situation_at
from engine.replay.rules import RecordVerdict, verdicts
from engine.replay.settings import ReplayMode
from engine.why import Situation

if TYPE_CHECKING:
    from engine.service import Service


@dataclass(frozen=True, slots=True)
class WhyRecorded:
    """The answer. records: of every `record` of the rules, in their order."""

    user: str
    at: Instant
    mode: ReplayMode
    records: tuple[RecordVerdict, ...]

    @property
    def by(self) -> RecordVerdict | None:
        """The first `record` that is of the user."""
        return next((each for each in self.records if each.records), None)

    @property
    def recorded(self) -> bool:
        """True if a page of theirs records now: both hold."""
        return self.mode is not ReplayMode.OFF and self.by is not None


def verdicts_of(asked: Situation) -> tuple[RecordVerdict, ...]:
    """What each `record` says of a user as they were at an instant."""
    case = Case(
        asked.ruleset, asked.state, now=asked.now, person=asked.person, context=asked.context, around=asked.around
    )
    return verdicts(asked.ruleset.records, case.facts(None), asked.person, has_consent=asked.context.has_consent)


def why_recorded(service: Service, project_id: int, user: str) -> WhyRecorded | None:
    """The answer for the user or visitor of an id; None for one that was never seen. Raises UnknownProject."""
    rules, project = service.rules_now(project_id), service.project(project_id)
    with service.database.reading() as connection:
        found = situation_at(connection, project_id, rules.ruleset, at=rules.now, user_id=user) or situation_at(
            connection, project_id, rules.ruleset, at=rules.now, anonymous_id=user
        )
    if found is None or project is None:
        return None
    return WhyRecorded(found.user, found.now, project.replay.mode, verdicts_of(found))


def spelled(verdict: RecordVerdict) -> str:
    """The `record` as it is written, in its one form."""
    return record_text(verdict.record)
