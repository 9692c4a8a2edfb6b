"""`waypost backup`: everything of a database in one file, while the service goes on."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from api.cli.options import data_option, json_option, opened, settings_from
from api.cli.progress import progress_bar
from dsl.values import format_instant


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@data_option
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@json_option
def command(file: Path, data: str | None, force: bool, as_json: bool) -> None:
    """Write everything of the database into one file, while the service goes on.

    The file holds one state of the database, of the moment when the backup began, and can be put into SQLite and
    PostgreSQL alike. It holds personal data and the hashes of keys: only its owner may read it, and whoever erases a
    person is told of it. Files for analyses are not in it; they are made again.

    \b
    Example:
      waypost backup waypost-2026-11-22.zip --data data
    """
    from api.serving import system_clock
    from api.version import VERSION
    from engine.storage import copies
    from engine.storage.backup import back_up, count_rows

    if file.exists() and not force:
        raise click.UsageError(f"{file} is there already; another name, or --force")
    if not file.absolute().parent.is_dir():
        raise click.UsageError(f"there is no folder {file.absolute().parent}")
    settings = settings_from(data)
    if settings.database_url is None and not (settings.data_dir / "waypost.sqlite").is_file():
        raise click.UsageError(f"there is no database in {settings.data_dir}")
    with opened(settings) as service:
        made, database = system_clock(), service.database
        with progress_bar("writing", count_rows(database), is_quiet=as_json) as progress:
            manifest = back_up(database, file, made=made, release=VERSION, progress=progress)
        with database.writing() as connection:
            copies.record(connection, copies.CopyKind.BACKUP, str(file.absolute()), made=made)
    size = file.stat().st_size
    if as_json:
        click.echo(
            orjson.dumps(
                {
                    "file": str(file),
                    "made": format_instant(manifest.made),
                    "rows": manifest.rows,
                    "bytes": size,
                    "tables": {each.name: each.rows for each in manifest.tables},
                },
                option=orjson.OPT_INDENT_2,
            )
        )
        return
    click.echo(f"{file}: {manifest.rows:,} rows of {len(manifest.tables)} tables, {size / 1e6:,.1f} MB")
