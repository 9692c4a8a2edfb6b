"""From the words of a file to its tree: the builder that the parser calls as it reduces."""

from __future__ import annotations

from typing import NamedTuple

from lark import Token

from dsl.codes import syntax
from dsl.nodes import (
    Attribute,
    Channel,
    ClickSource,
    Condition,
    Declaration,
    DurationLiteral,
    EventDeclaration,
    EventRef,
    Feature,
    Import,
    Journey,
    Name,
    Node,
    Property,
    Segment,
    Stage,
    Step,
    TextLiteral,
    Touchpoint,
)
from dsl.transform.guides import GuideBuilder
from dsl.transform.literals import Children
from dsl.values import Kind, ValueType


class Part(NamedTuple):
    """A clause of a step or a journey: what it says, and where."""

    word: Token
    events: tuple[EventRef, ...] = ()
    touchpoints: tuple[Touchpoint, ...] = ()
    duration: DurationLiteral | None = None


class Typed(NamedTuple):
    """A type, and its last word."""

    type: ValueType
    last: Token


class Properties(NamedTuple):
    """`{ … }` of an event, with its closing brace."""

    properties: tuple[Property, ...]
    last: Token


class Audience(NamedTuple):
    """`for PERSONA, …` of a feature, with its last word."""

    names: tuple[Name, ...]
    last: Token


class Builder(GuideBuilder):
    """Makes whole programs of words."""

    def program(self, children: Children) -> tuple[Declaration, ...]:
        return tuple(children)

    def lone_condition(self, children: Children) -> Condition:
        condition: Condition = children[0]
        return condition

    # Attributes and events

    def attribute(self, children: Children) -> Attribute:
        word, name, _, source, _, typed, _, default = children
        return Attribute(
            self.name(name),
            typed.type,
            word.type == "ACCOUNT_ATTRIBUTE",
            self.optional_text(source),
            default,
            span=self.span(word, typed.last if default is None else default),
        )

    def simple_type(self, children: Children) -> Typed:
        return Typed(ValueType(Kind(" ".join(children[0].split()))), children[0])

    def one_of_type(self, children: Children) -> Typed:
        texts = [self.literal_text(token) for token in children[1::2]]
        allowed: dict[str, None] = {}
        for text in texts:
            if text.value in allowed:
                self.diagnostics.append(
                    syntax.TWICE.at(
                        text.span, f'"{text.value}" stands in this list twice', help="leave one of them out"
                    )
                )
            allowed[text.value] = None
        return Typed(ValueType(Kind.ONE_OF, tuple(allowed)), children[-1])

    def event_declaration(self, children: Children) -> EventDeclaration:
        word, name, properties, click = children
        last = click or (properties and properties.last) or name
        return EventDeclaration(
            self.literal_text(name),
            () if properties is None else properties.properties,
            click,
            span=self.span(word, last),
        )

    def properties(self, children: Children) -> Properties:
        return Properties(tuple(child for child in children if isinstance(child, Property)), children[-1])

    def property(self, children: Children) -> Property:
        name, _, typed = children
        return Property(self.name(name), typed.type, span=self.span(name, typed.last))

    def click_source(self, children: Children) -> ClickSource:
        word, selector, _, page = children
        return ClickSource(
            self.literal_text(selector), self.optional_text(page), span=self.span(word, page or selector)
        )

    # Journeys

    def journey(self, children: Children) -> Journey:
        word, name, label, _, *parts, end = children
        stages = tuple(part for part in parts if isinstance(part, Stage))
        clauses = [part for part in parts if isinstance(part, Part)]
        return Journey(
            self.name(name),
            self.optional_text(label),
            stages,
            tuple(event for clause in clauses for event in clause.events),
            self._duration_of(clauses),
            span=self.span(word, end),
        )

    def stage(self, children: Children) -> Stage:
        word, name, label, phase, _, *steps, end = children
        return Stage(self.name(name), self.optional_text(label), tuple(steps), phase, span=self.span(word, end))

    def phase(self, children: Children) -> TextLiteral:
        _, *words = children
        span = self.span(words[0], words[-1])
        if words[0].type == "STRING":
            return TextLiteral(self.literal_text(words[0]).value, span=span)
        return TextLiteral(" ".join(self.name(word).text for word in words), span=span)

    def step(self, children: Children) -> Step:
        word, name, label, *clauses = children
        last: Node | Token = label or name
        for clause in clauses:
            last = clause.duration or (clause.events and clause.events[-1]) or clause.touchpoints[-1]
        return Step(
            self.name(name),
            self.optional_text(label),
            tuple(event for clause in clauses if clause.word.type == "REACHED_BY" for event in clause.events),
            tuple(event for clause in clauses if clause.word.type == "ATTEMPTED_BY" for event in clause.events),
            tuple(touchpoint for clause in clauses for touchpoint in clause.touchpoints),
            self._duration_of(clauses),
            span=self.span(word, last),
        )

    def _duration_of(self, clauses: list[Part]) -> DurationLiteral | None:
        given = [clause for clause in clauses if clause.duration is not None]
        for clause in given[1:]:
            words = " ".join(clause.word.split())
            self.diagnostics.append(
                syntax.TWICE.at(
                    self.span(clause.word, clause.word),
                    f"`{words}` stands here a second time",
                    help="leave one of them out",
                )
            )
        return given[0].duration if given else None

    def reached_by(self, children: Children) -> Part:
        return Part(children[0], events=self._refs(children))

    def attempted_by(self, children: Children) -> Part:
        return Part(children[0], events=self._refs(children))

    def outcome(self, children: Children) -> Part:
        return Part(children[0], events=self._refs(children))

    def touchpoints(self, children: Children) -> Part:
        return Part(children[0], touchpoints=tuple(children[1::2]))

    def touchpoint(self, children: Children) -> Touchpoint:
        text, _, channel = children
        return Touchpoint(
            self.literal_text(text),
            None if channel is None else Channel(str(channel)),
            span=self.span(text, channel or text),
        )

    def expect_within(self, children: Children) -> Part:
        word, length = children
        return Part(word, duration=self.duration(length))

    def gives_up(self, children: Children) -> Part:
        word, length = children
        return Part(word, duration=self.duration(length))

    def event_name(self, children: Children) -> EventRef:
        text = self.literal_text(children[0])
        return EventRef(text, span=text.span)

    def event_where(self, children: Children) -> EventRef:
        return self.event_ref(children)

    def _refs(self, children: Children) -> tuple[EventRef, ...]:
        return tuple(child for child in children if isinstance(child, EventRef))

    # Features and segments

    def feature(self, children: Children) -> Feature:
        word, name, label, *clauses, audience = children
        refs = tuple(event for clause in clauses for event in clause.events)
        return Feature(
            self.name(name),
            self.optional_text(label),
            refs,
            () if audience is None else audience.names,
            span=self.span(word, refs[-1] if audience is None else audience.last),
        )

    def used_by(self, children: Children) -> Part:
        return Part(children[0], events=self._refs(children))

    def audience(self, children: Children) -> Audience:
        return Audience(self.names(children[1:]), children[-1])

    def segment(self, children: Children) -> Segment:
        return self._segment(children, is_persona=False)

    def persona(self, children: Children) -> Segment:
        return self._segment(children, is_persona=True)

    def _segment(self, children: Children, *, is_persona: bool) -> Segment:
        word, name, label, _, condition = children
        return Segment(
            self.name(name), self.optional_text(label), condition, is_persona, span=self.span(word, condition)
        )

    def import_file(self, children: Children) -> Import:
        word, name = children
        return Import(self.literal_text(name), span=self.span(word, name))
