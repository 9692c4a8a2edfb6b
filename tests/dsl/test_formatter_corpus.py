"""Formatting changes how a file looks, never what it says: over every rule file there is, with comments anywhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.formatter import format_program
from dsl.nodes import Program
from dsl.parser import parse
from tests.dsl.programs import programs
from tests.fuzz.targets import CORPUS
from tests.profiles import examples

READABLE = [text for text in CORPUS if not parse(text).diagnostics]
_TEXTS = re.compile(r'"""[\s\S]*?"""|"(?:[^"\\\n{]|\\.|\{\{[^\n]*?\}\}|\{)*"|`[^`\n]*`|/(?:[^/\\\n]|\\.)+/')


def test_most_of_the_corpus_can_be_read() -> None:
    assert len(READABLE) > 150


@pytest.mark.parametrize("text", READABLE)
def test_a_formatted_file_says_the_same_and_is_formatted(text: str) -> None:
    program = parse(text).program
    written = format_program(program)
    again = parse(written)
    assert again.diagnostics == ()
    assert again.program == program
    assert comments_of(again.program) == comments_of(program)
    assert format_program(again.program) == written


def comments_of(program: Program) -> list[str]:
    return [comment.text for comment in program.comments]


def with_comments(text: str, places: list[float], *, alone: bool) -> str:
    """The text with comments between its words, each ending its line."""
    kept = {place for found in _TEXTS.finditer(text) for place in range(*found.span())}
    between = [found.start() for found in re.finditer(r"\s", text) if found.start() not in kept]
    if not between:
        return f"# c0\n{text}"
    chosen = sorted({between[int(place * (len(between) - 1))] for place in places}, reverse=True)
    for number, at in enumerate(chosen):
        lead = "\n" if alone else " "
        text = f"{text[:at]}{lead}# c{len(chosen) - number}\n{text[at:]}"
    return text


def stays_with_its_comments(text: str, places: list[float], *, alone: bool) -> None:
    program = parse(text).program
    commented = parse(with_comments(text, places, alone=alone))
    assert commented.diagnostics == ()
    assert commented.program == program
    assert comments_of(commented.program)
    written = format_program(commented.program)
    again = parse(written)
    assert again.diagnostics == ()
    assert again.program == program
    assert sorted(comments_of(again.program)) == sorted(comments_of(commented.program))
    assert format_program(again.program) == written


PLACES = st.lists(st.floats(0, 1), min_size=1, max_size=6)


@settings(max_examples=examples(300, 3_000))
@given(st.sampled_from([text for text in READABLE if "#" not in text]), PLACES, st.booleans())
def test_comments_anywhere_in_a_file_are_kept(text: str, places: list[float], alone: bool) -> None:
    stays_with_its_comments(text, places, alone=alone)


@settings(max_examples=examples(200, 2_000), suppress_health_check=list(HealthCheck))
@given(programs(), PLACES, st.booleans())
def test_comments_anywhere_in_a_random_program_are_kept(program: Program, places: list[float], alone: bool) -> None:
    stays_with_its_comments(format_program(program), places, alone=alone)
