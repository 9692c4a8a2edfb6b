"""`waypost serve`: the service on an address, until it is told to stop."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Final

import click

from api.config import declarations, read_settings
from engine.errors import WaypostError

if TYPE_CHECKING:
    from api.config import Settings

STOP_SECONDS: Final = 20
"""How long requests under way may take to end when the server stops."""


class AddressTaken(WaypostError):
    """Another program listens on the address already, or it is not an address of this machine."""

    code = "address_taken"


@click.command("serve")
@click.option("--host", metavar="ADDRESS", help="Listen on this address. [WAYPOST_HOST; default: 127.0.0.1]")
@click.option("--port", metavar="N", help="Listen on this port. [WAYPOST_PORT; default: 8000]")
@click.option("--data", metavar="DIR", help="The data folder. [WAYPOST_DATA_DIR; default: data]")
@click.option("--rules", metavar="PATH", help="Rules to publish at the start. [WAYPOST_RULES]")
def command(host: str | None, port: str | None, data: str | None, rules: str | None) -> None:
    """Take events and give guidance, over HTTP.

    The rules are checked before anything is served: with an error in them the server does not start, and every message
    is printed. Stops on Ctrl-C or SIGTERM once the requests under way are answered and everything is written.

    \b
    Example:
      waypost serve --rules examples/onboarding --port 8000
    """
    chosen = {"host": host, "port": port, "data_dir": data, "rules": rules}
    settings = read_settings(os.environ, **chosen)
    refuse_taken(settings.host, settings.port)
    prepare(settings)
    # The worker reads its settings from the environment, as under any other server.
    for name, declared in declarations():
        if chosen.get(name):
            os.environ[declared.variable] = str(chosen[name])
    click.echo(f"Waypost listens on {address_of(settings)}")
    run(settings)


def prepare(settings: Settings) -> None:
    """Open the database and publish the rules once, so that faults are told here, before a worker starts."""
    from api.publishing import RulesRefused
    from api.start import open_service

    try:
        open_service(settings).close()
    except RulesRefused as refused:
        click.echo(refused.rendered(), err=True)
        click.echo(f"\n{refused}", err=True)
        raise click.exceptions.Exit(1) from None


def address_of(settings: Settings) -> str:
    """Where the server is to be found."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def run(settings: Settings, *, factory: str = "api.app:create_app") -> None:
    """Serve until told to stop; the settings must be those of the environment. factory: what makes the application."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from api.logs import logging_config
    from api.memory import share_heaps

    share_heaps()
    parent = os.getpid()
    os.register_at_fork(after_in_child=lambda: _stop_with(parent))
    Granian(
        factory,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        # One process writes: on SQLite it is faster than two.
        workers=1,
        blocking_threads=settings.threads,
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        # Its notes are of its workers and threads; ours say what an operator needs. That a worker died is an error.
        log_level=LogLevels.debug if settings.log_level == "debug" else LogLevels.error,
        log_dictconfig=logging_config(settings.log_level, settings.log_format),
        websockets=False,
    ).serve()


def _stop_with(parent: int) -> None:
    """Let a worker stop when the process that started it is gone: nobody else would ever tell it to."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    if os.getppid() == parent:
        threading.Thread(target=watch, name="waypost-parent-watch", daemon=True).start()


def refuse_taken(host: str, port: int) -> None:
    """Raise AddressTaken if nothing can listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server does: an address that has just been left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            raise AddressTaken(
                f"cannot listen on `{host}` port {port} ({error.strerror or error}); try another --port"
            ) from None
