"""Shares, variants and holdouts: stable, monotone, independent, drawn once a period."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.values import DAY, Instant, read_instant
from engine.rollout import (
    PARTS,
    Salt,
    is_held_out,
    is_in_recording,
    is_in_rollout,
    is_in_sample,
    parts_of,
    place,
    sample_round,
    variant_of,
)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "hashing.md"
PEOPLE = [f"user-{number}" for number in range(4_000)]
ids = st.text(min_size=1, max_size=30)
percents = st.integers(min_value=0, max_value=100) | st.decimals(0, 100, places=4).map(float)

VECTORS = [
    (salt, guide, round_number, person)
    for guide, person in [
        ("verify_help", "u1"),
        ("verify_help", "u2"),
        ("verify_effort", "5f7c2d1e-9b0a-4c3d-8e2f-1a2b3c4d5e6f"),
        ("Hilfe für Domains", "Zoë"),
        ("guide", "用户"),
    ]
    for salt, round_number in [
        (Salt.ROLLOUT, None),
        (Salt.HOLDOUT, None),
        (Salt.VARIANT, None),
        (Salt.PHASE, None),
        (Salt.SAMPLE, None),
        (Salt.SAMPLE, 229),
    ]
] + [(Salt.RECORD, "", None, person) for person in ("u1", "u2", "5f7c2d1e-9b0a-4c3d-8e2f-1a2b3c4d5e6f", "Zoë", "用户")]
ROUNDS = [
    ("verify_effort", "u1", 90, "2026-11-22T12:00:00Z"),
    ("verify_effort", "u2", 90, "2026-11-22T12:00:00Z"),
    ("verify_effort", "u2", 7, "2026-11-22T12:00:00Z"),
]

PROSE = """\
# Who is in a share: the hash

Generated from `engine/rollout.py`; the tests compare every row.

`rollout`, `sample` (of a survey and of a `record`), `holdout` and variants are decided by a hash of the person's *first
id* (the first id that the person was ever seen with; it stays when an anonymous visitor is linked to a user), never by
a draw. The same person gets the same answer at every request, on every device and in every replay. Each question has a
salt of its own, so the answers are independent of each other and of those for other guides.

## The place on the scale

1. Join with U+001F: salt, name of the guide, person; for a `sample` with `once every`: salt, name of the guide, round,
   person. Encode as UTF-8.
2. SHA-256; the first eight bytes, read as a big-endian integer, are h.
3. The place is `(h * 1000000) >> 64`: 0 to 999,999.

A share of N % takes the places below N · 10,000. So whoever is in at 10 % is in at 20 %: raising a share never drops
anybody. `holdout N%` takes the lowest places of its own scale in the same way. Variants are laid end to end on theirs,
in the order of the text.

The `sample` of a `record` belongs to no guide: its salt is `record`, and the name of the guide is empty. There is one
scale for every `record`, so shares nest: who is among the 10 % of one is among the 20 % of another.

## A sample that is drawn anew

`sample N%` of a survey with `once every D` is one draw for each period of length D and each person, however often the
survey is triggered. The round of an instant t (microseconds since 1970) is `(t + phase * D // 1000000) // D`, where the
phase is the person's place under the salt `phase`; so not everybody is drawn anew at the same minute.

## Test vectors
"""


def page() -> str:
    rows = ["", "| salt | guide | round | person | place |", "|---|---|---|---|---|"]
    for salt, guide, round_number, person in VECTORS:
        found = place(salt, guide, person, round_number=round_number)
        rows.append(f"| {salt} | {guide} | {'' if round_number is None else round_number} | {person} | {found} |")
    rows += ["", "| guide | person | once every (days) | instant | round |", "|---|---|---|---|---|"]
    for guide, person, days, when in ROUNDS:
        found = sample_round(guide, person, every=DAY * days, now=at(when))
        rows.append(f"| {guide} | {person} | {days} | {when} | {found} |")
    return PROSE + "\n".join(rows) + "\n"


def at(text: str) -> Instant:
    instant = read_instant(text)
    assert instant is not None
    return instant


def share(members: list[bool]) -> float:
    return 100 * sum(members) / len(members)


def test_the_published_test_vectors_are_what_the_code_gives() -> None:
    assert PAGE.read_text() == page(), f"run `python {Path(__file__).relative_to(Path.cwd())} write`"


def test_the_hash_is_the_one_that_was_released() -> None:
    # Written out by hand: a change here moves people in and out of shares that are running.
    assert place(Salt.ROLLOUT, "verify_help", "u1") == 400_235
    assert place(Salt.HOLDOUT, "verify_help", "u1") == 722_787
    assert place(Salt.SAMPLE, "verify_help", "u1", round_number=229) == 446_905
    assert place(Salt.RECORD, "", "u1") == 275_303


@given(guide=ids, person=ids, low=percents, high=percents)
def test_raising_a_share_never_drops_anybody(guide: str, person: str, low: float, high: float) -> None:
    low, high = sorted((low, high))
    now = at("2026-11-22T00:00:00Z")
    assert not is_in_rollout(guide, person, low) or is_in_rollout(guide, person, high)
    assert not is_held_out(guide, person, low) or is_held_out(guide, person, high)
    assert not is_in_recording(person, low) or is_in_recording(person, high)
    for every in (None, DAY):
        assert not is_in_sample(guide, person, low, every=every, now=now) or is_in_sample(
            guide, person, high, every=every, now=now
        )


@given(guide=ids, person=ids)
def test_nobody_is_in_0_percent_and_everybody_in_100_percent(guide: str, person: str) -> None:
    assert not is_in_rollout(guide, person, 0)
    assert is_in_rollout(guide, person, 100)
    assert not is_held_out(guide, person, 0)
    assert is_held_out(guide, person, 100)
    assert not is_in_recording(person, 0)
    assert is_in_recording(person, 100)


@pytest.mark.parametrize(
    ("percent", "parts"), [(0, 0), (10, 100_000), (12.5, 125_000), (0.1, 1_000), (33.3333, 333_333), (100, PARTS)]
)
def test_a_share_is_exact(percent: float, parts: int) -> None:
    assert parts_of(percent) == parts


@pytest.mark.parametrize("percent", [1, 10, 50, 90])
def test_a_share_is_about_as_large_as_it_says(percent: int) -> None:
    assert share([is_in_rollout("a", person, percent) for person in PEOPLE]) == pytest.approx(percent, abs=2.5)
    assert share([is_held_out("a", person, percent) for person in PEOPLE]) == pytest.approx(percent, abs=2.5)


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(Salt, 2)))
def test_the_answers_to_two_questions_are_independent(first: Salt, second: Salt) -> None:
    half = PARTS // 2
    both = [place(first, "a", person) < half and place(second, "a", person) < half for person in PEOPLE]
    assert share(both) == pytest.approx(25, abs=2.5)


def test_the_answers_for_two_guides_are_independent() -> None:
    both = [is_in_rollout("a", person, 50) and is_in_rollout("b", person, 50) for person in PEOPLE]
    assert share(both) == pytest.approx(25, abs=2.5)


def test_a_share_is_not_drawn_again_at_every_trigger() -> None:
    # A peer turns 10 % into 41 % after five triggers.
    start = at("2026-03-01T10:00:00Z")
    asked = [
        any(is_in_sample("a", person, 10, every=None, now=Instant(start + day * DAY)) for day in range(5))
        for person in PEOPLE
    ]
    assert share(asked) == pytest.approx(10, abs=2)


def test_a_sample_is_drawn_once_for_each_once_every() -> None:
    start = at("2026-03-01T10:00:00Z")
    for person in PEOPLE[:200]:
        rounds = [sample_round("a", person, every=DAY * 7, now=Instant(start + day * DAY)) for day in range(28)]
        draws = {
            number: {
                is_in_sample("a", person, 50, every=DAY * 7, now=Instant(start + day * DAY))
                for day, each in enumerate(rounds)
                if each == number
            }
            for number in set(rounds)
        }
        assert len(set(rounds)) in (4, 5)
        assert all(len(answers) == 1 for answers in draws.values())


def test_a_new_draw_asks_other_people() -> None:
    first, second = at("2026-03-01T10:00:00Z"), at("2026-09-01T10:00:00Z")
    both = [
        is_in_sample("a", person, 50, every=DAY * 90, now=first)
        and is_in_sample("a", person, 50, every=DAY * 90, now=second)
        for person in PEOPLE
    ]
    assert share(both) == pytest.approx(25, abs=2.5)


def test_periods_begin_at_another_moment_for_everybody() -> None:
    now = at("2026-11-22T12:00:00Z")
    later = Instant(now + 9 * DAY)
    moved = [
        sample_round("a", person, every=DAY * 90, now=now) != sample_round("a", person, every=DAY * 90, now=later)
        for person in PEOPLE
    ]
    assert share(moved) == pytest.approx(10, abs=2)


def test_variants_take_their_shares_and_everybody_gets_one() -> None:
    shares = [("plain", 20), ("warm", 30), ("bold", 50)]
    found = [variant_of("a", person, shares) for person in PEOPLE]
    for name, percent in shares:
        assert share([each == name for each in found]) == pytest.approx(percent, abs=2.5)
    assert None not in found


def test_thirds_leave_nobody_out() -> None:
    shares = [("a", 33.3333), ("b", 33.3333), ("c", 33.3333)]
    assert None not in [variant_of("x", f"p{number}", shares) for number in range(20_000)]


if __name__ == "__main__" and sys.argv[1:] == ["write"]:
    PAGE.write_text(page())
