"""`waypost check`, `fmt` and `explain` as a person or a script calls them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli

WHOLE = (Path(__file__).parents[1] / "corpus" / "onboarding.way").read_text(encoding="utf-8")
TYPO = WHOLE.replace('unless did "Domain Verified"', 'unless did "Domain Verifed"')


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli, list(words), input=given, prog_name="waypost")


def write(text: str, name: str = "onboarding.way") -> Path:
    path = Path(name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_rules_without_a_mistake_pass() -> None:
    write(WHOLE)
    result = run("check", "onboarding.way")
    assert (result.exit_code, result.output) == (0, "no errors and no warnings in 1 file\n")


def test_a_typo_is_told_exactly_as_the_language_promises() -> None:
    write(TYPO)
    result = run("check", "onboarding.way")
    assert result.exit_code == 1
    assert (
        result.output
        == """\
error[WP003]: unknown event `Domain Verifed`
  onboarding.way:45:14
   45 |   unless did "Domain Verifed"
      |              ^^^^^^^^^^^^^^^^
  help: did you mean "Domain Verified"?

1 error in 1 file
"""
    )


def test_check_speaks_json_to_machines() -> None:
    write(TYPO)
    result = run("check", "onboarding.way", "--json")
    assert result.exit_code == 1
    document = json.loads(result.output)
    assert (document["ok"], document["errors"], document["warnings"]) == (False, 1, 0)
    (message,) = document["diagnostics"]
    assert (message["code"], message["line"], message["column"]) == ("WP003", 45, 14)
    assert TYPO[message["start"] : message["end"]] == '"Domain Verifed"'
    assert message["fix"] == '"Domain Verified"'


def test_a_warning_stops_only_the_strict() -> None:
    write("segment everybody where true or true\n")
    assert run("check", "onboarding.way").exit_code == 0
    assert run("check", "onboarding.way", "--strict").exit_code == 1


@pytest.mark.parametrize(
    ("at", "is_expired"), [("2027-06-30", False), ("2027-07-01", True), ("2027-06-30T23:59:59Z", False)]
)
def test_what_has_expired_is_told_for_an_instant(at: str, is_expired: bool) -> None:
    write(WHOLE)
    assert ("WP508" in run("check", "onboarding.way", "--at", at).output) == is_expired


def test_a_day_ends_in_the_zone_of_the_project() -> None:
    write(WHOLE)
    late = "2027-06-30T23:00:00Z"
    assert "WP508" not in run("check", "onboarding.way", "--at", late).output
    assert "WP508" in run("check", "onboarding.way", "--at", late, "--zone", "Europe/Berlin").output


def test_a_folder_is_one_project() -> None:
    write("attribute seats: number\n", "rules/a.way")
    write("segment large where seats > 50\n", "rules/b.way")
    assert run("check", "rules").output == "no errors and no warnings in 2 files\n"
    assert run("check", "rules/b.way").exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "nowhere.way"),
        ("check", "onboarding.way", "--at", "tomorrow"),
        ("check", "onboarding.way", "--zone", "Mars"),
        ("fmt",),
        ("fmt", "nowhere.way"),
        ("explain", "nowhere.way"),
        ("explain", "onboarding.way", "verify_hlep"),
    ],
)
def test_what_cannot_be_done_as_asked_exits_with_2(words: tuple[str, ...]) -> None:
    write(WHOLE)
    assert run(*words).exit_code == 2


@pytest.mark.parametrize("command", ["check", "fmt", "explain"])
def test_help_has_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"waypost {command} " in result.output.split("Example:")[1]


def test_fmt_puts_a_file_in_form_and_leaves_one_in_form_alone() -> None:
    path = write(WHOLE.replace("  priority 80\n", "    priority    80\n"))
    path.chmod(0o640)
    assert run("fmt", "onboarding.way").exit_code == 0
    assert path.read_text(encoding="utf-8") == WHOLE
    assert path.stat().st_mode & 0o777 == 0o640
    before = path.stat().st_mtime_ns
    assert run("fmt", "onboarding.way").output == ""
    assert path.stat().st_mtime_ns == before


def test_fmt_check_changes_nothing() -> None:
    text = WHOLE.replace("  priority 80\n", "    priority    80\n")
    path = write(text)
    result = run("fmt", "onboarding.way", "--check")
    assert (result.exit_code, result.output) == (1, "onboarding.way is not in form\n")
    assert path.read_text(encoding="utf-8") == text


def test_fmt_leaves_a_broken_file_as_it_is() -> None:
    path = write("guide  g {\n")
    result = run("fmt", "onboarding.way")
    assert result.exit_code == 1
    assert "error[WP" in result.output
    assert path.read_text(encoding="utf-8") == "guide  g {\n"


def test_fmt_reads_standard_input() -> None:
    result = run("fmt", "-", given="attribute   seats :number")
    assert (result.exit_code, result.stdout) == (0, "attribute seats: number\n")


def test_explain_tells_of_one_guide_or_of_all() -> None:
    write(WHOLE)
    one, both = run("explain", "onboarding.way", "verify_help").output, run("explain", "onboarding.way").output
    assert one.startswith(
        "verify_help: guide “Help with DNS records”\n  Shown to self-serve trial users at Verify the domain"
    )
    assert both.count("\n\n") == 1
    assert one.strip() in both


def test_explain_speaks_json_to_machines() -> None:
    write(WHOLE)
    document = json.loads(run("explain", "onboarding.way", "verify_help", "--json").output)
    (guide,) = document["guides"]
    (first, second) = guide["lines"][0]["below"]
    assert (first["joined"], len(first["below"])) == ("any", 2)
    assert (second["about"], second["holds"], second["line"]) == ("Did", False, 45)


def test_explain_refuses_rules_with_errors() -> None:
    write(TYPO)
    result = run("explain", "onboarding.way")
    assert result.exit_code == 1
    assert "error[WP003]" in result.output


def test_explain_suggests_the_name_that_was_meant() -> None:
    write(WHOLE)
    assert "did you mean `verify_help`?" in run("explain", "onboarding.way", "verify_hlep").output


@pytest.mark.parametrize("words", [("check", "onboarding.way"), ("fmt", "--check", "onboarding.way")])
def test_a_command_on_rules_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    write(WHOLE)
    code = (
        "import sys; from api.cli.main import cli; cli([*sys.argv[1:]], standalone_mode=False); "
        "print(sorted({'sqlmodel', 'sqlalchemy', 'flask', 'duckdb', 'ibis', 'scipy', 'pandas'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", code, *words]
    shown = subprocess.run(command, capture_output=True, text=True, env={"PYTHONPATH": str(root)}, check=True)
    assert shown.stdout.strip().endswith("[]"), shown.stderr
