"""PostHog's own client for Python, unchanged, against a running server: the host is ours, the project's key is ours."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from posthog import Posthog

from api.serving import system_clock
from dsl.values import read_instant
from engine.privacy import PersonExport
from engine.replies import LoggedEvent
from engine.service import Service
from tests.clients.unreliable import Fails, unreliable
from tests.running import RunningServer

pytestmark = [
    pytest.mark.thorough,
    # What most code still calls.
    pytest.mark.filterwarnings("ignore:.*deprecated.*:DeprecationWarning"),
]

RULES = """attribute plan: text
segment subscribers where plan is "pro"

guide welcome "Welcome" {
  on "Domain Added"
  show modal { title "Welcome" }
  once every 7 days
  holdout 0%
  expires 2099-01-01
}
"""
WAYS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "gzip": {"gzip": True},
    "at once": {"sync_mode": True},
    "the newer protocol": {"capture_mode": "v1", "capture_compression": "deflate"},
}


@contextmanager
def client(host: str, key: str, **options: Any) -> Iterator[tuple[Posthog, list[object]]]:
    """A client, and the failures that it was told of; all that it holds is sent at the end."""
    failures: list[object] = []
    made = Posthog(key, host=host, on_error=lambda error, _: failures.append(error), flush_at=4, **options)
    try:
        yield made, failures
    finally:
        made.shutdown()


def read(server: RunningServer, user: str) -> tuple[list[LoggedEvent], PersonExport]:
    """The user's history and all that is known of them, read beside the running server."""
    service = Service.open(f"sqlite:///{server.data / 'waypost.sqlite'}", clock=system_clock)
    try:
        found = service.privacy.export(1, user)
        assert found is not None
        return list(service.history(1, user_id=user, limit=2_000)), found
    finally:
        service.close()


def publish(server: RunningServer) -> None:
    answer = requests.post(
        f"{server.url}/api/v1/rules",
        json={"files": {"rules.way": RULES}},
        headers={"Authorization": f"Bearer {server.secret_key}"},
        timeout=30,
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("way", WAYS)
def test_every_call_arrives_and_means_what_it_should(running_server: RunningServer, way: str) -> None:
    user, visitor = f"ada {way}", str(uuid.uuid4())
    company = f"acme {way}"
    with client(running_server.url, running_server.public_key, **WAYS[way]) as (posthog, failures):
        sent = [
            posthog.capture("Landed", distinct_id=visitor, properties={"$process_person_profile": False}),
            posthog.alias(previous_id=visitor, distinct_id=user),
            posthog.set(distinct_id=user, properties={"plan": "trial", "seats": 7}),
            posthog.set_once(distinct_id=user, properties={"plan": "never", "source": "ad"}),
            posthog.group_identify("company", company, {"industry": "healthcare"}),
            posthog.capture(
                "Domain Added",
                distinct_id=user,
                properties={"domain": "example.com", "$set": {"plan": "pro"}},
                groups={"company": company},
            ),
            posthog.capture("Domain Added", distinct_id=user, timestamp=datetime.fromtimestamp(1.7e9, UTC)),
        ]
        posthog.flush()
        assert all(sent)
    assert failures == []

    history, view = read(running_server, user)
    events = {each.event.message_id: each.event for each in history}
    tracked = [events[f"posthog-{sent[index]}"] for index in (0, 5, 6)]
    assert [(each.name, each.live) for each in tracked] == [
        ("Landed", True),
        ("Domain Added", True),
        ("Domain Added", False),
    ]
    assert tracked[1].properties["domain"] == "example.com"
    assert abs(tracked[2].time - 1_700_000_000_000_000) < 120_000_000
    # The alias made the visitor and the user one person.
    assert view.anonymous_ids == (visitor,)
    state: dict[str, Any] = view.state
    assert state["traits"] == {"plan": "pro", "seats": 7, "source": "ad"}
    assert (view.account_id, view.account) == (company, {"industry": "healthcare"})


def test_a_segment_and_a_guide_are_flags_for_a_key_that_may_read_people(running_server: RunningServer) -> None:
    publish(running_server)
    with client(running_server.url, running_server.secret_key) as (posthog, failures):
        posthog.set(distinct_id="flora", properties={"plan": "pro"})
        posthog.capture("Domain Added", distinct_id="flora")
        posthog.flush()
        assert posthog.feature_enabled("segment:subscribers", "flora") is True
        assert posthog.feature_enabled("segment:subscribers", "nobody") is False
        assert posthog.feature_enabled("guide:welcome", "flora") is True
        assert posthog.feature_enabled("no such flag", "flora") in {None, False}
        assert posthog.get_all_flags("flora") == {"segment:subscribers": True, "guide:welcome": True}
    assert failures == []
    with client(running_server.url, running_server.public_key) as (posthog, _):
        # A public key reads nothing about people.
        assert posthog.get_all_flags("flora") == {}
    # With a key for computing flags itself the client loads none, and asks.
    with client(running_server.url, running_server.secret_key, secret_key=running_server.secret_key) as (own, _):
        own.load_feature_flags()
        assert own.feature_flags == []
        assert own.feature_enabled("segment:subscribers", "flora") is True


def test_a_history_wakes_nothing(running_server: RunningServer) -> None:
    with client(running_server.url, running_server.public_key, historical_migration=True) as (posthog, failures):
        posthog.capture("Domain Added", distinct_id="olga", timestamp=datetime(2026, 1, 1, tzinfo=UTC))
    assert failures == []
    [kept] = [each.event for each in read(running_server, "olga")[0]]
    assert (kept.time, kept.live) == (read_instant("2026-01-01T00:00:00Z"), False)


@pytest.mark.parametrize("fails", Fails, ids=lambda fails: f"failing {fails.value} it is kept")
def test_what_is_sent_again_after_503_is_counted_once(running_server: RunningServer, fails: Fails) -> None:
    user = f"again {fails.value}"
    with (
        unreliable(running_server.port, fails=fails, times=1) as (host, bodies),
        client(host, running_server.public_key, max_retries=3) as (posthog, failures),
    ):
        sent = [posthog.capture("Domain Added", distinct_id=user, properties={"n": n}) for n in range(6)]
        posthog.flush()
    assert failures == []
    assert len(bodies) > 2
    assert {f"posthog-{each}" for each in sent} == {each.event.message_id for each in read(running_server, user)[0]}
    assert len(read(running_server, user)[0]) == 6


def test_a_wrong_key_is_an_error_with_our_words(
    running_server: RunningServer, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.ERROR, logger="posthog"),
        client(running_server.url, "phc_not_of_this_server") as (posthog, failures),
    ):
        posthog.capture("Domain Added", distinct_id="ada")
        posthog.flush()
    assert len(failures) == 1
    assert "this key is not known here" in str(failures[0])


def test_a_great_queue_arrives_whole(running_server: RunningServer) -> None:
    with client(running_server.url, running_server.public_key, gzip=True) as (posthog, failures):
        posthog.consumers[0].flush_at = 700  # type: ignore[index]  # more at once than a request of ours takes
        for number in range(1_500):
            posthog.capture("Step", distinct_id="greta", properties={"n": number, "text": "x" * 500})
    assert failures == []
    assert len(read(running_server, "greta")[0]) == 1_500
