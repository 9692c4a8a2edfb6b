"""What tests of ingest say often: rules with a journey, messages, and the state by three ways."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from dsl.values import Duration, Instant, JsonValue, format_instant
from engine.events import Event
from engine.replies import Receipt, UserView
from engine.service import Service
from engine.state import replay
from engine.storage import tables
from engine.storage.store import Database
from tests.engine.clock import STARTED

RULES = """
event "Signed Up"
event "Domain Added"
event "DNS Check Failed"
event "Campaign Sent" { recipients: number }

journey activation "Sign-up to first campaign" {
  stage onboarding "Onboarding" {
    step signup "Create account" reached by "Signed Up"
    step connect "Connect a domain" reached by "Domain Added" attempted by "DNS Check Failed" touchpoint "/domains/*"
    step campaign "Send a campaign" reached by "Campaign Sent"
  }
}

guide help "Help" {
  at activation.connect
  on "DNS Check Failed"
  when did "DNS Check Failed" at least 2 times in last 1 hour
  show modal {
    title "Help"
  }
  once every 1 day
  holdout 0%
}

survey effort "Effort" {
  at activation.connect
  on "Domain Added"
  ask effort ease "How easy was it?"
  ask choice cause "Why?" {
    "No idea" as unclear feels confused
    "It broke" as broken feels frustrated
    other
  }
  ask text detail "What else?" optional
  once every 90 days
}
"""


def track(
    name: str, *, ago: Duration | int = 0, user: str | None = None, visitor: str | None = None, **more: Any
) -> Any:
    """A tracked event that happened so long before `STARTED`."""
    ids = {"userId": user, "anonymousId": visitor}
    return {"type": "track", "event": name, "timestamp": format_instant(Instant(STARTED - ago)), **ids, **more}


def send(service: Service, project: int, *messages: JsonValue, **choices: Any) -> Receipt:
    return service.receive(project, messages, received=choices.pop("received", STARTED), **choices)


def counts(receipt: Receipt) -> tuple[int, int, int]:
    return receipt.accepted, receipt.duplicates, len(receipt.rejected)


def user(service: Service, project: int, user_id: str | None = "u", visitor: str | None = None) -> UserView:
    found = service.user(project, user_id=user_id, anonymous_id=visitor)
    assert found is not None
    return found


def names(service: Service, project: int, user_id: str = "u") -> list[str]:
    return [logged.event.name for logged in service.history(project, user_id=user_id)]


def replayed(service: Service, project: int, user_id: str = "u") -> bytes:
    """The state that a replay of the person's log gives."""
    ruleset = service.rules(project)
    assert ruleset is not None
    events: list[Event] = [logged.event for logged in service.history(project, user_id=user_id, limit=100_000)]
    return replay(ruleset.plan, events).to_json()


def stored(url: str, user_id: str = "u") -> bytes:
    """The state as it lies in the table."""
    state, person = tables.table(tables.State), tables.table(tables.Person)
    database = Database(url)
    with database.reading() as connection:
        statement = sa.select(state.c.state).join(person, person.c.id == state.c.person_id)
        found = bytes(connection.execute(statement.where(person.c.user_id == user_id)).scalar_one())
    database.close()
    return found


def rows(url: str, model: type[tables.Base]) -> list[dict[str, Any]]:
    """All rows of a table, as another process sees them."""
    database = Database(url)
    with database.reading() as connection:
        found = [dict(row._mapping) for row in connection.execute(sa.select(tables.table(model)))]
    database.close()
    return found
