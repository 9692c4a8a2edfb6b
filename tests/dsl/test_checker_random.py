"""Whatever is written, checking ends with messages, never with an exception."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.codes import CODES
from dsl.diagnostics import render
from dsl.explain import explain_condition, explain_guide, write
from dsl.nodes import Condition, Program
from dsl.project import RuleProject, load, project_of
from dsl.values import Instant
from tests.dsl.programs import conditions, programs
from tests.profiles import examples

WHOLE = (Path(__file__).parents[1] / "corpus" / "onboarding.way").read_text(encoding="utf-8")
EMPTY = load({})
SLOW = settings(
    max_examples=examples(60, 600),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def looked_over(project: RuleProject) -> None:
    for each in project.diagnostics:
        assert each.code in CODES
        assert each.severity is CODES[each.code].severity
        assert render(each, project.sources)


@SLOW
@given(programs())
def test_any_tree_can_be_checked(program: Program) -> None:
    looked_over(project_of({"generated.way": program}, at=Instant(0)))


@SLOW
@given(programs())
def test_any_guide_can_be_explained(program: Program) -> None:
    project = project_of({"generated.way": program})
    for guide in project.guides.values():
        assert [row for line in explain_guide(guide, project) for row in write(line)]


@SLOW
@given(conditions(), st.booleans())
def test_any_condition_can_be_explained(condition: Condition, holds: bool) -> None:
    assert list(write(explain_condition(condition, EMPTY, holds=holds)))


pieces = st.sampled_from(
    [
        '"',
        "{",
        "}",
        "(",
        ")",
        "and",
        "or",
        "not",
        "where",
        "did",
        '"Signed Up"',
        "seats",
        ">=",
        "5",
        "7 days",
        "at",
        "event.x",
    ]
)


@settings(max_examples=examples(300, 3_000), deadline=None)
@given(st.integers(0, len(WHOLE)), st.integers(0, 60), pieces)
def test_a_file_with_a_slip_of_the_pen_can_be_checked(place: int, length: int, piece: str) -> None:
    text = f"{WHOLE[:place]} {piece} {WHOLE[place + length :]}"
    project = load({"onboarding.way": text})
    looked_over(project)
    for each in project.diagnostics:
        assert 0 <= each.span.start <= each.span.end <= len(text)
        assert each.span.line == text.count("\n", 0, each.span.start) + 1
        assert each.span.column == each.span.start - text.rfind("\n", 0, each.span.start)
