"""Colours for rules in documentation: a Pygments lexer by the names `way` and `waypost`, made of the editors' grammar.

Pygments finds it by the entry point of this distribution, so that Sphinx, MkDocs, Zensical and notebooks colour blocks
that begin with ```` ```way ````. https://pygments.org/docs/lexerdevelopment/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Final, TypeAlias

from pygments.lexer import RegexLexer
from pygments.token import (
    Comment,
    Generic,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
)

from dsl.textmate import grammar

Token: TypeAlias = Any
Found: TypeAlias = Iterator[tuple[int, Token, str]]

TOKENS: Final[Mapping[str, Token]] = {
    "comment": Comment.Single,
    "constant.character.escape": String.Escape,
    "constant.language": Keyword.Constant,
    "constant.numeric": Number,
    "constant.numeric.time": Literal.Date,
    "entity.name": Name.Class,
    "keyword.control": Keyword,
    "keyword.operator": Operator.Word,
    "meta.interpolation": String.Interpol,
    "punctuation": Punctuation,
    "storage.type": Keyword.Declaration,
    "string.quoted": String.Double,
    "string.regexp": String.Regex,
    "support": Name.Builtin,
    "variable.other": Name.Variable,
}
"""Scope of the editors' grammar → token; the longest beginning counts."""


def token_of(scope: str) -> Token:
    """The token of a scope such as `keyword.control.waypost`."""
    fitting = [known for known in TOKENS if f"{scope}.".startswith(f"{known}.")]
    return TOKENS[max(fitting, key=len)] if fitting else Generic


def _groups(tokens: Mapping[int, Token]) -> Callable[[RegexLexer, re.Match[str]], Found]:
    """A token for each group of a match, and for all that lies between none."""

    def read(_lexer: RegexLexer, match: re.Match[str]) -> Found:
        done = match.start()
        for group, token in tokens.items():
            begin, end = match.span(group)
            if done < begin:
                yield done, Text, match.string[done:begin]
            yield begin, token, match.string[begin:end]
            done = end
        if done < match.end():
            yield done, Text, match.string[done : match.end()]

    return read


def _states() -> dict[str, list[Any]]:
    """The rules of the grammar as Pygments takes them; what begins and ends becomes a state of its own."""
    read: dict[str, Any] = grammar()
    states: dict[str, list[Any]] = {}

    def rules(patterns: list[dict[str, Any]]) -> list[Any]:
        found: list[Any] = []
        for pattern in patterns:
            if "include" in pattern:
                found += rules(read["repository"][pattern["include"].removeprefix("#")]["patterns"])
            elif "begin" in pattern:
                found.append((pattern["begin"], token_of(pattern["name"]), between(pattern)))
            elif "captures" in pattern:
                tokens = {int(group): token_of(each["name"]) for group, each in pattern["captures"].items()}
                found.append((pattern["match"], _groups(tokens)))
            else:
                found.append((pattern["match"], token_of(pattern["name"])))
        return found

    def between(pattern: dict[str, Any]) -> str:
        name = f"{pattern['name']} {pattern['begin']}"
        if name not in states:
            states[name] = []
            token = token_of(pattern["name"])
            ends = (pattern["end"], token, "#pop")
            states[name] += [ends, *rules(pattern["patterns"]), (r"\s+|[^\\{}|\"\s]+", token), (r"[\s\S]", token)]
        return name

    states["root"] = [*rules(read["patterns"]), (r"\s+", Text), (r"[{}(),:.|]", Punctuation), (r".", Text)]
    return states


class WayLexer(RegexLexer):  # type: ignore[misc]
    """Rules of Waypost."""

    name = "Waypost rules"
    aliases: ClassVar[list[str]] = ["way", "waypost"]
    filenames: ClassVar[list[str]] = ["*.way"]
    flags = re.MULTILINE
    tokens: ClassVar[dict[str, list[Any]]] = _states()
