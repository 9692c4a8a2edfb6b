"""A text that was read before and has changed in one place: only what stands around that place is read again.

Says what reading the whole text says. Declarations do not depend on one another while they are read, so those before
and after the change stay what they were; of both sides one is read again, as a proof that the change ends there.
Where anything is wrong, the whole text is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, Final, TypeVar

from dsl.diagnostics import Span
from dsl.limits import FILE_LIMIT, is_beyond
from dsl.nodes import Declaration, Node, Program
from dsl.parser import parse
from dsl.parser.reader import Parsed
from dsl.scan import Lines, comment_nodes, lines_after_blank, scan

Moved = Callable[[Declaration, Declaration], None]
Tree = TypeVar("Tree")


def reread(old_text: str, old: Parsed, text: str, *, file: str, moved: Moved) -> Parsed:
    """What `parse` gives for the text. moved: told each declaration that stands elsewhere now, and what it is there."""
    again = None
    if not old.diagnostics and old.program.declarations and not is_beyond(text, FILE_LIMIT):
        again = _around_change(old_text, old.program.declarations, text, file, moved)
    found = scan(text) if again is not None else None
    if again is None or found is None or found.too_deep is not None:
        return parse(text, file=file)
    lines = Lines(text, file)
    comments = comment_nodes(text, found, lines)
    return Parsed(Program(again, comments, lines_after_blank(text), span=lines.span(0, len(text))), ())


def _around_change(
    old_text: str, old: tuple[Declaration, ...], text: str, file: str, moved: Moved
) -> tuple[Declaration, ...] | None:
    same = _common(old_text, text, min(len(old_text), len(text)), from_end=False)
    same_end = _common(old_text, text, min(len(old_text), len(text)) - same, from_end=True)
    shift, border = len(text) - len(old_text), len(old_text) - same_end
    # The first of those after the change, and the last of those before it, are read again.
    first = max(sum(1 for each in old if each.span.end < same) - 1, 0)
    last = next((number for number, each in enumerate(old) if each.span.start > border), len(old))
    begin, rest = old[first].span if first else None, old[last + 1 :]
    if any(each is not None and each.column != 1 for each in (begin, rest[0].span if rest else None)):
        return None
    start, stop = (begin.start if begin else 0), (rest[0].span.start + shift if rest else len(text))
    read = parse(text[start:stop], file=file)
    between = tree_moved(read.program.declarations, chars=start, lines=begin.line - 1 if begin else 0)
    if read.diagnostics or not between or (first and not _is_same(between[0], old[first], 0)):
        return None
    if last < len(old) and not _is_same(between[-1], old[last], shift):
        return None
    lines = text.count("\n", same, len(text) - same_end) - old_text.count("\n", same, border)
    known = {each.span: each for each in old[first : last + 1] if _text(old_text, each) == _text(text, each)}
    kept = [known.get(each.span, each) for each in between]
    if not shift and not lines:
        return (*old[:first], *kept, *rest)
    after = tree_moved(rest, chars=shift, lines=lines)
    for before, now in zip(rest, after, strict=True):
        moved(before, now)
    return (*old[:first], *kept, *after)


def _is_same(new: Declaration, old: Declaration, shift: int) -> bool:
    return (new.span.start, new.span.end) == (old.span.start + shift, old.span.end + shift) and new == old


def _text(text: str, declaration: Declaration) -> str:
    return text[declaration.span.start : declaration.span.end]


def _common(one: str, other: str, most: int, *, from_end: bool) -> int:
    """How many letters at the beginning, or at the end, two texts share."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        is_same = one[-middle:] == other[-middle:] if from_end else one[:middle] == other[:middle]
        low, high = (middle, high) if is_same else (low, middle - 1)
    return low


def tree_moved(tree: Tree, *, chars: int, lines: int) -> Tree:
    """A tree, or a tuple of trees, as it stands so many letters and lines further on."""
    if not chars and not lines:
        return tree
    return _moved(tree, chars, lines)  # type: ignore[no-any-return]


_MEMBERS: Final[dict[type[Any], tuple[Any, ...]]] = {}


def _moved(value: Any, chars: int, lines: int) -> Any:
    kind = type(value)
    if kind is Span:
        return Span(value.file, value.start + chars, value.end + chars, value.line + lines, value.column)
    if kind is tuple:
        return tuple([_moved(each, chars, lines) for each in value])
    members = _MEMBERS.get(kind)
    if members is None:
        is_tree = is_dataclass(kind) and issubclass(kind, Node)
        members = _MEMBERS[kind] = tuple(getattr(kind, each.name) for each in fields(kind)) if is_tree else ()
    if not members:
        return value
    moved = object.__new__(kind)
    for member in members:
        member.__set__(moved, _moved(member.__get__(value), chars, lines))
    return moved
