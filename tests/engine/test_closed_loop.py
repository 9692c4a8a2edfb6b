"""What happened at a step is a condition of rules, at once: the record and the next decision see the same answer."""

from __future__ import annotations

import pytest

from dsl.values import JsonValue
from engine.replies import Published
from engine.service import Service
from tests.engine.clock import Clock
from tests.engine.serving import send, shown, track

RULES = """
event "Asked"

journey j "J" {
  stage s "S" {
    step first "First" reached by "Begun"
    step second "Second" reached by "Done" touchpoint "/second"
  }
}

survey effort "Effort" {
  at j.second
  on "Asked"
  ask effort ease "How easy was it?"
  ask text detail "What should we fix?" optional
  sample 100%
  expires 2099-12-31
}

guide hard_time "After a hard answer" {
  on "Asked"
  when answered effort.ease <= 3
  show modal { title "Sorry" }
  priority 90
  holdout 0%
  expires 2099-12-31
}

guide rough_step "After friction" {
  on "Asked"
  when friction at j.second >= 0.5
  show modal { title "Let us help" }
  priority 80
  holdout 0%
  expires 2099-12-31
}
"""

ANSWERED: JsonValue = {"guide": "effort", "question": "ease", "value": 2, "submission": "s1"}
RAGE: JsonValue = {"page": {"path": "/second"}, "v": 1}

LOOPS = [
    # what is told, what the next decision shows
    ("an answer", [("$answered", ANSWERED)], "hard_time"),
    ("two rage clicks: 1 − .65² = .58", [("$rage_click", RAGE), ("$rage_click", RAGE)], "rough_step"),
    ("one rage click: .35 is below the rule's .5", [("$rage_click", RAGE)], "effort"),
]


@pytest.mark.parametrize(("_told", "events", "next_shown"), LOOPS, ids=lambda value: str(value)[:30])
def test_the_next_decision_sees_what_just_happened(
    service: Service, clock: Clock, _told: str, events: list[tuple[str, JsonValue]], next_shown: str
) -> None:
    project = service.ensure_project().id
    assert isinstance(service.publish(project, {"loop.way": RULES}), Published)
    send(service, project, clock, track("Begun", at=clock.now), decide=False)
    clock.pass_(1_000_000)
    for name, properties in events:
        send(service, project, clock, track(name, at=clock.now, properties=properties), decide=False)
        clock.pass_(1_000_000)
    assert shown(send(service, project, clock, track("Asked", at=clock.now))) == [next_shown]


def test_the_record_of_the_step_has_it_too(service: Service, clock: Clock) -> None:
    project = service.ensure_project().id
    assert isinstance(service.publish(project, {"loop.way": RULES}), Published)
    send(service, project, clock, track("Begun", at=clock.now), decide=False)
    clock.pass_(1_000_000)
    send(service, project, clock, track("$rage_click", at=clock.now, properties=RAGE), decide=False)
    words: JsonValue = {"guide": "effort", "question": "detail", "value": "The wording", "submission": "s1"}
    send(
        service,
        project,
        clock,
        track("$shown", at=clock.now, properties={"guide": "effort"}),
        track("$answered", at=clock.now, properties=ANSWERED),
        track("$answered", at=clock.now, properties=words),
    )
    record = service.step_record(project, "j", "second")
    assert (record.entered, record.completed, record.in_progress) == (1, 0, 1)
    assert record.friction.score == pytest.approx(0.35)
    ease, detail = record.questions
    assert (ease.answered, ease.asked, ease.response_rate, ease.distribution) == (1, 1, 1.0, {"2": 1})
    assert (detail.answered, [verbatim.text for verbatim in record.verbatims]) == (1, ["The wording"])
    assert (record.emotion.n, record.emotion.note) == (1, "not enough answers")
