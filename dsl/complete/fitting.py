"""Which of the words that the grammar would take also mean something there.

A clause that may stand once is not offered a second time, a survey gets no `rollout`, a banner no `beside`: the grammar
is wider than the language, and the registries of clauses and widgets say by how much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import takewhile
from typing import Final

from dsl.checker.guides import CLAUSE_WORDS, CLAUSES_OF_SOME, REPEATED_CLAUSES
from dsl.complete.phrases import PHRASES
from dsl.complete.reading import Words, blocks, guide_kind
from dsl.complete.walk import tables
from dsl.mistakes import Word
from dsl.nodes import Clause, Frequency, GuideKind
from widgets.registry import QUESTION_TYPES, WIDGETS, Item, WidgetSpec

_FREQUENCY_WORDS: Final = ("once", "once every", "shown", "until")
_ITEM_TERMINALS: Final = frozenset(item.name for item in Item)
_SIDES: Final = ("TOP", "BOTTOM")
_CLAUSES_OF_RECORD: Final = frozenset({"AT", "FOR", "SAMPLE"})
_OF_RECORD: Final = _CLAUSES_OF_RECORD | {"PLACE", "NAME", "PERCENT", "COMMA"}


@cache
def _clauses() -> Mapping[str, type[Clause]]:
    """The clause that each terminal begins that may begin one."""
    starts: dict[str, type[Clause]] = {}
    words = [(word, kind) for kind, word in CLAUSE_WORDS.items() if kind is not Frequency]
    words += [(word, Frequency) for word in _FREQUENCY_WORDS]
    for terminal in tables().accepts_after("GUIDE", "NAME", "LBRACE"):
        phrase = PHRASES.get(terminal, ("",))[0]
        fitting = [(word, kind) for word, kind in words if f"{phrase} ".startswith(f"{word} ")]
        if fitting:
            starts[terminal] = max(fitting, key=lambda each: len(each[0]))[1]
    return starts


def clause_order(terminal: str) -> int | None:
    """The place of the clause that a terminal begins among all clauses; None for one that begins none."""
    clause = _clauses().get(terminal)
    return None if clause is None else list(CLAUSE_WORDS).index(clause)


def fits_kind(words: Words, accepts: frozenset[str]) -> frozenset[str]:
    """The terminals that may stand after the words and mean something there."""
    kind = guide_kind(words)
    if kind is None:
        return accepts - _said_of_record(words)
    if "PRIORITY" in accepts:
        return accepts - frozenset(_unfitting_clauses(words, accepts, kind)) - _unfitting_of_question(words)
    opened = blocks(words)
    spec = _widget_of_block(words, opened)
    if spec is not None and "TITLE" in accepts:
        items = spec.step_items if _is_step(words, opened[-1]) else spec.items
        return accepts - (_ITEM_TERMINALS - {item.name for item in items})
    if words[-1].type == "NAME" and len(words) > 1 and words[-2].type in {"SHOW", "SHOW_AS"}:
        return accepts - frozenset(_unfitting_places(WIDGETS.get(words[-1].text)))
    return accepts


def _said_of_record(words: Words) -> frozenset[str]:
    """The clauses that the `record` has already in which the words end: each stands once."""
    after = [*takewhile(lambda word: word.type != "RECORD", reversed(words))]
    is_record = len(after) < len(words) and all(word.type in _OF_RECORD for word in after)
    return _CLAUSES_OF_RECORD & {word.type for word in after} if is_record else frozenset()


def _unfitting_clauses(words: Words, accepts: frozenset[str], kind: GuideKind) -> Iterator[str]:
    clauses = _clauses()
    present = {clauses[word.type] for word in _outermost(words) if word.type in clauses}
    for terminal in accepts & clauses.keys():
        clause = clauses[terminal]
        if (clause in present and clause not in REPEATED_CLAUSES) or kind not in CLAUSES_OF_SOME.get(
            clause, frozenset(GuideKind)
        ):
            yield terminal
    yield "SHOW" if kind is not GuideKind.GUIDE else "SHOW_AS"
    if words[-1].type == "NAME" and len(words) > 1 and words[-2].type in {"SHOW", "SHOW_AS"}:
        yield from _unfitting_places(WIDGETS.get(words[-1].text))


def _outermost(words: Words) -> Iterator[Word]:
    """The words of the guide's clauses, without what stands in their braces."""
    depth = 0
    for word in words:
        depth += word.type == "LBRACE"
        if depth == 1:
            yield word
        depth -= word.type == "RBRACE"


def _unfitting_places(spec: WidgetSpec | None) -> Iterator[str]:
    if spec is None:
        return
    if not spec.takes_selector:
        yield "BESIDE"
    elif spec.needs_selector:
        yield "LBRACE"
    yield from (side for side in _SIDES if side.lower() not in spec.sides)


def _unfitting_of_question(words: Words) -> frozenset[str]:
    """What may follow the text of one type of question and not of this one."""
    start = next((index for index in range(len(words) - 1, -1, -1) if words[index].type == "ASK"), None)
    spec = QUESTION_TYPES.get(words[start + 1].text) if start is not None and start + 1 < len(words) else None
    if spec is None or "RBRACE" in {word.type for word in words[start:]}:
        return frozenset()
    unfitting = set[str]()
    if not spec.accepts_choices:
        unfitting |= {"LBRACE", "SHUFFLED"}
    if spec.limits is None:
        unfitting |= {"AT_MOST"}
    return frozenset(unfitting)


def _widget_of_block(words: Words, opened: list[int]) -> WidgetSpec | None:
    """The widget in whose braces the words end."""
    for brace in reversed(opened):
        for index in range(brace - 1, 0, -1):
            if words[index].type in {"LBRACE", "RBRACE"}:
                break
            if words[index - 1].type == "SHOW" and words[index].type == "NAME":
                return WIDGETS.get(words[index].text)
    return None


def _is_step(words: Words, brace: int) -> bool:
    for index in range(brace - 1, -1, -1):
        if words[index].type == "STEP":
            return True
        if words[index].type in {"LBRACE", "RBRACE"}:
            return False
    return False
