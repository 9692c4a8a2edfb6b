"""The record of a step, from twenty histories whose every figure is written beside them.

A journey of three steps, `one` → `two` → `three`, reached by A, B (`x >= 1`) and C, attempted by T at `two`; it gives
up after 3 days. All histories are looked at on day 10. A history is written as `day:what`, separated by blanks.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dsl.nodes import Question
from dsl.project import RuleProject, load
from dsl.values import DAY, Instant, JsonValue
from engine.analytics.records import (
    AnswerGiven,
    Outcome,
    SurveyQuestion,
    emotion_record,
    outcome_of,
    question_record,
    step_record,
)
from engine.errors import UnknownStep
from engine.events import Event, EventKind
from engine.journeys import JourneyProgress
from engine.plan import plan_for
from engine.state import replay

RULES = """
event "B" { x: number }

journey j "J" {
  stage s "S" {
    step one "One" reached by "A"
    step two "Two" reached by "B" where x >= 1 attempted by "T" touchpoint "/two"
    step three "Three" reached by "C"
  }
  gives up after 3 days
}

survey q "Q" {
  at j.two
  ask effort ease "How easy?"
  ask choice cause "Why?" {
    "no idea" feels confused
    "it broke" feels frustrated
    other
  }
  ask text detail "What else?" optional
  expires 2030-01-01
}
"""
START = Instant(1_767_225_600_000_000)
NOW = Instant(START + 10 * DAY)
C, S, D, P = Outcome.COMPLETED, Outcome.SKIPPED, Outcome.DROPPED, Outcome.IN_PROGRESS

WORDS = {
    "A": ("A", {}),
    "B": ("B", {"x": 1}),
    "b": ("B", {"x": 0}),
    "C": ("C", {}),
    "T": ("T", {}),
    "other": ("Other", {}),
    "rage": ("$rage_click", {"page": {"path": "/two"}}),
    "dead": ("$dead_click", {"page": {"path": "/two"}}),
    "rage?": ("$rage_click", {"page": {"path": "/elsewhere"}}),
}

HISTORIES = [
    # history, what became of the person at one, two, three; who entered which; signals at two
    ("", (None, None, None), (), {}),
    ("9:other", (P, None, None), ("one",), {}),
    ("1:other", (D, None, None), ("one",), {}),
    ("9:A", (C, P, None), ("one", "two"), {}),
    ("1:A", (C, D, None), ("one", "two"), {}),
    ("6:A", (C, D, None), ("one", "two"), {}),
    ("7:A", (C, D, None), ("one", "two"), {}),
    ("8:A", (C, P, None), ("one", "two"), {}),
    ("1:A 8:other", (C, D, None), ("one", "two"), {}),
    ("1:A 8:T", (C, P, None), ("one", "two"), {}),
    ("1:A 2:b", (C, D, None), ("one", "two"), {}),
    ("1:A 2:B", (C, C, D), ("one", "two", "three"), {}),
    ("1:A 8:B", (C, C, P), ("one", "two", "three"), {}),
    ("1:A 2:B 3:C", (C, C, C), ("one", "two", "three"), {}),
    ("1:B", (S, C, D), ("one", "three"), {}),
    ("1:C", (S, S, C), ("one",), {}),
    ("1:A 2:C", (C, S, C), ("one", "two"), {}),
    ("1:C 2:A", (C, S, C), ("one",), {}),
    ("1:A 2:C 3:B", (C, C, C), ("one", "two"), {}),
    ("1:A 2:rage 2:rage 2:dead 8:rage?", (C, D, None), ("one", "two"), {"rage_click": 3, "dead_click": 1}),
]
"""Twenty people. Signals count at the step whose page they happened on, else at the one where the person stands; they
are not events of the journey, so they keep nobody from having dropped."""

TOTALS = {
    # entered, completed, skipped, dropped, in progress
    "one": (19, 15, 2, 1, 1),
    "two": (14, 5, 3, 6, 3),
    "three": (4, 5, 0, 2, 1),
}


@pytest.fixture(scope="module")
def rules() -> RuleProject:
    project = load({"records.way": RULES})
    assert project.ok, project.diagnostics
    return project


def progress(rules: RuleProject, history: str) -> JourneyProgress | None:
    events = []
    for seq, word in enumerate(history.split(), 1):
        day, _, what = word.partition(":")
        name, properties = WORDS[what]
        time = Instant(START + int(day) * DAY)
        events.append(Event(seq, f"m{seq}", EventKind.TRACK, name, time, time, user_id="u", properties=properties))
    return replay(plan_for(rules, ()), events).journeys.get("j")


@pytest.mark.parametrize(("history", "outcomes", "entered", "signals"), HISTORIES, ids=lambda value: str(value)[:40])
def test_what_became_of_a_person_at_each_step(
    rules: RuleProject,
    history: str,
    outcomes: tuple[Outcome | None, ...],
    entered: Sequence[str],
    signals: dict[str, int],
) -> None:
    found = progress(rules, history)
    names = ("one", "two", "three")
    steps = {} if found is None else found.steps
    assert [name for name in names if name in steps and steps[name].entered_at is not None] == list(entered)
    became = [
        outcome_of(steps[name], found, now=NOW, gives_up_after=3 * DAY) if found is not None and name in steps else None
        for name in names
    ]
    assert became == list(outcomes)
    assert (steps["two"].signals if "two" in steps else {}) == signals


@pytest.mark.parametrize("step", TOTALS)
def test_a_record_adds_the_people_up(rules: RuleProject, step: str) -> None:
    everybody = [found for history, *_ in HISTORIES if (found := progress(rules, history)) is not None]
    record = step_record(rules.journeys["j"], step, everybody, [], now=NOW)
    counts = (record.entered, record.completed, record.skipped, record.dropped, record.in_progress)
    assert counts == TOTALS[step]


def test_friction_is_the_mean_over_entrants_with_its_weights(rules: RuleProject) -> None:
    everybody = [found for history, *_ in HISTORIES if (found := progress(rules, history)) is not None]
    friction = step_record(rules.journeys["j"], "two", everybody, [], now=NOW).friction
    # One of 14 entrants: 1 − (1 − .35)³ (1 − .20) = 0.7803.
    assert friction.score == pytest.approx((1 - 0.65**3 * 0.8) / 14)
    assert friction.n == 14
    shown = {signal.name: (signal.count, signal.people, signal.per_entrant) for signal in friction.signals}
    assert shown["rage_click"] == (3, 1, 3 / 14)
    assert shown["dead_click"] == (1, 1, 1 / 14)
    assert {signal.name: signal.weight for signal in friction.signals}["rage_click"] == 0.35


def test_a_step_that_nobody_entered_has_no_friction(rules: RuleProject) -> None:
    record = step_record(rules.journeys["j"], "three", [], [], now=NOW)
    assert (record.entered, record.friction.score, record.friction.interval) == (0, None, None)


def test_an_unknown_step_is_told_the_known_ones(rules: RuleProject) -> None:
    with pytest.raises(UnknownStep, match="its steps are `one`, `two`, `three`"):
        step_record(rules.journeys["j"], "four", [], [], now=NOW)


def answer(
    person: int,
    question: str,
    value: JsonValue,
    *,
    valence: float | None = None,
    feeling: str | None = None,
    inferred: bool = False,
    submission: str = "s",
) -> AnswerGiven:
    text = value if question == "detail" and isinstance(value, str) else None
    return AnswerGiven(person, "q", question, submission, value, text, feeling, valence, inferred, "en", NOW)


def test_below_five_answers_a_record_says_so() -> None:
    emotion = emotion_record([answer(n, "ease", 1, valence=-1.0) for n in range(4)])
    assert (emotion.mean, emotion.interval, emotion.n, emotion.note) == (None, None, 4, "not enough answers")


def test_emotion_is_a_mean_with_an_interval_and_the_mix_of_feelings() -> None:
    felt = [(-0.5, "confused"), (-0.5, "confused"), (-0.9, "frustrated"), (0.5, "confident"), (0.0, "neutral")]
    emotion = emotion_record([answer(n, "cause", "x", valence=v, feeling=f) for n, (v, f) in enumerate(felt)])
    assert emotion.mean == pytest.approx(-0.28)
    assert emotion.interval is not None
    # standard deviation 0.5404, t(4) = 2.7764: −0.28 ± 0.671.
    assert (round(emotion.interval.low, 3), round(emotion.interval.high, 3)) == (-0.951, 0.391)
    assert emotion.feelings == {
        "delighted": 0,
        "confident": 1,
        "neutral": 1,
        "confused": 2,
        "doubtful": 0,
        "frustrated": 1,
    }


def test_what_was_said_overrules_what_was_inferred_from_the_same_submission() -> None:
    said = answer(1, "cause", "no idea", valence=-0.5, feeling="confused")
    guessed = answer(1, "detail", "great", valence=0.9, feeling="delighted", inferred=True)
    alone = answer(2, "detail", "great", valence=0.9, feeling="delighted", inferred=True)
    emotion = emotion_record([said, guessed, alone])
    assert (emotion.n, emotion.inferred) == (2, 1)


def test_a_question_has_its_scores_its_distribution_and_who_was_asked(rules: RuleProject) -> None:
    questions = [clause for clause in rules.guides["q"].clauses if isinstance(clause, Question)]
    ease, cause, _ = questions
    given = [answer(n, "ease", value) for n, value in enumerate([7, 6, 5, 4, 3])]
    effort = question_record(SurveyQuestion("q", ease, 20), given)
    assert (effort.answered, effort.people, effort.asked, effort.response_rate) == (5, 5, 20, 0.25)
    assert {score.name: score.value for score in effort.scores} == {"ces": 5.0, "easy": 0.6}
    assert effort.distribution == {"3": 1, "4": 1, "5": 1, "6": 1, "7": 1}
    chosen = question_record(SurveyQuestion("q", cause, None), [answer(1, "cause", "it broke")])
    assert chosen.distribution == {"no idea": 0, "it broke": 1, "other": 0}
    assert chosen.response_rate is None


@pytest.mark.parametrize(
    ("evidence", "counted"),
    [({"clicks": 2, "points": [[0, 1, 1], [90, 1, 1]]}, {}), ({"clicks": 4}, {"rage_click": 1})],
)
def test_the_server_scores_what_a_browser_with_other_thresholds_sent(
    rules: RuleProject, evidence: dict[str, JsonValue], counted: dict[str, int]
) -> None:
    told: list[tuple[str, dict[str, JsonValue]]] = [
        ("A", {}),
        ("$rage_click", {"page": {"path": "/two"}, "evidence": evidence, "v": 0}),
    ]
    events = [
        Event(seq, f"m{seq}", EventKind.TRACK, name, NOW, NOW, user_id="u", properties=properties)
        for seq, (name, properties) in enumerate(told, 1)
    ]
    journey = replay(plan_for(rules, ()), events).journeys["j"]
    assert journey.steps["two"].signals == counted
