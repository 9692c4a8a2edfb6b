"""Conditions of other tools on their way into the language: trees that can be negated exactly.

Elsewhere a condition is true or false; here it can be unknown, and shows nothing then. So a test says twice what it
asks: when it is true there, and when it is false there. Both are disjunctions of comparisons, and neither is ever true
where the other tool says otherwise. Negations wander down to the tests; `and` and `or` then mean here what they mean
there. What cannot be said is a Gap: left out of an `and` it takes in more people, left out of an `or` fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias, assert_never

from dsl.operators import OPERATORS
from engine.convert.places import Place, Unsayable

MOST_TERMS: Final = 400
MOST_CHARACTERS: Final = 15_000
DEEPEST: Final = 40
"""Of one condition, well below what the language takes, so that comments and clauses around it fit too."""


class Effect(StrEnum):
    """What it means that something was not said."""

    WIDER = "left out: takes in more people than there"
    NARROWER = "left out: takes in fewer people than there"
    NOBODY = "left out: takes in nobody until you write it"
    ASIDE = "left out"
    DIFFERENT = "said, but not quite the same"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that could not be said: where it stands, how it begins, why, and what comes of it."""

    path: str
    what: str
    why: str
    effect: Effect = Effect.ASIDE


@dataclass(frozen=True, slots=True)
class Test:
    """True where one of `holds` is, false where one of `fails` is; each a comparison in the language."""

    holds: tuple[str, ...]
    fails: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """Being in a segment that has a name; `of` is its condition, and what is negated."""

    name: str
    of: Node


@dataclass(frozen=True, slots=True)
class All:
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    note: Note


Node: TypeAlias = Test | Member | All | Some | Gap

EVERYONE: Final = All(())
NOBODY: Final = Some(())
_YES_NO: Final = {"is yes": "is no", "is no": "is yes"}


def asks(subject: str, words: str, *, unset: bool = False) -> Test:
    """A test of a value: `words` as they follow the subject. unset: what it is there of who has no value."""
    missing = f"{subject} is not set"
    holds, fails = _after(subject, words), _after(subject, _opposite(words))
    return Test((missing, holds), (fails,)) if unset else Test((holds,), (missing, fails))


def _opposite(words: str) -> str:
    """What is true of a value exactly when these words are not."""
    if words.startswith("not "):
        return words.removeprefix("not ")
    if words in _YES_NO:
        return _YES_NO[words]
    named = [name for name in OPERATORS if words == name or words.startswith(f"{name} ")]
    operator = OPERATORS[max(named, key=len)] if named else None
    if operator is None or operator.opposite is None:
        return f"not {words}"
    return operator.opposite + words.removeprefix(operator.name)


def _after(subject: str, words: str) -> str:
    return f"not {subject} {words[4:]}" if words.startswith("not ") else f"{subject} {words}"


def attempt(place: Place, read: Callable[[Place], Node]) -> Node:
    """What is read at a place, or the gap that it leaves."""
    try:
        return read(place)
    except Unsayable as reason:
        return gap(place, str(reason))


def gap(place: Place, why: str) -> Gap:
    return Gap(Note(place.path, place.excerpt, why))


def negated(node: Node) -> Node:
    """True exactly where the other is false there."""
    match node:
        case Test():
            return Test(node.fails, node.holds)
        case Member():
            return negated(node.of)
        case All():
            return Some(tuple(negated(term) for term in node.terms))
        case Some():
            return All(tuple(negated(term) for term in node.terms))
        case Gap():
            return node
        case _:
            assert_never(node)


@dataclass(frozen=True, slots=True)
class Settled:
    """A condition as text, and what is not in it."""

    text: str
    notes: tuple[Note, ...] = ()


def settled(node: Node, place: Place) -> Settled:
    """The condition in the language; one of which nothing can be said takes in nobody."""
    notes: list[Note] = []
    kept, open_ = _kept(node, notes)
    notes += [replace(note, effect=Effect.NOBODY) for note in open_]
    if kept is None:
        return Settled("not true", tuple(notes))
    terms, depth = _size(kept)
    written = _written(kept) if terms <= MOST_TERMS and depth <= DEEPEST else ""
    if not written or len(written.encode()) > MOST_CHARACTERS:
        why = "the condition is too large for one rule: split it into segments first"
        return Settled("not true", (*notes, Note(place.path, place.excerpt, why, Effect.NOBODY)))
    return Settled(written, tuple(notes))


def _kept(node: Node, notes: list[Note]) -> tuple[Node | None, list[Note]]:
    """What can be said of a node, and the gaps of which only the node around it decides what they mean."""
    match node:
        case Gap():
            return None, [node.note]
        case All() | Some():
            return _joined(node, notes)
        case _:
            return node, []


def _joined(node: All | Some, notes: list[Note]) -> tuple[Node | None, list[Note]]:
    neutral, absorbing = (EVERYONE, NOBODY) if isinstance(node, All) else (NOBODY, EVERYONE)
    terms: list[Node] = []
    gaps: list[Note] = []
    for term in node.terms:
        kept, open_ = _kept(term, notes)
        gaps += open_
        if isinstance(kept, type(node)):
            terms += kept.terms
        elif kept is not None and kept != neutral:
            terms.append(kept)
    if gaps and not terms:
        return None, gaps
    effect = Effect.WIDER if isinstance(node, All) else Effect.NARROWER
    notes += [replace(note, effect=effect) for note in gaps]
    if absorbing in terms:
        return absorbing, []
    return terms[0] if len(terms) == 1 else type(node)(tuple(dict.fromkeys(terms))), []


def _size(node: Node) -> tuple[int, int]:
    """Comparisons, and levels."""
    match node:
        case All() | Some():
            sizes = [_size(term) for term in node.terms]
            return sum(size[0] for size in sizes), 1 + max((size[1] for size in sizes), default=0)
        case Test():
            return len(node.holds), 1
        case _:
            return 1, 1


def _written(node: Node) -> str:
    match node:
        case Test():
            return " or ".join(node.holds)
        case Member():
            return f"in {node.name}"
        case All():
            return " and ".join(_enclosed(term) for term in node.terms) or "true"
        case Some():
            return " or ".join(_enclosed(term) for term in node.terms) or "not true"
        case Gap():
            raise AssertionError("a gap is never written")
        case _:
            assert_never(node)


def _enclosed(node: Node) -> str:
    is_one = isinstance(node, Member) or (isinstance(node, Test) and len(node.holds) == 1)
    return _written(node) if is_one else f"({_written(node)})"


def any_of(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Some(tuple(nodes))


def all_of(nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else All(tuple(nodes))
