"""The reference page of the language: `python -m dsl.reference > docs/reference/language.md`.

Everything that the code knows is read from it: forms from the grammar, operators, widgets, question types, codes,
feelings, weights, limits and built-in names from their registries. Only meanings are written here and in `entries`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from dsl.catalog import BUILT_IN_EVENTS, catalog_of
from dsl.checker.declarations import PHASES
from dsl.codes.registry import CODES
from dsl.feelings import FEELINGS
from dsl.friction import FRICTION_VERSION, WEIGHTS
from dsl.limits import DECLARATION_LIMIT, FILE_LIMIT, SET_LIMIT, TERM_LIMIT
from dsl.operators import OPERATORS, Operator
from dsl.reference import entries
from dsl.reference.entries import Entry
from dsl.reference.meaning import MEANING
from dsl.reference.syntax import WORDS, forms_of, members
from dsl.scan import DEPTH_LIMIT
from dsl.terminals import RESERVED
from dsl.transform.literals import AMOUNT_LIMIT, LONG_TEXT_LIMIT, NAME_LIMIT, PATTERN_LIMIT, TEXT_LIMIT
from dsl.values import UNITS, Kind
from widgets.registry import QUESTION_TYPES, SURVEY_FRAME, WIDGETS, Choosing, QuestionSpec, WidgetSpec

WORLD: Final = Path(__file__).with_name("world.way").read_text(encoding="utf-8")
"""The file that the examples speak of."""

KINDS: Final[Mapping[Kind, str]] = {
    Kind.TEXT: '`"trial"`',
    Kind.NUMBER: "`5`, `0.5`, `-3`",
    Kind.YES_NO: "`yes`, `no`",
    Kind.TIME: "`2027-06-30` (00:00 in the project's zone), `2027-06-30T13:00:00Z`",
    Kind.VERSION: '`version "2.10.0"`',
    Kind.TEXT_LIST: 'asked with `include`: `tags include "beta"`',
    Kind.NUMBER_LIST: "asked with `include`: `scores include 3`",
    Kind.ONE_OF: '`one of "free", "trial", "pro"`: text that is one of these',
}

_INTRODUCTION: Final = """# The language

What may stand in a `.way` file, and what it means. Made by `python -m dsl.reference` from the grammar and the
registries that the program itself reads; a test keeps it up to date, and every example here is checked.

[Example](#example) · [How to read the forms](#how-to-read-the-forms) · [Values](#values) ·
[Declarations](#declarations) · [Clauses](#clauses) · [Conditions](#conditions) · [Content](#content) ·
[Questions](#questions) · [Feelings](#feelings) · [Friction](#friction) · [Meaning](#meaning) · [Limits](#limits) ·
[Messages](#messages)
"""

_MORE: Final = """What none of these says is decided, and written down, in [how a condition is decided](evaluation.md),
[how a guide is chosen](decisions.md), [who is in a share](hashing.md) and [signs of friction](friction.md).
"""

_WHERE: Final = """### `where`

`where` asks of the event itself: names are its properties. In a condition an `and` goes on with the `where` as long
as a comparison follows; `or` and `not` need parentheses there, and so does a block such as `any of { … }` unless it is
the first thing asked. After `on`, `reached by`, `attempted by`, `outcome`,
`used by` and `goal`, where the event ends the clause, they do not.

```way
did "Purchase" where amount > 100 and (currency is "EUR" or currency is "USD") in last 30 days
```
"""


def reference_page() -> str:
    """The page as Markdown."""
    return "\n".join(line.rstrip() for line in _lines()).rstrip("\n") + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION.rstrip()
    yield ""
    yield from ("## Example", "", *_fenced("way", WORLD))
    yield from _forms()
    yield from _values()
    yield from ("## Declarations", "")
    yield from _entries(members("program"), entries.DECLARATIONS)
    yield from ("### Parts of a journey", "")
    yield from _entries(("stage", "step", "outcome", "gives_up"), entries.JOURNEYS)
    yield from (f"The usual phases are {', '.join(f'`{phase}`' for phase in PHASES)}; others can be written.", "")
    yield from ("### Parts of limits", "")
    yield from _entries(("at_most_limit", "at_least_limit"), entries.LIMITS)
    yield from (
        "## Clauses",
        "",
        "Of a guide, a survey or a feedback. Each may stand once unless it says otherwise.",
        "",
    )
    yield from _entries(clauses(), entries.CLAUSES)
    yield from _conditions()
    yield from _content()
    yield from _questions()
    yield from _figures()
    yield from _meaning()
    yield from _limits()
    yield from _messages()


def clauses() -> tuple[str, ...]:
    """The rules of the clauses that are no content."""
    content = {"show", "variant", "question", "frame", "thanks", "translation"}
    return tuple(rule for rule in members("_clauses") if rule not in content)


def conditions() -> tuple[str, ...]:
    """The rules of all conditions."""
    return members("primary")


def _entries(rules: Iterable[str], told: Mapping[str, Entry]) -> Iterator[str]:
    """Each rule with its forms, its meaning and its example."""
    for rule in rules:
        entry = told[rule]
        for form in forms_of(rule):
            yield f"`{form}`" if "`" not in form else f"`` {form} ``"
            yield ""
        yield from (entry.doc, "")
        yield from _fenced("way", entry.example)


def _fenced(language: str, text: str) -> Iterator[str]:
    yield f"```{language}"
    yield from text.rstrip("\n").split("\n")
    yield from ("```", "")


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _forms() -> Iterator[str]:
    yield "## How to read the forms"
    yield ""
    yield "Small words stand as they are. What is in `[ ]` may be left out, of `a|b` one is written, `…` is more of the"
    yield "same, with commas after a comma. `#` begins a comment. A file is laid out by `waypost fmt`."
    yield ""
    yield from _table(
        ("in a form", "what is written there"), ((f"`{word}`", doc) for word, doc in WORDS.values() if doc)
    )
    reserved = ", ".join(f"`{word}`" for word in RESERVED)
    yield f"{reserved} are never names, unless in backticks; every other word can be one."
    yield ""


def _values() -> Iterator[str]:
    yield "## Values"
    yield ""
    yield from _table(("type", "written"), ((f"`{kind.value}`", KINDS[kind]) for kind in Kind))
    units = ", ".join(f"`1 {unit}`" for unit in UNITS)
    yield f"A length of time is a whole number and a unit: {units}, `2 {next(iter(UNITS))}s` and so on; no months."
    yield ""
    catalog = catalog_of((), ())
    yield "Known without a declaration:"
    yield ""
    built_in = [(f"`{name}`", str(subject.type)) for name, subject in catalog.user.items()]
    for name in catalog.context_names():
        subject = catalog.subject(tuple(name.split(".")))
        built_in += [(f"`{name}`", str(subject.type))] if subject is not None else []
    built_in.append(("`event.NAME`", "as declared: a property of the event that woke the rule"))
    built_in.append(("`account.NAME`", "as declared: an attribute of the account"))
    yield from _table(("name", "type"), built_in)
    yield "Events that Waypost itself sends or writes, which rules may ask for like others:"
    yield ""
    yield from _table(
        ("event", "properties"),
        (
            (f'`"{name}"`', ", ".join(f"`{each}: {kind}`" for each, kind in properties.items()) or "none")
            for name, properties in BUILT_IN_EVENTS.items()
        ),
    )


def _conditions() -> Iterator[str]:
    told = {**entries.HISTORIES, **entries.PROGRESS, **entries.COMBINING}
    missing = [rule for rule in conditions() if rule not in told]
    if missing:
        raise KeyError(f"no entry tells of {missing}")
    yield from ("## Conditions", "")
    for title, part in (
        ("Combining", entries.COMBINING),
        ("What a user did", entries.HISTORIES),
        ("Journeys, guides and answers", entries.PROGRESS),
    ):
        yield from (f"### {title}", "")
        yield from _entries([rule for rule in conditions() if rule in part], part)
        if part is entries.COMBINING:
            yield from _comparisons()
    yield from ("### How often, and in which time", "")
    yield from _entries(entries.COUNTING, entries.COUNTING)
    yield from (_WHERE,)


def _comparisons() -> Iterator[str]:
    yield from ("### Comparisons", "")
    families: dict[str, list[Operator]] = {}
    for operator in OPERATORS.values():
        families.setdefault(operator.family, []).append(operator)
    for name, family in families.items():
        module = sys.modules[family[0].body.__module__]
        yield from (f"#### {name.capitalize()}: {(module.__doc__ or '').strip().splitlines()[0]}", "")
        yield from _table(("operator", "of", "followed by", "meaning", "example"), map(_operator_row, family))


def _operator_row(operator: Operator) -> tuple[str, str, str, str, str]:
    spellings = [operator.name if operator.suffix is None else f"{operator.name} … {operator.suffix}", *operator.also]
    kinds = (
        "anything" if operator.accepts == frozenset(Kind) else ", ".join(k.value for k in Kind if k in operator.accepts)
    )
    meaning = " ".join(operator.doc.split())
    if operator.opposite is not None:
        meaning += f" The opposite of `{operator.opposite}`."
    if operator.can_ignore_case:
        meaning += " May end with `ignoring case`."
    follows = (
        operator.shape.value
        if operator.shape.name not in ("VALUE", "VALUES")
        else f"{operator.shape.value}: {operator.wants.value}"
    )
    return (" or ".join(f"`{each}`" for each in spellings), kinds, follows, meaning, f"`{operator.example}`")


def _content() -> Iterator[str]:
    yield from ("## Content", "")
    yield from _entries(("show", "variant", *members("_content")), entries.CONTENT)
    yield from ("### Actions", "")
    yield from _entries(members("action"), entries.ACTIONS)
    yield from ("### Widgets", "")
    yield from _table(
        ("after `show`", "what it is", "`beside`", "side", "holds"),
        (_widget_row(spec) for spec in WIDGETS.values() if spec.in_guides),
    )


def _widget_row(spec: WidgetSpec) -> tuple[str, str, str, str, str]:
    items = ", ".join(f"`{item}`" for item in sorted(spec.items))
    needs = " or ".join(f"`{item}`" for item in sorted(spec.needs))
    return (
        f"`{spec.name}`",
        spec.doc,
        spec.selector.value,
        ", ".join(f"`{side}`" for side in spec.sides),
        f"{items}; needs {needs}",
    )


def _questions() -> Iterator[str]:
    yield from ("## Questions", "")
    options = ("scale", "at_most_option", "optional", "shuffled", *members("jump"), "choice", "other_choice")
    yield from _entries(("question", *options, "frame", "thanks"), entries.QUESTIONS)
    frames = ", ".join(f"`{name}`" for name, spec in WIDGETS.items() if spec.frames_surveys)
    yield from (f"After `show as`: {frames}; `{SURVEY_FRAME}` if nothing is written.", "")
    yield from _table(
        ("after `ask`", "what it asks", "the answer", "scale", "choices", "`at most` counts"),
        map(_question_row, QUESTION_TYPES.values()),
    )


_CHOOSING: Final = {Choosing.ONE: "one of them", Choosing.ANY: "any of them", Choosing.ORDER: "all in order"}


def _question_row(spec: QuestionSpec) -> tuple[str, str, str, str, str, str]:
    scale = "" if spec.scale is None else f"{spec.scale.low} to {spec.scale.high} {spec.scale.style.value}"
    fixed = " (fixed)" if spec.scale is not None and spec.scale.fixed else ""
    choices = "" if spec.choices is None else _CHOOSING[spec.choices]
    return (
        f"`{spec.name}`",
        spec.doc,
        spec.answers,
        scale + fixed,
        choices,
        "" if spec.limits is None else spec.limits.value,
    )


def _figures() -> Iterator[str]:
    yield from (
        "## Feelings",
        "",
        "After `feels` and `felt`; what other answers tell is in [decisions.md](decisions.md#emotion-of-an-answer).",
        "",
    )
    yield from _table(
        ("feeling", "valence"), ((f"`{feeling}`", f"{valence:+.1f}") for feeling, valence in FEELINGS.items())
    )
    yield from ("## Friction", "")
    yield "A user's friction at a step is 1 − Π (1 − w)ⁿ over the signals since the step was entered, each counted n"
    yield f"times: 0 without a signal, never above 1. Weights w, version {FRICTION_VERSION}:"
    yield ""
    yield from _table(("signal", "weight"), ((f'`"${name}"`', f"{weight:.2f}") for name, weight in WEIGHTS.items()))


def _meaning() -> Iterator[str]:
    yield from (
        "## Meaning",
        "",
        "`tests/meaning` says for each of these statements which test pins it.",
        "",
    )
    for title, statements in MEANING.items():
        yield from (f"### {title}", "")
        yield from (f"- {each[0].upper()}{each[1:]}." for each in statements)
        yield ""
    yield _MORE


def _limits() -> Iterator[str]:
    yield from ("## Limits", "", "Beyond them is an error with its place.", "")
    yield from _table(
        ("what", "at most"),
        (
            ("all files of a project", f"{SET_LIMIT // 1024**2} MB"),
            ("a file", f"{FILE_LIMIT // 1024**2} MB"),
            ("a declaration", f"{DECLARATION_LIMIT // 1024} KB"),
            ("terms of a condition", TERM_LIMIT),
            ("levels of nesting", DEPTH_LIMIT),
            ("a name", f"{NAME_LIMIT} characters"),
            ("a text", f"{TEXT_LIMIT // 1024} KB"),
            ("a text over several lines", f"{LONG_TEXT_LIMIT // 1024} KB"),
            ("a pattern", f"{PATTERN_LIMIT} characters"),
            ("a count or a length of time", f"{AMOUNT_LIMIT:,}"),
        ),
    )


def _messages() -> Iterator[str]:
    yield from ("## Messages", "", "Errors stop publishing, warnings do not, except under `--strict`.", "")
    rows = ((_linked(code.id, code.title), code.severity.value, code.title) for _, code in sorted(CODES.items()))
    yield from _table(("code", "severity", "about"), rows)


def _linked(code: str, title: str) -> str:
    anchor = re.sub(r"[^\w -]", "", f"{code}: {title}".lower()).replace(" ", "-")
    return f"[{code}](errors.md#{anchor})"
