"""The one form of a text: layout, gaps, comments, names in backticks, texts."""

from __future__ import annotations

import random
import re
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.formatter import format_condition, format_program
from dsl.formatter.words import name, quoted
from dsl.nodes import Program
from dsl.parser import parse, parse_condition
from dsl.terminals import BACKTICKED, LONG_STRING, PATTERN, STRING
from tests.dsl.programs import programs
from tests.profiles import examples


def formatted(text: str) -> str:
    read = parse(dedent(text).lstrip("\n"))
    assert read.diagnostics == ()
    once = format_program(read.program)
    again = parse(once)
    assert again.program == read.program
    assert format_program(again.program) == once
    return once


def test_declarations_of_one_kind_stand_together_and_others_apart() -> None:
    assert formatted('attribute a: text attribute b: text event "A" event "B" segment s where a is "x"') == (
        'attribute a: text\nattribute b: text\n\nevent "A"\nevent "B"\n\nsegment s where a is "x"\n'
    )


def test_a_gap_between_declarations_of_one_kind_stays() -> None:
    text = "attribute a: text\n\nattribute b: text\nattribute c: text\n"
    assert formatted(text) == text
    assert formatted(text.replace("\n\n", "\n\n\n\n")) == text


def test_blocks_have_a_blank_line_around_them() -> None:
    assert formatted("limits { } limits { }") == "limits {\n}\n\nlimits {\n}\n"


def test_what_is_recorded_is_said_in_one_order() -> None:
    text = "limits { }\nrecord   sample 12.50% for b,a at j.s , j.t # why\nrecord for a\nguide g { }"
    assert formatted(text) == (
        "limits {\n}\n\nrecord at j.s, j.t for b, a sample 12.5%  # why\nrecord for a\n\nguide g {\n}\n"
    )


def test_what_is_shown_stands_apart_from_when_and_how_often() -> None:
    assert formatted('guide a { priority 3 on page "/x" show modal { } once draft thanks "x" }') == dedent(
        """\
        guide a {
          priority 3
          on page "/x"

          show modal {
          }

          once
          draft

          thanks "x"
        }
        """
    )


def test_a_condition_that_fits_stays_on_its_line() -> None:
    text = 'guide a {\n  when plan is "trial" and (seats > 3 or did "Signed Up")\n}\n'
    assert formatted(text) == text


def test_a_long_condition_is_broken_at_its_outermost_words() -> None:
    assert formatted(
        """
        persona big where did "DNS Check Failed" at least 2 times in last 10 minutes and (seats >= 100 or plan is "pro") and not in small
        """  # noqa: E501
    ) == dedent(
        """\
        persona big where did "DNS Check Failed" at least 2 times in last 10 minutes
          and (seats >= 100 or plan is "pro")
          and not in small
        """
    )


def test_parentheses_that_do_not_fit_are_broken_too() -> None:
    long = '"a text that takes a good deal of room on its line"'
    assert formatted(f"segment s where a is {long} and (b is {long} or not (c is {long} and d is {long}))") == dedent(
        f"""\
        segment s where a is {long}
          and (b is {long}
            or not (c is {long}
              and d is {long}))
        """
    )


def test_the_terms_of_a_block_stand_on_lines_of_their_own_in_a_file() -> None:
    assert formatted('guide a { when all of { plan is "x" any of { a is 1 b is 2 } } unless none of { a is 3 } }') == (
        dedent(
            """\
            guide a {
              when all of {
                plan is "x"
                any of {
                  a is 1
                  b is 2
                }
              }
              unless none of {
                a is 3
              }
            }
            """
        )
    )


def test_a_block_may_stand_wherever_a_condition_may() -> None:
    written = dedent(
        """\
        event "Added" { kind: text, n: number }

        journey j "J" {
          stage s "S" {
            step a "A" reached by "Added" where none of { kind is "x"  n > 3 }
          }
          outcome "Added" where any of { kind is "x"  n > 3 }
        }

        feature f used by "Added" where all of { kind is "x"  n > 3 }

        guide g "G" {
          on "Added" where any of { kind is "x"  not n > 3 } and n < 9
          when did "Added" where any of { kind is "x"  n > 3 } in last 1 day
          when did "Added" where (n < 9 and any of { kind is "x"  n > 3 }) then "Added" within 1 day
          when (did "Added" where none of { kind is "x"  all of { n > 1  n < 4 } }) and plan is "pro"
          when sum of n in "Added" where any of { kind is "x"  n > 3 } > 5

          show checklist {
            title "T"
            item "I" done when any of {
              plan is "a"
              plan is "b"
            } opens "/x"
          }

          goal "Added" where none of { kind is "x" } within 1 day
        }

        survey v "V" {
          ask effort ease "How easy?"
          ask choice cause "Why?" if any of {
            ease <= 4
            ease is 7
          } {
            "a"
            other
          }
          ask text detail "What?" optional if not none of {
            cause is other
            not ease > 3
          }
            and ease is set then end
        }
        """
    )
    read = parse(written)
    assert read.diagnostics == ()
    assert format_program(read.program) == written


def test_the_terms_of_a_block_stand_on_one_line_in_a_lone_condition() -> None:
    condition = parse_condition('all of {\n plan is "trial"\n seats > 3\n}').condition
    assert condition is not None
    assert format_condition(condition) == 'all of { plan is "trial"  seats > 3 }'


def test_a_body_of_several_lines_keeps_them_and_its_inner_indentation() -> None:
    assert formatted('guide a { show modal { body """\n        One.\n\n          - two\n        Three.  \n""" } }') == (
        'guide a {\n  show modal {\n    body """\n      One.\n\n        - two\n      Three.  \n    """\n  }\n}\n'
    )


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", '"plain"'),
        ('a "quote"', r'"a \"quote\""'),
        ("back\\slash", r'"back\\slash"'),
        ("two\nlines\t.", r'"two\nlines\t."'),
        ('{{ name | "there" }}', '"{{ name | "there" }}"'),
        ('Hello {{ name | "there" }}, "friend"', r'"Hello {{ name | "there" }}, \"friend\""'),
        ('{{ broken " }}', r'"{{ broken \" }}"'),
    ],
)
def test_a_text_is_written_so_that_it_can_be_read(value: str, written: str) -> None:
    assert quoted(value) == written
    assert re.fullmatch(STRING, written)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plan", "plan"),
        ("firstName", "firstName"),
        ("$shown", "$shown"),
        ("größe", "größe"),
        ("Company Size", "`Company Size`"),
        ("sign-up", "`sign-up`"),
        ("2fa", "`2fa`"),
        ("did", "`did`"),
        ("contains", "`contains`"),
        ("guide", "guide"),
    ],
)
def test_a_name_stands_in_backticks_where_it_needs_them(text: str, written: str) -> None:
    assert name(text) == written


COMMENTED = """\
# The rules of the onboarding.

# What we know.
attribute a: text  # the plan
attribute b: text

# Events
# of the product
event "A" {
  # where it came from
  source: text,
  kind: text  # what it was
}

journey j {  # the only one
  # First of all
  stage s {
    step one  # enter
    # nothing reaches two yet
    step two
    # end of the stage
  }
  # end of the journey
}

guide g {
  # only these
  when a is "x"  # the small ones
    # and of those
    and b is "y"  # the new ones
  priority 3

  # what they see
  show modal {
    title "T"  # short
    # no body
  }
}  # end of the guide

# the end
"""


def test_comments_stay_where_they_are() -> None:
    assert formatted(COMMENTED) == COMMENTED


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("attribute a: text#c", "attribute a: text  # c\n"),
        ("#    c   \nattribute a: text", "# c\nattribute a: text\n"),
        ("attribute # c\na: text", "attribute a: text  # c\n"),
        ("# only a comment", "# only a comment\n"),
        ("", ""),
        ("#", "#\n"),
        ('event "A # B"  # c', 'event "A # B"  # c\n'),
        ("segment s where a matches /x#y/ # c", "segment s where a matches /x#y/  # c\n"),
    ],
)
def test_a_comment_is_kept_wherever_it_stands(text: str, written: str) -> None:
    assert formatted(text) == written


def test_a_comment_may_stand_between_the_words_of_a_keyword() -> None:
    assert formatted('segment s where did # c\n not # d\n "A"\n') == 'segment s where did not "A"  # c\n# d\n'


_PIECES = re.compile(rf"{LONG_STRING}|{STRING}|{BACKTICKED}|(?<![\w$]){PATTERN}|(?P<gap>[ \n]+)")


@settings(max_examples=examples(150, 1_500), deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), st.randoms(use_true_random=False))
def test_no_comment_is_lost_and_none_changes_what_is_said(program: Program, chance: random.Random) -> None:
    written = format_program(program)
    gaps = [found.span() for found in _PIECES.finditer(written) if found["gap"]]
    chosen = sorted(chance.sample(gaps, min(len(gaps), chance.randint(0, 6))))
    pieces: list[str] = []
    end = 0
    for number, (start, stop) in enumerate(chosen):
        form = chance.choice((" # c{}\n", "\n# c{}\n", "\n\n  # c{}\n\n"))
        pieces += (written[end:start], form.format(number))
        end = stop
    read = parse("".join((*pieces, written[end:])))
    assert read.diagnostics == ()
    assert read.program == program
    once = format_program(read.program)
    again = parse(once)
    assert again.program == program
    left = re.findall(r"\bc\d+", " ".join(comment.text for comment in again.program.comments))
    assert left == [f"c{number}" for number in range(len(chosen))]
    assert format_program(again.program) == once
