"""The colours of rules in editors: a TextMate grammar, made from the words that the language itself is made of.

`python -m dsl.textmate > editors/way.tmLanguage.json` writes it anew; a test fails while that would change the file.
It colours only: a name that is spelled as a keyword is taken for one.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from dsl.complete.phrases import PHRASES
from dsl.complete.walk import tables
from dsl.feelings import FEELINGS
from dsl.terminals import ALTERNATIVES, OPERATOR_SPELLINGS
from dsl.values import UNITS
from widgets.registry import QUESTION_TYPES, WIDGETS

Rule: TypeAlias = dict[str, object]

_END: Final = r"(?![\w$])"
_BEGIN: Final = r"(?<![\w$.])"
_PLAIN_NAME: Final = r"(?:[^\W\d]|\$)[\w$]*"
_NAME: Final = rf"(?:{_PLAIN_NAME}|`[^`\n]+`)"
_LOGICAL: Final = ("AND", "OR", "NOT", "AND_NOT_TEXT", "AND_COMPARED")
_CONSTANTS: Final = ("YES", "NO", "TRUE")
_NAMING: Final = ("stage", "variant")
_SHOWN: Final = tuple(name for name, spec in WIDGETS.items() if spec.in_guides or spec.frames_surveys)


def grammar() -> Rule:
    """The grammar as a TextMate document. https://macromates.com/manual/en/language_grammars"""
    return {
        "name": "Waypost rules",
        "scopeName": "source.waypost",
        "fileTypes": ["way"],
        "patterns": [{"include": f"#{name}"} for name in _rules()],
        "repository": {name: {"patterns": rules} for name, rules in {**_rules(), **_inside_texts()}.items()},
    }


def _rules() -> Mapping[str, list[Rule]]:
    """The rules in the order in which they are tried."""
    return {
        "comments": [_match(r"#.*$", "comment.line.number-sign")],
        "texts": [
            _between('"""', '"""', "string.quoted.triple"),
            _between('"', r'"|$', "string.quoted.double"),
        ],
        "patterns": [_match(r"(?<![\w$])/(?:[^/\\\n]|\\.)+/", "string.regexp")],
        "declarations": _declarations(),
        "questions": [
            {
                "match": rf"{_BEGIN}(ask)\s+({_any(QUESTION_TYPES)})\s+({_NAME})",
                "captures": _captures("keyword.control", "support.type.question", "entity.name.tag"),
            }
        ],
        "widgets": [
            {
                "match": rf"{_BEGIN}(show(?:\s+as)?)\s+({_any(_SHOWN)}){_END}",
                "captures": _captures("keyword.control", "support.class.widget"),
            }
        ],
        "values": _values(),
        "paths": [
            _match(rf"{_NAME}(?:\s*\.\s*{_NAME})+", "variable.other.path"),
            _match(r"`[^`\n]+`", "variable.other"),
        ],
        "operators": [
            _words(OPERATOR_SPELLINGS, "keyword.operator.comparison"),
            _words(_phrases(*_LOGICAL), "keyword.operator.logical"),
        ],
        "constants": [
            _words(_phrases("KIND", "ONE_OF"), "support.type"),
            _words(_phrases(*_CONSTANTS), "constant.language"),
            _words([*FEELINGS, *_phrases("CHANNEL", "SCALE_STYLE", "WEEKDAY")], "support.constant"),
        ],
        "keywords": [_words(_keywords(), "keyword.control")],
        "names": [_match(_BEGIN + _PLAIN_NAME, "variable.other")],
    }


def _inside_texts() -> Mapping[str, list[Rule]]:
    return {
        "inside": [
            _match(r"\\.", "constant.character.escape"),
            {
                "name": "meta.interpolation.waypost",
                "begin": r"\{\{",
                "end": r"\}\}",
                "beginCaptures": _captures(whole="punctuation.section.interpolation.begin"),
                "endCaptures": _captures(whole="punctuation.section.interpolation.end"),
                "patterns": [
                    _match(r'"(?:[^"\\\n]|\\.)*"', "string.quoted.double"),
                    _match(rf"{_NAME}(?:\.{_NAME})*", "variable.other.path"),
                ],
            },
        ]
    }


def _declarations() -> list[Rule]:
    declaring = [
        phrase
        for terminal in sorted(tables().accepts_after())
        for phrase in PHRASES.get(terminal, ())
        if terminal not in {"LIMITS", "IMPORT", "EVENT", "RECORD"}
    ]
    return [
        {
            "match": rf"^\s*({_any([*declaring, *_NAMING])})\s+({_NAME})",
            "captures": _captures("storage.type.declaration", "entity.name.type"),
        },
        {
            # The `step` of a tour has no name: `step beside "#a"`.
            "match": rf"^\s*(step)\s+(?!(?:beside|on){_END})({_NAME})",
            "captures": _captures("storage.type.declaration", "entity.name.type"),
        },
        {
            "match": r'^\s*(event|import|limits)(?=\s*["{])',
            "captures": _captures("storage.type.declaration"),
        },
        {
            "match": r"^\s*(record)(?=\s+(?:at|for|sample)(?![\w$]))",
            "captures": _captures("storage.type.declaration"),
        },
    ]


def _values() -> list[Rule]:
    units = "|".join(UNITS)
    return [
        _match(r"\b\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?", "constant.numeric.time"),
        _match(r"\b\d\d:\d\d\b", "constant.numeric.time"),
        _match(rf"\b\d+\s+(?:{units})s?{_END}", "constant.numeric.duration"),
        _match(r"\b\d+(?:\.\d+)?\s*%", "constant.numeric.share"),
        _match(r"(?<![\w$.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w$])", "constant.numeric"),
    ]


def _keywords() -> list[str]:
    """All words of the language but those that have a colour of their own."""
    coloured = {*_LOGICAL, *_CONSTANTS, *ALTERNATIVES, "ONE_OF"}
    return _phrases(*(each for each in PHRASES if each not in coloured and not each.startswith("OP_"))) + _phrases(
        "SUFFIX"
    )


def _phrases(*terminals: str) -> list[str]:
    return [phrase for terminal in terminals for phrase in PHRASES[terminal]]


def _any(phrases: Iterable[str]) -> str:
    """A pattern for one of several words or groups of words, the longer ones first."""
    ordered = sorted(set(phrases), key=lambda phrase: (-len(phrase), phrase))
    return "|".join(r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in ordered)


def _words(phrases: Iterable[str], scope: str) -> Rule:
    """Words, and signs such as `>=`, each only where it stands by itself."""
    words = [phrase for phrase in phrases if phrase[0].isalpha()]
    signs = sorted({phrase for phrase in phrases if not phrase[0].isalpha()}, key=lambda sign: (-len(sign), sign))
    pattern = rf"{_BEGIN}(?:{_any(words)}){_END}"
    return _match("|".join([pattern, *map(re.escape, signs)]), scope)


def _match(pattern: str, scope: str) -> Rule:
    return {"name": f"{scope}.waypost", "match": pattern}


def _between(begin: str, end: str, scope: str) -> Rule:
    return {"name": f"{scope}.waypost", "begin": begin, "end": end, "patterns": [{"include": "#inside"}]}


def _captures(*scopes: str, whole: str | None = None) -> dict[str, Rule]:
    found: dict[str, Rule] = {str(number): {"name": f"{scope}.waypost"} for number, scope in enumerate(scopes, 1)}
    return {"0": {"name": f"{whole}.waypost"}} if whole is not None else found


def document() -> str:
    """The grammar as it is kept in a file."""
    return json.dumps(grammar(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
