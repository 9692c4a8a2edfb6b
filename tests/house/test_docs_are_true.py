"""What the pages tell people to type is there: commands with their options, settings, addresses, figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from api.app import build_app
from api.cli.main import cli
from api.config import CLIENT_VARIABLES, declarations
from api.metrics import Metrics
from tests.widgets.fake_server import STRICT_POLICY

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")} - {ROOT / "CHANGELOG.md"})
SETTINGS = {declared.variable for _, declared in declarations()} | set(CLIENT_VARIABLES)
OF_OTHERS = {"WAYPOST_RATE_…", "WAYPOST_INIT_…"}
PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)

CODE = re.compile(r"`([^`\n]+)`|^(?: +|\$ )?((?:[A-Z_]+=\S+ )*waypost .+|export .+# waypost .+)$", re.MULTILINE)
COMMAND = re.compile(r"^(?:[A-Z_]+=\S+ )*waypost ([a-z].*)$")


def commands(text: str) -> Iterator[list[str]]:
    """The words after `waypost`, of code between backticks, of lines of examples and of remarks beside them."""
    for inline, line in CODE.findall(text):
        for part in (inline or line).split("#"):
            found = COMMAND.match(part.split("|")[0].split(" > ")[0].strip())
            if found:
                yield found.group(1).split()


def all_commands(command: click.Command, name: str = "waypost") -> Iterator[tuple[str, click.Command]]:
    """Every command with its words."""
    yield name, command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for each in command.list_commands(context):
                found = command.get_command(context, each)
                assert found is not None
                yield from all_commands(found, f"{name} {each}")


def fault_in(words: list[str]) -> str | None:
    """Why a command line is none of ours; None if it is one."""
    with click.Context(cli) as context:
        command: click.Command = cli
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            found = command.get_command(context, words[0])
            if found is None:
                return f"there is no command `{words[0]}`"
            command, words = found, words[1:]
        known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    options = {word.split("=")[0].strip("…,.") for word in words if re.match(r"--[a-z]", word)}
    unknown = options - known - {"--help", "--version"}
    return f"there is no option {', '.join(sorted(unknown))}" if unknown else None


@PAGE
def test_every_command_is_one(page: Path) -> None:
    faults = [
        f"waypost {' '.join(words)}: {fault}" for words in commands(page.read_text()) if (fault := fault_in(words))
    ]
    assert faults == []


def test_every_example_of_a_help_text_is_one() -> None:
    faults = [
        f"{name}: waypost {' '.join(words)}: {fault}"
        for name, command in all_commands(cli)
        for words in commands(command.help or "")
        if (fault := fault_in(words))
    ]
    assert faults == []


def test_a_command_that_is_none_would_be_found() -> None:
    text = "`waypost serve --prot 1`\n```\nwaypost nothing\n```\nFOO=1 waypost backup --forse x | y\n"
    assert [fault_in(words) for words in commands(text)] == [
        "there is no option --prot",
        "there is no command `nothing`",
        "there is no option --forse",
    ]


def test_the_pages_do_tell_of_commands() -> None:
    assert sum(len(list(commands(page.read_text()))) for page in PAGES) > 60


@PAGE
def test_every_variable_is_a_setting(page: Path) -> None:
    named = set(re.findall(r"\bWAYPOST_[A-Z_]+…?", page.read_text()))
    assert named - SETTINGS - OF_OTHERS == set()


@PAGE
def test_every_address_is_served(page: Path) -> None:
    rules = {re.sub(r"<[^>]+>", "*", str(rule)) for rule in build_app().url_map.iter_rules()}
    told = re.findall(r"`(?:GET|POST|PUT|PATCH|DELETE) (/[^\s`?]+)", page.read_text())
    served = [re.compile(re.escape(rule).replace(r"\*", ".+")) for rule in rules]
    assert [path for path in told if not any(rule.fullmatch(path) for rule in served)] == []


def test_every_figure_to_watch_is_one() -> None:
    named = set(re.findall(r"`(waypost_\w+)", (ROOT / "docs" / "operate.md").read_text()))
    watched = Metrics()
    measured = {one.name for one in watched.registry.collect()}
    text = (ROOT / "api" / "metrics.py").read_text()
    known = measured | set(re.findall(r'"(waypost_\w+)"', text))
    assert {re.sub(r"_(count|sum|bucket|total)$", "", name) for name in named} - known == set()
    assert named


def test_a_customers_policy_needs_the_lines_that_the_snippet_is_tried_under() -> None:
    block = (ROOT / "docs" / "operate.md").read_text().split("these lines are all:", 1)[1].split("```")[1]
    told = {
        line.split()[0] for line in block.splitlines() if "https://waypost.example.com" in line and "only" not in line
    }
    assert (
        told
        == {each.split()[0] for each in STRICT_POLICY.split(";") if "{sdk}" in each}
        == {"script-src", "connect-src"}
    )
