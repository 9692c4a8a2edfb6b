"""The words of the language: every terminal of `grammar.lark` as a regular expression.

A terminal that has no entry here is a keyword whose name is its words (AT_LEAST is `at least`). The comparison
operators come from `dsl.operators`, one terminal for each shape; nothing here keeps a list of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import permutations
from pathlib import Path
from typing import Final

from dsl.nodes import Channel
from dsl.operators import OPERATORS, Shape
from dsl.values import UNITS, Kind

GRAMMAR_FILE: Final = Path(__file__).with_name("grammar.lark")

RESERVED: Final = ("did", "not", "in", "at")
"""The words that are never a name, unless in backticks."""

# A word ends where no letter, digit, underscore or dollar sign follows; `\b` would end it before a `$`.
END: Final = r"(?![\w$])"
INTERPOLATION: Final = r'\{\{[^{}"\\\n]*(?:"[^"\\\n]*"[^{}"\\\n]*)?\}\}'
"""`{{ first_name | "there" }}`: the quotes in it do not end the text it stands in."""
# The alternatives exclude each other, so that a text without its end is refused in linear time. Repetitions of groups
# are possessive: what they have read is never given back, and a megabyte is read without remembering each turn.
_IN_STRING: Final = rf'(?:[^"\\\n{{]|\\.|{INTERPOLATION}|\{{(?!\{{)|(?!{INTERPOLATION})\{{)'
STRING: Final = rf'"(?!""){_IN_STRING}*+"'
LONG_STRING: Final = r'"""[^"]*(?:"(?!"")[^"]*)*+"""'
_IN_PATTERN: Final = r"(?:[^/\\\n]|\\.)"
PATTERN: Final = rf"/{_IN_PATTERN}++/"
ENDLESS: Final = rf'"(?!""){_IN_STRING}{{512,}}+|(?<![\w$])/{_IN_PATTERN}{{512,}}+'
"""A long text or pattern without its end. Whoever looks for signs in a text passes over it at once: each quote or
slash inside would be tried as the beginning of another, over and over."""
BACKTICKED: Final = r"`[^`\n]+`"

_ANY_WORD = rf"(?:[^\W\d]|\$)[\w$]*{END}|{BACKTICKED}"
_NAME = rf"(?!(?:{'|'.join(RESERVED)}){END})(?:{_ANY_WORD})"
_PATH = rf"{_NAME}(?:\s*\.\s*(?:{_ANY_WORD}))*+"
_UNIT = rf"(?:{'|'.join(UNITS)})s?{END}"
# Not followed by a letter, a dot or `,ddd`, nor the beginning of a date or a time of day.
_NUMBER_END = r"(?![\w$.%:]|-\d|,\d\d\d(?!\d))"
_DATE = r"\d\d\d\d-\d\d-\d\d"
_TEXT_AHEAD = r'(?=\s*")'
_DIGIT_AHEAD = r"(?=\s*\d)"


def words(phrase: str) -> str:
    """A pattern for a keyword of one or several words."""
    return r"\s+".join(re.escape(word) for word in phrase.split()) + (END if phrase[-1].isalnum() else "")


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern for one of several keywords, the longer ones first."""
    return "|".join(words(phrase) for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))


def _spellings(shape: Shape) -> dict[str, str]:
    """Every way to write an operator of this shape, with its canonical name."""
    return {
        spelling: operator.name
        for operator in OPERATORS.values()
        if operator.shape is shape
        for spelling in (operator.name, *operator.also)
    }


OPERATOR_SPELLINGS: Final = {spelling: name for shape in Shape for spelling, name in _spellings(shape).items()}
"""Every way to write an operator, with its canonical name."""

COLLIDING: Final = frozenset(
    {
        *RESERVED,
        *("yes", "no", "and", "or", "ago"),
        # Followed by an operator's first word, or following a keyword, they make a keyword of several words:
        # `on between`, `in last`, `at least`, `show as`, `is set`.
        *("on", "only", "as", "by", "every", "last", "least", "most", "network", "set", "with"),
        *(spelling.split()[0] for spelling in OPERATOR_SPELLINGS if spelling[0].isalpha()),
    }
)
"""The words that would be read as something else somewhere where a name may stand: the formatter writes such a name in
backticks everywhere."""

_OPERATOR_TERMINALS: Final = {shape: f"OP_{shape.name}" for shape in Shape if _spellings(shape)}
_BEGINS_OPERATOR = _any_of(
    {" ".join(spelling.split()[: 2 if spelling.split()[0] in RESERVED else 1]) for spelling in OPERATOR_SPELLINGS}
)
# `yes` and `no` are values: in `between no and no >= 3` nothing called `no` is compared.
# `=` and `!=` are mistakes, found where an operator should be. `and` and `or` join, whatever follows.
_SUBJECT = rf"(?!(?:yes|no|and|or){END}){_PATH}(?=\s*(?:{_BEGINS_OPERATOR}|!?=))"

ALTERNATIVES: Final[dict[str, tuple[str, ...]]] = {
    "KIND": tuple(kind.value for kind in Kind if kind is not Kind.ONE_OF),
    "CHANNEL": tuple(channel.value for channel in Channel),
    "SCALE_STYLE": ("stars", "numbers", "faces"),
    "WEEKDAY": (
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "weekdays", "weekends",
    ),
    "SUFFIX": tuple(sorted({operator.suffix for operator in OPERATORS.values() if operator.suffix})),
}  # fmt: skip
"""The words of which one is as good as another, by their terminal."""

PLAIN: Final[dict[str, str]] = {
    "BLANK": r"[\s\ufeff]+",
    "NAME": _NAME,
    "PATH": _PATH,
    "SUBJECT": _SUBJECT,
    "PLACE": rf"{_NAME}\s*\.\s*(?:{_ANY_WORD})",
    "STRING": STRING,
    "LONG_STRING": LONG_STRING,
    "PATTERN": PATTERN,
    "NUMBER": rf"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?{_NUMBER_END}",
    "PERCENT": r"\d+(?:\.\d+)?\s*%",
    "DURATION": rf"\d+\s+{_UNIT}",
    "DAY": rf"{_DATE}(?![\w$:-])",
    "TIME": rf"{_DATE}[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)(?![\w$])",
    "CLOCK": r"\d\d:\d\d(?![\w$:])",
    "LBRACE": r"\{",
    "RBRACE": r"\}",
    "LPAR": r"\(",
    "RPAR": r"\)",
    "COLON": ":",
    "COMMA": ",",
    "COMMA_TEXT": rf",{_TEXT_AHEAD}",
    **{terminal: _any_of(alternatives) for terminal, alternatives in ALTERNATIVES.items()},
    "TIMES": rf"times?{END}",
    "DAYS": rf"days?{END}",
    "RESPONSES": rf"responses?{END}",
}
"""The terminals that are not keywords, and the keywords of which one word is as good as another."""

LOOKING_AHEAD: Final[dict[str, tuple[str, str]]] = {
    **{
        name: (name.lower(), _TEXT_AHEAD)
        for name in (
            "ALT", "BODY", "EVENT", "GOAL", "IMAGE", "IMPORT", "OUTCOME", "THANKS", "TITLE", "TOUCHPOINT", "VERSION",
            "VIDEO",
        )
    },
    **{name: (name.lower(), _DIGIT_AHEAD) for name in ("EXPIRES", "FROM", "HOLDOUT", "PRIORITY", "ROLLOUT", "SAMPLE")},
    "BUTTON": ("button", r'(?=\s*["\d])'),
    "ITEM": ("item", r'(?=\s*["\d])'),
    "FROM_TEXT": ("from", _TEXT_AHEAD),
    "IN_TEXT": ("in", _TEXT_AHEAD),
    "FOR": ("for", r"(?!\s*\d)"),
    "FOR_TIME": ("for", _DIGIT_AHEAD),
    "AND_NOT_TEXT": ("and not", _TEXT_AHEAD),
    "AND_COMPARED": (
        "and",
        rf"(?=\s*(?:{_SUBJECT}|\(\s*(?:\(\s*|not{END}\s*)*{_SUBJECT}))",
    ),
    "MORE_THAN": ("more than", rf"(?!\s+\d+\s+{_UNIT})"),
}  # fmt: skip
"""Keywords that are keywords only before certain things: the word, and the pattern of what follows."""

_FIRM: Final = frozenset({"TIMES", "DAYS", "RESPONSES", "KIND", "CHANNEL", "SCALE_STYLE", "WEEKDAY", "SUFFIX"})
_ORDERED: Final = {
    "MORE_THAN": 25,  # before the operator of that spelling: it looks for no duration
    "COMMA_TEXT": 1,
    "LONG_STRING": 1,
    "PERCENT": 2,
    "DURATION": 2,
    "DAY": 3,
    "TIME": 3,
    "CLOCK": 3,
    "SUBJECT": 15,
    "SUFFIX": 16,  # an operator may follow: `more than 1 day ago between 2 and 4 times`
    "AND_COMPARED": 16,
    # Their second word is an operator's too: `expires 2027-06-30 stop after 5 responses` names no subject `stop`.
    "ONLY_BETWEEN": 19,
    "STOP_AFTER": 19,
    "EXPECT_WITHIN": 19,
}


def _operator_priorities() -> dict[Shape, int]:
    """Priorities by which `is not one of` is tried before `is not`, and that before `is`."""
    order = dict.fromkeys(_OPERATOR_TERMINALS, 20)
    for _ in order:
        for shape, other in permutations(order, 2):
            begins = any(
                longer.startswith(f"{shorter} ") for shorter in _spellings(other) for longer in _spellings(shape)
            )
            if begins:
                order[shape] = max(order[shape], order[other] + 1)
    return order


def pattern_of(terminal: str) -> str:
    """The pattern of a keyword's words, without what it looks ahead at."""
    return words(phrase_of(terminal))


def _definition(name: str, pattern: str, priority: int) -> str:
    escaped = re.sub(r"(?<!\\)/", r"\\/", pattern)
    return f"{name}.{priority}: /{escaped}/"


def phrase_of(terminal: str) -> str:
    """The words of a keyword terminal, as a reader writes them."""
    if terminal in LOOKING_AHEAD:
        return LOOKING_AHEAD[terminal][0]
    return terminal.lower().replace("_", " ")


def keyword_terminals(rules: str) -> list[str]:
    """The terminals named in the rules that are keywords, in alphabetical order."""
    code = re.sub(r"//[^\n]*|%ignore[^\n]*", "", rules)
    defined = {*PLAIN, *_OPERATOR_TERMINALS.values()}
    return sorted(set(re.findall(r"\b[A-Z][A-Z_]+\b", code)) - defined)


def grammar_text() -> str:
    """The whole grammar as Lark reads it: the rules of `grammar.lark` and a definition of every terminal they name."""
    rules = GRAMMAR_FILE.read_text(encoding="utf-8")
    lines = [_definition(name, pattern, _ORDERED.get(name, int(name in _FIRM))) for name, pattern in PLAIN.items()]
    priorities = _operator_priorities()
    lines += [
        _definition(terminal, _any_of(_spellings(shape)), priorities[shape])
        for shape, terminal in _OPERATOR_TERMINALS.items()
    ]
    for name in keyword_terminals(rules):
        phrase = phrase_of(name)
        ahead = LOOKING_AHEAD[name][1] if name in LOOKING_AHEAD else ""
        # The longer keyword first, and of two spelled alike the one that looks at what follows. Those of several words
        # come before a SUBJECT, so that in `only between` no property `only` is compared.
        length = len(phrase.split())
        rank = (1 if length == 1 else 20) + 2 * length + int(ahead.startswith("(?="))
        lines.append(_definition(name, words(phrase) + ahead, _ORDERED.get(name, rank)))
    return rules + "\n" + "\n".join(lines) + "\n"
