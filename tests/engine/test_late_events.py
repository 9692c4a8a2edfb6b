"""Events that come after later ones: the state is what the log says, in whatever order they came."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.compiler import Compiler
from dsl.parser import parse_condition
from dsl.values import HOUR, MINUTE, SECOND
from engine import roster
from engine.events import Event
from engine.folding import PersonState, take_in
from engine.plan import StatePlan, plan_for
from engine.service import Service
from engine.state import UserState, new_state, replay
from engine.verification import verify
from tests.engine.clock import Clock
from tests.engine.histories import event, project
from tests.engine.serving import guide, publish, send, shown, track
from tests.engine.test_state import CONDITIONS, histories
from tests.profiles import examples

LONG = 5
"""Events of a history that is too long to be folded on the spot, in these tests."""


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "FOLDED_AT_ONCE", LONG)


def plan_of(conditions: Sequence[str]) -> StatePlan:
    """A plan with what some conditions need."""
    rules = project()
    compiler = Compiler(rules)
    parsed = [parse_condition(text).condition for text in conditions]
    needs = {need for each in parsed if each is not None for need in compiler.condition(each).needs}
    return plan_for(rules, needs)


def taken_one_by_one(plan: StatePlan, events: Sequence[Event]) -> tuple[UserState, int]:
    """The state of a person to whom events came in this order, and how many late ones were merged into it."""
    person, merged = PersonState(new_state(plan)), 0
    for number, each in enumerate(events):
        is_late = person.state.position is not None and each.position <= person.state.position
        if take_in(plan, person, [each]):
            merged += is_late
        else:
            person = PersonState(replay(plan, events[: number + 1]))
        person.state = UserState.from_json(person.state.to_json())
    return person.state, merged


@settings(max_examples=examples(400, 4_000), deadline=None)
@given(histories(), st.lists(st.sampled_from(CONDITIONS), max_size=3))
def test_a_late_event_is_merged_as_a_replay_would_have_it_or_not_at_all(events, conditions):
    plan = plan_of(conditions)
    state, _ = taken_one_by_one(plan, events)
    assert state.to_json() == replay(plan, events).to_json()


@pytest.mark.parametrize(
    ("condition", "names", "merged"),
    [
        ('did "Report Exported" at least 2 times', ["Report Exported"] * 4, 3),
        ('did "Report Exported" at least 2 times in last 7 days', ["Report Exported"] * 4, 3),
        ('did "Report Exported" at least 2 times in last 7 days', ["Viewed Docs"] * 4, 3),
        ('total of amount in "Purchase" > 100', ["Purchase"] * 4, 3),
        ('did "Report Exported" then "Purchase"', ["Report Exported", "Purchase"] * 2, 0),
    ],
)
def test_what_is_the_same_in_any_order_needs_no_second_fold(condition: str, names: list[str], merged: int) -> None:
    began = event("9 hours", "Left Page", seq=1, from_browser=False)
    # Each came an hour too late for the one before it.
    late = [
        event(f"{number} hours", name, {"amount": 5}, seq=number + 1, from_browser=False)
        for number, name in enumerate(names, 1)
    ]
    plan = plan_of([condition])
    state, found = taken_one_by_one(plan, [began, *late])
    assert found == merged
    assert state.to_json() == replay(plan, [began, *late]).to_json()


def fill(service: Service, project: int, clock: Clock, events: int = LONG + 3) -> None:
    """A long history whose latest event is of now."""
    send(
        service, project, clock, *(track("Seen", ago=number * MINUTE, at=clock.now) for number in range(events, -1, -1))
    )


def is_sound(service: Service, project: int) -> bool:
    assert service.settle(project, 30)
    found = verify(service.database)
    return not found.faults and not found.waiting


@pytest.mark.usefixtures("short_patience")
def test_a_long_history_is_folded_beside_the_writer_and_nothing_is_shown_until_then(
    service: Service, project: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(service, project, 'event "Seen"\nevent "Cured"\n', guide("tip", 'unless did "Cured"', on=None))
    fill(service, project, clock)
    assert shown(service.decide(project, user_id="u")) == ["tip"]
    with monkeypatch.context() as held:
        held.setattr(service._refolding, "start", lambda _: None)
        held.setattr(service._ingest, "_fold_again", lambda _: None)
        # An hour before everything else: the first thing that is known of them is another now.
        receipt = send(service, project, clock, track("Cured", ago=HOUR, at=clock.now))
        assert (receipt.accepted, receipt.decisions, receipt.ttl) == (1, (), 1)
        reply = service.decide(project, user_id="u")
        assert (reply.decisions, reply.ttl) == ((), 1)
        assert shown(send(service, project, clock, track("Seen", at=clock.now))) == []
    service._refolding.start(project)
    assert is_sound(service, project)
    assert shown(service.decide(project, user_id="u")) == []


@pytest.mark.usefixtures("short_patience")
def test_what_came_meanwhile_wakes_rules_once_it_is_folded(
    service: Service, project: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(service, project, 'event "Seen"\n', guide("tip", "shown at most 5 times"))
    fill(service, project, clock)
    with monkeypatch.context() as held:
        held.setattr(service._ingest, "_fold_again", lambda _: None)
        send(service, project, clock, track("Seen", ago=HOUR, at=clock.now), decide=False)
        assert shown(send(service, project, clock, track("Stuck", ago=2 * SECOND, at=clock.now))) == []
    service._refolding.start(project)
    assert is_sound(service, project)
    assert shown(service.decide(project, user_id="u")) == ["tip"]
    assert shown(service.decide(project, user_id="u")) == []


@pytest.mark.usefixtures("short_patience")
def test_no_event_is_lost_that_comes_while_its_history_is_folded(service: Service, project: int, clock: Clock) -> None:
    publish(service, project, 'event "Seen"\n', guide("tip"))
    fill(service, project, clock)

    def load(number: int) -> None:
        for turn in range(12):
            ago = HOUR + (number * 100 + turn) * SECOND if turn % 3 else 0
            send(service, project, clock, track("Seen", ago=ago, at=clock.now, messageId=f"{number}-{turn}"))

    clients = [threading.Thread(target=load, args=(number,)) for number in range(4)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert is_sound(service, project)
    assert len(service.history(project, user_id="u")) == LONG + 4 + 48
