"""What the fuzzers run, and what they make texts of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from dsl.codes import CODES
from dsl.compiler import Compiler
from dsl.diagnostics import render
from dsl.formatter import format_program
from dsl.nodes import Guide, Segment, Unless, When
from dsl.operators import OPERATORS
from dsl.parser import parse
from dsl.project import load
from dsl.terminals import GRAMMAR_FILE, OPERATOR_SPELLINGS, keyword_terminals, phrase_of

ROOT: Final = Path(__file__).parents[2]

_VALUES: Final = (
    '"Signed Up"', '"', '"""', '"""two\nlines"""', "`Company Size`", "`", "seats", "plan", "activation.verify_domain",
    "account.industry", "event.x", "5", "0.25", "-1", "1e9", "10%", "7 days", "1 day", "2027-06-30",
    "2026-01-01T13:00:00Z", "09:00", "/a+/", "/", "\\", "{", "}", "(", ")", ":", ",", ".", "{{", "}}", "|", "#", "\n",
    "\ufeff", "\0", "\ud800", "\u202e", "=", "==", "!=", "&&", "“a”", "isn't", "7d", "1,000", "monday", "text",
    "yes/no", "one of", "list of text", "times", "days", "responses", "ago", "yes", "no",
    '{{ first_name | "there" }}',
)  # fmt: skip

PIECES: Final = sorted(
    {
        *_VALUES,
        *OPERATOR_SPELLINGS,
        *(phrase_of(terminal) for terminal in keyword_terminals(GRAMMAR_FILE.read_text(encoding="utf-8"))),
        *(example for operator in OPERATORS.values() for example in re.findall(r"\S+", operator.name)),
    }
)
"""Every word of the language, a value of every kind, and what people write by mistake."""


def _corpus() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("tests/corpus/**/*.way"))]
    texts += [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("examples/**/*.way"))]
    for path in sorted((ROOT / "tests" / "corpus" / "errors").glob("*.txt")):
        parts = re.split(r"^--- (.*)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        texts += [text for name, text in zip(parts[1::2], parts[2::2], strict=True) if name.strip().endswith(".way")]
    texts += [text for code in CODES.values() for text in (code.example, code.mend) if 0 < len(text) < 3000]
    return texts


CORPUS: Final = _corpus()
"""Every rule file of the repository, right and wrong."""

EVERY: Final = load({"onboarding.way": (ROOT / "tests" / "corpus" / "onboarding.way").read_text(encoding="utf-8")})


def look_over(text: str) -> None:
    """Read, check, render, format and, where there is no error, compile: everything but an exception is fine."""
    parsed = parse(text, file="a.way")
    project = load({"a.way": text})
    for each in project.diagnostics:
        assert each.code in CODES
        assert 0 <= each.span.start <= each.span.end <= len(text)
        render(each, {"a.way": text})
    written = format_program(parsed.program)
    if parsed.diagnostics:
        return
    again = parse(written, file="a.way")
    assert again.diagnostics == ()
    assert again.program == parsed.program
    assert format_program(again.program) == written
    if not project.ok:
        return
    compiler = Compiler(project)
    for declaration in parsed.program.declarations:
        match declaration:
            case Segment():
                compiler.condition(declaration.where)
            case Guide():
                triggers: tuple[str, ...] = ()
                for clause in declaration.clauses:
                    if isinstance(clause, When | Unless) and "event." not in text:
                        compiler.condition(clause.condition, triggers=triggers)
            case _:
                continue


def look_over_bytes(data: bytes) -> None:
    """A text by bytes: each names a word of the language or a stretch of a file, or stands for itself."""
    pieces: list[str] = []
    for place, byte in enumerate(data):
        if byte < 0xC0:
            pieces.append(PIECES[(byte + 192 * (place % 2)) % len(PIECES)])
        elif byte < 0xF0:
            source = CORPUS[(byte * 7 + place) % len(CORPUS)]
            begin = (byte * 131 + place * 17) % max(1, len(source))
            pieces.append(source[begin : begin + 80])
        else:
            pieces.append(data[place : place + 4].decode("utf-8", "surrogateescape"))
    look_over(" ".join(pieces))
