"""`waypost snippet`: the tag that a page loads Waypost by, ready to paste."""

from __future__ import annotations

import os
from pathlib import Path

import click
import orjson

from api.snippet import snippet_tag

FOLDER = Path(__file__).parents[2] / "widgets" / "dist"


@click.command("snippet")
@click.option("--host", metavar="URL", help="Where browsers reach the server. [WAYPOST_PUBLIC_URL]")
@click.option("--key", default="wp_pub_…", metavar="KEY", help="The project's public key (waypost keys list).")
@click.option("--pin", is_flag=True, help="This version alone, with the hash that browsers check it by.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def command(host: str | None, key: str, pin: bool, as_json: bool) -> None:
    """Print the script tag that loads Waypost into a page.

    With --pin the tag names a file whose content never changes, and its hash: browsers refuse any other. Print it anew
    after an upgrade of the server.

    \b
    Example:
      waypost snippet --host https://waypost.example.com --key wp_pub_7f…
      waypost snippet --pin
    """
    from api.config import read_settings

    address = (host or read_settings(os.environ).public_url or "").rstrip("/")
    if not address.startswith(("http://", "https://")):
        raise click.UsageError("say where browsers reach the server: --host https://waypost.example.com")
    manifest = orjson.loads((FOLDER / "manifest.json").read_bytes())
    name = str(manifest["parts"]["waypost"]) if pin else "waypost.js"
    source, integrity = f"{address}/sdk/{name}", str(manifest["files"][name]) if pin else None
    tag = snippet_tag(source, key, integrity=integrity)
    if as_json:
        document = {"src": source, "integrity": integrity, "version": manifest["version"], "tag": tag}
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    else:
        click.echo(tag)
