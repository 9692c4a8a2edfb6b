"""`python -m benchmarks.soak --minutes N`: a mixed load on a real `waypost serve`, and what it does to the process.

Pages that send events and ask for guidance, servers that send batches and say what they know of accounts,
confirmations, late and repeated messages, and a publication twice a minute: now of other texts, now of other
conditions, for which everybody's state is folded again.
Prints once a minute, and at the end writes `benchmarks/results/soak.md`: requests, errors, memory and whether it grows,
file handles, the sizes of the database and of its WAL.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import signal
import socket
import statistics
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
from benchmarks.service.watching import GROWTH_LIMIT, Sample, family, handles, resident, slope_of
from benchmarks.service.wire import AUTHORIZATION, PUBLIC_KEY
from engine.storage.store import Database
from engine.verification import Verified, verify

CLIENTS = 12
USERS = 2_000
ACCOUNTS = 200
PUBLISH_EVERY = 30.0
SAMPLE_EVERY = 5.0
# Seconds.
TRIES = 10
REFUSED_LIMIT = 0.01
SECRET_KEY = "wp_sec_benchmark0000000000000000"  # noqa: S105
MEGABYTE = 1024 * 1024
WAL_LIMIT = 256 * MEGABYTE
"""Bytes that the WAL may reach under load."""

_ABOUT = (
    "{minutes:g} minutes of `python -m benchmarks.soak`: {clients} clients on loopback against `waypost serve` on "
    "SQLite with the demo's rules; {requests:,} requests with {events:,} new events of {users:,} users in {accounts:,} "
    "accounts, some of them late, some sent twice; decisions and confirmations; {published} publications of rules."
)


@dataclass(slots=True)
class Tally:
    """What the clients saw."""

    requests: int = 0
    events: int = 0
    published: int = 0
    refused: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, seconds: float, events: int, error: str | None, *, published: bool = False) -> None:
        """One request."""
        with self.lock:
            self.requests += 1
            self.events += events
            self.published += published
            self.latencies.append(seconds)
            if error is not None:
                self.errors[error] += 1

    def note_refusal(self) -> None:
        """A request that is sent again."""
        with self.lock:
            self.refused += 1


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
            elif draw < 0.92:
                self._ask()
            elif draw < 0.96:
                self._tell_of_account()
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

    def _tell_of_account(self) -> None:
        number = self._random.randrange(USERS)
        # Now and then somebody changes to another account.
        account = number if self._random.random() < 0.95 else self._random.randrange(ACCOUNTS)
        self._number += 1
        told = {
            "type": "group",
            "messageId": message(self._number, USERS)["messageId"],
            "userId": f"user-{number}",
            "groupId": f"account-{account % ACCOUNTS}",
            "traits": {"plan": self._random.choice(("team", "business")), "$add": {"visits": 1}},
        }
        self._sent = [*self._sent, told][-50:]
        self._post("/v1/batch", {"batch": [told]}, 1)

    def _repeat(self) -> None:
        if self._sent:
            self._post("/v1/batch", {"batch": self._random.choices(self._sent, k=10)}, 0)

    def _user(self) -> str:
        return f"user-{self._random.randrange(USERS)}"

    def _post(self, path: str, body: dict[str, object], events: int) -> dict[str, list[dict[str, str]]] | None:
        begin = time.perf_counter()
        answer, error = None, None
        try:
            status, content = self._until_taken(path, orjson.dumps(body))
            if status >= 400:
                error = f"{status} {path.split('/')[2]}: {content[:120]!r}"
            else:
                answer = orjson.loads(content)
        except (OSError, http.client.HTTPException) as failure:
            error = type(failure).__name__
            self._connection.close()
        self._tally.note(time.perf_counter() - begin, events, error)
        return answer

    def _until_taken(self, path: str, body: bytes) -> tuple[int, bytes]:
        """As every client does: what is refused for the moment is sent again, after the time that was told."""
        headers = {"Authorization": AUTHORIZATION, "Content-Type": "application/json"}
        for _ in range(TRIES):
            self._connection.request("POST", path, body=body, headers=headers)
            got = self._connection.getresponse()
            content = got.read()
            if got.status != 503 or got.headers["Retry-After"] is None:
                break
            self._tally.note_refusal()
            time.sleep(float(got.headers["Retry-After"]))
        return got.status, content


class Publisher:
    """Somebody who works on the rules."""

    def __init__(self, port: int, tally: Tally, stop: threading.Event) -> None:
        self._port, self._tally, self._stop = port, tally, stop
        self._files = {path.name: path.read_text(encoding="utf-8") for path in sorted(DEMO_RULES.glob("*.way"))}

    def run(self) -> None:
        """Publish until told to stop."""
        number = 0
        while not self._stop.wait(PUBLISH_EVERY):
            number += 1
            self._publish(number)

    def _publish(self, number: int) -> None:
        body = orjson.dumps({"files": {**self._files, "soak.way": rules_of(number)}, "note": f"soak {number}"})
        headers = {"Authorization": f"Bearer {SECRET_KEY}", "Content-Type": "application/json"}
        begin = time.perf_counter()
        error, is_published = None, False
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("POST", "/api/v1/rules", body=body, headers=headers)
            got = connection.getresponse()
            content, is_published = got.read(), got.status == 200
            if got.status == 503:
                # The next one follows soon.
                self._tally.note_refusal()
            elif got.status != 200:
                error = f"{got.status} rules: {content[:120]!r}"
        except (OSError, http.client.HTTPException) as failure:
            error = type(failure).__name__
        finally:
            connection.close()
        self._tally.note(time.perf_counter() - begin, 0, error, published=is_published)


def rules_of(number: int) -> str:
    """What is published beside the demo's rules: each time another text, every third time another condition."""
    return f"""account attribute plan: text
event "Page Opened"

guide soak "Soak {number}" {{
  when did "DNS Check Failed" at least {3 + number // 3} times in last {1 + number // 3 % 28} days
   and account.plan is "team"
   and anyone in account did "Page Opened"
  show modal {{
    title "Version {number}"
  }}
  once every 1 day
}}
"""


def main(minutes: float) -> int:
    """Run the load and write what was seen; 1 when there was an error or a fault, or an aim was missed."""
    with tempfile.TemporaryDirectory() as name:
        data, port = Path(name), _free_port()
        server = _serve(data, port)
        tally, stop = Tally(), threading.Event()
        runs = [Client(port, seed, tally, stop).run for seed in range(1, CLIENTS + 1)]
        threads = [threading.Thread(target=run) for run in (*runs, Publisher(port, tally, stop).run)]
        for thread in threads:
            thread.start()
        try:
            samples = _watched(server.pid, data, tally, minutes)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)
        database = Database(f"sqlite:///{data / 'waypost.sqlite'}")
        found = verify(database)
        database.close()
    text, is_met = _report(samples, tally, found, minutes)
    print(text)
    (RESULTS / "soak.md").write_text(text, encoding="utf-8")
    return 0 if is_met else 1


def _watched(pid: int, data: Path, tally: Tally, minutes: float) -> list[Sample]:
    begin, told = time.monotonic(), 0
    samples: list[Sample] = []
    while (left := minutes * 60 - (time.monotonic() - begin)) > 0:
        time.sleep(min(SAMPLE_EVERY, left))
        samples.append(_sample(pid, data, tally, (time.monotonic() - begin) / 60))
        if int(samples[-1].minute) > told or left <= SAMPLE_EVERY:
            told = int(samples[-1].minute)
            print(_row(samples[-1]), flush=True)
    return samples


def _serve(data: Path, port: int) -> subprocess.Popen[bytes]:
    settings = {
        "WAYPOST_DATA_DIR": str(data),
        "WAYPOST_INIT_PUBLIC_KEY": PUBLIC_KEY,
        "WAYPOST_INIT_SECRET_KEY": SECRET_KEY,
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
    own = family(pid)
    with tally.lock:
        recent = sorted(tally.latencies)
        tally.latencies.clear()
        requests, published, errors = tally.requests, tally.published, sum(tally.errors.values())
    wal = data / "waypost.sqlite-wal"
    return Sample(
        minute=minute,
        requests=requests,
        errors=errors,
        published=published,
        resident=sum(map(resident, own)),
        handles=sum(map(handles, own)),
        wal=wal.stat().st_size if wal.exists() else 0,
        database=(data / "waypost.sqlite").stat().st_size,
        p99=recent[int(len(recent) * 0.99)] if recent else 0.0,
    )


def _row(sample: Sample) -> str:
    return (
        f"| {sample.minute:.1f} | {sample.requests:,} | {sample.errors} | {sample.published} | "
        f"{sample.resident / MEGABYTE:.0f} MB | {sample.handles} | {sample.wal / MEGABYTE:.1f} MB | "
        f"{sample.database / MEGABYTE:.0f} MB | {spell(sample.p99)} |"
    )


def _aims(samples: list[Sample], tally: Tally, found: Verified) -> list[tuple[bool, str]]:
    """What has to be so, and whether it was."""
    peak = max(sample.wal for sample in samples)
    late = [sample.handles for sample in samples[len(samples) // 2 :]]
    third = max(1, len(late) // 3)
    first, last = statistics.median(late[:third]), statistics.median(late[-third:])
    slope = slope_of(samples)
    aims = [
        (not tally.errors, f"errors: {sum(tally.errors.values())} (none)"),
        (
            tally.refused <= REFUSED_LIMIT * tally.requests,
            (
                f"refused for the moment (503 with `Retry-After`) and sent again: {tally.refused}, at most "
                f"{REFUSED_LIMIT:.0%} of all requests"
            ),
        ),
        (peak <= WAL_LIMIT, f"the WAL stays below {WAL_LIMIT >> 20} MB: at most {peak / MEGABYTE:.1f} MB"),
        (
            last <= first,
            f"file handles do not grow in the second half: {first:g} early in it, {last:g} at its end (medians)",
        ),
        (
            not found.faults,
            (
                f"`waypost db verify` afterwards: {found.people:,} people, {found.accounts:,} accounts and "
                f"{found.events:,} events, {len(found.faults)} faults"
            ),
        ),
    ]
    if slope is not None:
        limit = GROWTH_LIMIT * slope.mean / slope.minutes
        aims.append(
            (
                slope.is_flat,
                (
                    f"memory is flat in the second half: {slope.value / MEGABYTE:+.2f} MB a minute, 95 % interval "
                    f"{slope.low / MEGABYTE:+.2f} to {slope.high / MEGABYTE:+.2f}; its upper end may be "
                    f"{limit / MEGABYTE:.2f}, {GROWTH_LIMIT:.0%} of {slope.mean / MEGABYTE:.0f} MB in that half"
                ),
            )
        )
    return aims


def _report(samples: list[Sample], tally: Tally, found: Verified, minutes: float) -> tuple[str, bool]:
    """The whole report, and whether all aims were met."""
    aims = _aims(samples, tally, found)
    # Of the samples between, the table shows one a minute.
    shown = list({int(each.minute): each for each in samples}.values())
    lines = [
        "# soak",
        "",
        calibration(),
        "",
        _ABOUT.format(
            minutes=minutes, clients=CLIENTS, requests=tally.requests, events=tally.events, users=USERS,
            accounts=ACCOUNTS, published=tally.published,
        ),
        "",
        "| minute | requests | errors | published | memory | file handles | WAL | database | 99th percentile |",
        "|---|---|---|---|---|---|---|---|---|",
        *map(_row, shown),
        "",
        *(f"- {'met' if is_met else '**missed**'}: {text}" for is_met, text in aims),
        *(f"  - {count} × {error}" for error, count in tally.errors.most_common(5)),
        "",
    ]  # fmt: skip
    return "\n".join(lines), all(is_met for is_met, _ in aims)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description="A mixed load on a real server.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long (default 10)")
    sys.exit(main(parser.parse_args().minutes))
