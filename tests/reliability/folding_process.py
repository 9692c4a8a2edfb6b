"""A process of its own that sends events of the same people as others do, in its own order.

`python -m tests.reliability.folding_process URL NUMBER ROUNDS`: an even number sends forwards, an odd one backwards.
Each message goes to all processes, so that every one is somebody's duplicate.
"""

from __future__ import annotations

import random
import sys
import threading
from typing import Any

from api.serving import system_clock
from engine.service import Service

PEOPLE = 12
THREADS = 3


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


def send(service: Service, number: int, thread: int, rounds: int) -> None:
    """What one thread of a process does: send, ask for guidance, confirm it."""
    for round_number in range(rounds):
        batch = messages(round_number, thread, backwards=number % 2 == 1)
        receipt = service.receive(1, batch, received=system_clock(), decide=True)
        assert receipt.accepted + receipt.duplicates == len(batch), receipt
        for decision in receipt.decisions:
            service.confirm(1, decision.id)
        reply = service.decide(1, user_id=f"user-{(round_number + number) % PEOPLE}")
        assert not reply.degraded


def main() -> None:
    url, number, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    service = Service.open(url, clock=system_clock)
    faults: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            send(service, number, thread, rounds)
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
