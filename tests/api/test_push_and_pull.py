"""`waypost push` and `waypost pull`: rules kept in git, put in force on a running server, and fetched back."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from tests.conftest import StartServer
from tests.running import SECRET_KEY, RunningServer

GUIDE = """event "Failed"

guide help "Help" {
  on "Failed"
  show modal { title "One" }
  once
  expires 2099-01-01
}
"""


def waypost(server: RunningServer | str, *arguments: str | Path) -> Result:
    url = server if isinstance(server, str) else f"http://127.0.0.1:{server.port}"
    environment = {"WAYPOST_URL": url, "WAYPOST_SECRET_KEY": SECRET_KEY}
    return CliRunner().invoke(cli, [str(each) for each in arguments], env=environment)


def folder(path: Path, **files: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (path / f"{name}.way").write_text(text)
    return path


def test_two_people_keep_rules_in_git_and_neither_undoes_the_other(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    empty = waypost(server, "pull", tmp_path / "none")
    assert (empty.exit_code, "nothing is published" in empty.output) == (0, True)

    ours = folder(tmp_path / "ours", help=GUIDE)
    first = waypost(server, "push", ours, "--note", "first words")
    assert first.exit_code == 0, first.output
    assert "version 1" in first.output
    assert "is in force now" in first.output
    assert "nothing changed" in waypost(server, "push", ours).output

    theirs = tmp_path / "theirs"
    pulled = waypost(server, "pull", theirs)
    assert (pulled.exit_code, (theirs / "help.way").read_text()) == (0, GUIDE)
    waypost(server, "pull", ours)

    folder(theirs, help=GUIDE.replace("One", "Two"))
    assert waypost(server, "push", theirs).exit_code == 0
    folder(ours, help=GUIDE.replace("One", "Three"))
    stale = waypost(server, "push", ours)
    assert stale.exit_code != 0
    assert "version 2 of the rules is in force, not 1" in str(stale.exception)

    lost = waypost(server, "pull", ours)
    assert lost.exit_code != 0
    assert "`help.way`" in str(lost.exception)
    assert "Three" in (ours / "help.way").read_text()
    assert waypost(server, "pull", ours, "--force").exit_code == 0
    assert "Two" in (ours / "help.way").read_text()

    earlier = waypost(server, "pull", ours, "--version", "1", "--json")
    assert orjson.loads(earlier.output) == {"version": 1, "written": ["help.way"], "removed": []}


def test_a_file_that_is_gone_on_the_server_goes_here_too_and_others_stay(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server()
    ours = folder(tmp_path / "ours", help=GUIDE, more='event "More"\n')
    waypost(server, "push", ours)
    theirs = tmp_path / "theirs"
    waypost(server, "pull", theirs)
    folder(theirs, draft='event "Draft"\n')
    (ours / "more.way").unlink()
    waypost(server, "push", ours)
    again = waypost(server, "pull", theirs)
    assert (again.exit_code, "removed" in again.output) == (0, True)
    assert sorted(each.name for each in theirs.glob("*.way")) == ["draft.way", "help.way"]


def test_rules_with_errors_are_told_with_their_lines_and_nothing_is_published(
    running_server: RunningServer, tmp_path: Path
) -> None:
    broken = folder(tmp_path / "broken", help=GUIDE.replace('on "Failed"', 'on "Faled"'))
    for options in ((), ("--dry-run",)):
        told = waypost(running_server, "push", broken, *options)
        assert told.exit_code == 1
        assert "error[WP003]: unknown event `Faled`" in told.output
        assert '4 |   on "Faled"' in told.output


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "is no address of a server"),
        ("file:///etc/passwd", "is no address of a server"),
        ("http://127.0.0.1:8000/?x=", "is no address of a server"),
        ("http://[bad", "is no address of a server"),
        ("http://127.0.0.1:1", "does not answer"),
    ],
)
def test_a_server_that_is_not_there_is_told_so(url: str, said: str, tmp_path: Path) -> None:
    told = waypost(url, "push", folder(tmp_path / "ours", help=GUIDE))
    assert told.exit_code != 0
    assert said in str(told.exception)


def test_a_key_that_is_not_known_is_told_so(running_server: RunningServer, tmp_path: Path) -> None:
    told = waypost(
        running_server, "push", folder(tmp_path / "ours", help=GUIDE), "--key", "wp_sec_unknownunknownunknown"
    )
    assert "this key is not known here" in str(told.exception)


@pytest.mark.parametrize("key", ["wp_sec_a\r\nX-Forged: 1", "wp_sec_ünknown", "wp sec"])
def test_a_key_that_could_write_headers_is_never_sent(key: str, tmp_path: Path) -> None:
    told = waypost("http://127.0.0.1:9", "push", folder(tmp_path / "ours", help=GUIDE), "--key", key)
    assert "characters that no key has" in str(told.exception)
