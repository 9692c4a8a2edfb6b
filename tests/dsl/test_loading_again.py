"""Rules that are loaded again after an edit are what they would be if all of them were read and checked anew."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from dsl import project as loading
from dsl.catalog import Seen
from dsl.project import NOTHING_SEEN, Before, RuleProject, load
from dsl.values import NUMBER, TEXT, Instant
from dsl.walk import nodes_of
from tests.engine.random_rules import rules_of

WORDS = (
    "#",
    '"""',
    '"',
    "{",
    "}",
    "guide",
    "and",
    "\n",
    " ",
    "é",
    "not",
    "once\n",
    "$page",
    'event "Done"',
    "priority 7",
)
SOME = """
# on its own
segment late where did "Paid" and not did "Paid" in last 1 day
survey mood "Mood" {
  on "Paid"
  ask effort ease "Easy?"
}
guide thanks "Thanks" {
  on "Paid"
  when answered mood.ease >= 3
  show modal { title "Hi {{ name | "you" }}"  body \"\"\"
# no comment
\"\"\" in "de" { title "Hallo" } }
}
event "Paid" { amount: number }
"""


def edited(random: Random, text: str) -> str:
    """A text after one edit of somebody who makes mistakes."""
    lines = text.split("\n")
    at, place = random.randrange(len(lines)), random.randrange(len(text) + 1)
    match random.randrange(7):
        case 0:
            return text[:place] + random.choice(WORDS) + text[place:]
        case 1:
            return text[:place] + text[place + random.randrange(1, 6) :]
        case 2:
            return "\n".join(lines[:at] + lines[at + 1 :])
        case 3:
            return "\n".join([*lines[:at], lines[at], *lines[at:]])
        case 4:
            return text.replace(str(random.randrange(9)), str(random.randrange(9)), 1)
        case 5:
            begin = text.find("\nguide ", place)
            end = text.find("\nguide ", begin + 1)
            return text if begin < 0 or end < 0 else text[:begin] + text[end:]
        case _:
            return "\n".join([*lines[:at], "", *lines[at:]])


def same(one: RuleProject, other: RuleProject) -> None:
    """Everything is the same, places and all."""
    assert one.diagnostics == other.diagnostics
    assert [(each.span, each.fix) for each in one.diagnostics] == [(each.span, each.fix) for each in other.diagnostics]
    assert one == other
    for name, program in one.programs.items():
        beside = other.programs[name]
        assert (program.comments, program.after_blank) == (beside.comments, beside.after_blank)
        assert [each.span for each in program.comments] == [each.span for each in beside.comments]
        assert list(map(_places, program.declarations)) == list(map(_places, beside.declarations))


def _places(declaration: Any) -> list[object]:
    return [each.span for each in nodes_of(declaration)]


@pytest.mark.parametrize("seed", range(6))
def test_random_edits_are_loaded_as_if_anew(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    good = {"a.way": rules_of(random, 12), "b.way": SOME}
    files, before = dict(good), Before()
    seen, at = NOTHING_SEEN, None
    for _ in range(20):
        name = random.choice(list(files))
        files[name] = good[name] if random.random() < 0.25 else edited(random, files[name])
        if random.random() < 0.1:
            seen = Seen(attributes={"mood": NUMBER}, shares={"mood": random.random() / 8}, users=100)
        if random.random() < 0.2:
            at = Instant(random.choice([10**15, 2 * 10**15]))
        same(load(files, seen=seen, at=at, before=before), load(files, seen=seen, at=at))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 140))
def test_very_many_random_edits_are_loaded_as_if_anew(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    good = {"a.way": rules_of(random, random.choice([3, 12, 60])), "b.way": SOME}
    files, before = dict(good), Before()
    for _ in range(200):
        name = random.choice(list(files))
        files[name] = good[name] if random.random() < 0.3 else edited(random, files[name])
        same(load(files, before=before), load(files))


EDITS: dict[str, Callable[[str], str]] = {
    "a number changes": lambda text: text.replace("priority 5", "priority 6"),
    "a line more": lambda text: text.replace("guide tip_20 ", "\n\nguide tip_20 "),
    "a guide more": lambda text: text.replace(
        "guide tip_20 ", 'guide more "More" { show modal { title "T" } }\nguide tip_20 '
    ),
    "a guide at the end": lambda text: text + 'guide more "More" { show modal { title "T" } }\n',
    "a comment": lambda text: text.replace("guide tip_20 ", "# why\nguide tip_20 "),
}


@pytest.mark.parametrize("how", list(EDITS))
def test_what_did_not_change_is_not_read_again(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clause = 'show modal { title "T" } once goal "Done" within 1 day expires 2030-01-01'
    guides = "".join(f'guide tip_{number} "Tip" {{\n  priority {number % 40}\n  {clause}\n}}\n' for number in range(40))
    text, before = 'event "Done"\n' + guides, Before()
    old = load({"a.way": text, "b.way": "segment x where user_id is set\n"}, before=before)
    read: list[int] = []
    parse = loading.reread.__globals__["parse"]
    monkeypatch.setitem(
        loading.reread.__globals__, "parse", lambda text, **more: read.append(len(text)) or parse(text, **more)
    )
    new = load({"a.way": EDITS[how](text), "b.way": "segment x where user_id is set\n"}, before=before)
    assert len(read) == 1
    assert read[0] < 700 < len(text)
    assert new.segments["x"] is old.segments["x"]
    assert new.guides["tip_2"] is old.guides["tip_2"]
    same(new, load({"a.way": EDITS[how](text), "b.way": "segment x where user_id is set\n"}))


def test_a_guide_that_was_named_elsewhere_is_missed_when_it_goes() -> None:
    tip = 'guide tip "Tip" { show modal { title "T" } }\n'
    also = 'guide also "Also" { when saw tip show modal { title "T" } }\n'
    before = Before()
    assert load({"a.way": tip, "b.way": also}, before=before).ok
    gone = load({"a.way": "", "b.way": also}, before=before)
    assert not gone.ok
    assert load({"a.way": tip, "b.way": also}, before=before).ok


def test_an_attribute_that_changes_its_type_is_told_everywhere() -> None:
    rule = 'guide tip "Tip" { when seats >= 5 show modal { title "T" } }\n'
    before = Before()
    assert load({"a.way": "attribute seats: number\n", "b.way": rule}, before=before).ok
    assert not load({"a.way": "attribute seats: text\n", "b.way": rule}, before=before).ok


def test_how_many_users_have_an_attribute_is_told_when_it_changes() -> None:
    files = {"a.way": 'attribute mood: text\nguide tip "Tip" { when mood is "x" show modal { title "T" } }\n'}
    before = Before()
    for share in (0.5, 0.02, 0.03, 0.5):
        seen = Seen(attributes={"mood": TEXT}, shares={"mood": share}, users=1_000)
        same(load(files, seen=seen, before=before), load(files, seen=seen))
