"""`waypost guidance`: the one switch that stops all guides of a project at once."""

from __future__ import annotations

import click
import orjson

from api.cli.options import data_option, json_option, project_option
from api.cli.publications import published
from api.cli.remotes import elsewhere_options


@click.group("guidance")
def command() -> None:
    """Stop all guidance of a project at once, let it go on, or see whether it is stopped.

    \b
    Example:
      waypost guidance stop
      waypost guidance resume
    """


@command.command("stop")
@elsewhere_options
@data_option
@project_option
@json_option
def stop(url: str | None, key: str | None, data: str | None, slug: str, as_json: bool) -> None:
    """Show nothing any more, at once and in all processes, also what browsers were told before.

    Events are taken in as before, and rules may be published meanwhile. The audit log says who stopped it and when.

    \b
    Example:
      waypost guidance stop
      waypost guidance stop --url https://waypost.example.com
    """
    _switch(url, key, data, slug, is_stopped=True, as_json=as_json)


@command.command("resume")
@elsewhere_options
@data_option
@project_option
@json_option
def resume(url: str | None, key: str | None, data: str | None, slug: str, as_json: bool) -> None:
    """Let guidance go on, by the rules that are in force now.

    \b
    Example:
      waypost guidance resume
    """
    _switch(url, key, data, slug, is_stopped=False, as_json=as_json)


@command.command("status")
@elsewhere_options
@data_option
@project_option
@json_option
def status(url: str | None, key: str | None, data: str | None, slug: str, as_json: bool) -> None:
    """Say whether guidance goes out, and by which rules. Exits with 1 while it is stopped.

    \b
    Example:
      waypost guidance status
    """
    with published(url, key, data, slug) as rules:
        is_stopped, latest = rules.is_stopped(), rules.versions(1)
    active = latest[0] if latest else None
    if as_json:
        click.echo(orjson.dumps({"stopped": is_stopped, "version": active["version"] if active else None}))
    elif is_stopped:
        click.echo(f"{_STOPPED}; `waypost audit list` says who stopped it")
    elif active is None:
        click.echo("no rules are in force yet: `waypost push` publishes some")
    else:
        click.echo(
            f"guidance goes out by version {active['version']} of the rules, "
            f"published {active['published']} by {active['by'] or 'unknown'}"
        )
    if is_stopped:
        raise click.exceptions.Exit(1)


_STOPPED = "all guidance is stopped; `waypost guidance resume` lets it go on"


def _switch(url: str | None, key: str | None, data: str | None, slug: str, *, is_stopped: bool, as_json: bool) -> None:
    with published(url, key, data, slug) as rules:
        rules.switch(is_stopped=is_stopped)
    if as_json:
        click.echo(orjson.dumps({"stopped": is_stopped}))
    else:
        click.echo(_STOPPED if is_stopped else "guidance goes on")
