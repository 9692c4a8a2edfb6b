"""What the language takes, and what it says about more: at once, at a place, in little memory, and never by failing."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dsl.diagnostics import Severity
from dsl.parser import parse, parse_condition
from dsl.project import load
from tests.dsl.hostile import GOOD, HOSTILE

ROOT = Path(__file__).parents[2]


def body_of(length: int) -> str:
    return 'guide g { show modal { body """' + "b" * length + '""" } }'


def declaration_of(size: int) -> str:
    head, tail = "guide g {\n", "}"
    line = '  unless seats > 5 and name is "something"\n'
    lines = (size - len(head) - len(tail)) // len(line)
    return head + line * lines + " " * (size - len(head) - len(tail) - lines * len(line)) + tail


def file_of(size: int) -> str:
    line = 'event "Report Exported"\n'
    return line + "#" + " " * (size - 1 - len(line))


def terms_of(count: int) -> str:
    return "segment s where " + " and ".join(["a > 1"] * count)


def nested_terms_of(count: int) -> str:
    """No group of them has more than 100."""
    groups = [" or ".join(["a > 1"] * min(100, count - done)) for done in range(0, count, 100)]
    return "segment s where " + " and ".join(f"({group})" for group in groups)


def where_terms_of(count: int) -> str:
    return 'segment s where did "A" where ' + " and ".join(["a > 1"] * (count - 1))


LIMITS: list[tuple[str, int, str, Callable[[int], str]]] = [
    ("a declaration", 65_536, "WP021", declaration_of),
    ("a file", 1_048_576, "WP021", file_of),
    ("nesting of parentheses", 64, "WP022", lambda n: "segment s where " + "(" * n + "true" + ")" * n),
    ("nesting of blocks", 64, "WP022", lambda n: "segment s where " + "all of { " * n + "true" + " }" * n),
    ("nesting of not", 64, "WP022", lambda n: "segment s where " + "not " * (n + 1) + "true"),
    ("terms of a condition", 500, "WP021", terms_of),
    ("terms of a condition in groups", 500, "WP021", nested_terms_of),
    ("terms of a condition with its where", 500, "WP021", where_terms_of),
    ("a name", 128, "WP021", lambda n: f"attribute {'n' * n}: text"),
    ("a name in backticks", 128, "WP021", lambda n: f"attribute `{'n' * n}`: text"),
    ("a name in a path", 128, "WP021", lambda n: f'segment s where account.{"n" * n} is "x"'),
    ("a text", 4096, "WP021", lambda n: f'event "{"e" * n}"'),
    ("a text of two bytes a letter", 2048, "WP021", lambda n: f'event "{"é" * n}"'),
    ("a body", 16_384, "WP021", body_of),
    ("a pattern", 256, "WP021", lambda n: f"segment s where a matches /{'p' * n}/"),
]


@pytest.mark.parametrize(("what", "limit", "code", "text_of"), LIMITS, ids=[row[0] for row in LIMITS])
def test_up_to_the_limit_is_fine_and_one_more_is_an_error(
    what: str, limit: int, code: str, text_of: Callable[[int], str]
) -> None:
    for size in (limit - 1, limit):
        assert [each.message for each in parse(text_of(size)).diagnostics] == []
    text = text_of(limit + 1)
    (found,) = parse(text).diagnostics
    assert found.code == code
    assert found.help
    assert 0 <= found.span.start <= found.span.end <= len(text)
    assert load({"a.way": text}).ok is False


def test_a_lone_condition_has_the_limits_of_a_declaration() -> None:
    fine = " and ".join(["a > 1"] * 500)
    assert parse_condition(fine).diagnostics == ()
    for beyond in (fine + " and a > 1", fine + " " * 65_000, "(" * 65 + "true" + ")" * 65):
        read = parse_condition(beyond)
        (found,) = read.diagnostics
        assert found.code in {"WP021", "WP022"}
        assert found.help


def test_a_set_of_files_has_32_megabytes() -> None:
    megabyte = file_of(1_048_576)
    files = {f"{number:02}.way": megabyte for number in range(33)}
    project = load(files)
    (found,) = project.diagnostics
    assert (found.code, found.span.file, project.ok) == ("WP021", "32.way", False)
    assert found.help


def test_what_is_around_a_declaration_that_is_too_large_is_read_and_checked() -> None:
    text = f'event "A"\n{declaration_of(70_000)}\nsegment last where did "B"\n'
    project = load({"a.way": text})
    assert [(each.code, each.span.line) for each in project.diagnostics] == [("WP021", 2), ("WP003", text.count("\n"))]
    assert list(project.segments) == ["last"]


def test_a_name_in_a_declaration_that_is_too_large_is_no_second_mistake() -> None:
    project = load({"a.way": f"{declaration_of(70_000)}\nsegment s where saw g\n"})
    assert [each.code for each in project.diagnostics] == ["WP021"]


def test_large_files_of_small_declarations_are_fine_however_they_are_laid_out() -> None:
    lines = [f"segment s{number} where seats > {number}" for number in range(4_000)]
    for between in ("\n", " ", "\r\n", "\n\n# a comment with guide g { in it\n"):
        text = between.join(lines)
        assert len(text) > 65_536
        assert parse(text).diagnostics == ()


def test_a_missing_brace_in_a_large_file_is_still_called_by_its_name() -> None:
    guides = "".join(f'guide g{n} {{\n  show modal {{ title "x" }}\n}}\n' for n in range(2_000))
    found = parse("guide first {\n  priority 5\n" + guides).diagnostics
    assert [each.code for each in found] == ["WP002"]


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (240, 240))


NAMES = list(HOSTILE)
SIX = [NAMES[start : start + 6] for start in range(0, len(NAMES), 6)]


@pytest.mark.thorough
@pytest.mark.parametrize("names", SIX, ids=[" · ".join(names) for names in SIX])
def test_hostile_files_are_refused_quickly_in_little_memory(names: list[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.dsl.hostile", *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_limited,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    for name, line in zip(names, ran.stdout.splitlines(), strict=True):
        said = json.loads(line)
        assert said["megabytes"] < 200, name
        # Of the processor, and far above what any of them took; quadratic reading would take minutes.
        assert said["seconds"] < 60, name
        errors = [each for each in said["found"] if each[0] < "WP5"]
        assert bool(errors) is (name not in GOOD), name
        for _, help_, start, end in errors[:1]:
            assert help_, name
            assert 0 <= start <= end <= said["length"], name


ODD = [
    ("byte order mark", '\ufeffevent "A"\n', []),
    ("windows lines", 'event "A"\r\nevent "B"\r\n', []),
    ("tabs", '\tevent\t"A"\t{\tx:\ttext\t}', []),
    ("nul in a text", 'event "A\0B"\n', ["WP027"]),
    ("nul between words", 'event\0"A"\n', ["WP027"]),
    ("nul in a comment", '# A\0B\nevent "A"\n', ["WP027"]),
    ("an order to a terminal", 'event "\x1b[31mA"\n', ["WP027"]),
    ("a form feed between declarations", 'event "A"\n\fevent "B"\n', ["WP027"]),
    ("so many that it is no text", "#\0 " * 1000, ["WP027"] * 20),
    ("a mark that turns the writing, in a text", 'event "A\u202eB"\n', []),
    ("a mark that turns the writing, between words", 'event \u202e"A"\n', ["WP001"]),
    ("a lone surrogate in a text", 'event "A\ud800"\n', []),
    ("a lone surrogate between words", 'event \ud800 "A"\n', ["WP001"]),
    ("a no-break space between words", 'event\u00a0"A"\n', []),
    ("a zero-width space in a name", "attribute a\u200bb: text\n", ["WP001"]),
    ("a return alone", 'event "A"\revent "B"', []),
]


@pytest.mark.parametrize(("what", "text", "codes"), ODD, ids=[row[0] for row in ODD])
def test_odd_characters_are_read_or_refused_at_their_place(what: str, text: str, codes: list[str]) -> None:
    found = load({"a.way": text}).diagnostics
    assert [each.code for each in found if each.code < "WP1"] == codes
    for each in found:
        assert 0 <= each.span.start <= each.span.end <= len(text)


def test_only_a_declaration_that_is_nested_too_deeply_is_lost() -> None:
    deep = "(" * 65 + "true" + ")" * 65
    text = (
        f'segment a where {deep}\nsegment b where did "X"\nsegment c where ((\nsegment d where in a\nattribute e: txt\n'
    )
    project = load({"a.way": text})
    assert [(each.code, each.span.line) for each in project.diagnostics if each.code < "WP5"] == [
        ("WP022", 1), ("WP003", 2), ("WP001", 3), ("WP001", 5),
    ]  # fmt: skip
    assert list(project.segments) == ["b", "d"]


def test_braces_missing_from_many_declarations_nest_none_of_them() -> None:
    guides = "".join(f"guide g{number} {{\n  priority 5\n" for number in range(90))
    assert {each.code for each in parse(guides).diagnostics} == {"WP002"}


def test_nesting_is_seen_where_lines_within_it_look_like_declarations() -> None:
    within = "(" * 20 + '\nguide is "x" and '
    for times in (10, 1_000):
        text = f'segment s where {within * times}true{")" * 20 * times}\nsegment t where did "X"\n'
        found = load({"a.way": text}).diagnostics
        assert [each.code for each in found] == ["WP022", "WP003"]


def test_one_declaration_gets_no_more_messages_than_anybody_reads() -> None:
    clauses = "".join(f"  for nobody_{number}\n" for number in range(2_000))
    project = load({"a.way": f'guide g {{\n{clauses}}}\nsegment s where did "X"\n'})
    errors = [each for each in project.diagnostics if each.severity is Severity.ERROR]
    assert project.ok is False
    assert len(errors) == 100 + 1
    assert (errors[-1].code, errors[-1].span.line) == ("WP003", 2_003)


def test_warnings_crowd_out_no_error() -> None:
    again = " and ".join(["seats > 1"] * 300)
    project = load({"a.way": f"attribute seats: number\nsegment s where {again} and nobody > 1\n"})
    assert [each.code for each in project.diagnostics if each.severity is Severity.ERROR] == ["WP101"]
