"""Which of several guides has the place, who is held out of it, and what a confirmation may still stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from dsl.values import DAY, MINUTE, SECOND, Instant
from engine.decisions import Reservation, Surroundings, confirm, decide
from engine.reasons import Reason
from engine.rollout import is_held_out, is_in_rollout, variant_of
from engine.ruleset import RuleSet, RulesWithErrors
from tests.engine.deciding import PRELUDE, decided, folded, guide, reason, reasons, rules
from tests.engine.histories import NOW, project

Rows = Sequence[tuple[Any, ...]]

SHOWN = "TARGETING_MATCH"
PEOPLE = [f"person-{number}" for number in range(400)]


def kept_out(name: str, percent: int) -> str:
    """Somebody whom the holdout keeps from the guide."""
    return next(person for person in PEOPLE if is_held_out(name, person, percent))


def let_in(name: str, percent: int) -> str:
    """Somebody whom it does not."""
    return next(person for person in PEOPLE if not is_held_out(name, person, percent))


def test_the_higher_priority_wins_and_the_others_are_outranked() -> None:
    text = guide("priority 60", name="a") + guide("priority 80", name="b") + guide("", name="c")
    found = decided(text)
    assert found.winner is not None
    assert found.winner.guide == "b"
    assert found.winner.priority == 80
    assert reasons(text) == {"b": SHOWN, "a": "OUTRANKED", "c": "OUTRANKED"}


def test_ties_go_by_name() -> None:
    assert reasons(guide("", name="zoe") + guide("", name="adam")) == {"adam": SHOWN, "zoe": "OUTRANKED"}


def test_without_a_priority_it_is_50() -> None:
    assert reasons(guide("priority 51", name="z") + guide("", name="a") + guide("priority 49", name="b")) == {
        "z": SHOWN,
        "a": "OUTRANKED",
        "b": "OUTRANKED",
    }


def test_a_guide_that_may_not_be_shown_takes_no_place() -> None:
    text = guide('priority 80\nwhen plan is "pro"', name="a") + guide("", name="b")
    assert reasons(text) == {"a": "CONDITION_UNKNOWN", "b": SHOWN}


def test_a_held_out_guide_keeps_its_place() -> None:
    text = guide('priority 80\nholdout 20%\ngoal "Domain Verified" within 1 day', name="a") + guide("", name="b")
    out, inside = kept_out("a", 20), let_in("a", 20)
    held = decided(text, person=out)
    assert (held.winner, held.held_out) == (None, "a")
    assert reasons(text, person=out) == {"a": "HELD_OUT", "b": "OUTRANKED"}
    shown = decided(text, person=inside)
    assert shown.winner is not None
    assert (shown.winner.guide, shown.held_out) == ("a", None)


def test_holdout_comes_last_so_who_would_not_see_it_is_not_held_out() -> None:
    text = guide('holdout 100%\ngoal "Domain Verified" within 1 day\nwhen plan is "pro"')
    found = decided(text)
    assert found.held_out is None
    assert reasons(text) == {"help": "CONDITION_UNKNOWN"}
    outranked = guide('holdout 100%\ngoal "Domain Verified" within 1 day', name="b") + guide("", name="a")
    assert decided(outranked).held_out is None


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ('guide help "Help" { at activation.signup show modal { title "A" } }', 10),
        ('guide help "Help" { goal "Domain Verified" within 1 day show modal { title "A" } }', 10),
        ('guide help "Help" { show modal { title "A" } }', 0),
        ('guide help "Help" { at activation.signup show modal { title "A" } holdout 25% }', 25),
        ('survey help "Help" { at activation.signup ask text a "?" }', 0),
        ('feedback help "Help" { ask text a "?" }', 0),
    ],
    ids=["at", "goal", "neither", "as written", "a survey", "a launcher"],
)
def test_the_holdout_is_10_percent_where_there_is_something_to_measure(text: str, percent: int) -> None:
    assert rules(text).by_name["help"].holdout == percent


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ("", SHOWN),
        ("rollout 100%", SHOWN),
        ("rollout 99%", "SPLIT"),
        ('holdout 5%\ngoal "Domain Verified" within 1 day', SHOWN),
        ("wait until idle for 5 seconds\nrollout 99%", "WAITING_FOR_BROWSER"),
    ],
)
def test_the_winner_says_how_it_was_chosen(clauses: str, expected: str) -> None:
    person = next(each for each in PEOPLE if is_in_rollout("help", each, 99) and not is_held_out("help", each, 5))
    assert reason(clauses, person=person) == expected


def test_a_share_lets_the_same_people_in_every_time() -> None:
    for person in PEOPLE[:50]:
        expected = "SPLIT" if is_in_rollout("help", person, 30) else "NOT_IN_ROLLOUT"
        assert {reason("rollout 30%", person=person, now=Instant(NOW + day * DAY)) for day in range(3)} == {expected}


def test_a_variant_is_chosen_by_hash_and_named() -> None:
    shows = 'variant plain 50% { show modal { title "A" } }\nvariant warm 50% { show banner top { title "B" } }'
    text = guide("", show=shows)
    seen = set()
    for person in PEOPLE[:20]:
        found = decided(text, person=person).winner
        assert found is not None
        assert found.variant == variant_of("help", person, [("plain", 50), ("warm", 50)])
        assert found.kind == {"plain": "modal", "warm": "banner"}[found.variant or ""]
        assert found.reason is Reason.SPLIT
        seen.add(found.variant)
    assert seen == {"plain", "warm"}


def test_a_draft_takes_no_place_and_says_where_it_would_have_been_shown() -> None:
    first = guide("draft\npriority 80", name="a") + guide("", name="b")
    assert reasons(first) == {"a": "DRAFT", "b": SHOWN}
    second = guide("draft\npriority 20", name="a") + guide("", name="b")
    assert reasons(second) == {"b": SHOWN, "a": "OUTRANKED"}
    held = guide('draft\nholdout 100%\ngoal "Domain Verified" within 1 day')
    assert reasons(held) == {"help": "HELD_OUT"}
    assert decided(held).held_out is None


def test_a_paused_guide_decides_nothing() -> None:
    found = decided(guide("paused\npriority 80", name="a") + guide("", name="b"))
    assert found.winner is not None
    assert found.winner.guide == "b"


SEEN_BOTH: Rows = [
    ("1 hour", "$identify", {"plan": "trial"}),
    ("20 minutes", "Signed Up"),
    ("2 minutes", "$shown", {"guide": "help"}),
    ("1 minute", "$completed", {"guide": "help"}),
]
LIMITS = "limits { at most 1 guide per session }\n"


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ("once", "FREQUENCY_CAPPED"),
        ("once\ntesters trial", SHOWN),
        ('testers trial\nwhen plan is "pro"', "CONDITION_FALSE"),
        ("testers trial\nrollout 0%", "NOT_IN_ROLLOUT"),
        ('testers trial\nholdout 100%\ngoal "Domain Verified" within 1 day', "HELD_OUT"),
    ],
)
def test_testers_see_past_frequency_and_limits_only(clauses: str, expected: str) -> None:
    assert reasons(LIMITS + guide(clauses), SEEN_BOTH, triggered=False) == {"help": expected}


@pytest.mark.parametrize(
    ("limit", "rows", "expected"),
    [
        (
            "at most 1 guide per session",
            [("20 minutes", "Signed Up"), ("5 minutes", "$shown", {"guide": "other"})],
            False,
        ),
        (
            "at most 2 guides per session",
            [("20 minutes", "Signed Up"), ("5 minutes", "$shown", {"guide": "other"})],
            True,
        ),
        ("at most 1 guide per 3 days", [("2 days", "$shown", {"guide": "other"})], False),
        ("at most 1 guide per 3 days", [("3 days", "$shown", {"guide": "other"})], True),
        ("at most 1 guide per 3 days", [("2 days", "$held_out", {"guide": "other"})], False),
        ("at most 1 guide per 3 days", [("2 days", "$shown", {"guide": "ask"})], True),
        ("at most 1 survey per 3 days", [("2 days", "$shown", {"guide": "ask"})], True),
        ("at most 1 modal per 3 days", [("2 days", "$shown", {"guide": "other"})], True),
        ("at most 1 tooltip per 3 days", [("2 days", "$shown", {"guide": "other"})], True),
        ("at least 2 days between guides", [("2 days", "$shown", {"guide": "other"})], True),
        ("at least 3 days between guides", [("2 days", "$shown", {"guide": "other"})], False),
    ],
)
def test_limits_across_guides_count_shows(limit: str, rows: Rows, expected: bool) -> None:
    text = f"limits {{ {limit} }}\n" + guide("once every 1 minute")
    text += guide("paused", name="other", show='show tooltip beside "#a" { title "A" }')
    text += guide("paused", name="ask", kind="survey")
    found = reasons(text, rows, triggered=False)["help"]
    assert found == (SHOWN if expected else "GLOBAL_LIMIT")


def test_not_with_holds_in_the_session_in_which_the_other_was_shown() -> None:
    text = guide("not with other") + guide("paused", name="other")
    rows: Rows = [("20 minutes", "Signed Up"), ("10 minutes", "$shown", {"guide": "other"})]
    assert reasons(text, rows, triggered=False)["help"] == "GLOBAL_LIMIT"
    later: Rows = [("3 hours", "Signed Up"), ("3 hours", "$shown", {"guide": "other"}), ("1 minute", "Signed Up")]
    assert reasons(text, later, triggered=False)["help"] == SHOWN


def test_the_winner_of_an_earlier_gate_does_not_matter_to_a_capped_guide() -> None:
    text = (
        "limits { at most 1 survey per 14 days }\n"
        + guide("", name="a")
        + guide("priority 90", name="b", kind="survey")
    )
    rows: Rows = [("2 days", "$shown", {"guide": "b"})]
    assert reasons(text, rows, triggered=False) == {"b": "GLOBAL_LIMIT", "a": SHOWN}


def test_a_launcher_takes_no_place_and_is_always_there() -> None:
    text = guide("", name="a") + 'feedback idea "Ideas" { ask text what "What is missing?" }'
    rows: Rows = [("20 minutes", "Signed Up"), ("5 minutes", "$shown", {"guide": "idea"})]
    found = decided("limits { at most 1 slideout per session }\n" + text, rows, triggered=False)
    assert found.winner is not None
    assert (found.winner.guide, [(each.guide, each.kind) for each in found.launchers]) == ("a", [("idea", "feedback")])


def test_considered_are_those_woken_and_those_standing_at_the_users_step() -> None:
    text = guide('on "Domain Added"', name="woken") + guide('on "Signed Up"', name="asleep")
    text += guide('on "Signed Up"\nat activation.verify_domain', name="here")
    text += guide('on "Signed Up"\nat activation.signup', name="elsewhere") + guide("when seats > 3", name="always")
    assert reasons(text, [("0", "Domain Added")]) == {
        "always": "CONDITION_UNKNOWN",
        "here": "NOT_TRIGGERED",
        "woken": SHOWN,
    }


def test_a_trigger_and_its_cure_in_one_batch_show_nothing() -> None:
    ruleset = rules(guide('on "DNS Check Failed"\nunless did "Domain Verified"'))
    past = folded(ruleset, [("2 seconds", "DNS Check Failed"), ("1 second", "Domain Verified")])
    found = decide(ruleset, past.state, past.woken, now=NOW, person="u1")
    assert [(each.guide, each.reason) for each in found.considered] == [("help", Reason.CONDITION_FALSE)]


def test_of_several_triggers_in_one_batch_a_rule_is_decided_once_with_the_latest() -> None:
    ruleset = rules(guide('on "DNS Check Failed"\nwhen event.attempt is 2'))
    rows = [("2 seconds", "DNS Check Failed", {"attempt": 1}), ("1 second", "DNS Check Failed", {"attempt": 2})]
    past = folded(ruleset, rows)
    found = decide(ruleset, past.state, past.woken, now=NOW, person="u1")
    assert found.winner is not None
    assert found.winner.trigger is not None
    assert found.winner.trigger.event.properties == {"attempt": 2}
    assert len(found.considered) == 1


SNOOZED: Rows = [
    ("2 days", "Signed Up"),
    ("26 hours", "$shown", {"guide": "help"}),
    ("25 hours", "$snoozed", {"guide": "help", "seconds": 86400}),
]


def test_after_a_snooze_a_guide_is_due_once_more_without_a_new_trigger() -> None:
    text = guide('on "Signed Up"\nonce')
    end = Instant(NOW - 25 * 60 * MINUTE + DAY)
    assert reasons(text, SNOOZED, triggered=False, now=Instant(end - 1)) == {}
    assert reasons(text, SNOOZED, triggered=False, now=end) == {"help": SHOWN}
    again: Rows = [*SNOOZED, ("30 minutes", "$shown", {"guide": "help"})]
    assert reasons(text, again, triggered=False) == {}
    assert reasons(guide("once"), again, triggered=False) == {"help": "FREQUENCY_CAPPED"}


def test_a_snooze_that_is_over_does_not_pass_limits_or_conditions() -> None:
    limited = "limits { at most 1 guide per 7 days }\n" + guide('on "Signed Up"\nonce')
    assert reasons(limited, SNOOZED, triggered=False) == {"help": "GLOBAL_LIMIT"}
    conditional = guide('on "Signed Up"\nonce\nwhen plan is "pro"')
    assert reasons(conditional, SNOOZED, triggered=False) == {"help": "CONDITION_UNKNOWN"}


def test_a_survey_with_once_every_returns_after_it_was_completed() -> None:
    rows: Rows = [("91 days", "$shown", {"guide": "help"}), ("91 days", "$completed", {"guide": "help"})]
    assert reason("once every 90 days", rows, kind="survey", triggered=False) == SHOWN
    assert reason("once every 90 days", rows, triggered=False) == "FREQUENCY_CAPPED"


def held(guide_name: str, *, ago: int = 0, lasts: int = 30 * SECOND) -> Surroundings:
    at = Instant(NOW - ago)
    return Surroundings(reservations=(Reservation(guide_name, at, Instant(at + lasts)),))


@pytest.mark.parametrize(
    ("clauses", "around", "expected"),
    [
        ("once", Surroundings(), Reason.TARGETING_MATCH),
        ("once", held("help"), Reason.FREQUENCY_CAPPED),
        ("once", held("help", ago=30 * SECOND), Reason.TARGETING_MATCH),
        ("until dismissed", held("help"), Reason.OUTRANKED),
        ("", held("other"), Reason.OUTRANKED),
        ("when not true", Surroundings(), Reason.CONDITION_FALSE),
        ("paused", Surroundings(), Reason.PAUSED),
        ("draft", Surroundings(), Reason.DRAFT),
        ("wait 5 seconds", Surroundings(), Reason.TARGETING_MATCH),
    ],
)
def test_a_confirmation_asks_the_gates_again_and_respects_the_place(
    clauses: str, around: Surroundings, expected: Reason
) -> None:
    ruleset = rules(guide(clauses))
    assert confirm(ruleset, None, "help", now=NOW, person="u1", around=around) is expected


def test_a_guide_that_is_gone_from_the_rules_is_not_confirmed() -> None:
    assert confirm(rules(guide("")), None, "gone", now=NOW, person="u1") is Reason.DISABLED


def test_a_rule_with_on_is_confirmed_with_the_event_that_woke_it() -> None:
    ruleset = rules(guide('on "Domain Verified"\nat activation.verify_domain\nwait 5 seconds'))
    rows: Rows = [("3 minutes", "Domain Added"), ("2 minutes", "Domain Verified"), ("1 minute", "Report Exported")]
    past = folded(ruleset, rows)
    trigger = past.woken[1]
    assert confirm(ruleset, past.state, "help", now=NOW, person="u1", trigger=trigger) is Reason.TARGETING_MATCH
    assert confirm(ruleset, past.state, "help", now=NOW, person="u1") is Reason.TARGETING_MATCH


def test_a_place_that_was_kept_is_free_once_the_show_has_come() -> None:
    ruleset = rules(guide("until dismissed"))
    past = folded(ruleset, [("0", "$shown", {"guide": "help"})])
    around = held("help", ago=5 * SECOND)
    assert confirm(ruleset, past.state, "help", now=NOW, person="u1", around=around) is Reason.TARGETING_MATCH


def test_all_guides_can_be_stopped_at_once() -> None:
    stopped = RuleSet.build(rules(guide("")).project, is_stopped=True)
    found = decide(stopped, None, (), now=NOW, person="u1")
    assert [each.reason for each in found.considered] == [Reason.DISABLED]
    assert found.winner is None


def test_rules_with_errors_are_refused_whole() -> None:
    from dsl.project import load

    with pytest.raises(RulesWithErrors):
        RuleSet.build(load({"rules.way": PRELUDE + guide('when did "Nothing Known"')}))


def test_a_guide_that_fails_shows_nothing_is_reported_and_hides_no_other() -> None:
    ruleset = rules(guide('priority 80\nwhen did not "Signed Up"', name="broken") + guide("", name="fine"))

    def fail(facts: object) -> bool:
        raise ZeroDivisionError("seats")

    object.__setattr__(ruleset.by_name["broken"].when[0], "holds", fail)
    found = decide(ruleset, None, (), now=NOW, person="u1")
    assert [(each.guide, each.reason.value) for each in found.considered] == [("broken", "ERROR"), ("fine", SHOWN)]
    assert found.failures == (("broken", "ZeroDivisionError: seats"),)


def test_the_same_rules_have_the_same_revision_whatever_their_layout() -> None:
    from dsl.project import load

    first = RuleSet.build(load({"a.way": PRELUDE + guide("once")}))
    again = RuleSet.build(load({"a.way": "# a comment\n\n" + PRELUDE + guide("  once  ")}))
    other = RuleSet.build(load({"a.way": PRELUDE + guide("once every 1 day")}))
    assert first.revision == again.revision != other.revision


def test_the_example_project_builds() -> None:
    assert RuleSet.build(project()).by_name.keys() == {"verify_help", "verify_effort"}
