"""What the demo's customers' browsers gathered for heat maps: beside the history, which it leaves as it is."""

from __future__ import annotations

from collections import Counter

import pytest

from dsl.values import Instant, read_instant
from engine.events import HEAT_EVENTS
from examples.demo.heat import with_heat
from examples.demo.history import Message, simulate

UNTIL = read_instant("2026-11-22T12:00:00Z") or Instant(0)


@pytest.fixture(scope="module")
def plain() -> list[Message]:
    return simulate(until=UNTIL, users=300)


@pytest.fixture(scope="module")
def warm(plain: list[Message]) -> list[Message]:
    return with_heat(plain)


def added(warm: list[Message]) -> list[Message]:
    return [each for each in warm if each.get("event") in HEAT_EVENTS]


def test_nothing_of_the_history_is_changed(plain: list[Message], warm: list[Message]) -> None:
    assert [each for each in warm if each.get("event") not in HEAT_EVENTS] == plain
    assert len({each["messageId"] for each in warm}) == len(warm)
    assert with_heat(plain) == warm


def test_it_is_in_the_order_of_time_and_over_by_the_instant(warm: list[Message]) -> None:
    times = [read_instant(str(each["timestamp"])) or Instant(0) for each in warm]
    assert times == sorted(times)
    assert times[-1] <= UNTIL


def test_every_page_of_the_journey_was_clicked_on_by_somebody_and_seen_to_some_depth(warm: list[Message]) -> None:
    found: Counter[tuple[object, str]] = Counter()
    for each in added(warm):
        properties = each["properties"]
        assert isinstance(properties, dict)
        page = properties["page"]
        assert isinstance(page, dict)
        found[each["event"], str(page["path"]).rpartition("/")[2]] += 1
    assert {(event, page) for event in HEAT_EVENTS for page in ("signup", "new", "dns")} == set(found)
    assert min(found.values()) > 30
