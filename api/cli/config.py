"""`waypost config`: the settings in force, where each comes from, and variables that look mistyped."""

from __future__ import annotations

import os

import click
import orjson

from api.cli.options import json_option
from api.config import declarations, read_settings, reference_page, unknown_variables


@click.command("config")
@json_option
@click.option("--reference", is_flag=True, help="Print the reference page of all settings instead.")
def command(as_json: bool, reference: bool) -> None:
    """Show the settings in force. Exits with 1 if a variable is none of ours but looks like it.

    \b
    Example:
      waypost config
    """
    if reference:
        click.echo(reference_page(), nl=False)
        return
    read_settings(os.environ)
    shown = {}
    for _, declared in declarations():
        text = os.environ.get(declared.variable, "").strip()
        value = "(hidden)" if declared.secret and text else text or declared.default
        shown[declared.variable] = {"value": value, "from": "environment" if text else "default"}
    strangers = dict(unknown_variables(os.environ))
    if as_json:
        click.echo(orjson.dumps({"settings": shown, "unknown": strangers}))
    else:
        width = max(map(len, shown))
        for variable, entry in shown.items():
            click.echo(f"{variable:<{width}}  {entry['value'] or '—'}  ({entry['from']})")
        for variable, meant in strangers.items():
            hint = f"; did you mean {meant}?" if meant else ""
            click.echo(f"warning: {variable} is not a setting{hint}", err=True)
    if strangers:
        raise click.exceptions.Exit(1)
