"""Bodies as they come over a real socket, byte by byte, to granian: chunked, packed, cut off, too large."""

from __future__ import annotations

import gzip
import os
import socket
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterable
from typing import Any

import orjson
import pytest

from api.limits import BODY_LIMIT, RATIO_FROM, RATIO_LIMIT
from tests.running import PUBLIC_KEY, SECRET_KEY, RunningServer

HEAD = f"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {PUBLIC_KEY}\r\nConnection: close\r\n"
PLAN_HEAD = HEAD.replace("/v1/batch", "/api/v1/plan/check").replace(PUBLIC_KEY, SECRET_KEY)


def batch(*, filler: bytes = b"") -> bytes:
    event = {"type": "track", "event": "Signed Up", "userId": "socket", "properties": {"text": filler.decode()}}
    return orjson.dumps({"batch": [event]})


def chunks(body: bytes, size: int) -> bytes:
    """The body as chunks, with an extension and a trailer as the standard allows."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\nX-Trailer: 1\r\n\r\n"


def send(
    server: RunningServer, headers: str, pieces: Iterable[bytes], *, head: str = HEAD
) -> tuple[int, dict[str, Any]]:
    """One request as raw bytes; the answer's status and document."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall((head + headers + "\r\n").encode())
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, content = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" in head.lower():
        _, _, rest = content.partition(b"\r\n")
        content = rest[: rest.rindex(b"\r\n0\r\n")]
    return int(head.split()[1]), orjson.loads(content)


@pytest.mark.parametrize("size", [1, 7, 4096, 1 << 20])
def test_a_chunked_body_is_read_whole_whatever_its_chunks(running_server: RunningServer, size: int) -> None:
    body = batch(filler=b"x" * 2_000)
    status, receipt = send(running_server, "Transfer-Encoding: chunked\r\n", [chunks(body, size)])
    assert (status, receipt["accepted"]) == (202, 1)


def test_a_body_that_comes_byte_by_byte_is_read_whole(running_server: RunningServer) -> None:
    raw = chunks(gzip.compress(batch()), 10)
    pieces = (raw[at : at + 1] for at in range(len(raw)))
    status, receipt = send(running_server, "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n", pieces)
    assert (status, receipt["accepted"]) == (202, 1)


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_the_limit_of_a_chunked_body_is_exact(running_server: RunningServer, over: int, packed: bool) -> None:
    # Noise is not packed well, so that it is the size unpacked that counts here.
    noise = orjson.dumps({"noise": os.urandom(100_000).hex()})
    rest = BODY_LIMIT + over - len(batch()) - len(noise)
    body = batch()[:-1] + b',"rest":' + noise + b" " * (rest - len(b',"rest":')) + b"}"
    assert len(body) == BODY_LIMIT + over
    sent = gzip.compress(body) if packed else body
    headers = "Transfer-Encoding: chunked\r\n" + ("Content-Encoding: gzip\r\n" if packed else "")
    status, document = send(running_server, headers, [chunks(sent, 50_000)])
    if over:
        assert (status, document["code"]) == (413, "too_large")
    else:
        assert (status, document["accepted"]) == (202, 1)


@pytest.mark.parametrize("chunked", [False, True], ids=["with a length", "chunked"])
def test_a_bomb_is_refused_before_it_is_unpacked(running_server: RunningServer, chunked: bool) -> None:
    bomb = gzip.compress(b" " * 200_000_000)
    assert len(bomb) < BODY_LIMIT
    pieces = [chunks(bomb, 8_192)] if chunked else [bomb]
    length = "Transfer-Encoding: chunked\r\n" if chunked else f"Content-Length: {len(bomb)}\r\n"
    status, document = send(running_server, length + "Content-Encoding: gzip\r\n", pieces)
    assert (status, document["code"]) == (413, "too_large")


@pytest.mark.parametrize("over", [0, 1])
def test_beyond_the_size_of_a_batch_a_body_may_not_be_packed_a_hundredfold(
    running_server: RunningServer, over: int
) -> None:
    # Plans may be larger than batches; there it is density that tells a bomb.
    body = b'{"plan": {}' + b" " * (RATIO_FROM + over - 12) + b"}"
    packed = gzip.compress(body)
    assert len(body) > RATIO_LIMIT * len(packed)
    headers = f"Content-Length: {len(packed)}\r\nContent-Encoding: gzip\r\n"
    status, document = send(running_server, headers, [packed], head=PLAN_HEAD)
    if over:
        assert (status, document["code"]) == (413, "too_packed")
    else:
        assert (status, document["ok"]) == (200, True)


def test_many_events_alike_may_be_packed_as_densely_as_they_are(running_server: RunningServer) -> None:
    events = [{"type": "track", "event": "Page Viewed", "userId": "alike", "properties": {"text": "x" * 900}}] * 500
    body = orjson.dumps({"batch": events})
    packed = gzip.compress(body, 9)
    assert len(body) > RATIO_LIMIT * len(packed)
    headers = f"Content-Length: {len(packed)}\r\nContent-Encoding: gzip\r\n"
    status, receipt = send(running_server, headers, [packed])
    assert (status, receipt["accepted"]) == (202, 500)


@pytest.mark.parametrize(
    ("encoding", "body", "status", "code"),
    [
        ("gzip", gzip.compress(batch())[:-4], 400, "bad_gzip"),
        ("gzip", batch(), 400, "bad_gzip"),
        ("gzip", gzip.compress(batch()) + b"more", 400, "bad_gzip"),
        ("br", batch(), 415, "unknown_encoding"),
        ("deflate", zlib.compress(batch()), 415, "unknown_encoding"),
    ],
    ids=["cut short", "not gzip", "more than gzip", "brotli", "deflate"],
)
def test_a_body_that_cannot_be_unpacked_is_refused(
    running_server: RunningServer, encoding: str, body: bytes, status: int, code: str
) -> None:
    headers = f"Transfer-Encoding: chunked\r\nContent-Encoding: {encoding}\r\n"
    answered, document = send(running_server, headers, [chunks(body, 100)])
    assert (answered, document["code"]) == (status, code)


def test_a_client_that_goes_away_leaves_no_event_and_a_server_that_goes_on(running_server: RunningServer) -> None:
    body = batch().replace(b'"socket"', b'"gone"')
    with socket.create_connection(("127.0.0.1", running_server.port), timeout=30) as connection:
        connection.sendall((HEAD + "Transfer-Encoding: chunked\r\n\r\n").encode())
        connection.sendall(chunks(body, 10)[:60])
    with socket.create_connection(("127.0.0.1", running_server.port), timeout=30) as connection:
        connection.sendall((HEAD + f"Content-Length: {len(body) + 10}\r\n\r\n").encode())
        connection.sendall(body)
    status, receipt = send(running_server, f"Content-Length: {len(batch())}\r\n", [batch()])
    assert (status, receipt["accepted"]) == (202, 1)
    asked = urllib.request.Request(  # noqa: S310
        f"{running_server.url}/api/v1/users/gone", headers={"Authorization": f"Bearer {SECRET_KEY}"}
    )
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(asked, timeout=30)  # noqa: S310


def test_five_hundred_events_are_taken_and_what_is_beyond_is_told(running_server: RunningServer) -> None:
    body = orjson.dumps({"batch": [{"type": "track", "event": "A", "userId": "many"}] * 502})
    status, receipt = send(running_server, "Transfer-Encoding: chunked\r\n", [chunks(body, 8_000)])
    assert (status, receipt["accepted"]) == (202, 500)
    assert [(each["index"], each["code"]) for each in receipt["rejected"]] == [
        (500, "too_many_events"),
        (501, "too_many_events"),
    ]
