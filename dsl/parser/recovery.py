"""Parsing on after a mistake, so that one run reports them all.

Where the parser cannot go on, the mistake is looked for among the known ones. If there is a text that puts it right,
parsing goes on with that text in its place; if not, the clause or declaration is left out and parsing goes on at the
next one. Slower than the parser itself, and used only for texts that it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from lark import Token

from dsl.codes import syntax
from dsl.diagnostics import Diagnostic
from dsl.limits import declaration_too_large, nested_too_deep
from dsl.mistakes import Mistake, Trouble, Word
from dsl.mistakes import audience as mistaken_audience
from dsl.mistakes import values as mistaken_values
from dsl.mistakes import wording as mistaken_wording
from dsl.mistakes import words as mistaken_words
from dsl.mistakes.long_texts import Swallowed, swallowed
from dsl.parser.driver import END, Begin, Driver, Excess, Place, Stop, after_blanks
from dsl.parser.machine import Machine, Mark
from dsl.parser.words import SHOWN, expected, is_keyword, shortened, shown_at
from dsl.scan import Lines, blanked, scan
from dsl.suggest import nearest
from dsl.terminals import (
    BACKTICKED,
    COLLIDING,
    ENDLESS,
    LONG_STRING,
    LOOKING_AHEAD,
    OPERATOR_SPELLINGS,
    PLAIN,
    STRING,
    pattern_of,
    phrase_of,
)

MOST_MESSAGES: Final = 100
"""Messages of one text; what is wrong beyond them is found once these are put right."""
_SURE: Final = 2
"""How many words after a guess must be readable for it to be believed."""
_MOST_TRIES: Final = 20_000
"""How often a place to go on at is looked for in one text; a text that needs more is hardly one of rules."""

_PIECE = re.compile(rf"{LONG_STRING}|{STRING}|{BACKTICKED}|{ENDLESS}|[{{}}]|\n[^\S\n]*(?=[^\W\d]|[\"`])")
_PROPERTY = re.compile(r"\s*:")

_DECLARATIONS: Final = frozenset(
    {"ATTRIBUTE", "ACCOUNT_ATTRIBUTE", "EVENT", "JOURNEY", "FEATURE", "SEGMENT", "PERSONA", "GUIDE", "SURVEY",
     "FEEDBACK", "LIMITS", "RECORD", "IMPORT"}
)  # fmt: skip
_NAMED: Final = _DECLARATIONS | {"STAGE", "STEP", "ASK", "VARIANT"}
_RECOGNISERS: Final = (
    *mistaken_audience.IN_ORDER,
    *mistaken_words.IN_ORDER,
    *mistaken_wording.OF_OPERATORS,
    *mistaken_values.IN_ORDER,
    *mistaken_wording.IN_ORDER,
)
"""Every kind of mistake, in the order in which they are tried."""
_PUNCTUATION: Final = {"LBRACE": "{", "RPAR": ")", "COMMA": ",", "COLON": ":", "COMMA_TEXT": ","}
_FILLED_IN: Final = {"TIMES": "times", "DAYS": "days", "RESPONSES": "responses", "AND": "and", "SUFFIX": "ago"}
"""Words that are easily left out."""


class Recovery:
    """One text with mistakes. `found` are the messages, `unread` the names declared in what was left out.

    result: what could be read of the whole text, once it has been read to its end; None if that is nothing.
    """

    def __init__(self, driver: Driver, *, text: str, original: str, lines: Lines, start: str) -> None:
        self.found: list[Diagnostic] = []
        self.unread: list[str] = []
        self.text = text
        """What is read: the text without comments."""
        self._original = original
        self._lines = lines
        self._machine = Machine(driver, lines=lines, start=start)
        self._mended_at: dict[int, int] = {}
        self._tries = 0

    @property
    def result(self) -> Any:
        return self._machine.result

    def read_on(self, stop: Stop) -> Place | None:
        """Read on past a mistake, up to a whole declaration without one: the place before it. None at the end."""
        machine = self._machine
        machine.take(stop.place)
        clean: Begin | None = None
        began = after_blanks(self.text, machine.offset)
        excess = stop.excess
        while machine.result is None and len(self.found) < MOST_MESSAGES:
            if excess is not None:
                clean = None
                if not self._leave_out(excess, began, max(stop.at, machine.offset)):
                    break
                began = machine.offset
            mark = machine.mark()
            token = machine.read(self.text, machine.offset)
            if token is not None and self._feed(token):
                begin = machine.begin(int(token.start_pos or 0)) if token.type in _DECLARATIONS else None
                began = began if begin is None else begin.offset
                excess = machine.excess(began)
                if begin is not None and clean is not None:
                    return machine.give(clean)
                if begin is not None and begin.offset > stop.at:
                    clean = begin
                continue
            clean = None
            machine.back(mark)
            if not self._mend(mark) and not self._skip():
                break
        if machine.result is None:
            self._finish()
        return None

    def _feed(self, token: Token) -> bool:
        start: Any = token.start_pos
        end: Any = token.end_pos
        return self._machine.feed(token, start, end)

    # Putting right

    def _mend(self, mark: Mark) -> bool:
        """Report what is wrong here; True if parsing can go on after it."""
        at = after_blanks(self.text, mark.offset)
        times = self._mended_at[at] = self._mended_at.get(at, 0) + 1
        states = self._machine.states
        trouble = Trouble(self.text, at, self._machine.accepts(states), tuple(self._machine.words), self._original)
        if times > 3:
            return False
        lost = swallowed(trouble, self._lines.starts)
        if lost is not None and self._ends(lost, mark):
            return True
        views = [trouble, *self._views(trouble, states)]
        # What begins a declaration at the beginning of a line is no slip of a word: a brace is missing before it.
        begins = (at == 0 or self.text[at - 1] == "\n") and self._declares(at)
        slips = () if begins else (found for view in views for found in _recognised(view))
        mistake = next(iter(slips), None) or (None if begins else self._near(trouble, mark))
        guess = None if mistake is not None else self._guess(trouble, states, mark)
        mistake = mistake or guess
        if mistake is None:
            self._report_unexpected(trouble if begins else views[-1])
            return False
        # A mistake that takes in more says all of what a smaller one said before.
        self.found = [
            said
            for said in self.found
            if said.span.start == said.span.end or not mistake.start <= said.span.start < said.span.end <= mistake.end
        ]
        span = self._lines.span(mistake.start, mistake.end)
        message, advice = shortened(mistake.message), shortened(mistake.help)
        self.found.append(mistake.code.at(span, message, help=advice, fix=mistake.fix))
        return mistake.fix is not None and self._apply(mistake.start, mistake.end, mistake.fix, mark)

    def _ends(self, lost: Swallowed, mark: Mark) -> bool:
        """Report a text that goes on for too long, and go on where it was meant to end, if that can be read."""
        before, said = self.text, lost.mistake
        # What seemed to be text may have comments in it.
        comments = scan(self._original[lost.end :]).comments
        self.text = blanked(before, [(lost.end + start, lost.end + end) for start, end in comments])
        if not self._apply(said.start, lost.end, lost.text, mark, sure=_SURE):
            self.text = before
            return False
        self.found.append(said.code.at(self._lines.span(said.start, said.end), said.message, help=said.help))
        return True

    def _views(self, trouble: Trouble, states: Sequence[Any]) -> Iterator[Trouble]:
        """The trouble seen from behind a word that is known here but followed by the wrong thing."""
        for terminal in sorted(trouble.accepts & {*LOOKING_AHEAD, "SUBJECT"}):
            if terminal.startswith(("AND_", "COMMA")):
                continue
            pattern = PLAIN["PATH"] if terminal == "SUBJECT" else pattern_of(terminal)
            found = trouble.find(re.compile(pattern))
            then = self._machine.after(states, terminal) if found else None
            if found is None or then is None or (terminal == "SUBJECT" and found.group() in COLLIDING):
                continue
            word = Word(terminal, found.group(), *found.span())
            at = after_blanks(self.text, found.end())
            yield Trouble(self.text, at, self._machine.accepts(then), (*trouble.before, word), self._original)

    def _apply(self, start: int, end: int, fix: str, mark: Mark, *, sure: int = 0) -> bool:
        """Go on with `fix` in the place of the text from `start` to `end`; back to `mark` if that does not work.

        With `sure`, that many words after the replacement must be readable; they are not kept.
        """
        machine = self._machine
        begin = machine.mark_before(start)
        if begin is None:
            return False
        machine.back(begin)
        lead = start - begin.offset
        patched = self.text[begin.offset : start] + fix + self.text[end:]
        behind = lead + len(fix)
        at = 0
        while after_blanks(patched, at) < behind:
            machine.mark()
            token = machine.read(patched, at)
            if token is None:
                machine.back(mark)
                return False
            first, at = int(token.start_pos or 0), int(token.end_pos or 0)
            # A word of the replacement has the place of what was replaced.
            place = begin.offset + first if first < lead else start
            until = begin.offset + at if at <= lead else max(end, end + at - behind)
            if not machine.feed(token, place, until):
                machine.back(mark)
                return False
        machine.offset = max(machine.offset, end + max(0, at - behind))
        after = machine.mark()
        if self._readable(sure):
            machine.back(after)
            return True
        machine.back(mark)
        return False

    def _readable(self, count: int) -> bool:
        """Whether so many words can be read from here, or all that are left."""
        machine = self._machine
        for _ in range(count):
            token = machine.read(self.text, machine.offset)
            if token is None or not self._feed(token):
                return False
            if token.type == END:
                return True
        return True

    def _tried(self, mark: Mark, start: int, end: int, fix: str, *, sure: int = _SURE) -> bool:
        """Whether parsing would go on with a replacement; nothing is changed."""
        marks = tuple(self._machine.marks)
        works = self._apply(start, end, fix, mark, sure=sure)
        self._machine.back(mark)
        self._machine.marks.extend(marks)
        return works

    # Guessing

    def _near(self, trouble: Trouble, mark: Mark) -> Mistake | None:
        """A word of the language with a letter wrong."""
        phrases = {phrase_of(terminal) for terminal in trouble.accepts if is_keyword(terminal)}
        if trouble.wants("OP_VALUE"):
            phrases |= {spelling for spelling in OPERATOR_SPELLINGS if spelling[0].isalpha()}
        for count in (3, 2, 1):
            found = re.compile(r"[^\W\d]\w*" + r"\s+[^\W\d]\w*" * (count - 1)).match(self.text, trouble.at)
            if found is None:
                continue
            written = " ".join(found.group().split())
            for right in nearest(written, (phrase for phrase in phrases if len(phrase.split()) == count)):
                ends_line = self.text[found.end() : found.end() + 1] in {"", "\n"}
                if right != written and self._tried(mark, *found.span(), right, sure=0 if ends_line else 1):
                    return Mistake(
                        syntax.UNEXPECTED,
                        *found.span(),
                        f"`{written}` is no word of the language",
                        f"did you mean `{right}`?",
                        right,
                    )
        return None

    def _guess(self, trouble: Trouble, states: Sequence[Any], mark: Mark) -> Mistake | None:
        """A brace, a comma, a name too few or too many."""
        at, text = trouble.at, self.text
        sign = text[at : at + 1]
        missing = self._closing(trouble, sign) if sign in {"}", ")"} else self._missing_brace(trouble, states)
        if missing is not None:
            return missing
        for terminal, written in (_PUNCTUATION | _FILLED_IN).items():
            if terminal in trouble.accepts and self._tried(mark, at, at, f"{written} "):
                here = max(0, mark.offset)
                return Mistake(
                    syntax.UNCLOSED if terminal in {"LBRACE", "RPAR"} else syntax.UNEXPECTED,
                    here,
                    here,
                    f"{'' if written.isalpha() else 'a '}`{written}` is missing here",
                    f"write `{written}` before {shown_at(text, at)}",
                    f"{written}" if written in ",:)" else f" {written}",
                )
        if trouble.wants("NAME") and sign == '"' and (label := re.compile(STRING).match(text, at)):
            name = "_".join(re.findall(r"[a-z0-9]+", label.group().lower()))[:40]
            name = name if name and not name[0].isdigit() else f"my_{name}"
            if self._tried(mark, at, at, f"{name} "):
                return Mistake(
                    syntax.NAME, at, label.end(), "the name is missing", f"write a name before the text: {name}",
                    f"{name} {label.group()}",
                )  # fmt: skip
        shown = SHOWN.match(text, at)
        closes = sign in {"}", ")"} and self._machine.open_braces()
        if shown and not shown.group()[0].isalnum() and not closes and self._tried(mark, *shown.span(), ""):
            return Mistake(syntax.UNEXPECTED, *shown.span(), f"`{shown.group()}` cannot stand here", "leave it out", "")
        return None

    def _closing(self, trouble: Trouble, sign: str) -> Mistake | None:
        """A `}` or `)` that nothing opened, or before which the other is missing."""
        opened = self._machine.open_braces()
        wanted = self._machine.values[opened[-1]] if opened else None
        at = trouble.at
        if wanted is None or (sign == ")" and str(wanted) == "{"):
            return Mistake(syntax.UNCLOSED, at, at + 1, f"this `{sign}` closes nothing", "leave it out", "")
        if sign == "}" and str(wanted) == "(":
            end = trouble.last.end
            return Mistake(
                syntax.UNCLOSED, end, end, "a `)` is missing here", f"the `(` in line {wanted.line} is not closed", ")"
            )
        return None

    def _missing_brace(self, trouble: Trouble, states: Sequence[Any]) -> Mistake | None:
        """A word that belongs outside the block, or the end of the text: the `}` is missing."""
        opened = [index for index in self._machine.open_braces() if str(self._machine.values[index]) == "{"]
        if not opened:
            return None
        ahead: Sequence[Any] | None = states
        for count in range(1, len(opened) + 1):
            ahead = self._machine.after(ahead, "RBRACE") if ahead is not None else None
            token = None if ahead is None else self._machine.read(self.text, trouble.at, states=ahead)
            if ahead is None or token is None:
                return None
            if token.start_pos != trouble.at or self._machine.after(ahead, token.type) is None:
                continue
            if token.type != END and not is_keyword(token.type):
                return None
            brace: Token = self._machine.values[opened[-count]]
            if token.type != END and self._is_misplaced(trouble.at, int(brace.start_pos or 0)):
                return self._misplaced(trouble, token, brace)
            head = self.text[self.text.rfind("\n", 0, brace.start_pos) + 1 : brace.start_pos].strip()
            return Mistake(
                syntax.UNCLOSED,
                trouble.at if token.type != END else int(brace.start_pos or 0),
                trouble.at if token.type != END else int(brace.start_pos or 0) + 1,
                f"a `}}` is missing: the `{{` of `{head}` in line {brace.line} is not closed",
                "write `}` where it ends"
                + ("" if token.type == END else f", before {shown_at(self.text, trouble.at)}"),
                "} " * count if token.type != END else None,
            )
        return None

    def _misplaced(self, trouble: Trouble, token: Token, brace: Token) -> Mistake:
        head = self.text[self.text.rfind("\n", 0, brace.start_pos) + 1 : brace.start_pos].strip()
        word = " ".join(token.split())
        return Mistake(
            syntax.UNEXPECTED,
            trouble.at,
            int(token.end_pos or trouble.at),
            f"`{word}` cannot stand inside the braces of `{head}`",
            f"put `{word}` after the `}}` that closes them",
        )

    def _is_misplaced(self, at: int, brace: int) -> bool:
        """Whether a word stands inside the braces by mistake, rather than after a `}` that is missing."""
        if self._declares(at) and self.text[at - 1 : at] == "\n":
            return False
        begin = self.text.rfind("\n", 0, at) + 1
        head = self.text.rfind("\n", 0, brace) + 1
        if not self.text[begin:at].strip() and begin > brace:
            # The first word of its line: how far it is indented says where it was meant to stand.
            return at - begin > after_blanks(self.text, head) - head
        return self._is_closed(brace)

    def _is_closed(self, brace: int) -> bool:
        """Whether a `{` has its `}` before the next declaration at the beginning of a line."""
        depth = 0
        for found in _PIECE.finditer(self.text, brace):
            sign = found.group()
            depth += {"{": 1, "}": -1}.get(sign, 0)
            if depth == 0:
                return True
            if sign == "\n" and self._declares(found.end()):
                return False
        return False

    def _declares(self, at: int) -> bool:
        """Whether a declaration begins here."""
        token = self._machine.read(self.text, at, states=self._machine.states[:1])
        return token is not None and token.type in _DECLARATIONS and token.start_pos == at

    def _report_unexpected(self, trouble: Trouble) -> None:
        last = trouble.last
        shown = SHOWN.match(self.text, trouble.at)
        wanted = expected(trouble.accepts, self._machine.accepts_after)
        word = shortened(" ".join(last.text.split()))
        after = f"after `{word}` comes" if last.type else "here comes"
        if shown is None or (trouble.is_on_new_line and last.type and not trouble.wants("RBRACE", END)):
            # Nothing is wrong with the next line: something is missing at the end of this one.
            span = self._lines.span(last.start, last.end)
            said = syntax.UNEXPECTED.at(span, f"something is missing after `{word}`", help=f"{after} {wanted}")
        else:
            span = self._lines.span(*shown.span())
            said = syntax.UNEXPECTED.at(
                span, f"{shown_at(self.text, trouble.at)} cannot stand here", help=f"{after} {wanted}"
            )
        self.found.append(said)

    # Leaving out

    def _skip(self) -> bool:
        """Go on at the next clause, item or declaration; False if there is none."""
        machine = self._machine
        states = machine.states
        opened = [index for index in machine.open_braces() if str(machine.values[index]) == "{"]
        top, depth = len(states) - 1, 0
        at = after_blanks(self.text, machine.offset)
        first_time = self._mended_at.get(at, 0) < 2
        for found in _PIECE.finditer(self.text, machine.offset if first_time else at):
            sign = found.group()
            if self._tries > _MOST_TRIES:
                return False
            if sign == "{":
                depth += 1
            elif sign == "}" and depth:
                depth -= 1
            elif sign == "}" and opened:
                brace = opened.pop()
                if self._goes_on(states, top, brace + 1, found.start(), {"RBRACE"}):
                    return True
                top = brace
            elif sign[0] == "\n":
                low = opened[-1] + 1 if opened else 0
                if depth == 0 and self._goes_on(states, top, low, found.end(), None):
                    return True
                if sign == "\n" and self._declares(found.end()):
                    self._cut(self._ground(), found.end())
                    return True
        return False

    def _leave_out(self, excess: Excess, begin: int, at: int) -> bool:
        """Leave out a declaration that is beyond a limit there; False if none follows."""
        match excess:
            case Excess.SIZE:
                self.found.append(declaration_too_large(self._lines.span(begin, begin + 1)))
            case Excess.NESTING:
                at = after_blanks(self.text, at)
                self.found.append(nested_too_deep(self._lines.span(at, at + 1)))
        for found in _PIECE.finditer(self.text, at):
            if found.group()[0] == "\n" and self._declares(found.end()):
                self._cut(self._ground(), found.end())
                return True
        return False

    def _goes_on(self, states: Sequence[Any], top: int, low: int, at: int, types: set[str] | None) -> bool:
        """Go on at an offset, with as much as possible of what was read, down to a depth; False if that fails."""
        machine = self._machine
        self._tries += 1
        for depth in range(top, low - 1, -1):
            token = machine.read(self.text, at, states=states[: depth + 1])
            if token is None or token.start_pos != at or machine.after(states[: depth + 1], token.type) is None:
                continue
            is_item = token.type in {"STRING", "SUBJECT"} or is_keyword(token.type)
            is_property = token.type == "NAME" and _PROPERTY.match(self.text, int(token.end_pos or at))
            if token.type in types if types is not None else is_item or is_property:
                self._cut(depth, at)
                return True
        return False

    def _ground(self) -> int:
        """How many values are whole declarations."""
        return next(
            (index for index, value in enumerate(self._machine.values) if isinstance(value, Token)),
            min(1, len(self._machine.values)),
        )

    def _cut(self, depth: int, at: int) -> None:
        forgotten = self._machine.cut(depth, at)
        for word, following in pairwise(forgotten):
            if isinstance(word, Token) and word.type in _NAMED and isinstance(following, Token):
                self.unread.append(str(following).strip('`"'))

    def _finish(self) -> None:
        """End the text here: whole declarations stay, the one that was begun is left out."""
        machine = self._machine
        for depth in range(self._ground(), -1, -1):
            if machine.after(machine.states[: depth + 1], END) is not None:
                self._cut(depth, len(self.text))
                machine.feed(Token(END, ""), len(self.text), len(self.text))
                return


def _recognised(trouble: Trouble) -> Iterator[Mistake]:
    for recognise in _RECOGNISERS:
        mistake = recognise(trouble)
        if mistake is not None:
            yield mistake
