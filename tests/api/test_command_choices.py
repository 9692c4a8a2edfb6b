"""What an option or an argument may be comes from the registry that knows it, and is not loaded before it is needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from api.cli.choices import Listing, known
from api.cli.main import cli


def below(group: click.Group, way: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command with its words."""
    with click.Context(group) as context:
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None, (*way, name)
            yield " ".join((*way, name)), found
            if isinstance(found, click.Group):
                yield from below(found, (*way, name))


CHOICES = [
    (f"{words} {each.name}", each.type.choices)
    for words, command in below(cli)
    for each in command.params
    if isinstance(each.type, click.Choice)
]


@pytest.mark.parametrize(("where", "choices"), CHOICES, ids=[where for where, _ in CHOICES])
def test_every_choice_of_every_command_is_a_list_of_different_words(where: str, choices: tuple[str, ...]) -> None:
    assert list(choices), where
    assert len(set(choices)) == len(choices)
    assert [word for word in choices if not word or word.strip() != word] == []


FROM_A_REGISTRY = [
    ("alerts watch", "METRIC is drop, "),
    ("map type", "ROW is persona, "),
    ("map target", "[METRIC] is completion, "),
    ("map show", "[a4|"),
    ("replays settings", "[off|moments|sessions]"),
    ("sources add", "[hourly|"),
]


@pytest.mark.parametrize(("words", "shown"), FROM_A_REGISTRY)
def test_help_names_what_a_registry_knows(words: str, shown: str) -> None:
    told = CliRunner().invoke(cli, [*words.split(), "--help"], env={"COLUMNS": "200"})
    assert shown in told.output


def test_another_word_is_refused_with_those_that_there_are() -> None:
    told = CliRunner().invoke(cli, ["alerts", "watch", "mood", "activation.verify_domain"])
    assert told.exit_code == 2
    assert "Invalid value for 'METRIC': 'mood' is not one of 'drop', 'conversion'" in told.output


def test_names_of_the_command_line_stand_before_and_after_those_of_the_registry() -> None:
    around = known("engine.replay.settings:ReplayMode", first=["all"], last=["none"])
    assert list(around.choices) == ["all", "off", "moments", "sessions", "none"]
    assert around.convert("none", None, None) == "none"


def test_a_command_without_choices_ends_its_help_as_others_do() -> None:
    bare = Listing("bare", params=[click.Argument(["name"])], callback=lambda: None)
    assert CliRunner().invoke(bare, ["--help"]).output.rstrip().endswith("Show this message and exit.")


def test_a_registry_is_not_loaded_with_the_command() -> None:
    code = (
        "import sys, api.cli.alerts, api.cli.sources, api.cli.journey_map\n"
        "later = ('engine.step_alerts', 'engine.scheduled.facts', 'engine.mapping.rows')\n"
        "print([name for name in later if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
