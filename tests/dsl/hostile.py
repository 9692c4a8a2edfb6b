"""Hostile files, and a program that looks at some of them in a process: `python -m tests.dsl.hostile NAME …`.

Prints a line of JSON for each: how many seconds of the processor reading and checking took, the most megabytes that
the process has needed so far beyond those with which it began, and the messages.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from dsl.diagnostics import render
from dsl.formatter import format_program
from dsl.project import load

MEGABYTE = 1_000_000


def _filled(head: str, piece: str, tail: str = "") -> Callable[[], str]:
    return lambda: (head + piece * (MEGABYTE // len(piece)))[: MEGABYTE - len(tail)] + tail


def _declarations(head: str, piece: str, tail: str, *, times: int) -> Callable[[], str]:
    """Declarations just within the limits, each with a name of its own: a piece of them, over and over."""

    def text() -> str:
        length = len(head + piece * times + tail)
        return "".join(
            head.replace("NUMBER", str(number)) + piece * times + tail for number in range(MEGABYTE // length)
        )

    return text


def _binary() -> str:
    rng = random.Random(1)  # noqa: S311  (no secret: a file that is the same each time)
    return bytes(rng.randrange(256) for _ in range(MEGABYTE // 2)).decode("latin-1")


HOSTILE: dict[str, Callable[[], str]] = {
    "parentheses": _filled("", "("),
    "parentheses in a condition": _filled("segment s where ", "("),
    "closing parentheses": _filled("", ")"),
    "braces": _filled("", "{"),
    "closing braces": _filled("", "}"),
    "not": _filled("segment s where ", "not "),
    "not and parentheses": _filled("segment s where ", "not ("),
    "not before nothing": _filled("segment s where not", " "),
    "quotes": _filled("", '"'),
    "quotes on lines": _filled("", '"\n'),
    "quotes in a guide": lambda: ("guide g {\n" + '"\n' * 29_000 + "}\n") * 16,
    "escaped quotes without end": _filled("", '\\"'),
    "escaped quotes in guides": lambda: ("guide g {\n" + '\\"' * 29_000 + "\n}\n") * 16,
    "three quotes": _filled("", '""" '),
    "backticks": _filled("", "`"),
    "backticks on lines": _filled("", "`\n"),
    "double braces": _filled("", "{{"),
    "double braces in a text": _filled('guide g { show modal { title "', "{{", '" } }'),
    "double braces and quotes": _filled('"', '{{"'),
    "slashes": _filled("segment s where a matches ", "/\\"),
    "slashes with blanks": _filled("", " /"),
    "backslashes in a text": _filled('"', "\\"),
    "one giant and": _filled("segment s where ", 'plan is "a" and '),
    "one giant or": _filled("segment s where ", 'plan is "a" or '),
    "one giant list": _filled("segment s where plan is one of ", '"a", '),
    "one giant all of": _filled("segment s where all of { ", "a > 1 ", " }"),
    "one giant where": _filled('segment s where did "A" where ', "a > 1 and "),
    "one giant sequence": _filled('segment s where did "A" ', 'then "A" '),
    "one giant path": _filled("segment s where ", "a."),
    "one giant word": _filled("", "a"),
    "one giant number": _filled("segment s where a > ", "1"),
    "one giant event": _filled('event "E" { ', "a: text, ", "}"),
    "one giant one of": _filled("attribute a: one of ", '"x", '),
    "a giant that looks like many": _filled("segment s where ", 'guide is "x" and\n'),
    "blocks in blocks": _filled("guide g { ", "show modal { "),
    "missing braces": _filled("", 'guide g { when plan is "trial" \n'),
    "lines": _filled("", "\n"),
    "windows lines": _filled("", "\r\n"),
    "returns": _filled("", "\r"),
    "tabs": _filled("", "\t"),
    "nul": _filled("", "\0"),
    "byte order marks": lambda: "\ufeff" * (MEGABYTE // 3),
    "marks that turn the writing": lambda: "\u202e" * (MEGABYTE // 3),
    "lone surrogates": lambda: "\ud800" * (MEGABYTE // 3),
    "binary": _binary,
    "comments": _filled("", "# c\n"),
    "many mistakes": _filled("", "guide g { foo }\n"),
    "many mistakes of several kinds": _filled("", 'segment s where a = "b" AND x > 1,000\n'),
    "a mistake at the end": lambda: "".join(f'event "E{i}" {{ a: text }}\n' for i in range(10_000)) + "guide",
    "segments that are not there": _declarations("guide gNUMBER { for a", ",a", "}\n", times=30_000),
    "the same trigger": _declarations("guide gNUMBER { ", 'on "A"', "}\n", times=10_000),
    "a clause again and again": _declarations("guide gNUMBER { ", "once ", "}\n", times=12_000),
    "buttons": _declarations("guide gNUMBER { show modal { ", 'button "" completes ', "}}\n", times=3_000),
    "five hundred terms": _declarations("segment sNUMBER where true", " and a>1", "\n", times=499),
    "five hundred terms in blocks": _declarations("segment sNUMBER where all of { ", "a>1 ", "}\n", times=500),
    "five hundred terms of a where": _declarations(
        'segment sNUMBER where did "A" where a>1', " and a>1", "\n", times=498
    ),
    "five hundred segments": lambda: "".join(
        f"segment s{number} where {' and '.join(f'in s{other}' for other in range(500))}\n" for number in range(150)
    ),
    "small segments": lambda: "".join(f"segment s{number} where a>1\n" for number in range(40_000)),
    "empty comments": _filled("", "#\n"),
    "more than a megabyte": lambda: "a > 1 " * MEGABYTE,
}
"""By what is in them."""

GOOD = frozenset({"lines", "windows lines", "returns", "tabs", "byte order marks", "comments", "empty comments"})
"""The ones that are long and say nothing: no mistake."""


def peak_memory() -> float:
    """The most memory that this program has held, in MB. `getrusage` would count that of the process it came from."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def look_at(name: str, *, idle: float) -> None:
    text = HOSTILE[name]()
    start = time.process_time()
    project = load({"a.way": text})
    seconds = time.process_time() - start
    for each in project.diagnostics[:200]:
        render(each, {"a.way": text})
    for program in project.programs.values():
        format_program(program)
    found = [(each.code, each.help, each.span.start, each.span.end) for each in project.diagnostics]
    facts = {"seconds": seconds, "megabytes": peak_memory() - idle, "length": len(text), "found": found}
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    load({"a.way": "segment s where true"})
    started = peak_memory()
    for each in sys.argv[1:]:
        look_at(each, idle=started)
