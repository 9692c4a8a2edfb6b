"""`waypost types`: what rules know by name, as TypeScript. That it is right is for its compiler (`tests/widgets`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli

RULES = """
attribute plan: one of "trial", "pro"
attribute size from "Company Size": number
account attribute renews_at: time

event "Domain Added" { provider: one of "google", "other", records: number, tags: list of text, verified: yes/no }
event "Signed Up"
event "Opened help" when clicked "#help"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Sign up" reached by "Signed Up"
    step verify "Verify" reached by "Domain Verified"
  }
}

guide tips "Tips" {
  on "Domain Added"
  show slideout { title "Tips" }
  once every 7 days
  expires 2099-01-01
}
"""

WRITTEN = """\
// Made by `waypost types`: run it again when the rules change.
import "@waypost/js";

declare module "@waypost/js" {
  interface Catalog {
    events: {
      "Domain Added": { provider?: "google" | "other" | null; records?: number | null; \
tags?: string[] | null; verified?: boolean | null };
      "Domain Verified": { [property: string]: unknown };
      "Signed Up": { [property: string]: unknown };
    };
"""


def types(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["types", *map(str, arguments)])


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.way"
    path.write_text(RULES)
    return path


def test_events_attributes_steps_and_guides_are_written_under_the_names_that_are_sent(rules: Path) -> None:
    text = types(rules).stdout
    assert text.startswith(WRITTEN)
    assert '      "Company Size"?: number | null;\n' in text
    assert '      plan?: "trial" | "pro" | null;\n' in text
    assert "    accountAttributes: {\n      renews_at?: string | Date | null;\n    };\n" in text
    assert '    steps:\n      | "activation.signup"\n      | "activation.verify";\n' in text
    assert '    guides:\n      | "tips";\n' in text


@pytest.mark.parametrize("absent", ["$page", "Opened help", "user_id", "first_seen"])
def test_what_waypost_sends_or_gives_by_itself_is_left_out(rules: Path, absent: str) -> None:
    assert absent not in types(rules).stdout


def test_of_what_there_is_none_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "rules.way").write_text('event "Signed Up"\n')
    assert "steps" not in types(tmp_path).stdout
    assert "guides" not in types(tmp_path).stdout


def test_names_cannot_break_out_of_their_quotes(tmp_path: Path) -> None:
    (tmp_path / "rules.way").write_text('event "Say \\"hi\\" \\\\ */ \u2028 ü"\n')
    line = next(line for line in types(tmp_path).stdout.splitlines() if "Say" in line)
    name = line.strip().removesuffix(": { [property: string]: unknown };")
    assert json.loads(name) == 'Say "hi" \\ */ \u2028 ü'


def test_a_file_can_be_checked_in_ci(rules: Path, tmp_path: Path) -> None:
    kept = tmp_path / "waypost-events.d.ts"
    kept.write_text(types(rules).stdout)
    done = types(rules, "--check", kept)
    assert (done.exit_code, done.output) == (0, "")
    rules.write_text(RULES.replace("Signed Up", "Joined"))
    done = types(rules, "--check", kept)
    assert done.exit_code == 1
    assert "is not up to date; write it anew: waypost types" in done.stderr


def test_rules_with_errors_are_not_written(tmp_path: Path) -> None:
    (tmp_path / "rules.way").write_text('guide broken { on "Nowhere" }\n')
    done = types(tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "error" in done.stderr


def test_machines_get_json(rules: Path) -> None:
    document = json.loads(types(rules, "--json").stdout)
    assert document["events"]["Domain Added"]["properties"]["provider"] == {
        "type": "one of",
        "oneOf": ["google", "other"],
    }
    assert document["events"]["Signed Up"] == {"properties": None}
    assert document["steps"] == ["activation.signup", "activation.verify"]
