"""Which events count for a need: tests of one event, made from the needs' own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from dsl.compiler import compile_where
from dsl.facts import Facts, GuideView, JourneyView
from dsl.needs import Activity, Attribute, Feeling, Occurrence, Shown, Slot, Tracked
from dsl.values import Instant, JsonValue, Missing, Value, read_value
from engine.events import Event, GuideEvent, is_activity
from engine.sessions import Session

Fits = Callable[[Event], bool]


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with what it meant: what was felt where, which steps it reached first, in which session it lies."""

    event: Event
    felt: Sequence[tuple[str, str, tuple[str, ...]]] = ()
    """Journey, step, feelings."""
    reached: Sequence[tuple[str, str]] = ()
    """Journey, step."""
    session: Session | None = None


Counts = Callable[[Happening], bool]


@dataclass(frozen=True, slots=True)
class EventFacts:
    """The facts of one event alone: what a `where` may ask."""

    now: Instant
    values: Mapping[str, Value]
    unreadable: frozenset[str] = frozenset()
    slots: Mapping[str, Slot] = field(default_factory=dict)
    journeys: Mapping[str, JourneyView] = field(default_factory=dict)
    guides: Mapping[str, GuideView] = field(default_factory=dict)
    stood_around: Mapping[str, frozenset[str | None]] = field(default_factory=dict)

    def members(self) -> Iterable[Facts]:
        """Nobody."""
        return ()

    def friction(self, journey: str, steps: Sequence[str]) -> float:  # noqa: ARG002
        """None."""
        return 0.0

    def recall(self, key: str) -> Slot | None:  # noqa: ARG002
        """Nothing."""
        return None


def property_of(properties: Mapping[str, JsonValue], name: str) -> JsonValue:
    """A property by its name; dots reach into objects where no property has the name itself."""
    if name in properties or "." not in name:
        return properties.get(name)
    found: JsonValue = dict(properties)
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def read_properties(
    properties: Mapping[str, JsonValue], reads: Iterable[Attribute]
) -> tuple[dict[str, Value], frozenset[str]]:
    """The properties asked for, as their types, by `Attribute.key`; and the keys of those that cannot be read."""
    values: dict[str, Value] = {}
    unreadable: list[str] = []
    for attribute in reads:
        value = read_value(property_of(properties, attribute.name), attribute.type)
        if value is Missing.UNREADABLE:
            unreadable.append(attribute.key)
        elif not isinstance(value, Missing):
            values[attribute.key] = value
    return values, frozenset(unreadable)


def fits(tracked: Tracked) -> Fits:
    """A test of events that have the name: is the `where` true of it? Relative times count from the event's own."""
    if tracked.where is None:
        return lambda event: True  # noqa: ARG005
    compiled = compile_where(tracked.where)
    holds, reads = compiled.holds, compiled.reads

    def is_true_of(event: Event) -> bool:
        values, unreadable = read_properties(event.properties, reads)
        return holds(EventFacts(event.time, values, unreadable))

    return is_true_of


def names_of(occurrence: Occurrence) -> frozenset[str] | None:
    """The names of events that may count; None for any."""
    match occurrence:
        case Tracked():
            return frozenset({occurrence.name})
        case Shown():
            return frozenset({GuideEvent.SHOWN.value})
        case Feeling():
            return frozenset({GuideEvent.ANSWERED.value})
        case Activity():
            return None
        case _:
            assert_never(occurrence)


def counts(occurrence: Occurrence) -> Counts:
    """A test of events that have one of `names_of`."""
    match occurrence:
        case Tracked():
            test = fits(occurrence)
            return lambda happening: test(happening.event)
        case Shown():
            guides = frozenset(occurrence.guides)
            return lambda happening: _guide_of(happening.event) in guides
        case Feeling():
            return lambda happening: _was_felt(occurrence, happening)
        case Activity():
            return lambda happening: is_activity(happening.event)
        case _:
            assert_never(occurrence)


def _was_felt(wanted: Feeling, happening: Happening) -> bool:
    return any(
        journey == wanted.journey and step in wanted.steps and not set(feelings).isdisjoint(wanted.feelings)
        for journey, step, feelings in happening.felt
    )


def _guide_of(event: Event) -> str | None:
    guide = event.properties.get("guide")
    return guide if isinstance(guide, str) else None
