"""From rows of a form to text of the language, in its one form; what cannot be written is told at its field.

Every row is read again as it is written, so that a fault is known by its row before the whole is put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final

from dsl.diagnostics import Diagnostic, Severity, Span
from dsl.formatter import format_program
from dsl.formatter.conditions import INDENT, condition_text
from dsl.formatter.words import name, quoted
from dsl.forms.compound import WRITERS
from dsl.forms.condition_kinds import CONDITION_KINDS
from dsl.forms.content_kinds import KINDS
from dsl.forms.kinds import GROUPS, TEXT_ROW, Field, Place, RowKind, filled
from dsl.forms.reading import Row
from dsl.forms.values import Sort, Unwritable
from dsl.nodes import And, Condition, Guide, GuideKind, NoneOf, Or, Question
from dsl.parser import parse, parse_condition

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST: Final = 32
"""How deep rows may stand in rows."""
MOST_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong, and at which member of the document: `rows.2.values.event.name`."""

    path: str
    message: str


class Faulty(ValueError):
    """A document that cannot be written: every fault of it."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__("; ".join(each.message for each in faults))
        self.faults = tuple(faults)


class Mode(Enum):
    """What a condition speaks of: a user, an event's properties, the answers so far."""

    USER = auto()
    EVENT = auto()
    ANSWERS = auto()


Path = tuple[str, ...]
_NOWHERE: Final = Span("", 0, 0, 1, 1)
_WRAPS: Final[dict[Place, tuple[tuple[str, ...], int]]] = {
    Place.CLAUSE: (("guide g {",), 1),
    Place.CONTENT: (("guide g {", "show modal {"), 2),
    Place.STEP: (("guide g {", "show tour {", "step {"), 3),
    Place.VARIANT: (("guide g {", "variant v 50% {"), 2),
    Place.CHOICE: (("survey g {", 'ask choice q "?" {'), 2),
    Place.WORDS: (("survey g {", 'in "x" {'), 2),
    Place.CHOICE_WORDS: (("survey g {", 'in "x" {', "ask q {"), 3),
}
"""What has to stand around a row so that it can be read by itself."""


class Writing:
    """Writes rows and collects what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[FieldFault] = []
        self._rows = 0

    def guide(self, document: Row) -> str:
        """The whole guide. Raises Faulty."""
        kind = document.get("kind")
        if kind not in [each.value for each in GuideKind]:
            raise Faulty([FieldFault("kind", "must be guide, survey or feedback")])
        rows = _rows_of(document, ())
        written = [self.row(each, Place.CLAUSE, ("rows", str(index))) for index, each in enumerate(rows)]
        if self.faults:
            raise Faulty(self.faults)
        body = "\n".join(each for each in written if each is not None)
        whole = parse(f"{self.head(document)} {{\n{body}\n}}\n")
        wrong = _errors(whole.diagnostics)
        if wrong:
            raise Faulty([FieldFault("rows", _told(wrong[0]))])
        return format_program(whole.program)

    def head(self, document: Row) -> str:
        """`guide verify_help "Help with DNS records"`."""
        label = document.get("label")
        words = "" if not isinstance(label, str) or not label.strip() else f" {quoted(label)}"
        return f"{document['kind']} {name(str(document.get('guide', '')))}{words}"

    def row(self, row: Any, place: Place, path: Path) -> str | None:
        """A clause, a piece of content or a choice in its one form; None where something is wrong with it."""
        before = len(self.faults)
        raw = self._raw(row, place, path)
        if raw is None or len(self.faults) > before:
            return None
        return self._formed(raw, place, path)

    def condition(self, row: Any, mode: Mode, path: Path) -> Condition | None:
        """One row of conditions, read; None where something is wrong with it."""
        if not self._is_row(row, path):
            return None
        kind = row["kind"]
        if kind in GROUPS:
            return self._group_row(row, mode, path)
        if kind == TEXT_ROW:
            text = row["values"].get("text")
            return self._read(text if isinstance(text, str) else "", mode, (*path, "values", "text"))
        spec = CONDITION_KINDS.get(kind)
        if spec is None:
            self._add(path, f"there is no condition of the kind `{kind}`")
            return None
        written = self._fields(spec, row, (*path, "values"))
        if written is None:
            return None
        text = filled(spec.pattern, written)
        negated = spec.negates and row["values"].get("not") is True
        return self._read(f"not {text}" if negated else text, mode, path)

    def group(self, value: Any, mode: Mode, path: Path) -> Condition | None:
        """Rows and how they are joined, as one condition; None where something is wrong, or nothing is there."""
        if not isinstance(value, dict) or value.get("join") not in ("all", "any"):
            self._add(path, "say how the conditions are joined: all or any")
            return None
        rows = value.get("rows")
        if not isinstance(rows, list) or not rows:
            self._add(path, "add a condition here, or take this row away")
            return None
        with self._deeper(path) as fits:
            if not fits:
                return None
            terms = [self.condition(each, mode, (*path, "rows", str(index))) for index, each in enumerate(rows)]
        read = [each for each in terms if each is not None]
        if len(read) < len(terms):
            return None
        return read[0] if len(read) == 1 else _joined(value["join"], read)

    def _group_row(self, row: Row, mode: Mode, path: Path) -> Condition | None:
        rows = row.get("rows")
        if not isinstance(rows, list) or not rows:
            self._add(path, "add a condition here, or take this row away")
            return None
        with self._deeper(path) as fits:
            if not fits:
                return None
            terms = [self.condition(each, mode, (*path, "rows", str(index))) for index, each in enumerate(rows)]
        read = [each for each in terms if each is not None]
        if len(read) < len(terms):
            return None
        if row["kind"] == "none":
            return NoneOf(tuple(read), span=_NOWHERE)
        if row["values"].get("block") is not False or len(read) == 1:
            kind = And if row["kind"] == "all" else Or
            return kind(tuple(read), block=True, span=_NOWHERE)
        return _joined(row["kind"], read)

    def _raw(self, row: Any, place: Place, path: Path) -> str | None:
        """A row with what stands in its braces, not yet in its one form."""
        if not self._is_row(row, path):
            return None
        if row["kind"] == TEXT_ROW:
            text = row["values"].get("text")
            return text if isinstance(text, str) else ""
        spec = KINDS[place].get(row["kind"])
        if spec is None:
            self._add(path, f"a row of the kind `{row['kind']}` cannot stand here")
            return None
        written = self._fields(spec, row, (*path, "values"))
        rows = row.get("rows") or []
        inner: list[str] = []
        if spec.holds is not None and isinstance(rows, list):
            with self._deeper(path) as fits:
                for index, each in enumerate(rows if fits else ()):
                    raw = self.row(each, spec.holds, (*path, "rows", str(index)))
                    inner += [] if raw is None else [raw]
        if written is None:
            return None
        text = filled(spec.pattern, written)
        has_braces = spec.holds is not None and (bool(rows) or spec.name != "ask")
        return f"{text} {{\n{chr(10).join(inner)}\n}}" if has_braces else text

    def _fields(self, spec: RowKind, row: Row, path: Path) -> dict[str, str | None] | None:
        written: dict[str, str | None] = {}
        before = len(self.faults)
        for each in spec.fields:
            value = row["values"].get(each.name)
            is_off = each.sort is Sort.FLAG and value is not True
            if value is None or is_off or (each.optional and value in ("", [])):
                if not each.optional and each.sort is not Sort.FLAG:
                    self._add((*path, each.name), _MISSING.get(each.sort, "fill this in"))
                written[each.name] = None
                continue
            written[each.name] = self._field(each, value, (*path, each.name))
        return written if len(self.faults) == before else None

    def _field(self, of: Field, value: Any, path: Path) -> str | None:  # noqa: PLR0911  (one case a sort)
        try:
            match of.sort:
                case Sort.FLAG:
                    return of.word
                case Sort.OPTION:
                    return self._option(of, value)
                case Sort.EVENT:
                    return self._event(value, path)
                case Sort.EVENTS:
                    return self._events(value, path, directly=of.hint == "directly")
                case Sort.CONDITION:
                    mode = Mode.ANSWERS if of.hint == "answers" else Mode.USER
                    read = self.group(value, mode, path)
                    return None if read is None else condition_text(read)
                case _:
                    written = WRITERS[of.sort](value)
                    return written.replace(", ", " or ") if of.hint == "or" else written
        except Unwritable as fault:
            self._add((*path, *fault.at), str(fault))
            return None

    def _option(self, of: Field, value: Any) -> str:
        if of.options and value not in of.options:
            raise Unwritable(f"choose one of: {', '.join(of.options)}")
        if not isinstance(value, str) or not value.strip():
            raise Unwritable("choose one")
        return value if of.options or value in {"top", "bottom"} else WRITERS[Sort.NAME](value)

    def _event(self, value: Any, path: Path) -> str:
        if not isinstance(value, dict) or not isinstance(value.get("name"), str) or not value["name"].strip():
            raise Unwritable("choose an event", ("name",))
        where = value.get("where")
        if where is None or (isinstance(where, dict) and where.get("rows") == []):
            return quoted(value["name"])
        read = self.group(where, Mode.EVENT, (*path, "where"))
        return quoted(value["name"]) if read is None else f"{quoted(value['name'])} where ({condition_text(read)})"

    def _events(self, value: Any, path: Path, *, directly: bool) -> str:
        if not isinstance(value, list) or len(value) < 2:
            raise Unwritable("choose at least two events")
        written = []
        for index, each in enumerate(value):
            try:
                written.append(self._event(each, (*path, str(index))))
            except Unwritable as fault:
                self._add((*path, str(index), *fault.at), str(fault))
        return (" directly then " if directly else " then ").join(written)

    def _read(self, text: str, mode: Mode, path: Path) -> Condition | None:
        """A condition from its text."""
        if mode is Mode.ANSWERS:
            parsed = parse(f'survey s {{ ask text q "?" if {text}\n}}')
            errors = _errors(parsed.diagnostics)
            asked = [
                each for guide in parsed.program.declarations if isinstance(guide, Guide) for each in guide.clauses
            ]
            question = asked[0] if len(asked) == 1 and isinstance(asked[0], Question) else None
            condition = None if question is None or question.then or question.choices else question.condition
        else:
            alone = parse_condition(text)
            errors, condition = _errors(alone.diagnostics), alone.condition
        if errors or condition is None:
            self._add(path, _told(errors[0]) if errors else "this is no condition")
            return None
        return condition

    def _formed(self, raw: str, place: Place, path: Path) -> str | None:
        opening, depth = _WRAPS[place]
        parsed = parse("\n".join((*opening, raw, *("}" * depth), "")))
        errors = _errors(parsed.diagnostics)
        if errors or len(parsed.program.declarations) != 1:
            self._add(path, _told(errors[0]) if errors else "braces do not match here")
            return None
        lines = format_program(parsed.program).rstrip("\n").split("\n")
        if len(lines) <= 2 * depth and raw.strip():
            self._add(path, "nothing can be read here")
            return None
        cut = len(INDENT) * depth
        return "\n".join(line[cut:] for line in lines[depth:-depth])

    def _is_row(self, row: Any, path: Path) -> bool:
        self._rows += 1
        if self._rows > MOST_ROWS:
            raise Faulty([FieldFault(".".join(path), f"a form has at most {MOST_ROWS} rows")])
        if isinstance(row, dict) and isinstance(row.get("kind"), str) and isinstance(row.get("values"), dict):
            return True
        self._add(path, "must have a kind and values")
        return False

    @contextmanager
    def _deeper(self, path: Path) -> Iterator[bool]:
        fits = len([each for each in path if each == "rows"]) < DEEPEST
        if not fits:
            self._add(path, f"rows may stand {DEEPEST} deep in each other")
        yield fits

    def _add(self, path: Path, message: str) -> None:
        self.faults.append(FieldFault(".".join(path), message))


_MISSING: Final = {
    Sort.TEXT: "write a text here",
    Sort.PLACE: "choose a step",
    Sort.PATH: "choose what is compared",
    Sort.TEST: "choose how it is compared",
    Sort.DURATION: "write a length of time",
    Sort.NAME: "choose one",
}


def _joined(join: str, terms: Sequence[Condition]) -> Condition:
    kind: type[And] | type[Or] = And if join == "all" else Or
    flat: list[Condition] = []
    for each in terms:
        flat += each.terms if isinstance(each, kind) and not each.block else (each,)
    return kind(tuple(flat), span=_NOWHERE)


def _rows_of(document: Row, path: Path) -> list[Any]:
    rows = document.get("rows")
    if not isinstance(rows, list):
        raise Faulty([FieldFault(".".join((*path, "rows")), "must be a list of rows")])
    return rows


def _errors(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    return [each for each in found if each.severity is Severity.ERROR]


def _told(found: Diagnostic) -> str:
    return found.message if found.help is None else f"{found.message}: {found.help}"
