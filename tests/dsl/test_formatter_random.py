"""Whatever is written is read as what it was, and is written the same again."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from dsl.formatter import format_condition, format_program
from dsl.nodes import Condition, Program
from dsl.parser import parse, parse_condition
from tests.dsl.programs import conditions, programs
from tests.profiles import examples


@settings(max_examples=examples(300, 3_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_a_program_that_is_written_and_read_is_the_same(program: Program) -> None:
    written = format_program(program)
    read = parse(written)
    assert read.diagnostics == ()
    assert read.program == program
    assert format_program(read.program) == written


@settings(max_examples=examples(500, 5_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(conditions())
def test_a_condition_that_is_written_and_read_is_the_same(condition: Condition) -> None:
    written = format_condition(condition)
    read = parse_condition(written)
    assert read.diagnostics == ()
    assert read.condition == condition
    assert format_condition(read.condition) == written
