"""`waypost db`: the schema of the database, and whether what is stored agrees with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from api.cli.options import data_option, settings_from

if TYPE_CHECKING:
    from api.config import Settings
    from engine.storage.store import Database


@click.group("db")
def command() -> None:
    """Bring the database up to date, and check it.

    \b
    Example:
      waypost db upgrade
    """


@command.command("upgrade")
@data_option
def upgrade(data: str | None) -> None:
    """Bring the schema to this release. `waypost serve` does so by itself at its start.

    \b
    Example:
      waypost db upgrade --data data
    """
    database = _database(settings_from(data))
    try:
        before = database.revision()
        database.migrate()
        after = database.revision()
    finally:
        database.close()
    click.echo(f"the schema is at {after}" + ("" if before == after else f" (it was at {before or 'nothing'})"))


def _database(settings: Settings) -> Database:
    from engine.storage.store import Database

    if settings.database_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Database(settings.url)
