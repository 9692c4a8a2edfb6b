"""From settings to a service that is ready: folder, database, first project and keys, rules."""

from __future__ import annotations

from collections.abc import Callable

from api.config import Settings
from api.publishing import is_in_force, publish_folder
from api.serving import system_clock
from dsl.values import Instant
from engine.service import Service


def open_service(settings: Settings, *, clock: Callable[[], Instant] = system_clock) -> Service:
    """Open the database, make the first project if there is none, and put the rules of WAYPOST_RULES in force.

    Doing it again changes nothing. Raises RulesRefused for rules with errors, and what `Service.open` raises.
    """
    if settings.database_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
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
        if settings.rules is not None and not is_in_force(service, project.id, settings.rules):
            publish_folder(service, project.id, settings.rules, by="WAYPOST_RULES")
    except BaseException:
        service.close()
        raise
    return service
