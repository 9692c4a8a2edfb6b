"""Whether a project records, and how much of it is kept. Off until an admin says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.errors import WaypostError

LONGEST_DAYS: Final = 365
"""Recordings are kept for a year at most."""
MEGABYTE: Final = 1024 * 1024
MOST_MEGABYTES: Final = 102_400
"""What a project may let in on one day at most: 100 GB."""


class ReplayMode(StrEnum):
    """What pages record, for users whom a `record` declaration of the rules covers."""

    OFF = "off"
    """Nothing."""
    MOMENTS = "moments"
    """The half minute before something went wrong, and what follows."""
    SESSIONS = "sessions"
    """Whole sessions."""


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """How a project records. days: for how long a recording is kept. megabytes_a_day: packed, let in at most."""

    mode: ReplayMode = ReplayMode.OFF
    days: int = 30
    megabytes_a_day: int = 500

    @property
    def records(self) -> bool:
        """True unless nothing is recorded at all."""
        return self.mode is not ReplayMode.OFF


def days_kept(settings: ReplaySettings, *, events: int | None) -> int:
    """For how many days a recording is kept. events: for how many days events are; None for all.

    A recording tells of the events of a person: it is not kept longer than they are.
    """
    return settings.days if events is None else min(settings.days, events)


class BadReplaySettings(WaypostError):
    """Recordings cannot be kept so."""

    code = "bad_replay_settings"


def checked(settings: ReplaySettings) -> ReplaySettings:
    """The settings themselves. Raises BadReplaySettings."""
    if not 1 <= settings.days <= LONGEST_DAYS:
        raise BadReplaySettings(f"recordings can be kept for 1 to {LONGEST_DAYS} days, not {settings.days:,}")
    if not 1 <= settings.megabytes_a_day <= MOST_MEGABYTES:
        raise BadReplaySettings(
            f"a day may bring 1 to {MOST_MEGABYTES:,} MB of recordings, not {settings.megabytes_a_day:,}"
        )
    return settings
