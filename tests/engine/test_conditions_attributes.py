"""Comparisons: true, false, or unknown while there is nothing to compare."""

from __future__ import annotations

import pytest

from dsl.compiler import compile_condition
from dsl.operators import OPERATORS
from dsl.parser import parse_condition
from tests.engine.histories import project, truth

DAY_AGO = "2026-06-14T12:00:00Z"

TABLE = [
    # condition, a value for which it is true, one for which it is false
    ('plan is "trial"', {"plan": "trial"}, {"plan": "Trial"}),
    ('plan is "trial" ignoring case', {"plan": "TRIAL"}, {"plan": "pro"}),
    ('plan is not "trial"', {"plan": "pro"}, {"plan": "trial"}),
    ('plan is one of "trial", "pro"', {"plan": "pro"}, {"plan": "free"}),
    ('plan is one of "a", "b", "c", "d", "e", "f"', {"plan": "e"}, {"plan": "free"}),
    ('plan is none of "free"', {"plan": "pro"}, {"plan": "free"}),
    ('plan is not one of "free"', {"plan": "pro"}, {"plan": "free"}),
    ("seats >= 5", {"seats": 5}, {"seats": 4.9}),
    ("seats > 5", {"seats": 5.1}, {"seats": 5}),
    ("seats <= 5", {"seats": 5}, {"seats": 6}),
    ("seats < 5", {"seats": 4}, {"seats": 5}),
    ("seats is 5", {"seats": 5.0}, {"seats": 6}),
    ("seats >= 5", {"seats": "5"}, {"seats": "4"}),
    ("seats between 5 and 20", {"seats": 20}, {"seats": 21}),
    ("seats between 5 and 20", {"seats": 5}, {"seats": 4}),
    ("seats_used >= 80% of seats", {"seats_used": 4, "seats": 5}, {"seats_used": 3, "seats": 5}),
    ('company does not contain "acme" ignoring case', {"company": "Globex"}, {"company": "ACME Inc"}),
    ('company contains "Acme"', {"company": "Acme Inc"}, {"company": "acme"}),
    ('email ends with "@example.com" ignoring case', {"email": "a@Example.COM"}, {"email": "a@b.com"}),
    ('name starts with "A"', {"name": "Ada"}, {"name": "ada"}),
    (r"email matches /.+@corp\..+/", {"email": "x@corp.io"}, {"email": "x@other.io"}),
    (r"email matches /^X@/ ignoring case", {"email": "x@corp.io"}, {"email": "ax@corp.io"}),
    ('tags include "beta"', {"tags": ["a", "beta"]}, {"tags": []}),
    ('tags include "beta" ignoring case', {"tags": ["BETA"]}, {"tags": ["b"]}),
    ('tags include any of "a", "b"', {"tags": ["b", "c"]}, {"tags": ["c"]}),
    ('tags include all of "a", "b"', {"tags": ["b", "a"]}, {"tags": ["a"]}),
    ('tags include none of "a", "b"', {"tags": ["c"]}, {"tags": ["a", "c"]}),
    ("scores include 3", {"scores": [1, 3]}, {"scores": [1]}),
    ('app_version >= version "2.10.0"', {"app_version": "v2.10"}, {"app_version": "2.9.9"}),
    ('app_version >= version "2.10.0"', {"app_version": "2.10.1"}, {"app_version": "2.10.0-rc.1"}),
    ('app_version is version "2.10.0"', {"app_version": "2.10"}, {"app_version": "2.10.1"}),
    ("signed_up_at within last 14 days", {"signed_up_at": DAY_AGO}, {"signed_up_at": "2026-06-01T12:00:00Z"}),
    ("signed_up_at within last 1 day", {"signed_up_at": "2026-06-15T12:00:00Z"}, {"signed_up_at": DAY_AGO}),
    ("trial_ends_at within next 3 days", {"trial_ends_at": "2026-06-18T12:00:00Z"}, {"trial_ends_at": DAY_AGO}),
    (
        "trial_ends_at within next 3 days",
        {"trial_ends_at": "2026-06-15T12:00:00Z"},
        {"trial_ends_at": "2026-06-18T12:00:01Z"},
    ),
    (
        "signed_up_at before 2026-01-01",
        {"signed_up_at": "2025-12-31T23:59:59Z"},
        {"signed_up_at": "2026-01-01T00:00:00Z"},
    ),
    (
        "signed_up_at after 2026-01-01",
        {"signed_up_at": "2026-01-02T00:00:00Z"},
        {"signed_up_at": "2026-01-01T23:59:59.999999Z"},
    ),
    (
        "signed_up_at after 2026-01-01T13:00:00Z",
        {"signed_up_at": "2026-01-01T13:00:01Z"},
        {"signed_up_at": "2026-01-01T13:00:00Z"},
    ),
    ("signed_up_at more than 1 day ago", {"signed_up_at": DAY_AGO}, {"signed_up_at": "2026-06-14T12:00:01Z"}),
    ('language is one of "de", "fr"', {"language": "de-AT"}, {"locale": "en-US"}),
]


@pytest.mark.parametrize(("text", "true_of", "false_of"), TABLE, ids=[row[0] for row in TABLE])
def test_a_comparison_is_true_false_or_unknown_and_its_negation_the_opposite(text, true_of, false_of):
    assert truth(text, traits=true_of) is True
    assert truth(text, traits=false_of) is False
    assert truth(text) is None
    assert truth(f"not ({text})", traits=true_of) is False
    assert truth(f"not ({text})", traits=false_of) is True
    assert truth(f"not ({text})") is None


UNKNOWN = [
    ('plan is not "pro"', {"plan": "  "}),
    ("seats >= 5", {"seats": "five"}),
    ("seats is not 5", {"seats": True}),
    ("signed_up_at before 2026-01-01", {"signed_up_at": 1_700_000_000}),
    ('tags include none of "a"', {"tags": "a"}),
    ("seats_used >= 80% of seats", {"seats_used": 4}),
    ('app_version is version "2.10.0"', {"app_version": "two"}),
]


@pytest.mark.parametrize(("text", "traits"), UNKNOWN)
def test_a_value_that_cannot_be_read_is_neither_true_nor_false(text, traits):
    assert truth(text, traits=traits) is None


SET = [
    ("role is set", {"role": "admin"}, True),
    ("role is set", {"role": " "}, False),
    ("role is set", {}, False),
    ("role is not set", {}, True),
    ("role is not set", {"role": "admin"}, False),
    ("tags is set", {"tags": []}, True),
    ("seats is set", {"seats": "five"}, True),
    ("sales_assisted is set", {}, True),
    ("sales_assisted is no", {}, True),
    ("sales_assisted is yes", {"sales_assisted": "true"}, True),
    ("sales_assisted is no", {"sales_assisted": "perhaps"}, None),
    ("sales_assisted is set", {"sales_assisted": "perhaps"}, True),
    ("sales_assisted is no", {"sales_assisted": ""}, True),
]


@pytest.mark.parametrize(("text", "traits", "expected"), SET)
def test_set_is_always_decided_and_a_default_stands_in_for_nothing(text, traits, expected):
    assert truth(text, traits=traits) is expected


CONTEXT = [
    ('page.path matches "/domains/*"', {"page": {"path": "/domains/7/dns?tab=x#top"}}, True),
    ('page.path matches "/domains/*"', {"page": {"path": "/domains"}}, False),
    ('page.path matches "/domains/*"', {"page": {"path": "/domains/"}}, False),
    ('page.path matches "/domains/"', {"page": {"path": "/domains"}}, True),
    ('page.path matches "/domains/*"', {}, None),
    ('device.type is "mobile"', {"device": {"type": "mobile"}}, True),
    ('device.os is "iOS"', {"os": {"name": "iOS"}}, True),
    ('device.ip in network "10.0.0.0/8"', {"ip": "10.1.2.3"}, True),
    ('device.ip in network "10.0.0.0/8"', {"ip": "192.168.0.1"}, False),
    ('device.ip in network "10.0.0.0/8"', {"device": {"ip": "::ffff:10.0.0.1"}}, True),
    ('device.ip in network "10.0.0.0/8"', {}, None),
    ('language is "de"', {"locale": "de-AT"}, True),
    ('locale is "de-AT"', {"locale": "de-AT"}, True),
    ('timezone is "Europe/Berlin"', {"timezone": "Europe/Berlin"}, True),
    ('app_version >= version "2.0"', {"app": {"version": "2.1"}}, True),
]


@pytest.mark.parametrize(("text", "context", "expected"), CONTEXT)
def test_the_request_tells_of_page_and_device(text, context, expected):
    assert truth(text, context=context) is expected


def test_a_trait_goes_before_the_context():
    assert truth('language is "fr"', traits={"language": "fr"}, context={"locale": "de"}) is True


def test_the_account_may_be_known_from_its_other_users():
    assert truth('account.industry contains "health"', account={"industry": "healthcare"}) is True
    assert truth('account.industry contains "health"', [("1 day", "$group", {"industry": "retail"})]) is False
    assert truth('account.industry contains "health"') is None


def test_first_seen_is_the_time_of_the_first_event():
    rows = [("3 days", "Viewed Docs"), ("1 day", "Viewed Docs")]
    assert truth("first_seen more than 2 days ago", rows) is True
    assert truth("first_seen more than 4 days ago", rows) is False
    assert truth("first_seen more than 2 days ago") is None


def test_the_user_id_is_an_attribute():
    assert truth('user_id is "u1"', [("1 day", "Viewed Docs")]) is True


KLEENE = [
    ('plan is "trial" or seats > 3', {"plan": "trial"}, True),
    ('plan is "trial" or seats > 3', {"plan": "pro"}, None),
    ('plan is "trial" and seats > 3', {"plan": "pro"}, False),
    ('plan is "trial" and seats > 3', {"plan": "trial"}, None),
    ('not (plan is "trial" or seats > 3)', {"plan": "pro"}, None),
    ('not (plan is "trial" or seats > 3)', {"plan": "pro", "seats": 1}, True),
    ('all of { plan is "trial"  seats > 3 }', {"plan": "trial", "seats": 4}, True),
    ('any of { plan is "trial"  seats > 3 }', {"seats": 4}, True),
    ('none of { plan is "trial"  seats > 3 }', {"plan": "pro", "seats": 1}, True),
    ('none of { plan is "trial"  seats > 3 }', {"plan": "pro"}, None),
    ('none of { plan is "trial"  seats > 3 }', {"plan": "trial"}, False),
    ("true", {}, True),
    ("not true", {}, False),
    ('not (plan is "pro")', {}, None),
    ("in enterprise", {"plan": "pro", "seats": 50}, True),
    ("in enterprise", {"plan": "pro"}, None),
    ("in enterprise", {"plan": "free"}, False),
    ("not in enterprise", {"plan": "free"}, True),
    ("not in enterprise", {"plan": "pro"}, None),
    ('not (plan is "trial" or seats > 3) and in stuck_on_dns', {"plan": "pro", "seats": 1}, False),
]


@pytest.mark.parametrize(("text", "traits", "expected"), KLEENE)
def test_and_or_not_follow_kleene(text, traits, expected):
    assert truth(text, traits=traits) is expected


def test_every_operator_s_example_compiles():
    for operator in OPERATORS.values():
        parsed = parse_condition(operator.example)
        assert parsed.condition is not None, operator.example
        compile_condition(parsed.condition, project())


def test_what_a_user_wrote_stays_a_constant():
    text = """') or True or ('"""
    condition = parse_condition(f'`) or (1` is "{text}"').condition
    assert condition is not None
    code = compile_condition(condition, project()).holds.__code__
    assert set(code.co_names) == {"values", "get"}
    assert code.co_consts == (None, "user.) or (1: text", text)


def test_a_condition_with_very_many_terms_compiles():
    terms = " or ".join(f'plan is "p{number}"' for number in range(500))
    assert truth(terms, traits={"plan": "p499"}) is True
    assert truth(terms, traits={"plan": "none"}) is False
