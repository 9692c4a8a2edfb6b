"""`waypost project`, `keys`, `user` and `audit` on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli
from engine import passwords


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYPOST_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))


def run(*arguments: str, input: str | None = None) -> Result:  # noqa: A002  (click's own name)
    return CliRunner().invoke(cli, arguments, input=input)


def read(*arguments: str) -> Any:
    ran = run(*arguments, "--json")
    assert ran.exit_code == 0, ran.output
    return orjson.loads(ran.output)


def test_projects_and_environments_are_made_and_listed() -> None:
    assert run("project", "add", "shop").exit_code == 0
    assert run("project", "add", "shop", "--env", "staging", "--origin", "https://s.example.com").exit_code == 0
    listed = [(one["project"], one["environment"], one["allowed_origins"]) for one in read("project", "list")]
    assert listed == [("shop", "production", []), ("shop", "staging", ["https://s.example.com"])]


def test_keys_of_an_environment_are_made_rotated_and_listed_with_all_others() -> None:
    run("project", "add", "shop")
    run("project", "add", "shop", "--env", "staging")
    run("keys", "create", "--public", "--project", "shop")
    made = read("keys", "create", "--secret", "--env", "staging", "--project", "shop", "--scope", "rules:read")
    assert made["key"].startswith("wp_sec_stg_")
    rotated = read("keys", "rotate", str(made["id"]), "--project", "shop", "--env", "staging", "--grace", "24h")
    listed = read("keys", "list", "--project", "shop")
    assert [(one["environment"], one["scopes"], one["replaced_by"]) for one in listed] == [
        ("production", ["events:write"], None),
        ("staging", ["rules:read"], rotated["id"]),
        ("staging", ["rules:read"], None),
    ]
    assert run("keys", "revoke", str(made["id"]), "--project", "shop").exit_code == 2  # another environment's


WRONG = [
    (["keys", "list", "--project", "shop", "--env", "staging"], "waypost project add shop --env staging"),
    (["keys", "create", "--secret", "--scope", "everything"], "`everything` is not a scope"),
    (["keys", "create", "--public", "--scope", "rules:read"], "no scopes to choose"),
    (["keys", "create", "--secret", "--expires", "yesterday"], "`yesterday` is not a time"),
    (["keys", "create", "--secret", "--expires", "2020-01-01T00:00:00Z"], "does not lie ahead"),
    (["project", "add", "nowhere", "--env", "staging"], "waypost project add nowhere"),
    (["project", "signing", "require"], "waypost project signing add"),
    (["audit", "verify", "--head", "x"], "its number, a colon and its hash"),
]


@pytest.mark.parametrize(
    ("arguments", "told"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_what_cannot_be_done_is_said_with_what_to_do(arguments: list[str], told: str) -> None:
    run("project", "add", "shop")
    run("project", "add", "default")
    ran = run(*arguments)
    assert ran.exit_code == 2
    assert told in ran.output


def test_somebody_is_invited_given_a_password_another_role_and_removed() -> None:
    run("project", "add", "default")
    invited = read("user", "add", "Ada@example.com", "--role", "admin")
    assert invited["link"] == f"http://127.0.0.1:8000/console/join?token={invited['token']}"
    made = run("user", "add", "bob@example.com", "--password-stdin", input="correct horse battery\n")
    assert made.exit_code == 0, made.output
    run("user", "role", "bob@example.com", "author")
    listed = read("user", "list")
    assert [(one["email"], one["role"]) for one in listed["members"]] == [("bob@example.com", "author")]
    assert [one["email"] for one in listed["invites"]] == ["ada@example.com"]
    assert "/console/join?token=" in run("user", "reset", "bob@example.com").output
    assert run("user", "sign-out", "bob@example.com").output == "0 sessions ended\n"
    for email in ("ada@example.com", "bob@example.com"):
        assert run("user", "remove", email).exit_code == 0
    assert read("user", "list") == {"members": [], "invites": []}


def test_users_are_signed_when_the_project_insists() -> None:
    run("project", "add", "default")
    made = read("project", "signing", "add")
    assert len(made["secret"]) == 64
    assert run("project", "signing", "require").exit_code == 0
    shown = read("project", "signing", "show")
    assert (shown["required"], len(shown["secrets"]), shown["traffic"]["share"]) == (True, 1, None)
    run("project", "signing", "require", "--off")
    run("project", "signing", "withdraw", str(made["id"]))
    shown = read("project", "signing", "show")
    assert (shown["required"], shown["secrets"]) == (False, [])


def test_all_of_it_is_in_the_audit_log() -> None:
    run("project", "add", "default")
    run("keys", "create", "--secret")
    run("user", "add", "ada@example.com")
    acts = [(one["actor"], one["action"], one["target"]) for one in reversed(read("audit", "list"))]
    assert acts == [
        ("command line", "project.add", "project 1"),
        ("command line", "key.create", "key 1"),
        ("command line", "member.invite", "invite 1"),
    ]
    verdict = read("audit", "verify")
    assert (verdict["projects"]["default"]["entries"], verdict["projects"]["default"]["broken_at"]) == (3, None)
