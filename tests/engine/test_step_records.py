"""Records of a journey's steps over everybody, from events that a service received: sums done by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsl.values import DAY, HOUR, MINUTE, Instant, format_instant
from engine.analyst import Analyst
from engine.analytics.asked import BadBreakdown
from engine.analytics.curve import MarkKind
from engine.analytics.disagreements import Verdict
from engine.errors import UnknownJourney
from engine.product_figures import BadPeriod
from engine.replies import Published
from engine.service import Service
from engine.step_answers import (
    AnswersAsked,
    Found,
    UnknownDisagreement,
    asked_and_answered,
    disagreeing,
    read_disagreement,
    responses,
    silent,
    terms,
)
from engine.step_records import By, RecordsAsked, curves, records, transitions
from engine.storage import readings
from tests.engine.clock import STARTED, Clock
from tests.engine.serving import track

RULES = """
attribute plan: text
persona pro "Pro" where plan is "pro"

journey way "The way" {
  stage early "Early" {
    step begin "Begin" reached by "Begun"
    step connect "Connect" reached by "Connected" attempted by "Failed" touchpoint "/connect" expect within 1 hour
  }
  stage late "Late" { step send "Send" reached by "Sent" }
  gives up after 7 days
}

survey ease "Ease" {
  at way.connect
  ask effort ease "How easy?"
  ask choice cause "Why?" optional { "no idea" feels confused  "it broke" feels frustrated }
  ask text detail "What else?" optional
  expires 2099-12-31
}
"""
START = Instant(STARTED - 60 * DAY)
"""60 days before the clock, at nine in the morning."""


DEVICES = {"u4": "mobile", "u5": "desktop", "u6": "tablet"}
"""On what who answered; of the others it is not known."""


class Team:
    """Ten people who begin on two days, and what each did so long after the start."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.service = Service.open(f"sqlite:///{folder / 'w.db'}", clock=self.clock, lakes=folder / "lake")
        self.project = self.service.ensure_project().id
        self.analyst = Analyst(self.service.database, folder / "lake")
        found = self.service.publish(self.project, {"rules.way": RULES})
        assert isinstance(found, Published), found

    def did(self, user: str, name: str, after: int, *, device: str | None = None, **properties: Any) -> None:
        context = {} if device is None else {"context": {"device": {"type": device}}}
        message = track(name, user=user, at=Instant(START + after), properties=properties, **context)
        self.service.receive(self.project, [message], received=self.clock.now)

    def is_pro(self, user: str) -> None:
        message: Any = {
            "type": "identify",
            "userId": user,
            "traits": {"plan": "pro"},
            "timestamp": format_instant(Instant(START + DAY)),
        }
        self.service.receive(self.project, [message], received=self.clock.now)

    def asked(self, door: Any, **asked: Any) -> Any:
        question = RecordsAsked("way", **asked)
        return door(self.analyst, self.project, question, self.service.rules_now(self.project))


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    team = Team(tmp_path_factory.mktemp("team"))
    for number in range(10):
        user, day = f"u{number}", DAY * (number % 2)
        team.did(user, "Begun", day)
        if number < 3:
            team.did(user, "Failed", day + 10 * MINUTE)
            team.did(user, "$error_click", day + 11 * MINUTE, path="/connect")
        if 3 <= number < 9:
            team.did(user, "Wandered", day + 12 * MINUTE)
            team.did(user, "Connected", day + (20 * MINUTE if number < 8 else 2 * HOUR))
            answer = {"guide": "ease", "submission": f"s{number}", "language": "en"}
            team.did(user, "$shown", day + 3 * HOUR, guide="ease")
            if number < 8:
                said = {"question": "ease", "value": number - 2, "device": DEVICES.get(user), **answer}
                team.did(user, "$answered", day + 3 * HOUR + 1, **said)
            if number == 3:
                team.did(user, "$answered", day + 3 * HOUR + 2, question="cause", value="it broke", **answer)
        if number >= 5:
            team.is_pro(user)
    team.did("robot", "$release", DAY + HOUR, version="2.1.0")
    yield team
    team.service.close()


def test_transitions_are_told_of_everybody(team: Team) -> None:
    first, second = team.asked(transitions).transitions
    assert (first.step, first.to, first.group) == ("begin", "connect", None)
    assert (first.started, first.went_on, first.lost, first.open, first.direct) == (10, 6, 4, 0, 0)
    assert [(one.name, one.people, one.went_on, one.lost) for one in first.unplanned] == [("Wandered", 6, 6, 0)]
    assert first.took is not None
    assert first.took.median == 20 * MINUTE
    assert (second.step, second.to, second.started, second.lost) == ("connect", "send", 6, 6)


@pytest.mark.thorough
def test_transitions_by_persona_and_by_day_add_up(team: Team) -> None:
    by_day = [each for each in team.asked(transitions, by=By.DAY).transitions if each.to == "connect"]
    assert [(each.group, each.started) for each in by_day] == [(day(0), 5), (day(1), 5)]
    by_persona = [each for each in team.asked(transitions, by=By.PERSONA).transitions if each.to == "connect"]
    assert [(each.group, each.started, each.went_on) for each in by_persona] == [("(not set)", 5, 2), ("pro", 5, 4)]


def day(number: int) -> str:
    return format_instant(Instant(START + number * DAY))[:10]


def test_the_curve_has_a_band_where_there_are_answers_enough(team: Team) -> None:
    (curve,) = team.asked(curves).curves
    points = {point.step: point for point in curve.points}
    assert list(points) == ["begin", "connect", "send"]
    felt = points["connect"].emotion
    # Efforts of 1 to 5 are −1, −⅔, −⅓, 0, ⅓; and one broke: −0.9.
    assert (felt.n, felt.mean) == (6, pytest.approx((-1 - 2 / 3 - 1 / 3 + 0 + 1 / 3 - 0.9) / 6))
    band = points["connect"].band
    assert band is not None
    assert band.low < felt.mean < band.high
    assert (points["send"].emotion.n, points["send"].emotion.mean, points["send"].band) == (0, None, None)
    assert [(point.stage.letter, point.label) for point in curve.points] == [
        ("A", "Begin"),
        ("A", "Connect"),
        ("B", "Send"),
    ]


def test_releases_and_publications_mark_the_curve(team: Team) -> None:
    (curve,) = team.asked(curves).curves
    assert [(mark.kind, mark.label) for mark in curve.marks] == [
        (MarkKind.RELEASE, "2.1.0"),
        (MarkKind.PUBLICATION, "1"),
    ]
    first, second = team.asked(curves, by=By.DAY).curves
    assert [(curve.group, curve.n, len(curve.marks)) for curve in (first, second)] == [(day(0), 2, 0), (day(1), 4, 1)]


def test_a_release_marks_the_curve_of_everybody_whoever_told_it(team: Team) -> None:
    # The robot is no pro: who a curve is of says nothing of who tells of releases.
    (curve,) = team.asked(curves, where='plan is "pro"').curves
    assert curve.n == 3
    assert [mark.label for mark in curve.marks if mark.kind is MarkKind.RELEASE] == ["2.1.0"]


@pytest.mark.thorough
def test_a_curve_of_a_persona_has_the_answers_of_its_people_only(team: Team) -> None:
    others, pro = team.asked(curves, by=By.PERSONA).curves
    assert [(others.group, others.n), (pro.group, pro.n)] == [("(not set)", 3), ("pro", 3)]


def test_a_record_says_what_became_of_everybody(team: Team) -> None:
    found = team.asked(records).records
    assert [each.counts.step for each in found] == ["begin", "connect", "send"]
    connect = found[1].counts
    # Three tried in vain, one never tried, six are done: one of them after two hours.
    assert (connect.entered, connect.done, connect.tried_and_failed, connect.never_tried) == (10, 6, 3, 1)
    assert (connect.completed, connect.skipped, connect.dropped, connect.in_progress) == (6, 0, 4, 0)
    assert (connect.pace.expected, connect.pace.due, connect.pace.within) == (HOUR, 10, 5)
    assert connect.pace.spent is not None
    assert connect.pace.spent.median == 20 * MINUTE
    error = next(each for each in connect.risks if each.name == "error_click")
    # All three with the sign dropped, of the seven without it one: too few to compare.
    assert (error.met, error.met_dropped, error.without, error.without_dropped, error.note) == (
        3,
        3,
        7,
        1,
        "not enough people",
    )
    assert connect.friction.score == pytest.approx(3 * 0.30 / 10)
    assert {each.feeling: each.count for each in found[1].mix}["frustrated"] == 2


@pytest.mark.thorough
def test_records_by_persona_and_by_day_add_up(team: Team) -> None:
    whole = {each.counts.step: each.counts.entered for each in team.asked(records).records}
    for by in By:
        found = team.asked(records, by=by).records
        entered: dict[str, int] = {}
        for each in found:
            entered[each.counts.step] = entered.get(each.counts.step, 0) + each.counts.entered
        assert entered == whole, by
    both = [each for each in team.asked(records, by=By.PERSONA_AND_DAY).records if each.counts.step == "connect"]
    assert [(each.counts.group, each.counts.entered, each.emotion.n) for each in both] == [
        (f"(not set) {day(0)}", 3, 1),
        (f"(not set) {day(1)}", 2, 2),
        (f"pro {day(0)}", 2, 1),
        (f"pro {day(1)}", 3, 2),
    ]
    by_day = [each for each in team.asked(records, by=By.DAY).records if each.counts.step == "connect"]
    assert [(each.counts.group, each.counts.entered, each.emotion.n) for each in by_day] == [
        (day(0), 5, 2),
        (day(1), 5, 4),
    ]


@pytest.mark.thorough
def test_a_period_has_who_came_in_it(team: Team) -> None:
    first_day = team.asked(records, until=Instant(START + HOUR)).records
    assert [each.counts.entered for each in first_day][:2] == [5, 5]


def test_responses_tell_what_was_said_how_and_by_whom(team: Team) -> None:
    found = said(team, responses, step="connect")
    assert (found.total, found.next, len(found.responses)) == (6, None, 6)
    cause = next(each for each in found.responses if each.question == "cause")
    assert (cause.choices, cause.score, cause.feeling, cause.inferred) == (("it broke",), None, "frustrated", False)
    assert (cause.user, cause.language, cause.survey_version, cause.asked) == ("u3", "en", 1, "Why?")
    assert sorted(each.score for each in found.responses if each.score is not None) == [1, 2, 3, 4, 5]
    assert {each.user: each.device for each in found.responses if each.question == "ease"} == {
        "u3": None,
        "u4": "mobile",
        "u5": "desktop",
        "u6": "tablet",
        "u7": None,
    }
    page = said(team, responses, step="connect", limit=4)
    rest = said(team, responses, step="connect", limit=4, before=page.next)
    assert (*page.responses, *rest.responses) == found.responses


def test_who_was_asked_and_kept_silent_is_known(team: Team) -> None:
    (ease,) = said(team, asked_and_answered, step="connect").surveys
    assert (ease.survey, ease.asked, ease.answered, ease.silent) == ("ease", 6, 5, 1)
    assert said(team, silent, step="connect").users == ("u8",)
    assert said(team, silent, step="send").users == ()


def test_terms_of_a_period_stand_beside_those_of_the_one_before(chatty: Team) -> None:
    found = said(chatty, terms, since=Instant(START + 10 * DAY), until=Instant(START + 20 * DAY))
    assert (found.texts, found.texts_before) == (6, 6)
    told = {each.term: (each.count, each.before, each.trend.value) for each in found.terms}
    assert told["dns records"] == (6, 0, "rising")
    assert told["price"] == (0, 6, "falling")


def test_a_score_and_words_that_disagree_wait_until_somebody_reads_them(chatty: Team) -> None:
    found = said(chatty, disagreeing)
    assert (found.unread, found.total) == (1, 1)
    (one,) = found.disagreements
    assert (one.user, one.question, one.text_question, one.score) == ("grumpy", "ease", "ease", 7)
    assert one.score_valence == 1.0
    assert one.text_valence < -0.5
    rules = chatty.service.rules_now(chatty.project)
    meant = Found(Verdict.TEXT, "frustrated", "the scale was taken the other way round")
    read = read_disagreement(chatty.analyst, chatty.project, rules, "way", one.id, found=meant, by="user 1")
    assert read.reading is not None
    again = said(chatty, disagreeing)
    assert (again.unread, again.total) == (0, 1)
    assert again.disagreements[0].reading == read.reading
    assert said(chatty, disagreeing, is_read=False).disagreements == ()
    read_disagreement(chatty.analyst, chatty.project, rules, "way", one.id, found=None, by="user 1")
    assert said(chatty, disagreeing).unread == 1
    with pytest.raises(UnknownDisagreement):
        read_disagreement(chatty.analyst, chatty.project, rules, "way", "1-1", found=None, by="user 1")


@pytest.mark.thorough
def test_what_was_read_of_somebody_goes_when_they_are_erased(tmp_path: Path) -> None:
    team = Team(tmp_path)
    sour = {"question": "ease", "value": 7, "text": "This is horrible, I hate it!", "language": "en"}
    team.did("grumpy", "$answered", DAY, guide="ease", submission="g", **sour)
    (one,) = said(team, disagreeing).disagreements
    rules = team.service.rules_now(team.project)
    read_disagreement(team.analyst, team.project, rules, "way", one.id, found=Found(Verdict.BOTH), by="user 1")
    with team.service.database.reading() as connection:
        assert len(readings.readings(connection, team.project)) == 1
    assert team.service.privacy.erase(team.project, "grumpy") is not None
    with team.service.database.reading() as connection:
        assert readings.readings(connection, team.project) == {}
    team.service.close()


@pytest.fixture(scope="module")
def chatty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Twelve people who write of the price, then of records; and one whose score and words disagree."""
    team = Team(tmp_path_factory.mktemp("chatty"))
    for number in range(12):
        text = "The price is too high" if number < 6 else "Which DNS records do I need?"
        answer = {"guide": "ease", "submission": f"s{number}", "language": "en", "question": "detail", "value": text}
        team.did(f"u{number}", "Begun", 0)
        team.did(f"u{number}", "$answered", (5 if number < 6 else 15) * DAY, **answer)
    sour = {"question": "ease", "value": 7, "text": "This is horrible, I hate it!", "language": "en"}
    team.did("grumpy", "Begun", 0)
    team.did("grumpy", "$answered", 30 * DAY, guide="ease", submission="g", **sour)
    yield team
    team.service.close()


def said(team: Team, door: Any, **asked: Any) -> Any:
    paging = {name: asked.pop(name) for name in ("limit", "before", "is_read") if name in asked}
    question = AnswersAsked("way", **asked)
    return door(team.analyst, team.project, question, team.service.rules_now(team.project), **paging)


def test_what_cannot_be_asked_is_refused(team: Team) -> None:
    with pytest.raises(BadPeriod):
        team.asked(transitions, since=Instant(START + DAY), until=START)
    with pytest.raises(UnknownJourney):
        transitions(team.analyst, team.project, RecordsAsked("no"), team.service.rules_now(team.project))


def test_without_personas_nothing_is_broken_down_by_them(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.did("u", "Begun", 0)
    rules = RULES.replace('persona pro "Pro" where plan is "pro"', "")
    assert isinstance(team.service.publish(team.project, {"rules.way": rules}), Published)
    with pytest.raises(BadBreakdown, match="no persona is declared"):
        team.asked(curves, by=By.PERSONA)
    team.service.close()
