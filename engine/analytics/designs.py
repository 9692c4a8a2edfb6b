"""The intended path beside the real ones: in what order each did the steps first, and who is behind each figure.

Neither the window nor the order of the funnel matters here, only when each step was first done; of steps first done at
the same instant the earlier one of the design comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from engine.analytics.conversion import Question, matches_of, names_of_units
from engine.analytics.funnel_answer import Design, Manner, design_of, manner_of
from engine.analytics.funnels import Order, Unit
from engine.analytics.history import History, page_of_users
from engine.errors import WaypostError

if TYPE_CHECKING:
    import ibis


class NoDesign(WaypostError):
    """A question about the intended path of a funnel that has none: without order, or with an event twice."""

    code = "funnel_no_design"

    def __init__(self) -> None:
        super().__init__(
            "this funnel has no intended path to compare with: its steps need an order, and each another event; ask "
            "with `order=ordered`, and name every event once"
        )


class BadPath(WaypostError):
    """A path through a funnel's steps that nobody can have gone."""

    code = "funnel_path"

    def __init__(self) -> None:
        super().__init__("a path is the numbers of steps in the order in which each was first done, each once: `1,3,2`")


@dataclass(frozen=True, slots=True)
class Walked:
    """Whom a figure of a design stands for: of those who did any of the steps all, or only some.

    manner: who went in this manner. path: who went exactly so, the steps by number from 0 in the order in which each
    was first done. completed: who came to the last step.
    """

    manner: Manner | None = None
    path: tuple[int, ...] | None = None
    completed: bool = False

    def fits(self, ranks: Sequence[int]) -> bool:
        """Whether somebody is one of them. ranks: of each step its place in their path from 1, 0 where not done."""
        return (
            (self.manner is None or manner_of(ranks) is self.manner)
            and (self.path is None or tuple(ranks) == self._ranks(len(ranks)))
            and not (self.completed and not ranks[-1])
        )

    def _ranks(self, steps: int) -> tuple[int, ...]:
        """What `path` gives each step."""
        path = self.path or ()
        return tuple(path.index(step) + 1 if step in path else 0 for step in range(steps))


def refuse_no_path(path: Sequence[int] | None) -> None:
    """Refuse what is no path: without a step, or with one twice. Raises BadPath."""
    if path is not None and (not path or len(set(path)) != len(path)):
        raise BadPath


def design(history: History, question: Question) -> Design:
    """The intended path beside the real ones."""
    walks = _walks(history, question)
    columns = _ranks(question)
    rows = history.engine.rows(walks.group_by(columns).agg(units=walks.count()))
    return design_of(question.labels, {tuple(row[name] for name in columns): row["units"] for row in rows})


def people_on_design(
    history: History, question: Question, walked: Walked, *, after: str = "", limit: int = 100
) -> list[str]:
    """The ids of those whom a figure of the design stands for, in order, after an id; see `people_behind`."""
    walks = _walks(history, question)
    ranks = [walks[name] for name in _ranks(question)]
    if walked.manner is not None:
        walks = walks.filter(_in_manner(ranks, walked.manner))
    if walked.path is not None:
        walks = walks.filter(
            [rank == (walked.path.index(step) + 1 if step in walked.path else 0) for step, rank in enumerate(ranks)]
        )
    if walked.completed:
        walks = walks.filter(ranks[-1] > 0)
    page = page_of_users(names_of_units(history, question, walks), after=after, limit=limit)
    return [row["user"] for row in history.engine.rows(page)]


def _ranks(question: Question) -> list[str]:
    return [f"rank_{number}" for number in range(len(question.labels))]


def _walks(history: History, question: Question) -> ibis.Table:
    """One row a unit that did any of the steps: `unit`, `person` (of an account: none), and of each step `rank_k`, its
    place from 1 in the order in which the unit did them first, 0 where it did not."""
    import ibis  # noqa: PLC0415  (heavy: only where an analysis runs)

    numbers = range(len(question.labels))
    matches = matches_of(history, replace(question, order=Order.ORDERED))
    told: dict[str, Any] = {f"first_{number}": matches.time.min(where=matches[f"step_{number}"]) for number in numbers}
    if question.unit is not Unit.ACCOUNT:
        # A session is one person's, so that any of its events says whose.
        told["member"] = matches.person.min()
    first = matches.group_by("unit").agg(**told)

    def rank(number: int) -> Any:
        own = first[f"first_{number}"]
        earlier = ibis.literal(1)
        for other in numbers:
            theirs = first[f"first_{other}"]
            is_before = (theirs < own) | (theirs == own) if other < number else theirs < own
            earlier = earlier + ibis.ifelse(is_before.fill_null(False), 1, 0)
        return ibis.ifelse(own.isnull(), 0, earlier)

    kept: dict[str, Any] = {"unit": first.unit} | ({"person": first.member} if "member" in told else {})
    walks = first.select(**kept, **{f"rank_{number}": rank(number) for number in numbers})
    ranks = [walks[name] for name in _ranks(question)]
    return walks.filter(sum(ranks[1:], ranks[0]) > 0)


def _in_manner(ranks: list[Any], manner: Manner) -> Any:
    """What `engine.analytics.funnel_answer.manner_of` says of one path, of every row.

    As designed: a step that was done stands at its own place. In order: at the place that its number among the steps
    done gives it.
    """
    import ibis  # noqa: PLC0415

    as_designed = reduce(and_, ((rank == 0) | (rank == place) for place, rank in enumerate(ranks, 1)))
    done = [ibis.ifelse(rank > 0, 1, 0) for rank in ranks]
    in_order = reduce(
        and_, ((rank == 0) | (rank == sum(done[1:place], done[0])) for place, rank in enumerate(ranks, 1))
    )
    match manner:
        case Manner.DESIGNED:
            return as_designed
        case Manner.SKIPPED:
            return in_order & ~as_designed
        case Manner.OUT_OF_ORDER:
            return ~in_order
