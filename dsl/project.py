"""All the rules of one project, read and checked: what the compiler, the engine and the commands build on.

A project is a set of files with one namespace. Loading never raises on any text; what is wrong is in `diagnostics`,
and only a project that is `ok` may be published or compiled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from dsl.analysis import analyse
from dsl.catalog import BUILT_IN_EVENTS, Catalog, Seen, catalog_of
from dsl.checker import Memory, check
from dsl.diagnostics import Diagnostic, Severity
from dsl.kept import KeptGuides
from dsl.limits import set_too_large
from dsl.nodes import (
    Attribute,
    Declaration,
    EventDeclaration,
    EventRef,
    Feature,
    Goal,
    Guide,
    GuideKind,
    Journey,
    Limits,
    PlaceRef,
    Program,
    Record,
    Segment,
    Step,
)
from dsl.parser import parse
from dsl.parser.reader import Parsed
from dsl.rereading import reread
from dsl.values import Instant

NOTHING_SEEN = Seen()

Kind = TypeVar("Kind", bound=Declaration)
Named = TypeVar("Named", Journey, Segment, Feature, Guide)


@dataclass(frozen=True, slots=True)
class RuleProject:
    """What some files declare, by name; of two declarations of one name, the first.

    guides: of all kinds (guides, surveys, feedback). segments: personas too.
    zone: the project's time zone, in which a date alone begins and calendar days are counted.
    at: the instant for which it was checked, where one was given (`expired` is judged by it).
    only_mentioned: events that nothing declares but a `reached by`, `attempted by`, `outcome` or `goal`.
    """

    catalog: Catalog
    journeys: Mapping[str, Journey]
    segments: Mapping[str, Segment]
    features: Mapping[str, Feature]
    guides: Mapping[str, Guide]
    limits: tuple[Limits, ...]
    recorded: tuple[Record, ...]
    sources: Mapping[str, str]
    programs: Mapping[str, Program]
    zone: str = "UTC"
    seen: Seen = field(default_factory=Seen)
    at: Instant | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    only_mentioned: frozenset[str] = frozenset()
    mentioned: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """Events that `reached by`, `attempted by`, `outcome` and `goal` name."""
    clicked: tuple[EventDeclaration, ...] = ()
    """Events that the snippet sends (`when clicked`)."""

    @property
    def ok(self) -> bool:
        """True when there is no error; warnings may remain."""
        return not any(each.severity is Severity.ERROR for each in self.diagnostics)

    @property
    def kinds(self) -> Mapping[str, GuideKind]:
        """What each guide is, by name."""
        if isinstance(self.guides, KeptGuides):
            return self.guides.kinds
        return {name: guide.kind for name, guide in self.guides.items()}

    def steps_at(self, place: PlaceRef) -> tuple[Step, ...]:
        """The step that a place names, or the steps of the stage that it names, in order; () for an unknown place."""
        journey = self.journeys.get(place.journey.text)
        if journey is None:
            return ()
        for step in journey.steps:
            if step.name.text == place.place.text:
                return (step,)
        for stage in journey.stages:
            if stage.name.text == place.place.text:
                return stage.steps
        return ()


def load(
    files: Mapping[str, str],
    *,
    seen: Seen = NOTHING_SEEN,
    at: Instant | None = None,
    zone: str = "UTC",
    before: Before | None = None,
) -> RuleProject:
    """Parse and check files, given by name: every error and warning of all of them in one run.

    seen: what live data has shown. at: the instant at which guides are judged to have expired; without it none is.
    before: what is remembered of the last time, and is of this time afterwards; the result is the same without it.
    """
    large = set_too_large(files)
    if large is not None:
        return replace(assembled({}, files, seen=seen, at=at, zone=zone), diagnostics=(large,))
    before = Before(lasts=False) if before is None else before
    parsed = before.read(files)
    project = assembled({name: each.program for name, each in parsed.items()}, files, seen=seen, at=at, zone=zone)
    found = [diagnostic for each in parsed.values() for diagnostic in each.diagnostics]
    found += [each for each in check(project, found, before.checked) if not _is_covered(each, found)]
    found += analyse(project, found, before.analysed)
    return replace(project, diagnostics=in_order(found, tuple(files)))


class Before:
    """What is remembered of files that are loaded again and again while people edit them. For one thread at a time."""

    def __init__(self, *, lasts: bool = True) -> None:
        """lasts: False where there will be no next time; then nothing is remembered."""
        self.checked = Memory(lasts=lasts)
        self.analysed = Memory(lasts=lasts)
        self._files: dict[str, tuple[str, Parsed]] = {}

    def read(self, files: Mapping[str, str]) -> Mapping[str, Parsed]:
        """The files as they are parsed; of what changed since the last time, as little as is sound."""
        self._files = {name: (text, self._parsed(name, text)) for name, text in files.items()}
        return {name: parsed for name, (_, parsed) in self._files.items()}

    def _parsed(self, name: str, text: str) -> Parsed:
        if name not in self._files:
            return parse(text, file=name)
        old_text, old = self._files[name]
        return old if old_text == text else reread(old_text, old, text, file=name, moved=self._moved)

    def _moved(self, old: Declaration, new: Declaration) -> None:
        self.checked.moved(old, new)
        self.analysed.moved(old, new)


def project_of(
    programs: Mapping[str, Program],
    *,
    seen: Seen = NOTHING_SEEN,
    at: Instant | None = None,
    zone: str = "UTC",
) -> RuleProject:
    """The project of programs that were parsed before, or built by hand, with what the checker finds in them."""
    project = assembled(programs, {}, seen=seen, at=at, zone=zone)
    found = check(project)
    return replace(project, diagnostics=in_order([*found, *analyse(project, found)], tuple(programs)))


def assembled(
    programs: Mapping[str, Program], sources: Mapping[str, str], *, seen: Seen, at: Instant | None, zone: str
) -> RuleProject:
    """What parsed programs declare, not checked."""
    declarations = [each for program in programs.values() for each in program.declarations]
    mentioned = [ref.name.value for each in declarations for ref in declaring_mentions(each)]
    declared = Declared(declarations, _first_by_name(Guide, declarations), tuple(dict.fromkeys(mentioned)))
    return project_from(declared, dict(programs), dict(sources), seen=seen, at=at, zone=zone)


@dataclass(frozen=True, slots=True)
class Declared:
    """What a project declares: its guides by name, and all the rest. mentioned: see `RuleProject`."""

    rest: Sequence[Declaration]
    guides: Mapping[str, Guide]
    mentioned: tuple[str, ...]


def project_from(
    declared: Declared,
    programs: Mapping[str, Program],
    sources: Mapping[str, str],
    *,
    seen: Seen,
    at: Instant | None,
    zone: str,
) -> RuleProject:
    """A project, not checked, of what is known to be declared."""
    events = _all(EventDeclaration, declared.rest)
    only_mentioned = frozenset(declared.mentioned) - {each.name.value for each in events} - seen.events.keys()
    return RuleProject(
        catalog=catalog_of(_all(Attribute, declared.rest), events, mentioned=declared.mentioned, seen=seen),
        journeys=_first_by_name(Journey, declared.rest),
        segments=_first_by_name(Segment, declared.rest),
        features=_first_by_name(Feature, declared.rest),
        guides=declared.guides,
        limits=tuple(_all(Limits, declared.rest)),
        recorded=tuple(_all(Record, declared.rest)),
        sources=sources,
        programs=programs,
        zone=zone,
        seen=seen,
        at=at,
        only_mentioned=only_mentioned - BUILT_IN_EVENTS.keys(),
        mentioned=declared.mentioned,
        clicked=tuple(each for each in events if each.click is not None),
    )


def declaring_mentions(declaration: Declaration) -> tuple[EventRef, ...]:
    """The events that a declaration declares by naming them: in `reached by`, `attempted by`, `outcome` and `goal`."""
    match declaration:
        case Journey():
            steps = declaration.steps
            named = [ref for step in steps for ref in (*step.reached_by, *step.attempted_by)]
            return (*named, *declaration.outcomes)
        case Guide():
            return tuple(clause.event for clause in declaration.clauses if isinstance(clause, Goal))
        case _:
            return ()


def _all(kind: type[Kind], declarations: Sequence[Declaration]) -> list[Kind]:
    return [each for each in declarations if isinstance(each, kind)]


def _first_by_name(kind: type[Named], declarations: Sequence[Declaration]) -> Mapping[str, Named]:
    found: dict[str, Named] = {}
    for each in _all(kind, declarations):
        found.setdefault(each.name.text, each)
    return MappingProxyType(found)


def _is_covered(diagnostic: Diagnostic, unread: Sequence[Diagnostic]) -> bool:
    """True where the parser has said what is wrong at this place: one message a place is enough."""
    here = diagnostic.span
    return any(
        each.span.file == here.file and each.span.start <= here.start < max(each.span.end, each.span.start + 1)
        for each in unread
    )


def in_order(found: Sequence[Diagnostic], files: Sequence[str]) -> tuple[Diagnostic, ...]:
    """By file as given, then by place, then errors first; a message that two rules give stands once."""
    place = {name: number for number, name in enumerate(files)}
    unique = dict.fromkeys(found)
    return tuple(
        sorted(
            unique, key=lambda each: (place.get(each.span.file, len(place)), each.span.start, each.severity, each.code)
        )
    )
