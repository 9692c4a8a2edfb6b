"""Long histories, and what the log keeps of every event besides what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dsl.values import DAY, HOUR, MINUTE, Instant, format_instant
from engine.intake import Defaults, RejectionCode
from engine.service import Service
from engine.storage import tables
from tests.engine.clock import STARTED, Clock
from tests.engine.ingesting import RULES, names, replayed, rows, send, stored, track


def test_a_long_history_is_kept_and_wakes_nothing(service: Service, ruled: int, url: str) -> None:
    history = [
        track("DNS Check Failed", ago=MINUTE * (500 - number), user=f"u{number % 7}", messageId=f"m{number}")
        for number in range(500)
    ]
    heard: list[int] = []
    broken = [*history[:250], {"type": "track"}, *history[250:]]
    receipt = service.import_history(ruled, iter(broken), received=STARTED, progress=heard.append, batch=100)
    assert (receipt.accepted, receipt.duplicates) == (500, 0)
    assert [(each.index, each.path) for each in receipt.rejected] == [(250, "$.event")]
    assert heard == [100, 200, 300, 400, 500, 501]
    for number in range(7):
        assert stored(url, f"u{number}") == replayed(service, ruled, f"u{number}")
    assert {row["live"] for row in rows(url, tables.Event)} == {False}
    assert service.decide(ruled, user_id="u1").decisions == ()
    again = service.import_history(ruled, iter(history), received=STARTED)
    assert (again.accepted, again.duplicates) == (0, 500)


def test_a_history_may_come_in_any_order_and_join_people(service: Service, ruled: int, url: str) -> None:
    send(service, ruled, track("Domain Added", ago=MINUTE, user="u"))
    history = [
        {"type": "identify", "userId": "u", "anonymousId": "a", "timestamp": format_instant(Instant(STARTED - DAY))},
        track("Signed Up", ago=2 * DAY, visitor="a"),
    ]
    service.import_history(ruled, history, received=STARTED, batch=1)
    assert names(service, ruled) == ["Signed Up", "$identify", "Domain Added"]
    assert stored(url) == replayed(service, ruled)


def test_what_json_cannot_hold_is_stored_as_nothing_or_refused(service: Service, ruled: int, url: str) -> None:
    message = track("A", user="u", properties={"ratio": float("nan"), "bad": 1})
    service.import_history(ruled, [message], received=STARTED)
    (logged,) = service.history(ruled, user_id="u")
    assert logged.event.properties == {"ratio": None, "bad": 1}
    lone = track("A", user="u", properties={"text": "\ud800"})
    refused = service.import_history(ruled, [lone, track("B", user="u")], received=STARTED)
    assert [each.code for each in refused.rejected] == [RejectionCode.BAD_TEXT]
    assert names(service, ruled) == ["A", "B"]


def test_an_import_that_was_cut_off_is_folded_at_the_next_start(start: Callable[[], Service], url: str) -> None:
    first = start()
    project = first.ensure_project().id
    first.publish(project, {"rules.way": RULES})

    def cut_off() -> Any:
        yield track("Signed Up", ago=DAY, user="u")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first.import_history(project, cut_off(), received=STARTED, batch=1)
    assert [row["revision"] for row in rows(url, tables.State)] == [""]
    second = start()
    assert second.settle(project, timeout=10)
    assert stored(url) == replayed(second, project)


# what the log keeps besides


def test_the_log_keeps_the_marks_of_an_event(service: Service, project: int, clock: Clock) -> None:
    context = {"simulated": True, "sessionId": "s1", "page": {"path": "/x"}}
    late = format_instant(Instant(clock.now + HOUR))
    send(service, project, track("A", user="u", context=context, timestamp=late))
    (logged,) = service.history(project, user_id="u")
    assert (logged.simulated, logged.session_id, logged.clamped) == (True, "s1", True)
    assert logged.event.time == logged.event.received == STARTED


def test_a_batch_gives_its_ids_and_context_to_its_messages(service: Service, project: int) -> None:
    defaults = Defaults(user_id="u", context={"locale": "de"})
    send(service, project, {"type": "track", "event": "A"}, defaults=defaults)
    (logged,) = service.history(project, user_id="u")
    assert logged.event.context == {"locale": "de"}


def test_events_can_be_followed_by_cursor(service: Service, project: int) -> None:
    send(service, project, *[track(f"E{number}", user="u") for number in range(5)])
    latest = service.recent_events(project, limit=2)
    assert [logged.event.name for logged in latest.items] == ["E3", "E4"]
    assert service.recent_events(project, after=latest.next).items == ()
    send(service, project, track("E5", user="u"))
    page = service.recent_events(project, after=latest.next)
    assert [logged.event.name for logged in page.items] == ["E5"]
    first = service.recent_events(project, after=0, limit=3)
    assert [logged.event.name for logged in first.items] == ["E0", "E1", "E2"]
    assert service.recent_events(project, after=page.next).next == page.next
