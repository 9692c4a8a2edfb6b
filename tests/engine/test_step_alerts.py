"""Alerts on steps: what may be watched, raised once and resolved once, people who still have time left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dsl.values import DAY, HOUR, MINUTE, Duration, Instant
from engine.analyst import Analyst
from engine.analytics.intervals import Interval
from engine.analytics.period_changes import Sample
from engine.errors import StorageUnavailable, UnknownStep
from engine.membership import RulesNow
from engine.replies import Published
from engine.roadmap.items import StaleItem
from engine.service import Service
from engine.step_alert_desk import StepAlertDesk
from engine.step_alerts import (
    BadStepAlert,
    Direction,
    Ending,
    Look,
    Metric,
    NoSuchStepAlert,
    Raised,
    Watch,
    change_words,
    checked,
    ending_of,
    is_calm,
    is_evident,
    number_words,
    read_note,
    seen_against,
    windows_of,
)
from engine.step_watching import numbers_of, windows_now
from engine.storage import step_alerts as kept
from engine.webhook_desk import WebhookDesk
from engine.webhooks import HookKind
from tests.engine.clock import STARTED, Clock
from tests.engine.serving import track

RULES = """
attribute plan: text
persona pro "Pro" where plan is "pro"

journey way "The way" {
  stage early "Early" {
    step begin "Begin" reached by "Begun"
    step connect "Connect" reached by "Connected" touchpoint "/connect"
    step send "Send" reached by "Sent"
  }
  gives up after 2 days
}

survey ease "Ease" {
  at way.connect
  ask effort ease "How easy?"
  ask csat happy "How happy?"
  ask nps friend "Would you tell a friend?"
  expires 2099-12-31
}
"""
DROP = Watch(Metric.DROP, "way", "connect", None, Direction.RISES, 5.0, 7, 28, None)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"step": None}, "say which"),
        ({"metric": Metric.CONVERSION}, "leave the step out"),
        ({"metric": Metric.EFFORT, "within": Duration(DAY)}, "takes no time"),
        ({"within": Duration(91 * DAY)}, "90 days"),
        ({"recent_days": 5}, "whole weeks"),
        ({"before_days": 91}, "whole weeks"),
        ({"recent_days": 14, "before_days": 7}, "at least as long"),
        ({"at_least": -1.0}, "0 or more"),
        ({"at_least": float("nan")}, "0 or more"),
    ],
)
def test_what_cannot_be_watched_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(BadStepAlert, match=why):
        checked(replace(DROP, **changed))


def test_people_who_still_have_time_are_in_neither_period() -> None:
    """Monday at nine: the latest whole day of which everybody has had two days ended on Saturday at midnight."""
    windows = windows_of(DROP, Duration(2 * DAY), STARTED)
    midnight = STARTED - 9 * HOUR
    assert windows.until == midnight - 2 * DAY
    assert (windows.since, windows.before) == (windows.until - 7 * DAY, windows.until - 35 * DAY)


def look(recent: float, before: float, low: float, high: float) -> Look:
    return Look(STARTED, None, recent, before, 100, 400, Interval(low, high))


@pytest.mark.parametrize(
    ("what", "found", "raised"),
    [
        ("rose surely, and by enough", look(40, 20, 4, 36), True),
        ("rose, and it may be chance", look(30, 20, -3, 23), False),
        ("rose surely, by less than asked for", look(24, 20, 1, 7), False),
        ("fell surely", look(5, 20, -22, -8), False),
        ("too few people", Look(STARTED, None, 40, 20, 10, 400, None), False),
    ],
)
def test_raised_only_where_it_is_sure_and_large_enough(what: str, found: Look, raised: bool) -> None:
    assert is_evident(DROP, found) is raised, what


def test_what_is_raised_ends_when_it_was_back_for_as_long_as_the_period() -> None:
    raised = Raised(STARTED, 20.0, Sample({1: 80, 0: 320}), calm=0)
    back, still = Sample({1: 21, 0: 79}), Sample({1: 38, 0: 62})
    assert is_calm(DROP, raised, seen_against(DROP, raised, back, STARTED)) is True
    assert is_calm(DROP, raised, seen_against(DROP, raised, still, STARTED)) is False
    assert is_calm(DROP, raised, seen_against(DROP, raised, Sample({1: 2}), STARTED)) is None
    soon = Instant(STARTED + 8 * DAY)
    assert ending_of(DROP, raised, calm=6, now=soon) is None
    assert ending_of(DROP, raised, calm=7, now=soon) is Ending.RECOVERED
    assert ending_of(DROP, raised, calm=0, now=Instant(STARTED + 35 * DAY)) is Ending.SETTLED


class Team:
    """Ten people a day come to the step; how many go on changes."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.service = Service.open(f"sqlite:///{folder / 'w.db'}", clock=self.clock, lakes=folder / "lake")
        self.project = self.service.ensure_project().id
        self.analyst = Analyst(self.service.database, folder / "lake")
        self.publish(RULES)
        self.desk = StepAlertDesk(self.service.database)

    def publish(self, text: str) -> None:
        found = self.service.publish(self.project, {"rules.way": text})
        assert isinstance(found, Published), found

    def day(self, ago: int, *, connect: int, people: int = 10, takes: int = 10 * MINUTE, trouble: int = 0) -> None:
        """A day so many days ago: of the people who begin some connect, and some meet an error there."""
        noon = Instant(self.clock.now // DAY * DAY - ago * DAY + 12 * HOUR)
        messages = []
        for number in range(people):
            user = f"d{noon}-{number}"
            messages.append(track("Begun", user=user, at=noon))
            if number < trouble:
                messages.append(track("$error_click", user=user, at=Instant(noon + MINUTE), properties={}))
                messages[-1]["context"] = {"page": {"path": "/connect"}}
            if number < connect:
                messages.append(track("Connected", user=user, at=Instant(noon + takes + number * MINUTE)))
        self.service.receive(self.project, messages, received=self.clock.now)

    def say(self, ago: int, question: str, value: int, people: int) -> None:
        noon = Instant(self.clock.now // DAY * DAY - ago * DAY + 13 * HOUR)
        said = {"guide": "ease", "question": question, "value": value}
        messages = [
            track(
                "$answered", user=f"d{noon - HOUR}-{number}", at=noon, properties={**said, "submission": f"s{number}"}
            )
            for number in range(people)
        ]
        self.service.receive(self.project, messages, received=self.clock.now)

    def look(self) -> tuple[int, int, int]:
        done = self.desk.look(lambda: self.analyst, self.service.rules_now, now=self.clock.now, renew=lambda: True)
        return done.looks, done.raised, done.resolved

    def add(self, watch: Watch) -> int:
        rules = self.service.rules_now(self.project)
        return self.desk.add(self.project, watch, rules, by="member 1", now=self.clock.now).id

    def samples(self, watch: Watch) -> tuple[dict[float, int], dict[float, int]]:
        rules = self.service.rules_now(self.project)
        recent, before = numbers_of(self.analyst, self.project, watch, windows_now(watch, rules), rules)
        return dict(recent.numbers), dict(before.numbers)


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    team = Team(tmp_path)
    yield team
    team.service.close()


def test_each_metric_counts_people_once_and_with_the_same_time(team: Team) -> None:
    """Days 3 to 9 are the recent week, as two days are left to everybody; 10 to 37 the four weeks before."""
    team.day(3, connect=6, trouble=2)
    team.day(20, connect=8, takes=HOUR)
    team.day(1, connect=0)
    team.day(60, connect=0)
    late = track("Connected", user=f"d{STARTED // DAY * DAY - 20 * DAY + 12 * HOUR}-9", at=Instant(STARTED - 5 * DAY))
    team.service.receive(team.project, [late], received=team.clock.now)

    def watch(metric: Metric, step: str | None = "connect", within: Duration | None = None) -> Watch:
        return Watch(metric, "way", step, None, Direction.RISES, 0.0, 7, 28, within)

    assert team.samples(watch(Metric.DROP)) == ({0: 6, 1: 4}, {0: 8, 1: 2})
    assert team.samples(watch(Metric.DROP, within=Duration(12 * MINUTE))) == ({0: 3, 1: 17}, {1: 10}), (
        "those of yesterday have had their twelve minutes"
    )
    assert team.samples(watch(Metric.CONVERSION, None)) == ({0: 10}, {0: 10})
    recent, before = team.samples(watch(Metric.TIME_MEDIAN))
    assert sorted(recent) == [60 * (10 + number) for number in range(6)]
    assert min(before) == 3600
    recent, before = team.samples(watch(Metric.FRICTION))
    assert (recent[0.0], len(recent), before) == (8, 2, {0.0: 10})
    # What people said takes no time: days 1 to 7 are the recent week.
    team.say(1, "ease", 2, 3)
    team.say(20, "ease", 6, 4)
    team.say(1, "happy", 5, 2)
    team.say(20, "friend", 9, 1)
    assert team.samples(watch(Metric.EFFORT)) == ({2.0: 3}, {6.0: 4})
    assert team.samples(watch(Metric.SATISFACTION)) == ({1.0: 2}, {})
    assert team.samples(watch(Metric.RECOMMENDATION)) == ({}, {100.0: 1})
    recent, before = team.samples(watch(Metric.FEELING))
    assert sum(recent.values()) == 3, "one number a person, whatever they were asked"


@pytest.mark.thorough
def test_a_drop_that_rose_is_raised_once_stays_and_is_resolved_once(team: Team) -> None:
    for ago in range(10, 38):
        team.day(ago, connect=8)
    for ago in range(3, 10):
        team.day(ago, connect=4)
    hooks = WebhookDesk(team.service.database)
    kinds = [HookKind.ALERT_RAISED, HookKind.ALERT_RESOLVED]
    hook, _ = hooks.add(team.project, "https://hooks.example.com/in", kinds, by="member 1", now=team.clock.now)
    number = team.add(DROP)
    assert team.look() == (1, 1, 0)
    assert team.look() == (0, 0, 0), "a day is looked at once"
    (episode,) = team.desk.history(team.project)
    assert episode.said["message"].startswith(
        "Drop at `way.connect` rose from 20.0 to 60.0 (+40.0 points, somewhere from +"
    )
    assert (episode.said["people"], episode.said["peopleBefore"]) == (70, 280)
    assert team.desk.alert(team.project, number).raised == team.clock.now
    # Two more days as bad, then it is mended: three more weeks as before.
    for _ in range(2):
        team.clock.pass_(Duration(DAY))
        team.day(3, connect=4)
        assert team.look() == (1, 0, 0), "it stays raised, and is not told again"
    resolved = []
    for number_of_day in range(16):
        team.clock.pass_(Duration(DAY))
        team.day(3, connect=8)
        if team.look()[2]:
            resolved.append(number_of_day)
    assert len(resolved) == 1
    (episode,) = team.desk.history(team.project)
    assert episode.ending is Ending.RECOVERED
    assert episode.told is not None
    told = [each.kind for each in hooks.deliveries(team.project, hook.id)]
    assert told == [HookKind.ALERT_RESOLVED, HookKind.ALERT_RAISED]


def test_too_few_people_and_nothing_recorded_are_told_and_raise_nothing(team: Team) -> None:
    number = team.add(DROP)
    assert team.look() == (1, 0, 0)
    found = team.desk.alert(team.project, number).look
    assert found is not None
    assert found.problem == "nothing is recorded yet of those who count"
    team.clock.pass_(Duration(DAY))
    team.day(5, connect=4)
    team.look()
    found = team.desk.alert(team.project, number).look
    assert found is not None
    assert found.problem == "not enough people yet: 10 and 0, and it takes 20 in each period"


def test_what_is_changed_turned_off_or_gone_from_the_rules_is_over(team: Team) -> None:
    for ago in range(3, 38):
        team.day(ago, connect=8 if ago >= 10 else 3)
    number, now = team.add(DROP), team.clock.now
    rules = team.service.rules_now(team.project)
    with pytest.raises(BadStepAlert, match="exactly this"):
        team.add(DROP)
    assert team.look() == (1, 1, 0)
    off = team.desk.change(team.project, number, {"is_on": False}, rules, revision=1, by="member 1", now=now)
    assert (off.is_on, off.raised) == (False, None)
    assert [each.ending for each in team.desk.history(team.project, alert_id=number)] == [Ending.CHANGED]
    with pytest.raises(StaleItem):
        team.desk.change(team.project, number, {"note": "x"}, rules, revision=1, by="member 2", now=now)
    with pytest.raises(UnknownStep):
        team.desk.change(team.project, number, {"step": "nowhere"}, rules, revision=2, by="member 1", now=now)
    with pytest.raises(BadStepAlert, match="no persona"):
        team.desk.change(team.project, number, {"persona": "nobody"}, rules, revision=2, by="member 1", now=now)
    changed = {"is_on": True, "at_least": 10.0}
    team.desk.change(team.project, number, changed, rules, revision=2, by="member 1", now=now)
    assert team.look() == (1, 1, 0), "another watch is looked at anew"
    team.publish(RULES.replace("step connect", "step link").replace("way.connect", "way.link"))
    team.clock.pass_(Duration(DAY))
    assert team.look() == (1, 0, 1)
    assert [each.ending for each in team.desk.history(team.project)] == [Ending.GONE, Ending.CHANGED]
    team.desk.remove(team.project, number, by="member 1", now=now)
    assert (team.desk.alerts(team.project), team.desk.history(team.project)) == ([], [])
    with pytest.raises(NoSuchStepAlert):
        team.desk.alert(team.project, number)


def test_what_cannot_be_looked_at_says_so_and_the_alerts_of_others_are_looked_at(team: Team) -> None:
    """Whatever breaks; only where the database is away everything waits."""
    for ago in range(3, 38):
        team.day(ago, connect=8 if ago >= 10 else 3)
    first, second = team.add(DROP), team.add(replace(DROP, at_least=6.0))
    times = 0

    def rules_of(project: int) -> RulesNow:
        nonlocal times
        times += 1
        if times == 1:
            raise ZeroDivisionError
        return team.service.rules_now(project)

    def look(rules_of: Callable[[int], RulesNow]) -> tuple[int, int]:
        done = team.desk.look(lambda: team.analyst, rules_of, now=team.clock.now, renew=lambda: True)
        return done.looks, done.raised

    assert look(rules_of) == (2, 1)
    found = team.desk.alert(team.project, first).look
    assert found is not None
    assert found.problem == "something went wrong on our side; the server's log says what"
    assert team.desk.alert(team.project, second).raised is not None

    def away(_: int) -> RulesNow:
        raise StorageUnavailable("it is locked")

    team.clock.pass_(Duration(DAY))
    with pytest.raises(StorageUnavailable):
        look(away)
    assert team.desk.alert(team.project, first).look == found, "it is looked at as soon as the database is back"


def test_an_alert_that_is_removed_while_raised_is_told_to_be_over(team: Team) -> None:
    for ago in range(3, 38):
        team.day(ago, connect=8 if ago >= 10 else 3)
    hooks = WebhookDesk(team.service.database)
    kinds = [HookKind.ALERT_RAISED, HookKind.ALERT_RESOLVED]
    hook, _ = hooks.add(team.project, "https://hooks.example.com/in", kinds, by="member 1", now=team.clock.now)
    number = team.add(DROP)
    assert team.look() == (1, 1, 0)
    team.desk.remove(team.project, number, by="member 1", now=team.clock.now)
    told = [each.kind for each in hooks.deliveries(team.project, hook.id)]
    assert told == [HookKind.ALERT_RESOLVED, HookKind.ALERT_RAISED]


def test_no_alert_becomes_the_twin_of_another(team: Team) -> None:
    first, second = team.add(DROP), team.add(replace(DROP, at_least=6.0))
    rules, now = team.service.rules_now(team.project), team.clock.now
    with pytest.raises(BadStepAlert, match=f"alert {first} watches exactly this"):
        team.desk.change(team.project, second, {"at_least": 5.0}, rules, revision=1, by="member 1", now=now)
    assert team.desk.change(
        team.project, second, {"at_least": 5.0, "recent_days": 14}, rules, revision=1, by="member 1", now=now
    )


def test_of_two_changes_at_once_one_is_kept_and_the_other_is_told(service: Service, clock: Clock) -> None:
    project = service.ensure_project().id
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    desk, rules = StepAlertDesk(service.database), service.rules_now(project)
    made = desk.add(project, DROP, rules, by="member 1", now=clock.now)
    with ThreadPoolExecutor(1) as other:
        with service.database.writing() as connection:
            kept.change(connection, made, DROP, note="first", is_on=True, begins_anew=False)
            second = other.submit(
                desk.change, project, made.id, {"note": "second"}, rules, revision=1, by="member 2", now=clock.now
            )
            # Time to read what was before.
            wait([second], timeout=0.5)
        with pytest.raises(StaleItem, match="at revision 2"):
            second.result()
    assert desk.alert(project, made.id).note == "first"


@pytest.mark.parametrize(
    ("value", "figure", "difference"),
    [
        (1_234.5, "1,234.5", "+1,234.5"),
        (-1_000_000.0, "-1,000,000.0", "−1,000,000.0"),
        (20.0, "20.0", "+20.0"),
        (0.1234, "0.123", "+0.123"),
        (0.00001, "0", "+0"),
        (None, "nothing", "nothing"),
    ],
)
def test_figures_are_told_as_people_write_them(value: float | None, figure: str, difference: str) -> None:
    assert (number_words(value), change_words(value)) == (figure, difference)


def test_a_note_has_no_characters_that_a_database_cannot_keep() -> None:
    assert read_note(" for\0 the  team\0") == "for the team"


def test_only_a_persona_and_nobody_elses_project(team: Team) -> None:
    for ago in range(3, 38):
        team.day(ago, connect=8 if ago >= 10 else 3)
    other = team.project + 1
    number = team.add(Watch(Metric.DROP, "way", "connect", "pro", Direction.RISES, 5.0, 7, 28, None))
    assert team.look() == (1, 0, 0), "nobody is pro"
    assert team.desk.alerts(other) == []
    with pytest.raises(NoSuchStepAlert):
        team.desk.alert(other, number)
