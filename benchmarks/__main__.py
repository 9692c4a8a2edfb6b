"""`python -m benchmarks [NAME …]`: run the benchmarks, print their tables, write them to `benchmarks/results/`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from benchmarks.measure import RESULTS, calibration


def main(names: list[str]) -> int:
    """Run all, or those named; 1 when an aim was missed."""
    here = Path(__file__).parent
    wanted = names or sorted(path.stem.removeprefix("bench_") for path in here.glob("bench_*.py"))
    RESULTS.mkdir(exist_ok=True)
    machine = calibration()
    missed = 0
    for name in wanted:
        reports = importlib.import_module(f"benchmarks.bench_{name}").reports()
        text = "\n".join([f"# {name}", "", machine, "", *(report.text() for report in reports)])
        print(text)
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
        missed += sum(not aim.is_met for report in reports for aim in report.aims)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
