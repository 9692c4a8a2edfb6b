"""Passwords of the console: what is long enough, how they are kept, whether one is right.

scrypt (RFC 7914) with the parameters that OWASP's password storage sheet names for 32 MiB. Deliberately slow: never
call it while something is locked.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import unicodedata
from dataclasses import dataclass
from typing import Final

from engine.errors import WaypostError
from engine.ids import Entropy

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
_SALT_BYTES: Final = 16
_MEMORY_LIMIT: Final = 128 * 1024 * 1024
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Each takes 32 MiB and a processor for a quarter of a second: a storm of logins must not take the machine down."""


class WeakPassword(WaypostError):
    """The password is too short, too long, or easy to guess from the address."""

    code = "weak_password"


@dataclass(frozen=True, slots=True)
class Cost:
    """How much work a guess is: 2^n blocks of r × 128 bytes, p times."""

    n: int = 15
    r: int = 8
    p: int = 3


COST = Cost()
"""That of today."""


def refuse_weak(password: str, *, email: str) -> None:
    """Raise WeakPassword. Length is what counts; no rules of letters and digits (NIST SP 800-63B)."""
    if len(password) < MIN_LENGTH:
        raise WeakPassword(f"the password has {len(password)} characters; take at least {MIN_LENGTH}")
    if len(password) > MAX_LENGTH:
        raise WeakPassword(f"the password has {len(password)} characters; {MAX_LENGTH} is the limit")
    if len(set(password)) < 4:
        raise WeakPassword("the password is the same few characters over and over; take some words instead")
    if email.partition("@")[0].lower() in password.lower() and len(email.partition("@")[0]) >= 4:
        raise WeakPassword("the password holds the first part of the address; take something nobody can guess from it")


def sealed(password: str, entropy: Entropy, *, cost: Cost | None = None) -> str:
    """What is kept of a password: `scrypt$n$r$p$salt$hash`. cost: that of today without one."""
    cost = cost or COST
    salt = entropy(_SALT_BYTES)
    return "$".join(
        ("scrypt", str(cost.n), str(cost.r), str(cost.p), _text(salt), _text(_derived(password, salt, cost)))
    )


def opens(password: str, kept: str | None) -> bool:
    """True when the password is the one that was kept. Takes as long when nothing was kept."""
    cost, salt, expected = _read(kept) if kept is not None else (COST, b"\0" * _SALT_BYTES, b"")
    return hmac.compare_digest(_derived(password, salt, cost), expected)


def is_outdated(kept: str) -> bool:
    """True when it was kept with less work than is asked for today."""
    return _read(kept)[0] != COST


def _derived(password: str, salt: bytes, cost: Cost) -> bytes:
    # The same password typed on two keyboards is the same text only in a normal form.
    text = unicodedata.normalize("NFKC", password).encode()
    with _AT_ONCE:
        return hashlib.scrypt(text, salt=salt, n=1 << cost.n, r=cost.r, p=cost.p, maxmem=_MEMORY_LIMIT, dklen=32)


def _read(kept: str) -> tuple[Cost, bytes, bytes]:
    _, n, r, p, salt, derived = kept.split("$")
    return Cost(int(n), int(r), int(p)), base64.b64decode(salt), base64.b64decode(derived)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
