"""What a delivery says when it is brought: read anew each time, and nothing of who was erased since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, assert_never

from dsl.values import JsonValue, format_instant
from engine.events import Event
from engine.storage import log, versions
from engine.storage import webhooks as kept
from engine.storage.webhooks import Due
from engine.webhooks import HookKind

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def told(connection: Connection, due: Due) -> JsonValue:
    """What a delivery says now; None where there is nothing to say any more."""
    match due.kind:
        case HookKind.ANSWER_RECEIVED | HookKind.SCORE_LOW:
            return _answer(connection, due)
        case HookKind.GUIDE_SHOWN:
            return _shown(connection, due)
        case HookKind.GUIDE_DECIDED:
            seq = due.about.get("seq")
            return dict(found) if isinstance(seq, int) and (found := _decision(connection, due, seq)) else None
        case HookKind.GUIDE_PUBLISHED:
            return _publication(connection, due)
        case (
            HookKind.ALERT_RAISED
            | HookKind.ALERT_RESOLVED
            | HookKind.REVIEW_ASKED
            | HookKind.REVIEW_DUE
            | HookKind.EXPORT_FINISHED
            | HookKind.TEST
        ):
            return due.about.get("data")
        case _:
            assert_never(due.kind)


def _answer(connection: Connection, due: Due) -> JsonValue:
    event = _event(connection, due)
    if event is None:
        return None
    said = {name: event.properties.get(name) for name in ("guide", "question", "value", "text", "submission")}
    scale = {name: due.about[name] for name in ("type", "low", "high") if name in due.about}
    return {**said, **scale, **_who(event)}


def _shown(connection: Connection, due: Due) -> JsonValue:
    event = _event(connection, due)
    if event is None:
        return None
    return {**{name: event.properties.get(name) for name in ("guide", "variant", "decision")}, **_who(event)}


def _decision(connection: Connection, due: Due, seq: int) -> Mapping[str, JsonValue] | None:
    return kept.decision_numbered(connection, due.project_id, seq)


def _event(connection: Connection, due: Due) -> Event | None:
    seq = due.about.get("seq")
    return log.by_number(connection, [seq]).get(seq) if isinstance(seq, int) else None


def _who(event: Event) -> dict[str, JsonValue]:
    return {"userId": event.user_id, "anonymousId": event.anonymous_id, "time": format_instant(event.time)}


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
