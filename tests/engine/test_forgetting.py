"""Who is erased leaves the memory of every process too, within two seconds, whether it has anything to do or not."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest

from engine.service import Service
from engine.user_state import UserState
from tests.engine.clock import Clock
from tests.engine.serving import guide, publish, send, track

WITHIN = 2.0
SECRET = "zebra"


@pytest.fixture
def two(url: str, clock: Clock) -> Iterator[tuple[Service, Service]]:
    """Two processes, as far as the database can tell: each keeps states of its own in memory."""
    pair = (Service.open(url, clock=clock), Service.open(url, clock=clock))
    yield pair
    for service in pair:
        service.close()


def holds(text: str) -> int:
    """How many decoded states in this process hold a text."""
    found = [each for each in gc.get_objects() if type(each) is UserState]
    return sum(text in each.to_json().decode() for each in found)


def test_an_erased_person_leaves_the_memory_of_each_process(two: tuple[Service, Service], clock: Clock) -> None:
    project = two[0].ensure_project().id
    publish(two[0], project, 'event "Seen"\n', guide("tip", 'when did "Seen"'))
    for number, service in enumerate(two):
        traits = {"type": "identify", "userId": "ada", "traits": {"name": SECRET}, "messageId": f"m{number}"}
        send(service, project, clock, traits, track("Seen", user="ada", at=clock.now))
        service.decide(project, user_id="ada")
        service.decide(project, user_id="bob")
    assert holds(SECRET) >= 2, "nothing was kept: the test would say nothing"
    assert two[0].privacy.erase(project, "ada") is not None
    until = time.monotonic() + WITHIN
    while holds(SECRET) and time.monotonic() < until:
        time.sleep(0.05)
    assert holds(SECRET) == 0
    assert two[1].user(project, user_id="ada") is None
    assert two[1].decide(project, user_id="ada").decisions == ()


def test_another_cache_is_told_of_each_erasure(two: tuple[Service, Service], clock: Clock) -> None:
    here, there = two
    project = here.ensure_project().id
    told: list[float] = []
    send(here, project, clock, track("Seen", user="ada"), track("Seen", user="bob"))
    there.forgetting.add(lambda: told.append(time.monotonic()))
    time.sleep(0.6)
    told.clear()
    for user in ("ada", "bob"):
        before = time.monotonic()
        assert here.privacy.erase(project, user) is not None
        until = before + WITHIN
        while not any(each > before for each in told) and time.monotonic() < until:
            time.sleep(0.05)
        assert any(each > before for each in told)
