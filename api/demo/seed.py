"""A data folder that is ready for the demo: rules in force, two weeks of simulated history behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from api.config import Settings, read_settings
from api.demo import material
from api.start import open_service
from dsl.values import Instant
from engine.errors import WaypostError
from engine.replay.settings import ReplayMode, ReplaySettings
from examples.demo.heat import with_heat
from examples.demo.history import Message, simulate

PUBLIC_KEY: Final = "wp_pub_postbird0demo0key0"
"""The key in the demo's pages: public, and of no use anywhere else."""


class HistoryRefused(WaypostError):
    """The simulated history does not fit what the service takes: a fault of ours, told with the first refusal."""

    code = "history_refused"


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a data folder holds now."""

    project_id: int
    events: int
    """How many simulated events were kept just now."""
    found: bool
    """True when the folder had events already; then nothing was added."""


def demo_choices(*, host: str | None, port: int, data: str) -> dict[str, str]:
    """What a demo chooses of the settings, as text, by field."""
    chosen = {
        "host": host,
        "port": str(port),
        "data_dir": data,
        "rules": str(material.rules()),
        "init_public_key": PUBLIC_KEY,
        "log_level": "warning",
        # Weeks go by in a minute here, and nobody is to be signed out by that.
        "session_idle": "365d",
        "session_lasts": "365d",
    }
    return {name: text for name, text in chosen.items() if text is not None}


def demo_settings(*, host: str | None, port: int, data: str) -> Settings:
    """The settings of a demo: nothing of a real installation's environment, least of all its database."""
    return read_settings({}, **demo_choices(host=host, port=port, data=data))


def seed(
    settings: Settings,
    *,
    clock: Callable[[], Instant],
    begin: Callable[[int], None] = lambda _total: None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Seeded:
    """Publish the demo's rules and write its history, which ends now, through the same door as any import.

    begin: hears how many messages there will be; progress: how many have been read so far.
    """
    service = open_service(settings, clock=clock)
    try:
        project = service.ensure_project()
        if service.recent_events(project.id, limit=1).items:
            return Seeded(project.id, 0, found=True)
        # What visitors of the demo do is recorded, so that they find themselves under Replays.
        recording = ReplaySettings(ReplayMode.MOMENTS)
        service.tenancy.change(project.id, name="Postbird", replay=recording, actor="waypost demo")
        now = clock()
        messages = with_heat(simulate(until=now))
        begin(len(messages))
        receipt = service.import_history(project.id, _as_json(messages), received=now, progress=progress)
        if receipt.rejected:
            first = receipt.rejected[0]
            raise HistoryRefused(f"message {first.index} of the simulated history: {first.message} ({first.path})")
        return Seeded(project.id, receipt.accepted, found=False)
    finally:
        service.close()


def _as_json(messages: list[Message]) -> Iterator[Message]:
    yield from messages
