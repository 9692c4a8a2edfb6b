"""Who is asking, and whether they may: declared at each address, judged here, in one place.

Every view says who may call it, with exactly one of these decorators below `route`:

    @blueprint.route("/things", methods=("POST",))
    @needs(Scope.RULES_WRITE)     # a secret key with the scope, or a person of the console whose role has it
    @blueprint.response(200, ThingSchema)
    def make() -> Thing:
        service, project = serving().service, caller().project_id
        …

* `needs(scope)`: addresses under `/api/v1/`. Scopes are in `engine.permissions`; a new one is a line there.
* `needs_write_key`: addresses under `/v1/` for web pages: a public key, in the header or as `writeKey` in the body,
  from a listed origin; a server's secret key with `events:write` too.
* `needs_key_in(read)`: the same for addresses of other tools, whose clients put the key elsewhere in what they send.
* `needs_session`: a signed-in person of the console about themselves, whatever their role; `signed_in()` is who.
* `needs_page(scope)`: pages of the console, under `/console/p/<project>`: a signed-in person whose role in that project
  has the scope; `caller()` and `signed_in()` are who.
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
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from flask import Request, current_app, g, request

from api.blueprint import Blueprint
from api.cookies import refuse_forged, session_cookie
from api.origins import refuse_foreign_origin
from api.parsing import read_object
from api.problems import KeyNotAllowed, MissingKey, MissingScope, NotSignedIn, ScopeNotHeld, UnknownKey, WhichProject
from api.rates import rates
from api.serving import serving, the_request
from engine.errors import UnknownProject
from engine.intake import Voucher
from engine.members import SignedIn
from engine.permissions import GRANTS, Scope
from engine.replies import Access, KeyKind, ProjectView
from engine.staff import member_name

View = TypeVar("View", bound=Callable[..., Any])

PROJECT_HEADER: Final = "Waypost-Project"
"""Where a signed-in person's request says which project it is about: `shop`, or `shop/staging`."""

_GATE: Final = "__waypost_gate__"


class Door(StrEnum):
    """The ways in which an address may be open."""

    OPEN = "open"
    WRITE_KEY = "write key"
    SCOPE = "scope"
    SESSION = "session"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Gate:
    """Who may call an address."""

    door: Door
    scope: Scope | None = None
    """What it takes, behind a door of scopes or of pages."""
    key: Callable[[], object] | None = field(default=None, compare=False)
    """Where a write key is, if not in the header; None for `writeKey` in the body."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, and about which project: a key about its own, or a person of the console about one of theirs."""

    project_id: int
    """Of the environment that is asked about."""
    root: int
    """Of the project as a whole, by its production environment: that is what people are members of."""
    scopes: frozenset[Scope]
    kind: KeyKind | None = None
    """Of the key; None for a person."""
    key_id: int | None = None
    user_id: int | None = None

    @property
    def actor(self) -> str:
        """What the caller is called in versions and in the audit log; names no person."""
        return f"key {self.key_id}" if self.user_id is None else member_name(self.user_id)


def needs(scope: Scope) -> Callable[[View], View]:
    """Let in secret keys with the scope, and people of the console whose role has it."""
    return _declare(Gate(Door.SCOPE, scope), [{"secretKey": [scope.value]}, {"session": [scope.value]}])


def needs_write_key(view: View) -> View:
    """Let in public keys, from listed origins; secret keys that may send events, from servers."""
    return _declare(Gate(Door.WRITE_KEY), [{"publicKey": []}, {"secretKey": [Scope.EVENTS_WRITE.value]}, {}])(view)


def needs_key_in(read: Callable[[], object]) -> Callable[[View], View]:
    """As `needs_write_key`, for requests of another form. read: what stands where the key is, without a header."""
    return _declare(Gate(Door.WRITE_KEY, key=read), [{"publicKey": []}, {"secretKey": [Scope.EVENTS_WRITE.value]}, {}])


def needs_session(view: View) -> View:
    """Let in people of the console who are signed in, about themselves."""
    return _declare(Gate(Door.SESSION), [{"session": []}])(view)


def needs_page(scope: Scope) -> Callable[[View], View]:
    """Let in people of the console whose role in the project of the address has the scope."""
    return _declare(Gate(Door.PAGE, scope), [{"session": [scope.value]}])


def open_to_all(view: View) -> View:
    """Let everybody in."""
    return _declare(Gate(Door.OPEN), [])(view)


def gate_of(view: Callable[..., Any]) -> Gate | None:
    """Who may call a view, as declared there; None where nothing is."""
    found: Gate | None = getattr(view, _GATE, None)
    return found


def admit(asked: Request) -> None:
    """Judge the request at hand by the declaration of its view. Called once, before the view.

    Raises MissingKey, UnknownKey, KeyNotAllowed, MissingScope, OriginNotAllowed, NotSignedIn, ForgedRequest,
    WhichProject, UnknownProject, TooManyRequests.
    """
    view = current_app.view_functions[asked.endpoint or ""]
    gate = gate_of(view)
    if gate is None:
        raise UndeclaredAddress(f"`{asked.endpoint}` does not declare who may call it; see the top of api/auth.py")
    match gate.door:
        case Door.OPEN:
            return
        case Door.SESSION:
            g.signed_in = _signed_in()
        case Door.WRITE_KEY:
            g.caller = _with_write_key(gate.key or _key_in_body)
        case Door.SCOPE:
            g.caller = _with_scope(cast("Scope", gate.scope))
        case Door.PAGE:
            g.signed_in = _signed_in()
            g.caller = _member_caller(g.signed_in, str((asked.view_args or {})["project"]).replace("~", "/"))
            _refuse_without(g.caller, cast("Scope", gate.scope))


class UndeclaredAddress(RuntimeError):
    """A view without a gate: a fault of ours, so it answers nobody."""


def caller() -> Caller:
    """Who sent the request at hand; only where the address asks for it."""
    return cast("Caller", g.caller)


def callers_project() -> ProjectView:
    """The project of the caller, in the environment that the key or the header names. Raises UnknownProject."""
    found = serving().service.project(caller().project_id)
    if found is None:
        raise UnknownProject
    return found


def voucher(token: object) -> Voucher | None:
    """What the `userToken` of a request proves of its user; None where a secret key is proof enough."""
    sender = caller()
    if sender.kind is KeyKind.SECRET:
        return None
    return serving().service.vouching.voucher(sender.project_id, token)


def signed_in() -> SignedIn:
    """Who is signed in; only where the address asks for a session."""
    return cast("SignedIn", g.signed_in)


def refuse_beyond(scopes: frozenset[Scope]) -> None:
    """Raise ScopeNotHeld if these are more than the caller's own: nobody gives away what they do not have."""
    beyond = sorted(scopes - caller().scopes)
    if beyond:
        listed = ", ".join(f"`{scope}`" for scope in beyond)
        raise ScopeNotHeld(f"you cannot give what you do not have yourself: {listed}")


def header_key() -> str | None:
    """The key in the `Authorization` header: `Bearer KEY`, or `Basic` with the key as the name and no password."""
    scheme, _, rest = the_request().headers.get("Authorization", "").partition(" ")
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


def _key_in_body() -> object:
    return read_object(request).get("writeKey")


def _with_write_key(read: Callable[[], object]) -> Caller:
    key = header_key()
    if key is None:
        written = read()
        key = written if isinstance(written, str) and written else None
    access = _known(key)
    if access.kind is KeyKind.SECRET and "Origin" in request.headers:
        raise KeyNotAllowed(
            "this is a secret key and must never stand in a web page: withdraw it, and use the public key there"
        )
    found = _key_caller(access)
    _refuse_without(found, Scope.EVENTS_WRITE)
    refuse_foreign_origin(found.project_id)
    return found


def _with_scope(scope: Scope) -> Caller:
    key = header_key()
    if key is None and session_cookie() is not None:
        found = _member_caller(_signed_in(), request.headers.get(PROJECT_HEADER))
    else:
        access = _known(key)
        if access.kind is not KeyKind.SECRET:
            raise KeyNotAllowed("this address needs a secret key (`wp_sec_…`); a public key reads nothing but guidance")
        found = _key_caller(access)
    _refuse_without(found, scope)
    return found


def _refuse_without(found: Caller, scope: Scope) -> None:
    if scope in found.scopes:
        return
    if found.user_id is not None:
        raise MissingScope(f"your role in this project does not allow `{scope}`; an admin can give you another one")
    raise MissingScope(f"this key lacks the scope `{scope}`; make one that has it with `waypost keys create`")


def _known(key: str | None) -> Access:
    if key is None:
        raise MissingKey(
            "no key was sent: put it in the header `Authorization: Bearer KEY`, or as the name in Basic, or, for "
            "events, into the body as `writeKey`"
        )
    access = serving().service.authenticate(key)
    if access is None:
        raise UnknownKey("this key is not known here, or was withdrawn; `waypost keys list` shows those that are valid")
    rates().refuse_key(access.key_id)
    return access


def _key_caller(access: Access) -> Caller:
    project = serving().service.project(access.project_id)
    root = access.project_id if project is None else project.root
    return Caller(access.project_id, root, access.scopes, kind=access.kind, key_id=access.key_id)


def _signed_in() -> SignedIn:
    current, cookie = serving(), session_cookie()
    found = None if cookie is None else current.service.sign_in.session(cookie, idle=current.settings.session_idle)
    if found is None:
        raise NotSignedIn("you are not signed in, or were away too long: sign in again")
    refuse_forged(found)
    return found


def _member_caller(person: SignedIn, wanted: str | None) -> Caller:
    """Somebody about one of their projects. A project of others looks like one that is not there."""
    service = serving().service
    if wanted is None and len(person.roles) != 1:
        raise WhichProject(f"say which project this is about: its name in the header `{PROJECT_HEADER}`")
    project = service.project(next(iter(person.roles))) if wanted is None else service.tenancy.by_slug(wanted)
    if project is None or project.root not in person.roles:
        raise UnknownProject
    return Caller(project.id, project.root, GRANTS[person.roles[project.root]], user_id=person.user_id)
