"""What the server itself sees of a request that a browser sent."""

from __future__ import annotations

from api.serving import the_request
from dsl.values import JsonValue


def seen_by_the_server() -> dict[str, JsonValue]:
    """The address and the user agent of a browser; nothing for a server, whose own address is not the user's."""
    asked = the_request()
    if "Origin" not in asked.headers:
        return {}
    seen: dict[str, JsonValue] = {}
    if asked.remote_addr:
        seen["ip"] = asked.remote_addr
    if agent := asked.headers.get("User-Agent"):
        seen["userAgent"] = agent[:1000]
    return seen
