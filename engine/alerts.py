"""What an author should look at today: a guide whose target is suddenly missing, or whose shows collapse.

Compares the last 24 hours with the seven days before, by what was received. Both rules ask for evidence that chance
does not give: Wilson intervals that do not meet for shares, a Poisson bound below half of the weakest day for counts,
so that a quiet weekend is no alert. Pure; counts come from `engine.storage.guide_hours`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from dsl.values import HOUR, Instant
from engine.analytics.distributions import poisson_share
from engine.analytics.intervals import share_interval
from engine.ruleset import CompiledGuide, RuleSet

RECENT_HOURS: Final = 24
BASELINE_DAYS: Final = 7
KEPT_HOURS: Final = RECENT_HOURS * (BASELINE_DAYS + 1)
"""How far back the counts are needed."""

FEWEST_TRIES: Final = 10
"""Shows and missing targets together in 24 hours below which nothing is said about the target."""
MISSING_SHARE: Final = 0.2
"""The share of missing targets from which on it is worth a look."""
FEWEST_SHOWS: Final = 10
"""Shows on the weakest day of the week before, below which nothing is said about a collapse."""
CHANCE: Final = 0.01
"""How likely so few shows may be at half of the weakest day's rate, at most."""

Counts = Mapping[str, Mapping[int, int]]
"""By guide: by hour since 1970, how often."""


class AlertKind(StrEnum):
    """What may be wrong with a guide."""

    TARGET_MISSING = "target_missing"
    SHOWS_COLLAPSED = "shows_collapsed"


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to look at. recent: the figure of the last 24 hours; before: that of the seven days before.

    For a missing target both are shares of tries (0 to 1); for a collapse, shows a day. `before` is None for a guide
    that was not tried before.
    """

    guide: str
    kind: AlertKind
    recent: float
    before: float | None
    message: str


def alerts_of(ruleset: RuleSet, *, shown: Counts, missing: Counts, now: Instant) -> tuple[Alert, ...]:
    """The alerts of a rule set at an instant, guides by rank. Nothing for guides that are not meant to be shown now."""
    if ruleset.is_stopped:
        return ()
    return tuple(
        alert
        for guide in ruleset.guides
        if _is_meant(guide, ruleset, now)
        for alert in _of_guide(guide.name, shown.get(guide.name, {}), missing.get(guide.name, {}), now // HOUR)
    )


def _is_meant(guide: CompiledGuide, ruleset: RuleSet, now: Instant) -> bool:
    return not (guide.is_paused or guide.is_draft) and guide.schedule.is_open(now, ruleset.project.zone)


def _of_guide(name: str, shown: Mapping[int, int], missing: Mapping[int, int], hour: int) -> Iterator[Alert]:
    gone = _missing(name, _days(shown, hour), _days(missing, hour))
    if gone is not None:
        yield gone
    fallen = _collapsed(name, _days(shown, hour))
    if fallen is not None:
        yield fallen


def _days(hours: Mapping[int, int], hour: int) -> list[int]:
    """The counts of the last 24 hours, of the 24 before them, and so on: eight figures. This hour belongs to them."""
    days = [0] * (BASELINE_DAYS + 1)
    for each, number in hours.items():
        age = (hour - each) // RECENT_HOURS
        if 0 <= age < len(days):
            days[age] += number
    return days


def _missing(name: str, shown: list[int], missing: list[int]) -> Alert | None:
    recent, tries = missing[0], missing[0] + shown[0]
    earlier, tries_before = sum(missing[1:]), sum(missing[1:]) + sum(shown[1:])
    if tries < FEWEST_TRIES or recent / tries < MISSING_SHARE:
        return None
    now, before = share_interval(recent, tries), share_interval(earlier, tries_before)
    usual = before.high if before is not None else MISSING_SHARE
    if now is None or now.low <= usual:
        return None
    was = f", {earlier / tries_before:.0%} in the week before" if tries_before else ""
    return Alert(
        name,
        AlertKind.TARGET_MISSING,
        recent / tries,
        earlier / tries_before if tries_before else None,
        f"the target of `{name}` was not found {recent} of {tries} times in the last 24 hours ({recent / tries:.0%})"
        f"{was}: the page has changed, or the selector never fitted; choose the element again",
    )


def _collapsed(name: str, shown: list[int]) -> Alert | None:
    weakest = min(shown[1:])
    if weakest < FEWEST_SHOWS or shown[0] * 2 >= weakest:
        return None
    if poisson_share(shown[0], weakest / 2) >= CHANCE:
        return None
    mean = sum(shown[1:]) / BASELINE_DAYS
    return Alert(
        name,
        AlertKind.SHOWS_COLLAPSED,
        shown[0],
        mean,
        f"`{name}` was shown {shown[0]} times in the last 24 hours, and {mean:.0f} times a day in the week before "
        f"(at least {weakest}): its trigger may not be sent any more, or a change of the rules keeps it away; "
        f"`waypost backtest` and “why not” for one user tell which gate",
    )


ALERT_COLUMNS: Final[Mapping[str, str]] = {
    "guide": "name of the guide",
    "kind": "what is the matter",
    "recent": "in the last 24 hours: a share of tries without a target, or a number of shows",
    "before": "the same in the seven days before: a share, or shows a day; blank without tries",
    "message": "what to do",
}
"""The columns of alerts, with what they mean."""


def alert_rows(found: Iterable[Alert]) -> list[dict[str, Any]]:
    """The rows of alerts, with the keys of ALERT_COLUMNS."""
    return [
        dict(zip(ALERT_COLUMNS, (each.guide, each.kind.value, each.recent, each.before, each.message), strict=True))
        for each in found
    ]
