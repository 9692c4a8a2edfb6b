"""YAML as scenario files use it: words, lists and groups, each with its place in the text.

Reads a small, safe part of YAML: no anchors, no tags, one document, bounded in size and depth. A word is kept as it is
written; whether `no` is a word or a value depends on what the rules say there, and is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from dsl.diagnostics import Diagnostic, Span
from engine.scenarios import codes

LONGEST: Final = 250_000
"""Characters of a scenario file."""
DEEPEST: Final = 32
"""Groups and lists inside each other."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word, a number, a text; blank for nothing. is_plain: written without quotes."""

    text: str
    span: Span
    is_plain: bool = True


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Tree, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """Members by name, in the order of the text; of one name twice, both."""

    members: tuple[tuple[Leaf, Tree], ...]
    span: Span

    def get(self, name: str) -> Tree | None:
        """The first member of that name, or None."""
        return next((value for key, value in self.members if key.text == name), None)


Tree: TypeAlias = Leaf | Items | Group


@dataclass(frozen=True, slots=True)
class ParsedTree:
    """What a text holds: None where it could not be read, with the reason."""

    tree: Tree | None
    diagnostics: tuple[Diagnostic, ...]


def parse_tree(text: str, *, file: str) -> ParsedTree:
    """Read the YAML of a scenario file. Never raises on any text."""
    # 40 ms that commands without scenarios need not pay.
    import yaml  # noqa: PLC0415

    start = Span(file, 0, 0, 1, 1)
    if len(text) > LONGEST:
        message = f"this file has {len(text):,} characters; {LONGEST:,} is the limit"
        return ParsedTree(None, (codes.NOT_PLAIN.at(start, message, help="make several files of it"),))
    try:
        builder = _Builder(yaml, file, text, yaml.parse(text, Loader=yaml.SafeLoader))
        return ParsedTree(builder.document(), ())
    except _Refused as refused:
        return ParsedTree(None, (refused.diagnostic,))
    except yaml.reader.ReaderError as problem:
        span = _span_at(text, file, problem.position)
        message = "there is a character here that cannot be printed"
        return ParsedTree(None, (codes.NOT_YAML.at(span, message, help="take it out"),))
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        span = start if mark is None else _span_of(mark, file, text)
        return ParsedTree(None, (_explained(span, str(problem.problem or "this cannot be read")),))


class _Refused(Exception):
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class _Builder:
    """Makes the tree from the parser's events: unlike YAML's own composer it resolves nothing and has a bottom."""

    def __init__(self, yaml: Any, file: str, text: str, events: Iterator[Any]) -> None:
        self._yaml = yaml
        self._file = file
        self._text = text
        self._events = events

    def document(self) -> Tree:
        """The one document of the text."""
        next(self._events)
        first = next(self._events)
        if not isinstance(first, self._yaml.DocumentStartEvent):
            help_ = "begin with `scenarios:` and a list of them"
            raise _Refused(codes.MISSING_MEMBER.at(Span(self._file, 0, 0, 1, 1), "this file is empty", help=help_))
        tree = self._tree(next(self._events), 1)
        next(self._events)
        more = next(self._events)
        if isinstance(more, self._yaml.DocumentStartEvent):
            raise self._refused(more, "a second document begins here", "make a file of its own, without `---`")
        return tree

    def _tree(self, event: Any, depth: int) -> Tree:
        if isinstance(event, self._yaml.AliasEvent):
            raise self._refused(event, f"`*{event.anchor}` stands for something elsewhere", _WRITE_IT_OUT)
        if event.anchor is not None:
            raise self._refused(event, f"`&{event.anchor}` names something for elsewhere", _WRITE_IT_OUT)
        if event.tag is not None and event.tag != "!":
            raise self._refused(event, "a `!` at the beginning means something else in YAML", "put it in quotes")
        if depth > DEEPEST:
            raise self._refused(event, f"more than {DEEPEST} lists and groups inside each other", "write it flatter")
        if isinstance(event, self._yaml.ScalarEvent):
            return Leaf(event.value, self._span(event), event.style is None)
        inner = self._inner(depth)
        if isinstance(event, self._yaml.SequenceStartEvent):
            return Items(tuple(inner), self._span(event))
        return Group(tuple(self._pairs(list(inner))), self._span(event))

    def _inner(self, depth: int) -> Iterator[Tree]:
        ends = (self._yaml.SequenceEndEvent, self._yaml.MappingEndEvent)
        while not isinstance(event := next(self._events), ends):
            yield self._tree(event, depth + 1)

    def _pairs(self, inner: Sequence[Tree]) -> Iterator[tuple[Leaf, Tree]]:
        for key, value in zip(inner[::2], inner[1::2], strict=True):
            if not isinstance(key, Leaf):
                message = "before a `:` stands one word or text"
                raise _Refused(codes.WRONG_SHAPE.at(key.span, message, help="put it in quotes"))
            yield key, value

    def _refused(self, event: Any, message: str, help_: str) -> _Refused:
        return _Refused(codes.NOT_PLAIN.at(self._span(event), message, help=help_))

    def _span(self, event: Any) -> Span:
        begin, end = event.start_mark, event.end_mark
        stop = max(begin.index, end.index)
        # A group's mark ends with its first token, a block text's on the next line: what is underlined is one line.
        line_end = self._text.find("\n", begin.index)
        stop = min(stop, len(self._text) if line_end < 0 else line_end)
        return Span(self._file, begin.index, max(stop, begin.index), begin.line + 1, begin.column + 1)


_WRITE_IT_OUT: Final = "write it out; what all scenarios share stands in `given` at the top of the file"

_IN_QUOTES: Final = "put the text in quotes"
_PROBLEMS: Final[tuple[tuple[str, str, str], ...]] = (
    ("mapping values are not allowed", "there is a `:` too many, or a line stands too far to the right", _IN_QUOTES),
    ("sequence entries are not allowed", "a list begins in the middle of a line", "begin its first `-` on a new line"),
    (r"found character '\t'", "a tab stands before the text", "indent with blanks"),
    ("that cannot start any token", "no text begins with this character", _IN_QUOTES),
    ("expected <block end>", "this line stands further left or right than those beside it", "align them"),
    ("expected alphabetic or numeric", "no text begins with this character", _IN_QUOTES),
    ("expected ',' or ']'", "a `]` is missing", "close the list with `]`"),
    ("expected ',' or '}'", "a `}` is missing", "close the group with `}`"),
    ("could not find expected ':'", "a `:` is missing, or the blank after it", "write `name: value`"),
    ("unexpected end of stream", "a quote is not closed", "close it"),
    ("unknown escape character", "a `\\` stands in double quotes", "write `\\\\`, or use single quotes"),
)
"""What the YAML parser says, what it means, and what to write."""


def _explained(span: Span, problem: str) -> Diagnostic:
    for part, message, help_ in _PROBLEMS:
        if part in problem:
            return codes.NOT_YAML.at(span, message, help=help_)
    return codes.NOT_YAML.at(span, f"this cannot be read: {problem}")


def _span_of(mark: Any, file: str, text: str) -> Span:
    """A place of the parser; it may lie a character behind the end."""
    begin = min(mark.index, len(text))
    return Span(file, begin, min(begin + 1, len(text)), mark.line + 1, mark.column + 1)


def _span_at(text: str, file: str, index: int) -> Span:
    line = text.count("\n", 0, index) + 1
    return Span(file, index, index + 1, line, index - text.rfind("\n", 0, index))
