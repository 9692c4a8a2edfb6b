"""After the first answer, another scale, other choices or another id of a question start a new version of a survey."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dsl.nodes import Question
from dsl.project import load
from dsl.values import HOUR, Duration, JsonValue, format_instant
from engine.analytics.records import QuestionRecord
from engine.replies import Published
from engine.service import Service
from engine.storage import findings_tables, tables
from engine.survey_versions import breaking_changes, from_json, surveys_of, to_json
from engine.verification import verify
from engine.why import document
from tests.engine.clock import Clock
from tests.engine.ingesting import rows

SURVEY = """
event "Signed Up"
journey activation "A" {
  stage s "S" {
    step signup "Create account" reached by "Signed Up"
  }
}
survey effort "Effort" {
  at activation.signup
  on "Signed Up"
  ask rating ease "How easy was it?" 1 to 5 stars
  ask choice cause "Why?" {
    "No idea" as unclear feels confused
    "It broke" as broken feels frustrated
  }
  ask text detail "What else?" optional
  once every 90 days
}
"""


def asked(text: str) -> dict[str, Any]:
    return dict(surveys_of(load({"a.way": text}))["effort"])


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("1 to 5 stars", "1 to 7 stars", ["the scale of `ease` was 1 to 5 and is 1 to 7"]),
        ("ask rating ease", "ask rating how_easy", ["question `ease` is gone"]),
        (
            "as broken feels",
            "as crashed feels",
            ["`cause` has no longer `broken`", "`cause` has `crashed` in addition"],
        ),
        ('    "It broke" as broken feels frustrated\n', "", ["`cause` has no longer `broken`"]),
        ("ask text detail", "ask email detail", ["`detail` was of type `text` and is of type `email`"]),
        ("How easy was it?", "How easy was that?", []),
        ('"No idea" as', '"I did not know" as', []),
        ("feels confused", "feels doubtful", []),
        ("1 to 5 stars", "1 to 5 numbers", []),
        ("optional\n", 'optional\n  ask text more "More?" optional\n', []),
    ],
)
def test_what_makes_answers_before_and_after_two_things(old: str, new: str, changes: list[str]) -> None:
    assert list(breaking_changes(asked(SURVEY), asked(SURVEY.replace(old, new)))) == changes


def test_questions_are_kept_as_far_as_answers_need_them() -> None:
    kept = from_json(to_json(asked(SURVEY)))
    assert to_json(kept) == to_json(asked(SURVEY))
    assert list(breaking_changes(asked(SURVEY), kept)) == []
    assert all(isinstance(each, Question) for each in kept.values())


class Story:
    """A project whose survey is answered and published again."""

    def __init__(self, service: Service, project: int, clock: Clock) -> None:
        self.service, self.project, self.clock, self._count = service, project, clock, 0

    def publish(self, *change: str) -> Published:
        text = SURVEY.replace(*change) if change else SURVEY
        published = self.service.publish(self.project, {"a.way": text})
        assert isinstance(published, Published), published.diagnostics
        self.service.settle(self.project)
        return published

    def tell(self, name: str, user: str, **properties: Any) -> None:
        self._count += 1
        message = {"type": "track", "event": name, "userId": user, "messageId": f"m{self._count}"}
        properties = {"guide": "effort", "submission": f"s-{user}", **properties}
        self.clock.pass_(Duration(1))
        self.service.receive(self.project, [{**message, "properties": properties}], received=self.clock.now)

    def answer(self, user: str, value: Any, question: str = "ease") -> None:
        self.tell("$answered", user, question=question, value=value)

    def versions(self, url: str) -> list[tuple[Any, ...]]:
        found = rows(url, tables.Response)
        return sorted((row["survey_version"], row["question"], row["value"], row["valence"]) for row in found)

    def records(self) -> list[QuestionRecord]:
        return list(self.service.step_record(self.project, "activation", "signup").questions)


@pytest.fixture
def story(service: Service, project: int, clock: Clock) -> Story:
    found = Story(service, project, clock)
    found.publish()
    return found


def test_an_answered_survey_with_another_scale_starts_a_new_version(story: Story, url: str) -> None:
    story.answer("u1", 5)
    published = story.publish("1 to 5", "1 to 9")
    assert "; ".join(map(str, published.surveys)) == (
        "survey `effort` is at version 2 now: the scale of `ease` was 1 to 5 and is 1 to 9. "
        "What was answered to version 1 (1 answer) stays apart"
    )
    story.answer("u2", 5)
    assert story.versions(url) == [(1, "ease", "5", 1.0), (2, "ease", "5", 0.0)]


def test_before_the_first_answer_nothing_starts(story: Story, url: str) -> None:
    assert story.publish("1 to 5", "1 to 9").surveys == ()
    story.answer("u1", 9)
    assert story.versions(url) == [(1, "ease", "9", 1.0)]
    assert [row["version"] for row in rows(url, findings_tables.SurveyVersion)] == [1]


def test_another_wording_starts_nothing(story: Story) -> None:
    story.answer("u1", 5)
    assert story.publish("How easy", "How hard").surveys == ()


def test_who_saw_the_survey_before_the_change_answers_the_version_that_they_saw(story: Story, url: str) -> None:
    story.answer("u1", 1)
    story.tell("$shown", "u2")
    story.publish("1 to 5", "1 to 9")
    story.answer("u2", 5)
    story.tell("$shown", "u3")
    story.answer("u3", 5)
    assert story.versions(url) == [(1, "ease", "1", -1.0), (1, "ease", "5", 1.0), (2, "ease", "5", 0.0)]


def test_the_record_of_a_step_keeps_versions_apart(story: Story) -> None:
    story.answer("u1", 5)
    story.answer("u1", "broken", "cause")
    story.publish("1 to 5", "1 to 9")
    story.answer("u2", 9)
    told = [(each.version, each.question, each.answered, dict(each.distribution)) for each in story.records()]
    assert told[0] == (2, "ease", 1, {"9": 1})
    assert (1, "ease", 1, {"5": 1}) in told
    assert (1, "cause", 1, {"unclear": 0, "broken": 1}) in told
    assert (2, "cause", 0, {"unclear": 0, "broken": 0}) in told


def test_a_question_that_is_gone_keeps_its_answers(story: Story) -> None:
    story.answer("u1", 5)
    story.publish("ask rating ease", "ask rating how_easy")
    assert ("ease", 1) in [(each.question, each.answered) for each in story.records()]


def test_going_back_to_the_former_scale_is_a_third_version(story: Story, url: str) -> None:
    story.answer("u1", 5)
    story.publish("1 to 5", "1 to 9")
    story.answer("u2", 9)
    assert [each.version for each in story.publish().surveys] == [3]
    story.answer("u3", 5)
    assert [version for version, *_ in story.versions(url)] == [1, 2, 3]


def test_states_agree_with_the_log_and_versions_survive_a_restart(
    start: Callable[[], Service], clock: Clock, url: str
) -> None:
    service = start()
    story = Story(service, service.ensure_project().id, clock)
    story.publish()
    story.answer("u1", 4)
    story.answer("u1", "broken", "cause")
    story.publish("1 to 5", "1 to 9")
    clock.pass_(Duration(HOUR))
    story.answer("u1", 4)
    before = story.versions(url)
    story.service = start()
    story.answer("u2", 2)
    assert verify(story.service.database).faults == ()
    after = story.versions(url)
    assert [each for each in after if each in before] == before


def test_a_condition_reads_the_latest_answer_of_whichever_version(story: Story) -> None:
    story.answer("u1", 5)
    story.answer("u2", 2)
    guide = 'guide tip "T" {\n  when answered effort.ease >= 5\n  show modal {\n    title "T"\n  }\n  holdout 0%\n}\n'
    assert [each.version for each in story.publish("1 to 5 stars", "1 to 9 stars").surveys] == [2]
    found = story.service.publish(story.project, {"a.way": SURVEY.replace("1 to 5", "1 to 9"), "b.way": guide})
    assert isinstance(found, Published)
    shown = [story.service.explain(story.project, "tip", user_id=user) for user in ("u1", "u2")]
    assert [why is not None and why.is_shown for why in shown] == [True, False]
    story.answer("u1", 4)
    why = story.service.explain(story.project, "tip", user_id="u1")
    assert why is not None
    assert not why.is_shown


def test_why_tells_which_version_is_asked_once_there_are_two(story: Story) -> None:
    def told() -> JsonValue:
        why = story.service.explain(story.project, "effort", user_id="u1")
        assert why is not None
        return document(why)["survey"]

    story.answer("u1", 5)
    assert told() is None
    story.publish("1 to 5", "1 to 9")
    assert told() == {"version": 2, "since": format_instant(story.clock.now)}
