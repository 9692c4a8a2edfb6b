"""`waypost alerts`: guides that an author should look at now."""

from __future__ import annotations

import click
import orjson

from api.cli.options import data_option, json_option, opened, project_named, project_option, settings_from


@click.command("alerts")
@data_option
@project_option
@json_option
def command(data: str | None, slug: str, as_json: bool) -> None:
    """Tell which guides to look at: a target that is suddenly missing, shows that collapse.

    Compares the last 24 hours with the seven days before, and says nothing where it may be chance. Exits with 1 if
    there is anything, so that a job of yours can tell you.

    \b
    Example:
      waypost alerts --data data
    """
    with opened(settings_from(data)) as service:
        found = service.publications.alerts(project_named(service, slug).id)
    if as_json:
        from api.schemas.alerts import AlertsSchema

        click.echo(orjson.dumps(AlertsSchema().dump({"data": found}), option=orjson.OPT_INDENT_2))
    else:
        for alert in found:
            click.echo(f"{alert.kind.value}: {alert.message}")
        if not found:
            click.echo("nothing to look at")
    if found:
        raise click.exceptions.Exit(1)
