"""What one machine carries: a funnel over growing lakes, beside hand-written SQL on the same files.

    python -m benchmarks.scale 1 10        millions of events; 100 takes 20 GB of disk and half an hour

Each size runs in a process of its own, so that its memory is its own. Nothing is asserted; the page of results
(`benchmarks/results/scale.md`) is written by the run.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results") / "scale.md"
STEPS = ("add_to_cart", "cart", "shipping", "payment", "purchase")
OTHERS = ("view", "search", "login", "help", "logout")
SHARES = (0.15, 0.1, 0.06, 0.04, 0.02, 0.3, 0.15, 0.08, 0.05, 0.05)
WINDOW = 7 * 86_400_000_000
DAYS = 30
ROUNDS = 3


def build(folder: Path, events: int) -> None:
    """A lake of so many events over thirty days; a person for twenty events, each fiftieth is somebody else."""
    import numpy as np
    import pyarrow as pa

    from engine.storage.lake import Lake
    from engine.storage.lake_rows import event_schema, people_schema

    draw, lake, people = np.random.default_rng(1), Lake(folder), max(100, events // 20)
    names, number, day = np.array(STEPS + OTHERS), 0, 86_400_000_000
    numbers = np.arange(1, people + 1)
    owners = np.where(numbers % 50 == 0, numbers - 1, numbers)
    who = {
        "id": numbers,
        "person": owners,
        "user": [f"user-{owner}" for owner in owners],
        "is_known": np.ones(people, bool),
        "simulated": np.zeros(people, bool),
        "created": np.full(people, 0),
    }
    told = pa.table(who, schema=people_schema())
    for which in range(DAYS):
        size = events // DAYS
        known = {
            "seq": np.arange(number + 1, number + size + 1),
            "person_id": draw.integers(1, people + 1, size),
            "kind": np.full(size, "track"),
            "name": names[draw.choice(len(names), size, p=np.array(SHARES))],
            "time": np.sort(draw.integers(0, day, size)) + 1_767_225_600_000_000 + which * day,
        }
        number += size
        columns = [
            pa.array(known[field.name], field.type)
            if field.name in known
            else (pa.array(np.zeros(size, bool)) if pa.types.is_boolean(field.type) else pa.nulls(size, field.type))
            for field in event_schema()
        ]
        lake.append(pa.table(columns, schema=event_schema()), told if which == 0 else told.slice(0, 0))


def by_hand(files: list[str], people: list[str]) -> str:
    """The same funnel as one SQL statement, as somebody would write it who knows the rules and the files."""
    cases = " ".join(f"when '{name}' then {number}" for number, name in enumerate(STEPS))
    levels, before = [], "k"
    for number in range(1, len(STEPS)):
        levels.append(
            # Our own words, all of them.
            f"l{number} as (select *, max(e{number - 1}) over (partition by p order by pos rows between unbounded "  # noqa: S608
            f"preceding and 1 preceding) l from {before}), m{number} as (select * exclude l, case when s = {number} "
            f"and t - l <= {WINDOW} then l end e{number} from l{number})"
        )
        before = f"m{number}"
    counts = ", ".join(f"count(e{number}) c{number}" for number in range(len(STEPS)))
    return f"""
      with moved as (select id, person from read_parquet({people}) where id <> person),
      k as (select coalesce(m.person, e.person_id) p, time t, case name {cases} end s, time * 32 + s pos,
                   case when s = 0 then time end e0
            from read_parquet({files}) e left join moved m on e.person_id = m.id
            where name in {STEPS} and not simulated and not bot),
      {", ".join(levels)},
      f as (select p, {counts} from {before} group by p)
      select {", ".join(f"count(*) filter (c{number} > 0)" for number in range(len(STEPS)))} from f
    """  # noqa: S608


def measure(folder: Path) -> dict[str, Any]:
    """Seconds of each way to ask, the fastest of a few, and the most memory that this process took."""
    from engine.analytics.conversion import Question, Who, conversion, design, people_behind
    from engine.analytics.engines import DuckDB
    from engine.analytics.history import open_history
    from engine.analytics.wheres import StepEvent
    from engine.storage.lake import Lake

    lake, engine = Lake(folder), DuckDB(spill=folder / "spill")
    question = Question(STEPS, tuple((StepEvent(name),) for name in STEPS), window=WINDOW)  # type: ignore[arg-type]
    found: dict[str, Any] = {"events": lake.manifest().rows}
    with open_history(lake, engine) as history:
        found["funnel"], answer = fastest(lambda: conversion(history, question))
        found["design"], _ = fastest(lambda: design(history, question), rounds=1)
        found["users"], _ = fastest(lambda: people_behind(history, question, Who(1, dropped=True)), rounds=1)
    files = [str(lake.folder / name) for name in lake.manifest().files]
    people = [str(lake.folder / part.name) for part in lake.manifest().people]
    found["by_hand"], rows = fastest(lambda: engine.backend.con.execute(by_hand(files, people)).fetchall())
    assert [step.count for step in answer.steps] == list(rows[0])
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    found["disk"] = sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 1e9
    return found


def fastest(work: Callable[[], Any], *, rounds: int = ROUNDS) -> tuple[float, Any]:
    """The shortest of a few rounds in seconds, and what came of it."""
    times, result = [], None
    for _ in range(rounds):
        began = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - began)
    return min(times), result


def page(found: list[dict[str, Any]]) -> str:
    """The results as Markdown."""
    head = (
        "# What one machine carries\n\n"
        f"Written by `python -m benchmarks.scale` on {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end. A funnel of five steps with a "
        "window of seven days, with times to each step, over events of thirty days; seconds of the fastest of "
        f"{ROUNDS} rounds, memory of the whole process.\n\n"
        "| events | funnel, s | by hand in SQL, s | ratio | design, s | users behind it, s | memory, GB | files, GB |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    rows = [
        f"| {each['events']:,} | {each['funnel']:.2f} | {each['by_hand']:.2f} | {each['funnel'] / each['by_hand']:.2f} "
        f"| {each['design']:.2f} | {each['users']:.2f} | {each['memory']:.2f} | {each['disk']:.2f} |"
        for each in found
    ]
    growth = ""
    if len(found) > 1:
        first, last = found[0], found[-1]
        times = last["events"] / first["events"]
        growth = (
            f"\n\nFrom {first['events']:,} to {last['events']:,} events, {times:.0f} times as many, the funnel takes "
            f"{last['funnel'] / first['funnel']:.1f} times as long and "
            f"{last['memory'] / first['memory']:.1f} times the memory."
        )
    return head + "\n".join(rows) + growth + "\n"


def main() -> None:
    """Measure each size asked for, in millions of events, and write the page."""
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
        return
    found = []
    for size in [float(word) for word in sys.argv[1:]] or [1.0, 10.0]:
        folder = Path(tempfile.mkdtemp(prefix="waypost-scale-"))
        try:
            build(folder / "lake", int(size * 1_000_000))
            words = [sys.executable, "-m", "benchmarks.scale", "--measure", str(folder / "lake")]
            ran = subprocess.run(words, capture_output=True, text=True, check=True)
            found.append(json.loads(ran.stdout.splitlines()[-1]))
            print(json.dumps(found[-1]), flush=True)
            # After each size: the next may take long.
            RESULTS.write_text(page(found))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(page(found))


if __name__ == "__main__":
    main()
