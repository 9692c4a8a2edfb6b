"""Which of several guides has the place, and what shows across guides leave room for.

Decides caps across guides (`limits`), `not with`, and the order among those that may be shown. Frequency of a single
guide is in `engine.frequency`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from dsl.nodes import AtLeastBetween, AtMost, GuideKind, Limits, PerSession
from dsl.values import Instant
from engine.frequency import Exposures, shown_in_session


@dataclass(frozen=True, slots=True)
class Sort:
    """What `limits` can tell guides apart by: guide, survey or launcher, and the widget it is shown in."""

    kind: GuideKind
    widget: str

    def is_a(self, what: str) -> bool:
        """True if the word of a limit (`guide`, `survey`, `tooltip` …) means it.

        `guide` means guides without questions, `survey` surveys, a widget's name that widget in either. A launcher is
        always there and counts as nothing.
        """
        if self.kind is GuideKind.FEEDBACK:
            return False
        return what in (self.kind.value, self.widget)


@dataclass(frozen=True, slots=True)
class Shows:
    """What one user has seen of one guide, with the sort of the guide."""

    sort: Sort
    seen: Exposures


@dataclass(frozen=True, slots=True)
class Moment:
    """When a decision is made: the instant, and the start of the session that the user is in, if any."""

    now: Instant
    session_start: Instant | None


def limits_of(blocks: Iterable[Limits]) -> tuple[AtMost | AtLeastBetween, ...]:
    """The limits of all blocks; every one of them holds."""
    return tuple(limit for block in blocks for limit in block.limits)


def leaves_room(limits: Sequence[AtMost | AtLeastBetween], sort: Sort, shows: Sequence[Shows], moment: Moment) -> bool:
    """True if one more show of this sort breaks no limit. A limit binds only what its word means."""
    return all(_holds(limit, shows, moment) for limit in limits if sort.is_a(limit.what))


def _holds(limit: AtMost | AtLeastBetween, shows: Sequence[Shows], moment: Moment) -> bool:
    counted = [each.seen for each in shows if each.sort.is_a(limit.what)]
    match limit:
        case AtMost():
            if isinstance(limit.per, PerSession):
                count = sum(_in_session(seen, moment) for seen in counted)
            else:
                # At exactly the end of the period a show no longer counts.
                start = Instant(moment.now - limit.per.length)
                count = sum(seen.since(start, inclusive=False) for seen in counted)
            return count < limit.number
        case AtLeastBetween():
            latest = max((seen.times[-1] for seen in counted if seen.times), default=None)
            return latest is None or moment.now >= latest + limit.duration.length
        case _:
            assert_never(limit)


def met_in_session(guides: Iterable[str], seen: Mapping[str, Exposures], moment: Moment) -> bool:
    """True if one of the guides after `not with` was shown in the session that the user is in."""
    return any(_in_session(seen[guide], moment) > 0 for guide in guides if guide in seen)


def _in_session(seen: Exposures, moment: Moment) -> int:
    return shown_in_session(seen, now=moment.now, session_start=moment.session_start)


def rank_of(priority: int, name: str) -> tuple[int, str]:
    """What guides are ordered by: the higher priority first, of equal ones the name earlier in the alphabet."""
    return (-priority, name)
