"""Two months of a journey beside each other, both with people in them: every figure worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dsl.values import MINUTE, Instant, format_instant, read_instant
from engine.mapping.cartographer import MapAsked
from engine.mapping.comparing import MapComparison, read_against
from engine.roadmap.evidence import Period
from engine.roadmap.metrics import Metric
from engine.roadmap.timeboxes import read_timebox
from tests.engine.clock import STARTED
from tests.engine.serving import track
from tests.engine.workshops import Workshop

AUGUST, SEPTEMBER = read_instant("2026-08-03T09:00:00Z"), read_instant("2026-09-07T09:00:00Z")


def month(
    name: str, began: Instant | None, *, connect: int, errors: int, minutes: int, said: tuple[int, int]
) -> list[Any]:
    """Twenty people who begin; so many connect after so many minutes and say how easy it was, one or the other."""
    assert began is not None
    messages = []

    def did(number: int, event: str, after: int, **properties: Any) -> None:
        at = Instant(began + after * MINUTE)
        sent: dict[str, Any] = {"sentAt": format_instant(STARTED), "properties": properties}
        messages.append(track(event, user=f"{name}{number:02}", at=at, **sent))

    for number in range(20):
        did(number, "Begun", 0)
        if number >= 20 - errors:
            did(number, "$error_click", 1, path="/connect/dns")
        if number < connect:
            did(number, "Connected", minutes)
            answer = {"guide": "ease", "submission": f"{name}{number}", "question": "ease", "value": said[number % 2]}
            did(number, "$answered", minutes + 1, **answer)
    return messages


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MapComparison]:
    """September beside August."""
    folder = tmp_path_factory.mktemp("months")
    workshop = Workshop(f"sqlite:///{folder / 'w.db'}", folder)
    happened = month("a", AUGUST, connect=8, errors=10, minutes=30, said=(2, 3))
    happened += month("s", SEPTEMBER, connect=16, errors=5, minutes=10, said=(6, 5))
    assert workshop.service.receive(workshop.project, happened, received=STARTED).rejected == ()
    september = read_timebox("2026-09")
    asked = MapAsked("way", period=Period(september.begin, september.end))
    yield workshop.maps.compared(workshop.project, workshop.rules, asked, read_against("2026-08"))
    workshop.service.close()


FIGURES: list[tuple[Metric, tuple[float, int], tuple[float, int], tuple[float, float, float], str]] = [
    # metric, September and of how many, August and of how many, the difference with its interval, what it says
    #
    # 16 and 8 of 20. Wilson: 0.5840 to 0.9193 and 0.2188 to 0.6134; Newcombe: 0.4 − √(0.2160² + 0.2134²) and so on.
    (Metric.COMPLETION, (0.8, 20), (0.4, 20), (0.4, 0.0964, 0.6169), "improved"),
    # Efforts of 6 and 5 are ⅔ and ⅓, of 2 and 3 −⅔ and −⅓. t of 15 and 7: ± 0.0917 and ± 0.1490; √ of their squares.
    (Metric.EMOTION, (0.5, 16), (-0.5, 8), (1.0, 0.8251, 1.1749), "improved"),
    # An error is 0.3 for whoever met one: 5 and 10 of 20. t of 19: ± 0.0624 and ± 0.0720.
    (Metric.FRICTION, (0.075, 20), (0.15, 20), (-0.075, -0.1703, 0.0203), "no clear change"),
    (Metric.TIME_TO_COMPLETE, (600, 16), (1_800, 8), (-1_200, -1_200, -1_200), "improved"),
    # Four in the 30 days of September, twelve in the 28⅝ of August since anybody came. Garwood: of 4 and 12 the ends
    # are 1.0899 and 10.2416, 6.2006 and 20.9616; −2.0012 − √(0.6790² + 2.1914²), and + √(1.4564² + 1.4182²).
    (Metric.LOST_PER_WEEK, (4 * 7 / 30, 20), (12 * 7 / 28.625, 20), (-2.0012, -4.2954, 0.0317), "no clear change"),
]


@pytest.mark.parametrize(
    ("metric", "own", "other", "difference", "verdict"), FIGURES, ids=[row[0].value for row in FIGURES]
)
def test_a_month_stands_beside_another_figure_by_figure(
    beside: MapComparison,
    metric: Metric,
    own: tuple[float, int],
    other: tuple[float, int],
    difference: tuple[float, float, float],
    verdict: str,
) -> None:
    connect = beside.steps[1]
    found = next(each for each in connect.figures if each.metric is metric)
    assert (found.value.value, found.value.n) == (pytest.approx(own[0]), own[1])
    assert (found.other.value, found.other.n) == (pytest.approx(other[0]), other[1])
    assert found.interval is not None
    told = (found.difference, found.interval.low, found.interval.high)
    assert told == pytest.approx(difference, abs=2e-4)
    assert found.verdict == verdict


def test_each_month_has_those_who_came_in_it(beside: MapComparison) -> None:
    assert [(each.name, each.entered, each.other_entered) for each in beside.steps] == [
        ("A1", 20, 20),
        ("A2", 20, 20),
        ("B1", 16, 8),
    ]
    assert [format_instant(each.period.begin)[:10] for each in (beside.map, beside.other)] == [
        "2026-09-01",
        "2026-08-01",
    ]
