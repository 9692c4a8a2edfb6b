"""`waypost answers`: which answers a server keeps that take long, and which of them it is computing again."""

from __future__ import annotations

from typing import Any

import click

from api.cli.analyzing import Form, file_options
from api.cli.options import json_option
from api.cli.remotes import key_option, url_option


@click.command("answers")
@url_option
@key_option
@file_options
@json_option
def command(url: str, key: str, form: Form) -> None:
    """Show the answers of a server that take long: about which data each is, and how far the new one is.

    Answers are kept by the server, so this asks one. docs/reference/analyses.md

    \b
    Example:
      waypost answers --url https://waypost.example.com
    """
    from api.cli.remote import Remote
    from api.schemas.answers import AnswerStateSchema

    found = Remote(url, key).get("/api/v1/answers")
    if form.export_documents(found["data"], AnswerStateSchema().fields, lambda: found):
        return
    for each in found["data"]:
        click.echo(f"{each['question']}\n  {_stands(each)}")
    if not found["data"]:
        click.echo("no answer has taken long since the server was started")


def _stands(each: dict[str, Any]) -> str:
    told = f"{each['state']}, took {each['took']:.1f} s, asked {each['asked']} times, of {each['computed']}"
    if each["progress"] is not None:
        told += f"; the new one: {each['progress']:.0%} after {each['running']:.1f} s"
    behind = each["data_version"] - each["version"]
    return told + (f"; {behind} version{'' if behind == 1 else 's'} of the data behind" if behind > 0 else "")
