"""Signing in to the console: passwords, sessions, and people who are known elsewhere.

A session is a random token: its hash is kept here, the token itself only in the browser's cookie, signed with a secret
of this installation so that a made-up one costs no look into the database. It ends when it was idle too long, at a
fixed end however busy it was, at signing out, and when a password is changed.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from dsl.values import MINUTE, Duration, Instant, JsonValue
from engine import passwords
from engine.audit import Act, Action
from engine.errors import WaypostError
from engine.ids import Entropy
from engine.members import NewSession, SignedIn, WrongLogin, read_address, read_name
from engine.permissions import Role
from engine.staff import member_name
from engine.storage import audit, staff
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Result = TypeVar("Result")

_SESSION_SECRET: Final = "session"  # noqa: S105  (its name)
_KEPT: Final = "kept:"
"""Before what is signed for another cookie than a session's: none of the two is ever taken for the other."""
_USE_NOTED: Final = Duration(1 * MINUTE)

_log = logging.getLogger("waypost.sign_in")


class SignIn:
    """Who is signed in."""

    def __init__(self, database: Database, writer: Writer, *, clock: Callable[[], Instant], entropy: Entropy) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._entropy = entropy
        self._secret: bytes | None = None

    def log_in(self, email: str, password: str, *, lasts: Duration) -> NewSession:
        """Sign somebody in by password. Takes as long, and says the same, for an unknown address. Raises WrongLogin."""
        with self._database.reading() as connection:
            found = staff.user_by_email(connection, email.strip().lower())
        kept = None if found is None else found.password
        if not passwords.opens(password, kept) or found is None or kept is None:
            raise WrongLogin
        renewed = passwords.sealed(password, self._entropy) if passwords.is_outdated(kept) else None
        return self.start(found.id, lasts=lasts, password=renewed)

    def start(self, user_id: int, *, lasts: Duration, password: str | None = None) -> NewSession:
        """Sign somebody in who has proved who they are. password: theirs, sealed anew. Raises WrongLogin."""
        now, token, csrf = self._clock(), self._entropy(32).hex(), self._entropy(16).hex()

        def start(connection: Connection) -> SignedIn:
            changed: dict[str, object] = {"last_login": now} | ({} if password is None else {"password": password})
            staff.change_user(connection, user_id, **changed)
            staff.add_session(connection, token, user_id, csrf=csrf, at=now, expires=Instant(now + lasts))
            signed_in = staff.session_of(connection, token)
            if signed_in is None:
                raise WrongLogin  # removed a moment ago
            for root in signed_in.roles:
                self._record(connection, root, user_id, Action.SESSION_START, at=now)
            return signed_in

        signed_in = self._change(start)
        return NewSession(f"{token}.{self._signature(token)}", signed_in)

    def session(self, cookie: str, *, idle: Duration) -> SignedIn | None:
        """Who is signed in with a cookie; None for one that is unknown, forged or over."""
        token = self._token(cookie)
        if token is None:
            return None
        now = self._clock()
        with self._database.reading() as connection:
            found = staff.session_of(connection, token)
        if found is None or now >= found.expires or now - found.seen >= idle:
            return None
        if now - found.seen >= _USE_NOTED:
            self._note_use(token, now)
        return found

    def end(self, cookie: str) -> bool:
        """Sign out; False when nobody was signed in."""
        token, now = self._token(cookie), self._clock()
        if token is None:
            return False

        def end(connection: Connection) -> bool:
            found = staff.session_of(connection, token)
            if found is None or not staff.end_session(connection, token):
                return False
            for root in found.roles:
                self._record(connection, root, found.user_id, Action.SESSION_END, at=now)
            return True

        return self._change(end)

    def end_all(self, user_id: int, *, actor: str) -> int:
        """Sign somebody out everywhere; how many sessions that were."""
        now = self._clock()

        def end(connection: Connection) -> int:
            ended = staff.end_sessions(connection, user_id)
            for root in staff.roles_of(connection, user_id) if ended else ():
                self._record(connection, root, user_id, Action.SESSION_END, at=now, actor=actor)
            return ended

        return self._change(end)

    def change_password(self, user_id: int, old: str, new: str, *, lasts: Duration) -> NewSession:
        """Take a new password from somebody who knows the old one; all their sessions end, a new one starts.

        Raises WrongLogin, WeakPassword.
        """
        with self._database.reading() as connection:
            found = staff.user_by_id(connection, user_id)
        if found is None or not passwords.opens(old, found.password):
            raise WrongLogin("the old password is another one")
        passwords.refuse_weak(new, email=found.email)
        sealed, now = passwords.sealed(new, self._entropy), self._clock()

        def change(connection: Connection) -> None:
            staff.change_user(connection, user_id, password=sealed)
            staff.end_sessions(connection, user_id)
            for root in staff.roles_of(connection, user_id):
                self._record(connection, root, user_id, Action.PASSWORD_CHANGE, at=now)

        self._change(change)
        return self.start(user_id, lasts=lasts)

    def known_elsewhere(
        self,
        issuer: str,
        subject: str,
        *,
        email: str,
        name: str = "",
        roles: Mapping[int, Role | None] | None = None,
    ) -> int:
        """The number of somebody whom a trusted issuer vouches for, with an address that it has verified.

        Somebody known by that address is the same person. roles: what the issuer says they are in projects (None: not
        a member); it is so from now on. Without roles nobody new comes in: they must have been invited.
        Raises WrongLogin for somebody who is then a member of nothing, BadAddress.
        """
        address, called, now = read_address(email), read_name(name[:100]), self._clock()

        def take(connection: Connection) -> int | None:
            found = staff.user_elsewhere(connection, issuer, subject) or staff.user_by_email(connection, address)
            if found is not None and found.issuer is not None and (found.issuer, found.subject) != (issuer, subject):
                raise WrongLogin("this address belongs to somebody else at your identity provider")
            invited = {link.root: link.role for link in staff.links_for(connection, address, now=now)}
            wanted = {**invited, **(roles or {})}
            if found is None and not any(wanted.values()):
                return None
            user = (
                found.id
                if found is not None
                else staff.add_user(connection, address, name=called, password=None, at=now)
            )
            staff.change_user(connection, user, issuer=issuer, subject=subject, name=called or address)
            self._take_roles(connection, user, wanted, at=now)
            staff.use_links(connection, address, at=now)
            if staff.roles_of(connection, user):
                return user
            staff.forget_user(connection, user)
            return None

        user = self._change(take)
        if user is None:
            raise WrongLogin("you are not a member of any project here: ask for an invitation")
        return user

    def signed(self, text: str) -> str:
        """A text with a signature of this installation, for a cookie that the browser shall only keep for us."""
        return f"{text}.{self._signature(_KEPT + text)}"

    def unsigned(self, cookie: str) -> str | None:
        """The text that `signed` made a cookie of; None for any other cookie, a session's too."""
        text, _, signature = cookie.rpartition(".")
        is_ours = hmac.compare_digest(signature.encode(), self._signature(_KEPT + text).encode())
        return text if is_ours else None

    def _take_roles(
        self, connection: Connection, user_id: int, wanted: Mapping[int, Role | None], *, at: Instant
    ) -> None:
        current = staff.roles_of(connection, user_id)
        for root, role in wanted.items():
            if role is current.get(root):
                continue
            if role is None:
                staff.remove_member(connection, root, user_id)
                self._record(connection, root, user_id, Action.MEMBER_REMOVE, at=at)
                continue
            staff.set_role(connection, root, user_id, role, at=at)
            action = Action.MEMBER_ROLE if root in current else Action.MEMBER_ADD
            self._record(connection, root, user_id, action, at=at, detail={"role": role.value, "by": "provider"})

    def _token(self, cookie: str) -> str | None:
        token, _, signature = cookie.rpartition(".")
        is_ours = token and hmac.compare_digest(signature.encode(), self._signature(token).encode())
        return token if is_ours else None

    def _signature(self, text: str) -> str:
        if self._secret is None:
            self._secret = self._load_secret()
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def _load_secret(self) -> bytes:
        with self._database.reading() as connection:
            found = staff.installation_secret(connection, _SESSION_SECRET)
        if found is None:
            fresh = self._entropy(32).hex()
            found = self._change(lambda connection: staff.keep_installation_secret(connection, _SESSION_SECRET, fresh))
        return bytes.fromhex(found)

    def _note_use(self, token: str, now: Instant) -> None:
        def note(transaction: Transaction, requests: Sequence[None]) -> list[None]:
            staff.touch_session(transaction.connection, token, at=now)
            return list(requests)

        try:
            self._writer.post(note, None)
        except WaypostError as error:
            _log.debug("the use of a session was not noted: %s", error)

    @staticmethod
    def _record(
        connection: Connection,
        root: int,
        user_id: int,
        action: Action,
        *,
        at: Instant,
        actor: str | None = None,
        detail: Mapping[str, JsonValue] | None = None,
    ) -> None:
        name = member_name(user_id)
        act = Act(actor=actor or name, action=action, target=name, detail=detail or {})
        audit.record(connection, root, act, at=at)

    def _change(self, change: Callable[[Connection], Result]) -> Result:
        def run(transaction: Transaction, _: Sequence[None]) -> list[Result]:
            return [change(transaction.connection)]

        return self._writer.write(run, None)
