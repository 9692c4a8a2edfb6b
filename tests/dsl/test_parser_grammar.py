"""The grammar: no conflict, nothing shared that must not be, no word that is a keyword by accident."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lark.lexer
import pytest
from lark import Lark
from lark.grammar import NonTerminal

from dsl.operators import OPERATORS, Shape
from dsl.parser import tables
from dsl.parser.words import in_words
from dsl.terminals import (
    ALTERNATIVES,
    COLLIDING,
    GRAMMAR_FILE,
    LOOKING_AHEAD,
    OPERATOR_SPELLINGS,
    keyword_terminals,
    phrase_of,
)
from dsl.transform import Builder

RULES = GRAMMAR_FILE.read_text(encoding="utf-8")
KEYWORDS = keyword_terminals(RULES)
NAMES = {"NAME", "PATH", "PLACE"}


@pytest.fixture(scope="module")
def parser() -> Lark:
    return tables.build(None, strict=True)


def _origin(name: str) -> str:
    """The rule that a repeated group was written in."""
    return re.sub(r"^__|_(?:star|plus)_\d+$", "", name)


def _reached(parser: Lark, start: str) -> set[str]:
    """The rules that a rule is made of, itself included."""
    parts: dict[str, set[str]] = {}
    for rule in parser.rules:
        symbols = {symbol.name for symbol in rule.expansion if isinstance(symbol, NonTerminal)}
        parts.setdefault(rule.origin.name, set()).update(symbols)
    reached, left = set(), [start]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += parts[name]
    return reached


def test_the_grammar_builds_strictly_without_a_conflict(parser: Lark) -> None:
    assert len(parser.rules) > 300


def test_comparisons_inside_an_open_where_share_no_rule_with_others(parser: Lark) -> None:
    inside = _reached(parser, "open_all") - _reached(parser, "where")
    assert "open_comparison" in inside
    assert _reached(parser, "open_comparison") & _reached(parser, "comparison") == set()
    assert _reached(parser, "open_comparison") & _reached(parser, "answer_comparison") == set()
    # Parentheses close it: what stands in them is a `where` like those of triggers.
    assert "open_comparison" not in _reached(parser, "where")


def test_every_rule_is_made_into_a_node_or_a_part_of_one(parser: Lark) -> None:
    builder = Builder()
    missing = {
        rule.alias or rule.origin.name
        for rule in parser.rules
        if not (rule.origin.name.startswith("_") or (rule.options.expand1 and rule.alias is None))
        and not hasattr(builder, rule.alias or rule.origin.name)
    }
    assert missing == set()


def test_every_method_named_like_a_rule_belongs_to_one(parser: Lark) -> None:
    rules = {rule.alias or rule.origin.name for rule in parser.rules}
    helpers = {"span", "part", "name", "names", "parts", "path", "place", "literal_text", "long_text", "optional_text",
               "amount", "whole", "begin", "percent", "duration", "event_ref"}  # fmt: skip
    methods = {name for name in dir(Builder) if not name.startswith("_") and callable(getattr(Builder, name))}
    assert methods - rules - helpers == set()


def _spellings(terminal: str) -> list[str]:
    if terminal.startswith("OP_"):
        shape = Shape[terminal.removeprefix("OP_")]
        return [spelling for spelling, name in OPERATOR_SPELLINGS.items() if OPERATORS[name].shape is shape]
    if terminal in ALTERNATIVES:
        return list(ALTERNATIVES[terminal])
    return [phrase_of(terminal)] if terminal in KEYWORDS else []


def _collisions(parser: Lark) -> Iterator[tuple[str, str]]:
    """Words that would be read as a keyword somewhere where a name may stand, with the keyword."""
    table: dict[Any, dict[str, Any]] = parser.parser.parser._parse_table.states  # type: ignore[attr-defined]
    before_names = {
        terminal
        for actions in table.values()
        for terminal, (_, target) in actions.items()
        if _spellings(terminal) and isinstance(target, int) and (NAMES | {"SUBJECT"}) & set(table[target])
    }
    for actions in table.values():
        keywords = [terminal for terminal in actions if _spellings(terminal)]
        if "NAME" in actions:
            # A keyword that looks for a text or a number after it finds none after a name.
            alone = [word for word in keywords if not LOOKING_AHEAD.get(word, ("", ""))[1].startswith("(?=")]
            yield from ((phrase, word) for word in alone for phrase in _spellings(word) if " " not in phrase)
        for first in before_names & set(keywords):
            for second in keywords:
                for short in _spellings(first):
                    for long in _spellings(second):
                        rest = long.removeprefix(f"{short} ")
                        # What is left of three words or more is followed by the others: no name is.
                        if rest != long and " " not in rest:
                            yield rest, second


def test_words_that_would_be_read_as_keywords_are_written_in_backticks(parser: Lark) -> None:
    assert {word for word, _ in _collisions(parser)} <= COLLIDING


def test_a_word_that_begins_an_operator_is_written_in_backticks() -> None:
    assert {spelling.split()[0] for spelling in OPERATOR_SPELLINGS if spelling[0].isalpha()} <= COLLIDING


def test_common_names_need_no_backticks() -> None:
    common = {"plan", "seats", "name", "email", "page", "device", "event", "account", "title", "step", "guide", "goal",
              "priority", "language", "country", "time", "text", "number", "version", "survey", "question", "source",
              "when", "first", "other", "completed", "reached", "day", "days", "stage", "segment"}  # fmt: skip
    assert common & COLLIDING == set()


@pytest.mark.parametrize("terminal", [*KEYWORDS, "NAME", "PATH", "PLACE", "SUBJECT", "STRING", "LBRACE", "OP_VALUE"])
def test_no_terminal_is_shown_by_its_name(terminal: str) -> None:
    assert terminal not in in_words(terminal)
    assert re.search(r"[A-Z]{2}", in_words(terminal)) is None


# The tables on disk


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tables, "folders", lambda: iter([tmp_path]))
    monkeypatch.setattr(lark.lexer, "has_interegular", False)  # it looks for overlaps, which takes long
    return tmp_path


def _parses(parser: Lark) -> bool:
    return len(parser.parse('segment a where plan is "x"', start="program")) == 1


def test_the_tables_are_stored_and_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _parses(tables.load(Builder()))
    stored = list(folder.iterdir())
    assert len(stored) == 1

    def never(*_: object, **__: object) -> Lark:
        raise AssertionError("the tables are built although they are stored")

    monkeypatch.setattr(tables, "build", never)
    assert _parses(tables.load(Builder()))


def test_tables_that_cannot_be_read_are_built_anew(folder: Path) -> None:
    tables.load(Builder())
    stored = next(folder.iterdir())
    whole = stored.read_bytes()
    for broken in (b"", b"no tables", whole[: len(whole) // 2]):
        stored.write_bytes(broken)
        assert _parses(tables.load(Builder()))


def test_tables_that_others_may_write_are_not_read(folder: Path) -> None:
    tables.load(Builder())
    stored = next(folder.iterdir())
    stored.chmod(0o666)
    assert tables._read(stored) is None


def test_where_nothing_can_be_written_the_parser_works_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setattr(tables, "folders", lambda: iter([blocked, blocked / "below"]))
    monkeypatch.setattr(lark.lexer, "has_interegular", False)
    assert _parses(tables.load(Builder()))
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208
