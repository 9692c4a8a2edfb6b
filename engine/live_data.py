"""What a project's database knows that helps to check rules: names, types, shares, the time zone. Only reads.

For those who write rules away from the server; the server itself asks `engine.rulebook`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dsl.catalog import Seen
from dsl.suggest import did_you_mean, nearest
from engine.errors import StorageUnavailable, WaypostError
from engine.storage import projects, versions
from engine.storage.shares import with_shares
from engine.storage.store import Database, file_of, migration_config


class NoSuchProject(WaypostError):
    """The database has no project of that name."""

    code = "no_such_project"

    def __init__(self, slug: str, known: list[str]) -> None:
        near = did_you_mean([f"`{each}`" for each in nearest(slug, known)])
        names = ", ".join(f"`{each}`" for each in known) or "none"
        super().__init__(f"the database has no project `{slug}`; there are: {names}" + (f"; {near}" if near else ""))


class OtherSchema(WaypostError):
    """The database was not written by this release; reading it could say wrong things."""

    code = "other_schema"

    def __init__(self, revision: str | None) -> None:
        what = "no tables of Waypost yet" if revision is None else f"the schema `{revision}`, not that of this release"
        super().__init__(f"the database has {what}; `waypost db upgrade` brings it up to date")


@dataclass(frozen=True, slots=True)
class LiveData:
    """What live data has shown, and the time zone in which a date alone begins."""

    seen: Seen
    zone: str


def live_data(url: str, slug: str) -> LiveData:
    """What a project has really received.

    Raises NoSuchProject, OtherSchema, engine.errors.StorageUnavailable, UnsupportedDatabase.
    """
    file = file_of(url)
    if file is not None and not file.is_file():
        # Opening it would make it.
        raise StorageUnavailable(f"there is no file `{file}`")
    database = Database(url)
    try:
        revision = database.revision()
        if revision != _newest():
            raise OtherSchema(revision)
        with database.reading() as connection:
            project = projects.project_by_slug(connection, slug)
            if project is None:
                raise NoSuchProject(slug, [each.slug for each in projects.all_projects(connection)])
            seen = versions.seen(connection, project.id)
            return LiveData(with_shares(connection, project.id, seen), project.zone)
    finally:
        database.close()


def _newest() -> str | None:
    # Alembic is heavy, and needed here only.
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    return ScriptDirectory.from_config(migration_config()).get_current_head()
