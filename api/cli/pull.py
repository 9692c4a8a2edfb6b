"""`waypost pull`: the rules in force on a server as files, for those who keep them in git."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from api.cli.options import json_option
from api.cli.remotes import Pulled, key_option, url_option
from engine.errors import WaypostError

if TYPE_CHECKING:
    from api.cli.remote import Remote


class LocalChanges(WaypostError):
    """Files in the folder have changes that a pull would lose."""

    code = "local_changes"


class OutsideFolder(WaypostError):
    """What the server sends would be written outside the folder."""

    code = "outside_folder"


@click.command("pull")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@url_option
@key_option
@click.option("--version", "number", type=click.IntRange(min=1), metavar="N", help="An earlier version.")
@click.option("--force", is_flag=True, help="Replace files that were changed here.")
@json_option
def command(folder: Path, url: str, key: str, number: int | None, force: bool, as_json: bool) -> None:
    """Write the rules in force on a server into a folder, one file each.

    Files that were changed here since the last pull are not touched: nothing is written then, and they are named.

    \b
    Example:
      waypost pull rules/ --url https://waypost.example.com
    """
    from api.cli.remote import Remote

    remote = Remote(url, key)
    found = remote.get("/api/v1/rules" if number is None else f"/api/v1/rules/versions/{number}")
    if found["version"] is None:
        click.echo(f"nothing is published at {url} yet; `waypost push` does so")
        return
    files: Mapping[str, str] = found["files"]
    _refuse_outside(folder, files)
    base = _base(remote, folder, url)
    changed = sorted(name for name in {*files, *base, *_rules_in(folder)} if _is_lost(folder / name, name, files, base))
    if changed and not force:
        names = ", ".join(f"`{name}`" for name in changed)
        raise LocalChanges(f"these files were changed here, and a pull would lose that: {names}; push them, or --force")
    written, removed = _write(folder, files, base)
    Pulled(url, found["version"]).keep(folder)
    if as_json:
        document: dict[str, Any] = {"version": found["version"], "written": written, "removed": removed}
        click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
        return
    for verb, done in (("wrote", written), ("removed", removed)):
        for name in done:
            click.echo(f"{verb} {folder / name}")
    click.echo(f"version {found['version']} of {url} is in {folder}" + ("" if written or removed else "; no change"))


def _refuse_outside(folder: Path, files: Mapping[str, str]) -> None:
    """A server must not write anywhere else than into the folder, and nothing but rules."""
    inside = folder.resolve()
    for name in files:
        if not name.endswith(".way") or not (inside / name).resolve().is_relative_to(inside):
            raise OutsideFolder(f"the server names a file `{name[:200]}` that does not belong into {folder}")


def _base(remote: Remote, folder: Path, url: str) -> Mapping[str, str]:
    """The files as they were pulled last from this server; none without a pull."""
    pulled = Pulled.of(folder)
    if pulled is None or pulled.url != url:
        return {}
    files: Mapping[str, str] = remote.get(f"/api/v1/rules/versions/{pulled.version}")["files"]
    return files


def _rules_in(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*.way")] if folder.is_dir() else []


def _is_lost(path: Path, name: str, files: Mapping[str, str], base: Mapping[str, str]) -> bool:
    """True if the file has a text here that neither the last pull wrote nor this one would.

    A file that no version on the server knows is left where it is.
    """
    if not path.is_file() or (name not in files and name not in base):
        return False
    return path.read_bytes() not in {text.encode() for text in (files.get(name), base.get(name)) if text is not None}


def _write(folder: Path, files: Mapping[str, str], base: Mapping[str, str]) -> tuple[list[str], list[str]]:
    written, removed = [], []
    for name, text in files.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == text.encode():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        written.append(name)
    for name in sorted(base.keys() - files.keys()):
        if (folder / name).is_file():
            (folder / name).unlink()
            removed.append(name)
    return written, removed
