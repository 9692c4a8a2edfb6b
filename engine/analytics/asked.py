"""A funnel as somebody asks for it, in text, and what it means under the rules in force.

Reads the language where the question has some: a step's `where`, a condition on who counts. Computes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from dsl.checker import check_condition
from dsl.compiler import Compiler
from dsl.diagnostics import Severity, Span
from dsl.nodes import And, Comparison, Condition, Did, EventRef, NoneOf, Not, Or, Path, ShareOf, TextLiteral
from dsl.parser import parse_condition
from dsl.project import RuleProject
from dsl.values import Duration
from dsl.walk import nodes_of
from engine.analytics.conversion import Exclusion, Question
from engine.analytics.funnels import BadExclusion, Between, Order, Unit
from engine.analytics.groups import Grouping
from engine.analytics.wheres import StepEvent
from engine.errors import UnknownGuide, UnknownJourney, WaypostError

NOWHERE: Final = Span("", 0, 0, 1, 1)
"""The place of what stands in no file."""
_BETWEEN: Final = re.compile(r"(?P<event>.+?)\s+between\s+(?P<first>.+?)\s+and\s+(?P<last>.+)", re.DOTALL)
_WHERE: Final = re.compile(r'(?P<event>[^"].*?)\s+where\s+(?P<where>.+)', re.DOTALL)


class BadCondition(WaypostError):
    """A condition in a question that cannot be read or asked."""

    code = "bad_condition"

    def __init__(self, text: str, message: str, help_: str | None = None) -> None:
        super().__init__(f"in `{text}`: {message}" + (f"; {help_}" if help_ else ""))


class NoSuchStep(WaypostError):
    """A number of a step that the funnel does not have."""

    code = "funnel_no_such_step"

    def __init__(self, steps: int) -> None:
        super().__init__(f"the steps of this funnel are numbered from 1 to {steps}")


class BadBreakdown(WaypostError):
    """A breakdown that this question cannot have."""

    code = "funnel_breakdown"


@dataclass(frozen=True, slots=True)
class FunnelAsked:
    """What is asked, as text.

    journey, or steps: a journey of the rules, or events, each `NAME` or `NAME where CONDITION`. exclude: each
    `EVENT` or `EVENT between STEP and STEP`. where: a condition; `event.PROP` is asked of each event that fills a step,
    everything else of the person, as of now. breakdown: a trait, `account.TRAIT`, `persona`, `week` or `guide:NAME`;
    `trait:NAME` for a trait of such a name. everyone: see `engine.analytics.population`.
    """

    journey: str | None = None
    steps: tuple[str, ...] = ()
    window: Duration | None = None
    order: Order = Order.ORDERED
    unit: Unit = Unit.USER
    exclude: tuple[str, ...] = ()
    where: str | None = None
    breakdown: str | None = None
    everyone: bool = False
    with_simulated: bool = False


@dataclass(frozen=True, slots=True)
class PeopleWhere:
    """A condition on who counts."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Split:
    """A breakdown: `trait`, `account`, `guide`, `persona` or `week`, and the name of what."""

    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a question means. personas: those to break down by, with their conditions. people: who counts."""

    asked: FunnelAsked
    labels: tuple[str, ...]
    events: tuple[tuple[StepEvent, ...], ...]
    exclusions: tuple[Exclusion, ...] = ()
    people: PeopleWhere | None = None
    split: Split | None = None
    personas: Mapping[str, Condition] = field(default_factory=dict)

    @property
    def has_design(self) -> bool:
        """True where the steps are a design to compare with: in an order, and each another event."""
        return bool(self.events) and self.asked.order is not Order.ANY and len(set(self.events)) == len(self.events)

    def question(self, grouping: Grouping | None) -> Question:
        """The question, with its groups."""
        asked = self.asked
        return Question(
            labels=self.labels,
            events=self.events,
            exclusions=self.exclusions,
            window=asked.window,
            order=asked.order,
            unit=asked.unit,
            by_week=self.split is not None and self.split.kind == "week",
            grouping=grouping,
        )


def plan_of(asked: FunnelAsked, rules: RuleProject) -> Plan:
    """What a question means under rules. Raises UnknownJourney, BadCondition, BadExclusion, BadBreakdown."""
    compiler = Compiler(rules)
    if asked.journey is not None:
        journey = rules.journeys.get(asked.journey)
        if journey is None:
            raise UnknownJourney(asked.journey, list(rules.journeys))
        labels = [step.name.text for step in journey.steps]
        events = [tuple(step_event(ref, compiler) for ref in step.reached_by) for step in journey.steps]
    else:
        read = [read_event(text, rules) for text in asked.steps]
        labels = _told_apart([ref.name.value for ref in read], asked.steps)
        events = [(step_event(ref, compiler),) for ref in read]
    people, of_events = _split_where(asked.where, rules) if asked.where else (None, None)
    if of_events is not None:
        events = [tuple(_narrowed(event, of_events, compiler) for event in step) for step in events]
    split = _split_of(asked, rules)
    return Plan(
        asked=asked,
        labels=tuple(labels),
        events=tuple(events),
        exclusions=tuple(_exclusion(text, labels, rules, compiler) for text in asked.exclude),
        people=people,
        split=split,
        personas=personas_of(rules) if split is not None and split.kind == "persona" else {},
    )


def step_event(ref: EventRef, compiler: Compiler) -> StepEvent:
    """What an event reference of a rule counts: with the very condition that rules are decided with."""
    tracked = compiler.occurrence(ref)
    return StepEvent(tracked.name, () if tracked.where is None else (tracked.where,))


def read_event(text: str, rules: RuleProject) -> EventRef:
    """An event as somebody writes it: `NAME`, `NAME where CONDITION`, or as in a rule, with quotes.

    Raises BadCondition.
    """
    written, name = text.strip(), None
    if not written.startswith('"'):
        found = _WHERE.fullmatch(written)
        name = (found["event"] if found else written).strip()
        if found is None:
            return EventRef(TextLiteral(name, span=NOWHERE), span=NOWHERE)
        # Any name may stand there, and only the condition is in the language.
        written = f'"event" where {found["where"]}'
    condition = read_condition(f"did {written}", rules, shown=text, checks=False)
    if not isinstance(condition, Did) or condition != Did(condition.event, span=NOWHERE):
        raise BadCondition(
            text, "a step is an event, with a `where` or without", "such as `Purchase where amount > 100`"
        )
    event = condition.event
    return event if name is None else replace(event, name=TextLiteral(name, span=NOWHERE))


def read_condition(text: str, rules: RuleProject, *, shown: str | None = None, checks: bool = True) -> Condition:
    """A condition of the language, checked with what the rules declare. Raises BadCondition.

    shown: how it was written. checks: False for what may name events that nobody declared.
    """
    written = text if shown is None else shown
    parsed = parse_condition(text)
    found = list(parsed.diagnostics)
    if parsed.condition is not None and checks and not found:
        found += check_condition(parsed.condition, rules)
    errors = [each for each in found if each.severity is Severity.ERROR]
    if errors:
        raise BadCondition(written, errors[0].message, errors[0].help)
    if parsed.condition is None:
        raise BadCondition(written, "there is no condition")
    return parsed.condition


def _split_where(text: str, rules: RuleProject) -> tuple[PeopleWhere | None, Condition | None]:
    """A condition in two: what it asks of people, and what of each event."""
    whole = read_condition(text, rules, checks=False)
    terms = whole.terms if isinstance(whole, And) else (whole,)
    of_events = [term for term in terms if _asks_event(term)]
    of_people = [term for term in terms if not _asks_event(term)]
    for term in of_events:
        if not all(isinstance(node, _PLAIN) for node in nodes_of(term) if isinstance(node, _CONDITIONS)) or not all(
            path.parts[0] == "event" for path in nodes_of(term) if isinstance(path, Path)
        ):
            raise BadCondition(
                text, "what is asked of events and what is asked of people stands apart, joined by `and`"
            )
    people = _joined(of_people)
    if people is not None:
        errors = [each for each in check_condition(people, rules) if each.severity is Severity.ERROR]
        if errors:
            raise BadCondition(text, errors[0].message, errors[0].help)
    events = _joined([_without_prefix(term) for term in of_events])
    return None if people is None else PeopleWhere(people), events


_PLAIN: Final = (And, Or, Not, NoneOf, Comparison)
_CONDITIONS: Final = (And, Or, Not, NoneOf, Comparison, Did)


def _asks_event(term: Condition) -> bool:
    return any(isinstance(node, Path) and node.parts[0] == "event" and len(node.parts) > 1 for node in nodes_of(term))


def _joined(terms: Sequence[Condition]) -> Condition | None:
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else And(tuple(terms), span=terms[0].span)


def _without_prefix(term: Condition) -> Condition:
    """`event.reason` as the `where` of an event spells it: `reason`."""
    match term:
        case And() | Or() | NoneOf():
            return replace(term, terms=tuple(map(_without_prefix, term.terms)))
        case Not():
            return replace(term, term=_without_prefix(term.term))
        case Comparison():
            operands = tuple(
                replace(each, of=_shortened(each.of)) if isinstance(each, ShareOf) else each for each in term.operands
            )
            return replace(term, subject=_shortened(term.subject), operands=operands)
        case _:
            return term


def _shortened(path: Path) -> Path:
    return replace(path, parts=path.parts[1:])


def _narrowed(event: StepEvent, condition: Condition, compiler: Compiler) -> StepEvent:
    more = step_event(EventRef(TextLiteral(event.name, span=NOWHERE), condition, span=NOWHERE), compiler)
    return replace(event, wheres=(*event.wheres, *more.wheres))


def _exclusion(text: str, labels: Sequence[str], rules: RuleProject, compiler: Compiler) -> Exclusion:
    found = _BETWEEN.fullmatch(text.strip())
    if found is None or not {found["first"].strip(), found["last"].strip()} <= set(labels):
        if found is not None and " where " not in text:
            named = ", ".join(f"`{name}`" for name in labels)
            raise BadExclusion(f"`{text}` lies between steps that this funnel does not have; its steps are {named}")
        return Exclusion((step_event(read_event(text, rules), compiler),))
    first, last = labels.index(found["first"].strip()), labels.index(found["last"].strip())
    return Exclusion((step_event(read_event(found["event"], rules), compiler),), Between(first, last))


def _split_of(asked: FunnelAsked, rules: RuleProject) -> Split | None:
    text = asked.breakdown
    if text is None:
        return None
    kind, mark, name = text.partition(":")
    if text == "week":
        return Split("week")
    if text.startswith("account."):
        return Split("account", text.removeprefix("account."))
    if mark and kind == "guide":
        if name not in rules.guides:
            raise UnknownGuide(name, list(rules.guides))
        found = Split("guide", name)
    elif text == "persona":
        if not personas_of(rules):
            raise BadBreakdown('no persona is declared in the rules in force: `persona NAME "Label" where …`')
        found = Split("persona")
    else:
        found = Split("trait", name if mark and kind == "trait" else text)
    if asked.unit is Unit.ACCOUNT:
        raise BadBreakdown("accounts are broken down by `week` or by a trait of theirs, `account.TRAIT`")
    return found


def personas_of(rules: RuleProject) -> Mapping[str, Condition]:
    """The condition of each persona that the rules declare, by its name."""
    return {name: segment.where for name, segment in rules.segments.items() if segment.is_persona}


def _told_apart(names: Sequence[str], texts: Sequence[str]) -> list[str]:
    """The names of steps; of an event that stands in several with different conditions, the whole text."""
    return [name if list(names).count(name) == 1 else text.strip() for name, text in zip(names, texts, strict=True)]
