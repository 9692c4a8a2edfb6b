"""Projects and environments apart, keys that may do some things only, signed users, rates, and the record of it all."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import jwt
import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from werkzeug.test import TestResponse

from api.app import create_app
from api.cli.main import cli
from api.config import read_settings
from dsl.values import DAY, HOUR, MINUTE, SECOND, Duration, Instant
from engine.environments import BadProjectName, Environment, ProjectExists
from engine.errors import StorageUnavailable, UnknownProject
from engine.permissions import GRANTS, MEANINGS, Role, Scope
from engine.replies import KeyKind
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site, problem

EVENT = {"event": "Signed Up", "userId": "u1"}


def refusal(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, problem(answer)["code"]


# --- projects and environments


def test_an_environment_has_people_rules_and_keys_of_its_own(site: Site) -> None:
    staging = site.service.tenancy.add("default", Environment.STAGING)
    key = site.service.create_key(staging.id, KeyKind.SECRET).text
    site.post("/v1/track", EVENT)
    site.service.publish(1, {"a.way": 'event "A"\n'})
    assert site.get("/api/v1/users/u1").status_code == 200
    assert site.get("/api/v1/users/u1", key=key).status_code == 404
    assert [(site.get("/api/v1/rules", key=one).json or {})["version"] for one in (SECRET_KEY, key)] == [1, None]
    shown = [(site.get("/api/v1/project", key=one).json or {}) for one in (SECRET_KEY, key)]
    assert [(one["project"], one["environment"]) for one in shown] == [
        ("default", "production"),
        ("default", "staging"),
    ]


def test_a_rule_goes_from_one_environment_to_another_by_publishing_it_there(site: Site) -> None:
    staging = site.service.tenancy.add("default", Environment.STAGING)
    files = {"a.way": 'event "A"\n'}
    site.service.publish(staging.id, files)
    assert site.service.publications.files(1) is None
    site.service.publish(1, dict(site.service.publications.files(staging.id) or {}))
    assert site.service.publications.files(1) == files


@pytest.mark.parametrize(
    ("environment", "begins"),
    [("production", "wp_sec_"), ("staging", "wp_sec_stg_"), ("development", "wp_sec_dev_")],
)
def test_a_key_says_which_environment_it_opens(site: Site, environment: str, begins: str) -> None:
    project = site.service.tenancy.add("shop")
    if environment != "production":
        project = site.service.tenancy.add("shop", Environment(environment))
    made = site.service.create_key(project.id, KeyKind.SECRET)
    assert made.text.startswith(begins)
    assert made.view.environment.value == environment
    assert made.view.shown == made.text[: len(begins) + 4] + "…"


def test_members_belong_to_a_project_in_all_its_environments(site: Site) -> None:
    staging = site.service.tenancy.add("default", Environment.STAGING)
    user = site.service.sign_in.known_elsewhere("https://id", "s", email="a@example.com", roles={1: Role.VIEWER})
    cookie = site.service.sign_in.start(user, lasts=Duration(DAY)).cookie
    site.client.set_cookie("waypost_session", cookie)
    answer = site.client.get("/api/v1/project", headers={"Waypost-Project": staging.slug})
    assert (answer.json or {})["environment"] == "staging"


def test_what_cannot_be_made_is_refused(site: Site) -> None:
    with pytest.raises(ProjectExists):
        site.service.tenancy.add("default")
    with pytest.raises(UnknownProject):
        site.service.tenancy.add("nowhere", Environment.STAGING)
    for name in ("", "Shop", "a/b", "a b", "-a", "x" * 41, "ü"):
        with pytest.raises(BadProjectName):
            site.service.tenancy.add(name)


# --- keys


def test_a_key_may_do_what_it_was_made_for_and_no_more(site: Site) -> None:
    made = site.post("/api/v1/keys", {"kind": "secret", "scopes": ["rules:read"]}, key=SECRET_KEY).json or {}
    assert site.get("/api/v1/rules", key=made["key"]).status_code == 200
    assert refusal(site.get("/api/v1/keys", key=made["key"])) == (403, "missing_scope")
    assert refusal(site.post("/v1/track", EVENT, key=made["key"])) == (403, "missing_scope")


def test_a_key_makes_no_key_that_may_more(site: Site) -> None:
    maker = site.service.tenancy.create_key(1, KeyKind.SECRET, scopes=frozenset({Scope.KEYS_WRITE})).text
    assert refusal(site.post("/api/v1/keys", {"kind": "secret", "scopes": ["rules:write"]}, key=maker)) == (
        403,
        "scope_not_held",
    )
    made = site.post("/api/v1/keys", {"kind": "secret"}, key=maker).json or {}
    assert made["scopes"] == ["keys:write"]
    # Rotating would hand out the text of a key that may everything.
    assert refusal(site.post("/api/v1/keys/2/rotate", {}, key=maker)) == (403, "scope_not_held")


def test_a_key_that_has_expired_is_no_key(site: Site) -> None:
    ends = Instant(site.clock.now + HOUR)
    key = site.service.tenancy.create_key(1, KeyKind.SECRET, expires=ends).text
    assert site.get("/api/v1/rules", key=key).status_code == 200
    site.clock.move(Duration(1 * HOUR))
    assert refusal(site.get("/api/v1/rules", key=key)) == (401, "unknown_key")
    late = {"kind": "public", "expires": "2020-01-01T00:00:00Z"}
    assert refusal(site.post("/api/v1/keys", late, key=SECRET_KEY)) == (422, "invalid_fields")


def test_two_keys_live_while_one_is_rotated_and_never_three(site: Site) -> None:
    first = site.post("/api/v1/keys", {"kind": "secret", "name": "etl"}, key=SECRET_KEY).json or {}
    second = site.post(f"/api/v1/keys/{first['id']}/rotate", {"grace": 3600}, key=SECRET_KEY).json or {}
    assert second["name"] == "etl"
    assert [site.get("/api/v1/rules", key=each["key"]).status_code for each in (first, second)] == [200, 200]
    for number in (first["id"], second["id"]):
        again = site.post(f"/api/v1/keys/{number}/rotate", {}, key=SECRET_KEY)
        assert refusal(again) == (409, "key_already_rotated")
    site.clock.move(Duration(1 * HOUR))
    assert [site.get("/api/v1/rules", key=each["key"]).status_code for each in (first, second)] == [401, 200]
    assert site.post(f"/api/v1/keys/{second['id']}/rotate", {}, key=SECRET_KEY).status_code == 201


def test_a_key_remembers_to_the_minute_when_it_was_used(site: Site) -> None:
    def used() -> list[Instant | None]:
        site.service.tenancy.change(1)  # whatever waited is written before this
        return [view.last_used for view in site.service.keys(1)]

    assert used() == [None, None]
    site.get("/api/v1/rules")
    first = site.clock.now
    assert used() == [None, first]
    site.clock.move(Duration(30 * SECOND))
    site.get("/api/v1/rules")
    assert used() == [None, first]
    site.clock.move(Duration(30 * SECOND))
    site.get("/api/v1/rules")
    assert used() == [None, first + MINUTE]


def test_keys_that_were_known_still_open_while_the_database_is_away(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site.service.authenticate(PUBLIC_KEY) is not None
    site.service.projects()
    site.clock.move(Duration(10 * MINUTE))

    def away() -> None:
        raise StorageUnavailable("gone")

    monkeypatch.setattr(site.service.database, "reading", away)
    assert site.service.authenticate(PUBLIC_KEY) is not None
    assert site.service.project(1) is not None
    with pytest.raises(StorageUnavailable):
        site.service.authenticate("wp_pub_never-seen-before")
    site.clock.move(Duration(1 * HOUR))
    with pytest.raises(StorageUnavailable):
        site.service.authenticate(PUBLIC_KEY)


def test_every_scope_has_a_meaning_and_every_role_may_more_than_the_one_before() -> None:
    assert set(MEANINGS) == set(Scope)
    roles = [GRANTS[role] for role in Role]
    assert all(lower < higher for lower, higher in pairwise(roles))


# --- signed users


def token(secret: str, *, now: Instant, algorithm: str = "HS256", **claims: Any) -> str:
    said = {"sub": "u1", "exp": now // SECOND + 300, **claims}
    return jwt.encode({name: value for name, value in said.items() if value is not None}, secret, algorithm=algorithm)


@pytest.fixture
def secret(site: Site) -> str:
    _, text = site.service.vouching.add_secret(1)
    site.service.tenancy.change(1, signed_users=True)
    return text


def rejected(answer: TestResponse) -> list[str]:
    assert answer.status_code == 202, answer.get_data(as_text=True)
    return [each["code"] for each in dict(answer.json or {})["rejected"]]


def test_a_signed_user_is_taken_and_another_one_refused(site: Site, secret: str) -> None:
    good = token(secret, now=site.clock.now)
    messages = [
        {"type": "track", **EVENT},
        {"type": "track", "event": "Signed Up", "userId": "u2", "anonymousId": "a2"},
        {"type": "track", "event": "Signed Up", "anonymousId": "a1"},
        {"type": "alias", "previousId": "a1", "userId": "u2"},
    ]
    answer = site.post("/v1/batch", {"batch": messages, "userToken": good})
    found = dict(answer.json or {})
    assert [(each["index"], each["code"]) for each in found["rejected"]] == [
        (1, "unsigned_user"),
        (3, "unsigned_user"),
    ]
    assert found["accepted"] == 2
    assert site.service.user(1, user_id="u2") is None


TOKENS: dict[str, dict[str, Any]] = {
    "none": {},
    "that is over": {"exp": -3600},
    "without an end": {"exp": None},
    "that has not begun": {"nbf": 3600},
    "of somebody else": {"sub": "u2"},
    "of nobody": {"sub": None},
    "of a number": {"sub": 7},
    "signed with another secret": {"secret": "x" * 64},
    "signed with another algorithm": {"algorithm": "HS512"},
    "not signed": {"algorithm": "none", "secret": ""},
}


@pytest.mark.parametrize("way", TOKENS)
def test_a_user_without_proof_is_refused_where_the_project_insists(site: Site, secret: str, way: str) -> None:
    said = dict(TOKENS[way])
    now = site.clock.now // SECOND
    for name in ("exp", "nbf"):
        if isinstance(said.get(name), int):
            said[name] += now
    key = said.pop("secret", secret)
    body: dict[str, Any] = {} if way == "none" else {"userToken": token(key, now=site.clock.now, **said)}
    assert rejected(site.post("/v1/track", {**EVENT, **body})) == ["unsigned_user"]
    assert refusal(site.post("/v1/decide", {"userId": "u1", **body})) == (403, "unsigned_user")
    assert site.service.user(1, user_id="u1") is None


@pytest.mark.parametrize("odd", ["", 7, [], {}, "a.b.c", "x" * 5_000, None])
def test_whatever_comes_as_a_token_breaks_nothing(site: Site, secret: str, odd: Any) -> None:
    assert rejected(site.post("/v1/track", {**EVENT, "userToken": odd})) == ["unsigned_user"]


def test_visitors_and_servers_need_no_proof(site: Site, secret: str) -> None:
    assert rejected(site.post("/v1/track", {"event": "Signed Up", "anonymousId": "a1"})) == []
    assert rejected(site.post("/v1/track", EVENT, key=SECRET_KEY)) == []
    assert site.post("/v1/decide", {"anonymousId": "a1"}).status_code == 200
    assert site.post("/v1/decide", {"userId": "u1"}, key=SECRET_KEY).status_code == 200


def test_where_the_project_insists_on_proof_no_page_can_tell_of_a_release(site: Site, secret: str) -> None:
    told: dict[str, Any] = {"event": "$release", "properties": {"version": "2.4"}}
    good = token(secret, now=site.clock.now)
    assert rejected(site.post("/v1/track", {**told, "anonymousId": "a1"})) == ["reserved_name"]
    assert rejected(site.post("/v1/track", {**told, "userId": "u1", "userToken": good})) == ["reserved_name"]
    assert rejected(site.post("/v1/track", {**told, "anonymousId": "releases"}, key=SECRET_KEY)) == []
    site.service.tenancy.change(1, signed_users=False)
    assert rejected(site.post("/v1/track", {**told, "anonymousId": "a1"})) == []


def test_a_signed_user_takes_over_nobody_elses_history(site: Site, secret: str) -> None:
    """A token for one known user never makes another known user one with it."""
    site.post("/v1/track", {**EVENT, "userId": "victim"}, key=SECRET_KEY)
    good = token(secret, now=site.clock.now)
    site.post("/v1/alias", {"previousId": "victim", "userId": "u1", "userToken": good})
    victim = site.service.user(1, user_id="victim")
    mine = site.service.user(1, user_id="u1")
    assert victim is not None
    assert mine is None or mine.person_id != victim.person_id


def test_both_secrets_are_good_until_the_old_one_ends(site: Site, secret: str) -> None:
    second = (site.post("/api/v1/project/signing/secrets", {"grace": 3600}, key=SECRET_KEY).json or {})["secret"]
    for each in (secret, second):
        assert rejected(site.post("/v1/track", {**EVENT, "userToken": token(each, now=site.clock.now)})) == []
    site.clock.move(Duration(1 * HOUR))
    found = [
        rejected(site.post("/v1/track", {**EVENT, "userToken": token(each, now=site.clock.now)}))
        for each in (secret, second)
    ]
    assert found == [["unsigned_user"], []]


def test_the_share_of_signed_traffic_says_when_one_may_insist(site: Site, secret: str) -> None:
    site.service.tenancy.change(1, signed_users=False)
    good = token(secret, now=site.clock.now)
    for body in ({"userToken": good}, {"userToken": good}, {"userToken": good}, {}, {"userToken": "a.b.c"}):
        assert rejected(site.post("/v1/track", {**EVENT, **body})) == []
    site.post("/v1/track", {"event": "Signed Up", "anonymousId": "a1"})
    site.post("/v1/track", EVENT, key=SECRET_KEY)
    traffic = (site.get("/api/v1/project/signing").json or {})["traffic"]
    assert traffic == {"days": 7, "signed": 3, "unsigned": 1, "invalid": 1, "share": 0.6}


# --- rates


def test_one_address_may_ask_so_often(site: Site) -> None:
    settings = read_settings({"WAYPOST_RATE_PER_ADDRESS": "3/minute"})
    client = create_app(settings, service=site.service, clock=site.clock).test_client()

    def ask(address: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {PUBLIC_KEY}", "Origin": ORIGIN}
        return client.post("/v1/track", json=EVENT, headers=headers, environ_base={"REMOTE_ADDR": address})

    assert [ask("203.0.113.7").status_code for _ in range(4)] == [202, 202, 202, 429]
    refused = ask("203.0.113.7")
    assert problem(refused)["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN  # the page may read when to come back
    assert ask("203.0.113.8").status_code == 202
    # One customer's IPv6 network is one address; this machine itself is never counted.
    assert [ask(f"2001:db8::{n}").status_code for n in range(4)] == [202, 202, 202, 429]
    assert [ask("127.0.0.1").status_code for _ in range(5)] == [202] * 5


def test_one_key_may_be_used_so_often_from_everywhere(site: Site) -> None:
    settings = read_settings({"WAYPOST_RATE_PER_KEY": "3/minute"})
    client = create_app(settings, service=site.service, clock=site.clock).test_client()
    found = [
        client.get(
            "/api/v1/rules",
            headers={"Authorization": f"Bearer {SECRET_KEY}"},
            environ_base={"REMOTE_ADDR": f"203.0.113.{number}"},
        ).status_code
        for number in range(4)
    ]
    assert found == [200, 200, 200, 429]


# --- the audit log


def entries(site: Site) -> list[dict[str, Any]]:
    return list((site.get("/api/v1/audit?limit=500").json or {})["data"])


def test_every_administrative_act_is_recorded_without_personal_data(site: Site) -> None:
    site.post("/api/v1/keys", {"kind": "secret", "name": "ada@example.com"}, key=SECRET_KEY)
    site.post("/api/v1/keys/3/rotate", {}, key=SECRET_KEY)
    site.client.delete("/api/v1/keys/3", headers={"Authorization": f"Bearer {SECRET_KEY}"})
    site.post("/api/v1/rules", {"files": {"a.way": 'event "A"\n'}}, key=SECRET_KEY)
    for _ in range(2):  # the same again changes nothing
        site.post("/api/v1/plan", {"plan": {"events": {"A": {}}}}, key=SECRET_KEY)
    site.client.put("/api/v1/rules/stopped", json={"stopped": True}, headers={"Authorization": f"Bearer {SECRET_KEY}"})
    site.post("/api/v1/invites", {"email": "ada@example.com", "role": "viewer"}, key=SECRET_KEY)
    site.post("/api/v1/project/signing/secrets", {}, key=SECRET_KEY)
    site.client.patch("/api/v1/project", json={"signed_users": True}, headers={"Authorization": f"Bearer {SECRET_KEY}"})
    found = [(one["actor"], one["action"], one["target"]) for one in reversed(entries(site))]
    assert found == [
        ("first start", "project.add", "project 1"),
        ("first start", "key.create", "key 1"),
        ("first start", "key.create", "key 2"),
        ("key 2", "key.create", "key 3"),
        ("key 2", "key.rotate", "key 4"),
        ("key 2", "key.revoke", "key 3"),
        ("key 2", "rules.publish", "version 1"),
        ("key 2", "plan.publish", "plan version 1"),
        ("key 2", "guidance.stop", ""),
        ("key 2", "member.invite", "invite 1"),
        ("key 2", "signing.add", "signing secret 1"),
        ("key 2", "settings.change", "project 1"),
    ]
    assert "ada@" not in orjson.dumps(entries(site)).decode()
    assert (site.get("/api/v1/audit/verify").json or {})["ok"] is True


TAMPERED = {
    "an entry was changed": "UPDATE audit SET target = 'key 99' WHERE project_id = 1 AND seq = 2",
    "an entry was left out": "DELETE FROM audit WHERE project_id = 1 AND seq = 2",
    "the first one was left out": "DELETE FROM audit WHERE project_id = 1 AND seq = 1",
    "a time was changed": "UPDATE audit SET time = time - 1 WHERE project_id = 1 AND seq = 2",
    "a hash was made up": "UPDATE audit SET hash = 'aaaaaaaaaaaaaaaa' WHERE project_id = 1 AND seq = 2",
    "two were swapped": "UPDATE audit SET seq = 5 - seq WHERE project_id = 1 AND seq IN (2, 3)",
}


@pytest.mark.parametrize("way", TAMPERED)
def test_a_log_that_was_tampered_with_is_found_out(site: Site, way: str) -> None:
    with site.service.database.writing() as connection:
        if way == "two were swapped":
            connection.execute(sa.text("UPDATE audit SET seq = 900 + seq WHERE project_id = 1 AND seq IN (2, 3)"))
            connection.execute(sa.text("UPDATE audit SET seq = 905 - seq WHERE project_id = 1 AND seq > 900"))
        else:
            connection.execute(sa.text(TAMPERED[way]))
    verdict = site.service.auditing.verify(1)
    assert verdict.broken_at is not None
    assert (site.get("/api/v1/audit/verify").json or {})["ok"] is False


def test_a_log_that_was_cut_off_is_found_out_by_a_noted_head(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.service.tenancy.change(1, name="shop")
    noted = site.service.auditing.verify(1)
    monkeypatch.setenv("WAYPOST_DATA_DIR", str(site.app.extensions["waypost"].settings.data_dir))

    def run(*more: str) -> int:
        return CliRunner().invoke(cli, ["audit", "verify", *more]).exit_code

    head = f"{noted.entries}:{noted.head}"
    assert (run(), run("--head", head)) == (0, 0)
    with site.service.database.writing() as connection:
        connection.execute(sa.text("DELETE FROM audit WHERE seq = :seq"), {"seq": noted.entries})
    assert (run(), run("--head", head)) == (0, 1)


def test_the_log_is_read_page_by_page(site: Site) -> None:
    for _ in range(5):
        site.service.tenancy.change(1, name="shop")
    seen: list[int] = []
    before = ""
    while True:
        page = site.get(f"/api/v1/audit?limit=3{before}").json or {}
        seen += [one["seq"] for one in page["data"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == [8, 7, 6, 5, 4, 3, 2, 1]


def test_any_order_of_acts_of_two_projects_keeps_both_chains_whole(site: Site) -> None:
    other = site.service.tenancy.add("other")
    random.seed(4)
    for _ in range(40):
        site.service.tenancy.change(random.choice([1, other.id]), name="n")  # noqa: S311
    verdicts = [site.service.auditing.verify(number) for number in (1, other.id)]
    assert [verdict.broken_at for verdict in verdicts] == [None, None]
    assert sum(verdict.entries for verdict in verdicts) == 44
