"""The published rules of one project for commands: in the database here, or on a server elsewhere.

Both speak in the documents of the HTTP interface, so that a command prints the same wherever it works.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from api.cli.options import opened, project_named, settings_from
from api.cli.remotes import server_of

if TYPE_CHECKING:
    from api.cli.remote import Remote
    from engine.service import Service

Document = Mapping[str, Any]
ACTOR: Final = "command line"
"""Who published, as the list of versions and the audit log name it."""


class Published(Protocol):
    """What commands ask of the published rules."""

    def switch(self, *, is_stopped: bool) -> None:
        """Stop all guidance, or let it go on."""

    def is_stopped(self) -> bool:
        """True while nothing is shown at all."""

    def versions(self, limit: int) -> list[Document]:
        """The latest versions, newest first."""

    def version(self, number: int, against: int | None) -> Document:
        """One version with its files, and what it changed. Raises WaypostError where there is none."""

    def roll_back(self, number: int, note: str) -> Document:
        """Put a version in force again. Raises WaypostError; `invalid_rules` has `diagnostics`."""


@contextmanager
def published(url: str | None, key: str | None, data: str | None, slug: str) -> Iterator[Published]:
    """The published rules that the options name: of a server with `--url`, else of the database here."""
    remote = server_of(url, key, data)
    if remote is not None:
        yield _There(remote)
        return
    with opened(settings_from(data)) as service:
        yield _Here(service, project_named(service, slug).id)


class _Here:
    def __init__(self, service: Service, project_id: int) -> None:
        self._rules = service.publications
        self._project_id = project_id

    def switch(self, *, is_stopped: bool) -> None:
        self._rules.switch(self._project_id, is_stopped=is_stopped, by=ACTOR)

    def is_stopped(self) -> bool:
        return self._rules.is_stopped(self._project_id)

    def versions(self, limit: int) -> list[Document]:
        from api.schemas.rules import PublishedVersionLineSchema

        found = self._rules.versions(self._project_id, limit=limit)
        shown: list[Document] = PublishedVersionLineSchema(many=True).dump(found)
        return shown

    def version(self, number: int, against: int | None) -> Document:
        from api.publishing import version_document
        from api.schemas.rules import PublishedVersionSchema

        found = version_document(self._rules, self._project_id, number, against=against)
        shown: Document = PublishedVersionSchema().dump(found)
        return shown

    def roll_back(self, number: int, note: str) -> Document:
        from api.publishing import RulesRefused
        from api.schemas.rules import PublishedSchema
        from engine.replies import Refused

        outcome = self._rules.roll_back(self._project_id, number, by=ACTOR, note=note)
        if isinstance(outcome, Refused):
            raise RulesRefused(outcome)
        shown: Document = PublishedSchema().dump(outcome)
        return shown


class _There:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def switch(self, *, is_stopped: bool) -> None:
        self._remote.put("/api/v1/rules/stopped", {"stopped": is_stopped})

    def is_stopped(self) -> bool:
        return bool(self._remote.get("/api/v1/rules")["stopped"])

    def versions(self, limit: int) -> list[Document]:
        found: list[Document] = []
        before = ""
        while len(found) < limit:
            page = self._remote.get(f"/api/v1/rules/versions?limit={min(500, limit - len(found))}{before}")
            found += page["data"]
            if page["next"] is None:
                break
            before = f"&before={page['next']}"
        return found

    def version(self, number: int, against: int | None) -> Document:
        query = "" if against is None else f"?against={against}"
        return self._remote.get(f"/api/v1/rules/versions/{number}{query}")

    def roll_back(self, number: int, note: str) -> Document:
        return self._remote.post("/api/v1/rules/rollback", {"version": number, "note": note})
