"""Rules in documentation have colours: a block that begins with ```way is read by Pygments."""

from __future__ import annotations

from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Token, is_token_subtype

from api.pygments_lexer import TOKENS, WayLexer, token_of
from dsl.textmate import grammar

ROOT = Path(__file__).parents[2]
RULES = sorted([*(ROOT / "examples").rglob("*.way"), *(ROOT / "tests" / "corpus").rglob("*.way")])

SAMPLE = """# Who fails twice is helped.
guide verify_help "Help" {
  when did "DNS Check Failed" at least 2 times in last 10 minutes and plan is "trial"
  show tooltip beside "#dns" { body "Copy both, {{ first_name | "there" }}." }
  expires 2027-06-30
}
"""

COLOURED = [
    ("# Who fails twice is helped.", "Comment.Single"),
    ("guide", "Keyword.Declaration"),
    ("verify_help", "Name.Class"),
    ("when", "Keyword"),
    ("Check", "Literal.String.Double"),
    ("10 minutes", "Literal.Number"),
    ("plan", "Name.Variable"),
    ("is", "Operator.Word"),
    ("and", "Operator.Word"),
    ("tooltip", "Name.Builtin"),
    ("first_name", "Name.Variable"),
    ("2027-06-30", "Literal.Date"),
]


def test_pygments_finds_it_by_name_and_by_file() -> None:
    found = [get_lexer_by_name("way"), get_lexer_by_name("waypost"), get_lexer_for_filename("rules/onboarding.way")]
    assert [type(lexer) for lexer in found] == [WayLexer] * 3


@pytest.mark.parametrize(("text", "token"), COLOURED, ids=[text for text, _ in COLOURED])
def test_a_word_has_the_colour_of_its_kind(text: str, token: str) -> None:
    found = {str(kind).removeprefix("Token.") for kind, value in WayLexer().get_tokens(SAMPLE) if value == text}
    assert found == {token}


def test_nothing_of_any_rules_is_lost_or_taken_for_an_error() -> None:
    lexer = WayLexer(stripnl=False, ensurenl=False)
    for path in RULES:
        text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
        read = list(lexer.get_tokens(text))
        assert "".join(value for _, value in read) == text.removeprefix("\ufeff"), path
        assert not any(is_token_subtype(kind, Token.Error) for kind, _ in read), path


def test_every_scope_of_the_grammar_has_a_token() -> None:
    def scopes(node: object) -> set[str]:
        if isinstance(node, list):
            return {each for part in node for each in scopes(part)}
        if isinstance(node, dict):
            own = (
                {node["name"]}
                if isinstance(node.get("name"), str) and "patterns" not in node.get("repository", {})
                else set()
            )
            return own | {each for part in node.values() for each in scopes(part)}
        return set()

    assert {scope for scope in scopes(grammar()["repository"]) if token_of(scope) not in TOKENS.values()} == set()
