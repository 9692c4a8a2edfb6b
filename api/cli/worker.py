"""`waypost worker`: background work in a process of its own."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import click
import orjson

from api.cli.options import data_option, json_option, opened, settings_from
from dsl.values import format_instant

if TYPE_CHECKING:
    from engine.jobs.runner import Runner
    from engine.storage.leases import JobState


@click.command("worker")
@data_option
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.option("--status", is_flag=True, help="Only tell how each job is doing. Exits with 1 if one failed.")
@json_option
def command(data: str | None, once: bool, status: bool, as_json: bool) -> None:
    """Do background work: copy events for analyses, look after guides, clean up.

    `waypost serve` does this itself; with WAYPOST_WORKER=off there, one or more workers do it. Each job is done
    by one process at a time, whoever takes it first. Stops on Ctrl-C or SIGTERM after the job at hand.

    \b
    Example:
      waypost worker --data data
      waypost worker --status
    """
    from api.background import runner_for
    from api.logs import configure, logging_config
    from api.memory import share_heaps
    from api.serving import system_clock

    # Before anything is imported that begins threads or takes much memory.
    share_heaps()
    settings = settings_from(data)
    with opened(settings, begins=not status) as service:
        runner = runner_for(service, settings, system_clock)
        if status:
            _tell(runner.states(), as_json=as_json)
            return
        import logging.config

        logging.config.dictConfig(logging_config(settings.log_level, settings.log_format))
        configure()
        if once:
            done = runner.run_due()
            click.echo(orjson.dumps({"done": done}) if as_json else f"done: {', '.join(done) or 'nothing was due'}")
            return
        _until_told(runner)


def _until_told(runner: Runner) -> None:
    import threading

    # From a thread of its own: the signal comes in the middle of whatever this one does.
    def stop(*_: object) -> None:
        threading.Thread(target=runner.stop, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    click.echo("working; stop with Ctrl-C", err=True)
    runner.work()


def _tell(states: tuple[JobState, ...], *, as_json: bool) -> None:
    from engine.jobs.registry import JOBS

    known = {state.name: state for state in states}
    if as_json:
        click.echo(orjson.dumps({"jobs": [_document(state) for state in states]}, option=orjson.OPT_INDENT_2))
    else:
        for job in JOBS:
            click.echo(f"{job.name:<10}  {_words(known.get(job.name))}  ({job.doc})")
    if any(state.error is not None for state in states):
        raise click.exceptions.Exit(1)


def _words(state: JobState | None) -> str:
    if state is None or (state.finished is None and state.started is None):
        return "never ran"
    if state.error is not None:
        return f"failed: {state.error}; again at {format_instant(state.due)}"
    if state.finished is None:
        return f"{state.holder} is at it since {format_instant(state.started)}" if state.started else "at work"
    return f"done at {format_instant(state.finished)}; next at {format_instant(state.due)}"


def _document(state: JobState) -> dict[str, object]:
    times = {name: getattr(state, name) for name in ("due", "started", "finished")}
    written = {name: None if at is None else format_instant(at) for name, at in times.items()}
    return {"name": state.name, **written, "holder": state.holder, "error": state.error, "done": state.done}
