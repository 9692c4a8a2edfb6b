"""What people write who know English, or other languages: each mistake is known, and put right exactly."""

from __future__ import annotations

import pytest

from dsl.diagnostics import Diagnostic
from dsl.parser import parse, parse_condition

CONDITIONS = (
    # Signs
    ('plan = "trial"', "WP005", 'plan is "trial"'),
    ('plan == "trial"', "WP005", 'plan is "trial"'),
    ('plan="trial"', "WP005", 'plan is "trial"'),
    ('plan != "trial"', "WP005", 'plan is not "trial"'),
    ('plan <> "trial"', "WP005", 'plan is not "trial"'),
    ("seats ≥ 5", "WP005", "seats >= 5"),
    ("seats => 5", "WP005", "seats >= 5"),
    ('plan is "a" && seats > 3', "WP005", 'plan is "a" and seats > 3'),
    ('plan is "a" || seats > 3', "WP005", 'plan is "a" or seats > 3'),
    ("!(seats > 3)", "WP005", "not (seats > 3)"),
    ('plan is one of ["a", "b"]', "WP005", 'plan is one of "a", "b"'),
    ('plan is one of ("a", "b")', "WP005", 'plan is one of "a", "b"'),
    # Quotes
    ("plan is “trial”", "WP006", 'plan is "trial"'),
    ("plan is „trial“", "WP006", 'plan is "trial"'),
    ("plan is 'trial'", "WP006", 'plan is "trial"'),
    ('plan is "trial”', "WP006", 'plan is "trial"'),
    ("did “Signed Up” in last 3 days", "WP006", 'did "Signed Up" in last 3 days'),
    ('did "Signed Up', "WP004", 'did "Signed Up"'),
    # Short forms and capitals
    ('plan isn\'t "free"', "WP007", 'plan is not "free"'),
    ('plan isn’t "free"', "WP007", 'plan is not "free"'),
    ('didn\'t "Signed Up"', "WP007", 'did not "Signed Up"'),
    ('company doesn\'t contain "x"', "WP007", 'company does not contain "x"'),
    ('plan is "a" AND seats > 3', "WP008", 'plan is "a" and seats > 3'),
    ('plan IS NOT "a"', "WP008", 'plan is not "a"'),
    ('Did "Signed Up"', "WP008", 'did "Signed Up"'),
    ('NOT plan is "a"', "WP008", 'not plan is "a"'),
    # What English says otherwise
    ('did "X" in the last 7 days', "WP009", 'did "X" in last 7 days'),
    ('did "X" at least 3 times this week', "WP009", 'did "X" at least 3 times in last 7 days'),
    ('did "X" last month', "WP009", 'did "X" in last 30 days'),
    ('did "X" today', "WP009", 'did "X" in last 1 day'),
    ('did "X" during the past 7 days', "WP009", 'did "X" in last 7 days'),
    ("signed_up_at in the last 14 days", "WP009", "signed_up_at within last 14 days"),
    ("signed_up_at is before 2026-01-01", "WP009", "signed_up_at before 2026-01-01"),
    ("seats is greater than 5", "WP009", "seats > 5"),
    ("seats at least 5", "WP009", "seats >= 5"),
    ('plan in "a", "b"', "WP009", 'plan is one of "a", "b"'),
    ('plan is any of "a", "b"', "WP009", 'plan is one of "a", "b"'),
    ('plan equals "a"', "WP009", 'plan is "a"'),
    ("role is null", "WP009", "role is not set"),
    ("role is not empty", "WP009", "role is set"),
    ("role exists", "WP009", "role is set"),
    ('tags includes "beta"', "WP009", 'tags include "beta"'),
    ('did "X" 3 times', "WP009", 'did "X" at least 3 times'),
    ('did "X" >= 3 times', "WP009", 'did "X" at least 3 times'),
    ('did "A" followed by "B"', "WP009", 'did "A" then "B"'),
    ("has seen verify_help", "WP009", "saw verify_help"),
    ("is in enterprise", "WP009", "in enterprise"),
    ("seats between 5 - 20", "WP009", "seats between 5 and 20"),
    ("seats between 5, 20", "WP009", "seats between 5 and 20"),
    ("felt confused, doubtful at a.b", "WP009", "felt confused or doubtful at a.b"),
    ('sum amount in "Purchase" > 3', "WP009", 'sum of amount in "Purchase" > 3'),
    ('number of domain in "Added" >= 3', "WP009", 'number of different domain in "Added" >= 3'),
    ('first did "X" 30 days ago', "WP009", 'first did "X" more than 30 days ago'),
    ('last did "X" within 3 days', "WP009", 'last did "X" within last 3 days'),
    ("days active in last 14 days at least 3", "WP009", "days active in last 14 days >= 3"),
    # Lengths of time
    ('did "X" in last 7d', "WP010", 'did "X" in last 7 days'),
    ('did "X" in last 7days', "WP010", 'did "X" in last 7 days'),
    ('did "X" in last 2 hrs', "WP010", 'did "X" in last 2 hours'),
    ('did "X" in last 1 month', "WP010", 'did "X" in last 30 days'),
    ('did "X" in last 2 years', "WP010", 'did "X" in last 730 days'),
    ('did "X" in last week', "WP010", 'did "X" in last 1 week'),
    ('did "X" in last two weeks', "WP010", 'did "X" in last 2 weeks'),
    ('did "X" in last 1.5 hours', "WP010", 'did "X" in last 90 minutes'),
    ("stuck at a.b for 15m", "WP010", "stuck at a.b for 15 minutes"),
    # Values joined with `or`
    ('plan is "a" or "b"', "WP011", 'plan is one of "a", "b"'),
    ('plan is "a" or "b" or "c"', "WP011", 'plan is one of "a", "b", "c"'),
    ('plan is not "a" or "b"', "WP011", 'plan is none of "a", "b"'),
    ('plan is one of "a" or "b"', "WP011", 'plan is one of "a", "b"'),
    ('plan is "a", "b"', "WP011", 'plan is one of "a", "b"'),
    ("country is DE or FR", "WP011", 'country is one of "DE", "FR"'),
    ("seats is 1 or 2 and role is set", "WP011", "seats is one of 1, 2 and role is set"),
    ('plan is "a" or is "b"', "WP011", 'plan is "a" or plan is "b"'),
    ('name contains "a" or "b"', "WP011", 'name contains "a" or name contains "b"'),
    ("answered s.ease < 3 or > 5", "WP011", "answered s.ease < 3 or answered s.ease > 5"),
    # What was done
    ('did "A" then did "B"', "WP012", 'did "A" then "B"'),
    ('did "A" directly then did "B" in one session', "WP012", 'did "A" directly then "B" in one session'),
    ('did "A" and then "B"', "WP012", 'did "A" then "B"'),
    ('did "X" within 7 days', "WP013", 'did "X" in last 7 days'),
    ('did "X" within last 7 days', "WP013", 'did "X" in last 7 days'),
    ('did "X" at least 2 times within 7 days', "WP013", 'did "X" at least 2 times in last 7 days'),
    ('did "X" more than 30 days ago', "WP014", 'last did "X" more than 30 days ago'),
    ('did not "X" more than 30 days ago', "WP014", 'did not "X" in last 30 days'),
    ("signed_up_at more than 3 days", "WP014", "signed_up_at more than 3 days ago"),
    ("signed_up_at within last 3 days ago", "WP014", "signed_up_at within last 3 days"),
    # Values without quotes, with quotes, yes and no
    ("plan is trial", "WP015", 'plan is "trial"'),
    ("company is Acme Corp", "WP015", 'company is "Acme Corp"'),
    ("language is one of de", "WP015", 'language is one of "de"'),
    ("did Signed Up in last 3 days", "WP015", 'did "Signed Up" in last 3 days'),
    ("page.path matches /domains/*", "WP015", 'page.path matches "/domains/*"'),
    ("email matches .+@corp", "WP015", "email matches /.+@corp/"),
    ("assisted is true", "WP016", "assisted is yes"),
    ("assisted is False", "WP016", "assisted is no"),
    # Names
    ("verify-help is set", "WP017", "verify_help is set"),
    ("saw verify-help in last 2 days", "WP017", "saw verify_help in last 2 days"),
    ("at activation.verify-domain", "WP017", "at activation.verify_domain"),
    ('in "enterprise"', "WP017", "in enterprise"),
    ("Company Size > 5", "WP017", "`Company Size` > 5"),
    ("2fa is yes", "WP017", "`2fa` is yes"),
    # Dates and numbers
    ("signed_up_at before 30 June 2027", "WP019", "signed_up_at before 2027-06-30"),
    ("signed_up_at before June 30th, 2027", "WP019", "signed_up_at before 2027-06-30"),
    ("signed_up_at before 2027-6-3", "WP019", "signed_up_at before 2027-06-03"),
    ('signed_up_at before "2027-06-03"', "WP019", "signed_up_at before 2027-06-03"),
    ("signed_up_at after 2027-06-03T10:00", "WP019", "signed_up_at after 2027-06-03T10:00:00Z"),
    ("seats > 1,000", "WP020", "seats > 1000"),
    ("seats > 1,000,000.5", "WP020", "seats > 1000000.5"),
    ("seats > 5k", "WP020", "seats > 5000"),
    ("price > $5", "WP020", "price > 5"),
    ("price > .5", "WP020", "price > 0.5"),
    ("seats > 007", "WP020", "seats > 7"),
    ("app_version >= 2.10.0", "WP020", 'app_version >= version "2.10.0"'),
    ('did "X" at least three times', "WP020", 'did "X" at least 3 times'),
    # Braces and words
    ('(plan is "a"', "WP002", '(plan is "a")'),
    ('plan is "a")', "WP002", 'plan is "a"'),
    ('dd "X"', "WP001", 'did "X"'),
    ('reachd a.b', "WP001", "reached a.b"),
    (r'a is "x\y"', "WP023", r'a is "x\\y"'),
)  # fmt: skip

CLAUSES = (
    ("if plan is “x”", ("WP009", "WP006"), 'when plan is "x"'),
    ("once every week", ("WP010",), "once every 1 week"),
    ("every 7 days", ("WP009",), "once every 7 days"),
    ("once per day", ("WP009",), "once every 1 day"),
    ("once a week", ("WP009",), "once every 1 week"),
    ("once per 14 days", ("WP009",), "once every 14 days"),
    ("once per session", ("WP009",), ""),
    ("rollout 50", ("WP020",), "rollout 50%"),
    ("expires 30 June 2027", ("WP019",), "expires 2027-06-30"),
    ("only between 9:00 and 5pm", ("WP018", "WP018"), "only between 09:00 and 17:00"),
    ("on page /domains/*", ("WP015",), 'on page "/domains/*"'),
    ("on DNS Check Failed", ("WP015",), 'on "DNS Check Failed"'),
    ("for self_serve and enterprise", ("WP009",), "for self_serve, enterprise"),
    ('for "self_serve"', ("WP017",), "for self_serve"),
    ("wait for 5 seconds", ("WP009",), "wait  5 seconds"),
    ("wait until idle 5 seconds", ("WP009",), "wait until idle for 5 seconds"),
    ("stop after 500", ("WP001",), "stop after 500 responses"),
    ("show tooltip beside #dns { }", ("WP015",), 'show tooltip beside "#dns" { }'),
    ("show modal { title Two records\n }", ("WP015",), 'show modal { title "Two records"\n }'),
    ('show modal { button "x" opens /docs }', ("WP015",), 'show modal { button "x" opens "/docs" }'),
    ('show modal { button "Later" snoozes 1d }', ("WP010",), 'show modal { button "Later" snoozes 1 day }'),
    ('ask effort "How easy?"', ("WP017",), 'ask effort how_easy "How easy?"'),
    ('ask text detail "What?" optionl', ("WP001",), 'ask text detail "What?" optional'),
    ('ask choice a "b" { "A", "B" }', ("WP001",), 'ask choice a "b" { "A" "B" }'),
)

DECLARATIONS = (
    ("attribute plan text", ("WP001",), "attribute plan: text"),
    ("attribute seats = number", ("WP005",), "attribute seats : number"),
    ("attribute seats: integer", ("WP009",), "attribute seats: number"),
    ("attribute first name: text", ("WP017",), "attribute `first name`: text"),
    ('attribute "Company Size": text', ("WP017",), "attribute `Company Size`: text"),
    ("attribute plan: one of free, trial", ("WP015", "WP015"), 'attribute plan: one of "free", "trial"'),
    ("attribute a: yes/no default true", ("WP016",), "attribute a: yes/no default yes"),
    ("event Signed Up", ("WP015",), 'event "Signed Up"'),
    ('event "A" { a: text b: number }', ("WP001",), 'event "A" { a: text, b: number }'),
    ('segment q = plan is "x"', ("WP005",), 'segment q where plan is "x"'),
    ('persona p "P" when plan is "x"', ("WP009",), 'persona p "P" where plan is "x"'),
    ("feature f used by Report Exported for p", ("WP015",), 'feature f used by "Report Exported" for p'),
    ('guide verify-help "Help" { }', ("WP017",), 'guide verify_help "Help" { }'),
    ('guide "Help with DNS" { }', ("WP017",), 'guide help_with_dns "Help with DNS" { }'),
    ('guide a priority 3 }', ("WP002",), "guide a { priority 3 }"),
    ("limits { at most 1 guide each session }", ("WP009",), "limits { at most 1 guide per session }"),
    ("journey a { stage s { step connect domain \"C\" } }", ("WP017",),
     "journey a { stage s { step connect_domain \"C\" } }"),
    ('journey a { stage s { step b reached by "A", "B" where x is 1 } }', ("WP026",),
     'journey a { stage s { step b reached by "A" reached by "B" where x is 1 } }'),
    ("record for in trial", ("WP009",), "record for trial"),
    ("record for trial and stuck", ("WP009",), "record for trial, stuck"),
    ("record at j.s rollout 20%", ("WP009",), "record at j.s sample 20%"),
    ("record at j.s sample 20", ("WP020",), "record at j.s sample 20%"),
    ("recrod at j.s", ("WP001",), "record at j.s"),
    ('journey a { gives up after 1 month }', ("WP010",), "journey a { gives up after 30 days }"),
)  # fmt: skip


def mended(text: str, diagnostics: tuple[Diagnostic, ...]) -> str:
    """The text with every fix in its place."""
    for diagnostic in reversed(diagnostics):
        if diagnostic.fix is not None:
            text = text[: diagnostic.span.start] + diagnostic.fix + text[diagnostic.span.end :]
    return text


def _squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("text", "code", "right"), CONDITIONS, ids=[case[0] for case in CONDITIONS])
def test_a_mistake_in_a_condition_is_known_and_put_right(text: str, code: str, right: str) -> None:
    read = parse_condition(text)
    assert [diagnostic.code for diagnostic in read.diagnostics] == [code]
    assert read.diagnostics[0].help
    assert _squeezed(mended(text, read.diagnostics)) == right
    assert parse_condition(right).diagnostics == ()
    # The parser goes on with what was meant.
    assert read.condition == parse_condition(right).condition


@pytest.mark.parametrize(("text", "codes", "right"), CLAUSES, ids=[case[0] for case in CLAUSES])
def test_a_mistake_in_a_clause_is_known_and_put_right(text: str, codes: tuple[str, ...], right: str) -> None:
    _is_put_right(f"guide g {{\n  {text}\n}}\n", codes, f"guide g {{\n  {right}\n}}\n")


@pytest.mark.parametrize(("text", "codes", "right"), DECLARATIONS, ids=[case[0] for case in DECLARATIONS])
def test_a_mistake_in_a_declaration_is_known_and_put_right(text: str, codes: tuple[str, ...], right: str) -> None:
    _is_put_right(f'{text}\nevent "After"\n', codes, f'{right}\nevent "After"\n')


def _is_put_right(text: str, codes: tuple[str, ...], right: str) -> None:
    read = parse(text)
    assert [diagnostic.code for diagnostic in read.diagnostics] == list(codes)
    assert _squeezed(mended(text, read.diagnostics)) == _squeezed(right)
    assert parse(right).diagnostics == ()
    assert read.program == parse(right).program


def test_is_not_one_of_is_no_mistake() -> None:
    assert parse_condition('plan is not one of "a", "b"').diagnostics == ()


WITHOUT_ONE_FIX = (
    ("signed_up_at before 06/07/2027", "WP019", "can be read in two ways"),
    ('did "A" where not x is 1', "WP026", "needs parentheses"),
    ('did "A" where (x is 1 and did "B")', "WP026", "asks about properties of its event"),
    ("plan", "WP001", "something is missing after `plan`"),
    ('plan is "a" and', "WP001", "something is missing after `and`"),
    ('plan "trial"', "WP001", '"trial" cannot stand here'),
    ("", "WP001", "something is missing"),
    ("at activation", "WP001", "`activation` cannot stand here"),
    ("answered verify_effort <= 3", "WP025", "the question is missing"),
    ('plan is "' + "x" * 5000 + '"', "WP021", "longer than 4 KB"),
    ("x" * 200 + " is 1", "WP021", "longer than 128 characters"),
    ("a matches /" + "x" * 300 + "/", "WP021", "longer than 256 characters"),
    ("signed_up_at before 2027-02-30", "WP019", "there is no day"),
    ("seats > 1e999", "WP020", "is not a number"),
    ('did "X" in last 999999 weeks', "WP010", "more than ten years"),
    ('did "X" at least 1.5 times', "WP020", "cannot stand here"),
)


@pytest.mark.parametrize(("text", "code", "message"), WITHOUT_ONE_FIX, ids=[case[0][:40] for case in WITHOUT_ONE_FIX])
def test_where_there_is_not_one_way_to_put_it_right_the_message_says_what_is_wrong(
    text: str, code: str, message: str
) -> None:
    read = parse_condition(text)
    assert [diagnostic.code for diagnostic in read.diagnostics] == [code]
    assert message in read.diagnostics[0].message
    assert read.diagnostics[0].help
    assert read.diagnostics[0].fix is None
