"""Mistakes in names: hyphens, blanks, digits, words of the language."""

from __future__ import annotations

import re
from typing import Final

from dsl.codes import syntax
from dsl.mistakes import WORD, Mistake, Trouble
from dsl.terminals import RESERVED

_HYPHENED = re.compile(r"[^\W\d][\w$]*(?:-[\w$]+)+")
# Words up to the end of the line: a label where a name should be.
_HYPHENED_LABEL = re.compile(r"[^\W\d][\w$]*(?:-[\w$]+)+(?:[ \t]+[^\W\d][\w$-]*)+(?=[ \t]*(?:\n|$))")
_DIGIT_NAME = re.compile(r"\d+[^\W\d][\w$]*")
_BLANKS_NAME = re.compile(r"([^\W\d][\w$]*(?:[ \t]+[^\W\d][\w$]*){1,4})(?=\s*(?:[<>=]|is(?!\w)|:|contains(?!\w)))")
_BEFORE_HYPHENED = re.compile(r"(?:[\w$]+\s*\.\s*)?(?=[^\W\d][\w$]*-[\w$])")
_NAMES: Final = ("NAME", "PATH", "PLACE", "SUBJECT")
_NEVER_NAMES: Final = frozenset({*RESERVED, "and", "or", "when", "unless", "where"})
NEVER_TEXT: Final = frozenset(
    {
        *("and", "or", "not", "if", "then", "opens", "completes", "dismisses", "snoozes", "starts", "tracks", "for"),
        *("where", "when", "unless", "on", "in", "at", "as", "feels", "alt", "beside", "reached", "attempted", "used"),
        *("touchpoint", "expect", "done", "default", "within", "since", "optional", "shuffled", "ignoring", "is", "by"),
    }
)
"""Words that go on after a text, and are no part of one that has no quotes."""
LABELLED: Final = frozenset(
    {"GUIDE", "SURVEY", "FEEDBACK", "JOURNEY", "STAGE", "STEP", "FEATURE", "SEGMENT", "PERSONA", "NAME"}
)
"""What a name and a label follow."""
_WORDS_BEFORE_COLON = re.compile(r"[^\W\d][\w$]*(?:[ \t]+[^\W\d][\w$]*)*(?=\s*:)")
_BLANKS_IN_NAME = re.compile(r"[^\W\d][\w$]*(?:[ \t]+[^\W\d][\w$]*)*(?=\s*[\"{])")


def name(trouble: Trouble) -> Mistake | None:
    """`verify-help`, `2fa`, `Company Size`, `in`"""
    if trouble.text[trouble.at : trouble.at + 1] == "-" and trouble.before and trouble.before[-1].end == trouble.at:
        word = trouble.before[-1]
        begin = max(word.text.rfind(sign) for sign in ". \n\t") + 1
        start = word.start + begin
        label = _HYPHENED_LABEL.match(trouble.text, start) if word.type == "NAME" else None
        found = label or _HYPHENED.match(trouble.text, start)
        return _hyphened(found) if found and word.type in _NAMES else None
    if not trouble.wants(*_NAMES):
        return None
    label = trouble.find(_HYPHENED_LABEL) if trouble.wants("NAME") and not trouble.wants("SUBJECT") else None
    if label and not any(word in NEVER_TEXT for word in label.group().split()):
        return _hyphened(label)
    prefix = trouble.find(_BEFORE_HYPHENED)
    if prefix and (found := _HYPHENED.match(trouble.text, prefix.end())):
        return _hyphened(found)
    return _name_for_backticks(trouble)


def _name_for_backticks(trouble: Trouble) -> Mistake | None:
    if found := trouble.find(_DIGIT_NAME):
        return _in_backticks(found, f"`{found.group()}` begins with a digit")
    blanks = None if trouble.is_on_new_line else _in_blanks(trouble)
    if blanks is not None:
        return blanks
    word = trouble.find(WORD) if trouble.wants("NAME") and not trouble.wants("SUBJECT") else None
    if word and word.group() in RESERVED and not trouble.is_on_new_line:
        return _in_backticks(word, f"`{word.group()}` is a word of the language")
    return None


def _in_blanks(trouble: Trouble) -> Mistake | None:
    blanks = trouble.find(_BLANKS_NAME) if trouble.wants("SUBJECT", "COLON") else None
    if blanks and blanks.group(1).split()[0].lower() not in _NEVER_NAMES:
        return _in_backticks(blanks, f"`{blanks.group(1)}` has blanks in it")
    return None


def blanks_in_name(trouble: Trouble) -> Mistake | None:
    """`step connect domain "Connect a domain"`, `attribute first name: text`"""
    last = trouble.last
    if last.type != "NAME" or len(trouble.before) < 2 or trouble.is_on_new_line:
        return None
    kind = trouble.before[-2].type
    found = trouble.find(_BLANKS_IN_NAME if kind in LABELLED else _WORDS_BEFORE_COLON)
    if found is None or (kind not in LABELLED and not trouble.wants("COLON")):
        return None
    written = trouble.text[last.start : found.end()]
    right = "_".join(written.split()) if kind in LABELLED else f"`{' '.join(written.split())}`"
    if kind in LABELLED and any(word in NEVER_TEXT for word in written.split()):
        return None
    return Mistake(
        syntax.NAME, last.start, found.end(), f"the name `{written}` has blanks in it", f"write {right}", right
    )


def _hyphened(found: re.Match[str]) -> Mistake:
    right = re.sub(r"[-\s]+", "_", found.group())
    return Mistake(
        syntax.NAME,
        *found.span(),
        f"`{found.group()}` has a hyphen in it",
        f"write {right}; a name that is sent with a hyphen stands in backticks",
        right,
    )


def _in_backticks(found: re.Match[str], message: str) -> Mistake:
    right = f"`{found.group(found.lastindex or 0)}`"
    return Mistake(syntax.NAME, *found.span(), message, f"write it in backticks: {right}", right)
