"""What one machine carries: a funnel and backward paths over growing lakes, beside hand-written SQL on the same files.

    python -m benchmarks.scale 1 10            millions of events
    python -m benchmarks.scale 1 10 100        the last takes two GB of disk below the temporary folder, and its time

Each size and each way to ask has a process of its own, so that its memory is its own. DuckDB is held to MEMORY, and
writes what does not fit to a folder that is watched. Answers are compared. The page of results
(`benchmarks/results/scale.md`) is written by the run, after each size.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from benchmarks import lakes
from benchmarks.analytics.contender import Contender, Reply
from benchmarks.analytics.question import SPILL

RESULTS: Final = Path(__file__).with_name("results") / "scale.md"
DOCS: Final = Path(__file__).parents[1] / "docs" / "scale.md"
MEMORY: Final = "4GB"
"""What DuckDB may take, unless said otherwise."""
MANY: Final = 50_000_000
"""From so many events on each question is asked once, below three times."""
_WAYS: Final = ("engine", "by hand")
_QUESTIONS: Final = ("funnel", "paths")


@dataclass(frozen=True, slots=True)
class Measured:
    """One question, one way to ask, one size. seconds: by the clock; work: of all processors. memory, spilled: bytes at
    the peak."""

    seconds: float
    work: float
    memory: int
    spilled: int


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured of one lake. files: bytes. load: of the machine, at the end."""

    events: int
    files: int
    load: float
    found: dict[tuple[str, str], Measured]


def measure(events: int, memory: str) -> Size:
    """Build a lake and ask both questions in both ways."""
    folder = Path(tempfile.mkdtemp(prefix="waypost-scale-"))
    try:
        lakes.build(folder, events)
        files = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
        rounds = 1 if events >= MANY else 3
        found, answers = {}, {}
        for question in _QUESTIONS:
            for way in _WAYS:
                found[question, way], answers[way] = _asked(way, question, folder, memory, rounds)
            assert answers["engine"] == answers["by hand"], question
        return Size(events, files, os.getloadavg()[0], found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _asked(way: str, question: str, folder: Path, memory: str, rounds: int) -> tuple[Measured, object]:
    contender = Contender(way, folder, memory=memory)
    try:
        with _watched(folder / SPILL) as spilled:
            replies: list[Reply] = [contender.ask(question) for _ in range(rounds)]
    finally:
        contender.close()
    seconds, work = min(each.seconds for each in replies), min(each.processor for each in replies)
    return Measured(seconds, work, replies[-1].memory, max(spilled)), replies[-1].answer


@contextmanager
def _watched(folder: Path) -> Iterator[list[int]]:
    """How much lay in a folder, looked at five times a second while the block runs."""
    seen, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.2):
            sizes = [0]
            for path in folder.glob("*"):
                try:
                    sizes.append(path.stat().st_size)
                except FileNotFoundError:
                    continue
            seen.append(sum(sizes))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


_HEAD: Final = (
    "| events | engine, s | by hand, s | work, s | work by hand, s | ratio of work | memory, GB | spilled, GB "
    "| files, GB | load |"
)


def page(sizes: Sequence[Size], memory: str) -> str:
    """The results as Markdown."""
    said = (
        f"Written by `python -m benchmarks.scale` on {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}. Events of thirty days, a person for every {lakes.EVENTS_OF_A_PERSON}; "
        f"DuckDB is held to {memory}. `funnel`: five steps within seven days, with the times to each. `paths`: the "
        "last five steps of those who left and those who went on, with contrast, loops and links. `by hand`: SQL for "
        "DuckDB on the same files, with equal answers (of the paths without loops, links and whole paths). Seconds of "
        f"the fastest of three rounds, from {MANY:,} events on of one; `work` is the seconds of all processors, "
        "which other programs on the machine change less than the clock. Memory is the peak of the whole process, "
        "`spilled` what lay on the disk at most, `load` that of the machine at the end."
    )
    lines = ["# What one machine carries", "", said]
    for question in _QUESTIONS:
        lines += ["", f"## {question}", "", _HEAD, "|---" * 10 + "|", *(_row(size, question) for size in sizes)]
        lines += [_growth(question, *each) for each in pairwise(sizes)]
    return "\n".join(lines) + "\n"


def _row(size: Size, question: str) -> str:
    ours, theirs = size.found[question, "engine"], size.found[question, "by hand"]
    cells = [
        f"{size.events:,}",
        *(f"{seconds:.1f}" for seconds in (ours.seconds, theirs.seconds, ours.work, theirs.work)),
        f"{ours.work / theirs.work:.2f}",
        *(f"{held / 1e9:.2f}" for held in (ours.memory, ours.spilled, size.files)),
        f"{size.load:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def _growth(question: str, first: Size, last: Size) -> str:
    before, after = first.found[question, "engine"], last.found[question, "engine"]
    return (
        f"\nFrom {first.events:,} to {last.events:,} events, {last.events / first.events:.0f} times as many, the "
        f"{question} took {after.work / before.work:.1f} times the work and {after.memory / before.memory:.1f} times "
        "the memory."
    )


def quoted(docs: str, results: str) -> str:
    """The page of the docs with everything from the first table of the results on, between its two marks."""
    before, _, rest = docs.partition(_FROM)
    _, _, after = rest.partition(_UPTO)
    tables = results[results.index("\n## ") :].strip().replace("## ", "### ")
    return f"{before}{_FROM}\n\n{tables}\n\n{_UPTO}{after}"


_FROM: Final = "<!-- from benchmarks/results/scale.md; python -m benchmarks.scale --docs -->"
_UPTO: Final = "<!-- until here -->"


def main(words: Sequence[str]) -> None:
    """Measure each size asked for, and write the page and what the docs quote of it."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("millions", nargs="*", type=float, default=[1.0, 10.0], help="of events, such as `1 10 100`")
    parser.add_argument("--memory", default=MEMORY, help=f"the most that DuckDB may take, {MEMORY} unless said")
    parser.add_argument("--docs", action="store_true", help="measure nothing; only copy the results into docs/scale.md")
    chosen = parser.parse_args(words)
    sizes: list[Size] = []
    for millions in [] if chosen.docs else chosen.millions:
        sizes.append(measure(int(millions * 1_000_000), chosen.memory))
        text = page(sizes, chosen.memory)
        # After each size: the next may take long.
        RESULTS.write_text(text, encoding="utf-8")
        print(text, flush=True)
    DOCS.write_text(quoted(DOCS.read_text(encoding="utf-8"), RESULTS.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
