"""`waypost lsp`: the language server that editors start."""

from __future__ import annotations

import click

from api.cli.rules import zone_option


@click.command("lsp")
@zone_option
def command(zone: str) -> None:
    """Serve editors over standard input and output, by the Language Server Protocol.

    An editor starts this by itself; see docs/how-to/editor.md. Needs the extra: pip install "waypost[lsp]".

    \b
    Example:
      waypost lsp --zone Europe/Berlin
    """
    try:
        from api.lsp.server import server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"pygls", "lsprotocol"}:
            raise
        raise click.UsageError('editors need one library more: pip install "waypost[lsp]"') from None
    server(zone).start_io()
