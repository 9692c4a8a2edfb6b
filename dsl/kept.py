"""The rules of a project that was kept on disk: the tree of a guide is made when it is first asked for.

Says at once, without any tree, which guides there are and of what kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import dsl.diagnostics
import dsl.nodes.catalog
import dsl.nodes.conditions
import dsl.nodes.content
import dsl.nodes.guides
import dsl.nodes.literals
import dsl.values
from dsl.diagnostics import Span
from dsl.nodes import Declaration, Guide, GuideKind, Program
from dsl.parser import parse
from dsl.stored import Codec, Plain, kinds_of, packed, unpacked

TREE_KINDS: Final = kinds_of(
    dsl.diagnostics,
    dsl.values,
    dsl.nodes.literals,
    dsl.nodes.catalog,
    dsl.nodes.conditions,
    dsl.nodes.content,
    dsl.nodes.guides,
)
"""The classes of which trees and messages are made."""
TREES: Final = Codec(TREE_KINDS)


@dataclass(frozen=True, slots=True)
class KeptGuide:
    """A guide that is not made yet. tree: packed."""

    file: str
    kind: GuideKind
    tree: bytes


class KeptGuides(Mapping[str, Guide]):
    """Guides by name. sources: the texts that they were read from; a tree that cannot be made is read there again."""

    def __init__(self, kept: Mapping[str, KeptGuide], sources: Mapping[str, str]) -> None:
        self._kept = kept
        self._sources = sources
        self._made: dict[str, Guide] = {}

    def __getitem__(self, name: str) -> Guide:
        # Two threads may both make it; all use what was first.
        return self._made.get(name) or self._made.setdefault(name, self._make(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, name: object) -> bool:
        return name in self._kept

    @property
    def kinds(self) -> Mapping[str, GuideKind]:
        """What each guide is, without making it."""
        return {name: each.kind for name, each in self._kept.items()}

    def _make(self, name: str) -> Guide:
        kept = self._kept[name]
        try:
            made = TREES.made(unpacked(kept.tree))
        except Exception:
            made = None
        if isinstance(made, Guide) and made.name.text == name:
            return made
        declared = parse(self._sources[kept.file], file=kept.file).program.declarations
        return next(each for each in declared if isinstance(each, Guide) and each.name.text == name)


@dataclass(frozen=True, slots=True)
class KeptProgram:
    """A file that is not made yet. declarations: of guides the names. rest: comments and blank lines, packed."""

    span: Span
    declarations: Sequence[Declaration | str]
    rest: bytes


class KeptPrograms(Mapping[str, Program]):
    """Files by name, whose guides are those of the project."""

    def __init__(
        self, kept: Mapping[str, KeptProgram], guides: Mapping[str, Guide], sources: Mapping[str, str]
    ) -> None:
        self._kept = kept
        self._guides = guides
        self._sources = sources
        self._made: dict[str, Program] = {}

    def __getitem__(self, name: str) -> Program:
        return self._made.get(name) or self._made.setdefault(name, self._make(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def _make(self, name: str) -> Program:
        kept = self._kept[name]
        declarations = tuple(self._guides[each] if isinstance(each, str) else each for each in kept.declarations)
        try:
            comments, after_blank = TREES.made(unpacked(kept.rest))
        except Exception:
            read = parse(self._sources[name], file=name).program
            comments, after_blank = read.comments, read.after_blank
        return Program(declarations, comments, after_blank, span=kept.span)


def plain_program(program: Program) -> Plain:
    """A file as plain data, its guides each packed by themselves."""
    entries: list[Any] = [
        [each.name.text, each.kind.value, packed(TREES.plain(each))]
        if isinstance(each, Guide)
        else (TREES.plain(each),)
        for each in program.declarations
    ]
    rest = packed(TREES.plain((program.comments, program.after_blank)))
    return (TREES.plain(program.span), entries, rest)


def kept_program(file: str, plain: Plain) -> tuple[KeptProgram, dict[str, KeptGuide]]:
    """A file of plain data, and its guides; raises anything for other data."""
    span, entries, rest = plain
    guides: dict[str, KeptGuide] = {}
    declarations: list[Declaration | str] = []
    for entry in entries:
        if type(entry) is tuple:
            declarations.append(TREES.made(entry[0]))
            continue
        name, kind, tree = entry
        guides[name] = KeptGuide(file, GuideKind(kind), tree)
        declarations.append(name)
    return KeptProgram(TREES.made(span), declarations, rest), guides
