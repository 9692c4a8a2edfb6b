"""Looking people up and looking on, on each kind of database: who is found, what happened to them, what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dsl.values import MINUTE, Duration
from engine.analyst import Analyst
from engine.arrivals import ArrivalsAsked, ArrivedEvent, arrivals
from engine.service import Service
from engine.survey_answers import (
    BadTag,
    SurveyAsked,
    SurveyReader,
    UnknownResponse,
    change_tags,
    surveys,
    tag_counts,
    tags_of,
)
from engine.timelines import PeopleAsked, TimelineKind, people, timeline
from tests.engine.clock import Clock

RULES = """
event "Signed Up"
journey activation "Activation" {
  stage onboarding "Onboarding" { step signup "Create account" reached by "Signed Up" }
}
survey ease "Ease" {
  on "Signed Up"
  ask text why "Why?"
  once
  expires 2099-01-01
}
"""


class Story:
    """A project in which Ada came twice as a visitor, signed up, was asked and answered."""

    def __init__(self, url: str, folder: Path) -> None:
        self.clock = Clock()
        self.service = Service.open(url, clock=self.clock, lakes=folder)
        self.project = self.service.ensure_project().id
        self.service.publish(self.project, {"a.way": RULES})
        self.analyst = Analyst(self.service.database, folder)
        self.send({"event": "Looked", "anonymousId": "visitor_1"})
        self.send({"event": "Looked", "anonymousId": "visitor_2"})
        self.send({"type": "identify", "userId": "Ada", "anonymousId": "visitor_1"})
        self.send({"type": "identify", "userId": "Ada", "anonymousId": "visitor_2"})
        self.send({"event": "Signed Up", "userId": "Ada"}, decide=True)
        answer = {"guide": "ease", "question": "why", "value": "x", "text": "x", "submission": "s1"}
        self.send({"event": "$answered", "userId": "Ada", "properties": answer})
        self.send({"event": "Looked", "userId": "Bob"})

    def send(self, message: dict[str, Any], *, decide: bool = False) -> None:
        self.clock.pass_(Duration(MINUTE))
        receipt = self.service.receive(
            self.project, [{"type": "track", **message}], received=self.clock.now, decide=decide
        )
        assert receipt.accepted == 1

    def found(self, text: str = "") -> list[str]:
        listed = people(self.analyst, self.project, PeopleAsked(text), self.service.rules_now(self.project))
        return [each.person.name for each in listed]


@pytest.fixture
def story(url: str, tmp_path: Path) -> Iterator[Story]:
    story = Story(url, tmp_path / "lake")
    yield story
    story.service.close()


def test_people_are_found_whoever_they_turned_out_to_be(story: Story) -> None:
    assert story.found() == ["Bob", "Ada"]
    assert story.found("visitor_") == ["Ada"]
    assert story.found("ada") == ["Ada"]
    # Letters that mean something in a pattern mean themselves.
    assert story.found("visitor%") == []


def test_a_timeline_is_of_all_that_a_person_was_before(story: Story) -> None:
    user = story.service.user(story.project, user_id="Ada")
    assert user is not None
    rules = story.service.declared(story.project)
    seen, before = [], None
    while True:
        page = timeline(story.analyst, user, rules, before=before, limit=2)
        seen += [each.event.event.name if each.event is not None else "decided" for each in page.entries]
        before = page.next
        if before is None:
            break
    assert seen == ["$answered", "decided", "Signed Up", "$identify", "$identify", "Looked", "Looked"]
    steps = timeline(story.analyst, user, rules, kind=TimelineKind.STEPS)
    assert [each.reached for each in steps.entries] == [("activation.signup",)]


def test_what_arrives_is_told_once_and_of_whom(story: Story) -> None:
    everything = arrivals(story.service, story.analyst, story.project, ArrivalsAsked())
    names = [each.name for each in everything.arrivals if isinstance(each, ArrivedEvent)]
    assert names == ["Looked", "Looked", "$identify", "$identify", "Signed Up", "$answered", "Looked"]
    story.send({"event": "Later", "userId": "Bob"})
    later = arrivals(story.service, story.analyst, story.project, ArrivalsAsked(after=everything.next))
    assert [each.name for each in later.arrivals if isinstance(each, ArrivedEvent)] == ["Later"]
    of_ada = arrivals(story.service, story.analyst, story.project, ArrivalsAsked(user="visitor_2"))
    assert len([each for each in of_ada.arrivals if isinstance(each, ArrivedEvent)]) == 6


def test_the_answers_to_a_survey_are_read_with_who_was_asked(story: Story) -> None:
    rules = story.service.rules_now(story.project)
    (survey,) = surveys(story.analyst, story.project, rules)
    reader = SurveyReader(story.analyst, story.project, SurveyAsked(survey.name), rules)
    (told,) = reader.answers().told
    assert (told.user, told.given.text, told.step) == ("Ada", "x", "")
    assert (survey.is_in_force, reader.steps(), reader.disagreements()) == (True, ("",), ())


def test_tags_of_two_people_at_once_are_all_kept(story: Story) -> None:
    events = story.service.recent_events(story.project).items
    number = next(each.event.seq for each in events if each.event.name == "$answered")
    at = story.clock.now
    assert change_tags(story.analyst, story.project, number, add=["DNS", "words"], at=at, by="a") == ("DNS", "words")
    assert change_tags(story.analyst, story.project, number, add=["dns"], remove=["WORDS"], at=at, by="b") == ("DNS",)
    assert (tags_of(story.analyst, story.project), tag_counts(story.analyst, story.project)) == (
        {number: ["DNS"]},
        {"DNS": 1},
    )
    with pytest.raises(UnknownResponse):
        change_tags(story.analyst, story.project, number + 1, add=["x"], at=at, by="a")
    with pytest.raises(BadTag, match="at most 50 tags"):
        change_tags(story.analyst, story.project, number, add=[f"t{n}" for n in range(50)], at=at, by="a")


def test_a_tag_goes_with_the_person_who_is_erased(story: Story) -> None:
    events = story.service.recent_events(story.project).items
    number = next(each.event.seq for each in events if each.event.name == "$answered")
    change_tags(story.analyst, story.project, number, add=["dns"], at=story.clock.now, by="a")
    story.service.privacy.erase(story.project, "Ada")
    assert tag_counts(story.analyst, story.project) == {}
    assert story.found() == ["Bob"]
