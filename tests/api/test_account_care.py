"""Account health over HTTP and on the command line: the list, who looks after whom, and as a table."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli.main import cli
from engine.analytics.tables import HEALTH_COLUMNS
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem


@pytest.fixture
def lively(site: Site) -> Site:
    """Six accounts; the first does most and gets nothing."""
    for number in range(6):
        user = {"userId": f"u{number}"}
        batch = [{"type": "group", "groupId": f"a{number}", **user}]
        batch += [{"type": "track", "event": "Signed Up", **user} for _ in range(8 - number)]
        batch += [{"type": "track", "event": "Campaign Sent", **user} for _ in range(min(number, 1))]
        assert site.post("/v1/batch", {"batch": batch}, key=PUBLIC_KEY).status_code == 202
    return site


ASKED = "/api/v1/accounts/health?outcome=Campaign Sent"


def test_who_is_busy_but_stuck_is_given_into_somebodys_care(lively: Site) -> None:
    said = {"account": "a0", "owner": "Ada", "note": "Call them."}
    assert lively.post("/api/v1/accounts/care", said, key=SECRET_KEY).status_code == 204
    found = lively.get(f"{ASKED}&standing=busy but stuck").json
    assert found is not None
    (stuck,) = found["accounts"]
    assert (stuck["account"], stuck["owner"], [each["text"] for each in stuck["notes"]]) == (
        "a0",
        "Ada",
        ["Call them."],
    )
    assert [person["user"] for person in stuck["named"]] == ["u0"]
    assert (stuck["activity"], stuck["outcomes"]) == (8, 0)


def test_of_an_unknown_account_nothing_is_kept(lively: Site) -> None:
    answer = lively.post("/api/v1/accounts/care", {"account": "nobody", "owner": "Ada"}, key=SECRET_KEY)
    assert (answer.status_code, problem(answer)["code"]) == (404, "unknown_account")


def test_health_is_a_table_too(lively: Site) -> None:
    rows = list(csv.DictReader(io.StringIO(lively.get(f"{ASKED}&format=csv").get_data(as_text=True))))
    assert list(rows[0]) == list(HEALTH_COLUMNS)
    assert (rows[0]["account"], len(rows)) == ("a0", 6)


def test_the_command_line_lists_and_keeps(tmp_path: Path) -> None:
    rows = ["user_id,event,timestamp"]
    rows += [f"u{number},Came,2026-03-01 09:00:00" for number in range(3)]
    (tmp_path / "events.csv").write_text("\n".join(rows) + "\n")

    def waypost(*words: object) -> str:
        ran = CliRunner().invoke(cli, [str(word) for word in (*words, "--data", tmp_path)])
        assert "Traceback" not in ran.output
        return ran.output + str(ran.exception or "")

    waypost("import", "csv", tmp_path / "events.csv")
    assert "no account is busy but stuck (--all" in waypost("health", "--outcome", "Came")
    cared = waypost("health", "--outcome", "Came", "--all", "--owner", "nobody at all")
    assert "no account that nobody at all looks after did anything" in cared
    assert json.loads(waypost("health", "--outcome", "Came", "--json").splitlines()[-1])["accounts"] == []
    assert "nothing is known of an account `acme`" in waypost("health", "acme", "--owner", "Ada")
    assert "name the account" in waypost("health", "--note", "Hello")
    assert "nothing tells what people come for" in waypost("health")
