"""A changed form back into its text: only the rows that changed are written anew, all else stays as it is.

Comments, blank lines and the order of everything else are kept. The new text is read again and has to mean what the
form says; where an edit within a row cannot promise that, the row is written as a whole, with its comments above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from dsl.formatter import format_program
from dsl.formatter.conditions import INDENT, condition_text, needs_closing
from dsl.forms.content_kinds import KINDS
from dsl.forms.kinds import GROUPS, TEXT_ROW, Place
from dsl.forms.reading import Reading, Row, Unreadable, bare, guide_in, held, read_form
from dsl.forms.writing import Faulty, FieldFault, Mode, Writing
from dsl.nodes import And, Condition, Guide, NoneOf, Or
from dsl.parser import parse, parse_condition
from dsl.scan import scan
from dsl.terminals import BACKTICKED, LONG_STRING, PATTERN, STRING

_TEXTS: Final = re.compile(rf"{LONG_STRING}|{STRING}|{BACKTICKED}|(?<![\w$]){PATTERN}")
_JOINER: Final = re.compile(r"(?<![\w$])(?:and|or)(?![\w$])")
_BLOCK_WORDS: Final = {"all": "all of", "any": "any of", "none": "none of"}


class Unsure(Exception):
    """An edit within a row that cannot be made without looking at the whole."""


class Stretch(NamedTuple):
    """Where something stands in the text."""

    start: int
    end: int


def applied(text: str, name: str, document: Row, *, file: str = "rules.way") -> str:
    """The text with a guide as its changed form says. Raises NoSuchGuide, Unreadable, Faulty."""
    reading = read_form(text, name, file=file)
    if bare(document) == bare(reading.document):
        return text
    if document.get("guide") != name or document.get("kind") != reading.document["kind"]:
        raise Faulty([FieldFault("guide", "the form is of another guide")])
    whole = Writing().guide(document)
    wanted = guide_in(whole, name)
    canonical = _is_canonical(text)
    for within in (True, False):
        edited = _Splice(text, reading, within=within).edited(document)
        if edited is not None and _guide_of(edited, name) == wanted:
            return _formatted(edited) if canonical else edited
    span = reading.guide.span
    kept = _comments_in(text, Stretch(span.start, span.end))
    edited = text[: span.start] + "".join(f"{each}\n" for each in kept) + whole.rstrip("\n") + text[span.end :]
    return _formatted(edited) if canonical else edited


def _guide_of(text: str, name: str) -> Guide | None:
    try:
        return guide_in(text, name)
    except (LookupError, Unreadable):
        return None


def _is_canonical(text: str) -> bool:
    parsed = parse(text)
    return not parsed.diagnostics and format_program(parsed.program) == text


def _formatted(text: str) -> str:
    return format_program(parse(text).program)


def masked(text: str) -> str:
    """The text with comments blanked out and what stands in quotes, backticks and slashes hidden."""
    return _TEXTS.sub(lambda found: "_" * len(found.group()), scan(text).text)


def _comments_in(text: str, at: Stretch) -> list[str]:
    return [text[start:end] for start, end in scan(text).comments if at.start <= start < at.end]


class _Splice:
    """Edits one guide of a text. within: rows of conditions and content are edited inside their clause."""

    def __init__(self, text: str, reading: Reading, *, within: bool) -> None:
        self.text = text
        self.masked = masked(text)
        self.reading = reading
        self.within = within
        self.lines = Writing()

    def edited(self, document: Row) -> str | None:
        """The whole text with the guide changed; None where that cannot be done without writing it anew."""
        guide, old = self.reading.guide, self.reading.document
        end = guide.span.end - 1
        start = self._opening(end) + 1
        head = self.text[guide.span.start : start]
        if document.get("label") != old["label"]:
            head = f"{self.lines.head(document)} {{"
        try:
            body = self._held(Place.CLAUSE, guide.clauses, old["rows"], document["rows"], Stretch(start, end), 1)
        except Unsure:
            return None
        return self.text[: guide.span.start] + head + body + self.text[end:]

    # What stands in braces, one after the other

    def _held(
        self, place: Place, nodes: Sequence[Any], old: list[Row], new: list[Row], body: Stretch, depth: int
    ) -> str:
        stretches = [self._whole(each) for each in nodes]
        chunks = self._chunks(stretches, body)
        number = {row["id"]: index for index, row in enumerate(old)}
        kept = [number[_id(row)] for row in new if _id(row) in number]
        if len(set(kept)) != len(kept):
            raise Unsure
        rest = self.text[chunks[-1].end if chunks else body.start : body.end]
        indent = INDENT * depth

        def lead(index: int) -> str:
            return self.text[chunks[index].start : stretches[index].start]

        def tail(index: int) -> str:
            return self.text[stretches[index].end : chunks[index].end]

        is_moved = kept != sorted(kept)
        gone = set(range(len(old))) - set(kept)
        pieces: list[str] = []
        following = 0
        for row in new:
            index = number.get(_id(row))
            if index is None:
                pieces.append(f"\n{indent}{self._written(row, place, depth)}")
                continue
            if not is_moved:
                # Comments on lines of their own outlive the row that stood below them.
                pieces += [self._comment_lines(lead(each), indent) for each in range(following, index) if each in gone]
                following = index + 1
            before = lead(index)
            if (is_moved or (pieces and not before.strip())) and "\n" not in before:
                before = f"\n{indent}{before.lstrip()}"
            elif is_moved and before.partition("\n")[0].strip():
                # A comment at the end of the line above stays a comment of its own.
                before = f"\n{indent}{before.lstrip()}"
            pieces += (before, self._row(place, nodes[index], old[index], row, stretches[index], depth), tail(index))
        left = gone if is_moved else [each for each in range(following, len(old)) if each in gone]
        pieces += [self._comment_lines(lead(each), indent) for each in sorted(left)]
        if "\n" not in rest and pieces and any("\n" in each for each in pieces):
            rest = f"\n{INDENT * (depth - 1)}{rest.strip()}"
        return "".join(pieces) + rest

    def _chunks(self, stretches: Sequence[Stretch], body: Stretch) -> list[Stretch]:
        """Each row with what stands before it, and with the comment at the end of its last line."""
        chunks: list[Stretch] = []
        start = body.start
        for each in stretches:
            line_end = self.masked.find("\n", each.end, body.end)
            stop = body.end if line_end < 0 else line_end
            end = stop if line_end >= 0 and not self.masked[each.end : stop].strip() else each.end
            chunks.append(Stretch(start, end))
            start = end
        return chunks

    def _comment_lines(self, lead: str, indent: str) -> str:
        found = [lead[start:end] for start, end in scan(lead).comments]
        return "".join(f"\n{indent}{each}" for each in found)

    def _written(self, row: Row, place: Place, depth: int) -> str:
        if place is Place.CONDITION:
            read = self.lines.condition(row, Mode.USER, ())
            text = None if read is None else condition_text(read)
        else:
            text = self.lines.row(row, place, ())
        if text is None:
            raise Unsure
        return text.replace("\n", f"\n{INDENT * depth}")

    # One row

    def _row(self, place: Place, node: Any, old: Row, new: Row, at: Stretch, depth: int) -> str:
        if bare(old) == bare(new):
            return self.text[at.start : at.end]
        if self.within and old["kind"] == new["kind"]:
            if place is Place.CONDITION and new["kind"] in GROUPS:
                return self._group(node, old, new, at, depth)
            if place is Place.CLAUSE and new["kind"] in {"when", "unless"}:
                return self._conditions(node.condition, old, new, at, depth)
            if place is not Place.CONDITION and new["kind"] != TEXT_ROW and KINDS[place][new["kind"]].holds is not None:
                return self._braced(place, node, old, new, at, depth)
        elif self.within and place is Place.CONDITION and {old["kind"], new["kind"]} <= GROUPS.keys():
            return self._group(node, old, new, at, depth)
        return self._anew(place, new, at, depth)

    def _anew(self, place: Place, new: Row, at: Stretch, depth: int) -> str:
        kept = _comments_in(self.text, at)
        above = "".join(f"{each}\n{INDENT * depth}" for each in kept)
        return above + self._written(new, place, depth)

    def _braced(self, place: Place, node: Any, old: Row, new: Row, at: Stretch, depth: int) -> str:
        if self.text[at.end - 1] != "}" or not new.get("rows"):
            return self._anew(place, new, at, depth)
        start = self._opening(at.end - 1)
        head = self.text[at.start : start]
        spec = KINDS[place][new["kind"]]
        if bare(old["values"]) != bare(new["values"]):
            bare_row = {**new, "rows": []}
            written = self._written(bare_row, place, depth)
            head = re.sub(r"\s*\{\s*\}$", "", written) + " "
            head = (
                "".join(f"{each}\n{INDENT * depth}" for each in _comments_in(self.text, Stretch(at.start, start)))
                + head
            )
        assert spec.holds is not None  # noqa: S101  (asked before)
        body = Stretch(start + 1, at.end - 1)
        return f"{head}{{{self._held(spec.holds, held(node), old['rows'], new['rows'], body, depth + 1)}}}"

    # Conditions

    def _conditions(self, node: Condition, old: Row, new: Row, at: Stretch, depth: int) -> str:
        """`when …` and `unless …`."""
        start = self._after_blanks(at.start + len(new["kind"]))
        then = new["values"].get("condition")
        if not isinstance(then, dict):
            raise Unsure
        chain = self._chain(node, old["values"]["condition"], then, Stretch(start, at.end), depth)
        return self.text[at.start : start] + chain

    def _chain(self, node: Condition, old: Row, new: Row, at: Stretch, depth: int) -> str:
        """Terms joined by `and` or `or`."""
        is_chain = isinstance(node, And | Or) and not node.block
        nodes: Sequence[Condition] = node.terms if isinstance(node, And | Or) and not node.block else (node,)
        terms = self._terms(nodes, at) if is_chain else [at]
        between = [self.text[one.end : two.start] for one, two in pairwise(terms)]
        number = {row["id"]: index for index, row in enumerate(old["rows"])}
        word = "and" if new["join"] == "all" else "or"
        usual = f"\n{INDENT * (depth + 1)}{word} " if any("\n" in each for each in between) else f" {word} "
        written: list[str] = []
        used: set[int] = set()
        for position, row in enumerate(new["rows"]):
            index = number.get(_id(row))
            if index is None:
                text = self._written(row, Place.CONDITION, depth + 1)
            else:
                text = self._row(Place.CONDITION, nodes[index], old["rows"][index], row, terms[index], depth + 1)
            if position:
                taken = index - 1 if index else None
                if taken in used:
                    raise Unsure
                if taken is not None:
                    used.add(taken)
                written.append(usual if taken is None else _rejoined(between[taken], word))
            written.append(_closed(text, word, is_last=position == len(new["rows"]) - 1))
        dropped = [each for index, gap in enumerate(between) if index not in used for each in _comments_alone(gap)]
        above = "".join(f"{each}\n{INDENT * (depth + 1)}" for each in dropped)
        return above + "".join(written)

    def _group(self, node: Condition, old: Row, new: Row, at: Stretch, depth: int) -> str:
        """`all of { … }` and its like, or terms in parentheses."""
        if not new.get("rows") or not isinstance(node, And | Or | NoneOf):
            raise Unsure
        if isinstance(node, NoneOf) or node.block:
            if not new["values"].get("block", True):
                raise Unsure
            end = at.end
            inner = self._unwrapped(at)
            brace = self._opening(inner.end - 1)
            head = f"{_BLOCK_WORDS[new['kind']]} "
            body = Stretch(brace + 1, inner.end - 1)
            written = self._held(Place.CONDITION, node.terms, old["rows"], new["rows"], body, depth + 1)
            return f"{self.text[at.start : inner.start]}{head}{{{written}}}{self.text[inner.end : end]}"
        if new["kind"] == "none":
            raise Unsure
        inner = self._unwrapped(at)
        joined = {"join": new["kind"], "rows": new["rows"]}
        chain = self._chain(node, {"join": old["kind"], "rows": old["rows"]}, joined, inner, depth)
        return self.text[at.start : inner.start] + chain + self.text[inner.end : at.end]

    # Places in the text

    def _terms(self, nodes: Sequence[Condition], at: Stretch) -> list[Stretch]:
        starts, ends = [at.start], []
        for one, two in pairwise(nodes):
            found = _JOINER.search(self.masked, one.span.end, two.span.start)
            if found is None:
                raise Unsure
            ends.append(found.start())
            starts.append(found.end())
        ends.append(at.end)
        terms = [self._trimmed(Stretch(start, end)) for start, end in zip(starts, ends, strict=True)]
        if any(not _is_balanced(self.masked[each.start : each.end]) for each in terms):
            raise Unsure
        return terms

    def _whole(self, node: Any) -> Stretch:
        """A row with the parentheses around it, and those that end it."""
        if isinstance(node, tuple):
            return Stretch(node[0].span.start, node[1].span.end)
        start, end = node.span.start, node.span.end
        while True:
            after = self._after_blanks(end)
            if after >= len(self.masked) or self.masked[after] != ")":
                break
            end = after + 1
        while not _is_balanced(self.masked[start:end]):
            before = len(self.masked[:start].rstrip())
            if before == 0 or self.masked[before - 1] != "(":
                raise Unsure
            start = before - 1
        return Stretch(start, end)

    def _after_blanks(self, at: int) -> int:
        while at < len(self.masked) and self.masked[at].isspace():
            at += 1
        return at

    def _trimmed(self, at: Stretch) -> Stretch:
        inner = self.masked[at.start : at.end]
        return Stretch(at.start + len(inner) - len(inner.lstrip()), at.end - (len(inner) - len(inner.rstrip())))

    def _unwrapped(self, at: Stretch) -> Stretch:
        """What stands between parentheses that enclose all of it."""
        at = self._trimmed(at)
        while self.masked[at.start] == "(" and _encloses(self.masked[at.start : at.end]):
            at = self._trimmed(Stretch(at.start + 1, at.end - 1))
        return at

    def _opening(self, closing: int) -> int:
        """The brace that a closing one belongs to."""
        depth = 0
        for at in range(closing, -1, -1):
            sign = self.masked[at]
            depth += (sign == "}") - (sign == "{")
            if depth == 0 and sign == "{":
                return at
        raise Unsure


def _id(row: Row) -> str:
    found = row.get("id")
    return found if isinstance(found, str) else ""


def _comments_alone(text: str) -> list[str]:
    return [text[start:end] for start, end in scan(text).comments]


def _rejoined(gap: str, word: str) -> str:
    """What stands between two terms, with the word that joins them."""
    found = _JOINER.search(masked(gap))
    if found is None:
        raise Unsure
    return gap[: found.start()] + word + gap[found.end() :]


def _closed(text: str, word: str, *, is_last: bool) -> str:
    """A term in parentheses, where what follows would be read as its own."""
    read = parse_condition(text).condition
    if read is None:
        raise Unsure
    hidden = masked(text).strip()
    if hidden.startswith("(") and _encloses(hidden):
        return text
    is_joined = isinstance(read, And | Or) and not read.block
    return f"({text})" if is_joined or (word == "and" and not is_last and needs_closing(read)) else text


def _is_balanced(hidden: str) -> bool:
    depth = 0
    for sign in hidden:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0


def _encloses(hidden: str) -> bool:
    """Whether the parenthesis at the beginning is closed by the one at the end."""
    depth = 0
    for at, sign in enumerate(hidden):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return at == len(hidden) - 1 and sign == ")"
    return False
