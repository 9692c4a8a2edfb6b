"""What the language says of what is kept of a user: how much, for how long, and where it is counted."""

from __future__ import annotations

import pytest

from dsl.compiler import compile_condition
from dsl.nodes import Question
from dsl.project import load
from engine.plan import plan_for
from engine.state import UserState, replay
from tests.engine.histories import history, project
from tests.meaning.asking import ADDED, DOCS, FAILED, REPORT, SIGNED_UP, VERIFIED, parsed, said
from tests.meaning.statements import says


def kept(text: str, number: int) -> UserState:
    """The state of a person after a long history, where one condition is all that is asked."""
    names = (SIGNED_UP, ADDED, DOCS, FAILED, REPORT, "Purchase")
    rows = [(f"{number - each} minutes", names[each % 6], {"amount": each}) for each in range(number)]
    compiled = compile_condition(parsed(text), project())
    return replay(plan_for(project(), compiled.needs), history(rows))


@says('"At least 3 times in the last 7 days" needs the last three times')
def test_three_times_in_a_week_are_three_times():
    (slot,) = kept(f'did "{REPORT}" at least 3 times in last 7 days', 600).slots.values()
    assert len(slot) == 3


@says("what a rule set needs of each user is worked out when it is compiled")
def test_nothing_is_kept_that_no_rule_asks():
    assert kept("true", 600).slots == {}
    assert len(kept(f'did "{REPORT}" and did "{DOCS}" in last 7 days', 600).slots) == 2


CONSTANT = [
    f'did "{REPORT}" at least 3 times',
    f'did "{REPORT}" at least 3 times in last 7 days',
    f'did "{REPORT}" at most 3 times since "{SIGNED_UP}"',
    f'did "{REPORT}" on at least 3 days in last 7 days',
    f'first did "{REPORT}" more than 1 day ago',
    f'last did "{REPORT}" more than 1 day ago',
    f'did "{DOCS}" then "{FAILED}" then "{REPORT}" within 10 minutes in last 7 days',
    f'did "{DOCS}" directly then "{FAILED}" in one session',
    f'did "{ADDED}" and not "{VERIFIED}" within 1 day',
    'sum of amount in "Purchase" > 500',
    "days active in last 14 days >= 3",
]


@says("Counts, first, last, sequences: constant per condition")
@pytest.mark.parametrize("text", CONSTANT)
def test_a_longer_history_makes_no_larger_state(text):
    early, late = (len(kept(text, number).to_json()) for number in (4_500, 9_000))
    assert late <= early + 40, "only the figures in it may grow by a digit or two"


@says("Sums, averages, extremes, distinct in a window keep")
@pytest.mark.parametrize("what", ["sum of", "average of", "highest of", "number of different"])
def test_a_window_keeps_at_most_a_thousand_values(what):
    rows = [("1 minute", "Purchase", {"amount": each}) for each in range(1_500)]
    compiled = compile_condition(parsed(f'{what} amount in "Purchase" in last 30 days > 500'), project())
    (slot,) = replay(plan_for(project(), compiled.needs), history(rows)).slots.values()
    assert 1_000 <= str(slot).count(",") <= 2_010, "a time and a value each"


@says("Friction belongs to the step whose touchpoint")
def test_a_signal_on_another_page_is_marked():
    rows = [
        ("3 days", ADDED),
        ("2 days", "$loop", {"page": {"path": "/home"}}),
        ("2 days", "$loop"),
        ("1 day", "$loop", {"page": {"path": "/domains/7"}}),
    ]
    step = replay(plan_for(project(), ()), history(rows)).journeys["activation"].steps["verify_domain"]
    assert (step.signals, step.elsewhere) == ({"loop": 3}, {"loop": 2})


@says("Answers are stored by id, never by label")
def test_a_choice_is_known_by_its_id_or_its_source_text():
    rules = project()
    (cause,) = [
        each for each in rules.guides["verify_effort"].clauses if isinstance(each, Question) and each.id.text == "cause"
    ]
    assert [choice.key for choice in cause.choices] == ["unclear", "It kept failing", "other"]
    state = replay(plan_for(rules, ()), history([said("1 day", "cause", "unclear")]))
    assert state.guides["verify_effort"].answers["cause"].value == "unclear"


@says("`then end` / `then ask ID` on a question")
@pytest.mark.parametrize(
    ("jump", "is_fine"),
    [("then ask last", True), ("then end", True), ("then ask first", False), ("then ask here", False)],
)
def test_a_jump_leads_forward_only(jump, is_fine):
    text = f"""
survey s "S" {{
  ask text first "First?"
  ask text here "Here?" {jump}
  ask text between "Between?"
  ask text last "Last?"
}}
"""
    assert load({"a.way": text}).ok is is_fine
