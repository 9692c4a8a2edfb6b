"""What the server itself sees of a request that a browser sent."""

from __future__ import annotations

from flask import request

from dsl.values import JsonValue


def seen_by_the_server() -> dict[str, JsonValue]:
    """The address and the user agent of a browser; nothing for a server, whose own address is not the user's."""
    if "Origin" not in request.headers:
        return {}
    seen: dict[str, JsonValue] = {}
    if request.remote_addr:
        seen["ip"] = request.remote_addr
    if agent := request.headers.get("User-Agent"):
        seen["userAgent"] = agent[:1000]
    return seen
