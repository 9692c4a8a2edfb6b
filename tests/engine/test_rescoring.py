"""Signs of friction scored again by other thresholds, from the evidence that came with them."""

from __future__ import annotations

from typing import Any

import pytest

from engine.friction import WEIGHTS
from engine.rescoring import (
    JUDGES,
    THRESHOLDS,
    THRESHOLDS_VERSION,
    Signal,
    Thresholds,
    most_clicks,
    rescore,
    still_counts,
)

NOW = THRESHOLDS[THRESHOLDS_VERSION]


def with_(signal: str, **changed: float) -> Thresholds:
    """Today's thresholds, with some of one signal changed."""
    return {**NOW, signal: {**NOW[signal], **changed}}


QUICK = [[0, 10, 10], [120, 11, 10], [260, 12, 11], [400, 11, 11], [520, 10, 12]]
CIRCLE = [{"path": path, "after_ms": 9_000 * place} for place, path in enumerate(["/a", "/b", "/a", "/b"])]

EVIDENCE: list[tuple[str, dict[str, Any], dict[str, float], bool | None]] = [
    # signal, evidence, thresholds that differ, whether it counts by them
    ("rage_click", {"clicks": 5, "points": QUICK}, {}, True),
    ("rage_click", {"clicks": 5, "points": QUICK}, {"clicks": 5}, True),
    ("rage_click", {"clicks": 5, "points": QUICK}, {"clicks": 6}, False),
    ("rage_click", {"clicks": 5, "points": QUICK}, {"clicks": 4, "window_ms": 400}, False),
    ("rage_click", {"clicks": 3, "points": [[0, 0, 0], [90, 25, 0], [180, 29, 0]]}, {"radius_px": 20}, False),
    ("rage_click", {"clicks": 4}, {}, None),
    ("rage_click", {"clicks": 4}, {"clicks": 5}, False),
    ("rage_click", {"clicks": 3, "points": ["near", "here", "there"]}, {}, None),
    ("dead_click", {"waited_ms": 2500}, {}, True),
    ("dead_click", {"waited_ms": 2500}, {"wait_ms": 1000}, True),
    ("dead_click", {"waited_ms": 2500}, {"wait_ms": 7000}, None),
    ("error_click", {"after_ms": 700, "error": "TypeError"}, {}, True),
    ("error_click", {"after_ms": 700, "error": "TypeError"}, {"within_ms": 100}, False),
    ("error_shown", {"messages": 1}, {}, True),
    ("error_shown", {"messages": 1}, {"messages": 2}, False),
    ("retry", {"attempts": 2, "failed_after_ms": 300, "again_after_ms": 50_000}, {}, True),
    ("retry", {"attempts": 2, "failed_after_ms": 300, "again_after_ms": 50_000}, {"attempts": 3}, False),
    ("retry", {"attempts": 2, "failed_after_ms": 300, "again_after_ms": 50_000}, {"again_within_ms": 30_000}, False),
    ("retry", {"attempts": 2, "failed_after_ms": 9_000, "again_after_ms": 50}, {"failed_within_ms": 5_000}, False),
    ("form_abandoned", {"form": True, "changed": 1}, {}, True),
    ("form_abandoned", {"form": True, "changed": 1}, {"changed": 2}, False),
    ("form_abandoned", {"form": False, "changed": 1}, {}, False),
    ("form_abandoned", {"filled": 1}, {}, None),
    ("field_reentered", {"entries": 2}, {}, True),
    ("field_reentered", {"entries": 2}, {"entries": 3}, False),
    ("hesitation", {"waited_ms": 14_000}, {}, True),
    ("hesitation", {"waited_ms": 14_000}, {"wait_ms": 20_000}, False),
    ("hesitation", {"waited_ms": 14_000, "long_text": True}, {}, False),
    ("hesitation", {"waited_ms": 14_000}, {"away_ms": 12_000}, False),
    ("loop", {"trail": CIRCLE}, {}, True),
    ("loop", {"trail": CIRCLE}, {"rounds": 3}, False),
    ("loop", {"trail": CIRCLE}, {"within_ms": 20_000}, False),
    ("loop", {"trail": [*CIRCLE, {"path": "/c", "after_ms": 40_000}]}, {}, False),
    ("loop", {"trail": [{"path": "/z", "after_ms": 0}, *CIRCLE]}, {}, True),
    ("thrash", {"turns": 8, "length_px": 2400, "diagonal_px": 310, "took_ms": 1400}, {}, True),
    ("thrash", {"turns": 8, "length_px": 2400, "diagonal_px": 310, "took_ms": 1400}, {"turns": 9}, False),
    ("thrash", {"turns": 8, "length_px": 2400, "diagonal_px": 310, "took_ms": 1400}, {"ratio": 8}, False),
    ("quick_back", {"stayed_ms": 4_000}, {}, True),
    ("quick_back", {"stayed_ms": 4_000}, {"within_ms": 3_000}, False),
    ("quick_back", {"stayed_ms": True}, {}, None),
    ("quick_back", {}, {}, None),
]


@pytest.mark.parametrize(
    ("signal", "evidence", "changed", "counts"),
    EVIDENCE,
    ids=[f"{number} {signal} {changed}" for number, (signal, _, changed, _) in enumerate(EVIDENCE)],
)
def test_evidence_is_judged_by_the_thresholds_asked_for(
    signal: str, evidence: dict[str, Any], changed: dict[str, float], counts: bool | None
) -> None:
    assert still_counts(signal, evidence, with_(signal, **changed)) is counts


def test_every_signal_has_a_judge_and_thresholds_in_every_version() -> None:
    assert set(JUDGES) == set(WEIGHTS)
    assert all(set(thresholds) == set(WEIGHTS) for thresholds in THRESHOLDS.values())


@pytest.mark.parametrize("evidence", [None, "many", 7, [], ["clicks"]])
def test_a_signal_without_readable_evidence_stays_what_the_browser_said(evidence: object) -> None:
    assert still_counts("rage_click", evidence) is None


def test_only_clicks_before_one_of_them_count_for_it() -> None:
    points = [(0.0, 0.0, 0.0), (400.0, 40.0, 0.0), (800.0, 20.0, 0.0), (1800.0, 20.0, 0.0)]
    assert most_clicks(points, radius_px=30, window_ms=1000) == 3
    assert most_clicks(points, radius_px=30, window_ms=800) == 2, "the window is half open"
    assert most_clicks([], radius_px=30, window_ms=1000) == 0


def test_a_user_is_scored_again_and_what_is_not_known_is_named() -> None:
    signals = [
        Signal("rage_click", {"clicks": 3, "points": QUICK[:3]}),
        Signal("rage_click", {"clicks": 5, "points": QUICK}),
        Signal("dead_click", {"waited_ms": 2500}),
    ]
    today = rescore(signals)
    assert (today.counted, today.left_out, today.undecided) == ({"rage_click": 2, "dead_click": 1}, {}, {})
    assert today.friction == pytest.approx(1 - 0.65**2 * 0.8)
    stricter = rescore(signals, {**with_("rage_click", clicks=4), "dead_click": {"wait_ms": 7000}})
    assert (stricter.counted, stricter.left_out) == ({"rage_click": 1, "dead_click": 1}, {"rage_click": 1})
    assert stricter.undecided == {"dead_click": 1}
    assert stricter.friction == pytest.approx(1 - 0.65 * 0.8)
