"""Scores against figures worked out by hand."""

from __future__ import annotations

import pytest

from engine.analytics.scores import SCORES, Score


def figures(question_type: str, answers: list[float]) -> dict[str, Score]:
    return {score.name: score for score in (figure(answers) for figure in SCORES[question_type])}


CASES = [
    # question, answers, figure, value
    ("nps", [10, 9, 9, 7, 6], "nps", 40.0),
    ("nps", [10] * 50 + [8] * 30 + [3] * 20, "nps", 30.0),
    ("nps", [0, 0, 0, 0, 0], "nps", -100.0),
    ("csat", [5, 4, 4, 3, 1], "csat", 0.6),
    ("effort", [7, 6, 5, 4, 3], "ces", 5.0),
    ("effort", [7, 6, 5, 4, 3], "easy", 0.6),
    ("rating", [1, 2, 3, 4, 5], "mean", 3.0),
]


@pytest.mark.parametrize(("question", "answers", "name", "value"), CASES)
def test_a_score_is_what_its_definition_says(question: str, answers: list[float], name: str, value: float) -> None:
    score = figures(question, answers)[name]
    assert score.value == pytest.approx(value)
    assert score.n == len(answers)
    assert score.interval is not None
    assert score.interval.low <= value <= score.interval.high


@pytest.mark.parametrize("question", SCORES)
def test_below_five_answers_there_is_no_score(question: str) -> None:
    for score in figures(question, [5, 5, 5, 5]).values():
        assert (score.value, score.interval, score.n) == (None, None, 4)


def test_the_margin_of_an_nps_is_the_adjusted_wald_one() -> None:
    # 50 promoters, 30 passives, 20 detractors: (50.75 - 20.75) / 103 = 29.13 ± 15.05 points.
    interval = figures("nps", [10] * 50 + [8] * 30 + [3] * 20)["nps"].interval
    assert interval is not None
    assert (round(interval.low, 1), round(interval.high, 1)) == (14.1, 44.2)


def test_the_margin_of_a_mean_is_students() -> None:
    # mean 5, standard deviation 1.5811, t(4) = 2.7764: 5 ± 1.963.
    interval = figures("effort", [7, 6, 5, 4, 3])["ces"].interval
    assert interval is not None
    assert (round(interval.low, 3), round(interval.high, 3)) == (3.037, 6.963)
