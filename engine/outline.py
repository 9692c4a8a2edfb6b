"""What an index over guides asks of each of them: little enough to be kept, and read at once for all.

An outline says what its compiled guide says; the tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from dsl.compiler import Term
from dsl.nodes import GuideKind, Show
from engine.arbitration import Sort
from engine.schedule import Schedule
from engine.state import Woken
from widgets.registry import SURVEY_FRAME

if TYPE_CHECKING:
    # A guide is compiled where the index is made; here it is only read.
    from engine.ruleset import CompiledGuide

Wakes: TypeAlias = Callable[[Woken], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """One guide. See `engine.ruleset.CompiledGuide` for what the members mean.

    audience, terms: all that `for` and `testers`, and `when` and `unless` ask. sorts: what it may be to `limits`,
    whoever sees it. is_anywhere: without `at`. is_apart: with `not with`. is_shared_out: with a `rollout` or a
    `sample` below 100 %.
    """

    name: str
    kind: GuideKind
    schedule: Schedule
    wakes: Mapping[str, tuple[Wakes, ...]]
    standing: tuple[tuple[str, str], ...]
    audience: tuple[Term, ...]
    terms: tuple[Term, ...]
    sorts: frozenset[Sort]
    stop_after: int | None
    is_anywhere: bool
    is_for_testers: bool
    is_apart: bool
    is_shared_out: bool
    is_draft: bool
    is_paused: bool


def outline_of(guide: CompiledGuide) -> Outline:
    """The outline of a compiled guide."""
    asked = (guide.audience, guide.testers)
    shows: list[Show | None] = [each.show for each in guide.variants]
    return Outline(
        name=guide.name,
        kind=guide.kind,
        schedule=guide.schedule,
        wakes=guide.wakes,
        standing=guide.standing,
        audience=tuple([Term(each, positive=True) for each in asked if each is not None]),
        terms=guide.terms,
        sorts=frozenset(
            Sort(guide.kind, show.widget if show is not None else SURVEY_FRAME) for show in shows or [guide.show]
        ),
        stop_after=guide.stop_after,
        is_anywhere=guide.at is None,
        is_for_testers=guide.testers is not None,
        is_apart=bool(guide.not_with),
        is_shared_out=guide.percent < 100 or guide.sample < 100,
        is_draft=guide.is_draft,
        is_paused=guide.is_paused,
    )
