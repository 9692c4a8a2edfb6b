"""What is asked, and the form of an answer that all contenders must agree on.

The rules are those of `docs/reference/funnels.md` and `docs/reference/paths.md`, for everybody who is neither simulated
nor a program.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from benchmarks.lakes import STEPS
from dsl.values import DAY, Duration
from engine.analytics.contrast import FEWEST_MET
from engine.friction import SIGNAL_EVENTS

Answer: TypeAlias = dict[str, Any]
"""As JSON has it, so that answers of other processes can be compared."""

FUNNEL: Final = STEPS
PATH: Final = STEPS[:3]
"""The last of them is the one that was missed."""
WINDOW: Final = Duration(7 * DAY)
BACK: Final = 5
QUARTILES: Final = (0.25, 0.5, 0.75)
SIGNALS: Final = tuple(sorted(SIGNAL_EVENTS))
SPILL: Final = "spill"
"""Where DuckDB writes what does not fit in memory, below the lake's folder."""
GAP: Final = Duration(30 * 60 * 1_000_000)
"""What ends a session."""


def funnel_answer(counts: list[int], times: list[list[float]]) -> Answer:
    """counts: of those who came to each step. times: the quartiles of the time to each step after the first."""
    return {"counts": [int(count) for count in counts], "times": [[round(each) for each in three] for three in times]}


def path_answer(
    left: int, went: int, met: list[tuple[str, str, int, int]], flows: list[tuple[int, str, str | None, int]]
) -> Answer:
    """left, went: how many left, and how many went on. met: kind, name, and how many of each met it; what is compared
    is what enough of both together met. flows: of those who left: place, name, the next (None: the end), how many.
    """
    return {
        "left": int(left),
        "went": int(went),
        "met": sorted(
            [kind, name, int(one), int(other)] for kind, name, one, other in met if one + other >= FEWEST_MET
        ),
        "flows": sorted([int(place), name, to or "left", int(count)] for place, name, to, count in flows),
    }
