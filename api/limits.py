"""How much a request may bring, and how its body is read.

Decides sizes and encodings; never looks into the body. Werkzeug's own limit is not used: for a body without a length
(chunked, as granian passes it on) it cuts the body short without a word.
"""

from __future__ import annotations

import zlib
from typing import Final, Literal, overload

from flask import Request, g
from werkzeug.exceptions import ClientDisconnected

from engine.errors import WaypostError

BODY_LIMIT: Final = 500 * 1024
"""Bytes of a request's body, before and after unpacking; Segment's limit for a batch."""

RATIO_LIMIT: Final = 100
"""How many times larger than packed a body may become."""
RATIO_FROM: Final = BODY_LIMIT
"""Bytes up to which a packed body may be as dense as it likes: events that are all alike are, and so little is
unpacked in a millisecond."""

PLAN_LIMIT: Final = 1024 * 1024
"""Bytes of a tracking plan."""

RULES_LIMIT: Final = 5 * 1024 * 1024
"""Bytes of a set of rule files that is published."""

MIRROR_LIMIT: Final = 6 * 1024 * 1024
"""Bytes of what another tool passes on: PostHog's clients pack up to 5 MB and one event more into a request."""

_GZIP: Final = 31
_ZLIB: Final = 15
"""What zlib calls the two forms."""

DISCARDED: Final = 16 * 1024 * 1024
"""Bytes of a body over the limit that are read and thrown away, so that the client hears why it was refused."""


class TooLarge(WaypostError):
    """The body is larger than we take."""

    code = "too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than {limit // 1024} KB; send it in smaller parts")


class TooPacked(WaypostError):
    """The body is packed more densely than events ever are: unpacking it would cost far more than sending it did."""

    code = "too_packed"

    def __init__(self) -> None:
        super().__init__(
            f"the body unpacks to more than {RATIO_LIMIT} times its size; send it in smaller parts, or plain"
        )


class UnknownEncoding(WaypostError):
    """The body is packed in a way that we do not read."""

    code = "unknown_encoding"

    def __init__(self, encoding: str) -> None:
        super().__init__(f"the content encoding `{encoding[:40]}` is not supported; send the body plain or as gzip")


class BadGzip(WaypostError):
    """The body says that it is gzip and is not, or ends too early."""

    code = "bad_gzip"

    def __init__(self) -> None:
        super().__init__("the body is not complete gzip, though `Content-Encoding` says so")


def allow_body(limit: int, *, deflated: bool = False) -> None:
    """Let the request at hand bring up to so many bytes; call it before the body is read.

    deflated: packed with zlib too, which is said as `Content-Encoding: deflate`.
    """
    g.body_limit = limit
    g.body_deflated = deflated


def unpacked_gzip(raw: bytes, limit: int) -> bytes:
    """What gzip holds, where no header says that it is. Raises BadGzip, TooLarge, TooPacked."""
    return _inflated(raw, limit, wbits=_GZIP)


class BoundedRequest(Request):
    """A request whose body is read once, unpacked, and never larger than allowed. Raises the errors above."""

    @overload
    def get_data(self, cache: bool = ..., as_text: Literal[False] = ..., parse_form_data: bool = ...) -> bytes: ...
    @overload
    def get_data(self, cache: bool = ..., as_text: Literal[True] = ..., parse_form_data: bool = ...) -> str: ...
    def get_data(self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False) -> bytes | str:  # noqa: ARG002
        """The body, unpacked. It is kept, whatever `cache` says; forms are not read anywhere in this application."""
        kept: bytes | None = getattr(self, "_bounded_body", None)
        if kept is None:
            kept = self._read(getattr(g, "body_limit", BODY_LIMIT))
            self._bounded_body = kept
        return kept.decode("utf-8", "replace") if as_text else kept

    def _read(self, limit: int) -> bytes:
        length = self.content_length
        if length is None and not self.environ.get("wsgi.input_terminated"):
            return b""
        wanted = limit + 1 if length is None else length
        if wanted > limit + 1:
            self._discard(min(wanted, DISCARDED))
            raise TooLarge(limit)
        parts: list[bytes] = []
        while wanted > 0 and (part := self._part(wanted)):
            parts.append(part)
            wanted -= len(part)
        raw = b"".join(parts)
        if length is not None and len(raw) < length:
            # Whoever sent it went away; what came until then might be whole by chance.
            raise ClientDisconnected(f"the body was cut short: {len(raw)} of {length} bytes came")
        if len(raw) > limit:
            self._discard(DISCARDED)
            raise TooLarge(limit)
        return _unpack(raw, self.headers.get("Content-Encoding", ""), limit)

    def _part(self, most: int) -> bytes:
        part: bytes = self.environ["wsgi.input"].read(min(most, 65536))
        return part

    def _discard(self, most: int) -> None:
        """Read on without keeping: a client that still sends when the connection closes never sees our answer."""
        while most > 0 and (part := self._part(most)):
            most -= len(part)


def _unpack(raw: bytes, encoding: str, limit: int) -> bytes:
    kind = encoding.strip().lower()
    if kind in {"", "identity"}:
        return raw
    if kind in {"gzip", "x-gzip"}:
        return _inflated(raw, limit, wbits=_GZIP)
    if kind == "deflate" and g.get("body_deflated", False):
        return _inflated(raw, limit, wbits=_ZLIB)
    raise UnknownEncoding(encoding)


def _inflated(raw: bytes, limit: int, *, wbits: int) -> bytes:
    inflater = zlib.decompressobj(wbits=wbits)
    densest = max(RATIO_FROM, len(raw) * RATIO_LIMIT)
    try:
        # At most one byte more than allowed is ever unpacked, so a bomb costs neither memory nor time.
        body = inflater.decompress(raw, min(limit, densest) + 1)
    except zlib.error:
        raise BadGzip from None
    if len(body) > limit:
        raise TooLarge(limit)
    if len(body) > densest:
        raise TooPacked
    if not inflater.eof or inflater.unused_data:
        raise BadGzip
    return body
