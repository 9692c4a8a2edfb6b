"""The how-to page does what it says: its story runs, and its tables are complete."""

from __future__ import annotations

import re
from pathlib import Path

from dsl.project import load
from engine.ruleset import RuleSet
from engine.scenarios import failure_text, members, open_file, read_scenarios, run
from engine.scenarios.codes import SCENARIO_CODES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/test-rules.md").read_text(encoding="utf-8")


def test_the_story_of_the_page_holds_for_the_whole_file_of_the_language() -> None:
    found = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    project = load({"onboarding.way": (ROOT / "tests/corpus/onboarding.way").read_text(encoding="utf-8")})
    read = read_scenarios(open_file(found.group(1), file="help.scenario.yaml"), project)
    assert read.diagnostics == ()
    results = [run(each, RuleSet.build(project)) for each in read.scenarios]
    assert [failure_text(each) for each in results if not each.passed] == []
    assert len(results) == 2


def test_every_code_is_on_the_page() -> None:
    rows = re.findall(r"^\| (WS\d+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert dict(rows) == {code.id: code.title for code in SCENARIO_CODES.values()}


def test_every_word_of_a_scenario_is_on_the_page() -> None:
    tables = (members.FILE, members.SCENARIO, members.GIVEN, members.STEP, members.HAPPENING)
    words = {word for table in tables for word in table}
    unsaid = {word for word in words if not re.search(rf"\b{word}\b", PAGE)}
    assert unsaid == {"selector"}
