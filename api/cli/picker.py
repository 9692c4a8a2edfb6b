"""`waypost picker`: a link that opens the element picker on a page, and what is picked there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from api.cli.remotes import key_option, url_option

if TYPE_CHECKING:
    from api.cli.remote import Remote

_LOOK_EVERY: Final = 1.0
"""Seconds."""


@click.command("picker")
@click.argument("page", required=False, metavar="[PAGE]")
@url_option
@key_option
@click.option(
    "--minutes",
    type=click.IntRange(1, 240),
    default=30,
    show_default=True,
    metavar="N",
    help="How long the link lasts.",
)
@click.option("--no-wait", is_flag=True, help="Print the link and go; --collect shows later what was picked.")
@click.option("--collect", "number", type=click.IntRange(min=1), metavar="ID", help="What was picked with that link.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines: one object a line.")
def command(
    page: str | None, url: str, key: str, minutes: int, no_wait: bool, number: int | None, as_json: bool
) -> None:
    """Pick elements on your own page, for guides and for events.

    Prints a link to PAGE, an address of a page that loads Waypost. Open it in a browser: point at an element, see how
    well it can be found again, and hand it over. What is picked is printed here as text of the rules, until the link is
    over or you press Ctrl-C. The link works on all pages of that origin, which the project has to list.

    \b
    Example:
      waypost picker https://app.example.com/domains/7 --url https://waypost.example.com
      waypost picker https://app.example.com/domains/7 --no-wait --json
      waypost picker --collect 3
    """
    from api.cli.remote import Remote

    remote = Remote(url, key)
    if number is not None:
        found = remote.get(f"/api/v1/pickers/{number}")
        _tell(found["picks"], as_json=as_json)
        return
    if page is None:
        raise click.UsageError("say on which page: waypost picker https://app.example.com/domains/7")
    made = remote.post("/api/v1/pickers", {"url": page, "lasts": minutes * 60})
    if as_json:
        click.echo(orjson.dumps({each: made[each] for each in ("id", "link", "expires")}))
    else:
        click.echo(f"Open this link in a browser (until {made['expires']}):\n\n  {made['link']}\n")
        if no_wait:
            click.echo(f"waypost picker --collect {made['id']} shows what was picked", err=True)
        else:
            click.echo("What is picked comes here; Ctrl-C to stop.", err=True)
    if not no_wait:
        _wait(remote, made["id"], minutes * 60, as_json=as_json)


def _wait(remote: Remote, number: int, seconds: float, *, as_json: bool) -> None:
    """Tell each pick as it comes, until the link is over."""
    told, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(_LOOK_EVERY)
        picks = remote.get(f"/api/v1/pickers/{number}")["picks"]
        _tell(picks[told:], as_json=as_json)
        told = len(picks)


def _tell(picks: list[dict[str, Any]], *, as_json: bool) -> None:
    for pick in picks:
        click.echo(orjson.dumps(pick) if as_json else pick["way"])
