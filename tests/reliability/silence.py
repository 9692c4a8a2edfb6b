"""A proxy in front of a server that can fall silent: it takes connections and bytes, and nothing comes back."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Proxy:
    """Hands on what is sent to a port of this machine, and what comes back, while it is not silent."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._speaks = threading.Event()
        self._speaks.set()
        self._closing = False
        self._taken: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """For as long as the block lasts nothing is handed on, on old and on new connections; afterwards all is."""
        self._speaks.clear()
        yield
        self._speaks.set()

    def close(self) -> None:
        self._closing = True
        self._speaks.set()
        for each in (self._listener, *self._taken):
            each.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                taken, _ = self._listener.accept()
            except OSError:
                return
            self._taken.append(taken)
            threading.Thread(target=self._serve, args=(taken,), daemon=True).start()

    def _serve(self, taken: socket.socket) -> None:
        self._speaks.wait()
        try:
            with taken, socket.create_connection(("127.0.0.1", self._target)) as server:
                self._taken.append(server)
                while not self._closing:
                    readable, _, _ = select.select([taken, server], [], [], 0.5)
                    self._speaks.wait()
                    for each in readable:
                        sent = each.recv(65_536)
                        if not sent:
                            return
                        (server if each is taken else taken).sendall(sent)
        except (OSError, ValueError):
            return
