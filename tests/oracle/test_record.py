"""What `record` declarations say of a person agrees with the oracle, which reads it off the raw history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from hypothesis import given, note, settings
from hypothesis import strategies as st
from stories import WORLD, histories, instants
from truth import Person

from dsl.nodes import AtPlace, InSegment, Record
from dsl.project import RuleProject, load
from dsl.values import Instant
from engine.events import Event, in_history_order
from engine.facts import facts_of
from engine.replay.rules import recorded_by
from engine.ruleset import RuleSet
from engine.state import fold
from tests.profiles import examples

SEGMENTS = """
segment did_b where did "B" at least 2 times
segment at_two where at j.two or stuck at again.second for 10 minutes
segment unknown where nobody_knows is "x"
segment not_d where did not "D" in last 1 hour
attribute nobody_knows: text
"""
PLACES = ("j.one", "j.two", "j.three", "j.s", "again.first", "again.second", "again.only")
NAMES = ("did_b", "at_two", "unknown", "not_d")
SHARES = ("", " sample 0%", " sample 12.5%", " sample 50%", " sample 99.9%", " sample 100%")


def clauses(word: str, of: Sequence[str]) -> st.SearchStrategy[str]:
    some = st.lists(st.sampled_from(of), min_size=1, max_size=3, unique=True)
    return some.map(lambda chosen: f" {word} {', '.join(chosen)}")


at, audience = clauses("at", PLACES), clauses("for", NAMES)
records = st.builds(
    lambda said, share: f"record{said}{share}",
    at | audience | st.builds(lambda one, other: one + other, at, audience),
    st.sampled_from(SHARES),
)


def naive(record: Record, project: RuleProject, history: Sequence[Event], now: Instant, person: str) -> bool:
    """By the reference: stands at one of the steps, is in one of the segments, and is in the share."""
    asked = Person(project, history, now)
    stands = not record.places or any(asked.truth(AtPlace(each, span=each.span)) for each in record.places)
    is_meant = not record.segments or any(asked.truth(InSegment(each, span=each.span)) for each in record.segments)
    digest = sha256(f"record\x1f\x1f{person}".encode()).digest()
    drawn = int.from_bytes(digest[:8], "big") * 1_000_000 // 2**64
    return stands and is_meant and drawn < record.percent * 10_000


@dataclass(frozen=True)
class Asked:
    """Some declarations, the history of whom they are asked, when, and who it is."""

    texts: list[str]
    history: list[Event]
    now: Instant
    person: str

    def check(self) -> None:
        """The first declaration that the oracle finds is the one that records; the order of the others is no matter."""
        project = load({"world.way": WORLD + SEGMENTS + "\n".join(self.texts)})
        assert project.ok, project.diagnostics
        ruleset = RuleSet.build(project)
        past = in_history_order(event for event in in_history_order(self.history) if event.time <= self.now)
        facts = facts_of(ruleset.plan, fold(ruleset.plan, None, past).state, now=self.now)
        expected = next(
            (each for each in project.recorded if naive(each, project, self.history, self.now, self.person)), None
        )
        found = recorded_by(ruleset.records, facts, self.person)
        note(f"{self.texts} → {expected}")
        assert (None if found is None else found.node) is expected


@settings(max_examples=examples(200, 20_000))
@given(
    st.builds(
        Asked,
        st.lists(records, min_size=1, max_size=4),
        histories,
        instants(),
        st.sampled_from([f"u{number}" for number in range(40)] + ["Zoë", "用户"]),
    )
)
def test_whoever_the_oracle_finds_is_recorded_and_nobody_else(asked: Asked) -> None:
    asked.check()
