"""A customer of Postbird without a browser: says over HTTP what the snippet on the pages would say."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import orjson

from dsl.values import Instant, JsonValue, format_instant
from engine.errors import WaypostError

_SECONDS: Final = 15
_BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36"


class NoAnswer(WaypostError):
    """The server of the demo did not answer, or refused what should be fine."""

    code = "no_answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from an address."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return orjson.loads(self.body)


def fetch(
    url: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """One request. Raises NoAnswer when nothing comes back."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, names, answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"`{url}` did not answer: {error}") from error
    finally:
        connection.close()


def answers(url: str) -> bool:
    """True when the address answers with success."""
    try:
        return fetch(url).status == HTTPStatus.OK
    except NoAnswer:
        return False


@dataclass(slots=True)
class Visitor:
    """One person in one browser."""

    address: str
    key: str
    clock: Callable[[], Instant]
    anonymous_id: str = field(default_factory=lambda: f"visitor-{uuid4()}")
    user_id: str | None = None
    path: str = "/"
    last_batch: list[JsonValue] = field(default_factory=list)

    def open(self, path: str) -> dict[str, Any]:
        """Go to a page of the product."""
        self.path = path
        return self.say({"type": "page", "properties": {"path": path}})

    def identify(self, user_id: str, **traits: JsonValue) -> dict[str, Any]:
        """Sign up or in."""
        self.user_id = user_id
        return self.say({"type": "identify", "traits": traits})

    def track(self, event: str, **properties: JsonValue) -> dict[str, Any]:
        """Do something; the reply has the guidance for it."""
        return self.say({"type": "track", "event": event, "properties": properties})

    def say(self, *messages: dict[str, JsonValue]) -> dict[str, Any]:
        """Send messages and ask for guidance in the same round trip. Raises NoAnswer if any of them is not taken."""
        now = format_instant(self.clock())
        known: dict[str, JsonValue] = {"anonymousId": self.anonymous_id}
        if self.user_id is not None:
            known["userId"] = self.user_id
        self.last_batch = [{"messageId": str(uuid4()), "timestamp": now, **known, **each} for each in messages]
        return self.send(self.last_batch)

    def send(self, batch: list[JsonValue]) -> dict[str, Any]:
        """Send a batch as it is; the same one again, for instance."""
        body: dict[str, JsonValue] = {
            "writeKey": self.key,
            "sentAt": format_instant(self.clock()),
            "batch": batch,
            "decide": True,
            "context": {
                "page": {"path": self.path, "url": self.address + self.path},
                "userAgent": _BROWSER,
                "device": {"type": "desktop"},
                "locale": "en-GB",
                "timezone": "Europe/London",
            },
        }
        answer = fetch(
            f"{self.address}/v1/batch",
            method="POST",
            body=orjson.dumps(body),
            headers={"Content-Type": "text/plain", "Origin": self.address, "User-Agent": _BROWSER},
        )
        if answer.status != HTTPStatus.ACCEPTED or answer.json["rejected"]:
            raise NoAnswer(f"a batch was not taken ({answer.status}): {answer.body[:500].decode(errors='replace')}")
        said: dict[str, Any] = answer.json
        return said
