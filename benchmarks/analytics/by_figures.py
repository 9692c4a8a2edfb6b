"""What the figures of a product cost over a large history: all of them, and each kind alone.

    python -m benchmarks.analytics.by_figures LAKES

LAKES: the folder of all lakes, with one of project 1 in it. A process of its own, which prints one line of JSON a
question: what was asked, seconds, seconds of all processors, the process's most memory, figures.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.lakes import NOW
from engine.analyst import Analyst
from engine.analytics.kpis import KPIS, Name
from engine.membership import RulesNow
from engine.product_figures import FiguresAsked, figures
from engine.replies import Published
from engine.service import Service

PROJECT: Final = 1
ALL: Final = "all of them"
RULES: Final = """
event "search"
event "help"
event "add_to_cart"
event "cart"
event "shipping"
event "payment"
event "purchase" { amount: number }
feature searching "Searching" used by "search"
feature helping "Helping" used by "help"
journey shopping "Shopping" {
  stage choosing "Choosing" {
    step add "Adds to the cart" reached by "add_to_cart"
    step cart "Looks at the cart" reached by "cart"
  }
  stage paying "Paying" {
    step shipping "Shipping" reached by "shipping" attempted by "cart"
    step payment "Payment" reached by "payment" expect within 1 hour
    step purchase "Buys" reached by "purchase"
  }
  outcome "purchase"
  gives up after 7 days
}
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What an answer cost. seconds: by the clock; work: of all processors; memory: the process's most, in bytes."""

    asked: str
    seconds: float
    work: float
    memory: int
    figures: int


def costs(lakes: Path) -> Iterator[Cost]:
    """All figures, then each kind alone, each computed anew."""
    service = Service.open(f"sqlite:///{lakes / 'figures.sqlite'}", clock=lambda: NOW)
    try:
        assert service.ensure_project().id == PROJECT
        assert isinstance(service.publish(PROJECT, {"rules.way": RULES}), Published)
        rules = service.rules_now(PROJECT)
        yield _cost(service, lakes, rules, ALL, None)
        for name in KPIS:
            cost = _cost(service, lakes, rules, KPIS[name].label, frozenset({name}))
            if cost.figures:
                yield cost
    finally:
        service.close()


def _cost(service: Service, lakes: Path, rules: RulesNow, asked: str, only: frozenset[Name] | None) -> Cost:
    # A new one each time: answers are kept.
    analyst = Analyst(service.database, lakes)
    begun, used = time.perf_counter(), time.process_time()
    found = figures(analyst, PROJECT, FiguresAsked(revenue="purchase.amount", only=only), rules)
    seconds, work = time.perf_counter() - begun, time.process_time() - used
    return Cost(asked, seconds, work, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, len(found.figures))


def main(lakes: str) -> None:
    """Print what each costs."""
    for cost in costs(Path(lakes)):
        told: dict[str, Any] = {name: getattr(cost, name) for name in Cost.__slots__}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
