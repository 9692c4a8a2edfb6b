"""Code for conditions on what a user did, and when, and how much."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, assert_never

from dsl.compiler import reading
from dsl.compiler.code import NO, YES, Code, both, fill, negated
from dsl.compiler.comparisons import compared
from dsl.compiler.events import tracked
from dsl.compiler.maker import Maker, decided
from dsl.compiler.names import CompileError
from dsl.moments import start_of
from dsl.needs import (
    KEPT_EVENTS,
    AccountWide,
    Activity,
    AfterLatest,
    AfterReaching,
    Alone,
    Attribute,
    Chain,
    Days,
    DayTimes,
    Different,
    First,
    FromInstant,
    Neighbours,
    Occurrence,
    Recent,
    Since,
    Tally,
    Times,
    Total,
    Tracked,
    needs_mark,
)
from dsl.nodes import (
    Aggregate,
    Aggregation,
    AnyoneInAccount,
    CountTest,
    CountWord,
    DaysActive,
    Did,
    DidDirectly,
    DidSequence,
    DidWhen,
    DidWithout,
    Edge,
    InLast,
    NumberLiteral,
    SinceEvent,
    SinceMoment,
    SinceStep,
    Window,
)
from dsl.values import DAY, NUMBER, TEXT, TIME, Duration

AT_LEAST_ONCE: Final = (1, None)


def did(node: Did, maker: Maker, *, positive: bool) -> Code:
    """`did "E" …`, `did not "E" …`."""
    wanted = positive is not node.negated
    of = tracked(node.event, maker)
    if node.on_days:
        return _on_days(of, node.count, node.window, maker, positive=wanted)
    return happened(of, node.count, node.window, maker, positive=wanted)


def happened(of: Occurrence, count: CountTest | None, window: Window | None, maker: Maker, *, positive: bool) -> Code:
    """How often something happened, in a window or since a mark."""
    low, high = bounds(count)
    if isinstance(window, InLast):
        return _in_last(of, low, high, window.duration.length, maker, positive=positive)
    since = since_of(window, maker)
    need = Tally(of, since)
    if not needs_mark(since):
        return decided(between(maker.slot(need, 0), low, high, maker), positive=positive)
    first, again = maker.once(maker.slot(need))
    test = between(again, low, high, maker)
    return both([fill("first is not None", first=first), decided(test, positive=positive)])


def bounds(count: CountTest | None) -> tuple[int, int | None]:
    """The lowest and the highest number that passes; None where there is no highest."""
    if count is None:
        return AT_LEAST_ONCE
    low = count.low
    found: tuple[int, int | None]
    match count.word:
        case CountWord.AT_LEAST:
            found = low, None
        case CountWord.AT_MOST:
            found = 0, low
        case CountWord.EXACTLY:
            found = low, low
        case CountWord.FEWER_THAN:
            found = 0, low - 1
        case CountWord.MORE_THAN:
            found = low + 1, None
        case CountWord.BETWEEN:
            found = low, low if count.high is None else count.high
        case _:
            assert_never(count.word)
    return found


def between(number: Code, low: int, high: int | None, maker: Maker) -> Code:
    """A number, whose code stands in it once, within bounds."""
    if high is None:
        return fill("number >= low", number=number, low=maker.constant(low))
    if low <= 0:
        return fill("number <= high", number=number, high=maker.constant(high))
    return fill("low <= number <= high", number=number, low=maker.constant(low), high=maker.constant(high))


def since_of(window: Window | None, maker: Maker) -> Since:
    """Where a count begins; an `in last` is none of its business."""
    match window:
        case None | InLast():
            return None
        case SinceEvent():
            return AfterLatest(Tracked(window.event.value))
        case SinceStep():
            project = maker.project
            steps = () if project is None else project.steps_at(window.place)
            if not steps:
                raise CompileError(f"there is no `{window.place.journey.text}.{window.place.place.text}`")
            return AfterReaching(window.place.journey.text, tuple(step.name.text for step in steps))
        case SinceMoment():
            return FromInstant(start_of(window.moment, maker.scope.zone))
        case _:
            assert_never(window)


def _in_last(of: Occurrence, low: int, high: int | None, length: Duration, maker: Maker, *, positive: bool) -> Code:
    depth = max(low, 0 if high is None else high + 1)
    need = Times(of, min(depth, KEPT_EVENTS))
    if depth > KEPT_EVENTS:
        number = maker.apply(reading.count_in_last, _facts(), maker.constant(need.key), maker.constant(length))
        maker.needs.add(need)
        first, again = maker.once(number)
        test = decided(between(again, low, high, maker), positive=positive)
        return both([fill("first is not None", first=first), test])
    return decided(_window_test(need, low, high, length, maker), positive=positive)


def _window_test(need: Times | DayTimes, low: int, high: int | None, length: Duration, maker: Maker) -> Code:
    """At least `low`, and not more than `high`: each is one comparison with a time counted from the end."""
    if high is not None and high < low:
        return NO
    tests = [_has(need, low, length, maker)]
    if high is not None:
        tests.append(negated(_has(need, high + 1, length, maker)))
    return both(tests)


def _has(need: Times | DayTimes, number: int, length: Duration, maker: Maker) -> Code:
    if number <= 0:
        return YES
    first, again = maker.once(maker.slot(need))
    parts = {"first": first, "again": again, "length": maker.constant(length)}
    if number == 1:
        return fill("first is not None and again[-1] > now - length", **parts)
    return fill(
        "first is not None and len(again) >= number and again[place] > now - length",
        number=maker.constant(number),
        place=maker.constant(-number),
        **parts,
    )


def _on_days(of: Tracked, count: CountTest | None, window: Window | None, maker: Maker, *, positive: bool) -> Code:
    low, high = bounds(count)
    zone = maker.scope.zone
    if isinstance(window, InLast):
        most = window.duration.length // DAY + 2
        depth = min(max(low, 0 if high is None else high + 1), most)
        if low > most:
            # More days than the window touches.
            return decided(NO, positive=positive)
        top = high if high is None or high < most else None
        need = DayTimes(of, zone, depth)
        return decided(_window_test(need, low, top, window.duration.length, maker), positive=positive)
    since = since_of(window, maker)
    need_days = Days(of, zone, since)
    if not needs_mark(since):
        number = maker.apply(reading.count_of_days, maker.slot(need_days))
        return decided(between(number, low, high, maker), positive=positive)
    first, again = maker.once(maker.slot(need_days))
    test = between(fill("slot[0]", slot=again), low, high, maker)
    return both([fill("first is not None", first=first), decided(test, positive=positive)])


def sequence(node: DidSequence, maker: Maker, *, positive: bool) -> Code:
    """`did "A" then "B" within D in last W`."""
    within = None if node.within is None else node.within.length
    since = since_of(node.window, maker)
    need = Chain(tuple(tracked(event, maker) for event in node.events), within, since)
    return _began(maker.slot(need), "again[-1]", node.window, since, maker, positive=positive)


def directly(node: DidDirectly, maker: Maker, *, positive: bool) -> Code:
    """`did "A" directly then "B" in one session`."""
    since = since_of(node.window, maker)
    need = Neighbours(tuple(tracked(event, maker) for event in node.events), since)
    return _began(maker.slot(need), "again['done']", node.window, since, maker, positive=positive)


def _began(slot: Code, begin: str, window: Window | None, since: Since, maker: Maker, *, positive: bool) -> Code:
    """Whether the latest complete chain began at all, or inside the window."""
    first, again = maker.once(slot)
    is_there = fill("first is not None", first=first)
    start, start_again = maker.once(fill(begin, again=again))
    test = fill("start is not None", start=start)
    if isinstance(window, InLast):
        length = maker.constant(window.duration.length)
        test = both([test, fill("start > now - length", start=start_again, length=length)])
    if needs_mark(since):
        return both([is_there, decided(test, positive=positive)])
    return decided(both([is_there, test]), positive=positive)


def without(node: DidWithout, maker: Maker, *, positive: bool) -> Code:
    """`did "A" and not "B" within D`: of the latest A only."""
    first, again = maker.once(maker.slot(Alone(tracked(node.event, maker), tracked(node.absent, maker))))
    test = fill(
        "first is not None and now >= again + within",
        first=first,
        again=again,
        within=maker.constant(node.within.length),
    )
    return decided(test, positive=positive)


def when(node: DidWhen, maker: Maker, *, positive: bool) -> Code:
    """`first did "E" more than 30 days ago`."""
    of = tracked(node.event, maker)
    match node.edge:
        case Edge.FIRST:
            time = maker.slot(First(of))
        case Edge.LAST:
            first, again = maker.once(maker.slot(Times(of, 1)))
            time = fill("again[-1] if first is not None else None", first=first, again=again)
        case _:
            assert_never(node.edge)
    return compared(time, TIME, node.operator, node.operands, maker, positive=positive)


_IN_TOTAL: Final[Mapping[Aggregation, Callable[..., object]]] = {
    Aggregation.SUM: reading.sum_of,
    Aggregation.AVERAGE: reading.average_of,
    Aggregation.LOWEST: reading.lowest_of,
    Aggregation.HIGHEST: reading.highest_of,
}
_IN_WINDOW: Final[Mapping[Aggregation, Callable[..., object]]] = {
    Aggregation.SUM: reading.recent_sum,
    Aggregation.AVERAGE: reading.recent_average,
    Aggregation.LOWEST: reading.recent_lowest,
    Aggregation.HIGHEST: reading.recent_highest,
    Aggregation.DISTINCT: reading.recent_different,
}
_ZERO_OF_NOTHING: Final = frozenset({Aggregation.SUM, Aggregation.DISTINCT})


def aggregate(node: Aggregate, maker: Maker, *, positive: bool) -> Code:
    """`sum of amount in "Purchase" in last 30 days > 500`."""
    return compared(aggregated(node, maker), NUMBER, node.operator, node.operands, maker, positive=positive)


def aggregated(node: Aggregate, maker: Maker) -> Code:
    """The number that is compared; None while it is unknown."""
    of, name = tracked(node.event, maker), node.property.text
    type_ = NUMBER
    if node.aggregation is Aggregation.DISTINCT:
        known = None if maker.project is None else maker.project.catalog.property(of.name, name)
        type_ = TEXT if known is None else known.type
    if isinstance(node.window, InLast):
        recent = Recent(of, name, type_, node.window.duration.length)
        maker.needs.add(recent)
        key, length = maker.constant(recent.key), maker.constant(node.window.duration.length)
        return maker.apply(_IN_WINDOW[node.aggregation], _facts(), key, length)
    since = since_of(node.window, maker)
    missing = 0 if node.aggregation in _ZERO_OF_NOTHING and not needs_mark(since) else None
    if node.aggregation is Aggregation.DISTINCT:
        different = Different(of, name, type_, since)
        maker.needs.add(different)
        return maker.apply(reading.different_of, _facts(), maker.constant(different.key), maker.constant(missing))
    slot = maker.slot(Total(of, name, type_, since))
    return maker.apply(_IN_TOTAL[node.aggregation], slot, maker.constant(missing))


def days_active(node: DaysActive, maker: Maker, *, positive: bool) -> Code:
    """`days active in last 14 days >= 3`."""
    length = node.window.duration.length
    most = length // DAY + 2
    written = [operand.value for operand in node.operands if isinstance(operand, NumberLiteral)]
    # One more than the highest number that it is compared with tells all there is to tell.
    wanted = int(max(written)) + 2 if len(written) == len(node.operands) and written else most
    need = DayTimes(Activity(), maker.scope.zone, max(1, min(most, wanted)))
    number = fill(
        "later(times, now - length)",
        later=maker.constant(reading.count_later),
        times=maker.slot(need, ()),
        length=maker.constant(length),
    )
    return compared(number, NUMBER, node.operator, node.operands, maker, positive=positive)


def anyone_in_account(node: AnyoneInAccount, maker: Maker, *, positive: bool) -> Code:
    """`anyone in account did …`: true if true of one of them, false if false of each."""
    test, needs = maker.workshop.part(node.did, maker, positive=positive)
    for need in needs:
        if isinstance(need, AccountWide):
            raise CompileError("`anyone in account` cannot stand inside itself")
        maker.needs.add(need)
        if not isinstance(need, Attribute):
            maker.needs.add(AccountWide(need))
    return maker.apply(reading.anyone if positive else reading.no_one, _facts(), maker.constant(test))


def _facts() -> Code:
    return fill("facts")
