"""Events are kept as long as a project says; after that a snapshot of each person stands for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsl.needs import Different, Recent, Tally, Times, Total, Tracked
from dsl.values import DAY, HOUR, NUMBER, Duration, Instant, format_instant
from engine.analyst import Analyst
from engine.errors import HistoryRemoved
from engine.privacy import BadRetention, Retained
from engine.replies import Published
from engine.service import Service
from engine.slots import added
from engine.storage import keeping_tables, tables
from engine.verification import verify
from tests.engine.clock import Clock
from tests.engine.ingesting import RULES, rows

MORE = (
    RULES
    + """
account attribute industry: text
account attribute seats: number
segment failing where did "DNS Check Failed" at least 3 times
segment busy where sum of recipients in "Campaign Sent" > 100
segment lately where did "DNS Check Failed" at least 2 times in last 40 days
segment colleagues where anyone in account did "Campaign Sent"
guide often "O" {
  for failing, busy, lately, colleagues
  show modal {
    title "T"
  }
  once every 1 day
  holdout 0%
}
"""
)
KEPT = 30
"""Days."""


class Story:
    """A project that keeps events for 30 days, and people whose lives are longer."""

    def __init__(self, url: str, clock: Clock, folder: Path) -> None:
        self.url, self.clock, self.lakes, self.number = url, clock, folder / "lake", 0
        self.service = Service.open(url, clock=clock, lakes=self.lakes)
        self.project = self.service.ensure_project().id
        self.publish(MORE)
        self.service.privacy.set_retention(self.project, KEPT)

    def publish(self, text: str) -> None:
        assert isinstance(self.service.publish(self.project, {"a.way": text}), Published)
        assert self.service.settle(self.project, timeout=30)

    def tell(self, event: str, *, user: str | None = "u", ago: int = 0, visitor: str | None = None, **more: Any) -> Any:
        self.number += 1
        message = {"type": "track", "event": event, "messageId": f"m{self.number}"}
        if event in {"identify", "group"}:
            message = {"type": event, "messageId": f"m{self.number}"}
        times = {"timestamp": format_instant(Instant(self.clock.now - ago))}
        ids = {name: value for name, value in (("userId", user), ("anonymousId", visitor)) if value is not None}
        whole = {**message, **times, **ids, **more}
        # Later than 30 days is an import's business: what is told now is taken with its true time.
        self.service.receive(self.project, [whole], received=self.clock.now)
        return whole

    def live(self, user: str = "u") -> None:
        """Seventy days: sign-up, failures, a campaign, an answer, an account."""
        self.tell("identify", user=user, traits={"plan": "pro", "name": user})
        self.tell("group", user=user, groupId="acme", traits={"industry": "farming", "$add": {"seats": 1}})
        self.tell("Signed Up", user=user)
        self.clock.pass_(Duration(10 * DAY))
        self.tell("DNS Check Failed", user=user)
        self.tell("$shown", user=user, properties={"guide": "effort"})
        answer = {"guide": "effort", "question": "ease", "value": 2, "submission": "s1"}
        self.tell("$answered", user=user, properties=answer)
        self.clock.pass_(Duration(20 * DAY))
        self.tell("DNS Check Failed", user=user)
        self.tell("Campaign Sent", user=user, properties={"recipients": 70})
        self.clock.pass_(Duration(25 * DAY))
        self.tell("DNS Check Failed", user=user)
        self.tell("Campaign Sent", user=user, properties={"recipients": 40})
        self.clock.pass_(Duration(15 * DAY))

    def retain(self) -> Retained:
        return self.service.privacy.retain(self.project, self.clock.now)

    def state(self, user: str = "u") -> Any:
        found = self.service.user(self.project, user_id=user)
        assert found is not None
        return found.state

    def is_shown(self, user: str = "u") -> bool:
        why = self.service.explain(self.project, "often", user_id=user)
        assert why is not None
        return why.is_shown

    def faults(self) -> tuple[str, ...]:
        return verify(self.service.database).faults


@pytest.fixture
def story(url: str, clock: Clock, tmp_path: Path) -> Iterator[Story]:
    found = Story(url, clock, tmp_path)
    found.live()
    yield found
    found.service.close()


def test_after_retention_the_state_still_equals_the_replay_from_the_snapshot(story: Story) -> None:
    before, shown = story.state(), story.is_shown()
    done = story.retain()
    assert (done.people, done.events) == (1, 8)
    assert len(rows(story.url, tables.Event)) == 2
    assert story.state() == before
    assert story.is_shown() is shown is True
    assert story.faults() == ()
    story.tell("DNS Check Failed")
    assert story.faults() == ()


def test_records_answers_and_exposures_stay(story: Story) -> None:
    before = story.service.step_record(story.project, "activation", "connect")
    story.retain()
    assert story.service.step_record(story.project, "activation", "connect") == before
    assert len(rows(story.url, tables.Response)) == 1
    assert len(rows(story.url, tables.Exposure)) == 1


def test_a_state_that_was_lost_is_made_again_from_the_snapshot(story: Story) -> None:
    before = story.state()
    story.retain()
    with story.service.database.writing() as connection:
        connection.execute(tables.table(tables.State).update().values(revision=""))
    assert story.state() == before
    story.tell("Signed Up")
    assert story.state()["slots"] == before["slots"]
    assert story.faults() == ()


def test_retention_again_and_again_adds_up(story: Story) -> None:
    story.retain()
    assert story.retain() == Retained(story.retain().cut, 0, 0, 0)
    story.clock.pass_(Duration(40 * DAY))
    story.tell("DNS Check Failed")
    before = story.state()
    assert story.retain().events == 2
    assert story.state() == before
    assert [row["events"] for row in rows(story.url, keeping_tables.PersonSnapshot)] == [10]
    assert story.faults() == ()


def test_a_crash_in_the_middle_loses_nothing_and_running_again_does_the_rest(story: Story) -> None:
    for number in range(5):
        story.tell("DNS Check Failed", user=f"old{number}", ago=29 * DAY)
    story.clock.pass_(Duration(2 * DAY))
    before = [story.state(user) for user in ("u", "old0", "old4")]

    def crash(people: int) -> None:
        if people == 4:
            raise RuntimeError("the power was cut")

    with pytest.raises(RuntimeError, match="the power was cut"):
        story.service.privacy.retain(story.project, story.clock.now, part=2, progress=crash)
    assert len(rows(story.url, keeping_tables.PersonSnapshot)) == 4
    assert story.faults() == ()
    assert story.retain().people == 2
    assert [story.state(user) for user in ("u", "old0", "old4")] == before
    assert story.faults() == ()
    cut = story.retain().cut or 0
    assert [row for row in rows(story.url, tables.Event) if row["time"] < cut] == []


def test_what_comes_late_and_is_of_before_the_cut_changes_nothing(story: Story) -> None:
    story.retain()
    before = story.state()
    story.tell("DNS Check Failed", ago=45 * DAY)
    assert story.state()["slots"] == before["slots"]
    assert story.faults() == ()
    assert story.retain().events == 1
    assert story.state()["slots"] == before["slots"]
    assert story.faults() == ()


def test_a_message_that_was_removed_and_is_sent_again_stays_out(story: Story) -> None:
    kept = story.tell("Signed Up", ago=29 * DAY)
    story.clock.pass_(Duration(3 * DAY))
    story.retain()
    receipt = story.service.receive(story.project, [kept], received=story.clock.now)
    assert (receipt.accepted, receipt.duplicates) == (0, 1)


def test_new_rules_keep_what_both_have_in_common_and_begin_anew_with_the_rest(story: Story) -> None:
    before = story.state()
    story.retain()
    story.publish(MORE.replace("at least 3 times", "at least 3 times in last 365 days"))
    after = story.state()
    assert after["traits"] == before["traits"]
    assert after["journeys"] == before["journeys"]
    assert story.faults() == ()
    story.publish(MORE)
    assert story.state() == before
    assert story.faults() == ()


def test_a_journey_with_another_step_keeps_the_steps_that_were_reached(story: Story) -> None:
    story.retain()
    step = '    step campaign "Send a campaign" reached by "Campaign Sent"\n'
    story.publish(MORE.replace(step, step + '    step second "S" reached by "Second Sent"\n'))
    journey = story.state()["journeys"]["activation"]
    assert journey["standing"] == "second"
    assert journey["steps"]["campaign"]["reached_at"] is not None
    assert story.faults() == ()


def test_a_visitor_with_a_past_of_their_own_becomes_a_user_with_one(story: Story) -> None:
    story.tell("identify", user=None, visitor="v", ago=20 * DAY, traits={"plan": "trial", "color": "red"})
    for _ in range(2):
        story.tell("DNS Check Failed", user=None, visitor="v", ago=20 * DAY)
    story.clock.pass_(Duration(15 * DAY))
    story.retain()
    assert len(rows(story.url, keeping_tables.PersonSnapshot)) == 2
    story.tell("identify", user="u", visitor="v", traits={})
    state = story.state()
    assert (state["traits"]["plan"], state["traits"]["color"]) == ("pro", "red")
    assert len(rows(story.url, keeping_tables.PersonSnapshot)) == 1
    assert story.faults() == ()


def test_the_account_is_known_as_before_and_forgets_who_is_erased(story: Story) -> None:
    story.live("other")
    before = rows(story.url, tables.Account)
    assert '"seats":' in before[0]["data"]
    story.retain()
    story.tell("group", user="u", groupId="acme", traits={"$add": {"seats": 5}})
    story.tell("group", user="u", ago=HOUR, groupId="acme", traits={"$add": {"seats": 1}})
    assert "8,true]" in rows(story.url, tables.Account)[0]["data"]
    story.service.privacy.erase(story.project, "other")
    assert "farming" not in rows(story.url, tables.Account)[0]["data"]


def test_the_lake_forgets_the_days_and_goes_on(story: Story) -> None:
    analyst = Analyst(story.service.database, story.lakes)
    analyst.sync(story.project)
    done = story.retain()
    assert done.days_of_lake == 3
    assert analyst.sync(story.project).days.keys() == {format_instant(Instant(story.clock.now - 15 * DAY))[:10]}
    story.tell("Signed Up")
    assert len(analyst.sync(story.project).days) == 2


def test_a_question_about_a_time_that_is_gone_is_answered_so(story: Story) -> None:
    story.retain()
    with pytest.raises(HistoryRemoved, match="were removed"):
        story.service.explain(story.project, "often", user_id="u", at=Instant(story.clock.now - 60 * DAY))


def test_without_a_limit_nothing_is_removed_and_a_bad_one_is_refused(story: Story) -> None:
    story.service.privacy.set_retention(story.project, None)
    assert story.retain() == Retained(None)
    assert len(rows(story.url, tables.Event)) == 10
    for days in (0, -1, 40_000):
        with pytest.raises(BadRetention):
            story.service.privacy.set_retention(story.project, days)


def test_another_project_keeps_its_own(story: Story) -> None:
    other = story.service.ensure_project("other").id
    story.service.receive(other, [{"type": "track", "event": "A", "userId": "u"}], received=Instant(story.clock.now))
    story.clock.pass_(Duration(60 * DAY))
    story.retain()
    assert len(story.service.history(other, user_id="u")) == 1


A = Tracked("A")


@pytest.mark.parametrize(
    ("need", "one", "other", "both"),
    [
        (Tally(A), 2, 3, 5),
        (Times(A, 3), [1, 5], [2, 9], [2, 5, 9]),
        (Total(A, "x", NUMBER), [1, "1", "2", 0.5, 0.5], [2, "3", "1", 1, 2], [3, "7", "2", 0.5, 2]),
        (
            Different(A, "x", NUMBER),
            {"values": [1, 2], "over": False},
            {"values": [2, 3], "over": False},
            {"values": [1, 2, 3], "over": False},
        ),
        (
            Recent(A, "x", NUMBER, Duration(10)),
            {"values": [[1, 1], [8, 2]], "lost": None},
            {"values": [[12, 3]], "lost": None},
            {"values": [[8, 2], [12, 3]], "lost": None},
        ),
    ],
)
def test_two_slots_of_one_need_add_up(need: Any, one: Any, other: Any, both: Any) -> None:
    assert added(need, one, other) == both
