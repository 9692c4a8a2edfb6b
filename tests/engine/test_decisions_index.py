"""Deciding with sets of guides is deciding guide by guide: the same reasons, the same guide, for everybody."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from dsl.project import load
from dsl.values import DAY, HOUR, Instant
from engine.context import read_context
from engine.decisions import Decision, decide
from engine.facts import UserFacts, facts_of
from engine.guide_sets import NOBODY, first, guides_at, members
from engine.reasons import Reason
from engine.ruleset import CompiledGuide, RuleSet
from tests.engine.deciding import folded, guide, rules
from tests.engine.histories import NOW
from tests.engine.one_by_one import Told, decided_one_by_one
from tests.engine.random_rules import around_of, history_of, rules_of

SIZES = (2, 3, 12, 40, 150)
PEOPLE_EACH = 12
SEEDS = range(24)
CONTEXTS: tuple[dict[str, Any] | None, ...] = (
    None,
    None,
    {"page": {"path": "/domains"}},
    {"timezone": "Asia/Tokyo"},
    {"consent": {"guidance": False}},
)


def told(decision: Decision) -> Told:
    goes_out = [*([decision.winner] if decision.winner else []), *decision.launchers]
    return (
        tuple((each.guide, str(each.reason)) for each in decision.considered),
        tuple((each.guide, each.variant, each.trigger.event.seq if each.trigger else None) for each in goes_out),
        decision.held_out,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_random_rules_are_decided_for_random_people_as_one_by_one(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    size = SIZES[seed % len(SIZES)]
    project = load({"rules.way": rules_of(random, size)})
    assert project.ok, [each for each in project.diagnostics if each.severity.value == "error"][:3]
    ruleset = RuleSet.build(project, is_stopped=random.random() < 0.03)
    for number in range(PEOPLE_EACH):
        past = folded(ruleset, history_of(random, size))
        asked: dict[str, Any] = {
            "now": Instant(NOW + random.choice([0, 0, 0, 4 * HOUR, 3 * DAY])),
            "person": f"person-{seed}-{number}",
            "context": read_context(random.choice(CONTEXTS)),
            "around": around_of(random, size),
            "only": random.choice([None, None, None, "$page", "DNS Check Failed"]),
        }
        triggers = past.woken[-random.randrange(4) :] if random.random() < 0.9 else ()
        found = decide(ruleset, past.state, triggers, **asked)
        assert _by_outcome(told(found)) == _by_outcome(decided_one_by_one(ruleset, past.state, triggers, **asked))
        assert found.counts == Counter(each.reason for each in found.considered)
        assert not found.failures


@pytest.mark.parametrize("seed", range(12))
def test_the_first_that_matches_is_the_first_of_all_that_match(seed: int) -> None:
    random = Random(500 + seed)  # noqa: S311
    ruleset = RuleSet.build(load({"rules.way": rules_of(random, 60)}))
    everybody = (1 << 60) - 1
    for _ in range(PEOPLE_EACH):
        past = folded(ruleset, history_of(random, 60))
        facts = facts_of(ruleset.plan, past.state, now=NOW, woken=past.woken[-1])
        asked = everybody & random.getrandbits(60)
        matching = [rank for rank in members(asked) if _matches(ruleset.guides[rank], facts)]
        assert ruleset.index.matching(facts, asked) == matching
        assert ruleset.index.first_matching(facts, asked) == (matching[0] if matching else None)


def _matches(each: CompiledGuide, facts: UserFacts) -> bool:
    steps = {(journey, step) for journey, stood in facts.stood_around.items() for step in stood}
    who = [one for one in (each.audience, each.testers) if one is not None]
    return (
        (each.at is None or not steps.isdisjoint(each.standing))
        and all(one.holds(facts) for one in (*who, *each.when))
        and all(one.fails(facts) for one in each.unless)
    )


def _by_outcome(each: Told) -> tuple[object, object, object]:
    """What goes out stands in no order that matters."""
    return each[0], sorted(each[1], key=str), each[2]


def test_all_reasons_occur_in_the_random_rules() -> None:
    seen: Counter[str] = Counter()
    for seed in range(12):
        random = Random(1_000 + seed)  # noqa: S311
        ruleset = RuleSet.build(load({"rules.way": rules_of(random, 40)}))
        for number in range(6):
            past = folded(ruleset, history_of(random, 40))
            asked: dict[str, Any] = {"now": NOW, "person": f"p{seed}-{number}", "around": around_of(random, 40)}
            seen.update(reason for _, reason in decided_one_by_one(ruleset, past.state, past.woken[-3:], **asked)[0])
    never = {each.value for each in Reason} - seen.keys()
    # Switches over all guides, and failures, have tests of their own.
    assert never <= {"ERROR", "DISABLED", "NO_CONSENT"}, never


@pytest.mark.parametrize(
    ("clauses", "reason"),
    [
        ('when plan is "pro" and seats > 3', "CONDITION_UNKNOWN"),
        ('when plan is "trial" and seats > 3', "CONDITION_UNKNOWN"),
        ('when plan is "pro" and did "Report Exported"', "CONDITION_FALSE"),
        ('when seats > 3\nunless plan is "pro" or did "Signed Up"', "CONDITION_FALSE"),
        ('unless seats > 3 or did "Report Exported"', "CONDITION_UNKNOWN"),
        ('when none of { did "Signed Up"  seats > 3 }', "CONDITION_FALSE"),
        ("when not (seats > 3 and true)", "CONDITION_UNKNOWN"),
        ('when did "Signed Up"\nunless did "Report Exported"', "TARGETING_MATCH"),
    ],
)
def test_a_false_term_beats_an_unknown_one_wherever_it_stands(clauses: str, reason: str) -> None:
    ruleset = rules("".join(guide(clauses, name=f"g{number}") for number in range(20)))
    past = folded(ruleset, [("1 hour", "Signed Up")])
    found = decide(ruleset, past.state, (), now=NOW, person="u1")
    assert {str(each.reason) for each in found.considered} - {"OUTRANKED"} == {reason}


def test_rules_that_share_a_failing_condition_are_all_reported_and_hide_no_other() -> None:
    many = "".join(
        guide('when did not "Signed Up"\nwhen plan is "pro"', name=f"broken{number}") for number in range(20)
    )
    ruleset = rules(many + guide("", name="fine"))

    def fail(facts: object) -> bool:
        raise ZeroDivisionError("seats")

    object.__setattr__(ruleset.by_name["broken0"].when[0], "holds", fail)
    past = folded(ruleset, [("1 hour", "$identify", {"plan": "pro", "seats": 5})])
    found = decide(ruleset, past.state, (), now=NOW, person="u1")
    assert found.counts == {Reason.ERROR: 20, Reason.TARGETING_MATCH: 1}
    assert found.winner is not None
    assert found.winner.guide == "fine"
    assert found.failures == tuple(
        (f"broken{number}", "ZeroDivisionError: seats") for number in sorted(range(20), key=str)
    )


def test_equal_conditions_are_compiled_once() -> None:
    text = 'when plan is "pro" and seats > 3'
    ruleset = rules(guide(text, name="a") + guide(f"{text}\nonce", name="b"))
    first_terms, second_terms = (ruleset.by_name[name].terms for name in ("a", "b"))
    assert [each.condition for each in first_terms] == [each.condition for each in second_terms]


def test_an_edited_guide_alone_is_compiled_again() -> None:
    first_text = guide('when plan is "pro"', name="a") + guide("when seats > 3", name="b")
    edited = "# moved\n" + guide('when plan is "pro"', name="a") + guide("when seats > 4", name="b")
    before = rules(first_text)
    after = RuleSet.build(rules(edited).project, previous=before)
    assert after.by_name["a"].when[0] is before.by_name["a"].when[0]
    assert after.by_name["a"].node is rules(edited).project.guides["a"]
    assert after.by_name["b"].when[0] is not before.by_name["b"].when[0]
    assert (after.revision, after.plan.revision) == (rules(edited).revision, rules(edited).plan.revision)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('attribute level: one of "1", "2"', "attribute level: number"),
        (
            'attribute level: number\nsegment fans where plan is "pro"',
            'attribute level: number\nsegment fans where plan is "free"',
        ),
        (
            'attribute level: number\nsurvey s "S" { ask effort ease "?" }',
            'attribute level: number\nsurvey s "S" { ask nps ease "?" }',
        ),
    ],
)
def test_what_guides_speak_of_has_changed_so_all_are_compiled_again(before: str, after: str) -> None:
    same = guide("when level is set", name="a")
    old, new = rules(before + "\n" + same), rules(after + "\n" + same)
    built = RuleSet.build(new.project, previous=old)
    assert built.by_name["a"].when[0] is not old.by_name["a"].when[0]
    assert built.plan.revision == new.plan.revision


@pytest.mark.parametrize("seed", range(6))
def test_rules_built_on_an_earlier_version_decide_as_those_built_anew(seed: int) -> None:
    random = Random(900 + seed)  # noqa: S311
    text = rules_of(random, 30)
    old = RuleSet.build(load({"rules.way": text}))
    lines = text.split("\n")
    kept = [line for line in lines if not (line.startswith("  when") and random.random() < 0.2)]
    project = load({"rules.way": "\n".join(kept)})
    assert project.ok
    anew, built = RuleSet.build(project), RuleSet.build(project, previous=old)
    assert (built.revision, built.plan.revision) == (anew.revision, anew.plan.revision)
    for _ in range(PEOPLE_EACH):
        past = folded(anew, history_of(random, 30))
        first_told, second_told = (
            told(decide(each, past.state, past.woken[-3:], now=NOW, person="p")) for each in (anew, built)
        )
        assert first_told == second_told


@pytest.mark.parametrize("ranks", [[], [0], [7], [8], [0, 63, 64, 1_000], list(range(300)), list(range(0, 2_000, 3))])
def test_a_set_of_guides_holds_the_ranks_that_were_put_in(ranks: list[int]) -> None:
    found = guides_at(ranks, 2_001)
    assert list(members(found)) == ranks
    assert first(found) == (ranks[0] if ranks else None)
    assert found.bit_count() == len(ranks)


def test_nobody_is_no_guide() -> None:
    assert list(members(NOBODY)) == []
