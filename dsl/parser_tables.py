"""The parser that Lark makes of the grammar, kept on disk from one start to the next.

The tables are stored beside the compiled modules (`__pycache__`), or where that cannot be written in the user's cache
folder; where neither can, they are built at each start. A stored file that cannot be read is built anew.
"""

from __future__ import annotations

import hashlib
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import lark
from lark import Lark

from dsl.terminals import grammar_text
from dsl.transform import Builder

PROGRAM: Final = "program"
CONDITION: Final = "lone_condition"


# Lark's own annotation leaves out the options that may be given at loading.
_load: Final[Callable[..., Lark]] = Lark.load


def build(builder: Builder, *, strict: bool = False) -> Lark:
    """Make the parser from the grammar; `strict` refuses conflicts and terminals that overlap (slower, for tests)."""
    return Lark(
        grammar_text(),
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
    for folder in _folders():
        stored = _read(folder / name)
        if stored is not None:
            try:
                return _load(io.BytesIO(stored), transformer=builder)
            except Exception:  # noqa: BLE001, S112  (whatever is wrong with it: it is built anew)
                continue
    parser = build(builder)
    _store(parser, name)
    return parser


def _fingerprint() -> str:
    """Changes with the grammar, the version of Lark and that of Python."""
    text = "\n".join((grammar_text(), lark.__version__, sys.version))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _folders() -> Iterator[Path]:
    yield Path(__file__).with_name("__pycache__")
    home = os.environ.get("XDG_CACHE_HOME")
    try:
        yield (Path(home) if home else Path.home() / ".cache") / "waypost"
    except RuntimeError:  # there is no home
        return


def _read(file: Path) -> bytes | None:
    """What is stored, if nobody else could have written it: it is unpickled."""
    try:
        with file.open("rb") as stored:
            facts = os.fstat(stored.fileno())
            if hasattr(os, "getuid") and (facts.st_uid not in {os.getuid(), 0} or facts.st_mode & 0o022):
                return None
            return stored.read()
    except OSError:
        return None


def _store(parser: Any, name: str) -> None:
    content = io.BytesIO()
    parser.save(content)
    for folder in _folders():
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Written aside and moved, so that another process never sees half of it.
            with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
                file.write(content.getvalue())
            Path(file.name).replace(folder / name)
        except OSError:
            continue
        return
