"""Who is asking, and whether they may: declared at each address, judged here, in one place.

Every view says who may call it, with exactly one of four decorators below `route`:

    @blueprint.route("/things", methods=("POST",))
    @needs(Scope.RULES_WRITE)     # a secret key with the scope, or a person of the console whose role has it
    @blueprint.response(200, ThingSchema)
    def make() -> Thing:
        service, project = serving().service, caller().project_id
        …

* `needs(scope)`: addresses under `/api/v1/`. Scopes are in `engine.permissions`; a new one is a line there.
* `needs_write_key`: addresses under `/v1/` for web pages: a public key, in the header or as `writeKey` in the body,
  from a listed origin; a server's secret key with `events:write` too.
* `needs_session`: a signed-in person of the console about themselves, whatever their role.
* `open_to_all`: nobody is asked who they are.

The decorator documents the address in OpenAPI as well (write no `security=` of your own). It is judged before the view
runs and before its arguments are read; a view without one answers nobody, and the tests fail. `caller()` is who is
asking. Look objects up with `caller().project_id`, so that another project's look missing: the generated matrix
(`docs/reference/authorisation.md`, tests/api/test_authorisation.py) tries every address with every kind of caller.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from flask import current_app, g, request

from api.blueprint import Blueprint
from api.origins import refuse_foreign_origin
from api.parsing import read_object
from api.problems import KeyNotAllowed, MissingKey, MissingScope, UnknownKey
from api.serving import serving
from engine.permissions import Scope
from engine.replies import KeyKind

View = TypeVar("View", bound=Callable[..., Any])

_GATE: Final = "__waypost_gate__"


class Door(StrEnum):
    """The ways in which an address may be open."""

    OPEN = "open"
    WRITE_KEY = "write key"
    SCOPE = "scope"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may call an address."""

    door: Door
    scope: Scope | None = None
    """What it takes, behind a door of scopes."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: a key, and the one project that it belongs to."""

    project_id: int
    kind: KeyKind
    scopes: frozenset[Scope]
    key_id: int

    @property
    def actor(self) -> str:
        """What the caller is called in versions and in the audit log; names no person."""
        return f"key {self.key_id}"


def needs(scope: Scope) -> Callable[[View], View]:
    """Let in secret keys with the scope, and people of the console whose role has it."""
    return _declare(Gate(Door.SCOPE, scope), [{"secretKey": [scope.value]}])


def needs_write_key(view: View) -> View:
    """Let in public keys, from listed origins; secret keys that may send events, from servers."""
    return _declare(Gate(Door.WRITE_KEY), [{"publicKey": []}, {"secretKey": [Scope.EVENTS_WRITE.value]}, {}])(view)


def open_to_all(view: View) -> View:
    """Let everybody in."""
    return _declare(Gate(Door.OPEN), [])(view)


def gate_of(view: Callable[..., Any]) -> Gate | None:
    """Who may call a view, as declared there; None where nothing is."""
    found: Gate | None = getattr(view, _GATE, None)
    return found


def admit() -> None:
    """Judge the request at hand by the declaration of its view. Called once, before the view.

    Raises MissingKey, UnknownKey, KeyNotAllowed, MissingScope, OriginNotAllowed.
    """
    view = current_app.view_functions[request.endpoint or ""]
    gate = gate_of(view)
    if gate is None:
        raise UndeclaredAddress(f"`{request.endpoint}` does not declare who may call it; see the top of api/auth.py")
    match gate.door:
        case Door.OPEN | Door.SESSION:
            return
        case Door.WRITE_KEY:
            g.caller = _with_write_key()
        case Door.SCOPE:
            g.caller = _with_scope(cast("Scope", gate.scope))


class UndeclaredAddress(RuntimeError):
    """A view without a gate: a fault of ours, so it answers nobody."""


def caller() -> Caller:
    """Who sent the request at hand; only where the address asks for it."""
    return cast("Caller", g.caller)


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


def _declare(gate: Gate, security: list[dict[str, list[str]]]) -> Callable[[View], View]:
    def declared(view: View) -> View:
        documented = Blueprint.doc(security=security)(view)
        setattr(documented, _GATE, gate)
        return documented

    return declared


def _with_write_key() -> Caller:
    key = header_key()
    if key is None:
        written = read_object(request).get("writeKey")
        key = written if isinstance(written, str) and written else None
    found = _known(key)
    if found.kind is KeyKind.SECRET and "Origin" in request.headers:
        raise KeyNotAllowed(
            "this is a secret key and must never stand in a web page: withdraw it, and use the public key there"
        )
    if found.kind is KeyKind.SECRET:
        _refuse_without(found, Scope.EVENTS_WRITE)
    refuse_foreign_origin(found.project_id)
    return found


def _with_scope(scope: Scope) -> Caller:
    found = _known(header_key())
    if found.kind is not KeyKind.SECRET:
        raise KeyNotAllowed("this address needs a secret key (`wp_sec_…`); a public key reads nothing but guidance")
    _refuse_without(found, scope)
    return found


def _refuse_without(found: Caller, scope: Scope) -> None:
    if scope not in found.scopes:
        raise MissingScope(f"this key lacks the scope `{scope}`; make one that has it with `waypost keys create`")


def _known(key: str | None) -> Caller:
    if key is None:
        raise MissingKey(
            "no key was sent: put it in the header `Authorization: Bearer KEY`, or as the name in Basic, or, for "
            "events, into the body as `writeKey`"
        )
    access = serving().service.authenticate(key)
    if access is None:
        raise UnknownKey("this key is not known here, or was withdrawn; `waypost keys list` shows those that are valid")
    return Caller(access.project_id, access.kind, access.scopes, access.key_id)
