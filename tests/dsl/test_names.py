"""What is near to a name, what is a selector, what a name in a rule speaks of, and when a date begins."""

from __future__ import annotations

import pytest

from dsl.catalog import Owner, Seen, catalog_of
from dsl.diagnostics import Span
from dsl.moments import end_of, start_of
from dsl.nodes import DayLiteral
from dsl.project import load
from dsl.selectors import is_selector
from dsl.suggest import distance_within, nearest
from dsl.values import NUMBER, TEXT, VERSION, ValueType, read_instant

HERE = Span("a.way", 0, 0, 1, 1)


@pytest.mark.parametrize(
    ("written", "known", "near"),
    [
        ("Domain Verifed", ["Domain Verified", "Domain Added"], ("Domain Verified",)),
        ("signed up", ["Signed Up", "Signed Out"], ("Signed Up",)),
        ("signedUp", ["signed_up", "signed_off"], ("signed_up",)),
        ("Company Size", ["company_size"], ("company_size",)),
        ("seat", ["seats", "beta"], ("seats",)),
        ("step_3", ["step_1", "step_2"], ("step_1", "step_2")),
        ("trail", ["trial", "train"], ("train", "trial")),
        ("abc", ["xyz"], ()),
        ("plan", ["pain", "seat"], ()),
        ("page", ["page"], ()),
    ],
)
def test_the_nearest_names_are_suggested_and_no_far_ones(written: str, known: list[str], near: tuple[str, ...]) -> None:
    assert nearest(written, known) == near


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [("trail", "trial", 1), ("seat", "seats", 1), ("Plan", "plan", 0), ("abc", "abcd", 1), ("kitten", "sitting", 3)],
)
def test_a_distance_counts_letters_and_swapped_neighbours(first: str, second: str, distance: int) -> None:
    assert distance_within(first, second, 3) == distance
    assert distance == 0 or distance_within(first, second, distance - 1) is None


@pytest.mark.parametrize(
    "selector",
    [
        "#dns",
        "div.card > a[href^='/docs']",
        "[data-guide=dns]",
        "[data-guide='a b' i]",
        "ul li:nth-child(2n + 1)",
        ":not(.a, #b)",
        "a:has(> img)",
        "button:hover::before",
        "*",
        "a , b",
        ".\\31 a",
        "#größe",
        "my-element",
        "role=main",
        "role=button[name='Verify || check']",
        '#verify || [data-guide=verify] || role=button[name="Verify"]',
        "[a|='b'] || a[b='||'] > c",
    ],
)
def test_what_a_browser_takes_is_a_selector(selector: str) -> None:
    assert is_selector(selector)


@pytest.mark.parametrize(
    "selector",
    [
        "",
        "  ",
        "#",
        "#1a",
        "..a",
        "a >",
        "> a",
        "a,,b",
        "[a",
        "[a=b c]",
        ":not()",
        "a:contains('x')",
        "a{",
        "1a",
        "a b,",
        "a ||",
        "|| a",
        "a | b",
        "role=Button",
        "role=button[name=Verify]",
        "role=button .a",
    ],
)
def test_what_a_browser_throws_at_is_no_selector(selector: str) -> None:
    assert not is_selector(selector)


CATALOG = load(
    {
        "a.way": """
attribute plan: one of "free", "pro" default "free"
attribute size from "Company Size": number
account attribute plan: text
event "A" { reason: text, n: number }
event "B" { reason: text, n: text }
journey j { stage s { step one reached by "C" attempted by "D" } outcome "E" }
"""
    }
).catalog


@pytest.mark.parametrize(
    ("parts", "owner", "key", "type_"),
    [
        (("plan",), Owner.USER, "plan", 'one of "free", "pro"'),
        (("size",), Owner.USER, "Company Size", "number"),
        (("account", "plan"), Owner.ACCOUNT, "plan", "text"),
        (("page", "path"), Owner.CONTEXT, "page.path", "text"),
        (("device", "ip"), Owner.CONTEXT, "device.ip", "text"),
        (("language",), Owner.USER, "language", "text"),
        (("app_version",), Owner.USER, "app_version", "version"),
        (("event", "reason"), Owner.EVENT, "reason", "text"),
    ],
)
def test_a_path_speaks_of_somebodys_value(parts: tuple[str, ...], owner: Owner, key: str, type_: str) -> None:
    subject = CATALOG.subject(parts, triggers=("A", "B"))
    assert subject is not None
    assert (subject.owner, subject.key, str(subject.type)) == (owner, key, type_)


@pytest.mark.parametrize(
    "parts",
    [
        ("plans",),
        ("account", "size"),
        ("page", "paths"),
        ("event", "n"),
        ("event", "other"),
        ("a", "b"),
        ("a", "b", "c"),
    ],
)
def test_an_unknown_path_speaks_of_nothing(parts: tuple[str, ...]) -> None:
    assert CATALOG.subject(parts, triggers=("A", "B")) is None


def test_a_property_of_the_event_needs_an_event() -> None:
    assert CATALOG.subject(("event", "reason")) is None


@pytest.mark.parametrize("name", ["A", "C", "D", "E", "$page", "$rage_click"])
def test_events_are_known_by_declaration_by_mention_and_by_nature(name: str) -> None:
    event = CATALOG.event(name)
    assert event is not None
    assert event.declared


def test_what_was_seen_is_known_but_not_declared() -> None:
    seen = Seen(attributes={"shoe": NUMBER, "app_version": TEXT}, events={"Paid": {"sum": NUMBER}})
    catalog = catalog_of([], [], seen=seen)
    assert catalog.user["shoe"].declared is False
    assert catalog.user["app_version"].type == VERSION
    paid = catalog.event("Paid")
    assert paid is not None
    assert paid.declared is False
    assert catalog.property("Paid", "sum") is not None


def test_a_declared_type_stands_above_what_was_seen() -> None:
    text = 'event "Paid" { sum: text }\n'
    project = load({"a.way": text}, seen=Seen(events={"Paid": {"sum": NUMBER, "tax": NUMBER}}))
    paid = project.catalog.event("Paid")
    assert paid is not None
    assert dict(paid.properties) == {"sum": ValueType(TEXT.kind), "tax": NUMBER}


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("UTC", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z"),
        ("Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
        ("America/New_York", "2026-03-29T04:00:00Z", "2026-03-30T04:00:00Z"),
    ],
)
def test_a_day_begins_and_ends_at_midnight_of_the_zone(zone: str, start: str, end: str) -> None:
    day = DayLiteral(2026, 3, 29, span=HERE)
    assert start_of(day, zone) == read_instant(start)
    assert end_of(day, zone) == read_instant(end)
