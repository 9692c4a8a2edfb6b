"""`waypost alerts`: guides that an author should look at now."""

from __future__ import annotations

from typing import Any

import click

from api.cli.analyzing import Form, file_options, place_options
from api.cli.options import opened, project_named, settings_from


@click.command("alerts")
@file_options
@place_options
def command(data: str | None, slug: str, as_json: bool, as_csv: bool, parquet: str | None) -> None:
    """Tell which guides to look at: a target that is suddenly missing, shows that collapse.

    Compares the last 24 hours with the seven days before, and says nothing where it may be chance. Exits with 1 if
    there is anything, so that a job of yours can tell you.

    \b
    Example:
      waypost alerts --data data
    """
    from engine.alerts import ALERT_COLUMNS, alert_rows

    with opened(settings_from(data)) as service:
        found = service.publications.alerts(project_named(service, slug).id)

    def document() -> Any:
        from api.schemas.alerts import AlertsSchema

        return AlertsSchema().dump({"data": found})

    if not Form(as_json, as_csv, parquet).export(alert_rows(found), ALERT_COLUMNS, document):
        for alert in found:
            click.echo(f"{alert.kind.value}: {alert.message}")
        if not found:
            click.echo("nothing to look at")
    if found:
        raise click.exceptions.Exit(1)
