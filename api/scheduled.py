"""How requests reach the scheduled sources."""

from __future__ import annotations

from dataclasses import replace

from api.auth import Caller
from api.serving import serving
from engine.permissions import Scope
from engine.scheduled.desk import ScheduledDesk
from engine.scheduled.facts import ScheduledSource
from engine.scheduled.kinds import kinds
from engine.webhooks import outline


def scheduled_desk() -> ScheduledDesk:
    """The scheduled sources, with what the settings allow."""
    here = serving()
    return ScheduledDesk(here.service.database, allows_private=here.settings.private_webhooks)


def seen_by(who: Caller, source: ScheduledSource) -> ScheduledSource:
    """A source as the caller may see it: to whom may not change it, with the outline of its addresses."""
    if Scope.SETTINGS_WRITE in who.scopes:
        return source
    leads = {each.name for each in kinds()[source.kind].settings if each.leads}
    shown = {name: outline(text) if name in leads and text else text for name, text in source.settings.items()}
    return replace(source, settings=shown)
