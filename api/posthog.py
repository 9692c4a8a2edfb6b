"""What PostHog's clients send: where, packed how, and where in it the key is.

Forms, by https://posthog.com/docs/api/capture and the clients' own code: JSON (one event, `batch`, or a list), plain or
as gzip by header; gzip that only the query says (`compression=gzip-js`), or nobody; a form whose `data` is JSON or its
base64.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qs

from flask import Request, g

from api.limits import MIRROR_LIMIT, unpacked_gzip
from api.parsing import read_json, refuse_deep
from api.problems import BadRequest, FieldError, InvalidFields
from api.serving import the_request
from dsl.values import JsonValue

CAPTURE_PATHS: Final = ("/capture/", "/batch/", "/e/", "/i/v0/e/", "/track/", "/i/v0/ai/batch/")
"""Where events are sent, each with a slash at the end or without; they all take the same."""
RESULTS_PATH: Final = "/i/v1/analytics/events/"
"""The same, answering with a result for each event."""
FLAGS_PATHS: Final = ("/flags/", "/decide/")
PATHS: Final = frozenset(path.rstrip("/") for path in (*CAPTURE_PATHS, RESULTS_PATH, *FLAGS_PATHS))
"""Where pages ask from other origins."""

_GZIP: Final = b"\x1f\x8b"
_KEYS: Final = ("api_key", "token", "$token")


def posthog_body() -> JsonValue:
    """The body of the request at hand, read once. Raises BadRequest and what `api.limits` and `api.parsing` raise."""
    if "posthog_body" not in g:
        body = read_json(_json_of(the_request()))
        refuse_deep(body)
        g.posthog_body = body
    kept: JsonValue = g.posthog_body
    return kept


def posthog_key() -> JsonValue:
    """The project's key: of the whole body, of its first event, or of the address."""
    body = posthog_body()
    events = events_in(body)
    first = events[0] if events else None
    properties = first.get("properties") if isinstance(first, dict) else None
    for place in (body, first, properties):
        if isinstance(place, dict):
            found = next((place[name] for name in _KEYS if place.get(name)), None)
            if found is not None:
                return found
    return the_request().args.get("token") or the_request().args.get("api_key")


def events_in(body: JsonValue) -> Sequence[JsonValue]:
    """The events of a body: of a list, of `batch` or `data`, or the one that it is itself."""
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        raise InvalidFields((FieldError("", "must be a JSON object, or a list of them"),))
    for name in ("batch", "data"):
        many = body.get(name)
        if isinstance(many, list):
            return many
    if "batch" in body:
        raise InvalidFields((FieldError("batch", "must be a list"),))
    return [body]


def _json_of(asked: Request) -> bytes:
    raw = asked.get_data()
    packing = asked.args.get("compression", "")
    if packing not in {"", "gzip", "gzip-js", "base64"}:
        raise BadRequest(f"the compression `{packing[:40]}` is not read here; send plain JSON, `gzip-js` or `base64`")
    if raw.startswith(_GZIP):
        raw = unpacked_gzip(raw, MIRROR_LIMIT)
    if asked.mimetype == "application/x-www-form-urlencoded" or raw.startswith(b"data="):
        raw = _of_form(raw)
    # The query also says `base64` of forms whose data was read as such already.
    return raw if _is_json(raw) else _of_base64(raw)


def _of_form(raw: bytes) -> bytes:
    if _is_json(raw):
        # Some say so of everything that they send.
        return raw
    try:
        told = parse_qs(raw.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise BadRequest("a form with `data` is expected") from None
    if "data" not in told:
        raise BadRequest("the form has no `data`")
    data = told["data"][0].encode()
    # `+` of base64 that was not escaped came as a space.
    return data if _is_json(data) else data.strip().replace(b" ", b"+")


def _is_json(raw: bytes) -> bool:
    return not raw.strip() or raw.lstrip()[:1] in {b"{", b"["}


def _of_base64(raw: bytes) -> bytes:
    try:
        return base64.b64decode(raw.strip() + b"=" * (-len(raw.strip()) % 4), validate=True)
    except (binascii.Error, ValueError):
        return raw
