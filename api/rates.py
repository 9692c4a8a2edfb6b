"""How often: requests of one address and of one key, and attempts to sign in.

flask-limiter owns the store and the counting; what is counted for whom is decided here, once, so that a request costs
two additions. Without the store (a Redis that is gone) everything is let through: a counter must not stop the service.
"""

from __future__ import annotations

import logging
import math
import time
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, cast

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse

from api import counting
from api.config import Settings
from api.problems import TooManyRequests
from api.serving import the_request

LOGINS_PER_ADDRESS: Final = parse("30/15 minutes")
LOGINS_PER_ACCOUNT: Final = parse("10/15 minutes")
"""Attempts, not failures: what counts is how often somebody may guess. A right password starts the count anew."""
SHARED_PER_ADDRESS: Final = parse("60/minute")
"""Pages that are shown by a link: they cost as much as any other, and tokens might be guessed."""

_KNOWN: Final = 1_024
"""Addresses of which is remembered what they are: to read one takes longer than to count it."""

_EXTENSION: Final = "waypost-rates"
_log = logging.getLogger("waypost.rates")


class Rates:
    """The counters of one application."""

    def __init__(self, limiter: Limiter, settings: Settings) -> None:
        self._limiter = limiter
        self._per_address = _rate(settings.address_rate)
        self._per_key = _rate(settings.key_rate)

    def refuse_address(self) -> None:
        """Count a request of this address. Raises TooManyRequests."""
        if self._per_address is None or not (who := request.remote_addr) or _is_this_machine(who):
            return
        self._count(
            self._per_address,
            "address",
            neighbourhood(who),
            message="too many requests from this address. If all your users seem to share it, set "
            "WAYPOST_TRUSTED_PROXIES",
        )

    def refuse_key(self, key_id: int) -> None:
        """Count a request with this key. Raises TooManyRequests."""
        if self._per_key is not None:
            self._count(self._per_key, "key", str(key_id), message="too many requests with this key")

    def refuse_login(self, email: str | None) -> None:
        """Count an attempt to sign in, whether there is such an account or not. Raises TooManyRequests.

        email: None where nobody's password is guessed, as by those whom an identity provider sends back.
        """
        message = "too many attempts to sign in; wait a while"
        self._count(LOGINS_PER_ADDRESS, "login", neighbourhood(request.remote_addr or ""), message=message)
        if email is not None:
            self._count(LOGINS_PER_ACCOUNT, "account", _account(email), message=message)

    def refuse_shared(self) -> None:
        """Count a look at a page that is shown by a link. Raises TooManyRequests."""
        message = "too many looks at shared pages from this address; wait a minute"
        self._count(SHARED_PER_ADDRESS, "shared", neighbourhood(request.remote_addr or ""), message=message)

    def forgive_login(self, email: str) -> None:
        """Somebody signed in: their earlier attempts count no more."""
        try:
            self._limiter.limiter.clear(LOGINS_PER_ACCOUNT, "account", _account(email))
        except Exception:
            _log.exception("the store of WAYPOST_RATE_STORAGE does not answer")

    def _count(self, rate: RateLimitItem, *who: str, message: str) -> None:
        counter = self._limiter.limiter
        try:
            if counter.hit(rate, *who):
                return
            ends = counter.get_window_stats(rate, *who).reset_time
        except Exception:  # each store has errors of its own
            _log.exception("the store of WAYPOST_RATE_STORAGE does not answer; nothing is counted")
            return
        raise TooManyRequests(message, retry_after=max(1, math.ceil(ends - time.time())))


def register(app: Flask, settings: Settings) -> None:
    """Count from now on."""
    store = f"{counting.SCHEME}://" if settings.rate_storage == "memory://" else settings.rate_storage
    # On an application of its own: on ours it would look, at every request, for limits of the view, where none is.
    limiter = Limiter(get_remote_address, app=Flask("waypost-rates"), storage_uri=store, strategy="fixed-window")
    counters = Rates(limiter, settings)
    app.extensions[_EXTENSION] = counters

    @app.before_request
    def _address() -> None:
        if the_request().method != "OPTIONS":
            counters.refuse_address()


def rates() -> Rates:
    """The counters of the application that answers this request."""
    return cast("Rates", current_app.extensions[_EXTENSION])


@lru_cache(maxsize=_KNOWN)
def neighbourhood(address: str) -> str:
    """What is counted as one address: an IPv4 address, or the 64 bits of an IPv6 network that one customer gets."""
    try:
        read = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(read, IPv6Address):
        return str(read.ipv4_mapped or ip_network((read, 64), strict=False).network_address)
    return str(read)


@lru_cache(maxsize=_KNOWN)
def _is_this_machine(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _account(email: str) -> str:
    return email.strip().lower()[:255]


def _rate(text: str) -> RateLimitItem | None:
    return None if text == "off" else parse(text)
