"""A funnel and backward paths over ten million events: the engine beside hand-written DuckDB SQL on the same files,
pandas on the same files, and plain SQLite with the same rows. Then what the figures of a product (`waypost kpis`) cost.

    python -m benchmarks analytics --events 1000000

Each contender is a process of its own and has its own memory. They take turns; the slow ones sit some out. All answers
are compared, and have to be equal.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import lakes
from benchmarks.analytics import by_figures
from benchmarks.analytics.contender import CONTENDERS, Contender, Reply
from benchmarks.analytics.question import Answer
from benchmarks.measure import Report
from engine.storage.lake import Lake

EVENTS: Final = 10_000_000
ROUNDS: Final = 3
SLOW: Final = {"pandas": 2, "SQLite": 1}
"""Who takes part in so many rounds only."""
_QUESTIONS: Final = {
    "funnel": "A funnel of five steps within seven days, with the times to each step",
    "paths": "Backward paths: the last five steps of those who left, beside those who went on",
}


def reports(events: int | None = None) -> list[Report]:
    """The tables of this benchmark."""
    whole = Path(tempfile.mkdtemp(prefix="waypost-analytics-"))
    folder = Lake.of_project(whole, by_figures.PROJECT).folder
    try:
        lakes.build(folder, events or EVENTS)
        # In a process of its own: what it takes to fill the table is no part of anything.
        subprocess.run([sys.executable, "-m", "benchmarks.analytics.by_sqlite", str(folder)], check=True)
        contenders = [Contender(name, folder) for name in CONTENDERS]
        try:
            found = [_report(question, _raced(contenders, question), events or EVENTS) for question in _QUESTIONS]
        finally:
            for contender in contenders:
                contender.close()
        return [*found, _figures(whole, events or EVENTS)]
    finally:
        shutil.rmtree(whole, ignore_errors=True)


def _raced(contenders: list[Contender], question: str) -> dict[str, list[Reply]]:
    """Every reply of each contender, who all say the same."""
    found: dict[str, list[Reply]] = {contender.name: [] for contender in contenders}
    agreed: Answer | None = None
    for turn in range(ROUNDS):
        for contender in contenders:
            if turn >= SLOW.get(contender.name, ROUNDS):
                continue
            reply = contender.ask(question)
            found[contender.name].append(reply)
            agreed = agreed or reply.answer
            assert reply.answer == agreed, f"{contender.name} gives another answer: {reply.answer}, not {agreed}"
    return found


def _report(question: str, replies: dict[str, list[Reply]], events: int) -> Report:
    report = Report(f"{_QUESTIONS[question]}: {events:,} events")
    clock = {name: min(each.seconds for each in told) for name, told in replies.items()}
    work = {name: min(each.processor for each in told) for name, told in replies.items()}
    report.table(
        ["by", "seconds", "seconds of all processors", "peak memory, MB", "rounds"],
        [
            [name, f"{clock[name]:.2f}", f"{work[name]:.2f}", f"{told[-1].memory / 1e6:,.0f}", str(len(told))]
            for name, told in replies.items()
        ],
    )
    more = " The engine's says more than was compared: loops, times, whole paths." if question == "paths" else ""
    report.add(
        f"The shortest of the rounds; {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end. "
        f"All four gave the same answer.{more}"
    )
    report.add()
    report.at_most("engine to hand-written SQL, by the clock", clock["engine"] / clock["by hand"], 1.5)
    report.at_most("engine to hand-written SQL, by the work of all processors", work["engine"] / work["by hand"], 1.5)
    for name in SLOW:
        report.at_least(f"{name} to engine, by the clock", clock[name] / clock["engine"], 2)
    return report


def _figures(whole: Path, events: int) -> Report:
    """What the figures of a product cost, all of them and each kind alone."""
    report = Report(f"The figures of a product, of a journey of five steps: {events:,} events")
    words = [sys.executable, "-m", "benchmarks.analytics.by_figures", str(whole)]
    ran = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    costs = [by_figures.Cost(**json.loads(line)) for line in ran.stdout.splitlines()]
    report.table(
        ["asked", "figures", "seconds", "seconds of all processors", "peak memory, MB"],
        [
            [each.asked, str(each.figures), f"{each.seconds:.2f}", f"{each.work:.2f}", f"{each.memory / 1e6:,.0f}"]
            for each in costs
        ],
    )
    report.add(
        f"Each asked once, with nothing kept, in one process; load {os.getloadavg()[0]:.1f} at the end. The first also "
        "loads the libraries. What became of each person is computed once for all figures that ask it, so that all of "
        "them together take less than the sum of the others."
    )
    report.add()
    return report
