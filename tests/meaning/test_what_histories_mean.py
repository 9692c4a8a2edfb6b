"""What the language says of sequences, sessions and journeys: each statement with conditions that pin it.

Every condition is decided by the compiled evaluator and by the oracle.
"""

from __future__ import annotations

import pytest

from tests.meaning.asking import (
    ADDED,
    DOCS,
    FAILED,
    LEFT,
    NOBODY,
    SENT,
    SIGNED_UP,
    VERIFIED,
    Story,
    asked,
    did,
    guided,
    has,
    said,
    story,
    woken_by,
)
from tests.meaning.statements import statement

SERVER = {"from_browser": False}
ONE = {"recipients": 1}

Case = tuple[str, Story, bool | None]


CHAIN = f'did "{DOCS}" then "{FAILED}" within 10 minutes in last 1 day'
DIRECTLY = f'did "{DOCS}" directly then "{FAILED}" in one session'
WITHOUT = f'did "{ADDED}" and not "{VERIFIED}" within 1 day'
SEQUENCES: dict[str, list[Case]] = {
    "`A then B within D in last W`": [
        (CHAIN, story(("20 minutes", DOCS), ("10 minutes", FAILED)), True),
        (CHAIN, story(("20 minutes", DOCS), ("9 minutes", FAILED)), False),
        (CHAIN, story(("20 minutes", DOCS), ("15 minutes", LEFT), ("12 minutes", FAILED)), True),
        (CHAIN, story(("20 minutes", FAILED), ("15 minutes", DOCS)), False),
        (CHAIN, story(("60 minutes", DOCS), ("12 minutes", DOCS), ("5 minutes", FAILED)), True),
        (CHAIN, story(("1441 minutes", DOCS), ("1435 minutes", FAILED)), False),
        (f'did "{DOCS}" then "{DOCS}"', did(DOCS, "1 day"), False),
        (f'did "{DOCS}" then "{DOCS}" then "{DOCS}"', did(DOCS, "2 days", "1 day"), False),
        (f'did "{DOCS}" then "{DOCS}"', did(DOCS, "2 days", "1 day"), True),
    ],
    "`directly then … in one session`": [
        (DIRECTLY, story(("9 minutes", DOCS), ("8 minutes", FAILED)), True),
        (DIRECTLY, story(("9 minutes", DOCS), ("8 minutes", DOCS), ("7 minutes", FAILED)), True),
        (DIRECTLY, story(("9 minutes", DOCS), ("8 minutes", LEFT), ("7 minutes", FAILED)), False),
        (DIRECTLY, story(("9 minutes", FAILED), ("8 minutes", DOCS)), False),
    ],
    "`did A and not B within D` looks at the latest A only": [
        (WITHOUT, did(ADDED, "1 day"), True),
        (WITHOUT, did(ADDED, "86399 seconds"), False),
        (WITHOUT, did(ADDED, "9 days", "1 hour"), False),
        (WITHOUT, story(("9 days", ADDED), ("1 hour", VERIFIED)), False),
        (WITHOUT, story(("9 days", ADDED), ("8 days", VERIFIED), ("7 days", ADDED)), True),
    ],
    "a B before A is ignored": [(WITHOUT, story(("9 days", VERIFIED), ("8 days", ADDED)), True)],
    "`directly then`: neighbours are tracked events": [
        (DIRECTLY, story(("9 minutes", DOCS), ("8 minutes", "$rage_click"), ("7 minutes", FAILED)), True),
        (DIRECTLY, story(("9 minutes", DOCS), ("8 minutes", "$page", {"path": "/"}), ("7 minutes", FAILED)), True),
        (DIRECTLY, story(("9 minutes", DOCS), ("8 minutes", "$identify", {"plan": "x"}), ("7 minutes", FAILED)), True),
        (DIRECTLY, story(("40 minutes", DOCS), ("8 minutes", FAILED)), False),
    ],
    "events outside sessions are not seen": [
        (DIRECTLY, story(("9 minutes", DOCS, {}, SERVER), ("8 minutes", FAILED, {}, SERVER)), False),
        (DIRECTLY, story(("9 minutes", DOCS), ("8 minutes", FAILED, {}, SERVER)), True),
        (DIRECTLY, story(("50 minutes", LEFT, {}, SERVER), ("9 minutes", DOCS), ("8 minutes", FAILED)), True),
    ],
    "a gap of 30 minutes or more ends it": [
        (DIRECTLY, story(("30 minutes", DOCS), ("0", FAILED)), False),
        (DIRECTLY, story(("1799 seconds", DOCS), ("0", FAILED)), True),
    ],
    "only the user's own browser events start or prolong one": [
        (DIRECTLY, story(("40 minutes", DOCS), ("20 minutes", "$page", {"path": "/"}), ("0", FAILED)), True),
        (DIRECTLY, story(("40 minutes", DOCS), ("20 minutes", "$page", {"path": "/"}, SERVER), ("0", FAILED)), False),
        (DIRECTLY, story(("40 minutes", DOCS), guided("20 minutes", "$shown"), ("0", FAILED)), False),
    ],
    "Sessions belong to the person, over all devices": [
        (
            DIRECTLY,
            story(
                ("9 minutes", DOCS, {}, {"context": {"userAgent": "a phone"}, "anonymous_id": "p"}),
                ("8 minutes", FAILED, {}, {"context": {"userAgent": "a laptop"}, "anonymous_id": "l"}),
            ),
            True,
        ),
    ],
}

HERE = "activation.verify_domain"
JOURNEYS: dict[str, list[Case]] = {
    "A step is reached once its event happened": [
        ("reached activation.connect_domain", did(ADDED, "1 day"), True),
        ("reached activation.signup", did(ADDED, "1 day"), False),
        ("reached activation.signup", story(("2 days", ADDED), ("1 day", SIGNED_UP)), True),
        ("reached activation.signup", story(("300 days", SIGNED_UP), ("1 day", LEFT)), True),
        ("reached activation.first_campaign", story(("1 day", SENT, {"recipients": 0})), False),
    ],
    "the user is at the step right after": [
        ("at activation.signup", NOBODY, True),
        ("at activation.connect_domain", did(SIGNED_UP, "1 day"), True),
        (f"at {HERE}", did(ADDED, "1 day"), True),
        (f"at {HERE}", story(("2 days", ADDED), ("1 day", SIGNED_UP)), True),
        ("at activation.onboarding", did(ADDED, "1 day"), True),
        ("at activation.first_value", story(("1 day", SENT, ONE)), False),
        ("at activation.onboarding", story(("1 day", SENT, ONE)), False),
    ],
    "In a rule with `on`, `at S` holds": [
        ("at activation.connect_domain", woken_by(("1 day", SIGNED_UP), ("0", ADDED)), True),
        (f"at {HERE}", woken_by(("1 day", SIGNED_UP), ("0", ADDED)), True),
        ("at activation.signup", woken_by(("1 day", SIGNED_UP), ("0", ADDED)), False),
        ("at activation.first_campaign", woken_by(("1 day", SIGNED_UP), ("0", ADDED)), False),
    ],
    "everything else is evaluated after it": [
        (f'did "{ADDED}"', woken_by(("0", ADDED)), True),
        ("reached activation.connect_domain", woken_by(("0", ADDED)), True),
        ("stuck at activation.connect_domain for 1 day", woken_by(("9 days", SIGNED_UP), ("0", ADDED)), False),
        ("answered verify_effort.ease is 7", woken_by(said("1 day", "ease", 1), said("0", "ease", 7)), True),
    ],
    "`stuck at S for D` counts from the event": [
        (f"stuck at {HERE} for 1 hour", story(("1 hour", ADDED)), True),
        (f"stuck at {HERE} for 1 hour", story(("2 hours", ADDED), ("1 minute", FAILED)), True),
        (f"stuck at {HERE} for 1 hour", story(("2 hours", ADDED), ("1 minute", ADDED)), True),
        (f"stuck at {HERE} for 1 hour", story(("9 days", SIGNED_UP), ("1 minute", ADDED)), False),
    ],
    "`stuck at S for D` is true from t + D on": [
        (f"stuck at {HERE} for 1 hour", story(("3600 seconds", ADDED)), True),
        (f"stuck at {HERE} for 1 hour", story(("3599 seconds", ADDED)), False),
    ],
    "for the first step `first_seen`": [
        ("stuck at activation.signup for 1 hour", NOBODY, False),
        ("stuck at activation.signup for 1 hour", story(("1 hour", DOCS)), True),
        ("stuck at activation.signup for 1 hour", story(("3599 seconds", DOCS), ("1 minute", DOCS)), False),
    ],
    "A *return* to S is a run of events of S": [
        ("returned to activation.connect_domain", story(("3 days", ADDED), ("2 days", FAILED), ("1 day", ADDED)), True),
        ("returned to activation.connect_domain", story(("3 days", ADDED), ("2 days", LEFT), ("1 day", ADDED)), False),
        ("returned to activation.connect_domain", story(("3 days", FAILED), ("2 days", SIGNED_UP)), False),
        (
            "returned to activation.connect_domain",
            story(("3 days", ADDED), ("2 days", FAILED), ("1 day", "$page", {"path": "/domains/new"})),
            True,
        ),
        (
            "returned to activation.connect_domain exactly 1 time",
            story(("4 days", ADDED), ("3 days", FAILED), ("2 days", ADDED), ("1 day", ADDED)),
            True,
        ),
    ],
    "Attempts count as events of the step for returns": [
        (f"returned to {HERE}", story(("3 days", VERIFIED), ("2 days", SENT, ONE), ("1 day", FAILED)), True),
        ("returned to activation.signup", story(("3 days", SIGNED_UP), ("2 days", FAILED), ("1 day", SIGNED_UP)), True),
    ],
    "`completed J`: the outcome happened": [
        ("completed activation", story(("1 day", SENT, {"recipients": 0})), True),
        ("completed activation", did(VERIFIED, "1 day"), False),
        ("completed short", did("Two Done", "1 day"), True),
        ("completed short", did("One Done", "1 day"), False),
    ],
    "`reached J.STAGE`: any step of it is reached": [
        ("reached activation.onboarding", did(ADDED, "1 day"), True),
        ("reached activation.onboarding", story(("1 day", SENT, ONE)), False),
    ],
    "Friction belongs to the step whose touchpoint": [
        (
            f"friction at {HERE} > 0",
            story(("2 days", ADDED), ("1 day", "$loop", {"page": {"path": "/domains/7"}})),
            True,
        ),
        (f"friction at {HERE} > 0", story(("2 days", ADDED), ("1 day", "$loop", {"page": {"path": "/home"}})), True),
        (
            "friction at activation.connect_domain > 0",
            story(("3 days", SIGNED_UP), ("2 days", VERIFIED), ("1 day", "$loop", {"page": {"path": "/domains/new"}})),
            True,
        ),
    ],
    '`step("id")` of the snippet records presence': [
        (f"reached {HERE}", story(("1 day", "$step", {"journey": "activation", "step": "verify_domain"})), False),
        (f"at {HERE}", story(("1 day", "$step", {"journey": "activation", "step": "verify_domain"})), False),
        ("at activation.signup", story(("1 day", "$step", {"journey": "activation", "step": "verify_domain"})), True),
    ],
    "`at`, `stuck`, `returned to`, `completed`": [
        (f"at {HERE}", NOBODY, False),
        (f"stuck at {HERE} for 1 day", NOBODY, False),
        (f"returned to {HERE}", NOBODY, False),
        ("completed activation", NOBODY, False),
        ("completed verify_help", NOBODY, False),
        ("dismissed verify_help", NOBODY, False),
        (f"friction at {HERE} > 0", NOBODY, False),
    ],
    "`in S` is what S is": [
        ("in enterprise", has(plan="pro", seats=50), True),
        ("in enterprise", has(plan="free"), False),
        ("in enterprise", has(plan="pro"), None),
        ("in stuck_on_dns", NOBODY, False),
    ],
    "Friction of one user at one step": [
        (
            f"friction at {HERE} between 0.5774 and 0.5776",
            story(("2 days", ADDED), *[("1 day", "$rage_click")] * 2),
            True,
        ),
        (
            f"friction at {HERE} between 0.5449 and 0.5451",
            story(("2 days", ADDED), ("1 day", "$rage_click"), ("1 day", "$error_click")),
            True,
        ),
        (f"friction at {HERE} > 0", story(("2 days", "$rage_click"), ("1 day", ADDED)), False),
    ],
    "weights, version 1": [
        (
            f"friction at {HERE} between {weight - 0.0001} and {weight + 0.0001}",
            story(("2 days", ADDED), ("1 day", signal)),
            True,
        )
        for signal, weight in (
            ("$rage_click", 0.35),
            ("$form_abandoned", 0.35),
            ("$error_click", 0.30),
            ("$error_shown", 0.20),
            ("$dead_click", 0.20),
            ("$loop", 0.20),
            ("$retry", 0.15),
            ("$hesitation", 0.15),
            ("$thrash", 0.10),
            ("$quick_back", 0.10),
            ("$field_reentered", 0.05),
        )
    ],
    "No signal: 0": [
        (f"friction at {HERE} is 0", did(ADDED, "1 day"), True),
        (f"friction at {HERE} is 0", NOBODY, True),
    ],
    "Behaviour gives friction, 0 to 1": [
        (f"friction at {HERE} <= 1", story(("2 days", ADDED), *[("1 day", "$rage_click")] * 200), True),
        (f"friction at {HERE} > 0.99", story(("2 days", ADDED), *[("1 day", "$rage_click")] * 200), True),
    ],
}

TABLES = (SEQUENCES, JOURNEYS)
CASES = [
    pytest.param(*case, id=f"{beginning} · {case[0]} ({number})")
    for table in TABLES
    for beginning, cases in table.items()
    for number, case in enumerate(cases, 1)
]
STATED = [beginning for table in TABLES for beginning in table]


@pytest.mark.parametrize(("text", "of", "expected"), CASES)
def test_a_condition_means_what_is_said(text, of, expected):
    assert asked(text, of) is expected


@pytest.mark.parametrize("beginning", STATED)
def test_a_table_speaks_of_one_statement(beginning):
    assert statement(beginning)
