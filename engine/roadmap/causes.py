"""Why people may leave a step: what they said they felt, the friction that goes with leaving, what came before.

Proposes, and says how sure it is; a person confirms. What people said stands before what was inferred from what they
did, and that before what merely preceded: each kind is ordered by how telling it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from engine.analytics.contrast import ratio_of
from engine.analytics.intervals import FEWEST_ANSWERS, Interval, share_interval
from engine.analytics.records import AnswerGiven, emotion_record
from engine.evidence import SOURCES, Source
from engine.roadmap.evidence import Elsewhere, GroupEvidence, Split

TROUBLED: Final = ("confused", "doubtful", "frustrated")
"""The feelings that are causes. They are kept apart: an explanation helps the first, a proof the second, a repair the
third."""
TELLING_SHARE: Final = 0.2
"""From which share of the answers a feeling is proposed as a cause."""
FEWEST_MET: Final = 5
"""How many of those lost must have met a signal or an event before it is proposed."""
MOST_OF_A_KIND: Final = 3
"""How many causes of one kind are proposed."""


class CauseKind(StrEnum):
    """Where a cause is read from, the most direct first."""

    FEELING = "feeling"
    ELSEWHERE = "evidence from elsewhere"
    FRICTION = "friction"
    PRECEDING = "preceding event"


@dataclass(frozen=True, slots=True)
class Cause:
    """A proposed cause.

    name: a feeling, a friction signal, an event. met, of: for a feeling, of the answers how many named it, and from
    elsewhere of the pieces of evidence; otherwise of those lost how many met it; share, interval: of these (none from
    elsewhere, which is no sample). ratio: the risk of being lost with it, divided by the risk without; for a preceding
    event how many times as often it came before being lost as before going on. said: the choice that most who felt so
    gave, with how many. sources: where it was said elsewhere.
    """

    kind: CauseKind
    name: str
    met: int
    of: int
    share: float
    interval: Interval | None
    ratio: float | None = None
    ratio_interval: Interval | None = None
    said: str | None = None
    said_by: int = 0
    sources: tuple[Source, ...] = ()

    @property
    def text(self) -> str:
        """The cause in one line."""
        return in_words(self)


@dataclass(frozen=True, slots=True)
class Precedent:
    """An event before leaving a step, contrasted with those who went on: counts of people."""

    event: str
    lost_with: int
    lost: int
    went_on_with: int
    went_on: int


class Precedents(Protocol):
    """The contrast of backward paths, as far as causes need it."""

    def before_leaving(self, journey: str, step: str, persona: str) -> Sequence[Precedent]:
        """What came before leaving a step, of the people of a persona (EVERYONE: of all); empty if unknown."""
        ...


ChoiceLabel = Callable[[str, str, str], str | None]
"""The text of a choice, by guide, question and key."""


def causes_of(group: GroupEvidence, *, label_of: ChoiceLabel = lambda *_: None) -> tuple[Cause, ...]:
    """The proposed causes for a group, the most direct and most telling first; what preceded comes apart."""
    friction = _telling(
        _cause_of_split(CauseKind.FRICTION, name, split, lost=group.lost, went_on=group.went_on)
        for name, split in group.signals.items()
    )
    return (*_feelings(group.answers, label_of), *_from_elsewhere(group.elsewhere), *friction)


def preceding_causes(precedents: Sequence[Precedent]) -> tuple[Cause, ...]:
    """The events that come before leaving more often than before going on, the most telling first."""
    return tuple(_telling(_cause_of_precedent(each) for each in precedents))


def in_words(cause: Cause) -> str:
    """A cause in one line."""
    share = f"{cause.share:.0%}"
    span = "" if cause.interval is None else f" ({cause.interval.low:.0%} – {cause.interval.high:.0%})"
    times = _times(cause)
    match cause.kind:
        case CauseKind.FEELING:
            said = f"; “{cause.said}” ({cause.said_by})" if cause.said is not None else ""
            return f"{cause.name}: {cause.met} of {cause.of} answers, {share}{span}{said}"
        case CauseKind.ELSEWHERE:
            where = ", ".join(SOURCES[source].label for source in cause.sources)
            return f"{cause.name}: {cause.met} of {cause.of} pieces of evidence from elsewhere ({where})"
        case CauseKind.FRICTION:
            name = cause.name.replace("_", " ")
            return f"{name}: {share} of those lost{span}; who meets it is lost {times} as often"
        case CauseKind.PRECEDING:
            return f"“{cause.name}” before leaving: {share} of those lost{span}, {times} as often as before going on"


def risk_ratio(first: int, of_first: int, second: int, of_second: int) -> tuple[float, Interval] | None:
    """The ratio of two shares with its interval (`engine.analytics.contrast`); None where one of them is of nobody, or
    where nothing happened to anybody."""
    if not of_first or not of_second or first == second == 0:
        return None
    ratio, interval, _ = ratio_of(first, of_first, second, of_second)
    return ratio, interval


def _times(cause: Cause) -> str:
    if cause.ratio is None or cause.ratio_interval is None:
        return "an unknown number of times"
    return f"{cause.ratio:.1f} times ({cause.ratio_interval.low:.1f} – {cause.ratio_interval.high:.1f})"


def _feelings(answers: Sequence[AnswerGiven], label_of: ChoiceLabel) -> list[Cause]:
    named = emotion_record(answers).feelings
    of = sum(named.values())
    if of < FEWEST_ANSWERS:
        return []
    found = [
        Cause(CauseKind.FEELING, feeling, met, of, met / of, share_interval(met, of), said=said, said_by=by)
        for feeling in TROUBLED
        if (met := named[feeling]) >= FEWEST_ANSWERS - 2 and met / of >= TELLING_SHARE
        for said, by in [_most_said(feeling, answers, label_of)]
    ]
    return sorted(found, key=lambda cause: (-cause.share, TROUBLED.index(cause.name)))


def _from_elsewhere(told: Sequence[Elsewhere]) -> list[Cause]:
    """What is told elsewhere often enough; where it is told of, not how many there are of whom nothing is known."""
    felt = [each for each in told if each.feelings]
    if len(felt) < FEWEST_ANSWERS:
        return []
    found = []
    for feeling in TROUBLED:
        naming = [each.source for each in felt if feeling in each.feelings]
        if len(naming) >= FEWEST_ANSWERS - 2 and len(naming) / len(felt) >= TELLING_SHARE:
            sources = tuple(source for source in SOURCES if source in naming)
            share = len(naming) / len(felt)
            found.append(Cause(CauseKind.ELSEWHERE, feeling, len(naming), len(felt), share, None, sources=sources))
    return sorted(found, key=lambda cause: (-cause.share, TROUBLED.index(cause.name)))


def _most_said(feeling: str, answers: Sequence[AnswerGiven], label_of: ChoiceLabel) -> tuple[str | None, int]:
    """The choice that most gave who felt so."""
    counted: Counter[str] = Counter()
    for answer in answers:
        if answer.feeling == feeling and not answer.inferred and isinstance(answer.value, str):
            label = label_of(answer.guide, answer.question, answer.value)
            if label is not None:
                counted[label] += 1
    most = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    return most[0] if most else (None, 0)


def _cause_of_split(kind: CauseKind, name: str, split: Split, *, lost: int, went_on: int) -> Cause | None:
    """Friction: the risk of being lost with the signal and without it."""
    if split.lost < FEWEST_MET:
        return None
    with_it, without = split.lost + split.went_on, lost + went_on - split.lost - split.went_on
    found = risk_ratio(split.lost, with_it, lost - split.lost, without)
    return None if found is None else _cause(kind, name, split.lost, lost, found)


def _cause_of_precedent(precedent: Precedent) -> Cause | None:
    if precedent.lost_with < FEWEST_MET:
        return None
    found = risk_ratio(precedent.lost_with, precedent.lost, precedent.went_on_with, precedent.went_on)
    if found is None:
        return None
    return _cause(CauseKind.PRECEDING, precedent.event, precedent.lost_with, precedent.lost, found)


def _cause(kind: CauseKind, name: str, met: int, of: int, ratio: tuple[float, Interval]) -> Cause:
    return Cause(kind, name, met, of, met / of, share_interval(met, of), ratio[0], ratio[1])


def _telling(causes: Iterable[Cause | None]) -> list[Cause]:
    """Those whose whole interval lies above 1, the clearest first."""
    clear = [
        (each.ratio_interval.low, each)
        for each in causes
        if each is not None and each.ratio_interval is not None and each.ratio_interval.low > 1
    ]
    return [each for _, each in sorted(clear, key=lambda one: (-one[0], one[1].name))[:MOST_OF_A_KIND]]
