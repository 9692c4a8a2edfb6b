"""Links into the console that are handed to people."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

JOIN: Final = "/console/join"
"""Where an invitation, or a link to choose a new password, leads to."""

SHARED: Final = "/console/shared"
"""Where a link leads to that shows one page to whoever has it."""


def join_link(public_url: str, token: str) -> str:
    """The link of an invitation. public_url: where people reach the server, without a slash at its end."""
    return f"{public_url.rstrip('/')}{JOIN}?token={quote(token, safe='')}"


def shared_link(public_url: str, token: str) -> str:
    """The link that shows one page. public_url: as for `join_link`."""
    return f"{public_url.rstrip('/')}{SHARED}/{quote(token, safe='')}"
