"""A first rule for a cause: what it says, that it passes the checker, that it is canonical and shows nothing yet."""

from __future__ import annotations

import pytest

from dsl.formatter import format_program
from dsl.parser import parse
from dsl.project import RuleProject, load
from dsl.values import Instant, read_instant
from engine.analytics.asked import BadCondition
from engine.errors import UnknownJourney, UnknownStep
from engine.proposals import WORDS, Cause, proposal
from engine.roadmap.causes import TROUBLED

RULES = """
attribute plan: one of "trial", "pro"

event "Signed Up"
event "DNS Check \\"Failed\\""

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step verify "Say “yes” to the \\"domain\\"" reached by "DNS Check \\"Failed\\""
  }
}

persona trial "On trial" where plan is "trial"

guide verify_help "Taken" {
  on "Signed Up"
  show modal { title "Hello" }
  once
  expires 2099-01-01
}
"""
NOW = read_instant("2026-11-16T12:00:00Z") or Instant(0)
FAILED = 'DNS Check "Failed"'


def rules(*more: str) -> RuleProject:
    loaded = load({"rules.way": RULES, **{f"{number}.way": text for number, text in enumerate(more)}}, at=NOW)
    assert not [each for each in loaded.diagnostics if each.severity == "error"], loaded.diagnostics
    return loaded


CAUSES = {
    "a step alone": Cause("activation", "verify"),
    "a persona": Cause("activation", "verify", persona="trial"),
    "what came before": Cause("activation", "verify", event=FAILED),
    "a chain of the paths": Cause(
        "activation", "verify", condition='did "Signed Up" directly then "DNS Check \\"Failed\\"" in one session'
    ),
    **{feeling: Cause("activation", "verify", persona="trial", event=FAILED, feeling=feeling) for feeling in TROUBLED},
}


@pytest.mark.parametrize("cause", CAUSES.values(), ids=CAUSES)
def test_a_proposal_passes_the_checker_beside_the_rules_and_is_canonical(cause: Cause) -> None:
    found = proposal(rules(), cause, now=NOW)
    together = rules(found.text)
    assert found.name in together.guides
    assert format_program(parse(found.text).program) == found.text


def test_a_proposal_says_where_for_whom_when_and_what() -> None:
    found = proposal(rules(), CAUSES["confused"], now=NOW)
    assert found.text == (
        'guide verify_trial_help "Help with “Say “yes” to the \\"domain\\"”" {\n'
        "  at activation.verify\n"
        '  on "DNS Check \\"Failed\\""\n'
        "  for trial\n"
        "\n"
        "  show slideout {\n"
        '    title "What “Say “yes” to the \\"domain\\"” asks of you"\n'
        '    body "Explain in plain words what to do here and what for. Most who leave do not know what to enter."\n'
        '    button "Show me an example" completes\n'
        '    button "Later" snoozes 1 day\n'
        "  }\n"
        "\n"
        "  once every 7 days, at most 3 times\n"
        "  holdout 10%\n"
        "  expires 2027-01-15\n"
        "  draft\n"
        "}\n"
    )


@pytest.mark.parametrize("text", ["did", 'did "Signed Up" } guide evil { on "Signed Up"', "nothing > 5 and", ""])
def test_what_is_no_condition_gets_into_no_rule(text: str) -> None:
    with pytest.raises(BadCondition):
        proposal(rules(), Cause("activation", "verify", condition=text), now=NOW)


def test_a_name_that_is_taken_is_not_taken_again() -> None:
    assert proposal(rules(), CAUSES["a step alone"], now=NOW).name == "verify_help_2"


def test_each_feeling_that_is_a_cause_has_words_of_its_own() -> None:
    assert set(WORDS) == set(TROUBLED)


@pytest.mark.parametrize(
    ("cause", "refused"), [(Cause("no", "verify"), UnknownJourney), (Cause("activation", "no"), UnknownStep)]
)
def test_a_place_that_is_nowhere_is_refused(cause: Cause, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        proposal(rules(), cause, now=NOW)
