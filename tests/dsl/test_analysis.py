"""What can never be true and what is always true: tables, and a comparison with trying out everything."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.catalog import Seen
from dsl.codes.warnings import ALWAYS_TRUE, NEVER_TRUE, OUTRANKED, OVERLAP
from dsl.nodes import And, Comparison, Condition, NoneOf, Not, NumberLiteral, Or, TextLiteral
from dsl.parser import parse_condition
from dsl.project import load
from dsl.values import TEXT
from tests.profiles import examples

DECLARATIONS = """
attribute plan: one of "free", "trial", "pro"
attribute company: text
attribute seats: number
attribute known: number default 3
attribute seats_version from "seats": version
attribute assisted: yes/no
attribute tags: list of text
attribute born: time
event "A" { amount: number, word: text }
event "B"
journey j { stage s { step one reached by "A" step two reached by "B" step three reached by "C" } }
segment payers where plan is "pro"
guide g { show modal { title "G" } goal "B" within 1 day expires 2027-06-30 }
survey v {
  ask nps score "How likely?"
  ask choice cause "Why?" { "Slow" "Hard" }
  expires 2027-06-30
}
"""

NEVER = """
seats < 3 and seats > 5
seats < 3 and seats >= 3
seats between 5 and 3
seats between 1 and 2 and not (seats <= 2)
seats is 3 and seats is one of 4, 5
seats is not set and seats > 3
known is not set
plan is "free" and plan is "pro"
plan is none of "free", "trial", "pro"
plan is "pro" and not in payers
plan is "free" and in payers
plan is "pro" and plan contains "x"
company is ""
company is "Acme" and company starts with "B"
company is "a" and not company is "a"
assisted is yes and assisted is no
app_version < version "2.0" and app_version >= version "2.0.0"
app_version > version "2.0" and app_version < version "2.0.0-rc.1"
born within last 3 days and born more than 7 days ago
born within last 3 days and born within next 2 days and not (born within last 4 days)
born before 2026-01-01 and born after 2026-01-01
not true
none of { plan is "free"  true }
did "A" and did not "A"
did "A" in last 1 day and did not "A"
did "A" at least 3 times in last 1 day and did "A" at most 2 times in last 7 days
did "A" where amount > 3 and did not "A"
did "A" on at least 3 days in last 7 days and did "A" at most 2 times in last 7 days
did "A" fewer than 0 times
did "A" between 4 and 2 times
did "A" where (amount > 3 and amount < 2)
did "A" then "B" within 1 hour and did not "B"
first did "A" more than 3 days ago and did not "A"
did "A" and not "B" within 1 day and did not "A"
number of different word in "A" < 0
days active in last 7 days > 8
friction at j.one > 1
answered v.score > 10
answered v.score is 3 and answered v.score is 4
answered v.cause is "Slow" and answered v.cause is "Hard"
saw g at least 2 times and saw g at most once
saw g in last 1 day and not saw g
reached j.one and not reached j.one
completed g and not completed g
all of { plan is "free"  any of { plan is "pro"  plan is "trial" } }
"""

ALWAYS = """
seats > 3 or seats <= 3
seats < 5 or seats > 3
plan is not "free" or plan is not "pro"
plan is one of "free", "trial", "pro"
true or plan is "free"
did "A" or did not "A"
did "A" at most 2 times or did "A" more than 1 time
known is set
role is set or role is not set
reached j.one or not reached j.one
answered v.score >= 0
friction at j.one >= 0
"""

NEITHER = """
seats >= 50 and seats_version < version "2.10.0"
seats < 3 or seats > 5
seats > 3 and seats < 3.5
seats >= 80% of known and seats < 3
seats > 3 and known < 3
company is not "a" and company is not "b"
company contains "a" and company does not contain "b"
company is "a" ignoring case and company is "A"
company starts with "a" and company ends with "b"
tags include "a" and tags include "b"
tags include "a" and tags include none of "b"
app_version > version "2.0" and app_version < version "2.0.1"
born before 2026-01-01 and born within last 3 days
born within last 7 days and born more than 3 days ago
born within last 3 days and born within next 2 days
did "A" in last 7 days and did not "A" in last 1 day
did "A" where amount > 3 and did "A" where amount < 2
did "A" at least 2 times in last 7 days and did "A" on at most 1 days in last 7 days
did not "A" where amount > 3 and did "A"
did not "A" since "B"
sum of amount in "A" < 0
answered v.score between 9 and 10
answered v.cause is not "Slow" and answered v.cause is not "Hard"
at j.one and at j.two
at j.one and reached j.one
reached j.one and not reached j.two
saw g and not dismissed g
days active in last 1 hour >= 2
days active in last 36 hours >= 3
role is set
true
"""


def lines(table: str) -> list[str]:
    return [line for line in table.strip().split("\n") if line]


def found(condition: str) -> set[str]:
    project = load(
        {"a.way": f"{DECLARATIONS}\nsegment asked where {condition}\n"}, seen=Seen(attributes={"role": TEXT})
    )
    assert project.ok, [each.message for each in project.diagnostics]
    return {each.code for each in project.diagnostics} & {NEVER_TRUE.id, ALWAYS_TRUE.id}


@pytest.mark.parametrize("condition", lines(NEVER))
def test_a_condition_that_contradicts_itself_is_never_true(condition: str) -> None:
    assert found(condition) == {NEVER_TRUE.id}


@pytest.mark.parametrize("condition", lines(ALWAYS))
def test_a_condition_that_leaves_nothing_out_is_always_true(condition: str) -> None:
    assert ALWAYS_TRUE.id in found(condition)


@pytest.mark.parametrize("condition", lines(NEITHER))
def test_nothing_is_said_of_a_condition_that_may_go_either_way(condition: str) -> None:
    assert found(condition) == set()


def documented() -> list[str]:
    """The contradictions of which the reference says that they are not found."""
    page = (Path(__file__).parents[2] / "docs/reference/evaluation.md").read_text(encoding="utf-8")
    return lines(page.partition("## What can never be true")[2].split("```")[1].removeprefix("way"))


@pytest.mark.parametrize("condition", documented())
def test_what_the_docs_call_not_found_is_not_found(condition: str) -> None:
    assert found(condition) == set()


# Everything tried out: conditions over two attributes, with all values that make a difference.

# A number of seats may lie between two whole ones: more than 1 and less than 2 is no contradiction.
SEATS = (None, 0, 1, 1.5, 2, 2.5, 3, 4)
WORLDS: list[tuple[float | None, str | None]] = list(itertools.product(SEATS, (None, "free", "trial", "pro")))


def seats_tests() -> st.SearchStrategy[str]:
    operators = st.sampled_from(("is", "is not", ">=", ">", "<=", "<"))
    return st.builds(lambda operator, limit: f"seats {operator} {limit}", operators, st.integers(1, 3))


def plan_tests() -> st.SearchStrategy[str]:
    plans = st.sampled_from(("free", "trial", "pro"))
    return st.builds(lambda operator, plan: f'plan {operator} "{plan}"', st.sampled_from(("is", "is not")), plans)


def conditions() -> st.SearchStrategy[str]:
    leaves = st.one_of(seats_tests(), plan_tests(), st.sampled_from(("seats is set", "plan is not set")))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(lambda a, b: f"({a} and {b})", inner, inner),
            st.builds(lambda a, b: f"({a} or {b})", inner, inner),
            st.builds(lambda a: f"not ({a})", inner),
            st.builds(lambda a, b: f"none of {{ {a}  {b} }}", inner, inner),
        ),
        max_leaves=5,
    )


def truth(condition: Condition, world: tuple[float | None, str | None]) -> bool | None:
    """Kleene's three values, the obvious way."""
    match condition:
        case And():
            values = [truth(term, world) for term in condition.terms]
            return False if False in values else None if None in values else True
        case Or():
            values = [truth(term, world) for term in condition.terms]
            return True if True in values else None if None in values else False
        case Not():
            value = truth(condition.term, world)
            return None if value is None else not value
        case NoneOf():
            return truth(Not(Or(condition.terms, span=condition.span), span=condition.span), world)
        case Comparison():
            return compared(condition, world)
        case _:
            raise AssertionError(condition)


def compared(condition: Comparison, world: tuple[float | None, str | None]) -> bool | None:
    value = world[0] if condition.subject.parts == ("seats",) else world[1]
    if condition.operator in ("is set", "is not set"):
        return (value is not None) == (condition.operator == "is set")
    if value is None:
        return None
    literal = condition.operands[0]
    assert isinstance(literal, NumberLiteral | TextLiteral)
    wanted = literal.value
    return {
        "is": value == wanted,
        "is not": value != wanted,
        ">=": str(value) >= str(wanted),
        ">": str(value) > str(wanted),
        "<=": str(value) <= str(wanted),
        "<": str(value) < str(wanted),
    }[condition.operator]


def parts(condition: Condition) -> Iterator[Condition]:
    yield condition
    match condition:
        case And() | Or() | NoneOf():
            for term in condition.terms:
                yield from parts(term)
        case Not():
            yield from parts(condition.term)
        case _:
            return


@settings(max_examples=examples(300, 3_000), deadline=None)
@given(conditions())
def test_a_warning_is_given_exactly_if_some_part_is_never_or_always_so(text: str) -> None:
    condition = parse_condition(text).condition
    assert condition is not None
    ever = [{truth(part, world) for world in WORLDS} for part in parts(condition)]
    expected = any(True not in values or False not in values for values in ever)
    assert bool(found(text)) == expected


# Guides as a whole, and guides against one another.

GUIDE = '{{ {clauses} show modal {{ title "T" }} goal "B" within 1 day expires 2027-06-30 }}'


def guides(*clauses: str) -> set[tuple[str, str]]:
    """Codes and the names of the guides that they are about."""
    named = zip(("one_", "two_"), clauses, strict=False)
    text = DECLARATIONS + "".join(f"guide {name} {GUIDE.format(clauses=each)}\n" for name, each in named)
    project = load({"a.way": text})
    assert project.ok, [each.message for each in project.diagnostics]
    return {
        (each.code, guide.name.text)
        for each in project.diagnostics
        for guide in project.guides.values()
        if each.code in (NEVER_TRUE.id, OUTRANKED.id, OVERLAP.id)
        and guide.span.start <= each.span.start < guide.span.end
    }


@pytest.mark.parametrize(
    "clauses",
    [
        'on "A" unless did "A"',
        'on "A" when did not "A" in last 10 minutes',
        'on "A" on "B" unless did "A" or did "B"',
        'when plan is "pro" unless plan is "pro"',
        'for payers when plan is "free"',
        "at j.one when at j.two",
        "at j.one, j.two unless at j.s",
    ],
)
def test_clauses_that_exclude_one_another_never_show_the_guide(clauses: str) -> None:
    assert guides(clauses) == {(NEVER_TRUE.id, "one_")}


@pytest.mark.parametrize(
    "clauses",
    [
        'on "A" unless did "B"',
        'on "A" unless did "A" at least 2 times',
        'on "A" unless did "A" in last 1 minute',
        'on "A" on "B" unless did "A"',
        'on "A" where amount > 3 unless did "A" where amount > 5',
        'at j.one on "B" when at j.two',
        'when plan is "pro" unless seats > 3',
    ],
)
def test_clauses_that_can_go_together_are_left_alone(clauses: str) -> None:
    assert guides(clauses) == set()


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ('on "A" priority 90', 'on "A"', {(OUTRANKED.id, "two_")}),
        ('on "A" priority 90', 'on "A" when plan is "pro"', {(OUTRANKED.id, "two_")}),
        ('on "A" priority 90 when seats > 3', 'on "A" when plan is "pro" and seats > 3', {(OUTRANKED.id, "two_")}),
        ('on "A" priority 90 for payers', 'on "A" for payers', {(OUTRANKED.id, "two_")}),
        ('on "A" on "B" priority 90', 'on "A" where amount > 3', {(OUTRANKED.id, "two_")}),
        ('at j.s on "B" priority 90', 'at j.one on "B"', {(OUTRANKED.id, "two_")}),
        # The winner steps aside at times, so that the other has its turn.
        ('on "A" priority 90 once every 7 days', 'on "A"', {(OVERLAP.id, "two_")}),
        ('on "A" priority 90 rollout 50%', 'on "A"', {(OVERLAP.id, "two_")}),
        ('on "A" priority 90 when seats > 3', 'on "A" when plan is "pro"', {(OVERLAP.id, "two_")}),
        ('on "A" where amount > 3 priority 90', 'on "A"', {(OVERLAP.id, "two_")}),
        ('on "A"', 'on "A"', {(OVERLAP.id, "two_")}),
        ('on page "/x"', 'on page "/x"', {(OVERLAP.id, "two_")}),
        # Nobody gets both.
        ('on "A"', 'on "B"', set()),
        ('on "A" not with two_', 'on "A"', set()),
        ('on "A" when plan is "pro"', 'on "A" when plan is "free"', set()),
        ('on "A" when plan is "pro"', 'on "A" unless in payers', set()),
        ('on "A" where amount > 3', 'on "A" where amount < 2', set()),
        ('at j.one on "A"', 'at j.two on "A"', set()),
        ('on "A" draft', 'on "A"', set()),
        ("priority 90", "priority 10", set()),
    ],
)
def test_two_guides_on_one_event(first: str, second: str, expected: set[tuple[str, str]]) -> None:
    assert guides(first, second) == expected


@pytest.mark.parametrize(
    ("limit", "is_enough"),
    [
        ("at most 1 guide per session", True),
        ("at most 1 modal per 1 day", True),
        ("at least 1 day between guides", True),
        ("at most 1 survey per session", False),
        ("at most 1 tooltip per session", False),
    ],
)
def test_limits_that_count_both_keep_two_guides_apart(limit: str, is_enough: bool) -> None:
    text = f'{DECLARATIONS}\nlimits {{ {limit} }}\nguide one_ {GUIDE.format(clauses="""on "A" """)}\n'
    text += f'guide two_ {GUIDE.format(clauses="""on "A" """)}\n'
    codes = {each.code for each in load({"a.way": text}).diagnostics}
    assert (OVERLAP.id not in codes) == is_enough
