"""`recorded` and `not recorded` in scenarios: what the rules say of the user at each step."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dsl.project import load
from engine.rollout import is_in_recording
from engine.ruleset import RuleSet
from engine.scenarios import failure_text, open_file, read_scenarios, run
from tests.engine.stories import RULES as DECLARED
from tests.engine.stories import read, result

RULES = 'persona trial "Trial" where plan is "trial"\n'
STORY = """
given: { traits: { plan: trial } }
steps:
  - when: { visits: /signup }
    expect: not recorded
  - when: { event: Signed Up, at: 1 minute later }
    expect: [recorded, nothing]
  - when: { event: Export Done, at: 2 minutes later }
    expect: not recorded
"""


@pytest.mark.parametrize(
    "record",
    [
        "record at work.export",
        "record at work.export for trial",
        # A story that names no user is of somebody who is in every share.
        "record at work.export sample 0.1%",
        "record at work.export sample 30%\nrecord at work.export for trial sample 2%",
    ],
)
def test_a_story_says_at_which_steps_somebody_is_recorded(record: str) -> None:
    found = result(STORY, RULES + record)
    assert found.passed, failure_text(found)


def test_a_story_that_is_not_so_says_what_happened_and_by_which_rule() -> None:
    found = result("when: { event: Signed Up }\nexpect: not recorded", RULES + "record at work.export")
    assert not found.passed
    told = failure_text(found)
    assert "expected  not recorded" in told
    line = DECLARED.count("\n") + RULES.count("\n") + 1
    assert f"happened  nothing; recorded, by rules.way:{line}" in told
    other = result("when: { event: Signed Up }\nexpect: recorded", RULES + "record for trial")
    assert "happened  nothing; not recorded" in failure_text(other)


def test_a_named_user_is_recorded_by_their_own_share() -> None:
    for user in ("ada", "bob", "cleo", "dan"):
        expected = "recorded" if is_in_recording(user, 50) else "not recorded"
        story = f"given: {{ user: {user} }}\nwhen: {{ event: Signed Up }}\nexpect: {expected}"
        assert result(story, RULES + "record at work.export sample 50%").passed


def test_without_consent_and_by_what_a_server_sends_nobody_is_recorded() -> None:
    rules = RULES + "record at work.export"
    assert result("given: { consent: no }\nwhen: { event: Signed Up }\nexpect: not recorded", rules).passed
    assert result("when: { event: Signed Up, from: server }\nexpect: not recorded", rules).passed
    assert not result("when: { event: Signed Up, from: server }\nexpect: recorded", rules).passed


def test_a_guide_of_the_same_story_is_told_as_ever() -> None:
    rules = RULES + (
        'record at work.export\nguide help "Help" { at work.export show modal { title "T" } '
        "holdout 0% once expires 2099-01-01 }\n"
    )
    assert result("when: { event: Signed Up }\nexpect: [recorded, shown help]", rules).passed
    found = result("when: { event: Signed Up }\nexpect: [not recorded, not shown help]", rules)
    assert [each.text for step in found.steps for each in step.unmet] == ["not shown help", "not recorded"]


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("[recorded, not recorded]", "`recorded` and `not recorded` cannot both be"),
        ("is recorded", "`is recorded` is no expectation"),
        ("recorded because SPLIT", "`recorded because SPLIT` is no expectation"),
    ],
)
def test_what_cannot_be_expected_is_said(expect: str, message: str) -> None:
    text = f"scenarios:\n  - name: a story\n    when: {{ event: Signed Up }}\n    expect: {expect}\n"
    found = read(text, RULES)
    assert [each.message for each in found.diagnostics] == [message]


PAGE = (Path(__file__).parents[2] / "docs/how-to/record-sessions.md").read_text(encoding="utf-8")


def test_the_rules_and_the_story_of_the_how_to_hold() -> None:
    whole = (Path(__file__).parents[1] / "corpus" / "onboarding.way").read_text(encoding="utf-8")
    rules = "\n".join(re.findall(r"```way\n(.*?)```", PAGE, re.DOTALL))
    assert rules.count("record ") == 3
    declared = load({"onboarding.way": whole, "recording.way": rules})
    assert declared.diagnostics == ()
    (story,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = read_scenarios(open_file(story, file="x.scenario.yaml"), declared)
    assert file.diagnostics == ()
    found = [run(each, RuleSet.build(declared)) for each in file.scenarios]
    assert [failure_text(each) for each in found if not each.passed] == []
    assert len(found) == 1
