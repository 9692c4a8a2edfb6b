"""What a user did: each condition over histories for which it is true, false and unknown."""

from __future__ import annotations

import pytest

from tests.engine.histories import truth

REPORT = "Report Exported"


def times(name: str, *agos: str) -> list[tuple[str, str]]:
    """Several events of one name."""
    return [(ago, name) for ago in agos]


WEEK = times(REPORT, "8 days", "6 days", "3 days", "1 day")

COUNTS = [
    (f'did "{REPORT}"', [], False),
    (f'did "{REPORT}"', times(REPORT, "400 days"), True),
    (f'did not "{REPORT}"', [], True),
    (f'did "{REPORT}" at least 3 times in last 7 days', WEEK, True),
    (f'did "{REPORT}" at least 4 times in last 7 days', WEEK, False),
    (f'did "{REPORT}" at least 4 times', WEEK, True),
    (f'did "{REPORT}" at most 3 times in last 7 days', WEEK, True),
    (f'did "{REPORT}" at most twice in last 7 days', WEEK, False),
    (f'did "{REPORT}" exactly 3 times in last 7 days', WEEK, True),
    (f'did "{REPORT}" exactly 2 times in last 7 days', WEEK, False),
    (f'did "{REPORT}" exactly 4 times', WEEK, True),
    (f'did "{REPORT}" fewer than 4 times in last 7 days', WEEK, True),
    (f'did "{REPORT}" fewer than 3 times in last 7 days', WEEK, False),
    (f'did "{REPORT}" more than 2 times in last 7 days', WEEK, True),
    (f'did "{REPORT}" more than 3 times in last 7 days', WEEK, False),
    (f'did "{REPORT}" between 2 and 4 times in last 7 days', WEEK, True),
    (f'did "{REPORT}" between 1 and 2 times in last 7 days', WEEK, False),
    (f'did "{REPORT}" between 3 and 4 times', WEEK, True),
    (f'did "{REPORT}" exactly 0 times in last 1 hour', WEEK, True),
    (f'did "{REPORT}" at most 0 times in last 2 days', WEEK, False),
    (f'did "{REPORT}" at least once in last 1 day', times(REPORT, "1 day"), False),
    (f'did "{REPORT}" at least once in last 1 day', times(REPORT, "23 hours"), True),
    (f'did "{REPORT}" at least once in last 1 day', times(REPORT, "0"), True),
    (f'did not "{REPORT}" in last 1 day', times(REPORT, "2 days"), True),
    (f'did not "{REPORT}" in last 1 day', times(REPORT, "2 hours"), False),
    (f'did "{REPORT}" since 2026-06-01', times(REPORT, "14 days 12 hours"), True),
    (f'did "{REPORT}" since 2026-06-01', times(REPORT, "14 days 13 hours"), False),
    (f'did "{REPORT}" at least 2 times since 2026-06-14T12:00:00Z', times(REPORT, "1 day", "1 hour"), True),
]

SIGNED_UP = "Signed Up"
SINCE = [
    (f'did "{REPORT}" exactly 0 times since "Signed Up"', [], None),
    (f'not did "{REPORT}" since "Signed Up"', [], None),
    (f'did "{REPORT}" exactly 0 times since "Signed Up"', [("1 day", SIGNED_UP)], True),
    (f'did "{REPORT}" since "Signed Up"', [("2 days", REPORT), ("1 day", SIGNED_UP)], False),
    (f'did "{REPORT}" since "Signed Up"', [("1 day", SIGNED_UP), ("1 day", REPORT)], True),
    (f'did "{REPORT}" since "Signed Up"', [("1 day", REPORT), ("1 day", SIGNED_UP)], False),
    (
        f'did "{REPORT}" since "Signed Up"',
        [("3 days", SIGNED_UP), ("2 days", REPORT), ("1 day", SIGNED_UP)],
        False,
    ),
    (f'did "{SIGNED_UP}" since "Signed Up"', [("3 days", SIGNED_UP), ("2 days", SIGNED_UP)], False),
    (f'did "{REPORT}" at most once since activation.connect_domain', [], None),
    (
        f'did "{REPORT}" at most once since activation.connect_domain',
        [("3 days", "Domain Added"), ("2 days", REPORT), ("1 day", "Domain Added")],
        True,
    ),
    (
        f'did "{REPORT}" at most once since activation.connect_domain',
        [("3 days", "Domain Added"), ("2 days", REPORT), ("1 day", "Domain Added"), ("1 hour", REPORT)],
        False,
    ),
    (f'did "{REPORT}" since activation.onboarding', [("3 days", SIGNED_UP), ("2 days", REPORT)], True),
    ('did "Domain Added" since activation.connect_domain', [("3 days", "Domain Added")], False),
]

FOUR_DAYS = times(REPORT, "10 days", "3 days", "2 days 2 hours", "2 days 1 hour", "1 hour")
DAYS = [
    (f'did "{REPORT}" on at least 3 days in last 14 days', FOUR_DAYS, True),
    (f'did "{REPORT}" on at least 4 days in last 14 days', FOUR_DAYS, True),
    (f'did "{REPORT}" on at least 5 days in last 14 days', FOUR_DAYS, False),
    (f'did "{REPORT}" on at least 3 days in last 7 days', FOUR_DAYS, True),
    (f'did "{REPORT}" on at least 4 days in last 7 days', FOUR_DAYS, False),
    (f'did "{REPORT}" on at least 4 days', FOUR_DAYS, True),
    (f'did "{REPORT}" on at least 2 days since "Signed Up"', FOUR_DAYS, None),
    (f'did "{REPORT}" on at least 1 day since "Signed Up"', [("1 day", SIGNED_UP), ("1 hour", REPORT)], True),
    (f'did "{REPORT}" on at least 40 days in last 1 day', FOUR_DAYS, False),
    ("days active in last 14 days >= 3", FOUR_DAYS, True),
    ("days active in last 14 days > 4", FOUR_DAYS, False),
    ("days active in last 14 days is 4", FOUR_DAYS, True),
    ("days active in last 14 days between 1 and 3", FOUR_DAYS, False),
    ("days active in last 14 days >= 1", [], False),
    ("days active in last 14 days >= 1", [("1 day", "$page", {"path": "/"})], True),
    ("days active in last 14 days >= 1", [("1 day", "$rage_click"), ("1 day", "$shown", {"guide": "x"})], False),
    ("days active in last 14 days >= 1", [("1 day", "$identify", {"plan": "x"})], False),
    ("not days active in last 14 days >= 5", FOUR_DAYS, True),
]


@pytest.mark.parametrize(("text", "rows", "expected"), [*COUNTS, *SINCE, *DAYS])
def test_counting(text, rows, expected):
    assert truth(text, rows) is expected


def test_calendar_days_are_those_of_the_project_s_zone():
    # 22:30 and 23:30 UTC: one day in UTC, two in Berlin.
    rows = [("13 hours 30 minutes", REPORT), ("14 hours 30 minutes", REPORT)][::-1]
    text = f'did "{REPORT}" on at least 2 days in last 2 days'
    assert truth(text, [("14 hours", REPORT), ("13 hours", REPORT)]) is False
    assert truth(text, [("14 hours 30 minutes", REPORT), ("13 hours 30 minutes", REPORT)], zone="Europe/Berlin") is True
    assert truth("days active in last 2 days is 1", rows) is True


def purchase(ago: str, amount: object, currency: str = "EUR") -> tuple[str, str, dict[str, object]]:
    """A purchase."""
    return (ago, "Purchase", {"amount": amount, "currency": currency})


WHERE = [
    ('did "Purchase" where amount > 100 and currency is "EUR" in last 30 days', [purchase("1 day", 101)], True),
    ('did "Purchase" where amount > 100 and currency is "EUR" in last 30 days', [purchase("1 day", 101, "USD")], False),
    ('did "Purchase" where amount > 100 and currency is "EUR" in last 30 days', [purchase("40 days", 101)], False),
    ('did "Purchase" where amount > 100', [("1 day", "Purchase", {})], False),
    ('did "Purchase" where (amount > 100 or currency is "EUR")', [purchase("1 day", 1)], True),
    ('did "Purchase" where (not amount > 100)', [("1 day", "Purchase", {})], False),
    ('did "Purchase" where (not amount > 100)', [purchase("1 day", "99")], True),
    ('did "DNS Check Failed" where seen_at within last 1 hour', [], False),
    (
        'did "DNS Check Failed" where seen_at within last 1 hour',
        [("5 days", "DNS Check Failed", {"seen_at": "2026-06-10T11:30:00Z"})],
        True,
    ),
    (
        'did "DNS Check Failed" where seen_at within last 1 hour',
        [("5 days", "DNS Check Failed", {"seen_at": "2026-06-10T10:30:00Z"})],
        False,
    ),
    ('(did "Purchase" where amount > 100) and plan is "pro"', [purchase("1 day", 101)], None),
]


@pytest.mark.parametrize(("text", "rows", "expected"), WHERE)
def test_an_event_counts_only_if_its_where_is_true(text, rows, expected):
    assert truth(text, rows) is expected


DOCS, FAILED, LEFT = "Viewed Docs", "DNS Check Failed", "Left Page"
CHAIN = f'did "{DOCS}" then "{FAILED}" then "{LEFT}" within 10 minutes in last 7 days'
SEQUENCES = [
    (CHAIN, [], False),
    (CHAIN, [("20 minutes", DOCS), ("15 minutes", FAILED), ("10 minutes", LEFT)], True),
    (CHAIN, [("20 minutes", DOCS), ("15 minutes", FAILED), ("9 minutes", LEFT)], False),
    (CHAIN, [("20 minutes", DOCS), ("20 minutes", FAILED), ("20 minutes", LEFT)], True),
    (CHAIN, [("20 minutes", FAILED), ("20 minutes", DOCS), ("20 minutes", LEFT)], False),
    (
        CHAIN,
        [
            ("60 minutes", DOCS),
            ("20 minutes", DOCS),
            ("19 minutes", REPORT),
            ("15 minutes", FAILED),
            ("12 minutes", LEFT),
        ],
        True,
    ),
    (
        CHAIN,
        [("20 minutes", DOCS), ("15 minutes", FAILED), ("14 minutes", DOCS), ("12 minutes", LEFT)],
        True,
    ),
    (CHAIN, [("7 days", DOCS), ("7 days", FAILED), ("7 days", LEFT)], False),
    (CHAIN, [("6 days 23 hours", DOCS), ("6 days 23 hours", FAILED), ("6 days 23 hours", LEFT)], True),
    (f'did "{DOCS}" then "{DOCS}"', times(DOCS, "1 day"), False),
    (f'did "{DOCS}" then "{DOCS}"', times(DOCS, "2 days", "1 day"), True),
    (f'did "{DOCS}" then "{FAILED}" since "Signed Up"', [("2 days", DOCS), ("1 day", FAILED)], None),
    (
        f'did "{DOCS}" then "{FAILED}" since "Signed Up"',
        [("3 days", DOCS), ("2 days", SIGNED_UP), ("1 day", FAILED)],
        False,
    ),
    (
        f'did "{DOCS}" then "{FAILED}" since "Signed Up"',
        [("3 days", SIGNED_UP), ("2 days", DOCS), ("1 day", FAILED)],
        True,
    ),
    (f'did "{DOCS}" then "{FAILED}" since 2026-06-14', [("3 days", DOCS), ("1 hour", FAILED)], False),
    (f'did "{DOCS}" then "{FAILED}" where attempt > 1', [("3 days", DOCS), ("1 hour", FAILED, {"attempt": 1})], False),
    (f'did "{DOCS}" then "{FAILED}" where attempt > 1', [("3 days", DOCS), ("1 hour", FAILED, {"attempt": 2})], True),
]

SERVER = {"from_browser": False}
DIRECT = f'did "{DOCS}" directly then "{FAILED}" in one session'
NEIGHBOURS = [
    (DIRECT, [("2 hours", DOCS), ("110 minutes", FAILED)], True),
    (DIRECT, [("2 hours", DOCS), ("115 minutes", REPORT), ("110 minutes", FAILED)], False),
    (DIRECT, [("2 hours", DOCS), ("115 minutes", DOCS), ("110 minutes", FAILED)], True),
    (DIRECT, [("2 hours", DOCS), ("115 minutes", "$page", {"path": "/"}), ("110 minutes", FAILED)], True),
    (DIRECT, [("2 hours", DOCS), ("115 minutes", "$shown", {"guide": "verify_help"}), ("110 minutes", FAILED)], True),
    (DIRECT, [("2 hours", DOCS), ("90 minutes", FAILED)], False),
    (DIRECT, [("2 hours", DOCS), ("91 minutes", FAILED)], True),
    (DIRECT, [("2 hours", DOCS, {}, SERVER), ("110 minutes", FAILED, {}, SERVER)], False),
    (DIRECT, [("2 hours", DOCS), ("110 minutes", FAILED, {}, SERVER)], True),
    (DIRECT, [("2 hours", DOCS), ("80 minutes", REPORT, {}, SERVER), ("80 minutes", FAILED)], False),
    (
        f'did "{DOCS}" directly then "{FAILED}" directly then "{LEFT}" in one session',
        [("60 minutes", DOCS), ("59 minutes", FAILED), ("58 minutes", FAILED), ("57 minutes", LEFT)],
        True,
    ),
]

WITHOUT = 'did "Domain Added" and not "Domain Verified" within 1 day'
ADDED, VERIFIED = "Domain Added", "Domain Verified"
ALONE = [
    (WITHOUT, [], False),
    (WITHOUT, [("1 day", ADDED)], True),
    (WITHOUT, [("23 hours", ADDED)], False),
    (WITHOUT, [("3 days", VERIFIED), ("2 days", ADDED)], True),
    (WITHOUT, [("3 days", ADDED), ("1 hour", VERIFIED)], False),
    (WITHOUT, [("3 days", ADDED), ("1 hour", ADDED)], False),
    (WITHOUT, [("5 days", ADDED), ("4 days", VERIFIED), ("3 days", ADDED)], True),
    (f"not ({WITHOUT})", [], True),
]

EDGES = [
    ('first did "Signed Up" more than 30 days ago', [], None),
    ('first did "Signed Up" more than 30 days ago', times(SIGNED_UP, "31 days", "1 day"), True),
    ('first did "Signed Up" more than 30 days ago', times(SIGNED_UP, "29 days"), False),
    ('first did "Signed Up" before 2026-06-01', times(SIGNED_UP, "20 days"), True),
    ('last did "Report Exported" within last 2 hours', [], None),
    ('last did "Report Exported" within last 2 hours', times(REPORT, "3 days", "1 hour"), True),
    ('last did "Report Exported" within last 2 hours', times(REPORT, "2 hours"), False),
    ('not last did "Report Exported" within last 2 hours', [], None),
]


@pytest.mark.parametrize(("text", "rows", "expected"), [*SEQUENCES, *NEIGHBOURS, *ALONE, *EDGES])
def test_what_came_after_what(text, rows, expected):
    assert truth(text, rows) is expected


BUYS = [purchase("40 days", 1000), purchase("3 days", 300), purchase("2 days", 201, "USD"), purchase("1 day", "x")]
AGGREGATES = [
    ('sum of amount in "Purchase" in last 30 days > 500', BUYS, True),
    ('sum of amount in "Purchase" in last 30 days > 501', BUYS, False),
    ('sum of amount in "Purchase" > 1500', BUYS, True),
    ('sum of amount in "Purchase" > 0', [], False),
    ('sum of amount in "Purchase" is 0', [], True),
    ('sum of amount in "Purchase" is 0.3', [purchase("1 day", 0.1), purchase("1 day", 0.2)], True),
    ('sum of amount in "Purchase" in last 3 days is 0.3', [purchase("1 day", 0.1), purchase("1 day", 0.2)], True),
    ('sum of amount in "Purchase" since "Signed Up" > 1', BUYS, None),
    ('sum of amount in "Purchase" since "Signed Up" > 1', [*BUYS[:2], ("2 days", SIGNED_UP), BUYS[2]], True),
    ('sum of amount in "Purchase" since "Signed Up" > 201', [*BUYS[:2], ("2 days", SIGNED_UP), BUYS[2]], False),
    ('sum of amount in "Purchase" since 2026-06-13 > 201', BUYS, False),
    ('highest of amount in "Purchase" >= 1000', BUYS, True),
    ('highest of amount in "Purchase" in last 30 days >= 1000', BUYS, False),
    ('highest of amount in "Purchase" > 1000', [], None),
    ('highest of amount in "Purchase" > 1000', [purchase("1 day", None)], None),
    ('lowest of amount in "Purchase" < 202', BUYS, True),
    ('lowest of amount in "Purchase" in last 1 hour < 202', BUYS, None),
    ('average of amount in "Purchase" where currency is "EUR" >= 650', BUYS, True),
    ('average of amount in "Purchase" where currency is "EUR" > 650', BUYS, False),
    ('average of amount in "Purchase" in last 30 days is 250.5', BUYS, True),
    ('average of amount in "Purchase" >= 20', [], None),
    ('not average of amount in "Purchase" >= 20', [], None),
    ('number of different domain in "Domain Added" >= 3', [], False),
    (
        'number of different domain in "Domain Added" >= 2',
        [("3 days", ADDED, {"domain": "a"}), ("2 days", ADDED, {"domain": "b"}), ("1 day", ADDED, {"domain": "a"})],
        True,
    ),
    (
        'number of different domain in "Domain Added" in last 2 days >= 2',
        [("3 days", ADDED, {"domain": "a"}), ("1 day", ADDED, {"domain": "b"}), ("1 day", ADDED, {"domain": "b"})],
        False,
    ),
    ('number of different amount in "Purchase" is 1', [purchase("2 days", 5), purchase("1 day", 5.0)], True),
]


@pytest.mark.parametrize(("text", "rows", "expected"), AGGREGATES)
def test_adding_up(text, rows, expected):
    assert truth(text, rows) is expected


MANY = [purchase(f"{60 - number // 100} minutes", 1) for number in range(1500)]


def test_beyond_a_thousand_events_the_log_answers():
    text = 'sum of amount in "Purchase" in last 1 day is 1500'
    assert truth(text, MANY) is None
    assert truth(text, MANY, log=True) is True
    assert truth(f"not {text}", MANY, log=True) is False


def test_a_window_that_is_still_whole_needs_no_log():
    # Of the last five minutes, fewer than a thousand.
    assert truth('sum of amount in "Purchase" in last 50 minutes < 1000', MANY) is True


def test_beyond_a_thousand_different_values_the_log_answers():
    rows = [("1 day", ADDED, {"domain": f"d{number}"}) for number in range(1100)]
    assert truth('number of different domain in "Domain Added" is 1100', rows) is None
    assert truth('number of different domain in "Domain Added" is 1100', rows, log=True) is True


def test_a_count_above_a_thousand_in_a_window_is_answered_from_the_log():
    text = 'did "Purchase" at least 1200 times in last 1 day'
    assert truth(text, MANY) is None
    assert truth(text, MANY, log=True) is True
    assert truth(text, MANY[:1100], log=True) is False


def test_the_same_message_twice_counts_once():
    rows = [("1 day", REPORT, {}, {"message_id": "same"}), ("1 hour", REPORT, {}, {"message_id": "same"})]
    assert truth(f'did "{REPORT}" exactly 1 time', rows) is True
    assert truth(f'last did "{REPORT}" more than 2 hours ago', rows) is True


EVENT = [
    ('event.reason is "NXDOMAIN"', [("0", FAILED, {"reason": "NXDOMAIN"})], True),
    ('event.reason is "NXDOMAIN"', [("0", FAILED, {"reason": "TIMEOUT"})], False),
    ('event.reason is "NXDOMAIN"', [("0", FAILED, {})], None),
    ("event.attempt >= 2", [("0", FAILED, {"attempt": "2"})], True),
]


@pytest.mark.parametrize(("text", "rows", "expected"), EVENT)
def test_the_triggering_event_may_be_asked(text, rows, expected):
    assert truth(text, rows, trigger=True) is expected
    assert truth(text, rows) is None
