"""A process of its own that sends events of the same people as others do, in its own order.

`python -m tests.reliability.folding_process URL NUMBER ROUNDS`: an even number sends forwards, an odd one backwards.
Each message goes to all processes, so that every one is somebody's duplicate. On a machine that others keep busy an
answer may take longer than is promised; then it must say so: what is to be kept is refused, and sent again as every
client does, and guidance is degraded after the seconds that a page waits for it, and never before.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from api.serving import system_clock
from engine.errors import StorageUnavailable
from engine.service import PATIENCE_FOR_GUIDANCE, Service

PEOPLE = 12
THREADS = 3
TRIES = 12
TOO_LATE = ("no answer within", "lock timeout")
"""What is said when something took too long; every other reason is a fault."""
UNCAPPED = {"talk"}
"""Guides of the rules that may be shown without reading what somebody was shown before."""

Answer = TypeVar("Answer")


def messages(round_number: int, thread: int, *, backwards: bool) -> list[dict[str, Any]]:
    """One event of each person, some of which say who a visitor is, and some of an account: equal in all processes."""
    found: list[dict[str, Any]] = []
    for person in range(PEOPLE):
        chance = random.Random(f"{round_number} {thread} {person}")  # noqa: S311
        message: dict[str, Any] = {
            "messageId": f"{round_number}-{thread}-{person}",
            "anonymousId": f"visitor-{person}-{round_number // 4}",
            "properties": {f"p{round_number}": person},
        }
        if chance.random() < 0.6:
            message["userId"] = f"user-{person}"
        match chance.randrange(4):
            case 0:
                message |= {"type": "group", "groupId": f"account-{person % 3}", "traits": {"seats": round_number}}
            case _:
                message |= {"type": "track", "event": chance.choice(["Signed Up", "Domain Added", "Stuck"])}
        found.append(message)
    return found[::-1] if backwards else found


class Client:
    """What the threads of a process do: send, ask for guidance, confirm it."""

    def __init__(self, service: Service, number: int) -> None:
        self._service = service
        self._number = number
        self._was_refused = threading.Event()

    def run(self, thread: int, rounds: int) -> None:
        """Send so many rounds. Raises AssertionError for an answer that may not be given."""
        for round_number in range(rounds):
            self._send(messages(round_number, thread, backwards=self._number % 2 == 1))
            self._ask(f"user-{(round_number + self._number) % PEOPLE}")

    def _send(self, batch: list[dict[str, Any]]) -> None:
        receipt = self._until_taken(lambda: self._service.receive(1, batch, received=system_clock(), decide=True))
        assert receipt.accepted + receipt.duplicates == len(batch), receipt
        for decision in receipt.decisions:
            self._until_taken(partial(self._service.confirm, 1, decision.id))

    def _ask(self, user: str) -> None:
        begin = time.monotonic()
        reply = self._service.decide(1, user_id=user)
        if not reply.degraded:
            return
        waited = time.monotonic() - begin
        # Once something was refused it is known that the database does not answer in time, and less is waited.
        assert self._was_refused.is_set() or waited >= PATIENCE_FOR_GUIDANCE, f"degraded after {waited:.2f} s only"
        assert {served.guide for served in reply.decisions} <= UNCAPPED, reply

    def _until_taken(self, request: Callable[[], Answer]) -> Answer:
        for _ in range(TRIES):
            try:
                return request()
            except StorageUnavailable as refusal:
                if not any(reason in str(refusal) for reason in TOO_LATE):
                    raise
                self._was_refused.set()
        raise AssertionError(f"refused {TRIES} times, each after seconds")


def main() -> None:
    url, number, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    service = Service.open(url, clock=system_clock)
    client = Client(service, number)
    faults: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            client.run(thread, rounds)
        except BaseException as error:
            faults.append(error)

    # Everyone begins together: what is to be tried is what happens at the same moment.
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(THREADS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    service.close()
    if faults:
        raise faults[0]


if __name__ == "__main__":
    main()
