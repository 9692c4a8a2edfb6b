"""Opportunities: what is proposed, how it is ranked, which cause is named, and what becomes of a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dsl.values import DAY, HOUR, Instant
from engine.analytics.intervals import difference_interval
from engine.evidence import Source
from engine.roadmap.causes import CauseKind, Precedent, causes_of, preceding_causes, risk_ratio
from engine.roadmap.evidence import Elsewhere, GroupEvidence
from engine.roadmap.opportunities import (
    Decision,
    Opportunity,
    Ranking,
    Status,
    UnknownOpportunity,
    opportunities_of,
    split_id,
    with_precedents,
)
from engine.roadmap.readings import choice_labels
from tests.engine.roadmaps import ENTERED, NOW, evidence, people, rules, said, traveller

TRIAL, PAYING, NONE = range(1, 101), range(101, 201), range(201, 301)


def two_personas() -> list[Opportunity]:
    """Of 100 on trial 60 leave, of 100 who pay 20."""
    crowd = [*people(1, lost=60, went_on=40), *people(101, lost=20, went_on=80)]
    return list(opportunities_of(evidence(crowd, trial=TRIAL, paying=PAYING)))


def test_an_opportunity_is_worth_the_users_lost_a_week_times_the_share_within_reach() -> None:
    first, second = two_personas()
    assert (first.id, second.id) == ("activation.verify.trial", "activation.verify.paying")
    # Everybody came 20 days ago and the last 7 are not settled: 13 days.
    assert first.weeks == pytest.approx(13 / 7)
    assert first.lost_per_week == pytest.approx(60 / (13 / 7))
    # As many as pay would go on: 40 points more than the 40 that do, so 40 of the 60 lost.
    assert (first.gap, first.reachable) == (pytest.approx(0.4), pytest.approx(0.4 / 0.6))
    assert first.worth == pytest.approx(first.lost_per_week * 2 / 3)
    interval = difference_interval(80, 100, 40, 100)
    assert interval is not None
    assert first.reachable_interval is not None
    assert first.reachable_interval.low == pytest.approx(interval.low / 0.6)
    assert first.reachable_interval.low < 2 / 3 < first.reachable_interval.high <= 1


def test_the_persona_that_does_best_has_nothing_within_reach() -> None:
    best = two_personas()[1]
    assert (best.best and best.best.persona, best.reachable, best.worth) == ("paying", 0.0, 0.0)


def test_a_small_group_does_not_win_by_luck() -> None:
    # 19 of 19 is more than 80 of 100, and says less.
    crowd = [*people(1, lost=60, went_on=40), *people(101, lost=20, went_on=80), *people(201, lost=0, went_on=19)]
    first = opportunities_of(evidence(crowd, trial=TRIAL, paying=PAYING))[0]
    assert first.best is not None
    assert first.best.persona == "paying"


def test_people_in_no_persona_are_compared_too() -> None:
    crowd = [*people(1, lost=60, went_on=40), *people(201, lost=10, went_on=90)]
    first = opportunities_of(evidence(crowd, trial=TRIAL))[0]
    assert first.best is not None
    assert (first.best.persona, first.best.label, first.best.rate) == ("-", "in no persona", 0.9)


def test_visitors_who_never_said_who_they_are_are_compared_with_nobody() -> None:
    # No persona can describe them: that everybody else went on says nothing.
    crowd = [*people(1, lost=10, went_on=90), *people(201, lost=50, went_on=0, known=False)]
    found = opportunities_of(evidence(crowd, trial=TRIAL))
    assert [(one.id, one.reachable) for one in found] == [
        ("activation.verify.~", None),
        ("activation.verify.trial", None),
    ]


def test_without_personas_steps_are_ranked_by_who_is_lost() -> None:
    found = opportunities_of(evidence(people(1, lost=30, went_on=70), personas=False))
    assert [(one.id, one.persona_label, one.worth) for one in found] == [("activation.verify", "everyone", None)]


def test_all_that_are_lost_may_be_ranked_instead() -> None:
    crowd = [*people(1, lost=30, went_on=10), *people(101, lost=70, went_on=300)]
    steps = evidence(crowd, trial=range(1, 41), paying=range(101, 471))
    assert [one.persona for one in opportunities_of(steps)] == ["trial", "paying"]
    assert [one.persona for one in opportunities_of(steps, ranking=Ranking.LOST)] == ["paying", "trial"]


@pytest.mark.parametrize(
    ("lost", "went_on", "proposed"),
    [(5, 15, True), (4, 96, False), (10, 9, False)],
    ids=["enough", "hardly anybody is lost", "too few people"],
)
def test_too_few_people_make_no_opportunity(lost: int, went_on: int, proposed: bool) -> None:
    found = opportunities_of(evidence(people(1, lost=lost, went_on=went_on), personas=False))
    assert bool(found) is proposed


def test_who_may_still_go_on_is_not_lost() -> None:
    late = [traveller(number, went_on=False, at=Instant(NOW - 6 * DAY)) for number in range(500, 600)]
    (found,) = opportunities_of(evidence([*people(1, lost=30, went_on=70), *late], personas=False))
    assert (found.settled, found.lost) == (100, 30)


def test_a_history_of_an_hour_is_not_blown_up_to_a_week() -> None:
    crowd = [traveller(number, went_on=number > 40, at=Instant(NOW - 7 * DAY - HOUR)) for number in range(1, 101)]
    (found,) = opportunities_of(evidence(crowd, personas=False))
    assert (found.lost, found.lost_per_week) == (40, pytest.approx(280))


# causes


def group(*, lost: int = 100, went_on: int = 100, **more: object) -> GroupEvidence:
    return GroupEvidence("trial", "On trial", went_on, lost, **more)  # type: ignore[arg-type]


def answers(*feelings: tuple[str, str, int]) -> tuple[object, ...]:
    numbers = iter(range(1, 1_000))
    return tuple(said(next(numbers), key, feeling) for key, feeling, count in feelings for _ in range(count))


def test_what_people_said_is_the_first_cause_with_the_words_that_most_of_them_chose() -> None:
    crowd = people(1, lost=60, went_on=40, signals=["rage_click"], met_by_lost=40)
    told = [said(number, "unsure", "confused") for number in range(1, 13)]
    told += [said(number, "fine", "confident") for number in range(13, 21)]
    (found,) = opportunities_of(evidence(crowd, answers=told, personas=False), label_of=choice_labels(rules()))
    first, second = found.causes
    assert (first.kind, first.name, first.met, first.of) == (CauseKind.FEELING, "confused", 12, 20)
    assert (first.said, first.said_by) == ("I do not know what to enter", 12)
    assert first.text == "confused: 12 of 20 answers, 60% (39% – 78%); “I do not know what to enter” (12)"
    assert (second.kind, second.name) == (CauseKind.FRICTION, "rage_click")


def told(source: Source, feeling: str, count: int, *, person: int | None = None) -> list[Elsewhere]:
    return [Elsewhere(source, person, (feeling,), inferred=False, time=ENTERED)] * count


def test_what_is_said_outside_of_the_product_is_a_cause_marked_by_its_sources() -> None:
    tickets, tests = Source.SUPPORT_TICKET, Source.USABILITY_TEST
    said_there = [*told(tickets, "frustrated", 3), *told(tests, "frustrated", 1), *told(tickets, "confident", 2)]
    (found,) = opportunities_of(evidence(people(1, lost=60, went_on=40), elsewhere=said_there, personas=False))
    (cause,) = found.causes
    assert (cause.kind, cause.name, cause.met, cause.of, cause.interval) == (
        CauseKind.ELSEWHERE,
        "frustrated",
        4,
        6,
        None,
    )
    assert cause.text == "frustrated: 4 of 6 pieces of evidence from elsewhere (support tickets, usability tests)"


def test_what_somebody_said_elsewhere_counts_for_their_persona_and_what_nobody_known_said_for_all() -> None:
    crowd = [*people(1, lost=60, went_on=40), *people(101, lost=20, went_on=80)]
    tickets = Source.SUPPORT_TICKET
    said_there = [*told(tickets, "confused", 4, person=1), *told(tickets, "doubtful", 5)]
    found = opportunities_of(evidence(crowd, elsewhere=said_there, trial=TRIAL, paying=PAYING))
    assert {one.persona: [(cause.name, cause.met, cause.of) for cause in one.causes] for one in found} == {
        "trial": [("doubtful", 5, 9), ("confused", 4, 9)],
        "paying": [("doubtful", 5, 5)],
    }


@pytest.mark.parametrize(
    "said_there",
    [
        told(Source.INTERVIEW, "confused", 4),
        [*told(Source.INTERVIEW, "confused", 2), *told(Source.INTERVIEW, "delighted", 3)],
        [replace(each, time=Instant(ENTERED - 30 * DAY)) for each in told(Source.INTERVIEW, "confused", 9)],
    ],
    ids=["too little in all", "too few that say so", "before the period"],
)
def test_little_that_is_said_elsewhere_is_no_cause(said_there: list[Elsewhere]) -> None:
    (found,) = opportunities_of(evidence(people(1, lost=60, went_on=40), elsewhere=said_there, personas=False))
    assert found.causes == ()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([("unsure", "confused", 12), ("no_access", "frustrated", 8)], ["confused", "frustrated"]),
        ([("unsure", "confused", 4), ("fine", "confident", 96)], []),
        ([("unsure", "confused", 4)], []),
        ([("fine", "confident", 30)], []),
    ],
    ids=["each trouble apart", "a few among many", "not enough answers", "nobody is troubled"],
)
def test_a_feeling_is_a_cause_only_where_enough_people_name_it(
    given: list[tuple[str, str, int]], named: list[str]
) -> None:
    assert [cause.name for cause in causes_of(group(answers=answers(*given)))] == named


def test_friction_is_a_cause_only_where_it_goes_with_leaving() -> None:
    crowd = people(1, lost=60, went_on=40, signals=["rage_click"], met_by_lost=40)
    crowd += [traveller(number, went_on=number % 2 == 0, signals=["retry"]) for number in range(500, 560)]
    (found,) = opportunities_of(evidence(crowd, personas=False))
    assert [cause.name for cause in found.causes] == ["rage_click"]
    # 40 with it, all lost; without it 50 of 120.
    cause = found.causes[0]
    assert (cause.met, cause.of) == (40, 90)
    assert cause.ratio == pytest.approx(1 / (50 / 120))
    assert cause.ratio_interval is not None
    assert cause.ratio_interval.low > 1


def test_what_came_before_leaving_is_a_cause_and_common_events_are_none() -> None:
    before = [
        Precedent("payment_error", lost_with=40, lost=100, went_on_with=10, went_on=100),
        Precedent("page", lost_with=100, lost=100, went_on_with=100, went_on=100),
        Precedent("rare", lost_with=2, lost=100, went_on_with=0, went_on=100),
    ]
    (cause,) = preceding_causes(before)
    assert (cause.kind, cause.name, cause.ratio) == (CauseKind.PRECEDING, "payment_error", pytest.approx(4.0))
    assert cause.text.startswith("“payment_error” before leaving: 40% of those lost")


class Asked:
    """A contrast that notes what it was asked."""

    def __init__(self) -> None:
        self.places: list[tuple[str, str, str]] = []

    def before_leaving(self, journey: str, step: str, persona: str) -> Sequence[Precedent]:
        self.places.append((journey, step, persona))
        return [Precedent("error", lost_with=40, lost=60, went_on_with=2, went_on=40)]


def test_the_contrast_is_asked_only_of_the_first_that_are_proposed() -> None:
    contrast = Asked()
    crowd = [*people(1, lost=60, went_on=40), *people(101, lost=20, went_on=80)]
    found = opportunities_of(evidence(crowd, trial=TRIAL, paying=PAYING))
    first, second = with_precedents(found, contrast, most=1)
    assert contrast.places == [("activation", "verify", "trial")]
    assert (first.causes[-1].name, second.causes) == ("error", ())


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((20, 100, 10, 100), 2.0), ((5, 50, 0, 50), 11.0), ((0, 10, 0, 10), None), ((1, 0, 1, 10), None)],
    ids=["plain", "none among the others", "none at all", "nobody"],
)
def test_a_risk_ratio(counts: tuple[int, int, int, int], expected: float | None) -> None:
    found = risk_ratio(*counts)
    assert (None if found is None else found[0]) == (None if expected is None else pytest.approx(expected))
    if found is not None:
        assert found[1].low < found[0] < found[1].high


# decisions


def decision(status: Status, lost_per_week: float | None) -> Decision:
    return Decision(status, "member 3", ENTERED, "we know", None, lost_per_week, 1)


@pytest.mark.parametrize(
    ("status", "lost_then", "has_grown"),
    [(Status.DISMISSED, 5.0, True), (Status.DISMISSED, 31.0, False), (Status.CONFIRMED, 5.0, False)],
    ids=["dismissed when it was small", "as it was then", "confirmed"],
)
def test_a_dismissed_opportunity_comes_back_when_it_grows(status: Status, lost_then: float, has_grown: bool) -> None:
    crowd = [*people(1, lost=60, went_on=40), *people(101, lost=20, went_on=80)]
    known = {"activation.verify.trial": decision(status, lost_then)}
    first = opportunities_of(evidence(crowd, trial=TRIAL, paying=PAYING), decisions=known)[0]
    assert (first.status, first.has_grown, first.revision) == (status, has_grown, 1)


@pytest.mark.parametrize("name", ["", "activation", "a.b.c.d", "a..c", ".."])
def test_what_is_no_name_of_an_opportunity_is_told(name: str) -> None:
    with pytest.raises(UnknownOpportunity, match="waypost opportunities"):
        split_id(name)


def test_names_of_opportunities_come_apart_again() -> None:
    assert split_id("activation.verify.-") == ("activation", "verify", "-")
    assert split_id("activation.verify") == ("activation", "verify", "")
