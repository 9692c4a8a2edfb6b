"""One contender in a process of its own, so that its memory is its own: asked by line, it answers by line.

python -m benchmarks.analytics.contender NAME LAKE
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.analytics.question import Answer

CONTENDERS: Final = {
    "engine": ("by_engine", "ByEngine"),
    "by hand": ("by_hand", "ByHand"),
    "pandas": ("by_pandas", "ByPandas"),
    "SQLite": ("by_sqlite", "BySqlite"),
}
"""By name the module and class; modules are imported only where they are asked, each is memory."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, how long it took on the clock and of all processors together, and the process's most memory so far
    (bytes)."""

    seconds: float
    processor: float
    memory: int
    answer: Answer


class Contender:
    """A contender's process; `close` ends it. memory: the most that DuckDB may take, such as `4GB`."""

    def __init__(self, name: str, lake: Path, *, memory: str | None = None) -> None:
        words = [sys.executable, "-W", "ignore", "-m", "benchmarks.analytics.contender", name, str(lake)]
        words += [memory] if memory else []
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.name = name

    def ask(self, question: str) -> Reply:
        """question: `funnel` or `paths`."""
        told, heard = self._process.stdin, self._process.stdout
        assert told is not None
        assert heard is not None
        told.write(question + "\n")
        told.flush()
        line = heard.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended while it was asked for its {question}")
        return Reply(**json.loads(line))

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()


def answered(contender: Any, question: str) -> dict[str, Any]:
    """Ask in this process."""
    begun, used = time.perf_counter(), time.process_time()
    answer = getattr(contender, question)()
    seconds, processor = time.perf_counter() - begun, time.process_time() - used
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "processor": processor, "memory": memory, "answer": answer}


def main(name: str, lake: str, memory: str | None = None) -> None:
    """Answer until nobody asks any more."""
    module, kind = CONTENDERS[name]
    limits = {"memory": memory} if memory is not None else {}
    contender = getattr(importlib.import_module(f"benchmarks.analytics.{module}"), kind)(Path(lake), **limits)
    for line in sys.stdin:
        print(json.dumps(answered(contender, line.strip())), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
