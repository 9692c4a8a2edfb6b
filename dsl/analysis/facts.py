"""A condition as alternatives of facts: what must be true, or known to be false, for it to hold.

Segments are replaced by what they say, negations stand at the facts only. Exact, but for one thing: a condition with
more alternatives than `MOST_ALTERNATIVES` is not taken apart, and nothing is said about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from dsl.nodes import Always, And, Condition, Did, InSegment, NoneOf, Not, Or, Segment

MOST_ALTERNATIVES: Final = 64
MOST_FACTS: Final = 200
"""Facts in one alternative; beyond, nothing is said."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A condition without parts that is true (`holds`), or known to be false.

    as_written: whether what is in the text is so: `did not "E"` is the fact that `did "E"` is false, and is written.
    """

    condition: Condition
    holds: bool
    as_written: bool = field(default=True, compare=False)


Alternative: TypeAlias = tuple[Fact, ...]
Alternatives: TypeAlias = tuple[Alternative, ...]

NOTHING_NEEDED: Final[Alternatives] = ((),)
"""What is always so."""
IMPOSSIBLE: Final[Alternatives] = ()


class TooMany(Exception):
    """The condition has more alternatives than are looked at."""


def alternatives(  # noqa: PLR0911  (one case a way to join)
    condition: Condition, segments: Mapping[str, Segment], *, holds: bool = True
) -> Alternatives:
    """The alternatives under each of which the condition is true, or known to be false. Raises TooMany.

    segments: those to look into; a segment that is not among them stays a fact of its own.
    """
    match condition:
        case Always():
            return NOTHING_NEEDED if holds else IMPOSSIBLE
        case Not():
            return alternatives(condition.term, segments, holds=not holds)
        case And():
            return _joined(condition.terms, segments, holds=holds, all_of=holds)
        case Or():
            return _joined(condition.terms, segments, holds=holds, all_of=not holds)
        case NoneOf():
            return _joined(condition.terms, segments, holds=not holds, all_of=holds)
        case InSegment() if condition.name.text in segments:
            name = condition.name.text
            inner = {each: segment for each, segment in segments.items() if each != name}
            return alternatives(segments[name].where, inner, holds=holds)
        case Did() if condition.negated:
            return ((Fact(replace(condition, negated=False), not holds, as_written=holds),),)
        case _:
            return ((Fact(condition, holds, as_written=holds),),)


def _joined(terms: Sequence[Condition], segments: Mapping[str, Segment], *, holds: bool, all_of: bool) -> Alternatives:
    parts = [alternatives(term, segments, holds=holds) for term in terms]
    return both(parts) if all_of else either(parts)


def both(parts: Sequence[Alternatives]) -> Alternatives:
    """The alternatives under which all parts are so. Raises TooMany."""
    joined: Alternatives = NOTHING_NEEDED
    for part in parts:
        joined = tuple((*one, *other) for one in joined for other in part)
        if len(joined) > MOST_ALTERNATIVES or any(len(each) > MOST_FACTS for each in joined):
            raise TooMany
    return joined


def either(parts: Sequence[Alternatives]) -> Alternatives:
    """The alternatives under which one of the parts is so. Raises TooMany."""
    joined = tuple(each for part in parts for each in part)
    if len(joined) > MOST_ALTERNATIVES:
        raise TooMany
    return joined
