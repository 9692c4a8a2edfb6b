"""The simulated past of the demo: the same every time, plausible, and with its two causes in it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from dsl.values import DAY, Instant, read_instant
from engine.friction import SIGNAL_EVENTS
from examples.demo.history import DAYS, USERS, Message, simulate

UNTIL = read_instant("2026-11-22T12:00:00Z") or Instant(0)


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return simulate(until=UNTIL)


def when(message: Message) -> Instant:
    moment = read_instant(str(message["timestamp"]))
    assert moment is not None
    return moment


def of_event(messages: list[Message], name: str) -> list[Message]:
    return [each for each in messages if each.get("event") == name]


def people_who(messages: list[Message], event: str) -> set[object]:
    return {each["userId"] for each in of_event(messages, event) if "userId" in each}


def answers_to(messages: list[Message], question: str) -> Counter[object]:
    given = [each["properties"] for each in of_event(messages, "$answered")]
    return Counter(each["value"] for each in given if isinstance(each, dict) and each["question"] == question)


def test_the_same_seed_and_instant_give_the_same_history(messages: list[Message]) -> None:
    assert simulate(until=UNTIL) == messages


def test_another_seed_gives_another_history(messages: list[Message]) -> None:
    assert simulate(until=UNTIL, seed=1) != messages


def test_another_instant_moves_the_history_with_it(messages: list[Message]) -> None:
    later = simulate(until=Instant(UNTIL + 30 * DAY))
    assert min(map(when, later)) > Instant(UNTIL)


def test_it_lies_within_the_days_before_the_instant_in_the_order_of_time(messages: list[Message]) -> None:
    times = [when(each) for each in messages]
    assert times == sorted(times)
    assert times[0] >= UNTIL - DAYS * DAY
    assert times[-1] <= UNTIL


def test_every_message_says_that_it_is_simulated_and_has_an_id_of_its_own(messages: list[Message]) -> None:
    assert all(isinstance(each["context"], dict) and each["context"]["simulated"] is True for each in messages)
    assert len({each["messageId"] for each in messages}) == len(messages)


def test_it_is_the_history_of_all_customers(messages: list[Message]) -> None:
    assert len({each["anonymousId"] for each in messages}) == USERS


def test_most_customers_who_leave_do_so_at_the_verification(messages: list[Message]) -> None:
    reached = [
        len(people_who(messages, event)) for event in ("Signed Up", "Domain Added", "Domain Verified", "Campaign Sent")
    ]
    lost = [before - after for before, after in pairwise(reached)]
    assert reached == sorted(reached, reverse=True)
    assert max(lost) == lost[1] > 0.3 * reached[1]


@pytest.mark.parametrize(
    ("plan", "seats", "choice", "signal"),
    [
        ("trial", (1, 49), "unsure", "$rage_click"),
        ("pro", (50, 10_000), "no_access", "$form_abandoned"),
    ],
    ids=["self-serve customers do not understand the page", "large companies may not change their DNS"],
)
def test_each_kind_of_customer_has_its_own_trouble(
    messages: list[Message], plan: str, seats: tuple[int, int], choice: str, signal: str
) -> None:
    identified = [(each["userId"], each["traits"]) for each in messages if each["type"] == "identify"]
    people = {
        who
        for who, traits in identified
        if isinstance(traits, dict) and traits["plan"] == plan and seats[0] <= int(str(traits["seats"])) <= seats[1]
    }
    own = [each for each in messages if each.get("userId") in people]
    others = [each for each in messages if each.get("userId") not in people]
    said, said_elsewhere = answers_to(own, "blocker"), answers_to(others, "blocker")
    assert said.most_common(1)[0][0] == choice
    assert said[choice] > said_elsewhere[choice]
    share = len(people_who(own, signal)) / len(people_who(own, "Domain Added"))
    elsewhere = len(people_who(others, signal)) / len(people_who(others, "Domain Added"))
    assert share > 1.3 * elsewhere


def test_the_signals_are_known_and_the_answers_are_many_and_varied(messages: list[Message]) -> None:
    names = {str(each["event"]) for each in messages if "event" in each}
    own = {name for name in names if name.startswith("$")}
    assert own - SIGNAL_EVENTS == {"$shown", "$answered", "$completed", "$dismissed"}
    words = answers_to(messages, "detail") + answers_to(messages, "words")
    assert words.total() > 150
    assert len(words) > 70


def test_a_small_history_can_be_asked_for() -> None:
    assert len({each["anonymousId"] for each in simulate(until=UNTIL, users=20)}) == 20
