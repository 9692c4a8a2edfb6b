"""Where other pages lead to recordings: the moments at a step, of a user, around an answer. Nothing for who may not
watch, nor where a page is shown by a link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from api.console.desk import Desk
from api.replays import replay_desk
from dsl.values import Instant
from engine.permissions import Scope
from engine.replay.recordings import Clip, ReplaysAsked

_ALONE: Final = dict.fromkeys(("persona", "step", "journey", "condition"))
"""What was selected elsewhere says nothing of one recording."""
SHOWN: Final = 6
"""Moments that a page shows; the page of recordings has all."""
_MOST: Final = 1_000
"""Of the latest so many recordings it is counted how many show a step."""
_RECORDINGS: Final = 20
"""Recordings whose moments are looked through for these."""


@dataclass(frozen=True, slots=True)
class ClipLink:
    """A moment in a recording. words: what went wrong."""

    href: str
    words: str
    clock: str
    user: str
    at: Instant


@dataclass(frozen=True, slots=True)
class ClipsAtStep:
    """The latest moments at a step. all: where the recordings are listed; None without any."""

    shown: tuple[ClipLink, ...]
    all: str


def clips_at_step(desk: Desk, journey: str, step: str) -> ClipsAtStep | None:
    """What was recorded to go wrong at a step, of those who count; None for who may not watch."""
    if not desk.may(Scope.REPLAYS_READ):
        return None
    asked = ReplaysAsked(
        place=(journey, step),
        persona=desk.persona,
        everyone=desk.everyone,
        with_simulated=desk.with_simulated,
        limit=_RECORDINGS,
    )
    found = replay_desk().clips(desk.project.id, asked, desk.rules)
    every = desk.url("replays", at=f"{journey}.{step}", step=None, journey=None, condition=None)
    return ClipsAtStep(tuple(_link(desk, each) for each in found[:SHOWN]), every)


def steps_recorded(desk: Desk) -> dict[str, int]:
    """How many recordings there are of each step, by `JOURNEY.STEP`, of those who count."""
    if not desk.may(Scope.REPLAYS_READ):
        return {}
    found: dict[str, int] = {}
    asked = ReplaysAsked(everyone=desk.everyone, with_simulated=desk.with_simulated, limit=_MOST)
    for each in replay_desk().listed(desk.project.id, asked, desk.rules):
        for step in each.steps:
            found[step] = found.get(step, 0) + 1
    return found


def recordings_of(desk: Desk, users: Iterable[str]) -> dict[str, int]:
    """How many recordings there are of users, by the ids that people know them by; none of the others."""
    return replay_desk().of_users(desk.project.id, users) if desk.may(Scope.REPLAYS_READ) else {}


def clips_around(desk: Desk, moments: Iterable[tuple[int, Instant]]) -> dict[tuple[int, Instant], str]:
    """Of people at instants, where that instant can be watched."""
    if not desk.may(Scope.REPLAYS_READ):
        return {}
    found = replay_desk().covering(desk.project.id, moments)
    return {key: _href(desk, clip) for key, clip in found.items()}


def words_of(event: str) -> str:
    """What people call an event: `Rage click` for `$rage_click`."""
    return event[1:].replace("_", " ").capitalize() if event.startswith("$") else event


def clock_of(seconds: float) -> str:
    """`1:05` for 65 seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _link(desk: Desk, clip: Clip) -> ClipLink:
    return ClipLink(_href(desk, clip), words_of(clip.event), clock_of(clip.second), clip.user, clip.at)


def _href(desk: Desk, clip: Clip) -> str:
    return desk.url("replays", replay=clip.recording, t=round(clip.second, 1), **_ALONE)
