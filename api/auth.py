"""Whose request it is: the key it brings, and what that key may do.

Decides who may call what. A key is never looked up by anything but the service, and never appears in an answer.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import cast

from flask import g, request

from api.origins import refuse_foreign_origin
from api.problems import KeyNotAllowed, MissingKey, UnknownKey
from api.serving import serving
from dsl.values import JsonValue
from engine.replies import Access, KeyKind


def public_access(body: Mapping[str, JsonValue]) -> Access:
    """The key of a request that writes events or asks for guidance: in the header, or `writeKey` in the body.

    Servers may use a secret key too; from a web page it is refused, for it is no secret any more.
    Raises MissingKey, UnknownKey, KeyNotAllowed, OriginNotAllowed.
    """
    key = header_key()
    if key is None:
        written = body.get("writeKey")
        key = written if isinstance(written, str) and written else None
    access = _access(key)
    if access.kind is KeyKind.SECRET and "Origin" in request.headers:
        raise KeyNotAllowed(
            "this is a secret key and must never stand in a web page: withdraw it, and use the public key there"
        )
    refuse_foreign_origin(access.project_id)
    return access


def require_secret() -> None:
    """Let only requests with a secret key through; for `before_request`. Raises as `public_access` does."""
    access = _access(header_key())
    if access.kind is not KeyKind.SECRET:
        raise KeyNotAllowed("this address needs a secret key (`wp_sec_…`); a public key reads nothing but guidance")
    g.access = access


def secret_access() -> Access:
    """The access that `require_secret` found."""
    return cast("Access", g.access)


def header_key() -> str | None:
    """The key in the `Authorization` header: `Bearer KEY`, or `Basic` with the key as the name and no password."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip() or None
        case "basic":
            try:
                name, _, password = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError, ValueError):
                raise UnknownKey(
                    "the `Authorization` header is not valid Basic: base64 of the key and a colon"
                ) from None
            return name or password or None
        case _:
            return None


def _access(key: str | None) -> Access:
    if key is None:
        raise MissingKey(
            "no key was sent: put it in the header `Authorization: Bearer KEY`, or as the name in Basic, or, for "
            "events, into the body as `writeKey`"
        )
    access = serving().service.authenticate(key)
    if access is None:
        raise UnknownKey("this key is not known here, or was withdrawn; `waypost keys list` shows those that are valid")
    return access
