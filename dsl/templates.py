"""Texts with `{{ name | "fallback" }}`: the places where a user's own values stand.

Splits a text into what is fixed and what is filled in; the values are given by `engine.content`, always as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{{ first_name | "there" }}`: a path of the language, and the text for users of whom it is not known.

    start and end are offsets in the text it was found in.
    """

    parts: tuple[str, ...]
    fallback: str | None
    start: int
    end: int


Piece: TypeAlias = str | Placeholder

_PART: Final = r"(?:[A-Za-z_$][\w$]*|`[^`\n]+`)"
_PLACEHOLDER = re.compile(
    r"\{\{\s*(" + _PART + r"(?:\." + _PART + r")*)\s*(?:\|\s*\"((?:[^\"\\]|\\.)*)\"\s*)?\}\}", re.ASCII | re.DOTALL
)
_PATH_PART = re.compile(_PART, re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_OPENING = re.compile(r"\{\{")


def split_template(text: str) -> tuple[Piece, ...]:
    """The text in pieces, in order; braces that are no placeholder stay text."""
    pieces: list[Piece] = []
    done = 0
    for found in _PLACEHOLDER.finditer(text):
        if found.start() > done:
            pieces.append(text[done : found.start()])
        pieces.append(_placeholder(found))
        done = found.end()
    if done < len(text):
        pieces.append(text[done:])
    return tuple(pieces)


def placeholders(text: str) -> tuple[Placeholder, ...]:
    """The placeholders of a text, in order."""
    return tuple(piece for piece in split_template(text) if isinstance(piece, Placeholder))


def broken_placeholders(text: str) -> tuple[int, ...]:
    """Offsets of `{{` that begins no placeholder: almost always a slip of the pen."""
    fine = {each.start for each in placeholders(text)}
    return tuple(found.start() for found in _OPENING.finditer(text) if found.start() not in fine)


def _placeholder(found: re.Match[str]) -> Placeholder:
    path, fallback = found.groups()
    return Placeholder(
        parts=tuple(part.strip("`") for part in _PATH_PART.findall(path)),
        fallback=None if fallback is None else _ESCAPED.sub(r"\1", fallback),
        start=found.start(),
        end=found.end(),
    )
