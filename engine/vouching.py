"""Users that the customer's own server vouches for: tokens that say whose page it is, and how much traffic brings one.

A public key stands in every page, so what a page says of a known user could be said by anybody. A token (JWT, HS256
and nothing else, `sub` = the user's id, `exp`) that the customer's server signed proves it. While a project does not
insist, everything is taken and counted, so that one can see when all pages sign; once it insists, messages that name a
user without proof are refused, and so is `$release`, which makes maps stale, from every page. Ids of visitors who are
not known need no proof. Secret keys are proof by themselves.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar, assert_never

import jwt

from dsl.values import DAY, SECOND, Duration, Instant
from engine.audit import COMMAND_LINE, Act, Action
from engine.errors import StorageUnavailable, WaypostError
from engine.events import RELEASE_EVENT
from engine.ids import Entropy
from engine.intake import Intake, Rejection, RejectionCode, Voucher
from engine.replies import ProjectView
from engine.storage import audit, signing
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Result = TypeVar("Result")

ALGORITHM: Final = "HS256"
CLOCKS_DIFFER: Final = Duration(60 * SECOND)
"""By how much the customer's clock may be ahead of ours or behind."""
TOKEN_LIMIT: Final = 4_096
"""Letters of a token."""
GRACE: Final = Duration(7 * DAY)
_AT_MOST: Final = 2
_RELEASES: Final = (
    f"this project takes what pages say only as far as it is proven: tell of `{RELEASE_EVENT}` with a secret key"
)
_LOOK_AGAIN: Final = Duration(2 * SECOND)
_WRITE_EVERY: Final = Duration(10 * SECOND)

_log = logging.getLogger("waypost.vouching")


class Proof(StrEnum):
    """What traffic for a known user brought."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    INVALID = "invalid"
    """A token that is broken, over, or for somebody else."""


@dataclass(frozen=True, slots=True)
class SigningSecret:
    """A secret that tokens are signed with, as a list shows it."""

    id: int
    shown: str
    created: Instant
    expires: Instant | None


@dataclass(frozen=True, slots=True)
class Share:
    """How much of the traffic for known users was signed, over some days."""

    signed: int
    unsigned: int
    invalid: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None without any traffic for known users."""
        total = self.signed + self.unsigned + self.invalid
        return None if total == 0 else self.signed / total


class UnsignedUser(WaypostError):
    """The project insists on signed users, and the request names a known user without a valid token for them."""

    code = "unsigned_user"


class TooManySecrets(WaypostError):
    """Two secrets are valid at once at most: the one in use, and the one that takes its place."""

    code = "too_many_secrets"

    def __init__(self) -> None:
        super().__init__(f"there are {_AT_MOST} signing secrets already; withdraw the older one first")


class NoSuchSecret(WaypostError):
    """The project has no signing secret of that number that is still valid."""

    code = "no_such_secret"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no valid signing secret {number} in this project")


class Vouching:
    """The signing secrets of all projects, and the count of what was signed."""

    def __init__(self, database: Database, writer: Writer, *, clock: Callable[[], Instant], entropy: Entropy) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._entropy = entropy
        self._secrets: dict[int, tuple[tuple[signing.Secret, ...], Instant]] = {}
        self._lock = threading.Lock()
        self._counts: dict[tuple[int, int, str], int] = {}
        self._written = Instant(0)

    def voucher(self, project_id: int, token: object) -> Voucher:
        """What a token proves; never raises on any JSON value."""
        if token is None or token == "":
            return Voucher()
        if not isinstance(token, str) or len(token) > TOKEN_LIMIT:
            return Voucher(why_not="the token is not a text of a token's length")
        now = self._clock()
        why = "this project has no signing secret"
        for secret in self._living(project_id, now):
            try:
                # The time is judged below: by our clock, not the machine's.
                claims = jwt.decode(
                    token,
                    secret.text,
                    algorithms=[ALGORITHM],
                    options={"require": ["exp", "sub"], "verify_exp": False, "verify_nbf": False, "verify_iat": False},
                )
            except jwt.InvalidSignatureError:
                why = "the token is signed with another secret"
            except jwt.InvalidAudienceError:
                return Voucher(why_not="the token has an `aud`; leave it out")
            except jwt.InvalidTokenError as error:
                return Voucher(why_not=f"the token cannot be read: {str(error)[:120]}")
            else:
                return _judged(claims, now)
        return Voucher(why_not=why)

    def admit(self, project: ProjectView, intake: Intake, voucher: Voucher) -> Intake:
        """Judge messages from a page: count those that name a known user, and refuse what the project insists on.

        Messages of visitors who are not known pass; where the project insists, `$release` takes a secret key.
        """
        named = [user for user in [each.event.user_id for each in intake.taken] if user is not None]
        signed = 0 if voucher.user_id is None else named.count(voucher.user_id)
        for proof, count in ((Proof.SIGNED, signed), (_proof(voucher, None), len(named) - signed)):
            if count:
                self.note(project.id, proof, count)
        if not project.signed_users:
            return intake
        proofs = {user_id: _proof(voucher, user_id) for user_id in set(named)}
        unproven = {user_id: proof for user_id, proof in proofs.items() if proof is not Proof.SIGNED}
        refused: dict[int, Rejection] = {}
        for each in intake.taken:
            if each.event.name == RELEASE_EVENT:
                # It speaks for the product: a token proves who a user is, not that they release anything.
                refused[each.index] = Rejection(each.index, RejectionCode.RESERVED_NAME, "$.event", _RELEASES)
            elif (user := each.event.user_id) in unproven:
                why = _reason(voucher, unproven[user])
                refused[each.index] = Rejection(each.index, RejectionCode.UNSIGNED_USER, "$.userId", why)
        if not refused:
            return intake
        return Intake(
            taken=tuple(each for each in intake.taken if each.index not in refused),
            rejected=tuple(sorted((*intake.rejected, *refused.values()), key=lambda each: each.index)),
            notices=tuple(each for each in intake.notices if each.index not in refused),
            violations=tuple(each for each in intake.violations if each.index not in refused),
        )

    def admit_user(self, project: ProjectView, user_id: str, voucher: Voucher) -> None:
        """Judge a page's request for guidance for a known user. Raises UnsignedUser where the project insists."""
        proof = _proof(voucher, user_id)
        self.note(project.id, proof)
        if project.signed_users and proof is not Proof.SIGNED:
            raise UnsignedUser(_reason(voucher, proof))

    def note(self, project_id: int, proof: Proof, count: int = 1) -> None:
        """Count traffic for known users. Written every ten seconds at most: a figure, not a ledger."""
        now = self._clock()
        key = (project_id, now // DAY, proof.value)
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + count
            if 0 <= now - self._written < _WRITE_EVERY:
                return
            self._written = now
        self._post()

    def share(self, project_id: int, *, days: int = 7) -> Share:
        """How much of the last days' traffic for known users was signed, today included."""
        self.flush()
        today = self._clock() // DAY
        with self._database.reading() as connection:
            counted = signing.traffic_since(connection, project_id, today - days + 1)
        return Share(*(counted.get(proof.value, 0) for proof in (Proof.SIGNED, Proof.UNSIGNED, Proof.INVALID)))

    def flush(self) -> None:
        """Write what was counted; waits for it."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if counts:
            self._change(lambda connection: signing.add_traffic(connection, counts))

    # secrets

    def secrets(self, project_id: int) -> tuple[SigningSecret, ...]:
        """The secrets that are valid, oldest first."""
        now = self._clock()
        with self._database.reading() as connection:
            return tuple(_view(each) for each in signing.secrets_of(connection, project_id) if each.is_alive(now))

    def add_secret(
        self, project_id: int, *, grace: Duration = GRACE, actor: str = COMMAND_LINE
    ) -> tuple[SigningSecret, str]:
        """A new secret and its text, which is seen only now. One that is in use ends after `grace`.

        Raises TooManySecrets.
        """
        now, text = self._clock(), self._entropy(32).hex()

        def add(connection: Connection) -> signing.Secret:
            living = [each for each in signing.secrets_of(connection, project_id) if each.is_alive(now)]
            if len(living) >= _AT_MOST:
                raise TooManySecrets
            for each in living:
                signing.end_secret(connection, each.id, at=Instant(now + grace))
            made = signing.add_secret(connection, project_id, text, at=now)
            act = Act(actor=actor, action=Action.SIGNING_ADD, target=f"signing secret {made.id}")
            audit.record(connection, project_id, act, at=now)
            return made

        return _view(self._change(add)), text

    def withdraw_secret(self, project_id: int, secret_id: int, *, actor: str = COMMAND_LINE) -> None:
        """End a secret at once. Raises NoSuchSecret."""
        now = self._clock()

        def withdraw(connection: Connection) -> None:
            living = [each.id for each in signing.secrets_of(connection, project_id) if each.is_alive(now)]
            if secret_id not in living:
                raise NoSuchSecret(secret_id)
            signing.withdraw_secret(connection, secret_id, at=now)
            act = Act(actor=actor, action=Action.SIGNING_WITHDRAW, target=f"signing secret {secret_id}")
            audit.record(connection, project_id, act, at=now)

        self._change(withdraw)

    def _living(self, project_id: int, now: Instant) -> list[signing.Secret]:
        kept = self._secrets.get(project_id)
        if kept is None or not 0 <= now - kept[1] < _LOOK_AGAIN:
            try:
                with self._database.reading() as connection:
                    kept = self._secrets[project_id] = (signing.secrets_of(connection, project_id), now)
            except StorageUnavailable:
                # Guidance goes on without the database: what was known a moment ago is believed.
                if kept is None:
                    raise
        return [each for each in kept[0] if each.is_alive(now)]

    def _post(self) -> None:
        with self._lock:
            counts, self._counts = self._counts, {}

        def add(transaction: Transaction, requests: Sequence[None]) -> list[None]:
            signing.add_traffic(transaction.connection, counts)
            return list(requests)

        try:
            self._writer.post(add, None)
        except WaypostError as error:
            _log.debug("signed traffic was not counted: %s", error)

    def _change(self, change: Callable[[Connection], Result]) -> Result:
        def run(transaction: Transaction, _: Sequence[None]) -> list[Result]:
            return [change(transaction.connection)]

        try:
            return self._writer.write(run, None)
        finally:
            self._secrets.clear()


def _proof(voucher: Voucher, user_id: str | None) -> Proof:
    if voucher.user_id is not None and voucher.user_id == user_id:
        return Proof.SIGNED
    return Proof.INVALID if voucher.user_id is not None or voucher.why_not else Proof.UNSIGNED


def _reason(voucher: Voucher, proof: Proof) -> str:
    match proof:
        case Proof.UNSIGNED:
            return "this project wants proof of who a known user is: send `userToken`, signed by your server"
        case Proof.INVALID if voucher.why_not:
            return voucher.why_not
        case Proof.INVALID:
            return "the `userToken` that came is another user's"
        case Proof.SIGNED:
            return ""
        case other:
            assert_never(other)


def _judged(claims: dict[str, object], now: Instant) -> Voucher:
    subject, expires, not_before = claims["sub"], claims["exp"], claims.get("nbf", 0)
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        return Voucher(why_not="`sub` is not the user's id: a text of 1 to 255 characters")
    if not _is_time(expires) or not _is_time(not_before):
        return Voucher(why_not="`exp` is not a number of seconds since 1970")
    if float(str(expires)) * SECOND <= now - CLOCKS_DIFFER:
        return Voucher(why_not="the token is over: `exp` has passed")
    if float(str(not_before)) * SECOND > now + CLOCKS_DIFFER:
        return Voucher(why_not="the token is not valid yet: `nbf` lies ahead")
    return Voucher(subject)


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12


def _view(secret: signing.Secret) -> SigningSecret:
    return SigningSecret(secret.id, secret.text[:4] + "…", secret.created, secret.expires)
