"""Lets webhooks be told of something in the very transaction in which it happens: told once, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from dsl.values import Instant, JsonValue
from engine.storage import webhooks as kept
from engine.webhooks import HookKind

if TYPE_CHECKING:
    from engine.storage.store import Database


def note_for_hooks(
    connection: Connection, project_id: int, kind: HookKind, key: str, data: Mapping[str, JsonValue], at: Instant
) -> None:
    """Note for every webhook of a project that wants to hear of it. key: the same thing is told once."""
    for hook in kept.hooks_of(connection, project_id):
        if hook.is_on and kind in hook.kinds:
            kept.add_delivery(connection, project_id, hook.id, kind, key=key, about={"data": dict(data)}, at=at)


def wants_reviews(database: Database, project_id: int) -> bool:
    """True where a webhook of the project hears of reviews: only then is one made."""
    with database.reading() as connection:
        return any(each.is_on and HookKind.REVIEW_DUE in each.kinds for each in kept.hooks_of(connection, project_id))
