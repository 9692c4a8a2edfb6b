"""`waypost backtest`: how often guides would have come over a recorded history, and what would have kept them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from api.cli.analyzing import Form, file_options
from api.cli.options import data_option, json_option, project_option
from api.cli.progress import progress_bar
from api.cli.rules import instant_option, zone_option
from dsl.values import DAY, HOUR, MINUTE, SECOND, Instant, format_instant

if TYPE_CHECKING:
    from dsl.catalog import Seen
    from engine.backtest import Backtest, GuideBacktest
    from engine.people import Person
    from engine.ruleset import RuleSet

_BAR: Final = 40
"""Width of the longest bar of shows a day."""


@click.command("backtest")
@click.option(
    "--rules",
    metavar="PATH",
    multiple=True,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="A `.way` file, or a folder of them; may stand several times.",
)
@click.option(
    "--beside-live",
    is_flag=True,
    help="Also the rules in force in the database, a file standing in for one of its name: a new guide then meets "
    "those that people see already.",
)
@click.option(
    "--guide", "guides", metavar="NAME", multiple=True, help="Report this guide only; may stand several times."
)
@click.option(
    "--events",
    "events_file",
    metavar="FILE",
    type=click.File("rb"),
    help="A history: one event in Segment's form a line; `-` reads standard input. Without it: the database.",
)
@click.option("--simulated", "with_simulated", is_flag=True, help="Count simulated people of the database too.")
@data_option
@project_option
@instant_option("--from", help="Where the window begins. Before it everything stands as recorded.")
@instant_option("--to", help="Where the window ends.")
@zone_option
@file_options
@json_option
def command(
    *,
    rules: tuple[Path, ...],
    guides: tuple[str, ...],
    events_file: Iterable[bytes] | None,
    with_simulated: bool,
    data: str | None,
    slug: str,
    zone: str,
    form: Form,
    **said: Any,
) -> None:
    """Live through a recorded history under some rules, with their caps running.

    Prints for each guide its shows a day, whom it reaches and how soon, how many each gate removed, and which other
    guides are in its way. That is eligibility, not effect. The history is a file, or that of a project in the database,
    which is only read. Exits with 1 if the rules have errors.

    \b
    Example:
      waypost backtest --rules rules/ --guide verify_help --from 2026-10-01 --to 2026-11-01
      waypost backtest --rules new_guide.way --beside-live --guide new_guide
      waypost backtest --rules rules/ --events history.ndjson --json
    """
    from engine.backtest import backtest

    begin: Instant | None = said["from"]
    end: Instant | None = said["to"]
    beside_live: bool = said["beside_live"]
    if begin is not None and end is not None and end < begin:
        raise click.UsageError("--to is before --from")
    live: Mapping[str, str] = {}
    if events_file is not None:
        if beside_live:
            raise click.UsageError("--beside-live asks the database; with --events, name those rules by --rules too")
        people, seen = _from_file(events_file)
    else:
        people, seen, zone, in_force = _from_database(
            data, slug, zone, until=end, with_simulated=with_simulated, is_quiet=form.is_for_machines
        )
        live = in_force if beside_live else {}
    ruleset = _compiled(rules, live, seen, zone)
    for name in guides:
        if name not in ruleset.by_name:
            raise click.BadParameter(f"there is no guide `{name}` in the rules", param_hint="--guide")
    total = sum(len(each.events) for each in people)
    with progress_bar("living through the history", total, is_quiet=form.is_for_machines) as progress:
        found = backtest(ruleset, people, begin=begin, end=end, guides=guides or None, progress=progress)
    if not _export(found, form):
        for line in _lines(found):
            click.echo(line)


def _export(found: Backtest, form: Form) -> bool:
    from engine.backtest import BACKTEST_COLUMNS, backtest_rows

    def document() -> Any:
        from api.schemas.backtest import BacktestSchema

        return BacktestSchema().dump(found)

    return form.export(backtest_rows(found), BACKTEST_COLUMNS, document)


def _from_file(events_file: Iterable[bytes]) -> tuple[list[Person], Seen]:
    from api.cli.history import read_lines
    from engine.people import people_of
    from engine.seen import seen_in

    events, bad = read_lines(events_file)
    for each in bad:
        click.echo(f"line {each.line} was left out: {each.message}", err=True)
    return people_of(events), seen_in(events)


def _from_database(
    data: str | None, slug: str, zone: str, *, until: Instant | None, with_simulated: bool, is_quiet: bool
) -> tuple[list[Person], Seen, str, Mapping[str, str]]:
    """The history, what it shows, the project's own time zone unless another one is asked for, the rules in force."""
    from api.cli.options import opened, project_named, settings_from
    from engine.storage.histories import count_events, people_of_project
    from engine.storage.versions import seen

    with opened(settings_from(data)) as service:
        project = project_named(service, slug)
        with service.database.reading() as connection:
            total = count_events(connection, project.id, until=until)
            with progress_bar("reading the history", total, is_quiet=is_quiet) as progress:
                people = people_of_project(
                    connection, project.id, until=until, with_simulated=with_simulated, progress=progress
                )
            shown = seen(connection, project.id)
        in_force = service.publications.files(project.id) or {}
    context = click.get_current_context()
    is_own = context.get_parameter_source("zone") is click.core.ParameterSource.DEFAULT
    return people, shown, project.zone if is_own else zone, in_force


def _compiled(paths: tuple[Path, ...], live: Mapping[str, str], seen: Seen, zone: str) -> RuleSet:
    """The rules, checked against what the history shows; prints errors and exits with 1 where there are any.

    live: rules in force beside them. Names of files are then those of the list of versions, as `waypost push` makes
    them.
    """
    from dsl.diagnostics import Severity, render
    from dsl.project import load
    from dsl.sources import read_files
    from engine.ruleset import RuleSet

    files, unreadable = read_files(paths)
    if live:
        from api.publishing import files_in

        files = dict(live)
        for path in paths:
            files |= files_in(path)[0]
    project = load(files, seen=seen, zone=zone)
    errors = [each for each in (*unreadable, *project.diagnostics) if each.severity is Severity.ERROR]
    for each in errors:
        click.echo(render(each, files) + "\n", err=True)
    if errors:
        raise click.exceptions.Exit(1)
    return RuleSet.build(project)


def _lines(found: Backtest) -> Iterator[str]:
    from engine.backtest import CAVEAT

    if not found.people:
        yield "the history is empty: there is nobody to decide for"
        return
    yield f"{format_instant(found.begin)} to {format_instant(found.end)}"
    yield f"{found.people:,} people, {found.events:,} events, {found.moments:,} requests for guidance"
    for guide in found.guides:
        yield ""
        yield from _guide(guide, found.people)
    yield ""
    yield CAVEAT


def _guide(found: GuideBacktest, people: int) -> Iterator[str]:
    share = f" ({found.people / people:.1%} of all)" if people else ""
    yield found.guide
    if not found.considered:
        yield "  never came into question: nothing woke it, and nobody who asked stood at its step"
        return
    yield f"  came into question {found.considered:,} times"
    yield f"  shown {found.shows:,} times to {found.people:,} people{share}"
    if found.held_out:
        yield f"  {found.held_out:,} people held out"
    if found.first_delay is not None:
        median, p90 = (_duration(each) for each in (found.first_delay.median, found.first_delay.p90))
        yield f"  first show after {median} in the middle, {p90} for nine in ten"
    if found.by_day:
        yield "  shows a day"
        yield from _bars(list(found.by_day.items()))
    if found.removed:
        yield "  removed by"
        for reason, removed in found.removed.items():
            yield f"    {reason.value:<19} {removed.moments:>9,} times  {removed.people:>9,} people   {reason.meaning}"
    for overlap in found.overlaps:
        yield (
            f"  beside {overlap.guide}: {overlap.both:,} people see both; had the place {overlap.won:,} times, "
            f"lost it {overlap.lost:,} times"
        )


def _bars(days: Sequence[tuple[object, int]]) -> Iterator[str]:
    most = max(shows for _, shows in days) or 1
    for day, shows in days:
        bar = "█" * round(_BAR * shows / most) or ("▏" if shows else "")
        yield f"    {day} {shows:>7,} {bar}".rstrip()


def _duration(microseconds: float) -> str:
    for unit, name in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
        if microseconds >= unit:
            return f"{microseconds / unit:.1f} {name}"
    return f"{microseconds / SECOND:.0f} seconds"
