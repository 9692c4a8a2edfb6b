"""`waypost test`, `waypost diff`, and scenario files in a customer's own pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli

pytest_plugins = ["pytester"]

RULES = """
attribute plan: text
event "Export Failed"
guide help "Help" {
  on "Export Failed"
  when plan is "trial"
  show modal { title "T" body "B" }
  once
  holdout 0%
  expires 2099-01-01
}
"""

GOOD = """
scenarios:
  - name: Trial users get help
    given: { traits: { plan: trial } }
    when: { event: Export Failed }
    expect: shown help
  - name: Others do not
    given: { traits: { plan: pro } }
    when: { event: Export Failed }
    expect: not shown help because CONDITION_FALSE
"""

WRONG = GOOD.replace("expect: shown help", "expect: nothing")
BROKEN = GOOD.replace("expect: shown help", "expect: shown hlep")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.way").write_text(RULES)
    return tmp_path


def waypost(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_a_scenario_that_holds_is_a_sentence(folder: Path) -> None:
    (folder / "a.scenario.yaml").write_text(GOOD)
    ran = waypost("test", "a.scenario.yaml")
    assert ran.exit_code == 0
    assert ran.output == "a.scenario.yaml\n  passed  Trial users get help\n  passed  Others do not\n2 passed\n"


def test_one_that_fails_says_what_was_expected_what_happened_and_why(folder: Path) -> None:
    (folder / "a.scenario.yaml").write_text(WRONG)
    ran = waypost("test", "a.scenario.yaml")
    assert ran.exit_code == 1
    assert ran.output == dedent(
        """\
        a.scenario.yaml
          FAILED  Trial users get help
                  line 6: Export Failed, at 2026-01-05T09:00:00Z
                    expected  nothing
                    happened  shown help
                      help  TARGETING_MATCH  It is shown.
                  as user `someone`, whom the shares were drawn for

          passed  Others do not
        1 passed, 1 failed
        """
    )


def test_machines_get_the_same_as_json(folder: Path) -> None:
    (folder / "a.scenario.yaml").write_text(WRONG)
    ran = waypost("test", "a.scenario.yaml", "--json")
    assert ran.exit_code == 1
    document = orjson.loads(ran.stdout)
    assert {name: document[name] for name in ("ok", "passed", "failed", "broken")} == {
        "ok": False,
        "passed": 1,
        "failed": 1,
        "broken": 0,
    }
    ((failed, passed),) = [each["scenarios"] for each in document["files"]]
    assert (failed["name"], failed["line"], failed["passed"], failed["user"]) == (
        "Trial users get help",
        3,
        False,
        "someone",
    )
    assert failed["steps"] == [
        {
            "line": 6,
            "at": "2026-01-05T09:00:00Z",
            "when": "Export Failed",
            "expected": ["nothing"],
            "unmet": ["nothing"],
            "shown": [{"guide": "help", "kind": "modal", "variant": None}],
            "considered": [{"guide": "help", "reason": "TARGETING_MATCH"}],
            "failures": [],
        }
    ]
    assert passed["passed"] is True


def test_a_folder_stands_for_all_scenario_files_in_it_and_below(folder: Path) -> None:
    (folder / "below").mkdir()
    (folder / "below" / "b.scenario.yaml").write_text("rules: ../rules.way\n" + GOOD)
    (folder / "a.scenario.yaml").write_text(GOOD)
    (folder / "notes.yaml").write_text("x: y")
    ran = waypost("test", ".")
    assert ran.exit_code == 0
    assert [line for line in ran.output.splitlines() if not line.startswith(" ")] == [
        "a.scenario.yaml",
        "below/b.scenario.yaml",
        "4 passed",
    ]


def test_the_good_scenarios_of_a_broken_file_run_and_the_command_fails(folder: Path) -> None:
    (folder / "a.scenario.yaml").write_text(BROKEN)
    ran = waypost("test", "a.scenario.yaml")
    assert ran.exit_code == 1
    assert "a.scenario.yaml:6:13" in ran.output
    assert "help: did you mean `help`?" in ran.output
    assert "passed  Others do not" in ran.output
    assert ran.output.endswith("1 passed, 1 file with mistakes\n")


def test_rules_with_errors_are_not_tested_and_their_errors_are_shown(folder: Path) -> None:
    (folder / "rules.way").write_text(RULES.replace('on "Export Failed"', 'on "Exprt Failed"'))
    (folder / "a.scenario.yaml").write_text(GOOD)
    ran = waypost("test", ".")
    assert ran.exit_code == 1
    assert 'did you mean "Export Failed"?' in ran.output
    assert ran.output.endswith("0 passed, 1 file with mistakes\n")


RULES_NOT_FOUND = [
    ("rules: nowhere\n", "a.scenario.yaml:1:8", "there are no rules in `nowhere`"),
    ("rules: [rules.way, nowhere.way]\n", "a.scenario.yaml:1:20", "there are no rules in `nowhere.way`"),
]


@pytest.mark.parametrize(("top", "place", "message"), RULES_NOT_FOUND)
def test_rules_that_are_not_there_are_reported_where_they_are_named(
    folder: Path, top: str, place: str, message: str
) -> None:
    (folder / "a.scenario.yaml").write_text(top + GOOD)
    ran = waypost("test", "a.scenario.yaml")
    assert ran.exit_code == 1
    assert place in ran.output
    assert message in ran.output


def test_a_file_without_rules_beside_it_must_name_them(folder: Path) -> None:
    (folder / "alone").mkdir()
    (folder / "alone" / "a.scenario.yaml").write_text(GOOD)
    ran = waypost("test", "alone")
    assert ran.exit_code == 1
    assert "write `rules: path/to/rules` at the top of this file" in ran.output


def test_other_rules_can_be_tested_instead(folder: Path) -> None:
    (folder / "a.scenario.yaml").write_text(GOOD)
    (folder / "new.way").write_text(RULES.replace('"trial"', '"pro"'))
    ran = waypost("test", "a.scenario.yaml", "--rules", "new.way")
    assert ran.exit_code == 1
    assert ran.output.endswith("0 passed, 2 failed\n")


def test_without_any_scenario_file_the_command_is_misused(folder: Path) -> None:
    (folder / "empty").mkdir()
    ran = waypost("test", "empty")
    assert ran.exit_code == 2
    assert "their names end in `.scenario.yaml`" in ran.output
    assert waypost("test", "nowhere").exit_code == 2


def test_a_file_that_is_not_text_is_reported(folder: Path) -> None:
    (folder / "a.scenario.yaml").write_bytes(b"\xff\xfe")
    ran = waypost("test", "a.scenario.yaml")
    assert ran.exit_code == 1
    assert "`a.scenario.yaml` cannot be read: it is not UTF-8 text" in ran.output


def test_pytest_collects_scenarios_beside_rules(pytester: pytest.Pytester) -> None:
    (pytester.path / "rules.way").write_text(RULES)
    (pytester.path / "a.scenario.yaml").write_text(GOOD)
    (pytester.path / "other.yaml").write_text("x: y")
    # In a process of its own: the plugin is found by what is installed, as a customer's is.
    ran = pytester.runpytest_subprocess("-v", "-p", "no:cacheprovider")
    ran.assert_outcomes(passed=2)
    ran.stdout.fnmatch_lines(
        ["a.scenario.yaml::Trial users get help PASSED*", "a.scenario.yaml::Others do not PASSED*"]
    )


def test_pytest_chooses_scenarios_by_name(pytester: pytest.Pytester) -> None:
    (pytester.path / "rules.way").write_text(RULES)
    (pytester.path / "a.scenario.yaml").write_text(GOOD)
    pytester.runpytest_inprocess("a.scenario.yaml::Others do not").assert_outcomes(passed=1)
    pytester.runpytest_inprocess("-k", "Trial").assert_outcomes(passed=1, deselected=1)


def test_pytest_shows_what_happened_instead_of_a_traceback(pytester: pytest.Pytester) -> None:
    (pytester.path / "rules.way").write_text(RULES)
    (pytester.path / "a.scenario.yaml").write_text(WRONG)
    ran = pytester.runpytest_inprocess()
    ran.assert_outcomes(passed=1, failed=1)
    ran.stdout.fnmatch_lines(
        [
            "*Trial users get help*",
            "line 6: Export Failed, at 2026-01-05T09:00:00Z",
            "  expected  nothing",
            "  happened  shown help",
            "    help  TARGETING_MATCH  It is shown.",
            "FAILED a.scenario.yaml::Trial users get help*",
        ]
    )
    ran.stdout.no_fnmatch_line("*Traceback*")
    ran.stdout.no_fnmatch_line("*def runtest*")


def test_pytest_reports_a_broken_file_as_an_error_of_collection(pytester: pytest.Pytester) -> None:
    (pytester.path / "rules.way").write_text(RULES)
    (pytester.path / "a.scenario.yaml").write_text(BROKEN)
    ran = pytester.runpytest_inprocess()
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["error?WS008?: the rules have no guide or survey `hlep`", "*a.scenario.yaml:6:13*"])


def test_the_plugin_costs_nothing_where_there_are_no_scenarios() -> None:
    code = (
        "import sys, api.pytest_plugin; print([n for n in sys.modules if n.split('.')[0] in ('dsl', 'engine', 'yaml')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


HISTORY = [
    {"type": "identify", "userId": "ada", "traits": {"plan": "trial"}, "timestamp": "2026-03-01T09:00:00Z"},
    {"type": "identify", "userId": "bob", "traits": {"plan": "pro"}, "timestamp": "2026-03-01T09:00:00Z"},
    {"type": "track", "event": "Export Failed", "userId": "ada", "timestamp": "2026-03-01T10:00:00Z"},
    {"type": "track", "event": "Export Failed", "userId": "bob", "timestamp": "2026-03-01T11:00:00Z"},
]


@pytest.fixture
def two(folder: Path) -> Path:
    (folder / "new.way").write_text(RULES.replace('"trial"', '"pro"'))
    (folder / "history.ndjson").write_bytes(b"\n".join(orjson.dumps(each) for each in HISTORY))
    return folder


def test_diff_says_which_declarations_differ(two: Path) -> None:
    assert two.exists()
    ran = waypost("diff", "rules.way", "new.way")
    assert ran.exit_code == 0
    assert ran.stdout == 'changed  guide help\n    -   when plan is "trial"\n    +   when plan is "pro"\n'
    assert waypost("diff", "rules.way", "rules.way").stdout == "the rules say the same\n"


def test_diff_over_a_history_says_who_gains_and_who_loses_and_why(two: Path) -> None:
    assert two.exists()
    ran = waypost("diff", "rules.way", "new.way", "--events", "history.ndjson")
    assert ran.exit_code == 0
    assert ran.stdout.split("\n\n", 1)[1] == dedent(
        """\
        2 users, 4 requests for guidance

        help: seen by 1 user, before 1; shown 1 time, before 1
          1 user gains it
                 1  CONDITION_FALSE → TARGETING_MATCH
            bob at 2026-03-01T11:00:00Z: CONDITION_FALSE → TARGETING_MATCH
          1 user loses it
                 1  TARGETING_MATCH → CONDITION_FALSE
            ada at 2026-03-01T10:00:00Z: TARGETING_MATCH → CONDITION_FALSE
        """
    )


def test_diff_as_json(two: Path) -> None:
    assert two.exists()
    ran = waypost("diff", "rules.way", "new.way", "--events", "history.ndjson", "--json", "--samples", "0")
    document = orjson.loads(ran.stdout)
    assert document["changes"] == [
        {"title": "guide help", "edit": "changed", "lines": ['-   when plan is "trial"', '+   when plan is "pro"']}
    ]
    assert (document["people"], document["moments"]) == (2, 4)
    assert document["guides"] == [
        {
            "guide": "help",
            "people": {"old": 1, "new": 1},
            "shows": {"old": 1, "new": 1},
            "gains": {
                "people": 1,
                "reasons": [{"before": "CONDITION_FALSE", "after": "TARGETING_MATCH", "people": 1}],
                "samples": [],
            },
            "losses": {
                "people": 1,
                "reasons": [{"before": "TARGETING_MATCH", "after": "CONDITION_FALSE", "people": 1}],
                "samples": [],
            },
        }
    ]


def test_diff_of_rules_with_errors_shows_them(two: Path) -> None:
    (two / "new.way").write_text("guide x {")
    ran = waypost("diff", "rules.way", "new.way")
    assert ran.exit_code == 1
    assert "new.way:1:" in ran.output
    assert waypost("diff", "rules.way", "nowhere.way").exit_code == 2
