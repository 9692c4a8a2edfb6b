"""`waypost restore`: put a backup into an empty database."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from api.cli.options import data_option, json_option, settings_from
from api.cli.progress import progress_bar
from dsl.values import format_instant


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
@json_option
def command(file: Path, data: str | None, as_json: bool) -> None:
    """Put a backup into an empty database, all of it or nothing.

    Nothing is ever overwritten: give a new data folder, or set DATABASE_URL to an empty PostgreSQL database; that is
    also the way from SQLite to PostgreSQL. A backup of an earlier release is brought up to this one. Whoever was erased
    after the backup was made is in it: erase them again.

    \b
    Example:
      waypost restore waypost-2026-11-22.zip --data restored
      DATABASE_URL=postgresql://waypost@localhost/waypost waypost restore waypost-2026-11-22.zip
    """
    from engine.storage.backup import read_manifest, restore
    from engine.storage.store import Database, make_private

    settings = settings_from(data)
    manifest = read_manifest(file)
    if settings.database_url is None:
        make_private(settings.data_dir)
    database = Database(settings.url)
    try:
        with progress_bar("putting back", manifest.rows, is_quiet=as_json) as progress:
            restore(database, file, progress=progress)
    finally:
        database.close()
    made = format_instant(manifest.made)
    if as_json:
        click.echo(orjson.dumps({"made": made, "rows": manifest.rows, "release": manifest.release}))
        return
    click.echo(f"{manifest.rows:,} rows are back, as of {made}; `waypost db verify` compares them with the log")
