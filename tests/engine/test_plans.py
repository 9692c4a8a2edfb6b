"""Tracking plans in the service: one in force, what did not fit counted once, on both databases. And aliases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dsl.values import SECOND, Instant, JsonValue
from engine.errors import UnknownProject
from engine.intake import NoticeCode, RejectionCode, take_in
from engine.people import people_of
from engine.service import Service
from engine.storage import tables, tracking
from engine.tracking import PlanRefused
from tests.engine.clock import STARTED, Clock
from tests.engine.ingesting import counts, names, rows, send, track, user

PLAN: JsonValue = {
    "mode": "warn",
    "unplanned": "warn",
    "events": {
        "Domain Added": {"schema": {"properties": {"attempt": {"type": "number"}}}},
        "Paid": {"mode": "block", "schema": {"required": ["amount"]}},
    },
}


def test_events_that_do_not_fit_are_kept_with_a_warning_or_refused(service: Service, project: int) -> None:
    service.plans.publish(project, PLAN)
    receipt = send(
        service,
        project,
        track("Domain Added", user="u", properties={"attempt": "2"}),
        track("Paid", user="u"),
        track("Paid", user="u", properties={"amount": 5}),
        track("New", user="u"),
    )
    assert counts(receipt) == (3, 0, 1)
    assert [(each.index, each.code, each.path) for each in receipt.rejected] == [
        (1, RejectionCode.PLAN_VIOLATION, "$.properties.amount")
    ]
    assert [(each.index, each.code, each.path) for each in receipt.notices] == [
        (0, NoticeCode.PLAN_VIOLATION, "$.properties.attempt"),
        (3, NoticeCode.PLAN_VIOLATION, "$.event"),
    ]
    assert sorted(names(service, project)) == ["Domain Added", "New", "Paid"]


def test_violations_are_counted_with_samples_and_without_values(service: Service, project: int, url: str) -> None:
    service.plans.publish(project, PLAN)
    for number in range(5):
        secret = {"attempt": "ada@example.com"}
        send(service, project, track("Domain Added", user="u", messageId=f"m{number}", properties=secret))
    # a repeated message counts no more; one that was refused does
    send(service, project, track("Domain Added", user="u", messageId="m0", properties={"attempt": "2"}))
    for _ in range(2):
        send(service, project, track("Paid", user="u", messageId="refused"))
    added, paid = service.plans.violations(project)
    assert (added.event, added.path, added.rule) == ("Domain Added", "$.properties.attempt", "type")
    assert (added.warned, added.blocked, added.first, added.last) == (5, 0, STARTED, STARTED)
    assert [(each.message_id, each.found) for each in added.samples] == [
        ("m4", "a text"),
        ("m3", "a text"),
        ("m2", "a text"),
    ]
    assert (paid.event, paid.warned, paid.blocked) == ("Paid", 0, 2)
    assert "ada@" not in str(rows(url, tables.PlanViolation))
    assert [each.event for each in service.plans.violations(project, event="Paid")] == ["Paid"]
    assert service.plans.forget_violations(project) == 2
    assert service.plans.violations(project) == ()


def test_violations_come_in_pages(service: Service, project: int) -> None:
    service.plans.publish(project, {"unplanned": "warn"})
    send(service, project, *(track(f"E{number}", user="u") for number in range(5)))
    first = service.plans.violations(project, limit=3)
    last = first[-1]
    rest = service.plans.violations(project, after=(last.event, last.path, last.rule), limit=3)
    assert [each.event for each in (*first, *rest)] == [f"E{number}" for number in range(5)]


def test_what_a_sender_makes_up_cannot_fill_the_database(
    service: Service, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "PLACES_LIMIT", 3)
    service.plans.publish(project, {"unplanned": "warn"})
    for part in range(3):
        send(service, project, *(track(f"E{part}-{number}", user="u") for number in range(4)))
    found = {each.event: each.warned for each in service.plans.violations(project)}
    assert sum(found.values()) == 12
    assert found[tracking.OTHER] == 9
    assert len(found) == 4


def test_a_plan_holds_from_its_publication_on_and_in_other_processes_two_seconds_later(
    service: Service, project: int, url: str, clock: Clock
) -> None:
    other = Service.open(url, clock=clock)
    message = track("Paid", user="u")
    assert counts(send(other, project, message)) == (1, 0, 0)
    assert service.plans.publish(project, PLAN).version is not None
    assert counts(send(service, project, message)) == (0, 0, 1)
    clock.now = Instant(clock.now + 2 * SECOND)
    assert counts(send(other, project, message)) == (0, 0, 1)
    other.close()


def test_a_plan_has_versions_and_a_faulty_one_changes_nothing(start: Callable[[], Service]) -> None:
    service = start()
    project = service.ensure_project().id
    assert service.plans.current(project).version is None
    service.plans.publish(project, PLAN, by="key 1", note="first")
    with pytest.raises(PlanRefused):
        service.plans.publish(project, {"events": {"A": {"schema": {"$ref": "http://example.com/x"}}}})
    again = service.plans.publish(project, PLAN)
    assert again.version is not None
    assert (again.version.version, again.version.by, again.version.note) == (1, "key 1", "first")
    service.plans.publish(project, {})
    kept = start().plans.current(project)
    assert kept.version is not None
    assert (kept.version.version, kept.document) == (2, {})


def test_each_project_has_its_own_plan(service: Service, project: int) -> None:
    other = service.ensure_project("other").id
    service.plans.publish(project, PLAN)
    assert counts(send(service, other, track("Paid", user="u"))) == (1, 0, 0)
    assert service.plans.violations(other) == ()
    with pytest.raises(UnknownProject):
        service.plans.publish(999, PLAN)


def test_an_import_is_judged_too(service: Service, project: int) -> None:
    service.plans.publish(project, PLAN)
    receipt = service.import_history(project, [track("Paid", user="u"), track("New", user="u")], received=STARTED)
    assert counts(receipt) == (1, 0, 1)
    assert {each.event for each in service.plans.violations(project)} == {"Paid", "New"}


# aliases


def alias(previous: str, user_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "alias", "previousId": previous, "userId": user_id, **more}


def told(service: Service, project: int, *messages: JsonValue) -> list[NoticeCode]:
    receipt = send(service, project, *messages)
    assert receipt.rejected == ()
    return [each.code for each in receipt.notices]


def test_an_alias_joins_a_visitor_to_a_user_once(service: Service, project: int) -> None:
    send(service, project, track("A", visitor="v"), track("B", user="u"))
    assert told(service, project, alias("v", "u")) == []
    assert sorted(names(service, project)) == ["$alias", "A", "B"]
    # said again it changes nothing, and nobody else gets the visitor
    assert told(service, project, alias("v", "u")) == []
    assert told(service, project, alias("v", "w")) == [NoticeCode.NOT_MERGED]
    assert user(service, project, "u").anonymous_ids == ("v",)
    assert sorted(names(service, project, "w")) == ["$alias"]


def test_an_alias_never_joins_two_known_users(service: Service, project: int) -> None:
    send(service, project, track("A", user="old"), track("B", user="u"))
    receipt = send(service, project, alias("old", "u", messageId="m1"))
    (notice,) = receipt.notices
    assert (notice.index, notice.code, notice.path) == (0, NoticeCode.NOT_MERGED, "$.previousId")
    assert "two known users never become one" in notice.message
    # a repeated one was told of before
    again = send(service, project, alias("old", "u", messageId="m1"))
    assert (counts(again), again.notices) == ((0, 1, 0), ())
    assert names(service, project, "old") == ["A"]
    assert user(service, project, "u").anonymous_ids == ()
    assert user(service, project, "u").person_id != user(service, project, "old").person_id


def test_an_alias_to_the_same_id_links_nothing(service: Service, project: int) -> None:
    assert told(service, project, alias("u", "u")) == []
    assert user(service, project, "u").anonymous_ids == ()


def test_the_rules_of_aliases_hold_without_a_database_too(service: Service, project: int) -> None:
    messages: list[JsonValue] = [
        track("A", user="old", messageId="1"),
        track("B", visitor="v", messageId="2"),
        alias("old", "u", messageId="3"),
        alias("v", "u", messageId="4"),
        alias("v", "w", messageId="5"),
        alias("unseen", "w", messageId="6"),
        track("C", visitor="unseen", messageId="7"),
    ]
    send(service, project, *messages)
    taken = take_in(messages, received=STARTED, new_id=lambda: "never").taken
    events = [replace(each.event, seq=seq) for seq, each in enumerate(taken, 1)]
    people = {person.name: [each.message_id for each in person.events] for person in people_of(events)}
    stored = {
        name: [logged.event.message_id for logged in service.history(project, user_id=name)]
        for name in ("old", "u", "w")
    }
    assert people == stored == {"old": ["1"], "u": ["2", "3", "4"], "w": ["5", "6", "7"]}
