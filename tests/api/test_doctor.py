"""`waypost doctor`: a line a check, with what to do where something is not as it should be."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from tests.api.asking import SECRET_KEY, Site
from tests.api.test_rules_versions import publish, rules


def waypost(*arguments: object, **environment: str) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], env=environment)


def findings(data: Path, **environment: str) -> dict[tuple[str, str], str]:
    """The messages by check and grade; of several the first."""
    ran = waypost("doctor", "--data", data, "--json", **environment)
    found: dict[tuple[str, str], str] = {}
    for each in orjson.loads(ran.stdout)["findings"]:
        found.setdefault((each["check"], each["grade"]), each["message"])
        assert (each["advice"] is None) == (each["grade"] == "good"), each
    assert ran.exit_code == (1 if any(grade == "fault" for _, grade in found) else 0), ran.output
    return found


@pytest.fixture
def healthy(site: Site, tmp_path: Path) -> Path:
    """An installation in which everything is as it should be."""
    publish(site, "One")
    waypost("worker", "--data", tmp_path, "--once")
    waypost("backup", tmp_path / "backup.zip", "--data", tmp_path)
    return tmp_path


def test_where_all_is_well_it_says_so(healthy: Path) -> None:
    found = findings(healthy)
    assert {grade for _, grade in found} == {"good"}, found
    assert {check for check, _ in found} == {
        "settings", "disk", "database", "jobs", "backups", "keys", "rules", "values",
    }  # fmt: skip


def test_a_new_installation_is_told_what_is_missing(site: Site, tmp_path: Path) -> None:
    found = findings(tmp_path)
    assert found["jobs", "warning"] == "`lake` never ran"
    assert found["backups", "warning"].startswith("no backup was ever made")
    assert found["rules", "warning"] == "no rules are published"


def test_no_database_is_a_fault_and_none_is_made(tmp_path: Path) -> None:
    assert findings(tmp_path)["database", "fault"].startswith("there is no database at")
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_is_no_database_is_a_fault_and_keeps_its_password(tmp_path: Path) -> None:
    told = findings(tmp_path, DATABASE_URL="mysql://waypost:geheim@db/waypost")["database", "fault"]
    assert told.startswith("`mysql` is not a database that we know")
    assert "geheim" not in told


def test_a_database_that_everybody_may_read_is_told(healthy: Path) -> None:
    healthy.chmod(0o755)
    (healthy / "waypost.sqlite").chmod(0o644)
    assert findings(healthy)["database", "warning"].startswith("everybody on this machine may read")
    healthy.chmod(0o700)
    assert ("database", "warning") not in findings(healthy)


def test_a_folder_that_is_made_for_the_data_is_its_owners_alone(tmp_path: Path) -> None:
    for name, command in (("one", ("db", "upgrade")), ("two", ("keys", "create", "--public"))):
        waypost(*command, "--data", tmp_path / name)
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o700


def test_a_mistyped_variable_is_told(healthy: Path) -> None:
    assert findings(healthy, WAYPOST_PROT="1")["settings", "warning"] == "WAYPOST_PROT is not a setting"


def test_values_that_cannot_be_read_are_told(site: Site, healthy: Path) -> None:
    typed = {"files": {"help.way": "attribute seats: number\n" + rules("One")}}
    assert site.post("/api/v1/rules", typed, key=SECRET_KEY).status_code == 200
    site.post("/v1/identify", {"userId": "u1", "traits": {"seats": "many"}})
    assert "attribute `seats` is declared as number, and came once as text" in findings(healthy)["values", "warning"]


def test_a_damaged_file_is_a_fault(site: Site, healthy: Path) -> None:
    site.service.close()
    with sqlite3.connect(healthy / "waypost.sqlite") as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'ix_event_project_id_seq'")
    assert ("database", "fault") in findings(healthy)


def test_while_all_guidance_is_stopped_that_is_told(site: Site, healthy: Path) -> None:
    headers: dict[str, Any] = {"Authorization": f"Bearer {SECRET_KEY}"}
    site.client.put("/api/v1/rules/stopped", json={"stopped": True}, headers=headers)
    assert findings(healthy)["rules", "warning"] == "all guidance is stopped"


def test_an_older_schema_is_told_and_not_touched(healthy: Path) -> None:
    with sqlite3.connect(healthy / "waypost.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    assert findings(healthy)["database", "fault"] == "the schema is that of an earlier release"
    with sqlite3.connect(healthy / "waypost.sqlite") as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]


def test_people_read_it_line_by_line(healthy: Path) -> None:
    ran = waypost("doctor", "--data", healthy)
    assert "✓ database: the database is whole" in ran.output
    assert "at fault, 0 to look at" in ran.output
    assert waypost("doctor", "--data", healthy, "--strict").exit_code == 0
