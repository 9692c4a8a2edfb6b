"""Pictures of pages on each kind of database: one for each pattern, the newest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dsl.values import SECOND, Duration
from engine.heat_snapshots import HeatSnapshots, NoSuchHeatSnapshot, read_snapshot
from engine.service import Service
from tests.engine.clock import Clock
from tests.recordings import page


@pytest.fixture
def pictures(url: str, clock: Clock) -> Iterator[HeatSnapshots]:
    service = Service.open(url, clock=clock)
    service.ensure_project()
    yield HeatSnapshots(service.database)
    service.close()


def taken(pattern: str, width: int) -> Any:
    events: Any = [
        {"type": 4, "timestamp": 1, "data": {"href": "https://app.example.com/a", "width": width, "height": 600}},
        {"type": 2, "timestamp": 1, "data": {"node": page(), "initialOffset": {"left": 0, "top": 0}}},
    ]
    return read_snapshot(pattern, events)


def test_the_newest_of_each_pattern_is_kept_found_and_deleted(pictures: HeatSnapshots, clock: Clock) -> None:
    for pattern, width in (("/a", 500), ("/b/*", 600), ("/a", 700)):
        pictures.take(1, taken(pattern, width), by="member 1", now=clock.now)
        clock.pass_(Duration(SECOND))
    listed = pictures.listed(1)
    assert [(each.page, each.width, each.by) for each in listed] == [("/a", 700, "member 1"), ("/b/*", 600, "member 1")]
    assert all(each.packed > 100 for each in listed)
    found = pictures.picture(1, ["/b/7"], watcher=None, now=clock.now)
    assert (found.snapshot.page, [each["type"] for each in found.events]) == ("/b/*", [4, 2])
    assert pictures.listed(2) == ()
    first = listed[0].id
    assert first is not None
    with pytest.raises(NoSuchHeatSnapshot):
        pictures.delete(2, first)
    assert pictures.delete(1, first).page == "/a"
    with pytest.raises(NoSuchHeatSnapshot):
        pictures.picture(1, ["/a"], watcher="member 1", now=clock.now)
