"""Each line of the language's list of conditions: stories of which it is true, false and, where it can be, unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dsl import nodes as n
from dsl.diagnostics import Severity
from dsl.formatter import format_condition
from dsl.operators import OPERATORS
from dsl.project import load
from tests.engine.histories import PRELUDE, project
from tests.meaning.asking import (
    ADDED,
    DOCS,
    FAILED,
    LEFT,
    NOBODY,
    REPORT,
    SENT,
    SIGNED_UP,
    VERIFIED,
    Story,
    asked,
    did,
    guided,
    has,
    of_account,
    on,
    parsed,
    said,
    story,
    woken_by,
)

LINES = [
    line for line in (Path(__file__).parents[1] / "corpus" / "conditions.txt").read_text().splitlines() if line.strip()
]
"""The list, as the description of the language gives it."""


@dataclass(frozen=True)
class Of:
    """Of whom a line is true, of whom false, of whom neither."""

    true: Sequence[Story]
    false: Sequence[Story]
    unknown: Sequence[Story] = field(default=())


def bought(*each: tuple[str, object, str]) -> Story:
    """Somebody who bought for these amounts, in these currencies, so long ago."""
    return story(*[(ago, "Purchase", {"amount": amount, "currency": currency}) for ago, amount, currency in each])


AT_VERIFY = story(("3 days", SIGNED_UP), ("2 days", ADDED))
STUCK = did(FAILED, "50 minutes", "2 minutes")
ENTERPRISE = has(plan="pro", seats=50)

TABLE: dict[str, Of] = {
    'plan is "trial"': Of([has(plan="trial")], [has(plan="pro"), has(plan="Trial")], [NOBODY, has(plan=" ")]),
    'plan is not "trial"': Of([has(plan="pro")], [has(plan="trial")], [NOBODY, has(plan="")]),
    'plan is one of "trial", "pro"': Of([has(plan="pro")], [has(plan="free")], [NOBODY]),
    'plan is none of "free"': Of([has(plan="pro")], [has(plan="free")], [NOBODY]),
    "seats >= 5": Of([has(seats=5), has(seats="5")], [has(seats=4.9)], [NOBODY, has(seats="five"), has(seats=True)]),
    "seats between 5 and 20": Of([has(seats=5), has(seats=20)], [has(seats=4), has(seats=20.1)], [NOBODY]),
    "seats_used >= 80% of seats": Of(
        [has(seats_used=4, seats=5)], [has(seats_used=3, seats=5)], [NOBODY, has(seats_used=4), has(seats=5)]
    ),
    'account.industry contains "health"': Of(
        [of_account(industry="healthcare")], [of_account(industry="Health")], [NOBODY, has(industry="healthcare")]
    ),
    'company does not contain "acme" ignoring case': Of([has(company="Globex")], [has(company="ACME Inc")], [NOBODY]),
    'email ends with "@example.com" ignoring case': Of([has(email="A@Example.COM")], [has(email="a@b.com")], [NOBODY]),
    'name starts with "A"': Of([has(name="Ada")], [has(name="ada")], [NOBODY]),
    r"email matches /.+@corp\..+/": Of([has(email="a@corp.io")], [has(email="@corp.io")], [NOBODY]),
    "role is set": Of([has(role="admin")], [NOBODY, has(role=" ")]),
    "role is not set": Of([NOBODY, has(role=" ")], [has(role="admin")]),
    'tags include "beta"': Of([has(tags=["a", "beta"])], [has(tags=[])], [NOBODY, has(tags="beta")]),
    'tags include any of "a", "b"': Of([has(tags=["b", "c"])], [has(tags=["c"]), has(tags=[])], [NOBODY]),
    'tags include all of "a", "b"': Of([has(tags=["b", "a"])], [has(tags=["a"])], [NOBODY]),
    'tags include none of "a", "b"': Of([has(tags=[]), has(tags=["c"])], [has(tags=["c", "b"])], [NOBODY]),
    'app_version >= version "2.10.0"': Of(
        [has(app_version="2.10"), has(app_version="v3")], [has(app_version="2.9")], [NOBODY, has(app_version="new")]
    ),
    'app_version is version "2.10.0"': Of([has(app_version="2.10")], [has(app_version="2.10.0-rc.1")], [NOBODY]),
    "signed_up_at within last 14 days": Of(
        [has(signed_up_at="2026-06-02T00:00:00Z"), has(signed_up_at="2026-06-15T12:00:00Z")],
        [has(signed_up_at="2026-06-01T12:00:00Z"), has(signed_up_at="2026-06-16T00:00:00Z")],
        [NOBODY, has(signed_up_at=1_780_000_000)],
    ),
    "trial_ends_at within next 3 days": Of(
        [has(trial_ends_at="2026-06-15T12:00:00Z"), has(trial_ends_at="2026-06-18T12:00:00Z")],
        [has(trial_ends_at="2026-06-18T12:00:01Z"), has(trial_ends_at="2026-06-15T11:59:59Z")],
        [NOBODY],
    ),
    "signed_up_at before 2026-01-01": Of(
        [has(signed_up_at="2025-12-31T23:59:59Z")], [has(signed_up_at="2026-01-01T00:00:00Z")], [NOBODY]
    ),
    "signed_up_at after 2026-01-01T13:00:00Z": Of(
        [has(signed_up_at="2026-01-01T13:00:01Z")], [has(signed_up_at="2026-01-01T13:00:00Z")], [NOBODY]
    ),
    "signed_up_at more than 3 days ago": Of(
        [has(signed_up_at="2026-06-12T12:00:00Z")], [has(signed_up_at="2026-06-12T12:00:01Z")], [NOBODY]
    ),
    'page.path matches "/domains/*"': Of(
        [on(page={"path": "/domains/7/dns?tab=x"})], [on(page={"path": "/domains"})], [NOBODY]
    ),
    'device.type is "mobile"': Of([on(device={"type": "mobile"})], [on(device={"type": "desktop"})], [NOBODY]),
    'device.ip in network "10.0.0.0/8"': Of([on(device={"ip": "10.1.2.3"})], [on(device={"ip": "11.0.0.1"})], [NOBODY]),
    'language is one of "de", "fr"': Of([has(language="de-AT"), on(locale="fr")], [has(locale="en-US")], [NOBODY]),
    'event.reason is "NXDOMAIN"': Of(
        [woken_by(("0", FAILED, {"reason": "NXDOMAIN"}))],
        [woken_by(("1 hour", FAILED, {"reason": "NXDOMAIN"}), ("0", FAILED, {"reason": "TIMEOUT"}))],
        [woken_by(("0", FAILED))],
    ),
    "true": Of([NOBODY], []),
    'did "Report Exported"': Of([did(REPORT, "400 days")], [NOBODY, did(DOCS, "1 day")]),
    'did "Report Exported" at least 3 times in last 7 days': Of(
        [did(REPORT, "6 days", "3 days", "0")], [NOBODY, did(REPORT, "7 days", "3 days", "0")]
    ),
    'did "Report Exported" between 2 and 4 times in last 7 days': Of(
        [did(REPORT, "2 days", "1 day"), did(REPORT, "9 days", "4 days", "3 days", "2 days", "1 day")],
        [NOBODY, did(REPORT, "5 days", "4 days", "3 days", "2 days", "1 day")],
    ),
    'did "Report Exported" exactly 0 times since "Signed Up"': Of(
        [story(("3 days", REPORT), ("1 day", SIGNED_UP))],
        [story(("3 days", SIGNED_UP), ("1 day", REPORT))],
        [NOBODY, did(REPORT, "1 day")],
    ),
    'did "Report Exported" at most once since activation.connect_domain': Of(
        [story(("2 days", ADDED), ("1 day", REPORT))],
        [story(("2 days", ADDED), ("1 day", REPORT), ("1 hour", REPORT))],
        [NOBODY, did(REPORT, "1 day")],
    ),
    'did "Report Exported" on at least 3 days in last 14 days': Of(
        [did(REPORT, "10 days", "3 days", "1 day")], [NOBODY, did(REPORT, "3 days", "1 day 1 hour", "1 day")]
    ),
    'did "Purchase" where amount > 100 and currency is "EUR" in last 30 days': Of(
        [bought(("1 day", 101, "EUR"))],
        [NOBODY, bought(("1 day", 100, "EUR")), bought(("1 day", 101, "USD")), bought(("30 days", 101, "EUR"))],
    ),
    'did not "Domain Verified" in last 1 day': Of([NOBODY, did(VERIFIED, "1 day")], [did(VERIFIED, "23 hours")]),
    'did "Report Exported" since 2026-01-01': Of([did(REPORT, "100 days")], [NOBODY, did(REPORT, "170 days")]),
    'did "Viewed Docs" then "DNS Check Failed" then "Left Page" within 10 minutes in last 7 days': Of(
        [story(("15 minutes", DOCS), ("9 minutes", REPORT), ("8 minutes", FAILED), ("5 minutes", LEFT))],
        [
            NOBODY,
            story(("15 minutes", DOCS), ("8 minutes", FAILED), ("4 minutes", LEFT)),
            story(("9 minutes", FAILED), ("8 minutes", DOCS), ("7 minutes", LEFT)),
            story(("8 days", DOCS), ("8 days", FAILED), ("8 days", LEFT)),
        ],
    ),
    'did "Viewed Docs" directly then "DNS Check Failed" in one session': Of(
        [story(("20 minutes", DOCS), ("9 minutes", DOCS), ("1 minute", FAILED))],
        [
            NOBODY,
            story(("20 minutes", DOCS), ("9 minutes", REPORT), ("1 minute", FAILED)),
            story(("40 minutes", DOCS), ("1 minute", FAILED)),
        ],
    ),
    'did "Domain Added" and not "Domain Verified" within 1 day': Of(
        [did(ADDED, "1 day"), story(("3 days", VERIFIED), ("2 days", ADDED))],
        [NOBODY, did(ADDED, "23 hours"), story(("2 days", ADDED), ("1 hour", VERIFIED))],
    ),
    'first did "Signed Up" more than 30 days ago': Of(
        [did(SIGNED_UP, "30 days", "1 day")], [did(SIGNED_UP, "29 days")], [NOBODY]
    ),
    'last did "Report Exported" within last 2 hours': Of(
        [did(REPORT, "9 days", "1 hour")], [did(REPORT, "9 days", "2 hours")], [NOBODY]
    ),
    'sum of amount in "Purchase" in last 30 days > 500': Of(
        [bought(("2 days", 300, "EUR"), ("1 day", "200.5", "EUR"))],
        [NOBODY, bought(("30 days", 300, "EUR"), ("1 day", 201, "EUR")), bought(("1 day", 500, "EUR"))],
    ),
    'highest of amount in "Purchase" > 1000': Of(
        [bought(("300 days", 1001, "EUR"), ("1 day", 5, "EUR"))],
        [bought(("1 day", 1000, "EUR"))],
        [NOBODY, bought(("1 day", "much", "EUR"))],
    ),
    'average of amount in "Purchase" where currency is "EUR" >= 20': Of(
        [bought(("2 days", 10, "EUR"), ("1 day", 30, "EUR"), ("1 day", 1, "USD"))],
        [bought(("2 days", 10, "EUR"), ("1 day", 29, "EUR"), ("1 day", 99, "USD"))],
        [NOBODY, bought(("1 day", 30, "USD"))],
    ),
    'number of different domain in "Domain Added" >= 3': Of(
        [story(*[("1 day", ADDED, {"domain": name}) for name in "abc"])],
        [NOBODY, story(*[("1 day", ADDED, {"domain": name}) for name in "aabb"])],
    ),
    "days active in last 14 days >= 3": Of(
        [story(("9 days", DOCS), ("3 days", "$page", {"path": "/"}), ("1 day", REPORT))],
        [NOBODY, story(("14 days", DOCS), ("3 days", DOCS), ("1 day", REPORT))],
    ),
    'anyone in account did "Domain Verified"': Of(
        [did(VERIFIED, "1 day"), story(others=[[("9 days", VERIFIED)]])],
        [NOBODY, story(("1 day", DOCS), others=[[("9 days", DOCS)]])],
    ),
    "at activation.verify_domain": Of(
        [AT_VERIFY, did(ADDED, "1 day"), woken_by(("1 day", ADDED), ("0", VERIFIED))],
        [NOBODY, story(("2 days", ADDED), ("1 day", VERIFIED))],
    ),
    "reached activation.verify_domain": Of([did(VERIFIED, "1 day")], [NOBODY, AT_VERIFY]),
    "not reached activation.verify_domain": Of([NOBODY, AT_VERIFY], [did(VERIFIED, "1 day")]),
    "completed activation": Of([story(("1 day", SENT, {"recipients": 0}))], [NOBODY, AT_VERIFY]),
    "stuck at activation.verify_domain for 15 minutes": Of(
        [story(("15 minutes", ADDED)), story(("1 day", ADDED), ("1 minute", FAILED))],
        [NOBODY, story(("14 minutes", ADDED)), story(("1 day", ADDED), ("1 minute", VERIFIED))],
    ),
    "returned to activation.connect_domain at least 2 times": Of(
        [story(("9 days", ADDED), ("8 days", FAILED), ("7 days", ADDED), ("6 days", FAILED), ("5 days", ADDED))],
        [NOBODY, story(("9 days", ADDED), ("8 days", FAILED), ("7 days", ADDED), ("6 days", ADDED))],
    ),
    "friction at activation.verify_domain >= 0.5": Of(
        [story(("2 days", ADDED), ("1 day", "$rage_click"), ("23 hours", "$rage_click"))],
        [
            NOBODY,
            story(("2 days", ADDED), ("1 day", "$rage_click")),
            story(("3 days", "$rage_click"), ("2 days", ADDED)),
        ],
    ),
    "felt frustrated at activation.verify_domain in last 7 days": Of(
        [story(("2 days", ADDED), said("1 day", "cause", "It kept failing"))],
        [
            NOBODY,
            story(("2 days", ADDED), said("1 day", "cause", "unclear")),
            story(("9 days", ADDED), said("7 days", "cause", "It kept failing")),
        ],
    ),
    "felt confused or doubtful at activation.verify_domain": Of(
        [story(("2 days", ADDED), said("1 day", "cause", "unclear"))],
        [NOBODY, story(("2 days", ADDED), said("1 day", "cause", "It kept failing"))],
    ),
    "answered verify_effort": Of(
        [story(said("1 day", "ease", 7))], [NOBODY, story(guided("1 day", "$shown", "verify_effort"))]
    ),
    "answered verify_effort.ease <= 3": Of(
        [story(said("1 day", "ease", 3)), story(said("2 days", "ease", 7), said("1 day", "ease", 1))],
        [story(said("1 day", "ease", 4))],
        [NOBODY, story(said("1 day", "cause", "other"))],
    ),
    "answered verify_effort.cause is other": Of(
        [story(said("1 day", "cause", "other"))], [story(said("1 day", "cause", "unclear"))], [NOBODY]
    ),
    "saw verify_help in last 2 days": Of(
        [story(guided("1 day", "$shown", "verify_help"))],
        [NOBODY, story(guided("2 days", "$shown", "verify_help")), story(guided("1 day", "$held_out", "verify_help"))],
    ),
    "saw verify_help at least 2 times": Of(
        [story(guided("90 days", "$shown", "verify_help"), guided("1 day", "$shown", "verify_help"))],
        [NOBODY, story(guided("1 day", "$shown", "verify_help"))],
    ),
    "saw any survey in last 14 days": Of(
        [story(guided("13 days", "$shown", "verify_effort"))],
        [NOBODY, story(guided("14 days", "$shown", "verify_effort")), story(guided("1 day", "$shown", "verify_help"))],
    ),
    "completed verify_help": Of(
        [story(guided("1 day", "$completed", "verify_help"))], [NOBODY, story(guided("1 day", "$shown", "verify_help"))]
    ),
    "not dismissed verify_help": Of([NOBODY], [story(guided("1 day", "$dismissed", "verify_help"))]),
    "in stuck_on_dns": Of([STUCK], [NOBODY, did(FAILED, "1 hour", "2 minutes")]),
    "not in enterprise": Of([has(plan="free"), has(seats=49)], [ENTERPRISE], [NOBODY, has(plan="pro")]),
    'all of { plan is "trial"  seats > 3 }': Of(
        [has(plan="trial", seats=4)], [has(plan="pro"), has(seats=3)], [NOBODY, has(plan="trial")]
    ),
    'any of { plan is "trial"  seats > 3 }': Of(
        [has(plan="trial"), has(seats=4)], [has(plan="pro", seats=3)], [NOBODY, has(plan="pro")]
    ),
    'none of { plan is "trial"  seats > 3 }': Of(
        [has(plan="pro", seats=3)], [has(plan="trial"), has(seats=4)], [NOBODY, has(plan="pro")]
    ),
    'not (plan is "trial" or seats > 3) and in stuck_on_dns': Of(
        [Story((*has(plan="pro", seats=3).rows, *STUCK.rows))],
        [NOBODY, has(plan="trial"), has(plan="pro", seats=3)],
        [STUCK, Story((*has(plan="pro").rows, *STUCK.rows))],
    ),
    'did "Purchase" where any of { amount > 100  currency is "EUR" } in last 30 days': Of(
        [bought(("1 day", 101, "USD")), bought(("1 day", 5, "EUR"))],
        [NOBODY, bought(("1 day", 100, "USD")), bought(("30 days", 101, "EUR"))],
    ),
    'did "Purchase" where (amount > 100 and none of { currency is "EUR"  currency is "USD" })': Of(
        [bought(("1 day", 101, "GBP"))],
        [NOBODY, bought(("1 day", 101, "EUR")), bought(("1 day", 100, "GBP"))],
    ),
    '(did "Purchase" where all of { amount > 1  none of { amount > 9 } }) and plan is "trial"': Of(
        [Story((*has(plan="trial").rows, *bought(("1 day", 5, "EUR")).rows))],
        [NOBODY, has(plan="trial"), Story((*has(plan="trial").rows, *bought(("1 day", 10, "EUR")).rows))],
        [bought(("1 day", 5, "EUR"))],
    ),
    'any of { plan is "trial"  all of { seats > 3  did "Report Exported" }  none of { in enterprise } }': Of(
        [has(plan="trial"), has(plan="free"), Story((*ENTERPRISE.rows, *did(REPORT, "1 day").rows))],
        [ENTERPRISE],
        [NOBODY],
    ),
    'not any of { plan is "trial"  seats > 3 }': Of(
        [has(plan="pro", seats=3)], [has(plan="trial"), has(seats=4)], [NOBODY, has(plan="pro")]
    ),
}


def can_be_unknown(condition: n.Condition) -> bool:
    """Whether a condition takes a value, rather than counts, so that there may be none."""
    match condition:
        case n.And() | n.Or() | n.NoneOf():
            return any(can_be_unknown(term) for term in condition.terms)
        case n.Not():
            return can_be_unknown(condition.term)
        case n.InSegment():
            return can_be_unknown(project().segments[condition.name.text].where)
        case n.Comparison():
            return not OPERATORS[condition.operator].decided
        case n.Answered():
            return condition.operator is not None and not OPERATORS[condition.operator].decided
        case n.DidWhen():
            return True
        case n.Aggregate() if condition.aggregation not in (n.Aggregation.SUM, n.Aggregation.DISTINCT):
            return True
        case n.Did() | n.DidSequence() | n.DidDirectly() | n.Aggregate() | n.Saw() | n.Felt():
            return isinstance(condition.window, n.SinceEvent | n.SinceStep)
        case _:
            return False


def test_every_line_of_the_list_has_its_stories():
    assert list(TABLE) == LINES


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_already_written_as_the_formatter_writes_it(line):
    assert format_condition(parsed(line)) == line


@pytest.mark.parametrize("line", LINES)
def test_a_line_has_no_error_in_a_guide(line):
    text = f'guide asked "A" {{\n  on "{FAILED}"\n  when {line}\n  show modal {{ title "A" }}\n}}\n'
    found = load({"rules.way": PRELUDE + text})
    assert [each.message for each in found.diagnostics if each.severity is Severity.ERROR] == []


CASES = [
    pytest.param(line, story_, truth, id=f"{line}: {word} {number}")
    for line, of in TABLE.items()
    for word, truth in (("true", True), ("false", False), ("unknown", None))
    for number, story_ in enumerate(getattr(of, word), 1)
]


@pytest.mark.parametrize(("line", "of", "expected"), CASES)
def test_a_line_is_true_false_or_unknown_and_its_negation_the_opposite(line, of, expected):
    assert asked(line, of) is expected
    assert asked(f"not ({line})", of) is (None if expected is None else not expected)


@pytest.mark.parametrize("line", LINES)
def test_of_each_line_somebody_is_known_for_every_answer_it_can_have(line):
    of, condition = TABLE[line], parsed(line)
    assert of.true
    assert of.false or isinstance(condition, n.Always)
    assert bool(of.unknown) is can_be_unknown(condition)
