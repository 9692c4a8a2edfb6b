"""`python -m benchmarks [NAME …]`: run the benchmarks, print their tables, write them to `benchmarks/results/`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import RESULTS, calibration


def main(words: Sequence[str]) -> int:
    """Run all, or those named; 1 when an aim was missed."""
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="such as `decide`; without one all")
    parser.add_argument("--events", type=int, help="how many `analytics` is measured with, 10,000,000 unless said")
    chosen = parser.parse_args(words)
    wanted = chosen.names or sorted(path.stem.removeprefix("bench_") for path in here.glob("bench_*.py"))
    RESULTS.mkdir(exist_ok=True)
    machine = calibration()
    missed = 0
    for name in wanted:
        module = importlib.import_module(f"benchmarks.bench_{name}")
        reports = module.reports(chosen.events) if name == "analytics" else module.reports()
        text = "\n".join([f"# {name}", "", machine, "", *(report.text() for report in reports)])
        print(text)
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
        missed += sum(not aim.is_met for report in reports for aim in report.aims)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
