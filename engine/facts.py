"""The facts of one person at one instant, as compiled conditions ask for them.

Reads received values as the types that the rules declare; decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dsl.facts import Facts
from dsl.needs import Attribute, Slot, Source
from dsl.values import Instant, JsonValue, Missing, Value, read_value
from engine.context import FROM_CONTEXT, base_language, described
from engine.events import Event
from engine.exposures import GuideHistory
from engine.friction import friction
from engine.journeys import JourneyProgress
from engine.occurrences import property_of
from engine.state import StatePlan, UserState, Woken, new_state, replay

Log = Callable[[], Iterable[Event] | None]
"""The whole history of the person, in any order, or None where it is not all kept; read only for slots that
overflowed."""


@dataclass(frozen=True, slots=True)
class UserFacts:
    """What conditions may ask of a person; see `dsl.facts.Facts` for the meaning of each member."""

    plan: StatePlan = field(repr=False)
    now: Instant
    values: Mapping[str, Value]
    unreadable: Container[str]
    slots: Mapping[str, Slot]
    journeys: Mapping[str, JourneyProgress]
    guides: Mapping[str, GuideHistory]
    stood_around: Mapping[str, Collection[str | None]]
    others: Callable[[], Iterable[Mapping[str, Slot]]] | None = field(default=None, repr=False)
    log: Log | None = field(default=None, repr=False)
    _frictions: dict[tuple[str, tuple[str, ...]], float] = field(default_factory=dict, compare=False, repr=False)
    """What was asked already: many rules ask the same."""

    def members(self) -> Iterable[Facts]:
        """This person, then the other users of the account."""
        yield self
        for slots in self.others() if self.others is not None else ():
            yield UserFacts(self.plan, self.now, {}, (), slots, {}, {}, {})

    def friction(self, journey: str, steps: Sequence[str]) -> float:
        """The friction of this person at steps of a journey."""
        key = (journey, tuple(steps))
        known = self._frictions.get(key)
        if known is None:
            progress = self.journeys.get(journey)
            found = {} if progress is None else progress.steps
            signals = [found[step].signals for step in steps if step in found]
            known = self._frictions[key] = friction(*signals) if any(signals) else 0.0
        return known

    def recall(self, key: str) -> Slot | None:
        """The slot without its limit, from the log."""
        if self.log is None or key not in self.plan.kept:
            return None
        history = self.log()
        if history is None:
            return None
        events = [event for event in history if event.time <= self.now]
        return replay(self.plan.without_limit(key), events).slots.get(key)


def facts_of(
    plan: StatePlan,
    state: UserState | None,
    *,
    now: Instant,
    context: Mapping[str, JsonValue] | None = None,
    woken: Woken | None = None,
    account: Mapping[str, JsonValue] | None = None,
    others: Callable[[], Iterable[Mapping[str, Slot]]] | None = None,
    log: Log | None = None,
) -> UserFacts:
    """The facts of a person.

    now: the instant of the decision; never before the latest event that the state holds: an earlier one, of a clock
    that was put back, counts as that event's time. woken: the trigger, for rules with `on`. account: what is known of
    the account from all its users, if more than the state says. others: the account-wide slots of its other users
    (`engine.accounts`), read only where a condition asks for them. log: for slots that overflowed.
    """
    state = new_state(plan) if state is None else state
    values, unreadable = _values_of_person(plan, state)
    reader = _Reader(plan, dict(values), set(unreadable))
    if account is not None:
        reader.read(Source.ACCOUNT, account)
    told = described(context) if context else {}
    reader.read(Source.CONTEXT, told)
    reader.fill_in(told, state)
    if woken is not None:
        reader.read_event(woken.event.properties)
    return UserFacts(
        plan=plan,
        now=now if state.position is None else max(now, state.position[0]),
        values=reader.values,
        unreadable=reader.unreadable,
        slots=state.slots,
        journeys=state.journeys,
        guides=state.guides,
        stood_around=_stood_around(state, woken),
        others=others,
        log=log,
    )


def unreadable_traits(plan: StatePlan, state: UserState) -> tuple[str, ...]:
    """The names of a person's traits, and answers, that cannot be read as what the rules take them for."""
    keys = _values_of_person(plan, state)[1]
    found = {attribute.name: None for attribute in _all_attributes(plan) if attribute.key in keys}
    return tuple(sorted(found))


def _all_attributes(plan: StatePlan) -> Iterable[Attribute]:
    return (each for by_name in plan.attributes.values() for found in by_name.values() for each in found)


def _stood_around(state: UserState, woken: Woken | None) -> Mapping[str, Collection[str | None]]:
    if woken is None:
        return {name: (progress.standing,) for name, progress in state.journeys.items()}
    after = woken.stands_after
    return {name: (before, after.get(name)) for name, before in woken.stood_before.items()}


def _values_of_person(plan: StatePlan, state: UserState) -> tuple[dict[str, Value], set[str]]:
    """What the state alone tells, kept beside it until its traits change."""
    kept = state.read
    if isinstance(kept, _Reader) and kept.plan is plan:
        return kept.values, kept.unreadable
    reader = _Reader(plan, {}, set())
    reader.read(Source.USER, _own_traits(state))
    reader.read(Source.ACCOUNT, state.account)
    reader.read(
        Source.ANSWER,
        {
            f"{guide}.{question}": answer.value
            for guide, history in state.guides.items()
            for question, answer in history.answers.items()
        },
    )
    if state.first_seen is not None:
        for attribute in plan.attributes.get(Source.USER, {}).get("first_seen", ()):
            reader.values[attribute.key] = state.first_seen
    state.read = reader
    return reader.values, reader.unreadable


def _own_traits(state: UserState) -> dict[str, JsonValue]:
    """The traits as received, with what is built in."""
    traits: dict[str, JsonValue] = dict(state.traits)
    tag = traits.get("language") or traits.get("locale")
    if isinstance(tag, str):
        traits["language"] = base_language(tag)
    if state.user_id is not None:
        traits["user_id"] = state.user_id
    return traits


@dataclass(slots=True)
class _Reader:
    """Reads raw values as the attributes that a plan's conditions ask for."""

    plan: StatePlan
    values: dict[str, Value]
    unreadable: set[str]

    def read(self, source: Source, raw: Mapping[str, JsonValue]) -> None:
        """Take raw values by name; what is unset or blank becomes its default."""
        for name, attributes in self.plan.attributes.get(source, {}).items():
            for attribute in attributes:
                self._take(attribute, raw.get(name))

    def fill_in(self, told: Mapping[str, JsonValue], state: UserState) -> None:
        """Take from the context what no trait tells."""
        names = FROM_CONTEXT & told.keys()
        traits = _own_traits(state) if names else {}
        for name in names:
            for attribute in self.plan.attributes.get(Source.USER, {}).get(name, ()):
                if read_value(traits.get(name), attribute.type) is Missing.UNSET:
                    self._take(attribute, told[name])

    def read_event(self, properties: Mapping[str, JsonValue]) -> None:
        """Take the properties of the triggering event; an event has few, the rules may ask for many."""
        wanted = self.plan.attributes.get(Source.EVENT, {})
        for name in (*(wanted.keys() & properties.keys()), *self.plan.nested_properties):
            for attribute in wanted[name]:
                self._take(attribute, property_of(properties, name))

    def _take(self, attribute: Attribute, raw: JsonValue) -> None:
        read = read_value(raw, attribute.type)
        if read is Missing.UNREADABLE:
            self.unreadable.add(attribute.key)
            self.values.pop(attribute.key, None)
            return
        self.unreadable.discard(attribute.key)
        if not isinstance(read, Missing):
            self.values[attribute.key] = read
        elif attribute.default is not None:
            self.values[attribute.key] = attribute.default
        else:
            self.values.pop(attribute.key, None)
