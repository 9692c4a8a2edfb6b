"""Operations on traits: what each makes of a value, and that any order of arrival gives the same."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.values import MINUTE, JsonValue
from engine.accounts import AccountState, account_of, fold_account
from engine.events import Event, EventKind
from engine.intake import RejectionCode, take_in
from engine.service import Service
from engine.state import LateEvent, replay
from engine.storage import tables
from engine.traits import ITEM_LIMIT, LIST_LIMIT, Operation, apply, told
from tests.engine.histories import NOW, event
from tests.engine.ingesting import counts, replayed, rows, send, stored, track, user
from tests.engine.test_state import PLAN
from tests.profiles import examples

NOTHING: dict[str, JsonValue] = {}


@pytest.mark.parametrize(
    ("known", "traits", "then"),
    [
        # plain members are set, and null takes away
        (NOTHING, {"plan": "pro"}, {"plan": "pro"}),
        ({"plan": "pro"}, {"plan": None}, NOTHING),
        ({"plan": "pro"}, {"$set": {"plan": "free", "seats": 5}}, {"plan": "free", "seats": 5}),
        ({"plan": "pro"}, {"$set": {"plan": None}}, NOTHING),
        # set once: the first one stays
        (NOTHING, {"$set_once": {"source": "ads"}}, {"source": "ads"}),
        ({"source": "mail"}, {"$set_once": {"source": "ads"}}, {"source": "mail"}),
        ({"source": ""}, {"$set_once": {"source": "ads"}}, {"source": ""}),
        # add: nothing counts as 0, and text as the number that it spells
        (NOTHING, {"$add": {"logins": 1}}, {"logins": 1}),
        ({"logins": 2}, {"$add": {"logins": -3}}, {"logins": -1}),
        ({"logins": "2"}, {"$add": {"logins": 1}}, {"logins": 3}),
        ({"logins": "many"}, {"$add": {"logins": 1}}, {"logins": "many"}),
        ({"logins": True}, {"$add": {"logins": 1}}, {"logins": True}),
        ({"logins": [1]}, {"$add": {"logins": 1}}, {"logins": [1]}),
        ({"spent": 0.1}, {"$add": {"spent": 0.2}}, {"spent": 0.3}),
        ({"spent": 2**63 - 1}, {"$add": {"spent": 1}}, {"spent": float(2**63)}),
        ({"spent": 1.7e308}, {"$add": {"spent": 1.7e308}}, {"spent": 1.7e308}),
        # append: one item or several; what was one value becomes a list
        (NOTHING, {"$append": {"tags": "beta"}}, {"tags": ["beta"]}),
        ({"tags": ["a"]}, {"$append": {"tags": ["b", "a"]}}, {"tags": ["a", "b", "a"]}),
        ({"tags": "a"}, {"$append": {"tags": "b"}}, {"tags": ["a", "b"]}),
        ({"tags": {"a": 1}}, {"$append": {"tags": "b"}}, {"tags": {"a": 1}}),
        # remove: every item that is equal; an empty list is still a list
        ({"tags": ["a", "b", "a"]}, {"$remove": {"tags": "a"}}, {"tags": ["b"]}),
        ({"tags": [1, True, 1.0]}, {"$remove": {"tags": [1]}}, {"tags": [True]}),
        ({"tags": ["a"]}, {"$remove": {"tags": ["a", "c"]}}, {"tags": []}),
        ({"tags": "a"}, {"$remove": {"tags": "a"}}, {"tags": "a"}),
        (NOTHING, {"$remove": {"tags": "a"}}, NOTHING),
        # unset
        ({"plan": "pro", "seats": 5}, {"$unset": ["plan", "unknown"]}, {"seats": 5}),
        # several at once, in one order: set, set once, add, append, remove, unset
        (
            {"logins": 9, "tags": ["old"]},
            {"$unset": ["gone"], "$remove": {"tags": "old"}, "$append": {"tags": "new"}, "$add": {"logins": 1},
             "$set_once": {"gone": 1}, "logins": 0},
            {"logins": 1, "tags": ["new"]},
        ),
        # other names with a `$` are traits as any
        (NOTHING, {"$browser": "Firefox"}, {"$browser": "Firefox"}),
    ],
)  # fmt: skip
def test_what_an_operation_makes_of_what_is_known(
    known: dict[str, JsonValue], traits: dict[str, JsonValue], then: dict[str, JsonValue]
) -> None:
    assert apply(dict(known), traits) == then
    identify = event("1 minute", "$identify", known, seq=1)
    later = event("0", "$identify", traits, seq=2)
    assert replay(PLAN, [later, identify]).traits == then


def test_ten_times_a_tenth_is_one() -> None:
    known: dict[str, JsonValue] = {}
    for _ in range(10):
        apply(known, {"$add": {"spent": 0.1}})
    assert known == {"spent": 1.0}


def test_a_list_grows_up_to_its_limit() -> None:
    known: dict[str, JsonValue] = {"tags": ["a"] * (LIST_LIMIT - 1)}
    apply(known, {"$append": {"tags": ["b", "c"]}})
    apply(known, {"$append": {"tags": "d"}})
    assert known["tags"] == ["a"] * (LIST_LIMIT - 1) + ["b"]


def test_the_names_in_operations_are_seen_with_their_types() -> None:
    traits: dict[str, JsonValue] = {"plan": "pro", "$add": {"logins": 1}, "$append": {"tags": "beta"}, "$unset": ["x"]}
    assert dict(told(traits)) == {"plan": "pro", "logins": 1, "tags": ["beta"], "x": None}


@pytest.mark.parametrize(
    ("traits", "path", "hint"),
    [
        ({"$add": 1}, "$add", '{"$add": {"seats": 1}}'),
        ({"$add": {"seats": "1"}}, "$add.seats", "takes a number"),
        ({"$add": {"seats": True}}, "$add.seats", "takes a number"),
        ({"$add": {"seats": None}}, "$add.seats", "takes a number"),
        ({"$append": {"tags": {}}}, "$append.tags", "or a list of them"),
        ({"$append": {"tags": [["a"]]}}, "$append.tags", "or a list of them"),
        ({"$append": {"tags": "x" * (ITEM_LIMIT + 1)}}, "$append.tags", "255 characters"),
        ({"$remove": ["tags"]}, "$remove", "an object of traits"),
        ({"$unset": "plan"}, "$unset", "a list of names"),
        ({"$unset": [1]}, "$unset", "a list of names"),
        ({"$set": None}, "$set", "an object of traits"),
        ({"$setOnce": {"plan": "pro"}}, "$setOnce", "write `$set_once`"),
        ({"$union": {"tags": "a"}}, "$union", "write `$append`"),
        ({"$increment": {"seats": 1}}, "$increment", "write `$add`"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("call", [{"type": "identify"}, {"type": "group", "groupId": "g"}], ids=["identify", "group"])
def test_an_operation_that_cannot_be_done_is_refused_with_its_place(
    call: dict[str, Any], traits: JsonValue, path: str, hint: str
) -> None:
    taken = take_in(
        [{**call, "userId": "u", "traits": traits}, {**call, "userId": "u"}], received=NOW, new_id=lambda: "made-up"
    )
    assert len(taken.taken) == 1
    (refused,) = taken.rejected
    assert (refused.code, refused.path) == (RejectionCode.BAD_OPERATION, f"$.traits.{path}")
    assert hint in refused.message


def test_operations_belong_to_identify_and_group_only() -> None:
    message = track("A", user="u", properties={"$add": 1}, traits={"$add": 1})
    (taken,) = take_in([message], received=NOW, new_id=lambda: "made-up").taken
    assert (taken.event.properties, taken.event.traits) == ({"$add": 1}, {})


# in any order

_NAMES = st.sampled_from(["n", "t"])
_ITEMS = st.sampled_from([1, 2, 0.5, "a", "b", True])
_TRAITS = st.fixed_dictionaries(
    {},
    optional={
        "n": st.sampled_from([None, 0, "7", "x"]),
        "$set": st.dictionaries(_NAMES, st.one_of(_ITEMS, st.none(), st.lists(_ITEMS, max_size=2)), max_size=2),
        "$set_once": st.dictionaries(_NAMES, _ITEMS, max_size=2),
        "$add": st.dictionaries(_NAMES, st.sampled_from([1, -2, 0.1]), max_size=2),
        "$append": st.dictionaries(_NAMES, st.one_of(_ITEMS, st.lists(_ITEMS, max_size=2)), max_size=2),
        "$remove": st.dictionaries(_NAMES, _ITEMS, max_size=2),
        "$unset": st.lists(_NAMES, max_size=1),
    },
)


@st.composite
def calls(draw: st.DrawFn, kind: str) -> list[Event]:
    """Up to twelve calls; equal times are frequent, some come without a user id."""
    told = draw(st.lists(st.tuples(st.integers(0, 5), _TRAITS, st.booleans()), max_size=12))
    found = []
    for seq, (minutes, traits, is_known) in enumerate(told, 1):
        ids = {"user_id": "u1"} if is_known or kind == "$group" else {"user_id": None, "anonymous_id": "a"}
        found.append(event(f"{minutes} minutes", kind, traits, seq=seq, message_id=f"m{seq}", **ids))
    return found


def one_after_the_other(events: list[Event]) -> dict[str, JsonValue]:
    """The slow and obvious way: all calls of known users and visitors alike, in (time, receipt) order."""
    known: dict[str, JsonValue] = {}
    for each in sorted(events, key=lambda each: (each.time, each.seq)):
        apply(known, each.traits)
    return known


@settings(max_examples=examples(200, 2_000))
@given(events=calls("$identify"), data=st.data())
def test_traits_are_those_of_history_whatever_the_order_of_arrival(events: list[Event], data: st.DataObject) -> None:
    whole = replay(PLAN, events)
    shuffled = data.draw(st.permutations(events))
    assert replay(PLAN, shuffled).to_json() == whole.to_json()
    if all(each.user_id is not None for each in events):
        assert whole.traits == one_after_the_other(events)


@settings(max_examples=examples(300, 3_000))
@given(events=calls("$group"), data=st.data())
def test_an_account_is_that_of_history_or_says_that_it_must_be_made_anew(
    events: list[Event], data: st.DataObject
) -> None:
    assert account_of(data.draw(st.permutations(events))).traits == one_after_the_other(events)
    account, received = AccountState(), []
    for each in data.draw(st.permutations(events)):
        received.append(each)
        try:
            fold_account(account, each)
        except LateEvent:
            account = account_of(received)
        assert account.traits == one_after_the_other(received)
        account = AccountState.from_json(account.to_json())


@pytest.mark.parametrize("seed", range(3))
def test_late_messages_and_repeated_ones_leave_what_history_says(
    service: Service, ruled: int, url: str, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311  (no secret)
    messages = []
    for number in range(24):
        traits = dice.choice(
            [
                {"$add": {"logins": 1}, "$append": {"tags": f"t{number}"}},
                {"$set_once": {"source": f"s{number}"}},
                {"logins": number},
                {"$remove": {"tags": f"t{number - 2}"}},
                {"$append": {"tags": ["x", "y"]}, "$unset": ["source"]},
            ]
        )
        kind = dice.choice(["identify", "group"])
        messages.append(
            track(
                "unused",
                ago=(24 - number) * MINUTE,
                user=dice.choice(["u", "w"]) if kind == "group" else "u",
                messageId=f"m{number}",
                type=kind,
                groupId="acme",
                traits=traits,
            )
        )
    in_order = [{**each} for each in messages]
    dice.shuffle(messages)
    while messages:
        part = [messages.pop() for _ in range(min(len(messages), dice.randint(1, 5)))]
        accepted = len(part)
        assert counts(send(service, ruled, *part)) == (accepted, 0, 0)
        assert counts(send(service, ruled, dice.choice(part))) == (0, 1, 0)
    expected: dict[str, dict[str, JsonValue]] = {"identify": {}, "group": {}}
    for each in in_order:
        apply(expected[str(each["type"])], each["traits"])
    assert stored(url) == replayed(service, ruled)
    assert user(service, ruled).state.get("traits", {}) == expected["identify"]
    (account,) = rows(url, tables.Account)
    assert AccountState.from_json(account["data"].encode()).traits == expected["group"]


# whose they are


def test_what_a_user_said_stays_before_what_the_visitor_said_operations_too() -> None:
    said = [
        event("3 minutes", "$identify", {"$append": {"tags": "visitor"}, "plan": "free"}, seq=1, user_id=None),
        event("2 minutes", "$identify", {"plan": "pro", "$set_once": {"tags": "user"}}, seq=2),
        event("1 minute", "$identify", {"$append": {"tags": "later"}, "$add": {"plan": 1}, "plan": "x"}, seq=3,
              user_id=None),
    ]  # fmt: skip
    state = replay(PLAN, said)
    assert state.traits == {"plan": "pro", "tags": ["visitor", "later"]}
    assert [each.kind for each in said] == [EventKind.IDENTIFY] * 3


def test_every_operation_is_documented() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs" / "reference" / "events.md").read_text()
    for operation in Operation:
        assert f"`{operation.value}`" in page
