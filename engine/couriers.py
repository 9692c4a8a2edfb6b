"""Brings a delivery to an address on the internet, and nowhere else: never into the network that this server is in.

The name is resolved here, every address behind it is judged, and the connection goes to the one that was judged, so
that a name which leads elsewhere a moment later changes nothing. No redirect is followed, and no proxy is asked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

from engine.webhooks import is_public

PATIENCE: Final = 10.0
"""Seconds to connect, and to send and be answered."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of bringing it. status: what was answered; None where nothing was. error: why it did not succeed."""

    status: int | None
    error: str | None


class Overdue(TimeoutError):
    """It took too long as a whole."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address, whose certificate is judged by the name."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=PATIENCE, context=context)
        self._address = address
        self._tls = context

    def connect(self) -> None:
        raw = socket.create_connection((self._address, self.port), PATIENCE)
        self.sock = self._tls.wrap_socket(raw, server_hostname=self.host)


class _PinnedPlain(http.client.HTTPConnection):
    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=PATIENCE)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), PATIENCE)


class Courier:
    """Who brings. allows_private: to addresses within one's own network too."""

    def __init__(self, *, allows_private: bool = False) -> None:
        self.allows_private = allows_private

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def bring(self, url: str, body: bytes, headers: Mapping[str, str]) -> Brought:
        """POST a body; whatever goes wrong is told, never raised."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            address = self.address_of(host, port)
            if address is None:
                return Brought(None, "the name leads into a private network, where this server sends nothing")
            with closing(self.connection(parts, host, port, address)) as connection:
                connection.connect()
                with deadline(connection.sock):
                    connection.request("POST", target_of(parts), body, dict(headers))
                    # What it says beyond its status is of no interest, and is not read.
                    answer = connection.getresponse()
        except (OSError, http.client.HTTPException, UnicodeError) as error:
            return Brought(None, explained(error))
        if 200 <= answer.status < 300:
            return Brought(answer.status, None)
        where = " and wanted to lead elsewhere" if 300 <= answer.status < 400 else ""
        return Brought(answer.status, f"the address answered {answer.status}{where}")

    def address_of(self, host: str, port: int) -> str | None:
        """The first address of a name; None where any of them is not to be reached."""
        found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not self.allows_private and not all(is_public(ip_address(each.partition("%")[0])) for each in found):
            return None
        return found[0]

    def connection(self, parts: SplitResult, host: str, port: int, address: str) -> http.client.HTTPConnection:
        """A connection to an address that was judged."""
        if parts.scheme == "https":
            return _Pinned(host, port, address, self._context)
        return _PinnedPlain(host, port, address)


def target_of(parts: SplitResult) -> str:
    """What of an address stands in a request: its path and query, letters beyond ASCII as browsers write them."""
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return "".join(letter if letter.isascii() else quote(letter) for letter in path)


@contextmanager
def deadline(sock: socket.socket, seconds: float | None = None) -> Iterator[None]:
    """Hang up when it takes too long as a whole: an answer that comes letter by letter would hold the worker up.

    Raises Overdue, also where the end of the connection looked like the end of the answer.
    """
    patience = PATIENCE if seconds is None else seconds
    over = threading.Event()

    def hang_up() -> None:
        over.set()
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(patience, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException):
        if over.is_set():
            raise Overdue(patience) from None
        raise
    finally:
        timer.cancel()
    if over.is_set():
        raise Overdue(patience)


def explained(error: Exception) -> str:
    """Why somebody was not reached, in words."""
    match error:
        case socket.gaierror():
            return "the name of the address is not known"
        case ssl.SSLCertVerificationError():
            return f"its certificate does not hold: {error.verify_message}"
        case TimeoutError():
            seconds = error.seconds if isinstance(error, Overdue) else PATIENCE
            return f"it did not answer within {seconds:.0f} seconds"
        case ConnectionRefusedError():
            return "it refuses connections"
        case http.client.IncompleteRead():
            return "the answer was cut short"
        case _:
            return f"it cannot be reached: {type(error).__name__}"
