"""Opportunities: where how many users could be won, proposed by the engine and ranked; a person confirms.

An opportunity is a step and a persona. Its worth is the users lost there in a week, times the share of them that is
within reach: as many as would go on if the persona did as well as the one that does best at this step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from dsl.values import Instant
from engine.analytics.intervals import Interval, difference_interval, share_interval
from engine.errors import WaypostError
from engine.roadmap.causes import Cause, ChoiceLabel, Precedents, causes_of, preceding_causes
from engine.roadmap.evidence import NOT_KNOWN, GroupEvidence, StepEvidence
from engine.stages import StageMark

FEWEST_PEOPLE: Final = 20
"""Settled people that a group needs to be proposed, or to be compared with."""
FEWEST_LOST: Final = 5
MOST_CONTRASTED: Final = 5
"""Of how many opportunities, the first ones, the backward paths are looked at: each is an analysis of its own."""
GROWN: Final = 1.5
"""By this factor more users lost than when it was dismissed, an opportunity is to be looked at again."""


class Status(StrEnum):
    """What a person said of an opportunity."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Ranking(StrEnum):
    """What opportunities are ranked by."""

    REACHABLE = "reachable"
    LOST = "lost"


class UnknownOpportunity(WaypostError):
    """No step and persona of the rules in force make an opportunity of that name."""

    code = "unknown_opportunity"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no opportunity `{name[:200]}`; `waypost opportunities` lists those that there are")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of an opportunity: who, when, why; cause: which one they hold for the real one.

    lost_per_week: as it was then. revision: counts up with each decision, from 1.
    """

    status: Status
    by: str
    at: Instant
    why: str
    cause: str | None
    lost_per_week: float | None
    revision: int


@dataclass(frozen=True, slots=True)
class Best:
    """The persona that does best at the step, by the low end of its interval: a small group does not win by luck."""

    persona: str
    label: str
    rate: float
    n: int


@dataclass(frozen=True, slots=True)
class Opportunity:
    """Users that are lost at a step, of one persona.

    persona: see `engine.roadmap.evidence`. settled, lost: people over `weeks`. rate: of the settled that went on.
    gap: the best persona's rate less this one's. reachable: the share of those lost who are within reach, None where
    nobody is there to compare with. worth: users a week that could be won; with the ends of its interval. mark: of the
    stage, as far as the rules have it.
    """

    id: str
    journey: str
    stage: str
    step: str
    label: str
    persona: str
    persona_label: str
    weeks: float
    settled: int
    lost: int
    lost_share: float
    lost_interval: Interval | None
    lost_per_week: float
    best: Best | None
    gap: float | None
    gap_interval: Interval | None
    reachable: float | None
    reachable_interval: Interval | None
    causes: tuple[Cause, ...]
    decision: Decision | None = None
    mark: StageMark | None = None

    @property
    def status(self) -> Status:
        """What a person said of it last."""
        return Status.PROPOSED if self.decision is None else self.decision.status

    @property
    def revision(self) -> int:
        """Of the last decision; 0 before the first."""
        return 0 if self.decision is None else self.decision.revision

    @property
    def worth(self) -> float | None:
        """Users a week that could be won: lost per week × the share within reach."""
        return None if self.reachable is None else self.lost_per_week * self.reachable

    @property
    def worth_interval(self) -> Interval | None:
        """The interval of `worth`, from that of the gap."""
        found = self.reachable_interval
        return None if found is None else Interval(found.low * self.lost_per_week, found.high * self.lost_per_week)

    @property
    def has_grown(self) -> bool:
        """True where far more are lost than when somebody dismissed it."""
        decision = self.decision
        if decision is None or decision.status is not Status.DISMISSED or decision.lost_per_week is None:
            return False
        return self.lost_per_week >= GROWN * decision.lost_per_week


def opportunity_id(journey: str, step: str, persona: str) -> str:
    """The name of an opportunity: `activation.verify_domain.enterprise`; without a persona only journey and step."""
    return ".".join(part for part in (journey, step, persona) if part)


def split_id(name: str) -> tuple[str, str, str]:
    """Journey, step and persona of a name. Raises UnknownOpportunity."""
    parts = name.split(".")
    if not 2 <= len(parts) <= 3 or not all(parts):
        raise UnknownOpportunity(name)
    journey, step, *persona = parts
    return journey, step, persona[0] if persona else ""


def opportunities_of(
    steps: Iterable[StepEvidence],
    *,
    decisions: Mapping[str, Decision] | None = None,
    label_of: ChoiceLabel = lambda *_: None,
    ranking: Ranking = Ranking.REACHABLE,
) -> tuple[Opportunity, ...]:
    """What the engine proposes, the most worthwhile first. Groups that are too small to say anything are left out."""
    known = decisions or {}
    found = [
        _opportunity(step, group, known, label_of)
        for step in steps
        for group in step.groups
        if group.settled >= FEWEST_PEOPLE and group.lost >= FEWEST_LOST
    ]
    return tuple(sorted(found, key=_order(ranking)))


def with_precedents(
    found: Sequence[Opportunity], precedents: Precedents, *, most: int = MOST_CONTRASTED
) -> tuple[Opportunity, ...]:
    """The same opportunities, the first of them with what came before leaving among their causes."""
    told = [
        replace(
            one, causes=(*one.causes, *preceding_causes(precedents.before_leaving(one.journey, one.step, one.persona)))
        )
        for one in found[:most]
    ]
    return (*told, *found[most:])


def best_of(groups: Sequence[GroupEvidence]) -> Best | None:
    """The group that does best; None where there are not two that can be compared.

    Visitors who are not known are left out: of them just those are left who went no further, so that any comparison
    with people who said who they are would flatter these.
    """
    ranked = [
        (interval.low, group.went_on / group.settled, group)
        for group in groups
        if group.persona != NOT_KNOWN
        and group.settled >= FEWEST_PEOPLE
        and (interval := share_interval(group.went_on, group.settled)) is not None
    ]
    if len(ranked) < 2:
        return None
    _, rate, group = max(ranked, key=lambda each: each[:2])
    return Best(group.persona, group.label, rate, group.settled)


def _order(ranking: Ranking) -> Callable[[Opportunity], tuple[bool, float, float, str]]:
    def key(one: Opportunity) -> tuple[bool, float, float, str]:
        worth = one.worth if ranking is Ranking.REACHABLE else one.lost_per_week
        return worth is None, -(worth or 0.0), -one.lost_per_week, one.id

    return key


def _opportunity(
    step: StepEvidence,
    group: GroupEvidence,
    decisions: Mapping[str, Decision],
    label_of: ChoiceLabel,
) -> Opportunity:
    name = opportunity_id(step.journey, step.step, group.persona)
    best = None if group.persona == NOT_KNOWN else best_of(step.groups)
    gap, gap_interval = _gap(step, group, best)
    lost_share = group.lost / group.settled
    return Opportunity(
        id=name,
        journey=step.journey,
        stage=step.stage,
        step=step.step,
        label=step.label,
        persona=group.persona,
        persona_label=group.label,
        weeks=step.weeks,
        settled=group.settled,
        lost=group.lost,
        lost_share=lost_share,
        lost_interval=share_interval(group.lost, group.settled),
        lost_per_week=group.lost / step.weeks,
        best=best,
        gap=gap,
        gap_interval=gap_interval,
        reachable=None if gap is None else _within(gap / lost_share),
        reachable_interval=None
        if gap_interval is None
        else Interval(_within(gap_interval.low / lost_share), _within(gap_interval.high / lost_share)),
        causes=causes_of(group, label_of=label_of),
        decision=decisions.get(name),
    )


def _gap(step: StepEvidence, group: GroupEvidence, best: Best | None) -> tuple[float | None, Interval | None]:
    if best is None:
        return None, None
    if best.persona == group.persona:
        return 0.0, Interval(0.0, 0.0)
    leader = next(each for each in step.groups if each.persona == best.persona)
    gap = leader.went_on / leader.settled - group.went_on / group.settled
    return gap, difference_interval(leader.went_on, leader.settled, group.went_on, group.settled)


def _within(share: float) -> float:
    return min(1.0, max(0.0, share))
