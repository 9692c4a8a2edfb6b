"""What a message code is, and the one list of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from dsl.diagnostics import Diagnostic, Severity, Span


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of message.

    id: `WP003`; never given to another kind once it was released.
    title: what it is about, in a few words; the heading in the reference.
    doc: why it is reported, for a product manager.
    example: the text of a whole file that gives this message; blank where no text can, but only a file on disk.
    mend: the same file put right: it gives this message no more.
    """

    id: str
    severity: Severity
    title: str
    doc: str
    example: str
    mend: str

    def at(self, span: Span, message: str, *, help: str | None = None, fix: str | None = None) -> Diagnostic:  # noqa: A002
        """A message of this kind at a place."""
        return Diagnostic(self.id, self.severity, message, span, help, fix)


_CODES: Final[dict[str, Code]] = {}

CODES: Final[Mapping[str, Code]] = MappingProxyType(_CODES)
"""Every code by its id."""


def error(id: str, title: str, doc: str, *, example: str, mend: str) -> Code:  # noqa: A002
    """Declare a code of a message that stops publishing."""
    return _declare(Code(id, Severity.ERROR, title, doc, _text(example), _text(mend)))


def warning(id: str, title: str, doc: str, *, example: str, mend: str) -> Code:  # noqa: A002
    """Declare a code of a message that stops nothing, except under `--strict`."""
    return _declare(Code(id, Severity.WARNING, title, doc, _text(example), _text(mend)))


def _text(lines: str) -> str:
    bare = lines.strip()
    return bare + "\n" if bare else ""


def _declare(code: Code) -> Code:
    if code.id in _CODES:
        raise ValueError(f"code `{code.id}` is declared twice")
    _CODES[code.id] = code
    return code
