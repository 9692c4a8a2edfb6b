"""A small server of the wire contract, for tests of the snippet alone: it keeps what it is sent and answers as told.

Pages are served from `localhost`, Waypost from `127.0.0.1` of the same port: two origins, as for a customer.
"""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGES = Path(__file__).parent / "pages"
DIST = Path(__file__).parents[2] / "widgets" / "dist"
KINDS = {
    ".js": "text/javascript",
    ".json": "application/json",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
}

STRICT_POLICY = (
    "default-src 'none'; script-src 'self' {sdk}; style-src 'self'; img-src 'self'; connect-src {sdk}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)

Decides = Callable[[dict[str, Any]], list[dict[str, Any]]]


@dataclass
class Fault:
    """How the server misbehaves instead of answering."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    wait_seconds: float = 0
    drops: bool = False


class FakeServer:
    """What was received, and what is to be answered."""

    def __init__(self) -> None:
        self.batches: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.confirmed: list[str] = []
        self.loaded: list[str] = []
        self.decides: Decides = lambda _message: []
        self.on_ask: Decides = lambda _body: []
        self.confirms = True
        self.ttl = 0
        self.revision = "r1"
        self.clicks: list[dict[str, Any]] = []
        self.explained: dict[str, Any] = {"considered": None, "standing": None}
        self.fault: Fault | None = None
        self.record: str | None = None
        """What replies say of recording: `moments`, `sessions`, `off`, or nothing."""
        self.replays: list[dict[str, Any]] = []
        """Chunks of recordings, as they were received."""
        self.replay_bodies: list[bytes] = []
        """The same, as they came."""
        self.replay_fault: Fault | None = None
        self.policy: str | None = None
        self.head = ""
        self.script_attributes = ""
        self.key = "wp_pub_test"
        self.elsewhere: str | None = None
        self.prefix = ""
        """The path below which Waypost answers."""
        self.body: str | None = None
        """A page of the test's own, instead of those in `pages`."""
        self.built: Path | None = None
        """A folder that is served as `/built/…`, beside the pages."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def page(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def sdk(self) -> str:
        """Where Waypost is: here, or at a real server elsewhere."""
        return self.elsewhere or f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, event: str, decision: dict[str, Any]) -> None:
        """Decide this whenever the event comes in; `$page` is a page view."""
        self.decides = lambda message: [decision] if name_of(message) == event else []

    @property
    def messages(self) -> list[dict[str, Any]]:
        """All messages, each once, in the order of receipt."""
        once: dict[str, dict[str, Any]] = {}
        for batch in self.batches:
            for message in batch["batch"]:
                once.setdefault(message["messageId"], message)
        return list(once.values())

    def events(self, prefix: str = "$") -> list[tuple[str, dict[str, Any]]]:
        """Tracked events with their properties."""
        tracked = [message for message in self.messages if message["type"] == "track"]
        return [(message["event"], message["properties"]) for message in tracked if message["event"].startswith(prefix)]

    def wait_for(self, condition: Callable[[], Any], *, seconds: float = 30) -> Any:
        """The condition's answer as soon as it is true; fails when it stays false."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if found := condition():
                return found
            time.sleep(0.02)
        raise AssertionError(f"still not true after {seconds} s; received {[name_of(each) for each in self.messages]}")

    def wait_for_event(self, name: str, *, seconds: float = 30) -> dict[str, Any]:
        """The properties of the first event of that name."""
        found = lambda: [properties for event, properties in self.events("") if event == name]  # noqa: E731
        return dict(self.wait_for(found, seconds=seconds)[0])


def name_of(message: dict[str, Any]) -> str:
    """What a rule would call it."""
    return message["event"] if message["type"] == "track" else f"${message['type']}"


def _handler_of(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: object) -> None:
            pass

        def do_GET(self) -> None:
            path = urlsplit(self.path).path.removeprefix(server.prefix)
            server.loaded.append(path)
            if path.startswith("/sdk/"):
                name = path.removeprefix("/sdk/")
                part = json.loads((DIST / "manifest.json").read_text())["parts"].get(name.removesuffix(".js"))
                if name == "waypost.js" or part is None:
                    self._file(DIST / name)
                else:
                    self._send(200, f'export * from "./{part}";'.encode(), {"Content-Type": "text/javascript"})
            elif path.startswith("/built/") and server.built:
                self._file(server.built / path.removeprefix("/built/"))
            elif path.startswith("/art/") or path.endswith((".css", ".js")):
                self._file(PAGES / Path(path).name)
            else:
                self._page()

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            path = urlsplit(self.path).path.removeprefix(server.prefix)
            if path == "/v1/replays":
                self._take_replay(sent)
                return
            body = json.loads(sent)
            fault = server.fault
            if fault:
                self._misbehave(fault)
            elif path == "/v1/batch":
                server.batches.append(body)
                self._json(202, self._receipt(body))
            elif path == "/v1/decide":
                server.asked.append(body)
                told = server.explained if body.get("explain") else {}
                self._json(200, {"decisions": server.on_ask(body), **told, **self._rules(body)})
            elif path.endswith("/confirm"):
                server.confirmed.append(path.split("/")[3])
                self._json(200, {"show": server.confirms, "reason": "TARGETING_MATCH"})
            else:
                self._json(404, {"code": "not_found"})

        def _take_replay(self, sent: bytes) -> None:
            server.replay_bodies.append(sent)
            if server.replay_fault:
                self._misbehave(server.replay_fault)
                return
            chunk = json.loads(gzip.decompress(sent))
            server.replays.append(chunk)
            have = {each["chunk"] for each in server.replays if each["recording"] == chunk["recording"]}
            self._json(200, {"next": min(set(range(len(have) + 1)) - have)})

        def _receipt(self, body: dict[str, Any]) -> dict[str, Any]:
            decisions = [each for message in body["batch"] for each in server.decides(message)]
            return {
                "accepted": len(body["batch"]),
                "duplicates": 0,
                "rejected": [],
                "decisions": decisions if body.get("decide") else [],
                **self._rules(body),
            }

        def _rules(self, body: dict[str, Any]) -> dict[str, Any]:
            is_new = body.get("revision") not in (None, server.revision)
            known = {"clicks": server.clicks if is_new else None, "revision": server.revision, "ttl": server.ttl}
            return known if server.record is None else {**known, "record": server.record}

        def _misbehave(self, fault: Fault) -> None:
            time.sleep(fault.wait_seconds)
            if fault.drops:
                self.close_connection = True
                return
            self._send(fault.status, fault.body, {"Content-Type": "text/html", **fault.headers})

        def _file(self, path: Path) -> None:
            if not path.is_file():
                self._send(404, b"", {})
                return
            self._send(200, path.read_bytes(), {"Content-Type": KINDS[path.suffix]})

        def _page(self) -> None:
            name = parse_qs(urlsplit(self.path).query).get("page", ["product"])[0]
            tag = (
                f'<script async src="{server.sdk}/sdk/waypost.js" data-key="{server.key}" {server.script_attributes}>'
                "</script>"
            )
            html = (server.body or (PAGES / f"{name}.html").read_text()).replace("<!-- head -->", server.head + tag)
            headers = {"Content-Type": "text/html; charset=utf-8"}
            if server.policy:
                headers["Content-Security-Policy"] = server.policy.format(sdk=server.sdk)
            self._send(200, html.encode(), headers)

        def _json(self, status: int, document: dict[str, Any]) -> None:
            self._send(status, json.dumps(document).encode(), {"Content-Type": "application/json"})

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Access-Control-Allow-Origin" not in headers:
                    self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "*"))
                self.send_header("Access-Control-Expose-Headers", "Retry-After")
                self.send_header("Cache-Control", "no-store")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the page went away, which is what some tests are about

    return Handler
