"""Everything is sent again, from anywhere, on another day: nothing changes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from dsl.values import DAY, HOUR, Duration, Instant, format_instant, read_instant
from engine.replies import Published
from engine.service import Service
from engine.storage import tables
from engine.storage.store import Database
from engine.verification import verify
from tests.reliability.load import RULES

EVENING = read_instant("2026-11-02T23:59:30Z") or Instant(0)
"""Half a minute before a day ends: the next attempt falls on another one."""

_FOLDED = (
    "message",
    "event",
    "person",
    "identity",
    "user_state",
    "account",
    "journey_progress",
    "exposure",
    "response",
)


def messages(count: int) -> list[dict[str, Any]]:
    chance = random.Random(11)  # noqa: S311
    found: list[dict[str, Any]] = []
    for number in range(count):
        person = chance.randrange(50)
        message: dict[str, Any] = {
            "messageId": f"m{number}",
            "timestamp": format_instant(Instant(EVENING - chance.randrange(HOUR))),
            "anonymousId": f"visitor-{person}",
        }
        if chance.random() < 0.5:
            message["userId"] = f"user-{person}"
        match chance.randrange(10):
            case 0:
                message |= {"type": "identify", "traits": {"plan": chance.choice(["free", "paid"])}}
            case 1:
                message |= {"type": "group", "groupId": f"account-{person % 5}", "traits": {"seats": number}}
            case 2:
                answer = {"guide": "talk", "question": "comment", "value": "Good", "submission": f"s{person}"}
                message |= {"type": "track", "event": "$answered", "properties": answer}
            case other:
                message |= {"type": "track", "event": ("Signed Up", "Domain Added", "Stuck")[other % 3]}
        found.append(message)
    return found


def contents(url: str) -> dict[str, list[Any]]:
    """Every row of what follows from the log, and the log itself."""
    database = Database(url)
    metadata = tables.Base.metadata
    with database.reading() as connection:
        found = {
            name: sorted(map(repr, connection.execute(sa.select(metadata.tables[name])).all())) for name in _FOLDED
        }
    database.close()
    return found


@pytest.mark.parametrize("resends", [5_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_what_is_sent_again_leaves_no_row(url: str, resends: int) -> None:
    now = [EVENING]
    service = Service.open(url, clock=lambda: now[0])
    project = service.ensure_project().id
    assert isinstance(service.publish(project, {"rules.way": RULES}), Published)
    original = messages(2_000)
    for start in range(0, len(original), 500):
        receipt = service.receive(
            project, original[start : start + 500], received=now[0], sent_at=format_instant(now[0]), decide=True
        )
        assert (receipt.accepted, receipt.duplicates, receipt.rejected) == (500, 0, ())
    # What the first requests put off is done, so that the resends have nothing of it left to do.
    service.settle(project)
    before = contents(url)
    chance = random.Random(12)  # noqa: S311
    left = resends
    while left:
        part = chance.sample(original, min(left, chance.choice([1, 20, 500])))
        left -= len(part)
        now[0] = Instant(now[0] + chance.randrange(2_000_000))
        sent_at = _sent_at(now[0], chance)
        receipt = service.receive(project, part, received=now[0], sent_at=sent_at)
        assert (receipt.accepted, receipt.duplicates, receipt.rejected) == (0, len(part), ())
    assert contents(url) == before
    service.close()
    database = Database(url)
    found = verify(database)
    database.close()
    assert (found.faults, found.events) == ((), len(before["event"]))


def _sent_at(now: Instant, chance: random.Random) -> str | None:
    """The sender's clock may be right, a day off to either side of midnight, or not be told."""
    choices: list[Callable[[], str | None]] = [
        lambda: None,
        lambda: format_instant(now),
        lambda: format_instant(Instant(now - Duration(DAY))),
        lambda: format_instant(Instant(now + Duration(DAY))),
        lambda: format_instant(Instant(now - chance.randrange(5 * DAY))),
    ]
    return chance.choice(choices)()
