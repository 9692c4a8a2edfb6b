"""What a page is told to record: by the project's setting and by the rules, both; and only pages are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.exc import OperationalError

from api.cli.main import cli
from dsl.catalog import Seen
from dsl.project import load
from dsl.project_cache import load_kept
from engine import passwords
from engine.kept_guides import OnDemand
from engine.permissions import Role
from engine.replay.settings import ReplayMode, ReplaySettings
from engine.rollout import Salt, place
from engine.ruleset_cache import build_kept
from engine.trials import trial_of
from tests.api.asking import ORIGIN, PUBLIC_KEY, SECRET_KEY, Site
from tests.api.test_console_pages import visitor, words

DECLARED = """attribute plan: text
persona self_serve "Self-serve" where plan is "trial"
journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Sign up" reached by "Signed Up"
    step verify "Verify" reached by "Domain Verified"
  }
  stage value "Value" {
    step send "Send" reached by "Campaign Sent"
  }
}
"""
GUIDE = 'guide hello "Hello" { show banner top { title "Hello" } holdout 0% goal "Campaign Sent" within 1 day }\n'


def records(site: Site, mode: ReplayMode, rules: str, *, declared: str = DECLARED) -> None:
    """A project that records, by such rules."""
    site.service.tenancy.change(1, replay=ReplaySettings(mode))
    answer = site.post("/api/v1/rules", {"files": {"rules.way": declared + rules + "\n"}}, key=SECRET_KEY)
    assert answer.status_code == 200, answer.get_data(as_text=True)


def batch(
    site: Site, *events: str, key: str = PUBLIC_KEY, decide: bool = True, user: str = "u1", **more: Any
) -> dict[str, Any]:
    messages: list[dict[str, Any]] = [{"type": "track", "event": each, "userId": user} for each in events]
    messages = messages or [{"type": "page", "name": "A page", "userId": user}]
    headers = {"Origin": ORIGIN} if key == PUBLIC_KEY else {}
    answer = site.post("/v1/batch", {"batch": messages, "decide": decide, **more}, key=key, **headers)
    assert answer.status_code == 202, answer.get_data(as_text=True)
    assert answer.json is not None
    return dict(answer.json)


def asked(site: Site, *, key: str = PUBLIC_KEY, user: str = "u1", **more: Any) -> dict[str, Any]:
    headers = {"Origin": ORIGIN} if key == PUBLIC_KEY else {}
    answer = site.post("/v1/decide", {"userId": user, **more}, key=key, **headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json is not None
    return dict(answer.json)


@pytest.mark.parametrize(("mode", "guide"), [(ReplayMode.MOMENTS, ""), (ReplayMode.SESSIONS, GUIDE)])
def test_a_page_is_told_as_its_user_comes_to_a_step_and_leaves_it(site: Site, mode: ReplayMode, guide: str) -> None:
    records(site, mode, guide + "record at activation.verify")
    story = [
        ("Looked Around", "off"),
        ("Signed Up", mode.value),
        ("Looked Around", mode.value),
        ("Domain Verified", "off"),
        ("Campaign Sent", "off"),
    ]
    for event, expected in story:
        assert batch(site, event)["record"] == expected, event
        assert asked(site)["record"] == expected, event


RULES = [
    # What the rules say, who the user is, and whether they are recorded.
    ("record at activation.verify", ["Signed Up"], {}, True),
    ("record at activation.verify", [], {}, False),
    ("record at activation.onboarding", [], {}, True),
    ("record at activation.onboarding", ["Signed Up", "Domain Verified"], {}, False),
    ("record at activation.signup, activation.send", ["Domain Verified"], {}, True),
    ("record for self_serve", [], {"plan": "trial"}, True),
    ("record for self_serve", [], {"plan": "pro"}, False),
    ("record for self_serve", [], {}, False),
    ("record at activation.verify for self_serve", ["Signed Up"], {"plan": "trial"}, True),
    ("record at activation.verify for self_serve", [], {"plan": "trial"}, False),
    ("record at activation.verify for self_serve", ["Signed Up"], {"plan": "pro"}, False),
    ("record at activation.send\nrecord for self_serve", [], {"plan": "trial"}, True),
    ("", ["Signed Up"], {"plan": "trial"}, False),
]


def test_whoever_any_of_the_rules_is_of_is_recorded(site: Site) -> None:
    for number, (rules, events, traits, is_recorded) in enumerate(RULES):
        user, expected = f"u{number}", "moments" if is_recorded else "off"
        records(site, ReplayMode.MOMENTS, rules)
        site.post("/v1/identify", {"userId": user, "traits": traits}, Origin=ORIGIN)
        assert batch(site, *events, user=user)["record"] == expected, rules
        assert asked(site, user=user)["record"] == expected, rules


def test_a_share_is_always_of_the_same_users(site: Site) -> None:
    users = {f"u{number}": place(Salt.RECORD, "", f"u{number}") for number in range(12)}
    border = sorted(users.values())[6]
    for percent in (border / 10_000, 100 - 1e-4):
        records(site, ReplayMode.MOMENTS, f"record at activation.signup sample {percent:.4f}%")
        told = {user: batch(site, user=user)["record"] for user in users}
        assert told == {user: "moments" if at < percent * 10_000 - 0.5 else "off" for user, at in users.items()}


def test_nothing_is_said_where_the_project_does_not_record_and_no_rule_is_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("who does not record pays for it")

    monkeypatch.setattr("engine.guidance.recorded_by", refuse)
    records(site, ReplayMode.OFF, GUIDE + "record at activation.signup")
    assert "record" not in batch(site)
    assert "record" not in asked(site)


def test_nobody_is_recorded_before_there_are_rules(site: Site) -> None:
    site.service.tenancy.change(1, replay=ReplaySettings(ReplayMode.SESSIONS))
    assert batch(site)["record"] == "off"
    assert asked(site)["record"] == "off"


def test_a_server_is_told_nothing(site: Site) -> None:
    records(site, ReplayMode.MOMENTS, "record at activation.signup")
    assert batch(site)["record"] == "moments"
    assert "record" not in batch(site, key=SECRET_KEY)
    assert "record" not in asked(site, key=SECRET_KEY)


def test_what_asks_for_no_guidance_is_told_nothing(site: Site) -> None:
    records(site, ReplayMode.MOMENTS, "record at activation.signup")
    assert "record" not in batch(site, decide=False)
    message = {"batch": [{"type": "page", "userId": "u1"}], "decide": True}
    history = site.post("/v1/import", message, Origin=ORIGIN).json
    assert history is not None
    assert "record" not in history


def test_without_consent_nobody_is_recorded(site: Site) -> None:
    records(site, ReplayMode.SESSIONS, GUIDE + "record at activation.signup")
    refused = {"consent": {"guidance": False}}
    assert batch(site)["record"] == "sessions"
    assert batch(site, context=refused)["record"] == "off"
    assert asked(site, context=refused)["record"] == "off"
    assert asked(site, context={"consent": {"guidance": True}})["record"] == "sessions"


def test_switching_guidance_off_is_no_matter_to_what_is_recorded(site: Site) -> None:
    records(site, ReplayMode.MOMENTS, GUIDE + "record at activation.signup")
    assert [each["guide"] for each in asked(site)["decisions"]] == ["hello"]
    site.service.publications.switch(1, is_stopped=True, by="a test")
    reply = asked(site)
    assert (reply["decisions"], reply["record"]) == ([], "moments")


def test_while_a_history_is_folded_again_what_holds_goes_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    records(site, ReplayMode.MOMENTS, "record at activation.signup")
    assert [batch(site, "Looked Around")["record"] for _ in range(3)] == ["moments"] * 3
    with monkeypatch.context() as held:
        held.setattr("engine.roster.FOLDED_AT_ONCE", 1)
        held.setattr(site.service._ingest, "_fold_again", lambda _: None)
        late = {"type": "track", "event": "Signed Up", "userId": "u1", "timestamp": "2020-01-01T00:00:00Z"}
        told = site.post("/v1/batch", {"batch": [late], "decide": True}, Origin=ORIGIN).json
        assert told is not None
        assert told["ttl"] == 1
        assert "record" not in told
        assert "record" not in asked(site)
    site.service._refolding.start(1)
    assert site.service.settle(1, 30)
    assert asked(site)["record"] == "off"


def test_without_the_database_nothing_is_said_of_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    records(site, ReplayMode.MOMENTS, "record at activation.signup")
    assert asked(site)["record"] == "moments"

    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr("engine.onlooker.glimpse", refuse)
    monkeypatch.setattr("engine.ingest.Ingest.decide", refuse)
    reply = asked(site)
    assert reply["degraded"] is True
    assert "record" not in reply


def test_the_rules_are_kept_with_what_they_record(site: Site) -> None:
    records(site, ReplayMode.MOMENTS, GUIDE + "record for self_serve sample 40%")
    before = asked(site)["revision"]
    records(site, ReplayMode.MOMENTS, GUIDE + "# the same\nrecord  sample 40%  for self_serve")
    assert asked(site)["revision"] == before
    records(site, ReplayMode.MOMENTS, GUIDE + "record for self_serve sample 41%")
    assert asked(site)["revision"] != before


def test_it_is_told_of_a_user_why_they_are_recorded_or_not(site: Site) -> None:
    records(site, ReplayMode.MOMENTS, "record at activation.verify\nrecord for self_serve sample 100%")
    batch(site, "Signed Up")
    told = site.get("/api/v1/users/u1/recorded").json
    assert told is not None
    assert told.pop("at")
    place = {"file": "rules.way", "meaning": "The user is recorded.", "reason": "TARGETING_MATCH"}
    assert told == {
        "user": "u1",
        "mode": "moments",
        "recorded": True,
        "records": [
            {"record": "record at activation.verify", "line": 12, "records": True, **place},
            {
                "record": "record for self_serve sample 100%",
                "file": "rules.way",
                "line": 13,
                "records": False,
                "reason": "NOT_IN_AUDIENCE",
                "meaning": "The user is in none of its segments, as far as is known.",
            },
        ],
    }
    site.service.tenancy.change(1, replay=ReplaySettings(ReplayMode.OFF))
    off = site.get("/api/v1/users/u1/recorded").json
    assert off is not None
    assert (off["mode"], off["recorded"], off["records"][0]["records"]) == ("off", False, True)
    assert site.get("/api/v1/users/nobody/recorded").status_code == 404


def test_the_page_of_a_user_says_it_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(n=6, r=1, p=1))

    def said() -> str:
        found = words(console.get("/console/p/default/users?id=u1&tab=state"))
        return found.partition("Recorded now ")[2].partition(" Sessions ")[0].partition(" Traits ")[0]

    records(site, ReplayMode.MOMENTS, "record at activation.verify")
    batch(site, "Looked Around")
    console = visitor(site, Role.ADMIN)
    assert said() == "No. The user does not stand at any of its steps."
    batch(site, "Signed Up")
    assert said() == "Yes, by record at activation.verify (rules.way, line 12)."
    site.service.tenancy.change(1, replay=ReplaySettings(ReplayMode.OFF))
    assert said().startswith("No: the project records nothing. The rules would, by record at activation.verify")
    records(site, ReplayMode.OFF, GUIDE)
    assert said() == ""


HISTORY = """
{"type":"identify","userId":"ada","traits":{"plan":"trial"},"timestamp":"2026-03-01T09:00:00Z","messageId":"1"}
{"type":"track","event":"Signed Up","userId":"ada","timestamp":"2026-03-01T10:00:00Z","messageId":"2"}
{"type":"track","event":"Looked Around","userId":"bob","timestamp":"2026-03-01T10:00:00Z","messageId":"3"}
"""
RECORDED = """\
ada, 2026-03-01T10:00:00Z
  recorded: yes, by record for self_serve (FILE:13), where the project's settings allow it
    record at activation.send sample 20%  (FILE:12)
      NOT_AT_STEP      The user does not stand at any of its steps.
    record for self_serve  (FILE:13)
      TARGETING_MATCH  The user is recorded.

bob, 2026-03-01T10:00:00Z
  recorded: no
    record at activation.send sample 20%  (FILE:12)
      NOT_AT_STEP      The user does not stand at any of its steps.
    record for self_serve  (FILE:13)
      NOT_IN_AUDIENCE  The user is in none of its segments, as far as is known.
"""


def explained(folder: Path, *options: str, rules: str) -> Result:
    file, history = folder / "rules.way", folder / "history.ndjson"
    file.write_text(DECLARED + rules, encoding="utf-8")
    history.write_text(HISTORY.strip() + "\n", encoding="utf-8")
    return CliRunner().invoke(cli, ["explain", str(file), "--events", str(history), *options])


def test_a_history_says_who_would_be_recorded_and_by_which_rule(tmp_path: Path) -> None:
    rules = "record at activation.send sample 20%\nrecord for self_serve\n"
    found = explained(tmp_path, rules=rules)
    assert (found.exit_code, found.output.strip()) == (0, RECORDED.strip().replace("FILE", str(tmp_path / "rules.way")))
    told = orjson.loads(explained(tmp_path, "--user", "ada", "--json", rules=rules).output)
    assert (told["user"], told["at"], told["recorded"]) == ("ada", "2026-03-01T10:00:00Z", True)
    assert [(each["line"], each["reason"]) for each in told["records"]] == [
        (12, "NOT_AT_STEP"),
        (13, "TARGETING_MATCH"),
    ]
    refused = explained(tmp_path, "--context", '{"consent": {"guidance": false}}', rules=rules).output
    assert refused.count("recorded: no") == 2
    assert refused.count("NO_CONSENT") == 4


def test_rules_that_record_nobody_are_asked_about_a_guide(tmp_path: Path) -> None:
    found = explained(tmp_path, rules=GUIDE)
    assert found.exit_code == 2
    assert "say which guide" in found.output


def test_the_rules_themselves_are_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "rules.way"
    file.write_text(DECLARED + "record at activation.verify for self_serve sample 20%\n", encoding="utf-8")
    said = CliRunner().invoke(cli, ["explain", str(file)]).output
    assert f"record: {file}:12" in said
    assert "20 % of self-serve users at Verify, always the same ones." in said
    told = orjson.loads(CliRunner().invoke(cli, ["explain", str(file), "--json"]).output)
    assert [len(each["lines"]) for each in told["records"]] == [2]


def test_what_a_draft_records_waits_until_it_is_published() -> None:
    live = load({"a.way": DECLARED})
    draft = load({"a.way": DECLARED + "record for self_serve\n" + GUIDE})
    trial = trial_of(live, draft, "self_serve")
    assert (trial.guides, trial.waiting) == (("hello",), ("record for self_serve",))
    assert "record" not in trial.text


def test_rules_from_the_disk_record_as_those_that_were_read(tmp_path: Path) -> None:
    files = {"a.way": DECLARED + "record at activation.verify for self_serve sample 20%\n" + GUIDE}
    built = [build_kept(load_kept(files, folder=tmp_path, seen=Seen(), zone="UTC"), folder=tmp_path) for _ in range(2)]
    cold, warm = built
    assert isinstance(warm.by_name, OnDemand)
    assert [each.node for each in warm.records] == [each.node for each in cold.records]
    assert [each.needs for each in warm.records] == [each.needs for each in cold.records]
    assert warm.plan.revision == cold.plan.revision
