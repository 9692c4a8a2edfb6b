"""The webhooks of all projects: made, changed, told of what happens, and what became of each telling.

What happens is noted for each webhook first, then brought; a worker that dies in between brings it the next time. Of an
answer only its number is noted, and its words are read when they are brought: of somebody who was erased nothing is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson

from dsl.values import DAY, Instant, JsonValue, format_instant
from engine.audit import Act, Action
from engine.ids import Entropy
from engine.publications import Publications
from engine.roadmap.items import StaleItem
from engine.storage import audit, log, projects, versions
from engine.storage import webhooks as kept
from engine.storage.webhooks import Due, Place
from engine.webhooks import (
    CHOSEN,
    KEPT,
    LONGEST_NOTE,
    MOST_HOOKS,
    PAUSES,
    BadWebhook,
    Delivery,
    DeliveryState,
    Hook,
    HookKind,
    NoSuchWebhook,
    envelope,
    new_secret,
    next_try,
    read_url,
    signature,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.couriers import Courier
    from engine.storage.store import Database

AT_ONCE: Final = 500
"""Answers that are noted for one webhook at a time."""
BROUGHT_AT_ONCE: Final = 50
"""Deliveries that are brought between two looks at what is due."""


class WebhookDesk:
    """The webhooks of a database. Instants are passed in."""

    def __init__(self, database: Database, *, entropy: Entropy = os.urandom, allows_private: bool = False) -> None:
        self._database = database
        self._entropy = entropy
        self._allows_private = allows_private

    # by people

    def hooks(self, project_id: int) -> tuple[Hook, ...]:
        """The webhooks of a project, oldest first."""
        with self._database.reading() as connection:
            return kept.hooks_of(connection, project_id)

    def hook(self, project_id: int, number: int) -> Hook:
        """One webhook. Raises NoSuchWebhook."""
        return _the(self.hooks(project_id), number)

    def add(
        self, project_id: int, url: str, kinds: Sequence[HookKind], *, note: str = "", by: str, now: Instant
    ) -> tuple[Hook, str]:
        """A new webhook, and its secret, which is seen only now. Raises BadWebhook."""
        address, chosen = read_url(url, allows_private=self._allows_private), read_kinds(kinds)
        secret, called = new_secret(self._entropy(32)), read_note(note)
        with self._database.writing() as connection:
            if len(kept.hooks_of(connection, project_id)) >= MOST_HOOKS:
                raise BadWebhook(f"a project has up to {MOST_HOOKS} webhooks: remove one that is not needed")
            made = kept.add_hook(connection, project_id, url=address, kinds=chosen, note=called, secret=secret, at=now)
            _note(connection, project_id, Action.WEBHOOK_ADD, made, by=by, at=now)
        return made, secret

    def change(
        self, project_id: int, number: int, changes: Mapping[str, Any], *, revision: int, by: str, now: Instant
    ) -> Hook:
        """Change a webhook: url, kinds, note, is_on. Raises BadWebhook, NoSuchWebhook, StaleItem."""
        wanted = dict(changes)
        if "url" in wanted:
            wanted["url"] = read_url(wanted["url"], allows_private=self._allows_private)
        if "kinds" in wanted:
            wanted["kinds"] = read_kinds(wanted["kinds"])
        if "note" in wanted:
            wanted["note"] = read_note(wanted["note"])
        with self._database.writing() as connection:
            before = _the(kept.hooks_of(connection, project_id), number)
            if wanted.get("is_on") is before.is_on:
                del wanted["is_on"]
            if before.revision != revision or not kept.change_hook(
                connection, project_id, number, wanted, expected=revision
            ):
                raise StaleItem(f"webhook {number}", given=revision, current=before.revision, by="somebody else")
            made = _the(kept.hooks_of(connection, project_id), number)
            _note(connection, project_id, Action.WEBHOOK_CHANGE, made, by=by, at=now)
        return made

    def renew_secret(self, project_id: int, number: int, *, by: str, now: Instant) -> tuple[Hook, str]:
        """Another secret, at once in place of the one before. Raises NoSuchWebhook."""
        secret = new_secret(self._entropy(32))
        with self._database.writing() as connection:
            found = _the(kept.hooks_of(connection, project_id), number)
            kept.set_secret(connection, project_id, number, secret)
            _note(connection, project_id, Action.WEBHOOK_CHANGE, found, by=by, at=now, secret=True)
        return found, secret

    def remove(self, project_id: int, number: int, *, by: str, now: Instant) -> Hook:
        """Remove a webhook, and what it was told. Raises NoSuchWebhook."""
        with self._database.writing() as connection:
            found = _the(kept.hooks_of(connection, project_id), number)
            kept.remove_hook(connection, project_id, number)
            _note(connection, project_id, Action.WEBHOOK_REMOVE, found, by=by, at=now)
        return found

    def test(self, project_id: int, number: int, *, now: Instant) -> None:
        """Let a webhook be told of a test, whether it is on or not. Raises NoSuchWebhook."""
        with self._database.writing() as connection:
            _the(kept.hooks_of(connection, project_id), number)
            about: dict[str, JsonValue] = {"data": {"message": "This is a test: deliveries arrive here."}}
            kept.add_delivery(connection, project_id, number, HookKind.TEST, key=f"test:{now}", about=about, at=now)

    def deliveries(self, project_id: int, number: int, *, before: int | None = None, limit: int = 50) -> list[Delivery]:
        """What a webhook was told, the latest first. Raises NoSuchWebhook."""
        with self._database.reading() as connection:
            _the(kept.hooks_of(connection, project_id), number)
            return kept.deliveries_of(connection, project_id, number, before=before, limit=limit)

    # by the worker

    def note_what_happened(self, now: Instant) -> None:
        """Note for every webhook the answers and publications that it was not told of yet."""
        with self._database.writing() as connection:
            for place in kept.places(connection):
                self._note_for(connection, place, now)
            kept.forget_before(connection, Instant(now - KEPT))

    def note_alerts(self, publications: Publications, now: Instant) -> None:
        """Note the alerts of today for every webhook that wants to hear of them, each once a day."""
        with self._database.reading() as connection:
            wanted = [each for each in kept.places(connection) if HookKind.ALERT_RAISED in each.hook.kinds]
        for place in wanted:
            for alert in publications.alerts(place.project_id):
                data: dict[str, JsonValue] = {
                    "guide": alert.guide,
                    "alert": alert.kind.value,
                    "recent": alert.recent,
                    "before": alert.before,
                    "message": alert.message,
                }
                key = f"alert:{alert.kind.value}:{now // DAY}:{alert.guide}"[:255]
                with self._database.writing() as connection:
                    kept.add_delivery(
                        connection,
                        place.project_id,
                        place.hook.id,
                        HookKind.ALERT_RAISED,
                        key=key,
                        about={"data": data},
                        at=now,
                    )

    def bring(self, courier: Courier, *, clock: Callable[[], Instant], renew: Callable[[], bool]) -> tuple[int, int]:
        """Bring what is due; how many were taken, and how many were not. renew: False means: stop."""
        taken = failed = 0
        while True:
            with self._database.reading() as connection:
                waiting = kept.due(connection, now=clock(), limit=BROUGHT_AT_ONCE)
            if not waiting:
                return taken, failed
            silent: set[int] = set()
            for each in waiting:
                if each.webhook_id in silent:
                    continue
                done = self._bring(each, courier, clock)
                if done is False:
                    silent.add(each.webhook_id)
                taken, failed = taken + (done is True), failed + (done is False)
                if not renew():
                    return taken, failed

    def _note_for(self, connection: Connection, place: Place, now: Instant) -> None:
        hook, project = place.hook, place.project_id
        # Moved on for what it does not want to hear of, too: chosen later, it begins then.
        answers, answers_after = kept.answers_after(connection, project, place.answers_after, limit=AT_ONCE)
        versions = kept.versions_after(connection, project, place.versions_after)
        if HookKind.ANSWER_RECEIVED in hook.kinds:
            for seq in answers:
                key, about = f"answer:{seq}", {"seq": seq}
                kept.add_delivery(connection, project, hook.id, HookKind.ANSWER_RECEIVED, key=key, about=about, at=now)
        if HookKind.GUIDE_PUBLISHED in hook.kinds:
            for version, _, _, _ in versions:
                key, about = f"rules:{version}", {"version": version}
                kept.add_delivery(connection, project, hook.id, HookKind.GUIDE_PUBLISHED, key=key, about=about, at=now)
        versions_after = versions[-1][0] if versions else place.versions_after
        if (answers_after, versions_after) != (place.answers_after, place.versions_after):
            kept.move_on(connection, hook.id, answers_after=answers_after, versions_after=versions_after)

    def _bring(self, due: Due, courier: Courier, clock: Callable[[], Instant]) -> bool | None:
        """Whether it was taken; None where there is nothing to bring any more."""
        with self._database.reading() as connection:
            data = told(connection, due)
            project = projects.project_by_id(connection, due.project_id)
        tries = due.tries + 1
        if data is None or project is None:
            with self._database.writing() as connection:
                self._note_try(connection, due, DeliveryState.GONE, tries=due.tries, now=clock())
            return None
        body = orjson.dumps(envelope(due.kind, project=project.slug, at=due.created, data=data))
        sent = clock()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Waypost-Webhooks/1",
            **signature(due.secret, delivery=f"msg_{due.id}", at=sent, body=body),
        }
        brought = courier.bring(due.url, body, headers)
        now = clock()
        again = None if brought.error is None else next_try(tries, now)
        state = DeliveryState.DELIVERED if brought.error is None else DeliveryState.FAILED
        if again is not None:
            state = DeliveryState.WAITING
        with self._database.writing() as connection:
            self._note_try(
                connection, due, state, tries=tries, now=now, again=again, status=brought.status, error=brought.error
            )
            if brought.error is not None:
                # One address that does not answer must not hold up what others are to be told.
                kept.postpone(connection, due.webhook_id, until=Instant(now + PAUSES[0]))
        return brought.error is None

    def _note_try(
        self,
        connection: Connection,
        due: Due,
        state: DeliveryState,
        *,
        tries: int,
        now: Instant,
        again: Instant | None = None,
        status: int | None = None,
        error: str | None = None,
    ) -> None:
        short = None if error is None else error[:255]
        kept.note_try(connection, due.id, state=state, tries=tries, now=now, next_try=again, status=status, error=short)


def read_kinds(kinds: Sequence[HookKind]) -> tuple[HookKind, ...]:
    """What a webhook wants to hear of, each once. Raises BadWebhook."""
    chosen = tuple(kind for kind in CHOSEN if kind in kinds)
    if not chosen:
        raise BadWebhook("a webhook hears of one kind of thing at least")
    return chosen


def read_note(note: str) -> str:
    """What a webhook is for. Raises BadWebhook."""
    text = " ".join(note.split())
    if len(text) > LONGEST_NOTE:
        raise BadWebhook(f"a note has up to {LONGEST_NOTE} characters")
    return text


def told(connection: Connection, due: Due) -> JsonValue:
    """What a delivery says now; None where there is nothing to say any more."""
    match due.kind:
        case HookKind.ANSWER_RECEIVED:
            return _answer(connection, due)
        case HookKind.GUIDE_PUBLISHED:
            return _publication(connection, due)
        case HookKind.ALERT_RAISED | HookKind.TEST:
            return due.about.get("data")


def _answer(connection: Connection, due: Due) -> JsonValue:
    seq = due.about.get("seq")
    event = log.by_number(connection, [seq]).get(seq) if isinstance(seq, int) else None
    if event is None:
        return None
    said = {name: event.properties.get(name) for name in ("guide", "question", "value", "text", "submission")}
    return {
        **said,
        "userId": event.user_id,
        "anonymousId": event.anonymous_id,
        "time": format_instant(event.time),
    }


def _publication(connection: Connection, due: Due) -> JsonValue:
    number = due.about.get("version")
    if not isinstance(number, int):
        return None
    after = versions.rules_of(connection, due.project_id, number)
    rows = kept.versions_after(connection, due.project_id, number - 1, limit=1)
    found = next((each for each in rows if each[0] == number), None)
    if after is None or found is None:
        return None
    before = versions.rules_of(connection, due.project_id, number - 1)
    _, revision, by, note = found
    return {
        "version": number,
        "revision": revision,
        "by": by,
        "note": note,
        **guides_changed({} if before is None else before.files, after.files),
    }


def guides_changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, JsonValue]:
    """The names of the guides that are new, changed and gone."""
    old, new = _texts(before), _texts(after)
    found: dict[str, list[str]] = {
        "added": sorted(new.keys() - old.keys()),
        "changed": sorted(name for name in new.keys() & old.keys() if new[name] != old[name]),
        "removed": sorted(old.keys() - new.keys()),
    }
    return {kind: [*names] for kind, names in found.items()}


def _texts(files: Mapping[str, str]) -> dict[str, str]:
    from dsl.project import load  # noqa: PLC0415  (heavy, and seldom needed here)

    guides = load(dict(files)).guides
    return {name: files[guide.span.file][guide.span.start : guide.span.end].strip() for name, guide in guides.items()}


def _the(hooks: Sequence[Hook], number: int) -> Hook:
    found = next((each for each in hooks if each.id == number), None)
    if found is None:
        raise NoSuchWebhook(number)
    return found


def _note(
    connection: Connection, project_id: int, action: Action, hook: Hook, *, by: str, at: Instant, secret: bool = False
) -> None:
    detail: dict[str, JsonValue] = {"kinds": [kind.value for kind in hook.kinds], "on": hook.is_on}
    if secret:
        detail = {"secret": "renewed"}
    act = Act(actor=by, action=action, target=f"webhook {hook.id}", detail=detail)
    audit.record(connection, project_id, act, at=at)
