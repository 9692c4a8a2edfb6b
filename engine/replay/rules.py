"""Of whom the rules say that pages record: the `record` declarations, compiled, and the one function that asks them.

Pure: what is known of a person and which person it is come in. Used live, in explanations and in scenario tests alike.
Whether the project records at all is a setting of it (`engine.replay.settings`), and no matter here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dsl.compiler import CompiledCondition, Compiler
from dsl.needs import Need
from dsl.nodes import AtPlace, Condition, InSegment, Or, Record
from dsl.project import RuleProject
from engine.facts import UserFacts
from engine.reasons import Reason
from engine.rollout import is_in_recording

_log = logging.getLogger("waypost.replay")


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRecord:
    """One `record`. at: None for everywhere. audience: None for everybody. percent: of these people."""

    node: Record
    at: CompiledCondition | None
    audience: CompiledCondition | None
    percent: int | float

    @property
    def needs(self) -> frozenset[Need]:
        """What it asks of the state."""
        return frozenset(need for each in (self.at, self.audience) if each is not None for need in each.needs)

    def reason(self, facts: UserFacts, person: str) -> Reason:
        """Why this person is recorded by it, or is not. person: the person's first id."""
        try:
            if self.at is not None and not self.at.holds(facts):
                return Reason.NOT_AT_STEP
            if self.audience is not None and not self.audience.holds(facts):
                return Reason.NOT_IN_AUDIENCE
        except Exception:
            # One that fails records nobody, is reported, and hides no other.
            span = self.node.span
            _log.exception("the `record` at %s:%s failed and recorded nobody", span.file, span.line)
            return Reason.ERROR
        if self.percent >= 100:
            return Reason.TARGETING_MATCH
        return Reason.SPLIT if is_in_recording(person, self.percent) else Reason.NOT_IN_ROLLOUT


def compiled_records(project: RuleProject, compiler: Compiler) -> tuple[CompiledRecord, ...]:
    """The `record` declarations of a project, in their order."""

    def any_of(terms: Sequence[Condition]) -> CompiledCondition | None:
        if not terms:
            return None
        return compiler.condition(terms[0] if len(terms) == 1 else Or(tuple(terms), span=terms[0].span))

    return tuple(
        CompiledRecord(
            record,
            any_of([AtPlace(each, span=each.span) for each in record.places]),
            any_of([InSegment(each, span=each.span) for each in record.segments]),
            record.percent,
        )
        for record in project.recorded
    )


def recorded_by(records: Sequence[CompiledRecord], facts: UserFacts, person: str) -> CompiledRecord | None:
    """The first `record` that is of this person, as they stand now; None where none is."""
    return next((each for each in records if each.reason(facts, person).shows), None)


MEANINGS: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.NO_CONSENT: "The user has refused.",
        Reason.NOT_AT_STEP: "The user does not stand at any of its steps.",
        Reason.NOT_IN_AUDIENCE: "The user is in none of its segments, as far as is known.",
        Reason.NOT_IN_ROLLOUT: "The user is not in its share.",
        Reason.ERROR: "It failed; the log says how.",
        Reason.SPLIT: "The user is recorded: they are in its share.",
        Reason.TARGETING_MATCH: "The user is recorded.",
    }
)
"""Every reason that a `record` has for a user, in words."""


@dataclass(frozen=True, slots=True)
class RecordVerdict:
    """What one `record` says of a user."""

    record: Record
    reason: Reason

    @property
    def records(self) -> bool:
        """True if it records the user."""
        return self.reason.shows

    @property
    def meaning(self) -> str:
        """The reason in words."""
        return MEANINGS[self.reason]


def verdicts(
    records: Sequence[CompiledRecord], facts: UserFacts, person: str, *, has_consent: bool = True
) -> tuple[RecordVerdict, ...]:
    """What each `record` says of a user, in their order. person: the user's first id."""
    return tuple(
        RecordVerdict(each.node, each.reason(facts, person) if has_consent else Reason.NO_CONSENT) for each in records
    )
