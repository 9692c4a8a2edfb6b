"""`waypost backup` beside a running server, and `waypost restore` into a new folder."""

from __future__ import annotations

from pathlib import Path

import orjson
from click.testing import CliRunner, Result

from api.cli.main import cli
from tests.api.asking import Site
from tests.api.test_rules_versions import FAILED, publish


def waypost(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments])


def test_a_backup_is_made_put_back_and_verified(site: Site, tmp_path: Path) -> None:
    publish(site, "One")
    site.post("/v1/batch", {"batch": [FAILED]})
    file, restored = tmp_path / "backup.zip", tmp_path / "restored"
    made = waypost("backup", file, "--data", tmp_path, "--json")
    assert made.exit_code == 0, made.output
    assert orjson.loads(made.stdout)["tables"]["event"] == 1
    back = waypost("restore", file, "--data", restored)
    assert (back.exit_code, "rows are back" in back.output) == (0, True)
    verified = waypost("db", "verify", "--data", restored)
    assert (verified.exit_code, "1 people, 0 accounts and 1 events compared, 0 faults" in verified.output) == (0, True)


def test_nothing_is_replaced_without_a_word(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    assert waypost("backup", file, "--data", tmp_path).exit_code == 0
    again = waypost("backup", file, "--data", tmp_path)
    assert (again.exit_code, "is there already" in again.output) == (2, True)
    assert waypost("backup", file, "--data", tmp_path, "--force").exit_code == 0
    over = waypost("restore", file, "--data", tmp_path)
    assert "a restore overwrites nothing" in str(over.exception)


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    told = waypost("backup", tmp_path / "backup.zip", "--data", tmp_path / "none")
    assert (told.exit_code, "there is no database" in told.output) == (2, True)
    assert not (tmp_path / "none").exists()
