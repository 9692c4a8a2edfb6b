"""`waypost demo`: a product with a journey, its rules and two weeks of history, in one go."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from api.cli.serve import AddressTaken, address_of, refuse_taken, run

if TYPE_CHECKING:
    from api.config import Settings
    from api.demo.seed import Seeded

_PORTS_TRIED: Final = 100
_START_SECONDS: Final = 60
"""How long the server of `--check` may take to start on a busy machine."""


@click.command("demo")
@click.option("--check", is_flag=True, help="Play the story over HTTP without a browser, and say what held.")
@click.option("--port", metavar="N", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True)
@click.option("--data", metavar="DIR", help="Keep everything in this folder. Without it: a temporary one.")
def command(port: int, host: str, data: str | None, *, check: bool) -> None:
    """See Waypost at work: a small product, its rules, and what is known of each step.

    The product is called Postbird; 2,000 simulated customers have used it for 14 days. If the port is taken, the next
    free one is used. Nothing of your own installation is touched.

    \b
    Example:
      waypost demo
      waypost demo --check
    """
    with _folder(data) as folder:
        if check:
            raise click.exceptions.Exit(0 if _check(folder) else 1)
        free = _free_port(host, port)
        settings = _settings(host, free, folder)
        _seeded(settings)
        _announce(settings, asked=port, kept=data is not None)
        # The worker reads its settings from the environment. A database of yours in it must never get our customers.
        os.environ.update(_environment(host, free, folder))
        run(settings, factory="api.demo.app:create_demo")


@contextmanager
def _folder(data: str | None) -> Iterator[Path]:
    if data is not None:
        yield Path(data).expanduser().absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="waypost-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settings(host: str, port: int, folder: Path) -> Settings:
    from api.demo.seed import demo_settings

    return demo_settings(host=host, port=port, data=str(folder))


def _environment(host: str, port: int, folder: Path) -> dict[str, str]:
    """The demo's choices as variables; every other setting is blank, which is as good as not set."""
    from api.config import declarations
    from api.demo.seed import demo_choices

    chosen = demo_choices(host=host, port=port, data=str(folder))
    return {declared.variable: chosen.get(name, "") for name, declared in declarations()}


def _free_port(host: str, wanted: int) -> int:
    """The port asked for, or the next one above it on which nobody listens."""
    last = min(wanted + _PORTS_TRIED, 65536)
    for port in range(wanted, last):
        try:
            refuse_taken(host, port)
        except AddressTaken:
            continue
        return port
    raise AddressTaken(
        f"cannot listen on `{host}`: every port from {wanted} to {last - 1} is taken; try another --port"
    )


def _seeded(settings: Settings) -> Seeded:
    """Make the data folder ready, with a progress bar."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from api.demo.seed import seed
    from api.serving import system_clock

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
    with bar:
        task = bar.add_task("Two weeks of 2,000 customers", total=None)
        seeded = seed(
            settings,
            clock=system_clock,
            begin=lambda total: bar.update(task, total=total),
            progress=lambda done: bar.update(task, completed=done),
        )
        if seeded.found:
            bar.update(task, description="The history is there already", total=1, completed=1)
    return seeded


def _announce(settings: Settings, *, asked: int, kept: bool) -> None:
    from api.demo import material

    address = address_of(settings)
    if settings.port != asked:
        click.echo(f"Port {asked} is taken; this is port {settings.port}.")
    click.echo(f"""
  Begin here   {address}/
  Product      {address}/signup
  Gallery      {address}/gallery
  Console      {address}/console/  (the first page signs you in)
  HTTP API     {address}/openapi.json

  Rules        {material.rules()}
  Data         {settings.data_dir}{"" if kept else "  (removed at the end)"}

  Ctrl-C stops it.""")


def _check(folder: Path) -> bool:
    """Start a server of our own, play the story against it; True when everything held."""
    from rich.console import Console

    from api.demo.story import play

    host = "127.0.0.1"
    settings = _settings(host, _any_port(host), folder)
    began = time.monotonic()
    _seeded(settings)
    secret = _secret_key(settings)
    with _server(settings) as address:
        ready = time.monotonic() - began
        return play(address, secret_key=secret, ready_after=ready, console=Console(highlight=False))


def _any_port(host: str) -> int:
    import socket

    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _secret_key(settings: Settings) -> str:
    from api.cli.options import opened
    from engine.replies import KeyKind

    with opened(settings) as service:
        return service.create_key(service.ensure_project().id, KeyKind.SECRET, name="demo --check").text


@contextmanager
def _server(settings: Settings) -> Iterator[str]:
    """A demo server in a process of its own, from when it is ready until it has stopped."""
    words = [sys.executable, "-m", "api.cli.main", "demo", "--host", settings.host]
    words += ["--port", str(settings.port), "--data", str(settings.data_dir)]
    with tempfile.TemporaryFile() as said, subprocess.Popen(words, stdout=said, stderr=said) as server:  # noqa: S603
        try:
            address = address_of(settings)
            if not _is_ready(address, server):
                said.seek(0)
                raise click.ClickException("the server did not start:\n" + said.read().decode(errors="replace"))
            yield address
        finally:
            server.terminate()
            try:
                server.wait(timeout=30)
            except subprocess.TimeoutExpired:
                server.kill()


def _is_ready(address: str, server: subprocess.Popen[bytes]) -> bool:
    from api.demo.visitor import answers

    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        if answers(f"{address}/readyz"):
            return True
        time.sleep(0.1)
    return False
