"""A server in front of the server that fails as networks and load balancers do: before a request, or after it."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Fails(Enum):
    """What is answered with 503: a request that never reached the server, or one whose answer got lost."""

    BEFORE = "before"
    AFTER = "after"


@contextmanager
def unreliable(port: int, *, fails: Fails, times: int) -> Iterator[tuple[str, list[bytes]]]:
    """Passes requests on to a port; the first few are answered with 503. Gives its address and the bodies it saw."""
    bodies: list[bytes] = []
    lock = threading.Lock()

    class Passes(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                bodies.append(body)
                failing = len(bodies) <= times
            if failing and fails is Fails.BEFORE:
                self._answer(503, b"")
                return
            status, content = _ask(port, self.path, body, dict(self.headers))
            self._answer(503 if failing else status, b"" if failing else content)

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Passes)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", bodies
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _ask(port: int, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        kept = {name: value for name, value in headers.items() if name.lower() not in {"host", "connection"}}
        connection.request("POST", path, body=body, headers=kept)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
