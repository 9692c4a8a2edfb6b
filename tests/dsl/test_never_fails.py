"""Whatever the text: reading, checking, formatting and compiling end with messages, never with an exception.

Texts are made by the grammar itself (`from_lark`; what a terminal looks ahead at is left to chance, so that some are
no sentences), of the words of the language in any order, and by damaging the corpus.
"""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark

from dsl.compiler import CompileError, compile_condition
from dsl.formatter import format_condition
from dsl.parser import parse_condition
from dsl.parser.tables import CONDITION, PROGRAM, build
from tests.fuzz.targets import CORPUS, EVERY, PIECES, ROOT, look_over, look_over_bytes
from tests.profiles import examples

soups = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40).map(" ".join)
texts = st.sampled_from(CORPUS)
GRAMMAR = build(None)


@settings(max_examples=examples(80, 800), suppress_health_check=list(HealthCheck))
@given(from_lark(GRAMMAR, start=PROGRAM))
def test_any_sentence_of_the_grammar_can_be_read_checked_and_formatted(text: str) -> None:
    look_over(text)


@settings(max_examples=examples(80, 800), suppress_health_check=list(HealthCheck))
@given(from_lark(GRAMMAR, start=CONDITION))
def test_any_condition_of_the_grammar_can_be_read_checked_and_formatted(text: str) -> None:
    look_over(f"segment s where {text}")


@settings(max_examples=examples(500, 5_000))
@given(soups)
def test_any_row_of_words_can_be_read_checked_and_formatted(text: str) -> None:
    look_over(text)


@settings(max_examples=examples(500, 5_000))
@given(soups)
def test_any_row_of_words_can_be_asked_as_a_condition(text: str) -> None:
    read = parse_condition(text)
    assert read.condition is not None or read.diagnostics
    if read.condition is None or read.diagnostics:
        return
    assert parse_condition(format_condition(read.condition)).condition == read.condition
    try:
        compile_condition(read.condition, EVERY)
    except CompileError:
        return


@settings(max_examples=examples(200, 2_000))
@given(texts, st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.sampled_from(PIECES)), max_size=4))
def test_a_damaged_file_can_be_read_checked_and_formatted(text: str, damages: list[tuple[float, int, str]]) -> None:
    for place, length, piece in damages:
        at = int(place * len(text))
        text = f"{text[:at]} {piece} {text[at + length :]}"
    look_over(text)


@settings(max_examples=examples(200, 2_000))
@given(texts, texts, st.floats(0, 1), st.floats(0, 1))
def test_halves_of_two_files_can_be_read_checked_and_formatted(one: str, other: str, cut: float, begin: float) -> None:
    look_over(one[: int(cut * len(one))] + other[int(begin * len(other)) :])


@settings(max_examples=examples(300, 3_000))
@given(st.text())
def test_any_text_can_be_read_checked_and_formatted(text: str) -> None:
    look_over(text)


def test_a_short_run_of_the_fuzzer_finds_nothing(tmp_path: Path) -> None:
    """Guided by coverage where atheris is installed (`tests/fuzz/fuzz_language.py`), else with bytes at random."""
    if importlib.util.find_spec("atheris") is None:
        rng = random.Random(7)  # noqa: S311  (the same bytes each time)
        for _ in range(300):
            look_over_bytes(rng.randbytes(rng.randrange(60)))
        return
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.fuzz_language", "-runs=3000", "-seed=7", f"-artifact_prefix={tmp_path}/"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]


def test_the_words_are_all_there() -> None:
    for word in ("segment", "did", "in last", "is none of", "then end", '"""', "{{", "}}", "7 days"):
        assert any(word in piece for piece in PIECES), word
    assert len(CORPUS) > 100


def test_formatting_what_was_read_of_every_broken_file_never_fails() -> None:
    for text in CORPUS:
        look_over(text)
