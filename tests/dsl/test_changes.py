"""What differs between two rule sets as they are written."""

# ruff: noqa: E501  (a row of a table is one line)

from __future__ import annotations

import pytest

from dsl.changes import Edit, changes_between
from dsl.project import load

OLD = """
attribute plan: text
event "Done"
segment trial where plan is "trial"
limits { at most 1 guide per session }
guide help "Help" { on "Done" for trial once show modal { title "T" body "B" } }
"""


def changes(new: str, old: str = OLD) -> list[tuple[str, str, tuple[str, ...]]]:
    found = changes_between(load({"old.way": old}), load({"new.way": new}))
    return [(each.title, each.edit.value, each.lines) for each in found]


CASES = [
    (OLD, []),
    # Layout, comments and files are no difference.
    ("# A comment.\n" + OLD.replace("\n", "\n\n").replace(" once ", "\n  once # a note\n  "), []),
    (OLD.replace("once", "once every 1 day"), [("guide help", "changed", ("-   once", "+   once every 1 day"))]),
    (OLD.replace('"trial"', '"pro"'), [("segment trial", "changed", ('- segment trial where plan is "trial"', '+ segment trial where plan is "pro"'))]),
    (OLD.replace("1 guide", "2 guides"), [("limits", "changed", ("-   at most 1 guide per session", "+   at most 2 guides per session"))]),
    (OLD + 'event "More"\n', [('event "More"', "added", ())]),
    (OLD.replace("attribute plan: text\n", "") + "account attribute plan: text\n", [("account attribute plan", "added", ()), ("attribute plan", "removed", ())]),
    (OLD + "record for trial\n", [("record for trial", "added", ())]),
    (OLD.replace("help", "aid"), [("guide aid", "added", ()), ("guide help", "removed", ())]),
]  # fmt: skip


@pytest.mark.parametrize(("new", "expected"), CASES)
def test_a_difference_is_told_by_declaration(new: str, expected: list[tuple[str, str, tuple[str, ...]]]) -> None:
    assert changes(new) == expected


def test_every_edit_is_a_word() -> None:
    assert {each.value for each in Edit} == {"added", "removed", "changed"}
