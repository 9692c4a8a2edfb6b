"""The parser that Lark makes of the grammar, kept on disk from one start to the next.

The tables are stored beside the compiled modules (`__pycache__`), or where that cannot be written in the user's cache
folder; where neither can, they are built at each start. They are numbers and words (`marshal`), so reading a stored
file runs nothing; one that cannot be read is built anew.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from dsl.terminals import grammar_text
from dsl.transform import Builder

PROGRAM: Final = "program"
CONDITION: Final = "lone_condition"


# What the parsers that Lark generates call to load their tables; `Lark.load` would unpickle them.
_load: Final[Callable[..., Lark]] = Lark._load_from_dict


def build(builder: Builder | None, *, strict: bool = False) -> Lark:
    """Make the parser from the grammar; `strict` refuses conflicts and terminals that overlap (slower, for tests)."""
    # What looks for overlaps knows no possessive repetitions; the words that they read are the same.
    grammar = grammar_text().replace("*+", "*").replace("++", "+") if strict else grammar_text()
    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        start=[PROGRAM, CONDITION],
        transformer=builder,
        maybe_placeholders=True,
        strict=strict,
    )


def load(builder: Builder) -> Lark:
    """The parser: from its stored tables where there are some, else built and stored."""
    name = f"waypost-grammar-{_fingerprint()}.tables"
    for folder in folders():
        stored = _read(folder / name)
        if stored is not None:
            try:
                return _load(*marshal.loads(stored), transformer=builder)  # noqa: S302  (our own file; see `_read`)
            except (EOFError, ValueError, TypeError, KeyError, AttributeError):
                continue
    parser = build(builder)
    _store(parser, name)
    return parser


def folders() -> Iterator[Path]:
    """Where the tables may be kept, the best place first."""
    yield Path(__file__).with_name("__pycache__")
    home = os.environ.get("XDG_CACHE_HOME")
    try:
        yield (Path(home) if home else Path.home() / ".cache") / "waypost"
    except RuntimeError:  # there is no home
        return


def _fingerprint() -> str:
    """Changes with the grammar, the version of Lark and that of Python."""
    text = "\n".join((grammar_text(), lark.__version__, sys.version))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read(file: Path) -> bytes | None:
    """What is stored, if nobody else could have written it."""
    try:
        with file.open("rb") as stored:
            facts = os.fstat(stored.fileno())
            if hasattr(os, "getuid") and (facts.st_uid not in {os.getuid(), 0} or facts.st_mode & 0o022):
                return None
            return stored.read()
    except OSError:
        return None


def _store(parser: Any, name: str) -> None:
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    content = marshal.dumps(({**data, "options": {**data["options"], "transformer": None}}, memo))
    for folder in folders():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Written aside and moved, so that another process never sees half of it.
            with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
                file.write(content)
            Path(file.name).chmod(0o644)
            Path(file.name).replace(folder / name)
        except OSError:
            continue
        return
