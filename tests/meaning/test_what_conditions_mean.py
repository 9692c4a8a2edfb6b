"""What the language says of truth, `where`, time and values: each statement with conditions that pin it.

Every condition is decided by the compiled evaluator and by the oracle.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from truth import Person

from api.cli.main import cli
from dsl.values import DAY, Instant, format_instant
from tests.engine.histories import NOW, event, project
from tests.meaning.asking import (
    ADDED,
    DOCS,
    FAILED,
    NOBODY,
    REPORT,
    SIGNED_UP,
    VERIFIED,
    Row,
    Story,
    asked,
    did,
    guided,
    has,
    on,
    parsed,
    said,
    story,
)
from tests.meaning.statements import says, statement

Case = tuple[str, Story, bool | None]


def bought(*amounts: object, **more: Any) -> Story:
    """Somebody who bought yesterday, for these amounts."""
    return story(*[("1 day", "Purchase", {"amount": amount, **more}) for amount in amounts])


TRUTH: dict[str, list[Case]] = {
    "A comparison with a value that is not set": [
        ('plan is "pro"', NOBODY, None),
        ('plan is "pro" or true', NOBODY, True),
        ('plan is "pro" and not true', NOBODY, False),
        ('plan is "pro" and true', NOBODY, None),
        ('plan is "pro" or seats > 3', has(seats=1), None),
        ('not (plan is "pro" and seats > 3)', has(seats=1), True),
    ],
    "Conditions that count": [
        (f'did "{REPORT}"', NOBODY, False),
        (f'did "{REPORT}" exactly 0 times', NOBODY, True),
        ('sum of amount in "Purchase" is 0', NOBODY, True),
        (f'number of different domain in "{ADDED}" is 0', NOBODY, True),
        ("days active in last 7 days is 0", NOBODY, True),
        ("saw verify_help", NOBODY, False),
        ("answered verify_effort", NOBODY, False),
        ("answered verify_effort.ease", NOBODY, False),
        ("reached activation.signup", NOBODY, False),
        ("felt confused at activation.signup", NOBODY, False),
    ],
    "those that take a value": [
        ('first did "Signed Up" more than 1 day ago', NOBODY, None),
        ('last did "Signed Up" within last 1 day', NOBODY, None),
        ('average of amount in "Purchase" < 9', NOBODY, None),
        ("answered verify_effort.ease < 9", NOBODY, None),
        ("not answered verify_effort.ease < 9", NOBODY, None),
        ("seats < 9", NOBODY, None),
    ],
    "`is set` is always decided": [
        ("role is set", NOBODY, False),
        ("role is not set", NOBODY, True),
        ("seats is set", has(seats="five"), True),
        ("seats is not set", has(seats="five"), False),
    ],
    "`is not`, `is none of` and every list": [
        ('plan is not "pro"', NOBODY, None),
        ("seats is not 5", has(seats="five"), None),
        ('plan is none of "pro"', NOBODY, None),
        ("seats is none of 5, 6", has(seats=True), None),
        ('tags include none of "a"', NOBODY, None),
        ('tags include none of "a"', has(tags="b"), None),
        ('company does not contain "a"', NOBODY, None),
        ('company does not contain "a"', has(company=["b"]), None),
        ("signed_up_at before 2026-01-01", NOBODY, None),
        ("signed_up_at more than 1 day ago", has(signed_up_at="soon"), None),
        ('app_version < version "2"', NOBODY, None),
        ('app_version is not version "2"', has(app_version="two"), None),
    ],
    "an empty list is set": [
        ("tags is set", has(tags=[]), True),
        ('tags include none of "a"', has(tags=[]), True),
        ('tags include "a"', has(tags=[]), False),
    ],
    "blank text is not set": [
        ("role is set", has(role=""), False),
        ("role is not set", has(role=" \t\n"), True),
        ('role is not "a"', has(role=" "), None),
    ],
    "A value of another type than declared": [
        ("seats is 5", has(seats="5"), True),
        ("seats is 5", has(seats="5.0"), True),
        ("seats is 5", has(seats=" 5"), None),
        ("seats is 5", has(seats="5 seats"), None),
        ("seats is 5000", has(seats="5,000"), None),
        ("seats is 5", has(seats="05"), None),
        ("seats is 1", has(seats=True), None),
        ("signed_up_at before 2026-06-01", has(signed_up_at="2026-05-01T00:00:00+02:00"), True),
        ("signed_up_at before 2026-06-01", has(signed_up_at="2026-05-01"), None),
        ("signed_up_at before 2026-06-01", has(signed_up_at="2026-05-01T00:00:00"), None),
        ('app_version is version "2.10"', has(app_version=2.1), False),
        ('app_version is version "2"', has(app_version=2), True),
        ("sales_assisted is yes", has(sales_assisted="true"), True),
        ("sales_assisted is yes", has(sales_assisted="yes"), None),
        ("sales_assisted is yes", has(sales_assisted=1), None),
        ('plan is "5"', has(plan=5), True),
        ('plan is "true"', has(plan=True), True),
        ('tags include "1"', has(tags=[1, "b"]), True),
        ("scores include 1", has(scores=["1"]), True),
        ("scores include 1", has(scores=["1", "b"]), None),
    ],
    "otherwise it is unknown": [
        ("seats is 5", has(seats="five"), None),
        ("seats is not 5", has(seats=[5]), None),
        ("signed_up_at before 2030-01-01", has(signed_up_at="yesterday"), None),
        ("sales_assisted is yes", has(sales_assisted="y"), None),
    ],
    "`between` includes both ends": [
        ("seats between 5 and 20", has(seats=5), True),
        ("seats between 5 and 20", has(seats=20), True),
        ("seats between 5 and 20", has(seats=20.5), False),
        (f'did "{REPORT}" between 1 and 2 times', did(REPORT, "2 days", "1 day"), True),
        (f'did "{REPORT}" between 2 and 3 times', did(REPORT, "2 days", "1 day"), True),
        ('app_version between version "2.0" and version "2.1"', has(app_version="2.1.0"), True),
    ],
    "Text comparison is case-sensitive": [
        ('plan is "Pro"', has(plan="pro"), False),
        ('plan is "Pro" ignoring case', has(plan="pro"), True),
        ('plan is not "Pro"', has(plan="pro"), True),
        ('plan is one of "Pro" ignoring case', has(plan="PRO"), True),
        ('company contains "acme"', has(company="ACME"), False),
        ('company contains "acme" ignoring case', has(company="ACME"), True),
        ('company starts with "straße" ignoring case', has(company="STRASSE 1"), True),
        ("company matches /^acme$/", has(company="Acme"), False),
        ("company matches /^acme$/ ignoring case", has(company="Acme"), True),
        ('tags include "A"', has(tags=["a"]), False),
        ('tags include all of "A", "B" ignoring case', has(tags=["b", "a"]), True),
    ],
}

LATE_REPORT: Row = ("3 days", REPORT)
WHERE: dict[str, list[Case]] = {
    "Inside `did … where`": [
        ('did "Purchase" where amount > 1 and currency is "EUR"', bought(2, currency="USD"), False),
        ('did "Purchase" where amount > 1 and currency is "EUR"', bought(2, currency="EUR"), True),
        (f'did "Purchase" where amount > 1 and did "{REPORT}"', bought(2), False),
        (f'did "Purchase" where amount > 1 and did not "{REPORT}"', bought(2), True),
        (
            f'did "{DOCS}" then "Purchase" where amount > 1 and currency is "EUR"',
            story(("2 days", DOCS), ("1 day", "Purchase", {"amount": 2, "currency": "USD"})),
            False,
        ),
        (
            f'did "Purchase" where amount > 1 and currency is "EUR" then "{DOCS}"',
            story(("2 days", "Purchase", {"amount": 2, "currency": "EUR"}), ("1 day", DOCS)),
            True,
        ),
        ('sum of amount in "Purchase" where amount > 1 and currency is "EUR" > 3', bought(2, 4, currency="EUR"), True),
        ('sum of amount in "Purchase" where amount > 1 and currency is "EUR" > 3', bought(2, 4, currency="USD"), False),
    ],
    "`or` and `not` there need parentheses": [
        (
            'did "Purchase" where amount > 1 and (currency is "EUR" or currency is "USD")',
            bought(2, currency="USD"),
            True,
        ),
        (
            'did "Purchase" where amount > 1 and (currency is "EUR" or currency is "USD")',
            bought(2, currency="CHF"),
            False,
        ),
        ('did "Purchase" where (not currency is "EUR")', bought(2, currency="USD"), True),
        ('did "Purchase" where (not currency is "EUR")', bought(2, currency="EUR"), False),
        # Without parentheses the `or` is the condition's own.
        (f'did "Purchase" where amount > 5 or did "{DOCS}"', story(("1 day", DOCS)), True),
    ],
    "names are properties of that event": [
        (
            'did "Purchase" where currency is "EUR"',
            Story((*has(currency="EUR").rows, ("1 day", "Purchase", {}))),
            False,
        ),
        (f'did "{FAILED}" where reason is "plan"', Story((*has(reason="plan").rows, ("1 day", FAILED, {}))), False),
    ],
    "relative times count from that event's own time": [
        (
            f'did "{FAILED}" where seen_at within last 1 hour',
            story(("5 days", FAILED, {"seen_at": "2026-06-10T11:30:00Z"})),
            True,
        ),
        (
            f'did "{FAILED}" where seen_at within last 1 hour',
            story(("5 days", FAILED, {"seen_at": "2026-06-15T11:30:00Z"})),
            False,
        ),
        (
            f'did "{FAILED}" where seen_at more than 1 hour ago',
            story(("5 days", FAILED, {"seen_at": "2026-06-10T11:00:00Z"})),
            True,
        ),
    ],
    "an event counts only if its `where` is true": [
        ('did "Purchase" where amount > 1', bought(None), False),
        ('did "Purchase" where amount is not 1', bought("much"), False),
        ('did "Purchase" where (not amount > 1) exactly 1 time', bought(None, 0, 2), True),
        ('did not "Purchase" where amount > 1', bought(None), True),
    ],
}

TIME: dict[str, list[Case]] = {
    "`in last D` and `within last D`": [
        (f'did "{REPORT}" in last 1 day', did(REPORT, "1 day"), False),
        (f'did "{REPORT}" in last 1 day', story(("0", REPORT)), True),
        (f'did "{REPORT}" in last 24 hours', did(REPORT, "86399 seconds"), True),
        ("signed_up_at within last 1 day", has(signed_up_at="2026-06-14T12:00:00Z"), False),
        ("signed_up_at within last 1 day", has(signed_up_at="2026-06-14T12:00:00.000001Z"), True),
        ("signed_up_at within last 1 day", has(signed_up_at="2026-06-15T12:00:00Z"), True),
        ("signed_up_at within last 1 day", has(signed_up_at="2026-06-15T12:00:00.000001Z"), False),
    ],
    "`more than D ago`": [
        ("signed_up_at more than 1 day ago", has(signed_up_at="2026-06-14T12:00:00Z"), True),
        ("signed_up_at more than 1 day ago", has(signed_up_at="2026-06-14T12:00:00.000001Z"), False),
        (f'last did "{REPORT}" more than 1 day ago', did(REPORT, "1 day"), True),
    ],
    "a day is 24 hours": [
        (f'did "{REPORT}" in last 1 day', did(REPORT, "86400 seconds"), False),
        (f'did "{REPORT}" in last 1 week', did(REPORT, "167 hours"), True),
        (f'did "{REPORT}" in last 1 week', did(REPORT, "168 hours"), False),
    ],
    "Late events take their true place": [
        # The second row was received later and happened earlier.
        (f'did "{DOCS}" then "{FAILED}"', story(("1 day", FAILED), ("2 days", DOCS)), True),
        (f'last did "{REPORT}" within last 2 days', story(("1 day", REPORT), LATE_REPORT), True),
        (f'did "{REPORT}" since "{SIGNED_UP}"', story(("2 days", SIGNED_UP), LATE_REPORT), False),
        (f'did "{ADDED}" and not "{VERIFIED}" within 1 day', story(("2 days", ADDED), ("3 days", VERIFIED)), True),
    ],
    "equal times go by order of receipt": [
        (f'did "{DOCS}" then "{FAILED}"', story(("1 day", DOCS), ("1 day", FAILED)), True),
        (f'did "{DOCS}" then "{FAILED}"', story(("1 day", FAILED), ("1 day", DOCS)), False),
        ('plan is "b"', story(("1 day", "$identify", {"plan": "a"}), ("1 day", "$identify", {"plan": "b"})), True),
    ],
    '`since "X"` begins just after the latest': [
        (f'did "{REPORT}" since "{SIGNED_UP}"', story(("3 days", SIGNED_UP), ("2 days", REPORT)), True),
        (
            f'did "{REPORT}" since "{SIGNED_UP}"',
            story(("3 days", SIGNED_UP), ("2 days", REPORT), ("1 day", SIGNED_UP)),
            False,
        ),
        (f'did "{SIGNED_UP}" since "{SIGNED_UP}"', did(SIGNED_UP, "2 days", "1 day"), False),
    ],
    "if X never happened the condition is unknown": [
        (f'did "{REPORT}" since "{SIGNED_UP}"', did(REPORT, "1 day"), None),
        (f'did not "{REPORT}" since "{SIGNED_UP}"', NOBODY, None),
        (f'did "{REPORT}" exactly 0 times since "{SIGNED_UP}"', NOBODY, None),
        (f'sum of amount in "Purchase" since "{SIGNED_UP}" is 0', NOBODY, None),
        (f'saw verify_help since "{SIGNED_UP}"', NOBODY, None),
        (f'did "{DOCS}" then "{FAILED}" since "{SIGNED_UP}"', NOBODY, None),
    ],
    "Counts are of distinct events": [
        (f'did "{REPORT}" exactly 1 time', story(*[("1 day", REPORT, {}, {"message_id": "one"})] * 3), True),
        (f'did "{REPORT}" exactly 2 times', did(REPORT, "1 day", "1 day"), True),
        (
            'sum of amount in "Purchase" is 3',
            story(*[("1 day", "Purchase", {"amount": 3}, {"message_id": "m"})] * 2),
            True,
        ),
    ],
    '`since "X"` begins after X in history order': [
        (f'did "{REPORT}" since "{SIGNED_UP}"', story(("1 day", SIGNED_UP), ("1 day", REPORT)), True),
        (f'did "{REPORT}" since "{SIGNED_UP}"', story(("1 day", REPORT), ("1 day", SIGNED_UP)), False),
    ],
    "`since J.STEP` just after the step was first reached": [
        (f'did "{REPORT}" since activation.connect_domain', did(REPORT, "1 day"), None),
        (f'did "{REPORT}" since activation.connect_domain', story(("2 days", ADDED), ("1 day", REPORT)), True),
        (
            f'did "{REPORT}" since activation.connect_domain',
            story(("3 days", ADDED), ("2 days", REPORT), ("1 day", ADDED)),
            True,
        ),
        (f'did "{ADDED}" since activation.connect_domain', did(ADDED, "1 day"), False),
    ],
    "`within next D` is": [
        ("trial_ends_at within next 1 day", has(trial_ends_at="2026-06-15T12:00:00Z"), True),
        ("trial_ends_at within next 1 day", has(trial_ends_at="2026-06-16T12:00:00Z"), True),
        ("trial_ends_at within next 1 day", has(trial_ends_at="2026-06-16T12:00:00.000001Z"), False),
        ("trial_ends_at within next 1 day", has(trial_ends_at="2026-06-15T11:59:59.999999Z"), False),
    ],
    "`after DAY` is from 00:00 of the next day": [
        ("signed_up_at after 2026-06-14", has(signed_up_at="2026-06-14T23:59:59.999999Z"), False),
        ("signed_up_at after 2026-06-14", has(signed_up_at="2026-06-15T00:00:00Z"), True),
    ],
    "Attributes are as of now by event time": [
        (
            'plan is "new"',
            story(("1 day", "$identify", {"plan": "new"}), ("2 days", "$identify", {"plan": "old"})),
            True,
        ),
        ("seats is 3", story(("1 day", "$identify", {"plan": "new"}), ("2 days", "$identify", {"seats": 3})), True),
    ],
    "The same `messageId` with other content": [
        (
            'sum of amount in "Purchase" is 1',
            story(
                ("1 day", "Purchase", {"amount": 1}, {"message_id": "m"}),
                ("2 days", "Purchase", {"amount": 9}, {"message_id": "m"}),
            ),
            True,
        ),
    ],
}

VALUES: dict[str, list[Case]] = {
    "`highest of`, `lowest of` are unknown": [
        ('highest of amount in "Purchase" > 1', NOBODY, None),
        ('lowest of amount in "Purchase" > 1', bought(None, "much"), None),
        ('lowest of amount in "Purchase" > 1', bought("much", 2), True),
    ],
    "`average of` leaves events without a readable value out": [
        ('average of amount in "Purchase" is 15', bought(10, None, "much", 20), True),
        ('average of amount in "Purchase" is 0', bought("much"), None),
    ],
    "Values: a number is read as text": [
        ('plan is "5"', has(plan=5), True),
        ('plan is "5.0"', has(plan=5.0), True),
        ('plan contains "."', has(plan=2.5), True),
        ("signed_up_at before 2030-01-01", has(signed_up_at=1_700_000_000), None),
    ],
    "a received value outside its `one of` is unreadable": [
        ('size is "small"', has(size="huge"), None),
        ('size is not "small"', has(size="huge"), None),
        ("size is set", has(size="huge"), True),
        ('size is not "small"', has(size="large"), True),
    ],
    "a default stands in for unset and blank values": [
        ("sales_assisted is no", NOBODY, True),
        ("sales_assisted is no", has(sales_assisted=" "), True),
        ("sales_assisted is no", has(sales_assisted="perhaps"), None),
        ("sales_assisted is set", NOBODY, True),
        ("sales_assisted is not set", has(sales_assisted=""), False),
    ],
    "`/…/` matches anywhere unless anchored": [
        ("company matches /cm/", has(company="Acme"), True),
        ("company matches /^cm/", has(company="Acme"), False),
        ("company matches /^Acme$/", has(company="Acme Inc"), False),
    ],
    "In globs `*` also spans slashes": [
        ('page.path matches "/domains/*"', on(page={"path": "/domains/7/dns/a"}), True),
        ('page.path matches "/domains/*"', on(page={"path": "/domains"}), False),
        ('page.path matches "/domains"', on(page={"path": "/domains/7"}), False),
        ('page.path matches "/*/dns"', on(page={"path": "/domains/7/dns"}), True),
    ],
    "query, fragment and a trailing slash are ignored": [
        ('page.path matches "/domains"', on(page={"path": "/domains/?a=1#top"}), True),
        ('page.path matches "/domains/"', on(page={"path": "/domains"}), True),
        ('page.url matches "https://a.example/x"', on(page={"url": "https://a.example/x/?q=1"}), True),
    ],
    "Versions: missing parts are 0": [
        ('app_version is version "2.10.0"', has(app_version="2.10"), True),
        ('app_version is version "2"', has(app_version="2.0.0"), True),
        ('app_version < version "2.10.0"', has(app_version="2.10.0-rc.1"), True),
        ('app_version >= version "2.10"', has(app_version="2.9"), False),
        ('app_version is version "2.10"', has(app_version="v2.10"), True),
    ],
    "`saw` counts `$shown` only": [
        ("saw verify_help", story(guided("1 day", "$shown")), True),
        ("saw verify_help", story(guided("1 day", "$held_out")), False),
        ("saw verify_help", story(guided("1 day", "$started"), guided("1 day", "$completed")), False),
    ],
    "every `$dismissed` counts for the condition": [
        ("dismissed verify_help", story(guided("1 day", "$dismissed", how="outside")), True),
        ("dismissed verify_help", story(guided("1 day", "$dismissed", how="close")), True),
        ("dismissed verify_help", story(guided("1 day", "$snoozed", seconds=60)), False),
    ],
    "a question answered again": [
        ("answered verify_effort.ease is 6", story(said("2 days", "ease", 1), said("1 day", "ease", 6)), True),
        ("answered verify_effort.ease is 6", story(said("1 day", "ease", 6), said("2 days", "ease", 1)), True),
        ("answered verify_effort.ease is 1", story(said("2 days", "ease", 1), said("1 day", "cause", "other")), True),
    ],
    "`answered SURVEY` is true from the first": [
        ("answered verify_effort", story(said("0", "ease", 1)), True),
        ("answered verify_effort", story(("1 day", "$completed", {"guide": "verify_effort"})), False),
        ("answered verify_effort", story(("1 day", "$skipped", {"guide": "verify_effort", "question": "ease"})), False),
    ],
}

EXTRA = 'attribute size: one of "small", "large"\n'
TABLES = (TRUTH, WHERE, TIME, VALUES)
CASES = [
    pytest.param(*case, id=f"{beginning} · {case[0]} ({number})")
    for table in TABLES
    for beginning, cases in table.items()
    for number, case in enumerate(cases, 1)
]
STATED = [beginning for table in TABLES for beginning in table]


@pytest.mark.parametrize(("text", "of", "expected"), CASES)
def test_a_condition_means_what_is_said(text, of, expected):
    assert asked(text, of, extra=EXTRA if text.startswith("size") else "") is expected


@pytest.mark.parametrize("beginning", STATED)
def test_a_table_speaks_of_one_statement(beginning):
    assert statement(beginning)


# 21:30 and 22:30 in UTC: one day there, two in Berlin, where it is summer.
EVENING = story(("14 hours 30 minutes", REPORT), ("13 hours 30 minutes", REPORT))


@says("`days active` and `on at least N days` count calendar days", "Days are those of the project's zone")
@pytest.mark.parametrize(
    ("text", "of", "zone", "expected"),
    [
        (f'did "{REPORT}" on at least 2 days in last 2 days', EVENING, "UTC", False),
        (f'did "{REPORT}" on at least 2 days in last 2 days', EVENING, "Europe/Berlin", True),
        ("days active in last 2 days is 1", EVENING, "UTC", True),
        ("days active in last 2 days is 2", EVENING, "Europe/Berlin", True),
        # An hour apart over midnight are two days, 23 hours of one day are one.
        (f'did "{REPORT}" on at least 2 days', did(REPORT, "12 hours 30 minutes", "11 hours 30 minutes"), "UTC", True),
        (f'did "{REPORT}" on at least 2 days', did(REPORT, "36 hours", "13 hours"), "UTC", False),
    ],
)
def test_days_are_those_of_a_calendar(text, of, zone, expected):
    assert asked(text, of, zone=zone) is expected


@says("A date alone is 00:00 in the project's time zone")
@pytest.mark.parametrize(
    ("text", "signed_up_at", "zone", "expected"),
    [
        ("signed_up_at before 2026-06-01", "2026-05-31T22:00:00Z", "UTC", True),
        ("signed_up_at before 2026-06-01", "2026-05-31T22:00:00Z", "Europe/Berlin", False),
        ("signed_up_at before 2026-06-01", "2026-05-31T21:59:59Z", "Europe/Berlin", True),
        ("signed_up_at after 2026-05-31", "2026-05-31T22:00:00Z", "Europe/Berlin", True),
        ("signed_up_at after 2026-06-01", "2026-06-01T12:00:00Z", "UTC", False),
    ],
)
def test_a_day_has_no_time_but_midnight_of_the_project(text, signed_up_at, zone, expected):
    assert asked(text, has(signed_up_at=signed_up_at), zone=zone) is expected


@says("an event later than now does not count yet")
def test_what_lies_in_the_future_has_not_happened():
    rules = project()
    text = f'did "{REPORT}"'
    tomorrow = event("0", REPORT, seq=1, time=Instant(NOW + DAY))
    assert Person(rules, [tomorrow], NOW).truth(parsed(text)) is False
    assert Person(rules, [tomorrow], Instant(NOW + DAY)).truth(parsed(text)) is True
    line = {"type": "track", "userId": "u", "event": REPORT, "timestamp": format_instant(tomorrow.time)}
    for at, expected in ((NOW, False), (tomorrow.time, True)):
        question = {"condition": text, "events": [line], "at": format_instant(at), "declare": f'event "{REPORT}"'}
        ran = CliRunner().invoke(cli, ["eval"], input=orjson.dumps(question))
        assert orjson.loads(ran.stdout) == {"value": expected}
