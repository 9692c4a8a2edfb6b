"""What the rows of a map say in short lines, made of what was measured and of what the rules declare.

Every figure is said with its n, and with its 95 % interval where it has one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dsl.nodes import Step
from dsl.values import Duration
from engine.analytics.evidence import SourceRecord
from engine.analytics.funnel_answer import Design, Manner
from engine.analytics.intervals import Interval
from engine.analytics.transitions import Transition
from engine.mapping.measuring import StepMeasured, seconds_of
from engine.mapping.model import LineKind, MapLine, Within
from engine.mapping.rows import Row
from engine.mapping.targets import Future
from engine.roadmap.causes import in_words
from engine.roadmap.items import Item
from engine.roadmap.metrics import METRICS, Measured, Metric
from engine.roadmap.opportunities import Opportunity, Status
from engine.roadmap.review import spelled

MOST_SIGNALS: Final = 3
MOST_UNPLANNED: Final = 3
MOST_CAUSES: Final = 4
MOST_PRECEDING: Final = 2
MOST_PATHS: Final = 3
MOST_OPPORTUNITIES: Final = 3
MOST_QUOTES: Final = 3
"""Of each source."""
FEW: Final = "not enough yet"
PATH_REF: Final = "path:"
"""What a line of the real paths refers to begins with this; then the numbers of the steps from 1, or ANY_PATH."""
ANY_PATH: Final = "any"


@dataclass(frozen=True, slots=True)
class Intervention:
    """A guide or survey at the step. state: `running`, or why it shows nothing. shown: people who have seen it."""

    name: str
    label: str
    kind: str
    state: str
    shown: int


@dataclass(frozen=True, slots=True)
class Around:
    """What else is known of a step. transition: the one that ends here; came_from: the label of where it begins."""

    transition: Transition | None = None
    came_from: str = ""
    sources: Sequence[SourceRecord] = ()
    items: Sequence[Item] = ()
    interventions: Sequence[Intervention] = ()
    futures: Sequence[Future] = field(default_factory=tuple)


def lines_of(step: Step, found: StepMeasured, around: Around) -> dict[Row, tuple[MapLine, ...]]:
    """The lines of a step, but for what was typed; rows that have nothing to say are left out."""
    made = {
        Row.PERSONA: _persona(found),
        Row.ACTIONS: _actions(around),
        Row.TOUCHPOINTS: _touchpoints(step),
        Row.THOUGHTS: _thoughts(found, around.sources),
        Row.EMOTION: _emotion(found),
        Row.FRICTION: _friction(found),
        Row.PAIN_POINTS: _pain_points(found, around.sources),
        Row.PROMISE: _promise(found),
        Row.FUTURE: map(_future, around.futures),
        Row.OPPORTUNITIES: _opportunities(found.opportunities, around.items),
        Row.INTERVENTIONS: map(_intervention, around.interventions),
    }
    kept = {row: tuple(lines) for row, lines in made.items()}
    return {row: lines for row, lines in kept.items() if lines}


def path_lines(design: Design, names: Mapping[str, str]) -> Iterator[MapLine]:
    """The real paths of a journey beside the intended one. names: of its columns, such as `A1`, by step."""
    told = [
        f"{design.manners[manner] / design.units:.1%} {manner}{_span(design.interval(manner), 'share')}"
        for manner in Manner
        if design.manners[manner]
    ]
    yield _measured(f"{'; '.join(told)}, n = {design.units:,}", ref=PATH_REF + ANY_PATH, n=design.units)
    for path in design.paths[:MOST_PATHS]:
        way = " → ".join(names.get(step, step) for step in path.steps)
        numbers = ",".join(str(number + 1) for number in path.numbers)
        yield _measured(f"{way}: {path.share:.1%}, {people(path.count)}", ref=PATH_REF + numbers, n=path.count)


def people(number: int) -> str:
    """So many people."""
    return "1 person" if number == 1 else f"{number:,} people"


def future_in_words(future: Future) -> str:
    """A target beside the present, in one line."""
    unit = METRICS[future.metric].unit
    name = future.metric.value.replace("_", " ")
    due = f" by {future.due}" if future.due else ""
    arrived = {True: "reached", False: "overdue" if future.is_late else "not yet", None: "cannot be told yet"}
    now = spelled(future.present.value, unit) if future.present.value is not None else "?"
    return f"{name}: {now} → {spelled(future.target, unit)}{due} ({arrived[future.has_arrived]})"


def _measured(text: str, *, ref: str = "", n: int | None = None) -> MapLine:
    return MapLine(LineKind.MEASURED, text, ref, n)


def _persona(found: StepMeasured) -> Iterator[MapLine]:
    evidence = found.evidence
    yield _measured(f"{people(found.entered)} came", n=found.entered)
    if evidence.settled:
        yield _measured(
            f"of {evidence.settled:,} settled {evidence.went_on:,} went on, {evidence.lost:,} were lost",
            n=evidence.settled,
        )


def _actions(around: Around) -> Iterator[MapLine]:
    move = around.transition
    if move is None or not move.started:
        return
    came = f"from “{around.came_from}”"
    if move.direct_share is not None:
        span = _span(move.direct_interval, "share")
        share = spelled(move.direct_share, "share")
        yield _measured(f"{share} came straight {came}{span}, n = {move.went_on:,}", n=move.went_on)
    if move.took is not None:
        yield _measured(f"half of them in {_time(move.took.median)}, nine in ten in {_time(move.took.ninth)}")
    for each in move.unplanned[:MOST_UNPLANNED]:
        yield _measured(f"on the way “{each.name}”: {people(each.people)}, {each.lost:,} of them lost", n=each.people)
    if move.looped and move.looped_share is not None:
        share = spelled(move.looped_share, "share")
        yield _measured(f"{share} went back to an earlier step first, n = {move.started:,}", n=move.started)


def _touchpoints(step: Step) -> Iterator[MapLine]:
    for touchpoint in step.touchpoints:
        channel = "" if touchpoint.channel is None else f" ({touchpoint.channel})"
        yield MapLine(LineKind.DECLARED, f"{touchpoint.text.value}{channel}", touchpoint=touchpoint.text.value)


def _thoughts(found: StepMeasured, sources: Sequence[SourceRecord]) -> Iterator[MapLine]:
    for each in found.said:
        felt = f" ({each.feeling}{', inferred' if each.inferred else ''})" if each.feeling else ""
        ref = f"response:{each.guide}.{each.question}.{each.submission}"
        yield MapLine(LineKind.SAID, f"“{' '.join((each.text or '').split())}”{felt}", ref)
    for source in sources:
        for quote in source.verbatims[:MOST_QUOTES]:
            text = f"“{' '.join(quote.text.split())}” ({source.label})"
            yield MapLine(LineKind.SAID, text, f"evidence:{quote.evidence}")
    more = found.words - len(found.said)
    if more > 0:
        yield _measured(f"and {more:,} more in free text", n=found.words)


def _emotion(found: StepMeasured) -> Iterator[MapLine]:
    emotion = found.emotion
    if emotion.n == 0:
        return
    if emotion.mean is None:
        yield _measured(f"not enough answers (n = {emotion.n})", n=emotion.n)
    else:
        inferred = f", {emotion.inferred:,} of them inferred" if emotion.inferred else ""
        yield _measured(
            f"{round(emotion.mean, 2) + 0.0:+.2f}{_span(emotion.interval, 'score')}, n = {emotion.n:,}{inferred}",
            n=emotion.n,
        )
    named = [f"{feeling} {number:,}" for feeling, number in emotion.feelings.items() if number]
    if named:
        yield _measured(" · ".join(named))


def _friction(found: StepMeasured) -> Iterator[MapLine]:
    friction = found.friction
    if friction.score is None:
        return
    yield _measured(f"{friction.score:.2f}{_span(friction.interval, 'score')}, n = {friction.n:,}", n=friction.n)
    met = sorted((each for each in friction.signals if each.people), key=lambda each: (-each.people, each.name))
    for signal in met[:MOST_SIGNALS]:
        yield _measured(
            f"{signal.name.replace('_', ' ')}: {people(signal.people)}, {signal.count:,} times", n=signal.people
        )


def _pain_points(found: StepMeasured, sources: Sequence[SourceRecord]) -> Iterator[MapLine]:
    for cause in (*found.causes[:MOST_CAUSES], *found.preceding[:MOST_PRECEDING]):
        yield _measured(in_words(cause), n=cause.of)
    for source in sources:
        task = source.task
        if task is not None and task.failed:
            yield _measured(f"{source.label}: {task.failed} of {task.n} could not do it", n=task.n)


def _promise(found: StepMeasured) -> Iterator[MapLine]:
    by_name = {each.metric: each for each in found.figures}
    if found.within is not None:
        yield MapLine(LineKind.DECLARED, f"expected within {_time(found.within.expected)}")
    took = by_name[Metric.TIME_TO_COMPLETE]
    if took.n:
        yield _measured(_metric(took, before="took "), n=took.n)
    if found.within is not None and found.within.n:
        yield _measured(_within_in_words(found.within), n=found.within.n)
    completion = by_name[Metric.COMPLETION]
    if completion.n:
        yield _measured(_metric(completion, after=" went on"), n=completion.n)


def _within_in_words(within: Within) -> str:
    if within.share is None:
        return f"in time: {FEW} (n = {within.n})"
    share = spelled(within.share, "share")
    return f"{share} of those who went on did so in time{_span(within.interval, 'share')}, n = {within.n:,}"


def _future(future: Future) -> MapLine:
    return _measured(future_in_words(future), ref=f"target:{future.metric}", n=future.present.n)


def _opportunities(found: Sequence[Opportunity], items: Sequence[Item]) -> Iterator[MapLine]:
    named: set[int] = set()
    for one in found[:MOST_OPPORTUNITIES]:
        if one.status is Status.DISMISSED and not one.has_grown:
            continue
        whom = f"{one.persona_label}: " if one.persona else ""
        reach = "" if one.worth is None else f", {one.worth:.1f} of them within reach"
        text = f"{whom}{one.lost_per_week:.1f} a week lost{reach} ({one.status})"
        yield _measured(text, ref=f"opportunity:{one.id}", n=one.settled)
    for item in items:
        if item.id in named:
            continue
        named.add(item.id)
        when = f", {item.draft.timebox}" if item.draft.timebox is not None else ""
        yield MapLine(LineKind.DECLARED, f"→ {item.draft.title} ({item.draft.status}{when})", f"item:{item.id}")


def _intervention(one: Intervention) -> MapLine:
    text = f"{one.kind} “{one.label}”: {one.state}, seen by {one.shown:,}"
    return MapLine(LineKind.DECLARED, text, f"guide:{one.name}", one.shown)


def _span(interval: Interval | None, unit: str) -> str:
    if interval is None:
        return ""
    return f" ({spelled(interval.low, unit)} – {spelled(interval.high, unit)})"


def _metric(measured: Measured, *, before: str = "", after: str = "") -> str:
    """A metric with its interval and n, and the words around its value."""
    unit = METRICS[measured.metric].unit
    if measured.value is None:
        return f"{(before or after).strip()}: {FEW} (n = {measured.n:,})"
    return f"{before}{spelled(measured.value, unit)}{after}{_span(measured.interval, unit)}, n = {measured.n:,}"


def _time(duration: Duration) -> str:
    return spelled(seconds_of(duration), "seconds").replace(".0 ", " ")
