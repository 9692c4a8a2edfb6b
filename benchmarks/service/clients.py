"""Sixty-four clients that send one event a request: committed in groups, or each alone."""

from __future__ import annotations

import statistics
import threading
import time
from pathlib import Path
from typing import Any

from api.serving import system_clock
from benchmarks.measure import Report, spell
from benchmarks.service.batches import message
from benchmarks.service.wire import Application, verified

CLIENTS = 64
SECONDS = 4.0
ROUNDS = 3
AIM = 3.0


def report(folder: Path) -> Report:
    """The table of many clients."""
    found = Report(f"{CLIENTS} clients with one event a request")
    found.add(
        "The same service, and the same fold, with one thread that writes. *In groups*: whatever came while the disk "
        "was synced is committed together. *Alone*: one transaction a request."
    )
    found.add()
    rates: dict[str, list[float]] = {"in groups": [], "alone": []}
    slowest: dict[str, list[float]] = {"in groups": [], "alone": []}
    for number in range(ROUNDS):
        for name, measured in rates.items():
            rate, p99 = _measured(folder / f"{name}_{number}".replace(" ", "_"), alone=name == "alone")
            measured.append(rate)
            slowest[name].append(p99)
    medians = {name: statistics.median(each) for name, each in rates.items()}
    found.table(
        ["", "requests/s", "99th percentile"],
        [[name, f"{medians[name]:,.0f}", spell(statistics.median(slowest[name]))] for name in rates],
    )
    found.at_least("in groups beside alone", medians["in groups"] / medians["alone"], AIM)
    return found


def _measured(folder: Path, *, alone: bool) -> tuple[float, float]:
    with Application(folder) as app:
        if alone:
            app.service._writer._group_limit = 1
        service, project = app.service, app.project_id
        latencies: list[float] = []
        until = time.perf_counter() + SECONDS

        def send(client: int) -> None:
            number = client * 1_000_000
            while (begin := time.perf_counter()) < until:
                number += 1
                event: Any = message(number, 1) | {"userId": f"user-{client}"}
                receipt = service.receive(project, [event], received=system_clock())
                assert receipt.accepted == 1
                latencies.append(time.perf_counter() - begin)

        threads = [threading.Thread(target=send, args=(client,)) for client in range(CLIENTS)]
        begin = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent = time.perf_counter() - begin
        verified(app)
    latencies.sort()
    return len(latencies) / spent, latencies[int(len(latencies) * 0.99)]
