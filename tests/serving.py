"""An application on a port of its own, for what asks over a real connection: browsers, commands, clients."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import make_server
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

POLL_SECONDS = 0.05
"""How often the server looks whether it is to stop; every test that has one waits for that at its end."""
LAST_SECONDS = 60
"""How long what is still being answered may take after the server was stopped."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of an application that threads of this process serve; none of them is at work any more after it."""
    counted = _Counted(app)
    server = make_server("127.0.0.1", 0, counted, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_SECONDS}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        counted.wait()


class _Counted:
    """An application that knows how many requests it is at: a browser goes away without waiting for its answers."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._open = 0
        self._changed = threading.Condition()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self._count(1)
        try:
            return ClosingIterator(self._app(environ, start_response), lambda: self._count(-1))
        except BaseException:
            self._count(-1)
            raise

    def _count(self, by: int) -> None:
        with self._changed:
            self._open += by
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._open == 0, LAST_SECONDS), f"{self._open} requests hang"
