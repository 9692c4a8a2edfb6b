"""Where the checks put what they find, and how a name is looked up with a message if it is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Final, assert_never

from dsl.catalog import EventType
from dsl.checker.salvage import Salvaged, salvage
from dsl.checker.soundness import Soundness
from dsl.codes import Code, names, warnings
from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.nodes import Declaration, Feature, Guide, GuideKind, Journey, Name, Node, PlaceRef, Segment, Step, TextLiteral
from dsl.suggest import did_you_mean, nearest
from dsl.walk import nodes_of

if TYPE_CHECKING:
    # The project is loaded by way of the checker, so the checker knows it by its type only.
    from dsl.project import RuleProject

MOST_MESSAGES: Final = 100
"""Errors about one declaration, and as many warnings; what is wrong beyond them is found once these are put right."""


class Sort(Enum):
    """What a name may stand for."""

    SEGMENT = "segment or persona"
    GUIDE = "guide or survey"
    SURVEY = "survey"
    JOURNEY_OR_GUIDE = "journey, guide or survey"

    @property
    def declared_by(self) -> frozenset[str]:
        """The words that declare such a thing."""
        if self is Sort.SEGMENT:
            return frozenset({"segment", "persona"})
        guides = frozenset({"guide", "survey", "feedback"})
        return guides | {"journey"} if self is Sort.JOURNEY_OR_GUIDE else guides


class Report:
    """Collects messages about one project. unread: what the parser found; there the text says more than the tree."""

    def __init__(self, project: RuleProject, unread: Sequence[Diagnostic] = ()) -> None:
        self.project = project
        broken = {each.span.file for each in unread}
        self.salvaged: Salvaged = salvage(text for name, text in project.sources.items() if name in broken)
        """Names whose declarations could not be read: nothing is said about a mention of them."""
        self._read = Soundness(unread)
        self._nodes: dict[int, tuple[Node, ...]] = {}
        self._found: list[Diagnostic] = []
        self._left: dict[Severity, int] | None = None
        self._said: set[tuple[str, Span]] = set()

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """Everything added so far."""
        return tuple(self._found)

    def add(self, diagnostic: Diagnostic) -> None:
        """Take up a message, unless the declaration looked at has as many of its severity as anybody reads."""
        if self._left is not None:
            if self._left[diagnostic.severity] == 0:
                return
            self._left[diagnostic.severity] -= 1
        self._found.append(diagnostic)
        self._said.add((diagnostic.code, diagnostic.span))

    def about(self, find: Callable[[], None]) -> tuple[Diagnostic, ...]:
        """The messages that one look at a declaration adds; they are not added to the others."""
        mark = len(self._found)
        before, self._left = self._left, dict.fromkeys(Severity, MOST_MESSAGES)
        try:
            find()
        finally:
            self._left = before
        found = tuple(self._found[mark:])
        del self._found[mark:]
        return found

    def has_said(self, code: Code, span: Span) -> bool:
        """True when the message was given at this very place."""
        return (code.id, span) in self._said

    def is_whole(self, node: Node) -> bool:
        """True when all of the node's text could be read, so that what is not there is really missing."""
        return self._read.of(node)

    def unknown(
        self,
        code: Code,
        span: Span,
        message: str,
        name: str,
        known: Iterable[str],
        *,
        write: Callable[[str], str],
        otherwise: str | None = None,
    ) -> None:
        """Add a message about a name that is not known.

        The help names the nearest of `known`, else `otherwise`. `write` says how a name is written in the text.
        """
        if self._left is not None and self._left[code.severity] == 0:
            return  # Looking for what may be meant takes longer than all else.
        near = nearest(name, known)
        shown = did_you_mean([_shown(write(each)) for each in near])
        fix = write(near[0]) if len(near) == 1 else None
        self.add(code.at(span, message, help=shown or otherwise, fix=fix))

    def twice(self, declared: Iterable[Name], *, what: str) -> None:
        """Say that a name is declared a second time, for each that is."""
        first: dict[str, Name] = {}
        for name in declared:
            if name.text in first:
                message = f"{what} `{name.text}` is declared twice"
                help_ = f"the first is in {place_words(first[name.text].span, name.span)}; give this one another name"
                self.add(names.DECLARED_TWICE.at(name.span, message, help=help_))
            first.setdefault(name.text, name)

    def said_twice(self, said: Iterable[Node]) -> None:
        """Say that something stands twice in a list, for each that does."""
        seen: set[Node] = set()
        for each in said:
            if each in seen:
                message = "this stands in the list already"
                self.add(warnings.SAID_TWICE.at(each.span, message, help="leave it out"))
            seen.add(each)

    def inside(self, text: TextLiteral, part: str, number: int = 0) -> Span:
        """Where a part of a text stands in its file: the `number`-th time that it occurs, from 0.

        The whole text where the part is written otherwise there, with a backslash for instance.
        """
        span = text.span
        source = self.project.sources.get(span.file)
        if source is None:
            return span
        at = span.start - 1
        for _ in range(number + 1):
            at = source.find(part, at + 1, span.end)
            if at < 0:
                return span
        line = span.line + source.count("\n", span.start, at)
        column = at - source.rfind("\n", 0, at)
        return Span(span.file, at, at + len(part), line, column)

    def nodes(self, declaration: Declaration) -> tuple[Node, ...]:
        """All nodes of a declaration, in the order of the text. Several checks ask for them."""
        known = self._nodes.get(id(declaration))
        if known is None:
            known = self._nodes[id(declaration)] = tuple(nodes_of(declaration))
        return known

    def word_of(self, node: Node, word: str) -> Span:
        """Where a word that has no node of its own stands in its node; the whole node where it is not found."""
        return self.inside(TextLiteral(word, span=node.span), word)

    # The look-ups below give what a name stands for, or None after having said what is wrong. None without a message:
    # the name's own declaration is broken, which was said already.

    def event(self, literal: TextLiteral) -> EventType | None:
        """The event of that name."""
        name = literal.value
        found = self.project.catalog.event(name)
        if found is None and name not in self.salvaged.events:
            self.unknown(
                names.UNKNOWN_EVENT,
                literal.span,
                f"unknown event `{name}`",
                name,
                self.project.catalog.events,
                write=lambda each: f'"{each}"',
                otherwise=f'declare it: event "{name}"',
            )
        return found

    def journey(self, name: Name) -> Journey | None:
        """The journey of that name."""
        found = self.project.journeys.get(name.text)
        if found is not None or name.text in self.salvaged.names or "journey" in self.salvaged.nameless:
            return found
        sort = _sort_of(self.project, name.text)
        if sort is not None:
            message = f"`{name.text}` is {sort}; a journey is needed here"
            self.add(names.WRONG_SORT.at(name.span, message, help="steps are written `journey.step`"))
        else:
            known = self.project.journeys
            message = f"unknown journey `{name.text}`"
            otherwise = _list("known are", known) or _declare("journey", name.text)
            self.unknown(
                names.UNKNOWN_JOURNEY, name.span, message, name.text, known, write=written, otherwise=otherwise
            )
        return None

    def steps(self, place: PlaceRef, *, word: str, stage_too: bool) -> tuple[Step, ...]:
        """The step that a place names, or the steps of its stage; () after a message. `word` is what asks for it."""
        journey = self.journey(place.journey)
        if journey is None:
            return ()
        found = self.project.steps_at(place)
        is_step = any(step.name.text == place.place.text for step in journey.steps)
        if not found and not any(stage.name.text == place.place.text for stage in journey.stages):
            known = [step.name.text for step in journey.steps]
            stages = [stage.name.text for stage in journey.stages]
            self.unknown(
                names.UNKNOWN_STEP,
                place.place.span,
                f"journey `{journey.name.text}` has no step `{place.place.text}`",
                place.place.text,
                [*known, *stages] if stage_too else known,
                write=written,
                otherwise=_list("its steps are", known),
            )
        elif not is_step and not stage_too:
            inside = [f"{journey.name.text}.{step.name.text}" for step in found]
            message = f"`{place.place.text}` is a stage; `{word}` needs a step"
            self.add(names.STEP_NEEDED.at(place.span, message, help=_list("its steps are", inside)))
            return ()
        return found

    def is_stage(self, place: PlaceRef) -> bool:
        """Whether a place names a stage of a journey that is declared."""
        journey = self.project.journeys.get(place.journey.text)
        return journey is not None and any(each.name.text == place.place.text for each in journey.stages)

    def segment(self, name: Name) -> Segment | None:
        """The segment or persona of that name."""
        found = self.project.segments.get(name.text)
        if found is None:
            self._missing(name, Sort.SEGMENT, names.UNKNOWN_SEGMENT, self.project.segments)
        return found

    def guide(self, name: Name) -> Guide | None:
        """The guide or survey of that name."""
        found = self.project.guides.get(name.text)
        if found is None:
            self._missing(name, Sort.GUIDE, names.UNKNOWN_GUIDE, self.project.guides)
        return found

    def survey(self, name: Name) -> Guide | None:
        """The survey (or feedback) of that name."""
        found = self.project.guides.get(name.text)
        if found is not None and found.kind is not GuideKind.GUIDE:
            return found
        surveys = [each for each, guide in self.project.guides.items() if guide.kind is not GuideKind.GUIDE]
        self._missing(name, Sort.SURVEY, names.UNKNOWN_GUIDE, surveys)
        return None

    def journey_or_guide(self, name: Name) -> Journey | Guide | None:
        """The journey, guide or survey of that name."""
        found = self.project.journeys.get(name.text) or self.project.guides.get(name.text)
        if found is None:
            known = [*self.project.journeys, *self.project.guides]
            self._missing(name, Sort.JOURNEY_OR_GUIDE, names.UNKNOWN_GUIDE, known)
        return found

    def _missing(self, name: Name, wanted: Sort, code: Code, known: Iterable[str]) -> None:
        if name.text in self.salvaged.names or wanted.declared_by & self.salvaged.nameless:
            return
        sort = _sort_of(self.project, name.text)
        if sort is None:
            message = f"unknown {wanted.value} `{name.text}`"
            otherwise = _list("known are", known) or _declare(wanted.value.split()[0].rstrip(","), name.text)
            self.unknown(code, name.span, message, name.text, known, write=written, otherwise=otherwise)
            return
        message = f"`{name.text}` is {sort}; a {wanted.value} is needed here"
        help_ = _instead(wanted, name.text, self.project) or f"write the name of a {wanted.value}"
        self.add(names.WRONG_SORT.at(name.span, message, help=help_))


def place_words(there: Span, here: Span) -> str:
    """`line 3`, or `line 3 of other.way`, as seen from another place."""
    return f"line {there.line}" if there.file == here.file else f"line {there.line} of {there.file}"


def written(name: str) -> str:
    """A name as it is written in a rule: in backticks if it is not a plain word."""
    return name if name.isidentifier() and name.isascii() else f"`{name}`"


def _shown(text: str) -> str:
    return text if text.startswith(('"', "`")) else f"`{text}`"


def _declare(word: str, name: str) -> str:
    return f"declare it: `{word} {written(name)} …`"


def _list(words: str, known: Iterable[str]) -> str | None:
    shown = [f"`{each}`" for each in known]
    if not shown:
        return None
    return f"{words} {', '.join(shown[:8])}" + (", …" if len(shown) > 8 else "")


def _sort_of(project: RuleProject, name: str) -> str | None:
    """What a name stands for, with its article."""
    for declared in (project.journeys, project.segments, project.features, project.guides):
        if name in declared:
            return sort_words(declared[name])
    return None


def sort_words(declared: Journey | Segment | Feature | Guide) -> str:
    """`a journey`, `a persona`, `a survey`, …"""
    match declared:
        case Journey():
            return "a journey"
        case Segment():
            return "a persona" if declared.is_persona else "a segment"
        case Feature():
            return "a feature"
        case Guide():
            return "feedback" if declared.kind is GuideKind.FEEDBACK else f"a {declared.kind.value}"
        case _:
            assert_never(declared)


def _instead(wanted: Sort, name: str, project: RuleProject) -> str | None:
    """What to write when the name of another sort was meant."""
    if wanted is Sort.SEGMENT and name in project.guides:
        return f"write `saw {name}`, `completed {name}` or `answered {name}`"
    if wanted is Sort.SEGMENT and name in project.journeys:
        return f"write `completed {name}`, or `at {name}.STEP`"
    if name in project.segments:
        return f"write `in {name}`"
    return None
