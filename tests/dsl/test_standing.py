"""Pausing a guide in its text, letting it go on, and its text for testers: nothing else changes, no comment is lost."""

from __future__ import annotations

import pytest

from dsl.formatter import format_program
from dsl.nodes import Guide
from dsl.parser import parse
from dsl.standing import for_testers, with_pause

FORMATTED = """# all about DNS

guide help "Help" {
  on "DNS Check Failed"  # the first one

  show modal {
    title "Two records"
  }

  once
  # until the new page is there
  expires 2099-01-01  # then it goes
}

survey effort {
  on "Domain Verified"

  ask effort ease "How easy?"
}
"""
PAUSED = FORMATTED.replace("  # then it goes\n}", "  # then it goes\n  paused\n}")


def test_a_guide_is_paused_and_goes_on_without_losing_a_comment() -> None:
    paused = with_pause(FORMATTED, "help", is_paused=True)
    assert paused == PAUSED
    assert paused == format_program(parse(paused).program)
    assert with_pause(paused, "help", is_paused=False) == FORMATTED


def test_pausing_twice_is_pausing_once() -> None:
    assert with_pause(PAUSED, "help", is_paused=True) == PAUSED
    assert with_pause(FORMATTED, "help", is_paused=False) == FORMATTED


def test_a_survey_whose_block_ends_with_its_questions_stays_in_form() -> None:
    paused = with_pause(FORMATTED, "effort", is_paused=True)
    assert paused is not None
    assert paused.endswith('  ask effort ease "How easy?"\n\n  paused\n}\n')


def test_a_file_without_the_guide_is_none_of_ours() -> None:
    assert with_pause(FORMATTED, "nobody", is_paused=True) is None


@pytest.mark.parametrize(
    ("text", "paused"),
    [
        (
            'guide a { on "E" once show modal { title "T" } }',
            'guide a { on "E" once show modal { title "T" } \n  paused\n}',
        ),
        (
            'guide a {\n    on   "E"\n    once # often\n    show modal { title "{" }\n}',
            'guide a {\n    on   "E"\n    once # often\n    show modal { title "{" }\n  paused\n}',
        ),
    ],
    ids=["one line", "a layout of its own"],
)
def test_a_layout_of_ones_own_is_kept(text: str, paused: str) -> None:
    assert with_pause(text, "a", is_paused=True) == paused
    assert parse(paused).diagnostics == ()


def test_a_comment_on_the_line_of_the_clause_stays() -> None:
    text = FORMATTED.replace("  once\n", "  once\n  paused  # the texts are wrong\n")
    going = with_pause(text, "help", is_paused=False)
    assert going is not None
    assert "# the texts are wrong" in going
    assert "paused" not in going


def test_testers_see_a_copy_that_shows_whatever_else_it_said() -> None:
    text = FORMATTED.replace("  once\n", "  once\n  draft\n  paused\n  testers old\n")
    guide = next(each for each in parse(text).program.declarations if isinstance(each, Guide))
    assert for_testers(text, guide, "qa", name="help_trial") == (
        'guide help_trial "Help" {\n'
        '  on "DNS Check Failed"  # the first one\n'
        "\n"
        "  show modal {\n"
        '    title "Two records"\n'
        "  }\n"
        "\n"
        "  once\n"
        "  # until the new page is there\n"
        "  expires 2099-01-01  # then it goes\n"
        "  testers qa\n"
        "}\n"
    )


def test_testers_see_the_copy_first_where_a_priority_is_given() -> None:
    text = FORMATTED.replace("  once\n", "  once\n  priority 80\n")
    guide = next(each for each in parse(text).program.declarations if isinstance(each, Guide))
    copy = for_testers(text, guide, "qa", name="help_trial", priority=81)
    assert "priority 80" not in copy
    assert copy.endswith("  priority 81\n  testers qa\n}\n")
