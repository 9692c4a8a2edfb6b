"""A funnel and backward paths over ten million events: the engine beside hand-written DuckDB SQL on the same files,
pandas on the same files, and plain SQLite with the same rows.

    python -m benchmarks analytics --events 1000000

Each contender is a process of its own and has its own memory. They take turns; the slow ones sit some out. All answers
are compared, and have to be equal.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import lakes
from benchmarks.analytics.contender import CONTENDERS, Contender, Reply
from benchmarks.analytics.question import Answer
from benchmarks.measure import Report

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
    folder = Path(tempfile.mkdtemp(prefix="waypost-analytics-"))
    try:
        lakes.build(folder, events or EVENTS)
        # In a process of its own: what it takes to fill the table is no part of anything.
        subprocess.run([sys.executable, "-m", "benchmarks.analytics.by_sqlite", str(folder)], check=True)
        contenders = [Contender(name, folder) for name in CONTENDERS]
        try:
            return [_report(question, _raced(contenders, question), events or EVENTS) for question in _QUESTIONS]
        finally:
            for contender in contenders:
                contender.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
