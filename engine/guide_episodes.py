"""Alerts on guides as things that begin and end: raised once, resolved once, and webhooks told of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dsl.values import HOUR, Duration, Instant, JsonValue
from engine.alerts import Alert
from engine.step_alerts import Ending
from engine.storage import step_alerts as kept
from engine.telling_hooks import note_for_hooks
from engine.webhooks import HookKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.storage.store import Database

OVER_AFTER: Final = Duration(6 * HOUR)
"""For how long it must not be so any more until it is over: figures next to a border come and go."""


def note_episodes(database: Database, project_id: int, alerts: Iterable[Alert], now: Instant) -> None:
    """Note what is the matter with guides now: tell what is new, and what is over."""
    current = {_subject(each): each for each in alerts}
    with database.writing() as connection:
        known = {each.subject: each for each in kept.open_of_guides(connection, project_id)}
        for subject, alert in current.items():
            if subject in known:
                kept.note_still(connection, known[subject].id, calm=0, seen=now)
                continue
            data: dict[str, JsonValue] = {
                "guide": alert.guide,
                "alert": alert.kind.value,
                "recent": alert.recent,
                "before": alert.before,
                "message": alert.message,
            }
            number = kept.raise_(
                connection, project_id, alert_id=None, subject=subject, said=data, baseline=None, at=now
            )
            note_for_hooks(connection, project_id, HookKind.ALERT_RAISED, f"episode:{number}:raised", data, now)
        for subject, episode in known.items():
            if subject in current or now - episode.seen < OVER_AFTER:
                continue
            told = f"`{episode.said['guide']}`: {_OVER.get(str(episode.said['alert']), 'this is over')}"
            kept.resolve(connection, episode.id, ending=Ending.RECOVERED, told=told, at=now)
            over = {**episode.said, "ending": Ending.RECOVERED.value, "message": told}
            note_for_hooks(connection, project_id, HookKind.ALERT_RESOLVED, f"episode:{episode.id}:resolved", over, now)


_OVER: Final = {
    "target_missing": "its target is found again, or it is not shown any more",
    "shows_collapsed": "it is shown again, or is not meant to be",
}


def _subject(alert: Alert) -> str:
    return f"{alert.kind.value} {alert.guide}"[:255]
