"""What the commands that read rules have in common: paths, an instant, a time zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
import orjson

from dsl.diagnostics import Span
from dsl.moments import start_of
from dsl.nodes import DayLiteral
from dsl.values import Instant, JsonValue, read_instant

Command = TypeVar("Command", bound=Callable[..., Any])


def paths_argument(command: Command) -> Command:
    """`PATH…`: files and folders that are there."""
    kind = click.Path(exists=True, path_type=Path)
    return click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=kind)(command)


def zone_option(command: Command) -> Command:
    """`--zone NAME`: the project's time zone."""
    return click.option(
        "--zone",
        metavar="ZONE",
        default="UTC",
        show_default=True,
        callback=_read_zone,
        help="The project's time zone, in which a date alone begins.",
    )(command)


def instant_option(name: str, *, help: str) -> Callable[[Command], Command]:  # noqa: A002
    """An option for a time: RFC 3339 (`2027-01-01T13:00:00Z`), or a date alone, which is 00:00 UTC."""
    return click.option(name, metavar="TIME", callback=_read_instant, help=help)


def json_object(text: str | None) -> Mapping[str, JsonValue]:
    """The object that `--context` holds; empty without one. Raises click.BadParameter."""
    try:
        read: JsonValue = orjson.loads(text) if text is not None else {}
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--context") from None
    if not isinstance(read, dict):
        raise click.BadParameter('an object is expected, such as {"page": {"path": "/"}}', param_hint="--context")
    return read


def _read_zone(ctx: click.Context, param: click.Parameter, text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):
        raise click.BadParameter(f"`{text}` is no time zone; write one such as Europe/Berlin", ctx, param) from None
    return text


def _read_instant(ctx: click.Context, param: click.Parameter, text: str | None) -> Instant | None:
    if text is None:
        return None
    instant = read_instant(text)
    if instant is not None:
        return instant
    try:
        day = date.fromisoformat(text)
        return start_of(DayLiteral(day.year, day.month, day.day, span=Span("--at", 0, 0, 1, 1)), "UTC")
    except ValueError:
        message = f"`{text}` is no time; write 2027-01-01 or 2027-01-01T13:00:00Z"
        raise click.BadParameter(message, ctx, param) from None
