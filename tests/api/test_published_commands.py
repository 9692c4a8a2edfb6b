"""`waypost rules` and `waypost guidance`: on a server elsewhere and on the database here they say and do the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from tests.api.test_push_and_pull import GUIDE, folder
from tests.running import SECRET_KEY, RunningServer, start

Ask = Callable[..., Result]


def run(*arguments: str, **environment: str) -> Result:
    # An empty variable counts as none: what the shell of the tests has set must not count.
    return CliRunner().invoke(cli, arguments, env={"WAYPOST_URL": "", "WAYPOST_SECRET_KEY": "", **environment})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose first two versions of rules differ in a word."""
    work = tmp_path_factory.mktemp("published")
    server = start(work / "data")
    for words in ("One", "Two"):
        rules = folder(work / "rules", help=GUIDE.replace("One", words))
        environment = {"WAYPOST_URL": server.url, "WAYPOST_SECRET_KEY": SECRET_KEY}
        assert run("push", str(rules), "--note", f"words {words}", **environment).exit_code == 0
    yield server
    server.stop()


@pytest.fixture(params=["elsewhere", "here"])
def ask(request: pytest.FixtureRequest, server: RunningServer) -> Ask:
    """Ask the server, or the database that it uses, beside it."""
    if request.param == "here":
        return lambda *arguments: run(*arguments, "--data", str(server.data))
    return lambda *arguments: run(*arguments, WAYPOST_URL=server.url, WAYPOST_SECRET_KEY=SECRET_KEY)


def test_versions_say_when_who_and_why_and_one_is_in_force(ask: Ask) -> None:
    told = ask("rules", "versions")
    assert told.exit_code == 0, told.output
    lines = told.output.splitlines()
    assert [line[0] for line in lines] == ["*", *" " * (len(lines) - 1)]
    assert (lines[-2].split()[-2:], lines[-1].split()[-2:]) == (["words", "Two"], ["words", "One"])
    (newest,) = orjson.loads(ask("rules", "versions", "--limit", "1", "--json").output)
    assert (newest["version"], newest["active"]) == (len(lines), True)


def test_a_version_is_compared_with_the_one_before_or_any_other(ask: Ask) -> None:
    for arguments in (("2",), ("2", "--against", "1")):
        told = ask("rules", "diff", *arguments)
        assert '-  show modal { title "One" }' in told.output
        assert '+  show modal { title "Two" }' in told.output
    assert "has the same files" in ask("rules", "diff", "2", "--against", "2").output
    (change,) = orjson.loads(ask("rules", "diff", "--json").output)
    assert change["file"] == "help.way"


def test_going_back_is_a_version_of_its_own(ask: Ask) -> None:
    before = orjson.loads(ask("rules", "versions", "--json").output)
    ask("rules", "rollback", "2")
    told = ask("rules", "rollback", "1", "--note", "too long").output
    assert "is in force now, with the files of version 1" in told
    assert "nothing changed" in ask("rules", "rollback", "1").output
    after = orjson.loads(ask("rules", "versions", "--json").output)
    assert after[0]["note"] == "too long"
    assert [{**each, "active": False} for each in after[-len(before) :]] == [
        {**each, "active": False} for each in before
    ]


def test_a_version_that_never_was_is_told(ask: Ask) -> None:
    for command in ("diff", "rollback"):
        told = ask("rules", command, "7")
        assert told.exit_code != 0
        assert "7" in str(told.exception)


def test_one_command_stops_all_guidance_of_a_running_server_and_another_lets_it_go_on(
    ask: Ask, server: RunningServer
) -> None:
    goes = ask("guidance", "status")
    assert (goes.exit_code, "guidance goes out by version" in goes.output) == (0, True)
    acts = counted(server)
    assert "all guidance is stopped" in ask("guidance", "stop").output
    stopped = ask("guidance", "status")
    assert (stopped.exit_code, "`waypost audit list` says who" in stopped.output) == (1, True)
    # The server says so, whoever told it.
    told = run("guidance", "status", "--json", WAYPOST_URL=server.url, WAYPOST_SECRET_KEY=SECRET_KEY)
    assert orjson.loads(told.output)["stopped"] is True
    assert ask("guidance", "resume", "--json").output == '{"stopped":false}\n'
    assert ask("guidance", "status").exit_code == 0
    assert counted(server) == (acts[0] + 1, acts[1] + 1)


def counted(server: RunningServer) -> tuple[int, int]:
    """How often the audit log says that guidance was stopped, and let go on."""
    acts = run("audit", "list", "--data", str(server.data), "--json").output
    return acts.count('"guidance.stop"'), acts.count('"guidance.resume"')


def test_where_nothing_is_published_that_is_said(tmp_path: Path) -> None:
    here = ("--data", str(tmp_path))
    run("db", "upgrade", *here)
    assert "nothing is published yet" in run("rules", "versions", *here).output
    assert "nothing is published yet" in run("rules", "diff", *here).output
    status = run("guidance", "status", *here)
    assert (status.exit_code, "no rules are in force yet" in status.output) == (0, True)


def test_a_server_needs_its_key_and_is_not_the_database_here(tmp_path: Path) -> None:
    without = run("guidance", "stop", "--url", "http://127.0.0.1:9")
    assert (without.exit_code, "WAYPOST_SECRET_KEY" in without.output) == (2, True)
    both = run("guidance", "stop", "--url", "http://127.0.0.1:9", "--key", SECRET_KEY, "--data", str(tmp_path))
    assert (both.exit_code, "either --url" in both.output) == (2, True)
