"""What the writer remembers from one transaction to the next is never older than what is stored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.service import Service
from engine.storage import states
from engine.verification import verify
from tests.engine.clock import Clock
from tests.engine.serving import guide, publish, send, shown, track


@pytest.fixture
def two(url: str, clock: Clock) -> Iterator[tuple[Service, Service]]:
    """Two processes, as far as the database can tell: each has a writer and a memory of its own."""
    pair = (Service.open(url, clock=clock), Service.open(url, clock=clock))
    yield pair
    for service in pair:
        service.close()


def is_sound(service: Service) -> bool:
    found = verify(service.database)
    return not found.faults


def test_each_process_goes_on_from_what_the_other_one_wrote(two: tuple[Service, Service], clock: Clock) -> None:
    project = two[0].ensure_project().id
    publish(two[0], project, 'event "Seen"\n', guide("tip", 'when did "Seen" at least 5 times'))
    for turn in range(10):
        send(two[turn % 2], project, clock, track("Seen", at=clock.now), track("Seen", user=f"u{turn}", at=clock.now))
    assert shown(send(two[0], project, clock, track("Stuck", at=clock.now))) == ["tip"]
    assert is_sound(two[1])


def test_a_visitor_who_became_a_user_in_one_process_is_that_user_in_the_other(
    two: tuple[Service, Service], clock: Clock
) -> None:
    project = two[0].ensure_project().id
    publish(two[0], project, 'event "Seen"\n', guide("tip"))
    for service in two:
        send(service, project, clock, track("Seen", user=None, anonymousId="a", at=clock.now))
    send(two[0], project, clock, track("Seen", user="u", at=clock.now))
    send(two[0], project, clock, track("Seen", user="u", anonymousId="a", at=clock.now))
    send(two[1], project, clock, track("Seen", user=None, anonymousId="a", at=clock.now))
    assert len(two[1].history(project, user_id="u")) == 5
    assert is_sound(two[0])


def test_rules_that_another_process_published_hold_for_the_next_event(
    two: tuple[Service, Service], clock: Clock
) -> None:
    project = two[0].ensure_project().id
    publish(two[0], project, guide("old"))
    assert shown(send(two[1], project, clock, track("Stuck", at=clock.now))) == ["old"]
    publish(two[0], project, guide("new"))
    assert shown(send(two[1], project, clock, track("Stuck", user="v", at=clock.now))) == ["new"]


def test_what_was_undone_is_not_remembered(
    service: Service, project: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(service, project, 'event "Seen"\n', guide("tip"))
    send(service, project, clock, track("Seen", at=clock.now))
    save = states.save

    def save_and_fail(*given: object, **named: object) -> None:
        save(*given, **named)  # type: ignore[arg-type]
        raise RuntimeError("the disk has an opinion")

    with monkeypatch.context() as broken:
        broken.setattr(states, "save", save_and_fail)
        with pytest.raises(RuntimeError):
            send(service, project, clock, track("Seen", at=clock.now), track("Seen", user="new", at=clock.now))
    send(service, project, clock, track("Seen", at=clock.now), track("Seen", user="new", at=clock.now))
    assert [len(service.history(project, user_id=user)) for user in ("u", "new")] == [2, 1]
    assert is_sound(service)
