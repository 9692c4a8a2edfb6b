"""How requests reach the imports."""

from __future__ import annotations

from api.serving import serving
from engine.import_desk import ImportDesk


def import_desk() -> ImportDesk:
    """The imports."""
    return ImportDesk(serving().service.database)
