"""All that a Django project needs for Waypost: who the user is, and the policy's two addresses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
from django.conf import settings
from django.http import HttpRequest, HttpResponse


def guidance(request: HttpRequest) -> dict[str, Any]:
    """For base.html: the snippet's address and key, and what it is told of the user of this page."""
    user = request.session.get("user")
    calls = [["identify", user, {"first_name": request.session["first_name"]}, {"token": token(user)}]] if user else []
    return {"waypost_url": settings.WAYPOST_URL, "waypost_key": settings.WAYPOST_PUBLIC_KEY, "waypost_calls": calls}


def token(user: str) -> str:
    """By which Waypost knows that it is this user: `waypost project signing add` makes the secret."""
    claims = {"sub": user, "exp": int(time.time()) + 3600}
    return jwt.encode(claims, settings.WAYPOST_SIGNING_SECRET, algorithm="HS256")


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A strict policy: all that Waypost needs is its own address, twice."""
    there = settings.WAYPOST_URL
    policy = f"default-src 'self'; script-src 'self' {there}; connect-src 'self' {there}"

    def protect(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = policy
        return response

    return protect
