"""A PostgreSQL that takes connections and never answers: found out within seconds, however long questions may last.

A question may take minutes, so that silence alone says nothing. Where a server has been silent for a moment it is asked
something that every server answers at once, on a connection of its own: whether it speaks TLS, which comes before
anybody signs in. If that is not answered either, the connection that waits is closed, and whoever waits is told that
the database does not answer. https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Generator
from typing import Any, Final, TypeVar

import psycopg

SILENCE: Final = 1.0
"""Seconds without a sign after which a server is asked whether it is there; and how long that answer may take."""
LATER: Final = 5.0
"""The same for a question of which it is known that the server is at it."""
_INTERVAL: Final = 0.1
"""Seconds after which whoever waits looks up."""
_DO_YOU_SPEAK_TLS: Final = struct.pack("!ii", 8, 80_877_103)
_TOLD: Final = "the server takes connections and does not answer"

Answer = TypeVar("Answer")


class Watch:
    """What is known of the servers of one database: who was found silent is asked before anybody connects again."""

    def __init__(self) -> None:
        self._silent: tuple[str, int] | None = None

    def note(self, host: str, port: int) -> None:
        """A server was found silent."""
        self._silent = (host, port)

    def check(self) -> None:
        """Raise psycopg.OperationalError if a server that was silent still is: to connect to it would take longer."""
        silent = self._silent
        if silent is None:
            return
        if not answers(*silent):
            raise psycopg.OperationalError(_TOLD)
        self._silent = None


def answers(host: str, port: int, *, within: float = SILENCE) -> bool:
    """Whether a server says anything at all. host: a name, an address, or the folder of a socket."""
    try:
        with _connected(host, port, within) as asked:
            asked.settimeout(within)
            asked.sendall(_DO_YOU_SPEAK_TLS)
            return asked.recv(1) != b""
    except OSError:
        return False


def _connected(host: str, port: int, within: float) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port), timeout=within)
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.settimeout(within)
    try:
        found.connect(f"{host}/.s.PGSQL.{port}")
    except BaseException:
        found.close()
        raise
    return found


class Connection(psycopg.Connection[Any]):
    """A connection that does not wait for ever."""

    watch: Watch | None = None

    def wait(
        self, gen: Generator[Any, Any, Answer], interval: float = _INTERVAL, timeout: float | None = None
    ) -> Answer:
        """Wait for what the server says. Raises psycopg.OperationalError when it is silent, to others too."""
        return super().wait(self._while_it_answers(gen, interval), interval, timeout)

    def _while_it_answers(self, gen: Generator[Any, Any, Answer], interval: float) -> Generator[Any, Any, Answer]:
        quiet, patience = 0.0, SILENCE
        try:
            wanted = next(gen)
            while True:
                sign = yield wanted
                quiet = 0.0 if sign else quiet + interval
                if quiet >= patience:
                    self._check()
                    quiet, patience = 0.0, LATER
                wanted = gen.send(sign)
        except StopIteration as end:
            found: Answer = end.value
            return found

    def _check(self) -> None:
        host, port = self.info.hostaddr or self.info.host, self.info.port
        if answers(host, port):
            return
        if self.watch is not None:
            self.watch.note(host, port)
        # Closed, so that nobody is given this connection again.
        self.pgconn.finish()
        raise psycopg.OperationalError(_TOLD)


def connect(watch: Watch, *args: Any, **choices: Any) -> Connection:
    """A new connection, as psycopg makes it. Raises what psycopg raises."""
    watch.check()
    made = Connection.connect(*args, **choices)
    made.watch = watch
    return made
