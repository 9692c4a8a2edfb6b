"""Two people change one text: what either changed alone is taken, and where both did nothing is lost."""

from __future__ import annotations

import random

import pytest

from dsl.merging import BEGIN, END, merge

OLD = "one\ntwo\nthree\nfour\nfive\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "both"),
    [
        (OLD, OLD, OLD),
        ("ONE\ntwo\nthree\nfour\nfive\n", OLD, "ONE\ntwo\nthree\nfour\nfive\n"),
        (OLD, "one\ntwo\nfive\n", "one\ntwo\nfive\n"),
        ("ONE\ntwo\nthree\nfour\nfive\n", "one\ntwo\nthree\nfour\nFIVE\n", "ONE\ntwo\nthree\nfour\nFIVE\n"),
        ("zero\n" + OLD, OLD + "six\n", "zero\n" + OLD + "six\n"),
        (
            "one\nthree\nfour\nfive\n",
            "one\ntwo\nthree\nfour\nfour and a half\nfive\n",
            "one\nthree\nfour\nfour and a half\nfive\n",
        ),
        ("one\nTWO\nthree\nfour\nfive\n", "one\nTWO\nthree\nfour\nfive\nsix\n", "one\nTWO\nthree\nfour\nfive\nsix\n"),
    ],
    ids=["nobody", "we alone", "they alone", "both, apart", "both ends", "one away, one new", "both the same"],
)
def test_what_was_changed_in_different_places_is_put_together(ours: str, theirs: str, both: str) -> None:
    merged = merge({"a.way": OLD}, {"a.way": ours}, {"a.way": theirs})
    assert (merged.files, merged.conflicts) == ({"a.way": both}, ())


def test_where_both_wrote_the_same_lines_one_side_stays_and_the_other_follows_as_comments() -> None:
    ours, theirs = "one\nTWO\nthree\nfour\nfive\n", "one\nzwei\n\nthree\nfour\nFIVE\n"
    merged = merge({"a.way": OLD}, {"a.way": ours}, {"a.way": theirs})
    (conflict,) = merged.conflicts
    assert merged.files["a.way"] == conflict.our_lines
    assert conflict.our_lines == f"one\nTWO\n{BEGIN}\n# zwei\n#\n{END}\nthree\nfour\nFIVE\n"
    assert conflict.their_lines == f"one\nzwei\n\n{BEGIN}\n# TWO\n{END}\nthree\nfour\nFIVE\n"


def test_files_come_and_go() -> None:
    base = {"a.way": OLD, "b.way": OLD, "c.way": OLD}
    ours = {"a.way": OLD, "c.way": "mine\n", "new.way": "of mine\n"}
    theirs = {"a.way": OLD, "b.way": OLD, "other.way": "of theirs\n"}
    merged = merge(base, ours, theirs)
    assert merged.files == {"a.way": OLD, "c.way": "mine\n", "new.way": "of mine\n", "other.way": "of theirs\n"}
    (conflict,) = merged.conflicts
    assert (conflict.file, conflict.our_lines, conflict.their_lines) == ("c.way", "mine\n", None)


def test_no_line_of_either_is_ever_lost() -> None:
    source = random.Random(7)  # noqa: S311  (no secret)
    for _ in range(300):
        base = [f"line {number}" for number in range(12)]
        sides = []
        for whose in ("our", "their"):
            lines = list(base)
            for number in range(source.randint(0, 4)):
                place = source.randrange(len(lines) + 1)
                if source.random() < 0.4 and place < len(lines):
                    del lines[place]
                else:
                    lines.insert(place, f"{whose} {number}")
            sides.append(lines)
        texts = ["\n".join(each) + "\n" for each in (base, *sides)]
        merged = merge({"a": texts[0]}, {"a": texts[1]}, {"a": texts[2]})
        written = [each.removeprefix("# ") for each in merged.files["a"].splitlines()]
        for side in sides:
            assert {each for each in side if not each.startswith("line")} <= set(written)


def test_a_long_file_of_guides_that_are_much_alike_is_put_together_at_once() -> None:
    guide = 'guide g{} {{\n  on "E"\n\n  show modal {{\n    title "T"\n  }}\n\n  once\n}}\n\n'
    old = "".join(guide.format(number) for number in range(2_000))
    ours, theirs = old.replace("g500 ", "mine "), old.replace("g1500 ", "theirs ")
    merged = merge({"a": old}, {"a": ours}, {"a": theirs})
    assert merged.files["a"] == ours.replace("g1500 ", "theirs ")
