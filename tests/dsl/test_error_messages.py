"""Every message of the corpus of broken inputs is written for a reader: a code, a place, a cause, and what to write."""

from __future__ import annotations

import re

import pytest

from dsl.codes import CODES
from dsl.diagnostics import Diagnostic, Severity, Span, render
from dsl.formatter import format_condition
from dsl.parser import parse_condition
from dsl.project import load
from dsl.terminals import GRAMMAR_FILE, grammar_text
from tests.dsl.cases import Case, cases

CASES = cases("errors")
MOST = 130
"""So many broken inputs there are at least."""

_PLACEHOLDERS = {"EVENT", "JOURNEY", "STAGE", "STEP", "SEGMENT", "GUIDE", "SURVEY", "NAME", "QUESTION", "DAY", "TIME"}
"""What a help says where the reader's own name belongs, as the documentation does."""
_TERMINALS = set(re.findall(r"^([A-Z][A-Z_]+)\.\d+:", grammar_text(), re.MULTILINE)) - _PLACEHOLDERS
_RULES = set(re.findall(r"^[?]?([a-z]+_[a-z_]+):", GRAMMAR_FILE.read_text(encoding="utf-8"), re.MULTILINE))
_OF_THE_MACHINE = re.compile(
    r"\$END|Token\(|Tree\(|<[a-z_.]+ object|frozenset|Kind\.|Shape\.|ValueType|None\b|\bTrue\b|\bFalse\b|Traceback"
    r"|\[\'|\(\'|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}"
)


def found_in(case: Case) -> tuple[Diagnostic, ...]:
    return load(case.files, at=case.at).diagnostics


@pytest.mark.parametrize("case", CASES, ids=[case.path.stem for case in CASES])
def test_a_message_says_where_what_and_what_to_write(case: Case) -> None:
    for each in found_in(case):
        text = case.files[each.span.file]
        assert each.code in CODES
        assert 0 <= each.span.start <= each.span.end <= len(text)
        assert each.span.line == text.count("\n", 0, each.span.start) + 1
        assert each.message
        assert each.message[0] not in " ."
        assert not each.message.endswith(".")
        assert each.help or each.severity is Severity.WARNING, each.message


@pytest.mark.parametrize("case", CASES, ids=[case.path.stem for case in CASES])
def test_a_message_speaks_the_readers_words_only(case: Case) -> None:
    for each in found_in(case):
        # What the reader wrote, and what to write, stands in backticks or quotes.
        said = f"{each.message} · {each.help or ''}"
        bare = re.sub(r"`[^`]*`|\"[^\"]*\"", "", said)
        capitals = set(re.findall(r"\b[A-Z][A-Z_]+\b", said)) - set(re.findall(r"\w+", case.files[each.span.file]))
        assert not _TERMINALS & capitals, said
        assert not _RULES & set(re.findall(r"\b[a-z]+_[a-z_]+\b", bare)), said
        assert not _OF_THE_MACHINE.search(bare), said


MISTAKES = [
    ("`=`", "mistake_equals_sign", "WP005"),
    ("`==`", "mistake_two_equals_signs", "WP005"),
    ("curly quotes", "mistake_curly_quotes", "WP006"),
    ("`isn't`", "mistake_isnt", "WP007"),
    ("`didn't`", "mistake_didnt", "WP007"),
    ("`AND`", "mistake_and_in_capitals", "WP008"),
    ("`in the last`", "mistake_in_the_last", "WP009"),
    ("`7d`", "mistake_short_length_of_time", "WP010"),
    ("`1 month`", "mistake_a_month", "WP010"),
    ("`every week`", "mistake_every_week", "WP009"),
    ('`plan is "a" or "b"`', "mistake_or_between_values", "WP011"),
    ('`did "A" then did "B"`', "mistake_then_did", "WP012"),
    ('`did "X" within 7 days`', "mistake_within_for_in_last", "WP013"),
    ('`did "X" more than 30 days ago`', "mistake_more_than_days_ago", "WP014"),
    ("`plan is trial`", "mistake_text_without_quotes", "WP015"),
    ("`is true`", "mistake_is_true", "WP016"),
    ("`verify-help`", "mistake_hyphen_in_a_name", "WP017"),
    ("`9:00`", "mistake_hour_of_one_digit", "WP018"),
    ("`30 June 2027`", "mistake_date_in_words", "WP019"),
    ("`1,000`", "mistake_thousands_separator", "WP020"),
    ("a missing `}`", "mistake_missing_brace", "WP002"),
]
"""Each "mistake with a message of its own", its file in the corpus, and the code of its message."""


@pytest.mark.parametrize(("mistake", "file", "code"), MISTAKES, ids=[row[0] for row in MISTAKES])
def test_a_typical_mistake_has_a_message_of_its_own(mistake: str, file: str, code: str) -> None:
    (case,) = (case for case in CASES if case.path.stem == file)
    errors = [each for each in found_in(case) if each.severity is Severity.ERROR]
    assert errors[0].code == code
    # `every week` is two: the word, and the length of time.
    assert len(errors) == (2 if file == "mistake_every_week" else 1)
    assert all(each.help for each in errors)


def test_is_not_one_of_is_no_mistake() -> None:
    read = parse_condition('plan is not one of "free", "trial"')
    assert read.diagnostics == ()
    assert read.condition is not None
    assert format_condition(read.condition) == 'plan is none of "free", "trial"'


def test_the_corpus_is_large_and_some_files_hold_many_mistakes() -> None:
    assert len(CASES) >= MOST
    many = [case.path.stem for case in CASES if sum(each.severity is Severity.ERROR for each in found_in(case)) >= 5]
    assert len(many) >= 5, many


@pytest.mark.parametrize(
    ("line", "at", "quoted", "marked"),
    [
        ("short line", 6, "short line", "line"),
        ("x" * 500 + " here " + "y" * 500, 501, "…" + "x" * 59 + " here " + "y" * 95 + "…", "here"),
        ("here " + "y" * 500, 0, "here " + "y" * 155 + "…", "here"),
        ("x" * 500 + " here", 501, "…" + "x" * 155 + " here", "here"),
        ("x" * 70 + " here " + "y" * 90, 71, "x" * 70 + " here " + "y" * 84 + "…", "here"),
        ("\tred \x1b[31m here", 11, "\tred \ufffd[31m here", "here"),
    ],
)
def test_of_a_long_line_a_message_shows_what_stands_around_the_place(
    line: str, at: int, quoted: str, marked: str
) -> None:
    found = Diagnostic("WP000", Severity.ERROR, "wrong", Span("a.way", at, at + 4, 1, at + 1))
    *_, shown, below = render(found, {"a.way": line}).split("\n")
    assert shown.removeprefix("    1 | ") == quoted
    assert quoted[below.removeprefix("      | ").index("^") :].startswith(marked)
    assert below.count("^") == 4


def test_a_mark_ends_with_the_part_of_the_line_that_is_shown() -> None:
    found = Diagnostic("WP000", Severity.ERROR, "wrong", Span("a.way", 0, 100_000, 1, 1))
    assert max(map(len, render(found, {"a.way": "x" * 100_000}).split("\n"))) < 180
