"""`waypost mcp`: the server that assistants start to ask about a project and to draft rules."""

from __future__ import annotations

import logging
import sys
from typing import Final

import click

from api.cli.options import data_option, opened, project_named, project_option, settings_from

_EXTRA: Final = frozenset({"mcp", "mcp_types", "anyio"})
"""Packages that the extra `mcp` brings along."""


@click.command("mcp")
@click.option(
    "--as",
    "member",
    metavar="ADDRESS",
    help="Work in the name of this member of the project, with what their role allows. [whoever runs the command]",
)
@click.option("--reference", is_flag=True, help="Print the reference page of all tools instead.")
@data_option
@project_option
def command(*, member: str | None, reference: bool, data: str | None, slug: str) -> None:
    """Serve assistants over standard input and output, by the Model Context Protocol.

    They may read (journeys, guides, events, funnels, paths, records, opportunities, why somebody was shown a guide),
    check rules, and keep a draft of them. Nothing can be published. An assistant starts this by itself; see
    docs/how-to/assistants.md. It reads the database here; no server is needed. Log lines go to standard error.
    Needs the extra: pip install "waypost[mcp]".

    \b
    Example:
      waypost mcp --data /srv/waypost --as ada@example.com
    """
    if reference:
        from api.mcp.reference import reference_page

        click.echo(reference_page(), nl=False)
        return
    try:
        from api.mcp.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise click.UsageError('assistants need one library more: pip install "waypost[mcp]"') from None
    from api.mcp.desk import Desk
    from api.serving import system_clock

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    settings = settings_from(data)
    with opened(settings) as service:
        desk = Desk(service, settings, project_named(service, slug), clock=system_clock, member=member)
        # Somebody who is no member is told at once, not at the first question.
        desk.who()
        if sys.stdin.isatty():
            click.echo("waiting for an assistant on standard input; end with Ctrl-D", err=True)
        serve(desk)
