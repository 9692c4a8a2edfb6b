"""The service's door: keys, rules in force, guidance that is decided, confirmed and never shown twice."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from dsl.values import DAY, HOUR, MINUTE, SECOND, Instant, JsonValue
from engine.errors import NoIdentity
from engine.ids import time_ordered
from engine.replies import KeyKind, Published, Refused
from engine.service import Service
from engine.storage import tables
from tests.engine.clock import STARTED, Clock
from tests.engine.serving import TIP, guide, publish, rows, send, shown, track

PUBLIC = "wp_pub_0123456789abcdef"
SECRET = "wp_sec_0123456789abcdef"

# ids


def test_ids_stand_in_the_order_of_time_and_differ_by_chance() -> None:
    ids = [time_ordered(Instant(STARTED + milliseconds * 1_000), os.urandom) for milliseconds in range(50)]
    assert ids == sorted(ids)
    assert len({time_ordered(STARTED, os.urandom) for _ in range(100)}) == 100


def test_an_id_is_a_uuid_of_version_7_with_its_time() -> None:
    found = uuid.UUID(time_ordered(STARTED, lambda size: b"\xff" * size))
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert found.int >> 80 == STARTED // 1_000


# projects and keys


def test_the_first_start_makes_a_project_with_its_keys(service: Service) -> None:
    made = service.ensure_project(
        zone="Europe/Berlin", allowed_origins=["https://a.example"], public_key=PUBLIC, secret_key=SECRET
    )
    assert (made.slug, made.zone, made.allowed_origins) == ("default", "Europe/Berlin", ("https://a.example",))
    public, secret = service.authenticate(PUBLIC), service.authenticate(SECRET)
    assert public is not None
    assert secret is not None
    assert (public.project_id, public.kind) == (made.id, KeyKind.PUBLIC)
    assert (secret.project_id, secret.kind) == (made.id, KeyKind.SECRET)


def test_a_later_start_changes_nothing_of_it(start: Callable[[], Service]) -> None:
    made = start().ensure_project(public_key=PUBLIC)
    again = start()
    assert again.ensure_project(zone="Asia/Tokyo", public_key="wp_pub_another0123456789") == made
    assert again.authenticate("wp_pub_another0123456789") is None
    assert again.authenticate(PUBLIC) is not None


def test_of_a_secret_key_only_the_hash_is_kept(service: Service, project: int, url: str) -> None:
    made = service.create_key(project, KeyKind.SECRET, name="server")
    assert made.text.startswith("wp_sec_")
    assert service.authenticate(made.text) is not None
    assert made.text not in repr(rows(url, tables.ApiKey))
    assert made.view.shown == made.text[:11] + "…"


def test_a_public_key_can_be_read_again(service: Service, project: int) -> None:
    made = service.create_key(project, KeyKind.PUBLIC)
    assert [view.shown for view in service.keys(project)] == [made.text]


def test_a_revoked_key_opens_nothing(service: Service, project: int) -> None:
    made = service.create_key(project, KeyKind.PUBLIC)
    assert service.authenticate(made.text) is not None
    assert service.revoke_key(project, made.view.id) is True
    assert service.authenticate(made.text) is None
    assert service.revoke_key(project, made.view.id) is False


def test_another_projects_key_cannot_be_revoked(service: Service, project: int) -> None:
    other = service.ensure_project("other").id
    made = service.create_key(other, KeyKind.PUBLIC)
    assert service.revoke_key(project, made.view.id) is False
    assert service.authenticate(made.text) is not None


@pytest.mark.parametrize("key", ["", "wp_pub_", "wp_pub_unknown0123456789", "wp_sec_\0", "x" * 10_000])
def test_an_unknown_key_opens_nothing(service: Service, key: str) -> None:
    assert service.authenticate(key) is None


def test_a_key_revoked_elsewhere_ends_within_two_seconds(url: str, clock: Clock) -> None:
    here, there = Service.open(url, clock=clock), Service.open(url, clock=clock)
    project = here.ensure_project().id
    made = here.create_key(project, KeyKind.PUBLIC)
    assert here.authenticate(made.text) is not None
    there.revoke_key(project, made.view.id)
    clock.pass_(2 * SECOND)
    assert here.authenticate(made.text) is None
    here.close()
    there.close()


# rules in force


def test_rules_with_errors_are_refused_whole_and_the_last_good_ones_stay(service: Service, project: int) -> None:
    publish(service, project, guide("first"))
    refused = service.publish(project, {"a.way": guide("second"), "b.way": 'segment s where plan is "x" and\n'})
    assert isinstance(refused, Refused)
    assert refused.diagnostics
    ruleset = service.rules(project)
    assert ruleset is not None
    assert list(ruleset.by_name) == ["first"]
    assert [each.version for each in service.publications.versions(project)] == [1]


def test_versions_are_counted_and_say_who_and_why(service: Service, project: int, clock: Clock) -> None:
    assert service.rules(project) is service.publications.files(project) is None
    publish(service, project, guide("first"))
    clock.pass_(HOUR)
    service.publish(project, {"a.way": TIP}, by="ada", note="a tip")
    second, first = service.publications.versions(project)
    assert (first.version, first.active) == (1, False)
    assert (second.version, second.active, second.by, second.note) == (2, True, "ada", "a tip")
    assert second.published == STARTED + HOUR
    assert service.publications.files(project) == {"a.way": TIP}
    assert service.publications.files(project, 1) == {"rules.way": 'event "Stuck"\n' + guide("first")}
    assert service.publications.files(project, 3) is None


def test_publishing_the_same_files_again_adds_no_version(service: Service, project: int) -> None:
    first = service.publish(project, {"a.way": TIP})
    again = service.publish(project, {"a.way": TIP})
    assert isinstance(first, Published)
    assert isinstance(again, Published)
    assert (first.changed, again.changed) == (True, False)
    assert (again.version, again.revision) == (first.version, first.revision)


def test_a_restart_goes_on_with_the_rules_in_force(start: Callable[[], Service], clock: Clock) -> None:
    first = start()
    project = first.ensure_project().id
    first.publish(project, {"a.way": TIP})
    assert shown(send(start(), project, clock, track("Stuck"))) == ["tip"]


def test_what_one_process_publishes_the_others_decide_with(url: str, clock: Clock) -> None:
    here, there = Service.open(url, clock=clock), Service.open(url, clock=clock)
    project = here.ensure_project().id
    publish(here, project, guide("old"))
    assert shown(send(there, project, clock, track("Stuck", user="u1"))) == ["old"]
    publish(here, project, guide("new"))
    assert shown(send(there, project, clock, track("Stuck", user="u2"))) == ["new"]
    here.close()
    there.close()


# guidance


def test_a_decision_comes_with_the_reply_and_leaves_a_row(service: Service, project: int, clock: Clock) -> None:
    service.publish(project, {"a.way": TIP})
    identify = {"type": "identify", "userId": "u", "traits": {"name": "Ada"}}
    receipt = send(service, project, clock, identify, track("Stuck"))
    (served,) = receipt.decisions
    assert (served.guide, served.kind, served.variant, served.wait) == ("tip", "modal", None, None)
    assert served.content["title"] == "Hello Ada"
    ruleset = service.rules(project)
    assert ruleset is not None
    assert receipt.revision == ruleset.revision
    (row,) = service.recent_decisions(project).items
    assert (row.id, row.guide, row.trigger, row.user_id) == (served.id, "tip", "Stuck", "u")
    assert sum(row.reasons.values()) == 1


def test_without_rules_nothing_is_decided(service: Service, project: int, clock: Clock) -> None:
    receipt = send(service, project, clock, track("Stuck"))
    assert (receipt.decisions, receipt.revision) == ((), None)
    assert service.decide(project, user_id="u").decisions == ()
    assert service.recent_decisions(project).items == ()


def test_a_request_that_does_not_ask_is_not_decided(service: Service, project: int, clock: Clock) -> None:
    service.publish(project, {"a.way": TIP})
    receipt = send(service, project, clock, track("Stuck"), decide=False)
    assert (receipt.decisions, receipt.revision) == ((), None)
    assert service.recent_decisions(project).items == ()


def test_a_trigger_and_its_cure_in_one_batch_show_nothing(service: Service, project: int, clock: Clock) -> None:
    publish(service, project, guide("tip", 'unless did "Cured"'), 'event "Cured"\n')
    assert shown(send(service, project, clock, track("Stuck", ago=2), track("Cured", ago=1))) == []
    assert shown(send(service, project, clock, track("Stuck", user="other"))) == ["tip"]


@pytest.mark.parametrize(
    ("waited", "expected"), [(MINUTE, ["tip"]), (5 * MINUTE, ["tip"]), (5 * MINUTE + 1, []), (DAY, [])]
)
def test_an_event_of_a_server_waits_five_minutes_for_the_users_next_request(
    service: Service, project: int, clock: Clock, waited: int, expected: list[str]
) -> None:
    service.publish(project, {"a.way": TIP})
    send(service, project, clock, track("Stuck"), decide=False)
    clock.pass_(waited)  # type: ignore[arg-type]
    assert shown(service.decide(project, user_id="u")) == expected


def test_a_waiting_event_survives_a_restart_and_wakes_once(start: Callable[[], Service], clock: Clock) -> None:
    first = start()
    project = first.ensure_project().id
    publish(first, project, guide("tip", "shown at most 5 times"))
    send(first, project, clock, track("Stuck"), decide=False)
    second = start()
    assert shown(second.decide(project, user_id="u")) == ["tip"]
    assert shown(second.decide(project, user_id="u")) == []


def test_a_request_may_ask_for_one_trigger_and_leave_the_others_waiting(
    service: Service, project: int, clock: Clock
) -> None:
    publish(service, project, 'event "Other"\n', guide("tip"), guide("other", on="Other"))
    send(service, project, clock, track("Stuck"), track("Other"), decide=False)
    assert shown(service.decide(project, user_id="u", trigger="Other")) == ["other"]
    assert shown(service.decide(project, user_id="u", trigger="Nothing")) == []
    assert shown(service.decide(project, user_id="u")) == ["tip"]


def test_a_repeated_message_wakes_nothing(service: Service, project: int, clock: Clock) -> None:
    publish(service, project, guide("tip", "shown at most 5 times"))
    message = track("Stuck", messageId="m1")
    assert shown(send(service, project, clock, message)) == ["tip"]
    again = send(service, project, clock, message)
    assert (again.duplicates, shown(again)) == (1, [])


@pytest.mark.parametrize(("ago", "expected"), [(5 * MINUTE, ["tip"]), (5 * MINUTE + 1, []), (40 * DAY, [])])
def test_an_edge_never_fires_for_older_events(
    service: Service, project: int, clock: Clock, ago: int, expected: list[str]
) -> None:
    service.publish(project, {"a.way": TIP})
    assert shown(send(service, project, clock, track("Stuck", ago=ago))) == expected


def test_a_state_rule_is_decided_at_every_request(service: Service, project: int, clock: Clock) -> None:
    publish(service, project, guide("always", on=None))
    assert shown(service.decide(project, anonymous_id="never seen before")) == ["always"]
    assert shown(send(service, project, clock, track("Anything"))) == ["always"]


def test_the_page_of_the_request_is_known_to_the_rules(service: Service, project: int) -> None:
    publish(service, project, guide("here", 'when page.path matches "/domains/*"', on=None))
    context: dict[str, JsonValue] = {"page": {"path": "/domains/new"}}
    assert shown(service.decide(project, user_id="u", context=context)) == ["here"]
    assert shown(service.decide(project, user_id="u")) == []


def test_the_page_of_the_last_event_is_known_where_the_request_says_nothing(
    service: Service, project: int, clock: Clock
) -> None:
    publish(service, project, guide("here", 'when page.path matches "/domains/*"', on=None))
    assert shown(send(service, project, clock, track("A", context={"page": {"path": "/domains/new"}}))) == ["here"]


@pytest.mark.parametrize("ids", [{}, {"user_id": ""}, {"user_id": "a\0b"}, {"anonymous_id": "x" * 256}])
def test_guidance_is_for_somebody(service: Service, project: int, ids: dict[str, str]) -> None:
    with pytest.raises(NoIdentity):
        service.decide(project, **ids)  # type: ignore[arg-type]
    assert service.user(project, **ids) is None
    assert service.history(project, **ids) == ()  # type: ignore[arg-type]


def test_a_show_counts_for_the_frequency(service: Service, project: int, clock: Clock) -> None:
    service.publish(project, {"a.way": TIP})
    send(service, project, clock, track("Stuck"))
    send(service, project, clock, track("$shown", properties={"guide": "tip"}))
    clock.pass_(7 * DAY - SECOND)  # type: ignore[arg-type]
    assert shown(send(service, project, clock, track("Stuck", at=clock.now))) == []
    clock.pass_(SECOND)
    assert shown(send(service, project, clock, track("Stuck", at=clock.now))) == ["tip"]


def test_who_is_held_out_is_told_nothing_and_counts_as_shown(
    service: Service, project: int, clock: Clock, url: str
) -> None:
    publish(service, project, guide("tip", "once every 7 days", "holdout 100%", 'goal "Stuck" within 1 day'))
    receipt = send(service, project, clock, track("Stuck"))
    assert shown(receipt) == []
    (row,) = service.recent_decisions(project).items
    assert (row.guide, row.held_out) == (None, "tip")
    held_out = [logged.event for logged in service.history(project, user_id="u")][-1]
    assert (held_out.name, held_out.properties["guide"], held_out.time) == ("$held_out", "tip", clock.now)
    (person,) = rows(url, tables.Person)
    assert person["first_exposed"] == clock.now
    send(service, project, clock, track("Stuck"))
    names = [logged.event.name for logged in service.history(project, user_id="u")]
    assert names.count("$held_out") == 1


def test_rules_may_ask_for_anyone_in_the_account(service: Service, project: int, clock: Clock) -> None:
    publish(service, project, guide("tip", 'when anyone in account did "Verified"'), 'event "Verified"\n')

    def join(user: str, account: str) -> Any:
        return {"type": "group", "userId": user, "groupId": account}

    send(service, project, clock, join("u", "acme"), join("v", "acme"), join("w", "other"), decide=False)
    assert shown(send(service, project, clock, track("Stuck"))) == []
    send(service, project, clock, track("Verified", user="v"), decide=False)
    assert shown(send(service, project, clock, track("Stuck"))) == ["tip"]
    assert shown(send(service, project, clock, track("Stuck", user="w"))) == []


def test_what_one_user_says_of_the_account_is_known_of_the_others(service: Service, project: int, clock: Clock) -> None:
    publish(service, project, "account attribute size: number\n", guide("big", "when account.size > 100"))
    send(service, project, clock, {"type": "group", "userId": "v", "groupId": "acme", "traits": {"size": 500}})
    send(service, project, clock, {"type": "group", "userId": "u", "groupId": "acme"})
    assert shown(send(service, project, clock, track("Stuck"))) == ["big"]
    assert shown(send(service, project, clock, track("Stuck", user="alone"))) == []


def test_a_survey_stops_after_enough_responses(service: Service, project: int, clock: Clock) -> None:
    publish(
        service,
        project,
        'survey ask "Ask" {\n  on "Stuck"\n  ask effort ease "Easy?"\n  once\n  stop after 2 responses\n}\n',
    )
    for user in ("a", "b"):
        assert shown(send(service, project, clock, track("Stuck", user=user))) == ["ask"]
        answer = {"guide": "ask", "question": "ease", "value": 5, "submission": f"s-{user}"}
        send(service, project, clock, track("$answered", user=user, properties=answer), decide=False)
    assert shown(send(service, project, clock, track("Stuck", user="c"))) == []
