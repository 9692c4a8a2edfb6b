"""Which addresses a guide may lead to.

An allow-list of schemes, so that no text that people write becomes a script. Knows nothing of what an address shows.
"""

from __future__ import annotations

import re
from typing import Final

SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
"""The schemes that a link may have. An address without one belongs to the page that shows it."""

MEDIA_SCHEMES: Final = frozenset({"https", "http"})
"""The schemes that an image or a video may have."""

MOST_CHARACTERS: Final = 2048

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# Browsers drop tabs and line ends inside an address and read a backslash as a slash; so `java\tscript:` is refused.
_NEVER = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ufeff\\<>\"`]")


def safe_url(text: str, *, schemes: frozenset[str] = SCHEMES) -> str | None:
    """The address without the blanks around it, or None if it is none that may be opened."""
    url = text.strip(" \t\r\n")
    if not url or len(url) > MOST_CHARACTERS or _NEVER.search(url):
        return None
    scheme = _SCHEME.match(url)
    if scheme is None:
        # `a:b` and `&colon;` forms have no scheme for us but might for a browser: a colon before any slash is refused.
        return None if ":" in re.split(r"[/?#]", url, maxsplit=1)[0] else url
    return url if scheme.group(1).lower() in schemes else None
