"""Events through the whole of storage: durable before acknowledged, once, in history order whatever the arrival."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from dsl.values import DAY, HOUR, MINUTE, SECOND, Instant, JsonValue, format_instant
from engine.errors import StorageUnavailable, UnknownProject
from engine.intake import RejectionCode
from engine.service import Service
from engine.storage import exposures, tables
from engine.storage.store import Database
from tests.engine.clock import STARTED, Clock
from tests.engine.ingesting import RULES, counts, names, replayed, rows, send, stored, track, user

# durable before acknowledged


def test_what_is_acknowledged_can_be_seen_by_another_process(service: Service, project: int, url: str) -> None:
    for number in range(5):
        assert counts(send(service, project, track("A", user="u", messageId=f"m{number}"))) == (1, 0, 0)
        assert len(rows(url, tables.Event)) == number + 1


def test_nothing_is_acknowledged_when_the_commit_fails(
    service: Service, project: int, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, Exception("disk full"))

    with monkeypatch.context() as patched:
        patched.setattr(sa.engine.Connection, "_commit_impl", fail)
        with pytest.raises(StorageUnavailable, match="disk full"):
            send(service, project, track("A", user="u", messageId="m1"))
    assert rows(url, tables.Event) == rows(url, tables.Message) == rows(url, tables.State) == []
    # the same message is new when it is sent again
    assert counts(send(service, project, track("A", user="u", messageId="m1"))) == (1, 0, 0)


def test_a_restart_keeps_everything(start: Callable[[], Service], url: str) -> None:
    first = start()
    project = first.ensure_project().id
    first.publish(project, {"rules.way": RULES})
    send(first, project, track("Signed Up", user="u"), track("DNS Check Failed", user="u", messageId="m2"))
    before = user(first, project)
    second = start()
    assert user(second, second.ensure_project().id) == before
    assert counts(send(second, project, track("DNS Check Failed", user="u", messageId="m2"))) == (0, 1, 0)
    assert stored(url) == replayed(second, project)


# once


def test_a_message_that_is_sent_again_has_no_effect(service: Service, ruled: int, url: str) -> None:
    message = track("Domain Added", user="u", messageId="m1")
    assert counts(send(service, ruled, message)) == (1, 0, 0)
    before, log = stored(url), rows(url, tables.Event)
    again = send(service, ruled, message, received=STARTED + DAY, sent_at=format_instant(Instant(STARTED + DAY)))
    assert counts(again) == (0, 1, 0)
    assert (stored(url), rows(url, tables.Event)) == (before, log)


def test_of_two_messages_with_one_id_the_first_received_wins(service: Service, project: int) -> None:
    first, second = track("First", user="u", messageId="same"), track("Second", user="u", messageId="same")
    assert counts(send(service, project, first, second)) == (1, 1, 0)
    assert counts(send(service, project, second)) == (0, 1, 0)
    assert names(service, project) == ["First"]


def test_one_message_id_in_two_projects_is_two_messages(service: Service, project: int) -> None:
    other = service.ensure_project("other").id
    for number in (project, other):
        assert counts(send(service, number, track("A", user="u", messageId="m1"))) == (1, 0, 0)
    assert names(service, project) == names(service, other) == ["A"]
    assert user(service, project).person_id != user(service, other).person_id


def test_many_senders_at_once_lose_nothing_and_double_nothing(service: Service, ruled: int, url: str) -> None:
    failures: list[BaseException] = []

    def client(number: int) -> None:
        try:
            for turn in range(20):
                own = track("DNS Check Failed", user=f"u{number}", messageId=f"{number}-{turn}")
                shared = track("DNS Check Failed", user="u", messageId=f"shared-{turn}")
                send(service, ruled, own, shared)
                send(service, ruled, own)
        except BaseException as error:
            failures.append(error)

    clients = [threading.Thread(target=client, args=(number,)) for number in range(8)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    assert failures == []
    found = [row["message_id"] for row in rows(url, tables.Event)]
    assert len(found) == len(set(found)) == 8 * 20 + 20
    for number in range(8):
        assert stored(url, f"u{number}") == replayed(service, ruled, f"u{number}")
    assert stored(url) == replayed(service, ruled)


def test_two_processes_on_one_database_keep_every_event_once_and_every_state_right(url: str, clock: Clock) -> None:
    services = [Service.open(url, clock=clock) for _ in range(2)]
    project = services[0].ensure_project().id
    services[0].publish(project, {"rules.way": RULES})
    failures: list[BaseException] = []

    def client(number: int) -> None:
        try:
            for turn in range(12):
                ago = (37 * turn + 11 * number) % 60 * SECOND
                ids = {"user": f"u{turn % 3}", "visitor": f"a{turn % 3}-{number}"}
                message = track("DNS Check Failed", ago=ago, messageId=f"{turn}-{number // 2}", **ids)
                send(services[number % 2], project, message, decide=turn % 2 == 0)
        except BaseException as error:
            failures.append(error)

    clients = [threading.Thread(target=client, args=(number,)) for number in range(4)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    assert failures == []
    found = [row["message_id"] for row in rows(url, tables.Event)]
    assert len(found) == len(set(found)) == 24
    for number in range(3):
        assert stored(url, f"u{number}") == replayed(services[0], project, f"u{number}")
    for service in services:
        service.close()


# good neighbours


def test_bad_messages_are_refused_one_by_one_and_good_ones_kept(service: Service, project: int) -> None:
    receipt = send(service, project, track("A", user="u"), "nonsense", {"type": "track"}, track("B", user="u"))
    assert counts(receipt) == (2, 0, 2)
    assert [(each.index, each.code) for each in receipt.rejected] == [
        (1, RejectionCode.NOT_AN_OBJECT),
        (2, RejectionCode.MISSING_FIELD),
    ]
    assert names(service, project) == ["A", "B"]


def test_a_request_of_bad_messages_only_changes_nothing(service: Service, project: int, url: str) -> None:
    assert counts(send(service, project, 1, 2, decide=True)) == (0, 0, 2)
    assert rows(url, tables.Event) == rows(url, tables.Person) == []


def test_a_project_that_is_not_there_keeps_nothing_and_harms_no_neighbour(service: Service, project: int) -> None:
    with pytest.raises(UnknownProject):
        send(service, 99, track("A", user="u"))
    assert counts(send(service, project, track("A", user="u"))) == (1, 0, 0)


# history order


STORY = [
    track("Signed Up", ago=60 * MINUTE, user="u", messageId="1"),
    track("DNS Check Failed", ago=50 * MINUTE, user="u", messageId="2"),
    {"type": "identify", "userId": "u", "messageId": "3", "traits": {"plan": "free", "seats": 3}}
    | {"timestamp": format_instant(Instant(STARTED - 40 * MINUTE))},
    track("$rage_click", ago=35 * MINUTE, user="u", messageId="4", properties={"page": {"path": "/domains/new"}}),
    track("DNS Check Failed", ago=30 * MINUTE, user="u", messageId="5"),
    track("$shown", ago=29 * MINUTE, user="u", messageId="6", properties={"guide": "help"}),
    {"type": "identify", "userId": "u", "messageId": "7", "traits": {"plan": "pro"}}
    | {"timestamp": format_instant(Instant(STARTED - 20 * MINUTE))},
    track("Domain Added", ago=10 * MINUTE, user="u", messageId="8"),
    track("$answered", ago=5 * MINUTE, user="u", messageId="9", properties={"guide": "effort", "question": "cause"})
    | {"properties": {"guide": "effort", "question": "cause", "value": "unclear", "submission": "s1"}},
    track("Campaign Sent", ago=MINUTE, user="u", messageId="10", properties={"recipients": 5}),
]


@pytest.mark.parametrize("seed", range(12))
def test_events_in_any_order_of_arrival_give_the_state_of_a_replay(
    service: Service, ruled: int, url: str, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    shuffled = chance.sample(STORY, len(STORY))
    while shuffled:
        part = chance.randint(1, 3)
        send(service, ruled, *shuffled[:part])
        del shuffled[:part]
        assert stored(url) == replayed(service, ruled)
    state = user(service, ruled).state
    assert state["traits"] == {"plan": "pro", "seats": 3}
    activation: Any = state["journeys"]["activation"]  # type: ignore[index,call-overload]
    assert activation.get("standing") is None
    assert [answer["feeling"] for answer in rows(url, tables.Response)] == ["confused"]


def test_a_late_event_wakes_no_less_than_one_in_time(service: Service, ruled: int) -> None:
    send(service, ruled, track("Signed Up", ago=HOUR, user="u"), track("DNS Check Failed", ago=20 * MINUTE, user="u"))
    send(service, ruled, track("Other", user="u"))
    late = send(service, ruled, track("DNS Check Failed", ago=2 * MINUTE, user="u"), decide=True)
    assert [decision.guide for decision in late.decisions] == ["help"]


# people


def test_a_visitor_and_the_user_they_turn_out_to_be_have_one_history(service: Service, ruled: int, url: str) -> None:
    send(service, ruled, track("Domain Added", ago=HOUR, user="u", messageId="u1"))
    send(service, ruled, track("Signed Up", ago=2 * HOUR, visitor="a", messageId="a1"))
    send(service, ruled, track("DNS Check Failed", ago=MINUTE, visitor="a", messageId="a2"))
    send(service, ruled, track("Campaign Sent", user="u", visitor="a", messageId="u2"))
    assert names(service, ruled) == ["Signed Up", "Domain Added", "DNS Check Failed", "Campaign Sent"]
    assert stored(url) == replayed(service, ruled)
    assert user(service, ruled) == user(service, ruled, None, "a")
    assert user(service, ruled).anonymous_ids == ("a",)
    # nothing is left of the visitor as a person of their own
    assert len(rows(url, tables.State)) == 1
    assert {row["person_id"] for row in rows(url, tables.JourneyProgress)} == {user(service, ruled).person_id}


def test_a_visitor_and_a_user_in_one_batch_become_one(service: Service, ruled: int, url: str) -> None:
    send(service, ruled, track("Signed Up", ago=HOUR, visitor="a"))
    send(
        service,
        ruled,
        track("Domain Added", ago=30 * MINUTE, user="u"),
        track("DNS Check Failed", ago=20 * MINUTE, visitor="a"),
        {"type": "identify", "userId": "u", "anonymousId": "a", "traits": {"plan": "free"}},
    )
    assert names(service, ruled) == ["Signed Up", "Domain Added", "DNS Check Failed", "$identify"]
    assert stored(url) == replayed(service, ruled)


def test_an_alias_joins_a_former_id_to_a_user(service: Service, project: int) -> None:
    send(service, project, track("A", ago=HOUR, visitor="before"), track("B", ago=MINUTE, user="u"))
    send(service, project, {"type": "alias", "userId": "u", "previousId": "before"})
    assert names(service, project) == ["A", "B", "$alias"]


def test_two_known_users_on_one_device_stay_two(service: Service, project: int) -> None:
    send(service, project, track("A", user="u", visitor="a"), track("B", user="v", visitor="a"))
    assert names(service, project, "u") == ["A"]
    assert names(service, project, "v") == ["B"]


def test_answers_caps_and_guides_of_a_visitor_are_the_users(service: Service, ruled: int, url: str) -> None:
    answer = {"guide": "effort", "question": "ease", "value": 2, "submission": "s1"}
    send(service, ruled, track("Signed Up", ago=HOUR, user="u"))
    send(service, ruled, track("$shown", ago=MINUTE, visitor="a", properties={"guide": "help"}))
    send(service, ruled, track("$answered", visitor="a", properties=answer))
    send(service, ruled, {"type": "identify", "userId": "u", "anonymousId": "a"})
    found: Any = user(service, ruled).state["guides"]
    assert found["help"]["shown_count"] == 1
    assert found["effort"]["answers"]["ease"]["value"] == 2
    (response,) = rows(url, tables.Response)
    assert response["person_id"] == user(service, ruled).person_id


def test_to_how_many_people_a_guide_was_shown_is_counted_once_a_person(service: Service, ruled: int, url: str) -> None:
    def show(ago: int, **who: str) -> Any:
        return track("$shown", ago=ago, properties={"guide": "help"}, **who)

    send(service, ruled, show(3, user="u"), show(9, user="u"), show(6, visitor="a"), show(1, user="v"))
    send(service, ruled, track("$held_out", user="w", properties={"guide": "help"}), live=False)
    send(service, ruled, track("$shown", user="x", properties={"guide": 5}), track("$shown", user="x"))
    database = Database(url)
    with database.reading() as connection:
        count = exposures.people_shown(connection, ruled, ["help", "effort"], with_simulated=True)
    assert count == {"help": 3, "effort": 0}
    send(service, ruled, {"type": "identify", "userId": "u", "anonymousId": "a"})
    with database.reading() as connection:
        count = exposures.people_shown(connection, ruled, ["help"], with_simulated=False)
    assert count == {"help": 2}
    found = {(row["arm"], row["person_id"]): row["first"] for row in rows(url, tables.Exposure)}
    assert found[("shown", user(service, ruled).person_id)] == STARTED - 9
    assert found[("held_out", user(service, ruled, "w").person_id)] == STARTED
    database.close()


# accounts


def test_what_any_user_says_of_an_account_is_kept_newest_first(service: Service, project: int, url: str) -> None:
    def group(who: str, ago: int, **traits: JsonValue) -> Any:
        at = format_instant(Instant(STARTED - ago))
        return {"type": "group", "userId": who, "groupId": "acme", "traits": traits, "timestamp": at}

    send(service, project, group("u", MINUTE, industry="health", seats=5))
    send(service, project, group("v", HOUR, industry="food", country="DE"))
    (account,) = rows(url, tables.Account)
    assert account["account_id"] == "acme"
    for text in ('"health"', '"DE"', "5"):
        assert text in account["data"]
    assert "food" not in account["data"]


# projections


def test_progress_and_answers_are_kept_for_records(service: Service, ruled: int, url: str) -> None:
    texts = {"guide": "effort", "submission": "s1"}
    send(
        service,
        ruled,
        track("Signed Up", ago=10 * MINUTE, user="u"),
        track("$rage_click", ago=9 * MINUTE, user="u", properties={"page": {"path": "/domains/new"}}),
        track("$answered", ago=3, user="u", properties={**texts, "question": "ease", "value": 1}),
        track("$answered", ago=2, user="u", properties={**texts, "question": "cause", "value": "broken"}),
        track("$answered", ago=1, user="u", properties={**texts, "question": "detail", "value": "It is a mess."}),
        track("$answered", ago=1, user="u", properties={**texts, "question": "unknown", "value": "kept"}),
    )
    (progress,) = rows(url, tables.JourneyProgress)
    assert progress["journey"] == "activation"
    assert '"rage_click":1' in progress["data"]
    found = {row["question"]: row for row in rows(url, tables.Response)}
    assert {row["step"] for row in found.values()} == {"connect"}
    assert (found["ease"]["value"], found["ease"]["valence"]) == ("1", -1.0)
    assert (found["cause"]["feeling"], found["cause"]["inferred"]) == ("frustrated", False)
    assert (found["detail"]["text"], found["detail"]["inferred"]) == ("It is a mess.", True)
    assert (found["unknown"]["value"], found["unknown"]["feeling"]) == ('"kept"', None)


def test_the_latest_answer_to_a_question_counts_even_if_it_comes_first(service: Service, ruled: int, url: str) -> None:
    def answer(value: int, ago: int) -> Any:
        properties = {"guide": "effort", "question": "ease", "value": value, "submission": "s1"}
        return track("$answered", ago=ago, user="u", properties=properties)

    send(service, ruled, answer(7, MINUTE))
    send(service, ruled, answer(2, HOUR))
    assert [row["value"] for row in rows(url, tables.Response)] == ["7"]
    send(service, ruled, answer(3, SECOND))
    assert [row["value"] for row in rows(url, tables.Response)] == ["3"]


def test_new_rules_are_answered_from_history(service: Service, project: int, url: str) -> None:
    send(service, project, track("Signed Up", ago=HOUR, user="u"), track("Signed Up", user="v"))
    assert rows(url, tables.JourneyProgress) == []
    service.publish(project, {"rules.way": RULES})
    assert service.settle(project, timeout=10)
    assert [row["journey"] for row in rows(url, tables.JourneyProgress)] == ["activation", "activation"]
    assert stored(url) == replayed(service, project)


def test_a_journey_that_is_no_longer_in_the_rules_leaves_no_progress(service: Service, ruled: int, url: str) -> None:
    send(service, ruled, track("Signed Up", user="u"))
    service.publish(ruled, {"rules.way": 'event "Signed Up"\n'})
    assert service.settle(ruled, timeout=10)
    assert rows(url, tables.JourneyProgress) == []


def test_names_that_were_received_may_be_used_in_rules(service: Service, project: int) -> None:
    rules = 'segment big where seats > 3\nsegment exporters where did "Exported" where format is "csv"\n'
    assert not service.publications.check(project, {"a.way": rules}).ok
    send(service, project, track("Exported", user="u", properties={"format": "csv"}))
    send(service, project, {"type": "identify", "userId": "u", "traits": {"seats": 5}})
    assert [each.message for each in service.publications.check(project, {"a.way": rules}).diagnostics] == []
