"""The commands for operators: keys, origins, the database, settings; and how the command line itself behaves."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from api.serving import system_clock
from engine.replies import KeyKind, Published
from engine.service import Service
from engine.storage.store import known_revisions

HEAVY = {"flask", "sqlmodel", "sqlalchemy", "duckdb", "ibis", "scipy", "granian", "pyarrow", "alembic", "marshmallow"}


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WAYPOST_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "data"


def waypost(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def opened(data: Path) -> Service:
    return Service.open(f"sqlite:///{data / 'waypost.sqlite'}", clock=system_clock)


def test_a_key_is_made_listed_and_withdrawn(data: Path) -> None:
    made = waypost("keys", "create", "--public", "--name", "shop")
    assert made.exit_code == 0, made.output
    key = made.output.strip()
    assert key.startswith("wp_pub_")
    (listed,) = orjson.loads(waypost("keys", "list", "--json").output)
    assert (listed["kind"], listed["name"], listed["shown"], listed["revoked"]) == ("public", "shop", key, None)
    service = opened(data)
    access = service.authenticate(key)
    service.close()
    assert access is not None
    assert access.kind is KeyKind.PUBLIC

    assert waypost("keys", "revoke", str(listed["id"])).exit_code == 0
    service = opened(data)
    assert service.authenticate(key) is None
    service.close()
    assert waypost("keys", "revoke", str(listed["id"])).exit_code == 2
    assert "withdrawn" in waypost("keys", "list").output


def test_a_secret_key_is_shown_once() -> None:
    made = orjson.loads(waypost("keys", "create", "--secret", "--json").output)
    assert made["key"].startswith("wp_sec_")
    assert made["key"] not in waypost("keys", "list").output
    assert made["key"] not in waypost("keys", "list", "--json").output


def test_a_key_needs_a_kind_and_a_project_that_exists() -> None:
    assert "--public" in waypost("keys", "create").output
    assert waypost("keys", "create").exit_code == 2
    waypost("keys", "create", "--public")
    missing = waypost("keys", "list", "--project", "shop")
    assert missing.exit_code == 2
    assert "`default`" in missing.output


def test_origins_are_allowed_and_taken_off_again() -> None:
    assert "no origins" in waypost("keys", "allow").output
    assert waypost("keys", "allow", "https://App.example.com/", "http://localhost:3000").exit_code == 0
    assert waypost("keys", "allow", "https://app.example.com").exit_code == 0
    listed = orjson.loads(waypost("keys", "allow", "--json").output)
    assert sorted(listed) == ["http://localhost:3000", "https://app.example.com"]
    waypost("keys", "allow", "--remove", "http://localhost:3000")
    assert waypost("keys", "allow").output.strip() == "https://app.example.com"
    wrong = waypost("keys", "allow", "app.example.com")
    assert wrong.exit_code == 2
    assert "`app.example.com` is not an origin" in wrong.output


def test_the_schema_is_brought_up_to_date_once(data: Path) -> None:
    first, second = waypost("db", "upgrade"), waypost("db", "upgrade")
    assert first.exit_code == second.exit_code == 0
    assert "it was at nothing" in first.output
    assert "it was" not in second.output
    assert (data / "waypost.sqlite").exists()


RULES = """event "Signed Up"
event "Domain Added"

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step domain "Add a domain" reached by "Domain Added"
  }
}

segment busy where did "Domain Added" at least 2 times in last 7 days
"""


def fill(data: Path) -> None:
    """People with events in order, late events, an anonymous past, and rules that come in the middle."""
    service = opened(data)
    project = service.ensure_project().id
    day = "2026-11-{:02}T10:00:00Z".format
    first = [
        {
            "type": "track",
            "event": "Domain Added",
            "userId": f"u{number}",
            "timestamp": day(5),
            "messageId": f"a{number}",
        }
        for number in range(5)
    ]
    assert service.receive(project, first, received=system_clock()).accepted == 5
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    late = [
        {"type": "track", "event": "Signed Up", "userId": f"u{number}", "timestamp": day(3), "messageId": f"b{number}"}
        for number in range(3)
    ]
    past = [
        {"type": "track", "event": "Signed Up", "anonymousId": "a", "timestamp": day(4), "messageId": "c"},
        {"type": "identify", "userId": "u4", "anonymousId": "a", "traits": {"plan": "trial"}, "messageId": "d"},
        {"type": "group", "userId": "u1", "groupId": "acme", "traits": {"industry": "health"}, "messageId": "e"},
    ]
    for messages in (late, past):
        assert service.receive(project, messages, received=system_clock()).accepted == 3
    assert service.settle(project, 30)
    service.close()


def test_what_is_stored_is_what_the_log_says(data: Path) -> None:
    fill(data)
    verified = waypost("db", "verify")
    assert verified.exit_code == 0, verified.output
    assert verified.output.strip() == "5 people, 1 accounts and 11 events compared, 0 faults"
    assert orjson.loads(waypost("db", "verify", "--json").output)["faults"] == []


DAMAGE = {
    "a changed state": (
        "UPDATE user_state SET state = (SELECT state FROM user_state WHERE person_id = 1) WHERE person_id = 2",
        "person `u1`: the stored state is not what the log says",
    ),
    "a lost event": ("DELETE FROM event WHERE message_id = 'b0'", "person `u0`: the stored state is not what the log"),
    "a lost state": ("DELETE FROM user_state WHERE person_id = 1", "person `u0`: has events but no state"),
    "lost progress": ("DELETE FROM journey_progress WHERE person_id = 3", "person `u2`: the stored progress"),
    "a changed account": (
        "UPDATE account SET data = replace(data, 'health', 'wealth')",
        "account `acme`: the stored attributes are not what the log says: `industry`",
    ),
    "a lost account": ("DELETE FROM account", "account `acme`: the stored attributes are not what the log says"),
    "an account of nobody's": (
        "INSERT INTO account (project_id, account_id, data) VALUES (1, 'nobody', '{\"x\":[1,1,1,false]}')",
        "account `nobody`: the stored attributes are not what the log says: `x`",
    ),
    "a lost message id": ("DELETE FROM message WHERE message_id = 'c'", "the message id `c` of an event"),
}


@pytest.mark.parametrize(("statement", "fault"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_found(data: Path, statement: str, fault: str) -> None:
    fill(data)
    connection = sqlite3.connect(data / "waypost.sqlite")
    with connection:
        assert connection.execute(statement).rowcount > 0
    connection.close()
    verified = waypost("db", "verify")
    assert verified.exit_code == 1
    assert fault in verified.output


def test_without_a_database_there_is_nothing_to_verify() -> None:
    assert waypost("db", "verify").exit_code == 2


def test_settings_are_shown_with_their_source_and_secrets_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYPOST_PORT", "9001")
    monkeypatch.setenv("WAYPOST_INIT_SECRET_KEY", "wp_sec_0123456789abcdef")
    shown = waypost("config")
    assert shown.exit_code == 0
    assert "9001  (environment)" in shown.output
    assert "wp_sec_0123456789abcdef" not in shown.output
    told = orjson.loads(waypost("config", "--json").output)
    assert told["settings"]["WAYPOST_HOST"] == {"value": "127.0.0.1", "from": "default"}
    assert told["unknown"] == {}


def test_a_mistyped_setting_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYPOST_PROT", "9001")
    shown = waypost("config")
    assert shown.exit_code == 1
    assert "did you mean WAYPOST_PORT?" in shown.output


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env={"PATH": "/usr/bin:/bin", **environ},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_an_error_is_a_sentence_and_exit_code_2() -> None:
    ended = run("-m", "api.cli.main", "config", WAYPOST_PORT="http")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: the settings cannot be used:")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["openapi", "--out", "/nowhere/openapi.json"], "error: no such file or directory: /nowhere/openapi.json\n"),
        (["keys", "create", "--public", "--data", "/dev/null/data"], "error: not a directory: /dev/null/data\n"),
    ],
)
def test_a_file_that_cannot_be_written_is_a_sentence_too(arguments: list[str], said: str) -> None:
    ended = run("-m", "api.cli.main", *arguments)
    assert (ended.returncode, ended.stderr) == (2, said)


@pytest.mark.parametrize(
    "words",
    [
        "alerts",
        "audit list",
        "audit verify",
        "effect verify_help",
        "funnel --steps a,b",
        "guidance status",
        "guidance stop",
        "health",
        "keys list",
        "kpis",
        "person copies",
        "person erase ada --yes",
        "plan violations",
        "project list",
        "project retention",
        "records activation",
        "rules versions",
        "user list",
        "worker --status",
    ],
)
def test_a_command_that_finds_no_database_says_so_and_makes_none(words: str, tmp_path: Path) -> None:
    """An answer about an empty one would be wrong: `nothing to look at`, `guidance is stopped`, `nobody is known`."""
    told = waypost(*words.split(), "--data", str(tmp_path))
    assert told.exit_code != 0
    assert str(told.exception).startswith(f"there is no database at {tmp_path / 'waypost.sqlite'}: say with --data")
    assert list(tmp_path.iterdir()) == []


def test_a_command_brings_no_schema_up_to_date_where_the_setting_refuses(tmp_path: Path) -> None:
    waypost("db", "upgrade", "--data", str(tmp_path))
    waypost("db", "downgrade", known_revisions()[-2], "--yes", "--data", str(tmp_path))
    told = CliRunner().invoke(cli, ["keys", "list", "--data", str(tmp_path)], env={"WAYPOST_MIGRATE": "refuse"})
    assert "waypost db upgrade" in str(told.exception)
    assert waypost("keys", "list", "--data", str(tmp_path)).exit_code == 0


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["config"], ["keys", "--help"], ["serve", "--help"]])
def test_a_light_command_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom api.cli.main import cli\n"
        f"cli({arguments!r}, standalone_mode=False)\n"
        f"print('loaded', sorted({HEAVY!r} & set(sys.modules)))"
    )
    ended = run("-c", code)
    assert ended.stdout.splitlines()[-1] == "loaded []", ended.stderr


def test_the_table_of_commands_is_what_help_shows() -> None:
    shown = waypost("--help").output
    with click.Context(cli) as context:
        for name in cli.list_commands(context):
            assert f"  {name}" in shown
