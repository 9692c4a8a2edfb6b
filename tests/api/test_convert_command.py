"""`waypost convert` as people run it: rules on one side, the list of what could not be said on the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from engine.convert.vendors import MODULES

SAMPLES = Path(__file__).parents[2] / "examples/convert"
SIMPLE = {
    "segments": [
        {"id": 1, "name": "Pro", "constraints": [{"contextName": "plan", "operator": "IN", "values": ["pro"]}]}
    ]
}


def run(*words: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["convert", *words], input=given)


@pytest.mark.parametrize("vendor", MODULES)
def test_a_sample_becomes_a_file_that_check_and_fmt_accept(vendor: str, tmp_path: Path) -> None:
    rules = tmp_path / "converted.way"
    done = run(vendor, str(SAMPLES / f"{vendor}.json"), "--output", str(rules))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "could not be said, or not quite" in done.stderr
    assert CliRunner().invoke(cli, ["check", str(rules)]).exit_code == 0
    assert CliRunner().invoke(cli, ["fmt", "--check", str(rules)]).exit_code == 0


def test_rules_go_to_standard_output_and_the_list_to_standard_error() -> None:
    done = run("unleash", str(SAMPLES / "unleash.json"))
    assert done.stdout.startswith("# From unleash.json, made for Unleash.")
    assert 'persona big_accounts "Big accounts"' in done.stdout
    assert "where" in done.stderr
    assert "what comes of it" in done.stderr
    assert "drawn anew" in " ".join(done.stderr.split())


def test_a_file_of_which_all_can_be_said_exits_with_0() -> None:
    done = run("unleash", "-", given=json.dumps(SIMPLE))
    assert done.exit_code == 0
    assert done.stderr == "all of it is said\n"
    assert 'persona pro "Pro" where plan is "pro"' in done.stdout
    assert "From standard input" in done.stdout


def test_json_has_the_rules_and_every_note_with_its_path() -> None:
    answer = json.loads(run("unleash", str(SAMPLES / "unleash.json"), "--json").stdout)
    assert answer["rules"].startswith("# From unleash.json")
    assert {each["effect"] for each in answer["notes"]} == {"wider", "different"}
    assert answer["notes"][0].keys() == {"path", "what", "why", "effect", "effect_text"}


def test_a_file_that_is_there_is_written_over_only_with_force(tmp_path: Path) -> None:
    rules = tmp_path / "a.way"
    rules.write_text("# mine\n")
    refused = run("unleash", str(SAMPLES / "unleash.json"), "--output", str(rules))
    assert refused.exit_code == 2
    assert "is there already" in refused.stderr
    assert rules.read_text() == "# mine\n"
    assert run("unleash", str(SAMPLES / "unleash.json"), "--output", str(rules), "--force").exit_code == 1
    assert "big_accounts" in rules.read_text()


@pytest.mark.parametrize(
    ("vendor", "given", "told"),
    [
        ("unleash", "{", "is not readable as JSON"),
        ("unleash", b"\xff\xfe{}", "is not readable as JSON"),
        ("growthbook", "[]", "nothing of GrowthBook is in it"),
        ("formbricks", '{"features": {}}', "nothing of Formbricks is in it"),
    ],
)
def test_a_file_that_cannot_be_read_exits_with_2_and_says_why(vendor: str, given: str | bytes, told: str) -> None:
    done = run(vendor, "-", given=given)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in " ".join(done.stderr.split())


def test_help_names_the_vendors_and_what_each_reads() -> None:
    assert all(vendor in run("--help").stdout for vendor in MODULES)
    assert "/api/client/features" in run("unleash", "--help").stdout
