"""State is a replay of the log, whatever the batching, and bounded."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.compiler import Compiler
from dsl.needs import KEPT_EVENTS
from dsl.parser import parse_condition
from engine.accounts import AccountState, account_slots, fold_account
from engine.events import Event, EventKind, in_history_order, is_browser_context
from engine.facts import facts_of, unreadable_traits
from engine.plan import StatePlan, first_need
from engine.state import LateEvent, UserState, fold, new_state, plan_for, replay
from tests.engine.histories import NOW, event, history, project
from tests.profiles import examples

CONDITIONS = [
    'did "Report Exported" at least 3 times in last 7 days',
    'did "Report Exported" exactly 2 times',
    'did "Report Exported" at most once since activation.connect_domain',
    'did "Report Exported" on at least 3 days in last 14 days',
    'did "Report Exported" on at least 2 days since "Signed Up"',
    'did "Purchase" where amount > 100 and currency is "EUR" in last 30 days',
    'did "Viewed Docs" then "DNS Check Failed" then "Left Page" within 10 minutes in last 7 days',
    'did "Viewed Docs" then "Viewed Docs" since "Signed Up"',
    'did "Viewed Docs" directly then "DNS Check Failed" in one session',
    'did "Domain Added" and not "Domain Verified" within 1 day',
    'first did "Signed Up" more than 30 days ago',
    'last did "Report Exported" within last 2 hours',
    'sum of amount in "Purchase" in last 30 days > 500',
    'average of amount in "Purchase" >= 20',
    'number of different domain in "Domain Added" >= 3',
    'number of different currency in "Purchase" in last 3 days >= 2',
    "days active in last 14 days >= 3",
    'anyone in account did "Domain Verified"',
    "felt confused at activation.verify_domain in last 7 days",
    "saw any survey in last 14 days",
    "answered verify_effort.ease <= 3",
    'plan is "pro"',
    "seats >= 5",
]


def the_plan() -> StatePlan:
    """A plan that needs a slot of every kind."""
    rules = project()
    compiler = Compiler(rules)
    needs = set()
    for text in CONDITIONS:
        condition = parse_condition(text).condition
        assert condition is not None, text
        needs |= compiler.condition(condition).needs
    return plan_for(rules, needs)


PLAN = the_plan()

NAMES = ["Signed Up", "Report Exported", "Purchase", "Domain Added", "Domain Verified", "DNS Check Failed"]
NAMES += ["Viewed Docs", "Left Page", "Campaign Sent", "$page", "$rage_click", "$shown", "$answered", "$dismissed"]
NAMES += ["$snoozed", "$completed", "$identify", "$group", "$step", "$held_out"]

PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        "amount": st.sampled_from([1, 2.5, 0.1, 0.2, 150, "12", "x", None, 1e300]),
        "currency": st.sampled_from(["EUR", "USD", 7]),
        "domain": st.sampled_from(["a", "b", "c"]),
        "guide": st.sampled_from(["verify_help", "verify_effort", "unknown", 3]),
        "question": st.sampled_from(["ease", "cause", "detail", "?"]),
        "value": st.sampled_from([1, 7, "unclear", "other", ["x"], None]),
        "submission": st.sampled_from(["s1", "s2"]),
        "seconds": st.sampled_from([60, -1, "1", 1e12, True]),
        "how": st.sampled_from(["close", "outside", 1]),
        "path": st.sampled_from(["/domains/new", "/domains/7", "/home"]),
        "recipients": st.sampled_from([0, 1]),
        "step": st.sampled_from(["verify_domain", "activation.signup", 9]),
        "plan": st.sampled_from(["pro", "free", None]),
        "seats": st.sampled_from([5, "6", "many"]),
    },
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Up to forty events of one person; equal times are frequent."""
    rows = draw(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(NAMES), PROPERTIES, st.booleans()), max_size=40))
    return [
        event(f"{minutes * 17} minutes", name, properties, seq=seq, from_browser=browser, message_id=f"m{seq}")
        for seq, (minutes, name, properties, browser) in enumerate(rows, 1)
    ]


@settings(max_examples=examples(300, 3_000), deadline=None)
@given(histories(), st.data())
def test_any_batching_gives_the_same_bytes(events, data):
    whole = replay(PLAN, events).to_json()
    ordered = in_history_order(events)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(ordered)), max_size=6)))
    state: UserState | None = None
    for start, end in pairwise([0, *cuts, len(ordered)]):
        state = fold(PLAN, state, ordered[start:end]).state
        # What is stored between two requests is all that there is.
        state = UserState.from_json(state.to_json())
    assert state is not None
    assert state.to_json() == whole


@settings(max_examples=examples(200, 2_000), deadline=None)
@given(histories(), st.data())
def test_order_of_arrival_and_duplicates_change_nothing(events, data):
    shuffled = data.draw(st.permutations(events))
    again = data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    later = [event_as_received_later(each, 1000 + number) for number, each in enumerate(again)]
    assert replay(PLAN, [*shuffled, *later]).to_json() == replay(PLAN, events).to_json()


def event_as_received_later(sent_before: Event, seq: int) -> Event:
    """The same message once more, with other content."""
    return event("1 minute", "Report Exported", seq=seq, message_id=sent_before.message_id)


@settings(max_examples=examples(100, 1_000), deadline=None)
@given(histories(), st.data())
def test_what_was_folded_cannot_be_folded_again(events, data):
    ordered = in_history_order(events)
    if not ordered:
        return
    state = replay(PLAN, events)
    before = state.to_json()
    with pytest.raises(LateEvent):
        fold(PLAN, state, [data.draw(st.sampled_from(ordered))])
    assert state.to_json() == before


@settings(max_examples=examples(100, 1_000), deadline=None)
@given(histories())
def test_every_condition_is_decided_without_an_error(events):
    compiler = Compiler(project())
    state = replay(PLAN, events)
    facts = facts_of(PLAN, state, now=NOW)
    for text in CONDITIONS:
        condition = parse_condition(text).condition
        assert condition is not None
        compiled = compiler.condition(condition)
        assert not (compiled.holds(facts) and compiled.fails(facts))


def test_the_state_stays_small_however_long_the_history():
    sizes = []
    state = new_state(PLAN)
    for number in range(10_000):
        name = ("Purchase", "Domain Added", "Report Exported", "$shown")[number % 4]
        properties = {"amount": number, "currency": f"c{number}", "domain": f"d{number}", "guide": "verify_help"}
        row = event("0", name, properties, seq=number, time=NOW + number)
        fold(PLAN, state, [row])
        if number in (4999, 9999):
            sizes.append(len(state.to_json()))
    assert sizes[1] < 1.05 * sizes[0]
    assert max(len(each) for each in _lists(json.loads(state.to_json()))) <= KEPT_EVENTS


def _lists(value: object) -> list[list[object]]:
    if isinstance(value, dict):
        return [found for each in value.values() for found in _lists(each)] or [[]]
    return [value] if isinstance(value, list) else [[]]


@pytest.mark.slow
def test_an_event_costs_the_same_after_a_long_history():
    def cost(state: UserState, first: int) -> float:
        events = [
            event("0", "Purchase", {"amount": 1}, seq=first + each, time=NOW + first + each) for each in range(2000)
        ]
        start = time.perf_counter()
        fold(PLAN, state, events)
        return time.perf_counter() - start

    state = new_state(PLAN)
    early = min(cost(state, number * 2000) for number in range(3))
    for number in range(3, 12):
        cost(state, number * 2000)
    late = min(cost(state, number * 2000) for number in range(12, 15))
    assert late < 3 * early


def test_a_later_identify_wins_by_event_time_not_by_arrival():
    events = [
        event("1 hour", "$identify", {"plan": "pro"}, seq=1),
        event("2 hours", "$identify", {"plan": "free", "seats": 3}, seq=2),
    ]
    assert replay(PLAN, events).traits == {"plan": "pro", "seats": 3}


ANONYMOUS = {"user_id": None}
LINKED = [
    ("the later wins", [("2 hours", {"plan": "a"}, ANONYMOUS), ("1 hour", {"plan": "b"}, ANONYMOUS)], {"plan": "b"}),
    ("the user's goes before", [("2 hours", {"plan": "a"}, {}), ("1 hour", {"plan": "b"}, ANONYMOUS)], {"plan": "a"}),
    ("either way", [("2 hours", {"plan": "a"}, ANONYMOUS), ("1 hour", {"plan": "b"}, {})], {"plan": "b"}),
    ("name by name", [("2 hours", {"a": 1}, {}), ("1 hour", {"a": 2, "b": 2}, ANONYMOUS)], {"a": 1, "b": 2}),
    ("null too", [("2 hours", {"a": 1}, ANONYMOUS), ("1 hour", {"a": None}, ANONYMOUS)], {}),
    ("but not the user's", [("2 hours", {"a": 1}, {}), ("1 hour", {"a": None}, ANONYMOUS)], {"a": 1}),
]


@pytest.mark.parametrize(("what", "rows", "expected"), LINKED, ids=[row[0] for row in LINKED])
def test_the_user_s_attributes_win_over_those_of_the_anonymous_history(what, rows, expected):
    state = replay(PLAN, history([(ago, "$identify", traits, more) for ago, traits, more in rows]))
    assert state.traits == expected


def test_null_takes_a_trait_away():
    rows = [("2 hours", "$identify", {"plan": "pro"}), ("1 hour", "$identify", {"plan": None})]
    assert replay(PLAN, history(rows)).traits == {}


def test_another_account_brings_its_own_attributes():
    rows = [
        ("2 hours", "$group", {"industry": "health"}, {"group_id": "a"}),
        ("1 hour", "$group", {"size": 5}, {"group_id": "b"}),
    ]
    state = replay(PLAN, history(rows))
    assert (state.account_id, state.account) == ("b", {"size": 5})


def test_traits_that_cannot_be_read_are_told():
    state = replay(PLAN, history([("1 hour", "$identify", {"seats": "five", "plan": 7})]))
    assert unreadable_traits(PLAN, state) == ("seats",)


SESSIONS = [
    ("one event", [("60 minutes", "Viewed Docs")], (1, "60 minutes")),
    ("29 minutes apart", [("60 minutes", "Viewed Docs"), ("31 minutes", "Viewed Docs")], (1, "60 minutes")),
    ("30 minutes apart", [("60 minutes", "Viewed Docs"), ("30 minutes", "Viewed Docs")], (2, "30 minutes")),
    (
        "a page view prolongs",
        [("60 minutes", "Viewed Docs"), ("40 minutes", "$page"), ("20 minutes", "$page")],
        (1, "60 minutes"),
    ),
    (
        "a server's event does not",
        [
            ("60 minutes", "Viewed Docs"),
            ("40 minutes", "Domain Verified", {}, {"from_browser": False}),
            ("20 minutes", "Viewed Docs"),
        ],
        (2, "20 minutes"),
    ),
    (
        "a guide's event does not",
        [("60 minutes", "Viewed Docs"), ("40 minutes", "$shown"), ("20 minutes", "Viewed Docs")],
        (2, "20 minutes"),
    ),
    (
        "friction does not",
        [("60 minutes", "Viewed Docs"), ("40 minutes", "$rage_click"), ("20 minutes", "Viewed Docs")],
        (2, "20 minutes"),
    ),
]


@pytest.mark.parametrize(("what", "rows", "expected"), SESSIONS, ids=[row[0] for row in SESSIONS])
def test_sessions(what, rows, expected):
    session = replay(PLAN, history(rows)).session
    assert session is not None
    assert (session.number, session.start) == (expected[0], event(expected[1], "x").time)


BROWSERS = [
    ({"page": {"path": "/"}}, True),
    ({"userAgent": "Mozilla/5.0"}, True),
    ({"userAgent": "Mozilla/5.0", "library": {"name": "@segment/analytics-next"}}, True),
    ({"userAgent": "Mozilla/5.0", "library": {"name": "waypost.js"}}, True),
    ({"page": {"path": "/"}, "library": {"name": "analytics-python"}}, False),
    ({"page": {"path": "/"}, "library": {"name": "@segment/analytics-node"}}, False),
    ({"library": {"name": "waypost.js"}}, False),
    ({"page": {}, "userAgent": " "}, False),
    ({}, False),
]


@pytest.mark.parametrize(("context", "expected"), BROWSERS)
def test_a_browser_event_has_a_page_or_a_user_agent_and_no_server_library(context, expected):
    assert is_browser_context(context) is expected


def test_live_events_wake_with_where_the_user_stood():
    rows = [("2 hours", "Signed Up"), ("1 hour", "Domain Added"), ("0", "Domain Verified", {}, {"live": False})]
    folded = fold(PLAN, None, history(rows))
    assert [woken.event.name for woken in folded.woken] == ["Signed Up", "Domain Added"]
    added = folded.woken[1]
    assert added.stood_before["activation"] == "connect_domain"
    assert added.stands_after["activation"] == "verify_domain"
    assert folded.woken[0].started_session
    assert added.started_session
    assert folded.state.journeys["activation"].standing == "first_campaign"
    assert "activation" in folded.journeys


def test_the_first_event_of_its_kind_is_told():
    rules = project(
        'guide hello "Hello" { on first "Viewed Docs"  show modal { title "Hi" body "Hi" } expires 2030-01-01 }'
    )
    plan = plan_for(rules, ())
    compiler = Compiler(rules)
    (clause,) = [each for each in rules.guides["hello"].clauses if hasattr(each, "first")]
    key = first_need(clause.event, compiler).key
    woken = fold(plan, None, history([("2 hours", "Viewed Docs"), ("1 hour", "Viewed Docs")])).woken
    assert [key in each.firsts for each in woken] == [True, False]


GUIDE_ROWS = [
    ("5 days", "$shown", {"guide": "verify_help"}),
    ("5 days", "$snoozed", {"guide": "verify_help", "seconds": 86400}),
    ("3 days", "$shown", {"guide": "verify_help"}),
    ("3 days", "$dismissed", {"guide": "verify_help", "how": "outside"}),
    ("2 days", "$dismissed", {"guide": "verify_help", "how": "escape"}),
    ("1 day", "$completed", {"guide": "verify_help"}),
]


def test_the_life_of_a_guide_is_kept():
    state = replay(PLAN, history(GUIDE_ROWS))
    guide = state.guides["verify_help"]
    assert guide.shown_count == 2
    assert guide.snooze_used
    assert len(guide.dismissed) == 2
    assert guide.closed_at == event("2 days", "x").time
    assert guide.completed_at == event("1 day", "x").time
    assert UserState.from_json(state.to_json()) == state


def test_answers_of_one_submission_count_as_one():
    answer = {"guide": "verify_effort", "question": "ease", "value": 2, "submission": "s1"}
    rows = [
        ("3 hours", "$answered", answer),
        ("2 hours", "$answered", {**answer, "question": "cause", "value": "other", "text": "DNS"}),
        ("1 hour", "$answered", {**answer, "submission": "s2", "value": 6}),
    ]
    history_of_guide = replay(PLAN, history(rows)).guides["verify_effort"]
    assert history_of_guide.submissions == 2
    assert history_of_guide.answers["ease"].value == 6
    assert history_of_guide.answers["cause"].text == "DNS"


def test_a_plan_changes_its_revision_with_what_it_keeps_and_not_with_words():
    rules = project()
    condition = parse_condition('did "Report Exported" at least 4 times in last 7 days').condition
    assert condition is not None
    needs = Compiler(rules).condition(condition).needs
    plain = plan_for(rules, ())
    assert plan_for(rules, ()).revision == plain.revision
    assert plan_for(rules, needs).revision != plain.revision
    assert plan_for(project("\nattribute budget: number\n"), ()).revision == plain.revision
    assert (
        plan_for(project('\njourney more "M" { stage s "S" { step t "T" reached by "T Done" } }\n'), ()).revision
        != plain.revision
    )


def test_needs_of_several_rules_share_one_slot_that_serves_all():
    rules = project()
    compiler = Compiler(rules)
    needs = set()
    for number in (2, 5):
        condition = parse_condition(f'did "Report Exported" at least {number} times in last 7 days').condition
        assert condition is not None
        needs |= compiler.condition(condition).needs
    plan = plan_for(rules, needs)
    state = replay(plan, history([(f"{hours} hours", "Report Exported") for hours in range(9, 0, -1)]))
    assert [len(slot) for slot in state.slots.values()] == [5]


def test_anyone_in_account_sees_the_other_users():
    rules = project()
    condition = parse_condition('anyone in account did "Domain Verified" at least 2 times').condition
    assert condition is not None
    compiled = Compiler(rules).condition(condition)
    plan = plan_for(rules, compiled.needs)
    mine = replay(plan, history([("1 day", "Domain Verified")]))
    colleague = replay(plan, history([("2 days", "Domain Verified"), ("1 day", "Domain Verified")]))
    alone = facts_of(plan, mine, now=NOW)
    together = facts_of(plan, mine, now=NOW, others=lambda: [account_slots(plan, colleague)])
    assert compiled.fails(alone)
    assert compiled.holds(together)


def test_an_account_s_attributes_are_the_newest_whatever_the_order():
    first = event("2 days", "$group", {"industry": "retail", "size": 5}, seq=1)
    second = event("1 day", "$group", {"industry": "health"}, seq=2)
    gone = event("1 hour", "$group", {"size": None}, seq=3)
    forth, back = AccountState(), AccountState()
    for each in (first, second, gone, second):
        fold_account(forth, each)
    for each in (gone, second, first):
        fold_account(back, each)
    assert forth.to_json() == back.to_json()
    assert forth.traits == {"industry": "health"}
    assert AccountState.from_json(forth.to_json()) == forth
    assert fold_account(AccountState(), event("1 day", "Purchase")).traits == {}


def test_a_new_person_stands_at_the_first_step():
    state = new_state(PLAN)
    assert state.journeys["activation"].standing == "signup"
    assert facts_of(PLAN, None, now=NOW).journeys["activation"].standing_since is None


def test_a_clock_that_was_put_back_does_not_hide_what_was_folded():
    state = replay(PLAN, history([("0", "Report Exported")]))
    assert facts_of(PLAN, state, now=NOW - 1).now == NOW


def test_kinds_of_events_have_their_names():
    assert {event("0", "$page").kind, event("0", "x").kind} == {EventKind.PAGE, EventKind.TRACK}
