"""`waypost export csv|ndjson|parquet|xes`: the events of a project for other tools."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import click

from api.analysts import analyst_of
from api.cli.analyzing import Lake, echo_json, left_out_line, place_options, population_options, read_time
from api.cli.choices import known
from api.cli.progress import progress_bar

if TYPE_CHECKING:
    from engine.analyst import Analyst
    from engine.events import EventKind
    from engine.exports.events import ChosenEvents, EventsWanted
    from engine.membership import RulesNow
    from engine.service import Service

ROWS_OF_A_GROUP: Final = 100_000
"""Rows that a Parquet file has in each of its groups."""

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Export:
    """What is written from: the events, whose project, and what is to be told of how far it has come."""

    service: Service
    chosen: ChosenEvents
    slug: str
    told: Told

    def write(self, pieces: Iterable[bytes], to: IO[bytes], *, every: int = 1_000) -> None:
        """Write one piece after the other; each counts as an event."""
        for number, piece in enumerate(pieces, 1):
            to.write(piece)
            if number % every == 0:
                self.told(number)


Writes = Callable[[Export, IO[bytes]], None]


def write_ndjson(export: Export, to: IO[bytes]) -> None:
    """Segment's form, a JSON object a line."""
    from engine.exports.segment import lines

    export.write(lines(export.service.database, export.chosen), to)


def write_csv(export: Export, to: IO[bytes]) -> None:
    """A table, with formulas made harmless as in every CSV."""
    from api.tables import csv_lines
    from engine.exports.events import columns

    lines = csv_lines(export.chosen.rows(), list(columns()))
    export.write((line.encode() for line in lines), to)


def write_parquet(export: Export, to: IO[bytes]) -> None:
    """The same table, with types."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    batches, written = export.chosen.tables(rows=ROWS_OF_A_GROUP), 0
    with pq.ParquetWriter(pa.PythonFile(to, "w"), batches.schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            written += batch.num_rows
            export.told(written)


def write_xes(export: Export, to: IO[bytes], *, trace: str) -> None:
    """An event log."""
    from engine.exports.xes import Trace, lines

    export.write(lines(export.chosen, log=export.slug, trace=Trace(trace)), to)


def _asked_options(command: Callable[..., None]) -> Callable[..., None]:
    """Which events, and where to."""
    for option in reversed(
        (
            click.option("--from", "since", metavar="TIME", help="Only what happened from then on: 2026-06-30."),
            click.option("--to", "until", metavar="TIME", help="Only what happened before then."),
            click.option("--event", "names", metavar="NAME", multiple=True, help="Only events of this name; repeat."),
            click.option("--user", "users", metavar="ID", multiple=True, help="Only this person's; repeat."),
            population_options,
            click.option(
                "--output",
                "-o",
                metavar="FILE",
                type=click.Path(dir_okay=False, path_type=Path),
                help="Write to a file that only its owner may read. [standard output]",
            ),
            click.option("--force", is_flag=True, help="Replace the file if it is there."),
            place_options,
        )
    ):
        command = option(command)
    return command


def _run(form: str, writes: Writes, options: dict[str, Any], *, kinds: tuple[EventKind, ...] = ()) -> None:
    """Write an export to where it is wanted, and say what is in it."""
    from api.cli.options import opened, project_named, settings_from
    from engine.exports.events import open_events

    output, as_json = options["output"], options["as_json"]
    # What is written to a terminal and a bar would run into each other.
    is_quiet = as_json or (output is None and sys.stdout.isatty())
    _check_place(form, output, force=options["force"], as_json=as_json)
    settings = settings_from(options["data"])
    with opened(settings) as service:
        project = project_named(service, options["slug"])
        analyst = analyst_of(service.database, settings)
        wanted = replace(_wanted(service, analyst, project.id, options), kinds=kinds)
        path = None if output is None else str(output.absolute())
        # Before the events are read: who is erased from now on is told of the file.
        copy = service.privacy.record_events_export(project.id, form, path=path, people=options["users"])
        is_done = False
        try:
            _finish_erasures(service, project.id)
            _copy_log(analyst, project.id, service.rules_now(project.id), is_quiet=as_json)
            spill = settings.lakes / "spill"
            with (
                open_events(analyst.lake(project.id), wanted, memory=settings.analysis_memory, spill=spill) as chosen,
                _sink(output) as to,
                progress_bar("writing events", chosen.count, is_quiet=is_quiet, every=1) as told,
            ):
                writes(Export(service, chosen, project.slug, told), to)
            is_done = True
        finally:
            if copy is not None and not is_done:
                service.privacy.remove_copy(copy)
    left_out = list(wanted.population.left_out)
    if as_json:
        echo_json({"file": str(output), "events": chosen.count, "left_out": [kind.value for kind in left_out]})
        return
    click.echo(
        f"{chosen.count:,} events{'' if output is None else f' in {output}'}; {left_out_line(left_out)}", err=True
    )


def _finish_erasures(service: Service, project: int) -> None:
    """Nobody who was erased is exported: what an erasure left to do is done before. Raises click.ClickException."""
    from engine.storage.erasure import unfinished

    service.privacy.finish(project)
    with service.database.reading() as connection:
        waits = bool(unfinished(connection, project))
    if waits:
        raise click.ClickException("files for analyses still hold people who were erased; try again in a moment")


def _copy_log(analyst: Analyst, project: int, rules: RulesNow, *, is_quiet: bool) -> None:
    if is_quiet:
        analyst.sync(project)
    else:
        Lake(analyst, project, rules).copy_log()


def _wanted(service: Service, analyst: Analyst, project: int, options: dict[str, Any]) -> EventsWanted:
    from engine.exports.events import EventsWanted

    since, until = read_time(options["since"], "--from"), read_time(options["until"], "--to")
    if since is not None and until is not None and until <= since:
        raise click.UsageError("--to is not after --from: nothing lies between them")
    population = analyst.population(
        project,
        service.rules_now(project),
        everyone=options["everyone"],
        with_simulated=options["with_simulated"],
    )
    if options["users"]:
        numbers = frozenset(_number(service, project, user, options["slug"]) for user in options["users"])
        population = replace(population, persons=numbers)
    return EventsWanted(since, until, tuple(options["names"]), population=population)


def _number(service: Service, project: int, user: str, slug: str) -> int:
    """Who somebody is, by a user id or else an anonymous id."""
    from engine.storage.identity import find_person

    with service.database.reading() as connection:
        found = find_person(connection, project, user, None) or find_person(connection, project, None, user)
    if found is None:
        raise click.UsageError(f"no person with the id `{user[:200]}` has been seen in project `{slug}`")
    number: int = found.id
    return number


def _check_place(form: str, output: Path | None, *, force: bool, as_json: bool) -> None:
    if output is None:
        if as_json:
            raise click.UsageError("--json tells of a file: name one with --output FILE")
        if form == "parquet" and sys.stdout.isatty():
            raise click.UsageError("parquet is not for a terminal: name a file with --output, or pass it on with `>`")
    elif output.exists() and not force:
        raise click.UsageError(f"{output} is there already; another name, or --force")
    elif not output.absolute().parent.is_dir():
        raise click.UsageError(f"there is no folder {output.absolute().parent}")


@contextmanager
def _sink(output: Path | None) -> Iterator[IO[bytes]]:
    """Where to write. A file gets its name when it is whole: one that was cut off is nobody's export."""
    if output is None:
        with nullcontext(sys.stdout.buffer) as to:
            yield to
        sys.stdout.buffer.flush()
        return
    number, name = tempfile.mkstemp(dir=output.absolute().parent, prefix=f".{output.name}-")
    try:
        with os.fdopen(number, "wb") as to:
            yield to
            to.flush()
            os.fsync(to.fileno())
        Path(name).replace(output)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


_COMMON: Final = """
    Left out are your own people, bots and simulated people, as in every analysis (--everyone takes them all), and who
    was erased. A file is noted among the copies that may hold a person (`waypost person copies`); what goes to standard
    output is yours to remember."""
_HELP: Final = {
    "ndjson": (
        write_ndjson,
        "Write events in Segment's form.",
        """Write events in Segment's form, a JSON object a line, in the order in which they were received.

    `waypost import segment` of it, with --everyone, gives the same people, events and states in a project that is
    empty.""",
        "export ndjson --everyone --output events.ndjson",
    ),
    "csv": (
        write_csv,
        "Write events as a table for people and sheets.",
        """Write events as a table, one row an event, in the order in which they happened.

    The columns are those of the view `events` (`waypost lake views --define`). Texts that a sheet would run as a
    formula get an apostrophe before them.""",
        "export csv --from 2026-10-01 --event Purchase > purchases.csv",
    ),
    "parquet": (
        write_parquet,
        "Write events as a table for machines.",
        """Write events as a Parquet file, one row an event, in the order in which they happened.

    The columns are those of the view `events` (`waypost lake views --define`).""",
        "export parquet --output events.parquet",
    ),
}


def event_commands() -> Iterator[click.Command]:
    """The commands that write events."""
    for form, (writes, short, told, example) in _HELP.items():

        def written(*, form: str = form, writes: Writes = writes, **options: Any) -> None:
            _run(form, writes, options)

        whole = f"{told}\n{_COMMON}\n\n    \b\n    Example:\n      waypost {example}\n    "
        yield click.command(form, help=whole, short_help=short)(_asked_options(written))

    def traced(*, trace: str, **options: Any) -> None:
        from engine.exports.xes import KINDS

        _run("xes", partial(write_xes, trace=trace), options, kinds=KINDS)

    whole = f"""Write what people did as an event log in XES (IEEE 1849), for process mining.

    A trace is a person, with their traits, or a session (--trace session), with the person as `org:resource`. Events
    are what was tracked, and views of pages and screens. `waypost import xes` reads traces of persons back.
{_COMMON}

    \b
    Example:
      waypost export xes --from 2026-10-01 --output journeys.xes
    """
    chosen = click.option(
        "--trace",
        type=known("engine.exports.xes:Trace"),
        default="person",
        show_default=True,
        help="What a trace is.",
    )
    yield click.command("xes", help=whole, short_help="Write events as an event log for process mining.")(
        chosen(_asked_options(traced))
    )
