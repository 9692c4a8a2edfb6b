"""A browser, and a small site of another origin than Waypost's that pastes its one line."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

Files = Mapping[str, tuple[str, bytes]]
"""By path: the content type and the content."""


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser of the tests."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))


class _Site(ThreadingHTTPServer):
    """Says nothing of a browser that went away in the middle of an answer, as with every page that it leaves."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def site(files: Files | None = None, *, page: Callable[[], str], reply: bytes = b"{}") -> Iterator[str]:
    """The address of a site that has these files, and the page everywhere else. reply: to each POST."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: object) -> None:
            pass

        def do_GET(self) -> None:
            kind, body = (files or {}).get(self.path.partition("?")[0], ("text/html; charset=utf-8", b""))
            self.answer(kind, body or page().encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer("application/json", reply)

        def answer(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = _Site(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
