"""Why, or why not, over HTTP and on the command line: of one user, at any past instant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from api.cli.main import cli
from dsl.values import MINUTE, Duration, format_instant
from tests.api.asking import PUBLIC_KEY, SECRET_KEY, Site, problem

RULES = """attribute plan: one of "free", "trial"
account attribute industry: text

event "DNS Check Failed"
event "Domain Verified"

guide dns_help "Help with DNS" {
  on "DNS Check Failed"
  when did "DNS Check Failed" at least 2 times in last 10 minutes
  when plan is "trial"
  unless anyone in account did "Domain Verified"

  show modal { title "Two records to add" }

  once every 7 days
  holdout 0%
  expires 2099-01-01
}

guide health "For hospitals" {
  when account.industry contains "health"
  show banner top { title "Hello" }
  holdout 0%
  expires 2099-01-01
}
"""
FAILED = {"type": "track", "event": "DNS Check Failed"}


@pytest.fixture
def failing(site: Site) -> Site:
    """A trial user whose first check failed at nine, three minutes ago; the rules are published."""
    published = site.post("/api/v1/rules", {"files": {"rules.way": RULES}}, key=SECRET_KEY)
    assert published.status_code == 200, published.get_data(as_text=True)
    tell(site, {"type": "identify", "traits": {"plan": "trial"}}, dict(FAILED))
    site.clock.move(Duration(3 * MINUTE))
    return site


def tell(site: Site, *messages: dict[str, Any], user: str = "u1") -> None:
    batch = [{"userId": user, "timestamp": format_instant(site.clock.now), **message} for message in messages]
    assert site.post("/v1/batch", {"batch": batch}).status_code == 202


def explained(site: Site, query: str = "guide=dns_help", *, user: str = "u1") -> dict[str, Any]:
    answer = site.get(f"/api/v1/users/{user}/explain?{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.json or {}
    return found


def test_it_says_what_stops_a_guide_and_the_nearest_change(failing: Site) -> None:
    found = explained(failing)
    assert (found["shown"], found["reason"], found["stopped_by"]) == (False, "CONDITION_FALSE", "conditions")
    (conditions,) = [gate for gate in found["gates"] if gate["gate"] == "conditions"]
    assert [(part["truth"], part["found"]) for part in conditions["parts"]] == [
        ("false", "1 so far, the last at 2026-11-02 09:00 UTC"),
        ("true", "“trial”"),
        ("true", "the user: never"),
    ]
    assert found["changes"][0]["text"] == "one more `DNS Check Failed` within the next 7 minutes"
    assert found["changes"][0]["until"] == "2026-11-02T09:10:00Z"
    assert found["blocked"] is None


def test_the_change_that_it_names_does_show_the_guide(failing: Site) -> None:
    tell(failing, dict(FAILED))
    assert explained(failing)["shown"] is True
    asked = failing.post("/v1/decide", {"userId": "u1", "context": {"page": {"path": "/"}}}).json or {}
    assert [each["guide"] for each in asked["decisions"]] == ["dns_help"]


def test_it_tells_of_any_past_instant_what_was_so_then(failing: Site) -> None:
    failing.clock.move(Duration(3 * MINUTE))
    tell(failing, {"type": "identify", "traits": {"plan": "free"}})
    now, before = explained(failing), explained(failing, "guide=dns_help&at=2026-11-02T09:04:00Z")
    plan = [[part["found"] for part in gate["parts"]][1] for gate in now["gates"] if gate["gate"] == "conditions"]
    plan += [[part["found"] for part in gate["parts"]][1] for gate in before["gates"] if gate["gate"] == "conditions"]
    assert plan == ["“free”", "“trial”"]
    assert (before["at"], now["at"]) == ("2026-11-02T09:04:00Z", "2026-11-02T09:06:00Z")


def test_what_others_of_the_account_did_counts(failing: Site) -> None:
    tell(failing, {"type": "group", "groupId": "acme", "traits": {"industry": "health care"}})
    tell(failing, {"type": "group", "groupId": "acme"}, {"type": "track", "event": "Domain Verified"}, user="u2")
    found = explained(failing)
    assert found["changes"] == []
    assert "nobody of the account did “Domain Verified”" in found["blocked"]
    assert explained(failing, "guide=health", user="u2")["shown"] is True


def test_nothing_is_written_by_asking(failing: Site) -> None:
    before = failing.get("/api/v1/users/u1").json
    explained(failing)
    assert failing.get("/api/v1/users/u1").json == before


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/users/u1/explain?guide=dns_hlep", 404, "unknown_guide"),
        ("/api/v1/users/nobody/explain?guide=dns_help", 404, "unknown_user"),
        ("/api/v1/users/u1/explain", 422, "invalid_fields"),
        ("/api/v1/users/u1/explain?guide=dns_help&at=noon", 422, "invalid_fields"),
        ("/api/v1/users/u1/explain?guide=dns_help&when=now", 422, "invalid_fields"),
    ],
)
def test_what_cannot_be_explained_is_a_problem(failing: Site, address: str, status: int, code: str) -> None:
    document = problem(failing.get(address))
    assert (document["status"], document["code"]) == (status, code)


def test_a_misspelled_guide_is_told_with_the_nearest_name(failing: Site) -> None:
    document = problem(failing.get("/api/v1/users/u1/explain?guide=dns_hlep"))
    assert "did you mean `dns_help`?" in document["detail"]


def test_a_public_key_explains_nothing(failing: Site) -> None:
    answer = failing.get("/api/v1/users/u1/explain?guide=dns_help", key=PUBLIC_KEY)
    assert answer.status_code == 403


# the command line


@pytest.fixture
def recorded(tmp_path: Path) -> list[str]:
    """Rules and a history as files: the arguments of the command."""
    rules, history = tmp_path / "rules.way", tmp_path / "history.ndjson"
    rules.write_text(RULES)
    lines = [
        {"type": "identify", "userId": "u1", "timestamp": "2026-03-04T09:00:00Z", "traits": {"plan": "trial"}},
        {"type": "track", "userId": "u1", "timestamp": "2026-03-04T09:57:00Z", "event": "DNS Check Failed"},
        {"type": "track", "userId": "u2", "timestamp": "2026-03-04T09:58:00Z", "event": "DNS Check Failed"},
    ]
    history.write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    return ["explain", str(rules), "dns_help", "--events", str(history)]


def ran(*arguments: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == exit_code, result.output
    return result.output


def test_the_command_prints_the_tree_and_the_nearest_change(recorded: list[str]) -> None:
    output = ran(*recorded, "--user", "u1", "--at", "2026-03-04T10:00:00Z")
    lines = output.splitlines()
    assert lines[0] == ("dns_help “Help with DNS” is not shown to u1 at 2026-03-04 10:00 UTC: CONDITION_FALSE")
    assert any("✗ conditions: all of this is so  ← this stops it" in line for line in lines)
    assert any("not so (1 so far, the last at 2026-03-04 09:57 UTC)" in line for line in lines)
    assert "nearest change: one more `DNS Check Failed` within the next 7 minutes" in lines


def test_on_a_terminal_it_is_a_tree_in_colours(recorded: list[str]) -> None:
    arguments = [*recorded, "--user", "u1", "--at", "2026-03-04T10:00:00Z"]
    result = CliRunner().invoke(cli, arguments, env={"FORCE_COLOR": "1", "COLUMNS": "160", "TERM": "xterm-256color"})
    assert result.exit_code == 0, result.output
    stopping = next(line for line in result.output.splitlines() if "this stops it" in line)
    assert stopping.startswith(("\x1b[2m├── ", "\x1b[2m└── "))
    assert "\x1b[1;31m✗ conditions" in stopping


def test_without_a_user_it_tells_of_each_and_without_a_time_of_the_end(recorded: list[str]) -> None:
    documents = [orjson.loads(line) for line in ran(*recorded, "--json").splitlines()]
    assert [(each["user"], each["at"]) for each in documents] == [
        ("u1", "2026-03-04T09:58:00Z"),
        ("u2", "2026-03-04T09:58:00Z"),
    ]


def test_options_about_a_history_want_one(recorded: list[str]) -> None:
    assert "give one with --events FILE" in ran(*recorded[:3], "--user", "u1", exit_code=2)
    assert "say which guide" in ran(recorded[0], recorded[1], *recorded[3:], exit_code=2)
    assert "there is no guide or survey `other`" in ran(*recorded[:2], "other", *recorded[3:], exit_code=2)


def test_a_past_instant_is_judged_by_the_rules_of_then_and_by_those_of_today_where_that_is_asked(failing: Site) -> None:
    then = format_instant(failing.clock.now)
    tell(failing, dict(FAILED))
    then_again = format_instant(failing.clock.now)
    failing.clock.move(Duration(60 * MINUTE))
    stricter = {"files": {"rules.way": RULES.replace("at least 2 times", "at least 3 times")}}
    assert failing.post("/api/v1/rules", stricter, key=SECRET_KEY).status_code == 200
    assert explained(failing, f"guide=dns_help&at={then_again}")["shown"]
    assert not explained(failing, f"guide=dns_help&at={then_again}&rules=now")["shown"]
    assert explained(failing, f"guide=dns_help&at={then}&rules=now")["reason"] == "CONDITION_FALSE"
    gone = {"files": {"rules.way": 'event "DNS Check Failed"\n'}}
    assert failing.post("/api/v1/rules", gone, key=SECRET_KEY).status_code == 200
    assert explained(failing, f"guide=dns_help&at={then_again}")["shown"]
    answer = failing.get(f"/api/v1/users/u1/explain?guide=dns_help&at={then_again}&rules=now")
    assert problem(answer)["code"] == "unknown_guide"
    before = failing.get("/api/v1/users/u1/explain?guide=dns_help&at=2026-11-02T08:00:00Z")
    assert problem(before)["code"] == "unknown_guide"


def test_while_all_guidance_was_stopped_that_is_the_reason_also_later(failing: Site) -> None:
    headers = {"Authorization": f"Bearer {SECRET_KEY}"}
    failing.client.put("/api/v1/rules/stopped", json={"stopped": True}, headers=headers)
    then = format_instant(failing.clock.now)
    failing.clock.move(MINUTE)
    failing.client.put("/api/v1/rules/stopped", json={"stopped": False}, headers=headers)
    failing.clock.move(MINUTE)
    assert explained(failing, f"guide=dns_help&at={then}")["reason"] == "DISABLED"
    assert explained(failing)["reason"] != "DISABLED"
