"""The forms of the language, read from `grammar.lark` and written as a reader writes them.

`once_every: ONCE_EVERY DURATION [COMMA AT_MOST times]` becomes `once every DURATION [, at most N times]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, TypeAlias

from dsl.operators import OPERATORS, Shape
from dsl.terminals import ALTERNATIVES, GRAMMAR_FILE, keyword_terminals, phrase_of

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "NAME": ("NAME", "letters, digits and `_`, beginning with a letter: `first_name`; anything else in backticks"),
    "PATH": ("NAME", ""),
    "SUBJECT": ("NAME", ""),
    "PLACE": ("JOURNEY.STEP", "a step, or a stage, of a journey"),
    "STRING": ('"…"', "text: the name of an event, a selector, a page, words to read"),
    "LONG_STRING": ('"""…"""', "text over several lines"),
    "NUMBER": ("N", "a number: `5`, `0.5`, `-3`"),
    "PERCENT": ("N%", "a share: `10%`, `2.5%`"),
    "DURATION": ("DURATION", "a length of time: `10 minutes`; see [values](#values)"),
    "DAY": ("DAY", "`2027-06-30`: 00:00 in the project's zone"),
    "TIME": ("TIME", "`2027-06-30T13:00:00Z`, or with an offset such as `+02:00`"),
    "CLOCK": ("HH:MM", "a time of day: `09:00`"),
    "PATTERN": ("/…/", "a regular expression (RE2)"),
    "type": ("TYPE", "see [values](#values)"),
    "value": ("VALUE", "text, a number, `yes`, `no`, a day, a time, a version, or a share of a number: `80% of seats`"),
    "answer": ("VALUE", ""),
    "condition": ("CONDITION", "see [conditions](#conditions)"),
    "where": ("COMPARISONS", "comparisons of the event's properties, with `and`, `or`, `not`"),
    "open_where": ("COMPARISONS", ""),
    "answers": ("CONDITION", ""),
    "test": ("COMPARED", "an operator and its values: `>= 5`; see [comparisons](#comparisons)"),
    "time_test": ("COMPARED", ""),
    "answer_test": ("COMPARED", ""),
    "tally": ("COUNT", "see [how often, and in which time](#how-often-and-in-which-time)"),
    "count": ("COUNT", ""),
    "window": ("WINDOW", "see [how often, and in which time](#how-often-and-in-which-time)"),
    "action": ("ACTION", "see [actions](#actions)"),
    "jump": ("JUMP", "`then end` or `then ask NAME`"),
    "_clauses": ("CLAUSES", "see [clauses](#clauses)"),
    "_content": ("CONTENT", "see [content](#content)"),
    "show": ("SHOW", ""),
    "_events": ("EVENTS", "names of events with commas between them, or one and `where COMPARISONS`"),
    "stage": ("STAGE", ""),
    "step": ("STEP", ""),
    "translated_choices": ("CHOICES", ""),
    "choices": ("CHOICES", 'see [questions](#questions); in a translation `{ "unclear" as "…" }`'),
}
"""How a form spells what may be filled in, and what that is (blank where the same word is explained already)."""

_SIGNS: Final = dict(
    zip(
        ("LBRACE", "RBRACE", "LPAR", "RPAR", "COLON", "COMMA", "COMMA_TEXT", "TIMES", "DAYS", "RESPONSES"),
        ("{", "}", "(", ")", ":", ",", ",", "times", "days", "responses"),
        strict=True,
    )
)
_OPERATORS: Final = {
    f"OP_{shape.name}": [each.name for each in OPERATORS.values() if each.shape is shape] for shape in Shape
}

_RULE = re.compile(r"^[?!]?(\w+)\s*:((?:.*\n(?=\s|$))*.*)", re.MULTILINE)
_TOKEN = re.compile(r"->\s*\w+|\w+|[\[\]()|*+?]")


@dataclass(frozen=True, slots=True)
class Item:
    """One part of a form: a terminal's or a rule's name, or a group of alternatives, and what may become of it."""

    name: str = ""
    group: tuple[Form, ...] = ()
    is_optional: bool = False
    repeats: bool = False


Form: TypeAlias = tuple[Item, ...]


@cache
def rules() -> Mapping[str, tuple[Form, ...]]:
    """The alternatives of each rule of the grammar, by its name."""
    text = re.sub(r"//[^\n]*|^%.*$", "", GRAMMAR_FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: _alternatives(iter(_TOKEN.findall(body))) for name, body in _RULE.findall(text)}


@cache
def _keywords() -> frozenset[str]:
    return frozenset(keyword_terminals(GRAMMAR_FILE.read_text(encoding="utf-8")))


def _alternatives(marks: Iterator[str]) -> tuple[Form, ...]:
    found: list[list[Item]] = [[]]
    for mark in marks:
        match mark:
            case "|":
                found.append([])
            case "]" | ")":
                break
            case "[":
                found[-1].append(Item(group=_alternatives(marks), is_optional=True))
            case "(":
                found[-1].append(Item(group=_alternatives(marks)))
            case "*" | "+" | "?":
                last = found[-1].pop()
                found[-1].append(Item(last.name, last.group, is_optional=mark != "+", repeats=mark != "?"))
            case _ if not mark.startswith("->"):
                found[-1].append(Item(mark))
            case _:
                pass
    return tuple(tuple(form) for form in found)


def members(rule: str) -> tuple[str, ...]:
    """The names of the rules that are the alternatives of a rule, such as the clauses of `_clauses`."""
    forms = rules()[rule]
    inner = forms[0][0].group if len(forms) == 1 and len(forms[0]) == 1 and forms[0][0].group else forms
    return tuple(item.name for form in inner for item in form if item.name)


def forms_of(rule: str) -> tuple[str, ...]:
    """Every form of a rule, a line each, rules inside it written out."""
    return tuple(dict.fromkeys(_tidy(_written(form)) for form in rules()[rule]))


def _written(form: Sequence[Item]) -> str:
    return " ".join(filter(None, map(_item, form)))


def _item(item: Item) -> str:
    if item.group:
        choices = [_written(form) for form in item.group]
        inner = "|".join(choices)
        if item.repeats and inner.startswith(","):
            return "[, …]"
        alone = len(choices) == 1
    else:
        inner, alone = _name(item.name), True
    if item.repeats:
        return f"[{inner}] …" if item.is_optional else f"{inner} …" if alone else f"({inner}) …"
    if item.is_optional:
        return f"[{inner}]"
    return inner if alone else f"({inner})"


def _name(name: str) -> str:
    if name in WORDS:
        return WORDS[name][0]
    if name in _SIGNS:
        return _SIGNS[name]
    if name in _keywords():
        return phrase_of(name)
    words = ALTERNATIVES.get(name) or _OPERATORS.get(name) or [_written(form) for form in rules()[name]]
    return words[0] if len(words) == 1 else f"({'|'.join(words)})"


def _tidy(form: str) -> str:
    """Signs stand where a writer puts them: `NAME: TYPE`, `a, b`."""
    form = re.sub(r" ([,:])", r"\1", form).replace(" [, …]", "[, …]")
    return re.sub(r"\[\(([^()]*)\)\]", r"[\1]", form)
