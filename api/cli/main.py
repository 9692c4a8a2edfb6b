"""The `waypost` command: one table of commands, each imported only when it is called.

Decides what is a command and what an error looks like; knows nothing of what a command does. To add a command, write
a module with a `command` in it and add its line to COMMANDS.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

import click

from api.version import VERSION
from engine.errors import WaypostError


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives, and the line that `waypost --help` shows for it."""

    module: str
    """A module with a click command or group named `command`."""
    summary: str


COMMANDS: Final[Mapping[str, Entry]] = {
    "demo": Entry("api.cli.demo", "See Waypost at work: a small product and what is known of each step."),
    "check": Entry("api.cli.check", "Find everything that is wrong in rules."),
    "fmt": Entry("api.cli.fmt", "Write rules in their one form."),
    "lsp": Entry("api.cli.lsp", "Serve editors: messages, completion and more while rules are written."),
    "mcp": Entry("api.cli.mcp", "Serve assistants: figures and explanations to read, drafts of rules to write."),
    "explain": Entry("api.cli.explain", "Say in plain English what rules do."),
    "types": Entry("api.cli.typescript", "Write TypeScript declarations of what rules know by name."),
    "snippet": Entry("api.cli.snippet", "Print the script tag that loads Waypost into a page."),
    "picker": Entry("api.cli.picker", "Pick elements on your own page, for guides and events."),
    "test": Entry("api.cli.scenarios", "Run scenario tests: do rules do what they should?"),
    "diff": Entry("api.cli.diff", "Compare two rule sets: who gains and who loses each guide."),
    "backtest": Entry("api.cli.backtest", "Live through a recorded history under some rules."),
    "decide": Entry("api.cli.decide", "Decide for the users of a recorded history, with reasons."),
    "eval": Entry("api.cli.eval", "Evaluate conditions, one JSON object a line."),
    "serve": Entry("api.cli.serve", "Take events and give guidance, over HTTP."),
    "alerts": Entry("api.cli.alerts", "Tell which guides to look at; watch figures of steps for a change."),
    "exports": Entry("api.cli.exports", "Write reports to files by schedule."),
    "worker": Entry("api.cli.worker", "Do background work in a process of its own."),
    "push": Entry("api.cli.push", "Put the rules of a folder in force on a server."),
    "pull": Entry("api.cli.pull", "Write the rules in force on a server into a folder."),
    "rules": Entry("api.cli.versions", "Publish rules here, list versions, see what changed, go back."),
    "guidance": Entry("api.cli.guidance", "Stop all guidance of a project at once, or let it go on."),
    "import": Entry("api.cli.importing", "Bring in what was recorded elsewhere: histories, evidence, roadmaps."),
    "convert": Entry("api.cli.convert", "Turn the targeting of another tool into rules; list what could not be said."),
    "funnel": Entry("api.cli.funnel", "Count how many come from step to step."),
    "paths": Entry("api.cli.paths", "Show what came before people left, beside those who went on."),
    "heat": Entry("api.cli.heat", "Show what people did on a page, element by element, and where they left its forms."),
    "effect": Entry("api.cli.effect", "Say what a guide changes, and whether the data can tell."),
    "kpis": Entry("api.cli.kpis", "Show the figures of a product, each with its interval."),
    "health": Entry("api.cli.health", "Show accounts that are busy but stuck, with their people, notes and owner."),
    "evidence": Entry("api.cli.evidence", "Show what people said elsewhere; say which step it belongs to."),
    "sources": Entry("api.cli.sources", "Fetch support tickets and app reviews by schedule."),
    "replays": Entry("api.cli.replays", "List and export recordings of sessions; say whether there are any."),
    "records": Entry("api.cli.records", "Show what is known of each step of a journey."),
    "map": Entry("api.cli.journey_map", "Draw the living map of a journey; type into it, confirm it, keep it."),
    "export": Entry("api.cli.export", "Write a journey as a Mermaid diagram or an SVG picture."),
    "opportunities": Entry("api.cli.opportunities", "Show where users could be won, and why they leave."),
    "roadmap": Entry("api.cli.roadmap", "Plan what is done about it: items, themes, the quarterly review."),
    "answers": Entry("api.cli.answers", "Show which answers of a server take long, and how far new ones are."),
    "lake": Entry("api.cli.lake", "Copy the log for analyses; open it to tools of your own, as views in SQL."),
    "plan": Entry("api.cli.plan", "Say what events are expected to look like, and see which do not."),
    "project": Entry("api.cli.project", "Make and list projects and their environments; let users be signed."),
    "keys": Entry("api.cli.keys", "Make, list, rotate and withdraw keys; allow web origins."),
    "user": Entry("api.cli.user", "Let people use the console: invite, list, give roles, reset passwords."),
    "audit": Entry("api.cli.audit", "Read and verify the log of administrative acts."),
    "person": Entry("api.cli.person", "Export what is kept of a person; erase a person."),
    "db": Entry("api.cli.db", "Bring the database up to date, and check it."),
    "backup": Entry("api.cli.backup", "Write everything of the database into one file."),
    "restore": Entry("api.cli.restore", "Put a backup into an empty database."),
    "doctor": Entry("api.cli.doctor", "Look at the whole installation: what is wrong, and what to do."),
    "config": Entry("api.cli.config", "Show the settings in force."),
    "openapi": Entry("api.cli.openapi", "Print the OpenAPI document."),
}
"""Every command, in the order of `waypost --help`."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command of that name."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = import_module(entry.module).command
        assert isinstance(command, click.Command)  # noqa: S101  (a wrong line in the table, found by its test)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table alone, so that `--help` imports none of them."""
        if not COMMANDS:
            return
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="waypost")
def cli() -> None:
    """In-app guidance and microsurveys with a rules language.

    \b
    Example:
      waypost check rules/
    """


def main() -> None:
    """Run the command line. Exit 0: done; 1: it found something; 2: it could not be done as asked."""
    try:
        cli(prog_name="waypost")
    except WaypostError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    except OSError as error:
        # A folder that is not there, a file that may not be written: the system's words and the name say enough.
        name = f": {error.filename}" if error.filename is not None else ""
        click.echo(f"error: {(error.strerror or str(error)).lower()}{name}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
