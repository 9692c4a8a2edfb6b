"""Patterns that people write: `/…/` in RE2's syntax, text with `*`, and networks.

Decides what fits a pattern, in time linear in the text. Python's `re` never sees a pattern or a text of a user.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

import re2

Test: TypeAlias = Callable[[str], bool]
"""Whether a text fits."""

LONGEST_PATTERN: Final = 2_000
"""Characters of a pattern; RE2 also refuses those whose program would take more than 1 MB."""
_MEMORY: Final = 1 << 20


class PatternError(ValueError):
    """A pattern, or a network, that means nothing; the text says why, for the author of the rule."""


@lru_cache(maxsize=4096)
def expression(pattern: str, *, ignoring_case: bool = False) -> Test:
    """A test for `/…/`: it fits anywhere in the text unless anchored. Raises PatternError."""
    search = _compiled(pattern, ignoring_case=ignoring_case).search
    return lambda text: search(text) is not None


@lru_cache(maxsize=4096)
def glob(pattern: str, *, ignoring_case: bool = False) -> Test:
    """A test for text in which `*` stands for any characters, slashes too; the rest is taken literally.

    It covers the whole text. Of paths and addresses, on both sides, the query, the fragment and a slash at the end are
    left out: `/domains/*` fits `/domains/7?tab=dns`, not `/domains`. Raises PatternError for one that is too long.
    """
    fits = _whole(pattern, ignoring_case=ignoring_case)
    bare = _without_trimmings(pattern)
    fits_bare = fits if bare == pattern else _whole(bare, ignoring_case=ignoring_case)
    return lambda text: fits_bare(_without_trimmings(text)) if _is_address(text) else fits(text)


def _whole(pattern: str, *, ignoring_case: bool) -> Test:
    parts = pattern.split("*")
    if len(parts) == 1 and not ignoring_case:
        return pattern.__eq__
    # (?s): a star also spans line ends.
    matches = _compiled("(?s)" + ".*".join(re2.escape(part) for part in parts), ignoring_case=ignoring_case).fullmatch
    return lambda text: matches(text) is not None


@lru_cache(maxsize=1024)
def network(text: str) -> Test:
    """A test for addresses in a network such as `10.0.0.0/8` or `2001:db8::/32`. Raises PatternError."""
    try:
        members = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise PatternError(f"`{text}` is not a network such as 10.0.0.0/8") from None

    def is_member(address: str) -> bool:
        try:
            found = ipaddress.ip_address(address.strip())
        except ValueError:
            return False
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None and members.version == 4:
            found = found.ipv4_mapped
        return found in members

    return is_member


def _compiled(pattern: str, *, ignoring_case: bool) -> re2._Regexp:
    if len(pattern) > LONGEST_PATTERN:
        raise PatternError(f"a pattern has at most {LONGEST_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignoring_case
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise PatternError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None


def _is_address(text: str) -> bool:
    return text.startswith("/") or "://" in text


def _without_trimmings(text: str) -> str:
    bare = text.split("#", 1)[0].split("?", 1)[0]
    return bare[:-1] if len(bare) > 1 and bare.endswith("/") else bare
