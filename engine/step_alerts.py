"""Alerts on the figures of steps: "tell me when the drop at activation.verify_domain rose". What may be watched, which
periods are compared, when an alert is raised, and when it is over. Pure.

A day is looked at once. An alert is raised when the interval of the difference leaves zero out on the side that is
watched for and the difference is as large as was asked; it then stays raised until the figure has come back, measured
against the period before the change, or until so much time is over that the new figure is the usual one. So one change
is told once, whatever the days in between look like. How the interval is made: `engine.analytics.period_changes`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dsl.values import DAY, Duration, Instant, format_instant
from engine.analytics.intervals import Interval
from engine.analytics.period_changes import ALARM, EACH_LOOK, FEWEST, LOOKS, Change, Sample, Shape, change
from engine.errors import WaypostError

MOST_ALERTS: Final = 50
"""In one project."""
MOST_DAYS: Final = 84
"""Of a period: twelve weeks."""
WEEK_DAYS: Final = 7
"""Periods are whole weeks: so a weekend is in both, or in neither."""
LONGEST_WITHIN: Final = Duration(90 * DAY)
LONGEST_NOTE: Final = 200
SECONDS: Final = 60
"""In a minute, in which times are told."""


class Direction(StrEnum):
    """Which way a figure may move for somebody to be told."""

    RISES = "rises"
    FALLS = "falls"

    @property
    def sign(self) -> int:
        """1 for up, −1 for down."""
        return 1 if self is Direction.RISES else -1


class Metric(StrEnum):
    """What is watched."""

    DROP = "drop"
    CONVERSION = "conversion"
    FRICTION = "friction"
    FEELING = "feeling"
    EFFORT = "effort"
    SATISFACTION = "satisfaction"
    RECOMMENDATION = "recommendation"
    TIME_MEDIAN = "time_median"
    TIME_NINTH = "time_ninth"


@dataclass(frozen=True, slots=True)
class Watched:
    """What a metric is. unit: of its values and of the least change: `points` of 100, `scale`, `minutes`.

    times: a number of one person, as it is counted, in that unit. has_step: of a step; else of a whole journey.
    waits: people have a time to do it in, and only those whose time is over count. least: the least change where
    nobody chooses one.
    """

    label: str
    means: str
    unit: str
    shape: Shape
    worse: Direction
    least: float
    has_step: bool = True
    waits: bool = True
    times: float = 1.0


METRICS: Final[Mapping[Metric, Watched]] = {
    Metric.DROP: Watched(
        "Drop",
        "of the people who came to stand at the step, how many neither reached it nor passed on to a later one in time",
        "points",
        Shape.SHARE,
        Direction.RISES,
        5.0,
        times=100.0,
    ),
    Metric.CONVERSION: Watched(
        "Conversion",
        "of the people who reached the journey's first step, how many reached its last one in time",
        "points",
        Shape.SHARE,
        Direction.FALLS,
        5.0,
        has_step=False,
        times=100.0,
    ),
    Metric.FRICTION: Watched(
        "Friction",
        "how hard the step was, 0 to 1: the mean over the people who came to stand at it, by what they met there in "
        "time",
        "scale",
        Shape.MEAN,
        Direction.RISES,
        0.05,
    ),
    Metric.FEELING: Watched(
        "Feeling",
        "what people said they felt at the step, −1 to 1: the mean over people",
        "scale",
        Shape.MEAN,
        Direction.FALLS,
        0.2,
        waits=False,
    ),
    Metric.EFFORT: Watched(
        "Effort (CES)",
        "how easy people found it, 1 to 7: the mean of their latest answers to effort questions at the step",
        "scale",
        Shape.MEAN,
        Direction.FALLS,
        0.5,
        waits=False,
    ),
    Metric.SATISFACTION: Watched(
        "Satisfaction (CSAT)",
        "how many people are satisfied: latest answers of 4 and 5 to satisfaction questions at the step",
        "points",
        Shape.SHARE,
        Direction.FALLS,
        10.0,
        waits=False,
        times=100.0,
    ),
    Metric.RECOMMENDATION: Watched(
        "Recommendation (NPS)",
        "promoters less detractors, −100 to 100, by people's latest answers at the step",
        "points",
        Shape.MEAN,
        Direction.FALLS,
        10.0,
        waits=False,
    ),
    Metric.TIME_MEDIAN: Watched(
        "Time to step, median",
        "how long a half of the people took at most from coming to the step until reaching it, of those who reached it "
        "in time",
        "minutes",
        Shape.MEDIAN,
        Direction.RISES,
        1.0,
        times=1 / SECONDS,
    ),
    Metric.TIME_NINTH: Watched(
        "Time to step, 90th percentile",
        "how long nine of ten people took at most from coming to the step until reaching it, of those who reached it "
        "in time",
        "minutes",
        Shape.NINTH,
        Direction.RISES,
        5.0,
        times=1 / SECONDS,
    ),
}
"""What may be watched, in the order of menus."""

UNITS: Final[Mapping[str, str]] = {
    "points": "points of 100",
    "scale": "on its own scale",
    "minutes": "minutes",
}
"""What values and least changes are given in."""


class BadStepAlert(WaypostError):
    """What an alert is to watch cannot be watched."""

    code = "bad_step_alert"


class NoSuchStepAlert(WaypostError):
    """The project has no alert of that number."""

    code = "no_such_step_alert"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no alert {number} on a step in this project")


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, and what is worth telling.

    step: None for a whole journey. persona: only who is it as of now. at_least: the least change, in the metric's unit.
    recent_days, before_days: the period and the one before it. within: how long people have; the journey's own `gives
    up after` for None.
    """

    metric: Metric
    journey: str
    step: str | None
    persona: str | None
    direction: Direction
    at_least: float
    recent_days: int
    before_days: int
    within: Duration | None

    @property
    def place(self) -> str:
        """`activation.verify_domain`, or the journey alone."""
        return self.journey if self.step is None else f"{self.journey}.{self.step}"


@dataclass(frozen=True, slots=True)
class Windows:
    """Two periods of whole days, half-open, the one right after the other."""

    before: Instant
    since: Instant
    until: Instant


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a figure found; values in the metric's unit. problem: why nothing could be found."""

    at: Instant
    windows: Windows | None
    recent: float | None
    before: float | None
    n: int
    n_before: int
    interval: Interval | None
    problem: str | None = None

    @property
    def difference(self) -> float | None:
        """The recent figure less the one before."""
        return None if self.recent is None or self.before is None else self.recent - self.before


class Ending(StrEnum):
    """Why an alert is over."""

    RECOVERED = "recovered"
    SETTLED = "settled"
    CHANGED = "changed"
    GONE = "gone"


ENDINGS: Final[Mapping[Ending, str]] = {
    Ending.RECOVERED: "the figure came back towards what it was before",
    Ending.SETTLED: "it did not come back, and is the usual one by now",
    Ending.CHANGED: "the alert was changed, turned off or removed",
    Ending.GONE: "what it watches is not in the rules any more",
}
"""What each ending means."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that is raised. baseline: the period before the change, which the figure is measured against from then
    on. by: how much it had changed, in the metric's unit. calm: for how many looks it has been back.
    """

    at: Instant
    by: float
    baseline: Sample
    calm: int


def checked(watch: Watch) -> Watch:
    """The same, where it can be watched. Raises BadStepAlert."""
    metric = METRICS[watch.metric]
    if metric.has_step and watch.step is None:
        raise BadStepAlert(f"`{watch.metric.value}` is watched at a step: say which, such as `verify_domain`")
    if not metric.has_step and watch.step is not None:
        raise BadStepAlert(f"`{watch.metric.value}` is of a whole journey: leave the step out")
    if not metric.waits and watch.within is not None:
        raise BadStepAlert(f"`{watch.metric.value}` is of what people said, which takes no time: leave `within` out")
    if watch.within is not None and not 0 < watch.within <= LONGEST_WITHIN:
        raise BadStepAlert("people have between a moment and 90 days to do it: `within` is a length such as `7d`")
    for days, name in ((watch.recent_days, "recent"), (watch.before_days, "before")):
        if days % WEEK_DAYS or not WEEK_DAYS <= days <= MOST_DAYS:
            raise BadStepAlert(f"`{name}_days` is a number of whole weeks: 7, 14 and so on up to {MOST_DAYS}")
    if watch.before_days < watch.recent_days:
        raise BadStepAlert("the period before is at least as long as the recent one")
    if not (math.isfinite(watch.at_least) and watch.at_least >= 0):
        raise BadStepAlert("the least change is a number of 0 or more, in the unit of the metric")
    return watch


def read_note(text: str) -> str:
    """What an alert is for. Raises BadStepAlert."""
    note = " ".join(text.replace("\0", "").split())
    if len(note) > LONGEST_NOTE:
        raise BadStepAlert(f"a note has up to {LONGEST_NOTE} characters")
    return note


def day_of(now: Instant) -> Instant:
    """When the day of an instant began, in UTC."""
    return Instant(now // DAY * DAY)


def windows_of(watch: Watch, gives_up: Duration, now: Instant) -> Windows:
    """The periods that are compared on a day: the latest whole days of which everybody has had the time there is."""
    waits = watch.within or gives_up if METRICS[watch.metric].waits else 0
    until = day_of(Instant(now - waits))
    since = Instant(until - watch.recent_days * DAY)
    return Windows(Instant(since - watch.before_days * DAY), since, until)


def look_of(watch: Watch, windows: Windows, recent: Sample, before: Sample, now: Instant) -> Look:
    """What a look finds in the numbers of both periods."""
    metric = METRICS[watch.metric]
    return _told(change(metric.shape, recent, before, confidence=EACH_LOOK), metric.times, windows, now)


def is_evident(watch: Watch, look: Look) -> bool:
    """True where an alert is to be raised."""
    if look.interval is None or look.difference is None:
        return False
    sign = watch.direction.sign
    is_sure = look.interval.low > 0 if sign > 0 else look.interval.high < 0
    return is_sure and look.difference * sign >= watch.at_least


def seen_against(watch: Watch, raised: Raised, recent: Sample, now: Instant) -> Look:
    """The recent period against the one before the change."""
    metric = METRICS[watch.metric]
    return _told(change(metric.shape, recent, raised.baseline, confidence=EACH_LOOK), metric.times, None, now)


def is_calm(watch: Watch, raised: Raised, against: Look) -> bool | None:
    """True where the figure has come back: less than half of the change is left, and that may be chance. None where
    too few people are there to say.
    """
    if against.interval is None or against.difference is None:
        return None
    sign = watch.direction.sign
    may_be_chance = against.interval.low <= 0 if sign > 0 else against.interval.high >= 0
    return may_be_chance and against.difference * sign < raised.by * sign / 2


def ending_of(watch: Watch, raised: Raised, *, calm: int, now: Instant) -> Ending | None:
    """Whether an alert is over. calm: looks in a row, with this one, at which the figure was back.

    As many as the period has days: then no day of it is one that was counted when the alert was raised.
    """
    if calm >= watch.recent_days:
        return Ending.RECOVERED
    if now - raised.at >= (watch.recent_days + watch.before_days) * DAY:
        return Ending.SETTLED
    return None


def raised_words(watch: Watch, look: Look) -> str:
    """What is told when an alert is raised."""
    metric, windows = METRICS[watch.metric], look.windows
    assert windows is not None  # noqa: S101  (something was found)
    assert look.interval is not None  # noqa: S101
    who = f" for `{watch.persona}`" if watch.persona else ""
    rose = "rose" if watch.direction is Direction.RISES else "fell"
    values = f"from {number_words(look.before)} to {number_words(look.recent)}"
    period = f"{_day(windows.since)} to {_day(Instant(windows.until - 1))}"
    moved = f"{change_words(look.difference)} {_unit(metric)}"
    span = f"{change_words(look.interval.low)} to {change_words(look.interval.high)}"
    return (
        f"{metric.label} at `{watch.place}`{who} {rose} {values} "
        f"({moved}, somewhere from {span}): {look.n:,} people of {period} against {look.n_before:,} of the "
        f"{watch.before_days} days before"
    )


def resolved_words(watch: Watch, ending: Ending, look: Look | None) -> str:
    """What is told when an alert is over."""
    metric = METRICS[watch.metric]
    who = f" for `{watch.persona}`" if watch.persona else ""
    recent = None if look is None else look.recent
    now = "" if recent is None else f" It is {number_words(recent)} {_unit(metric)} now."
    return f"{metric.label} at `{watch.place}`{who}: {ENDINGS[ending]}.{now}"


def watch_words(watch: Watch) -> str:
    """What is watched, in a sentence."""
    metric = METRICS[watch.metric]
    who = f" for `{watch.persona}`" if watch.persona else ""
    least = f" by {number_words(watch.at_least)} {_unit(metric)} or more" if watch.at_least else ""
    return (
        f"{metric.label} at `{watch.place}`{who} {watch.direction.value}{least}: "
        f"{watch.recent_days} days against the {watch.before_days} before"
    )


def promise() -> str:
    """What is promised of false alarms, for pages and documentation."""
    return (
        f"Of a figure that does not change, an alert is raised falsely in {LOOKS} days with a probability of "
        f"{ALARM:.0%} at most: each day's look is made at a level of {100 * EACH_LOOK:.2f} %. Below {FEWEST} people in "
        "either period nothing is said."
    )


def _told(found: Change, times: float, windows: Windows | None, now: Instant) -> Look:
    interval = found.interval
    return Look(
        at=now,
        windows=windows,
        recent=None if found.recent is None else found.recent * times,
        before=None if found.before is None else found.before * times,
        n=found.n,
        n_before=found.n_before,
        interval=None if interval is None else Interval(interval.low * times, interval.high * times),
    )


def _unit(metric: Watched) -> str:
    return metric.unit if metric.unit != "scale" else "on its scale"


def number_words(value: float | None) -> str:
    """A figure as it is told, whatever its size."""
    return "nothing" if value is None else f"{round(value, 4):.3g}" if abs(value) < 1 else f"{value:,.1f}"


def change_words(value: float | None) -> str:
    """A difference as it is told, with its sign."""
    if value is None:
        return "nothing"
    return ("+" if value >= 0 else "−") + number_words(abs(value))


def _day(at: Instant) -> str:
    return format_instant(at)[:10]


STEP_ALERT_COLUMNS: Final[Mapping[str, str]] = {
    "id": "its number",
    "metric": "what is watched",
    "journey": "of which journey",
    "step": "at which step; blank for a whole journey",
    "persona": "of whom only; blank for everybody",
    "direction": "which way it may move",
    "at_least": "the least change, in the unit",
    "unit": "of values and changes: points of 100, scale, minutes",
    "recent_days": "days of the recent period",
    "before_days": "days of the one before",
    "within": "seconds that people have; blank for the journey's own",
    "is_on": "whether it is looked at",
    "state": "raised, quiet, waiting (not looked at yet) or off",
    "raised": "since when it is raised; blank where it is not",
    "looked": "when it was looked at last",
    "recent": "the figure of the recent period then",
    "before": "that of the period before",
    "difference": "the first less the second",
    "low": "the least that the difference may be",
    "high": "the most",
    "n": "people of the recent period",
    "n_before": "people of the one before",
    "problem": "why nothing could be said; blank otherwise",
    "note": "what it is for",
}
"""The columns of alerts on steps, with what they mean."""

HISTORY_COLUMNS: Final[Mapping[str, str]] = {
    "id": "its number",
    "alert": "of which alert",
    "raised": "when it was raised",
    "message": "what was told then",
    "recent": "the figure of the recent period then",
    "before": "that of the period before",
    "low": "the least that the difference may have been",
    "high": "the most",
    "resolved": "when it was over; blank while it is raised",
    "ending": "why: recovered, settled, changed or gone",
    "told": "what was told at the end",
}
"""The columns of what was raised and resolved, with what they mean."""


def figures_of(look: Look) -> dict[str, float | None]:
    """The figures of a look for documents: nobody reads more than six digits of them."""
    interval = look.interval
    found = {
        "recent": look.recent,
        "before": look.before,
        "difference": look.difference,
        "low": None if interval is None else interval.low,
        "high": None if interval is None else interval.high,
    }
    return {name: None if value is None else float(f"{value:.6g}") for name, value in found.items()}
