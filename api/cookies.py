"""The console's cookies, and the proof that a page of ours sent a request, not somebody else's page.

Decides what a cookie may be used for. The session's cookie is out of reach for scripts (HttpOnly) and for other sites'
forms (SameSite=Lax); what changes something needs the session's CSRF token in a header besides, which no other site
can read or set.
"""

from __future__ import annotations

import hmac
from typing import Final

from flask import Response, request

from api.origins import is_own
from api.problems import ForgedRequest
from api.serving import serving
from dsl.values import SECOND, Duration
from engine.members import NewSession, SignedIn

SESSION: Final = "waypost_session"
CSRF_HEADER: Final = "X-CSRF-Token"
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def session_cookie() -> str | None:
    """What the browser keeps of its session."""
    return request.cookies.get(SESSION) or None


def keep_session(answer: Response, session: NewSession) -> Response:
    """Give the browser its session, in place of any other: the cookie is never that from before signing in."""
    keep(answer, SESSION, session.cookie, lasts=serving().settings.session_lasts)
    return answer


def drop_session(answer: Response) -> Response:
    """Let the browser forget its session."""
    drop(answer, SESSION)
    return answer


def keep(answer: Response, name: str, value: str, *, lasts: Duration) -> None:
    """Give the browser a cookie that only this server sees."""
    answer.set_cookie(
        name,
        value,
        max_age=lasts // SECOND,
        path=_path(),
        secure=_is_secure(),
        httponly=True,
        # Not Strict: a link from a mail into the console, and the way back from an identity provider, are other sites'.
        samesite="Lax",
    )


def drop(answer: Response, name: str) -> None:
    """Let the browser forget a cookie."""
    answer.delete_cookie(name, path=_path(), secure=_is_secure(), httponly=True, samesite="Lax")


def refuse_forged(signed_in: SignedIn) -> None:
    """Raise ForgedRequest for a change without the session's token, or from another site's page."""
    if request.method in _READING:
        return
    refuse_other_sites()
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), signed_in.csrf.encode()):
        raise ForgedRequest(f"send the session's `csrf` token, as `/api/v1/me` gives it, in the header `{CSRF_HEADER}`")


def refuse_other_sites() -> None:
    """Raise ForgedRequest for a request that a page of another site sent, as the browser says."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    if site not in {"same-origin", "none"} or (origin is not None and not is_own(origin)):
        raise ForgedRequest("a page of another site sent this; only pages of this server may")


def _path() -> str:
    return request.script_root or "/"


def _is_secure() -> bool:
    settings = serving().settings
    match settings.secure_cookies:
        case "always":
            return True
        case "never":
            return False
        case _:
            return request.is_secure or (settings.public_url or "").startswith("https://")
