"""What the commands have in common that work on a server elsewhere: its address, the key, what was pulled last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
import orjson

from api.config import CLIENT_VARIABLES

if TYPE_CHECKING:
    from api.cli.remote import Remote

Command = TypeVar("Command", bound=Callable[..., Any])

_FILE: Final = ".waypost.json"


def url_option(command: Command) -> Command:
    """`--url URL`."""
    return click.option(
        "--url",
        envvar=CLIENT_VARIABLES[0],
        default="http://127.0.0.1:8000",
        show_default=True,
        metavar="URL",
        help="The server. [WAYPOST_URL]",
    )(command)


def key_option(command: Command) -> Command:
    """`--key KEY`, better by the environment: what is typed stays in the shell's history."""
    return click.option(
        "--key",
        envvar=CLIENT_VARIABLES[1],
        required=True,
        metavar="KEY",
        help="A secret key (`wp_sec_…`) of the project; better set as WAYPOST_SECRET_KEY.",
    )(command)


def elsewhere_options(command: Command) -> Command:
    """`--url URL` and `--key KEY` of a command that works on the database here unless they are given."""
    url = click.option(
        "--url",
        envvar=CLIENT_VARIABLES[0],
        metavar="URL",
        help="A server elsewhere, with its secret key; without it the database here is used. [WAYPOST_URL]",
    )
    key = click.option(
        "--key", envvar=CLIENT_VARIABLES[1], metavar="KEY", help="The secret key for --url. [WAYPOST_SECRET_KEY]"
    )
    return url(key(command))


def server_of(url: str | None, key: str | None, data: str | None) -> Remote | None:
    """The server that `elsewhere_options` name, None for the database here. Raises click.UsageError."""
    from api.cli.remote import Remote

    if url is None:
        return None
    if data is not None:
        raise click.UsageError("say either --url, for a server, or --data, for the database here")
    if key is None:
        raise click.UsageError("--url needs the project's secret key: set WAYPOST_SECRET_KEY, or say --key")
    return Remote(url, key)


@dataclass(frozen=True, slots=True)
class Pulled:
    """Which version of which server a folder was last filled with; kept in the folder, to be committed with it."""

    url: str
    version: int

    @classmethod
    def of(cls, path: Path) -> Pulled | None:
        """What is kept beside the rules; None before the first pull, or where the file is broken."""
        try:
            read = orjson.loads(_file(path).read_bytes())
            return cls(str(read["url"]), int(read["version"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep(self, path: Path) -> None:
        """Write it down in the folder."""
        content = orjson.dumps({"url": self.url, "version": self.version}, option=orjson.OPT_INDENT_2)
        _file(path).write_bytes(content + b"\n")


def _file(path: Path) -> Path:
    return (path if path.is_dir() else path.parent) / _FILE
