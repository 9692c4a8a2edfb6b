"""Background work beside the requests of a server, or in a process of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from multiprocessing.util import Finalize
from typing import TYPE_CHECKING

from api.analysts import analyst_of
from api.config import Settings
from dsl.values import Instant
from engine.service import Service

if TYPE_CHECKING:
    from engine.jobs.runner import Runner
    from engine.report_desk import ReportDesk


def runner_for(service: Service, settings: Settings, clock: Callable[[], Instant]) -> Runner:
    """Who does the background work of this process."""
    # Only where there is work to do.
    from engine.couriers import Courier  # noqa: PLC0415
    from engine.jobs.runner import Runner  # noqa: PLC0415

    holder = f"{socket.gethostname()}:{os.getpid()}"
    return Runner(
        service,
        analyst=lambda: analyst_of(service.database, settings),
        clock=clock,
        holder=holder[:255],
        courier=Courier(allows_private=settings.private_webhooks),
        console=settings.public_url,
        exports=lambda: _exports(service, settings),
    )


def _exports(service: Service, settings: Settings) -> ReportDesk:
    from api.exporting import report_desk  # noqa: PLC0415  (the analyses are heavy to import)

    return report_desk(service.database, settings)


def begin_work(service: Service, settings: Settings, clock: Callable[[], Instant]) -> None:
    """Work beside the requests until the process ends; the job at hand is ended before the database is closed."""
    runner = runner_for(service, settings, clock)
    runner.start()
    # Before the service, whose priority is lower.
    Finalize(runner, runner.stop, kwargs={"timeout": 10}, exitpriority=20)
