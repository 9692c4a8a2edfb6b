"""From settings to a service that is ready: folder, database, first project and keys, rules."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from api.config import Settings
from api.publishing import files_in, is_in_force, last_published, publish_folder
from api.serving import system_clock
from dsl.values import Instant
from engine.service import Service
from engine.storage.store import make_private

FOLDER: Final = "WAYPOST_RULES"
"""Who published, as the list of versions names it."""

_log = logging.getLogger("waypost.start")


def open_service(settings: Settings, *, clock: Callable[[], Instant] = system_clock) -> Service:
    """Open the database, make the first project if there is none, and put the rules of WAYPOST_RULES in force, if they
    have changed since that was done last.

    Doing it again changes nothing. Raises RulesRefused for rules with errors, and what `Service.open` raises.
    """
    if settings.database_url is None:
        make_private(settings.data_dir)
    service = Service.open(
        settings.url,
        clock=clock,
        cache=settings.data_dir / "cache",
        lakes=settings.lakes,
        migrates=settings.migrate == "auto",
    )
    try:
        project = service.ensure_project(
            zone=settings.zone,
            allowed_origins=settings.allowed_origins,
            public_key=settings.init_public_key,
            secret_key=settings.init_secret_key,
        )
        if settings.rules is not None:
            _publish_what_changed(service, project.id, settings.rules)
    except BaseException:
        service.close()
        raise
    return service


def _publish_what_changed(service: Service, project_id: int, path: Path) -> None:
    """Publish a folder, unless it is in force, or was published from here and somebody then published something else.

    A rollback would otherwise end with the next restart, that of a worker that died too. Raises RulesRefused.
    """
    if is_in_force(service, project_id, path):
        return
    last = last_published(service, project_id, by=FOLDER)
    if last is not None and service.publications.files(project_id, last) == files_in(path)[0]:
        _log.warning(
            "the folder of WAYPOST_RULES is as when version %d was made of it; other rules were put in force since, "
            "and stay. `waypost push` publishes the folder all the same",
            last,
        )
        return
    publish_folder(service, project_id, path, by=FOLDER)
