"""Clients that send events to a server and write down what it acknowledged; what was not, they send again."""

from __future__ import annotations

import http.client
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from tests.running import PUBLIC_KEY

RULES: Final = """
event "Signed Up"
event "Domain Added"
event "Stuck"

journey activation "Sign-up to domain" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step connect "Connect a domain" reached by "Domain Added"
  }
}

guide help "Help" {
  at activation.connect
  on "Stuck"
  when did "Stuck" at least 2 times in last 1 hour
  show modal {
    title "Help"
  }
  once every 1 day, at most 3 times
  holdout 50%
}

feedback talk "Talk to us" {
  ask text comment "What is on your mind?"
}
"""
"""Rules under which every part of what is stored has something to do: progress, caps, held-out people, accounts."""

_PEOPLE: Final = 40
_NAMES: Final = ("Signed Up", "Domain Added", "Stuck", "Stuck", "Stuck")


class Sender(threading.Thread):
    """One client on a kept connection: sends batches until told to stop, each again until it is answered with 202.

    acknowledged: message ids of batches that were. tried: of all. faults: answers that may not be given.
    """

    def __init__(self, number: int, port: Callable[[], int], *, rounds: int | None = None) -> None:
        super().__init__(name=f"sender-{number}", daemon=True)
        self.acknowledged: set[str] = set()
        self.tried: set[str] = set()
        self.faults: list[str] = []
        self.slowest = 0.0
        self.refusals = 0
        self._port = port
        self._rounds = rounds
        self._stopping = threading.Event()
        self._random = random.Random(number)  # noqa: S311
        self._name = f"s{number}"
        self._kept: list[bytes] = []
        self._connection: http.client.HTTPConnection | None = None

    def finish(self) -> None:
        """Send nothing more. What is unanswered stays so."""
        self._stopping.set()

    def run(self) -> None:
        number = 0
        while not self._stopping.is_set() and (self._rounds is None or number < self._rounds):
            number += 1
            messages = [self._message(f"{self._name}-{number}-{each}") for each in range(self._random.randint(1, 8))]
            body = orjson.dumps({"batch": messages, "sentAt": _now(), "decide": self._random.random() < 0.3})
            ids = {message["messageId"] for message in messages}
            self.tried |= ids
            answer = self._until_answered(body)
            if answer is None:
                break
            if answer["accepted"] + answer["duplicates"] != len(ids) or answer["rejected"]:
                self.faults.append(f"{len(ids)} messages were answered with {answer}")
            self.acknowledged |= ids
            self._kept.append(body)
            if self._random.random() < 0.2:
                self._send_again()
        if self._connection is not None:
            self._connection.close()

    def _message(self, name: str) -> dict[str, Any]:
        person, chance = self._random.randrange(_PEOPLE), self._random.random()
        base = {"messageId": name, "timestamp": _now(-self._random.random()), "anonymousId": f"visitor-{person}"}
        if chance < 0.5:
            base["userId"] = f"user-{person}"
        if chance > 0.9:
            return base | {"type": "identify", "traits": {"plan": self._random.choice(["free", "paid"])}}
        if chance < 0.05:
            return base | {"type": "group", "groupId": f"account-{person % 5}", "traits": {"seats": person}}
        return base | {"type": "track", "event": self._random.choice(_NAMES), "properties": {"n": person}}

    def _send_again(self) -> None:
        """An old batch, as if it had been sent on another day."""
        body = orjson.loads(self._random.choice(self._kept)) | {"sentAt": _now(-86_400 * self._random.randint(1, 3))}
        answer = self._until_answered(orjson.dumps(body))
        if answer is not None and (answer["accepted"] or answer["duplicates"] != len(body["batch"])):
            self.faults.append(f"a batch sent again was answered with {answer}")

    def _until_answered(self, body: bytes) -> dict[str, Any] | None:
        while True:
            began = time.monotonic()
            try:
                status, raw = self._post(body)
            except (OSError, http.client.HTTPException):
                self._connection = None
                status, raw = 0, b""
            self.slowest = max(self.slowest, time.monotonic() - began)
            if status == 202:
                answer: dict[str, Any] = orjson.loads(raw)
                return answer
            if status not in {0, 503}:
                self.faults.append(f"{status}: {raw[:300].decode(errors='replace')}")
            self.refusals += status == 503
            if self._stopping.wait(0.02):
                return None

    def _post(self, body: bytes) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port(), timeout=30)
        headers = {"Authorization": f"Bearer {PUBLIC_KEY}", "Content-Type": "application/json"}
        self._connection.request("POST", "/v1/batch", body=body, headers=headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()


@contextmanager
def ended(senders: Sequence[Sender]) -> Iterator[None]:
    """Let the clients finish in any case: those of a test that failed must not send to the server of the next one."""
    try:
        yield
    finally:
        for sender in senders:
            sender.finish()


def begin(count: int, port: Callable[[], int], *, rounds: int | None = None) -> list[Sender]:
    """So many clients, started."""
    senders = [Sender(number, port, rounds=rounds) for number in range(count)]
    for sender in senders:
        sender.start()
    return senders


def end(senders: Iterable[Sender]) -> None:
    """Let the clients finish, and wait for them."""
    for sender in senders:
        sender.finish()
    for sender in senders:
        sender.join(60)
        assert not sender.is_alive(), f"{sender.name} waits for an answer"


def faults(senders: Iterable[Sender]) -> list[str]:
    """Everything that no client should have been answered."""
    return [fault for sender in senders for fault in sender.faults]


def acknowledged(senders: Iterable[Sender]) -> set[str]:
    """Message ids that the server has promised to keep."""
    # A copy is made at once; the sender adds to its own meanwhile.
    return {name for sender in senders for name in sender.acknowledged.copy()}


def tried(senders: Iterable[Sender]) -> set[str]:
    """Message ids that were sent at all."""
    return {name for sender in senders for name in sender.tried.copy()}


def _now(seconds: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
