"""Asks an address on the internet, and nowhere else: the same judgement as of webhooks (`engine.couriers`).

Whatever goes wrong is told, never raised. No redirect is followed, so that what a request says of who asks is told to
nobody else, and an answer is read up to a limit of size and time.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from dsl.values import SECOND, Duration, Instant, from_datetime
from engine.couriers import Courier, deadline, explained, target_of

LARGEST_ANSWER: Final = 32 * 1024 * 1024
ANSWER_LASTS: Final = 60.0
"""Seconds to be answered, all in all."""
LONGEST_WAIT: Final = 86_400
"""Seconds: who asks for more patience is asked again after a day."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request. body: with one it is a POST."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered. headers: their names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unanswered(Exception):
    """There was no answer that can be used; its text says why. after: for how long not to ask again."""

    def __init__(self, why: str, *, status: int | None = None, after: Duration | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.after = after


class Fetcher:
    """Who asks. courier: says which addresses may be asked, and connects."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier

    def fetch(self, ask: Ask, *, now: Instant) -> Answer:
        """The answer to a request: 2xx, or 304 to one that said what is known. Raises Unanswered."""
        parts = urlsplit(ask.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        headers = {"User-Agent": "Waypost-Sources/1", "Accept-Encoding": "identity", **ask.headers}
        try:
            address = self._courier.address_of(host, port)
            if address is None:
                raise Unanswered("the name leads into a private network, where this server asks nothing")
            with closing(self._courier.connection(parts, host, port, address)) as connection:
                connection.connect()
                with deadline(connection.sock, ANSWER_LASTS):
                    method = "GET" if ask.body is None else "POST"
                    connection.request(method, target_of(parts), ask.body, headers)
                    answer = connection.getresponse()
                    told = {name.lower(): value for name, value in answer.getheaders()}
                    body = answer.read(LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            raise Unanswered(explained(error)) from None
        if len(body) > LARGEST_ANSWER:
            raise Unanswered(f"the answer is larger than {LARGEST_ANSWER >> 20} MB", status=answer.status)
        if not 200 <= answer.status < 300 and answer.status != 304:
            raise Unanswered(
                _refusal(host, answer.status), status=answer.status, after=_patience(told.get("retry-after"), now)
            )
        if answer.length:
            # Reading up to a limit does not say by itself that the connection ended before the answer did.
            raise Unanswered("the answer was cut short", status=answer.status)
        return Answer(answer.status, told, body)


def _refusal(host: str, status: int) -> str:
    match status:
        case 401 | 403:
            why = "it does not take the credentials, or they may not read this"
        case 404 | 410:
            why = "there is nothing at this address"
        case 429:
            why = "it was asked too often"
        case _ if 300 <= status < 400:
            why = "it wanted to lead elsewhere"
        case _ if status >= 500:
            why = "something is wrong there"
        case _:
            why = "it does not take the question"
    return f"{host} answered {status}: {why}"


def _patience(told: str | None, now: Instant) -> Duration | None:
    """What `Retry-After` says: seconds, or a time."""
    if told is None:
        return None
    if told.strip().isascii() and told.strip().isdigit():
        seconds = int(told.strip()[:9])
    else:
        try:
            seconds = (from_datetime(parsedate_to_datetime(told)) - now) // SECOND
        except (ValueError, TypeError, OverflowError):
            return None
    return Duration(min(max(seconds, 0), LONGEST_WAIT) * SECOND)
