"""`waypost lake`: the files that analyses read, and views over them for tools of your own."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.analyzing import echo_json, opened_lake, place_options
from api.cli.options import data_option, project_option


@click.group("lake")
def command() -> None:
    """Copy the log into the files that analyses read, and open them to tools of your own.

    \b
    Example:
      waypost lake views --out views.sql
      duckdb -init views.sql
    """


@command.command("sync")
@place_options
def sync(data: str | None, slug: str, as_json: bool) -> None:
    """Copy what the log has more than the lake. Analyses and `waypost worker` do so by themselves.

    \b
    Example:
      waypost lake sync
    """
    with opened_lake(data, slug) as lake:
        before = lake.analyst.lake(lake.project).manifest()
        if as_json:
            after = lake.analyst.sync(lake.project)
        else:
            lake.copy_log()
            after = lake.analyst.lake(lake.project).manifest()
        folder = lake.analyst.lake(lake.project).folder
    copied = after.rows - before.rows
    if as_json:
        told = {"copied": copied, "events": after.rows, "files": len(after.files), "version": after.version}
        echo_json({**told, "cursor": after.cursor, "folder": str(folder)})
        return
    click.echo(f"{copied:,} events copied; {after.rows:,} in {len(after.files):,} files, version {after.version}")


@command.command("views")
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write it there.")
@click.option("--define", is_flag=True, help="Say what each view and column means, and end.")
@data_option
@project_option
def views(out: Path | None, define: bool, data: str | None, slug: str) -> None:
    """Print SQL that makes views of the files, for DuckDB: events, people, sessions, steps, responses and more.

    Reads Parquet and nothing else; the live database is never opened by DuckDB, and must not be. Read the script in at
    the beginning of each session, so that it finds the files of now. What the columns mean: docs/reference/lake.md

    \b
    Example:
      waypost lake views --out views.sql
      duckdb -init views.sql -c "SELECT step, count(*) FROM steps GROUP BY step"
      waypost lake views --define
    """
    from engine.lake_views import reference, script

    if define:
        click.echo(reference())
        return
    with opened_lake(data, slug) as lake:
        from engine.analytics.history import NothingRecorded

        lake.copy_log()
        kept = lake.analyst.lake(lake.project)
        if kept.is_empty():
            raise NothingRecorded
        made = script(kept.folder, lake.rules.project)
    for step in made.unsaid:
        click.echo(
            f"the view `steps` lacks events of `{step}` whose condition SQL cannot say; a funnel counts them", err=True
        )
    if out is None:
        click.echo(made.sql, nl=False)
        return
    out.write_text(made.sql)
    click.echo(f"wrote {out}; read it in with `duckdb -init {out}`")
