"""What tests of the service say often: a small rule set, messages, and what lies in the tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dsl.values import Instant, JsonValue, format_instant
from engine.replies import Published, Receipt
from engine.service import Service
from engine.storage import tables
from engine.storage.store import Database
from tests.engine.clock import STARTED, Clock

TIP = """
event "Signed Up"
event "Stuck"

guide tip "A tip" {
  on "Stuck"
  show modal {
    title "Hello {{ name | "there" }}"
  }
  once every 7 days
}
"""


def guide(name: str, *clauses: str, on: str | None = "Stuck") -> str:
    """The text of a guide with these clauses."""
    trigger = [f'on "{on}"'] if on else []
    lines = "\n  ".join([*trigger, 'show modal {\n    title "T"\n  }', *clauses])
    return f'guide {name} "G" {{\n  {lines}\n}}\n'


def track(name: str, *, ago: int = 0, user: str | None = "u", at: Instant = STARTED, **more: Any) -> Any:
    time = format_instant(Instant(at - ago))
    return {"type": "track", "event": name, "userId": user, "timestamp": time, **more}


def publish(service: Service, project: int, *texts: str) -> None:
    found = service.publish(project, {"rules.way": 'event "Stuck"\n' + "".join(texts)})
    assert isinstance(found, Published), getattr(found, "diagnostics", None)


def send(service: Service, project: int, clock: Clock, *messages: JsonValue, decide: bool = True) -> Receipt:
    return service.receive(project, messages, received=clock.now, decide=decide)


def shown(receipt: Any) -> list[str]:
    return [decision.guide for decision in receipt.decisions]


def rows(url: str, model: type[tables.Base]) -> list[dict[str, Any]]:
    database = Database(url)
    with database.reading() as connection:
        found = [dict(row._mapping) for row in connection.execute(sa.select(tables.table(model)))]
    database.close()
    return found


def decided(service: Service, project: int, clock: Clock, user: str = "u") -> str:
    (served,) = send(service, project, clock, track("Stuck", user=user, at=clock.now)).decisions
    return served.id
