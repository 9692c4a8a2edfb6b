"""Items of the roadmap: features, bugs, debts, from the intake to the launch, and what one needs to be scheduled.

The gate: nothing is scheduled without the step that it is for and evidence that it is a problem there. An admin may
override, with a reason, and that is written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from dsl.values import Instant, JsonValue
from engine.errors import WaypostError
from engine.roadmap.metrics import Metric
from engine.roadmap.quadrants import Range
from engine.roadmap.timeboxes import Timebox

MOST_EVIDENCE: Final = 20
MOST_ESTIMATES: Final = 10
LONGEST_EFFORT: Final = 5_000.0
"""Person-days."""
GREATEST_IMPACT: Final = 1e9
LONGEST_NAME: Final = 250
"""Characters of a title, an owner, a sprint, a number in a tracker."""


class ItemKind(StrEnum):
    """What sort of work it is."""

    FEATURE = "feature"
    BUG = "bug"
    DEBT = "debt"


class ItemStatus(StrEnum):
    """How far an item is. `requested` is the intake."""

    REQUESTED = "requested"
    SCHEDULED = "scheduled"
    IN_PROGRESS = "in progress"
    LAUNCHED = "launched"
    DROPPED = "dropped"


SCHEDULED: Final = frozenset({ItemStatus.SCHEDULED, ItemStatus.IN_PROGRESS, ItemStatus.LAUNCHED})
"""The statuses that the gate stands before."""


class Missing(StrEnum):
    """What a request needs before it may be scheduled."""

    STEP = "step"
    EVIDENCE = "evidence"


MISSING_MEANS: Final[Mapping[Missing, str]] = MappingProxyType(
    {
        Missing.STEP: "the step of a journey that it is for",
        Missing.EVIDENCE: "evidence that it is a problem there: an opportunity, a link, a quotation",
    }
)


class NoSuchItem(WaypostError):
    """The project has no item of that number."""

    code = "no_such_item"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no item {number} on this roadmap")


class NotSchedulable(WaypostError):
    """A request without a step or without evidence is to be scheduled."""

    code = "not_schedulable"

    def __init__(self, missing: Sequence[Missing]) -> None:
        told = "; ".join(MISSING_MEANS[each] for each in missing)
        super().__init__(
            f"this cannot be scheduled yet, it lacks {told}. Add it, or let an admin override with a reason"
        )
        self.missing = tuple(missing)


class StaleItem(WaypostError):
    """Somebody else changed it meanwhile: the change was made from an earlier revision, and nothing of it was kept."""

    code = "stale_item"

    def __init__(self, what: str, *, given: int, current: int, by: str) -> None:
        super().__init__(
            f"{what} is at revision {current}, changed by {by}, and your change was made from revision {given}: "
            "nothing was changed; look at it again, and repeat your change"
        )
        self.current = current


class BadItem(WaypostError):
    """A member of an item that cannot be so."""

    code = "bad_item"


@dataclass(frozen=True, slots=True)
class Effort:
    """What somebody thinks it takes: person-days, from `low` to `high`."""

    by: str
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDraft:
    """What somebody says of an item. impact: users a week, where they estimate it themselves.

    evidence: texts or links. sprint: as the team calls it. guide: the one that carries it. external: its number in an
    issue tracker. wish: the timebox that was asked for before it may be scheduled.
    """

    title: str
    kind: ItemKind = ItemKind.FEATURE
    story: str = ""
    status: ItemStatus = ItemStatus.REQUESTED
    theme: int | None = None
    opportunity: str | None = None
    journey: str | None = None
    step: str | None = None
    metric: Metric | None = None
    evidence: tuple[str, ...] = ()
    efforts: tuple[Effort, ...] = ()
    impact: Range | None = None
    timebox: Timebox | None = None
    wish: Timebox | None = None
    sprint: str | None = None
    owner: str | None = None
    guide: str | None = None
    external: str | None = None
    launched: Instant | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """An admin let an item be scheduled that lacks something."""

    by: str
    why: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it is kept. revision: counts up with each change."""

    id: int
    revision: int
    draft: ItemDraft
    override: Override | None
    created: Instant
    by: str
    changed: Instant
    changed_by: str


@dataclass(frozen=True, slots=True)
class Change:
    """How an item was changed: of each field the value before and after."""

    item: int
    revision: int
    at: Instant
    by: str
    fields: Mapping[str, tuple[JsonValue, JsonValue]]


def missing_of(draft: ItemDraft) -> tuple[Missing, ...]:
    """What an item lacks before it may be scheduled."""
    found = []
    if draft.journey is None or draft.step is None:
        found.append(Missing.STEP)
    if draft.opportunity is None and not draft.evidence:
        found.append(Missing.EVIDENCE)
    return tuple(found)


def is_scheduled(draft: ItemDraft) -> bool:
    """True for what has a place in time: a timebox, a sprint, or a status that says so."""
    return draft.timebox is not None or draft.sprint is not None or draft.status in SCHEDULED


def effort_of(draft: ItemDraft) -> Range | None:
    """What all estimates say together: from the lowest to the highest, so that a disagreement shows as a wide range."""
    if not draft.efforts:
        return None
    return Range(min(each.low for each in draft.efforts), max(each.high for each in draft.efforts))


def refuse_bad(draft: ItemDraft) -> None:
    """Raise BadItem for texts, figures and lists that cannot be."""
    refuse_bad_texts(title=draft.title, owner=draft.owner, sprint=draft.sprint, number=draft.external)
    if "\0" in draft.story:
        raise BadItem("the story holds a zero character: leave it out")
    for each in draft.efforts:
        if not 0 <= each.low <= each.high <= LONGEST_EFFORT:
            raise BadItem(
                f"an effort of {each.low:g} to {each.high:g} days cannot be: write the lower figure first, in "
                f"person-days, at most {LONGEST_EFFORT:g}"
            )
    if len({each.by for each in draft.efforts}) < len(draft.efforts):
        raise BadItem("each author has one estimate: change the one that is there")
    if draft.impact is not None and not 0 <= draft.impact.low <= draft.impact.high <= GREATEST_IMPACT:
        raise BadItem("an impact is a number of users a week, the lower figure first")
    if len(draft.evidence) > MOST_EVIDENCE or len(draft.efforts) > MOST_ESTIMATES:
        raise BadItem(f"an item has at most {MOST_EVIDENCE} pieces of evidence and {MOST_ESTIMATES} estimates")


def refuse_bad_texts(*, title: str, **others: str | None) -> None:
    """Raise BadItem for a title of nothing, and for what no database keeps."""
    if not title.strip():
        raise BadItem("there is no title: say in a few words what it is about")
    for name, text in {"title": title, **others}.items():
        if text is not None and ("\0" in text or len(text) > LONGEST_NAME):
            raise BadItem(f"the {name} has at most {LONGEST_NAME} characters, and no zero character")


def refuse_unschedulable(draft: ItemDraft, *, overridden: bool) -> None:
    """Raise NotSchedulable where something has a place in time and lacks what it needs for it."""
    missing = missing_of(draft)
    if missing and is_scheduled(draft) and not overridden:
        raise NotSchedulable(missing)
