"""When the row of a decision is on disk: with a batch's own events, with its confirmation, and at a stop."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.service import Service
from engine.storage import decisions
from tests.engine.clock import Clock
from tests.engine.serving import TIP, send, track

STANDING = """
event "Stuck"

guide tip "A tip" {
  when did "Stuck"
  show modal {
    title "Hello"
  }
  shown at most 50 times
}"""


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the process were killed before the rows that are gathered are written by themselves."""
    monkeypatch.setattr("engine.onlooker._GATHERED_FOR", 60.0)


def on_disk(service: Service, project: int) -> list[str]:
    """What another process would find now."""
    with service.database.reading() as connection:
        return [row.id for row in decisions.made_after(connection, project, None, limit=100)]


def test_a_decision_in_the_reply_to_a_batch_is_kept_with_its_events(
    service: Service, project: int, clock: Clock
) -> None:
    service.publish(project, {"a.way": TIP})
    (served,) = send(service, project, clock, track("Stuck")).decisions
    assert on_disk(service, project) == [served.id]


def test_what_was_asked_for_is_kept_at_the_latest_when_it_is_confirmed(
    service: Service, project: int, clock: Clock
) -> None:
    service.publish(project, {"a.way": STANDING})
    send(service, project, clock, track("Stuck"), decide=False)
    (asked,) = service.decide(project, user_id="u").decisions
    assert asked.id not in on_disk(service, project)
    service.confirm(project, asked.id)
    assert asked.id in on_disk(service, project)


def test_a_stop_writes_the_decisions_that_were_not_written_yet(
    start: Callable[[], Service], service: Service, project: int, clock: Clock
) -> None:
    service.publish(project, {"a.way": STANDING})
    send(service, project, clock, track("Stuck"), decide=False)
    asked = [each.id for _ in range(5) for each in service.decide(project, user_id="u").decisions]
    service.close()
    assert len(asked) == 5
    assert set(asked) <= set(on_disk(start(), project))
