"""Events that another tool passes on as they happen: Segment's destinations, PostHog's clients.

What a record means is decided by the converter that reads the tool's files too (`engine.imports`), so that what was
mirrored and what is imported later are the same events, kept once. Here times are corrected by the sender's clock, long
requests are taken in parts, and what is told to be deleted is erased.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from dsl.values import LAST, SECOND, Instant, JsonValue, format_instant
from engine.imports.posthog import IsUser
from engine.imports.records import Converter, Record
from engine.imports.rows import Unreadable
from engine.imports.vendor import identifier, instant, members, text
from engine.intake import BATCH_LIMIT, Defaults, Notice, Rejection
from engine.storage import identity
from engine.storage.identity import IdKind

if TYPE_CHECKING:
    from engine.replies import Receipt
    from engine.service import Service
    from engine.storage.store import Database

Erase = Callable[[str], object]
"""Forgets a person, by the user id or by an anonymous id."""

DELETE: Final = "delete"
"""The type of Segment's call that asks to forget somebody."""
ON_ITS_WAY: Final = 5 * SECOND
"""A request takes so long at most; what is later was sent by a clock that is slow."""
_MILLISECOND: Final = 1_000


class MirrorCode(StrEnum):
    """Why a record was refused before it became a message; those of messages are of `RejectionCode`."""

    UNREADABLE = "unreadable_record"
    ERASE_NOT_ALLOWED = "erase_not_allowed"


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that was not kept, or of which a message was not. index: its place in what was sent, from 0."""

    index: int
    code: str
    path: str
    message: str


@dataclass(slots=True)
class MirrorReceipt:
    """What became of the records. accepted, duplicates: messages; one record may become several. erased: people."""

    accepted: int = 0
    duplicates: int = 0
    erased: int = 0
    rejected: list[Refused] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mirroring:
    """One request. defaults: what the sender proves and the server saw. is_live: False for a history.

    erase: None where the sender may not erase. heard: told of each part that was taken in.
    """

    service: Service
    project_id: int
    received: Instant
    convert: Converter
    defaults: Defaults = field(default_factory=Defaults)
    is_live: bool = True
    erase: Erase | None = None
    heard: Callable[[Receipt], None] = lambda _: None

    def take(self, records: Sequence[JsonValue]) -> MirrorReceipt:
        """Keep records in their order. Raises what `Service.receive` raises; what was kept until then stays, and
        sending all of it again does no harm.
        """
        receipt = MirrorReceipt()
        waiting: list[JsonValue] = []
        owners: list[int] = []
        for index, record in enumerate(records):
            if isinstance(record, dict) and record.get("type") == DELETE:
                self._send(waiting, owners, receipt)
                self._erase(index, record, receipt)
                continue
            try:
                messages = self._converted(record)
            except Unreadable as problem:
                receipt.rejected.append(Refused(index, MirrorCode.UNREADABLE, "$", str(problem)))
                continue
            if len(waiting) + len(messages) > BATCH_LIMIT:
                self._send(waiting, owners, receipt)
            waiting += messages
            owners += [index] * len(messages)
        self._send(waiting, owners, receipt)
        receipt.rejected.sort(key=lambda each: each.index)
        return receipt

    def _converted(self, record: JsonValue) -> tuple[dict[str, JsonValue], ...]:
        if not isinstance(record, dict):
            raise Unreadable("is no JSON object")
        try:
            return self.convert(record)
        except RecursionError:
            raise Unreadable("is nested too deeply") from None

    def _send(self, waiting: list[JsonValue], owners: list[int], receipt: MirrorReceipt) -> None:
        if not waiting:
            return
        told = self.service.receive(
            self.project_id, [*waiting], received=self.received, defaults=self.defaults, live=self.is_live
        )
        self.heard(told)
        receipt.accepted += told.accepted
        receipt.duplicates += told.duplicates
        receipt.rejected += [_refused(owners[each.index], each) for each in told.rejected]
        receipt.notices += [Notice(owners[each.index], each.code, each.path, each.message) for each in told.notices]
        waiting.clear()
        owners.clear()

    def _erase(self, index: int, record: Record, receipt: MirrorReceipt) -> None:
        person = identifier(record.get("userId")) or identifier(record.get("anonymousId"))
        if person is None:
            receipt.rejected.append(
                Refused(index, MirrorCode.UNREADABLE, "$.userId", "says not whom to forget: `userId` is missing")
            )
        elif self.erase is None:
            told = "this key may not erase: make one with the scope `people:erase`, or erase the person by hand"
            receipt.rejected.append(Refused(index, MirrorCode.ERASE_NOT_ALLOWED, "$.type", told))
        else:
            self.erase(person)
            receipt.erased += 1


def _refused(owner: int, rejection: Rejection) -> Refused:
    return Refused(owner, rejection.code.value, rejection.path, rejection.message)


@dataclass(frozen=True, slots=True)
class Clocks:
    """What is known of a sender's clock. sent: what it showed when this was sent; None where it did not say."""

    received: Instant
    sent: Instant | None

    def corrected(self, told: Instant) -> Instant:
        """When it was, by our clock. What came a moment after it was sent was on its way: to move each request by how
        long it took would turn round what follows closely.
        """
        if self.sent is None or 0 <= self.received - self.sent <= ON_ITS_WAY:
            return told
        return Instant(told + (self.received - self.sent))


def known_ids(database: Database, project_id: int) -> IsUser:
    """What is known of an id in a project, asked when it is needed."""

    def is_user(value: str) -> bool | None:
        user, visitor = (project_id, IdKind.USER, value), (project_id, IdKind.ANONYMOUS, value)
        with database.reading() as connection:
            found = identity.find_ids(connection, [user, visitor])
        return user in found or (False if visitor in found else None)

    return is_user


def posthog_records(
    events: Sequence[JsonValue], clocks: Clocks, *, is_history: bool, library: str | None = None
) -> Iterator[JsonValue]:
    """PostHog's events as they are captured, in the form in which they are exported: with their time, corrected.

    is_history: of a migration, whose times are those of another time's clock. library: who sends, where the events do
    not say so.
    """
    for event in events:
        yield _exported(event, clocks, is_history=is_history, library=library) if isinstance(event, dict) else event


def _exported(event: Record, clocks: Clocks, *, is_history: bool, library: str | None) -> Record:
    record = dict(event)
    try:
        properties = members(record, "properties")
        options = members(record, "options")
    except Unreadable:
        # The converter says so.
        return record
    # The second form of capturing has these beside the properties.
    moved: dict[str, JsonValue] = {
        "$session_id": record.get("session_id"),
        "$process_person_profile": options.get("process_person_profile"),
    }
    own: dict[str, JsonValue] = {} if library is None else {"$lib": library}
    record["properties"] = {**own, **properties, **{name: value for name, value in moved.items() if value is not None}}
    if record.get("distinct_id") is None and text(properties.get("$distinct_id")):
        record["distinct_id"] = properties["$distinct_id"]
    as_told = is_history or properties.get("$ignore_sent_at") is True or options.get("disable_skew_correction") is True
    record["timestamp"] = _time(record, clocks, as_told=as_told)
    return record


def _time(record: Mapping[str, JsonValue], clocks: Clocks, *, as_told: bool) -> JsonValue:
    """When it happened; what cannot be read as a time stays as it is, so that the converter names it."""
    told = record.get("timestamp")
    if told is None or told == "":
        offset = record.get("offset")
        is_number = isinstance(offset, int | float) and not isinstance(offset, bool) and 0 <= offset < 1e15
        before = round(offset * _MILLISECOND) if is_number and isinstance(offset, int | float) else 0
        return format_instant(Instant(max(0, clocks.received - before)))
    try:
        at = instant(told, "timestamp")
    except Unreadable:
        return told
    if as_told:
        return format_instant(at)
    corrected = clocks.corrected(at)
    return format_instant(corrected) if 0 <= corrected <= LAST else told
