"""`waypost decide` and `waypost eval`: rules and conditions over recorded histories, without a server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from api.cli.main import cli

RULES = """
event "Signed Up"
event "Domain Added" { domain: text }

journey activation "Activation" {
  stage onboarding "Onboarding" {
    step signup "Sign up" reached by "Signed Up"
    step connect "Connect" reached by "Domain Added"
  }
}

guide welcome "Welcome" {
  at activation.connect
  when not did "Domain Added"
  show modal { title "Hello" }
  once
  holdout 0%
  expires 2030-01-01
}

guide added "Added" {
  on "Domain Added"
  wait until idle for 5 seconds
  show tooltip beside "#a" { title "Well done" }
  priority 80
  holdout 0%
  expires 2030-01-01
}

guide german "German" {
  on session start
  when language is "de"
  show banner top { title "Hallo" }
  holdout 0%
  expires 2030-01-01
}
"""


def event(name: str, at: str, user: str = "u1", **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": name, "userId": user, "timestamp": at, **more}


HISTORY = [
    event("Signed Up", "2026-03-01T11:00:00Z"),
    event("Signed Up", "2026-03-01T11:30:00Z", "u2"),
    event("Domain Added", "2026-03-01T11:57:00Z", "u2"),
    event("Domain Added", "2026-03-01T13:00:00Z", "u1"),
]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "rules.way").write_text(RULES)
    return tmp_path / "rules.way"


def decide(rules: Path, history: Sequence[Any], *options: str, at: str = "2026-03-01T12:00:00Z") -> Result:
    lines = b"\n".join(each if isinstance(each, bytes) else orjson.dumps(each) for each in history)
    arguments = ["decide", "--rules", str(rules), "--events", "-", "--at", at, *options]
    return CliRunner().invoke(cli, arguments, input=lines)


def decided(rules: Path, history: Sequence[Any], *options: str, at: str = "2026-03-01T12:00:00Z") -> dict[str, Any]:
    ran = decide(rules, history, *options, "--json", at=at)
    assert ran.exit_code == 0, ran.output
    return {read["user"]: read for read in map(orjson.loads, ran.stdout.splitlines())}


def test_each_user_is_decided_as_of_the_instant(rules: Path) -> None:
    assert decided(rules, HISTORY) == {
        "u1": {
            "user": "u1",
            "decisions": [{"guide": "welcome", "kind": "modal", "variant": None}],
            "considered": [{"guide": "welcome", "reason": "TARGETING_MATCH"}],
        },
        "u2": {"user": "u2", "decisions": [], "considered": [{"guide": "welcome", "reason": "NOT_AT_STEP"}]},
    }


def test_with_a_trigger_the_last_event_wakes_rules(rules: Path) -> None:
    found = decided(rules, HISTORY, "--trigger", "Domain Added", "--user", "u2")["u2"]
    wait = {"until": "idle", "seconds": 5}
    assert found["decisions"] == [{"guide": "added", "kind": "tooltip", "variant": None, "wait": wait}]
    assert found["considered"] == [
        {"guide": "added", "reason": "WAITING_FOR_BROWSER"},
        {"guide": "welcome", "reason": "NOT_AT_STEP"},
    ]


@pytest.mark.parametrize(
    ("at", "trigger", "is_woken"),
    [
        ("2026-03-01T12:02:00Z", "Domain Added", True),
        ("2026-03-01T12:02:00.000001Z", "Domain Added", False),
        ("2026-03-01T11:57:00Z", "Domain Added", True),
        ("2026-03-01T11:56:59Z", "Domain Added", False),
        ("2026-03-01T12:00:00Z", "Signed Up", False),
    ],
    ids=["exactly five minutes old", "older", "just now", "not yet", "another name"],
)
def test_the_trigger_is_the_last_event_if_fresh_and_of_the_name(
    rules: Path, at: str, trigger: str, is_woken: bool
) -> None:
    found = decided(rules, HISTORY, "--trigger", trigger, "--user", "u2", at=at)["u2"]
    assert ("added" in [each["guide"] for each in found["considered"]]) is is_woken


def test_no_other_rule_is_woken_by_the_same_event(rules: Path) -> None:
    browser = {"page": {"path": "/"}, "locale": "de-AT"}
    history = [event("Domain Added", "2026-03-01T11:59:00Z", context=browser)]
    context = ["--context", '{"locale": "de-AT"}', "--user", "u1"]
    by_name = decided(rules, history, "--trigger", "Domain Added", *context)["u1"]
    assert [each["guide"] for each in by_name["decisions"]] == ["added"]
    assert "german" not in [each["guide"] for each in by_name["considered"]]
    by_session = decided(rules, history, "--trigger", "$session_start", *context)["u1"]
    assert [each["guide"] for each in by_session["decisions"]] == ["german"]


def test_what_an_anonymous_visitor_did_counts_for_the_user(rules: Path) -> None:
    visitor = {"type": "track", "event": "Signed Up", "anonymousId": "a1", "timestamp": "2026-03-01T10:00:00Z"}
    named = {"type": "identify", "userId": "u9", "anonymousId": "a1", "timestamp": "2026-03-01T10:01:00Z"}
    found = decided(rules, [visitor, named])
    assert found.keys() == {"u9"}
    assert found["u9"]["considered"] == [{"guide": "welcome", "reason": "TARGETING_MATCH"}]
    assert decided(rules, [visitor, named], "--user", "a1").keys() == {"u9"}


def test_a_user_of_whom_nothing_is_known_is_decided(rules: Path) -> None:
    assert decided(rules, [], "--user", "new")["new"]["considered"] == [{"guide": "welcome", "reason": "NOT_AT_STEP"}]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("--user", "u12"),
            "up to then the history has no event of `u12`, who is taken for somebody new; did you mean",
        ),
        (("--user", "zoe"), "up to then the history has no event of `zoe`, who is taken for somebody new\n"),
        (("--trigger", "Domain Add"), "no rule waits for `Domain Add`; did you mean `Domain Added`?\n"),
        (("--trigger", "Signed Up"), "no rule waits for `Signed Up`\n"),
        (("--user", "u1", "--trigger", "Domain Added"), ""),
    ],
)
def test_an_id_or_a_trigger_that_nothing_is_known_of_is_told(rules: Path, options: tuple[str, ...], told: str) -> None:
    ran = decide(rules, HISTORY, *options)
    assert ran.exit_code == 0
    assert told in ran.stderr
    assert bool(told) == bool(ran.stderr)


def test_bad_lines_are_named_and_left_out(rules: Path) -> None:
    untimed = {"type": "track", "event": "Signed Up", "userId": "u1"}
    ran = decide(rules, [b"nonsense", untimed, {"type": "track", "userId": "u1", "timestamp": "now"}, *HISTORY])
    assert ran.exit_code == 0
    assert "line 1 was left out: not JSON" in ran.stderr
    assert "line 2 was left out: an event needs a `timestamp`" in ran.stderr
    assert "line 3 was left out" in ran.stderr
    assert "line 4" not in ran.stderr


def test_a_repeated_message_counts_once(rules: Path) -> None:
    shown = {"messageId": "m1", "properties": {"guide": "welcome"}}
    history = [HISTORY[0], *[event("$shown", "2026-03-01T11:30:00Z", **shown)] * 2]
    assert decided(rules, history)["u1"]["considered"] == [{"guide": "welcome", "reason": "FREQUENCY_CAPPED"}]


def test_of_two_messages_with_one_id_the_first_received_counts_though_it_is_later_than_the_instant(rules: Path) -> None:
    later = event("Domain Added", "2026-03-01T12:30:00Z", messageId="m")
    earlier = event("Domain Added", "2026-03-01T11:59:00Z", messageId="m")
    found = decided(rules, [event("Signed Up", "2026-03-01T11:00:00Z"), later, earlier])["u1"]
    assert [each["guide"] for each in found["decisions"]] == ["welcome"]


def test_for_people_it_says_the_same_in_words(rules: Path) -> None:
    ran = decide(rules, HISTORY, "--trigger", "Domain Added", "--user", "u2")
    assert ran.stdout.splitlines() == [
        "u2",
        "  added    WAITING_FOR_BROWSER  It is shown as soon as the browser sees what the guide waits for.",
        "  welcome  NOT_AT_STEP          The user is at none of the steps after `at`.",
        '  shows added (tooltip, waits: {"until":"idle","seconds":5}, until 2030-01-02T00:00:00Z)',
    ]


def test_rules_with_errors_are_refused_with_their_messages(tmp_path: Path) -> None:
    broken = tmp_path / "broken.way"
    broken.write_text(RULES + 'guide g "G" { when did "Domain Aded" show modal { title "A" } }')
    ran = decide(broken, HISTORY)
    assert ran.exit_code == 1
    assert "unknown event `Domain Aded`" in ran.stderr


def test_names_that_the_history_shows_need_no_declaration(tmp_path: Path) -> None:
    rules = tmp_path / "rules.way"
    rules.write_text('guide g "G" { when did "Thing Done" where size > 3 show modal { title "A" } holdout 0% }')
    found = decided(rules, [event("Thing Done", "2026-03-01T11:00:00Z", properties={"size": 4})])
    assert found["u1"]["considered"] == [{"guide": "g", "reason": "TARGETING_MATCH"}]


@pytest.mark.parametrize(
    "options",
    [["--context", "{"], ["--context", "[1]"]],
    ids=["not JSON", "no object"],
)
def test_a_context_that_is_none_is_a_usage_error(rules: Path, options: list[str]) -> None:
    assert decide(rules, HISTORY, *options).exit_code == 2


def test_the_instant_must_be_given(rules: Path) -> None:
    ran = CliRunner().invoke(cli, ["decide", "--rules", str(rules), "--events", "-"], input=b"")
    assert ran.exit_code == 2


def answers(*questions: Any) -> list[dict[str, Any]]:
    lines = b"\n".join(each if isinstance(each, bytes) else orjson.dumps(each) for each in questions)
    ran = CliRunner().invoke(cli, ["eval"], input=lines)
    assert ran.exit_code == 0, ran.output
    return [orjson.loads(line) for line in ran.stdout.splitlines()]


SEATS = "attribute seats: number"
AT = "2026-03-01T12:00:00Z"
FAILED = {"type": "track", "event": "Failed", "timestamp": "2026-03-01T11:30:00Z"}


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ({"condition": "true"}, True),
        ({"condition": "seats >= 5", "traits": {"seats": 7}, "declare": SEATS}, True),
        ({"condition": "seats >= 5", "traits": {"seats": 3}, "declare": SEATS}, False),
        ({"condition": "seats >= 5", "declare": SEATS}, None),
        (
            {"condition": "account.size > 3", "account": {"size": 4}, "declare": "account attribute size: number"},
            True,
        ),
        ({"condition": 'page.path matches "/a/*"', "context": {"page": {"path": "/a/b"}}}, True),
        ({"condition": 'did "Failed"', "events": [FAILED], "at": AT, "declare": 'event "Failed"'}, True),
        (
            {"condition": 'did "Failed" in last 30 minutes', "events": [FAILED], "at": AT, "declare": 'event "Failed"'},
            False,
        ),
        (
            {
                "condition": 'did "Failed" in last 30 minutes',
                "events": [FAILED],
                "at": "2026-03-01T11:59:59.999999Z",
                "declare": 'event "Failed"',
            },
            True,
        ),
        (
            {
                "condition": 'did "Failed"',
                "events": [FAILED],
                "at": "2026-03-01T11:00:00Z",
                "declare": 'event "Failed"',
            },
            False,
        ),
        (
            {
                "condition": 'anyone in account did "Failed"',
                "events": [FAILED],
                "at": AT,
                "declare": 'event "Failed"',
            },
            True,
        ),
        (
            {
                "condition": "seats >= 5",
                "events": [{"type": "identify", "traits": {"seats": 6}, "timestamp": "2026-03-01T11:00:00Z"}],
                "at": AT,
                "declare": SEATS,
            },
            True,
        ),
    ],
)
def test_a_condition_has_a_value(question: dict[str, Any], value: bool | None) -> None:
    assert answers(question) == [{"value": value}]


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (b"nonsense", "not_json"),
        (b"[]", "not_an_object"),
        ({}, "missing_member"),
        ({"condition": 3}, "wrong_type"),
        ({"condition": "true", "traits": []}, "wrong_type"),
        ({"condition": "true", "events": {}}, "bad_events"),
        ({"condition": "true", "events": [{"type": "tracked", "timestamp": AT}]}, "bad_event"),
        ({"condition": "true", "at": "noon"}, "bad_time"),
        ({"condition": 'did "Nothing"'}, "WP003"),
        ({"condition": 'did "Failed"', "events": [FAILED], "at": AT}, "WP003"),
        ({"condition": "seats >= 5", "traits": {"seats": 7}}, "WP101"),
        ({"condition": 'event.reason is "x"', "declare": 'event "Failed" { reason: text }'}, "WP105"),
    ],
)
def test_a_question_that_cannot_be_answered_has_an_error_with_a_code(question: Any, code: str) -> None:
    (found,) = answers(question)
    assert found["error"]["code"] == code
    assert found["error"]["message"]


def test_an_error_of_the_language_has_its_place_and_help() -> None:
    (found,) = answers({"condition": 'did "Faild"', "declare": 'event "Failed"'})
    error = found["error"]
    assert (error["line"], error["column"], error["help"]) == (1, 5, 'did you mean "Failed"?')


def test_each_line_has_its_answer_and_a_bad_one_takes_no_neighbour_along() -> None:
    assert [each.get("value", "error") for each in answers({"condition": "true"}, b"{", {"condition": "not true"})] == [
        True,
        "error",
        False,
    ]
