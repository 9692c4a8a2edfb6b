"""The webhooks of all projects: made, changed, told of what happens, and what became of each telling.

What happens is noted for each webhook first, then brought; a worker that dies in between brings it the next time. Of an
answer only its number is noted, and its words are read when they are brought: of somebody who was erased nothing is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import orjson

from dsl.values import Instant, JsonValue
from engine.audit import Act, Action
from engine.events import GuideEvent
from engine.hook_data import told
from engine.ids import Entropy
from engine.low_scores import low_score
from engine.roadmap.items import StaleItem
from engine.storage import audit, projects
from engine.storage import webhooks as kept
from engine.storage.webhooks import Due, Happened, Place
from engine.webhooks import (
    CHOSEN,
    KEPT,
    LONGEST_NOTE,
    MOST_GUIDES,
    MOST_HOOKS,
    PAUSES,
    BadWebhook,
    Delivery,
    DeliveryState,
    Format,
    Hook,
    HookDraft,
    HookKind,
    NoSuchDelivery,
    NoSuchWebhook,
    NothingToResend,
    envelope,
    new_secret,
    next_try,
    read_url,
    signature,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from engine.couriers import Courier
    from engine.membership import RulesNow
    from engine.storage.store import Database

AT_ONCE: Final = 500
"""Answers that are noted for one webhook at a time."""
BROUGHT_AT_ONCE: Final = 50
"""Deliveries that are brought between two looks at what is due."""


class WebhookDesk:
    """The webhooks of a database. Instants are passed in.

    rules_of: what is in force in a project, to know a low score by; without it none is told. console: the address of
    the server, for links in messages; without it they have none.
    """

    def __init__(
        self,
        database: Database,
        *,
        entropy: Entropy = os.urandom,
        allows_private: bool = False,
        rules_of: Callable[[int], RulesNow] | None = None,
        console: str | None = None,
    ) -> None:
        self._database = database
        self._entropy = entropy
        self._allows_private = allows_private
        self._rules_of = rules_of
        self._console = console

    # by people

    def hooks(self, project_id: int) -> tuple[Hook, ...]:
        """The webhooks of a project, oldest first."""
        with self._database.reading() as connection:
            return kept.hooks_of(connection, project_id)

    def hook(self, project_id: int, number: int) -> Hook:
        """One webhook. Raises NoSuchWebhook."""
        return _the(self.hooks(project_id), number)

    def add(
        self,
        project_id: int,
        url: str,
        kinds: Sequence[HookKind],
        *,
        note: str = "",
        format: Format = Format.STANDARD,  # noqa: A002  (as on the wire)
        guides: Sequence[str] = (),
        by: str,
        now: Instant,
    ) -> tuple[Hook, str]:
        """A new webhook, and its secret, which is seen only now. Raises BadWebhook."""
        address, chosen = read_url(url, allows_private=self._allows_private), read_kinds(kinds)
        secret = new_secret(self._entropy(32))
        draft = HookDraft(address, chosen, read_note(note), format, read_guides(guides))
        with self._database.writing() as connection:
            if len(kept.hooks_of(connection, project_id)) >= MOST_HOOKS:
                raise BadWebhook(f"a project has up to {MOST_HOOKS} webhooks: remove one that is not needed")
            made = kept.add_hook(connection, project_id, draft, secret=secret, at=now)
            _note(connection, project_id, Action.WEBHOOK_ADD, made, by=by, at=now)
        return made, secret

    def change(
        self, project_id: int, number: int, changes: Mapping[str, Any], *, revision: int, by: str, now: Instant
    ) -> Hook:
        """Change a webhook: url, kinds, note, is_on, format, guides. Raises BadWebhook, NoSuchWebhook, StaleItem."""
        wanted = dict(changes)
        if "url" in wanted:
            wanted["url"] = read_url(wanted["url"], allows_private=self._allows_private)
        if "kinds" in wanted:
            wanted["kinds"] = read_kinds(wanted["kinds"])
        if "note" in wanted:
            wanted["note"] = read_note(wanted["note"])
        if "guides" in wanted:
            wanted["guides"] = read_guides(wanted["guides"])
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

    def resend(self, project_id: int, delivery: int, *, by: str, now: Instant) -> Delivery:
        """Tell something again that is over, taken or not. Raises NoSuchDelivery, NothingToResend."""
        with self._database.writing() as connection:
            known = kept.delivery(connection, project_id, delivery)
            if known is None:
                raise NoSuchDelivery(delivery)
            hook = _the(kept.hooks_of(connection, project_id), known.webhook_id)
            if not kept.resend(connection, project_id, delivery, now=now):
                raise NothingToResend(
                    f"delivery {delivery} waits already"
                    if known.state is DeliveryState.WAITING
                    else f"nothing is left to tell of delivery {delivery}: who it was about was erased"
                )
            _note(connection, project_id, Action.WEBHOOK_RESEND, hook, by=by, at=now, delivery=delivery)
            found = kept.delivery(connection, project_id, delivery)
        return found or known

    # by the worker

    def note_what_happened(self, now: Instant) -> None:
        """Note for every webhook the answers and publications that it was not told of yet."""
        with self._database.writing() as connection:
            for place in kept.places(connection):
                self._note_for(connection, place, now)
            kept.forget_before(connection, Instant(now - KEPT))

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
        names = [GuideEvent.ANSWERED.value, *([GuideEvent.SHOWN.value] if HookKind.GUIDE_SHOWN in hook.kinds else [])]
        events, answers_after = kept.events_after(connection, project, place.answers_after, names, limit=AT_ONCE)
        versions = kept.versions_after(connection, project, place.versions_after)
        decisions, decisions_after = kept.decisions_after(connection, project, place.decisions_after, limit=AT_ONCE)
        found: list[tuple[HookKind, str, dict[str, JsonValue]]] = []
        for event in events:
            if hook.hears_of(event.guide):
                found += self._of_event(project, event)
        found += [
            (HookKind.GUIDE_DECIDED, f"decision:{seq}", {"seq": seq})
            for seq, guide in decisions
            if hook.hears_of(guide)
        ]
        found += [(HookKind.GUIDE_PUBLISHED, f"rules:{version}", {"version": version}) for version, _, _, _ in versions]
        for kind, key, about in found:
            if kind in hook.kinds:
                kept.add_delivery(connection, project, hook.id, kind, key=key, about=about, at=now)
        versions_after = versions[-1][0] if versions else place.versions_after
        far = (answers_after, versions_after, decisions_after)
        if far != (place.answers_after, place.versions_after, place.decisions_after):
            kept.move_on(
                connection,
                hook.id,
                answers_after=answers_after,
                versions_after=versions_after,
                decisions_after=decisions_after,
            )

    def _of_event(self, project_id: int, event: Happened) -> Iterator[tuple[HookKind, str, dict[str, JsonValue]]]:
        """What is told of an event of a guide."""
        if event.name == GuideEvent.SHOWN.value:
            yield HookKind.GUIDE_SHOWN, f"shown:{event.seq}", {"seq": event.seq}
            return
        yield HookKind.ANSWER_RECEIVED, f"answer:{event.seq}", {"seq": event.seq}
        if self._rules_of is None or event.guide is None or event.question is None:
            return
        low = low_score(self._rules_of(project_id).project, event.guide, event.question, event.value)
        if low is not None:
            about: dict[str, JsonValue] = {"seq": event.seq, "type": low.type, "low": low.low, "high": low.high}
            yield HookKind.SCORE_LOW, f"low:{event.seq}", about

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
        body = self._body(due, project.slug, data)
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

    def _body(self, due: Due, project: str, data: JsonValue) -> bytes:
        if due.format is Format.STANDARD:
            return orjson.dumps(envelope(due.kind, project=project, at=due.created, data=data))
        from engine.chat_formats import written  # noqa: PLC0415  (seldom needed)
        from engine.chat_words import message_of  # noqa: PLC0415

        told_of = data if isinstance(data, dict) else {}
        return written(due.format, message_of(due.kind, told_of, project=project, console=self._console))


def read_guides(names: Sequence[str]) -> tuple[str, ...]:
    """The guides that a webhook hears of, each once; those that the rules have no longer too. Raises BadWebhook."""
    found = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if len(found) > MOST_GUIDES or any(len(name) > LONGEST_NOTE for name in found):
        raise BadWebhook(f"a webhook names up to {MOST_GUIDES} guides, as the rules name them")
    return found


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


def _the(hooks: Sequence[Hook], number: int) -> Hook:
    found = next((each for each in hooks if each.id == number), None)
    if found is None:
        raise NoSuchWebhook(number)
    return found


def _note(
    connection: Connection,
    project_id: int,
    action: Action,
    hook: Hook,
    *,
    by: str,
    at: Instant,
    secret: bool = False,
    delivery: int | None = None,
) -> None:
    detail: dict[str, JsonValue] = {"kinds": [kind.value for kind in hook.kinds], "on": hook.is_on}
    if delivery is not None:
        detail = {"delivery": delivery}
    if secret:
        detail = {"secret": "renewed"}
    act = Act(actor=by, action=action, target=f"webhook {hook.id}", detail=detail)
    audit.record(connection, project_id, act, at=at)
