"""Signing in at an identity provider, for browsers: there, and back."""

from __future__ import annotations

from importlib import import_module
from secrets import token_urlsafe
from types import ModuleType
from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, redirect, request

from api.auth import open_to_all
from api.cookies import drop, keep, keep_session, session_cookie
from api.problems import NoProvider, SignInFailed
from api.rates import rates
from api.serving import serving
from dsl.values import Instant

if TYPE_CHECKING:
    from api.oidc import Provider

blueprint = Blueprint("sign_in", __name__, url_prefix="/auth/oidc")

_BEGUN: Final = "waypost_sign_in"
_CALLBACK: Final = "/auth/oidc/callback"


@blueprint.get("")
@open_to_all
def begin() -> Response:
    """Send the browser to the provider. `next`: the path of ours to see afterwards."""
    current, oidc = serving(), _oidc()
    begun = oidc.Begun(
        state=token_urlsafe(24),
        nonce=token_urlsafe(24),
        verifier=token_urlsafe(48),
        expires=Instant(current.clock() + oidc.BEGUN_VALID),
        after=oidc.safe_path(request.args.get("next")),
    )
    answer = _to(_provider(oidc).begin(begun))
    keep(answer, _BEGUN, current.service.sign_in.signed(begun.to_text()), lasts=oidc.BEGUN_VALID)
    return answer


@blueprint.get("/callback")
@open_to_all
def callback() -> Response:
    """The browser is back from the provider: sign in."""
    current, oidc = serving(), _oidc()
    kept = current.service.sign_in.unsigned(request.cookies.get(_BEGUN, ""))
    if kept is None:
        raise SignInFailed("this sign-in was not begun in this browser: begin again")
    rates().refuse_login(None)
    begun = oidc.Begun.from_text(kept)
    known = _provider(oidc).finish(begun, request.args, now=current.clock())
    user = current.service.sign_in.known_elsewhere(
        known.issuer,
        known.subject,
        email=known.email,
        name=known.name,
        roles=oidc.roles_from(current.settings, known.groups, current.service.tenancy),
    )
    former = session_cookie()
    if former is not None:
        current.service.sign_in.end(former)
    session = current.service.sign_in.start(user, lasts=current.settings.session_lasts)
    answer = keep_session(_to(request.script_root + begun.after), session)
    drop(answer, _BEGUN)
    return answer


def _oidc() -> ModuleType:
    """The part that needs the extra `[oidc]`."""
    if serving().settings.oidc_issuer is None:
        raise NoProvider("no identity provider is set up: WAYPOST_OIDC_ISSUER names one")
    try:
        return import_module("api.oidc")
    except ModuleNotFoundError:
        raise NoProvider("signing in at an identity provider needs the extra: install `waypost[oidc]`") from None


def _provider(oidc: ModuleType) -> Provider:
    settings = serving().settings
    made: Provider = oidc.Provider(settings, (settings.public_url or request.url_root.rstrip("/")) + _CALLBACK)
    return made


def _to(url: str) -> Response:
    answer = redirect(url, code=303)
    assert isinstance(answer, Response)  # noqa: S101  (Flask's redirect gives werkzeug's type)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
