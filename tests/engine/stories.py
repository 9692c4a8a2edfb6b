"""Scenario files as tests write them: a few rules, a text, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from dsl.diagnostics import Severity
from dsl.project import RuleProject, load
from engine.ruleset import RuleSet
from engine.scenarios import ScenarioFile, ScenarioResult, open_file, read_scenarios, run

RULES = """
attribute plan: one of "free", "trial", "pro"
attribute seats: number
attribute sales_assisted: yes/no default no
attribute app: version
attribute country_code: text
attribute trial_ends_at: time
attribute tags: list of text
attribute scores: list of number
attribute size from "Company Size": number
account attribute industry: text

event "Signed Up"
event "Export Failed" { reason: text, attempt: number, seen_at: time, final: yes/no }
event "Export Done"

journey work "Work" {
  stage first "First" {
    step signup "Sign up" reached by "Signed Up"
    step export "Export" reached by "Export Done" attempted by "Export Failed" touchpoint "/exports/*"
  }
}
"""


@cache
def project(guides: str) -> RuleProject:
    """The rules of the tests with guides of a test's own."""
    loaded = load({"rules.way": RULES + guides})
    assert loaded.ok, [each for each in loaded.diagnostics if each.severity is Severity.ERROR]
    return loaded


@cache
def ruleset(guides: str) -> RuleSet:
    """The same, compiled."""
    return RuleSet.build(project(guides))


def read(text: str, guides: str = "") -> ScenarioFile:
    """A scenario file, read with the rules."""
    return read_scenarios(open_file(text, file="x.scenario.yaml"), project(guides))


def results(text: str, guides: str) -> Sequence[ScenarioResult]:
    """What comes of the scenarios of a file that has no mistakes."""
    read_file = read(text, guides)
    assert read_file.diagnostics == ()
    return [run(each, ruleset(guides)) for each in read_file.scenarios]


def result(scenario: str, guides: str) -> ScenarioResult:
    """What comes of one scenario, given without its name."""
    body = "".join(f"    {line}\n" for line in scenario.strip("\n").splitlines())
    (found,) = results(f"scenarios:\n  - name: a story\n{body}", guides)
    return found
