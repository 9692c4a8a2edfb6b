"""Asking a running Waypost over HTTP, for commands that work on one elsewhere.

Decides how a refusal or a server that is not there is told; what is asked is decided by the commands.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from engine.errors import WaypostError

TIMEOUT: Final = 30.0
"""Seconds to wait for an answer: checking ten thousand rules takes a while."""


class Unreachable(WaypostError):
    """The server does not answer, or what answers is no Waypost."""

    code = "unreachable"


class RemoteProblem(WaypostError):
    """The server refused; `document` is its problem document."""

    code = "remote_problem"

    def __init__(self, document: Mapping[str, Any]) -> None:
        super().__init__(str(document.get("detail") or document.get("title") or "the server refused"))
        self.document = document


class UnusableKey(WaypostError):
    """What was given as the key cannot be sent as one."""

    code = "unusable_key"


@dataclass(frozen=True, slots=True)
class Remote:
    """A server and the secret key for it. The key is sent to that server only: redirects are not followed."""

    url: str
    key: str = field(repr=False)
    timeout: float = TIMEOUT

    def get(self, path: str) -> dict[str, Any]:
        """The answer to GET. Raises Unreachable, RemoteProblem."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to POST. Raises Unreachable, RemoteProblem."""
        return self._ask("POST", path, orjson.dumps(body))

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to PUT. Raises Unreachable, RemoteProblem."""
        return self._ask("PUT", path, orjson.dumps(body))

    def delete(self, path: str) -> dict[str, Any]:
        """The answer to DELETE. Raises Unreachable, RemoteProblem."""
        return self._ask("DELETE", path, None)

    def _ask(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        if not _is_server(self.url):
            raise Unreachable(f"`{self.url}` is no address of a server; write one such as https://waypost.example.com")
        if not self.key.isascii() or not self.key.isprintable() or " " in self.key:
            raise UnusableKey("the key has characters that no key has; copy it again, it begins with `wp_sec_`")
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        request = urllib.request.Request(  # noqa: S310  (the scheme was just looked at)
            self.url.rstrip("/") + path, data=body, method=method, headers=headers
        )
        try:
            with _OPENER.open(request, timeout=self.timeout) as answer:
                content = answer.read()
        except urllib.error.HTTPError as refused:
            raise _refusal(self.url, refused) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise Unreachable(f"{self.url} does not answer ({reason})") from None
        return _read(self.url, content)


def _is_server(url: str) -> bool:
    """True for an address that paths can be put behind."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(" ?#")
    return is_plain and parts.scheme in {"http", "https"} and bool(parts.hostname)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key must not follow a redirect to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER: Final = urllib.request.build_opener(_NoRedirect)


def _refusal(url: str, refused: urllib.error.HTTPError) -> WaypostError:
    content = refused.read()
    if refused.headers.get_content_type() != "application/problem+json":
        return Unreachable(f"{url} answers {refused.code} {refused.reason}, and not as Waypost does; check the address")
    return RemoteProblem(_read(url, content))


def _read(url: str, content: bytes) -> dict[str, Any]:
    try:
        read = orjson.loads(content)
    except orjson.JSONDecodeError:
        read = None
    if not isinstance(read, dict):
        raise Unreachable(f"what answers at {url} is no Waypost; check the address")
    return read
