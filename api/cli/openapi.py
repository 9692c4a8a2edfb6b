"""`waypost openapi`: the OpenAPI document of the HTTP interface, the pages of its problems and of who may call what."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("openapi")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--problems", is_flag=True, help="Print the reference page of problem codes instead.")
@click.option("--access", is_flag=True, help="Print the reference page of who may call what instead.")
def command(out: Path | None, problems: bool, access: bool) -> None:
    """Print the OpenAPI 3.1 document, the same that a server gives at /openapi.json.

    \b
    Example:
      waypost openapi --out docs/reference/openapi.json
    """
    text = _problems() if problems else _access() if access else _document()
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


def _problems() -> str:
    from api.statuses import reference_page

    return reference_page()


def _access() -> str:
    from api.app import build_app
    from api.authorisation import reference_page

    return reference_page(build_app())


def _document() -> str:
    import orjson

    from api.app import build_app, openapi

    return orjson.dumps(openapi(build_app()), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"
