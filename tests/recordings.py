"""Recordings made by hand, as a page would send them: a masked page, a click, a rage click, a sentence that changes."""

from __future__ import annotations

import gzip
from typing import Any

import orjson

from dsl.values import SECOND, Duration, Instant, format_instant

RECORDING = "3f2b8a52-7c10-4f0e-9a7b-0d6f0c5f3a11"
OTHER = "5a0d6b64-1a53-4a67-8d7a-77f3f8f9b0c2"


def element(number: int, tag: str, children: list[Any], /, **attributes: Any) -> dict[str, Any]:
    told = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    return {"type": 2, "tagName": tag, "attributes": told, "childNodes": children, "id": number}


def words(number: int, text: str, **more: Any) -> dict[str, Any]:
    return {"type": 3, "textContent": text, "id": number, **more}


def page(*body: dict[str, Any]) -> dict[str, Any]:
    """A document with this body, as rrweb tells of it."""
    style = element(4, "style", [words(5, "button{color:teal}", isStyle=True)])
    html = element(2, "html", [element(3, "head", [style]), element(6, "body", list(body))])
    return {
        "type": 0,
        "childNodes": [{"type": 1, "name": "html", "publicId": "", "systemId": "", "id": 10}, html],
        "id": 1,
    }


def recorded(start: Instant, *, seconds: int = 10, body: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """What rrweb would give of some seconds: the page, and a click in each of them."""
    own = body if body is not None else [element(7, "button", [words(8, "•••••• ••")], id="go")]
    at = start // 1_000
    found: list[dict[str, Any]] = [
        {"type": 4, "timestamp": at, "data": {"href": "https://app.example.com/dns", "width": 800, "height": 600}},
        {"type": 2, "timestamp": at, "data": {"node": page(*own), "initialOffset": {"left": 0, "top": 0}}},
    ]
    for second in range(1, seconds + 1):
        click = {"source": 2, "type": 2, "id": 7, "x": 20, "y": 20}
        found.append({"type": 3, "timestamp": at + second * 1_000 - 1, "data": click})
    return found


def part(start: Instant, *, number: int = 0, last: bool = False, seconds: int = 10, **more: Any) -> dict[str, Any]:
    """A part of a recording, whole as the page would send it; `more` takes the place of members."""
    ended = Instant(start + Duration(seconds * SECOND))
    said = {
        "recording": RECORDING,
        "chunk": number,
        "last": last,
        "anonymousId": "visitor",
        "userId": "ada",
        "sessionId": "s1",
        "page": "https://app.example.com/dns?token=abc#top",
        "size": {"width": 800, "height": 600},
        "started": format_instant(start),
        "ended": format_instant(ended),
        "moments": [],
        "events": recorded(start, seconds=seconds),
    }
    return {key: value for key, value in {**said, **more}.items() if value is not None}


def packed(said: object) -> bytes:
    return gzip.compress(orjson.dumps(said))


def moment(event: str, at: Instant) -> dict[str, str]:
    return {"event": event, "at": format_instant(at)}
