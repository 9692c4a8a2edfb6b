"""Journeys, guides, answers and feelings: each condition over histories for which it is true, false and unknown."""

from __future__ import annotations

import pytest

from dsl.compiler import CompileError, compile_condition
from dsl.compiler.conditions import LEAVES
from dsl.nodes import And, Condition, NoneOf, Not, Or
from dsl.parser import parse_condition
from tests.engine.histories import project, truth

SIGNED_UP, ADDED, FAILED, VERIFIED = "Signed Up", "Domain Added", "DNS Check Failed", "Domain Verified"
SENT = "Campaign Sent"
ONE = {"recipients": 1}
HERE = "activation.verify_domain"


def page(ago: str, path: str) -> tuple[str, str, dict[str, str]]:
    """A page view."""
    return (ago, "$page", {"path": path})


STANDING = [
    ("at activation.signup", [], True),
    (f"at {HERE}", [], False),
    ("at activation.onboarding", [], True),
    ("at activation.first_value", [], False),
    (f"at {HERE}", [("2 days", SIGNED_UP), ("1 day", ADDED)], True),
    (f"at {HERE}", [("2 days", ADDED)], True),
    (f"at {HERE}", [("2 days", ADDED), ("1 day", SIGNED_UP)], True),
    (f"at {HERE}", [("2 days", VERIFIED), ("1 day", ADDED)], False),
    ("at activation.first_value", [("2 days", VERIFIED)], True),
    ("at activation.first_campaign", [("1 day", SENT, ONE)], False),
    ("not at activation.first_campaign", [("1 day", SENT, ONE)], True),
    ("at activation.signup", [("1 day", SENT, {"recipients": 0})], True),
    ("reached activation.connect_domain", [("2 days", ADDED)], True),
    ("reached activation.signup", [("2 days", ADDED)], False),
    ("not reached activation.signup", [("2 days", ADDED)], True),
    ("reached activation.signup", [("2 days", ADDED), ("1 day", SIGNED_UP)], True),
    ("reached activation.onboarding", [("2 days", ADDED)], True),
    ("reached activation.onboarding", [], False),
    ("reached activation.first_campaign", [("1 day", SENT)], False),
    ("completed activation", [], False),
    ("completed activation", [("1 day", SENT, {"recipients": 0})], True),
    ("completed short", [("1 day", "One Done")], False),
    ("completed short", [("1 day", "Two Done")], True),
]

STUCK = [
    (f"stuck at {HERE} for 15 minutes", [], False),
    (f"stuck at {HERE} for 15 minutes", [("15 minutes", ADDED)], True),
    (f"stuck at {HERE} for 15 minutes", [("14 minutes", ADDED)], False),
    (f"stuck at {HERE} for 15 minutes", [("3 days", ADDED), ("1 minute", ADDED), ("1 minute", FAILED)], True),
    (f"stuck at {HERE} for 15 minutes", [("3 days", ADDED), ("1 minute", SIGNED_UP)], True),
    (f"stuck at {HERE} for 15 minutes", [("3 days", ADDED), ("1 minute", VERIFIED)], False),
    ("stuck at activation.signup for 1 day", [], False),
    ("stuck at activation.signup for 1 day", [("1 day", "Viewed Docs")], True),
    ("stuck at activation.signup for 1 day", [("23 hours", "Viewed Docs")], False),
    ("stuck at activation.onboarding for 15 minutes", [("15 minutes", ADDED)], True),
    ("stuck at activation.signup for 1 day", [("1 day", SENT, ONE)], False),
]

BACK = "returned to activation.connect_domain at least 2 times"
RETURNS = [
    (BACK, [], False),
    (BACK, [("9 hours", ADDED), ("8 hours", ADDED), ("7 hours", ADDED)], False),
    (
        BACK,
        [("9 hours", ADDED), ("8 hours", FAILED), ("7 hours", ADDED), ("6 hours", FAILED), ("5 hours", ADDED)],
        True,
    ),
    (BACK, [("9 hours", ADDED), ("8 hours", FAILED), ("7 hours", ADDED), ("6 hours", ADDED)], False),
    (BACK, [("9 hours", FAILED), ("8 hours", ADDED), ("7 hours", FAILED), ("6 hours", ADDED)], False),
    (
        "returned to activation.connect_domain",
        [("9 hours", ADDED), page("8 hours", "/domains/7"), page("7 hours", "/domains/new")],
        True,
    ),
    (
        "returned to activation.connect_domain",
        [("9 hours", ADDED), page("8 hours", "/home"), page("7 hours", "/domains/new")],
        False,
    ),
    (f"returned to {HERE}", [("9 hours", VERIFIED), ("8 hours", SENT, ONE), ("7 hours", FAILED)], True),
    (f"returned to {HERE}", [("9 hours", ADDED), ("8 hours", SIGNED_UP), ("7 hours", FAILED)], False),
    ("returned to activation.onboarding exactly 0 times", [], True),
]


@pytest.mark.parametrize(("text", "rows", "expected"), [*STANDING, *STUCK, *RETURNS])
def test_where_a_user_is_in_a_journey(text, rows, expected):
    assert truth(text, rows) is expected
    assert truth(f"not ({text})", rows) is (not expected)


AROUND = [
    ("at activation.connect_domain", [("2 days", SIGNED_UP), ("0", ADDED)], True),
    (f"at {HERE}", [("2 days", SIGNED_UP), ("0", ADDED)], True),
    ("at activation.signup", [("2 days", SIGNED_UP), ("0", ADDED)], False),
    ("at activation.first_campaign", [("2 days", VERIFIED), ("0", SENT, ONE)], True),
    ("at activation.onboarding", [("0", VERIFIED)], True),
    ("not at activation.connect_domain", [("2 days", SIGNED_UP), ("0", ADDED)], False),
    ("stuck at activation.connect_domain for 1 day", [("2 days", SIGNED_UP), ("0", ADDED)], False),
]


@pytest.mark.parametrize(("text", "rows", "expected"), AROUND)
def test_in_a_rule_with_on_at_holds_just_before_or_just_after_the_event(text, rows, expected):
    assert truth(text, rows, trigger=True) is expected


def signal(ago: str, name: str, path: str | None = None) -> tuple[str, str, dict[str, object]]:
    """A friction signal."""
    return (ago, name, {} if path is None else {"page": {"path": path}})


FRICTION = [
    (f"friction at {HERE} >= 0.5", [], False),
    (f"friction at {HERE} is 0", [], True),
    (f"friction at {HERE} between 0.349 and 0.351", [("9 hours", ADDED), signal("8 hours", "$rage_click")], True),
    # 1 − 0.65²
    (f"friction at {HERE} >= 0.57", [("9 hours", ADDED), *[signal("8 hours", "$rage_click")] * 2], True),
    (f"friction at {HERE} > 0.58", [("9 hours", ADDED), *[signal("8 hours", "$rage_click")] * 2], False),
    # 1 − 0.65 · 0.7
    (
        f"friction at {HERE} between 0.544 and 0.546",
        [("9 hours", ADDED), signal("8 hours", "$rage_click"), signal("7 hours", "$error_click", "/domains/7")],
        True,
    ),
    (f"friction at {HERE} > 0", [signal("9 hours", "$rage_click"), ("8 hours", ADDED)], False),
    ("friction at activation.signup > 0", [signal("9 hours", "$rage_click"), ("8 hours", ADDED)], True),
    (f"friction at {HERE} > 0", [signal("9 hours", "$rage_click", "/domains/7")], False),
    ("friction at activation.signup > 0", [signal("9 hours", "$rage_click", "/domains/7")], False),
    ("friction at activation.onboarding > 0", [signal("9 hours", "$rage_click")], True),
    ("friction at activation.first_campaign > 0", [("9 hours", VERIFIED), signal("8 hours", "$loop", "/x")], True),
]


@pytest.mark.parametrize(("text", "rows", "expected"), FRICTION)
def test_friction_counts_signals_since_the_step_was_entered(text, rows, expected):
    rows = [(*row, {"message_id": f"f{number}"}) for number, row in enumerate(rows)]
    rows = [row if len(row) == 4 else (row[0], row[1], {}, row[2]) for row in rows]
    assert truth(text, rows) is expected


def answered(ago: str, question: str, value: object, **more: object) -> tuple[str, str, dict[str, object]]:
    """An answer to the survey."""
    return (ago, "$answered", {"guide": "verify_effort", "question": question, "value": value, **more})


HARD = answered("1 hour", "ease", 2)
ANSWERS = [
    ("answered verify_effort", [], False),
    ("answered verify_effort", [HARD], True),
    ("answered verify_effort", [("1 hour", "$shown", {"guide": "verify_effort"})], False),
    ("answered verify_effort.ease", [answered("1 hour", "cause", "other")], False),
    ("answered verify_effort.ease", [HARD], True),
    ("answered verify_effort.ease <= 3", [], None),
    ("answered verify_effort.ease <= 3", [HARD], True),
    ("answered verify_effort.ease <= 3", [HARD, answered("1 minute", "ease", 6)], False),
    # Outside of the scale, or between two scores, an answer is unreadable.
    ("answered verify_effort.ease > 3", [answered("1 hour", "ease", 9)], None),
    ("answered verify_effort.ease <= 3", [answered("1 hour", "ease", 2.5)], None),
    ("answered verify_effort.ease", [answered("1 hour", "ease", 9)], True),
    # A choice that is no longer among those of the question stays the answer that it was.
    ("answered verify_effort.cause is not other", [answered("1 hour", "cause", "taken out since")], True),
    ("answered verify_effort.cause is other", [answered("1 hour", "cause", "other")], True),
    ("answered verify_effort.cause is unclear", [answered("1 hour", "cause", "unclear")], True),
    ('answered verify_effort.cause is "unclear"', [answered("1 hour", "cause", "unclear")], True),
    ("answered verify_effort.cause is not other", [answered("1 hour", "cause", "unclear")], True),
    ("answered verify_effort.cause is other", [], None),
    ('answered verify_effort.detail contains "dns" ignoring case', [answered("1 hour", "detail", "The DNS")], True),
    ("answered verify_effort", [answered("1 hour", "no such question", 1)], False),
]

GUIDES = [
    ("saw verify_help in last 2 days", [], False),
    ("saw verify_help in last 2 days", [("1 day", "$shown", {"guide": "verify_help"})], True),
    ("saw verify_help in last 2 days", [("3 days", "$shown", {"guide": "verify_help"})], False),
    ("saw verify_help in last 2 days", [("1 day", "$held_out", {"guide": "verify_help"})], False),
    ("saw verify_help at least 2 times", [("1 day", "$shown", {"guide": "verify_help"})], False),
    ("saw verify_help at most once", [("1 day", "$shown", {"guide": "verify_help"})], True),
    ("saw any survey in last 14 days", [("1 day", "$shown", {"guide": "verify_help"})], False),
    ("saw any survey in last 14 days", [("1 day", "$shown", {"guide": "verify_effort"})], True),
    ("completed verify_help", [], False),
    ("completed verify_help", [("1 day", "$completed", {"guide": "verify_help"})], True),
    ("completed verify_help", [("1 day", "$completed", {"guide": "verify_effort"})], False),
    ("not dismissed verify_help", [], True),
    ("not dismissed verify_help", [("1 day", "$dismissed", {"guide": "verify_help", "how": "outside"})], False),
]

CONFUSED = answered("1 day", "cause", "unclear")
FEELINGS = [
    (f"felt frustrated at {HERE} in last 7 days", [], False),
    (f"felt frustrated at {HERE} in last 7 days", [("2 days", ADDED), CONFUSED], False),
    (f"felt confused or doubtful at {HERE}", [("2 days", ADDED), CONFUSED], True),
    (f"felt confused at {HERE} in last 7 days", [answered("8 days", "cause", "unclear")], False),
    (f"felt confused at {HERE} in last 7 days", [answered("6 days", "cause", "unclear")], True),
    (f"felt confused at {HERE}", [("2 days", VERIFIED), CONFUSED], True),
    ("felt confused at activation.first_campaign", [("2 days", VERIFIED), CONFUSED], False),
    (f"felt frustrated at {HERE}", [answered("1 day", "ease", 1)], True),
    (f"felt delighted at {HERE}", [answered("1 day", "ease", 7)], True),
]


@pytest.mark.parametrize(("text", "rows", "expected"), [*ANSWERS, *GUIDES, *FEELINGS])
def test_what_became_of_guides_and_what_was_answered(text, rows, expected):
    assert truth(text, rows) is expected
    if expected is not None:
        assert truth(f"not ({text})", rows) is (not expected)


def test_of_a_person_alone_in_an_account_anyone_is_that_person():
    assert truth('anyone in account did "Domain Verified"', [("1 day", VERIFIED)]) is True
    assert truth('anyone in account did "Domain Verified"') is False
    assert truth('not anyone in account did "Domain Verified"') is True
    assert truth('anyone in account did "Domain Verified" since "Signed Up"') is None


def test_every_kind_of_condition_has_its_code():
    kinds = set(Condition.__args__)
    assert kinds - {And, Or, Not, NoneOf} == set(LEAVES)


@pytest.mark.parametrize("text", ["at activation.nowhere", "in nowhere", "stuck at nowhere.at_all for 1 day"])
def test_what_the_checker_refuses_does_not_compile(text):
    condition = parse_condition(text).condition
    assert condition is not None
    with pytest.raises(CompileError):
        compile_condition(condition, project())
