"""`python -m benchmarks.soak --minutes N`: a mixed load on a real `waypost serve`, and what it does to the process.

Pages that send events and ask for guidance, servers that send batches, confirmations, late and repeated messages, a
publication every minute. Prints once a minute, and at the end writes `benchmarks/results/soak.md`: requests, errors,
memory, file handles, the sizes of the database and of its WAL.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from benchmarks.measure import RESULTS, calibration, spell
from benchmarks.service.batches import DEMO_RULES, message
from benchmarks.service.wire import AUTHORIZATION, PUBLIC_KEY
from engine.storage.store import Database
from engine.verification import verify

CLIENTS = 12
USERS = 2_000
WAL_LIMIT = 256 * 1024 * 1024
"""Bytes that the WAL may reach under load."""

_ABOUT = (
    "{minutes:g} minutes of `python -m benchmarks.soak`: {clients} clients on loopback against `waypost serve` on "
    "SQLite with the demo's rules; {requests:,} requests with {events:,} new events of {users:,} users, some of them "
    "late, some sent twice; decisions and confirmations."
)
_VERIFIED = "- {met}: `waypost db verify` afterwards: {people:,} people and {events:,} events, {faults} faults"


@dataclass(slots=True)
class Tally:
    """What the clients saw."""

    requests: int = 0
    events: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, seconds: float, events: int, error: str | None) -> None:
        """One request."""
        with self.lock:
            self.requests += 1
            self.events += events
            self.latencies.append(seconds)
            if error is not None:
                self.errors[error] += 1


@dataclass(frozen=True, slots=True)
class Sample:
    """The process and its files at one moment."""

    minute: float
    requests: int
    errors: int
    resident: int
    handles: int
    wal: int
    database: int
    p99: float


class Client:
    """One connection that is kept, as a page's or a server's."""

    def __init__(self, port: int, seed: int, tally: Tally, stop: threading.Event) -> None:
        self._port, self._tally, self._stop = port, tally, stop
        self._random = random.Random(seed)  # noqa: S311
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._number = seed * 100_000_000
        self._sent: list[dict[str, object]] = []

    def run(self) -> None:
        """Send until told to stop."""
        while not self._stop.is_set():
            draw = self._random.random()
            if draw < 0.45:
                self._events(self._random.choice((1, 1, 1, 2, 5)), decide=True)
            elif draw < 0.60:
                self._events(self._random.choice((20, 100)), decide=False)
            elif draw < 0.95:
                self._ask()
            else:
                self._repeat()
            time.sleep(self._random.random() * 0.02)

    def _events(self, count: int, *, decide: bool) -> None:
        user = self._user()
        made = []
        for _ in range(count):
            self._number += 1
            event = message(self._number, USERS) | {"userId": user if decide else self._user()}
            event["context"] = {"page": {"path": "/domains"}, "userAgent": "soak"} if decide else {}
            if self._random.random() < 0.02:
                event["timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3_600))
            made.append(event)
        self._sent = [*self._sent, *made][-50:]
        answer = self._post("/v1/batch", {"batch": made, "decide": decide}, count)
        for served in (answer or {}).get("decisions", ()):
            self._post(f"/v1/decisions/{served['id']}/confirm", {"holder": user}, 0)

    def _ask(self) -> None:
        self._post("/v1/decide", {"userId": self._user(), "context": {"page": {"path": "/domains"}}}, 0)

    def _repeat(self) -> None:
        if self._sent:
            self._post("/v1/batch", {"batch": self._random.choices(self._sent, k=10)}, 0)

    def _user(self) -> str:
        return f"user-{self._random.randrange(USERS)}"

    def _post(self, path: str, body: dict[str, object], events: int) -> dict[str, list[dict[str, str]]] | None:
        begin = time.perf_counter()
        answer, error = None, None
        try:
            headers = {"Authorization": AUTHORIZATION, "Content-Type": "application/json"}
            self._connection.request("POST", path, body=orjson.dumps(body), headers=headers)
            got = self._connection.getresponse()
            content = got.read()
            if got.status >= 400:
                error = f"{got.status} {path.split('/')[2]}: {content[:120]!r}"
            else:
                answer = orjson.loads(content)
        except (OSError, http.client.HTTPException) as failure:
            error = type(failure).__name__
            self._connection.close()
        self._tally.note(time.perf_counter() - begin, events, error)
        return answer


def main(minutes: float) -> int:
    """Run the load and write what was seen; 1 when there was an error or a fault."""
    with tempfile.TemporaryDirectory() as name:
        data, port = Path(name), _free_port()
        server = _serve(data, port)
        tally, stop = Tally(), threading.Event()
        threads = [threading.Thread(target=Client(port, seed, tally, stop).run) for seed in range(1, CLIENTS + 1)]
        for thread in threads:
            thread.start()
        samples: list[Sample] = []
        begin = time.monotonic()
        try:
            while (spent := time.monotonic() - begin) < minutes * 60:
                time.sleep(min(60.0, max(1.0, minutes * 60 - spent)))
                samples.append(_sample(server.pid, data, tally, (time.monotonic() - begin) / 60))
                print(_row(samples[-1]), flush=True)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)
        database = Database(f"sqlite:///{data / 'waypost.sqlite'}")
        found = verify(database)
        database.close()
    text = _report(samples, tally, (found.people, found.events, len(found.faults)), minutes)
    print(text)
    (RESULTS / "soak.md").write_text(text, encoding="utf-8")
    return 1 if tally.errors or found.faults else 0


def _serve(data: Path, port: int) -> subprocess.Popen[bytes]:
    settings = {
        "WAYPOST_DATA_DIR": str(data),
        "WAYPOST_INIT_PUBLIC_KEY": PUBLIC_KEY,
        "WAYPOST_RULES": str(DEMO_RULES),
        # All load comes with one key.
        "WAYPOST_RATE_PER_KEY": "off",
    }
    command = [sys.executable, "-m", "api.cli.main", "serve", "--port", str(port)]
    server = subprocess.Popen(
        command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    for _ in range(200):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return server
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


def _sample(pid: int, data: Path, tally: Tally, minute: float) -> Sample:
    own = _family(pid)
    with tally.lock:
        recent = sorted(tally.latencies)
        tally.latencies.clear()
        requests, errors = tally.requests, sum(tally.errors.values())
    wal = data / "waypost.sqlite-wal"
    return Sample(
        minute=minute,
        requests=requests,
        errors=errors,
        resident=sum(_resident(each) for each in own),
        handles=sum(len(list(Path(f"/proc/{each}/fd").iterdir())) for each in own),
        wal=wal.stat().st_size if wal.exists() else 0,
        database=(data / "waypost.sqlite").stat().st_size,
        p99=recent[int(len(recent) * 0.99)] if recent else 0.0,
    )


def _family(pid: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            after = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(after[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children.get(found[-1], [])
    return found


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS")), 0)


def _row(sample: Sample) -> str:
    megabyte = 1024 * 1024
    return (
        f"| {sample.minute:.1f} | {sample.requests:,} | {sample.errors} | {sample.resident / megabyte:.0f} MB | "
        f"{sample.handles} | {sample.wal / megabyte:.1f} MB | {sample.database / megabyte:.0f} MB | "
        f"{spell(sample.p99)} |"
    )


def _report(samples: list[Sample], tally: Tally, verified: tuple[int, int, int], minutes: float) -> str:
    people, events, faults = verified
    peak = max(sample.wal for sample in samples)
    lines = [
        "# soak",
        "",
        calibration(),
        "",
        _ABOUT.format(minutes=minutes, clients=CLIENTS, requests=tally.requests, events=tally.events, users=USERS),
        "",
        "| minute | requests | errors | memory | file handles | WAL | database | 99th percentile |",
        "|---|---|---|---|---|---|---|---|",
        *map(_row, samples),
        "",
        f"- {'met' if not tally.errors else '**missed**'}: errors: {sum(tally.errors.values())} (none)",
        f"- {'met' if peak <= WAL_LIMIT else '**missed**'}: the WAL stays below {WAL_LIMIT >> 20} MB",
        _VERIFIED.format(met="met" if not faults else "**missed**", people=people, events=events, faults=faults),
        *(f"  - {count} × {error}" for error, count in tally.errors.most_common(5)),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="A mixed load on a real server.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default 10)")
    sys.exit(main(parser.parse_args().minutes))
