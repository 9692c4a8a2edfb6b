"""The rules that a conversion writes: names that are valid and unique, declarations, and a remark where one is due.

Whatever is put on it, the text that comes of it parses, is in form and has no errors: a declaration that the checker
would refuse is taken out again, and told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from dsl.catalog import FIXED, catalog_of
from dsl.diagnostics import Severity
from dsl.formatter import format_program
from dsl.formatter.words import name as spelled_name
from dsl.formatter.words import quoted
from dsl.parser import parse
from dsl.project import load
from dsl.values import Kind
from engine.convert import spelling
from engine.convert.conditions import Effect, Member, Node, Note, settled
from engine.convert.places import Place, Unsayable

_FILE: Final = "converted.way"
_BUILT_IN: Final = catalog_of((), ()).user
_NAME = re.compile(r"[^\W\d]\w{0,59}")
_LONGEST_NAME: Final = 60
_LONGEST_KEY: Final = 128
_LONGEST_REMARK: Final = 400
MOST_REMARKS: Final = 20
"""Beside one declaration; the list of what could not be said has them all."""
_AFTER_A_NUMBER: Final = {kind: kind.value.replace("/", "_").replace(" ", "_") for kind in Kind}


class TooLarge(Exception):
    """The rules would be more than one file may hold."""


@dataclass(slots=True)
class _Block:
    """One declaration with its remarks; `note` is the place that it was made of."""

    lines: list[str]
    place: Place
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Conversion:
    """The text, and everything that is not in it."""

    text: str
    notes: tuple[Note, ...]
    declarations: int


class Sheet:
    """Begun empty; a vendor puts on it what it finds."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.notes: list[Note] = []
        self._attributes: dict[tuple[bool, str, Kind], str] = {}
        self._attribute_names: set[tuple[bool, str]] = set()
        self._names: set[str] = set()
        self._declared: list[_Block] = []
        self._events: dict[str, _Block] = {}
        self._segments: list[_Block] = []
        self._guides: list[_Block] = []

    # Names

    def attribute(self, place: Place, key: str, kind: Kind | None, *, of_account: bool = False) -> str:
        """How an attribute is called in a condition; the first question about it declares it.

        kind: as what it is compared; None for a question that any kind answers. One that is compared as several kinds
        is declared once for each: they are read from the same value.
        """
        if not key.strip() or len(key) > _LONGEST_KEY or not key.isprintable() or "{{" in key:
            raise Unsayable("the attribute has no name that can be written")
        if kind is None:
            known = next((of for account, name, of in self._attributes if (account, name) == (of_account, key)), None)
            built_in = _BUILT_IN.get(key) if not of_account else None
            kind = known or (built_in.type.kind if built_in is not None else Kind.TEXT)
        known_as = self._attributes.get((of_account, key, kind))
        if known_as is None:
            known_as = self._attributes[of_account, key, kind] = self._declare(place, key, kind, of_account=of_account)
        return f"account.{spelled_name(known_as)}" if of_account else spelled_name(known_as)

    def _declare(self, place: Place, key: str, kind: Kind, *, of_account: bool) -> str:
        built_in = None if of_account else _BUILT_IN.get(key)
        if built_in is not None and built_in.type.kind is kind:
            return key
        taken = {name for account, name in self._attribute_names if account == of_account}
        wanted = (
            key if _NAME.fullmatch(key) and key not in ("account", "event", "page", "device") else snake(key, "value")
        )
        if wanted in taken or (not of_account and (wanted in FIXED or (wanted in _BUILT_IN and wanted != key))):
            wanted = f"{wanted}_{_AFTER_A_NUMBER[kind]}"
        made = _unique(wanted, taken)
        self._attribute_names.add((of_account, made))
        word = "account attribute" if of_account else "attribute"
        source = "" if made == key else f" from {quoted(key)}"
        self._declared.append(_Block([f"{word} {spelled_name(made)}{source}: {kind.value}"], place))
        return made

    def event(self, place: Place, called: str) -> str:
        """An event in quotes; the first mention declares it."""
        spelled = spelling.text(called)
        if len(called) > _LONGEST_KEY:
            raise Unsayable(f"the name of an event has at most {_LONGEST_KEY} characters")
        if not called.startswith("$") and called not in self._events:
            self._events[called] = _Block([f"event {spelled}"], place)
        return spelled

    def click(self, place: Place, called: str, selector: str, page: str) -> str:
        """An event that a click makes: declared with its selector, both as they are spelled."""
        spelled = spelling.text(called)
        if called in self._events or len(called) > _LONGEST_KEY or called.startswith("$"):
            raise Unsayable("an event of this name is there already: give the click a name of its own")
        on_page = f" on page {page}" if page else ""
        self._events[called] = _Block([f"event {spelled} when clicked {selector}{on_page}"], place)
        return spelled

    def new_name(self, title: str, fallback: str) -> str:
        """A name for a segment, guide or survey that nothing else has."""
        made = _unique(snake(title, fallback), self._names)
        self._names.add(made)
        return made

    # What is put on it

    def attempt(self, place: Place, write: Callable[[], object]) -> None:
        """Put something on it that may turn out to have no words at all: then that is told, and the rest goes on."""
        try:
            write()
        except Unsayable as reason:
            self.note(place, str(reason))

    def note(self, place: Place, why: str, effect: Effect = Effect.ASIDE) -> Note:
        """Tell of something that is no condition."""
        made = Note(place.path, place.excerpt, why, effect)
        self.notes.append(made)
        return made

    def segment(self, title: str, node: Node, place: Place, *, persona: bool, remarks: Sequence[Note] = ()) -> Member:
        """A named condition. What is given back asks for being in it."""
        made = self.new_name(title, "people")
        found = settled(node, place)
        self.notes += found.notes
        word = "persona" if persona else "segment"
        line = (
            f"{word} {spelled_name(made)} {spelling.label(title) if title.strip() else quoted(made)} where {found.text}"
        )
        self._segments.append(_Block([line], place, _remarks((*remarks, *found.notes))))
        return Member(spelled_name(made), node)

    def guide(
        self,
        word: str,
        title: str,
        clauses: Sequence[str],
        place: Place,
        *,
        name: str = "",
        remarks: Sequence[Note] = (),
    ) -> str:
        """A guide or a survey with its clauses, a draft always: nothing is shown before somebody has looked at it."""
        made = name or self.new_name(title, word)
        heading = f"{word} {spelled_name(made)} {spelling.label(title) if title.strip() else quoted(made)} {{"
        self._guides.append(_Block([heading, "draft", *clauses, "}"], place, _remarks(remarks)))
        return made

    # The text

    def finish(self, source: str) -> Conversion:
        """All of it in form. Raises TooLarge."""
        blocks = [*self._declared, *self._events.values(), *self._segments, *self._guides]
        while True:
            text = self._text(blocks, source)
            wrong = _refused(text, blocks)
            if not wrong:
                break
            for block, why in wrong:
                path = Note(block.place.path, block.place.excerpt, f"it cannot be written: {why}", Effect.NOBODY)
                self.notes.append(path)
                block.lines, block.remarks = [], _remarks([path])
        program = parse(text, file=_FILE).program
        notes = tuple(dict.fromkeys(self.notes))
        return Conversion(format_program(program), notes, len(program.declarations))

    def _text(self, blocks: Sequence[_Block], source: str) -> str:
        lines = [
            f"# From {spelling.one_line(source, 100)}, made for {self.title}.",
            "# Guides are drafts: they decide and log, and show nothing until you take `draft` out.",
        ]
        if self.notes:
            lines += ["# `not said` is what has no words here; look at each before you publish."]
        lines.append("")
        for block in blocks:
            lines += [*block.remarks, *block.lines, *([""] if block.remarks or len(block.lines) > 1 else [])]
        return "\n".join(lines) + "\n"


def _remarks(notes: Sequence[Note]) -> list[str]:
    unique = list(dict.fromkeys(notes))
    lines = [
        "# "
        + spelling.one_line(
            f"{_word(each)}: {each.path} {each.what}: {each.why} ({each.effect.value})", _LONGEST_REMARK
        )
        for each in unique[:MOST_REMARKS]
    ]
    if len(unique) > MOST_REMARKS:
        lines.append(f"# … and {len(unique) - MOST_REMARKS} more")
    return lines


def _word(note: Note) -> str:
    return "differs" if note.effect is Effect.DIFFERENT else "not said"


def _refused(text: str, blocks: Sequence[_Block]) -> list[tuple[_Block, str]]:
    """The declarations in which the checker finds errors, each with the first. Raises TooLarge."""
    errors = [each for each in load({_FILE: text}).diagnostics if each.severity is Severity.ERROR]
    wrong: dict[int, str] = {}
    for each in errors:
        line = 4 if text.split("\n")[2].startswith("#") else 3
        for number, block in enumerate(blocks):
            line += len(block.remarks) + len(block.lines) + (1 if block.remarks or len(block.lines) > 1 else 0)
            if each.span.line <= line:
                wrong.setdefault(number, each.message)
                break
    if errors and not any(blocks[number].lines for number in wrong):
        raise TooLarge(errors[0].message)
    return [(blocks[number], why) for number, why in wrong.items() if blocks[number].lines]


def snake(title: str, fallback: str) -> str:
    """A title as a name: `New checkout (beta)` is `new_checkout_beta`."""
    words = re.findall(r"\w+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", unicodedata.normalize("NFKC", title)))
    made = re.sub(r"_+", "_", "_".join(words)).strip("_").lower()[:_LONGEST_NAME].strip("_")
    if not made:
        return fallback
    return made if _NAME.fullmatch(made) else f"{fallback}_{made}"[:_LONGEST_NAME]


def _unique(wanted: str, taken: set[str]) -> str:
    made, number = wanted, 1
    while made in taken:
        number += 1
        made = f"{wanted}_{number}"
    return made
