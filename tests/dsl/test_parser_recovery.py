"""Many mistakes in one text: all of them are reported, nothing else is, and what is right is read."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.nodes import Guide, Segment
from dsl.operators import Shape
from dsl.parser import parse, parse_condition
from dsl.terminals import GRAMMAR_FILE, PLAIN, keyword_terminals
from tests.profiles import examples

CORPUS = Path(__file__).parents[1] / "corpus"
WHOLE_FILE = (CORPUS / "onboarding.way").read_text(encoding="utf-8")
TERMINALS = {
    *keyword_terminals(GRAMMAR_FILE.read_text(encoding="utf-8")),
    *PLAIN,
    *(f"OP_{shape.name}" for shape in Shape),
}


def said(text: str) -> list[tuple[int, str]]:
    """Line and code of every message."""
    return [(diagnostic.span.line, diagnostic.code) for diagnostic in parse(text).diagnostics]


def test_every_mistake_of_a_file_is_reported_in_one_run() -> None:
    broken = (
        WHOLE_FILE.replace("attribute seats: number", "attribute seats number")
        .replace('step signup "Create account" reached by', 'step signup "Create account" reached on')
        .replace('where plan is "trial" and', "where plan = “trial” AND")
        .replace("in last 1 hour", "in the last 1h")
        .replace("at most 1 survey per 14 days", "at most 1 survey each 14 days")
        .replace('unless did "Domain Verified"', 'unless didn\'t "Domain Verified"')
        .replace('title "Two records to add"', "title Two records to add")
        .replace("holdout 10%", "holdout 10")
        .replace("if ease <= 4 {", "if ease less than 4 {")
        .replace("stop after 500 responses", "stop after 500")
    )
    assert [code for _, code in said(broken)] == [
        "WP001", "WP009", "WP005", "WP006", "WP008", "WP009", "WP010", "WP009", "WP007", "WP015", "WP020", "WP009",
        "WP001",
    ]  # fmt: skip
    assert len(parse(broken).program.declarations) == len(parse(WHOLE_FILE).program.declarations)


def test_a_clause_that_cannot_be_read_is_left_out_and_the_rest_is_read() -> None:
    read = parse("guide a {\n  when ( ( foo\n  priority 3\n  once\n}\nsegment s where a is 1\n")
    assert [diagnostic.span.line for diagnostic in read.diagnostics] == [2]
    guide, segment = read.program.declarations
    assert isinstance(guide, Guide)
    assert len(guide.clauses) == 2
    assert isinstance(segment, Segment)


def test_a_declaration_that_cannot_be_read_is_left_out_and_its_name_is_known() -> None:
    read = parse("segment s where (a b c\n\nguide g {\n  for s\n}\n")
    assert [diagnostic.span.line for diagnostic in read.diagnostics] == [1]
    assert read.unread == ("s",)
    assert len(read.program.declarations) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("guide a {\n  once\n\nsegment s where a is 1\n", [(4, "WP002")]),
        ('guide a {\n  show modal {\n    title "T"\n  once\n}\n', [(4, "WP002")]),
        ('guide a {\n  show modal {\n    title "T"\n    once\n  }\n}\n', [(4, "WP001")]),
        ("guide a {\n  once\n", [(1, "WP002")]),
        ("guide a {\n  once\n}\n}\nsegment s where a is 1\n", [(4, "WP002")]),
        ('limits {\n  at most 1 guide per session\nevent "A"\n', [(3, "WP002")]),
        ("guide a\n  once\n}\n", [(1, "WP002")]),
        ('segment s where all of {\n  a is 1\n  b is 2\nevent "A"\n', [(4, "WP002")]),
        ('segment s where (a is 1 or b is 2\nevent "A"\n', [(1, "WP002")]),
        ('journey j {\n  stage s {\n    step a\n  outcome "X"\n}\n', [(4, "WP002")]),
    ],
)
def test_a_brace_too_few_or_too_many_is_one_message(text: str, expected: list[tuple[int, str]]) -> None:
    assert said(text) == expected


def test_a_missing_brace_names_the_one_that_is_open() -> None:
    diagnostic = parse('guide a {\n  show modal {\n    title "T"\n  once\n}\n').diagnostics[0]
    assert diagnostic.message == "a `}` is missing: the `{` of `show modal` in line 2 is not closed"
    assert diagnostic.help == "write `}` where it ends, before `once`"


def test_a_word_with_a_letter_wrong_gets_a_suggestion() -> None:
    diagnostic = parse("guide a {\n  prority 3\n}\n").diagnostics[0]
    assert diagnostic.help == "did you mean `priority`?"


def test_what_is_missing_at_the_end_of_a_line_is_reported_there() -> None:
    diagnostic = parse("guide a {\n  priority\n  once\n}\n").diagnostics[0]
    assert (diagnostic.span.line, diagnostic.message) == (2, "something is missing after `priority`")


def test_a_message_says_what_may_stand_there() -> None:
    expected = {
        "guide a { when }": 'after `when` comes a condition, such as `plan is "trial"` or `did "Signed Up"`',
        "guide a { priority high }": "after `priority` comes a number",
        "guide a { at activation }": "after `at` comes a step, such as `activation.verify_domain`",
        "foo": "here comes a declaration, such as `guide`, `segment`, `event` or the end of the text",
        "guide a { show modal { foo } }": "after `{` comes content, such as `title`, `body`, `button` or `}`",
    }
    assert {text: parse(text).diagnostics[0].help for text in expected} == expected


def test_a_file_with_hundreds_of_mistakes_gives_the_first_hundred_messages() -> None:
    assert len(parse("attribute plan text\n" * 300).diagnostics) == 100


def test_places_are_right_behind_a_mistake_that_was_put_right() -> None:
    text = "segment a where plan = “x” and seats > 1,000\nsegment b where plan == “ü”\n"
    places = [text[found.span.start : found.span.end] for found in parse(text).diagnostics]
    assert places == ["=", "“x”", "1,000", "==", "“ü”"]
    spans = [(found.span.line, found.span.column) for found in parse(text).diagnostics]
    assert spans == [(1, 22), (1, 24), (1, 40), (2, 22), (2, 25)]


@pytest.mark.parametrize(
    "text",
    ["", " ", "\ufeffguide a { }", "\x00", "}", "{", ")", '"', "`", '"""', "#", "\\", "é", "\ud800", "guide", "“",
     "(" * 200, "not " * 200 + "true", "{{", "1" * 5000, "a" * 5000, "guide a {" * 100, '"' * 999, "/" * 99, "a.b." * 9,
     "guide a { body \"\"\" }", "when when when", "did did did", "\r\nguide a {\r\n}\r\n", "guide\u00a0a { }"],
)  # fmt: skip
def test_no_text_is_too_strange(text: str) -> None:
    for read in (parse(text).diagnostics, parse_condition(text).diagnostics):
        assert all(diagnostic.help for diagnostic in read)


def test_what_word_processors_put_in_is_no_mistake() -> None:
    assert parse("\ufeffguide\u00a0a {\r\n\tpriority 3\r\n}\r\n").diagnostics == ()


PIECES = [piece for piece in re.findall(r'"[^"\n]*"|\w+|\s+|.', WHOLE_FILE) if piece.strip()]
STRANGE = ["{", "}", "(", ")", '"', "`", "“", "=", "7d", "1,000", "and", "did", "\x00", "#", '"""', "/", "isn't", "AND"]


@settings(max_examples=examples(300, 3_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_however_a_file_is_broken_the_messages_can_be_read(chance: random.Random) -> None:
    pieces = re.findall(r'"[^"\n]*"|\w+|\s+|.', WHOLE_FILE)
    start = chance.randrange(len(pieces))
    pieces = pieces[start : start + chance.randrange(300)] if chance.random() < 0.7 else pieces
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(pieces) + 1)
        pieces[at : at + chance.randrange(3)] = [chance.choice(PIECES + STRANGE)]
    text = "".join(pieces)
    for diagnostic in parse(text).diagnostics:
        assert diagnostic.help
        assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
        for said in (diagnostic.message, diagnostic.help):
            words = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b|\b(?:NAME|PATH|PLACE|STRING|NUMBER)\b", said))
            # In backticks may stand what the text says; outside them no word of the grammar may.
            words |= set(re.findall(r"\b[A-Z][A-Z_]+\b", re.sub(r'`[^`]*`|"[^"]*"', "", said)))
            assert words & TERMINALS == set()


LINES_THAT_ARE_WRONG = (
    "segment broken where plan is",
    "segment broken where (plan is 1",
    "segment broken where plan = 1",
    'segment broken where did "Signed Up" at least 2 timez',
    "attribute broken text",
    "guide broken { priority eighty }",
    "guide broken { nonsense }",
    'event "Broken" { a }',
    "limits { at most guide per session }",
    'survey broken "B" { ask nps }',
    f"segment broken where {'(' * 65}true{')' * 65}",
)


@settings(max_examples=examples(100, 1_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(LINES_THAT_ARE_WRONG)), max_size=12))
def test_each_message_is_on_its_line_and_all_that_is_right_is_read(wrong: list[tuple[int, str]]) -> None:
    right = [f"segment right_{number} where\n  seats > {number}\n\n" for number in range(40)]
    pieces: list[str] = []
    expected: list[int] = []
    for number, text in enumerate((*right, "")):
        for line in (line for place, line in wrong if place == number):
            expected.append("".join(pieces).count("\n") + 1)
            pieces.append(f"{line}\n")
        pieces.append(text)
    read = parse("".join(pieces))
    assert sorted({diagnostic.span.line for diagnostic in read.diagnostics}) == expected
    kept = [each.name.text for each in read.program.declarations if isinstance(each, Segment)]
    assert [name for name in kept if name != "broken"] == [f"right_{number}" for number in range(40)]
