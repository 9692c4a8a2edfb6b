"""Picking elements on the customer's own pages, by people who write rules.

Whoever may write rules gets a link to a page. Its token opens the picker on pages of that origin and nothing else, for
a short time; what is picked there is handed back and waits to be collected. The token is 256 random bits of which only
the hash is kept, so that a link can be ended at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from dsl.values import DAY, HOUR, MINUTE, Duration, Instant
from engine.errors import WaypostError
from engine.ids import Entropy
from engine.picks import Pick, Picked, Session, way_of
from engine.storage import picking
from engine.storage.store import Database
from engine.storage.writer import Transaction, Writer

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Result = TypeVar("Result")

LASTS: Final = Duration(30 * MINUTE)
LONGEST: Final = Duration(4 * HOUR)
MOST_PICKS: Final = 100
"""In one session."""
_KEPT: Final = Duration(7 * DAY)
"""For how long after its end what was picked can be collected."""


class NoSuchPicker(WaypostError):
    """The project has no picker session of that number."""

    code = "no_such_picker"

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no picker session {number} in this project")


class PickerRefused(WaypostError):
    """A page wants to pick with a link that is over, or that was made for pages of another address."""

    code = "picker_refused"


class Picking:
    """Who may pick elements until when, and what they picked."""

    def __init__(self, database: Database, writer: Writer, *, clock: Callable[[], Instant], entropy: Entropy) -> None:
        self._database = database
        self._writer = writer
        self._clock = clock
        self._entropy = entropy

    def open(self, project_id: int, *, url: str, origin: str, by: str, lasts: Duration = LASTS) -> tuple[Session, str]:
        """A session for pages of an origin, and the token of its link, which is seen only now."""
        now, token = self._clock(), self._entropy(32).hex()

        def add(connection: Connection) -> Session:
            picking.forget_before(connection, Instant(now - _KEPT))
            times = (now, Instant(now + min(lasts, LONGEST)))
            number = picking.add_session(connection, project_id, token, url=url, origin=origin, by=by, times=times)
            return self._known(connection, project_id, number)

        return self._change(add), token

    def session(self, project_id: int, number: int) -> Session:
        """One session with what was picked. Raises NoSuchPicker."""
        with self._database.reading() as connection:
            return self._known(connection, project_id, number)

    def sessions(self, project_id: int) -> tuple[Session, ...]:
        """The sessions of a project, newest first, for a week after their end."""
        with self._database.reading() as connection:
            found = picking.sessions_of(connection, project_id)
        return tuple(each for each in found if not each.is_over(Instant(self._clock() - _KEPT)))

    def end(self, project_id: int, number: int) -> Session:
        """End a session at once; what was picked stays. Raises NoSuchPicker."""
        now = self._clock()

        def end(connection: Connection) -> Session:
            picking.end_session(connection, project_id, number, at=now)
            return self._known(connection, project_id, number)

        return self._change(end)

    def welcome(self, project_id: int, token: str, *, origin: str | None) -> Session:
        """A page of an origin asks whether it may show the picker. Raises PickerRefused."""
        session, now = self._living(project_id, token, origin), self._clock()
        if session.opened is None:
            self._change(lambda connection: picking.note_opened(connection, session.id, at=now))
        return session

    def take(self, project_id: int, token: str, picked: Picked, *, origin: str | None) -> Pick:
        """Keep what was picked. Raises PickerRefused, BadPick."""
        session, now, way = self._living(project_id, token, origin), self._clock(), way_of(picked)

        def add(connection: Connection) -> Pick:
            if len(self._known(connection, project_id, session.id).picks) >= MOST_PICKS:
                raise PickerRefused(f"{MOST_PICKS} elements were picked with this link; make another one")
            return picking.add_pick(connection, session.id, picked, way, at=now)

        return self._change(add)

    def _living(self, project_id: int, token: str, origin: str | None) -> Session:
        with self._database.reading() as connection:
            found = picking.session_by_token(connection, project_id, token)
        if found is None:
            raise PickerRefused("this link is not known here; make a new one")
        if found.is_over(self._clock()):
            raise PickerRefused("this link is over; make a new one")
        if origin is None or origin.lower() != found.origin:
            raise PickerRefused(f"this link was made for pages of `{found.origin}`")
        return found

    def _known(self, connection: Connection, project_id: int, number: int) -> Session:
        found = picking.session_of(connection, project_id, number)
        if found is None:
            raise NoSuchPicker(number)
        return found

    def _change(self, change: Callable[[Connection], Result]) -> Result:
        def run(transaction: Transaction, _: Sequence[None]) -> list[Result]:
            return [change(transaction.connection)]

        return self._writer.write(run, None)
