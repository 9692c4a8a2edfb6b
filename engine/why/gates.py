"""The gates of a guide, one by one: what each asks for, how it is with the user, whether it is open.

Asks what `engine.decisions` asks, of the same functions, and goes on where a decision stops at the first closed gate.
The last gates follow from the decision itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dsl.clauses import every, one, places, triggers
from dsl.explain import Joined, Line, explain_condition
from dsl.explain.conditions import segment_words
from dsl.explain.guides import frequency_words, trigger_words
from dsl.explain.words import listed, place_words, plain, quoted
from dsl.nodes import (
    AtPlace,
    Condition,
    Expires,
    For,
    Frequency,
    From,
    InSegment,
    Name,
    OnlyBetween,
    OnlyOn,
    Testers,
    Unless,
    When,
)
from dsl.project import RuleProject
from engine.arbitration import Moment, Shows, leaves_room, met_in_session
from engine.facts import UserFacts
from engine.frequency import Exposures, capped_by, exposures_of
from engine.reasons import RANK, Reason
from engine.rollout import Salt, is_held_out, is_in_rollout, is_in_sample, place, sample_round
from engine.ruleset import TIMEZONE, CompiledGuide
from engine.schedule import is_zone
from engine.why.found import Findings
from engine.why.judging import Judge, all_of
from engine.why.moments import day_words
from engine.why.tree import Gate, GateName, Part, Truth
from engine.why.world import World, wakes


class Gates:
    """The gates of one guide for one world."""

    def __init__(self, world: World, guide: CompiledGuide, judge: Judge) -> None:
        self._world, self._guide, self._judge = world, guide, judge
        self._project, self._zone = world.ruleset.project, world.ruleset.project.zone
        self._facts: UserFacts = world.facts(guide)
        self._lines = _lines(guide, self._project)
        asked = [each for lines in self._lines.values() for line in lines for each in _asked(line)]
        self._findings = Findings(world, judge, asked)

    def all(self) -> tuple[Gate, ...]:
        """Every gate that the guide has, in the order of the reasons."""
        makers: Sequence[Callable[[], Gate | None]] = (
            self._switch,
            self._consent,
            self._pause,
            self._trigger,
            self._schedule,
            self._quota,
            self._step,
            self._audience,
            self._conditions,
            self._frequency,
            self._share,
            self._limits,
        )
        found = [gate for gate in (make() for make in makers) if gate is not None]
        return (*found, *self._last())

    def _switch(self) -> Gate | None:
        if not self._world.ruleset.is_stopped:
            return None
        return Gate(GateName.SWITCH, "guidance is switched on", "everything is switched off", Reason.DISABLED)

    def _consent(self) -> Gate | None:
        if self._world.request.has_consent:
            return None
        return Gate(GateName.CONSENT, "the user agreed to guidance", "the user refused it", Reason.NO_CONSENT)

    def _pause(self) -> Gate | None:
        if not self._guide.is_paused:
            return None
        return Gate(GateName.PAUSE, "it is not paused", "it says `paused`", Reason.PAUSED)

    def _trigger(self) -> Gate | None:
        if not self._guide.is_edge:
            return None
        words = listed([trigger_words(each) for each in triggers(self._guide.node)], "or")
        text = f"{words}, not longer than 5 minutes ago"
        woken = self._world.trigger(self._guide)
        if woken is not None:
            found = f"{quoted(woken.event.name)} at {day_words(woken.event.time, self._zone)}"
            return Gate(GateName.TRIGGER, text, found)
        if seen_of(self._world, self._guide.name).is_due_after_snooze(self._world.now):
            return Gate(GateName.TRIGGER, text, "a snooze has ended: it is due once more")
        earlier = [each for each in self._world.woken if wakes(each, self._guide)]
        last = earlier[-1].event if earlier else None
        found = "it did not happen" if last is None else f"last at {day_words(last.time, self._zone)}"
        return Gate(GateName.TRIGGER, text, found, Reason.NOT_TRIGGERED)

    def _schedule(self) -> Gate | None:
        node = self._guide.node
        clauses = [*every(node, From), *every(node, Expires), *every(node, OnlyOn), *every(node, OnlyBetween)]
        if not clauses:
            return None
        schedule, zone = self._guide.schedule, clock_of(self._world, self._guide)
        is_open = is_on_schedule(self._world, self._guide)
        found = f"it is {day_words(self._world.now, zone)}"
        if schedule.ends is not None and self._world.now >= schedule.ends:
            found += f", and it ended at {day_words(schedule.ends, self._zone)}"
        elif schedule.begins is not None and self._world.now < schedule.begins:
            found += f", and it begins at {day_words(schedule.begins, self._zone)}"
        text = "its schedule is open"
        return Gate(GateName.SCHEDULE, text, found, None if is_open else Reason.OUT_OF_SCHEDULE)

    def _quota(self) -> Gate | None:
        most = self._guide.stop_after
        if most is None:
            return None
        number = self._world.around.responses.get(self._guide.name, 0)
        reason = None if number < most else Reason.QUOTA_REACHED
        return Gate(GateName.QUOTA, f"it has fewer than {most} responses", f"it has {number}", reason)

    def _step(self) -> Gate | None:
        parts = self._parts(GateName.STEP)
        if not parts:
            return None
        text = f"the user is at {listed([place_words(each, self._project) for each in places(self._guide.node)], 'or')}"
        is_there = any(part.truth is Truth.TRUE for part in parts)
        return Gate(GateName.STEP, text, parts[0].found, None if is_there else Reason.NOT_AT_STEP)

    def _audience(self) -> Gate | None:
        parts = self._parts(GateName.AUDIENCE)
        if not parts:
            return None
        wanted, testers = one(self._guide.node, For), one(self._guide.node, Testers)
        words = [listed([segment_words(name, self._project) for name in wanted.segments], "or")] if wanted else []
        words += [segment_words(testers.segment, self._project)] if testers is not None else []
        is_in = all(part.truth is Truth.TRUE for part in parts)
        text = f"the user is one of the {' and of the '.join(words)}"
        return Gate(GateName.AUDIENCE, text, None, None if is_in else Reason.NOT_IN_AUDIENCE, parts)

    def _conditions(self) -> Gate | None:
        parts = self._parts(GateName.CONDITIONS)
        if not parts:
            return None
        reasons = {
            Truth.TRUE: None,
            Truth.FALSE: Reason.CONDITION_FALSE,
            Truth.UNKNOWN: Reason.CONDITION_UNKNOWN,
        }
        reason = reasons[all_of([part.truth for part in parts])]
        text = "all of this is so" if len(parts) > 1 else "this is so"
        return Gate(GateName.CONDITIONS, text, None, reason, parts)

    def _frequency(self) -> Gate | None:
        if self._guide.testers is not None or (self._guide.is_launcher and one(self._guide.node, Frequency) is None):
            return None
        seen = seen_of(self._world, self._guide.name)
        reason = capped(self._world, self._guide)
        words = frequency_words(one(self._guide.node, Frequency))
        found = f"shown {seen.count} times" if seen.count != 1 else "shown once"
        found = "not shown yet" if not seen.count else found
        found += f", the last at {day_words(seen.times[-1], self._zone)}" if seen.times else ""
        found += ", and completed" if seen.completed else ", and closed" if seen.dismissed else ""
        if reason is Reason.SNOOZED and seen.snoozed_until is not None:
            found += f"; snoozed until {day_words(seen.snoozed_until, self._zone)}"
        return Gate(GateName.FREQUENCY, f"the cap of {words} leaves room", found, reason)

    def _share(self) -> Gate | None:
        guide, person = self._guide, self._world.situation.person
        if guide.percent >= 100 and guide.sample >= 100:
            return None
        is_in = is_in_share(self._world, guide)
        if guide.sample < 100:
            every = guide.cap.every
            number = None if every is None else sample_round(guide.name, person, every=every, now=self._world.now)
            from_on = place(Salt.SAMPLE, guide.name, person, round_number=number)
            text = f"the user is in the sample of {guide.sample:g} %"
        else:
            from_on = place(Salt.ROLLOUT, guide.name, person)
            text = f"the user is in the rollout of {guide.percent:g} %"
        found = f"this user comes in from {share_words(from_on)} on"
        return Gate(GateName.SHARE, text, found, None if is_in else Reason.NOT_IN_ROLLOUT)

    def _limits(self) -> Gate | None:
        guide, ruleset = self._guide, self._world.ruleset
        if guide.is_launcher or (not guide.not_with and not ruleset.limits):
            return None
        is_open = has_room(self._world, guide)
        reason = None if is_open else Reason.GLOBAL_LIMIT
        return Gate(
            GateName.LIMITS, "limits across guides leave room for it", "they do" if is_open else "they do not", reason
        )

    def _last(self) -> Iterator[Gate]:
        """What only the decision can tell: who has the place, and what becomes of the guide that has it."""
        guide, reason = self._guide, self._world.reason(self._guide)
        person = self._world.situation.person
        if not guide.is_launcher:
            yield self._place(reason)
        share = guide.holdout
        if share > 0:
            held = is_held_out(guide.name, person, share)
            found = "the user is held out" if held else "the user is not held out"
            text = f"the user is outside the {share:g} % who do not see it, for comparison"
            yield Gate(GateName.HOLDOUT, text, found, Reason.HELD_OUT if held else None)
        if guide.is_draft:
            yield Gate(GateName.DRAFT, "it is not a draft", "it says `draft`", Reason.DRAFT)

    def _place(self, reason: Reason) -> Gate:
        decision = self._world.decision()
        holder = decision.winner.guide if decision.winner is not None else decision.held_out
        text = "no guide of a higher rank has the place"
        if reason is Reason.OUTRANKED:
            return Gate(GateName.PLACE, text, f"{quoted(plain(holder or ''))} has it", Reason.OUTRANKED)
        came_so_far = RANK[reason] > RANK[Reason.OUTRANKED]
        return Gate(GateName.PLACE, text, None if came_so_far else "not asked: it did not come so far")

    def _parts(self, name: GateName) -> tuple[Part, ...]:
        return tuple(self._part(line, in_segment=False) for line in self._lines.get(name, ()))

    def _part(self, line: Line, *, in_segment: bool) -> Part:
        inside = in_segment or isinstance(line.about, InSegment)
        below = tuple(self._part(each, in_segment=inside) for each in line.below)
        truths = [each.truth for each in below]
        truth = self._judge.truth_of_line(line, self._facts, truths, in_segment=in_segment)
        condition: Condition | None = line.about  # type: ignore[assignment]  # of a statement it is one
        found = None if below or condition is None else self._findings.words(condition, in_segment=in_segment)
        return Part(line.text, truth, found, line.about, line.joined, below)


def is_on_schedule(world: World, guide: CompiledGuide) -> bool:
    """True where the guide's schedule is open."""
    return guide.schedule.is_open(world.now, clock_of(world, guide))


def clock_of(world: World, guide: CompiledGuide) -> str:
    """The zone of the user's clock, where it is known; else the project's."""
    own = world.facts(guide).values.get(TIMEZONE.key)
    return own if isinstance(own, str) and is_zone(own) else world.ruleset.project.zone


def capped(world: World, guide: CompiledGuide) -> Reason | None:
    """Why its frequency keeps the guide away; None where it does not."""
    if guide.testers is not None:
        return None
    start = _moment(world).session_start
    return capped_by(guide.cap, seen_of(world, guide.name), now=world.now, session_start=start)


def is_in_share(world: World, guide: CompiledGuide) -> bool:
    """True where the person is in the guide's rollout and sample."""
    name, person = guide.name, world.situation.person
    return is_in_rollout(name, person, guide.percent) and is_in_sample(
        name, person, guide.sample, every=guide.cap.every, now=world.now
    )


def has_room(world: World, guide: CompiledGuide) -> bool:
    """True where `limits` and `not with` leave room for the guide."""
    ruleset, person, moment = world.ruleset, world.situation.person, _moment(world)
    if met_in_session(guide.not_with, {name: seen_of(world, name) for name in guide.not_with}, moment):
        return False
    if guide.testers is not None:
        return True
    known = [ruleset.by_name[name] for name in world.state.guides if name in ruleset.by_name]
    shows = [Shows(each.sort_for(person), seen_of(world, each.name)) for each in known]
    return leaves_room(ruleset.limits, guide.sort_for(person), shows, moment)


def seen_of(world: World, name: str) -> Exposures:
    """What the person has seen of a guide."""
    return exposures_of(world.state.guides.get(name))


def _moment(world: World) -> Moment:
    session = world.state.session_at(world.now)
    return Moment(world.now, session.start if session is not None else None)


def share_words(number: int) -> str:
    """A place on the scale of shares as the percentage from which it is in."""
    return f"{(number + 1) / 10_000:g} %"


def _lines(guide: CompiledGuide, project: RuleProject) -> dict[GateName, list[Line]]:
    """The statements of the gates that are made of conditions."""
    node = guide.node
    at = [AtPlace(each, span=each.span) for each in places(node)]
    audience, testers = one(node, For), one(node, Testers)
    names: list[Name] = [*(audience.segments if audience is not None else ())]
    lines = [explain_condition(InSegment(each, span=each.span), project) for each in names]
    either = [lines[0]] if len(lines) == 1 else [Line("one of these is so:", audience, True, Joined.ANY, tuple(lines))]
    found = {
        GateName.STEP: [explain_condition(each, project) for each in at],
        GateName.AUDIENCE: either if lines else [],
        GateName.CONDITIONS: [
            *(explain_condition(each.condition, project) for each in every(node, When)),
            *(explain_condition(each.condition, project, holds=False) for each in every(node, Unless)),
        ],
    }
    if testers is not None:
        only = InSegment(testers.segment, span=testers.span)
        found[GateName.AUDIENCE].append(explain_condition(only, project))
    return found


def _asked(line: Line, *, in_segment: bool = False) -> Iterator[tuple[Condition, bool]]:
    if not line.below and line.about is not None:
        condition: Condition = line.about  # type: ignore[assignment]
        yield condition, in_segment
    inside = in_segment or isinstance(line.about, InSegment)
    for each in line.below:
        yield from _asked(each, in_segment=inside)
